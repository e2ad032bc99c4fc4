"""What a snapshot adds to an invitation that is known."""

from __future__ import annotations

from typing import Any, Final

from invitekit.history._answers import accept, supersede
from invitekit.history._case import Case
from invitekit.history._entry import Kind, Span, span_of, within
from invitekit.history._faces import news_of, news_of_work
from invitekit.history._reading import Reading
from invitekit.history._register import Person
from invitekit.model import UNKNOWN, Completeness, Evidence, Invitation, Status

__all__ = ["add_earlier", "add_to", "is_unchanged"]


def is_unchanged(reading: Reading, case: Case, invitation: Invitation) -> bool:
    """Whether the snapshot says of an open invitation just what is known; a short cut for nearly all rows."""
    if invitation.status is not case.status or invitation.evidence is not case.evidence or not case.is_open:
        return False
    person = case.person
    if person.connected is not None:
        return False
    member, known = invitation.member, person.member
    if case.sent_at is None and span_of(invitation.sent_at) == case.sent:
        case.sent_at = invitation.sent_at
    return (
        case.sent_at is not None
        and (case.sent_at is invitation.sent_at or case.sent_at == invitation.sent_at)
        and reading.at >= case.first_at
        and reading.at >= person.first_at
        and member.slug == known.slug
        and member.urn == known.urn
        and member.provider_id == known.provider_id
        and member.name == known.name
        and (invitation.note is UNKNOWN or invitation.note == case.note)
        and (invitation.mutual_connections is UNKNOWN or invitation.mutual_connections == case.mutual)
        and (invitation.company is UNKNOWN or invitation.company == person.company)
        and (invitation.title is UNKNOWN or invitation.title == person.title)
    )


def add_earlier(reading: Reading, case: Case, invitation: Invitation, person: Person, sent: Span) -> None:
    """A snapshot older than all that showed it so far shows it, too."""
    facts: dict[str, Any] = {
        "direction": case.direction.value,
        "sent": sent,
        "status": invitation.status.value,
        "evidence": invitation.evidence.value,
    }
    if not invitation.is_open:
        facts["known"] = span_of(invitation.known_at)
    facts |= {"log": True} if reading.is_log else {"source": reading.snapshot.source}
    if invitation.mutual_connections is not UNKNOWN:
        facts["mutual"] = invitation.mutual_connections
    if missed := [look.key for look in reading.account.looks if reading.at < look.at < case.first_at]:
        facts["missed"] = missed
    said: dict[str, Any] = {
        "id": invitation.id,
        "note": invitation.note,
        **news_of(reading, person, invitation.member),
    }
    was = case.status
    kind = reading.kind_of(sent)
    reading.notes.write(kind, member=person.key, invitation=case.key, facts=facts, personal=said)
    if case.status is not was:
        reading.notes.touched.append((_KIND_OF[case.status], reading.account, case))
    add_to(reading, case, invitation, person, sent)


def add_to(reading: Reading, case: Case, invitation: Invitation, person: Person, sent: Span) -> None:
    """What a snapshot adds to an invitation that is known."""
    if case.is_open and person.key in reading.met:
        accept(reading, case, reading.met[person.key])
    facts: dict[str, Any] = {}
    if sent == case.sent:
        case.sent_at = invitation.sent_at
    else:
        narrower = max(sent[0], case.sent[0]), min(sent[1], case.sent[1])
        if narrower[0] > narrower[1]:
            reading.notes.notice(
                "moving-date", "the source now gives another time of sending; the first stands", invitation.id
            )
        elif narrower != case.sent:
            facts["sent"] = sent  # As said: what it adds up to with the rest depends on who asks as of when.
    mutual = invitation.mutual_connections
    if mutual is not UNKNOWN and mutual != case.mutual and (reading.corrects or case.mutual is UNKNOWN):
        facts["mutual"] = mutual
    said = news_of(reading, person, invitation.member)
    if all(one != invitation.id for one, _ in case.ids):
        said["id"] = invitation.id
        if not reading.is_log:
            facts["source"] = reading.snapshot.source
    if invitation.note is not UNKNOWN and case.note is UNKNOWN:
        said["note"] = invitation.note
    if invitation.company is not UNKNOWN or invitation.title is not UNKNOWN:
        said.update(news_of_work(reading, person, invitation.company, invitation.title))
    facts.update(_became(reading, case, invitation))
    kind = facts.pop("kind", Kind.CHANGED)
    if facts or said:
        was = case.status
        reading.notes.write(kind, member=person.key, invitation=case.key, facts=facts, personal=said)
        if case.status is not was:
            reading.notes.touched.append((kind, reading.account, case))
    if not reading.newest:
        for one in person.cases:
            supersede(reading, one)


def _became(reading: Reading, case: Case, invitation: Invitation) -> dict[str, Any]:
    """What a snapshot says about what became of an invitation, if that is news."""
    said, is_ = invitation.status, case.status
    if said is Status.PENDING:
        return _listed(reading, case, invitation.id)
    if said is Status.PRESUMED_PENDING:
        # The newest export's word on whether it can exclude an acceptance stands, even where it is weaker.
        if is_ is said and invitation.evidence is not case.evidence and reading.corrects:
            return {"status": said.value, "evidence": invitation.evidence.value}
        return {}
    known = span_of(invitation.known_at)
    found: dict[str, Any] = {"known": known, "evidence": invitation.evidence.value}
    if said is Status.ACCEPTED:
        if is_ is Status.WITHDRAWN:
            if known[0] <= case.known[1]:
                reading.notes.notice(
                    "accepted-and-withdrawn",
                    "it was recorded as withdrawn, and they are a connection since before that",
                    invitation.id,
                )
            return {}
        narrower = known != case.known and within(known, case.known)
        known_later = case.person.joined_at <= reading.at < case.closed_at
        if is_ is Status.ACCEPTED and not known_later and not narrower:
            return {}
        if is_ is Status.GONE and case.is_repeated and invitation.evidence is not Evidence.LISTED:
            return {}  # The connection is the answer to a later one.
        return {"kind": Kind.ACCEPTED, **found}
    if is_ is said and (invitation.cause is UNKNOWN or invitation.cause is case.cause):
        return {}
    if is_ in (Status.ACCEPTED, Status.WITHDRAWN):
        return {}
    if invitation.cause is not UNKNOWN:
        found["cause"] = invitation.cause.value
    return {"kind": Kind.WITHDRAWN if said is Status.WITHDRAWN else Kind.GONE, **found}


def _listed(reading: Reading, case: Case, about: str) -> dict[str, Any]:
    """A service lists it as pending."""
    listed = {"status": Status.PENDING.value, "evidence": Evidence.LISTED.value}
    if case.status is Status.PENDING:
        return {}
    if case.status is Status.PRESUMED_PENDING:
        return {"kind": Kind.CONFIRMED, **listed}
    if reading.at <= case.known[1] or not reading.newest:
        return {}  # It ended after that, perhaps.
    if case.status is Status.GONE and case.evidence is Evidence.SUPERSEDED:
        reading.notes.notice("still-listed", "there is a later one, and a listing still shows it", about)
        return {}
    if case.status is Status.GONE:
        reading.notes.notice("listed-again", "it was taken for gone, and a listing shows it again", about)
        return {"kind": Kind.REOPENED, **listed}
    if case.status is Status.ACCEPTED:
        reading.notes.notice("still-listed", "they are a connection, and a listing still shows it", about)
        return {}
    # Withdrawn, and still listed: a list that lags, unless a second complete one says the same.
    reading.notes.notice("still-listed", "it was withdrawn, and a listing still shows it", about)
    if reading.snapshot.completeness is not Completeness.COMPLETE or case.relisted >= reading.at:
        return {}
    return {"kind": Kind.REOPENED, **listed} if case.relisted else {"relisted": reading.at}


_KIND_OF: Final = {
    Status.PENDING: Kind.CONFIRMED,
    Status.ACCEPTED: Kind.ACCEPTED,
    Status.GONE: Kind.GONE,
    Status.WITHDRAWN: Kind.WITHDRAWN,
}

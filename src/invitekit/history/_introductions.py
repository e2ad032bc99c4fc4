"""Taking up an invitation that was not known."""

from __future__ import annotations

import attrs

from invitekit.history._answers import accept, supersede
from invitekit.history._entry import Entry, Span, instant, quoted, span_of
from invitekit.history._faces import news_of, news_of_work
from invitekit.history._reading import OPEN, Reading
from invitekit.history._register import Person
from invitekit.model import UNKNOWN, Evidence, Interval, Invitation, Status

__all__ = ["take_up"]


def take_up(reading: Reading, invitation: Invitation, person: Person, sent: Span) -> None:
    """An invitation that was not known."""
    notes, account, at = reading.notes, reading.account, reading.at
    if person.key:
        invitation = _unless_repeated(invitation, person, sent)
    seq = notes.state.seq + 1
    kind = reading.kind_of(sent)
    missed = () if reading.newest else tuple(look.key for look in account.looks if look.at > at)
    is_open = invitation.status in OPEN
    known: Span = (at, at) if is_open else span_of(invitation.known_at)
    facts = _facts_of(reading, invitation, sent, None if is_open else known, missed)
    said = _said_of(reading, invitation, person)
    entry = Entry(seq, kind._value_, at, account.key, person.key or seq, seq, facts, said)
    notes.entries.append(entry)
    notes.new.append((kind, invitation))
    reading.seen.add(seq)
    reading.told.add(seq)
    if not person.key and (invitation.company is not UNKNOWN or invitation.title is not UNKNOWN):
        reading.placed.add(seq)
    if person.key or missed:
        account.apply(entry)
    else:
        account.put_off(entry, invitation, sent, None if reading.is_log else reading.snapshot.source)
    notes.state.seq = seq
    if person.key:
        for case in person.cases:
            supersede(reading, case)
        if (case := account.cases[seq]).is_open and person.connected is not None:
            accept(reading, case, person.connected, person.connected_known)


def _facts_of(
    reading: Reading, invitation: Invitation, sent: Span, known: Span | None, missed: tuple[int, ...]
) -> str:
    """Spell the open part of an entry about an invitation; by hand, since this is done a million times."""
    facts = (
        f'{{"direction":"{invitation.direction!s}","sent":[{sent[0]},{sent[1]}]'
        f',"status":"{invitation.status!s}","evidence":"{invitation.evidence!s}"'
    )
    if known is not None:
        facts = f'{facts},"known":[{known[0]},{known[1]}]'
    if invitation.cause is not UNKNOWN:
        facts = f'{facts},"cause":"{invitation.cause!s}"'
    if invitation.mutual_connections is not UNKNOWN:
        facts = f'{facts},"mutual":{invitation.mutual_connections}'
    if missed:
        facts = f'{facts},"missed":[{",".join(map(str, missed))}]'
    return facts + reading.facts_end


def _said_of(reading: Reading, invitation: Invitation, person: Person) -> str:
    """Spell the personal part of it."""
    said = f'{{"id":{quoted(invitation.id)}'
    if invitation.note is not UNKNOWN:
        said = f'{said},"note":{quoted(invitation.note)}'
    member = invitation.member
    if person.key:
        for field, value in news_of(reading, person, member).items():
            said = f'{said},"{field}":{quoted(value)}'
    else:
        if member.name is not UNKNOWN:
            said = f'{said},"name":{quoted(member.name)}'
        if member.slug is not UNKNOWN:
            said = f'{said},"slug":{quoted(member.slug)}'
        if member.urn is not UNKNOWN:
            said = f'{said},"urn":{quoted(member.urn)}'
        if member.provider_id is not UNKNOWN:
            said = f'{said},"provider_id":{quoted(member.provider_id)}'
    if invitation.company is not UNKNOWN or invitation.title is not UNKNOWN:
        for field, value in news_of_work(reading, person, invitation.company, invitation.title).items():
            said = f'{said},"{field}":{quoted(value)}'
    return said + "}"


def _unless_repeated(invitation: Invitation, person: Person, sent: Span) -> Invitation:
    """Give an invitation that was taken for accepted, since the two are connected, as superseded if it was.

    A connection is the answer to one invitation. Whoever was invited again had not accepted before.
    """
    if invitation.status is not Status.ACCEPTED or invitation.evidence is Evidence.LISTED:
        return invitation
    when = span_of(invitation.known_at)
    later = [
        case.sent
        for case in person.cases
        if case.direction is invitation.direction and sent[1] < case.sent[0] <= when[1]
    ]
    if not later:
        return invitation
    known = Interval(instant(sent[0]), instant(min(later)[1]))
    return attrs.evolve(invitation, status=Status.GONE, evidence=Evidence.SUPERSEDED, known_at=known)

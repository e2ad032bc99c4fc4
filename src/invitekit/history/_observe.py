"""From a snapshot to entries: what it adds to what is known.

Evidence decides. Somebody accepted only if they are a connection. An invitation is gone only if two complete
listings in a row lack it, or somebody read that one person; an export never makes anything gone, and a listing
that is partial, or suddenly much shorter than the one before, makes nothing disappear. Members are told apart and
joined by identifiers alone; where identifiers contradict each other, the row is set aside.

A snapshot older than what is known already is welcome: it adds what it shows, and nothing is concluded from what
it lacks.
"""

from __future__ import annotations

from operator import attrgetter

from invitekit.errors import DataError
from invitekit.history._absences import write_look
from invitekit.history._accounts import open_account, whose
from invitekit.history._additions import add_earlier, add_to, is_unchanged
from invitekit.history._answers import answer
from invitekit.history._case import Case
from invitekit.history._entry import Kind, Span, micros, span_of, within
from invitekit.history._faces import join, news_of, news_of_work, who
from invitekit.history._introductions import take_up
from invitekit.history._notes import Notes
from invitekit.history._reading import LEDGER, Reading
from invitekit.history._register import Person
from invitekit.history._state import State
from invitekit.model import UNKNOWN, Connection, Invitation, Member, Snapshot, Status, Truth

__all__ = ["observe"]


def observe(state: State, snapshot: Snapshot, owner: Member | None = None) -> Notes:
    """Work out what a snapshot adds, and take it up.

    Args:
        state: What is known; it is carried on.
        snapshot: What a source says.
        owner: Whose account it is, where the snapshot does not say it.

    Raises:
        DataError: Nothing says whose account it is; or it was made by a ledger.
    """
    if snapshot.source == LEDGER:
        raise DataError(
            "the snapshot was made by a ledger: recorded again, what was concluded would pass for what was seen",
            hint="Record what a source said; to copy a ledger, export it",
            key="snapshot.source",
        )
    if owner is None:
        owner = snapshot.account
    elif owner.same_as(snapshot.account) is Truth.FALSE:
        raise DataError(
            f"the snapshot is of the account {snapshot.account}, not of {owner}",
            hint="Pass account= only where the snapshot does not say whose it is",
            key="account",
        )
    notes = Notes(state, whose(state, owner), micros(snapshot.taken_at))
    _read(Reading(notes, open_account(notes, owner), snapshot))
    return notes


def _read(reading: Reading) -> None:
    """Compare, and write down the difference."""
    # Connections first: who is one of them has accepted, whatever a list of invitations still shows.
    for connection in reading.snapshot.connections:
        _see_connection(reading, connection)
    known, seen, told = reading.account.by_id, reading.seen, reading.told
    others: list[Invitation] = []
    for invitation in reading.snapshot.invitations:
        case = known.get(invitation.id)
        if case is not None and is_unchanged(reading, case, invitation):
            seen.add(case.key)
            told.add(case.key)
            if invitation.company is not UNKNOWN or invitation.title is not UNKNOWN:
                reading.placed.add(case.person.key)
        else:
            others.append(invitation)
    for invitation in _newest_first(others):
        _see_invitation(reading, invitation, known.get(invitation.id))
    # What it does not show may be answered all the same. Last, since a connection is the answer to the newest.
    for key, when in reading.met.items():
        answer(reading, reading.people.at(key), when)
    if not reading.again or len(reading.notes.entries):
        write_look(reading)


def _see_connection(reading: Reading, connection: Connection) -> None:
    """Write down that somebody is a connection, if that is news."""
    member = connection.member
    if member.key is UNKNOWN:
        return  # Hidden, or only a name: nobody can say who it is.
    person = who(reading, member, "")
    if person is None:
        return
    when = span_of(connection.connected_at)
    news = news_of(reading, person, member)
    if connection.company is not UNKNOWN or connection.position is not UNKNOWN:
        news.update(news_of_work(reading, person, connection.company, connection.position))
    known, key = person.connected, person.key or reading.notes.state.seq + 1
    when = reading.met.setdefault(key, when)
    if connection.company is not UNKNOWN or connection.position is not UNKNOWN:
        reading.placed.add(key)
    differs = known is None or (reading.corrects and known != when and not within(known, when))
    if differs or reading.at < person.connected_known:
        reading.notes.write(Kind.CONNECTED, member=key, facts={"known": when}, personal=news)
    elif news:
        reading.notes.write(Kind.CONNECTED, member=key, facts={"known": known}, personal=news)


def _see_invitation(reading: Reading, invitation: Invitation, case: Case | None) -> None:
    """Find out which invitation it is, and write down what is new about it."""
    member = invitation.member
    person = who(reading, member, invitation.id)
    if person is None:
        return
    if case is not None and case.person is not person:
        if not _is_one(reading, case, person, invitation):
            reading.notes.set_aside(
                "conflicting-id", "its id is that of an invitation to somebody else", invitation.id
            )
            reading.seen.add(case.key)
            return
        if person.key:
            join(reading, case.person, person)
            case = reading.account.by_id[invitation.id]
        person = case.person
    sent = span_of(invitation.sent_at)
    if case is None and person.key:
        case = _match(reading, person, invitation, sent)
    if case is None:
        take_up(reading, invitation, person, sent)
    elif case.key not in reading.told:
        reading.seen.add(case.key)
        reading.told.add(case.key)
        if reading.at < case.first_at:
            add_earlier(reading, case, invitation, person, sent)
        else:
            add_to(reading, case, invitation, person, sent)


def _is_one(reading: Reading, case: Case, person: Person, invitation: Invitation) -> bool:
    """Whether the id alone says that the person it was given for and the one named now are the same."""
    if not case.person.may_be(invitation.member):
        return False
    if not person.key:
        return True
    source = reading.snapshot.source
    given = not reading.is_log and (invitation.id, source) in case.ids
    return given and case.person.may_be(person.member) and person.may_be(case.person.member)


def _match(reading: Reading, person: Person, invitation: Invitation, sent: Span) -> Case | None:
    """Find the invitation among those from and to this person: the same direction, and a time that fits."""
    own, source = invitation.id, reading.snapshot.source
    for case in reversed(person.cases):
        if case.direction is not invitation.direction or case.sent[0] > sent[1] or sent[0] > case.sent[1]:
            continue
        if not reading.is_log and any(place == source and one != own for one, place in case.ids):
            continue  # The same service gave both their ids, and they differ.
        if case.key in reading.told:
            continue  # Two rows of one source are two invitations.
        if invitation.status is Status.PENDING and not case.is_open and sent[1] > case.known[1]:
            continue  # That one has ended, and what is pending may have been sent since.
        return case
    return None


def _newest_first(rows: list[Invitation]) -> list[Invitation]:
    """As given, but of several between the same two the one sent last comes first: it decides about the others."""
    first: dict[str, int] = {}
    several: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        member = row.member
        key = member.slug if member.slug is not UNKNOWN else member.key
        if key is not UNKNOWN and (one := first.setdefault(key, place)) != place:
            several.setdefault(key, [one]).append(place)
    for places in several.values():
        theirs = sorted((rows[place] for place in places), key=attrgetter("sent_at.latest"), reverse=True)
        for place, row in zip(places, theirs, strict=True):
            rows[place] = row
    return rows

"""What became of invitations: a connection is the answer to one, and a later one ends those before it."""

from __future__ import annotations

from typing import Final

from invitekit.history._case import Case
from invitekit.history._entry import Kind, Span
from invitekit.history._reading import Reading
from invitekit.history._register import Person
from invitekit.model import Evidence, Status

__all__ = ["accept", "answer", "last_pending", "supersede"]


def answer(reading: Reading, person: Person, when: Span, at: int | None = None) -> None:
    """Somebody is a connection: that answers what was open between the two, or had left the list just then.

    Args:
        reading: The snapshot that is read.
        person: Who.
        when: When the two connected.
        at: When that became known, where not by this snapshot.
    """
    at = max(reading.at if at is None else at, reading.at, person.joined_at)
    for case in person.cases:
        late = case.status is Status.GONE and when[0] <= case.known[1] and not case.is_repeated
        known_later = case.status is Status.ACCEPTED and case.first_at <= at < case.closed_at
        if case.is_open or late or known_later:
            accept(reading, case, when, at)


def accept(reading: Reading, case: Case, when: Span, at: int | None = None) -> None:
    """Somebody whose invitation was open, or had left the list, is a connection.

    Args:
        reading: The snapshot that is read.
        case: The invitation.
        when: When the two connected.
        at: When that became known, where not by this snapshot.
    """
    if when[1] < case.sent[0]:
        return  # Connected before it was sent: an earlier story, parted since.
    at = reading.at if at is None else max(at, reading.at)
    # Between the last listing that shows it and the first that does not, and at the time the source gives.
    if case.status is Status.GONE:
        floor, ceiling = case.known
    else:
        floor, ceiling = last_pending(reading, case, at) if case.is_open else case.sent[0], at
    known = max(when[0], case.sent[0], floor), min(when[1], ceiling)
    if known[0] > known[1]:  # They contradict each other (a list lags); what the connection says stands.
        known = max(when[0], case.sent[0]), when[1]
    reading.notes.conclude(Kind.ACCEPTED, case, known, Evidence.CONNECTED, at=at)
    reading.seen.add(case.key)


def supersede(reading: Reading, case: Case) -> None:
    """End an invitation if a later one is known: nobody can have two pending, nor invite a connection."""
    for later in case.person.cases:
        if later.direction is not case.direction or case.sent[1] >= later.sent[0]:
            continue
        at = max(reading.at, later.first_at, case.person.joined_at)
        # The connection was the answer to the later one.
        refuted = case.evidence in _BY_CONNECTION and later.sent[0] <= case.known[1]
        known_later = case.evidence is Evidence.SUPERSEDED and case.first_at <= at < case.closed_at
        if case.is_open or refuted or known_later:
            known = last_pending(reading, case, later.sent[0]), later.sent[1]
            reading.notes.conclude(Kind.GONE, case, known, Evidence.SUPERSEDED, at=at)


def last_pending(reading: Reading, case: Case, before: int) -> int:
    """The last moment before `before` at which an open invitation was surely pending."""
    look = reading.account.last_seen(case, listed=True)
    return min(look.at if look is not None and look.at >= case.sent[0] else case.sent[0], before)


_BY_CONNECTION: Final = (Evidence.CONNECTED, Evidence.CONNECTED_BY_NAME)

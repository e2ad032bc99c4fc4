"""What a state is made of: invitations as they are known so far, and the looks that showed them."""

from __future__ import annotations

from typing import NamedTuple

import attrs

from invitekit.history._entry import Kind, Span
from invitekit.history._register import Person
from invitekit.model import UNKNOWN, Cause, Completeness, Direction, Evidence, SentAt, Status, Unknown

__all__ = ["Case", "Chapter", "Look", "Mark", "Refusal"]


@attrs.frozen
class Look:
    """One snapshot that was recorded.

    Attributes:
        key: The place of its entry.
        at: When it was taken, µs.
        source: From what kind of source.
        completeness: What it claims of itself.
        doubt: Why the claim is not believed; empty where it is.
        sent: How many open sent invitations it shows.
        invitations: How many invitations it shows.
        unseen: The invitations that were open and are not in it.
        unsure: Those of them that it may show under identifiers that cannot be compared with theirs.
        connections: The kinds of identifiers by which it names connections; empty where it shows none.
    """

    key: int
    at: int
    source: str
    completeness: Completeness
    doubt: str = ""
    sent: int = 0
    invitations: int = 0
    unseen: frozenset[int] = frozenset()
    unsure: frozenset[int] = frozenset()
    connections: frozenset[str] = frozenset()

    @property
    def is_log(self) -> bool:
        """Whether it is an export, whose silence says nothing."""
        return self.completeness is Completeness.LOG

    @property
    def settles(self) -> bool:
        """Whether what it lacks may be said to be absent."""
        return self.completeness is Completeness.COMPLETE and not self.doubt

    def lacks(self, case: Case) -> bool:
        """Whether an invitation is surely absent from it."""
        return self.settles and self.key in case.missing and case.key not in self.unsure


class Chapter(NamedTuple):
    """One thing that happened to an invitation.

    Attributes:
        seq: The place of the entry.
        kind: What happened.
        at: When it became known, µs.
        span: Between when and when it happened, µs; None where the entry does not say.
        evidence: What it rests on, in words; empty where the entry does not say.
    """

    seq: int
    kind: Kind
    at: int
    span: Span | None = None
    evidence: str = ""


@attrs.frozen(repr=False)
class Mark:
    """A tag or a keep-mark: since when, by whom, and why."""

    at: int
    by: str = ""
    why: str = ""


@attrs.frozen
class Refusal:
    """The service refused to send an invitation."""

    at: int
    why: str = ""


@attrs.define(eq=False, repr=False)
class Case:
    """One invitation as it is known so far.

    Attributes:
        key: The place of the entry that introduced it.
        person: The other side.
        direction: Who invited whom.
        sent: When it was sent, µs.
        status: What became of it.
        evidence: What that rests on.
        known: Between when and when it came about, µs.
        closed_at: When that became known, µs; 0 while it is open.
        ended_at: When it first became known that it was not open any more, µs; 0 while it is.
        first_at: The moment of the earliest look that shows it, µs.
        first_in_log: Whether that look was an export, which shows accepted invitations as well.
        ids: Its ids, newest last, each with the service that gave it (empty for an export).
        missing: The looks that should show it, were it pending, and do not.
        relisted: When a listing showed it after it was closed, µs; 0 for never.
        story: What happened to it.
        sent_at: The same as `sent`, as a source last spelled it; None where that is not at hand.
        forgotten_at: When whoever it is about was forgotten, µs; 0 for never.
    """

    key: int
    person: Person
    direction: Direction
    sent: Span
    status: Status
    evidence: Evidence
    known: Span
    closed_at: int
    first_at: int
    first_in_log: bool
    ids: tuple[tuple[str, str], ...] = ()
    note: str | Unknown = UNKNOWN
    cause: Cause | Unknown = UNKNOWN
    mutual: int | Unknown = UNKNOWN
    missing: tuple[int, ...] = ()
    relisted: int = 0
    story: tuple[Chapter, ...] = ()
    sent_at: SentAt | None = None
    forgotten_at: int = 0
    ended_at: int = attrs.Factory(lambda self: self.closed_at, takes_self=True)

    @property
    def id(self) -> str:
        """The newest id that a service gave it, else the key that was made for it; empty where it was erased."""
        by_service = next((one for one, service in reversed(self.ids) if service), "")
        return by_service or (self.ids[-1][0] if self.ids else "")

    @property
    def is_repeated(self) -> bool:
        """Whether the same side invited again after it; nobody can do that while the two are connected."""
        return any(one.direction is self.direction and self.sent[1] < one.sent[0] for one in self.person.cases)

    @property
    def is_open(self) -> bool:
        """Whether an answer may still come."""
        return self.closed_at == 0

    def settle(  # just what an entry says of it, in the order of the fields
        self, status: Status, evidence: Evidence, known: Span, at: int, cause: Cause | Unknown
    ) -> None:
        """Write down what became of it, or that it is open after all."""
        again = status is self.status and not status.is_open
        if again:  # Two sources say so: it lies within what both say, unless they contradict each other.
            both = max(known[0], self.known[0]), min(known[1], self.known[1])
            known = both if both[0] <= both[1] else known if at >= self.closed_at else self.known
        self.status, self.evidence, self.known = status, evidence, known
        self.cause = cause
        self.relisted = 0
        if status.is_open:
            self.closed_at = self.ended_at = 0
        else:
            self.closed_at = min(at, self.closed_at) if again else at
            self.ended_at = min(at, self.ended_at or at)

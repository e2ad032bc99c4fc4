"""What is true about a synthetic export, whether or not its files say so.

The truth is kept in columns of machine integers, some thirty bytes an invitation, and made into records only for
the rows that are asked for.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, TypeAlias

from ._notes import NO_NOTE, note_text
from ._people import People, slug_key

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator

__all__ = ["Era", "SyntheticInvitation", "SyntheticOutcome", "SyntheticTruth", "WireDirection"]

Era: TypeAlias = Literal["plain", "urn", "url", "resaved"]
"""How an export spells its files; see `synthetic_export`."""
WireDirection: TypeAlias = Literal["OUTGOING", "INCOMING"]
"""The two words in the ``Direction`` column."""

OWNER = 0
"""The person number of the account's owner."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SyntheticOutcome(StrEnum):
    """What really became of a synthetic invitation."""

    ACCEPTED = "accepted"
    """Accepted before the export was taken: the two are connected."""
    ACCEPTED_LATER = "accepted-later"
    """Pending when the export was taken, and accepted afterwards."""
    NEVER = "never"
    """Pending when the export was taken (or silently ignored, nobody outside can tell), never accepted."""
    WITHDRAWN = "withdrawn"
    """Withdrawn by its sender before the export was taken, though the log still shows the row."""


OUTCOMES = tuple(SyntheticOutcome)
"""Outcomes by the code that stands for them in a column."""


@dataclass(frozen=True, slots=True)
class SyntheticInvitation:
    """The truth about one row of ``Invitations.csv``.

    Attributes:
        row: Its place in the file, counted from 0, the header not counted.
        name: The display name of the other side.
        slug: The other side's profile slug as this file spells it, raw UTF-8. Eras without profile URLs have it
            too: it is the truth, not the file.
        key: The same slug percent-decoded, NFC, case-folded.
        urn: The other side's member URN.
        direction: As the file spells it, ``OUTGOING`` for an invitation the owner sent.
        sent_at: The true instant (UTC, whole seconds); the file shows its minute in Pacific wall time.
        outcome: What became of it.
        accepted_at: The true instant of acceptance (UTC), after the export for `SyntheticOutcome.ACCEPTED_LATER`;
            None if it is never accepted. ``Connections.csv`` shows its UTC date.
        withdrawn_at: The true instant of withdrawal (UTC), or None.
        hidden: Connected, but the row in ``Connections.csv`` carries only the date, so that nothing joins.
        note: The note sent along, empty if there is none.
    """

    row: int
    name: str
    slug: str
    key: str
    urn: str
    direction: WireDirection
    sent_at: datetime
    outcome: SyntheticOutcome
    accepted_at: datetime | None
    withdrawn_at: datetime | None
    hidden: bool
    note: str = field(repr=False)

    @property
    def connected(self) -> bool:
        """Whether the two were connected when the export was taken."""
        return self.outcome is SyntheticOutcome.ACCEPTED

    @property
    def profile_url(self) -> str:
        """The profile URL as ``Invitations.csv`` spells it."""
        return f"https://www.linkedin.com/in/{self.slug}"


@dataclass(frozen=True, slots=True)
class Columns:
    """One entry a row of ``Invitations.csv``, in file order.

    Attributes:
        person: Person number of the other side.
        sent: Sent instant, epoch seconds.
        settled: Instant of acceptance or withdrawal, epoch seconds; 0 where neither ever happens.
        outgoing: 1 for sent, 0 for received.
        outcome: Place in `OUTCOMES`.
        hidden: 1 where the connection is hidden.
        note: Note code.
    """

    person: array[int]
    sent: array[int]
    settled: array[int]
    outgoing: bytes
    outcome: bytes
    hidden: bytes
    note: bytes


@dataclass(frozen=True, slots=True)
class ConnectionColumns:
    """One entry a row of ``Connections.csv``, in file order (newest first).

    Attributes:
        person: Person number.
        day: UTC date of the connection, days since 1970-01-01.
        hidden: 1 where the row carries only the date.
    """

    person: array[int]
    day: array[int]
    hidden: bytes


@dataclass(frozen=True, slots=True)
class SyntheticTruth:
    """What is true about a synthetic export: ``truth[row]``, ``len(truth)`` and ``for invitation in truth``.

    The same arguments give an equal truth, and the era makes no difference to what happened: only to how the
    files tell it. Records are made on request; a truth of a million invitations takes some 30 MB.

    Attributes:
        seed: As given.
        era: As given.
        taken_at: As given, in UTC and whole seconds.
        owner_name: Display name of the account's owner.
        owner_slug: Profile slug of the owner.
        owner_urn: Member URN of the owner.
        eventual_rate: The probability used for a sent invitation to be accepted within 180 days, between 0.30
            and 0.37 (the range of published acceptance rates; see `synthetic_export`).
        received_rate: The same for received invitations.
        connections: Rows of ``Connections.csv``, hidden ones included.
        hidden_connections: Rows of it that carry only a date.
        older_connections: Rows of it made more than 185 days before the export, none of which has an invitation.
    """

    seed: int
    era: Era
    taken_at: datetime
    owner_name: str
    owner_slug: str
    owner_urn: str
    eventual_rate: float
    received_rate: float
    connections: int
    hidden_connections: int
    older_connections: int
    columns: Columns = field(repr=False, hash=False)
    connection_columns: ConnectionColumns = field(repr=False, hash=False)

    def __len__(self) -> int:
        return len(self.columns.sent)

    def __iter__(self) -> Iterator[SyntheticInvitation]:
        people = People(self.seed)
        return (self._record(row, people) for row in range(len(self)))

    def __getitem__(self, row: int) -> SyntheticInvitation:
        return self._record(range(len(self))[row], People(self.seed))

    def tally(
        self,
        outcome: SyntheticOutcome | None = None,
        *,
        direction: WireDirection | None = None,
        hidden: bool | None = None,
    ) -> int:
        """How many rows have this outcome, direction and visibility; None leaves a question open."""
        columns = self.columns
        wanted = (
            None if outcome is None else OUTCOMES.index(outcome),
            None if direction is None else int(direction == "OUTGOING"),
            None if hidden is None else int(hidden),
        )
        tallies = Counter(zip(columns.outcome, columns.outgoing, columns.hidden, strict=True))
        return sum(
            number
            for facts, number in tallies.items()
            if all(want is None or want == fact for want, fact in zip(wanted, facts, strict=True))
        )

    @property
    def sent(self) -> int:
        """How many rows the owner sent."""
        return self.tally(direction="OUTGOING")

    @property
    def received(self) -> int:
        """How many rows the owner received."""
        return self.tally(direction="INCOMING")

    @property
    def with_note(self) -> int:
        """How many rows carry a note."""
        return len(self) - self.columns.note.count(NO_NOTE)

    @property
    def connected_share(self) -> float:
        """Share of sent rows that are connected, nan without any. No acceptance rate: recent ones still wait."""
        return self._sent_share(SyntheticOutcome.ACCEPTED)

    @property
    def eventual_share(self) -> float:
        """Share of sent rows accepted sooner or later; nan without any."""
        return self._sent_share(SyntheticOutcome.ACCEPTED, SyntheticOutcome.ACCEPTED_LATER)

    def ambiguous_names(self) -> frozenset[str]:
        """Display names that more than one person in the two files bears, so that a join by name cannot decide."""
        people = People(self.seed)
        listed = self.connection_columns
        shown = (person for person, hidden in zip(listed.person, listed.hidden, strict=True) if not hidden)
        persons = set(self.columns.person).union(shown)
        bearers = Counter(people.name(person) for person in persons)
        return frozenset(name for name, number in bearers.items() if number > 1)

    def _sent_share(self, *outcomes: SyntheticOutcome) -> float:
        sent = self.sent
        those = sum(self.tally(outcome, direction="OUTGOING") for outcome in outcomes)
        return those / sent if sent else float("nan")

    def _record(self, row: int, people: People) -> SyntheticInvitation:
        columns = self.columns
        person = columns.person[row]
        first, last, slug = people.lookup(person)
        outcome = OUTCOMES[columns.outcome[row]]
        settled = columns.settled[row]
        settled_at = _EPOCH + timedelta(seconds=settled) if settled else None
        withdrawn = outcome is SyntheticOutcome.WITHDRAWN
        return SyntheticInvitation(
            row=row,
            name=f"{first} {last}",
            slug=slug,
            key=slug_key(slug),
            urn=people.urn(person),
            direction="OUTGOING" if columns.outgoing[row] else "INCOMING",
            sent_at=_EPOCH + timedelta(seconds=columns.sent[row]),
            outcome=outcome,
            accepted_at=None if withdrawn else settled_at,
            withdrawn_at=settled_at if withdrawn else None,
            hidden=bool(columns.hidden[row]),
            note=note_text(columns.note[row], first),
        )

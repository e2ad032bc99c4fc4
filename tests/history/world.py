"""An account's true history, and what sources of several kinds say of it: for tests that know what happened.

Everybody has the same display name, so nothing can be told by it. One invitation, to somebody who never answers,
is pending all the time, so that no listing is ever empty (what that does has examples of its own).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import attrs
from hypothesis import strategies as st
from tests.history.builders import DAY, OWNER, START

import invitekit as ik
from invitekit.history import Changes
from invitekit.model import EXPIRY, Evidence, Interval

HOUR = timedelta(hours=1)
LAG = timedelta(hours=18)
"""How long a list that lags goes on showing what has ended."""

SOURCES = ("export", "service", "vendor")

STYLES: tuple[dict[str, tuple[str, ...]], ...] = (
    {"export": ("slug",), "service": ("slug",), "vendor": ("slug",)},
    {"export": ("slug",), "service": ("slug", "urn"), "vendor": ("slug", "provider_id")},
    {"export": ("slug",), "service": ("slug", "urn", "provider_id"), "vendor": ("provider_id",)},
    {"export": ("slug",), "service": ("urn",), "vendor": ("urn", "provider_id")},
)
"""Which identifiers each source knows of people: one for all, one in common, a link, and two worlds apart."""


@attrs.define
class Sending:
    """One invitation, as it really was."""

    person: int
    number: int
    sent: datetime
    end: datetime | None = None
    how: str = ""

    def pending(self, at: datetime) -> bool:
        """Whether it was pending at a moment."""
        return self.sent <= at and (self.end is None or at < self.end)


class World:
    """What really happens, hour by hour."""

    def __init__(self, style: int = 0, people: int = 4) -> None:
        self.kinds = STYLES[style % len(STYLES)]
        self.count = people
        self.now = START
        self.sendings: list[Sending] = []
        self.lagged = False
        self.shown: dict[int, ik.Invitation] = {}
        self.listed: set[tuple[str, int]] = set()
        self.send(0)
        self.wait(1)

    # ── What happens ─────────────────────────────────────────────────────────────────────────────────────────────

    def wait(self, hours: float) -> None:
        """Let time go by."""
        self.now += hours * HOUR

    def last(self, person: int) -> Sending | None:
        """The last invitation to somebody."""
        return next((one for one in reversed(self.sendings) if one.person == person), None)

    def send(self, person: int) -> None:
        """Invite somebody, unless they are invited, or connected, or had the last one only days ago."""
        last = self.last(person)
        free = last is None or (last.end is not None and last.how != "accepted" and last.end + 15 * DAY < self.now)
        if free:
            self.sendings.append(Sending(person, len(self.sendings), self.now))

    def end(self, person: int, how: str) -> Sending | None:
        """Let the pending invitation to somebody end: accepted, declined, expired, withdrawn."""
        last = self.last(person)
        if person == 0 or last is None or not last.pending(self.now) or last.sent == self.now:
            return None
        last.end, last.how = self.now, how
        return last

    # ── What is said of it ───────────────────────────────────────────────────────────────────────────────────────

    def member(self, person: int, source: str) -> ik.Member:
        """Somebody, as a source knows them."""
        known = {
            "slug": f"sam-example-{person}",
            "urn": f"urn:li:member:{500 + person}",
            "provider_id": f"prov-{person}",
        }
        return ik.Member(name="Sam Example", **{kind: known[kind] for kind in self.kinds[source]})

    def row(self, one: Sending, source: str) -> ik.Invitation:
        """One pending invitation, as a source shows it."""
        if source == "export":
            when = ik.SentAt.minute(one.sent)
        elif source == "service":
            when = ik.SentAt.at(one.sent)
        else:  # Within days, and each time others.
            shift = (self.now.day % 5 - 2) * DAY
            when = ik.SentAt(one.sent - 3 * DAY + shift, min(one.sent + 3 * DAY + shift, self.now))
        log = source == "export"
        self.shown[one.number] = row = ik.Invitation(
            id=f"{'x' if log else source[0]}-{one.number}",
            member=self.member(one.person, source),
            direction=ik.Direction.SENT,
            sent_at=when,
            note="" if log else ik.UNKNOWN,
            status=ik.Status.PRESUMED_PENDING if log else ik.Status.PENDING,
            evidence=Evidence.NOT_CONNECTED if log else Evidence.LISTED,
            as_of=self.now,
        )
        return row

    def connections(self, source: str) -> list[ik.Connection]:
        """Everybody who is connected, as a source knows them; an export and a vendor know the day only."""
        return [
            ik.Connection(
                member=self.member(one.person, source),
                connected_at=Interval.at(one.end) if source == "service" else Interval.day(one.end.date()),
            )
            for one in self.sendings
            if one.how == "accepted" and one.end is not None and one.end <= self.now
        ]

    def listing(
        self,
        source: str,
        *,
        completeness: ik.Completeness = ik.Completeness.COMPLETE,
        skip: int = 0,
        late: bool = False,
        connections: bool = True,
    ) -> ik.Snapshot:
        """What a service lists now.

        Args:
            source: ``service`` or ``vendor``.
            completeness: Whether it is complete; if not, it leaves out some.
            skip: Which it leaves out, as bits.
            late: Whether it goes on showing, for some hours (`LAG`), what it has shown and what has ended.
            connections: Whether connections were read as well.
        """
        shown = [
            one
            for one in self.sendings
            if one.pending(self.now)
            or (late and one.end is not None and one.end > self.now - LAG and (source, one.number) in self.listed)
        ]
        if completeness is not ik.Completeness.COMPLETE:
            shown = [one for one in shown if not skip >> (one.number % 16) & 1]
        self.lagged = self.lagged or any(not one.pending(self.now) for one in shown)
        self.listed.update((source, one.number) for one in shown)
        return ik.Snapshot(
            account=OWNER,
            taken_at=self.now,
            source=source,
            invitations=[self.row(one, source) for one in shown],
            connections=self.connections(source) if connections else [],
            completeness=completeness,
        )

    def export(self) -> ik.Snapshot:
        """What an export of now holds: all of half a year but for what was withdrawn, and every connection."""
        rows = []
        for one in self.sendings:
            changed = one.sent if one.end is None else one.end
            if one.how == "withdrawn" or changed < self.now - EXPIRY:
                continue
            row = self.row(one, "export")
            if one.how == "accepted" and one.end is not None:
                row = attrs.evolve(
                    row,
                    status=ik.Status.ACCEPTED,
                    evidence=Evidence.CONNECTED,
                    known_at=Interval.day(one.end.date()),
                )
            rows.append(row)
        return ik.Snapshot(
            account=OWNER,
            taken_at=self.now,
            source="export",
            invitations=rows,
            connections=self.connections("export"),
            completeness=ik.Completeness.LOG,
        )

    def look(self, byte: int) -> ik.Snapshot:
        """A look of a kind that a byte picks."""
        source = SOURCES[byte % 3]
        if source == "export":
            return self.export()
        byte //= 3
        completeness = (ik.Completeness.COMPLETE, ik.Completeness.COMPLETE, ik.Completeness.PARTIAL)[byte % 3]
        return self.listing(
            source, completeness=completeness, skip=byte * 37, late=byte % 5 == 0, connections=byte % 2 == 0
        )


Step = ik.Snapshot | tuple[datetime, ik.Outcome]
"""What can be recorded: a snapshot, or an outcome with the moment at which it is told."""

ENDS = ("accepted", "declined", "expired", "withdrawn", "withdrawn", "accepted")


def _script(seed: int, steps: int) -> bytes:
    return random.Random(seed).randbytes(1 + 2 * steps)


def scripts(longest: int = 60) -> st.SearchStrategy[bytes]:
    """Worlds and what happens in them: many different ones, which shrink by becoming shorter."""
    return st.builds(_script, st.integers(0, 2**20), st.integers(8, longest))


def story(script: Sequence[int], world: World | None = None) -> Iterator[Step]:
    """Let a world go its way, two bytes a step, and give what is recorded of it."""
    world = World(script[0]) if world is None else world
    for act, byte in zip(script[1::2], script[2::2], strict=False):
        person = 1 + byte % (world.count - 1)
        if act % 8 < 2:
            world.send(person)
        elif act % 8 < 4:
            how = ENDS[byte // 8 % len(ENDS)]
            ended = world.end(person, how)
            if ended is not None and how == "withdrawn" and byte >= 128 and ended.number in world.shown:
                yield world.now, told(world, ended, exact=byte % 2 == 0)
        else:
            yield world.look(byte)
        world.wait(1 + (act // 8 % 8) * 11)


def told(world: World, one: Sending, *, exact: bool, result: ik.Result = ik.Result.WITHDRAWN) -> ik.Outcome:
    """What somebody who withdrew it, or looked for it, writes down in a worklist made from what was last shown."""
    row = world.shown[one.number]
    return ik.Outcome(
        invitation_id=row.id,
        member=row.member,
        result=result,
        at=world.now if exact else ik.UNKNOWN,
    )


def record(ledger: ik.SqliteLedger, step: Step) -> Changes:
    """Record one step of a story."""
    if isinstance(step, ik.Snapshot):
        return ledger.record(step)
    return ledger.record([step[1]], at=step[0])


def moment(step: Step) -> datetime:
    """When a step was recorded."""
    return step.taken_at if isinstance(step, ik.Snapshot) else step[0]

"""What type checkers must see of `invitekit.ledgers`, `.history` and `.ports`, as a user writes it; never run."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, assert_type

import invitekit as ik
from invitekit.errors import LedgerError
from invitekit.history import (
    Changes,
    Entry,
    Event,
    History,
    Kind,
    MarkRecord,
    MayInvite,
    Observation,
    Sends,
    Timeline,
)
from invitekit.ledgers import Forgotten, Records, SqliteLedger, Verification
from invitekit.model import Completeness, Findings, Interval, Invitations, Member, Outcome, Snapshot, Status, Truth
from invitekit.policy import Context
from invitekit.ports import Ledger
from invitekit.testing import check_ledger

now = datetime(2026, 11, 1, tzinfo=UTC)
snapshot = Snapshot(taken_at=now, completeness=Completeness.COMPLETE)
ada = Member(slug="ada-example-77")

# A ledger is opened by path, and closes itself when used with `with`.
ledger = SqliteLedger("outbox.db", timeout=1.0, create=False, clock=lambda: now)
SqliteLedger(Path("outbox.db"))
SqliteLedger(":memory:")
SqliteLedger(5)  # type: ignore[arg-type]
SqliteLedger("outbox.db", clock=now)  # type: ignore[arg-type]
with ik.SqliteLedger("outbox.db") as opened:
    assert_type(opened, SqliteLedger)

# Recording takes a snapshot, or outcomes.
changes = ledger.record(snapshot)
assert_type(changes, Changes)
assert_type(ledger.record(ik.read_worklist("done.csv"), at=now), Changes)
assert_type(ledger.record([Outcome(invitation_id="x", member=ada, result=ik.Result.WITHDRAWN)]), Changes)
ledger.record(snapshot, account="mara-example-77")
ledger.record(snapshot, account={"slug": "mara-example-77"})
ledger.record("export.zip")  # type: ignore[arg-type]
ledger.record(snapshot, "mara-example-77")  # type: ignore[call-arg]
assert_type(changes.new, Invitations)
assert_type(changes.accepted, Invitations)
assert_type(changes.set_aside, Findings)
assert_type(changes.counts(), dict[str, int])
assert_type(bool(changes), bool)

# Marks.
ledger.tag(ada, "client", by="mara", why="a project")
ledger.untag("ada-example-77", "client")
ledger.keep("https://www.linkedin.com/in/ada-example-77")
ledger.unkeep({"slug": "ada-example-77"})
ledger.keep(5)  # type: ignore[arg-type]
ledger.tag(ada)  # type: ignore[call-arg]
ledger.note_refusal(at=now, why="limit-reached")
assert_type(list(ledger.marks()), list[MarkRecord])
assert_type(ledger.forget(ada), Forgotten)

# Asking: all that is known, or what was known at a moment.
history = ledger.history()
assert_type(history, History)
assert_type(ledger.history("ada-example-77", at=now), History)
assert_type(history.where(lambda one: one.status is Status.GONE), History)
timeline = history[0]
assert_type(timeline, Timeline)
assert_type(timeline.member, Member)
assert_type(timeline.events, tuple[Event, ...])
assert_type(timeline.events[0].kind, Kind)
assert_type(timeline.events[0].happened, Interval)
assert_type(timeline.observation(), Observation)
assert_type(timeline.observation().entry, timedelta | None)
assert_type(timeline.observation().causes, frozenset[str])
assert_type(timeline.to_record(), dict[str, Any])
timeline.status = Status.GONE  # type: ignore[misc]

assert_type(ledger.snapshot(at=now), Snapshot)
assert_type(ledger.context(), Context)
assert_type(ledger.context(stats=True, slot_price=0.001), Context)
assert_type(ledger.hold_out(ik.Policy.default().plan(ledger.snapshot())), int)
assert_type(ledger.context(at=now, contacts=["ada@mail.example"]), Context)
ledger.history(now)  # type: ignore[arg-type]
assert_type(ik.Policy.default().plan(ledger.snapshot(), context=ledger.context()), ik.Plan)
assert_type(ledger.accounts, tuple[Member, ...])

may = ledger.may_invite("ada-example-77", at=now)
assert_type(may, MayInvite)
assert_type(may.answer, Truth)
if may.not_before is not ik.UNKNOWN:
    assert_type(may.not_before, datetime)

assert_type(ledger.sends(now - timedelta(days=7), now), Sends)
assert_type(ledger.sends(now).sure, int)

# Files.
assert_type(ledger.export("ledger.jsonl"), Path)
assert_type(SqliteLedger.from_export("ledger.jsonl", "new.db"), SqliteLedger)
assert_type(ledger.verify(), Verification)
assert_type(ledger.verify().broken, int | None)
try:
    SqliteLedger("outbox.db")
except LedgerError as error:
    assert_type(error.code, str)
    assert_type(error.holder, str)


# A ledger of one's own needs the five methods, and nothing of ours.
class Bare:
    """Five methods."""

    def entries(self, after: int = 0) -> Sequence[Entry]:
        """Give none."""
        return ()

    def append(self, entries: Sequence[Entry], *, erase: Iterable[int] = ()) -> None:
        """Keep nothing."""

    @contextmanager
    def claim(self) -> Generator[None]:
        """Let anybody in."""
        yield

    def close(self) -> None:
        """Do nothing."""

    def where(self) -> str:
        """Say where."""
        return "nowhere"


class Lacking:
    """Four of the five."""

    def entries(self, after: int = 0) -> Sequence[Entry]:
        """Give none."""
        return ()

    def claim(self) -> AbstractContextManager[None]:
        """Not at all."""
        raise NotImplementedError

    def close(self) -> None:
        """Do nothing."""

    def where(self) -> str:
        """Say where."""
        return "nowhere"


class Full(Records):
    """The five, and all that comes on top."""

    def entries(self, after: int = 0) -> Iterator[Entry]:
        """Give none."""
        return iter(())

    def append(self, entries: Sequence[Entry], *, erase: Iterable[int] = ()) -> None:
        """Keep nothing."""

    @contextmanager
    def claim(self) -> Generator[None]:
        """Let anybody in."""
        yield

    def close(self) -> None:
        """Do nothing."""

    def where(self) -> str:
        """Say where."""
        return "nowhere"


bare: Ledger = Bare()
full: Ledger = Full(clock=lambda: now)
ours: Ledger = ledger
lacking: Ledger = Lacking()  # type: ignore[assignment]
assert_type(Full().history(), History)


def use(any_ledger: Ledger) -> None:
    """What can be done with any of them."""
    assert_type([entry.member for entry in any_ledger.entries(after=5)], list[int])
    assert_type(any_ledger.claim(), AbstractContextManager[None])
    any_ledger.history()  # type: ignore[attr-defined]


use(bare)
use(SqliteLedger("outbox.db"))

# The check takes whatever makes one, and hands `reopen` exactly that.
assert_type(check_ledger(Bare), tuple[str, ...])
check_ledger(lambda: SqliteLedger("outbox.db"), reopen=lambda one: SqliteLedger(one.where()))
check_ledger(Full, reopen=lambda one: Full(one.history))  # type: ignore[arg-type]
check_ledger(Lacking)  # type: ignore[type-var]
check_ledger(ledger)  # type: ignore[arg-type]

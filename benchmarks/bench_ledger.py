"""The ledger: against SQLite alone, and against comparing two snapshots by hand."""

from __future__ import annotations

import gc
import itertools
import resource
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from invitekit import SqliteLedger
from invitekit.model import (
    UNKNOWN,
    Completeness,
    Connection,
    Direction,
    Evidence,
    Interval,
    Invitation,
    Member,
    SentAt,
    Snapshot,
    Status,
)
from invitekit.model._invitation import trusted_invitation
from invitekit.model._member import trusted_member

FIRST = "a first snapshot of 1M invitations"
FIRST_SMALL = "a first snapshot of 100k invitations"
AGAIN = "an unchanged snapshot of 30,000"
DIFF = "what differs between two snapshots of 100k in the ledger"
WEEKS = "104 weekly snapshots with 30,000 connections"
TAKEN = datetime(2026, 11, 22, 12, tzinfo=UTC)
OWNER = Member(slug="zoe-example-77")

COLUMNS = "id TEXT PRIMARY KEY, name, slug, urn, direction, sent_from, sent_to, note, status, evidence, mutual"


def invitations(count: int, *, week: int = 0, gone_of: int = 0, new_of: int = 0) -> list[Invitation]:
    """Invitations as a listing gives them; their ids in no order, as those of services and exports are.

    Args:
        count: How many there are in the first week.
        week: Which week it is.
        gone_of: In each week, the n-th of so many has left.
        new_of: In each week, one for so many has come.
    """
    at = TAKEN + timedelta(weeks=week)
    known = Interval.at(at)
    numbers = [n for n in range(count) if not (gone_of and week and n % gone_of < week)]
    if new_of:
        numbers += range(count, count + week * count // new_of)
    return [
        trusted_invitation(
            "x-" + blake2b(n.to_bytes(8, "big"), digest_size=10).hexdigest(),
            trusted_member(f"Ada Example {n}", f"ada-example-{n}"),
            Direction.SENT,
            SentAt(sent := TAKEN - timedelta(minutes=n % 200_000), sent + timedelta(seconds=59)),
            "",
            Status.PENDING,
            Evidence.LISTED,
            at,
            known,
            UNKNOWN,
            UNKNOWN,
            UNKNOWN,
            UNKNOWN,
        )
        for n in numbers
    ]


def listing(items: list[Invitation], *, week: int = 0) -> Snapshot:
    return Snapshot(
        account=OWNER,
        taken_at=TAKEN + timedelta(weeks=week),
        source="listing",
        invitations=items,
        completeness=Completeness.COMPLETE,
    )


def as_tuple(one: Invitation) -> tuple[Any, ...]:
    """A row of the invitation, made before the clock starts."""
    sent = one.sent_at
    return (
        one.id,
        one.member.name,
        one.member.slug,
        None,
        one.direction.value,
        sent.earliest.isoformat(),
        sent.latest.isoformat(),
        one.note,
        one.status.value,
        one.evidence.value,
        None,
    )


@pytest.fixture
def places(tmp_path: Path) -> Callable[[], Path]:
    numbers = itertools.count()
    return lambda: tmp_path / f"{next(numbers)}.db"


@pytest.fixture(scope="module")
def million() -> Snapshot:
    return listing(invitations(1_000_000))


@pytest.fixture(scope="module")
def hundred_thousand() -> Snapshot:
    return listing(invitations(100_000))


def by_hand(path: Path, rows: list[tuple[Any, ...]]) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = EXTRA")
    connection.execute(f"CREATE TABLE invitations ({COLUMNS})")
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT INTO invitations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    connection.execute("COMMIT")
    connection.close()


def recorded(path: Path, snapshot: Snapshot) -> int:
    with SqliteLedger(path) as ledger:
        return len(ledger.record(snapshot).new)


@pytest.mark.measure(FIRST_SMALL, base=True)
def test_executemany_of_100k_ready_tuples(
    run: Any, hundred_thousand: Snapshot, places: Callable[[], Path]
) -> None:
    rows = [as_tuple(one) for one in hundred_thousand.invitations]
    run(lambda: by_hand(places(), rows))


@pytest.mark.measure(FIRST_SMALL, at_most=2)
def test_record_100k(run: Any, hundred_thousand: Snapshot, places: Callable[[], Path]) -> None:
    assert run(lambda: recorded(places(), hundred_thousand)) == 100_000


def plain_diff(old: list[Invitation], new: list[Invitation]) -> tuple[int, int, int]:
    """As one would write it: by id, and by what may change."""
    before, after = {one.id: one for one in old}, {one.id: one for one in new}
    changed = [
        key
        for key, one in after.items()
        if (was := before.get(key)) is not None
        and (was.status, was.sent_at, was.member, was.note, was.mutual_connections)
        != (one.status, one.sent_at, one.member, one.note, one.mutual_connections)
    ]
    return len(after.keys() - before.keys()), len(before.keys() - after.keys()), len(changed)


@pytest.mark.measure(AGAIN, base=True)
def test_the_plain_diff_of_two_lists(run: Any) -> None:
    old, new = invitations(30_000), invitations(30_000)
    assert run(plain_diff, old, new) == (0, 0, 0)


@pytest.mark.measure(AGAIN)
def test_record_again(run: Any, places: Callable[[], Path], capsys: pytest.CaptureFixture[str]) -> None:
    path = places()
    with SqliteLedger(path) as ledger:
        ledger.record(listing(invitations(30_000)))
        weeks = itertools.count(1)
        lists = iter([listing(invitations(30_000), week=next(weeks)) for _ in range(8)])
        before = pages(path)
        assert run(lambda: ledger.record(next(lists)).entries) == 1
        after = pages(path)
    changed = sum(one != other for one, other in zip(before, after, strict=False))
    say(
        capsys,
        AGAIN,
        f"{changed} of {len(before):,} pages rewritten by 6 recordings, {len(after) - len(before)} added",
    )


@pytest.mark.measure(AGAIN)
def test_record_again_after_opening_the_file(run: Any, places: Callable[[], Path]) -> None:
    path = places()
    recorded(path, listing(invitations(30_000)))
    weeks = itertools.count(1)
    lists = iter([listing(invitations(30_000), week=next(weeks)) for _ in range(8)])
    assert run(lambda: recorded(path, next(lists))) == 0


def pages(path: Path) -> list[bytes]:
    """The pages of the file, read by another process's eyes: no connection of ours is touched."""
    import subprocess
    import sys

    command = [sys.executable, "-c", f"import sys; sys.stdout.buffer.write(open({str(path)!r}, 'rb').read())"]
    content = subprocess.run(command, capture_output=True, check=True).stdout
    return [content[start : start + 4096] for start in range(0, len(content), 4096)]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same two snapshots in a ledger, and as two tables; a hundredth left, a hundredth came."""
    folder = tmp_path_factory.mktemp("two")
    ours, theirs = folder / "ledger.db", folder / "tables.db"
    connection = sqlite3.connect(theirs)
    with SqliteLedger(ours) as ledger:
        for week in (0, 1):
            items = invitations(100_000, week=week, gone_of=100, new_of=100)
            ledger.record(listing(items, week=week))
            connection.execute(f"CREATE TABLE week{week} ({COLUMNS})")
            connection.executemany(
                f"INSERT INTO week{week} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", map(as_tuple, items)
            )
    connection.commit()
    connection.close()
    return ours, theirs


@pytest.mark.measure(DIFF, base=True)
def test_reading_both_and_comparing_dicts(run: Any, two: tuple[Path, Path]) -> None:
    connection = sqlite3.connect(two[1])

    def compare() -> tuple[int, int]:
        old, new = (
            {row[0]: row for row in connection.execute(f"SELECT * FROM week{week}").fetchall()} for week in (0, 1)
        )
        changed = [key for key, row in new.items() if key in old and old[key] != row]
        assert not changed
        return len(new.keys() - old.keys()), len(old.keys() - new.keys())

    assert run(compare) == (1_000, 1_000)
    connection.close()


@pytest.mark.measure(DIFF, at_most=0.6)
def test_changes_of_an_open_ledger(run: Any, two: tuple[Path, Path]) -> None:
    with SqliteLedger(two[0]) as ledger:

        def changes() -> tuple[int, int]:
            found = ledger.changes(TAKEN)
            return len(found.new), len(found.unresolved)

        assert run(changes) == (1_000, 1_000)


@pytest.mark.measure(DIFF)
def test_changes_after_opening_the_file(run: Any, two: tuple[Path, Path]) -> None:
    def changes() -> tuple[int, int]:
        with SqliteLedger(two[0]) as ledger:
            found = ledger.changes(TAKEN)
            return len(found.new), len(found.unresolved)

    assert run(changes, rounds=2) == (1_000, 1_000)


@pytest.mark.measure(WEEKS)
def test_two_years_of_weeks(benchmark: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """LG-8: 300 new people a week become connections; a file of its own process of recording."""
    import time

    def people(week: int) -> list[Connection]:
        return [
            Connection(
                member=trusted_member(f"Bo Example {n}", f"bo-example-{n}"),
                connected_at=Interval.day((TAKEN + timedelta(weeks=max(n - 30_000, -9_000) // 30)).date()),
            )
            for n in range(30_000 + 30 * week)
        ]

    times: list[float] = []

    def all_weeks() -> None:
        for week in range(104):
            snapshot = Snapshot(
                account=OWNER,
                taken_at=TAKEN + timedelta(weeks=week),
                source="listing",
                invitations=invitations(400, week=week, gone_of=120, new_of=10),
                connections=people(week),
                completeness=Completeness.COMPLETE,
            )
            gc.collect()
            start = time.process_time()
            with SqliteLedger(tmp_path / "weeks.db") as ledger:
                ledger.record(snapshot)
            times.append(time.process_time() - start)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    benchmark.pedantic(all_weeks, rounds=1, iterations=1)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    size = (tmp_path / "weeks.db").stat().st_size / 1e6
    say(
        capsys,
        WEEKS,
        f"{median(times):.2f} s a week, {max(times):.2f} s for the slowest, the file opened anew each time "
        f"(at most 1 s); {size:.0f} MB on disk, "
        f"peak memory grew by {grown:.0f} MB (at most 200 MB)",
    )


def say(capsys: pytest.CaptureFixture[str], what: str, figure: str) -> None:
    with capsys.disabled():
        print(f"\n{what}: {figure}")


# Last, since a million values that live on cost whatever comes after them.
@pytest.mark.measure(FIRST, base=True)
def test_executemany_of_ready_tuples(run: Any, million: Snapshot, places: Callable[[], Path]) -> None:
    rows = [as_tuple(one) for one in million.invitations]
    run(lambda: by_hand(places(), rows), rounds=2)


@pytest.mark.measure(FIRST, at_most=2)
def test_record(run: Any, million: Snapshot, places: Callable[[], Path]) -> None:
    assert run(lambda: recorded(places(), million), rounds=2) == 1_000_000

"""LG-2 and LG-3: whichever write fails, and however the disk is full, the ledger is as before, or as after."""

from __future__ import annotations

import functools
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from tests.history.builders import day, outcome, sent
from tests.ledgers.invented import (
    CLOCK,
    check_refusal,
    crowd,
    filled_entries,
    filled_file,
    new_file,
    open_at,
    person,
    read,
    week,
)
from tests.ledgers.processes import Here, allowed_again, elsewhere, needs_forks
from tests.ledgers.released import Newest, as_it_is

import invitekit as ik
from invitekit.history import Entry
from invitekit.ledgers import SqliteLedger

NAME = "outbox.db"


# ── What is tried ────────────────────────────────────────────────────────────────────────────────────────────────


@attrs.frozen
class Operation:
    """Something that writes.

    Args:
        act: Does it to a ledger in a folder.
        starts: Whether a filled ledger is there before.
        reads: Opens what is there afterwards.
    """

    act: Callable[[Path], object]
    starts: bool = True
    reads: type[SqliteLedger] = SqliteLedger

    def begin(self, folder: Path) -> None:
        """Put there what is there before."""
        if self.starts:
            new_file(folder / NAME)

    def look(self, folder: Path) -> list[Entry] | None:
        """All that is in the ledger, which must be whole; None where there is none."""
        if not (folder / NAME).exists():
            return None
        with self.reads(folder / NAME, clock=CLOCK, create=False) as ledger:
            assert ledger.verify()
            return list(ledger.entries())


def _opened(use: Callable[[SqliteLedger], object]) -> Callable[[Path], object]:
    def act(folder: Path) -> object:
        with open_at(folder / NAME) as ledger:
            return use(ledger)

    return act


def _import(folder: Path) -> None:
    SqliteLedger.from_export(folder.parent / "outbox.jsonl", folder / NAME, clock=CLOCK).close()


def _migrate(folder: Path) -> None:
    Newest(folder / NAME, clock=CLOCK).close()


OPERATIONS = {
    "record": Operation(_opened(lambda ledger: ledger.record(week(3)))),
    "record much": Operation(_opened(lambda ledger: ledger.record(crowd(1)))),
    "record outcomes": Operation(
        _opened(lambda ledger: ledger.record([outcome(sent(person(11), -11))], at=day(15)))
    ),
    "tag": Operation(_opened(lambda ledger: ledger.tag(person(11), "client", why="because"))),
    "forget": Operation(_opened(lambda ledger: ledger.forget(person(11)))),
    "make": Operation(lambda folder: open_at(folder / NAME).close(), starts=False),
    "import": Operation(_import, starts=False),
    "migrate": Operation(_migrate, reads=Newest),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder, with an export in it."""
    with open_at(new_file(tmp_path / "source.db")) as ledger:
        ledger.export(tmp_path / "outbox.jsonl")
    return tmp_path


def before_and_after(operation: Operation, folder: Path) -> tuple[list[Entry] | None, list[Entry] | None]:
    """What is in the ledger before, and after it went well."""
    place = folder / "well"
    place.mkdir()
    operation.begin(place)
    before = list(filled_entries()) if operation.starts else None
    operation.act(place)
    return before, operation.look(place)


def attempt(operation: Operation, place: Path, *left_behind: str) -> str:
    """Do it, where it may fail: with an error of ours, and nothing left lying about. What came of it.

    Args:
        operation: What to do.
        place: Where.
        left_behind: What may be left, besides the ledger and a copy of it.
    """
    try:
        operation.act(place)
    except ik.LedgerError as error:
        check_refusal(error, "full", "failed", "busy")
        allowed = {NAME, f"{NAME}.before-v{Newest._schema.version}", *left_behind}
        assert {one.name for one in place.iterdir()} <= allowed
        return error.code
    return "done"


# ── The n-th statement ───────────────────────────────────────────────────────────────────────────────────────────


class Fault:
    """Lets the n-th write fail, or that one and all that follow."""

    def __init__(self, number: int, code: int, *, lasting: bool) -> None:
        self.number, self.code, self.lasting, self.count = number, code, lasting, 0

    @property
    def happened(self) -> bool:
        """Whether there were so many writes."""
        return self.count >= self.number

    def strike(self, statement: str) -> None:
        """Count a statement; fail if it is its turn. Giving up what was begun needs no room and never fails."""
        if statement.split(maxsplit=1)[0] in ("SELECT", "ROLLBACK"):
            return
        self.count += 1
        if self.count == self.number or (self.lasting and self.happened):
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = self.code
            error.sqlite_errorname = "SQLITE_FULL"
            raise error


def faulty(monkeypatch: pytest.MonkeyPatch, fault: Fault) -> None:
    """Let every connection that is made suffer from a fault."""

    class Faulty(sqlite3.Connection):
        def execute(self, sql: str, *rest: Any) -> sqlite3.Cursor:
            fault.strike(sql)
            return super().execute(sql, *rest)

        def executemany(self, sql: str, rows: Any) -> sqlite3.Cursor:
            fault.strike(sql)
            return super().executemany(sql, rows)

        def backup(self, *rest: Any, **more: Any) -> None:
            fault.strike("BACKUP")
            super().backup(*rest, **more)

    monkeypatch.setattr(sqlite3, "connect", functools.partial(sqlite3.connect, factory=Faulty))


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "from then on"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_the_nth_statement_fails(folder: Path, name: str, lasting: bool) -> None:
    """For n = 1, 2, … until it goes well: before or after, never between; and the next try goes well."""
    operation = OPERATIONS[name]
    before, after = before_and_after(operation, folder)
    codes: Counter[str] = Counter()
    for number in range(1, 100):
        place = folder / str(number)
        place.mkdir()
        operation.begin(place)
        fault = Fault(number, sqlite3.SQLITE_FULL, lasting=lasting)
        with pytest.MonkeyPatch.context() as patch:
            faulty(patch, fault)
            codes[attempt(operation, place)] += 1
        if not fault.happened:
            break
        found = operation.look(place) if name != "migrate" else as_it_is(place / NAME)
        assert found in (before, after), number
        if found == before and not (name == "migrate" and before == after):
            operation.act(place)
            assert operation.look(place) == after
        shutil.rmtree(place)

    # Who was forgotten is forgotten, even where the file could not be written anew after that.
    done = 2 if name == "forget" else 1
    assert codes["done"] == done
    assert codes["full"] == sum(codes.values()) - done >= 5


def test_the_same_object_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is left in no half-open transaction: others can write at once, and so can it."""
    with open_at(new_file(tmp_path / "well.db")) as ledger:
        ledger.record(week(3))
        after = list(ledger.entries())
    fault = Fault(10**6, sqlite3.SQLITE_FULL, lasting=False)
    faulty(monkeypatch, fault)
    for number in range(1, 20):
        path = new_file(tmp_path / f"{number}.db")
        with open_at(path) as ledger, open_at(path, timeout=0) as other:
            fault.number = fault.count + number
            try:
                ledger.record(week(3))
            except ik.LedgerError as error:
                refusal = error
            else:
                break
            check_refusal(refusal, "full")
            assert tuple(ledger.entries()) == filled_entries()
            other.tag(person(12), "meanwhile")
            other.untag(person(12), "meanwhile")
            assert ledger.record(week(3)).entries == len(after) - len(filled_entries())
            assert ledger.verify()
    assert number > 5


# ── In the middle of a statement ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", OPERATIONS)
def test_stopped_in_the_middle_of_a_statement(folder: Path, name: str) -> None:
    """SQLite counts the steps of its virtual machine, and can be told to stop after any."""
    operation = OPERATIONS[name]
    before, after = before_and_after(operation, folder)
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return steps >= last

    class Stopped(sqlite3.Connection):
        def __init__(self, *rest: Any, **more: Any) -> None:
            super().__init__(*rest, **more)
            self.set_progress_handler(count, 1)

    last, codes = 1, Counter[str]()
    while not codes["done"]:
        place = folder / str(last)
        place.mkdir()
        operation.begin(place)
        steps = 0
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sqlite3, "connect", functools.partial(sqlite3.connect, factory=Stopped))
            codes[attempt(operation, place)] += 1
        assert (as_it_is(place / NAME) if name == "migrate" else operation.look(place)) in (before, after), last
        shutil.rmtree(place)
        last = last + 1 + last // 6

    assert codes["failed"] == sum(codes.values()) - 1 >= 20


# ── Full: by what SQLite may use ─────────────────────────────────────────────────────────────────────────────────


def test_no_page_more(tmp_path: Path) -> None:
    """The ledger says that it is full, has what it had, can be read, and goes on when there is room."""
    with open_at(new_file(tmp_path / NAME)) as ledger:
        pages = ledger._connection.execute("PRAGMA page_count").fetchone()[0]
        ledger._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(ik.LedgerError, match="is full") as caught:
            ledger.record(crowd(1))
        check_refusal(caught.value, "full")
        assert "Make room" in caught.value.hint
        assert tuple(ledger.entries()) == filled_entries()
        assert ledger.verify()

        ledger._connection.execute("PRAGMA max_page_count = 1000000")
        assert ledger.record(crowd(1)).entries > 100
        assert ledger.verify()


@pytest.mark.parametrize("pages", [0, 1, 2, 5, 9])
def test_so_many_pages_more(tmp_path: Path, pages: int) -> None:
    with open_at(new_file(tmp_path / NAME)) as ledger:
        used = ledger._connection.execute("PRAGMA page_count").fetchone()[0]
        ledger._connection.execute(f"PRAGMA max_page_count = {used + pages}")
        with pytest.raises(ik.LedgerError) as caught:
            ledger.record(crowd(1))
        check_refusal(caught.value, "full")

    assert tuple(read(tmp_path / NAME)) == filled_entries()


# ── Full: by what a process may use ──────────────────────────────────────────────────────────────────────────────


def within_limits(here: Here, name: str, folder: str, limits: list[int]) -> list[tuple[int, str, str]]:
    """Do something again and again while no file may grow beyond a limit: what came of it, and what is there then.

    Args:
        here: The test.
        name: What to do.
        folder: Where.
        limits: In bytes, one after the other.
    """
    import resource  # Windows has none.

    operation = OPERATIONS[name]
    before, after = before_and_after(operation, Path(folder))
    size = len(filled_file())
    told: list[tuple[int, str, str]] = []
    for limit in limits:
        place = Path(folder) / str(limit)
        place.mkdir()
        operation.begin(place)
        with allowed_again(resource.RLIMIT_FSIZE, limit):
            # Below the size of the file not even giving up is possible; whoever opens it next does that.
            said = attempt(operation, place, *[f"{NAME}-journal"] if limit < size else [])
        found = as_it_is(place / NAME) if operation.starts else operation.look(place)
        told.append((limit, said, "before" if found == before else "after" if found == after else "between"))
    return told


@needs_forks
@pytest.mark.parametrize("name", OPERATIONS)
def test_no_file_beyond_a_size(folder: Path, name: str) -> None:
    """RLIMIT_FSIZE in steps of half a page: some allow the journal and not the file, some neither."""
    start = len(filled_file()) - 5 * 4096 if OPERATIONS[name].starts else 0
    limits = [start + 2048 * step for step in range(22)] + [1 << 20]
    told = elsewhere(within_limits, name, str(folder), limits)

    assert [one for one in told if one[2] == "between"] == []
    said = [code for _, code, _ in told]
    assert set(said) == {"full", "done"}
    assert said[-1] == "done"
    assert said.count("full") >= 3


# ── Full: by the disk itself ─────────────────────────────────────────────────────────────────────────────────────


def can_have_a_disk_of_its_own() -> bool:
    """Whether an ordinary user may make a small disk here that nobody else sees."""
    command = ["unshare", "-rm", "sh", "-c", "mount -t tmpfs -o size=512k none /mnt"]
    return (
        bool(shutil.which("unshare")) and not subprocess.run(command, capture_output=True, check=False).returncode
    )


@pytest.mark.skipif(not can_have_a_disk_of_its_own(), reason="no user namespaces, so no small disk of our own")
def test_a_disk_of_512_kb(tmp_path: Path) -> None:
    """Full, it says so; it can be read, opened and verified; with more room it goes on."""
    root = Path(__file__).parents[2]
    script = "import sys; from tests.ledgers.processes import fills_a_small_disk as go; go(sys.argv[1])"
    done = subprocess.run(
        [
            *(
                "unshare",
                "-rm",
                "sh",
                "-c",
                'mount -t tmpfs -o size=512k none "$1" && exec "$2" -c "$3" "$1"',
                "sh",
            ),
            *(str(tmp_path), sys.executable, script),
        ],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(root), *filter(None, sys.path)])},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr

    told = json.loads(done.stdout)
    assert told == {
        "error": "full",
        "hint": "Make room and try again; nothing was lost",
        "intact": True,
        "export": told["export"],
        "exported": False,
        "opens": True,
        "files": ["ballast", "outbox.db"],
        "recovers": True,
    }
    assert "No space left on device" in told["export"]

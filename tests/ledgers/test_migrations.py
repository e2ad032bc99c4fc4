"""LG-6: an older file becomes a newer one whole or not at all, with a copy beside it; a newer one is refused."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.ledgers.invented import (
    CLOCK,
    NOTE,
    check_refusal,
    crowd,
    filled_entries,
    filled_file,
    new_file,
    open_at,
    person,
    read,
    refused,
)
from tests.ledgers.processes import PATIENCE, Here, Other, hold, needs_forks, seconds
from tests.ledgers.released import FILES, Newer, Newest, as_it_is, version, version_of

import invitekit as ik
from invitekit.history import Entry
from invitekit.ledgers import SqliteLedger, _file
from invitekit.ledgers._schema import SCHEMA, Migration, Schema


def brought_up(path: Path, kind: type[SqliteLedger] = Newest) -> list[Entry]:
    """Open with a later release; it must be whole."""
    with kind(path, clock=CLOCK, timeout=PATIENCE) as ledger:
        assert ledger.verify()
        return list(ledger.entries())


# ── Every released version ───────────────────────────────────────────────────────────────────────────────────────


def test_every_version_has_a_file() -> None:
    """Whoever changes the tables adds one; it is never written again."""
    assert [version_of(file) for file in FILES] == list(range(1, SCHEMA.version + 1))
    assert [one.version for one in SCHEMA.migrations] == list(range(2, SCHEMA.version + 1))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
@pytest.mark.parametrize("kind", [SqliteLedger, Newer, Newest])
def test_a_released_file_opens_and_says_what_it_said(tmp_path: Path, file: Path, kind: type[SqliteLedger]) -> None:
    """The same entries as in the export that was made of it then, in this version and in later ones."""
    shutil.copyfile(file, tmp_path / "outbox.db")
    exported = file.with_suffix(".jsonl")

    with kind(tmp_path / "outbox.db", create=False, clock=CLOCK) as ledger:
        assert ledger.verify()
        with SqliteLedger.from_export(exported, ":memory:", clock=CLOCK) as expected:
            assert list(ledger.entries()) == list(expected.entries())
            assert ledger.history() == expected.history()
            assert ledger.snapshot() == expected.snapshot()
            assert ledger.context() == expected.context()
        assert ledger.record(crowd(1)).entries > 100
        assert [one.name for one in ledger.backups()] == (
            [f"outbox.db.before-v{kind._schema.version}"] if kind._schema.version > version_of(file) else []
        )


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_exports_as_it_did(tmp_path: Path, file: Path) -> None:
    """Byte for byte: the document has a version of its own."""
    shutil.copyfile(file, tmp_path / "outbox.db")

    with open_at(tmp_path / "outbox.db") as ledger:
        assert ledger.export(tmp_path / "outbox.jsonl").read_bytes() == file.with_suffix(".jsonl").read_bytes()


# ── Up ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_older_file_becomes_a_newer_one(tmp_path: Path) -> None:
    path = new_file(tmp_path / "outbox.db")

    with Newest(path, clock=CLOCK) as ledger:
        connection = ledger._connection
        assert tuple(ledger.entries()) == filled_entries()
        assert ledger.verify()
        assert connection.execute("SELECT sum(entries) FROM people").fetchone() == (len(filled_entries()),)
        assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert version(path) == Newest._schema.version
    # A second opening has nothing to do.
    content = path.read_bytes()
    brought_up(path)
    assert path.read_bytes() == content
    assert sorted(one.name for one in tmp_path.iterdir()) == ["outbox.db", f"outbox.db.before-v{version(path)}"]


def test_the_copy_is_the_file_as_it_was(tmp_path: Path) -> None:
    """It is private, and opens with the release that wrote it."""
    path = new_file(tmp_path / "outbox.db")
    before = os.umask(0)
    try:
        with Newest(path, clock=CLOCK) as ledger:
            (copy,) = ledger.backups()
    finally:
        os.umask(before)

    assert copy.parent == path.parent
    if os.name == "posix":
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert tuple(read(copy)) == filled_entries()
    with open_at(copy) as old:
        assert old.verify()


def test_a_copy_of_another_day_does_not_do(tmp_path: Path) -> None:
    """Somebody put the file back, went on with the old release, and upgraded again: that needs another copy."""
    path = new_file(tmp_path / "outbox.db")
    brought_up(path)
    shutil.move(f"{path}.before-v{Newest._schema.version}", path)
    shutil.copy(path, f"{path}.before-v{Newest._schema.version}")
    with open_at(path) as old:
        old.record(crowd(1))
        expected = list(old.entries())

    with Newest(path, clock=CLOCK) as ledger:
        assert list(ledger.entries()) == expected
        first, second = ledger.backups()
    assert tuple(read(first)) == filled_entries()
    assert read(second) == expected


def test_who_is_forgotten_is_still_in_the_copies(tmp_path: Path) -> None:
    """And in what a process that died left of one: the ledger names them all."""
    path = new_file(tmp_path / "outbox.db")
    with Newest(path, clock=CLOCK) as ledger:
        (copy,) = ledger.backups()
        left = path.with_name(f".{copy.name}.0123456789abcdef")
        shutil.copy(copy, left)
        shutil.copy(copy, path.with_name("outbox.db2"))

        forgotten = ledger.forget(person(11))

        assert forgotten.backups == ledger.backups() == (left, copy)
        assert str(copy) in str(forgotten)
        assert person(11).slug.encode() in copy.read_bytes()
    assert person(11).slug.encode() not in path.read_bytes()


def test_the_settings_hold_during_a_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All but the one for foreign keys, since a step may write a table anew that another one refers to."""
    migrate, found = _file._step, list[dict[str, object]]()
    promised = _file._SETTINGS | {"foreign_keys": 0}

    def look(connection: sqlite3.Connection, step: Migration) -> None:
        found.append({name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in promised})
        migrate(connection, step)

    monkeypatch.setattr(_file, "_step", look)
    brought_up(new_file(tmp_path / "outbox.db"))

    assert found == [promised] * 2


def test_what_a_step_deletes_is_gone_from_the_file(tmp_path: Path) -> None:
    """Deleted is overwritten, also where an SQLite was not built to do so."""

    class Terse(SqliteLedger):
        _schema = Schema(
            SCHEMA.version + 1,
            SCHEMA.statements,
            (Migration(SCHEMA.version + 1, "no personal part", ("DELETE FROM personal",)),),
        )

    path = new_file(tmp_path / "outbox.db")
    assert NOTE.encode() in path.read_bytes()

    Terse(path).close()

    assert NOTE.encode() not in path.read_bytes()


# ── Not at all ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_step_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    """The steps before it have been taken, each in one go; the next try begins there."""

    class Broken(SqliteLedger):
        _schema = Schema(
            Newest._schema.version,
            Newest._schema.statements,
            (
                Newest._schema.migrations[-2],
                Migration(
                    Newest._schema.version, "half of it", ("DROP TABLE people", "INSERT INTO nowhere SELECT 1")
                ),
            ),
        )

    path = new_file(tmp_path / "outbox.db")
    with pytest.raises(ik.LedgerError) as caught:
        Broken(path)

    check_refusal(caught.value, "corrupt")
    assert version(path) == SCHEMA.version + 1
    assert tuple(brought_up(path, Newer)) == filled_entries()
    assert tuple(brought_up(path, Newest)) == filled_entries()


@pytest.mark.parametrize("kind", [Newer, Newest])
def test_no_way_back(tmp_path: Path, kind: type[SqliteLedger]) -> None:
    """An older release refuses the file, says what to do, and leaves every byte as it is."""
    path = new_file(tmp_path / "outbox.db")
    brought_up(path, kind)
    content = path.read_bytes()

    error = refused(path, "newer")

    assert "pip install --upgrade invitekit" in error.hint
    assert str(kind._schema.version) in error.message
    assert path.read_bytes() == content


def test_a_version_between_is_brought_up_as_well(tmp_path: Path) -> None:
    path = new_file(tmp_path / "outbox.db")
    brought_up(path, Newer)

    assert tuple(brought_up(path, Newest)) == filled_entries()
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "outbox.db",
        *(f"outbox.db.before-v{kind._schema.version}" for kind in (Newer, Newest)),
    ]


# ── Others meanwhile ─────────────────────────────────────────────────────────────────────────────────────────────


@needs_forks
def test_locked_before_the_copy_it_waits_no_longer_than_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite's own copying would wait for ever for somebody who holds the file."""
    path = new_file(tmp_path / "outbox.db")
    copy = _file._copy
    # The file is locked by the time it is to be copied, and not yet when its version is looked at.
    monkeypatch.setattr(_file, "_copy", lambda *rest: hold_and(copy, path, *rest))

    waited = seconds(lambda: Newest(path, timeout=0.3))

    assert 0.27 <= waited < 5
    assert path.read_bytes() == filled_file()


def test_somebody_else_upgrades_between_the_look_and_the_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nothing left to do then, and nothing to copy."""
    path = new_file(tmp_path / "outbox.db")
    copy = _file._copy

    def late(*rest: Any) -> None:
        monkeypatch.setattr(_file, "_copy", copy)
        brought_up(path)
        copy(*rest)

    monkeypatch.setattr(_file, "_copy", late)
    assert tuple(brought_up(path)) == filled_entries()

    assert sorted(one.name for one in tmp_path.iterdir()) == ["outbox.db", f"outbox.db.before-v{version(path)}"]


def hold_and(call: Callable[..., None], path: Path, *rest: Any) -> None:
    """Do something while another process holds the file."""
    with Other(hold, str(path)) as other:
        other.hear()
        call(*rest)


def upgrades(here: Here, path: str, kind: type[SqliteLedger]) -> tuple[int, bool]:
    """Open with a later release as soon as told to.

    Each waits for the copies and commits of the others, and a busy disk may take seconds for each of their syncs.
    """
    here.say()
    here.hear()
    with kind(path, clock=CLOCK, timeout=PATIENCE) as ledger:
        return len(list(ledger.entries())), bool(ledger.verify())


@needs_forks
def test_three_who_upgrade_at_once(tmp_path: Path) -> None:
    """Each of them opens it; it is done once."""
    path = new_file(tmp_path / "outbox.db")
    others = [Other(upgrades, str(path), Newest) for _ in range(3)]
    try:
        for other in others:
            other.hear()
        for other in others:
            other.tell()
        told = [other.hear() for other in others]
    finally:
        for other in others:
            other.__exit__()

    assert told == [(len(filled_entries()), True)] * 3
    assert version(path) == Newest._schema.version
    with Newest(path) as ledger:
        assert ledger.backups()
        for copy in ledger.backups():
            assert tuple(read(copy)) == filled_entries()


# ── Killed ───────────────────────────────────────────────────────────────────────────────────────────────────────


def killed_at_statement(here: Here, path: str, number: int) -> bool:
    """Bring a file up to date, and be killed just before the n-th statement. Whether it got through alive."""
    count = 0

    class Mortal(sqlite3.Connection):
        def execute(self, sql: str, *rest: Any) -> sqlite3.Cursor:
            nonlocal count
            count += 1
            if count == number:
                os.kill(os.getpid(), 9)
            return super().execute(sql, *rest)

    connect = sqlite3.connect
    sqlite3.connect = lambda *rest, **more: connect(*rest, factory=Mortal, **more)  # type: ignore[assignment]
    Newest(path, clock=CLOCK).close()
    return True


def old_or_new(path: Path, expected: tuple[Entry, ...]) -> str:
    """After a kill: the file is of one version or another, and whole, and goes on from there. Which it was."""
    found = version(path)
    assert as_it_is(path) == list(expected)
    if found != SCHEMA.version:
        assert [one for one in path.parent.iterdir() if one.name.startswith(f"{path.name}.before-v")]
    assert tuple(brought_up(path)) == expected
    with Newest(path) as ledger:
        for copy in ledger.backups():
            if not copy.name.startswith("."):
                assert as_it_is(copy) == list(expected)
    return {SCHEMA.version: "old", Newest._schema.version: "new"}.get(found, "between")


@needs_forks
def test_killed_before_any_statement(tmp_path: Path) -> None:
    found: Counter[str] = Counter()
    for number in range(1, 100):
        path = tmp_path / str(number) / "outbox.db"
        path.parent.mkdir()
        new_file(path)
        with Other(killed_at_statement, str(path), number) as other:
            other.process.join(PATIENCE)
            survived = other.process.exitcode == 0
        if survived:
            break
        found[old_or_new(path, filled_entries())] += 1
        shutil.rmtree(path.parent)

    assert found.keys() == {"old", "between", "new"}
    assert found.total() >= 20


@needs_forks
def test_killed_at_any_time(tmp_path: Path) -> None:
    """Also in the middle of what SQLite does when it commits."""
    source = new_file(tmp_path / "source.db")
    with open_at(source) as ledger:
        ledger.record(crowd(1))
        expected = tuple(ledger.entries())
    found: Counter[str] = Counter()
    whole: list[float] = []
    for number in range(24):
        path = tmp_path / str(number) / "outbox.db"
        path.parent.mkdir()
        shutil.copyfile(source, path)
        with Other(upgrades, str(path), Newest) as other:
            other.hear()
            other.tell()
            if number < 3:
                whole.append(seconds(other.hear))
            else:
                other.pipe.poll(min(whole) * (number - 3) / 18)
            other.kill()
        found[old_or_new(path, expected)] += 1
        shutil.rmtree(path.parent)

    assert found["old"] >= 1
    assert found["new"] >= 3  # Those that nobody killed.

"""LG-5: a damaged file is refused with what to do about it, and left as it is; it never passes for a short one."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from tests.ledgers.invented import (
    NOTE,
    SURNAME,
    check_refusal,
    filled_entries,
    filled_file,
    new_file,
    open_at,
    read,
    refused,
    week,
)
from tests.ledgers.processes import Other, dies_while_it_writes, needs_forks

import invitekit as ik
from invitekit.ledgers._schema import APPLICATION_ID, SCHEMA

TIMES = 4 if os.environ.get("INVITEKIT_HYPOTHESIS_PROFILE") == "long" else 1
"""2,000 damaged files in the long run, 500 in every other."""

PAGE = 4096
CODES = ("corrupt", "not-ours", "newer", "empty")
REPAIRS = ("Restore", "import", "Upgrade", "Give another path", "delete it")


def refused_or_whole(path: Path) -> str:
    """Open a damaged file and read it: refused and left as it is, or all that was ever written. Which it was."""
    before = path.read_bytes()
    try:
        assert tuple(read(path)) == filled_entries(), "something is missing, and nobody says so"
    except ik.LedgerError as error:
        said, refusal = error.code, error
    else:
        said, refusal = "whole", None
    if refusal is not None:
        check_refusal(refusal, *CODES)
        assert any(word in refusal.hint for word in REPAIRS), refusal
    assert path.read_bytes() == before, "the file was touched"
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    return said


# ── Anything, anywhere ───────────────────────────────────────────────────────────────────────────────────────────


def damaged(random: Random) -> bytes:
    """A file with some bits flipped, bytes replaced, or a stretch of it lost, doubled or from elsewhere."""
    content = bytearray(filled_file())
    kind = random.randrange(10)
    if kind < 7:
        for _ in range(random.choice([1, 1, 1, 2, 5])):
            # The first hundred bytes say what kind of file it is.
            place = random.randrange(100 if kind == 0 else len(content))
            content[place] = content[place] ^ (1 << random.randrange(8)) if kind < 5 else random.randrange(256)
        return bytes(content)
    start = random.randrange(len(content))
    length = random.choice([1, 7, 100, PAGE, 2 * PAGE])
    if kind == 7:
        content[start : start + length] = bytes(length)
        return bytes(content[: len(filled_file())])
    if kind == 8:
        del content[start : start + length]
        return bytes(content)
    one, other = (PAGE * random.randrange(len(content) // PAGE) for _ in range(2))
    content[one : one + PAGE] = content[other : other + PAGE]
    return bytes(content)


@pytest.mark.parametrize("seed", range(10 * TIMES))
def test_whatever_is_damaged(tmp_path: Path, seed: int) -> None:
    """50 each. A flip where nothing is stored may go unnoticed, if all that is read is what was written."""
    random = Random(seed)
    found: Counter[str] = Counter()
    for _ in range(50):
        (tmp_path / "outbox.db").write_bytes(damaged(random))
        found[refused_or_whole(tmp_path / "outbox.db")] += 1

    assert found["corrupt"] > 10
    assert found["whole"] > 3


def test_cut_off_anywhere(tmp_path: Path) -> None:
    """After each page, and in the middle of each: never a shorter history."""
    content, path = filled_file(), tmp_path / "outbox.db"
    found: Counter[str] = Counter()
    for length in range(0, len(content), PAGE // 4):
        path.write_bytes(content[:length])
        found[refused_or_whole(path)] += 1

    assert found.keys() == {"empty", "corrupt"}


def test_something_behind_its_end_is_no_damage(tmp_path: Path) -> None:
    (tmp_path / "outbox.db").write_bytes(filled_file() + bytes(3 * PAGE))

    assert refused_or_whole(tmp_path / "outbox.db") == "whole"


def test_a_flip_that_the_database_does_not_notice(tmp_path: Path) -> None:
    """In the middle of a text, a bit is as good as another to SQLite, whose own check finds nothing."""
    path = tmp_path / "outbox.db"
    content = filled_file()
    for text, code in (
        (SURNAME, "corrupt"),
        (NOTE, "corrupt"),
        ('"evidence":"', "corrupt"),
        ("first-seen", "corrupt"),
    ):
        place = content.rindex(text.encode()) + len(text) - 2
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])

        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert refused_or_whole(path) == code, text
        with open_at(path) as ledger:
            assert not ledger.verify()


def test_each_page_lost(tmp_path: Path) -> None:
    """Asked whether it is whole, a ledger answers that it is not, and how far it is; nothing is raised."""
    content, path = filled_file(), tmp_path / "outbox.db"
    said: Counter[str] = Counter()
    for start in range(PAGE, len(content), PAGE):
        path.write_bytes(content[:start] + bytes(PAGE) + content[start + PAGE :])
        try:
            ledger = open_at(path)
        except ik.LedgerError as error:
            said[error.code] += 1
            continue
        with ledger:
            found = ledger.verify()
        assert not found
        assert 0 <= found.entries < len(filled_entries())
        assert found.problem
        assert str(found).startswith("broken: ")
        said["broken"] += 1

    assert said["broken"] >= 5
    assert said.keys() <= {"broken", "corrupt"}


# ── What is no ledger ────────────────────────────────────────────────────────────────────────────────────────────


def changed(path: Path, *statements: str) -> Path:
    """A ledger that somebody worked on with another program."""
    new_file(path)
    with closing(sqlite3.connect(path)) as connection:
        for statement in ("PRAGMA synchronous = OFF", *statements):
            connection.execute(statement)
        connection.commit()
    return path


@pytest.mark.parametrize(
    "content",
    [
        b"SQLite format 3",
        b"x",
        b"PK\x03\x04 an export, say",
        b"First Name,Last Name\n" * 500,
        b"SQLite format 4\0" + filled_file()[16:],
        bytes(50_000),
        Random(1).randbytes(50_000),
    ],
    ids=["cut short", "one byte", "a zip", "a csv", "another magic", "zeros", "noise"],
)
def test_another_kind_of_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "outbox.db").write_bytes(content)

    assert refused_or_whole(tmp_path / "outbox.db") == "not-ours"


def test_an_empty_file(tmp_path: Path) -> None:
    """SQLite takes it for a healthy empty database, and a history of years would be gone without a word."""
    path = tmp_path / "outbox.db"
    path.touch()

    error = refused(path, "empty")

    assert "Restore it" in error.hint
    assert path.read_bytes() == b""


def test_a_database_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE entries (seq INTEGER PRIMARY KEY)")

    assert refused_or_whole(path) == "not-ours"


def test_a_file_of_a_newer_version(tmp_path: Path) -> None:
    path = changed(tmp_path / "outbox.db", f"PRAGMA user_version = {SCHEMA.version + 1}")

    assert refused_or_whole(path) == "newer"
    assert "pip install --upgrade invitekit" in refused(path, "newer").hint


@pytest.mark.parametrize("version", [0, -1, -(2**31)])
def test_a_version_that_never_was(tmp_path: Path, version: int) -> None:
    path = changed(tmp_path / "outbox.db", f"PRAGMA user_version = {version}")

    assert refused_or_whole(path) == "corrupt"


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE personal",
        "DROP TABLE appends",
        "DROP TRIGGER entries_update",
        "DROP TRIGGER personal_update",
        "ALTER TABLE entries ADD COLUMN more TEXT",
        "ALTER TABLE entries RENAME COLUMN facts TO fact",
        "CREATE TABLE more (a)",
        "CREATE VIEW more AS SELECT * FROM personal",
        "CREATE TRIGGER more AFTER INSERT ON entries BEGIN DELETE FROM personal; END",
        "CREATE INDEX more ON entries (member)",
    ],
)
def test_tables_that_are_not_those_of_a_ledger(tmp_path: Path, statement: str) -> None:
    """A missing trigger, too: what it holds may have been changed without it."""
    path = changed(tmp_path / "outbox.db", statement)

    assert refused_or_whole(path) == "corrupt"


def test_a_ledger_without_any_table(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA.version}")

    assert refused_or_whole(path) == "corrupt"


def test_what_is_stored_cannot_be_read_as_text(tmp_path: Path) -> None:
    """SQLite's own error quotes it; ours, and all that it was raised from, must not."""
    for table, column in (("personal", "body"), ("entries", "facts"), ("sqlite_master", "sql")):
        path = changed(
            tmp_path / "outbox.db",
            *(f"DROP TRIGGER {name}" for name in ("personal_update", "entries_update")),
            "PRAGMA writable_schema = 1",
            f"UPDATE {table} SET {column} = CAST({column} || x'ff' AS TEXT) WHERE rowid = 2",
            *(
                sql
                for sql in SCHEMA.statements
                if "TRIGGER personal_update" in sql or "TRIGGER entries_update" in sql
            ),
        )

        assert refused_or_whole(path) == "corrupt", table


@pytest.mark.parametrize("value", ["x'00'", "17", "1.5", "NULL"])
@pytest.mark.parametrize(
    "column", ["body", "crc", "personal.member", "kind", "facts", "at", "digest", "has_personal", "appends.digest"]
)
def test_a_value_of_another_kind(tmp_path: Path, column: str, value: str) -> None:
    """A strict table refuses it when it is written; nobody looks when it is read. It is damage, not a crash."""
    table = {"body": "personal", "crc": "personal"}.get(column, "entries")
    table, _, column = column.rpartition(".") if "." in column else (table, "", column)
    path = new_file(tmp_path / "outbox.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        loosened = [sql.replace(") STRICT", ")").replace(" NOT NULL", "") for sql in SCHEMA.statements]
        connection.executescript("PRAGMA synchronous = OFF; PRAGMA writable_schema = 1;")
        rows = connection.execute(f"SELECT rowid, * FROM {table} ORDER BY 1").fetchall()
        connection.execute(f"DROP TABLE {table}")
        connection.execute(
            next(sql for sql in loosened if f"TABLE {table} " in sql).replace(
                " CHECK (has_personal IN (0, 1))", ""
            )
        )
        marks = ", ".join("?" * (len(rows[0]) - 1))
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", [row[1:] for row in rows])
        connection.execute(f"UPDATE {table} SET {column} = {value} WHERE rowid = (SELECT min(rowid) FROM {table})")
        strict = next(sql for sql in SCHEMA.statements if f"TABLE {table} " in sql)
        connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (strict, table))
        for sql in SCHEMA.statements:
            if f" ON {table} " in sql:
                connection.execute(sql)

    if table == "appends":
        with open_at(path) as ledger:
            assert not ledger.verify()
    else:
        assert refused_or_whole(path) == "corrupt"


# ── Damage to one that is open ───────────────────────────────────────────────────────────────────────────────────


def test_damaged_while_it_is_open(tmp_path: Path) -> None:
    """It was whole when it was opened, and read; what is read again is compared all the same."""
    path = new_file(tmp_path / "outbox.db")
    with open_at(path) as ledger, closing(sqlite3.connect(path)) as vandal:
        ledger.history()
        vandal.execute("DROP TRIGGER entries_update")
        vandal.execute("UPDATE entries SET at = at + 1 WHERE seq = 3")
        vandal.commit()
        with pytest.raises(ik.LedgerError, match="damaged at entry 3: it was changed") as caught:
            list(ledger.entries())

        check_refusal(caught.value, "corrupt")
        assert ledger.verify().broken == 3


def test_deleted_while_it_is_open(tmp_path: Path) -> None:
    """Whoever deletes it has it no longer; nothing is made anew in secret."""
    path = new_file(tmp_path / "outbox.db")
    with open_at(path) as ledger:
        path.unlink()
        try:
            ledger.record(week(3))
        except ik.LedgerError as error:
            check_refusal(error, "failed", "read-only", "missing", "corrupt")
        assert not path.exists()


# ── A writer that died ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def half_written(tmp_path: Path) -> Path:
    """A file of which a part is new already, and beside it the journal of the process that was killed."""
    path = new_file(tmp_path / "outbox.db")
    with Other(dies_while_it_writes, str(path)) as other:
        other.process.join(60)
        assert other.process.exitcode == -9
    assert path.read_bytes() != filled_file()
    assert Path(f"{path}-journal").stat().st_size > PAGE
    return path


@needs_forks
def test_the_next_who_opens_it_rolls_it_back(half_written: Path) -> None:
    assert tuple(read(half_written)) == filled_entries()

    with open_at(half_written) as ledger:
        assert ledger.verify()
        assert ledger.record(week(3)).entries > 0
    assert [one.name for one in half_written.parent.iterdir()] == ["outbox.db"]


@needs_forks
def test_without_its_journal_it_is_damaged(half_written: Path) -> None:
    """Somebody copied the file alone, or tidied up: half of a change must not be taken for history."""
    Path(f"{half_written}-journal").unlink()

    assert refused_or_whole(half_written) == "corrupt"


@needs_forks
def test_a_journal_that_is_damaged_as_well(half_written: Path, tmp_path: Path) -> None:
    """Rolled back wrongly or not at all, it is found out; what was there before, or an error."""
    journal = Path(f"{half_written}-journal").read_bytes()
    content = half_written.read_bytes()
    found: Counter[str] = Counter()
    for seed in range(60):
        random = Random(seed)
        changed = bytearray(journal)
        if seed % 3 == 0:
            del changed[random.randrange(len(changed)) :]
        else:
            changed[random.randrange(28) if seed % 3 == 1 else random.randrange(len(changed))] ^= (
                1 << random.randrange(8)
            )
        folder = tmp_path / str(seed)
        folder.mkdir()
        (folder / "outbox.db").write_bytes(content)
        (folder / "outbox.db-journal").write_bytes(changed)
        try:
            entries = tuple(read(folder / "outbox.db"))
        except ik.LedgerError as error:
            check_refusal(error, *CODES)
            found["refused"] += 1
        else:
            assert entries == filled_entries(), seed
            found["whole"] += 1
        shutil.rmtree(folder)

    assert found["refused"] > 5
    assert found["whole"] > 5


@pytest.mark.parametrize("content", [b"", b"no journal at all", bytes(5000), Random(2).randbytes(5000)])
def test_something_that_is_no_journal_lies_beside_it(tmp_path: Path, content: bytes) -> None:
    path = new_file(tmp_path / "outbox.db")
    Path(f"{path}-journal").write_bytes(content)

    assert tuple(read(path)) == filled_entries()

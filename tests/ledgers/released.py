"""Ledgers as released versions wrote them, kept in tests/data, and what a later release may be like.

Whoever changes the tables runs ``python -m tests.ledgers.released`` from the root of the checkout: it adds what
the version that is there now writes. What was released is never written again.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.ledgers.invented import fill, open_at

from invitekit.history import Entry
from invitekit.ledgers import SqliteLedger
from invitekit.ledgers._schema import SCHEMA, Migration, Schema

FOLDER = Path(__file__).parents[1] / "data"
FILES = sorted(FOLDER.glob("ledger-v*.db"))


def version_of(file: Path) -> int:
    """Which version of the tables is in one of the files."""
    return int(file.stem.removeprefix("ledger-v"))


# ── Later ────────────────────────────────────────────────────────────────────────────────────────────────────────

PEOPLE = "CREATE TABLE people (member INTEGER PRIMARY KEY, entries INTEGER NOT NULL) STRICT"
(ENTRIES,) = (sql for sql in SCHEMA.statements if "TABLE entries " in sql)
STRICTER = ENTRIES.replace("TABLE entries (", 'TABLE "entries" (').replace(
    "kind TEXT NOT NULL", "kind TEXT NOT NULL CHECK (kind <> '')"
)
TRIGGERS = tuple(sql for sql in SCHEMA.statements if " ON entries " in sql)

_ONE = Migration(
    SCHEMA.version + 1,
    "a table of people",
    (PEOPLE, "INSERT INTO people SELECT member, count(*) FROM entries GROUP BY member"),
)
_TWO = Migration(
    SCHEMA.version + 2,
    "entries written anew, since another table refers to them and SQLite cannot add a check",
    (
        STRICTER.replace('"entries"', "anew"),
        "INSERT INTO anew SELECT * FROM entries",
        "DROP TABLE entries",
        "ALTER TABLE anew RENAME TO entries",
        *TRIGGERS,
    ),
)


class Newer(SqliteLedger):
    """As the next release may be: with one more table, filled from one that is there."""

    _schema = Schema(SCHEMA.version + 1, (*SCHEMA.statements, PEOPLE), (*SCHEMA.migrations, _ONE))


class Newest(SqliteLedger):
    """As the one after that may be: with a table written anew."""

    _schema = Schema(
        SCHEMA.version + 2,
        (*(STRICTER if sql == ENTRIES else sql for sql in SCHEMA.statements), PEOPLE),
        (*SCHEMA.migrations, _ONE, _TWO),
    )


KINDS = {kind._schema.version: kind for kind in (SqliteLedger, Newer, Newest)}


def version(path: Path) -> int:
    """Which version a file is of."""
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def as_it_is(path: Path) -> list[Entry]:
    """What is in a file of any of the versions, read by the release that it belongs to; it must be whole."""
    with KINDS[version(path)](path, create=False) as ledger:
        assert ledger.verify()
        return list(ledger.entries())


def main() -> None:
    """Write the files of the version that is there now, unless they are there."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"ledger-v{SCHEMA.version}.db"
    if path.exists():
        raise SystemExit(f"{path} is there already, and what was released is not written again")
    with fill(open_at(path)) as ledger:
        ledger.export(path.with_suffix(".jsonl"))
    path.chmod(0o644)
    path.with_suffix(".jsonl").chmod(0o644)


if __name__ == "__main__":
    main()

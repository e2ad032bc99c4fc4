"""The tables of the file, and how an older file becomes a newer one.

A released schema is never edited. Whoever changes it raises the version, writes a migration from the version
before, and adds a file of the old version to the tests.
"""

from __future__ import annotations

from typing import Final

import attrs

__all__ = ["APPLICATION_ID", "SCHEMA", "Migration", "Schema"]

APPLICATION_ID: Final = 0x494B4C47
"""The four bytes "IKLG" in the header of the file, by which a ledger is told from any other SQLite file."""

_TABLES: Final = (
    # What happened, with opaque numbers for whom it happened to. Never changed, never deleted.
    """CREATE TABLE entries (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    account INTEGER NOT NULL,
    member INTEGER NOT NULL,
    invitation INTEGER NOT NULL,
    facts TEXT NOT NULL,
    has_personal INTEGER NOT NULL CHECK (has_personal IN (0, 1)),
    digest BLOB NOT NULL
) STRICT""",
    # All that is personal, and nothing else: the one table that can be erased from.
    """CREATE TABLE personal (
    entry INTEGER PRIMARY KEY REFERENCES entries (seq),
    member INTEGER NOT NULL,
    body TEXT NOT NULL,
    crc INTEGER NOT NULL
) STRICT""",
    # One row for each append: where it ended, and a hash over all digests up to there.
    """CREATE TABLE appends (
    last INTEGER PRIMARY KEY,
    digest BLOB NOT NULL
) STRICT""",
)

_TRIGGERS: Final = tuple(
    f"CREATE TRIGGER {table}_{act.lower()} BEFORE {act} ON {table} "
    f"BEGIN SELECT RAISE(ABORT, 'a ledger is only added to'); END"
    for table, act in (
        ("entries", "UPDATE"),
        ("entries", "DELETE"),
        ("appends", "UPDATE"),
        ("appends", "DELETE"),
        ("personal", "UPDATE"),
    )
)


@attrs.frozen
class Migration:
    """One step from a version to the next, in one transaction.

    Args:
        version: The version it leads to.
        name: What it does, in a few words.
        statements: The SQL.
    """

    version: int
    name: str
    statements: tuple[str, ...]


@attrs.frozen
class Schema:
    """What a file of the current version holds.

    Args:
        version: Its ``user_version``.
        statements: What makes it anew.
        migrations: What leads there from every version released before.
    """

    version: int
    statements: tuple[str, ...]
    migrations: tuple[Migration, ...] = ()


SCHEMA: Final = Schema(1, (*_TABLES, *_TRIGGERS))

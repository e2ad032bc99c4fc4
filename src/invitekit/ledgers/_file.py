"""The file: made whole or not at all, private to its user, and opened only if it is a ledger.

No plain file call ever touches an existing ledger or lock: on POSIX systems, closing any descriptor of a file
drops all locks that the process holds on it, SQLite's included.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from invitekit.errors import LedgerError
from invitekit.ledgers._schema import APPLICATION_ID, Migration, Schema

__all__ = ["MEMORY", "begin", "connect", "fill", "holder", "make", "make_new", "open_file", "translated"]

MEMORY: Final = ":memory:"

_SETTINGS: Final = {
    # Not WAL: SQLite 3.7.0 to 3.51.2 can lose commits when a WAL is reset, and interpreters ship those.
    "journal_mode": "delete",
    "synchronous": 3,  # EXTRA: the removal of the journal is durable as well
    "foreign_keys": 1,
    "secure_delete": 1,
    "trusted_schema": 0,
    "cell_size_check": 1,
    "temp_store": 2,  # in memory: nothing personal in temporary files
}

_RESTORE: Final = "Restore it from a backup, or import an export of it; the file was left as it is"


# ── Errors ───────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def translated(file: str, path: str = "") -> Generator[None]:
    """Turn what SQLite raises into a `LedgerError` that says what to do.

    Args:
        file: What the error is to call the file.
        path: Where it is, if that is something else.
    """
    try:
        yield
    except sqlite3.Error as error:
        refusal = _translate(error, file, path or file)
        error.args = ()  # It stays reachable as the context, and quotes a text that it cannot decode.
        raise refusal from None
    except UnicodeDecodeError as error:
        error.object = b""  # Likewise.
        raise LedgerError("is damaged (not UTF-8)", hint=_RESTORE, file=file, code="corrupt") from None
    except (OSError, UnicodeError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise LedgerError(
            f"cannot be used ({reason})", hint="Check the path and its permissions", file=file, code="failed"
        ) from None


def _translate(error: sqlite3.Error, file: str, path: str) -> LedgerError:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    name = getattr(error, "sqlite_errorname", "")
    first = code & 0xFF
    if first in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        who = holder(path)
        return LedgerError(
            f"is busy: {who or 'somebody else'} holds it",
            hint="Wait until they are done, or close what has it open, and try again",
            file=file,
            code="busy",
            holder=who,
        )
    if first == sqlite3.SQLITE_FULL or code in (sqlite3.SQLITE_IOERR_WRITE, _IOERR_FSYNC):
        return LedgerError(
            "cannot grow: the disk, or what this user may use of it, is full",
            hint="Make room and try again; nothing was lost",
            file=file,
            code="full",
        )
    if first == sqlite3.SQLITE_NOTADB:
        return LedgerError("is no ledger, or its beginning is damaged", hint=_RESTORE, file=file, code="not-ours")
    if first == sqlite3.SQLITE_READONLY:
        return LedgerError(
            "cannot be written",
            hint="Check the permissions of the file and its folder",
            file=file,
            code="read-only",
        )
    if first in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return LedgerError(
            "cannot be opened", hint="Check the path and its permissions", file=file, code="missing"
        )
    if first in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT):
        return LedgerError(f"cannot be used ({name or 'input/output error'})", hint="Try again", file=file)
    return LedgerError(f"is damaged ({name or type(error).__name__})", hint=_RESTORE, file=file, code="corrupt")


_IOERR_FSYNC: Final = sqlite3.SQLITE_IOERR_FSYNC


def holder(file: str) -> str:
    """Name the process that has a lock on a file, where the system tells (Linux); empty otherwise."""
    try:
        inode = Path(file).stat().st_ino
        lines = Path("/proc/locks").read_text(encoding="ascii").splitlines()
        pids = {
            int(fields[4])
            for fields in map(str.split, lines)
            if len(fields) > 5 and fields[1] == "POSIX" and fields[5].rpartition(":")[2] == str(inode)
        }
    except (OSError, ValueError):
        return ""
    named = ["this process" if pid == os.getpid() else f"process {pid}" for pid in sorted(pids) if pid > 0]
    return " and ".join(named)


# ── Opening ──────────────────────────────────────────────────────────────────────────────────────────────────────


def connect(path: str | Path, timeout: float, mode: str = "rw") -> sqlite3.Connection:
    """Connect to a file that is there, without looking into it."""
    target = MEMORY if path == MEMORY else f"file:{quote(os.fsencode(Path(path).absolute()))}?mode={mode}"
    return sqlite3.connect(
        target, timeout=timeout, isolation_level=None, check_same_thread=False, uri=target != MEMORY
    )


def make(path: Path, fill_in: Callable[[sqlite3.Connection], None]) -> bool:
    """Make an SQLite file in one step: whoever looks sees no file, or the whole one. Only its user can read it.

    Returns:
        Whether it was made; False if there is one already.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with closing(connect(draft, 0)) as connection:
            connection.execute("PRAGMA synchronous = EXTRA")
            fill_in(connection)
        try:
            os.link(draft, path)
        except FileExistsError:
            return False
        _sync_folder(path.parent)
        return True
    finally:
        draft.unlink(missing_ok=True)


def make_new(path: str, name: str, fill_in: Callable[[sqlite3.Connection], None]) -> bool:
    """Make a ledger as `make` does.

    Raises:
        LedgerError: It cannot be made; nothing is left behind.
    """
    file = Path(path)
    with translated(name, path):
        if not file.parent.is_dir():
            raise LedgerError(
                "cannot be made: its folder does not exist", hint="Make the folder", file=name, code="missing"
            )
        return make(file, fill_in)


def _sync_folder(folder: Path) -> None:
    """Make the new name durable, where folders can be synced."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fill(connection: sqlite3.Connection, schema: Schema) -> None:
    """Write an empty ledger into an empty database."""
    connection.execute("BEGIN IMMEDIATE")
    for statement in schema.statements:
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {schema.version}")
    connection.execute("COMMIT")


def open_file(path: str, name: str, schema: Schema, *, timeout: float, create: bool) -> sqlite3.Connection:
    """Open a ledger, or make one.

    Args:
        path: Where it is, absolute.
        name: What errors are to call it.
        schema: What is expected in it.
        timeout: How long to wait for a lock, in seconds.
        create: Whether to make it where there is none.

    Raises:
        LedgerError: It is no ledger, newer, damaged, empty, locked or missing. The file is left as it is.
    """
    if path == MEMORY:
        connection = connect(MEMORY, timeout)
        fill(connection, schema)
        connection.execute("PRAGMA foreign_keys = ON")
        return connection
    file = Path(path)
    with translated(name, path):
        if not file.exists():
            if not create:
                raise LedgerError("does not exist", hint="Check the path", file=name, code="missing")
            make_new(path, name, lambda connection: fill(connection, schema))
        _check_kind(file, name)
        version = _version(file, name, schema, timeout)
        connection = connect(file, timeout)
        try:
            _set(connection, name)
            if version < schema.version:
                _migrate(connection, file, version, schema)
            _check_tables(connection, name, schema)
        except BaseException:
            connection.close()
            raise
    return connection


def _check_kind(file: Path, name: str) -> None:
    """Refuse what cannot be a database before SQLite opens it: an empty file would pass for an empty one."""
    if not file.is_file():
        raise LedgerError("is no file", hint="Give the path of a file", file=name, code="not-ours")
    if file.stat().st_size == 0:
        raise LedgerError(
            "is empty, which no ledger ever is",
            hint="Restore it from a backup; or delete it, if it never was one, and a new one is made",
            file=name,
            code="empty",
        )


def _version(file: Path, name: str, schema: Schema, timeout: float) -> int:
    """Whose file it is and of which version, without writing anything."""
    try:
        with closing(connect(file, timeout, "ro")) as connection:
            (owner,) = connection.execute("PRAGMA application_id").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_READONLY:
            raise
        # A process died while it wrote: its journal has to be rolled back, and only a writer can do that.
        with closing(connect(file, timeout)) as connection:
            (owner,) = connection.execute("PRAGMA application_id").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
    if owner != APPLICATION_ID:
        raise LedgerError(
            "is a database, but no ledger of invitekit", hint="Give another path", file=name, code="not-ours"
        )
    if version > schema.version:
        raise LedgerError(
            f"was written by a newer invitekit (version {version} of the file, this one knows {schema.version})",
            hint="Upgrade invitekit: pip install --upgrade invitekit",
            file=name,
            code="newer",
        )
    known = {schema.version, *(one.version - 1 for one in schema.migrations)}
    if version not in known:
        raise LedgerError(
            f"says it is of version {version}, which never was", hint=_RESTORE, file=name, code="corrupt"
        )
    return int(version)


def _set(connection: sqlite3.Connection, name: str) -> None:
    """Set what makes it safe, and read it back."""
    for setting, value in _SETTINGS.items():
        connection.execute(f"PRAGMA {setting} = {value}")
        row = connection.execute(f"PRAGMA {setting}").fetchone()
        if row is None or row[0] != value:
            raise LedgerError(
                f"cannot be used safely: SQLite {sqlite3.sqlite_version} does not set {setting} to {value}",
                hint="Use a Python with another SQLite",
                file=name,
            )


def _tables(statements: tuple[str, ...]) -> set[str]:
    return {" ".join(statement.split()) for statement in statements}


def _check_tables(connection: sqlite3.Connection, name: str, schema: Schema) -> None:
    # All at once: a cursor that an error leaves half-read keeps its lock for as long as the traceback lives.
    rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql NOT NULL").fetchall()
    found = _tables(tuple(sql for (sql,) in rows))
    if found != _tables(schema.statements):
        raise LedgerError(
            "is damaged: its tables are not those of a ledger", hint=_RESTORE, file=name, code="corrupt"
        )


# ── Migrating ────────────────────────────────────────────────────────────────────────────────────────────────────


def _migrate(connection: sqlite3.Connection, file: Path, version: int, schema: Schema) -> None:
    """Bring an older file up to date, step by step, after a copy of it was put beside it."""
    connection.execute("PRAGMA foreign_keys = OFF")  # A step may write a table anew that another one refers to.
    _copy(connection, file, version, schema)
    for step in sorted(schema.migrations, key=lambda one: one.version):
        if step.version > version:
            _step(connection, step)
    connection.execute("PRAGMA foreign_keys = ON")


def _copy(connection: sqlite3.Connection, file: Path, version: int, schema: Schema) -> None:
    """Put a copy of an older file beside it.

    A copy made before is never replaced, nor does it do instead: the file may have been put back from it, and
    written since.
    """
    first = file.with_name(f"{file.name}.before-v{schema.version}")
    connection.execute("BEGIN")
    try:
        # From the first look on nobody can write, so the copy is of this version, and never waits for anybody.
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        if found == version:
            copy, number = first, 1
            while not make(copy, connection.backup):
                number += 1
                copy = first.with_name(f"{first.name}-{number}")
    finally:
        connection.rollback()


def _step(connection: sqlite3.Connection, step: Migration) -> None:
    with begin(connection):
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version >= step.version:
            return  # Somebody else did it while this process waited for the lock.
        for statement in step.statements:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {step.version}")


@contextmanager
def begin(connection: sqlite3.Connection) -> Generator[None]:
    """Write in one transaction that has its lock from the start: all of it, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise

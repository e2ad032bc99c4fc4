"""The ledger in a file: SQLite, from the standard library."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar, Final, Self
from zlib import crc32

import attrs

from invitekit._drive import now
from invitekit._text import plain
from invitekit.errors import LedgerError
from invitekit.history import Entry, Kind
from invitekit.ledgers._file import MEMORY, begin, holder, make, open_file, translated
from invitekit.ledgers._lines import read_lines
from invitekit.ledgers._records import Records
from invitekit.ledgers._schema import SCHEMA, Schema

__all__ = ["SqliteLedger", "Verification"]

_CHUNK: Final = 20_000
"""How many entries one query reads: a reader must not hold off a writer for long."""

_READ: Final = """
SELECT seq, kind, at, entries.account, entries.member, invitation, facts, has_personal, digest, body, crc
FROM entries LEFT JOIN personal ON entry = seq WHERE seq > ? AND seq <= ? ORDER BY seq
"""

_REPAIR: Final = "Restore it from a backup, or import an export of it; verify() says where it is broken. The file was left as it is"


@attrs.frozen(weakref_slot=False, kw_only=True)
class Verification:
    """Whether a ledger is what was written into it.

    Args:
        entries: How many entries were found whole, from the first on.
        broken: The place of the first broken entry; None where all are whole.
        problem: What is wrong with it; empty where nothing is.
    """

    entries: int
    broken: int | None = None
    problem: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing is broken."""
        return not self.problem

    def __bool__(self) -> bool:
        """Whether nothing is broken."""
        return self.ok

    def __str__(self) -> str:
        if self.ok:
            return f"{self.entries:,} entries, all as they were written"
        place = "" if self.broken is None else f"entry {self.broken:,}: "
        return f"broken: {place}{self.problem} ({self.entries:,} entries before it are whole)"


class SqliteLedger(Records):
    """A ledger in one SQLite file of the user's, for any number of accounts.

    The file can be read by others while it is written. It is private to its user (mode 0600), and so is what is put
    beside it: SQLite's journal while something is written (``-journal``), the lock of whoever carries out a plan
    (``-lock``), and a copy before the file is brought to a newer version (``.before-v…``). Notes, names and
    identifiers stand in it as plain text; e-mail addresses are not kept.

    Settings: rollback journal, ``synchronous=EXTRA``, foreign keys, ``secure_delete``, write transactions that have
    their lock from the start, read back when it is opened.

    One object may be used by several threads; after a fork, the child opens its own.

    Args:
        path: The file, made if there is none; ``":memory:"`` keeps everything in memory, for tests.
        timeout: How long to wait for a lock that another process holds, in seconds.
        create: Whether to make the file where there is none.
        clock: Tells the time, aware, for what has no time of its own (a worklist, a tag).

    Raises:
        LedgerError: The file is no ledger, of a newer version, damaged, empty or locked. It is left as it is.
    """

    _schema: ClassVar[Schema] = SCHEMA

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        timeout: float = 5.0,
        create: bool = True,
        clock: Callable[[], datetime] = now,
    ) -> None:
        super().__init__(clock)
        self._path = os.fspath(path)
        if not self._path or "\0" in self._path:
            raise LedgerError("a ledger needs the path of a file", hint="For instance SqliteLedger('outbox.db')")
        self._timeout = timeout
        self._pid = os.getpid()
        self._mutex = threading.RLock()
        self._claimed: sqlite3.Connection | bool = False
        self._connection: sqlite3.Connection | None = open_file(
            self._path, self._schema, timeout=timeout, create=create
        )

    # ── The five methods of a ledger ─────────────────────────────────────────────────────────────────────────────

    def entries(self, after: int = 0) -> Iterator[Entry]:
        """Give the entries whose place is larger than `after`, each compared with its hash.

        Raises:
            LedgerError: ``corrupt`` at the first entry that is not what was written.
        """
        for entry, problem in self._stored(after):
            if problem:
                raise LedgerError(
                    f"is damaged at entry {entry.seq:,}: {problem}",
                    hint=_REPAIR,
                    file=self.where(),
                    code="corrupt",
                )
            yield entry

    def append(self, entries: Sequence[Entry], *, erase: Iterable[int] = ()) -> None:
        """Add entries at the end, durably, and erase what is personal about some members: all of it or nothing.

        Raises:
            LedgerError: Nothing was changed: ``conflict`` if somebody else wrote meanwhile, else ``busy``, ``full``
                and so on.
        """
        erased = [(key,) for key in erase]
        with self._using() as connection, begin(connection):
            last, chain = connection.execute("SELECT last, digest FROM appends ORDER BY last DESC").fetchone() or (
                0,
                b"",
            )
            if entries[0].seq != last + 1:
                raise LedgerError(
                    "was written by somebody else meanwhile",
                    hint="Read it again",
                    file=self.where(),
                    code="conflict",
                )
            digests = [entry.digest for entry in entries]
            connection.executemany(
                "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (*entry[:7], entry.personal is not None, digest)
                    for entry, digest in zip(entries, digests, strict=True)
                ),
            )
            connection.executemany(
                "INSERT INTO personal VALUES (?, ?, ?, ?)",
                (
                    (entry.seq, entry.member, entry.personal, crc32(entry.personal.encode()))
                    for entry in entries
                    if entry.personal
                ),
            )
            connection.execute(
                "INSERT INTO appends VALUES (?, ?)", (entries[-1].seq, sha256(chain + b"".join(digests)).digest())
            )
            connection.executemany("DELETE FROM personal WHERE member = ?", erased)
        if erased:
            self._compact()

    @contextmanager
    def claim(self) -> Iterator[None]:
        """Be the only one who carries out plans with this ledger.

        It is a lock of the system's on a second file, so it ends with the process, however that ends, and with
        nothing else: no clock can take it away.

        Raises:
            LedgerError: ``busy``, at once, if somebody has it: another process, another thread, or this one.
        """
        with self._using(), translated(self.where()):
            lock = self._take_lock()
        try:
            yield
        finally:
            with self._mutex:
                self._claimed = False
                if lock is not None and self._pid == os.getpid():
                    lock.close()

    def close(self) -> None:
        """Let go of the file."""
        with self._mutex:
            if self._connection is not None and self._pid == os.getpid():
                self._connection.close()
            self._connection = None

    def where(self) -> str:
        """The path, as it was given."""
        return plain(self._path)

    @classmethod
    def from_export(cls, source: str | os.PathLike[str], path: str | os.PathLike[str], **settings: Any) -> Self:
        """Make a ledger from the file that `export` wrote; the two then hold the same.

        Args:
            source: The file of JSON lines.
            path: Where the ledger is to be; nothing may be there yet.
            settings: As for `SqliteLedger`.

        Raises:
            DocumentError: The file is no export, or was changed or cut short.
            LedgerError: ``exists`` if there is something at `path`.
        """
        entries = read_lines(source)
        if os.fspath(path) != MEMORY and Path(path).exists():
            raise LedgerError(
                "is there already", hint="Give a path where nothing is", file=plain(os.fspath(path)), code="exists"
            )
        ledger = cls(path, **settings)
        if entries:
            ledger.append(entries)
        return ledger

    # ── Beyond them ──────────────────────────────────────────────────────────────────────────────────────────────

    def verify(self) -> Verification:
        """Compare every entry with its hash, and the order with the hash over it, from the first on.

        Returns:
            What was found; a ledger that is broken is a result here, not an error.
        """
        whole = 0
        try:
            for entry, problem in self._stored(0):
                if problem:
                    return Verification(entries=whole, broken=entry.seq, problem=problem)
                whole += 1
            with self._using() as connection:
                if (broken := self._chain_problem(connection)) is not None:
                    return Verification(entries=whole, broken=broken[0], problem=broken[1])
                (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        except LedgerError as error:
            if error.code not in ("corrupt", "not-ours"):
                raise
            return Verification(entries=whole, broken=whole + 1, problem=error.message)
        return Verification(entries=whole, problem="" if found == "ok" else f"the file is damaged: {found}")

    def backups(self) -> tuple[Path, ...]:
        """The copies that were made beside the file before it was brought to a newer version."""
        if self._path == MEMORY:
            return ()
        file = Path(self._path)
        return tuple(sorted(one for one in file.parent.iterdir() if one.name.startswith(f"{file.name}.before-v")))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> Any:
        raise TypeError("a ledger is not pickled: open the file again with SqliteLedger(path)")

    # ── Inside ───────────────────────────────────────────────────────────────────────────────────────────────────

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        """Have the connection to oneself."""
        if self._pid != os.getpid():
            raise LedgerError(
                "was opened before this process was forked",
                hint="Open it again in this process: SqliteLedger(path)",
                file=self.where(),
                code="forked",
            )
        with self._mutex:
            if self._connection is None:
                raise LedgerError("is closed", hint="Open it again", file=self.where(), code="closed")
            with translated(self.where()):
                yield self._connection

    def _compact(self) -> None:
        """Write the file anew, so that nothing of what was erased is left in pages no longer used."""
        try:
            with self._using() as connection:
                connection.execute("VACUUM")
        except LedgerError as error:
            # What was deleted is overwritten with zeros already (secure_delete), so this is only a second broom.
            error.message = f"the erasing is done, but the file could not be made smaller: it {error.message}"
            raise

    def _take_lock(self) -> sqlite3.Connection | None:
        if self._path == MEMORY:
            if self._claimed:
                raise self._taken("this process")
            self._claimed = True
            return None
        path = Path(f"{self._path}-lock")
        make(path, _fill_lock)
        lock = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            lock.close()
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            raise self._taken(holder(str(path))) from None
        self._claimed = True
        return lock

    def _taken(self, who: str) -> LedgerError:
        return LedgerError(
            f"is busy: {who or 'another process'} is carrying out a plan with it",
            hint="Wait until it is done, or end it; nothing is lost by that",
            file=self.where(),
            code="busy",
            holder=who,
        )

    def _stored(self, after: int) -> Iterator[tuple[Entry, str]]:
        """Give the entries, each with what is wrong with it, which is empty as a rule."""
        with self._using() as connection:
            (end,) = connection.execute("SELECT coalesce(max(last), 0) FROM appends").fetchone()
            (last,) = connection.execute("SELECT coalesce(max(seq), 0) FROM entries").fetchone()
        seq, erased = after, dict[int, int]()
        while seq < end:
            with self._using() as connection:
                rows = connection.execute(_READ, (seq, min(seq + _CHUNK, end))).fetchall()
            for place, kind, at, account, member, invitation, facts, has_personal, digest, body, crc in rows:
                seq += 1
                personal = (body or "") if has_personal else None
                entry = Entry(place, kind, at, account, member, invitation, facts, personal)
                if entry.seq != seq:
                    yield _gap(seq), f"it is missing; the next one is {entry.seq:,}"
                if entry.digest != digest:
                    yield entry, "it was changed"
                elif body is None and has_personal:
                    erased.setdefault(entry.member, seq)
                elif body is not None and (not has_personal or crc32(body.encode()) != crc):
                    yield entry, "its personal part was changed"
                if entry.kind == Kind.FORGOTTEN:
                    erased.pop(entry.member, None)
                yield entry, ""
            if not rows:
                yield _gap(seq + 1), "it is missing, and so are those after it"
                return
        if erased:
            yield _gap(min(erased.values())), "its personal part is missing, and nobody was forgotten"
        if last > end and after == 0:
            yield _gap(end + 1), "nobody wrote it"

    def _chain_problem(self, connection: sqlite3.Connection) -> tuple[int, str] | None:
        """Compare the hashes over whole appends; the first one that differs, if any."""
        chain, start = b"", 0
        for last, digest in connection.execute("SELECT last, digest FROM appends ORDER BY last").fetchall():
            rows = connection.execute(
                "SELECT digest FROM entries WHERE seq > ? AND seq <= ? ORDER BY seq", (start, last)
            )
            chain = sha256(chain + b"".join(one for (one,) in rows)).digest()
            if chain != digest:
                return start + 1, f"what was written up to entry {last:,} is not what was written then"
            start = last
        return None

    def __repr__(self) -> str:
        return f"SqliteLedger({self.where()!r})"


def _fill_lock(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA user_version = 1")  # Any content: an empty file is no database yet.


def _gap(seq: int) -> Entry:
    return Entry(seq, "", 0, 0, 0, 0, "{}", None)

"""The ledger in a file: SQLite, from the standard library."""

from __future__ import annotations

import os
import sqlite3
import weakref
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
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
from invitekit.ledgers._file import (
    MEMORY,
    begin,
    connect,
    fill,
    holder,
    make,
    make_new,
    open_file,
    translated,
)
from invitekit.ledgers._forks import lock_over_forks
from invitekit.ledgers._lines import read_lines
from invitekit.ledgers._records import Forgotten, Records
from invitekit.ledgers._schema import SCHEMA, Schema
from invitekit.model import Member
from invitekit.ports import Clock

__all__ = ["SqliteLedger", "Verification"]

_CHUNK: Final = 20_000
"""How many entries one query reads: a reader must not hold off a writer for long."""

_BATCH: Final = 1_000
"""How many entries are handed to SQLite at once: few enough to stay in the processor's cache."""

_READ: Final = """
SELECT seq, kind, at, account, entries.member, invitation, facts, has_personal, digest, personal.member, body, crc
FROM entries LEFT JOIN personal ON entry = seq WHERE seq > ? AND seq <= ? ORDER BY seq
"""

# One statement, so that both are of one moment.
_ENDS: Final = """
SELECT (SELECT coalesce(max(last), 0) FROM appends), (SELECT coalesce(max(seq), 0) FROM entries)
"""

_REPAIR: Final = (
    "Restore it from a backup, or import an export of it; verify() says where it is broken. "
    "The file was left as it is"
)


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

    The file can be read by others while it is written. It is private to its user (mode 0600), and so is what is
    put beside it: SQLite's journal while something is written (``-journal``), the lock of whoever carries out a
    plan (``-lock``), and a copy before the file is brought to a newer version (``.before-v…``). Notes, names and
    identifiers stand in it as plain text; e-mail addresses are not kept.

    Settings: rollback journal, ``synchronous=EXTRA``, foreign keys, ``secure_delete``, write transactions that
    have their lock from the start, read back when it is opened.

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
        clock: Callable[[], datetime] | Clock = now,
    ) -> None:
        super().__init__(clock)
        self._given, self._path = _paths(path)
        self._pid = os.getpid()
        self._mutex = lock_over_forks()
        self._claimed = False
        self._connection: sqlite3.Connection | None = open_file(
            self._path, self.where(), self._schema, timeout=timeout, create=create
        )
        # A notebook forgets its ledgers without closing them; a connection nobody closes is a warning.
        self._let_go = weakref.finalize(self, _close, self._connection, self._pid)

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
            LedgerError: Nothing was changed: ``conflict`` if somebody else wrote meanwhile, else ``busy``,
                ``full`` and so on.
        """
        erased = [(key,) for key in erase]
        if not entries and not erased:
            return
        with self._using() as connection, begin(connection):
            if entries and not _add(connection, entries):
                raise LedgerError(
                    "was written by somebody else meanwhile",
                    hint="Read it again",
                    file=self.where(),
                    code="conflict",
                )
            connection.executemany("DELETE FROM personal WHERE member = ?", erased)

    @contextmanager
    def claim(self) -> Generator[None]:
        """Be the only one who carries out plans with this ledger.

        It is a lock of the system's on a second file, so it ends with the process, however that ends, and with
        nothing else: no clock can take it away.

        Raises:
            LedgerError: ``busy``, at once, if somebody has it: another process, another thread, or this one.
        """
        with self._using():
            lock = self._take_lock()
        try:
            yield
        finally:
            if self._pid == os.getpid():  # A child has no say in the lock of its parent.
                with self._mutex:
                    self._claimed = False
                    if lock is not None:
                        lock.close()

    def close(self) -> None:
        """Let go of the file."""
        if self._pid == os.getpid():
            with self._mutex:
                self._let_go()
                self._connection = None

    def where(self) -> str:
        """The path, as it was given."""
        return plain(self._given)

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
        given, real = _paths(path)
        if real == MEMORY:
            ledger = cls(path, **settings)
            ledger.append(entries)
            return ledger

        def fill_in(connection: sqlite3.Connection) -> None:
            fill(connection, cls._schema)
            with begin(connection):
                _add(connection, entries)

        if not make_new(real, plain(given), fill_in):
            raise LedgerError(
                "is there already", hint="Give a path where nothing is", file=plain(given), code="exists"
            )
        return cls(path, **settings)

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
                if (broken := _chain_problem(connection) or _stray(connection)) is not None:
                    return Verification(entries=whole, broken=broken[0], problem=broken[1])
                (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        except LedgerError as error:
            if error.code not in ("corrupt", "not-ours"):
                raise
            return Verification(entries=whole, broken=whole + 1, problem=error.message)
        return Verification(entries=whole, problem="" if found == "ok" else f"the file is damaged: {found}")

    def backups(self) -> tuple[Path, ...]:
        """The copies that were made beside the file before it was brought to a newer version.

        With them, what a process that died left of one, or of the file itself when it was made from an export.
        """
        if self._path == MEMORY:
            return ()
        file = Path(self._path)
        names = (f"{file.name}.before-v", f".{file.name}.")
        with translated(self.where()):
            return tuple(sorted(one for one in file.parent.iterdir() if one.name.startswith(names)))

    def export(self, path: str | os.PathLike[str]) -> Path:
        """Write everything into a file of JSON lines, which `SqliteLedger.from_export` reads back equal.

        The file holds all that is personal; it is readable by its user only.

        Raises:
            DataError: The file cannot be written.
            LedgerError: The entries cannot be read; or the path is that of the ledger itself.
        """
        given: object = path
        target = os.path.realpath(path) if isinstance(given, (str, os.PathLike)) and "\0" not in str(given) else ""
        if target and any(_same(target, f"{self._path}{end}") for end in ("", "-journal", "-lock")):
            raise LedgerError(
                "is the ledger itself, or belongs to it",
                hint="Give another path to export to",
                file=self.where(),
                code="exists",
            )
        return super().export(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> Any:
        raise TypeError("a ledger is not pickled: open the file again with SqliteLedger(path)")

    # ── Inside ───────────────────────────────────────────────────────────────────────────────────────────────────

    @contextmanager
    def _using(self) -> Generator[sqlite3.Connection]:
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
            with translated(self.where(), self._path):
                yield self._connection

    def forget(self, member: Member | str | Mapping[str, str]) -> Forgotten:
        """See `Records.forget`. The file is written anew afterwards, so that nothing is left in unused pages."""
        forgotten = super().forget(member)
        if not forgotten.people:
            return forgotten
        try:
            with self._using() as connection:
                connection.execute("VACUUM")
        except LedgerError as error:
            # What was deleted is overwritten with zeros already (secure_delete): this is only a second broom.
            return attrs.evolve(forgotten, left_over=error.message)
        return forgotten

    def _take_lock(self) -> sqlite3.Connection | None:
        if self._path == MEMORY:
            if self._claimed:
                raise self._taken("this process")
            self._claimed = True
            return None
        path = Path(f"{self._path}-lock")
        make(path, _fill_lock)
        lock = connect(path, 0)
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            lock.close()
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
                raise self._taken(holder(str(path))) from None
            raise LedgerError(
                "cannot be claimed: what stands beside it is no lock",
                hint="Delete the lock while nobody carries out a plan; there is nothing in it",
                file=f"{self.where()}-lock",
                code="corrupt",
            ) from None
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
            end, last = connection.execute(_ENDS).fetchone()
        seq, erased, present = after, dict[int, int](), dict[int, int]()
        while seq < end:
            with self._using() as connection:
                rows = connection.execute(_READ, (seq, min(seq + _CHUNK, end))).fetchall()
            for row in rows:
                seq += 1
                has_personal, digest, whose, body, crc = row[7:]
                entry = Entry._make((*row[:7], (body or "") if has_personal else None))
                member = entry.member
                if entry.seq != seq:
                    yield _gap(seq), f"it is missing; the next one is {entry.seq:,}"
                if entry.digest != digest or has_personal not in (0, 1):
                    yield entry, "it was changed"
                elif body is None and has_personal:
                    erased.setdefault(member, seq)
                elif body is not None:
                    if not has_personal or whose != member or not isinstance(body, str) or _crc(body) != crc:
                        yield entry, "its personal part was changed"
                    present.setdefault(member, seq)
                if entry.kind == Kind.FORGOTTEN:
                    erased.pop(member, None)
                    if member in present:
                        yield _gap(present[member]), "its personal part is there, and should have been erased"
                yield entry, ""
            if not rows:
                yield _gap(seq + 1), "it is missing, and so are those after it"
                return
        if erased and (lost := self._not_forgotten(erased, end)):
            yield _gap(min(lost)), "its personal part is missing, and nobody was forgotten"
        if last > end and after == 0:
            yield _gap(end + 1), "nobody wrote it"

    def _not_forgotten(self, erased: dict[int, int], end: int) -> list[int]:
        """Of entries without their personal part, those of members whom nobody forgot since the reading began."""
        with self._using() as connection:
            since = set(
                connection.execute(
                    "SELECT member FROM entries WHERE seq > ? AND kind = ?", (end, Kind.FORGOTTEN.value)
                ).fetchall()
            )
        return [seq for member, seq in erased.items() if (member,) not in since]

    def __repr__(self) -> str:
        return f"SqliteLedger({self.where()!r})"


def _close(connection: sqlite3.Connection, pid: int) -> None:
    if pid == os.getpid():  # What a forked child has is its parent's.
        connection.close()


def _fill_lock(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA user_version = 1")  # Any content: an empty file is no database yet.


def _gap(seq: int) -> Entry:
    return Entry(seq, "", 0, 0, 0, 0, "{}", None)


def _crc(body: str) -> int:
    return crc32(body.encode("utf-8", "surrogatepass"))


def _add(connection: sqlite3.Connection, entries: Sequence[Entry]) -> bool:
    """Add entries at the end, within a transaction; False if that is not the place of the first."""
    row = connection.execute("SELECT last, digest FROM appends ORDER BY last DESC LIMIT 1").fetchone()
    last, chain = row or (0, b"")
    if not entries or entries[0].seq != last + 1:
        return not entries
    digests: list[bytes] = []
    for start in range(0, len(entries), _BATCH):
        batch = entries[start : start + _BATCH]
        hashed = [entry.digest for entry in batch]
        digests += hashed
        connection.executemany(
            "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(*entry[:7], entry[7] is not None, digest) for entry, digest in zip(batch, hashed, strict=True)],
        )
        connection.executemany(
            "INSERT INTO personal VALUES (?, ?, ?, ?)",
            [(entry.seq, entry.member, entry.personal, _crc(entry.personal)) for entry in batch if entry.personal],
        )
    digest = sha256(chain + b"".join(digests)).digest()
    connection.execute("INSERT INTO appends VALUES (?, ?)", (entries[-1].seq, digest))
    return True


def _chain_problem(connection: sqlite3.Connection) -> tuple[int, str] | None:
    """Compare the hashes over whole appends; the first one that differs, if any."""
    chain, start = b"", 0
    for last, digest in connection.execute("SELECT last, digest FROM appends ORDER BY last").fetchall():
        rows = connection.execute(
            "SELECT digest FROM entries WHERE seq > ? AND seq <= ? ORDER BY seq", (start, last)
        ).fetchall()
        chain = sha256(chain + b"".join(one for (one,) in rows)).digest()
        if chain != digest:
            return start + 1, f"what was written up to entry {last:,} is not what was written then"
        start = last
    return None


def _stray(connection: sqlite3.Connection) -> tuple[int, str] | None:
    """Find a row that belongs to nothing that was written: nobody reads it, and nobody wrote it."""
    row = connection.execute(
        "SELECT seq FROM entries WHERE seq < 1 UNION ALL SELECT last FROM appends WHERE last < 1"
        " UNION ALL SELECT entry FROM personal WHERE entry NOT IN (SELECT seq FROM entries) ORDER BY 1 LIMIT 1"
    ).fetchone()
    return None if row is None else (row[0], "nobody wrote it")


def _paths(path: str | os.PathLike[str]) -> tuple[str, str]:
    """Give a path as the user wrote it, and where that is: one place, whatever folder or link leads there.

    The lock and the copies stand beside the file itself, so that two who take different ways find the same ones.
    """
    try:
        given: object = os.fspath(path)
    except TypeError:
        given = None
    if not isinstance(given, str) or not given or "\0" in given:
        raise LedgerError("a ledger needs the path of a file", hint="For instance SqliteLedger('outbox.db')")
    if given == MEMORY:
        return given, given
    with translated(plain(given)):
        return given, os.path.realpath(given)


def _same(target: str, own: str) -> bool:
    try:
        return target == own or Path(target).samefile(own)
    except OSError:
        return False

"""`check_ledger` passes what keeps its promises, and names the promise that something else breaks."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from invitekit import SqliteLedger
from invitekit.errors import LedgerError
from invitekit.history import Entry
from invitekit.ledgers import Records
from invitekit.ports import Ledger
from invitekit.testing import _trial, check_ledger
from invitekit.testing._ledger_promises import PROMISES

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ERASING = "erasing blanks what is personal about those members, and nothing else"
OF_RECORDS = [one.name for one in PROMISES if one.needs_records]


class Shelf:
    """Where a `ListLedger` keeps its entries; it may be open several times."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.writing = threading.Lock()
        self.claim = threading.Lock()


class ListLedger(Records):
    """A ledger as somebody else may write it: in memory, with everything on top from `Records`."""

    def __init__(self, shelf: Shelf | None = None) -> None:
        super().__init__(clock=lambda: NOW)
        self.shelf = shelf or Shelf()
        self.closed = False

    def entries(self, after: int = 0) -> Iterable[Entry]:
        self.check_open()
        return self.shelf.entries[after:]

    def append(self, entries: Sequence[Entry], *, erase: Iterable[int] = ()) -> None:
        self.check_open()
        added, erased = list(entries), set(erase)
        with self.shelf.writing:
            if added[0].seq != len(self.shelf.entries) + 1:
                raise LedgerError("was written by somebody else meanwhile", code="conflict")
            self.shelf.entries = [self.without(entry, erased) for entry in [*self.shelf.entries, *added]]

    @staticmethod
    def without(entry: Entry, erased: set[int]) -> Entry:
        about = entry.member in erased and entry.personal is not None
        return entry._replace(personal="") if about else entry

    @contextmanager
    def claim(self) -> Iterator[None]:
        self.check_open()
        if not self.shelf.claim.acquire(blocking=False):
            raise LedgerError("is claimed", code="busy")
        try:
            yield
        finally:
            self.shelf.claim.release()

    def close(self) -> None:
        self.closed = True

    def where(self) -> str:
        return "a list"

    def check_open(self) -> None:
        if self.closed:
            raise LedgerError("is closed", code="closed")


def again(ledger: ListLedger) -> ListLedger:
    return type(ledger)(ledger.shelf)


# ── Those that keep their promises ───────────────────────────────────────────────────────────────────────────────


def test_a_ledger_in_a_file_keeps_every_promise(tmp_path: Path) -> None:
    number = itertools.count()
    tried = check_ledger(
        lambda: SqliteLedger(tmp_path / f"{next(number)}.db"), reopen=lambda ledger: SqliteLedger(ledger.where())
    )

    assert tried == tuple(one.name for one in PROMISES)


def test_a_ledger_in_memory_keeps_every_promise_that_one_object_can_show() -> None:
    tried = check_ledger(lambda: SqliteLedger(":memory:"))

    assert tried == tuple(one.name for one in PROMISES if not one.needs_reopen)


def test_a_ledger_of_somebody_elses_keeps_every_promise() -> None:
    assert check_ledger(ListLedger, reopen=again) == tuple(one.name for one in PROMISES)


def test_the_five_methods_are_enough() -> None:
    """Without `Records`, the promises about what is recorded are not tried, and the others are."""

    class Bare:
        def __init__(self, shelf: Shelf | None = None) -> None:
            inner = ListLedger(shelf)
            self.shelf = inner.shelf
            self.entries, self.append, self.claim = inner.entries, inner.append, inner.claim
            self.close, self.where = inner.close, inner.where

    def reopen(ledger: Bare) -> Ledger:
        return Bare(ledger.shelf)

    tried = check_ledger(Bare, reopen=reopen)

    assert tried == tuple(one.name for one in PROMISES if one.name not in OF_RECORDS)


def test_every_promise_has_a_name_of_its_own() -> None:
    assert len({one.name for one in PROMISES}) == len(PROMISES) > 10


def test_it_needs_no_pytest() -> None:
    program = (
        "import sys; sys.modules['pytest'] = None\n"
        "from invitekit import SqliteLedger\n"
        "from invitekit.testing import check_ledger\n"
        "print(len(check_ledger(lambda: SqliteLedger(':memory:'))))"
    )
    answer = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False)

    assert answer.returncode == 0, answer.stderr
    assert int(answer.stdout) == sum(not one.needs_reopen for one in PROMISES)


def test_every_ledger_that_was_opened_is_closed() -> None:
    made: list[ListLedger] = []

    def make(shelf: Shelf | None = None) -> ListLedger:
        made.append(ListLedger(shelf))
        return made[-1]

    check_ledger(make, reopen=lambda ledger: make(ledger.shelf))

    assert len(made) > len(PROMISES)
    assert [ledger for ledger in made if not ledger.closed] == []


# ── Those that break one ─────────────────────────────────────────────────────────────────────────────────────────


class Backwards(ListLedger):
    """Gives the newest entry first."""

    def entries(self, after: int = 0) -> Iterable[Entry]:
        return list(super().entries(after))[::-1]


class Lossy(ListLedger):
    """Takes no personal part and an erased one for the same."""

    def entries(self, after: int = 0) -> Iterable[Entry]:
        return [entry._replace(personal=entry.personal or "") for entry in super().entries(after)]


class Tuples(ListLedger):
    """Gives plain tuples, which are equal to entries and cannot do what entries can."""

    def entries(self, after: int = 0) -> Iterable[Any]:
        return [tuple(entry) for entry in super().entries(after)]


class Once(ListLedger):
    """Gives its entries one time only."""

    def entries(self, after: int = 0) -> Iterable[Entry]:
        given: set[int] = self.__dict__.setdefault("given", set())
        fresh = [entry for entry in super().entries(after) if entry.seq not in given]
        given.update(entry.seq for entry in fresh)
        return fresh


class Inclusive(ListLedger):
    """Gives the entry at the place as well as those after it."""

    def entries(self, after: int = 0) -> Iterable[Entry]:
        return super().entries(max(after - 1, 0))


class Shared(ListLedger):
    """Is never new: every one looks at the same shelf."""

    def __init__(self, shelf: Shelf | None = None) -> None:
        super().__init__(SHELF)


SHELF = Shelf()


class Trusting(ListLedger):
    """Takes what it is given, wherever it begins."""

    def append(self, entries: Sequence[Entry], *, erase: Iterable[int] = ()) -> None:
        begin = len(self.shelf.entries) + 1
        super().append([entry._replace(seq=seq) for seq, entry in enumerate(entries, begin)], erase=erase)


class Miscoded(ListLedger):
    """Refuses, but does not say that it is a conflict."""

    def append(self, entries: Sequence[Entry], *, erase: Iterable[int] = ()) -> None:
        try:
            super().append(entries, erase=erase)
        except LedgerError as error:
            raise LedgerError(error.message) from None


class Foreign(ListLedger):
    """Refuses with whatever error is at hand."""

    def append(self, entries: Sequence[Entry], *, erase: Iterable[int] = ()) -> None:
        if entries[0].seq != len(self.shelf.entries) + 1:
            raise IndexError(entries[0].seq)
        super().append(entries, erase=erase)


class HastyEraser(ListLedger):
    """Erases before it knows whether it may append."""

    def append(self, entries: Sequence[Entry], *, erase: Iterable[int] = ()) -> None:
        erased = set(erase)
        self.shelf.entries = [self.without(entry, erased) for entry in self.shelf.entries]
        super().append(entries)


class OneByOne(ListLedger):
    """Appends entry after entry, so that an append may stop in the middle."""

    def append(self, entries: Sequence[Entry], *, erase: Iterable[int] = ()) -> None:
        for entry in entries:
            super().append([entry])
        self.shelf.entries = [self.without(entry, set(erase)) for entry in self.shelf.entries]


class LateEraser(ListLedger):
    """Appends first, and then looks what is to be erased."""

    def append(self, entries: Sequence[Entry], *, erase: Iterable[int] = ()) -> None:
        super().append(list(entries))
        erased = set(erase)
        self.shelf.entries = [self.without(entry, erased) for entry in self.shelf.entries]


class EarlierEraser(ListLedger):
    """Erases what stood there before, and not what comes along."""

    def append(self, entries: Sequence[Entry], *, erase: Iterable[int] = ()) -> None:
        before, erased = len(self.shelf.entries), set(erase)
        super().append(entries)
        kept = self.shelf.entries[before:]
        self.shelf.entries = [*(self.without(entry, erased) for entry in self.shelf.entries[:before]), *kept]


class Forgetful(ListLedger):
    """Erases the open part, too."""

    @staticmethod
    def without(entry: Entry, erased: set[int]) -> Entry:
        return entry._replace(personal=None, facts="{}") if entry.member in erased else entry


class Overeager(ListLedger):
    """Erases everybody when somebody is to be erased."""

    @staticmethod
    def without(entry: Entry, erased: set[int]) -> Entry:
        return entry._replace(personal="") if erased and entry.personal is not None else entry


class Unerasing(ListLedger):
    """Erases nobody."""

    @staticmethod
    def without(entry: Entry, erased: set[int]) -> Entry:
        return entry


class Unclaimed(ListLedger):
    """Lets everybody carry out a plan."""

    @contextmanager
    def claim(self) -> Iterator[None]:
        self.check_open()
        yield


class Waiting(ListLedger):
    """Waits until the other one is done."""

    @contextmanager
    def claim(self) -> Iterator[None]:
        self.check_open()
        with self.shelf.claim:
            yield


class Reentrant(ListLedger):
    """Lets the same thread claim it twice."""

    def __init__(self, shelf: Shelf | None = None) -> None:
        super().__init__(shelf)
        self.turn = threading.RLock()

    @contextmanager
    def claim(self) -> Iterator[None]:
        self.check_open()
        if not self.turn.acquire(blocking=False):
            raise LedgerError("is claimed", code="busy")
        try:
            yield
        finally:
            self.turn.release()


class Clinging(ListLedger):
    """Forgets to let go when something goes wrong."""

    @contextmanager
    def claim(self) -> Iterator[None]:
        self.check_open()
        if not self.shelf.claim.acquire(blocking=False):
            raise LedgerError("is claimed", code="busy")
        yield
        self.shelf.claim.release()


class OwnClaim(ListLedger):
    """Knows only of its own claims, and not of those of others who have the same shelf open."""

    def __init__(self, shelf: Shelf | None = None) -> None:
        super().__init__(shelf)
        self.own = threading.Lock()

    @contextmanager
    def claim(self) -> Iterator[None]:
        self.check_open()
        if not self.own.acquire(blocking=False):
            raise LedgerError("is claimed", code="busy")
        try:
            yield
        finally:
            self.own.release()


class ClosedOnce(ListLedger):
    """Cannot be closed twice."""

    def close(self) -> None:
        self.check_open()
        super().close()


class EverOpen(ListLedger):
    """Goes on after it was closed."""

    def close(self) -> None:
        pass


class Nowhere(ListLedger):
    """Has no name for itself."""

    def where(self) -> str:
        return "\n"


class Fleeting(ListLedger):
    """Keeps to itself what it was given, until it is closed."""

    def __init__(self, shelf: Shelf | None = None) -> None:
        super().__init__(Shelf())
        self.common = shelf or Shelf()
        self.shelf.entries = list(self.common.entries)

    def close(self) -> None:
        self.common.entries = self.shelf.entries
        super().close()


class Cached(ListLedger):
    """Reads the shelf when it is opened, and never again what others put there."""

    def __init__(self, shelf: Shelf | None = None) -> None:
        super().__init__(shelf)
        self.seen = list(self.shelf.entries)

    def entries(self, after: int = 0) -> Iterable[Entry]:
        self.check_open()
        return self.seen[after:]

    def append(self, entries: Sequence[Entry], *, erase: Iterable[int] = ()) -> None:
        super().append(entries, erase=erase)
        self.seen = list(self.shelf.entries)


class Racing(ListLedger):
    """Looks where the end is, and appends there later."""

    def append(self, entries: Sequence[Entry], *, erase: Iterable[int] = ()) -> None:
        self.check_open()
        added, erased = list(entries), set(erase)
        before = self.shelf.entries
        if added[0].seq != len(before) + 1:
            raise LedgerError("was written by somebody else meanwhile", code="conflict")
        time.sleep(0.001)  # noqa: TID251  long enough for the other thread to have its turn
        self.shelf.entries = [self.without(entry, erased) for entry in [*before, *added]]


class NeverThere(ListLedger):
    """Never lets the second one write."""

    def append(self, entries: Sequence[Entry], *, erase: Iterable[int] = ()) -> None:
        owner = self.shelf.__dict__.setdefault("owner", self)
        if owner is not self and len(entries) == 2:
            raise LedgerError("is busy", code="busy")
        super().append(entries, erase=erase)


class Unprepared(ListLedger):
    """Does not call the constructor of `Records`."""

    def __init__(self, shelf: Shelf | None = None) -> None:
        self.shelf = shelf or Shelf()
        self.closed = False


class Unkept(ListLedger):
    """Answers without what it was told."""

    def keep(self, *_: Any, **__: Any) -> None:
        pass


class Deaf(ListLedger):
    """Does not ask what others have written since."""

    def _read(self) -> Any:
        return self._state or super()._read()


class Methodless:
    """Is no ledger at all."""

    def close(self) -> None:
        pass


BROKEN = [
    (Methodless, "it has the five methods", "['entries', 'append', 'claim', 'where']"),
    (Shared, "a new ledger is empty", "0 entries"),
    (Backwards, "entries come back as they were appended", "seq=1"),
    (Lossy, "entries come back as they were appended", "personal=None"),
    (Tuples, "entries come back as they were appended", "an Entry"),
    (Once, "entries come back as they were appended", "came:     seq=8"),
    (Inclusive, "entries(after) gives those after that place", "entries(1) of 7"),
    (Trusting, "an append in the wrong place is a conflict, and changes nothing", "no error"),
    (Miscoded, "an append in the wrong place is a conflict, and changes nothing", "the code 'failed'"),
    (Foreign, "an append in the wrong place is a conflict, and changes nothing", "IndexError(2)"),
    (HastyEraser, "an append in the wrong place is a conflict, and changes nothing", "personal=''"),
    (OneByOne, "an append is all or nothing", "9 entries"),
    (LateEraser, "an append is all or nothing", "10 entries"),
    (
        EarlierEraser,
        ERASING,
        "personal='' in entry 8",
    ),
    (Forgetful, ERASING, "facts="),
    (Overeager, ERASING, "personal=''"),
    (Unerasing, ERASING, "personal=''"),
    (Unclaimed, "only one can claim it", "no error"),
    (Waiting, "only one can claim it", "none within 0.2 s"),
    (Reentrant, "only one can claim it", "in the same thread"),
    (Clinging, "a claim ends when it is left", "was left by an exception"),
    (ClosedOnce, "closing twice is closing once, and what is closed refuses", "is closed"),
    (EverOpen, "closing twice is closing once, and what is closed refuses", "entries() after close()"),
    (Nowhere, "it says where it is", "a text of one line"),
    (Fleeting, "what was appended is there when it is opened again", "without having been closed"),
    (Cached, "two that are open see each other's entries", "entries() of the other"),
    (Racing, "two that write at once lose nothing", "at the same time"),
    (OwnClaim, "only one can claim it, however often it is open", "while the other is claimed"),
    (Unprepared, "what is recorded can be asked for", "AttributeError"),
    (Unkept, "what is recorded can be asked for", "who is kept"),
    (Deaf, "two that record in turns agree", "how many invitations the other knows of"),
]


@pytest.mark.parametrize(("kind", "promise", "words"), BROKEN, ids=[kind.__name__ for kind, *_ in BROKEN])
def test_the_promise_that_is_broken_is_named(
    kind: Any, promise: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what was tried, what was expected and what came of it."""
    monkeypatch.setattr(_trial, "PATIENCE", 0.2)
    reopen = (lambda ledger: kind(ledger.common)) if kind is Fleeting else again

    with pytest.raises(AssertionError) as caught:
        check_ledger(kind, reopen=reopen)

    text = str(caught.value)
    assert text.startswith(f'{kind.__name__} breaks the promise "{promise}"\n')
    assert re.search(r"\n    tried:    .+\n    expected: .+\n    came:     .+\Z", text)
    assert words in text


def test_every_promise_is_broken_by_one_of_them() -> None:
    """So none of the promises is one that anything would keep."""
    assert {promise for _, promise, _ in BROKEN} == {one.name for one in PROMISES}


def test_a_ledger_that_cannot_be_made_is_told_apart_from_one_that_is_wrong() -> None:
    def make() -> ListLedger:
        raise LedgerError("cannot be opened", code="missing")

    with pytest.raises(AssertionError, match=r"make\(\) breaks the promise(?s:.*)cannot be opened") as caught:
        check_ledger(make)

    assert isinstance(caught.value.__cause__, LedgerError)


def test_the_error_that_something_ended_in_is_kept() -> None:
    with pytest.raises(AssertionError) as caught:
        check_ledger(Unprepared)

    assert isinstance(caught.value.__cause__, AttributeError)

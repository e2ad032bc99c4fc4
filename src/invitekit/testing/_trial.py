"""How a promise is tried: what is opened for it, and how what is expected is compared with what came.

Shared by the checks for those who implement one of `invitekit.ports`. Nothing here needs pytest.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from itertools import zip_longest
from threading import Thread
from typing import Final, TypeVar

from invitekit.errors import BackendError, LedgerError
from invitekit.history import Entry
from invitekit.ports import Ledger

__all__ = ["Broken", "Trial", "elsewhere", "expect", "expect_done", "expect_entries", "expect_refusal", "telling"]

T = TypeVar("T")

PATIENCE: Final = 30.0
"""Seconds after which an answer that was to come at once is not coming. Our choice; nothing here takes so long."""

_LONGEST: Final = 300
"""How much of a value is shown, in characters."""


class Broken(Exception):  # noqa: N818  it never leaves this package
    """A promise was not kept.

    Args:
        tried: What was done.
        expected: What should have come of it.
        came: What came of it.
    """

    def __init__(self, tried: str, expected: str, came: str) -> None:
        super().__init__(tried)
        self.tried, self.expected, self.came = tried, expected, came

    def told(self, whose: str, promise: str) -> str:
        """Tell it to whoever wrote the class."""
        return (
            f'{whose} breaks the promise "{promise}"\n'
            f"    tried:    {self.tried}\n    expected: {self.expected}\n    came:     {self.came}"
        )


@contextmanager
def telling(promise: str, whose: Callable[[], str]) -> Generator[None, None, None]:
    """Turn whatever goes wrong while a promise is tried into an `AssertionError` that names it.

    Args:
        promise: What is promised.
        whose: Names the class that promises it, once something went wrong.
    """
    try:
        yield
    except Broken as broken:
        raise AssertionError(broken.told(whose(), promise)) from broken.__cause__
    except Exception as error:
        unforeseen = Broken("see the error above, which it ended in", "no error", said(error))
        raise AssertionError(unforeseen.told(whose(), promise)) from error


class Trial:
    """The ledgers that one promise is tried with; all of them are closed in the end."""

    def __init__(self, make: Callable[[], Ledger], reopen: Callable[[Ledger], Ledger] | None) -> None:
        self._make = make
        self._reopen = reopen
        self._opened: list[Ledger] = []

    def new(self) -> Ledger:
        """Make a ledger."""
        ledger = self._make()
        self._opened.append(ledger)
        return ledger

    def again(self, ledger: Ledger) -> Ledger:
        """Open the storage of a ledger once more."""
        assert self._reopen is not None  # noqa: S101  what needs it is not tried without it
        other = self._reopen(ledger)
        self._opened.append(other)
        return other

    def tidy(self) -> None:
        """Close what was opened. Whether closing works is a promise of its own."""
        for ledger in self._opened:
            with suppress(Exception):
                ledger.close()


def expect(tried: str, expected: object, came: object) -> None:
    """Expect that two values are equal."""
    if came != expected:
        raise Broken(tried, said(expected), said(came))


def expect_entries(tried: str, expected: Sequence[Entry], ledger: Ledger, after: int = 0) -> None:
    """Expect that a ledger gives these entries; what is told is the first difference."""
    found: list[object] = list(ledger.entries(after) if after else ledger.entries())
    for number, (one, other) in enumerate(zip_longest(expected, found), start=1):
        if one is None or other is None:
            raise Broken(tried, f"{len(expected)} entries", f"{len(found)} entries")
        if not isinstance(other, Entry):
            raise Broken(tried, "an Entry", type(other).__name__)
        for field, value, theirs in zip(Entry._fields, one, other, strict=True):
            if value != theirs:  # What is personal here is invented, and may be shown.
                raise Broken(tried, f"{field}={said(value)} in entry {number} of those", f"{field}={said(theirs)}")


def expect_done(tried: str, work: Callable[[], object]) -> None:
    """Expect that something can be done."""
    try:
        work()
    except LedgerError as error:
        raise Broken(tried, "no error", said(error)) from error


def expect_refusal(
    tried: str,
    work: Callable[[], object],
    code: str = "",
    *,
    kind: type[LedgerError | BackendError] = LedgerError,
) -> None:
    """Expect an error of this kind, by default a `LedgerError`, and of this code where one is given."""
    name = f"a {kind.__name__}"
    expected = f"{name} with the code {code!r}" if code else name
    try:
        work()
    except kind as error:
        if code and error.code != code:
            raise Broken(tried, expected, f"{name} with the code {error.code!r}") from error
        return
    except Broken:
        raise
    except Exception as error:
        raise Broken(tried, expected, said(error)) from error
    raise Broken(tried, expected, "no error")


def elsewhere(tried: str, *works: Callable[[], T]) -> list[T]:
    """Do something in threads, one for each, and wait for what they answer or raise, though not for ever."""
    futures: list[Future[T]] = []
    for work in works:
        future: Future[T] = Future()
        futures.append(future)
        # Not an executor: it would wait for its threads when the interpreter ends, and one may never come back.
        Thread(target=_answer, args=(work, future), daemon=True).start()
    try:
        return [future.result(PATIENCE) for future in futures]
    except TimeoutError as error:
        raise Broken(tried, "an answer at once", f"none within {PATIENCE:g} s") from error


def _answer(work: Callable[[], T], future: Future[T]) -> None:
    try:
        future.set_result(work())
    except Exception as error:  # noqa: BLE001  handed over to whoever waits for it
        future.set_exception(error)


def said(thing: object) -> str:
    """Spell a value, shortened where it is long."""
    text = repr(thing)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"

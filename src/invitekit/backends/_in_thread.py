"""A backend of one colour, lent to callers of the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextvars import copy_context
from threading import Lock, Thread
from typing import Any, Final, Protocol, TypeVar

from invitekit.backends._listings import AsyncListings, Listings
from invitekit.errors import BackendError, DataError
from invitekit.model import Capability, Invitation, ListKind, Member, Outcome, Page, Standing, Started
from invitekit.ports import AsyncBackend, Backend

__all__ = ["LentToAsync", "LentToSync", "in_loop", "in_thread"]

T = TypeVar("T")

_FACTS: Final = ("source", "account", "sizes", "clock")
"""What a backend that has listings of its own says about itself; a lent one says the same."""


def in_thread(backend: Backend) -> LentToAsync:
    """Lend a sync backend to async callers.

    It is called in a thread of its own, one call at a time in the order of asking, so it need not be safe for
    threads. Whoever awaits a call may be cancelled; the call may not. One that is waiting for its turn is then
    never made, but one that is under way goes on, and a withdrawal that it carries out takes place though nobody
    hears of it: its outcome is unknown until it is read. The next call, and ``aclose()``, wait until it is over.

    Closing the lent one closes the backend and ends the thread.

    Args:
        backend: A live backend, with the members of `invitekit.ports.Backend`.

    Raises:
        DataError: It has not.
    """
    if not _is_live(backend, "close"):
        other = "in_loop lends an async backend" if _is_live(backend, "aclose") else "Open it first"
        raise DataError(
            f"in_thread lends a live, sync backend, not {type(backend).__name__}", hint=other, key="backend"
        )
    return LentToAsync(backend)


def in_loop(backend: AsyncBackend) -> LentToSync:
    """Lend an async backend to sync callers.

    It runs in an event loop of its own, in a thread of its own, so it can be called from anywhere, a running
    event loop included (which is blocked meanwhile). Lend one that no other loop has used: connections belong to
    the loop that opened them. Calls from several threads run side by side, as those of several tasks would.
    A call that is interrupted is cancelled.

    Closing the lent one closes the backend, cancels what is under way, and ends the thread.

    Args:
        backend: A live backend, with the members of `invitekit.ports.AsyncBackend`.

    Raises:
        DataError: It has not.
    """
    if not _is_live(backend, "aclose"):
        other = "in_thread lends a sync backend" if _is_live(backend, "close") else "Open it first"
        raise DataError(
            f"in_loop lends a live, async backend, not {type(backend).__name__}", hint=other, key="backend"
        )
    return LentToSync(backend, _OwnLoop(backend))


def _is_live(backend: object, closing: str) -> bool:
    return all(callable(getattr(backend, name, None)) for name in ("page", "read", "withdraw", "settle", closing))


def _closed(name: str) -> BackendError:
    return BackendError(f"{name} is closed", hint="Open another one", sent="no", code="closed")


def _take_facts(borrower: Listings | AsyncListings, backend: object) -> None:
    for fact in _FACTS:
        if hasattr(backend, fact):
            setattr(borrower, fact, getattr(backend, fact))


# ── Sync to async ────────────────────────────────────────────────────────────────────────────────────────────────


class LentToAsync(AsyncListings):
    """A sync backend, for async callers; see `in_thread`."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        # One thread and its queue: nothing has to be locked, and nothing is bound to one event loop.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="invitekit-lent")
        self._lock = Lock()
        self._closing: Future[None] | None = None
        _take_facts(self, backend)

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can do."""
        return self._backend.capabilities

    async def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Page:
        """Read one page of a list, as `Backend.page`."""
        return await self._call(self._backend.page, of, cursor, size)

    async def read(self, member: Member) -> Standing:
        """Ask about one member, as `Backend.read`."""
        return await self._call(self._backend.read, member)

    async def withdraw(self, invitation: Invitation) -> Outcome | Started:
        """Withdraw one invitation, as `Backend.withdraw`; cancelling does not stop one that is under way."""
        return await self._call(self._backend.withdraw, invitation)

    async def settle(self, started: Started) -> Outcome | Started:
        """Ask what came of a withdrawal that was started, as `Backend.settle`."""
        return await self._call(self._backend.settle, started)

    async def aclose(self) -> None:
        """Close the backend, after the call that is under way, and end the thread."""
        with self._lock:
            first = self._closing is None
            if self._closing is None:
                # Running from the start: nobody who is cancelled while waiting for it calls it off.
                self._closing = Future()
                self._closing.set_running_or_notify_cancel()
                self._thread.submit(_answer, self._backend.close, self._closing)
                self._thread.shutdown(wait=False)
        over = asyncio.wrap_future(self._closing)
        if first:
            await over
        else:
            await asyncio.wait([over])
            over.exception()  # Whoever closed it first is told.

    async def _call(self, method: Callable[..., T], *arguments: object) -> T:
        with self._lock:
            if self._closing is not None:
                raise _closed(repr(self))
            call = self._thread.submit(copy_context().run, method, *arguments)
        return await asyncio.wrap_future(call)

    def __repr__(self) -> str:
        return f"in_thread({self._backend!r})"


def _answer(work: Callable[[], T], future: Future[T]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001  handed over to whoever waits for it
        future.set_exception(error)


# ── Async to sync ────────────────────────────────────────────────────────────────────────────────────────────────


class Loop(Protocol):
    """Where the coroutines of a lent backend run."""

    def call(self, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a coroutine and wait for what it gives or raises."""
        ...

    def close(self) -> None:
        """Close the backend in it, and the loop where it is its own."""
        ...


class LentToSync(Listings):
    """An async backend, for sync callers; see `in_loop`."""

    def __init__(self, backend: AsyncBackend, loop: Loop) -> None:
        self._backend = backend
        self._loop = loop
        _take_facts(self, backend)

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can do."""
        return self._backend.capabilities

    def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Page:
        """Read one page of a list, as `Backend.page`."""
        return self._loop.call(lambda: self._backend.page(of, cursor, size))

    def read(self, member: Member) -> Standing:
        """Ask about one member, as `Backend.read`."""
        return self._loop.call(lambda: self._backend.read(member))

    def withdraw(self, invitation: Invitation) -> Outcome | Started:
        """Withdraw one invitation, as `Backend.withdraw`."""
        return self._loop.call(lambda: self._backend.withdraw(invitation))

    def settle(self, started: Started) -> Outcome | Started:
        """Ask what came of a withdrawal that was started, as `Backend.settle`."""
        return self._loop.call(lambda: self._backend.settle(started))

    def close(self) -> None:
        """Close the backend, cancel what is under way, and end the thread."""
        self._loop.close()

    def __repr__(self) -> str:
        return f"in_loop({self._backend!r})"


class _OwnLoop:
    """An event loop in a thread of its own, which begins with the first call."""

    def __init__(self, backend: AsyncBackend) -> None:
        self._backend = backend
        self._lock = Lock()
        # A daemon: whoever forgets to close it is not kept from leaving.
        self._thread = Thread(target=self._run, name="invitekit-lent", daemon=True)
        self._begun: Future[asyncio.AbstractEventLoop] = Future()
        self._is_closed = False

    def call(self, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        with self._lock:
            if self._is_closed:
                raise _closed(f"in_loop({self._backend!r})")
            call = self._submit(make)
        return _wait(call)

    def close(self) -> None:
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            call = self._submit(self._backend.aclose)
        try:
            _wait(call)
        finally:
            loop = self._begun.result()
            loop.call_soon_threadsafe(loop.stop)
            self._thread.join()

    def _submit(self, make: Callable[[], Coroutine[Any, Any, T]]) -> Future[T]:
        if not self._thread.ident:
            self._thread.start()
        return asyncio.run_coroutine_threadsafe(awaited(make), self._begun.result())

    def _run(self) -> None:
        # Leaving the runner cancels what is still under way, and closes the loop.
        with asyncio.Runner() as runner:
            loop = runner.get_loop()
            self._begun.set_result(loop)
            loop.run_forever()


async def awaited(make: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Call and await, both in the loop that this runs in: some bind to it as soon as they are called."""
    return await make()


def _wait(call: Future[T]) -> T:
    try:
        return call.result()
    except CancelledError:
        raise BackendError(
            "was closed while a call was under way", hint="Read what came of it", sent="maybe", code="closed"
        ) from None
    except BaseException:
        call.cancel()  # An interrupt; where the call itself failed there is nothing left to cancel.
        raise

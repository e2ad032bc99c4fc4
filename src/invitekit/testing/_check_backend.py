"""Whether a backend keeps the promises of `invitekit.ports`: for whoever writes one of their own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from invitekit.ports import AsyncBackend, Backend

from ._backend_case import ServiceCase
from ._backend_promises import PROMISES, Tried
from ._trial import telling

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

__all__ = ["check_async_backend", "check_backend"]

T = TypeVar("T")


def check_backend(make: Callable[[ServiceCase], Backend]) -> tuple[str, ...]:
    """Try every promise that a backend makes; a plain function, for any test framework or none.

    Each promise is tried with a backend of its own, so that the first broken one is named and not what follows
    from it. Promises about what the backend cannot do, by its own account, are left out.

    >>> from invitekit.backends import memory
    >>> def make(case):
    ...     service = memory(
    ...         sent=case.sent, received=case.received, connections=case.connections, account=case.account
    ...     )
    ...     return service.open()
    >>> check_backend(make)
    ('it has the six members', 'it says what it can do', ..., 'neither notes nor secrets show')

    Args:
        make: Gives another, live backend each time it is called. Its service, most often a fake one, holds what
            the case says. Nothing may wait in earnest: what takes time should go by a `FakeClock`.

    Returns:
        The names of the promises that were tried, all of them kept.

    Raises:
        AssertionError: A promise is broken: its name, what was tried, what was expected, what came.
    """

    def opened(case: ServiceCase) -> Tried:
        backend = make(case)
        return Tried(backend, backend, case)

    return _check(opened)


async def check_async_backend(
    make: Callable[[ServiceCase], AsyncBackend | Awaitable[AsyncBackend]],
) -> tuple[str, ...]:
    """Try every promise that an async backend makes; as `check_backend`, under asyncio.

    Everything of the backend's runs in the event loop that this is awaited in, `make` included; what is compared,
    elsewhere. So a fake service may live in the same loop.

    Args:
        make: Gives another, live backend each time it is called, or an awaitable of one.

    Raises:
        AssertionError: A promise is broken.
    """
    import asyncio

    from invitekit.backends._in_thread import LentToSync

    loop = asyncio.get_running_loop()

    async def made(case: ServiceCase) -> AsyncBackend:
        backend = make(case)
        return await backend if isinstance(backend, Awaitable) else backend

    def opened(case: ServiceCase) -> Tried:
        backend = _called_in(loop, lambda: made(case))
        return Tried(LentToSync(backend, _CallersLoop(loop, backend)), backend, case)

    return await asyncio.to_thread(_check, opened)


def _called_in(loop: AbstractEventLoop, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine in a loop that runs in another thread, and wait for what it gives or raises."""
    import asyncio

    from invitekit.backends._in_thread import awaited

    return asyncio.run_coroutine_threadsafe(awaited(make), loop).result()


class _CallersLoop:
    """The event loop that somebody is waiting in, for a backend that is called from another thread."""

    def __init__(self, loop: AbstractEventLoop, backend: AsyncBackend) -> None:
        self._loop = loop
        self._backend = backend

    def call(self, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a coroutine in it."""
        return _called_in(self._loop, make)

    def close(self) -> None:
        """Close the backend; the loop is not ours."""
        self.call(self._backend.aclose)


def _check(opened: Callable[[ServiceCase], Tried]) -> tuple[str, ...]:
    kept: list[str] = []
    whose = "make()"

    def name() -> str:
        return whose

    for promise in PROMISES:
        tried: Tried | None = None
        try:
            with telling(promise.name, name):
                tried = opened(promise.case())
                whose = type(tried.given).__name__
                if not promise.concerns(tried.backend):
                    continue
                promise.attempt(tried)
        finally:
            if tried is not None:
                with suppress(Exception):  # Whether closing works is a promise of its own.
                    tried.backend.close()
        kept.append(promise.name)
    return tuple(kept)

"""The connections that a wire keeps for its next reads, in both colours."""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator
from typing import Any, Final, NamedTuple

from invitekit.backends._forks import disown, keep_for_good
from invitekit.backends._library import limits, tls
from invitekit.backends._quiet import log

__all__ = ["AsyncLine", "AsyncLines", "Line", "Lines"]

MOST_IDLE: Final = 8  # connections kept


# ── Connections, sync ────────────────────────────────────────────────────────────────────────────────────────────


class Line:
    """A connection, or the place for one: what carries requests one after the other."""

    __slots__ = ("socket", "transport")

    def __init__(self, library: Any) -> None:
        self.transport: Any = library.HTTPTransport(verify=tls(), trust_env=False, limits=limits())
        self.socket: Any = None

    def close(self) -> None:
        """Close it."""
        try:
            self.transport.close()
        except Exception:  # noqa: BLE001  whatever it was, the connection is gone
            log.debug("a connection could not be closed in an orderly way")


class Lines:
    """The connections that wait for the next read; safe to use from several threads."""

    def __init__(self, library: Any) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._closed = False
        self._idle: list[Line] = []

    @property
    def idle(self) -> int:
        """How many are waiting."""
        return len(self._idle)

    def take(self, *, fresh: bool) -> Line:
        """Give one that is waiting, or a new one."""
        with self._lock:
            if not fresh and self._idle:
                return self._idle.pop()
        return Line(self._library)

    def put_back(self, line: Line, *, reusable: bool) -> None:
        """Keep one for later, or close it."""
        with self._lock:
            if reusable and not self._closed and len(self._idle) < MOST_IDLE:
                self._idle.append(line)
                return
        line.close()

    def close(self) -> None:
        """Close those that are waiting, and from now on each that is put back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for line in idle:
            line.close()

    def forked(self) -> None:
        """Forget them without a word to the other side."""
        idle, self._idle, self._lock = self._idle, [], threading.Lock()
        for line in idle:
            disown(line.socket)


# ── Connections, async ───────────────────────────────────────────────────────────────────────────────────────────


class AsyncLine:
    """As `Line`, for one event loop."""

    __slots__ = ("socket", "transport")

    def __init__(self, library: Any) -> None:
        self.transport: Any = library.AsyncHTTPTransport(verify=tls(), trust_env=False, limits=limits())
        self.socket: Any = None

    async def aclose(self) -> None:
        """Close it."""
        try:
            await self.transport.aclose()
        except Exception:  # noqa: BLE001  whatever it was, the connection is gone
            log.debug("a connection could not be closed in an orderly way")


class _Nest(NamedTuple):
    """The connections of one event loop, and what closes them when the loop ends."""

    idle: list[AsyncLine]
    keeper: Any  # an async generator; its type in typeshed has no frame


async def _keep(idle: list[AsyncLine]) -> AsyncGenerator[None]:
    """Close connections when their loop ends, or when nobody holds this any more.

    asyncio closes the generators that were begun in a loop before that loop ends (``loop.shutdown_asyncgens``,
    which ``asyncio.run`` calls), and those that nobody holds at once: the one way to hear of it.
    """
    try:
        yield
    finally:
        while idle:
            await idle.pop().aclose()


class AsyncLines:
    """As `Lines`, for any number of event loops one after the other: no connection outlives the loop it is of."""

    def __init__(self, library: Any) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._closed = False
        self._nests: dict[Any, _Nest] = {}

    def take(self, *, fresh: bool) -> AsyncLine:
        """Give one that is waiting in this loop, or a new one."""
        import asyncio

        with self._lock:
            nest = self._nests.get(asyncio.get_running_loop())
            if not fresh and nest is not None and nest.idle:
                return nest.idle.pop()
        return AsyncLine(self._library)

    async def put_back(self, line: AsyncLine, *, reusable: bool) -> None:
        """Keep one for later, or close it."""
        nest = await self._nest() if reusable else None
        if nest is not None:
            with self._lock:
                if not self._closed and nest.keeper.ag_frame is not None and len(nest.idle) < MOST_IDLE:
                    nest.idle.append(line)
                    return
        await line.aclose()

    async def aclose(self) -> None:
        """Close those that are waiting, and from now on each that is put back."""
        import asyncio

        with self._lock:
            self._closed = True
            nests, self._nests = self._nests, {}
        here = nests.pop(asyncio.get_running_loop(), None)
        if here is not None:
            await here.keeper.aclose()
        # Those of other loops are closed there, now that nobody holds them.

    def forked(self) -> None:
        """Forget them without a word to the other side."""
        nests, self._nests, self._lock = self._nests, {}, threading.Lock()
        keep_for_good(nests)
        for nest in nests.values():
            for line in nest.idle:
                disown(line.socket)

    async def _nest(self) -> _Nest | None:
        import asyncio

        here = asyncio.get_running_loop()
        with self._lock:
            gone = {loop: nest for loop, nest in self._nests.items() if loop.is_closed()}
            for loop in gone:
                del self._nests[loop]
            nest = self._nests.get(here)
            if nest is not None or self._closed:
                return nest
            idle: list[AsyncLine] = []
            nest = self._nests[here] = _Nest(idle, _keep(idle))
        await anext(nest.keeper)  # which does not wait for anything
        return nest

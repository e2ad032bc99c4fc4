"""The HTTP library, httpx, or httpx2 where httpx is missing, and what one process holds of it: TLS, connections.

The only module that loads either. A forked child has the memory of its parent but none of its threads, and the
same sockets: whoever of the two asked over an inherited connection would get the other's answers. So a child
starts with none, and writes nothing to those that it lets go of: no goodbye either, since the parent goes on.
"""

from __future__ import annotations

import functools
import os
import socket
import ssl
import threading
from collections.abc import AsyncGenerator
from contextlib import suppress
from importlib import import_module
from typing import Any, Final, NamedTuple, Protocol
from weakref import WeakSet

from invitekit.backends._quiet import log
from invitekit.backends._trouble import LIBRARIES
from invitekit.errors import BackendError

__all__ = ["AsyncLine", "AsyncLines", "Line", "Lines", "library", "renew_in_children", "tls"]

MOST_IDLE: Final = 8  # connections kept for the next reads
_KEEP_IDLE: Final = 5.0  # seconds; what httpx chooses


def library() -> Any:
    """Load httpx, or httpx2 where httpx is missing; their interfaces are the same as far as they are used here."""
    for name in LIBRARIES:
        try:
            return import_module(name)
        except ImportError:
            continue
    raise BackendError(
        "neither httpx nor httpx2 is installed",
        hint="Install httpx, which comes with invitekit unless it was left out on purpose",
        sent="no",
        code="connect",
    )


# ── One process ──────────────────────────────────────────────────────────────────────────────────────────────────


class _Renewed(Protocol):
    def forked(self) -> None:
        """Start anew in a child: locks that nobody has, connections of its own."""


_renewed: Final[WeakSet[_Renewed]] = WeakSet()
_inherited: Final[list[object]] = []
"""What belongs to an event loop of the parent: kept for good, since its end would be announced to that loop."""


def renew_in_children(thing: _Renewed) -> None:
    """Have `forked` of this object called in every forked child, for as long as somebody else holds it."""
    _renewed.add(thing)


def _forked() -> None:
    _tls_turn.forked()
    for thing in tuple(_renewed):
        thing.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def _disown(held: Any) -> None:
    """Close this process's descriptor of a connection, and write nothing to it."""
    real = getattr(held, "_sock", held)  # asyncio hands out a view of it
    if isinstance(real, socket.socket):
        with suppress(OSError):
            # Not close: SSLSocket and asyncio would say goodbye, or tell a loop that it shares with the parent.
            descriptor = real.detach()
            if descriptor >= 0:
                os.close(descriptor)


# ── TLS ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class _Turn:
    """A lock that a child finds free."""

    def __init__(self) -> None:
        self.forked()

    def forked(self) -> None:
        self.lock = threading.Lock()


_tls_turn: Final = _Turn()


def tls() -> ssl.SSLContext:
    """Give the TLS settings that all own connections of this process share."""
    with _tls_turn.lock:
        return _made_tls()


@functools.cache
def _made_tls() -> ssl.SSLContext:
    # Not from the environment: SSL_CERT_FILE and the like could point to anybody's certificates.
    context: ssl.SSLContext = library().create_ssl_context(trust_env=False)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _limits() -> Any:
    """Give the settings of a transport that holds one connection."""
    return library().Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=_KEEP_IDLE)


# ── Connections, sync ────────────────────────────────────────────────────────────────────────────────────────────


class Line:
    """A connection, or the place for one: what carries requests one after the other."""

    __slots__ = ("socket", "transport")

    def __init__(self, library: Any) -> None:
        self.transport: Any = library.HTTPTransport(verify=tls(), trust_env=False, limits=_limits())
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
            _disown(line.socket)


# ── Connections, async ───────────────────────────────────────────────────────────────────────────────────────────


class AsyncLine:
    """As `Line`, for one event loop."""

    __slots__ = ("socket", "transport")

    def __init__(self, library: Any) -> None:
        self.transport: Any = library.AsyncHTTPTransport(verify=tls(), trust_env=False, limits=_limits())
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
        _inherited.append(nests)
        for nest in nests.values():
            for line in nest.idle:
                _disown(line.socket)

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

"""The HTTP edge, in both colours: it performs the operations of a flow.

What a client alone does not give, and is added here: one request per exchange, never repeated; one deadline for
all of it; a ceiling for the body; no compressed bodies; a fresh connection for whatever may change something, and
no redirect; elsewhere none that leaves the address of the service; secrets that are revealed while a request is
built, and forgotten with it. Statuses are not judged: an answer is an answer.

How the secrets stay out of tracebacks: `_exchange` is the only function through which an error travels. What it
calls has the request with its headers among its variables, so it hands over every error, also an interrupt or
a cancellation, with the frames, causes and contexts cut off.
"""

from __future__ import annotations

import inspect
from typing import Any

from invitekit._ops import Exchange, Op, Pause
from invitekit._wire import Request, Response
from invitekit.backends._deadline import Attempt, Late, Watchdog
from invitekit.backends._edge import MOST_IDLE, MOST_REDIRECTS, Edge, answer_of, within
from invitekit.backends._library import limits, tls
from invitekit.backends._quiet import log, quiet
from invitekit.backends._trouble import Refused, trouble
from invitekit.errors import BackendError

__all__ = ["AsyncWire", "Wire"]

# ── Sync ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class _Line:
    """A connection, or the place for one: what carries requests one after the other."""

    __slots__ = ("socket", "transport")

    def __init__(self, library: Any) -> None:
        self.transport: Any = library.HTTPTransport(verify=tls(), trust_env=False, limits=limits())
        self.socket: Any = None


class Wire(Edge):
    """Performs the operations of HTTP flows, one request per `Exchange`; safe to use from several threads.

    Every error is one of `invitekit.errors`; what may have reached the service says so in `BackendError.sent`.
    A GET follows at most five redirects, and only such that stay at the origin and below its path; anything else
    is never redirected. Name resolution is up to the system and cannot be cut short in this colour, nor can a host
    with several addresses none of which answers; each of these is tried for ten seconds at most.

    Args:
        origin: Where to; see `Origin.of`.
        headers: What goes out with every request. A `Secret` is revealed while a request is built.
        client: None for an own one, which takes nothing from the environment (no proxy, no certificate, no netrc)
            and makes a connection of its own for each request that is not a GET. Or a ``Client`` of httpx or
            httpx2, for proxies and certificate authorities: it is never closed here. Every request through it asks
            for the connection to be closed afterwards; but if you use it elsewhere as well, a request may go over
            a connection that lay idle, and then an answer may be lost without a trace, and a deadline can cut
            the body but not the headers. Its timeouts do not count (by default, five seconds of silence would
            leave a withdrawal in doubt): the deadline does. Or anything with ``exchange(request) -> Response``.
        clock: For pauses and moments; the deadline goes by the system's.
        deadline: How long an exchange may take in all, redirects included.
        ceiling: The largest body that is taken in, in bytes.

    Raises:
        DataError: A setting is wrong, or the client is one for async code.
    """

    _client_class = "Client"
    _other_class = "AsyncClient"

    def _begin(self) -> None:
        self._idle: list[_Line] = []
        self._watchdog = Watchdog(self._deadline)

    def perform(self, op: Op[Any]) -> Any:
        """Perform one operation and give its answer.

        Raises:
            TransportError: No answer, or none that can be taken in.
            RateLimitedError: It was told to hold, and the moment has not come; nothing was sent.
            BackendError: It is closed.
            DataError: The request cannot be sent as it is, for instance for a line break in an id.
        """
        if isinstance(op, Exchange):
            return self._lent(op.request) if not self._speaks_http else self._exchange(op.request)
        if isinstance(op, Pause):
            return self.clock.pause(op.delay)
        return self._perform_now(op)

    def close(self) -> None:
        """Let go of connections; exchanges under way come to their end. A client that was passed stays open."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        self._watchdog.close()
        for line in idle:
            _close(line)

    def _lent(self, request: Request) -> Response:
        for hops in range(MOST_REDIRECTS + 1):
            self._admit()
            self._origin.url(request)  # refuses what cannot be an address
            response = answer_of(self._client.exchange(request))
            try:
                onward = self._onward_request(request, response, hops)
            except Refused as refused:
                failure = trouble(self._origin.root, refused.code, "maybe", refused.status)
            else:
                if onward is None:
                    return self._finish(request, response)
                request = onward
                continue
            return self._finish(request, failure)
        raise AssertionError  # pragma: no cover  the last hop is refused

    def _exchange(self, request: Request) -> Response:
        attempt = self._attempt()
        outcome: Response | BaseException
        try:
            outcome = self._settle(request, attempt)
        except BaseException as error:  # noqa: BLE001  stripped, and raised by _finish
            outcome = self._explained(error, attempt)
        return self._finish(request, outcome)

    def _settle(self, request: Request, attempt: Attempt) -> Response:
        url = self._origin.url(request)
        self._watchdog.watch(attempt)
        try:
            with quiet():
                for hops in range(MOST_REDIRECTS + 1):
                    self._admit()
                    response = self._send(request, url, attempt)
                    onward = self._onward(request, response, url, hops)
                    if onward is None:
                        return response
                    url = onward
        finally:
            self._watchdog.release(attempt)
        raise AssertionError  # pragma: no cover  the last hop is refused

    def _send(self, request: Request, url: str, attempt: Attempt) -> Response:
        built = self._build(request, url, attempt)
        built.extensions["trace"] = attempt.trace
        attempt.sending = False
        if self._client is not None:
            attempt.socket = None
            sent = self._client.send(self._build_for(self._client, built), stream=True, follow_redirects=False)
            try:
                return self._read(sent, attempt)
            finally:
                sent.close()
        line = self._line(fresh=not request.reads)
        attempt.socket = line.socket
        whole = False
        try:
            outgoing = self._library.Request(
                built.method, built.url, headers=built.headers, content=built.body, extensions=built.extensions
            )
            sent = line.transport.handle_request(outgoing)
            try:
                response = self._read(sent, attempt)
            finally:
                sent.close()
            whole = True
            return response
        finally:
            line.socket = attempt.socket
            self._put_back(line, reusable=whole and request.reads)

    def _read(self, sent: Any, attempt: Attempt) -> Response:
        attempt.hold(sent.extensions.get("network_stream"))
        if not self._weigh(sent):
            return self._response(sent, b"")
        if sent.is_stream_consumed:  # by a hook of the user's, or by a transport that makes answers up
            return self._response(sent, within(sent.content, self._ceiling, sent.status_code))
        chunks: list[bytes] = []
        size = 0
        for chunk in sent.iter_raw():
            size += len(chunk)
            if size > self._ceiling:
                raise Refused("too-large", sent.status_code)
            if attempt.late:
                raise Late
            chunks.append(chunk)
        if attempt.fired:
            raise Late  # cut by the watchdog, which a body without a length takes for its end
        return self._response(sent, b"".join(chunks))

    def _line(self, *, fresh: bool) -> _Line:
        with self._lock:
            if not fresh and self._idle:
                return self._idle.pop()
        return _Line(self._library)

    def _put_back(self, line: _Line, *, reusable: bool) -> None:
        with self._lock:
            if reusable and not self._closed and len(self._idle) < MOST_IDLE:
                self._idle.append(line)
                return
        _close(line)


def _close(line: _Line) -> None:
    try:
        line.transport.close()
    except Exception:  # noqa: BLE001  whatever it was, the connection is gone
        log.debug("a connection could not be closed in an orderly way")


# ── Async ────────────────────────────────────────────────────────────────────────────────────────────────────────


class _AsyncLine:
    """As `_Line`, for one event loop."""

    __slots__ = ("loop", "transport")

    def __init__(self, library: Any, loop: Any) -> None:
        self.transport: Any = library.AsyncHTTPTransport(verify=tls(), trust_env=False, limits=limits())
        self.loop = loop


class AsyncWire(Edge):
    """Performs the operations of HTTP flows under asyncio, one request per `Exchange`; as `Wire` otherwise.

    The deadline holds for name resolution too.

    Args:
        origin: Where to; see `Origin.of`.
        headers: What goes out with every request. A `Secret` is revealed while a request is built.
        client: As in `Wire`, with an ``AsyncClient`` of httpx or httpx2; ``exchange(request)`` may be a plain
            method or an async one.
        clock: For pauses and moments; the deadline goes by the system's.
        deadline: How long an exchange may take in all, redirects included.
        ceiling: The largest body that is taken in, in bytes.

    Raises:
        DataError: A setting is wrong, or the client is one for sync code.
    """

    _client_class = "AsyncClient"
    _other_class = "Client"

    def _begin(self) -> None:
        self._idle: list[_AsyncLine] = []

    async def perform(self, op: Op[Any]) -> Any:
        """Perform one operation and give its answer; raises as `Wire.perform`."""
        if isinstance(op, Exchange):
            return await (self._lent(op.request) if not self._speaks_http else self._exchange(op.request))
        if isinstance(op, Pause):
            return await self.clock.apause(op.delay)
        return self._perform_now(op)

    async def aclose(self) -> None:
        """Let go of connections; exchanges under way come to their end. A client that was passed stays open."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for line in idle:
            await _aclose(line)

    async def _lent(self, request: Request) -> Response:
        for hops in range(MOST_REDIRECTS + 1):
            self._admit()
            self._origin.url(request)  # refuses what cannot be an address
            given = self._client.exchange(request)
            response = answer_of(await given if inspect.isawaitable(given) else given)
            try:
                onward = self._onward_request(request, response, hops)
            except Refused as refused:
                failure = trouble(self._origin.root, refused.code, "maybe", refused.status)
            else:
                if onward is None:
                    return self._finish(request, response)
                request = onward
                continue
            return self._finish(request, failure)
        raise AssertionError  # pragma: no cover  the last hop is refused

    async def _exchange(self, request: Request) -> Response:
        attempt = self._attempt()
        outcome: Response | BaseException
        try:
            outcome = await self._settle(request, attempt)
        except BaseException as error:  # noqa: BLE001  stripped, and raised by _finish
            outcome = self._explained(error, attempt)
            if not isinstance(error, GeneratorExit):
                await attempt.aclose()
        return self._finish(request, outcome)

    async def _settle(self, request: Request, attempt: Attempt) -> Response:
        import asyncio

        url = self._origin.url(request)
        _check_loop()
        timer = asyncio.timeout(attempt.left)
        try:
            async with timer:
                with quiet():
                    for hops in range(MOST_REDIRECTS + 1):
                        self._admit()
                        response = await self._send(request, url, attempt)
                        onward = self._onward(request, response, url, hops)
                        if onward is None:
                            return response
                        url = onward
        finally:
            attempt.fired = timer.expired()
        raise AssertionError  # pragma: no cover  the last hop is refused

    async def _send(self, request: Request, url: str, attempt: Attempt) -> Response:
        built = self._build(request, url, attempt)
        built.extensions["trace"] = attempt.atrace
        attempt.sending = False
        if self._client is not None:
            sent = await self._client.send(
                self._build_for(self._client, built), stream=True, follow_redirects=False
            )
            try:
                return await self._read(sent)
            finally:
                await sent.aclose()
        line = self._line(fresh=not request.reads)
        whole = False
        try:
            outgoing = self._library.Request(
                built.method, built.url, headers=built.headers, content=built.body, extensions=built.extensions
            )
            sent = await line.transport.handle_async_request(outgoing)
            try:
                response = await self._read(sent)
            finally:
                await sent.aclose()
            whole = True
            return response
        finally:
            await self._put_back(line, reusable=whole and request.reads)

    async def _read(self, sent: Any) -> Response:
        if not self._weigh(sent):
            return self._response(sent, b"")
        if sent.is_stream_consumed:  # by a hook of the user's, or by a transport that makes answers up
            return self._response(sent, within(sent.content, self._ceiling, sent.status_code))
        chunks: list[bytes] = []
        size = 0
        async for chunk in sent.aiter_raw():
            size += len(chunk)
            if size > self._ceiling:
                raise Refused("too-large", sent.status_code)
            chunks.append(chunk)
        return self._response(sent, b"".join(chunks))

    def _line(self, *, fresh: bool) -> _AsyncLine:
        import asyncio

        here = asyncio.get_running_loop()
        with self._lock:
            # A connection belongs to its loop; those of a loop that is gone went with it.
            self._idle = [line for line in self._idle if not line.loop.is_closed()]
            usable = [] if fresh else [line for line in self._idle if line.loop is here]
            if usable:
                self._idle.remove(usable[-1])
                return usable[-1]
        return _AsyncLine(self._library, here)

    async def _put_back(self, line: _AsyncLine, *, reusable: bool) -> None:
        with self._lock:
            if reusable and not self._closed and len(self._idle) < MOST_IDLE:
                self._idle.append(line)
                return
        await _aclose(line)


def _check_loop() -> None:
    import asyncio

    running = True
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        running = False
    if not running:
        raise BackendError(
            "async requests need asyncio, and it is not running here",
            hint="Under another async library, open the backend with open() and use it in a thread",
            sent="no",
            code="failed",
        )


async def _aclose(line: _AsyncLine) -> None:
    try:
        await line.transport.aclose()
    except Exception:  # noqa: BLE001  whatever it was, the connection is gone
        log.debug("a connection could not be closed in an orderly way")

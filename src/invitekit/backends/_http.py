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
import warnings
from typing import Any

from invitekit._ops import Exchange, Op, Pause
from invitekit._wire import Request, Response
from invitekit.backends._deadline import Attempt, Late, Watchdog, socket_of
from invitekit.backends._edge import MOST_REDIRECTS, Edge, within
from invitekit.backends._lines import AsyncLines, Lines
from invitekit.backends._quiet import quiet
from invitekit.backends._trouble import Refused, answer_in
from invitekit.errors import BackendError

__all__ = ["AsyncWire", "Wire"]

# ── Sync ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class Wire(Edge):
    """Performs the operations of HTTP flows, one request per `Exchange`; safe to use from several threads.

    Every error is one of `invitekit.errors`; what may have reached the service says so in `BackendError.sent`.
    A GET follows at most five redirects, and only such that stay at the origin and below its path, and do not lead
    to a login page or a challenge; any other redirect is an answer. Name resolution is up to the system and cannot
    be cut short in this colour, nor can a host with several addresses none of which answers; each of these is
    tried for ten seconds at most. Close it in the end: one that is dropped with open connections gives
    a ``ResourceWarning``.

    Args:
        origin: Where to; see `Origin.of`.
        headers: What goes out with every request. A `Secret` is revealed while a request is built.
        client: None for an own one, which takes nothing from the environment (no proxy, no certificate, no netrc)
            and makes a connection of its own for each request that is not a GET. Or a ``Client`` of httpx or
            httpx2, for proxies and certificate authorities: it is never closed here. Every request through it asks
            for the connection to be closed afterwards; but if you use it elsewhere as well, a request may go over
            a connection that lay idle, and then an answer may be lost without a trace, and a deadline can cut
            the body but not the headers. Its timeouts do not count (by default, five seconds of silence would
            leave a withdrawal in doubt): the deadline does. Where its transports or its ``auth`` send a second
            time what is no GET, they are stopped, if they tell of their steps as those of the library do. An
            answer for which its hooks ``raise_for_status`` is an answer. Or anything with
            ``exchange(request) -> Response``: deadline and ceiling are its own affair then, and whatever it
            raises that is none of `invitekit.errors` leaves open what came of the request.
        clock: For pauses and moments; the deadline goes by the system's.
        deadline: How long one request may take in all, redirects included; a week at most. Only quick failures are
            worth asking again, so a call that ends with it has taken little more.
        ceiling: The largest body that is taken in, in bytes.
        gate: Until when nobody asks; pass the same one to all wires that share a limit.

    Raises:
        DataError: A setting is wrong, or the client is one for async code.
    """

    _client_class = "Client"
    _other_class = "AsyncClient"

    def _begin(self) -> None:
        self._lines = Lines(self._library)
        self._watchdog = Watchdog(self._deadline)

    def forked(self) -> None:
        """Start anew in a child of the process that made this; what is under way there is none of its business."""
        self._lines.forked()
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
        self._closed = True
        self._watchdog.close()
        self._lines.close()

    def __del__(self) -> None:
        lines = getattr(self, "_lines", None)  # missing where a setting was refused
        if lines is None:
            return
        if lines.idle:
            warnings.warn(f"unclosed {self!r}", ResourceWarning, stacklevel=2, source=self)
        self.close()

    def _lent(self, request: Request) -> Response:
        outcome: Response | BaseException
        try:
            outcome = self._settle_lent(request)
        except BaseException as error:  # noqa: BLE001  stripped, and raised by _finish
            outcome = self._explained(error, None)
        return self._finish(request, outcome)

    def _settle_lent(self, request: Request) -> Response:
        for hops in range(MOST_REDIRECTS + 1):
            self._admit()
            url = self._origin.url(request)  # refuses what cannot be an address
            response = self._handed(request, self._client.exchange(request))
            onward = self._onward_request(request, response, url, hops)
            if onward is None:
                return response
            request = onward
        raise AssertionError  # pragma: no cover  the last hop is an answer

    def _exchange(self, request: Request) -> Response:
        attempt = self._attempt(request)
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
        raise AssertionError  # pragma: no cover  the last hop is an answer

    def _send(self, request: Request, url: str, attempt: Attempt) -> Response:
        built = self._build(request, url, attempt)
        built.extensions["trace"] = attempt.trace
        if self._client is not None:
            attempt.socket = None
            outgoing = self._build_for(self._client, built)
            try:
                sent = self._client.send(outgoing, stream=True, follow_redirects=False)
            except Exception as error:
                sent = answer_in(error, outgoing)
                if sent is None:
                    raise
            try:
                return self._read(sent, attempt)
            finally:
                sent.close()
        line = self._lines.take(fresh=not request.reads)
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
            self._lines.put_back(line, reusable=whole and request.reads)

    def _read(self, sent: Any, attempt: Attempt) -> Response:
        attempt.hold(socket_of(sent.extensions.get("network_stream")))
        if not self._weigh(sent) or (sent.is_closed and not sent.is_stream_consumed):
            return self._response(sent, b"")  # what a hook refused before it was read has no body any more
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


# ── Async ────────────────────────────────────────────────────────────────────────────────────────────────────────


class AsyncWire(Edge):
    """Performs the operations of HTTP flows under asyncio, one request per `Exchange`; as `Wire` otherwise.

    The deadline holds for name resolution too.

    Args:
        origin: Where to; see `Origin.of`.
        headers: What goes out with every request. A `Secret` is revealed while a request is built.
        client: As in `Wire`, with an ``AsyncClient`` of httpx or httpx2; ``exchange(request)`` may be a plain
            method or an async one.
        clock: For pauses and moments; the deadline goes by the system's.
        deadline: How long one request may take in all, as in `Wire`.
        ceiling: The largest body that is taken in, in bytes.
        gate: Until when nobody asks, as in `Wire`.

    Raises:
        DataError: A setting is wrong, or the client is one for sync code.
    """

    _client_class = "AsyncClient"
    _other_class = "Client"

    def _begin(self) -> None:
        self._lines = AsyncLines(self._library)

    def forked(self) -> None:
        """Start anew in a child of the process that made this."""
        self._lines.forked()

    async def perform(self, op: Op[Any]) -> Any:
        """Perform one operation and give its answer; raises as `Wire.perform`."""
        if isinstance(op, Exchange):
            return await (self._lent(op.request) if not self._speaks_http else self._exchange(op.request))
        if isinstance(op, Pause):
            return await self.clock.apause(op.delay)
        return self._perform_now(op)

    async def aclose(self) -> None:
        """Let go of connections; exchanges under way come to their end. A client that was passed stays open."""
        self._closed = True
        await self._lines.aclose()

    async def _lent(self, request: Request) -> Response:
        outcome: Response | BaseException
        try:
            outcome = await self._settle_lent(request)
        except BaseException as error:  # noqa: BLE001  stripped, and raised by _finish
            outcome = self._explained(error, None)
        return self._finish(request, outcome)

    async def _settle_lent(self, request: Request) -> Response:
        for hops in range(MOST_REDIRECTS + 1):
            self._admit()
            url = self._origin.url(request)  # refuses what cannot be an address
            given = self._client.exchange(request)
            response = self._handed(request, await given if inspect.isawaitable(given) else given)
            onward = self._onward_request(request, response, url, hops)
            if onward is None:
                return response
            request = onward
        raise AssertionError  # pragma: no cover  the last hop is an answer

    async def _exchange(self, request: Request) -> Response:
        attempt = self._attempt(request)
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
        raise AssertionError  # pragma: no cover  the last hop is an answer

    async def _send(self, request: Request, url: str, attempt: Attempt) -> Response:
        built = self._build(request, url, attempt)
        built.extensions["trace"] = attempt.atrace
        if self._client is not None:
            outgoing = self._build_for(self._client, built)
            try:
                sent = await self._client.send(outgoing, stream=True, follow_redirects=False)
            except Exception as error:
                sent = answer_in(error, outgoing)
                if sent is None:
                    raise
            try:
                return await self._read(sent)
            finally:
                await sent.aclose()
        line = self._lines.take(fresh=not request.reads)
        whole = False
        try:
            outgoing = self._library.Request(
                built.method, built.url, headers=built.headers, content=built.body, extensions=built.extensions
            )
            sent = await line.transport.handle_async_request(outgoing)
            line.socket = socket_of(sent.extensions.get("network_stream"))
            try:
                response = await self._read(sent)
            finally:
                await sent.aclose()
            whole = True
            return response
        finally:
            await self._lines.put_back(line, reusable=whole and request.reads)

    async def _read(self, sent: Any) -> Response:
        if not self._weigh(sent) or (sent.is_closed and not sent.is_stream_consumed):
            return self._response(sent, b"")  # what a hook refused before it was read has no body any more
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

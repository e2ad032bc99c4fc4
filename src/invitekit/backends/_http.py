"""The HTTP edge, in both colours: it performs the operations of a flow, and is the only module that knows httpx.

What a client alone does not give, and is added here: one request per exchange, never repeated; one deadline for
all of it; a ceiling for the body; no compressed bodies; a fresh connection for whatever may change something, and
no redirect; elsewhere none that leaves the address of the service; secrets that are revealed while a request is
built, and forgotten with it. Statuses are not judged: an answer is an answer.

How the secrets stay out of tracebacks: `_exchange` is the only function through which an error travels. What it
calls has the request with its headers among its variables, so it hands over every error, also an interrupt or
a cancellation, with the frames, causes and contexts cut off.
"""

from __future__ import annotations

import functools
import inspect
import json
import re
import ssl
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any, Final, NamedTuple, NoReturn
from urllib.parse import parse_qsl

from invitekit._ops import Exchange, Hold, Now, Op, Pause
from invitekit._wire import Request, Response
from invitekit.backends._checks import clock_of
from invitekit.backends._deadline import Attempt, Late, Watchdog
from invitekit.backends._origin import Origin
from invitekit.backends._quiet import hush, log, quiet
from invitekit.backends._trouble import LIBRARIES, Refused, bare, kind_of, trouble
from invitekit.errors import BackendError, DataError, InvitekitError, PayloadError, RateLimitedError
from invitekit.ports import Clock
from invitekit.secret import Secret

__all__ = ["CEILING", "DEADLINE", "AsyncWire", "Wire"]

DEADLINE: Final = timedelta(seconds=30)
"""How long an exchange may take in all. Our choice: above what a page of any service was seen to take."""

CEILING: Final = 16 * 1024 * 1024
"""The largest body that is taken in, in bytes. Our choice: a page of 250 rows, the largest, is below 1 MiB."""

_CONNECT: Final = 10.0  # seconds for a connection, and again for TLS; the deadline stands above both
_MOST_REDIRECTS: Final = 5
_MOST_HEADERS: Final = 1_000
_MOST_IDLE: Final = 8  # connections kept for the next reads
_KEEP_IDLE: Final = 5.0  # seconds; what httpx chooses

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})

_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS: Final = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "accept-encoding", "te", "upgrade", "expect"}
)


# ── The library ──────────────────────────────────────────────────────────────────────────────────────────────────


def _library() -> Any:
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


_making_tls = threading.Lock()


def _tls() -> ssl.SSLContext:
    """Give the TLS settings that all own connections of this process share."""
    with _making_tls:
        return _made_tls()


@functools.cache
def _made_tls() -> ssl.SSLContext:
    # Not from the environment: SSL_CERT_FILE and the like could point to anybody's certificates.
    context: ssl.SSLContext = _library().create_ssl_context(trust_env=False)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _limits(library: Any) -> Any:
    return library.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=_KEEP_IDLE)


# ── What both colours share ──────────────────────────────────────────────────────────────────────────────────────


class _Built(NamedTuple):
    """What goes out, as plain values; lives only inside the functions that send it."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None
    extensions: dict[str, Any]


class _Edge:
    """Settings and state of a wire, and every decision that needs no waiting."""

    _client_class = ""  # what a client of this colour is called, in both libraries
    _other_class = ""

    def __init__(
        self,
        origin: Origin,
        headers: Mapping[str, str | Secret],
        *,
        client: Any = None,
        clock: Clock | None = None,
        deadline: timedelta = DEADLINE,
        ceiling: int = CEILING,
    ) -> None:
        if deadline <= timedelta(0):
            raise DataError("the deadline must be above zero", key="deadline")
        if ceiling <= 0:
            raise DataError("the ceiling must be above zero bytes", key="ceiling")
        self.clock: Clock = clock_of(clock)
        self._origin = origin
        self._headers = _checked(headers)
        self._client = client
        self._speaks_http = self._accept(client)
        self._deadline = deadline.total_seconds()
        self._ceiling = ceiling
        self._held: datetime | None = None
        self._lock = threading.Lock()
        self._closed = False
        if self._speaks_http:
            if client is None:
                self._library: Any = _library()
                # It loads what it needs when it is first built; no exchange should have to wait for that.
                self._library.HTTPTransport(verify=_tls(), trust_env=False).close()
            hush()
        self._begin()

    def _begin(self) -> None:
        """Set up what is different for each colour."""

    @property
    def where(self) -> str:
        """The address it sends to, without the path."""
        return self._origin.root

    def _accept(self, client: Any) -> bool:
        """Say whether a client is one of httpx or httpx2, and refuse what is no client of this colour."""
        if client is None:
            return True
        classes: tuple[type, ...] = type(client).__mro__
        ours = {kind.__name__ for kind in classes if kind.__module__.partition(".")[0] in LIBRARIES}
        if self._client_class in ours:
            _check_auth(client)
            return True
        if callable(getattr(client, "exchange", None)) and not isinstance(client, type):
            if self._client_class == "Client" and inspect.iscoroutinefunction(client.exchange):
                raise DataError(
                    "the exchange method of the client is async, and this backend is not",
                    hint="Open the backend with aopen(), or pass a client whose exchange is a plain method",
                    key="client",
                )
            return False
        hint = f"Pass {self._client_class} of httpx or httpx2, or an object with exchange(request) -> Response"
        if self._other_class in ours:
            hint = f"{hint}; open() is for sync code, aopen() for async"
        raise DataError(f"client cannot be of type {type(client).__name__}", hint=hint, key="client")

    def _perform_now(self, op: Op[Any]) -> Any:
        """Perform what needs no waiting."""
        if isinstance(op, Now):
            return self.clock.now()
        if isinstance(op, Hold):
            with self._lock:
                self._held = op.until if self._held is None else max(self._held, op.until)
            return None
        raise TypeError(f"{op!r:.80} is no operation that a wire performs")

    def _admit(self) -> None:
        """Refuse a request before it is made: closed, or told to wait."""
        if self._closed or getattr(self._client, "is_closed", False) is True:
            raise BackendError(
                f"{self._origin.root} cannot be asked: the backend, or the client that it was given, is closed",
                hint="Open it again; whatever was handed out by it belongs to the closed one",
                sent="no",
                code="closed",
            )
        held = self._held
        if held is not None and self.clock.now() < held:
            raise RateLimitedError(
                f"{self._origin.root} asked for no request before {held.isoformat()}",
                hint="Try again at that moment",
                not_before=held,
                sent="no",
            )

    def _attempt(self) -> Attempt:
        return Attempt(self._deadline, traced=self._client is None)

    def _build(self, request: Request, url: str, attempt: Attempt) -> _Built:
        """Put a request together; only here are secrets revealed."""
        headers = {"accept": "application/json", "accept-encoding": "identity", "user-agent": "invitekit"}
        for name, value in self._headers.items():
            headers[name.lower()] = _fit(name, value.reveal() if isinstance(value, Secret) else value)
        body = None if request.body is None else _json(request.body)
        if body is not None:
            headers["content-type"] = "application/json"
        if not request.reads or self._client is not None:
            # A connection that lay idle may be closed by the other side just now, and then nobody knows whether
            # a request got through. What may change something gets a connection of its own.
            headers["connection"] = "close"
        left = attempt.left
        # Behind the deadline, so that it is the deadline that speaks; ahead of it only for the connection.
        timeout = {"connect": min(left, _CONNECT), "read": left + 0.1, "write": left + 0.1, "pool": left}
        return _Built(request.method, url, headers, body, {"timeout": timeout})

    def _build_for(self, client: Any, built: _Built) -> Any:
        """Let the user's client build a request, so that its headers, cookies and parameters count."""
        # Taken apart: a client with parameters of its own would put these in the place of a query.
        url, _, query = built.url.partition("?")
        return client.build_request(
            built.method,
            url,
            params=parse_qsl(query, keep_blank_values=True),
            headers=built.headers,
            content=built.body,
            extensions=built.extensions,
        )

    def _weigh(self, answer: Any) -> bool:
        """Look at the head of an answer, before its body is touched.

        Returns:
            Whether the body can be read.

        Raises:
            Refused: It is not taken in.
        """
        status: int = answer.status_code
        if len(answer.headers.raw) > _MOST_HEADERS:
            raise Refused("too-large", status)
        said = answer.headers.get("content-length", "")
        if said.isascii() and said.isdecimal() and (len(said) > 18 or int(said) > self._ceiling):
            raise Refused("too-large", status)
        encodings = {part.strip().lower() for part in answer.headers.get("content-encoding", "").split(",")}
        if encodings <= {"", "identity"}:
            return True
        if status < 300:
            raise Refused("encoded", status)
        # Status and headers say what matters (a rate limit, HTTP 999); the body is left where it is.
        return False

    def _response(self, answer: Any, body: bytes) -> Response:
        headers = tuple((str(name).lower(), str(value)) for name, value in answer.headers.multi_items())
        return Response(answer.status_code, headers, body)

    def _onward(self, request: Request, response: Response, url: str, hops: int) -> str | None:
        """Give the address that a redirect leads to; None where there is none to follow.

        Raises:
            Refused: It leads away, or nowhere in the end.
        """
        location = response.header("location")
        if not request.reads or response.status not in _REDIRECTS or location is None:
            return None
        away = hops >= _MOST_REDIRECTS
        try:
            onward = self._origin.follow(location, url)
        except PayloadError:
            away, onward = True, ""
        if away:
            raise Refused("redirected", response.status)
        return onward

    def _onward_request(self, request: Request, response: Response, hops: int) -> Request | None:
        """As `_onward`, for a client that takes requests and not addresses."""
        onward = self._onward(request, response, self._origin.url(request), hops)
        if onward is None:
            return None
        try:
            link = self._origin.rebase(onward)
        except PayloadError:
            link = None
        if link is None:
            raise Refused("redirected", response.status)
        return Request(request.method, *link)

    def _explained(self, error: BaseException, attempt: Attempt) -> BaseException:
        """Turn whatever came out of an exchange into one of our errors, or strip it where it is an interrupt."""
        if isinstance(error, Refused):
            return trouble(self._origin.root, error.code, "maybe", error.status)
        if isinstance(error, InvitekitError) or not isinstance(error, Exception):
            return bare(error)
        kind = kind_of(error)
        if isinstance(error, Late) or attempt.late:
            never = kind.sent == "no" or attempt.nothing_left
            return trouble(self._origin.root, "deadline", "no" if never else "maybe")
        because = type(error).__name__ if kind.code == "failed" else ""
        return trouble(self._origin.root, kind.code, kind.sent, because=because)

    def _finish(self, request: Request, outcome: Response | BaseException) -> Response:
        """Log what came of an exchange, and give or raise it."""
        if isinstance(outcome, Response):
            log.debug("%s: %d, %d bytes", _shown(request), outcome.status, len(outcome.body))
            return outcome
        log.debug("%s: %s", _shown(request), getattr(outcome, "code", type(outcome).__name__))
        raise outcome

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} cannot be pickled: it holds connections and secrets")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} to {self._origin.root}>"


def _shown(request: Request) -> str:
    more = "/…" if request.path[1:] else ""
    return f"{request.method} /{request.path[0] if request.path else ''}{more}"


def _checked(headers: Mapping[str, str | Secret]) -> dict[str, str | Secret]:
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or name.lower() in _OURS:
            raise DataError(
                f"{name!r:.60} cannot be set as a header",
                hint="Names are letters, digits and dashes, and those about the connection are not yours to set",
                key="headers",
            )
        if not isinstance(value, Secret):
            _fit(name, value)
    return dict(headers)


def _fit(name: str, value: object) -> str:
    """Refuse a value that would end its header and begin another; the value stays out of the error."""
    if isinstance(value, str) and value.isascii() and value.isprintable() and value == value.strip():
        return value
    del value
    raise DataError(
        f"what the header {name} is to hold is no line of plain ASCII text",
        hint="A key copied or read from a file often ends in a line break",
        key="headers",
    )


def _json(body: Mapping[str, Any]) -> bytes:
    why = ""
    text = ""
    try:
        text = json.dumps(body, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        why = type(error).__name__
    if why:
        del body
        raise DataError(f"what is to be sent cannot be written as JSON ({why})", key="request.body")
    return text.encode()


def _check_auth(client: Any) -> None:
    """Refuse an authentication that makes requests of its own: one exchange is one request."""
    auth = client.auth
    if auth is not None and type(auth).__name__ not in ("BasicAuth", "FunctionAuth", "NetRCAuth"):
        raise DataError(
            f"a client with {type(auth).__name__} cannot be used: it may send a request twice",
            hint="Leave out auth; what the service wants to see goes into headers",
            key="client",
        )


# ── Sync ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class _Line:
    """A connection, or the place for one: what carries requests one after the other."""

    __slots__ = ("socket", "transport")

    def __init__(self, library: Any) -> None:
        self.transport: Any = library.HTTPTransport(verify=_tls(), trust_env=False, limits=_limits(library))
        self.socket: Any = None


class Wire(_Edge):
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
        for hops in range(_MOST_REDIRECTS + 1):
            self._admit()
            self._origin.url(request)  # refuses what cannot be an address
            response = _answer(self._client.exchange(request))
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
                for hops in range(_MOST_REDIRECTS + 1):
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
            return self._response(sent, _within(sent.content, self._ceiling, sent.status_code))
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
            if reusable and not self._closed and len(self._idle) < _MOST_IDLE:
                self._idle.append(line)
                return
        _close(line)


def _close(line: _Line) -> None:
    try:
        line.transport.close()
    except Exception:  # noqa: BLE001  whatever it was, the connection is gone
        log.debug("a connection could not be closed in an orderly way")


def _within(body: bytes, ceiling: int, status: int) -> bytes:
    if len(body) > ceiling:
        raise Refused("too-large", status)
    return body


def _answer(given: Any) -> Response:
    if not isinstance(given, Response):
        raise DataError(
            f"the exchange method of the client gave {type(given).__name__}, and not a Response", key="client"
        )
    return given


# ── Async ────────────────────────────────────────────────────────────────────────────────────────────────────────


class _AsyncLine:
    """As `_Line`, for one event loop."""

    __slots__ = ("loop", "transport")

    def __init__(self, library: Any, loop: Any) -> None:
        self.transport: Any = library.AsyncHTTPTransport(verify=_tls(), trust_env=False, limits=_limits(library))
        self.loop = loop


class AsyncWire(_Edge):
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
        for hops in range(_MOST_REDIRECTS + 1):
            self._admit()
            self._origin.url(request)  # refuses what cannot be an address
            given = self._client.exchange(request)
            response = _answer(await given if inspect.isawaitable(given) else given)
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
                    for hops in range(_MOST_REDIRECTS + 1):
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
            return self._response(sent, _within(sent.content, self._ceiling, sent.status_code))
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
            if reusable and not self._closed and len(self._idle) < _MOST_IDLE:
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

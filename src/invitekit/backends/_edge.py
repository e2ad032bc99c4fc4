"""What both colours of a wire share: settings, state, and every decision that needs no waiting."""

from __future__ import annotations

import inspect
import json
import re
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, NoReturn
from urllib.parse import parse_qsl

from invitekit._ops import Hold, Now, Op
from invitekit._wire import Request, Response
from invitekit.backends._checks import clock_of
from invitekit.backends._deadline import Attempt, Late
from invitekit.backends._forks import renew_in_children
from invitekit.backends._library import library, tls
from invitekit.backends._origin import Origin
from invitekit.backends._quiet import hush, log
from invitekit.backends._trouble import LIBRARIES, Refused, bare, failure_of, kind_of, trouble
from invitekit.dialects._symptoms import leads_to_a_person
from invitekit.errors import BackendError, DataError, InvitekitError, PayloadError, RateLimitedError
from invitekit.ports import Clock
from invitekit.secret import Secret

__all__ = ["CEILING", "DEADLINE", "MOST_REDIRECTS", "Edge", "Gate", "within"]

DEADLINE: Final = timedelta(seconds=30)
"""How long an exchange may take in all. Our choice: above what a page of any service was seen to take."""

CEILING: Final = 16 * 1024 * 1024
"""The largest body that is taken in, in bytes. Our choice: a page of 250 rows, the largest, is below 1 MiB."""

MOST_REDIRECTS: Final = 5

_LONGEST: Final = timedelta(days=7)
"""The longest deadline; a longer one is as good as this. Sockets wait for 24 days at most."""

_CONNECT: Final = 10.0  # seconds for a connection, and again for TLS; the deadline stands above both
_MOST_HEADERS: Final = 1_000
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})

_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS: Final = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "accept-encoding", "te", "upgrade", "expect"}
)


class _Built(NamedTuple):
    """What goes out, as plain values; lives only inside the functions that send it."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None
    extensions: dict[str, Any]


class Gate:
    """Until when nobody asks; one for all wires that the same limit of a service holds for.

    Safe to use from several threads and event loops.
    """

    def __init__(self) -> None:
        self._until: datetime | None = None
        self.forked()
        renew_in_children(self)

    def forked(self) -> None:
        """Have a lock that nobody has, whoever had it in the parent of this process."""
        self._lock = threading.Lock()

    @property
    def until(self) -> datetime | None:
        """The moment before which there is no request; None for none. Aware."""
        return self._until

    def hold(self, until: datetime) -> None:
        """Let nobody ask before this moment. An earlier one than before shortens nothing."""
        with self._lock:
            self._until = until if self._until is None else max(self._until, until)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}, {f'held until {self._until}' if self._until else 'open'}>"


class Edge:
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
        gate: Gate | None = None,
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
        self._deadline = min(deadline, _LONGEST).total_seconds()
        self._ceiling = ceiling
        self._gate = Gate() if gate is None else gate
        self._closed = False
        self._library: Any = None
        if self._speaks_http:
            if client is None:
                self._library = library()
                # It loads what it needs when it is first built; no exchange should have to wait for that.
                self._library.HTTPTransport(verify=tls(), trust_env=False).close()
            hush()
        self._begin()
        renew_in_children(self)

    def _begin(self) -> None:
        """Set up what is different for each colour."""

    def forked(self) -> None:
        """Start anew in a child of the process that made this."""

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
            return self._gate.hold(op.until)
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
        held = self._gate.until
        if held is not None and self.clock.now() < held:
            raise RateLimitedError(
                f"{self._origin.root} asked for no request before {held.isoformat()}",
                hint="Try again at that moment",
                not_before=held,
                sent="no",
            )

    def _attempt(self, request: Request) -> Attempt:
        return Attempt(self._deadline, traced=self._client is None, changes=not request.reads)

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
        """Give the address that a redirect leads to; None where it is not followed.

        What is not followed is an answer: the dialect says what it means to be led away, or to a login page.
        """
        location = response.header("location")
        if not request.reads or response.status not in _REDIRECTS or location is None or hops >= MOST_REDIRECTS:
            return None
        try:
            onward = self._origin.follow(location, url)
        except PayloadError:
            return None
        below = onward.removeprefix(self._origin.root + self._origin.base)
        return None if leads_to_a_person(location) or leads_to_a_person(below) else onward

    def _onward_request(self, request: Request, response: Response, url: str, hops: int) -> Request | None:
        """As `_onward`, for a client that takes requests and not addresses."""
        onward = self._onward(request, response, url, hops)
        if onward is None:
            return None
        try:
            return Request(request.method, *self._origin.rebase(onward))
        except DataError:
            return None

    def _handed(self, request: Request, given: Any) -> Response:
        """Take what a client with ``exchange(request)`` gave."""
        if isinstance(given, Response):
            return given
        what = f"the exchange method of the client gave {type(given).__name__}, and not a Response"
        if request.reads:
            raise DataError(what, key="client")
        raise trouble(self._origin.root, "failed", "maybe", because=what)

    def _explained(self, error: BaseException, attempt: Attempt | None) -> BaseException:
        """Turn whatever came out of an exchange into one of our errors, or strip it where it is an interrupt.

        Args:
            error: What it was.
            attempt: What is known of the exchange; None where somebody else's ``exchange(request)`` carried it
                out, of which nothing is known.
        """
        root = self._origin.root
        if isinstance(error, Refused):
            return trouble(root, error.code, "maybe", error.status)
        if not isinstance(error, Exception):
            return bare(error)
        sending = attempt is not None and attempt.sending
        if attempt is not None and attempt.repeated:
            return trouble(root, "repeated", "maybe")
        if isinstance(error, BackendError) and sending and error.sent == "no":
            error.sent = "maybe"  # a hook may raise ours as well, and knows less
        if isinstance(error, InvitekitError) and (isinstance(error, BackendError) or not sending):
            return bare(error)
        if attempt is None:
            return trouble(root, "failed", "maybe", because=failure_of(error))
        kind = kind_of(error)
        # A transport that tells nothing about its steps may have retried; then the last failure proves nothing.
        telling = attempt.traced or not attempt.changes
        never = telling and not sending and (kind.sent == "no" or attempt.nothing_left)
        if isinstance(error, Late) or attempt.late:
            return trouble(root, "deadline", "no" if never else "maybe")
        because = failure_of(error) if kind.code == "failed" else ""
        return trouble(root, kind.code, "no" if never and kind.sent == "no" else "maybe", because=because)

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


def within(body: bytes, ceiling: int, status: int) -> bytes:
    if len(body) > ceiling:
        raise Refused("too-large", status)
    return body

"""What may go wrong between us and a service, by the names that httpx and httpx2 give it, and what we say."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from invitekit.errors import Sent, TransportError

__all__ = ["LIBRARIES", "Kind", "Refused", "answer_in", "bare", "failure_of", "kind_of", "trouble"]

LIBRARIES: Final = ("httpx", "httpx2")
"""The libraries that serve, the first that is there before the others."""


class Kind(NamedTuple):
    """What is known about an error of the library."""

    sent: Sent
    code: str


# By name, so that one table serves both libraries; the first class of an error's that is found here counts.
# What proves that nothing was sent is taken from the sources of httpx 0.28.1, httpcore 1.0.9, httpx2 and httpcore2
# 2.16.2, where these are raised before the first byte of the request is written.
_KINDS: Final[Mapping[str, Kind]] = {
    "ConnectTimeout": Kind("no", "timeout"),
    "PoolTimeout": Kind("no", "timeout"),
    "ConnectError": Kind("no", "connect"),
    "ProxyError": Kind("no", "proxy"),
    "UnsupportedProtocol": Kind("no", "connect"),
    "LocalProtocolError": Kind("no", "not-http"),
    "InvalidURL": Kind("no", "connect"),
    "ReadTimeout": Kind("maybe", "timeout"),
    "WriteTimeout": Kind("maybe", "timeout"),
    "TimeoutException": Kind("maybe", "timeout"),
    "ReadError": Kind("maybe", "reset"),
    "WriteError": Kind("maybe", "reset"),
    "CloseError": Kind("maybe", "reset"),
    "NetworkError": Kind("maybe", "reset"),
    "RemoteProtocolError": Kind("maybe", "not-http"),
    "DecodingError": Kind("maybe", "encoded"),
    "TooManyRedirects": Kind("maybe", "redirected"),
}

_SAID: Final[Mapping[str, tuple[str, str]]] = {
    "connect": ("cannot be reached", "Look at the address, the network, and the proxy if there is one"),
    "proxy": ("cannot be reached through the proxy", "Look at the settings of the proxy in the client you passed"),
    "tls": (
        "does not prove who it is, or speaks no TLS that is safe",
        "For a certificate authority of your own, pass a client with an SSL context that trusts it",
    ),
    "timeout": ("did not answer in time", "Try again later, or allow a longer deadline"),
    "deadline": ("did not answer in full before the deadline", "Try again later, or allow a longer deadline"),
    "cut": ("closed the connection before its answer was complete", "Try again later"),
    "reset": ("broke the connection", "Try again later"),
    "too-large": ("answered with more than is taken in", "Ask for smaller pages, or allow a higher ceiling"),
    "encoded": (
        "answered with a compressed body although it was asked not to",
        "Something between here and there may compress; it is not unpacked, since a small one can become huge",
    ),
    "not-http": ("answered with something that is not HTTP", "Look at the address and the port"),
    "redirected": (
        "answered with a redirect that is not followed",
        "It leads away, goes round in circles, or asks to sign in; look at the address of the service",
    ),
    "repeated": (
        "was about to be asked a second time by the client that was passed, and was not",
        "What may change something is sent once: leave out transports that retry, and an auth that asks twice",
    ),
    "failed": ("could not be asked", "The client that was passed failed; look at its hooks and transports"),
}


class Refused(Exception):  # noqa: N818  never leaves this package
    """An answer that arrived and is not taken in."""

    def __init__(self, code: str, status: int) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


def bare(error: BaseException) -> BaseException:
    """Cut off the frames and the errors behind an error: variables there hold headers."""
    error.__cause__ = error.__context__ = None
    error.__suppress_context__ = True
    return error.with_traceback(None)


def _chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and len(found) < 20:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def failure_of(error: BaseException) -> str:
    """Say which error of somebody else's it is, and where it was raised; no value of its variables is in it."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = f" in {frame.tb_frame.f_code.co_name}, line {frame.tb_lineno}" if frame is not None else ""
    return f"{type(error).__name__}{where}"


def answer_in(error: Exception, request: Any) -> Any:
    """Give the answer to a request that an error holds; None where it is an error of another kind.

    ``raise_for_status`` is a common hook: what it raises is no failure, but an answer with a status. Not so the
    answer to another question, for instance to one that an ``auth`` asked for a token.
    """
    kinds = {kind.__name__ for kind in type(error).__mro__ if kind.__module__.partition(".")[0] in LIBRARIES}
    if "HTTPStatusError" not in kinds:
        return None
    answer = getattr(error, "response", None)
    asked = getattr(answer, "_request", None)
    same = asked is not None and (asked.method, asked.url) == (request.method, request.url)
    return answer if same else None


def _distrusts(error: BaseException) -> bool:
    """Whether TLS itself failed, and not only the connection below it."""
    passing = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)
    return any(isinstance(link, ssl.SSLError) and not isinstance(link, passing) for link in _chain(error))


def _ended(error: BaseException) -> bool:
    """Whether the other side closed the connection, in the words of httpcore and h11."""
    text = str(error)
    return "disconnected" in text or "peer closed" in text or "incomplete" in text


def kind_of(error: Exception) -> Kind:
    """Say what an error of the library means; nothing is proven by one that is not known."""
    names = (kind.__name__ for kind in type(error).__mro__ if kind.__module__.partition(".")[0] in LIBRARIES)
    kind = next((_KINDS[name] for name in names if name in _KINDS), Kind("maybe", "failed"))
    if kind.code == "connect" and _distrusts(error):
        return Kind(kind.sent, "tls")
    if kind.code == "not-http" and kind.sent == "maybe" and _ended(error):
        return Kind(kind.sent, "cut")
    if kind.code == "reset" and any(isinstance(link, ssl.SSLEOFError) for link in _chain(error)):
        return Kind(kind.sent, "cut")
    return kind


def trouble(where: str, code: str, sent: Sent, status: int | None = None, *, because: str = "") -> TransportError:
    """Build the error for a code; nothing of the request or of the answer is in it.

    Args:
        where: Scheme, host and port.
        code: A key of the table above.
        sent: Whether the request may have got through.
        status: The status of the answer that was not taken in.
        because: What is known of an error that nobody knows; see `failure_of`.
    """
    what, hint = _SAID[code]
    why = f" ({because})" if because else ""
    return TransportError(f"{where} {what}{why}", hint=hint, sent=sent, code=code, status=status)

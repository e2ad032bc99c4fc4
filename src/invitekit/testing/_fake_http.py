"""A small HTTP/1.1 server on a loopback socket, which can break off in the ways that real ones do."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from http import HTTPStatus
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

import attrs

from invitekit._wire import Response

from .faults import Cut, Drip, Reset, Silence

if TYPE_CHECKING:
    import ssl
    from types import TracebackType
    from typing import Self

__all__ = ["Asked", "Connections", "HttpServer", "Reply", "finish", "reset"]

_LARGEST_HEAD = 64 * 1024
_LINGER_OFF = b"\x01\x00\x00\x00\x00\x00\x00\x00"  # struct linger {on, 0 s}: closing sends RST in the place of FIN


def reset(connection: socket.socket) -> None:
    """Close a connection with RST."""
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_OFF)
    connection.close()


def finish(connection: socket.socket, how: int) -> None:
    """Shut a connection down, below TLS where it speaks that: nothing is said, and what comes is still read."""
    socket.socket.shutdown(connection, how)


class Connections:
    """A listening loopback socket, a thread for each connection, and an end that waits for all of them.

    Args:
        serve: What to do with one connection and its number, from 1; it is closed afterwards.
        tls: How to speak TLS; plain unless given.
    """

    def __init__(self, serve: Callable[[socket.socket, int], None], tls: ssl.SSLContext | None) -> None:
        self._serve = serve
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self.stopping = Event()
        self.count = 0
        self._open: dict[socket.socket, Thread] = {}
        self._lock = Lock()
        self._acceptor = Thread(target=self._accept, name=f"fake-server-{self.port}", daemon=True)

    def __enter__(self) -> Self:
        self._acceptor.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        # Closing a listening socket does not wake who accepts on it; shutting it down does, or else a connection.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            pass
        self._acceptor.join()
        self._listener.close()
        with self._lock:
            still_open = list(self._open.items())
        for connection, _ in still_open:
            with suppress(OSError):
                finish(connection, socket.SHUT_RDWR)
        for _, thread in still_open:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if self.stopping.is_set():
                connection.close()
                return
            with self._lock:
                self.count += 1
                number = self.count
                thread = Thread(target=self._attend, args=(connection, number), daemon=True)
                self._open[connection] = thread
            thread.start()

    def _attend(self, connection: socket.socket, number: int) -> None:
        spoken = connection
        try:
            with suppress(OSError):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if self._tls is not None:
                    spoken = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
                    with self._lock:
                        # Wrapping empties the plain socket; what is to be shut down at the end is the new one.
                        self._open[spoken] = self._open.pop(connection)
                    if self.stopping.is_set():
                        return
                    spoken.do_handshake()
                self._serve(spoken, number)
        finally:
            spoken.close()
            connection.close()
            with self._lock:
                self._open.pop(spoken, None)
                self._open.pop(connection, None)


@attrs.frozen(weakref_slot=False)
class Asked:
    """A request as it arrived.

    Args:
        method: In capitals.
        path: The decoded segments.
        query: Names and values.
        headers: By name in lower case; of several with one name, the last.
        body: As it arrived.
    """

    method: str
    path: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@attrs.frozen(weakref_slot=False)
class Reply:
    """What is answered, and how it goes wrong on the way, if it does."""

    response: Response
    broken: Cut | Reset | Drip | Silence | None = None


Answerer: TypeAlias = Callable[[Asked], Reply]


class HttpServer:
    """Answers requests, several on one connection, and several connections at once.

    Args:
        answer: Gives the answer to a request.
        tls: As for `Connections`.
    """

    def __init__(self, answer: Answerer, tls: ssl.SSLContext | None = None) -> None:
        self._answer = answer
        self.connections = Connections(self._converse, tls)
        self.origin = f"{'https' if tls else 'http'}://127.0.0.1:{self.connections.port}"

    def _converse(self, connection: socket.socket, _number: int) -> None:
        with ExitStack() as stack:
            incoming = stack.enter_context(connection.makefile("rb"))
            while not self.connections.stopping.is_set():
                try:
                    asked = _read_request(incoming.readline, incoming.read)
                except ValueError:  # a length that is no number, an address that is none
                    return
                if asked is None or not self._send(connection, self._answer(asked)):
                    return
                if asked.headers.get("connection", "").lower() == "close":
                    return

    def _send(self, connection: socket.socket, reply: Reply) -> bool:
        """Send an answer; false where nothing more is to come on this connection."""
        head, body = _spelled(reply.response)
        match reply.broken:
            case None:
                connection.sendall(head + body)
                return True
            case Drip(every=every, size=size):
                whole = head + body
                for place in range(0, len(whole), size):
                    connection.sendall(whole[place : place + size])
                    if self.connections.stopping.wait(every):
                        return False
                return True
            case Cut(after=after):
                kept = len(body) // 2 if after is None else after
                connection.sendall(head + body[:kept] if body else head[: len(head) // 2])
            case Reset():
                reset(connection)
            case Silence():
                while connection.recv(65_536):
                    pass
        return False


def _read_request(readline: Callable[[int], bytes], read: Callable[[int], bytes]) -> Asked | None:
    """Read one request; None at the end of the connection, or where what comes is no request."""
    first = readline(_LARGEST_HEAD).decode("latin-1").split()
    if len(first) != 3:
        return None
    headers: dict[str, str] = {}
    while line := readline(_LARGEST_HEAD).strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = b""
        while size := int(readline(_LARGEST_HEAD).split(b";")[0] or b"0", 16):
            body += read(size)
            readline(_LARGEST_HEAD)
        readline(_LARGEST_HEAD)
    else:
        body = read(int(headers.get("content-length", "0")))
    if first[2] == "HTTP/1.0" and headers.get("connection", "").lower() != "keep-alive":
        headers["connection"] = "close"
    address = urlsplit(first[1])
    path = tuple(unquote(segment) for segment in address.path.split("/") if segment)
    query = dict(parse_qsl(address.query, keep_blank_values=True))
    return Asked(first[0].upper(), path, query, headers, body)


def _spelled(response: Response) -> tuple[bytes, bytes]:
    """The head and the body of an answer."""
    try:
        reason = HTTPStatus(response.status).phrase
    except ValueError:
        reason = "Request denied" if response.status == 999 else "Unknown"
    lines = [f"HTTP/1.1 {response.status} {reason}", *(f"{name}: {value}" for name, value in response.headers)]
    if response.status == 204:  # which has no body, and so no length of one
        return "\r\n".join([*lines, "", ""]).encode("latin-1"), b""
    lines += [f"content-length: {len(response.body)}", "", ""]
    return "\r\n".join(lines).encode("latin-1"), response.body

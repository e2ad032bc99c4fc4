"""A server that speaks bytes: for what no HTTP server can be made to do."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, ClassVar

from invitekit.errors import DataError

from ._fake_http import Connections, finish, reset
from .steps import Close, Drip, Read, Reset, Script, Send, Silence, Step, Until, Wait

if TYPE_CHECKING:
    import ssl
    from types import TracebackType
    from typing import Self

__all__ = ["FaultServer"]


_POLL = 0.02
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
_BODY = b'{"object":"InvitationList","items":[],"cursor":null}'
_LENGTH = b"content-length: %d\r\n\r\n" % len(_BODY)
_NOT_GZIP = (
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + b"\xff" * 10
)  # a good header, and then no kind of block there is
_GZIP = b"content-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(_NOT_GZIP) + _NOT_GZIP


def _page(status: bytes) -> bytes:
    return b"HTTP/1.1 %s\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>" % status


class FaultServer:
    r"""Plays a script of bytes, pauses and endings on each connection, and records what it was sent.

    >>> import urllib.request
    >>> from invitekit.testing import FaultServer
    >>> from invitekit.testing.steps import Read, Send
    >>> answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"
    >>> with FaultServer([Read(), Send(answer)]) as server:
    ...     urllib.request.urlopen(server.url).read()
    b'hi'
    >>> server.received[0].splitlines()[0]
    b'GET / HTTP/1.1'

    `FaultServer.SCRIPTS` has one for each fault of a connection that a client has to survive.

    Args:
        scripts: What happens on the first connection, on the second, and so on; the last script is also for all
            that follow.
        tls: How to speak TLS, before any script begins; plain unless given.

    Raises:
        DataError: There is no script.
    """

    SCRIPTS: ClassVar[Mapping[str, Script]] = {
        "drip-body": (Read(), Send(_HEAD + _LENGTH), Drip(_BODY)),
        "drip-headers": (Read(), Drip(_HEAD + _LENGTH + _BODY)),
        "close-at-once": (Close(),),
        "reset": (Read(), Reset()),
        "half-headers": (Read(), Send(_HEAD[:-9]), Close()),
        "short-length": (Read(), Send(_HEAD + _LENGTH + _BODY[:20]), Close()),
        "cut-chunk": (
            Read(),
            Send(_HEAD + b"transfer-encoding: chunked\r\n\r\n%x\r\n" % len(_BODY) + _BODY[:20]),
            Close(),
        ),
        "cut-close-delimited": (Read(), Send(_HEAD + b"connection: close\r\n\r\n" + _BODY[:20]), Close()),
        "999": (Read(), Send(_page(b"999 Request denied"))),
        "1000": (Read(), Send(_page(b"1000 Beyond"))),
        "not-http": (Read(), Send(b"SSH-2.0-Example_1.0\r\n"), Close()),
        "bad-gzip": (Read(), Send(_HEAD + _GZIP)),
        "silence": (Read(), Silence()),
        "100-flood": (Read(), Drip(b"HTTP/1.1 100 Continue\r\n\r\n", every=0.0, repeat=True)),
    }
    """The fourteen faults of a connection, by name; what drips or floods lasts until the other side gives up."""

    def __init__(self, *scripts: Sequence[Step], tls: ssl.SSLContext | None = None) -> None:
        if not scripts:
            raise DataError("a server needs a script", hint="Give steps, for instance [Read(), Close()]")
        self._scripts: list[Script] = [tuple(script) for script in scripts]
        self._connections = Connections(self._play, tls)
        self._received: dict[int, bytearray] = {}
        self._lock = Lock()
        scheme = "https" if tls else "http"
        self.port = self._connections.port
        self.url = f"{scheme}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._connections.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connections.__exit__(kind, error, trace)

    @property
    def received(self) -> tuple[bytes, ...]:
        """Every byte that arrived so far, by connection in the order in which they came."""
        with self._lock:
            return tuple(bytes(self._received[number]) for number in sorted(self._received))

    @property
    def connections(self) -> int:
        """How many connections there were."""
        return self._connections.count

    def _play(self, connection: socket.socket, number: int) -> None:
        with self._lock:
            heard = self._received[number] = bytearray()
        for step in self._scripts[min(number, len(self._scripts)) - 1]:
            match step:
                case Read():
                    self._hear_request(connection, heard)
                case Send(data=data):
                    connection.sendall(data)
                case Drip():
                    self._drip(connection, step)
                case Wait(seconds=seconds):
                    self._connections.stopping.wait(seconds)
                case Until(event=event):
                    while not event.wait(_POLL) and not self._connections.stopping.is_set():
                        pass
                case Silence():
                    while self._hear(connection, heard):
                        pass
                case Reset():
                    reset(connection)
                    return
                case Close():
                    break
            if self._connections.stopping.is_set():
                return
        # Closing with unread bytes would send RST; whoever wants that asks for `Reset`.
        finish(connection, socket.SHUT_WR)
        connection.settimeout(1)
        while self._hear(connection, heard):
            pass

    def _hear(self, connection: socket.socket, heard: bytearray) -> bool:
        data = connection.recv(65_536)
        with self._lock:
            heard += data
        return bool(data)

    def _hear_request(self, connection: socket.socket, heard: bytearray) -> None:
        begin = len(heard)
        while True:
            head, end, body = bytes(heard[begin:]).partition(b"\r\n\r\n")
            if end:
                lengths = [
                    int(line.partition(b":")[2])
                    for line in head.lower().splitlines()
                    if line.startswith(b"content-length:")
                ]
                if len(body) >= sum(lengths):
                    return
            if not self._hear(connection, heard):
                return

    def _drip(self, connection: socket.socket, drip: Drip) -> None:
        pieces = [drip.data] if not drip.every else [drip.data[at : at + 1] for at in range(len(drip.data))]
        while True:
            for piece in pieces:
                connection.sendall(piece)
                if self._connections.stopping.wait(drip.every):
                    return
            if not drip.repeat:
                return

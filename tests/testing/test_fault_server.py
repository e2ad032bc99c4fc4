"""A `FaultServer` does on a socket exactly what its script says, and leaves nothing behind."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
import zlib
from contextlib import suppress
from threading import Event

import pytest

from invitekit.errors import DataError
from invitekit.testing import FaultServer
from invitekit.testing.steps import Close, Drip, Read, Reset, Send, Silence, Until, Wait

REQUEST = b"GET /users HTTP/1.1\r\nHost: example\r\n\r\n"


def ask(server: FaultServer, request: bytes = REQUEST, enough: int = 1_000_000) -> bytes:
    """Send a request and read until the server closes, or until it is enough."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(request)
        heard = b""
        while len(heard) < enough and (more := connection.recv(65_536)):
            heard += more
        return heard


def seconds() -> float:
    return time.perf_counter()  # noqa: TID251  real time is what some of it is about


def test_it_plays_its_script_and_records_what_arrived() -> None:
    with FaultServer([Read(), Send(b"one"), Send(b"two")]) as server:
        assert ask(server) == b"onetwo"
        assert server.received == (REQUEST,)
        assert server.connections == 1


def test_each_connection_has_the_next_script_and_the_last_is_repeated() -> None:
    with FaultServer([Read(), Send(b"first")], [Read(), Send(b"later")]) as server:
        assert [ask(server) for _ in range(3)] == [b"first", b"later", b"later"]
        assert server.connections == 3
        assert server.received == (REQUEST,) * 3


def test_a_request_has_arrived_with_its_body() -> None:
    head = b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n"
    with (
        FaultServer([Read(), Send(b"done")]) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection,
    ):
        connection.sendall(head + b"abc")
        connection.settimeout(0.05)
        with pytest.raises(TimeoutError):
            connection.recv(100)
        connection.settimeout(5)
        connection.sendall(b"de")

        assert connection.recv(100) == b"done"


def test_several_requests_on_one_connection_are_read_one_by_one() -> None:
    with (
        FaultServer([Read(), Send(b"a"), Read(), Send(b"b")]) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection,
    ):
        heard = []
        for _ in range(2):
            connection.sendall(REQUEST)
            heard.append(connection.recv(100))

        assert heard == [b"a", b"b"]


def test_a_reset_is_a_reset() -> None:
    with FaultServer([Read(), Reset()]) as server, pytest.raises(ConnectionResetError):
        ask(server)


def test_what_comes_after_the_end_of_a_connection_is_not_played() -> None:
    with FaultServer([Read(), Send(b"one"), Close(), Send(b"two")]) as server:
        assert ask(server) == b"one"


def test_dripping_takes_its_time() -> None:
    with FaultServer([Read(), Drip(b"12345", every=0.02)]) as server:
        begin = seconds()

        assert ask(server) == b"12345"
        assert seconds() - begin >= 0.08


def test_waiting_takes_its_time() -> None:
    with FaultServer([Read(), Wait(0.05), Send(b"late")]) as server:
        begin = seconds()

        assert ask(server) == b"late"
        assert seconds() - begin >= 0.05


def test_it_goes_on_when_a_test_says_so() -> None:
    event = Event()
    with (
        FaultServer([Read(), Until(event), Send(b"now")]) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=0.05) as connection,
    ):
        connection.sendall(REQUEST)
        with pytest.raises(TimeoutError):
            connection.recv(100)
        event.set()
        connection.settimeout(5)

        assert connection.recv(100) == b"now"


@pytest.mark.parametrize(
    "script",
    [
        [Read(), Silence()],
        [Read(), Wait(3_600)],
        [Read(), Until(Event())],
        [Read(), Drip(b"x", every=0.01, repeat=True)],
        [Read(), Drip(b"x" * 100, every=0.0, repeat=True)],
        [Read(), Drip(b"slow", every=3_600)],
        [Read(), Read()],
    ],
    ids=["silence", "wait", "until", "drip", "flood", "slow", "read"],
)
def test_whatever_it_is_doing_it_stops_at_once_and_leaves_no_thread(script) -> None:
    before = threading.active_count()
    with socket.socket() as connection:
        with FaultServer(script) as server:
            connection.connect(("127.0.0.1", server.port))
            connection.sendall(REQUEST)
            while not server.received:
                pass
            begin = seconds()

        assert seconds() - begin < 2
        assert threading.active_count() == before


def test_after_it_has_stopped_nobody_answers() -> None:
    with FaultServer([Close()]) as server:
        pass

    with pytest.raises(ConnectionRefusedError):
        ask(server)


def test_without_a_script_it_is_refused() -> None:
    with pytest.raises(DataError, match="needs a script"):
        FaultServer()


class TestScripts:
    """Each ready-made script does what its name says, as seen by whoever reads the bytes."""

    def answer(self, name: str, enough: int = 1_000_000) -> bytes:
        with FaultServer(FaultServer.SCRIPTS[name]) as server:
            return ask(server, enough=enough)

    def body(self, name: str) -> bytes:
        return self.answer(name).partition(b"\r\n\r\n")[2]

    def test_there_are_fourteen(self) -> None:
        assert set(FaultServer.SCRIPTS) == {
            *("drip-body", "drip-headers", "close-at-once", "reset", "half-headers", "short-length", "cut-chunk"),
            *("cut-close-delimited", "999", "1000", "not-http", "bad-gzip", "silence", "100-flood"),
        }

    @pytest.mark.parametrize("name", ["drip-body", "drip-headers"])
    def test_dripping_gives_a_piece_at_a_time(self, name: str) -> None:
        with (
            FaultServer(FaultServer.SCRIPTS[name]) as server,
            socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection,
        ):
            connection.sendall(REQUEST)
            heard = b"".join(connection.recv(1_000) for _ in range(4))

        # On a busy machine several pieces may arrive as one; all of them would take seconds.
        assert heard.startswith(b"HTTP/1.1 200 OK"[: len(heard)])
        assert (b"\r\n\r\n" in heard) is (name == "drip-body")
        assert len(heard) < 100

    def test_closed_at_once(self) -> None:
        assert self.answer("close-at-once") == b""

    def test_reset(self) -> None:
        with pytest.raises(ConnectionResetError):
            self.answer("reset")

    def test_half_headers(self) -> None:
        answer = self.answer("half-headers")

        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"\r\n\r\n" not in answer

    def test_short_length(self) -> None:
        head, _, body = self.answer("short-length").partition(b"\r\n\r\n")

        assert b"content-length: 52" in head
        assert len(body) == 20

    def test_cut_chunk(self) -> None:
        size, _, rest = self.body("cut-chunk").partition(b"\r\n")

        assert len(rest) == 20 < int(size, 16)

    def test_cut_close_delimited(self) -> None:
        answer = self.answer("cut-close-delimited")

        assert b"content-length" not in answer
        assert answer.endswith(b'{"object":"Invitatio')

    @pytest.mark.parametrize("status", ["999", "1000"])
    def test_odd_statuses(self, status: str) -> None:
        assert self.answer(status).startswith(f"HTTP/1.1 {status} ".encode())

    def test_not_http(self) -> None:
        assert self.answer("not-http").startswith(b"SSH-")

    def test_bad_gzip(self) -> None:
        body = self.body("bad-gzip")

        assert body.startswith(b"\x1f\x8b")
        with pytest.raises(zlib.error):
            gzip.decompress(body)

    def test_silence(self) -> None:
        with (
            FaultServer(FaultServer.SCRIPTS["silence"]) as server,
            socket.create_connection(("127.0.0.1", server.port), timeout=0.1) as connection,
        ):
            connection.sendall(REQUEST)
            with pytest.raises(TimeoutError):
                connection.recv(100)

    def test_flood(self) -> None:
        lines = self.answer("100-flood", enough=100_000).split(b"\r\n\r\n")

        assert set(lines[:-1]) == {b"HTTP/1.1 100 Continue"}


def test_over_tls_nothing_is_played_before_the_handshake() -> None:
    """A client that speaks plain HTTP to it, or closes, gets no byte of the script."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with FaultServer([Read(), Send(b"secret")], tls=context) as server:
        assert server.url.startswith("https://127.0.0.1:")
        heard = b""
        with suppress(ConnectionResetError):
            heard = ask(server)
        assert b"secret" not in heard
        assert server.received == ()

"""A deadline for a whole exchange, also where the library that carries it out knows none.

The timeouts of httpx are per socket operation (measured: at half a second, headers that come one byte at a time
are read for as long as the server likes, and so is an endless row of ``100 Continue``). Here, a watchdog shuts the
socket down when the time is over, and whoever reads from it is back at once.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Any

from invitekit._drive import monotonic

__all__ = ["Attempt", "Late", "Repeated", "Watchdog", "socket_of"]


class Late(Exception):  # noqa: N818  never leaves this package
    """The time was over before anything was sent, or while a body was read."""


class Repeated(Exception):  # noqa: N818  never leaves this package
    """What may change something was about to be sent a second time, and was not."""


class Attempt:
    """One exchange under way: until when, over which socket, and whether anything of it has left.

    Args:
        seconds: How long it may take in all.
        traced: Whether what carries it out is known to tell about each of its steps (see `trace`), so that silence
            proves something.
        changes: Whether it may change something, and so must not be sent twice.
    """

    __slots__ = ("_spare", "_stream", "changes", "end", "fired", "repeated", "sending", "socket", "traced")

    def __init__(self, seconds: float, *, traced: bool, changes: bool = False) -> None:
        self.end = monotonic() + seconds
        self.socket: socket.socket | None = None
        self.fired = False
        self.sending = False
        self.repeated = False
        self.traced = traced
        self.changes = changes
        self._spare: socket.socket | None = None
        self._stream: Any = None

    @property
    def left(self) -> float:
        """How many seconds are left; a moment at least, since zero means other things to sockets."""
        return max(self.end - monotonic(), 0.001)

    @property
    def late(self) -> bool:
        """Whether the time is over."""
        return self.fired or monotonic() >= self.end

    @property
    def nothing_left(self) -> bool:
        """Whether it is proven that no byte of the request left."""
        return self.traced and not self.sending

    def cut(self) -> None:
        """The time is over: let whoever waits for the socket go on, to find it closed."""
        self.fired = True
        for held in (self.socket, self._spare):
            if held is not None:
                _shut_down(held)

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """Follow the steps of httpcore: this is its ``trace`` extension, see encode.io/httpcore/extensions.

        Raises:
            Late: The headers were about to be sent, and the time was over.
            Repeated: They were about to be sent a second time.
        """
        self.traced = True
        step = event.partition(".")[2]
        if step == "connect_tcp.complete":
            self.hold(socket_of(info.get("return_value")))
        elif step == "start_tls.started" and self.socket is not None and self.socket.fileno() >= 0:
            # The handshake takes the descriptor away from this object; a second one still leads to the connection.
            self._spare = self.socket.dup()
        elif step.startswith("start_tls."):
            self.release()
            self.hold(socket_of(info.get("return_value")))
        elif step == "send_request_headers.started":
            if self.late:
                raise Late
            self._leaves(info)
        if self.fired:
            self.cut()

    async def atrace(self, event: str, info: dict[str, Any]) -> None:
        """As `trace`, for the async form of httpcore. No socket is needed there: a task can be cancelled."""
        self.traced = True
        step = event.partition(".")[2]
        if step == "connect_tcp.complete":
            self._stream = info.get("return_value")
        elif step == "send_request_headers.started":
            self._leaves(info)
            self._stream = None

    def _leaves(self, info: dict[str, Any]) -> None:
        """Take note that a request is about to leave. It stays noted: whatever fails later may come after it."""
        if getattr(info.get("request"), "method", None) in (b"CONNECT", "CONNECT"):
            return  # a question to a proxy, which tells nothing but host and port
        if self.sending and self.changes:
            self.repeated = True
            raise Repeated
        self.sending = True

    async def aclose(self) -> None:
        """Close a connection that was made and not taken over.

        A cancellation during the TLS handshake leaves it open in httpcore 1.0.9 and httpcore2 2.16.2 (measured).
        """
        stream, self._stream = self._stream, None
        if stream is not None:
            with suppress(Exception):
                await stream.aclose()

    def hold(self, found: Any) -> None:
        """Remember the socket that is to be cut, where there is one."""
        if isinstance(found, socket.socket):
            self.socket = found
            if self.fired:
                _shut_down(found)

    def release(self) -> None:
        """Close the second descriptor, if there is one."""
        if self._spare is not None:
            self._spare.close()
            self._spare = None


def socket_of(stream: Any) -> Any:
    """Give the socket below a network stream of httpcore; None where there is none to be seen."""
    ask = getattr(stream, "get_extra_info", None)
    return ask("socket") if callable(ask) else None


def _shut_down(held: socket.socket) -> None:
    # Not held.shutdown: an SSLSocket would drop its TLS state first, under the feet of whoever reads from it.
    with suppress(OSError):  # closed or gone already
        socket.socket.shutdown(held, socket.SHUT_RDWR)


class Watchdog:
    """Cuts the attempts whose time is over; a thread that exists only while it is needed.

    All attempts last equally long, so one that begins while the thread sleeps ends after it wakes up: nobody has
    to wake it for a request. After a whole period without any, the thread ends.

    Args:
        period: How long an attempt lasts, in seconds.
    """

    def __init__(self, period: float) -> None:
        self._period = min(period, threading.TIMEOUT_MAX)
        self._lock = threading.Lock()
        self._watched: dict[int, Attempt] = {}
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()
        self._closed = False

    def watch(self, attempt: Attempt) -> None:
        """Cut this attempt when its time is over, unless it is released before."""
        with self._lock:
            self._watched[id(attempt)] = attempt
            if self._thread is None or not self._thread.is_alive():
                self._wake = threading.Event()
                self._thread = threading.Thread(
                    target=self._run, args=(self._wake,), name="invitekit-deadlines", daemon=True
                )
                self._thread.start()

    def release(self, attempt: Attempt) -> None:
        """Never cut this attempt from here on."""
        with self._lock:
            self._watched.pop(id(attempt), None)
            attempt.release()
            if self._closed and not self._watched:
                self._wake.set()

    def close(self) -> None:
        """End the thread, once the attempts under way are over."""
        with self._lock:
            self._closed = True
            if not self._watched:
                self._wake.set()

    def _run(self, wake: threading.Event) -> None:
        pause = self._period
        while True:
            idle = wake.wait(pause)
            with self._lock:
                for attempt in self._watched.values():
                    if not attempt.fired and attempt.late:
                        attempt.cut()
                running = [attempt.left for attempt in self._watched.values() if not attempt.fired]
                if not self._watched and (idle or pause >= self._period):
                    self._thread = None
                    return
                wake.clear()
                pause = min(*running, self._period) if running else self._period

"""The deadline holds for the whole of an exchange, wherever the time goes."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import threading
from datetime import timedelta

import pytest
from tests.backends.test_transport import answer
from tests.backends.wires import (
    DEADLINE,
    LIBRARIES,
    MOMENT,
    READ,
    WRITE,
    Caller,
    await_until,
    both,
    every,
    own,
    wait_until,
)

from invitekit._drive import SystemClock, drive, monotonic
from invitekit._ops import Exchange
from invitekit.backends._deadline import Attempt, Late, Repeated, Watchdog
from invitekit.backends._retry import retries
from invitekit.errors import TransportError
from invitekit.flows import ask as question
from invitekit.testing import FaultServer
from invitekit.testing.steps import Drip, Read, Send, Silence, Wait

pytestmark = pytest.mark.sampled

SECONDS = DEADLINE.total_seconds()


def watchers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "invitekit-deadlines"]


@pytest.fixture
def full_listener():
    """An address where connecting never ends: nobody accepts, and the queue is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = []
        for _ in range(4):
            each = socket.socket()
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
            waiting.append(each)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        for each in waiting:
            each.close()


class Stopwatch:
    def __enter__(self):
        self.begun = monotonic()
        return self

    def __exit__(self, *_):
        self.took = monotonic() - self.begun


@both
@every
def test_before_there_is_a_connection_it_proves_that_nothing_was_sent(caller, request_, full_listener):
    with caller.wire(full_listener, deadline=DEADLINE) as ask, Stopwatch() as watch:
        outcome = ask.outcome(request_)
    assert isinstance(outcome, TransportError)
    assert (outcome.code, outcome.sent) == ("deadline", "no")
    assert watch.took <= SECONDS + 0.5


@pytest.mark.parametrize(
    "script",
    [[Silence()], [Drip(b"\x16\x03\x03\x40\x00" + b"\x02" * 10_000, every=0.05)]],
    ids=["silent", "drips"],
)
@every
def test_a_slow_handshake_proves_that_nothing_was_sent(caller, script):
    with FaultServer(script) as server:
        url = server.url.replace("http:", "https:")
        with caller.wire(url, deadline=DEADLINE) as ask, Stopwatch() as watch:
            outcome = ask.outcome(WRITE)
        assert isinstance(outcome, TransportError)
        assert (outcome.code, outcome.sent) == ("deadline", "no")
        assert SECONDS - 0.01 <= watch.took <= SECONDS + 0.5


@own
def test_it_holds_on_a_connection_that_was_used_before(caller):
    drip = Drip(answer(headers="x-filler: " + "x" * 500 + "\r\n"))
    with (
        FaultServer([Read(), Send(answer()), Read(), drip]) as server,
        caller.wire(server.url, deadline=DEADLINE) as ask,
    ):
        assert ask(READ).status == 200
        with Stopwatch() as watch, pytest.raises(TransportError) as caught:
            ask(READ)
        assert server.connections == 1
    assert (caught.value.code, caught.value.sent) == ("deadline", "maybe")
    assert watch.took <= SECONDS + 0.5


@own
def test_redirects_share_one_deadline(caller):
    around = Send(answer(status=302, headers="location: /again\r\n"))
    script = [step for _ in range(6) for step in (Read(), Wait(SECONDS / 3), around)]
    with FaultServer(script) as server, caller.wire(server.url, deadline=DEADLINE) as ask, Stopwatch() as watch:
        outcome = ask.outcome(READ)
    assert outcome.code == "deadline"
    assert watch.took <= SECONDS + 0.5


@own
def test_an_exchange_in_time_is_left_alone_and_the_next_has_all_its_time(caller):
    deadline = timedelta(seconds=1)
    script = [step for _ in range(4) for step in (Read(), Wait(0.3), Send(answer()))]
    with FaultServer(script) as server, caller.wire(server.url, deadline=deadline) as ask:
        assert [ask(READ).status for _ in range(4)] == [200] * 4
        assert server.connections == 1


@pytest.mark.parametrize("deadline", [timedelta.max, timedelta(days=106_752), timedelta(days=30)], ids=str)
@own
def test_a_deadline_beyond_all_measure_is_one_that_never_comes(caller, deadline, monkeypatch):
    died = []
    monkeypatch.setattr(threading, "excepthook", died.append)
    before = set(watchers())
    with FaultServer([Read(), Send(answer())]) as server:
        with caller.wire(server.url, deadline=deadline) as ask:
            assert ask(READ).status == 200
            assert [thread.is_alive() for thread in set(watchers()) - before] == [True] * caller.sync
        for thread in set(watchers()) - before:
            thread.join(5)
            assert not thread.is_alive()
    assert died == []


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_proxy_that_does_not_answer_proves_that_nothing_was_sent(colour, library):
    """The proxy was asked to connect, and the service was asked nothing."""
    caller = Caller(colour, library, "theirs")
    with FaultServer([Read(), Silence()]) as proxy:
        client = caller.client(proxy=proxy.url)
        with caller.wire("https://api.service.example", client=client, deadline=DEADLINE) as ask:
            outcome = ask.outcome(WRITE)
        assert b"".join(proxy.received).startswith(b"CONNECT ")
    assert (outcome.code, outcome.sent) == ("deadline", "no")


def test_a_call_that_ends_with_it_took_about_one_deadline():
    """Only quick failures are asked again: a patient caller would wait three times as long as was allowed."""
    with (
        FaultServer([Read(), Silence()]) as server,
        Caller("sync", "httpx").wire(server.url, deadline=DEADLINE) as ask,
    ):
        with Stopwatch() as watch, pytest.raises(TransportError) as caught:
            drive(question(READ, lambda *_: None, retry=retries(), patience=timedelta(0)), ask.perform)
        assert server.connections == 1
    assert caught.value.code == "deadline"
    assert watch.took <= SECONDS + 0.5
    for code in ("deadline", "repeated"):
        for sent in ("no", "maybe"):
            assert retries()(1, TransportError("late", code=code, sent=sent)) is None


class TestWatchdog:
    def test_a_period_beyond_all_measure_is_a_long_one(self, monkeypatch):
        died = []
        monkeypatch.setattr(threading, "excepthook", died.append)
        dog = Watchdog(timedelta.max.total_seconds())
        attempt = Attempt(timedelta.max.total_seconds(), traced=True)
        dog.watch(attempt)
        thread = dog._thread
        dog.release(attempt)
        dog.close()
        thread.join(5)
        assert not thread.is_alive()
        assert died == []

    def test_one_thread_serves_a_wire_and_ends_with_it(self):
        before = watchers()
        with FaultServer([step for _ in range(50) for step in (Read(), Send(answer()))]) as server:
            with Caller("sync", "httpx").wire(server.url) as ask:
                assert set(watchers()) - set(before) == set()
                ask(READ)
                (mine,) = set(watchers()) - set(before)
                for _ in range(20):
                    ask(READ)
                assert set(watchers()) - set(before) == {mine}
            mine.join(5)
            assert not mine.is_alive()

    def test_it_ends_by_itself_when_nobody_asks_and_comes_back(self):
        dog = Watchdog(0.05)
        for _ in range(2):
            attempt = Attempt(0.05, traced=True)
            dog.watch(attempt)
            thread = dog._thread
            assert thread is not None
            dog.release(attempt)
            thread.join(5)
            assert not thread.is_alive()
            assert not attempt.fired

    def test_it_cuts_what_is_late_and_only_that(self):
        dog = Watchdog(0.1)
        late, in_time = Attempt(0.1, traced=True), Attempt(0.1, traced=True)
        ours, other = socket.socketpair()
        with ours, other:
            late.socket = ours
            dog.watch(late)
            dog.watch(in_time)
            dog.release(in_time)
            ours.settimeout(5)
            assert ours.recv(1) == b""
            assert late.fired
            assert not in_time.fired
            dog.release(late)
        dog.close()

    def test_a_closed_one_still_watches_what_is_under_way(self):
        with (
            FaultServer([Read(), Silence()]) as server,
            Caller("sync", "httpx").wire(server.url, deadline=DEADLINE) as ask,
        ):
            outcome = []
            asking = threading.Thread(target=lambda: outcome.append(ask.outcome(READ)))
            asking.start()
            wait_until(lambda: b"\r\n\r\n" in b"".join(server.received))
            ask.wire.close()
            asking.join(5)
            assert outcome[0].code == "deadline"

    def test_an_abandoned_wire_leaves_nothing_behind(self):
        before = set(watchers())
        with FaultServer([Read(), Send(answer(headers="connection: close\r\n"))]) as server:
            with Caller("sync", "httpx").wire(server.url, deadline=DEADLINE) as ask:
                ask(WRITE)
                left = set(watchers()) - before
            del ask
            gc.collect()
        for thread in left:
            thread.join(5)
            assert not thread.is_alive()


@pytest.mark.parametrize("library", ["httpx"])
def test_cancelling_is_no_deadline_and_leaves_at_once(library):
    with FaultServer([Read(), Silence()]) as server, Caller("async", library).wire(server.url) as ask:

        async def cancelled():
            task = asyncio.create_task(ask.wire.perform(Exchange(WRITE)))
            await await_until(lambda: b"\r\n\r\n" in b"".join(server.received))
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return task.cancelled()

        with Stopwatch() as watch:
            assert ask.run(cancelled())
        assert watch.took < 2


def test_a_timeout_of_the_callers_is_the_callers():
    with FaultServer([Read(), Silence()]) as server, Caller("async", "httpx").wire(server.url) as ask:

        async def impatient():
            async with asyncio.timeout(0.1):
                await ask.wire.perform(Exchange(READ))

        with pytest.raises(TimeoutError):
            ask.run(impatient())


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_transport_without_a_socket_is_stopped_between_two_pieces_of_a_body(library):
    caller = Caller("sync", library)

    class Endless(caller.module.SyncByteStream):
        def __iter__(self):
            while True:
                SystemClock().pause(10 * MOMENT)
                yield b"x"

    transport = caller.module.MockTransport(lambda _: caller.module.Response(200, stream=Endless()))
    client = caller.client(transport=transport)
    with caller.wire("http://127.0.0.1:9", client=client, deadline=DEADLINE) as ask, Stopwatch() as watch:
        outcome = ask.outcome(READ)
    assert isinstance(outcome, TransportError)
    assert (outcome.code, outcome.sent) == ("deadline", "maybe")  # it tells nothing, so nothing is proven
    assert watch.took <= SECONDS + 0.5


class TestAttempt:
    def test_when_the_time_is_over_before_the_headers_they_stay_here(self):
        attempt = Attempt(0.0, traced=True)
        with pytest.raises(Late):
            attempt.trace("http11.send_request_headers.started", {})
        assert attempt.nothing_left

    def test_once_the_headers_are_on_their_way_nothing_is_proven(self):
        attempt = Attempt(10.0, traced=True)
        assert attempt.nothing_left
        attempt.trace("http11.send_request_headers.started", {})
        assert not attempt.nothing_left

    def test_what_may_change_something_leaves_once_and_reads_may_twice(self):
        for changes in (False, True):
            attempt = Attempt(10.0, traced=True, changes=changes)
            tunnel = type("Request", (), {"method": b"CONNECT"})()
            for _ in range(2):
                attempt.trace("http11.send_request_headers.started", {"request": tunnel})
                assert attempt.nothing_left
            attempt.trace("http11.send_request_headers.started", {})
            with pytest.raises(Repeated) if changes else contextlib.nullcontext():
                attempt.trace("http2.send_request_headers.started", {})
            assert attempt.repeated is changes
            assert not attempt.nothing_left

    def test_silence_of_an_unknown_transport_proves_nothing(self):
        assert not Attempt(10.0, traced=False).nothing_left

    def test_a_connection_made_after_the_time_was_over_is_cut(self):
        attempt = Attempt(10.0, traced=True)
        attempt.cut()
        ours, other = socket.socketpair()

        class Stream:
            def get_extra_info(self, name):
                return ours if name == "socket" else None

        with ours, other:
            attempt.trace("connection.connect_tcp.complete", {"return_value": Stream()})
            assert ours.recv(1) == b""

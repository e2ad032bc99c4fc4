"""What is worth asking again, when, and how often in all."""

from __future__ import annotations

import asyncio
import itertools
import random
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest

from invitekit._drive import drive, monotonic
from invitekit._ops import Exchange, Pause
from invitekit._wire import Request, Response
from invitekit.backends._retry import retries
from invitekit.errors import (
    BackendError,
    CapabilityError,
    ChallengeError,
    DataError,
    RateLimitedError,
    RefusedError,
    TransportError,
)
from invitekit.flows import ask
from invitekit.testing import FakeClock

READ = Request("GET", ("accounts",))
WRITE = Request("DELETE", ("users", "invite", "sent", "77"))
UNAVAILABLE = BackendError("down", code="http-503", status=503)
GIVEN_UP = ("deadline", "too-large", "encoded", "redirected", "closed", "not-http", "failed")
NEVER_SENT = TransportError("no connection", sent="no", code="connect")


def lost(code: str, sent: str = "maybe") -> TransportError:
    return TransportError("lost", sent=sent, code=code)


def status(number: int) -> BackendError:
    return BackendError("down", code=f"http-{number}", status=number)


class TestWhatIsWorthIt:
    @pytest.mark.parametrize(
        "error",
        [
            *(lost(code) for code in ("timeout", "cut", "reset", "connect", "proxy")),
            *(status(number) for number in (408, 425, 500, 502, 503, 504, 507, 520, 599)),
        ],
        ids=lambda error: error.code,
    )
    def test_what_may_be_gone_the_next_time_is_asked_again(self, error):
        assert retries()(1, error) is not None

    @pytest.mark.parametrize("code", ["connect", "proxy", "timeout"])
    def test_what_never_left_is_tried_anew(self, code):
        assert retries()(1, lost(code, "no")) is not None

    @pytest.mark.parametrize(
        "error",
        [
            *(
                lost(code, sent)
                for sent in ("no", "maybe")
                for code in [
                    "deadline",
                    "too-large",
                    "encoded",
                    "redirected",
                    "closed",
                    "tls",
                    "not-http",
                    "failed",
                ]
            ),
            *(status(number) for number in (400, 401, 403, 404, 409, 410, 422, 426, 451, 501)),
            BackendError("odd"),
            BackendError("closed", sent="no", code="closed"),
            ChallengeError("look", code="http-999", status=999),
            RefusedError("no", status=503),
            RateLimitedError("later", not_before=datetime(2026, 11, 23, tzinfo=UTC), status=503, sent="no"),
            CapabilityError("cannot", capability="withdraw"),
        ],
        ids=lambda error: f"{type(error).__name__}-{error.code}-{error.sent}",
    )
    def test_what_will_not_change_is_never_asked_again(self, error):
        decide = retries()
        assert decide(1, error) is None
        assert decide.tokens == 40


class TestWhen:
    def test_the_longest_waits_double_up_to_the_cap(self):
        decide = retries(attempts=10, random=lambda: 1.0)
        waits = [decide(failures, UNAVAILABLE) for failures in range(1, 11)]
        seconds = [0.5, 1, 2, 4, 8, 16, 20, 20, 20]
        assert waits == [*(timedelta(seconds=each) for each in seconds), None]

    def test_a_call_asks_three_times_at_most(self):
        decide = retries(random=lambda: 1.0)
        assert [decide(failures, UNAVAILABLE) is None for failures in (1, 2, 3, 4)] == [False, False, True, True]
        assert [decide(failures, NEVER_SENT) is None for failures in (1, 2, 3)] == [False, False, True]

    @pytest.mark.parametrize(("failures", "longest"), [(1, 0.5), (2, 1.0), (4, 4.0), (9, 20.0)])
    def test_waits_are_uniform_between_nothing_and_the_longest(self, failures, longest):
        decide = retries(attempts=99, quota=10_000, random=random.Random(77).random)
        waits = [decide(failures, UNAVAILABLE).total_seconds() for _ in range(10_000)]
        assert 0 <= min(waits) <= max(waits) <= longest
        tenths = [sum(1 for wait in waits if tenth <= wait / longest * 10 < tenth + 1) for tenth in range(10)]
        assert all(800 <= count <= 1200 for count in tenths)

    def test_without_a_source_of_its_own_it_varies(self):
        decide = retries(quota=100)
        assert len({decide(2, UNAVAILABLE) for _ in range(50)}) > 25

    def test_the_numbers_can_be_chosen(self):
        decide = retries(
            attempts=2, base=timedelta(seconds=3), cap=timedelta(seconds=2), quota=1, random=lambda: 0.5
        )
        assert decide(1, UNAVAILABLE) == timedelta(seconds=1)
        assert decide(1, UNAVAILABLE) is None
        assert repr(decide) == "<Retries, 0 of 1 left>"

    @pytest.mark.parametrize(
        "wrong",
        [{"attempts": 0}, {"quota": -1}, {"base": timedelta(seconds=-1)}, {"cap": timedelta(seconds=-1)}],
        ids=str,
    )
    def test_numbers_that_make_no_sense_are_refused(self, wrong):
        with pytest.raises(DataError, match="1 or more"):
            retries(**wrong)


class TestQuota:
    def test_ten_minutes_of_503_cost_forty_repetitions_and_no_write(self):
        clock = FakeClock()
        end = clock.now() + timedelta(minutes=10)
        decide = retries(random=lambda: 1.0)
        asked = {True: [], False: []}

        def perform(op):
            match op:
                case Exchange(request):
                    asked[request.reads][-1] += 1
                    return Response(503)
                case Pause(delay):
                    return clock.pause(delay)
            return clock.now()

        def interpret(response, at):
            raise UNAVAILABLE

        for request in itertools.cycle((READ, READ, WRITE)):
            if clock.now() >= end:
                break
            asked[request.reads].append(0)
            with pytest.raises(BackendError, match="down"):
                drive(ask(request, interpret, retry=decide, patience=timedelta(minutes=5)), perform)
            clock.pause(timedelta(seconds=2))
        assert sum(each - 1 for each in asked[True]) == 40
        assert max(asked[True]) == 3
        assert set(asked[False]) == {1}
        assert len(asked[True]) > 100
        assert decide.tokens == 0

    def test_each_success_brings_one_back_and_never_more_than_there_were(self):
        decide = retries(quota=3)
        decide.succeeded()
        assert decide.tokens == 3
        assert [decide(1, UNAVAILABLE) is None for _ in range(4)] == [False, False, False, True]
        decide.succeeded()
        assert decide.tokens == 1
        assert decide(1, UNAVAILABLE) is not None
        assert decide.tokens == 0

    def test_giving_up_costs_nothing(self):
        decide = retries(quota=3)
        decide(3, UNAVAILABLE)
        decide(1, status(422))
        assert decide.tokens == 3

    def test_ten_threads_and_ten_tasks_never_see_an_impossible_number(self):
        decide = retries(quota=5)
        wrong: list[int] = []
        counts = {"yes": 0, "back": 0}
        until = monotonic() + 1.5
        lock = threading.Lock()

        def step(draw: random.Random) -> None:
            if draw.random() < 0.6:
                given = decide(draw.choice((1, 2)), UNAVAILABLE)
                with lock:
                    counts["yes"] += given is not None
            else:
                decide.succeeded()
                with lock:
                    counts["back"] += 1
            seen = decide.tokens
            if not 0 <= seen <= 5:
                wrong.append(seen)

        def thread(seed: int) -> None:
            draw = random.Random(seed)
            while monotonic() < until:
                step(draw)

        async def task(seed: int) -> None:
            draw = random.Random(seed)
            while monotonic() < until:
                step(draw)
                await asyncio.sleep(0)

        async def tasks() -> None:
            await asyncio.gather(*(task(100 + number) for number in range(10)))

        before = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        try:
            threads = [threading.Thread(target=thread, args=(number,)) for number in range(10)]
            for each in threads:
                each.start()
            asyncio.run(tasks())
            for each in threads:
                each.join()
        finally:
            sys.setswitchinterval(before)
        assert wrong == []
        assert counts["yes"] > 100
        assert counts["yes"] <= 5 + counts["back"]

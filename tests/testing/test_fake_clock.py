"""A `FakeClock` moves when it is told to, and waiting by it takes no time."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta, timezone
from threading import Thread

import pytest

from invitekit.errors import DataError
from invitekit.ports import Clock
from invitekit.testing import FakeClock

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_it_is_a_clock() -> None:
    assert isinstance(FakeClock(), Clock)


def test_it_stands_still() -> None:
    clock = FakeClock(START)

    assert clock.now() == clock.now() == START


def test_a_pause_moves_it_at_once_and_is_remembered() -> None:
    clock = FakeClock(START)
    before = time.perf_counter()  # noqa: TID251  that no time passes is what is tested

    clock.pause(HOUR)
    clock.pause(timedelta(seconds=2))

    assert time.perf_counter() - before < 1  # noqa: TID251
    assert clock.now() == START + HOUR + timedelta(seconds=2)
    assert clock.pauses == (HOUR, timedelta(seconds=2))


@pytest.mark.parametrize("delay", [timedelta(0), -HOUR])
def test_a_pause_that_is_none_does_nothing(delay: timedelta) -> None:
    clock = FakeClock(START)

    clock.pause(delay)

    assert (clock.now(), clock.pauses) == (START, ())


def test_an_awaited_pause_lets_other_tasks_run() -> None:
    clock = FakeClock(START)
    order: list[str] = []

    async def wait(name: str) -> None:
        order.append(f"{name} begins")
        await clock.apause(HOUR)
        order.append(f"{name} goes on")

    async def both() -> None:
        await asyncio.gather(wait("one"), wait("two"))

    asyncio.run(both())

    assert order == ["one begins", "two begins", "one goes on", "two goes on"]
    assert clock.now() == START + 2 * HOUR


def test_an_awaited_pause_needs_no_event_loop() -> None:
    clock = FakeClock(START)
    waiting = clock.apause(HOUR)

    with pytest.raises(StopIteration):
        waiting.send(None)

    assert clock.now() == START + HOUR


def test_it_can_be_advanced_and_set_back_without_a_pause() -> None:
    clock = FakeClock(START)

    clock.advance(HOUR)
    clock.set(START - HOUR)

    assert clock.now() == START - HOUR
    assert clock.pauses == ()


def test_it_speaks_utc_whatever_it_was_given() -> None:
    clock = FakeClock(START.astimezone(timezone(timedelta(hours=5, minutes=45))))

    assert clock.now().utcoffset() == timedelta(0)
    assert clock.now() == START


@pytest.mark.parametrize("act", [FakeClock, lambda moment: FakeClock().set(moment)])
def test_a_moment_without_a_zone_is_refused(act) -> None:
    with pytest.raises(DataError, match="no zone"):
        act(START.replace(tzinfo=None))


def test_no_pause_of_several_threads_is_lost() -> None:
    clock = FakeClock(START)
    threads = [Thread(target=lambda: [clock.pause(HOUR) for _ in range(200)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert clock.now() == START + 1_600 * HOUR
    assert len(clock.pauses) == 1_600

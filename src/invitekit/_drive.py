"""The edge: the two drivers, which perform what flows ask for, and the only clock.

A driver steps a flow: it performs each operation and answers it, or throws what went wrong into the flow, at the
await that asked for it. It catches `Exception` only. An interrupt or a cancellation is no answer: it leaves the
driver at once, and the flow is closed where it stands.

`drive` and `adrive` take a flow to its end and close it. `advance` and `aadvance`, which do the stepping, stop
wherever the flow shows something; whoever calls them closes it.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from invitekit._ops import Done, Emit, Flow, Op

__all__ = ["SystemClock", "aadvance", "adrive", "advance", "drive", "monotonic", "now"]

T = TypeVar("T")


def now() -> datetime:
    """Read the system clock: this moment, aware, in UTC.

    Nothing in invitekit reads it for you. Pass it where a moment is wanted: ``policy.plan(snapshot, now=now())``.
    """
    return datetime.now(UTC)


def monotonic() -> float:
    """Read the clock that nobody sets, in seconds: for deadlines on sockets, which no injected clock can move."""
    return time.monotonic()


class SystemClock:
    """The clock on the wall, and real waiting; see `invitekit.ports.Clock`."""

    def now(self) -> datetime:
        """Read the clock: this moment, aware, in UTC."""
        return now()

    def pause(self, delay: timedelta) -> None:
        """Wait."""
        time.sleep(max(delay.total_seconds(), 0.0))

    async def apause(self, delay: timedelta) -> None:
        """Wait, and let others run meanwhile; under asyncio."""
        import asyncio

        await asyncio.sleep(max(delay.total_seconds(), 0.0))


def _ignore(_: Any) -> None:
    pass


def advance(flow: Flow[T], perform: Callable[[Op[Any]], Any]) -> Emit | Done[T]:
    """Perform a flow until it shows something or ends.

    Args:
        flow: The flow; it has not begun, or has just shown something.
        perform: Performs one operation and gives the answer. What it raises is thrown into the flow.
    """
    step = flow.send(None)
    while not isinstance(step, (Emit, Done)):
        try:
            answer = perform(step)
        except Exception as error:  # noqa: BLE001  handed over to the flow that asked
            step = flow.throw(error)
        else:
            step = flow.send(answer)
    return step


async def aadvance(flow: Flow[T], perform: Callable[[Op[Any]], Awaitable[Any]]) -> Emit | Done[T]:
    """Perform a flow until it shows something or ends; as `advance`, where performing has to be awaited."""
    step = flow.send(None)
    while not isinstance(step, (Emit, Done)):
        try:
            answer = await perform(step)
        except Exception as error:  # noqa: BLE001  handed over to the flow that asked
            step = flow.throw(error)
        else:
            step = flow.send(answer)
    return step


def drive(flow: Flow[T], perform: Callable[[Op[Any]], Any], show: Callable[[Any], object] = _ignore) -> T:
    """Perform a flow to its end and give its result.

    Args:
        flow: The flow.
        perform: Performs one operation and gives the answer.
        show: Is given what the flow shows on its way.
    """
    try:
        while not isinstance(step := advance(flow, perform), Done):
            show(step.value)
        return step.result
    finally:
        flow.close()


async def adrive(
    flow: Flow[T], perform: Callable[[Op[Any]], Awaitable[Any]], show: Callable[[Any], object] = _ignore
) -> T:
    """Perform a flow to its end and give its result; as `drive`, where performing has to be awaited."""
    try:
        while not isinstance(step := await aadvance(flow, perform), Done):
            show(step.value)
        return step.result
    finally:
        flow.close()

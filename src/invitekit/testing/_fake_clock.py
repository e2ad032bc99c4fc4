"""A clock that stands still until it is told otherwise, and whose pauses take no time."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from threading import RLock

from invitekit.errors import DataError

__all__ = ["FakeClock"]

DEFAULT_START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
"""When a clock starts, unless told otherwise: when a synthetic export was taken."""


class FakeClock:
    """An `invitekit.ports.Clock` for tests: whoever pauses moves it on at once, and nobody waits.

    Threads and tasks may share one. It goes on only when somebody pauses or advances it.

    >>> from datetime import timedelta
    >>> clock = FakeClock()
    >>> clock.pause(timedelta(minutes=2))
    >>> clock.now()
    datetime.datetime(2026, 11, 22, 12, 2, tzinfo=datetime.timezone.utc)
    >>> clock.pauses
    (datetime.timedelta(seconds=120),)

    Args:
        at: When it starts, aware; 2026-11-22 12:00 UTC unless told otherwise.

    Raises:
        DataError: `at` has no zone.
    """

    def __init__(self, at: datetime = DEFAULT_START) -> None:
        self._moment = _utc(at)
        self._pauses: list[timedelta] = []
        self._lock = RLock()

    def now(self) -> datetime:
        """Read the clock: its moment, aware, in UTC."""
        with self._lock:
            return self._moment

    def pause(self, delay: timedelta) -> None:
        """Move on by `delay`, at once, and remember it; not at all where it is not above zero."""
        if delay <= timedelta(0):
            return
        with self._lock:
            self._pauses.append(delay)
            self._moment += delay

    async def apause(self, delay: timedelta) -> None:
        """Move on as `pause` does; under asyncio, others get their turn."""
        self.pause(delay)
        # Where nobody loaded asyncio, no loop of it runs; other loops have no turn to give without their library.
        asyncio = sys.modules.get("asyncio")
        if asyncio is None:
            return
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return
        await asyncio.sleep(0)

    @property
    def pauses(self) -> tuple[timedelta, ...]:
        """Every pause so far, in order."""
        with self._lock:
            return tuple(self._pauses)

    def advance(self, by: timedelta) -> None:
        """Let time pass without a pause; a negative time goes back.

        Args:
            by: How much.
        """
        with self._lock:
            self._moment += by

    def set(self, to: datetime) -> None:
        """Jump to a moment, also an earlier one, as the clock of a machine does when it is corrected.

        Args:
            to: An aware moment.

        Raises:
            DataError: It has no zone.
        """
        with self._lock:
            self._moment = _utc(to)

    def __repr__(self) -> str:
        return f"FakeClock({self.now().isoformat()}, pauses={len(self.pauses)})"


def _utc(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise DataError(
            f"{moment.isoformat()} has no zone",
            hint="Give an aware moment, for instance with tzinfo=UTC",
            key="at",
        )
    return moment.astimezone(UTC)

"""What is to happen at a certain moment of a clock, and the clock as it looks while that happens."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invitekit.ports import Clock

__all__ = ["Happenings"]


class Happenings:
    """A diary: whoever keeps it calls `catch_up` when time may have passed. Not for several threads by itself.

    Args:
        clock: By which it goes.
    """

    def __init__(self, clock: Clock) -> None:
        self._read_clock = clock.now
        self._moment: datetime | None = None
        self._due: list[tuple[datetime, int, Callable[[], object]]] = []
        self._order = count()

    def now(self) -> datetime:
        """Read the clock; within something that was scheduled, the moment for which it was."""
        return self._moment or self._read_clock()

    @contextmanager
    def at(self, moment: datetime) -> Generator[None]:
        """Let the clock show a moment, for what is done within the context."""
        before, self._moment = self._moment, moment
        try:
            yield
        finally:
            self._moment = before

    def add(self, what: Callable[[], object], moment: datetime) -> None:
        """Let something happen at a moment; of several at one, the first that was added comes first."""
        insort(self._due, (moment, next(self._order), what), key=lambda each: each[:2])

    def catch_up(self) -> None:
        """Let everything happen that is due, in the order of its moments."""
        while self._due and self._due[0][0] <= self._read_clock():
            moment, _, what = self._due.pop(0)
            with self.at(moment):
                what()

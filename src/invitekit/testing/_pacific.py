"""US Pacific wall time, by the rule in force since 2007, without any time zone data.

An export states ``Sent At`` in US Pacific wall time, summer time included (measured on member exports, not
documented by LinkedIn). The synthetic exports compute it here on their own, from the rule, so that a reader
which uses zone data is tested against something that does not.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta

__all__ = ["PacificText", "autumn_change", "spring_change"]

_HOUR = 3_600
_DAY = 86_400
_STANDARD = -8 * _HOUR
_SUMMER = -7 * _HOUR
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _sunday_on_or_after(day: date) -> date:
    return day + timedelta(days=6 - day.weekday())


def _epoch_seconds(day: date, hour: int) -> int:
    return (day - date(1970, 1, 1)).days * _DAY + hour * _HOUR


def spring_change(year: int) -> int:
    """The instant clocks go forward, in epoch seconds: the second Sunday of March, 02:00 PST (10:00 UTC)."""
    return _epoch_seconds(_sunday_on_or_after(date(year, 3, 8)), 10)


def autumn_change(year: int) -> int:
    """The instant clocks go back, in epoch seconds: the first Sunday of November, 02:00 PDT (09:00 UTC)."""
    return _epoch_seconds(_sunday_on_or_after(date(year, 11, 1)), 9)


class PacificText:
    """Writes instants the way the ``Sent At`` column does: ``6/5/24, 5:42 PM``.

    Days and minutes are written once and remembered: a large export repeats them millions of times.

    Args:
        first_year: The first year an instant may fall into, 2007 or later.
        last_year: The last one.
    """

    __slots__ = ("_changes", "_days", "_minutes")

    def __init__(self, first_year: int, last_year: int) -> None:
        # Even places are standard time, odd places summer time, because each year contributes a pair.
        self._changes = [
            change
            for year in range(first_year - 1, last_year + 2)
            for change in (spring_change(year), autumn_change(year))
        ]
        self._days: dict[int, str] = {}
        self._minutes = tuple(
            f"{hour % 12 or 12}:{minute:02d} {'AM' if hour < 12 else 'PM'}"
            for hour in range(24)
            for minute in range(60)
        )

    def __call__(self, epoch: int) -> str:
        """The wall time of an instant (epoch seconds), cut to the minute."""
        summer = bisect_right(self._changes, epoch) & 1
        day, second = divmod(epoch + (_SUMMER if summer else _STANDARD), _DAY)
        text = self._days.get(day)
        if text is None:
            moment = _EPOCH + timedelta(days=day)
            text = self._days[day] = f"{moment.month}/{moment.day}/{moment.year % 100:02d}, "
        return text + self._minutes[second // 60]

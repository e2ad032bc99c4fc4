"""Which invitations count against a weekly limit at a moment: those of a calendar week, of seven days, or both.

LinkedIn does not say which week it means. Two heavy accounts stopped at exactly 200 in each week from Monday to
Monday, while seven rolling days held up to 398 (measured on member exports, not documented by LinkedIn); vendors
speak of a sliding window. So the default is the stricter of both.

A window answers one question: when does an invitation sent at some moment stop counting? It counts until then.
Invitations stop counting in the order in which they were sent, so what counts is always the newest few.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final, TypeAlias

import attrs

from invitekit._zones import PACIFIC_NAME, zone_of
from invitekit.errors import DataError
from invitekit.insight.estimators._arguments import shown

__all__ = ["LONGEST_WEEK", "CalendarWeek", "RollingWeek", "StrictestWeek", "Window", "month_of", "parts_of"]

_WEEK: Final = timedelta(days=7)
_HOUR: Final = timedelta(hours=1)
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

LONGEST_WEEK: Final = _WEEK + _HOUR
"""How long a calendar week can be: in the one in which clocks go back there is an hour more."""


def _whole(low: int, high: int) -> Any:
    def check(_: Any, field: attrs.Attribute[Any], value: object) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise DataError(
                f"the {field.name} of a week is a whole number from {low} to {high}, got {shown(value)}",
                hint="Monday is weekday 0, and midnight hour 0",
                key=field.name,
            )

    return check


def _zone(_: Any, _field: attrs.Attribute[Any], value: str | tzinfo) -> None:
    if value != PACIFIC_NAME:  # It is always there, and the default need not load zoneinfo to know.
        zone_of(value)


@attrs.frozen(weakref_slot=False)
class CalendarWeek:
    """A week that begins at a fixed weekday and hour of a zone.

    In the weeks in which clocks change it has 167 or 169 hours. An hour that a clock skips is the next one that
    exists; of one that it shows twice, the first counts.

    Args:
        weekday: On which day it begins: 0 is Monday, as in `datetime.date.weekday`. The default is the day that
            member exports show (measured, two accounts).
        hour: At which hour of that day, from 0 to 23. Not known; the exports show no more than that it lies
            between Sunday 21:47 and Monday 10:40 UTC.
        zone: Of which time zone, a name or a tzinfo; US Pacific, as the times in an export are. Not known either.

    Raises:
        DataError: There is no such weekday, hour or zone.
        MissingExtraError: The system carries no time zone data, and the zone is not US Pacific.
    """

    weekday: int = attrs.field(default=0, validator=_whole(0, 6))
    hour: int = attrs.field(default=0, validator=_whole(0, 23))
    zone: str | tzinfo = attrs.field(default=PACIFIC_NAME, validator=_zone)

    def bounds(self, at: datetime) -> tuple[datetime, datetime]:
        """When the week of a moment begins, and when the next one does; UTC."""
        zone = zone_of(self.zone)
        local = at.astimezone(zone)
        begins = (local - timedelta(days=(local.weekday() - self.weekday) % 7)).replace(
            hour=self.hour, minute=0, second=0, microsecond=0, fold=0
        )
        if begins.astimezone(UTC) > at:
            begins -= _WEEK  # By the wall clock, as all of this: across a change of clocks it is not 168 hours.
        return begins.astimezone(UTC), (begins + _WEEK).astimezone(UTC)

    def leaves(self, sent: datetime) -> datetime:
        """When an invitation sent at a moment stops counting; UTC."""
        return self.bounds(sent)[1]

    def __str__(self) -> str:
        return f"calendar week from {_DAYS[self.weekday]} {self.hour:02}:00 {self.zone}"


def _margin(_: Any, _field: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, timedelta) or not timedelta(0) <= value <= timedelta(days=1):
        raise DataError(
            f"the margin of a week is a timedelta from nothing to a day, got {shown(value)}",
            hint="For instance timedelta(hours=1)",
            key="margin",
        )


@attrs.frozen(weakref_slot=False)
class RollingWeek:
    """The last seven days of 24 hours, at whatever moment one looks.

    Whoever keeps to a limit in seven rolling days keeps to it in every stretch of 168 hours, and so in every
    calendar week, whatever the weekday and hour at which it begins, with one exception: the week in which clocks
    go back has 169 hours. A margin of one hour covers that one, too.

    Args:
        margin: How much longer than seven days an invitation counts.

    Raises:
        DataError: The margin is no timedelta from nothing to a day.
    """

    margin: timedelta = attrs.field(default=timedelta(0), validator=_margin)

    def leaves(self, sent: datetime) -> datetime:
        """When an invitation sent at a moment stops counting."""
        return sent + _WEEK + self.margin

    def __str__(self) -> str:
        return f"rolling 7 days and {self.margin / _HOUR:g} h" if self.margin else "rolling 7 days"


def _a(kind: type, example: str) -> Any:
    def check(_: Any, field: attrs.Attribute[Any], value: object) -> None:
        if not isinstance(value, kind):
            raise DataError(
                f"{field.name} is a {kind.__name__}, got {type(value).__name__}",
                hint=f"For instance {example}",
                key=field.name,
            )

    return check


@attrs.frozen(weakref_slot=False)
class StrictestWeek:
    """Both at once: an invitation counts as long as either of them counts it.

    With the hour that the rolling week gets as a margin here, a limit that is kept holds in every calendar week,
    also one that begins at another weekday, hour or zone than is thought, and in any seven rolling days. That is
    why this is the default.

    Args:
        calendar: The calendar week.
        rolling: The rolling week.

    Raises:
        DataError: One of them is something else.
    """

    calendar: CalendarWeek = attrs.field(factory=CalendarWeek, validator=_a(CalendarWeek, "CalendarWeek(hour=9)"))
    rolling: RollingWeek = attrs.field(
        default=RollingWeek(LONGEST_WEEK - _WEEK), validator=_a(RollingWeek, "RollingWeek()")
    )

    def leaves(self, sent: datetime) -> datetime:
        """When an invitation sent at a moment stops counting for both."""
        return max(self.calendar.leaves(sent), self.rolling.leaves(sent))

    def __str__(self) -> str:
        return f"the stricter of {self.calendar} and {self.rolling}"


Window: TypeAlias = CalendarWeek | RollingWeek | StrictestWeek


def parts_of(window: Window) -> tuple[CalendarWeek | RollingWeek, ...]:
    """Give the kinds of week that a window looks at."""
    return (window.calendar, window.rolling) if isinstance(window, StrictestWeek) else (window,)


def month_of(window: Window, at: datetime) -> tuple[datetime, datetime]:
    """When the calendar month of a moment begins and ends; UTC.

    Args:
        window: A calendar week brings its zone; for a rolling one it is US Pacific.
        at: The moment; aware.
    """
    week = window.calendar if isinstance(window, StrictestWeek) else window
    zone = zone_of(week.zone if isinstance(week, CalendarWeek) else PACIFIC_NAME)
    begins = at.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
    ends = (begins + timedelta(days=31)).replace(day=1)
    return begins.astimezone(UTC), ends.astimezone(UTC)

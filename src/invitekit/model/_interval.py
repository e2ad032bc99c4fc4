"""Instants that are known only within bounds."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Self

import attrs

from invitekit.errors import DataError
from invitekit.model._unknown import Truth

__all__ = ["Interval", "SentAt", "as_utc"]

_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)
_TICK: Final = timedelta(microseconds=1)


def as_utc(value: datetime) -> datetime:
    """Give an aware datetime in UTC.

    Raises:
        DataError: `value` is no datetime, or has no time zone.
    """
    if not isinstance(value, datetime):
        raise DataError(
            f"expected a datetime with a time zone, got {type(value).__name__}",
            hint="Pass for instance datetime(2026, 11, 22, tzinfo=UTC)",
        )
    if value.tzinfo is UTC:
        return value
    if value.utcoffset() is None:
        raise DataError(
            f"the datetime {value.isoformat(' ')} has no time zone",
            hint="Add one, for instance .replace(tzinfo=UTC) or .astimezone()",
        )
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise DataError(f"the datetime {value.isoformat(' ')} lies outside what UTC can express") from None


@attrs.frozen(weakref_slot=False)
class Interval:
    """An instant known to lie between two others, both included; in UTC.

    A point in time is an interval of no width. An end that is not known lies at the end of the calendar, so an
    instant of which nothing is known needs no special case anywhere: it is never surely before anything.

    Args:
        earliest: The first instant it may be; aware, kept in UTC.
        latest: The last instant it may be; aware, kept in UTC.

    Raises:
        DataError: An end has no time zone, or the ends are reversed.
    """

    earliest: datetime = attrs.field(converter=as_utc)
    latest: datetime = attrs.field(converter=as_utc)

    def __attrs_post_init__(self) -> None:
        if self.earliest > self.latest:
            raise DataError(
                f"an interval cannot begin ({self.earliest}) after it ends ({self.latest})",
                hint="Swap earliest and latest",
            )

    @classmethod
    def at(cls, instant: datetime) -> Self:
        """The interval of exactly one instant."""
        return cls(instant, instant)

    @classmethod
    def day(cls, day: date) -> Self:
        """The whole of a UTC day."""
        if not isinstance(day, date):
            raise DataError(
                f"expected a date, got {type(day).__name__}", hint="Pass for instance date(2026, 11, 22)"
            )
        return cls(*(datetime.combine(day, clock, tzinfo=UTC) for clock in (time.min, time.max)))

    @classmethod
    def minute(cls, instant: datetime) -> Self:
        """The whole of the minute that holds `instant`."""
        as_utc(instant)
        return cls(instant.replace(second=0, microsecond=0), instant.replace(second=59, microsecond=999_999))

    @classmethod
    def unknown(cls) -> Self:
        """An instant of which nothing is known."""
        return cls(_FIRST, _LAST)

    @property
    def exact(self) -> bool:
        """Whether it is one instant."""
        return self.earliest == self.latest

    @property
    def is_known(self) -> bool:
        """Whether at least one end is known."""
        return self.earliest != _FIRST or self.latest != _LAST

    def before(self, instant: datetime) -> Truth:
        """Whether it lies before `instant`, which is aware."""
        instant = as_utc(instant)
        if self.latest < instant:
            return Truth.TRUE
        return Truth.FALSE if self.earliest >= instant else Truth.UNKNOWN

    def age(self, now: datetime) -> tuple[timedelta, timedelta]:
        """How long ago it was at `now`, which is aware: at least, at most."""
        now = as_utc(now)
        return now - self.latest, now - self.earliest

    def __str__(self) -> str:
        return _spoken(self.earliest, self.latest)

    def __rich_repr__(self) -> Any:
        yield str(self)


@attrs.frozen(weakref_slot=False)
class SentAt(Interval):
    """When an invitation was sent: exact from a service's id, a minute from an export, days from "2 months ago".

    Args:
        earliest: The first instant it may have been sent.
        latest: The last instant it may have been sent.
        text: What the source wrote, kept as it stood; it takes no part in comparisons.
    """

    text: str = attrs.field(default="", eq=False, repr=False)


def _spoken(earliest: datetime, latest: datetime) -> str:
    """Say an interval as briefly as its width allows."""
    if earliest == _FIRST and latest == _LAST:
        return "unknown"
    if earliest == _FIRST:
        return f"by {latest:%Y-%m-%d %H:%M}Z"
    if latest == _LAST:
        return f"from {earliest:%Y-%m-%d %H:%M}Z"
    width = latest - earliest
    if width < timedelta(minutes=1):
        return f"{earliest:%Y-%m-%d %H:%M}Z"
    if width < timedelta(days=1) and earliest.date() == latest.date():
        if earliest.time() == datetime.min.time() and width == timedelta(days=1) - _TICK:
            return f"{earliest:%Y-%m-%d}"
        return f"{earliest:%Y-%m-%d %H:%M}Z to {latest:%H:%M}Z"
    return f"{earliest:%Y-%m-%d} to {latest:%Y-%m-%d}"

"""US Pacific time by its rule since 2007, for systems without time zone data.

Windows and slim containers carry no zone data, and an export's ``Sent At`` is US Pacific wall time (measured on
member exports, not documented by LinkedIn), so reading an export must not depend on it. The rule: summer time from
the second Sunday of March, 02:00, to the first Sunday of November, 02:00 (Energy Policy Act of 2005, in force
since 2007). LinkedIn keeps about 180 days in an export, so the years before 2007 do not occur.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final

__all__ = ["PACIFIC", "Pacific"]

_HOUR: Final = timedelta(hours=1)
_STANDARD: Final = timedelta(hours=-8)
_SUMMER: Final = timedelta(hours=-7)


def _first_sunday(year: int, month: int, day: int) -> date:
    """The first Sunday on or after a day."""
    start = date(year, month, day)
    return start + timedelta(days=6 - start.weekday())


@lru_cache(maxsize=256)
def _changes(year: int) -> tuple[datetime, datetime]:
    """The wall times at which clocks go forward and back, naive, as a clock just before the change shows them."""
    spring, autumn = _first_sunday(year, 3, 8), _first_sunday(year, 11, 1)
    return (
        datetime(year, 3, spring.day, 2),  # noqa: DTZ001  # a wall time is naive by nature
        datetime(year, 11, autumn.day, 2),  # noqa: DTZ001
    )


class Pacific(tzinfo):
    """US Pacific time since 2007; behaves as ``zoneinfo.ZoneInfo("America/Los_Angeles")`` does for those years.

    An hour that does not exist in spring and one that exists twice in autumn are told apart by ``fold``, as
    PEP 495 has it.
    """

    __slots__ = ()

    def utcoffset(self, when: datetime | None, /) -> timedelta | None:
        """The difference from UTC at a wall time."""
        return None if when is None else _SUMMER if _is_summer(when) else _STANDARD

    def dst(self, when: datetime | None, /) -> timedelta | None:
        """The part of the difference that is summer time."""
        return None if when is None else _HOUR if _is_summer(when) else timedelta(0)

    def tzname(self, when: datetime | None, /) -> str | None:
        """The usual abbreviation."""
        return "PT" if when is None else "PDT" if _is_summer(when) else "PST"

    def fromutc(self, when: datetime, /) -> datetime:
        """The wall time of an instant given as UTC digits with this zone attached."""
        spring, autumn = _changes(when.year)
        forward = spring - _STANDARD
        back = autumn - _SUMMER
        naive = when.replace(tzinfo=None)
        if forward <= naive < back:
            return when + _SUMMER
        # The hour after the change shows the digits of the hour before it once more.
        return (when + _STANDARD).replace(fold=int(back <= naive < back + _HOUR))

    def __reduce__(self) -> str:
        return "PACIFIC"

    def __repr__(self) -> str:
        return "PACIFIC"

    def __str__(self) -> str:
        return "America/Los_Angeles"


def _is_summer(when: datetime) -> bool:
    spring, autumn = _changes(when.year)
    naive = when.replace(tzinfo=None, fold=0)
    if when.fold:
        # The later reading: of the doubled hour, standard time; of the missing hour, summer time already.
        return spring <= naive < autumn - _HOUR
    return spring + _HOUR <= naive < autumn


PACIFIC: Final = Pacific()
"""The one instance."""

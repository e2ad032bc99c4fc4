"""Which time zone a name means, also where the system carries no zone data.

Windows and slim containers carry none. An export's ``Sent At`` is US Pacific wall time (measured on member
exports, not documented by LinkedIn), and so perhaps is LinkedIn's week, so these must not depend on it: US Pacific
falls back to its rule since 2007. Summer time lasts from the second Sunday of March, 02:00, to the first Sunday of
November, 02:00 (Energy Policy Act of 2005, in force since 2007). LinkedIn keeps about 180 days in an export, so
the years before 2007 do not occur.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final

from invitekit.errors import DataError, MissingExtraError

__all__ = ["PACIFIC", "PACIFIC_NAME", "Pacific", "zone_of"]

PACIFIC_NAME: Final = "America/Los_Angeles"

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
        return PACIFIC_NAME


def _is_summer(when: datetime) -> bool:
    spring, autumn = _changes(when.year)
    naive = when.replace(tzinfo=None, fold=0)
    if when.fold:
        # The later reading: of the doubled hour, standard time; of the missing hour, summer time already.
        return spring <= naive < autumn - _HOUR
    return spring + _HOUR <= naive < autumn


PACIFIC: Final = Pacific()
"""The one instance."""


def zone_of(zone: str | tzinfo) -> tzinfo:
    """Give the time zone that a name means; a tzinfo passes as it is.

    Args:
        zone: A name of the IANA database, for instance ``Europe/Brussels``, or a tzinfo.

    Raises:
        DataError: There is no zone of that name, or the argument is neither a name nor a tzinfo.
        MissingExtraError: The name may be right, but this system carries no zone data. US Pacific never needs it.
    """
    if isinstance(zone, tzinfo):
        try:
            offset = zone.utcoffset(datetime(2024, 1, 1, tzinfo=zone))
        except NotImplementedError:
            offset = None
        if offset is None:
            raise DataError("the time zone does not say how far it is from UTC", key="zone")
        return zone
    if not isinstance(zone, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise DataError(
            f"a time zone is a name or a tzinfo, not {type(zone).__name__}",
            hint=f"For instance {PACIFIC_NAME!r}",
            key="zone",
        )
    import zoneinfo

    try:
        return zoneinfo.ZoneInfo(zone)
    # A name that leads out of the database, to one of its folders or to a file that is no zone.
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        pass
    if zone == PACIFIC_NAME:
        return PACIFIC
    known = zoneinfo.available_timezones()
    if not known:
        raise MissingExtraError(f"no time zone data on this system to look up {zone[:80]!r}", extra="tz")
    from difflib import get_close_matches

    near = get_close_matches(zone, sorted(known), n=1)
    raise DataError(
        f"no time zone is called {zone[:80]!r}",
        hint=f"Did you mean {near[0]!r}?" if near else f"Names look like {PACIFIC_NAME!r} or 'Europe/Brussels'",
        key="zone",
    )

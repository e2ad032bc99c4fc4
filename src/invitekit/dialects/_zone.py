"""Which time zone a name means, also where the system carries no zone data."""

from __future__ import annotations

from datetime import datetime, tzinfo

from invitekit.dialects._pacific import PACIFIC
from invitekit.errors import DataError, MissingExtraError

__all__ = ["PACIFIC_NAME", "zone_of"]

PACIFIC_NAME = "America/Los_Angeles"


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

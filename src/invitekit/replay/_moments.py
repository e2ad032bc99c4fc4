"""The days of a replay, and the moment of each at which a policy decides."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from invitekit.errors import DataError
from invitekit.model._interval import as_utc
from invitekit.replay._tracks import Log

__all__ = ["day_of", "moments"]


def day_of(given: date | datetime, name: str) -> date:
    """Read a day: a date is a UTC day, and a datetime with a zone stands for its day in UTC.

    Raises:
        DataError: It is neither, or the datetime has no zone.
    """
    if isinstance(given, datetime):
        return as_utc(given).date()
    if not isinstance(given, date):
        raise DataError(
            f"{name} must be a date or a datetime, got {type(given).__name__}",
            hint="For instance date(2026, 6, 1)",
            key=name,
        )
    return given


def moments(log: Log, since: date | None, until: date | None) -> tuple[datetime, ...]:
    """The moment of each day at which a policy decides.

    That of the latest look on the day, as far as the looks left a trace in the history; on a day without one, the
    same time of day as at the look before it (before the first look, as at the first).

    Args:
        log: What is known.
        since: The first day; the first of which the log tells when not given.
        until: The last day; that of the last look when not given.

    Raises:
        DataError: There is no day in between.
    """
    first = log.begins.date() if since is None else since
    last = log.ends.date() if until is None else min(until, log.ends.date())
    if first > last:
        raise DataError(
            f"there is nothing to replay from {first} to {last}",
            hint=f"The history tells from {log.begins:%Y-%m-%d} to {log.ends:%Y-%m-%d}",
            key="since",
        )
    latest = {look.date(): look for look in log.looks}
    before = [look for look in log.looks if look.date() < first]
    clock = (before[-1] if before else log.looks[0]).timetz()
    found: list[datetime] = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if (look := latest.get(day)) is not None:
            clock = look.timetz()
        found.append(datetime.combine(day, clock).astimezone(UTC))
    return tuple(found)

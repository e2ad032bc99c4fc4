"""``Retry-After``: the moment before which a service wants to hear nothing, whatever it wrote there.

Two rules: it never fails, and it never shortens. What is written as RFC 9110 has it (whole seconds, or one of
three forms of a date) counts to the second. Everything else counts for at least a minute, and for more where it
looks like more: a service that asks for patience in bad grammar wants patience all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from math import ceil
from typing import Final

from invitekit.model._interval import as_utc

__all__ = ["FAR", "UNREADABLE", "not_before"]

UNREADABLE: Final = timedelta(seconds=60)
"""How long to wait at least where a service asks for fewer requests and does not say, readably, for how long.
Our choice; bursts are said to be forgotten in one to three minutes (Unipile, seen in one code base, 2026-10)."""

FAR: Final = datetime(9999, 12, 30, tzinfo=UTC)
"""The last moment that is ever given, two days before the calendar ends so that it exists in every time zone.
Whatever lies beyond it is cut down to it: nobody waits for eight thousand years."""

_WORD_LIMIT: Final = 200

_seconds = re.compile(r"[0-9]+").fullmatch
# IMF-fixdate, RFC 850 and asctime: the three that RFC 9110 knows.
_http_date = re.compile(
    r"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT"
    r"|[A-Z][a-z]{5,8}, [0-9]{2}-[A-Z][a-z]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT"
    r"|[A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2} [0-9]{4}"
).fullmatch


def not_before(values: str | Iterable[str] | None, at: datetime, date: str | None = None) -> datetime:
    """Give the moment before which nothing may be asked; aware UTC, from `at` to `FAR`, both included.

    Whole seconds and dates are exact. A date counts by the clock of the service as well, where the answer has a
    ``Date``: the wait is the longer of what is left by either clock. A date that has passed by both, a negative
    number, a fraction, an empty value and anything in another grammar mean `UNREADABLE` from `at`, and more where
    they look like more: ``10 minutes``, ``PT1H``, ``00:10:00``, ``1,000`` or ``2026-11-23T10:00:00Z``. What may be
    read in two ways is read in the longer one. Several values, in one header or in several, mean the longest.

    Args:
        values: What stands in the header, None or nothing where there is none.
        at: When the answer arrived; aware.
        date: What stands in ``Date``, the moment by the clock of the service; None where there is none.
    """
    at = min(as_utc(at), FAR)
    answer = _Answer(at, None if date is None else _date(date.strip(" \t")))
    said = [values] if isinstance(values, str) else list(values or ())
    return max(map(answer.moment, said), default=answer.patient)


class _Answer:
    """When an answer came, by the clock here and by that of the service."""

    def __init__(self, at: datetime, there: datetime | None) -> None:
        self._at = at
        self._there = there
        self.patient: Final = self._later(UNREADABLE.total_seconds())
        """Not before this where nothing can be read."""

    def moment(self, value: str) -> datetime:
        """Give the moment that one header asks for."""
        value = value.strip(" \t")
        if _seconds(value):
            return self._later(_number(value))
        if _http_date(value) and (date := _date(value)) is not None:
            due = self._due(date)
            return due if due > self._at else self.patient
        # Several values in one, or something that is not in the grammar.
        parts = [value, *(part.strip() for part in value[:_WORD_LIMIT].split(","))]
        return max(self.patient, *(self._seeming(part) for part in parts))

    def _seeming(self, part: str) -> datetime:
        """Give the moment that something out of the grammar seems to ask for."""
        if (moment := _iso(part)) is not None:
            return self._due(moment)
        longest = self._later(max(_durations(part), default=0))
        return longest if (date := _date(part)) is None else max(longest, self._due(date))

    def _due(self, date: datetime) -> datetime:
        """Give the moment that is a date there, by whichever of the two clocks it is later."""
        if self._there is not None:
            date = max(date, self._later((date - self._there).total_seconds()))
        return min(max(date, self._at), FAR)

    def _later(self, seconds: float) -> datetime:
        if seconds >= (FAR - self._at).total_seconds():
            return FAR
        return self._at + timedelta(seconds=max(ceil(seconds), 0))


# ── What is not in the grammar, and yet says something ──

_LONGEST: Final = 1e12
"""More seconds than there are in the calendar."""


def _number(text: str) -> float:
    return min(float(text), _LONGEST)


_DAY: Final = 86_400
_UNITS: Final[Mapping[str, float]] = {
    **dict.fromkeys(("ms", "msec", "msecs", "millis", "millisecond", "milliseconds"), 0.001),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3_600),
    **dict.fromkeys(("d", "day", "days"), _DAY),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks"), 7 * _DAY),
    **dict.fromkeys(("mo", "mos", "month", "months"), 31 * _DAY),
    **dict.fromkeys(("y", "yr", "yrs", "year", "years"), 366 * _DAY),
}
"""How many seconds a unit has at most."""

_NUMBER: Final = r"\d+(?:\.\d*)?(?:e\+?\d+)?"
# 1e9, +5, 3600., digits of other scripts.
_bare = re.compile(rf"\+?({_NUMBER})").match
_counted = re.compile(rf"(?:({_NUMBER})[\s_-]*|\b(?:an?|one)[\s_-]+)({'|'.join(_UNITS)})(?![a-z])").finditer
_period = re.compile(
    r"p(?:(\d+)y)?(?:(\d+)m)?(?:(\d+)w)?(?:(\d+)d)?(?:t(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:[.,]\d+)?)s)?)?"
).fullmatch
_PERIOD_UNITS: Final = ("y", "mo", "w", "d", "h", "m", "s")
_clock = re.compile(r"(\d+):(\d{1,2})(?::(\d{1,2}(?:\.\d+)?))?").fullmatch
_grouped = re.compile(r"(?<=\d)[,_'](?=\d)").sub
_grouped_by_comma = re.compile(r"\d{1,3}(?:,\d{3})+(?!\d)").match


def _durations(part: str) -> Iterator[float]:
    """Give the seconds of each way to read what may be a duration."""
    spelled = part.lower()
    yield from _readings(spelled)
    # Thousands may be kept apart: 1,000 and 1_000. A list of two numbers looks the same, and is shorter.
    if _grouped_by_comma(spelled) or "_" in spelled or "'" in spelled:
        yield from _readings(_grouped("", spelled))


def _readings(spelled: str) -> Iterator[float]:
    counted = list(_counted(spelled[:_WORD_LIMIT]))
    if counted:
        yield sum(_number(one[1] or "1") * _UNITS[one[2]] for one in counted)
    number = _bare(spelled)
    # The number of "120000ms" is none of seconds, and neither is a year.
    has_unit = number is not None and bool(counted) and counted[0].start(1) == number.start(1)
    if number is not None and not has_unit and not _iso_like(spelled):
        yield _number(number[1])
    if (clock := _clock(spelled)) is not None:
        # Without seconds it may be minutes and seconds, or hours and minutes, which is longer.
        yield _number(clock[1]) * 3_600 + int(clock[2]) * 60 + float(clock[3] or 0)
    if len(spelled) <= _WORD_LIMIT and (period := _period(spelled)) is not None:
        amounts = zip(period.groups("0"), _PERIOD_UNITS, strict=True)
        yield sum(_number(amount.replace(",", ".")) * _UNITS[unit] for amount, unit in amounts)


_iso_like = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])").match
_utc_at_end = re.compile(r"\s*(?:UTC|GMT|Z)$").sub
_space_before_zone = re.compile(r"\s+(?=[+-][0-9])").sub


def _iso(value: str) -> datetime | None:
    """Read a moment as ISO 8601 has it, or nearly so; UTC where no zone is named, None for anything else."""
    if len(value) > _WORD_LIMIT or not _iso_like(value):
        return None
    try:
        date = datetime.fromisoformat(_space_before_zone("", _utc_at_end("+00:00", value.upper())))
        return (date.replace(tzinfo=UTC) if date.tzinfo is None else date).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _date(value: str) -> datetime | None:
    """Read a date as HTTP and mail have it; None for anything else."""
    if len(value) > _WORD_LIMIT or _iso_like(value):
        return None
    try:
        # A leap second is allowed, and none that Python knows.
        date = parsedate_to_datetime(_leap(":59", value)) + timedelta(seconds=_is_leap(value) is not None)
        return (date.replace(tzinfo=UTC) if date.tzinfo is None else date).astimezone(UTC)
    except Exception:  # noqa: BLE001  what it raises for junk has changed with every version of Python
        return None


_LEAP: Final = re.compile(r"(?<=:[0-9]{2}):60(?![0-9:])")
_leap, _is_leap = _LEAP.sub, _LEAP.search

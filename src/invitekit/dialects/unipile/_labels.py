"""What "Sent 2 months ago" says about when: the interval of moments for which somebody would write that label.

The vendor passes the label of the web page on, in English (documented by the vendor, 2026-10:
https://developer.unipile.com/reference/userscontroller_listalluserinvitationssent); how the page rounds is nowhere
documented. Our derivation, 2026-10: it counts whole units and drops the rest, since the one sample with a known
moment (79 days, "2 months ago", seen in one code base) would be "3 months" if it rounded. So N units ago lies
between N and N + 1 units back. To that a slack is added on either side, one day for days and more, since labels
may count calendar days, in an unknown zone, and may have been fetched a while before they were passed on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

__all__ = ["UNITS", "Unit", "around", "label_interval"]


_BEGIN: Final = datetime.min.replace(tzinfo=UTC)


class Unit(NamedTuple):
    """How long N of a unit are, at least and at most: ``shortest * N - short``, ``longest * N``."""

    shortest: timedelta
    longest: timedelta
    slack: timedelta
    short: timedelta = timedelta(0)

    def interval(self, count: int, at: datetime) -> tuple[datetime, datetime]:
        """Give the first and the last moment that are `count` units before `at`, or a part of one more."""
        least = max(self.shortest * count - self.short - self.slack, timedelta(0))
        most = self.longest * (count + 1) + self.slack
        begin = at - _BEGIN
        return at - min(most, begin), at - min(least, begin)


_DAY: Final = timedelta(days=1)

UNITS: Final[Mapping[str, Unit]] = {
    "second": Unit(timedelta(seconds=1), timedelta(seconds=1), timedelta(hours=1)),
    "minute": Unit(timedelta(minutes=1), timedelta(minutes=1), timedelta(hours=1)),
    "hour": Unit(timedelta(hours=1), timedelta(hours=1), timedelta(hours=1)),
    "day": Unit(_DAY, _DAY, _DAY),
    "week": Unit(7 * _DAY, 7 * _DAY, _DAY),
    # N calendar months have from 30 N - 2 to 31 N days (one has 28, two have 59), N months of 30 days lie between.
    "month": Unit(30 * _DAY, 31 * _DAY, _DAY, short=2 * _DAY),
    # From twelve months of 30 days to a leap year.
    "year": Unit(360 * _DAY, 366 * _DAY, _DAY),
}

_UNIT_OF: Final[Mapping[str, str]] = {
    **{unit: unit for unit in UNITS},
    **{f"{unit}s": unit for unit in UNITS},
    # As other vendors shorten them ("5d", seen in one code base).
    **dict.fromkeys(("s", "sec", "secs"), "second"),
    **dict.fromkeys(("m", "min", "mins"), "minute"),
    **dict.fromkeys(("h", "hr", "hrs"), "hour"),
    "d": "day",
    **dict.fromkeys(("w", "wk", "wks"), "week"),
    **dict.fromkeys(("mo", "mos"), "month"),
    **dict.fromkeys(("y", "yr", "yrs"), "year"),
}

_NAMED: Final[Mapping[str, tuple[str, int]]] = {
    "now": ("minute", 0),
    "just now": ("minute", 0),
    "moments ago": ("minute", 0),
    "a moment ago": ("minute", 0),
    "today": ("day", 0),
    "yesterday": ("day", 1),
    "last week": ("week", 1),
    "last month": ("month", 1),
    "last year": ("year", 1),
}

_counted = re.compile(r"([0-9]{1,3}|an?|one) ?([a-z]+)(?: ago)?").fullmatch

_SPELLED_LIMIT: Final = 40


def label_interval(label: str, at: datetime) -> tuple[datetime, datetime] | None:
    """Give the first and the last moment that a label may mean; None where it is not understood.

    Args:
        label: For instance ``Sent 2 months ago``, ``today`` or ``1w``; the case does not matter.
        at: When the label was passed on; aware.
    """
    if len(label) > _SPELLED_LIMIT or (understood := _understood(label)) is None:
        return None
    unit, count = understood
    return unit.interval(count, at)


@lru_cache(maxsize=512)
def _understood(label: str) -> tuple[Unit, int] | None:
    """Give how many of which unit a label counts; None where it is not understood."""
    words = " ".join(label.casefold().split()).removeprefix("sent ").removesuffix(".")
    if words in _NAMED:
        unit, count = _NAMED[words]
        return UNITS[unit], count
    if (found := _counted(words)) and found[2] in _UNIT_OF:
        return UNITS[_UNIT_OF[found[2]]], int(found[1]) if found[1].isdecimal() else 1
    return None


_LARGEST: Final[Mapping[str, int]] = {"day": 31, "week": 8, "month": 24, "year": 25}
"""Up to which count a unit is tried, where only a moment is known that was worked out from a label."""


def around(moment: datetime, at: datetime) -> tuple[datetime, datetime] | None:
    """Give the interval behind a moment that was itself worked out from a label, by taking whole units off `at`.

    Which label it was is not said, so the interval covers all that could have given this moment; None for the
    future, and for what no label gives. The vendor has such moments (``parsed_datetime``) beside its labels; they
    move between calls, and one was seen 18 days off (seen in one code base, 2026-10).

    Args:
        moment: The moment; aware.
        at: When it was passed on; aware.
    """
    age = at - moment
    if age < -_DAY:
        return None
    if age < _DAY:
        return UNITS["day"].interval(0, at)
    found = [
        unit.interval(count, at)
        for unit, count in _whole_units(age)
        if unit.shortest * count - unit.short - unit.slack <= age <= unit.longest * count + unit.slack
    ]
    return (min(first for first, _ in found), max(last for _, last in found)) if found else None


def _whole_units(age: timedelta) -> Iterator[tuple[Unit, int]]:
    """The counts of each unit that come near an age."""
    for name, largest in _LARGEST.items():
        unit = UNITS[name]
        for count in range(max(age // unit.longest - 1, 1), min(age // unit.shortest + 2, largest) + 1):
            yield unit, count

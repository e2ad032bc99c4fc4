"""``Retry-After``: the moment before which a service wants to hear nothing, whatever it wrote there.

Two rules: it never fails, and it never shortens. What is written as RFC 9110 has it (whole seconds, or one of
three forms of a date) counts to the second. Everything else counts for at least a minute, and for more where it
looks like more: a service that asks for patience in bad grammar wants patience all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
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
_fraction = re.compile(r"[0-9]+\.[0-9]+").fullmatch
# Not in the grammar, and yet a number: 1e9, +5, 600s, digits of other scripts.
_number_like = re.compile(r"\+?(\d+(?:\.\d*)?(?:[eE]\+?\d+)?)").match


def not_before(values: str | Iterable[str] | None, at: datetime) -> datetime:
    """Give the moment before which nothing may be asked; aware UTC, from `at` to `FAR`, both included.

    Whole seconds and dates are exact, a fraction of a second is rounded up. A date that has passed already, a
    negative number, an empty value and anything unreadable mean `UNREADABLE` from `at`. Several values, in one
    header or in several, mean the longest of them.

    Args:
        values: What stands in the header, None or nothing where there is none.
        at: When the answer arrived; aware.
    """
    at = min(as_utc(at), FAR)
    said = [values] if isinstance(values, str) else list(values or ())
    return max((_moment(value, at) for value in said), default=_later(at, UNREADABLE.total_seconds()))


def _moment(value: str, at: datetime) -> datetime:
    value = value.strip(" \t")
    if _seconds(value):
        return _later(at, _number(value))
    if _fraction(value):
        return _later(at, ceil(_number(value)))
    before, _, after = value.partition(",")
    single = "," not in value or (before.isalpha() and "," not in after)
    if single and (date := _date(value)) is not None and date > at:
        return min(date, FAR)
    # Several values in one, or something that is not in the grammar.
    parts = [value, *(part.strip() for part in value[:_WORD_LIMIT].split(","))]
    return max(_later(at, UNREADABLE.total_seconds()), *(_seeming(part, at) for part in parts))


def _seeming(part: str, at: datetime) -> datetime:
    number, date = _number_like(part), _date(part)
    longest = at if number is None else _later(at, ceil(_number(number[1])))
    return longest if date is None else max(longest, min(date, FAR))


_LONGEST: Final = 1e12
"""More seconds than there are in the calendar."""


def _number(text: str) -> float:
    return min(float(text), _LONGEST)


def _later(at: datetime, seconds: float) -> datetime:
    if seconds >= (FAR - at).total_seconds():
        return FAR
    return at + timedelta(seconds=seconds)


def _date(value: str) -> datetime | None:
    """Read a date as HTTP and mail have it; None for anything else."""
    if len(value) > _WORD_LIMIT:
        return None
    try:
        date = parsedate_to_datetime(value)
        return (date.replace(tzinfo=UTC) if date.tzinfo is None else date).astimezone(UTC)
    except Exception:  # noqa: BLE001  what it raises for junk has changed with every version of Python
        return None

"""The small values inside snapshots, plans and results: what each may be in a document, exactly.

Instants are ISO 8601 texts with a zone, written in UTC, days are ISO 8601 dates; a duration is a table of whole
units, an interval one of those of its ends that are known; an enumeration is written by its words. Nothing is
turned into something else: true is not 1, "7" is not 7, and 7.0 is no whole number. Errors say what a value is and
never show a text that may be a note.
"""

from __future__ import annotations

import enum
import re
from datetime import UTC, date, datetime, timedelta
from functools import cache
from math import isfinite
from typing import Any, Final

from invitekit.documents._problems import is_table, kind_of, nearest, quoted
from invitekit.errors import DocumentError
from invitekit.model import Interval, SentAt
from invitekit.model._interval import as_utc
from invitekit.rules._reason import Scalar

__all__ = [
    "read_bool",
    "read_counts",
    "read_day",
    "read_duration",
    "read_facts",
    "read_instant",
    "read_interval",
    "read_number",
    "read_short_whole",
    "read_text",
    "read_whole",
    "read_word",
    "table_of",
    "write_day",
    "write_duration",
    "write_facts",
    "write_instant",
    "write_interval",
    "wrong",
]

_BEGINNING: Final = Interval.unknown().earliest
_END: Final = Interval.unknown().latest

_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_INSTANT_HINT: Final = "For instance 2026-11-22T09:00:00Z"

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DAY_HINT: Final = "For instance 2026-11-22"

_UNITS: Final = ("weeks", "days", "hours", "minutes", "seconds", "microseconds")

_INT64: Final = 2**63


def wrong(expected: str, value: object, hint: str = "", *, key: str = "") -> DocumentError:
    """The error for a value of another kind; its place is added on the way out.

    Args:
        expected: What belongs there.
        value: What is there.
        hint: What to do about it.
        key: The key, where the place is that of the table around it.
    """
    return DocumentError(f"must be {expected}, got {kind_of(value)}", hint=hint, key=key)


def table_of(value: object) -> dict[str, Any]:
    """Take a table, and nothing else."""
    if not is_table(value):
        raise wrong("a table", value)
    return value


def read_text(value: object, _: object = None) -> str:
    """Take a text, and nothing else."""
    if not isinstance(value, str):
        raise wrong("a text", value)
    return value


def read_whole(value: object, _: object = None) -> int:
    """Take a whole number; true is none, nor is 7.0."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong("a whole number", value)
    return value


def read_short_whole(value: object, _: object = None) -> int:
    """Take a whole number of at most 64 bits, as everything can that reads JSON."""
    number = read_whole(value)
    if not -_INT64 <= number < _INT64:
        raise DocumentError("the number has more than 64 bits", hint="Numbers in documents have at most 19 digits")
    return number


def read_number(value: object, _: object = None) -> float:
    """Take a finite number, with a point or without: it stays what it is."""
    if isinstance(value, float):
        if not isfinite(value):
            raise DocumentError("it is not a finite number", hint="Numbers in documents are finite")
        return value
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong("a number", value)
    return read_short_whole(value)


def read_bool(value: object, _: object = None) -> bool:
    """Take true or false; 0 and 1 are neither."""
    if not isinstance(value, bool):
        raise wrong("true or false", value)
    return value


def read_instant(value: object, _: object = None) -> datetime:
    """Read an instant with its zone; gives it in UTC."""
    if not isinstance(value, str):
        raise wrong("a time with its zone", value, _INSTANT_HINT)
    try:
        found = datetime.fromisoformat(value) if _INSTANT.fullmatch(value) else None
    except ValueError:
        found = None
    if found is None:
        raise DocumentError(f"{quoted(value)} is no time with a zone", hint=_INSTANT_HINT)
    return as_utc(found)


def write_instant(at: datetime) -> str:
    """Write an instant in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_day(value: object, _: object = None) -> date:
    """Read a day of the calendar."""
    if not isinstance(value, str):
        raise wrong("a date", value, _DAY_HINT)
    try:
        found = date.fromisoformat(value) if _DAY.fullmatch(value) else None
    except ValueError:
        found = None
    if found is None:
        raise DocumentError(f"{quoted(value)} is no date", hint=_DAY_HINT)
    return found


def write_day(day: date) -> str:
    """Write a day of the calendar."""
    return day.isoformat()


def read_duration(value: object, _: object = None) -> timedelta:
    """Read a duration: a table of whole units."""
    table = table_of(value)
    for key, number in table.items():
        if key not in _UNITS:
            raise DocumentError(f"{quoted(key)} is not known here", hint=nearest(key, _UNITS), key=key)
        if not isinstance(number, int) or isinstance(number, bool):
            raise wrong("a whole number", number, key=key)
    if not table:
        raise DocumentError("a duration is a table of whole units, got an empty one", hint='Write {"days": 0}')
    try:
        return timedelta(**table)
    except OverflowError:
        raise DocumentError("the duration is too long", hint="No duration of ours is a million years") from None


def write_duration(span: timedelta) -> dict[str, int]:
    """Write a duration as a table of whole units, those of which there are none left out."""
    units = {
        "days": span.days,
        "hours": span.seconds // 3600,
        "minutes": span.seconds // 60 % 60,
        "seconds": span.seconds % 60,
        "microseconds": span.microseconds,
    }
    return {unit: number for unit, number in units.items() if number} or {"days": 0}


def read_word(value: object, kind: type[enum.Enum]) -> enum.Enum:
    """Read a member of an enumeration by its word."""
    known = _words(kind)
    if not isinstance(value, str):
        raise wrong(f"one of {', '.join(known)}", value)
    if value not in known:
        raise DocumentError(f"{quoted(value)} is not known here", hint=nearest(value, known))
    return known[value]


@cache
def _words(kind: type[enum.Enum]) -> dict[str, enum.Enum]:
    return {str(word.value): word for word in kind}


def read_interval(value: object, kind: type[Interval]) -> Interval:
    """Read an interval; an end that is left out is not known."""
    table = table_of(value)
    known = ("earliest", "latest", "text") if kind is SentAt else ("earliest", "latest")
    for key, item in table.items():
        if key not in known:
            raise DocumentError(f"{quoted(key)} is not known here", hint=nearest(key, known), key=key)
        if key == "text" and not isinstance(item, str):
            raise wrong("a text", item, key=key)
    earliest, latest = _read_end(table, "earliest", _BEGINNING), _read_end(table, "latest", _END)
    if kind is SentAt:
        return SentAt(earliest, latest, table.get("text", ""))
    return Interval(earliest, latest)


def _read_end(table: dict[str, Any], key: str, unknown: datetime) -> datetime:
    if table.get(key) is None:
        return unknown
    try:
        return read_instant(table[key])
    except DocumentError as error:
        raise DocumentError(error.message, hint=error.hint, key=key) from None


def write_interval(interval: Interval) -> dict[str, str]:
    """Write an interval: the ends that are known, and what the source wrote."""
    written: dict[str, str] = {}
    if interval.earliest != _BEGINNING:
        written["earliest"] = write_instant(interval.earliest)
    if interval.latest != _END:
        written["latest"] = write_instant(interval.latest)
    if isinstance(interval, SentAt) and interval.text:
        written["text"] = interval.text
    return written


def read_facts(value: object, _: object = None) -> tuple[tuple[str, Scalar], ...]:
    """Read the facts of a reason, in the order in which they stand."""
    table = table_of(value)
    for key, fact in table.items():
        if not (fact is None or isinstance(fact, (str, int)) or (isinstance(fact, float) and isfinite(fact))):
            raise wrong("a text, a finite number, true, false or null", fact, key=key)
    return tuple(table.items())


def write_facts(facts: tuple[tuple[str, Scalar], ...]) -> dict[str, Scalar]:
    """Write the facts of a reason as a table.

    Raises:
        DocumentError: Two of them have the same name, which no built-in reason has.
    """
    table = dict(facts)
    if len(table) != len(facts):
        raise DocumentError("a reason has two facts of the same name", hint="Name each fact of a reason once")
    return table


def read_counts(value: object, _: object = None) -> dict[str, int]:
    """Read how many there are of each."""
    table = table_of(value)
    for key, count in table.items():
        if not isinstance(count, int) or isinstance(count, bool):
            raise wrong("a whole number", count, key=key)
    return table

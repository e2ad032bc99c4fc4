"""The courses of acceptance statistics as plain data: days and ages, and of whom they are nobody can tell.

    {"sent": "2026-05-04", "left": 3, "right": 3, "causes": ["accept"], "closely": [null, 40, 56], "count": 2}

Courses that are alike and follow each other are one table with a count. Their order is kept, since the same
courses in the same order are equal, and give the same numbers to the last digit. What is left out, or null, is
None; no causes are none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from itertools import chain, groupby, repeat
from typing import Any, Final

from cattrs.errors import IterableValidationNote

from invitekit.documents import _scalars as scalars
from invitekit.documents._problems import is_list, nearest, quoted
from invitekit.errors import DocumentError
from invitekit.insight._courses import ACCEPT, CLOSED, Course

__all__ = ["MOST", "read_courses", "read_left_out", "write_courses", "write_left_out"]

MOST: Final = 10_000_000
"""The most invitations that one document may stand for. Our choice: a count of a few digits must not fill the
memory."""

_DAYS: Final = date.max.toordinal()
"""No age is longer than the calendar."""

_CAUSES: Final = (ACCEPT, CLOSED)
_KEYS: Final = (*Course._fields, "count")
_LEFT_OUT_1: Final = ("acceptance-unsettled", "older-than-the-log", "sent-unknown")
"""What version 1 knows of why an invitation is not among the courses."""


def read_courses(value: object, _: object = None) -> tuple[Course, ...]:
    """Read the courses, each as often as it counts.

    Raises:
        ExceptionGroup: One of them is wrong; it holds the error and its place.
        DocumentError: They are no list, or too many.
    """
    if not is_list(value):
        raise scalars.wrong("a list", value)
    runs: list[tuple[Course, int]] = []
    room = MOST
    try:
        for item in value:
            runs.append(_read_run(item, room))
            room -= runs[-1][1]
    except DocumentError as error:
        error.add_note(IterableValidationNote("", len(runs), object))
        raise ExceptionGroup("", [error]) from None
    return tuple(chain.from_iterable(repeat(course, count) for course, count in runs))


def _read_run(value: object, room: int) -> tuple[Course, int]:
    table = scalars.table_of(value)
    for key in table:
        if key not in _KEYS:
            raise DocumentError(f"{quoted(key)} is not known here", hint=nearest(key, _KEYS), key=key)
    for key in ("sent", "left"):
        if key not in table:
            raise DocumentError(
                "it is missing", hint="Save the document again, or write what belongs there", key=key
            )
    course = Course(
        sent=_read("sent", table, scalars.read_day).toordinal(),
        entry=_read("entry", table, _read_age),
        left=_read("left", {"left": table["left"]}, _read_age_at_all),
        right=_read("right", table, _read_age),
        causes=_read("causes", table, _read_causes) or frozenset(),
        withdrawn=_read("withdrawn", table, _read_age),
        note=_read("note", table, scalars.read_bool),
        closely=_read("closely", table, _read_closely),
    )
    count = _read("count", table, scalars.read_whole)
    count = 1 if count is None else count
    if count < 1:
        raise DocumentError(f"must be from 1 up, got {count}", key="count")
    if count > room:
        raise DocumentError(f"these are more than {MOST:,} invitations", hint="Check the counts", key="count")
    key, problem = _problem(course)
    if problem:
        raise DocumentError(problem, hint=_HINT, key=key)
    return course, count


_HINT: Final = "Statistics are not edited by hand: make them again from the export or the ledger, and save them"


def _read(key: str, table: dict[str, Any], read: Callable[[object], Any]) -> Any:
    value = table.get(key)
    if value is None and key not in ("sent", "left"):
        return None
    try:
        return read(value)
    except DocumentError as error:
        raise DocumentError(error.message, hint=error.hint, key=key) from None


def _read_age_at_all(value: object) -> int:
    """Read an age, also a negative one: "not yet on the day before it was sent"."""
    age = scalars.read_whole(value)
    if not -_DAYS <= age <= _DAYS:
        raise DocumentError("the age is longer than the calendar", hint="Ages are days since sending")
    return age


def _read_closely(value: object) -> tuple[int | None, int, int | None]:
    """Read entry, left and right in parts of a day; each is from 0 up, and they do not run backwards."""
    if not is_list(value) or len(value) != 3:
        raise scalars.wrong("a list of three ages in sixteenths of a day", value)
    entry, left, right = (None if one is None else scalars.read_whole(one) for one in value)
    most = 16 * _DAYS
    if left is None or not (0 <= left < (most if right is None else right) <= most and 0 <= (entry or 0) <= most):
        raise DocumentError("the three ages do not fit together", hint="Entry, left and right, from 0 up")
    return entry, left, right


def _read_age(value: object) -> int:
    age = _read_age_at_all(value)
    if age < 0:
        raise DocumentError(f"must be from 0 up, got {age}", hint="Ages are days since sending")
    return age


def _read_causes(value: object) -> frozenset[str]:
    if not is_list(value):
        raise scalars.wrong("a list", value)
    for cause in value:
        if not isinstance(cause, str):
            raise scalars.wrong(f"a list of {' or '.join(_CAUSES)}", cause)
        if cause not in _CAUSES:
            raise DocumentError(f"{quoted(cause)} is not known here", hint=nearest(cause, _CAUSES))
    if len(set(value)) != len(value):
        raise DocumentError("a cause stands twice", hint="Remove one of them")
    return frozenset(value)


def _problem(course: Course) -> tuple[str, str]:
    """What does not fit together in a course, and at which key."""
    if course.closely is not None and (course.closely[0] is None, course.closely[2] is None) != (
        course.entry is None,
        course.right is None,
    ):
        return "closely", "it says something else than entry and right do"
    if course.right is None:
        return ("causes", "no end was seen, so there is no cause of it") if course.causes else ("", "")
    if not course.causes:
        return "causes", "an end was seen, so it has a cause"
    if course.right < course.left:
        return "right", "it ends before it begins"
    if course.withdrawn is not None:
        return "withdrawn", "what was withdrawn did not end in another way"
    return "", ""


def write_courses(courses: Iterable[Course]) -> list[dict[str, Any]]:
    """Write the courses, those alike and next to each other with a count."""
    return [_write_run(course, sum(1 for _ in run)) for course, run in groupby(courses)]


def _write_run(course: Course, count: int) -> dict[str, Any]:
    table = {
        **course._asdict(),
        "sent": date.fromordinal(course.sent).isoformat(),
        "causes": sorted(course.causes) or None,
        "closely": None if course.closely is None else list(course.closely),
        "count": None if count == 1 else count,
    }
    return {key: value for key, value in table.items() if value is not None}


def read_left_out(value: object, _: object = None) -> tuple[tuple[str, int], ...]:
    """Read how many were left out, by the code of the reason."""
    table = scalars.table_of(value)
    for code, count in table.items():
        if code not in _LEFT_OUT_1:
            raise DocumentError(f"{quoted(code)} is not known here", hint=nearest(code, _LEFT_OUT_1), key=code)
        if count is None:
            raise scalars.wrong("a whole number", count, key=code)
        if _read(code, table, scalars.read_short_whole) < 1:
            raise DocumentError(f"must be from 1 up, got {count}", key=code)
    return tuple(table.items())


def write_left_out(left_out: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Write how many were left out."""
    return dict(left_out)

"""Guards for the arguments of public functions: what passes them is a number, a list or a text that can be used.

One guard per argument, at the door. Behind it nothing is checked again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import isnan
from typing import Any, Final, TypeVar, cast

from invitekit._numbers import is_number
from invitekit.errors import DataError

__all__ = ["LARGEST", "LONGEST", "age_of", "curve_of", "day_count", "flag_of", "listed", "name_of", "shown"]

LARGEST: Final = 1e15
"""The largest count and the largest age, in days, that is worked with: up to here whole numbers stay exact."""

_LEAST: Final = -LARGEST

LONGEST: Final = 36_500
"""The most days a curve is worked out for day by day: a hundred years."""

_T = TypeVar("_T")


def shown(value: object) -> str:
    """Spell a refused value for a message, briefly."""
    try:
        return f"{value!r:.40}"
    except ValueError:  # Python does not write out integers of many thousand digits.
        return "a number of very many digits"


def age_of(value: object, key: str = "t", what: str = "an age") -> float:
    """Give an age in days as a plain number; an infinite one stays what it is.

    Raises:
        DataError: It is not a number, or too far off.
    """
    if (type(value) is float or type(value) is int) and _LEAST <= value <= LARGEST:
        return value  # Nearly always, and curves ask very often.
    number = value if type(value) is float else _plain(value)
    if isinstance(number, float):
        if not isnan(number):
            return number
    elif is_number(number, -LARGEST, LARGEST):  # A whole one may be too large for floats.
        return number
    raise DataError(
        f"{what} must be a number of days, got {shown(value)}", hint="For instance 30, or 0.5", key=key
    )


def _plain(value: object) -> object:
    """A number of an array library as one of Python's own, an integer first, so that whole days stay whole."""
    try:
        if isinstance(value, bool):
            return None
        if hasattr(value, "__index__"):
            return int(cast("Any", value))
        return float(cast("Any", value)) if hasattr(value, "__float__") else None
    except (TypeError, ValueError, OverflowError):
        return None


def day_count(value: object, key: str = "days") -> int:
    """Give for how many days something is worked out.

    Raises:
        DataError: It is no whole number from 0 to a hundred years.
    """
    if not is_number(value, 0, LONGEST) or not isinstance(value, int):
        raise DataError(
            f"the number of days is a whole number from 0 to {LONGEST:,}, got {shown(value)}",
            hint="180 days is about when invitations vanish by themselves",
            key=key,
        )
    return value


def listed(values: Iterable[Any], key: str) -> list[Any]:
    """Give a column as a list of Python's own numbers; arrays are converted as a whole, which is far faster.

    Raises:
        DataError: It is a text, or nothing that can be gone through.
    """
    if isinstance(values, list):
        return values
    if not isinstance(values, (str, bytes)):
        convert = getattr(values, "tolist", None)
        try:
            each = iter(cast("Iterable[Any]", convert() if callable(convert) else values))
        except TypeError:
            pass  # A class, a single number: refused below.
        else:
            return list(each)
    raise DataError(
        f"{key} must be a list, got {shown(values)}", hint="Give one value for each, in a list", key=key
    )


def flag_of(value: object, key: str) -> bool:
    """Give a yes or no back.

    Raises:
        DataError: It is neither True nor False.
    """
    if not isinstance(value, bool):
        raise DataError(f"{key} is True or False, got {shown(value)}", hint="Leave it out for False", key=key)
    return value


def name_of(value: object, key: str = "cause") -> str:
    """Give a name back.

    Raises:
        DataError: It is no text.
    """
    if not isinstance(value, str):
        raise DataError(f"{key} is called by a text, got {shown(value)}", hint='For instance "accept"', key=key)
    return value


def curve_of(value: Callable[..., _T], key: str) -> Callable[..., _T]:
    """Give a function back.

    Raises:
        DataError: It cannot be called.
    """
    if not callable(value):
        raise DataError(
            f"{key} must be a function of an age in days, got {shown(value)}",
            hint="For instance the cdf of a Latency",
            key=key,
        )
    return value

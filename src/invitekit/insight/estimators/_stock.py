"""How many invitations are pending in the long run, and at which age to withdraw to stay below a cap."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

from invitekit._numbers import is_number
from invitekit.errors import DataError
from invitekit.insight.estimators._arguments import LONGEST, listed, shown
from invitekit.insight.estimators._settings import setting
from invitekit.model import UNKNOWN, Unknown

__all__ = ["Curve", "age_for_cap", "steady_stock"]

Curve = Callable[[float], float] | Sequence[float]
"""The share still pending: a callable in continuous time, or a sequence, one share for the end of each day."""

_ROUNDING: Final = 1e-9

# Gauss-Legendre with five points on (0, 1): exact to rounding on one day of any of the latency curves.
_NODES: Final = (
    (0.5, 0.28444444444444444),
    (0.5 - 0.2692346550528415, 0.23931433524968324),
    (0.5 + 0.2692346550528415, 0.23931433524968324),
    (0.5 - 0.453089922969332, 0.11846344252809454),
    (0.5 + 0.453089922969332, 0.11846344252809454),
)


def steady_stock(open_at: Curve, age: float, sends_per_day: float) -> float:
    """How many invitations are pending in the long run when all are withdrawn at an age (Little's law).

    Args:
        open_at: The share still pending. A callable is taken in continuous time (days since sending) and
            integrated; a sequence is a daily grid, the share pending at the end of day 0, 1, 2, ..., and summed.
        age: At which age, in days, they are withdrawn or expire.
        sends_per_day: How many are sent per day on average.

    Raises:
        DataError: If the curve leaves 0..1, or the sequence ends before the age.
        PolicyError: If sends per day is negative or not finite, or age not from 0 to 36,500.
    """
    open_at = _curve(open_at)
    age = setting("age", age, least=0.0, most=LONGEST)
    sends_per_day = setting("sends_per_day", sends_per_day, least=0.0)
    whole = math.floor(age)
    total = sum(_day_stock(open_at, day, 1.0) for day in range(whole))
    rest = age - whole
    return sends_per_day * (total + (_day_stock(open_at, whole, rest) if rest else 0.0))


def _curve(open_at: Curve) -> Curve:
    return open_at if callable(open_at) else listed(open_at, "open_at")


def _day_stock(open_at: Curve, day: int, part: float) -> float:
    """The slot days of one invitation on its day number `day`, up to the given part of that day."""
    if not callable(open_at):
        if day >= len(open_at):
            raise DataError(
                f"the shares pending end at day {len(open_at) - 1}, and day {day} is needed",
                hint="Give one share for each day up to the age.",
                key="open_at",
            )
        return part * _share(open_at[day], day)
    if day:
        return part * sum(weight * _share(open_at(day + part * node), day) for node, weight in _NODES)
    # Most answers come within hours: ever smaller pieces towards the moment of sending.
    total = 0.0
    upper = part
    for _ in range(40):
        lower = upper / 2
        total += (upper - lower) * sum(
            weight * _share(open_at(lower + (upper - lower) * node), 0) for node, weight in _NODES
        )
        upper = lower
    return total + upper * _share(open_at(0.0), 0)


def _share(number: float, day: int) -> float:
    if not is_number(number, -_ROUNDING, 1 + _ROUNDING):
        raise DataError(
            f"the share pending must be between 0 and 1, got {shown(number)} on day {day}",
            hint="Give shares of all that were sent, for instance open_at of a fit",
            key="open_at",
        )
    return number


def age_for_cap(cap: float, open_at: Curve, sends_per_day: float, *, expiry: float = 180) -> float | Unknown:
    """At which age to withdraw so that the pending stock settles at a cap.

    `UNKNOWN` when the stock stays below the cap even if nothing is withdrawn before the expiry: then no age
    follows from the cap. Arguments and errors are those of `steady_stock`; `expiry` is the age, in days, at which
    invitations vanish by themselves (180 is measured on member exports, not documented by LinkedIn).
    """
    cap = setting("cap", cap, least=0.0)
    expiry = setting("expiry", expiry, least=0.0, most=LONGEST)
    open_at = _curve(open_at)
    sends_per_day = setting("sends_per_day", sends_per_day, least=0.0)
    stock = 0.0
    for day in range(math.ceil(expiry)):
        length = min(1.0, expiry - day)
        more = sends_per_day * _day_stock(open_at, day, length)
        if stock + more > cap:
            return _within(open_at, day, length, (cap - stock) / sends_per_day)
        stock += more
    return UNKNOWN


def _within(open_at: Curve, day: int, length: float, wanted: float) -> float:
    """The age during a day at which the slot days of that day reach what is wanted."""
    low, high = 0.0, length
    for _ in range(60):
        middle = (low + high) / 2
        if _day_stock(open_at, day, middle) <= wanted:
            low = middle
        else:
            high = middle
    return day + low

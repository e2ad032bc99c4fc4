"""How sure a curve is at one age: variances, and the intervals made of them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import accumulate
from math import exp, inf, log
from typing import NamedTuple

from invitekit.errors import DataError
from invitekit.insight.estimators._arguments import shown

__all__ = ["CurveInterval", "aalen_variance", "greenwood", "incidence_ends", "survival_ends"]


class CurveInterval(StrEnum):
    """How the interval of a curve is made.

    The shares say how often it covered the truth in simulations (30 invitations, day 14, 95 % wanted).
    """

    LOG_LOG = "log-log"
    """95.1 %; it never leaves 0 to 1."""
    LOG = "log"
    """93.5 %."""
    PLAIN = "plain"
    """92.3 %."""

    @classmethod
    def of(cls, name: str) -> CurveInterval:
        """Find one by its name.

        Raises:
            DataError: There is none of this name.
        """
        try:
            return cls(name)
        except ValueError:
            known = ", ".join(cls)
            raise DataError(
                f"no interval is called {shown(name)}", hint=f"There are {known}", key="interval"
            ) from None


class _Ends(NamedTuple):
    lower: float
    upper: float


def greenwood(risk: Sequence[float], deaths: Sequence[float]) -> tuple[float, ...]:
    """The sums of d / (r (r - d)) up to each age: the variance of log S. Nobody is left where it is infinite."""
    terms = (d and (d / (r * (r - d)) if d < r else inf) for r, d in zip(risk, deaths, strict=True))
    return tuple(accumulate(terms))


def survival_ends(value: float, error: float, z: float, interval: CurveInterval) -> _Ends | None:
    """The ends of the interval of a share still pending; None where there is none, at 0."""
    if value <= 0:
        return None
    if value >= 1:
        return _Ends(1.0, 1.0)
    return _ends(value, error, z, interval)


def incidence_ends(value: float, error: float, z: float, interval: CurveInterval) -> _Ends | None:
    """The ends of the interval of a share that has come; None where there is none, at 0 and at 1."""
    if value <= 0 or value >= 1 - 1e-12:
        return None
    return _ends(value, error, z, interval)


def _ends(value: float, error: float, z: float, interval: CurveInterval) -> _Ends:
    reach = z * error
    if interval is CurveInterval.PLAIN:
        return _Ends(max(0.0, value - reach), min(1.0, value + reach))
    if interval is CurveInterval.LOG:
        return _Ends(value * _power(-reach / value), min(1.0, value * _power(reach / value)))
    exponent = reach / (value * log(value))
    return _Ends(exp(log(value) * _power(-exponent)), exp(log(value) * _power(exponent)))


def _power(exponent: float) -> float:
    """`exp`, without an overflow; nothing the ends are made of changes beyond this."""
    return exp(min(exponent, 700.0))


def aalen_variance(
    risk: Sequence[float],
    deaths: Sequence[float],
    own: Sequence[float],
    before: Sequence[float],
    come: Sequence[float],
) -> float:
    """The variance of a cumulative incidence at the last of the ages given (Aalen 1978; Pintilie 2006, eq. 4.5).

    A term whose denominator is not positive is left out.

    Args:
        risk: At risk at each age with an event.
        deaths: Events of any cause.
        own: Events of the cause in question.
        before: The share still pending just before that age.
        come: The cumulative incidence at that age.
    """
    at_end = come[-1] if come else 0.0
    total = 0.0
    for r, d, dk, s, f in zip(risk, deaths, own, before, come, strict=True):
        if r <= 1:
            continue
        gap, others = at_end - f, r - d
        if dk:
            total += s * s * dk * (r - dk) / (r * r * (r - 1))
        if others > 1e-12 * r:
            total += gap * gap * d / ((r - 1) * others)
            if dk:
                total -= 2 * gap * s * dk * (r - dk) / (r * others * (r - 1))
    return max(0.0, total)

"""How long people take to answer: three families of curves, in days since sending.

With ``x = shape * (ln t - ln scale)`` the share of answers that came by day ``t`` is

- log-logistic: ``1 / (1 + exp(-x))``; scale is the median,
- log-normal: ``Phi(x)``; scale is the median and 1 / shape the standard deviation of ``ln t``,
- Weibull: ``1 - exp(-exp(x))``.

On measured answer times the log-logistic family fits best, then the log-normal; the Weibull is too light in the
tail. Beyond the data the tail *is* the choice of family, so show more than one.
"""

from __future__ import annotations

import enum
import math
import sys
from collections.abc import Callable
from typing import Any, Final

import attrs

from invitekit._numbers import is_number
from invitekit.errors import DataError
from invitekit.insight.estimators._arguments import age_of, day_count, shown

__all__ = ["TIMES_OF_DAY", "Family", "Latency", "standard_curve"]

TIMES_OF_DAY: Final = (1 / 8, 3 / 8, 5 / 8, 7 / 8)
"""Where in its day an invitation may have been sent: four midpoints stand for a uniform time of day."""

_LARGEST_EXPONENT: Final = 700.0
_SQRT_HALF: Final = math.sqrt(0.5)
_NORMAL_PEAK: Final = 1 / math.sqrt(2 * math.pi)

Triple = tuple[float, float, float]


class Family(enum.StrEnum):
    """The shape of a latency curve; the members are texts, ``"log-logistic"`` for one."""

    LOG_LOGISTIC = "log-logistic"
    LOG_NORMAL = "log-normal"
    WEIBULL = "weibull"

    @classmethod
    def of(cls, text: str) -> Family:
        """Read a family from its name; hyphens, spaces, underscores and case do not matter.

        Raises:
            DataError: If no family has that name.
        """
        given: object = text
        letters = given.casefold() if isinstance(given, str) else ""
        wanted = "".join(letter for letter in letters if letter.isalpha())
        for family in cls:
            if family.value.replace("-", "") == wanted:
                return family
        raise DataError(
            f"there is no latency family {shown(text)}",
            hint=f"Choose one of {', '.join(family.value for family in cls)}.",
            key="family",
        )


def _log_logistic(x: float) -> Triple:
    if x >= 0:
        rest = math.exp(-x)
        done = 1 / (1 + rest)
        return done, rest * done, rest * done * done
    grown = math.exp(x)
    left = 1 / (1 + grown)
    return grown * left, left, grown * left * left


def _log_normal(x: float) -> Triple:
    scaled = x * _SQRT_HALF
    return 0.5 * math.erfc(-scaled), 0.5 * math.erfc(scaled), _NORMAL_PEAK * math.exp(-scaled * scaled)


def _weibull(x: float) -> Triple:
    load = math.exp(min(x, _LARGEST_EXPONENT))
    left = math.exp(-load)
    return -math.expm1(-load), left, load * left


_STANDARD: Final[dict[Family, Callable[[float], Triple]]] = {
    Family.LOG_LOGISTIC: _log_logistic,
    Family.LOG_NORMAL: _log_normal,
    Family.WEIBULL: _weibull,
}


def standard_curve(family: Family) -> Callable[[float], Triple]:
    """Give the function from x to (share answered, share not yet answered, density in x).

    Both shares are computed on their own, so that neither tail is lost in 1 minus the other.
    """
    return _STANDARD[family]


def _family(text: str) -> Family:
    return Family.of(text)


def _positive(_: object, field: attrs.Attribute[Any], value: object) -> None:
    if not (is_number(value, 0, sys.float_info.max) and value > 0):
        raise DataError(
            f"the {field.name} of a latency curve must be a positive finite number, got {shown(value)}",
            hint="The scale is in days, the shape has no unit.",
            key=field.name,
        )


@attrs.frozen(weakref_slot=False)
class Latency:
    """A curve of answer times, in days since sending.

    Args:
        family: The family, or its name.
        scale: In days; the median of the log-logistic and the log-normal family, the 63 % point of the Weibull.
        shape: Without unit; the larger, the closer together the answers come.

    Raises:
        DataError: If scale or shape is not a positive finite number, or the family is not known.
    """

    family: Family = attrs.field(converter=_family)
    scale: float = attrs.field(validator=_positive)
    shape: float = attrs.field(validator=_positive)

    def _triple(self, t: float) -> tuple[float, float]:
        """The shares answered and not yet answered at t."""
        if t <= 0:
            return 0.0, 1.0
        if t == math.inf:
            return 1.0, 0.0
        done, left, _ = _STANDARD[self.family](self._x(t))
        return done, left

    def _x(self, t: float) -> float:
        return self.shape * (math.log(t) - math.log(self.scale))

    def cdf(self, t: float) -> float:
        """The share of answers that came by t days after sending; 0 for t <= 0."""
        return self._triple(age_of(t))[0]

    def survival(self, t: float) -> float:
        """The share of answers still to come t days after sending; exact in the far tail, as 1 - cdf is not."""
        return self._triple(age_of(t))[1]

    def density(self, t: float) -> float:
        """The density of the answer time at t, per day; 0 for t <= 0."""
        t = age_of(t)
        if t <= 0 or t == math.inf:
            return 0.0
        x = self._x(t)
        # In logarithms: near 0 a vanishing density in x meets an exploding 1 / t.
        if self.family is Family.LOG_LOGISTIC:
            log_density = -abs(x) - 2 * math.log1p(math.exp(-abs(x)))
        elif self.family is Family.LOG_NORMAL:
            log_density = math.log(_NORMAL_PEAK) - 0.5 * x * x
        else:
            log_density = x - math.exp(min(x, _LARGEST_EXPONENT))
        return math.exp(min(log_density + math.log(self.shape) - math.log(t), _LARGEST_EXPONENT))

    def quantile(self, q: float) -> float:
        """By how many days the share q of the answers has come; 0 at q = 0, infinite at q = 1.

        Raises:
            DataError: If q is not between 0 and 1.
        """
        if not is_number(q, 0, 1):
            raise DataError(
                f"a quantile is asked for at a share between 0 and 1, got {shown(q)}",
                hint="0.5 is the median",
                key="q",
            )
        if q in (0, 1):
            return math.inf if q else 0.0
        if self.family is Family.LOG_LOGISTIC:
            x = math.log(q) - math.log1p(-q)
        elif self.family is Family.LOG_NORMAL:
            from statistics import NormalDist  # Costly to import, and rarely needed.

            x = NormalDist().inv_cdf(q)
        else:
            x = math.log(-math.log1p(-q))
        exponent = math.log(self.scale) + x / self.shape
        return math.inf if exponent > _LARGEST_EXPONENT else math.exp(exponent)

    def daily(self, k: float) -> float:
        """The chance that the answer comes at most k calendar days (UTC) after the day of sending.

        An invitation sent at the time of day u (0 to 1) is answered within that many dates when the answer takes
        less than ``k + 1 - u`` days; this is the mean over the four times of day in `TIMES_OF_DAY`. 0 for k <= -1.
        """
        k = age_of(k)
        return sum(self._triple(k + 1 - u)[0] for u in TIMES_OF_DAY) / len(TIMES_OF_DAY)

    def daily_survival(self, k: float) -> float:
        """The chance that the answer takes more than k calendar days; exact in the far tail."""
        k = age_of(k)
        return sum(self._triple(k + 1 - u)[1] for u in TIMES_OF_DAY) / len(TIMES_OF_DAY)

    def days(self, n: int) -> tuple[float, ...]:
        """Give ``daily(0)`` to ``daily(n - 1)``.

        Raises:
            DataError: If n is not a whole number from 0 to 36,500.
        """
        return tuple(self.daily(k) for k in range(day_count(n, "n")))

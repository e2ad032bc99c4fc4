"""When a pending invitation is worth less than the slot it takes: optimal stopping, day by day.

An invitation of age d may be withdrawn (worth G), or kept one day more (worth K(d)):

    K(d) = -slot_price + exp(-discount) * (p1(d) * value + p2(d) * closed_value + (1 - p1(d) - p2(d)) * V(d + 1))
    V(d) = max(G, K(d)),   V(expiry) = max(G, expiry_value)

with p1 and p2 the chances that one still pending at age d is accepted or closed in the next day. The rule
"withdraw once tomorrow's chance of acceptance times its value falls below the daily slot price" is the one-step
form of this. It is wrong where waiting for the free expiry beats paying to withdraw (G below 0), and where the
chance of an answer rises first; so the induction decides and the one-step form only explains.

Money is whatever the user likes; by default an acceptance is worth 1. The slot price has no published value: it
is the user's to set, or follows from a cap (`slot_price_for_cap`). With a price of 0 nothing is ever withdrawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import attrs

from invitekit._numbers import is_number
from invitekit.errors import DataError, PolicyError
from invitekit.insight.estimators._arguments import curve_of, day_count, listed, shown
from invitekit.insight.estimators._settings import hint, is_day, setting
from invitekit.insight.estimators._shown import OneRecord
from invitekit.insight.estimators._stock import Curve, age_for_cap, steady_stock
from invitekit.model import UNKNOWN, Unknown

__all__ = [
    "Stopping",
    "age_for_cap",
    "daily_chances",
    "reinvite_value",
    "slot_price_for_cap",
    "slot_price_of_age",
    "steady_stock",
    "stopping",
]

_ROUNDING: Final = 1e-9
"""By how much daily chances may leave 0..1 through rounding before they are refused."""


@attrs.frozen(weakref_slot=False, kw_only=True, repr=False)
class Stopping(OneRecord):
    """When to withdraw, and what waiting is worth, for one curve and one set of prices.

    Args:
        margins: What one day of keeping is worth beyond withdrawing, K(d) - G, for d = 0 to expiry - 1.
        withdraw_value: G, what withdrawing at once is worth.
        threshold: The first age, in days, at which withdrawing is at least as good; `UNKNOWN` when there is none.
        one_step_age: The age the one-step rule names, `UNKNOWN` when none. It explains and does not decide.
        slot_price: The price of a pending slot per day that was used.
        value: What an acceptance was taken to be worth.
    """

    margins: tuple[float, ...]
    withdraw_value: float
    threshold: int | Unknown
    one_step_age: int | Unknown
    slot_price: float
    value: float

    @property
    def never(self) -> bool:
        """Whether no age before expiry is one to withdraw at."""
        return self.threshold is UNKNOWN

    @property
    def expiry(self) -> int:
        """The age, in days, at which an invitation expires by itself."""
        return len(self.margins)

    @property
    def keep_values(self) -> tuple[float, ...]:
        """K(d), what keeping one day more is worth, for d = 0 to expiry - 1."""
        return tuple(self.withdraw_value + margin for margin in self.margins)

    def margin(self, d: int) -> float | Unknown:
        """What keeping is worth beyond withdrawing at age d, K(d) - G; `UNKNOWN` from the expiry on.

        Raises:
            DataError: If d is negative or not a whole number.
        """
        if not is_day(d):
            raise DataError(
                f"an age is a whole number of days from 0 on, got {shown(d)}", hint="For instance 21", key="d"
            )
        return self.margins[d] if d < len(self.margins) else UNKNOWN

    def to_record(self) -> dict[str, Any]:
        """Give the answer as a flat dict; what is unknown becomes None."""
        return {
            "threshold": None if self.threshold is UNKNOWN else self.threshold,
            "one_step_age": None if self.one_step_age is UNKNOWN else self.one_step_age,
            "slot_price": self.slot_price,
            "value": self.value,
            "withdraw_value": self.withdraw_value,
            "expiry": self.expiry,
        }

    def __str__(self) -> str:
        answer = "never withdraw" if self.threshold is UNKNOWN else f"withdraw from day {self.threshold} on"
        return f"{answer} (a pending slot costs {self.slot_price:g} a day, an acceptance is worth {self.value:g})"

    def __repr__(self) -> str:
        return f"Stopping({self})"

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "threshold", self.threshold
        yield "slot_price", self.slot_price
        yield "value", self.value


class _Steps(NamedTuple):
    """The checked problem without its slot price.

    `gains` holds, day by day, what one more day brings beyond G before the slot is paid; `stays` the discounted
    chance that the invitation is pending a day later; `end` what expiry is worth beyond G, never below 0.
    """

    gains: tuple[float, ...]
    stays: tuple[float, ...]
    end: float

    def margins(self, slot_price: float) -> list[float]:
        """K(d) - G. Worked on differences, so that a tiny chance in a far tail is not rounded away against G."""
        after = self.end
        margins: list[float] = []
        for gain, stay in zip(reversed(self.gains), reversed(self.stays), strict=True):
            margin = gain - slot_price + stay * after
            margins.append(margin)
            after = max(0.0, margin)
        margins.reverse()
        return margins


def _chances(name: str, numbers: Sequence[float]) -> tuple[float, ...]:
    checked: list[float] = []
    for day, number in enumerate(listed(numbers, name)):
        if not is_number(number, -_ROUNDING, 1 + _ROUNDING):
            raise DataError(
                f"a daily chance must be between 0 and 1, got {shown(number)} for day {day}",
                hint="Give the chance for one still pending at that age, not the share of all that were sent.",
                key=name,
            )
        checked.append(min(1.0, max(0.0, float(number))))
    return tuple(checked)


def _prepare(
    accept: Sequence[float],
    closed: Sequence[float],
    *,
    value: float,
    withdraw_value: float,
    discount: float,
    expiry_value: float,
    closed_value: float,
) -> _Steps:
    p1 = _chances("accept", accept)
    p2 = _chances("closed", closed) or (0.0,) * len(p1)
    if not p1:
        raise DataError(
            "there is no daily chance to decide by", hint="Give one for each age up to expiry.", key="accept"
        )
    if len(p2) != len(p1):
        raise DataError(
            f"{len(p1)} daily chances of acceptance and {len(p2)} of closing do not fit together",
            hint="Give as many of the one as of the other, or none of closing.",
            key="closed",
        )
    value = setting("value", value)
    g = setting("withdraw_value", withdraw_value)
    closed_value = setting("closed_value", closed_value)
    expiry_value = setting("expiry_value", expiry_value)
    discount = setting("discount", discount, least=0.0)
    gains: list[float] = []
    stays: list[float] = []
    factor = math.exp(-discount)
    lost = math.expm1(-discount) * g  # Minus what G loses by a day of delay.
    for day, (a, c) in enumerate(zip(p1, p2, strict=True)):
        if a + c > 1 + _ROUNDING:
            raise DataError(
                f"the chances of acceptance and closing of day {day} add up to more than 1",
                hint="Both are shares of those still pending at that age.",
                key="closed",
            )
        gains.append(lost + factor * (a * (value - g) + c * (closed_value - g)))
        stays.append(factor * max(0.0, 1.0 - a - c))
    return _Steps(tuple(gains), tuple(stays), max(0.0, expiry_value - g))


def _first(numbers: Sequence[float], slot_price: float) -> int | Unknown:
    """The first day whose margin says withdraw.

    An exact tie withdraws, unless the slot is free: then acting gains nothing, and it cannot be taken back.
    """
    for day, number in enumerate(numbers):
        if number < 0 or (number == 0 and slot_price > 0):
            return day
    return UNKNOWN


def stopping(
    accept: Sequence[float],
    closed: Sequence[float] = (),
    *,
    slot_price: float,
    value: float = 1.0,
    withdraw_value: float = 0.0,
    discount: float = 0.0,
    expiry_value: float = 0.0,
    closed_value: float = 0.0,
) -> Stopping:
    """Decide from which age on a pending invitation is better withdrawn.

    Args:
        accept: p1(d), the chance that an invitation pending at age d is accepted within the next day, for d = 0 to
            expiry - 1. Their number *is* the expiry age.
        closed: p2(d), the same for closing without acceptance; empty when closings are not looked at.
        slot_price: What a pending slot costs per day, in the unit of `value`; 0 for nothing.
        value: What an acceptance is worth.
        withdraw_value: G, the worth of the right to invite again less the cost of withdrawing; may be negative.
        discount: By which rate per day later is worth less; continuous, 0 for none.
        expiry_value: What natural expiry is worth (no cool-down follows it).
        closed_value: What a closing is worth.

    Raises:
        DataError: If the chances are none, or are no chances.
        PolicyError: If a price or value is not finite, or slot price or discount is negative.
    """
    price = setting("slot_price", slot_price, least=0.0)
    steps = _prepare(
        accept,
        closed,
        value=value,
        withdraw_value=withdraw_value,
        discount=discount,
        expiry_value=expiry_value,
        closed_value=closed_value,
    )
    margins = steps.margins(price)
    return Stopping(
        margins=tuple(margins),
        withdraw_value=float(withdraw_value),
        threshold=_first(margins, price),
        one_step_age=_first([gain - price for gain in steps.gains], price),
        slot_price=price,
        value=float(value),
    )


def daily_chances(
    cdf: Callable[[float], float], fraction: float, days: int, *, closed: Callable[[float], float] | None = None
) -> tuple[float, ...]:
    """Turn a latency curve into the daily chances of one still pending, p(d) for d = 0 to days - 1.

    ``p(d) = fraction * (cdf(d + 1) - cdf(d)) / (1 - fraction * cdf(d) - closed(d))``.

    Args:
        cdf: The share of acceptances that came by an age in days, `Latency.cdf` for one.
        fraction: Which share of invitations is ever accepted.
        days: For how many days.
        closed: The share of *all* invitations that closed by an age; None when closings are not looked at.

    Raises:
        DataError: If fraction is no share, a curve is no function or leaves 0..1, or days is not a whole number
            from 0 to 36,500.
    """
    if not is_number(fraction, 0, 1):
        raise DataError(
            f"the share ever accepted is between 0 and 1, got {shown(fraction)}",
            hint="For instance 0.3",
            key="fraction",
        )
    curve_of(cdf, "cdf")
    if closed is not None:
        curve_of(closed, "closed")
    chances: list[float] = []
    done = fraction * _come(cdf, 0, "cdf")
    for day in range(day_count(days)):
        later = fraction * _come(cdf, day + 1, "cdf")
        left = 1 - done - (_come(closed, day, "closed") if closed else 0.0)
        chances.append(min(1.0, max(0.0, (later - done) / left)) if left > 0 else 0.0)
        done = later
    return tuple(chances)


def _come(curve: Callable[[float], float], age: int, key: str) -> float:
    """What a curve says has come by an age."""
    share = curve(age)
    if not is_number(share, -_ROUNDING, 1 + _ROUNDING):
        raise DataError(
            f"a share must be between 0 and 1, got {shown(share)} by day {age}",
            hint="Give a function of an age in days, for instance the cdf of a Latency",
            key=key,
        )
    return share


def reinvite_value(
    *,
    rho: float,
    value: float = 1.0,
    second: float,
    quota_value: float = 0.0,
    discount: float = 0.0,
    cooldown_days: float = 21,
) -> float:
    """What the right to invite the same person again is worth: R.

    ``R = rho * exp(-cooldown_days * discount) * max(0, value * second - quota_value)``. Where the weekly allowance
    binds and second invitations are accepted less often than fresh ones, R is 0.

    Args:
        rho: The chance that the person really is invited again.
        value: What an acceptance is worth.
        second: The acceptance rate of second invitations. None is published; half the fresh rate is a guess.
        quota_value: What one invitation of the weekly allowance is worth: 0 while there is more than needed, else
            the value of an acceptance times the fresh acceptance rate.
        discount: By which rate per day later is worth less.
        cooldown_days: How long the service refuses a second invitation; LinkedIn's help says up to three weeks.

    Raises:
        PolicyError: If a number is not finite or outside its range.
    """
    rho = setting("rho", rho, least=0.0, most=1.0)
    second = setting("second", second, least=0.0, most=1.0)
    value = setting("value", value)
    quota_value = setting("quota_value", quota_value, least=0.0)
    discount = setting("discount", discount, least=0.0)
    cooldown_days = setting("cooldown_days", cooldown_days, least=0.0)
    return rho * math.exp(-cooldown_days * discount) * max(0.0, value * second - quota_value)


def slot_price_of_age(
    age: int,
    accept: Sequence[float],
    closed: Sequence[float] = (),
    *,
    value: float = 1.0,
    withdraw_value: float = 0.0,
    discount: float = 0.0,
    expiry_value: float = 0.0,
    closed_value: float = 0.0,
) -> float:
    """Find the belief behind an age rule: the slot price at which withdrawing from that age on is right.

    This is the *smallest* price with which `stopping` names an age of at most `age` (a range of prices gives each
    age; this is its lower end). Day by day it is the best average gain per pending day, over all ages at which
    waiting might end; where the chances only fall and expiry is worth nothing more, that is p1(age) * (value - G).
    0 when even a free slot would be withdrawn by then. Arguments and errors are those of `stopping`.

    Raises:
        PolicyError: If age is not a whole number of days below the expiry age.
    """
    steps = _prepare(
        accept,
        closed,
        value=value,
        withdraw_value=withdraw_value,
        discount=discount,
        expiry_value=expiry_value,
        closed_value=closed_value,
    )
    if not is_day(age) or age >= len(steps.gains):
        raise PolicyError(
            f"age must be a whole number of days from 0 to {len(steps.gains) - 1}, got {shown(age)}",
            hint=hint("age"),
        )
    price = max(0.0, min(_gain_per_day(steps, day) for day in range(age + 1)))
    # The price is a tie by construction; rounding must not let it fall on the far side of it.
    slack = math.ulp(price)
    while price > 0 and not _stops_by(steps, price, age):
        price += slack
        slack *= 2
    return price


def _stops_by(steps: _Steps, price: float, age: int) -> bool:
    return any(margin <= 0 for margin in steps.margins(price)[: age + 1])


def _gain_per_day(steps: _Steps, start: int) -> float:
    """The best gain per discounted pending day from `start` on, over all ages at which waiting may end."""
    best = -math.inf
    gained = time = 0.0
    here = 1.0
    for gain, stay in zip(steps.gains[start:], steps.stays[start:], strict=True):
        gained += here * gain
        time += here
        here *= stay
        best = max(best, gained / time)
    return max(best, (gained + here * steps.end) / time)


def slot_price_for_cap(
    cap: float,
    sends_per_week: float,
    open_at: Curve,
    accept: Sequence[float],
    closed: Sequence[float] = (),
    *,
    value: float = 1.0,
    withdraw_value: float = 0.0,
    discount: float = 0.0,
    expiry_value: float = 0.0,
    closed_value: float = 0.0,
) -> float:
    """Find the slot price that keeps the pending stock at or below a cap in the long run.

    It is the price of the last whole day before the stock would pass the cap (`age_for_cap`, rounded down, then
    `slot_price_of_age`), and 0 when the stock stays below the cap until expiry: a cap that does not bind costs
    nothing. No cap is published by LinkedIn; 400 to 500 is advice of vendors.

    Args:
        cap: How many may be pending.
        sends_per_week: How many are sent per week on average.
        open_at: The share still pending, as in `steady_stock`.
        accept: Daily chances, as in `stopping`; their number is the expiry age.
        closed: As in `stopping`.
        value: As in `stopping`.
        withdraw_value: As in `stopping`.
        discount: As in `stopping`.
        expiry_value: As in `stopping`.
        closed_value: As in `stopping`.

    Raises:
        DataError: As `stopping` and `steady_stock`.
        PolicyError: As `stopping` and `steady_stock`.
    """
    per_day = setting("sends_per_week", sends_per_week, least=0.0) / 7
    accept = listed(accept, "accept")
    age = age_for_cap(cap, open_at, per_day, expiry=len(accept))
    if age is UNKNOWN:
        return 0.0
    return slot_price_of_age(
        math.floor(age),
        accept,
        closed,
        value=value,
        withdraw_value=withdraw_value,
        discount=discount,
        expiry_value=expiry_value,
        closed_value=closed_value,
    )

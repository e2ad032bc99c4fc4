"""Rules about what waiting is still worth, by what the statistics in the context expect."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from typing import Any, ClassVar, Final

import attrs

from invitekit._numbers import is_number
from invitekit.errors import PolicyError
from invitekit.model import EXPIRY, Invitation, Truth
from invitekit.rules._age import age_facts
from invitekit.rules._reason import Scalar, days_text, saying
from invitekit.rules._rowtest import Compare, Constant, Every, Some, Test
from invitekit.rules._rule import Leaf, Rule, leaf
from invitekit.rules._sight import Expectations, Sight, Waiting

__all__ = ["ChanceBelow", "NotWorthWaiting", "chance_below", "last_age", "not_worth_waiting"]

_LAST: Final = EXPIRY.days
"""The last age that is told apart: whatever is older counts as that old."""

_CAUTION: Final = 0.8
"""How sure one wants to be. Our choice: little is lost by waiting for more data, and much by withdrawing too
early."""


def last_age(sent: datetime, now: datetime) -> int:
    """The age in UTC calendar days, or the last at which an invitation can still be kept for a day."""
    return min(max(now.toordinal() - sent.toordinal(), 0), _LAST - 1)


def _aged(days: Iterable[int], now: datetime) -> Test:
    """Ask for an age, in UTC calendar days, among these: the whole of the time of sending lies on such days."""
    midnight = datetime.combine(now.date(), time.min, tzinfo=UTC)
    stretches = [
        [day for _, day in run] for _, run in groupby(enumerate(sorted(days)), key=lambda pair: pair[1] - pair[0])
    ]

    def within(youngest: int, oldest: int) -> Iterator[Test]:
        if youngest > 0:
            yield Compare("sent_at.latest", "<", midnight - timedelta(days=youngest - 1))
        if oldest < _LAST:
            yield Compare("sent_at.earliest", ">=", midnight - timedelta(days=oldest))

    return Some.of(Every.of(within(run[0], run[-1])) for run in stretches)


class _ByAge(Leaf):
    """What looks at nothing of an invitation but its age, and at the statistics in the context."""

    __slots__ = ()

    @abstractmethod
    def holds(self, stats: Expectations, sight: Sight) -> list[bool] | None:
        """Whether it is true at each age from 0 to 180 days; None where nobody can say."""

    def surely(self, truth: bool, sight: Sight) -> Test:
        """Ask for the ages at which it is, or is not, true; unknown without statistics."""
        stats = sight.stats
        answers = None if stats is None else sight.once(self, lambda: self.holds(stats, sight))
        if answers is None:
            return Constant(False)
        return _aged([day for day, answer in enumerate(answers) if answer is truth], sight.now)


@attrs.frozen(repr=False)
class ChanceBelow(_ByAge):
    """See `chance_below`."""

    share: float
    within: int | None = None
    caution: float = _CAUTION
    name: ClassVar[str] = "chance_below"

    @property
    def arguments(self) -> dict[str, Any]:
        """The share; the rest where it was set."""
        return {
            "share": self.share,
            **({} if self.within is None else {"within": self.within}),
            **({} if self.caution == _CAUTION else {"caution": self.caution}),
        }

    def holds(self, stats: Expectations, sight: Sight) -> list[bool]:
        """Compare the chance at each age, on its cautious side."""
        chances = stats.chances((day, self._until(day)) for day in range(_LAST + 1))
        return [chance.bound(self.caution) < self.share for chance in chances]

    def _until(self, day: int) -> int | None:
        return None if self.within is None else day + self.within

    def implies(self, other: Leaf) -> bool:
        """What is below one percent is below two."""
        return (
            isinstance(other, ChanceBelow)
            and self.share <= other.share
            and (self.within, self.caution) == (other.within, other.caution)
        )

    def look(self, invitation: Invitation, sight: Sight) -> dict[str, Scalar]:
        """The age, and the chance at it."""
        facts: dict[str, Scalar] = {**age_facts(invitation, sight), "threshold": self.share}
        if sight.stats is None or not invitation.sent_at.is_known:
            return {**facts, "chance": None}
        day = min(max(_age(invitation, sight), 0), _LAST)
        chance = sight.stats.chance(day, horizon=self._until(day))
        return {
            **facts,
            "chance": _number(chance.value),
            "chance_from": _number(chance.lower),
            "chance_to": _number(chance.upper),
            "cautious": _number(chance.bound(self.caution)),
            "source": chance.why,
        }


@attrs.frozen(repr=False)
class NotWorthWaiting(_ByAge):
    """See `not_worth_waiting`."""

    slot_price: float | None = None
    pending_cap: int | None = None
    value: float = 1.0
    withdraw_value: float = 0.0
    caution: float | None = None
    name: ClassVar[str] = "not_worth_waiting"

    @property
    def arguments(self) -> dict[str, Any]:
        """What was set."""
        return {
            field.name: value
            for field in attrs.fields(NotWorthWaiting)
            if (value := getattr(self, field.name)) != field.default
        }

    @property
    def is_priced(self) -> bool:
        """Whether it says itself what a slot costs."""
        return self.slot_price is not None or self.pending_cap is not None

    def expected(self, stats: Expectations, sight: Sight) -> Waiting | None:
        """What waiting is worth at each age; None where nothing says what a slot costs."""
        price = self.slot_price if self.is_priced else sight.slot_price
        if price is None and self.pending_cap is None:
            return None
        return stats.worth(
            slot_price=price,
            pending_cap=self.pending_cap,
            value=self.value,
            withdraw_value=self.withdraw_value,
            caution=self.caution,
        )

    def holds(self, stats: Expectations, sight: Sight) -> list[bool] | None:
        """Look each age up."""
        waiting = self.expected(stats, sight)
        if waiting is None:
            return None
        answers = [waiting.is_over(day) for day in range(_LAST)]
        return [*answers, answers[-1]]

    def look(self, invitation: Invitation, sight: Sight) -> dict[str, Scalar]:
        """The age, the chance at it, the price of the slot, and by how much keeping it is worth more."""
        facts: dict[str, Scalar] = {**age_facts(invitation, sight)}
        if sight.stats is None or not invitation.sent_at.is_known:
            return {**facts, "margin": None}
        waiting = self.expected(sight.stats, sight)
        if waiting is None:
            return {**facts, "margin": None, "slot_price": None}
        day = last_age(invitation.sent_at.latest, sight.now)
        chance = sight.stats.chance(min(max(_age(invitation, sight), 0), _LAST))
        return {
            **facts,
            "chance": _number(chance.value),
            "chance_from": _number(chance.lower),
            "chance_to": _number(chance.upper),
            "source": chance.why,
            "slot_price": _number(waiting.slot_price),
            "margin": _number(waiting.margin(day)),
            "cautious_margin": _number(waiting.cautious_margin(day)),
        }


def _age(invitation: Invitation, sight: Sight) -> int:
    return sight.now.toordinal() - invitation.sent_at.latest.toordinal()


def _number(value: object) -> float | None:
    return round(value, 9) if is_number(value) else None


def _share(value: object, what: str) -> float:
    if not is_number(value, 0, 1) or value in (0, 1):
        raise PolicyError(
            f"{what} must be a number above 0 and below 1, got {value!r:.40}", hint="Two percent is 0.02"
        )
    return float(value)


def _caution(value: object, what: str) -> float:
    if not is_number(value, 0.5, 1) or value == 1:
        raise PolicyError(
            f"{what}: caution must be a number from 0.5 to below 1, got {value!r:.40}",
            hint="0.5 takes the estimate as it is, 0.8 wants to be 80 % sure",
        )
    return float(value)


@leaf
def chance_below(share: float, *, within: int | None = None, caution: float = _CAUTION) -> Rule:
    """The chance that it is still accepted is surely below a share.

    Needs statistics: ``Context(stats=AcceptanceStats.from_snapshot(snapshot))``; unknown without. The age counts
    in UTC calendar days; beyond 180 days, where invitations expire, the chance is 0.

    Args:
        share: For instance 0.02 for two percent.
        within: Within how many days from now; until it expires, when not given.
        caution: How sure one wants to be that the chance is below: the rule compares the bound that the chance
            stays under with this probability, so that little data means waiting longer. 0.5 compares the estimate.

    Raises:
        PolicyError: A number is out of its range.
    """
    if within is not None and (type(within) is not int or within < 1):
        raise PolicyError(
            f"chance_below: within must be a whole number of days from 1 up, got {within!r:.40}",
            hint="For instance within=14",
        )
    return ChanceBelow(_share(share, "chance_below"), within, _caution(caution, "chance_below"))


@leaf
def not_worth_waiting(
    *,
    slot_price: float | None = None,
    pending_cap: int | None = None,
    value: float = 1.0,
    withdraw_value: float = 0.0,
    caution: float | None = None,
) -> Rule:
    """Keeping it pending is worth less than the slot it takes, by optimal stopping over the days to its expiry.

    Needs statistics in the context, and a price: set here, in the context (``Context(slot_price=…)``), or derived
    from a cap on what may be pending; unknown without. Nobody publishes such a price: that of "withdraw at 21
    days" is about 0.001 acceptances a day (`AcceptanceStats.explain_age_rule`). At a price of zero it is never
    true.

    Args:
        slot_price: What a pending slot costs a day, where an acceptance is worth `value`.
        pending_cap: How many may be pending; the price is then what keeps the stock there at the pace of the last
            four weeks, and zero where the stock stays below anyway.
        value: What an acceptance is worth.
        withdraw_value: What having withdrawn is worth: the right to invite again, less the trouble.
        caution: How sure one wants to be that waiting is not worth it; 0.5 takes the estimate. When not given: 0.8
            with a price, 0.5 with a cap, since a cap that is met only where it is certain is not met.

    Raises:
        PolicyError: A number is out of its range, or both a price and a cap are given.
    """
    if slot_price is not None and pending_cap is not None:
        raise PolicyError("not_worth_waiting takes slot_price or pending_cap, not both")
    if slot_price is not None and not is_number(slot_price, 0):
        raise PolicyError(
            f"not_worth_waiting: slot_price must be a number from 0 up, got {slot_price!r:.40}",
            hint="For instance 0.001: a thousandth of an acceptance a day",
        )
    if pending_cap is not None and (type(pending_cap) is not int or pending_cap < 1):
        raise PolicyError(
            f"not_worth_waiting: pending_cap must be a whole number from 1 up, got {pending_cap!r:.40}",
            hint="For instance 500",
        )
    for name, number in (("value", value), ("withdraw_value", withdraw_value)):
        if not is_number(number):
            raise PolicyError(f"not_worth_waiting: {name} must be a number, got {number!r:.40}")
    return NotWorthWaiting(
        None if slot_price is None else float(slot_price),
        pending_cap,
        float(value),
        float(withdraw_value),
        None if caution is None else _caution(caution, "not_worth_waiting"),
    )


def _percent(value: Scalar) -> str:
    return f"{100 * float(value or 0):.2g} %"


def _chance(facts: Mapping[str, Scalar]) -> str:
    interval = ""
    if facts.get("chance_from") is not None and facts.get("chance_to") is not None:
        interval = f" ({_percent(facts['chance_from'])} to {_percent(facts['chance_to'])})"
    return f"chance {_percent(facts['chance'])}{interval}"


@saying("chance-below")
def _say_chance(truth: Truth, facts: Mapping[str, Scalar]) -> str:
    if facts.get("chance") is None:
        return f"sent {days_text(facts)}; no statistics to tell the chance from"
    surely = {Truth.TRUE: "surely below", Truth.FALSE: "not surely below", Truth.UNKNOWN: "perhaps below"}[truth]
    return f"{surely} {_percent(facts['threshold'])}: {_chance(facts)}, sent {days_text(facts)}, {facts['source']}"


@saying("not-worth-waiting")
def _say_waiting(truth: Truth, facts: Mapping[str, Scalar]) -> str:
    sent = f"sent {days_text(facts)}"
    if facts.get("margin") is None:
        price = "slot_price" in facts
        return f"{sent}; {'nothing says what a slot costs' if price else 'no statistics to tell the chance from'}"
    rest = f"{_chance(facts)}, {sent}, {facts['source']}"
    if facts["slot_price"] == 0:
        return f"a slot costs nothing, so waiting is always worth it: {rest}"
    margin = float(facts["margin"] or 0)
    verdict = {Truth.TRUE: "surely not worth", Truth.FALSE: "worth", Truth.UNKNOWN: "perhaps not worth"}[truth]
    if truth is Truth.FALSE and margin <= 0:
        verdict = "perhaps still worth"
    return f"{verdict} {float(facts['slot_price'] or 0):.2g} a day, by {margin:+.2g}: {rest}"

"""What a fixed age of withdrawal costs, and what price of a slot it stands for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import attrs

from invitekit.errors import DataError
from invitekit.insight._chance import ChanceSource, fitted
from invitekit.insight._courses import EXPIRY_DAYS
from invitekit.insight.estimators._estimate import Estimate
from invitekit.insight.estimators._stopping import slot_price_of_age, steady_stock
from invitekit.model import UNKNOWN, Unknown

if TYPE_CHECKING:
    from invitekit.insight._stats import AcceptanceStats

__all__ = ["AgeRule"]


@attrs.frozen(weakref_slot=False, kw_only=True, repr=False)
class AgeRule:
    """What "withdraw everything at this age" costs.

    Args:
        days: The age.
        forfeited: Which share of all that are sent would still be accepted after it, by the expiry: times 100, the
            acceptances given up for each 100 sent. From the fitted curve.
        observed: The same, counted in your own data, up to `observed_to` only; `UNKNOWN` where the data do not
            reach beyond the age.
        observed_to: The last day up to which your own data can be counted; `UNKNOWN` where that is not beyond the
            age.
        slot_price: The price of a pending slot a day that this rule stands for: the smallest at which withdrawing
            at that age is right, where an acceptance is worth 1.
        stock: How many invitations are pending in the long run under this rule, for each one sent a week.
        stock_without: The same when nothing is withdrawn until the expiry.
        source: What the curve was learned from.
        data_weight: The share of your own data in it.
    """

    days: int
    forfeited: Estimate
    observed: Estimate
    observed_to: int | Unknown
    slot_price: float
    stock: float
    stock_without: float
    source: ChanceSource
    data_weight: float

    @classmethod
    def of(cls, stats: AcceptanceStats, days: int) -> AgeRule:
        """Work it out; see `AcceptanceStats.explain_age_rule`."""
        if days >= EXPIRY_DAYS:
            raise DataError(
                f"at {days} days nothing is left to withdraw: invitations expire after {EXPIRY_DAYS}",
                hint="For instance 21",
                key="days",
            )
        fit = stats.fit
        accept, closed = fit.hazards(EXPIRY_DAYS)
        open_at = [fit.open_at(day) for day in range(EXPIRY_DAYS)]
        last = stats.counted_until(days)
        observed = Estimate(value=UNKNOWN, confidence=stats.confidence)
        if last is not UNKNOWN and last > days:
            observed = _observed(stats, days, last)
        return cls(
            days=days,
            forfeited=fit.estimates(
                lambda fit: (fit.accepted_by(EXPIRY_DAYS) - fit.accepted_by(days),), confidence=stats.confidence
            )[0],
            observed=observed,
            observed_to=last,
            slot_price=slot_price_of_age(days, accept, closed),
            stock=steady_stock(open_at, days, 1 / 7),
            stock_without=steady_stock(open_at, EXPIRY_DAYS, 1 / 7),
            source=stats.learned_from,
            data_weight=fit.data_weight,
        )

    def to_record(self) -> dict[str, Any]:
        """Give it as a flat dict; what is unknown becomes None."""
        estimates = {
            f"{name}_{part}": number
            for name, estimate in (("forfeited", self.forfeited), ("observed", self.observed))
            for part, number in estimate.to_record().items()
            if part in ("value", "lower", "upper")
        }
        return {
            "days": self.days,
            **estimates,
            "observed_to": None if self.observed_to is UNKNOWN else self.observed_to,
            "slot_price": self.slot_price,
            "stock": self.stock,
            "stock_without": self.stock_without,
            "source": self.source.value,
            "data_weight": self.data_weight,
        }

    def _facts(self) -> Iterator[tuple[str, str]]:
        yield "acceptances given up per 100 sent", _per_hundred(self.forfeited)
        if self.observed.is_known:
            yield f"of these by day {self.observed_to}, counted", _per_hundred(self.observed)
        else:
            yield "counted in your data", "unknown: hardly any invitation was left alone for longer"
        yield "a slot is taken to cost", f"{self.slot_price:.2g} acceptances a day"
        yield (
            "pending at 100 sent a week",
            f"{100 * self.stock:.0f} (without withdrawing {100 * self.stock_without:.0f})",
        )
        yield "learned from", fitted(self.source, self.data_weight)

    def __str__(self) -> str:
        return f"withdrawing at {self.days} days gives up {_per_hundred(self.forfeited)} acceptances per 100 sent"

    def __repr__(self) -> str:
        from invitekit._text import plain_facts

        return plain_facts(f"Withdraw at {self.days} days", self._facts())

    def _repr_html_(self) -> str:
        from invitekit._text import html_table

        return html_table((f"Withdraw at {self.days} days", ""), self._facts())

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "days", self.days
        yield "forfeited", _per_hundred(self.forfeited)
        yield "slot_price", self.slot_price


def _observed(stats: AcceptanceStats, days: int, last: int) -> Estimate:
    """Count who was pending at an age and was accepted later: the share open times the landmark's incidence."""
    first = stats.identified[0]
    if first is UNKNOWN or first > 0:
        return Estimate(value=UNKNOWN, confidence=stats.confidence)
    still = stats.open_at(days)
    later = stats.chance(days, horizon=last)
    if still.value is UNKNOWN or later.source is not ChanceSource.OWN_DATA:
        return Estimate(value=UNKNOWN, confidence=stats.confidence)
    # The share still open is known far better than what becomes of it, so its error is left aside.
    scaled = {
        name: UNKNOWN if (number := getattr(later.estimate, name)) is UNKNOWN else still.value * number
        for name in ("value", "lower", "upper")
    }
    return attrs.evolve(later.estimate, **scaled)


def _per_hundred(estimate: Estimate) -> str:
    if estimate.value is UNKNOWN:
        return "unknown"
    if estimate.lower is UNKNOWN or estimate.upper is UNKNOWN:
        return f"{100 * estimate.value:.1f}"
    return f"{100 * estimate.value:.1f} ({100 * estimate.lower:.1f} to {100 * estimate.upper:.1f})"

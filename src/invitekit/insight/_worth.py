"""What keeping an invitation pending is worth, at each age, given what a slot costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs

from invitekit._numbers import is_number
from invitekit.errors import DataError, PolicyError
from invitekit.insight._chance import ChanceSource
from invitekit.insight._courses import EXPIRY_DAYS
from invitekit.insight.estimators._special import normal_quantile
from invitekit.insight.estimators._stopping import Stopping, slot_price_for_cap, stopping
from invitekit.model import UNKNOWN, Unknown

if TYPE_CHECKING:
    from invitekit.insight._stats import AcceptanceStats
    from invitekit.insight.estimators._cure import CureFit

__all__ = ["Worth"]

_SHOWN = (7, 14, 21, 30, 45, 60, 90, 120)


@attrs.frozen(weakref_slot=False, kw_only=True, repr=False)
class Worth:
    """What keeping an invitation pending one more day is worth beyond withdrawing it, at each age.

    By backward induction from the expiry, on the fitted curve: see `invitekit.insight.stopping`. The unit is that
    of `value`: acceptances, unless an acceptance was given another value.

    Args:
        slot_price: What a pending slot costs a day.
        price_from: Where that price comes from, in words.
        caution: How sure one wants to be that waiting is not worth it.
        stopping: The induction on the curve as it was estimated.
        errors: The standard error of each margin, from what the data leave open about the curve.
        source: What the curve was learned from.
        data_weight: The share of your own data in it.
    """

    slot_price: float
    price_from: str
    caution: float
    stopping: Stopping
    errors: tuple[float, ...]
    source: ChanceSource
    data_weight: float

    @classmethod
    def of(
        cls,
        stats: AcceptanceStats,
        *,
        slot_price: float | None = None,
        pending_cap: int | None = None,
        sends_a_week: float | None = None,
        value: float = 1.0,
        withdraw_value: float = 0.0,
        expiry_value: float = 0.0,
        caution: float | None = None,
    ) -> Worth:
        """Work it out.

        Args:
            stats: What is known of how invitations are answered.
            slot_price: What a pending slot costs a day.
            pending_cap: How many may be pending: the price is then the one that keeps the stock there, and 0 where
                it stays below anyway.
            sends_a_week: At which pace, for `pending_cap`; that of the last four weeks when not given. At no pace
                there will be no stock, so that no cap binds, whatever is pending today.
            value: What an acceptance is worth.
            withdraw_value: What having withdrawn is worth: the right to invite again, less the trouble.
            expiry_value: What having let it expire is worth.
            caution: How sure one wants to be; 0.5 takes the estimate. When not given: 0.8 with a price, 0.5 with a
                cap, since a cap that is met only where it is certain is not met.

        Raises:
            DataError: Neither or both of price and cap are given.
            PolicyError: A number is out of its range.
        """
        if (slot_price is None) is (pending_cap is None):
            raise DataError(
                "what a slot costs is given neither by slot_price nor by pending_cap"
                if slot_price is None
                else "slot_price and pending_cap cannot both be given",
                hint="For instance slot_price=0.001, or pending_cap=500",
                key="slot_price",
            )
        if caution is None:
            caution = 0.8 if pending_cap is None else 0.5
        if not is_number(caution, 0.5, 1) or caution == 1:
            raise PolicyError(f"caution must be a number from 0.5 to below 1, got {caution!r:.40}")
        fit = stats.fit
        settings = {"value": value, "withdraw_value": withdraw_value, "expiry_value": expiry_value}
        price_from = "given"
        if pending_cap is not None and (type(pending_cap) is not int or pending_cap < 1):
            raise PolicyError(
                f"pending_cap must be a whole number from 1 up, got {pending_cap!r:.40}", hint="For instance 500"
            )
        if slot_price is None:
            assert pending_cap is not None  # noqa: S101 - one of the two is there, as was checked
            pace = stats.sends_a_week() if sends_a_week is None else sends_a_week
            accept, closed = fit.hazards(EXPIRY_DAYS)
            open_at = [fit.open_at(day) for day in range(EXPIRY_DAYS)]
            slot_price = slot_price_for_cap(pending_cap, pace, open_at, accept, closed, **settings)
            binds = "" if slot_price else ", which does not bind"
            price_from = f"a cap of {pending_cap:,} pending at {pace:.2g} sent a week{binds}"

        def margins(fit: CureFit) -> Sequence[float]:
            accept, closed = fit.hazards(EXPIRY_DAYS)
            return stopping(accept, closed, slot_price=slot_price, **settings).margins

        accept, closed = fit.hazards(EXPIRY_DAYS)
        told = stopping(accept, closed, slot_price=slot_price, **settings)
        return cls(
            slot_price=told.slot_price,
            price_from=price_from,
            caution=caution,
            stopping=told,
            errors=fit.std_errs(margins) if caution != 0.5 else (0.0,) * EXPIRY_DAYS,
            source=stats.learned_from,
            data_weight=fit.data_weight,
        )

    def margin(self, day: int) -> float:
        """By how much keeping is worth more than withdrawing, for one pending at the end of a day."""
        return self.stopping.margins[day]

    def cautious_margin(self, day: int) -> float:
        """The margin that the true one stays below with the probability `caution`."""
        return self.margin(day) + self._step * self.errors[day]

    @cached_property
    def _step(self) -> float:
        return normal_quantile(self.caution)

    def is_over(self, day: int) -> bool:
        """Whether waiting is surely not worth it for one pending at the end of a day; never for a free slot."""
        return self.slot_price > 0 and self.cautious_margin(day) <= 0

    @property
    def threshold(self) -> int | Unknown:
        """The first day since sending at which waiting is surely not worth it; `UNKNOWN` where there is none."""
        return next((day for day in range(len(self.errors)) if self.is_over(day)), UNKNOWN)

    def to_records(self) -> list[dict[str, Any]]:
        """Give it as one dict per day of age."""
        return [
            {
                "day": day,
                "margin": self.margin(day),
                "cautious_margin": self.cautious_margin(day),
                "over": self.is_over(day),
            }
            for day in range(len(self.errors))
        ]

    def __str__(self) -> str:
        price = f"a slot costs {self.slot_price:.2g} a day ({self.price_from})"
        if self.slot_price == 0:
            return f"never withdraw: {price}, so waiting is always worth it"
        if self.threshold is UNKNOWN:
            return f"never withdraw: {price}, and waiting for the expiry is worth more at every age"
        estimate = self.stopping.threshold
        early = "" if estimate == self.threshold else f"; by the estimate alone from day {estimate} on"
        return f"withdraw from day {self.threshold} on: {price}{early}"

    def _rows(self) -> list[tuple[object, ...]]:
        return [
            (
                day,
                f"{self.margin(day):+.5f}",
                f"{self.cautious_margin(day):+.5f}",
                "no" if self.is_over(day) else "yes",
            )
            for day in _SHOWN
            if day < len(self.errors)
        ]

    def __repr__(self) -> str:
        from invitekit._text import plain_table

        return plain_table(_COLUMNS, self._rows(), title=str(self))

    def _repr_html_(self) -> str:
        from invitekit._text import html_table

        return html_table(_COLUMNS, self._rows(), title=str(self))

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "slot_price", self.slot_price
        yield "threshold", self.threshold
        yield "caution", self.caution


_COLUMNS = ("pending for days", "margin", "cautious margin", "worth waiting")

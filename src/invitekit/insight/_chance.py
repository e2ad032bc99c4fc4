"""The chance that an invitation which is still pending will be accepted."""

from __future__ import annotations

import math
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import attrs

from invitekit.insight.estimators._estimate import Estimate, percent
from invitekit.insight.estimators._proportions import wilson_interval
from invitekit.insight.estimators._special import normal_quantile
from invitekit.model import UNKNOWN, Unknown

__all__ = ["Chance", "ChanceSource", "fitted"]


class ChanceSource(StrEnum):
    """What a chance was learned from."""

    OWN_DATA = "own data"
    """Counted: of your invitations that were pending that long, how many were accepted by the horizon."""
    MIXTURE = "mixture"
    """A curve with a share that never accepts, fitted to your invitations and to the prior together."""
    PRIOR = "prior"
    """The published curve alone; nothing of yours is in it."""


def fitted(source: ChanceSource, data_weight: float) -> str:
    """Say what a fitted curve rests on."""
    if source is ChanceSource.PRIOR:
        return "published curve, no data of yours"
    return f"fitted curve, {100 * data_weight:.0f} % your own data"


@attrs.frozen(weakref_slot=False, kw_only=True, repr=False)
class Chance:
    """The probability that an invitation, pending at the end of a day, is accepted by the end of a later one.

    Args:
        days_pending: For how many days it has been pending.
        horizon: By which age, in days since sending, it is to be accepted.
        estimate: The probability, with its interval.
        source: What it was learned from.
        data_weight: The share of your own data in it, from 0 (the prior alone) to 1.
        at_risk: How many of your invitations were watched beyond that age; what an own count rests on.
        segment: Of which part of your invitations, as ``(key, value)``; empty for all.
    """

    days_pending: int
    horizon: int
    estimate: Estimate
    source: ChanceSource
    data_weight: float
    at_risk: float
    segment: tuple[str, str] | tuple[()] = ()

    @property
    def value(self) -> float:
        """The probability itself."""
        return float(self.estimate)

    @property
    def lower(self) -> float | Unknown:
        """The lower end of its interval."""
        return self.estimate.lower

    @property
    def upper(self) -> float | Unknown:
        """The upper end of its interval."""
        return self.estimate.upper

    def __float__(self) -> float:
        return self.value

    def bound(self, caution: float) -> float:
        """Give the value that the chance stays below with the probability `caution`; the estimate itself at 0.5.

        Acting on the upper side delays a withdrawal where little is known, which is the cheap error: keeping one a
        day too long costs a day of its slot, withdrawing one wrongly costs an acceptance.
        """
        if caution == 0.5:
            return self.value
        if self.source is ChanceSource.OWN_DATA:
            n = self.estimate.n
            upper = wilson_interval(self.value * n, n, confidence=2 * caution - 1).upper
            return 1.0 if upper is UNKNOWN else upper
        if not 0 < self.value < 1:
            return self.value
        if self.upper is UNKNOWN or not 0 < self.upper < 1:
            return 1.0  # The curve could not be fitted: nothing says that the chance stays below anything.
        step = (_logit(self.upper) - _logit(self.value)) / normal_quantile((1 + self.estimate.confidence) / 2)
        return 1 / (1 + math.exp(-_logit(self.value) - step * normal_quantile(caution)))

    def to_record(self) -> dict[str, Any]:
        """Give it as a flat dict."""
        return {
            "days_pending": self.days_pending,
            "horizon": self.horizon,
            **self.estimate.to_record(),
            "source": self.source.value,
            "data_weight": self.data_weight,
            "at_risk": self.at_risk,
            "segment": " ".join(self.segment),
        }

    def __str__(self) -> str:
        return f"{self.estimate}, {self.why}"

    @property
    def why(self) -> str:
        """What it rests on, in words."""
        if self.source is ChanceSource.OWN_DATA:
            return f"{self.at_risk:.0f} of your own watched beyond day {self.days_pending}"
        return fitted(self.source, self.data_weight)

    def __repr__(self) -> str:
        return f"Chance({self})"

    def _repr_html_(self) -> str:
        from invitekit._text import html_table

        rows = [(key.replace("_", " "), value) for key, value in self.__rich_repr__()]
        return html_table(("chance", ""), rows)

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "pending_for", f"{self.days_pending} days"
        yield "accepted_by_day", self.horizon
        yield "chance", percent(self.value)
        yield "interval", str(self.estimate)
        yield "source", self.why


def _logit(share: float) -> float:
    return math.log(share / (1 - share))

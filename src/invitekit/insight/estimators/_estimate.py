"""A number that was learned, and how sure one can be of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from invitekit.errors import DataError
from invitekit.insight.estimators._shown import OneRecord
from invitekit.model import UNKNOWN, Unknown

__all__ = ["Estimate"]


@attrs.frozen(weakref_slot=False, kw_only=True, repr=False)
class Estimate(OneRecord):
    """A number between 0 and 1 with its interval, and what it rests on.

    Args:
        value: The estimate; `UNKNOWN` where the data do not determine it.
        lower: The lower end of the interval; `UNKNOWN` where there is none.
        upper: The upper end.
        confidence: How often such an interval covers the truth, 0.95 for instance.
        n: How many invitations it rests on.
        interval: How the interval was made, in one word or two: ``wilson``, ``log-log``, ``beta``, ``bootstrap``.
    """

    value: float | Unknown
    lower: float | Unknown = UNKNOWN
    upper: float | Unknown = UNKNOWN
    confidence: float = 0.95
    n: float = 0
    interval: str = ""

    @property
    def is_known(self) -> bool:
        """Whether the data say anything."""
        return self.value is not UNKNOWN

    def __float__(self) -> float:
        if self.value is UNKNOWN:
            raise DataError("nothing is known of this share, so it is no number", hint="Look at is_known first")
        return float(self.value)

    def to_record(self) -> dict[str, Any]:
        """Give it as a flat dict; what is unknown becomes None."""
        known = {name: getattr(self, name) for name in ("value", "lower", "upper")}
        return {
            **{name: None if number is UNKNOWN else number for name, number in known.items()},
            "confidence": self.confidence,
            "n": self.n,
            "interval": self.interval,
        }

    def __str__(self) -> str:
        if self.value is UNKNOWN:
            return "unknown"
        if self.lower is UNKNOWN or self.upper is UNKNOWN:
            return percent(self.value)
        return f"{percent(self.value)} ({percent(self.lower)} to {percent(self.upper)})"

    def __repr__(self) -> str:
        return f"Estimate({self}, n={self.n:g})"

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "value", str(self)
        yield "n", self.n


def percent(share: float) -> str:
    """Spell a share in percent, with as many digits as tell small ones apart."""
    points = 100 * share
    if 0 < points < 0.01:
        return "under 0.01 %"
    digits = 2 if 0 < points < 1 else 1
    return f"{points:.{digits}f} %"

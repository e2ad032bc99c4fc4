"""Intervals by bootstrap, for curves of which some endings are known to lie in an interval only."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

import attrs

from invitekit.insight.estimators._estimate import Estimate
from invitekit.insight.estimators._estimator import incidence
from invitekit.insight.estimators._incidence import Incidence, Row
from invitekit.model import UNKNOWN

__all__ = ["Replicates"]

_COUNT: Final = 200
_SEED: Final = 20_261_122
"""Any number will do; with the same one the same data give the same interval, on every machine."""

_TOLERANCE: Final = 1e-4
"""Far below the width of any interval, and soon reached from the curve of the data."""


@attrs.frozen(weakref_slot=False, repr=False)
class Replicates:
    """The curve of many drawings from the same invitations, drawn with replacement within each week of sending.

    Args:
        curves: The curves.
    """

    curves: tuple[Incidence, ...]

    @classmethod
    def of(cls, curve: Incidence, rows: Sequence[tuple[int, Row]]) -> Replicates:
        """Draw; `rows` are given with the week they were sent in."""
        from random import Random

        weeks: dict[int, list[Row]] = defaultdict(list)
        for week, row in rows:
            weeks[week].append(row)
        random = Random(_SEED)  # noqa: S311 - repeatable on purpose, and no secret
        drawn: list[Incidence] = []
        for _ in range(_COUNT):
            weights: Counter[Row] = Counter()
            for same in weeks.values():
                weights.update(random.choices(same, k=len(same)))
            drawn.append(incidence(weights, causes=curve.causes, start=curve, tolerance=_TOLERANCE))
        return cls(tuple(drawn))

    def estimate(self, found: Estimate, day: int, cause: str) -> Estimate:
        """Add the interval to an estimate: the middle of what the drawings gave."""
        values = sorted(value for curve in self.curves if (value := curve.by(day, cause).value) is not UNKNOWN)
        if len(values) < _COUNT // 2:
            return found
        tail = (1 - found.confidence) / 2
        lower, upper = (values[round(share * (len(values) - 1))] for share in (tail, 1 - tail))
        return attrs.evolve(found, lower=lower, upper=upper, interval="bootstrap")

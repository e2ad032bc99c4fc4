"""What rows of history say about a mixture-cure model, as a function of its parameters, with its gradient.

The share still pending is ``S(t) = 1 - p1 * F_A(t) - p2 * F_C(t)``. A row contributes

- an acceptance at a known time t: ``p1 * f_A(t)``; in (a, b]: ``p1 * (F_A(b) - F_A(a))``,
- a closing: the same with p2 and F_C; a cause that is not known: the sum of both,
- still pending, or withdrawn by us, at c: ``S(c)``,
- first seen pending at e: all of that divided by ``S(e)``.

On the daily grid F is `Latency.daily`, and an event on day k is one in (k - 1, k]. Parameters are
``(logit p1, ln scale, ln shape)`` and, with closings, ``(logit of p2 / (1 - p1), ln scale, ln shape)`` of those.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, cast

from invitekit.errors import DataError
from invitekit.insight.estimators._arguments import LARGEST, listed, shown
from invitekit.insight.estimators._latency import TIMES_OF_DAY, Family, standard_curve

__all__ = ["ACCEPT", "CLOSED", "Likelihood", "Row", "logistic", "read_rows"]

Row = tuple[float | None, float, float | None, frozenset[str]]
"""Entry (None: followed from sending), left, right (None: pending at left), causes (empty when pending)."""

ACCEPT: Final = "accept"
CLOSED: Final = "closed"
_TABLES_KEPT: Final = 16
_CAUSES: Final = frozenset((ACCEPT, CLOSED))


def logistic(x: float) -> float:
    """``1 / (1 + exp(-x))``, without overflow and exact in both tails."""
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    grown = math.exp(x)
    return grown / (1 + grown)


def _log_logistic_slope(x: float) -> float:
    return 1 - 2 * logistic(x)


def _log_normal_slope(x: float) -> float:
    return -x


def _weibull_slope(x: float) -> float:
    return 1 - math.exp(min(x, 700.0))


_SLOPE: Final[dict[Family, Callable[[float], float]]] = {
    Family.LOG_LOGISTIC: _log_logistic_slope,
    Family.LOG_NORMAL: _log_normal_slope,
    Family.WEIBULL: _weibull_slope,
}
"""The derivative of the log density in x."""


def _wrong(message: str, row: object, hint: str) -> DataError:
    return DataError(f"{message}: {shown(row)}", hint=hint, key="rows")


def _check(row: Row, *, daily: bool) -> None:
    entry, left, right, causes = row
    for number in (entry, left, right):
        if number is None:
            continue
        if not -LARGEST <= number <= LARGEST:
            raise _wrong("an age is not a finite number", row, "Give ages in days since sending.")
        if daily and number != math.floor(number):
            raise _wrong("an age is not a whole number of days", row, "Leave out daily=True for continuous times.")
    if not causes <= _CAUSES:
        raise _wrong("a cause is not known", row, f'Causes are "{ACCEPT}" and "{CLOSED}".')
    if right is None:
        if causes:
            raise _wrong(
                "a row without an end cannot have a cause", row, "Leave the causes of a censored row empty."
            )
        return
    if not causes:
        raise _wrong("an event needs its possible causes", row, f'Name "{ACCEPT}", "{CLOSED}" or both.')
    if right < left:
        raise _wrong("an interval ends before it begins", row, "Give left and right in days, left first.")
    if right < 0 or (right == 0 and not daily):
        raise _wrong(
            "an event cannot come at or before the moment of sending",
            row,
            "Give daily=True when ages are differences of calendar days, where day 0 exists.",
        )


def _check_weight(weight: object) -> None:
    if not (isinstance(weight, (int, float)) and 0 <= weight <= LARGEST):
        raise DataError(
            f"a weight must be a finite number from 0 on, got {shown(weight)}",
            hint="It says how many invitations a row stands for.",
            key="rows",
        )


def read_rows(rows: Mapping[Row, float] | Iterable[Row], *, daily: bool) -> dict[Row, float]:
    """Check rows, count equal ones together, and drop what says nothing.

    An event known to lie at or before the entry of its row is not counted, as everywhere in survival analysis.

    Raises:
        DataError: If a row or a weight is none.
    """
    weighted: Iterable[tuple[Row, float]]
    weighted = (
        cast("Mapping[Row, float]", rows).items()
        if isinstance(rows, Mapping)
        else ((r, 1.0) for r in listed(rows, "rows"))
    )
    counted: dict[Row, float] = {}
    for given, weight in weighted:
        try:
            entry, left, right, causes = given
            row: Row = (entry, left, right, frozenset(causes))
            known = row in counted
        except (TypeError, ValueError):
            raise _wrong(
                "a row is not (entry, left, right, causes)", given, "See the documentation of rows."
            ) from None
        _check_weight(weight)
        if not known:
            try:
                _check(row, daily=daily)
            except TypeError:
                raise _wrong("a row is not made of numbers", given, "Give ages in days since sending.") from None
        if weight and (entry is None or entry < (left if right is None else right)):
            counted[row] = counted.get(row, 0.0) + weight
    # In an order of their own, so that sums, and with them the fit, do not depend on the order of the rows.
    return dict(sorted(counted.items(), key=_order))


def _order(counted: tuple[Row, float]) -> tuple[float, float, float, list[str]]:
    (entry, left, right, causes), _ = counted
    return (-math.inf if entry is None else entry, left, math.inf if right is None else right, sorted(causes))


# Plain classes: these are internal, and a generated one costs milliseconds of every import.
class _Table:
    """A latency curve at all ages that are needed: shares answered and open, and the derivative's two halves."""

    __slots__ = ("by_scale", "by_shape", "done", "left")

    def __init__(self) -> None:
        self.done: list[float] = []
        self.left: list[float] = []
        self.by_scale: list[float] = []
        self.by_shape: list[float] = []


class _Part:
    """One cause at one point: its share and curve, and the derivatives of the sum by all of them."""

    __slots__ = ("by_done", "by_scale", "by_shape", "by_share", "log_scale", "shape", "share", "table")

    def __init__(self, share: float, log_scale: float, shape: float, table: _Table) -> None:
        self.share = share
        self.log_scale = log_scale
        self.shape = shape
        self.table = table
        self.by_done = [0.0] * len(table.done)
        self.by_share = self.by_scale = self.by_shape = 0.0


class Likelihood:
    """The log-likelihood of checked rows; call it with parameters for the value and its gradient.

    Every age is looked up once per call, however many rows share it.
    """

    def __init__(self, rows: Mapping[Row, float], *, family: Family, daily: bool) -> None:
        self._family = family
        self._daily = daily
        self.has_closed: bool = any(CLOSED in row[3] for row in rows)
        self.weight: float = math.fsum(rows.values())
        self._places: dict[float, int] = {}
        pending: dict[int, float] = {}
        within: dict[tuple[int, int, tuple[int, ...]], float] = {}
        exact: dict[tuple[float, tuple[int, ...]], float] = {}
        for (entry, left, right, causes), weight in rows.items():
            if entry is not None:
                place = self._place(entry)
                pending[place] = pending.get(place, 0.0) - weight
            if right is None:
                place = self._place(left)
                pending[place] = pending.get(place, 0.0) + weight
                continue
            which = tuple(number for number, cause in enumerate((ACCEPT, CLOSED)) if cause in causes)
            if left == right and not daily:
                moment = (math.log(right), which)
                exact[moment] = exact.get(moment, 0.0) + weight
                continue
            start = right - 1 if left == right else left
            if entry is not None:
                start = max(start, entry)
            span = (self._place(right), self._place(start), which)
            within[span] = within.get(span, 0.0) + weight
        self._pending = [(place, weight) for place, weight in pending.items() if weight]
        self._within = [(*span, weight) for span, weight in within.items()]
        self._exact = [(*moment, weight) for moment, weight in exact.items()]
        self._logs = [self._log_times(age) for age in self._places]
        self._tables: dict[tuple[float, float], _Table] = {}

    def _place(self, age: float) -> int:
        first = -1.0 if self._daily else 0.0
        return self._places.setdefault(max(age, first), len(self._places))

    def _log_times(self, age: float) -> tuple[float, ...]:
        """The logarithms of the times whose mean is F at that age; none where F is 0."""
        times = [age + 1 - u for u in TIMES_OF_DAY] if self._daily else [age]
        return tuple(math.log(time) for time in times if time > 0)

    @property
    def log_range(self) -> tuple[float, float]:
        """The logarithms of the shortest and the longest time looked at."""
        logs = [log for group in self._logs for log in group] + [log for log, *_ in self._exact]
        return (min(logs), max(logs)) if logs else (0.0, 0.0)

    def _table(self, log_scale: float, shape: float) -> _Table:
        """Give the curve at all ages; differences in one parameter ask for the same curve again and again."""
        known = self._tables.get((log_scale, shape))
        if known is None:
            if len(self._tables) >= _TABLES_KEPT:
                self._tables.clear()
            known = self._tables[log_scale, shape] = self._compute(log_scale, shape)
        return known

    def _compute(self, log_scale: float, shape: float) -> _Table:
        curve = standard_curve(self._family)
        table = _Table()
        for logs in self._logs:
            done = left = density = bent = 0.0
            for log in logs:
                x = shape * (log - log_scale)
                f, s, g = curve(x)
                done += f
                left += s
                density += g
                bent += g * x
            count = len(logs) or 1
            table.done.append(done / count)
            table.left.append(left / count if logs else 1.0)
            table.by_scale.append(-shape * density / count)
            table.by_shape.append(bent / count)
        return table

    def __call__(self, point: Sequence[float]) -> tuple[float, list[float]]:
        """Give the log-likelihood and its gradient; minus infinity where a row is impossible."""
        impossible = (-math.inf, [0.0] * len(point))
        share, rest = logistic(point[0]), logistic(-point[0])
        parts = [self._part(share, point[1], point[2])]
        never, not_among = rest, 1.0
        if self.has_closed:
            among, not_among = logistic(point[3]), logistic(-point[3])
            parts.append(self._part(rest * among, point[4], point[5]))
            never = rest * not_among
        value = by_never = 0.0

        for place, weight in self._pending:
            total = never + sum(part.share * part.table.left[place] for part in parts)
            if total <= 0:
                return impossible
            value += weight * math.log(total)
            pull = weight / total
            by_never += pull
            for part in parts:
                part.by_share += pull * part.table.left[place]
                part.by_done[place] -= pull * part.share

        for high, low, causes, weight in self._within:
            shares = [_between(parts[cause].table, high, low) for cause in causes]
            total = sum(parts[cause].share * within for cause, within in zip(causes, shares, strict=True))
            if total <= 0:
                return impossible
            value += weight * math.log(total)
            pull = weight / total
            for cause, within in zip(causes, shares, strict=True):
                part = parts[cause]
                part.by_share += pull * within
                part.by_done[high] += pull * part.share
                part.by_done[low] -= pull * part.share

        for log, causes, weight in self._exact:
            densities = [self._density(log, parts[cause]) for cause in causes]
            total = sum(parts[cause].share * density[0] for cause, density in zip(causes, densities, strict=True))
            if not 0 < total < math.inf:
                return impossible
            value += weight * math.log(total)
            pull = weight / total
            for cause, (density, by_scale, by_shape) in zip(causes, densities, strict=True):
                part = parts[cause]
                part.by_share += pull * density
                part.by_scale += pull * part.share * by_scale
                part.by_shape += pull * part.share * by_shape

        gradient: list[float] = []
        for part in parts:
            by_scale = part.by_scale + _dot(part.by_done, part.table.by_scale)
            gradient += [0.0, by_scale, part.by_shape + _dot(part.by_done, part.table.by_shape)]
        lost = by_never * never
        if self.has_closed:
            lost += parts[1].by_share * parts[1].share
            gradient[3] = parts[1].share * not_among * (parts[1].by_share - by_never)
        gradient[0] = share * (parts[0].by_share * rest - lost)
        return value, gradient

    def _part(self, share: float, log_scale: float, log_shape: float) -> _Part:
        shape = math.exp(log_shape)
        return _Part(share, log_scale, shape, self._table(log_scale, shape))

    def _density(self, log: float, part: _Part) -> tuple[float, float, float]:
        """The density at a time, and its derivatives by ln scale and ln shape."""
        x = part.shape * (log - part.log_scale)
        density = standard_curve(self._family)(x)[2] * part.shape * math.exp(-log)
        slope = _SLOPE[self._family](x)
        return density, -density * slope * part.shape, density * (slope * x + 1)


def _dot(a: Sequence[float], b: Sequence[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


def _between(table: _Table, high: int, low: int) -> float:
    """F(b) - F(a), from whichever tail loses no digits."""
    if table.done[low] < 0.5:
        return table.done[high] - table.done[low]
    return table.left[low] - table.left[high]

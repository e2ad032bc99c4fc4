"""From rows of history to counts by age: checked, equal rows counted together, one line per age that matters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, repeat
from math import log, log1p
from operator import lt, neg, sub
from typing import NamedTuple, cast

from invitekit.errors import DataError
from invitekit.insight.estimators._arguments import LARGEST, age_of, shown

__all__ = [
    "Columns",
    "Curves",
    "Row",
    "checked_age",
    "checked_weight",
    "collapse",
    "curves",
    "log_likelihood",
    "tabulate",
]

Row = tuple[float | None, float, float | None, frozenset[str]]
"""What is known of one invitation: ``(entry, left, right, causes)``, ages in days since sending.

It was pending just after `entry` (None: followed from sending, from before age 0 on). Its end came in
``(left, right]``, at `right` exactly where both are equal, from one of `causes`. `right` is None while it was
still pending at `left`, the last that was seen of it; then there are no causes.
"""

_LEAST = -LARGEST

_ROUNDING = 1e-12
"""A share of those at risk that is no more than the rounding of weights that are no whole numbers."""


class Columns(NamedTuple):
    """Counts by age.

    An age t stands for all ages after the one before it, up to t and with t.
    """

    times: tuple[float, ...]
    risk: tuple[float, ...]
    counts: tuple[tuple[float, ...], ...]


class Curves(NamedTuple):
    """The shares that the counts make: still pending, and ended by each cause, after each age."""

    survival: tuple[float, ...]
    cumulative: tuple[tuple[float, ...], ...]


def checked_age(value: object, key: str = "rows") -> float:
    """Give an age as a plain int or float.

    Raises:
        DataError: It is not a finite number.
    """
    if (type(value) is float or type(value) is int) and _LEAST <= value <= LARGEST:
        return value  # Of ages that are no whole days there is one for each row.
    number = age_of(value, key)
    if abs(number) > LARGEST:
        raise DataError(
            f"an age must be a finite number of days, got {shown(value)}",
            hint="An end that was not seen is None; what was never followed is left out",
            key=key,
        )
    return number


def checked_weight(weight: object) -> float:
    """Give a weight back.

    Raises:
        DataError: It is not a finite number from 0 up.
    """
    number = float(weight) if type(weight) is bool else checked_age(weight, "weight")
    if number < 0:
        raise DataError(
            f"a row cannot stand for {shown(number)} invitations", hint="Weights are 0 or more", key="weight"
        )
    return number


def collapse(rows: Iterable[Row] | Mapping[Row, float], causes: Sequence[str]) -> dict[Row, float]:
    """Check rows and count equal ones together; those that were never at risk are left out.

    Raises:
        DataError: A row is not one, a cause is not among `causes`, or a weight is negative.
    """
    weights: Mapping[Row, float]
    if isinstance(rows, Mapping):
        weights = cast("Mapping[Row, float]", rows)
    else:
        from collections import Counter

        try:
            weights = Counter(rows)
        except TypeError:
            raise DataError(
                "rows must be a list of tuples (entry, left, right, causes)",
                hint="Entry and right may be None, causes is a frozenset",
                key="rows",
            ) from None
    known = frozenset(causes)
    table: dict[Row, float] = {}
    for row, count in weights.items():
        weight = checked_weight(count)
        clean = _clean(row, known)
        if clean is not None and weight:
            table[clean] = table.get(clean, 0) + weight
    return table


def _is_frozen(causes: object) -> bool:
    return isinstance(causes, frozenset)


def _clean(row: Row, known: frozenset[str]) -> Row | None:
    """A checked row whose range begins no earlier than its entry; None if it was never at risk."""
    try:
        entry, left, right, causes = row
    except (TypeError, ValueError):
        raise DataError(
            f"a row is (entry, left, right, causes), got {shown(row)}",
            hint="Entry and right may be None, causes is a frozenset",
            key="rows",
        ) from None
    left = checked_age(left)
    if entry is not None:
        entry = checked_age(entry)
    if right is None:
        if causes:
            raise DataError(
                f"a row without an end has no causes, got {shown(row)}",
                hint="Causes are frozenset() there",
                key="rows",
            )
        return None if entry is not None and left <= entry else (entry, left, None, frozenset())
    right = checked_age(right)
    if right < left:
        raise DataError(f"a row ends before it begins: {shown(row)}", hint="left is at most right", key="rows")
    if not _is_frozen(causes) or not causes or not causes <= known:
        raise DataError(
            f"the causes of an end are a frozenset of {', '.join(sorted(known))}, got {shown(causes)}",
            hint="Name further causes in the argument `causes`",
            key="rows",
        )
    if entry is not None:
        if right <= entry:
            return None
        left = max(left, entry)
    return entry, left, right, causes


def tabulate(
    always: float,
    entered: Mapping[float, float],
    ended: Mapping[float, float],
    events: Sequence[Mapping[float, float]],
    more_times: Iterable[float] = (),
) -> Columns:
    """Make the columns, in one pass over the ages.

    Args:
        always: How many were followed from sending.
        entered: How many came under observation at which age; they count from just after it.
        ended: How many were last at risk at which age, for whatever reason.
        events: For every cause, how many ended by it at which age.
        more_times: Further ages to have a line.
    """
    times = sorted({*entered, *ended, *more_times})
    ends = map(ended.get, times, repeat(0))
    changes = map(sub, map(entered.get, times, repeat(0)), ends) if entered else map(neg, ends)
    risk = list(accumulate(changes, initial=always))[:-1]
    counts = tuple(tuple(map(column.get, times, repeat(0))) for column in events)
    total = _total(counts)
    if any(map(lt, risk, total)):  # By rounding, where counts are no whole numbers.
        risk = list(map(max, risk, total))
    return Columns(tuple(times), tuple(risk), counts)


def _total(counts: Sequence[Sequence[float]]) -> Sequence[float]:
    """How many ended at each age, by any cause."""
    return counts[0] if len(counts) == 1 else list(map(sum, zip(*counts, strict=True)))


def curves(risk: Sequence[float], counts: Sequence[Sequence[float]]) -> Curves:
    """The product-limit curve, and what each cause has taken from it."""
    total = _total(counts)
    still = 1.0
    survival: list[float] = []
    for at_risk, count in zip(risk, total, strict=True):
        if count:
            rest = at_risk - count
            still = still * rest / at_risk if rest > _ROUNDING * at_risk else 0.0
        survival.append(still)
    before = [1.0, *survival]
    cumulative = tuple(
        tuple(
            accumulate(
                share * (count / at_risk) if count else 0.0
                for share, count, at_risk in zip(before, column, risk, strict=False)
            )
        )
        for column in counts
    )
    return Curves(tuple(survival), cumulative)


def log_likelihood(risk: Sequence[float], counts: Sequence[Sequence[float]]) -> float:
    """The logarithm of the likelihood of exact data under their own curves."""
    found = 0.0
    for at_risk, *column in zip(risk, *counts, strict=True):
        total = sum(column)
        if total:
            found += sum(count * log(count / at_risk) for count in column if count)
            rest = at_risk - total
            if rest > _ROUNDING * at_risk:
                found += rest * log1p(-total / at_risk)
    return found

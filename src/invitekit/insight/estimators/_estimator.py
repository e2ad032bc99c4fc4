"""The estimator of how acceptances and closings come with age, and doors to its well-known special cases.

One for everything: daily or continuous ages, several causes, invitations first seen when they were already
pending, ends known only within limits, causes that cannot be told apart. What is known exactly gives the
Kaplan-Meier and Aalen-Johansen estimates in one pass; the rest is solved by self-consistency. An end counts before
a last sight at the same age, causes at the same age count together, and an end at the very age of entry does not
count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import compress
from typing import Any

import attrs

from invitekit._numbers import is_number
from invitekit.errors import DataError
from invitekit.insight.estimators._arguments import listed, name_of, shown
from invitekit.insight.estimators._em import candidates, solve
from invitekit.insight.estimators._incidence import SEEN, Incidence, Solved, Support
from invitekit.insight.estimators._tabulate import (
    Columns,
    Row,
    checked_age,
    checked_weight,
    collapse,
    curves,
    tabulate,
)

__all__ = ["cumulative_incidence", "incidence", "kaplan_meier", "turnbull"]

_MOST_SWEEPS = 1_000_000


def incidence(
    rows: Iterable[Row] | Mapping[Row, float],
    *,
    causes: Sequence[str] = ("accept", "closed"),
    start: Incidence | None = None,
    tolerance: float = 1e-12,
    max_sweeps: int = 10_000,
) -> Incidence:
    """Estimate how ends of several causes come with age.

    Args:
        rows: What is known of each invitation, or of how many invitations it is known.
        causes: All causes there are.
        start: An estimate from similar data to start from; it makes repeated estimates (a bootstrap) faster.
        tolerance: Where ends are known within limits: how much of the mass a sweep may still move in one place.
        max_sweeps: After how many sweeps to be content with what there is; `sweeps` of the result tells.

    Raises:
        DataError: A row is not one, or names another cause; or `causes`, `start`, `tolerance` or `max_sweeps` is
            something else.
    """
    names = tuple(name_of(cause, "causes") for cause in listed(causes, "causes"))
    if not names or len(set(names)) < len(names):
        raise DataError(
            f"causes are one or more different names, got {shown(names)}",
            hint='For instance ("accept", "closed")',
            key="causes",
        )
    _check_search(start, tolerance, max_sweeps)
    table = collapse(rows, names)
    if all(right is None or (left == right and len(possible) == 1) for _, left, right, possible in table):
        return _closed_form(names, table)
    return _solved(names, table, start, tolerance, max_sweeps)


def _check_search(start: object, tolerance: object, max_sweeps: object) -> None:
    if not (start is None or isinstance(start, Incidence)):
        raise DataError(
            f"a search starts from an Incidence, got {shown(start)}",
            hint="Leave start out to begin from nothing",
            key="start",
        )
    if not is_number(tolerance, 0, 1):
        raise DataError(
            f"a tolerance is a share from 0 to 1, got {shown(tolerance)}", hint="1e-12 is usual", key="tolerance"
        )
    if not isinstance(max_sweeps, int) or not is_number(max_sweeps, 1, _MOST_SWEEPS):
        raise DataError(
            f"the number of sweeps is a whole number from 1 to {_MOST_SWEEPS:,}, got {shown(max_sweeps)}",
            hint="10,000 is usual",
            key="max_sweeps",
        )


def _watched(table: Mapping[Row, float]) -> tuple[float, dict[float, float], dict[float, float]]:
    """How many were followed from sending, how many entered when, and how many were last seen pending when."""
    always: float = 0
    entered: dict[float, float] = {}
    pending: dict[float, float] = {}
    for (entry, left, right, _), weight in table.items():
        if entry is None:
            always += weight
        else:
            entered[entry] = entered.get(entry, 0) + weight
        if right is None:
            pending[left] = pending.get(left, 0) + weight
    return always, entered, pending


def _closed_form(names: tuple[str, ...], table: Mapping[Row, float]) -> Incidence:
    always, entered, ended = _watched(table)
    events: list[dict[float, float]] = [{} for _ in names]
    for (_, _, right, possible), weight in table.items():
        if right is not None:
            (cause,) = possible
            column = events[names.index(cause)]
            column[right] = column.get(right, 0) + weight
            ended[right] = ended.get(right, 0) + weight
    return _exactly(names, always, entered, ended, events)


def _exactly(
    names: tuple[str, ...],
    always: float,
    entered: Mapping[float, float],
    ended: Mapping[float, float],
    events: Sequence[Mapping[float, float]],
) -> Incidence:
    return _made(names, tabulate(always, entered, ended, events), always, entered)


def _solved(
    names: tuple[str, ...], table: Mapping[Row, float], start: Incidence | None, tolerance: float, most: int
) -> Incidence:
    cells = [candidates(table, cause) for cause in names]

    def hazard(age: float, number: int) -> float:
        return start.hazard(age, names[number]) if start is not None and names[number] in start.causes else 0.0

    guess = None if start is None else hazard
    solution = solve(table, names, cells, tolerance=tolerance, most=most, start=guess)
    always, entered, ended = _watched(table)
    for column in solution.events:
        for age, count in column.items():
            ended[age] = ended.get(age, 0) + count
    ages = {age for _, left, right, _ in table for age in (left, right) if age is not None}
    columns = tabulate(always, entered, ended, solution.events, ages)
    made = _made(names, columns, always, entered)
    supports = tuple(
        _rises(made, number, {cell.right: Support(*cell, 0.0) for cell in own}) for number, own in enumerate(cells)
    )
    return attrs.evolve(made, solved=Solved(supports, solution.log_likelihood, solution.sweeps))


def _made(names: tuple[str, ...], columns: Columns, always: float, entered: Mapping[float, float]) -> Incidence:
    survival, cumulative = curves(columns.risk, columns.counts)
    return Incidence(
        causes=names,
        times=columns.times,
        risk=columns.risk,
        counts=columns.counts,
        survival=survival,
        cumulative=cumulative,
        n=always + sum(entered.values()),
        delayed=not always and bool(entered),
    )


def _rises(made: Incidence, number: int, places: Mapping[float, Support]) -> tuple[Support, ...]:
    """The places where a curve really rises, each with its mass."""
    found: list[Support] = []
    before = 0.0
    for time, come in zip(made.times, made.cumulative[number], strict=True):
        if come - before > SEEN and time in places:
            found.append(places[time]._replace(mass=come - before))
        before = come
    return tuple(found)


def kaplan_meier(
    times: Iterable[float],
    events: Iterable[bool | int],
    *,
    entries: Iterable[float | None] | None = None,
    counts: Iterable[float] | None = None,
    cause: str = "event",
) -> Incidence:
    """The share that had no event yet, by age (Kaplan and Meier 1958); ask `open_at`.

    Lists, or arrays of any library that knows `tolist`. Whole days in lists are fastest.

    Args:
        times: The age of each one's event, or when it was last seen without.
        events: Whether it is the age of an event.
        entries: From just after which age it was under observation; None: from before age 0 on.
        counts: How many each stands for; 1 unless given.
        cause: How to call the event, for `by`.

    Raises:
        DataError: The columns have different lengths, or hold something else.
    """
    ages, flags, cause = listed(times, "times"), listed(events, "events"), name_of(cause)
    _same_length(times=ages, events=flags)
    try:
        strange = set(flags) - {False, True}
    except TypeError:
        strange = {"a list"}
    if strange:
        raise DataError(
            f"an event is true or false, got {shown(strange.pop())}", hint="0 and 1 will do", key="events"
        )
    if entries is None and counts is None:
        # Two counts at the speed of C, and no Python code per row.
        ended, happened = _ages(ages), _ages(compress(ages, flags))
        return _exactly((cause,), len(ages), {}, ended, [happened])
    table: dict[Row, float] = {}
    for (entry, age, event), weight in _weighted((ages, flags), entries, counts):
        row: Row = (entry, age, age, frozenset((cause,))) if event else (entry, age, None, frozenset())
        table[row] = table.get(row, 0) + weight
    return incidence(table, causes=(cause,))


def cumulative_incidence(
    times: Iterable[float],
    causes: Iterable[str | None],
    *,
    entries: Iterable[float | None] | None = None,
    counts: Iterable[float] | None = None,
    order: Sequence[str] | None = None,
) -> Incidence:
    """The share that has ended by each of several causes, by age (Aalen and Johansen 1978); ask `by`.

    Args:
        times: The age at which each one ended, or was last seen pending.
        causes: By which cause it ended; None if it was still pending.
        entries: From just after which age it was under observation; None: from before age 0 on.
        counts: How many each stands for; 1 unless given.
        order: The names of all causes, in order; those that occur, sorted, unless given.

    Raises:
        DataError: The columns have different lengths, or hold something else.
    """
    ages, labels = listed(times, "times"), listed(causes, "causes")
    _same_length(times=ages, causes=labels)
    weights = _weighted((ages, labels), entries, counts)
    found = {label for (_, _, label), _ in weights if label is not None}
    if strange := [label for label in found if not isinstance(label, str)]:
        raise DataError(
            f"a cause is a text, or None while pending, got {shown(strange[0])}",
            hint='For instance "accept"',
            key="causes",
        )
    table: dict[Row, float] = {}
    for (entry, age, label), weight in weights:
        row: Row = (entry, age, None, frozenset()) if label is None else (entry, age, age, frozenset((label,)))
        table[row] = table.get(row, 0) + weight
    return incidence(table, causes=tuple(sorted(found)) or ("event",) if order is None else order)


def turnbull(
    lefts: Iterable[float],
    rights: Iterable[float | None],
    *,
    entries: Iterable[float | None] | None = None,
    counts: Iterable[float] | None = None,
    cause: str = "event",
) -> Incidence:
    """The share that had no event yet, by age, when each is known only to lie in an interval (Turnbull 1976).

    Args:
        lefts: The last age at which each one was seen without an event; the event came after it.
        rights: By which age it had come; equal to the left one if that is its very age, None if it had not come.
        entries: From just after which age it was under observation; None: from before age 0 on.
        counts: How many each stands for; 1 unless given.
        cause: How to call the event, for `by`.

    Raises:
        DataError: The columns have different lengths, or hold something else.
    """
    ages, ends, cause = listed(lefts, "lefts"), listed(rights, "rights"), name_of(cause)
    _same_length(lefts=ages, rights=ends)
    table: dict[Row, float] = {}
    for (entry, left, right), weight in _weighted((ages, ends), entries, counts):
        row: Row = (entry, left, right, frozenset() if right is None else frozenset((cause,)))
        table[row] = table.get(row, 0) + weight
    return incidence(table, causes=(cause,))


def _ages(values: Iterable[Any]) -> dict[float, float]:
    try:
        return {checked_age(age, "times"): count for age, count in Counter(values).items()}
    except TypeError:
        raise DataError("an age must be a number of days", hint="For instance 30, or 0.5", key="times") from None


def _same_length(**columns: Sequence[Any]) -> None:
    if len({len(column) for column in columns.values()}) > 1:
        sizes = ", ".join(f"{name} has {len(column):,}" for name, column in columns.items())
        raise DataError(f"columns of different lengths: {sizes}", hint="Give one value per invitation in each")


def _weighted(
    columns: tuple[list[Any], list[Any]],
    entries: Iterable[float | None] | None,
    counts: Iterable[float] | None,
) -> list[tuple[tuple[Any, Any, Any], float]]:
    """Equal lines counted together: (entry, first, second) and how many."""
    first, second = columns
    size = len(first)
    begun = [None] * size if entries is None else listed(entries, "entries")
    weights = None if counts is None else listed(counts, "counts")
    _same_length(times=first, entries=begun, counts=first if weights is None else weights)
    try:
        if weights is None:
            return list(Counter(zip(begun, first, second, strict=True)).items())
        total: dict[tuple[Any, Any, Any], float] = {}
        for line, weight in zip(zip(begun, first, second, strict=True), weights, strict=True):
            total[line] = total.get(line, 0) + checked_weight(weight)
        return list(total.items())
    except TypeError:
        raise DataError(
            "a column holds something that is neither a number nor a text",
            hint="Give one number, or name, for each",
            key="rows",
        ) from None

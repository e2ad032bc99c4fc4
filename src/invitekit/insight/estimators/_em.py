"""The likeliest curves when the day, or the cause, of an end is known only within limits.

A self-consistent estimate (Turnbull 1976), written in cause-specific hazards, so that late entry needs nothing
special: every row spreads its end over the cells it may lie in, in proportion to what the curves say now; a hazard
is then the expected ends over the expected number at risk. Only some cells can carry anything in the end
(`candidates`), and a squared extrapolation (Varadhan and Roland 2008), which is never allowed to lower the
likelihood, saves most of the sweeps.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate
from math import fsum, inf, log, sqrt
from typing import NamedTuple

from invitekit.insight.estimators._tabulate import Row

__all__ = ["Cell", "Solution", "candidates", "solve"]

_FLOOR = 1e-280
"""A hazard that is gone; smaller ones would end in the denormal numbers, which are slow."""

_PASSAGE = 1e-7
"""The least share that counts as passing a cell, in the sums of a sweep.

With late entry the likeliest curve may let nobody pass although others enter later (Vardi 1985); what these do
must stay countable.
"""

_UPHILL = 1e-7
"""How far above 1 the ratio of expected to assumed events may stay in a cell: 0 at the optimum."""


class Cell(NamedTuple):
    """A range of ages, ``(left, right]``, over which the data cannot place what it carries."""

    left: float
    right: float
    exact: bool


class Solution(NamedTuple):
    """Expected events by cause and age, and how they were found."""

    events: tuple[dict[float, float], ...]
    log_likelihood: float
    sweeps: int


def candidates(table: Mapping[Row, float], cause: str) -> list[Cell]:
    """The only cells where the likeliest curve of a cause can rise (Turnbull 1976; with late entry, Frydman 1994).

    Each ends where a row of the cause ends, or where somebody enters, and begins at a beginning of such a row, or
    at a last sight of somebody pending, with neither in between.
    """
    rights = {entry for entry, *_ in table if entry is not None}
    lefts: set[float] = set()
    points: set[float] = set()
    ranges: list[tuple[float, float]] = []
    for _, left, right, causes in table:
        if right is None:
            lefts.add(left)
        elif cause in causes:
            rights.add(right)
            if left == right:
                points.add(right)
            else:
                lefts.add(left)
                ranges.append((left, right))
    ordered, beginnings = sorted(rights), sorted(lefts)
    covered = [0] * (len(ordered) + 1)
    for left, right in ranges:
        covered[bisect_right(ordered, left)] += 1
        covered[bisect_right(ordered, right)] -= 1
    cells: list[Cell] = []
    before = -inf
    for right, rows in zip(ordered, accumulate(covered), strict=False):
        if right in points:
            cells.append(Cell(right, right, True))
        elif rows:
            nearest = bisect_left(beginnings, right) - 1
            if nearest >= 0 and beginnings[nearest] >= before:
                cells.append(Cell(beginnings[nearest], right, False))
        before = right
    return cells


class _Problem:
    """The rows, seen from the cells: what is fixed, what has to be spread, and who is at risk."""

    def __init__(self, table: Mapping[Row, float], causes: Sequence[str], cells: Sequence[Sequence[Cell]]) -> None:
        self.ages = ages = sorted({cell.right for own in cells for cell in own})
        size = self.size = len(ages)
        kinds = range(len(causes))
        where = {age: number for number, age in enumerate(ages)}
        self.allowed = [[False] * size for _ in kinds]
        for allowed, places in zip(self.allowed, cells, strict=True):
            for place in places:
                allowed[where[place.right]] = True
        self.fixed = [[0.0] * size for _ in kinds]
        # Who comes and who was last seen pending, by the number of the cell from which that counts.
        self.flow = [0.0] * (size + 1)
        self.pending = [0.0] * (size + 1)
        self.entering = [0.0] * (size + 1)
        spans = [0] * (size + 1)
        spread: dict[tuple[int, int, tuple[int, ...]], float] = {}
        for (entry, left, right, names), weight in table.items():
            start = 0 if entry is None else bisect_right(ages, entry)
            end = bisect_right(ages, left if right is None else right)
            if start == end:  # Seen pending, but over no cell where anything happens.
                continue
            self.flow[start] += weight
            self.entering[start] += weight
            if right is None:
                self.flow[end] -= weight
                self.pending[end] += weight
            else:
                first = bisect_left(ages, right) if left == right else bisect_right(ages, left)
                own = tuple(k for k in kinds if causes[k] in names)
                options = [(k, cell) for k in own for cell in range(first, end) if self.allowed[k][cell]]
                if len(options) == 1:
                    k, cell = options[0]
                    self.fixed[k][cell] += weight
                else:
                    key = first, end, own
                    spread[key] = spread.get(key, 0.0) + weight
            if end - 1 > start:
                spans[start] += 1
                spans[end - 1] -= 1
        # Where nobody is under observation on both sides of a gap, either side has a curve of its own.
        self.fresh = [True, *(count == 0 for count in list(accumulate(spans))[: size - 1])]
        self.sets = sorted({own for _, _, own in spread})
        self.spread = [(self.sets.index(own), first, end, weight) for (first, end, own), weight in spread.items()]
        self.sharing = [[number for number, own in enumerate(self.sets) if k in own] for k in kinds]

    def even(self) -> list[list[float]]:
        """Hazards to begin with: every row spread evenly over the cells it may lie in."""
        events = [list(column) for column in self.fixed]
        for number, first, end, weight in self.spread:
            options = [(k, c) for k in self.sets[number] for c in range(first, end) if self.allowed[k][c]]
            for k, cell in options:
                events[k][cell] += weight / len(options)
        return self.hazards(events)

    def hazards(self, events: Sequence[Sequence[float]]) -> list[list[float]]:
        """Expected ends over the expected number at risk, cell by cell."""
        hazards = [[0.0] * self.size for _ in events]
        at_risk = 0.0
        for cell in range(self.size):
            at_risk += self.flow[cell]
            ends = fsum(column[cell] for column in events)
            if ends > 0:
                base = max(at_risk, ends)
                for k, column in enumerate(events):
                    hazards[k][cell] = column[cell] / base
            at_risk -= ends
        return hazards

    def pulls(self, hazards: Sequence[Sequence[float]]) -> list[list[float]]:
        """By what factor a sweep would change the hazard of each cell, also where it is 0."""
        trial = [
            [max(h, 1e-12) if self.allowed[k][c] else 0.0 for c, h in enumerate(col)]
            for k, col in enumerate(hazards)
        ]
        better = self.hazards(self.sweep(trial)[0])
        return [
            [new / old if old else 0.0 for old, new in zip(a, b, strict=True)]
            for a, b in zip(trial, better, strict=True)
        ]

    def sweep(self, hazards: Sequence[Sequence[float]]) -> tuple[list[list[float]], float, list[list[float]]]:
        """One sweep: expected ends, the log-likelihood of the hazards given, and the mass of each cell."""
        size, sets = self.size, self.sets
        masses = [[0.0] * size for _ in hazards]
        still, likelihood, sums = 1.0, 0.0, [[0.0] for _ in sets]
        for cell in range(size):
            likelihood += _log_of(still, self.pending[cell])
            if self.fresh[cell]:
                still = 1.0
            elif still > 0:
                likelihood -= _log_of(still, self.entering[cell])
            left = 1.0
            for k, column in enumerate(hazards):
                hazard = column[cell]
                if hazard:
                    mass = masses[k][cell] = still * hazard
                    left -= hazard
                    known = self.fixed[k][cell]
                    if known:
                        likelihood += known * log(mass) if mass > 0 else -inf
            for own, total in zip(sets, sums, strict=True):
                total.append(total[-1] + sum(masses[k][cell] for k in own))
            still *= max(left, _PASSAGE)
        likelihood += _log_of(still, self.pending[size])
        shares = [[0.0] * (size + 1) for _ in sets]
        for number, first, end, weight in self.spread:
            chance = sums[number][end] - sums[number][first]
            if chance <= 0:
                likelihood = -inf
                continue
            likelihood += weight * log(chance)
            share = weight / chance
            shares[number][first] += share
            shares[number][end] -= share
        running = [list(accumulate(share)) for share in shares]
        events = [list(column) for column in self.fixed]
        for k, column in enumerate(events):
            mine = masses[k]
            for number in self.sharing[k]:
                factor = running[number]
                for cell, mass in enumerate(mine):
                    if mass:
                        column[cell] += mass * factor[cell]
        return events, likelihood, masses


def _log_of(share: float, weight: float) -> float:
    """What `weight` rows still pending then add to the log-likelihood."""
    if not weight or share >= 1:
        return 0.0
    return weight * log(share) if share > 0 else -inf


Start = Callable[[float, int], float]


def solve(
    table: Mapping[Row, float],
    causes: Sequence[str],
    cells: Sequence[Sequence[Cell]],
    *,
    tolerance: float,
    most: int,
    start: Start | None = None,
) -> Solution:
    """Find the likeliest curves.

    Args:
        table: Checked rows, with how many invitations each stands for.
        causes: The causes, in order.
        cells: For every cause, its `candidates`.
        tolerance: How much of the mass a sweep may still move in one cell.
        most: After how many sweeps to stop in any case.
        start: Hazards to start from, by age and number of the cause; what it calls 0 starts small.
    """
    problem = _Problem(table, causes, cells)
    hazards = problem.even()
    if start is not None:
        hazards = [
            [0.99 * start(age, k) + 0.01 * even for age, even in zip(problem.ages, column, strict=True)]
            for k, column in enumerate(hazards)
        ]
    if not problem.spread:
        events, likelihood, _ = problem.sweep(problem.hazards(problem.fixed))
        return _solution(problem, events, likelihood, 1)
    climb = _Climb(problem, hazards, tolerance)
    while climb.sweeps < most and not (climb.settle(most) and climb.revive()):
        pass
    events, likelihood, _ = problem.sweep(climb.hazards)
    return _solution(problem, events, likelihood, climb.sweeps)


class _Step(NamedTuple):
    hazards: list[list[float]]
    likelihood: float
    settled: bool


_DOOMED = 0.1
"""Below how many invitations a shrinking cell is emptied on trial."""

_LONG = 1000
"""After how many sweeps ten times as much movement is no movement."""

_PATIENCE = 10
"""After how many leaps cells are looked over again."""


class _Climb:
    """Sweeps and leaps to the top.

    Cells that end up empty would take most of the sweeps, so they are emptied once they are small and shrink. At
    the top every empty cell is asked whether it would grow, and if one would, it comes back for good.
    """

    def __init__(self, problem: _Problem, hazards: list[list[float]], tolerance: float) -> None:
        self.problem, self.hazards, self.tolerance = problem, hazards, tolerance
        self.sweeps = 0
        self.small = _DOOMED / max(1.0, sum(problem.entering))
        self.kept: set[tuple[int, int]] = set()

    def settle(self, most: int) -> bool:
        """Go up until no sweep moves anything any more; False if `most` sweeps were not enough."""
        leaps = 0
        while self.sweeps < most:
            first = self.step(self.hazards)
            if first.settled:
                self.hazards = first.hazards
                return True
            second = self.step(first.hazards)
            if second.settled:
                self.hazards = second.hazards
                return True
            third = self.step(_extrapolate(self.hazards, first.hazards, second.hazards))
            # A leap that leads downhill is forgotten; the two plain sweeps before it never do.
            best = third if third.likelihood >= second.likelihood else second
            self.hazards = best.hazards
            leaps += 1
            if leaps % _PATIENCE == 0:
                self._empty()
        return False

    def step(self, hazards: list[list[float]]) -> _Step:
        events, likelihood, masses = self.problem.sweep(hazards)
        self.sweeps += 1
        better = self.problem.hazards(events)
        # Where the likelihood is flat, rounding alone keeps things moving: be content with less as time goes by.
        enough = self.tolerance * 10 ** (self.sweeps // _LONG)
        settled = likelihood > -inf and all(
            abs(new - old) * mass <= enough * old
            for before, after, column in zip(hazards, better, masses, strict=True)
            for old, new, mass in zip(before, after, column, strict=True)
        )
        return _Step(better, likelihood, settled)

    def _empty(self) -> None:
        events, _, masses = self.problem.sweep(self.hazards)
        self.sweeps += 1
        better = self.problem.hazards(events)
        for k, column in enumerate(self.hazards):
            better[k] = [
                0.0 if mass < self.small and new < old and (k, cell) not in self.kept else new
                for cell, (old, new, mass) in enumerate(zip(column, better[k], masses[k], strict=True))
            ]
        if self.problem.sweep(better)[1] > -inf:
            self.hazards = better

    def revive(self) -> bool:
        """Whether no empty cell would grow if it could; those that would get a little."""
        pulls = self.problem.pulls(self.hazards)
        self.sweeps += 1
        uphill, done = max(_UPHILL, 1e3 * self.tolerance), True
        for k, column in enumerate(self.hazards):
            for cell, hazard in enumerate(column):
                if self.problem.allowed[k][cell] and hazard <= _FLOOR and pulls[k][cell] > 1 + uphill:
                    column[cell] = 1e-3
                    self.kept.add((k, cell))
                    done = False
        return done


def _extrapolate(
    start: Sequence[Sequence[float]], first: Sequence[Sequence[float]], second: Sequence[Sequence[float]]
) -> list[list[float]]:
    """Where two sweeps point to; a hazard that would become negative shrinks to a hundredth instead."""
    length = bend = 0.0
    for a, b, c in zip(start, first, second, strict=True):
        for x, y, z in zip(a, b, c, strict=True):
            length += (y - x) ** 2
            bend += (z - y - (y - x)) ** 2
    pace = max(1.0, sqrt(length / bend)) if bend > 0 else 1.0
    leap: list[list[float]] = []
    for a, b, c in zip(start, first, second, strict=True):
        column: list[float] = []
        for x, y, z in zip(a, b, c, strict=True):
            there = x + 2 * pace * (y - x) + pace * pace * (z - y - (y - x))
            column.append(0.0 if z <= _FLOOR else min(1.0, there) if there > 0.01 * z else 0.01 * z)
        leap.append(column)
    for cell, total in enumerate(map(sum, zip(*leap, strict=True))):
        if total > 1:
            for column in leap:
                column[cell] /= total
    return leap


def _solution(problem: _Problem, events: Iterable[Sequence[float]], likelihood: float, sweeps: int) -> Solution:
    columns = tuple(
        {age: count for age, count in zip(problem.ages, column, strict=True) if count > 0} for column in events
    )
    return Solution(columns, likelihood, sweeps)

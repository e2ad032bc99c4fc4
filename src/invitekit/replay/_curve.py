"""How recipients behave day by day, and what an invitation that is pending at an age would still bring."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import attrs

from invitekit.insight._courses import ACCEPT, ALL_CAUSES, CLOSED, ENOUGH, Course
from invitekit.model import UNKNOWN, Unknown

__all__ = ["Curve", "curve_of"]

_Row = tuple[int | None, int, int | None, frozenset[str]]


@attrs.define
class _Week:
    """What the invitations of one week of sending add to the counts, by age in days."""

    accepted: dict[int, float] = attrs.field(factory=dict[int, float])
    closed: dict[int, float] = attrs.field(factory=dict[int, float])
    steps: dict[int, float] = attrs.field(factory=dict[int, float])
    """By how much the number under observation changes at an age."""


@attrs.frozen
class Curve:
    """The daily hazards of acceptance and of closing, by age in days since sending.

    Args:
        accept: Of those pending at the end of the day before, the share accepted on each day.
        closed: The share that leaves the list otherwise.
        horizon: The last day that counts: the horizon that was asked for, or the last day that the log tells about
            if that is earlier; `UNKNOWN` where it tells about none.
        told: The last day that the log tells about; `UNKNOWN` where there is none.
    """

    accept: tuple[float, ...]
    closed: tuple[float, ...]
    horizon: int | Unknown
    told: int | Unknown

    def ahead(self) -> list[float]:
        """For each age up to the horizon, the chance that one pending then is accepted by the horizon."""
        if self.horizon is UNKNOWN:
            return []
        found = [0.0] * (self.horizon + 1)
        for age in range(self.horizon, 0, -1):
            accept = self.accept[age]
            found[age - 1] = accept + (1 - accept - self.closed[age]) * found[age]
        return found

    def staying(self, since: int) -> list[float]:
        """For each further day, the chance that one pending at an age still is; as far as the log tells."""
        left, found = 1.0, [1.0]
        for age in range(since + 1, (0 if self.told is UNKNOWN else self.told) + 1):
            left *= 1 - self.accept[age] - self.closed[age]
            found.append(max(left, 0.0))
        return found


@attrs.frozen
class _Counted:
    """The counts behind a curve, by week of sending."""

    weeks: Mapping[int, _Week]
    size: int

    def hazards(self, times: Mapping[int, int] | None) -> tuple[list[float], list[float], list[float]]:
        """Add up the weeks, each as often as given: hazards of acceptance and closing, and numbers at risk."""
        size = self.size
        accepted, closed, steps = [0.0] * size, [0.0] * size, [0.0] * (size + 1)
        for number, week in self.weeks.items():
            weight = 1 if times is None else times.get(number, 0)
            if weight:
                for age, count in week.accepted.items():
                    accepted[age] += weight * count
                for age, count in week.closed.items():
                    closed[age] += weight * count
                for age, count in week.steps.items():
                    steps[age] += weight * count
        at_risk: list[float] = []
        under = 0.0
        for age in range(size):
            under += steps[age]
            at_risk.append(under)
            if under > 1e-9:
                accepted[age] /= under
                closed[age] /= under
            else:
                accepted[age] = closed[age] = 0.0
        return accepted, closed, at_risk


@attrs.frozen
class Curves:
    """The curve of a log, and those of samples of its weeks.

    Args:
        point: The curve.
        identified: The first and the last day about which the log tells.
        counted: What it was made from.
    """

    point: Curve
    identified: tuple[int | Unknown, int | Unknown]
    counted: _Counted

    def samples(self, count: int, seed: int) -> Iterator[tuple[Mapping[int, int], Curve]]:
        """Draw whole weeks of sending with replacement: how often each was drawn, and the curve of the sample.

        Where days of closing are known roughly, they keep the days that the whole log makes likely.
        """
        from random import Random

        chance = Random(seed)  # noqa: S311  a sample, not a secret
        weeks = sorted(self.counted.weeks)
        for _ in range(count):
            drawn = Counter(chance.choices(weeks, k=len(weeks)))
            accept, closed, _at_risk = self.counted.hazards(drawn)
            yield drawn, Curve(tuple(accept), tuple(closed), self.point.horizon, self.point.told)


def curve_of(courses: Iterable[Course], horizon: int) -> Curves:
    """Learn the curve of a log: withdrawals end the watching, and delayed entry is allowed for.

    Args:
        courses: How the invitations went.
        horizon: The last day that counts.
    """
    rows = Counter(((course.sent - 1) // 7, course.row) for course in courses)
    size = 1 + max((row[1] if row[2] is None else row[2] for _, row in rows), default=0)
    weeks: dict[int, _Week] = {}
    likely = _likely(rows, size)
    for (week, row), count in rows.items():
        _add(weeks.setdefault(week, _Week()), row, count, likely)
    counted = _Counted(weeks, size)
    accept, closed, at_risk = counted.hazards(None)
    watched = [age for age, number in enumerate(at_risk) if number >= ENOUGH - 1e-9]
    first: int | Unknown = watched[0] if watched else UNKNOWN
    last: int | Unknown = UNKNOWN
    for age in watched:  # Up to the first gap.
        if last is UNKNOWN or age == last + 1:
            last = age
    until = UNKNOWN if last is UNKNOWN else min(horizon, last)
    return Curves(Curve(tuple(accept), tuple(closed), until, last), (first, last), counted)


def _likely(rows: Mapping[tuple[int, _Row], int], size: int) -> tuple[list[float], list[float]] | None:
    """The hazards by which an end that is known roughly is spread over its days; None where all are known."""
    if all(right is None or (left == right and len(causes) == 1) for _, (_, left, right, causes) in rows):
        return None
    from invitekit.insight.estimators._estimator import incidence

    merged: Counter[_Row] = Counter()
    for (_, row), count in rows.items():
        merged[row] += count
    found = incidence(merged)
    ages = range(size)
    return [found.hazard(age, ACCEPT) for age in ages], [found.hazard(age, CLOSED) for age in ages]


def _add(week: _Week, row: _Row, count: int, likely: tuple[list[float], list[float]] | None) -> None:
    entry, left, right, causes = row
    start = 0 if entry is None else entry + 1
    end = left if right is None else right
    if end < start:
        return  # It came under observation when it was over.
    week.steps[start] = week.steps.get(start, 0) + count
    if right is None:
        week.steps[left + 1] = week.steps.get(left + 1, 0) - count
        return
    for age, cause, share in _spread(max(left, start - 1), right, causes, likely):
        counts = week.accepted if cause == ACCEPT else week.closed
        counts[age] = counts.get(age, 0) + share * count
        week.steps[age + 1] = week.steps.get(age + 1, 0) - share * count


def _spread(
    left: int, right: int, causes: frozenset[str], likely: tuple[list[float], list[float]] | None
) -> list[tuple[int, str, float]]:
    """Spread one end over the days and causes that it may have had, as likely as each is."""
    named = [cause for cause in ALL_CAUSES if cause in causes]
    if likely is None or (right - left <= 1 and len(named) == 1):
        return [(right, named[0], 1.0)]
    accept, closed = likely
    still = 1.0
    found: list[tuple[int, str, float]] = []
    for age in range(min(left + 1, right), right + 1):
        found += [(age, cause, still * (accept if cause == ACCEPT else closed)[age]) for cause in named]
        still *= max(1 - accept[age] - closed[age], 0.0)
    total = sum(share for *_, share in found)
    if total <= 0:
        return [(right, cause, 1 / len(named)) for cause in named]
    return [(age, cause, share / total) for age, cause, share in found if share]

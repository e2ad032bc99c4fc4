"""Laws of the curves, for generated histories: against fractions, against each other, and at the optimum."""

# mypy: disable-error-code="operator, arg-type, list-item, misc, assignment"
# An estimate may be unknown: a test that compares it says that here it is not. Refusals are asked for on purpose.

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from invitekit.insight.estimators._estimator import incidence, kaplan_meier, turnbull
from invitekit.insight.estimators._incidence import Incidence, Row
from invitekit.model import UNKNOWN

CAUSES = ("accept", "closed")
DAYS = range(13)


@st.composite
def exact_rows(draw: st.DrawFn, *, most: int = 25) -> list[Row]:
    """Rows whose ends are known to the day, some of them first seen late."""
    rows: list[Row] = []
    for day, cause, entry in draw(
        st.lists(
            st.tuples(
                st.integers(0, 12),
                st.sampled_from(["", "accept", "closed"]),
                st.none() | st.none() | st.integers(-1, 8),
            ),
            min_size=1,
            max_size=most,
        )
    ):
        causes = frozenset({cause} if cause else ())
        rows.append((entry, day, day if cause else None, causes))
    return rows


@st.composite
def blurred_rows(draw: st.DrawFn, *, entries: bool = True) -> list[Row]:
    """Rows whose ends and causes are known within limits."""
    rows = draw(exact_rows(most=15))
    for left, width, causes, entry in draw(
        st.lists(
            st.tuples(
                st.integers(-1, 9),
                st.integers(1, 6),
                st.sampled_from([frozenset({"closed"}), frozenset({"accept"}), frozenset(CAUSES)]),
                st.none() | st.integers(-1, 5),
            ),
            min_size=1,
            max_size=8,
        )
    ):
        rows.append((entry, left, left + width, causes))
    return rows if entries else [(None, *rest) for _, *rest in rows]


def fractions_of(rows: list[Row]) -> dict[int, tuple[Fraction, dict[str, Fraction]]]:
    """Kaplan-Meier and Aalen-Johansen as the textbook defines them, day by day, in fractions."""
    still, come = Fraction(1), dict.fromkeys(CAUSES, Fraction(0))
    found = {}
    for day in DAYS:
        at_risk = sum((entry is None or entry < day) and left >= day for entry, left, _, _ in rows)
        ended = {
            cause: sum(
                right == day and cause in causes and (entry is None or entry < day)
                for entry, _, right, causes in rows
            )
            for cause in CAUSES
        }
        if at_risk:
            for cause in CAUSES:
                come[cause] += still * Fraction(ended[cause], at_risk)
            still *= 1 - Fraction(sum(ended.values()), at_risk)
        found[day] = still, dict(come)
    return found


# ── Exact data ───────────────────────────────────────────────────────────────────────────────────────────────────


@given(exact_rows())
def test_exact_data_give_the_textbook_curves(rows: list[Row]) -> None:
    curve = incidence(rows)
    assume(curve.n)
    for day, (still, come) in fractions_of(rows).items():
        assert curve.open_at(day).value == pytest.approx(float(still), abs=1e-14)
        for cause in CAUSES:
            assert curve.by(day, cause).value == pytest.approx(float(come[cause]), abs=1e-14)


@given(exact_rows())
def test_the_parts_make_a_whole_and_only_grow(rows: list[Row]) -> None:
    curve = incidence(rows)
    assume(curve.n)
    before = (0.0, 0.0)
    for day in DAYS:
        parts = tuple(curve.by(day, cause).value for cause in CAUSES)
        assert sum(parts) + curve.open_at(day).value == pytest.approx(1, abs=1e-14)
        assert all(new >= old for new, old in zip(parts, before, strict=True))
        before = parts


@given(exact_rows(), st.integers(0, 11), st.integers(0, 12))
def test_the_chance_of_those_pending_is_a_difference_over_what_is_left(rows: list[Row], d: int, h: int) -> None:
    curve = incidence(rows)
    later = curve.landmark(d)
    raised = incidence([(d if e is None else max(d, e), *rest) for e, *rest in rows])
    assume(later.n and h >= d and curve.open_at(d).value > 0)
    difference = (curve.by(h).value - curve.by(d).value) / curve.open_at(d).value
    assert later.by(h).value == pytest.approx(difference, abs=1e-13)
    assert raised.by(h).value == pytest.approx(difference, abs=1e-13)
    assert later.at_risk(h) == raised.at_risk(h) if h > d else True


@given(exact_rows(), st.randoms())
def test_the_order_of_rows_changes_nothing(rows: list[Row], random: Any) -> None:
    mixed = list(rows)
    random.shuffle(mixed)
    assert incidence(mixed) == incidence(rows)


@given(exact_rows(), st.integers(2, 5))
def test_a_weight_is_a_number_of_equal_rows(rows: list[Row], times: int) -> None:
    assert incidence(dict.fromkeys(rows, times)) == incidence([row for row in set(rows) for _ in range(times)])


@given(exact_rows())
def test_somebody_lost_before_the_first_end_changes_nothing(rows: list[Row]) -> None:
    first = min((right for _, _, right, _ in rows if right is not None), default=0)
    more = incidence([*rows, (None, first - 1, None, frozenset())])
    curve = incidence(rows)
    assume(curve.n)
    for day in DAYS:
        assert more.by(day).value == curve.by(day).value
        assert more.std_err(day) == curve.std_err(day)


@given(exact_rows())
def test_intervals_hold_their_share(rows: list[Row]) -> None:
    curve = incidence(rows)
    assume(curve.n)
    for day in DAYS:
        for estimate in (curve.by(day), curve.by(day, "closed"), curve.open_at(day)):
            if estimate.lower is not UNKNOWN:
                assert 0 <= estimate.lower <= estimate.value <= estimate.upper <= 1


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=60))
def test_the_fast_way_is_the_slow_way(pairs: list[tuple[int, bool]]) -> None:
    times, events = [time for time, _ in pairs], [event for _, event in pairs]
    fast = kaplan_meier(times, events)
    assert fast == kaplan_meier(times, events, counts=[1] * len(pairs))
    assert fast == turnbull(times, [t if e else None for t, e in pairs])


@given(exact_rows(), st.floats(0.01, 1e3))
def test_only_the_order_of_ages_matters(rows: list[Row], stretch: float) -> None:
    """Ages may be any numbers: hours, days, days with fractions."""

    def scaled(age: float | None) -> float | None:
        return None if age is None else age * stretch

    curve = incidence(rows)
    other = incidence([(scaled(e), left * stretch, scaled(right), causes) for e, left, right, causes in rows])
    assert other.survival == curve.survival
    assert other.cumulative == curve.cumulative


# ── Ends known within limits ─────────────────────────────────────────────────────────────────────────────────────


def likelihood(rows: list[Row], curve: Incidence) -> float:
    """The log-likelihood of rows followed from sending, straight from its definition."""

    def value(column: tuple[float, ...], t: float) -> float:
        known = [share for time, share in zip(curve.times, column, strict=True) if time <= t]
        return known[-1] if known else 0.0

    total = 0.0
    for _, left, right, causes in rows:
        if right is None:
            chance = 1 - sum(value(column, left) for column in curve.cumulative)
        else:
            start = math.nextafter(right, -math.inf) if left == right else left
            chance = sum(
                value(curve.cumulative[CAUSES.index(c)], right) - value(curve.cumulative[CAUSES.index(c)], start)
                for c in causes
            )
        total += math.log(chance)
    return total


@given(blurred_rows(entries=False))
@settings(max_examples=80, deadline=None)
def test_the_log_likelihood_is_that_of_the_curves(rows: list[Row]) -> None:
    curve = incidence(rows)
    assert curve.log_likelihood == pytest.approx(likelihood(rows, curve), abs=1e-7)


@given(blurred_rows(entries=False))
@settings(max_examples=80, deadline=None)
def test_no_other_curve_is_likelier(rows: list[Row]) -> None:
    """The certificate of Gentleman and Geyer: no cell would gain if mass moved there."""
    curve = incidence(rows)
    masses = {
        (k, time): now - before
        for k, column in enumerate(curve.cumulative)
        for time, now, before in zip(curve.times, column, (0.0, *column), strict=False)
    }
    rest = 1 - math.fsum(masses.values())
    gains: Counter[Any] = Counter()
    for _, left, right, causes in rows:
        if right is None:
            places = [(k, t) for k, t in masses if t > left]
            chance = math.fsum(masses[place] for place in places) + rest
        else:
            places = [
                (k, t)
                for k, t in masses
                if CAUSES[k] in causes and (t == right if left == right else left < t <= right)
            ]
            chance = math.fsum(masses[place] for place in places)
        for place in places:
            gains[place] += 1 / chance
        if right is None:
            gains["rest"] += 1 / chance
    assert max(gains.values()) / len(rows) <= 1 + 1e-6
    for place, mass in masses.items():
        if mass > 1e-4:
            assert gains[place] / len(rows) == pytest.approx(1, abs=1e-5)


@given(blurred_rows())
@settings(max_examples=60, deadline=None)
def test_one_more_sweep_changes_nothing(rows: list[Row]) -> None:
    """Self-consistency, with late entry too: a hazard is expected ends over the expected number at risk."""
    curve = incidence(rows)
    again = incidence(rows, start=curve, tolerance=1e-9)
    assert again.log_likelihood == pytest.approx(curve.log_likelihood, abs=1e-6)
    for time, at_risk, *column in zip(curve.times, curve.risk, *curve.counts, strict=True):
        assert sum(column) <= at_risk * (1 + 1e-9) + 1e-9
        assert curve.hazard(time) <= 1 + 1e-12
    assert math.fsum(map(math.fsum, curve.counts)) == pytest.approx(
        sum(right is not None and (entry is None or entry < right) for entry, _, right, _ in rows), abs=1e-6
    )


@given(blurred_rows(entries=False), st.integers(0, 30), st.integers(0, 2), st.integers(0, 2))
@settings(max_examples=60, deadline=None)
def test_knowing_less_is_never_less_likely(rows: list[Row], which: int, before: int, after: int) -> None:
    """A wider stretch can only be fitted better: every curve gives it at least the chance of the narrow one."""
    number = which % len(rows)
    entry, left, right, causes = rows[number]
    assume(right is not None and right - left + before + after > 0)
    wider: list[Row] = [*rows[:number], (entry, left - 1 - before, right + after, causes), *rows[number + 1 :]]
    assert incidence(wider).log_likelihood >= incidence(rows).log_likelihood - 1e-7


@given(blurred_rows(), st.randoms())
@settings(max_examples=40, deadline=None)
def test_the_order_of_rows_does_not_matter_here_either(rows: list[Row], random: Any) -> None:
    mixed = list(rows)
    random.shuffle(mixed)
    assert incidence(mixed).log_likelihood == pytest.approx(incidence(rows).log_likelihood, abs=1e-8)


@given(blurred_rows())
@settings(max_examples=60, deadline=None)
def test_the_parts_make_a_whole_here_too(rows: list[Row]) -> None:
    curve = incidence(rows)
    for number in range(len(curve.times)):
        parts = [column[number] for column in curve.cumulative]
        assert sum(parts) + curve.survival[number] == pytest.approx(1, abs=1e-12)
    for cause in CAUSES:
        supports = curve.support(cause)
        assert all(one.exact == (one.left == one.right) for one in supports)
        assert all(a.right <= b.left or b.exact for a, b in pairwise(supports))
        if curve.times:
            assert sum(one.mass for one in supports) == pytest.approx(
                curve.cumulative[CAUSES.index(cause)][-1], abs=1e-7
            )


@given(exact_rows())
def test_a_stretch_of_one_day_is_that_day(rows: list[Row]) -> None:
    """On the daily grid (day - 1, day] holds one day, so that nothing is left to find out."""
    stretched: list[Row] = [
        (entry, left if right is None else right - 1, right, causes)
        for entry, left, right, causes in rows
        if right is None or entry is None or entry < right
    ]
    exact, solved = incidence(rows), incidence(stretched)
    assume(exact.n and exact.n == solved.n)
    for day in DAYS:
        still = solved.open_at(day).value
        assert still is UNKNOWN or still == pytest.approx(exact.open_at(day).value, abs=1e-8)
        share = solved.by(day).value
        assert share is UNKNOWN or share == pytest.approx(exact.by(day).value, abs=1e-8)

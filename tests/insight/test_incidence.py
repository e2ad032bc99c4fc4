"""The curves of acceptance and closing: conventions, what is unknown, intervals, and the refusals."""

# mypy: disable-error-code="operator, arg-type, list-item"
# An estimate may be unknown: a test that compares it says that here it is not. Refusals are asked for on purpose.

from __future__ import annotations

import math
import pickle
from collections import Counter
from typing import Any

import pytest

from invitekit.errors import DataError
from invitekit.insight.estimators._estimator import cumulative_incidence, incidence, kaplan_meier, turnbull
from invitekit.insight.estimators._incidence import Incidence, Row, Support
from invitekit.model import UNKNOWN

ACCEPT, CLOSED, EITHER, OPEN = (
    frozenset({"accept"}),
    frozenset({"closed"}),
    frozenset({"accept", "closed"}),
    frozenset[str](),
)


def accepted(day: float, entry: float | None = None) -> Row:
    return entry, day, day, ACCEPT


def closed(left: float, right: float, entry: float | None = None) -> Row:
    return entry, left, right, CLOSED


def pending(day: float, entry: float | None = None) -> Row:
    return entry, day, None, OPEN


# ── Conventions ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_acceptance_on_the_day_of_sending_counts() -> None:
    curve = incidence([accepted(0), accepted(0), pending(5), pending(0)])
    assert curve.by(0).value == 0.5
    assert (curve.at_risk(0), curve.events(0), curve.hazard(0)) == (4, 2, 0.5)


def test_an_end_counts_before_a_last_sight_on_the_same_day() -> None:
    assert incidence([accepted(3), pending(3)]).open_at(3).value == 0.5


def test_causes_on_the_same_day_count_together() -> None:
    curve = incidence([accepted(3), closed(3, 3), pending(9), pending(9)])
    assert (curve.by(3).value, curve.by(3, "closed").value, curve.open_at(3).value) == (0.25, 0.25, 0.5)


def test_whoever_enters_at_an_age_is_not_at_risk_at_it() -> None:
    curve = incidence([accepted(2), pending(4), pending(4, entry=2)])
    assert (curve.at_risk(2), curve.at_risk(3)) == (2, 2)
    assert curve.by(2).value == 0.5


@pytest.mark.parametrize("row", [accepted(2, entry=2), closed(1, 2, entry=3), pending(5, entry=5)])
def test_a_row_that_was_never_at_risk_counts_for_nothing(row: Row) -> None:
    rows = [accepted(1), pending(9)]
    assert incidence([*rows, row]) == incidence(rows)


def test_a_stretch_begins_no_earlier_than_its_entry() -> None:
    late = incidence([closed(0, 7, entry=3), pending(9)])
    assert late == incidence([closed(3, 7, entry=3), pending(9)])


def test_leaving_out_late_entry_would_hide_most_acceptances() -> None:
    """A pending list imported on day one: those already accepted are not on it."""
    rows = [accepted(day) for day in (0, 0, 0, 2)] + [pending(1)] * 6
    imported = [pending(60, entry=40)] * 90
    honest, naive = incidence([*rows, *imported]), incidence([*rows, *(pending(60),) * 90])
    assert honest.by(3).value == pytest.approx(incidence(rows).by(3).value)
    assert naive.by(3).value < 0.05 < honest.by(3).value


def test_curves_hold_between_and_beyond_the_ages() -> None:
    curve = incidence([accepted(1), accepted(4), pending(6)])
    assert [curve.by(t).value for t in (-5, 0.9, 1, 3.99, 4, 600)] == pytest.approx(
        [0, 0, 1 / 3, 1 / 3, 2 / 3, 2 / 3]
    )
    assert curve.at_risk(7) == 0
    assert (curve.events(3), curve.hazard(3), curve.events(4, "closed")) == (0, 0, 0)


def test_events_of_any_cause() -> None:
    curve = incidence([accepted(3), closed(3, 3), closed(3, 3), pending(9)])
    assert (curve.events(3), curve.events(3, "accept"), curve.hazard(3), curve.hazard(3, "closed")) == (
        3,
        1,
        0.75,
        0.5,
    )


def test_whole_days_stay_whole() -> None:
    curve = incidence([accepted(1), pending(6)])
    assert curve.times == (1, 6)
    assert {type(time) for time in curve.times} == {int}


# ── What is unknown ──────────────────────────────────────────────────────────────────────────────────────────────


def test_without_a_row_everything_is_unknown() -> None:
    for curve in (incidence([]), incidence({accepted(3): 0}), kaplan_meier([], [], cause="accept")):
        assert curve.by(3).value is UNKNOWN
        assert curve.open_at(3).value is UNKNOWN
        assert curve.std_err(3) is UNKNOWN
        assert curve.median is UNKNOWN
        assert curve.support() == ()
        assert curve.identified() == (UNKNOWN, UNKNOWN)
        assert curve.landmark(3).by(4).value is UNKNOWN
        assert curve.n == 0


def test_inside_a_stretch_the_closings_are_unknown_and_the_acceptances_known() -> None:
    curve = incidence([accepted(5), closed(3, 7), pending(9), pending(9)])
    assert not curve.exact
    assert [curve.by(t, "closed").value is UNKNOWN for t in (3, 4, 6, 7)] == [False, True, True, False]
    assert [curve.open_at(t).value is UNKNOWN for t in (3, 4, 6, 7)] == [False, True, True, False]
    assert curve.by(5).value == pytest.approx(0.25)
    assert curve.support("closed") == (Support(3, 7, False, pytest.approx(0.25)),)


def test_a_day_known_to_the_day_leaves_no_day_unknown() -> None:
    curve = incidence([closed(3, 4), closed(4, 5), pending(9)])
    assert all(curve.open_at(t).is_known for t in range(10))


def test_where_nobody_is_left_there_is_no_interval() -> None:
    curve = incidence([accepted(1), accepted(2)])
    done = curve.open_at(2)
    assert (done.value, done.lower, done.upper, curve.std_err(2)) == (0, UNKNOWN, UNKNOWN, 0)
    assert (curve.by(2).value, curve.by(2).lower) == (1, UNKNOWN)


@pytest.mark.parametrize("interval", ["log-log", "log", "plain"])
def test_where_nothing_has_ended_all_are_pending_for_sure(interval: str) -> None:
    curve = incidence([pending(3), accepted(5)])
    before = curve.open_at(3, interval=interval)
    assert (before.value, before.lower, before.upper) == (1, 1, 1)
    none = curve.by(3, interval=interval)
    assert (none.value, none.lower, none.upper) == (0, UNKNOWN, UNKNOWN)


def test_the_interval_of_ends_known_within_limits_is_given_only_when_asked_for() -> None:
    curve = incidence([*[accepted(2)] * 5, closed(3, 7), *[pending(9)] * 10])
    assert curve.by(7).lower is UNKNOWN
    assert curve.open_at(7).lower is UNKNOWN
    assert curve.std_err(7) is UNKNOWN
    asked = curve.by(7, approximate=True)
    assert asked.lower < asked.value < asked.upper
    assert curve.open_at(7, approximate=True).lower < curve.open_at(7).value
    assert curve.std_err(7, "accept", approximate=True) > 0


# ── Intervals ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_more_confidence_is_a_wider_interval() -> None:
    curve = incidence([accepted(day) for day in range(10)] + [pending(30)] * 20)
    for kind in ("log-log", "log", "plain"):
        narrow, wide = (curve.by(9, confidence=c, interval=kind) for c in (0.5, 0.99))
        assert wide.lower < narrow.lower < narrow.value < narrow.upper < wide.upper
        narrow, wide = (curve.open_at(9, confidence=c, interval=kind) for c in (0.5, 0.99))
        assert wide.lower < narrow.lower < narrow.value < narrow.upper < wide.upper
        assert (wide.confidence, wide.interval, wide.n) == (0.99, kind, 30)


def test_without_a_second_cause_acceptances_are_as_sure_as_what_is_left() -> None:
    """Aalen's variance differs from Greenwood's by the n - 1 of a sample variance only."""
    curve = incidence([accepted(day) for day in range(60)] + [pending(90)] * 140)
    assert curve.std_err(59, "accept") == pytest.approx(curve.std_err(59), rel=0.01)


def test_one_invitation_has_no_spread() -> None:
    curve = incidence([accepted(1), pending(0)])
    assert curve.std_err(1, "accept") == 0


# ── The whole curve ──────────────────────────────────────────────────────────────────────────────────────────────


def test_the_median_is_the_first_age_at_which_half_are_left() -> None:
    curve = kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1])
    assert (curve.median, curve.quantile(0.25), curve.quantile(0.26), curve.quantile(1)) == (2, 1, 2, 4)
    assert kaplan_meier([1, 2, 3], [1, 0, 0]).median is UNKNOWN


def test_a_half_that_rounds_is_still_a_half() -> None:
    # 6/7 * 5/6 * ... in floats may end a little above one half; in fractions it is one half.
    for size in range(2, 400, 2):
        assert kaplan_meier(list(range(size)), [True] * size).median == size // 2 - 1


@pytest.mark.parametrize("q", [0, -1, 1.5, math.nan])
def test_a_quantile_of_no_share_is_refused(q: float) -> None:
    with pytest.raises(DataError):
        incidence([accepted(1)]).quantile(q)


def test_support_says_where_the_curve_rises_and_what_never_ended() -> None:
    curve = incidence([accepted(2), closed(3, 6), pending(9), pending(9)])
    quarter = pytest.approx(0.25)
    assert curve.support("accept") == (Support(2, 2, True, quarter),)
    assert curve.support() == (
        Support(2, 2, True, quarter),
        Support(3, 6, False, quarter),
        Support(9, math.inf, False, pytest.approx(0.5)),
    )
    exact = incidence([accepted(2), pending(9)])
    assert exact.support() == (Support(2, 2, True, 0.5), Support(9, math.inf, False, 0.5))


def test_identified_is_where_enough_were_at_risk() -> None:
    rows = [accepted(0)] * 3 + [pending(20)] * 9 + [pending(40)] * 10
    assert incidence(rows).identified() == (0, 40)
    assert incidence(rows).identified(11) == (0, 20)
    assert incidence(rows).identified(22) == (0, 0)
    assert incidence(rows).identified(23) == (UNKNOWN, UNKNOWN)


def test_with_late_entries_only_the_curve_is_identified_from_the_first_day_with_enough() -> None:
    rows = [pending(90, entry=5)] * 6 + [pending(60, entry=8)] * 6
    curve = incidence(rows)
    assert curve.delayed
    assert curve.identified() == (9, 60)
    # Seen pending at the end of day 0: whoever accepted on day 0 is not among them.
    assert incidence([pending(30, entry=0)] * 10).identified() == (1, 30)
    assert incidence([pending(30, entry=-1)] * 10).identified() == (0, 30)


def test_of_two_stretches_the_one_from_sending_or_the_longest_is_identified() -> None:
    late = [pending(90, entry=30)] * 20
    assert incidence([pending(5)] * 20 + late).identified() == (0, 5)
    assert incidence([pending(5, entry=1)] * 20 + late).identified() == (31, 90)


# ── Those still pending ──────────────────────────────────────────────────────────────────────────────────────────


def test_landmark_is_the_estimate_with_all_entries_raised() -> None:
    rows = [accepted(day) for day in (0, 1, 2, 4, 4, 8)] + [closed(3, 3), closed(6, 6)] + [pending(9)] * 4
    rows += [pending(7, entry=1), accepted(8, entry=6)]
    curve, raised = incidence(rows), incidence([(max(3, e or -1), a, b, c) for e, a, b, c in rows])
    for t in (3, 4, 6, 8, 20):
        for cause in ("accept", "closed"):
            assert curve.landmark(3).by(t, cause).value == pytest.approx(raised.by(t, cause).value, abs=1e-15)
            assert curve.landmark(3).std_err(t, cause) == pytest.approx(raised.std_err(t, cause), abs=1e-15)


def test_landmark_rests_on_those_pending_then() -> None:
    curve = incidence([accepted(1), accepted(2), pending(3), pending(9)])
    assert curve.landmark(2).n == 2
    assert curve.landmark(0) == curve
    assert curve.landmark(9).by(12).value is UNKNOWN
    assert curve.landmark(9).open_at(12).value is UNKNOWN


def test_landmark_inside_a_stretch_is_unknown() -> None:
    curve = incidence([accepted(1), closed(2, 6), accepted(8), pending(9)])
    assert curve.landmark(4).by(8).value is UNKNOWN
    six = curve.landmark(6)
    assert six.by(8).value == pytest.approx(0.5)
    assert not six.exact
    assert six.support("closed") == ()
    one = curve.landmark(1)
    assert one.by(4, "closed").value is UNKNOWN
    assert one.support("closed")[0].mass == pytest.approx(1 / 3)


# ── Doors ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_columns_in_any_form_give_the_same() -> None:
    times, events = [3, 1, 4, 1, 5], [True, False, True, True, False]
    plain = kaplan_meier(times, events)
    assert kaplan_meier(tuple(times), [int(event) for event in events]) == plain
    assert kaplan_meier(times, events, counts=[1] * 5) == plain
    assert kaplan_meier(times, events, entries=[None] * 5) == plain
    assert kaplan_meier(iter(times), iter(events), entries=iter([None] * 5), counts=iter([1] * 5)) == plain
    assert turnbull(times, [t if e else None for t, e in zip(times, events, strict=True)]) == plain
    assert cumulative_incidence(times, ["event" if event else None for event in events]) == plain


class Numbers:
    """Stands for an array of another library: it knows `tolist` and little else."""

    def __init__(self, values: list[Any]) -> None:
        self.values = values

    def tolist(self) -> list[Any]:
        return list(self.values)


def test_arrays_are_taken_as_a_whole() -> None:
    assert kaplan_meier(Numbers([1, 2]), Numbers([True, False])) == kaplan_meier([1, 2], [1, 0])


class Count:
    """Stands for a whole number of another library."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value

    def __hash__(self) -> int:
        return hash(self.value)

    def __eq__(self, other: object) -> bool:
        return self.value == other


def test_whole_numbers_of_other_libraries_become_days() -> None:
    curve = kaplan_meier([Count(3), Count(4)], [True, False])
    assert curve.times == (3, 4)
    assert type(curve.times[0]) is int


def test_causes_come_sorted_or_as_given() -> None:
    assert cumulative_incidence([1, 2, 3], ["b", None, "a"]).causes == ("a", "b")
    assert cumulative_incidence([1, 2, 3], ["b", None, "a"], order=["b", "c", "a"]).causes == ("b", "c", "a")
    assert cumulative_incidence([1], [None]).open_at(1).value == 1


def test_counts_may_be_fractions() -> None:
    curve = kaplan_meier([1, 2, 3], [1, 1, 0], counts=[0.1, 0.2, 0.7])
    assert curve.open_at(2).value == pytest.approx(0.7)
    assert kaplan_meier([1, 2], [1, 1], counts=[0.1, 0.3]).open_at(2).value == 0


REFUSED: dict[str, Any] = {
    "lengths": lambda: kaplan_meier([1, 2], [True]),
    "lengths of counts": lambda: kaplan_meier([1, 2], [1, 0], counts=[1]),
    "lengths of entries": lambda: turnbull([1, 2], [1, 2], entries=[None]),
    "event": lambda: kaplan_meier([1], [2]),
    "event text": lambda: kaplan_meier([1], ["yes"]),
    "event list": lambda: kaplan_meier([1], [[1]]),
    "nan": lambda: kaplan_meier([math.nan], [True]),
    "infinite": lambda: kaplan_meier([math.inf], [True]),
    "text": lambda: kaplan_meier(["1"], [True]),
    "bool": lambda: kaplan_meier([True], [True]),
    "none": lambda: kaplan_meier([None], [True]),
    "list": lambda: kaplan_meier([[1]], [True]),
    "weight": lambda: kaplan_meier([1], [True], counts=[-1]),
    "weight text": lambda: kaplan_meier([1], [True], counts=["1"]),
    "huge": lambda: turnbull([1e400], [None]),
    "cause": lambda: cumulative_incidence([1], [3]),
    "unnamed cause": lambda: cumulative_incidence([1], ["a"], order=["b"]),
    "unhashable cause": lambda: cumulative_incidence([1], [["a"]]),
    "backwards": lambda: turnbull([3], [2]),
    "no causes": lambda: incidence([accepted(1)], causes=()),
    "twice": lambda: incidence([accepted(1)], causes=("accept", "accept")),
    "no row": lambda: incidence([(1, 2)]),
    "no row at all": lambda: incidence([5]),
    "unhashable row": lambda: incidence([(None, 1, 1, {"accept"})]),
    "causes of a pending one": lambda: incidence([(None, 1, None, ACCEPT)]),
    "end without a cause": lambda: incidence([(None, 1, 2, OPEN)]),
    "causes in a tuple": lambda: incidence([(None, 1, 2, ("accept",))]),
    "unknown cause": lambda: incidence([(None, 1, 2, frozenset({"expired"}))]),
    "nan entry": lambda: incidence([(math.nan, 1, 2, ACCEPT)]),
    "interval": lambda: incidence([accepted(1)]).by(1, interval="wald"),
    "confidence": lambda: incidence([accepted(1)]).open_at(1, confidence=95),
    "asked cause": lambda: incidence([accepted(1)]).by(1, "declined"),
    "asked age": lambda: incidence([accepted(1)]).by(math.nan),
    "asked text": lambda: incidence([accepted(1)]).open_at("7"),
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED)
def test_bad_input_ends_in_our_error(call: Any) -> None:
    with pytest.raises(DataError) as caught:
        call()
    assert "Traceback" not in str(caught.value)
    assert len(str(caught.value)) < 300


# ── As a value ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(params=[True, False], ids=["exact", "stretches"])
def curve(request: pytest.FixtureRequest) -> Incidence:
    return incidence([accepted(1), closed(2, 2 if request.param else 6), pending(9, entry=0)])


def test_a_curve_is_a_value(curve: Incidence) -> None:
    assert pickle.loads(pickle.dumps(curve)) == curve
    with pytest.raises(AttributeError):
        curve.n = 3  # type: ignore[misc]


def test_a_curve_prints(curve: Incidence) -> None:
    assert repr(curve).startswith("Incidence(n=3, accept=1, closed=1, ages=")
    html = curve._repr_html_()
    assert "<table>" in html
    assert ("unknown" in html) is False
    assert dict(curve.__rich_repr__())["closed"] == pytest.approx(1)
    records = curve.to_records()
    assert [record["age"] for record in records] == list(curve.times)
    assert records[-1]["open"] == curve.open_at(9).value


def test_what_is_unknown_prints_as_unknown() -> None:
    curve = incidence([closed(1, 5), accepted(3), pending(9)])
    at_three = curve.to_records()[1]
    assert (at_three["age"], at_three["closed"], at_three["open"]) == (3, None, None)
    assert at_three["accept"] == pytest.approx(1 / 3)
    assert "unknown" in curve._repr_html_()


# ── Repeated estimates ───────────────────────────────────────────────────────────────────────────────────────────


def weekly() -> Counter[Row]:
    rows = Counter({accepted(day): 12 - day for day in range(12)})
    for offset in range(7):
        for week in range(6):
            rows[closed(7 * week + offset - 1, 7 * week + offset + 6)] += 1 + (offset * week) % 3
    rows[None, 4, 11, EITHER] += 5
    rows[pending(50)] += 60
    rows[pending(30, entry=10)] += 10
    return rows


def test_a_start_saves_sweeps_and_changes_nothing() -> None:
    rows = weekly()
    cold = incidence(rows)
    warm = incidence(rows, start=cold)
    assert warm.sweeps < cold.sweeps
    assert warm.log_likelihood == pytest.approx(cold.log_likelihood, abs=1e-8)
    for t in (0, 3, 11, 40):
        assert warm.by(t).value == pytest.approx(cold.by(t).value, abs=1e-8)


def test_a_start_from_other_causes_is_no_harm() -> None:
    rows = weekly()
    other = kaplan_meier([1, 2], [1, 0])
    assert incidence(rows, start=other).by(11).value == pytest.approx(incidence(rows).by(11).value, abs=1e-8)


def test_a_looser_tolerance_needs_fewer_sweeps() -> None:
    rows = weekly()
    loose, tight = incidence(rows, tolerance=1e-5), incidence(rows)
    assert loose.sweeps < tight.sweeps
    assert loose.by(11).value == pytest.approx(tight.by(11).value, abs=1e-4)


def test_sweeps_end_in_any_case() -> None:
    short = incidence(weekly(), max_sweeps=3)
    assert short.sweeps <= 6
    assert 0 < short.by(11).value < 1


def test_those_who_enter_after_nobody_was_left_still_count() -> None:
    """The likeliest curve lets nobody pass day 4; those first seen later have their own history all the same."""
    rows: list[Row] = [
        closed(5, 5, entry=4),
        accepted(0),
        (4, 9, 12, EITHER),
        (5, 8, 12, ACCEPT),
        (-1, 2, 5, ACCEPT),
        (None, -1, 5, ACCEPT),
    ]
    curve = incidence(rows)
    assert curve.sweeps < 1000
    assert curve.open_at(5).value == pytest.approx(0, abs=1e-6)
    assert curve.hazard(5, "closed") == pytest.approx(0.5, abs=1e-3)
    assert math.isfinite(curve.log_likelihood)

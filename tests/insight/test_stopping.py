"""When to withdraw: backward induction, the price behind an age rule, and the stock that follows from it."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from invitekit.errors import DataError, InvitekitError, PolicyError
from invitekit.insight.estimators._latency import Family, Latency
from invitekit.insight.estimators._stock import age_for_cap, steady_stock
from invitekit.insight.estimators._stopping import (
    daily_chances,
    reinvite_value,
    slot_price_for_cap,
    slot_price_of_age,
    stopping,
)
from invitekit.model import UNKNOWN

BOTDOG = Latency(Family.WEIBULL, 1.098, 0.4366)
"""The curve of a published study of 16,492 invitations, 37 % of them accepted."""
ACCEPT = daily_chances(BOTDOG.cdf, 0.37, 180)


def pending(rate: float) -> Any:
    return lambda t: 1 - rate * BOTDOG.cdf(t)


@st.composite
def problems(draw: st.DrawFn) -> dict[str, Any]:
    """Up to eight days of chances, hazards of any shape, and prices of any sign that is allowed."""
    days = draw(st.integers(1, 8))
    accept = draw(st.lists(st.floats(0, 0.7), min_size=days, max_size=days))
    closed = draw(st.one_of(st.just([]), st.lists(st.floats(0, 0.3), min_size=days, max_size=days)))
    return {
        "accept": accept,
        "closed": closed,
        "value": draw(st.floats(0, 3)),
        "withdraw_value": draw(st.floats(-0.5, 0.5)),
        "discount": draw(st.sampled_from([0.0, 0.001, 0.05])),
        "expiry_value": draw(st.floats(-0.5, 0.5)),
        "closed_value": draw(st.floats(-0.2, 0.2)),
    }


def waiting_until(problem: dict[str, Any], start: int, stop: int, slot_price: float) -> float:
    """The expected worth of keeping from one age to another, then withdrawing (or expiring), added up directly."""
    accept: list[float] = problem["accept"]
    closed: list[float] = problem["closed"] or [0.0] * len(accept)
    g: float = problem["withdraw_value"]
    end: float = max(g, problem["expiry_value"])
    factor = math.exp(-problem["discount"])
    there, total = 1.0, 0.0
    for day in range(start, stop):
        total -= there * slot_price
        total += there * factor * (accept[day] * problem["value"] + closed[day] * problem["closed_value"])
        there *= factor * (1 - accept[day] - closed[day])
    return total + there * (end if stop == len(accept) else g)


class TestInduction:
    @settings(max_examples=60)
    @given(problems(), st.floats(0, 0.3))
    def test_it_equals_trying_every_age_to_stop_at(self, problem: dict[str, Any], slot_price: float) -> None:
        found = stopping(**problem, slot_price=slot_price)
        days = len(problem["accept"])
        for day, keep in enumerate(found.keep_values):
            best = max(waiting_until(problem, day, stop, slot_price) for stop in range(day + 1, days + 1))
            assert keep == pytest.approx(best, abs=1e-12)

    @settings(max_examples=60)
    @given(problems(), st.floats(0, 0.3))
    def test_the_threshold_is_the_first_age_not_worth_waiting_at(
        self, problem: dict[str, Any], slot_price: float
    ) -> None:
        found = stopping(**problem, slot_price=slot_price)
        if found.threshold is UNKNOWN:
            assert found.never
            assert all(margin >= 0 for margin in found.margins)
        else:
            assert not found.never
            assert found.margins[found.threshold] <= 0
            assert all(margin >= 0 for margin in found.margins[: found.threshold])

    @settings(max_examples=60)
    @given(problems(), st.floats(0, 0.3), st.floats(0, 0.3))
    def test_a_higher_price_never_waits_longer(self, problem: dict[str, Any], one: float, other: float) -> None:
        low, high = sorted((one, other))
        cheap, dear = stopping(**problem, slot_price=low), stopping(**problem, slot_price=high)
        assert all(a >= b for a, b in zip(cheap.margins, dear.margins, strict=True))
        if cheap.threshold is not UNKNOWN:
            assert dear.threshold is not UNKNOWN
            assert dear.threshold <= cheap.threshold

    @given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.floats(-0.5, 1), st.floats(-1, 1))
    def test_a_free_slot_is_never_cleared(self, accept: list[float], g: float, expiry_value: float) -> None:
        """Not even where nothing more can be gained: withdrawing cannot be undone."""
        found = stopping(accept, slot_price=0, withdraw_value=g, expiry_value=expiry_value)
        assert found.never

    def test_tiny_chances_in_the_tail_are_not_rounded_away(self) -> None:
        """Against a withdrawal worth a million, K and G agree in every digit; the margin still knows."""
        found = stopping([1e-20] * 5, slot_price=1e-20, value=3e6, withdraw_value=1e6)
        assert found.keep_values[0] == 1e6
        assert found.never

    @pytest.mark.parametrize(
        ("slot_price", "withdraw_value", "threshold", "one_step", "keep"),
        [
            (0.001, 0.0, 22, 22, {0: 0.3458501474294948, 14: 0.005315540947207203, 30: -0.0005017195756322694}),
            (0.0002, 0.01, 43, 43, {0: 0.3680593163321134, 14: 0.027414387332574112, 30: 0.01168243278470483}),
            (
                0.0,
                0.0,
                UNKNOWN,
                UNKNOWN,
                {0: 0.3699650275496625, 14: 0.02730925973696057, 30: 0.008350327502678341},
            ),
            (
                0.0001,
                -0.02,
                UNKNOWN,
                56,
                {0: 0.3584921191765751, 14: 0.011120252259559512, 30: -0.006541759220877987},
            ),
        ],
    )
    def test_reference_values(
        self, slot_price: float, withdraw_value: float, threshold: Any, one_step: Any, keep: dict[int, float]
    ) -> None:
        """Checked elsewhere by direct summation over all 181 stopping ages.

        In the last one withdrawing costs more than waiting for the free expiry: the one-step rule is wrong there.
        """
        found = stopping(ACCEPT, slot_price=slot_price, withdraw_value=withdraw_value)
        assert found.threshold == threshold
        assert found.one_step_age == one_step
        for day, expected in keep.items():
            assert found.keep_values[day] == pytest.approx(expected, abs=1e-9)
            assert found.margin(day) == pytest.approx(expected - withdraw_value, abs=1e-9)

    @pytest.mark.parametrize(
        ("slot_price", "age"), [(1e-4, 55), (2e-4, 44), (5e-4, 30), (1e-3, 22), (2e-3, 16), (5e-3, 10)]
    )
    def test_the_published_table(self, slot_price: float, age: int) -> None:
        assert stopping(ACCEPT, slot_price=slot_price).threshold == age

    def test_where_chances_rise_first_the_one_step_rule_gives_up_too_early(self) -> None:
        found = stopping([0.0, 0.0, 0.5, 0.0], slot_price=0.01)
        assert found.one_step_age == 0
        assert found.threshold == 3

    def test_past_expiry_nothing_is_said(self) -> None:
        found = stopping([0.1, 0.1], slot_price=0.01)
        assert found.expiry == 2
        assert found.margin(2) is UNKNOWN

    @pytest.mark.parametrize("age", [-1, 1.5, True])
    def test_a_margin_is_asked_for_at_a_whole_age(self, age: Any) -> None:
        with pytest.raises(DataError, match="whole number of days"):
            stopping([0.1, 0.1], slot_price=0.01).margin(age)

    def test_it_prints_pickles_and_makes_a_record(self) -> None:
        found = stopping(ACCEPT, slot_price=0.001)
        assert str(found) == "withdraw from day 22 on (a pending slot costs 0.001 a day, an acceptance is worth 1)"
        assert repr(stopping(ACCEPT, slot_price=0)).startswith("Stopping(never withdraw")
        assert pickle.loads(pickle.dumps(found)) == found
        assert found.to_record()["threshold"] == 22
        assert stopping(ACCEPT, slot_price=0).to_record()["threshold"] is None
        assert dict(found.__rich_repr__())["slot_price"] == 0.001


WRONG: dict[str, Callable[[], object]] = {
    "age-of-expiry": lambda: slot_price_of_age(180, ACCEPT),
    "age-before-sending": lambda: slot_price_of_age(-1, ACCEPT),
    "age-not-whole": lambda: slot_price_of_age(2.5, ACCEPT),  # type: ignore[arg-type]
    "stock-at-a-negative-age": lambda: steady_stock(pending(0.3), -1, 10),
    "stock-at-no-pace": lambda: steady_stock(pending(0.3), 7, math.nan),
    "shares-end-too-early": lambda: steady_stock([1.0, 0.9], 3, 10),
    "share-above-one": lambda: steady_stock([1.0, 1.9], 2, 10),
    "negative-cap": lambda: age_for_cap(-5, pending(0.3), 10),
    "cap-not-a-number": lambda: slot_price_for_cap(math.nan, 100, pending(0.3), ACCEPT),
    "rho-above-one": lambda: reinvite_value(rho=1.5, second=0.1),
    "negative-rate": lambda: reinvite_value(rho=0.5, second=-0.1),
    "fraction-above-one": lambda: daily_chances(BOTDOG.cdf, 1.5, 10),
    "negative-days": lambda: daily_chances(BOTDOG.cdf, 0.5, -1),
}


class TestRefusals:
    @pytest.mark.parametrize(
        "setting",
        [
            {"slot_price": -0.001},
            {"slot_price": math.nan},
            {"slot_price": "much"},
            {"slot_price": True},
            {"slot_price": 0.1, "value": math.inf},
            {"slot_price": 0.1, "discount": -0.1},
            {"slot_price": 0.1, "withdraw_value": math.nan},
            {"slot_price": 0.1, "expiry_value": math.nan},
            {"slot_price": 0.1, "closed_value": math.nan},
        ],
    )
    def test_prices_and_values_are_finite_numbers(self, setting: dict[str, Any]) -> None:
        with pytest.raises(PolicyError, match="must be"):
            stopping([0.1], **setting)

    def test_a_wrong_price_says_what_a_price_is(self) -> None:
        with pytest.raises(PolicyError) as caught:
            stopping([0.1], slot_price=-1)
        assert "0 for nothing" in caught.value.hint

    @pytest.mark.parametrize(
        ("accept", "closed"),
        [
            ([], []),
            ([1.2], []),
            ([-0.1], []),
            ([math.nan], []),
            ([0.1], [0.1, 0.1]),
            ([0.1], [2.0]),
            ([0.6], [0.6]),
        ],
    )
    def test_chances_are_chances(self, accept: list[float], closed: list[float]) -> None:
        with pytest.raises(DataError):
            stopping(accept, closed, slot_price=0.1)

    @pytest.mark.parametrize("call", WRONG.values(), ids=list(WRONG))
    def test_everything_else_is_refused_by_an_error_of_ours(self, call: Any) -> None:
        with pytest.raises(InvitekitError):
            call()


class TestDailyChances:
    def test_reference_values(self) -> None:
        expected = {
            0: 0.22833019126291226,
            1: 0.05282104403597464,
            7: 0.007384063241539476,
            60: 7.698897336793895e-05,
        }
        for day, chance in expected.items():
            assert ACCEPT[day] == pytest.approx(chance, abs=1e-9)

    def test_chained_they_give_the_curve_back(self) -> None:
        left = 1.0
        for chance in ACCEPT:
            left *= 1 - chance
        assert left == pytest.approx(pending(0.37)(180), abs=1e-12)

    def test_closings_leave_fewer_to_be_accepted(self) -> None:
        closed = daily_chances(BOTDOG.cdf, 0.3, 30, closed=lambda t: 0.2 * BOTDOG.cdf(t))
        assert closed[0] == daily_chances(BOTDOG.cdf, 0.3, 1)[0]
        assert all(a > b for a, b in zip(closed[1:], daily_chances(BOTDOG.cdf, 0.3, 30)[1:], strict=True))

    def test_when_none_is_left_the_chance_is_nil(self) -> None:
        assert daily_chances(lambda t: float(t >= 1), 1.0, 3) == (1.0, 0.0, 0.0)


class TestPriceOfAnAge:
    @pytest.mark.parametrize("age", [7, 14, 21, 30, 60])
    def test_with_falling_chances_it_is_tomorrows_chance_times_the_gain(self, age: int) -> None:
        assert slot_price_of_age(age, ACCEPT) == pytest.approx(ACCEPT[age], rel=1e-12)
        assert slot_price_of_age(age, ACCEPT, value=2, withdraw_value=0.1) == pytest.approx(1.9 * ACCEPT[age])

    @settings(max_examples=60)
    @given(problems(), st.data())
    def test_it_is_the_smallest_price_that_withdraws_by_then(
        self, problem: dict[str, Any], data: st.DataObject
    ) -> None:
        age = data.draw(st.integers(0, len(problem["accept"]) - 1))
        price = slot_price_of_age(age, **problem)
        assume(price > 1e-6)
        at, below = stopping(**problem, slot_price=price), stopping(**problem, slot_price=price * (1 - 1e-6))
        assert at.threshold is not UNKNOWN
        assert at.threshold <= age
        assert below.threshold is UNKNOWN or below.threshold > age

    def test_21_days_is_the_belief_that_a_slot_costs_a_thousandth_of_an_acceptance(self) -> None:
        assert slot_price_of_age(21, ACCEPT) == pytest.approx(0.0011, abs=5e-5)

    def test_an_age_that_a_free_slot_would_not_reach_costs_nothing(self) -> None:
        assert slot_price_of_age(2, [0.1, 0.1, 0.1, 0.1], value=0.5, withdraw_value=1.0) == 0


class TestStock:
    @pytest.mark.parametrize(
        ("age", "expected"),
        [
            (7, (85, 77, 72)),
            (14, (166, 149, 138)),
            (21, (247, 220, 202)),
            (30, (350, 311, 284)),
            (45, (522, 462, 420)),
            (60, (694, 612, 555)),
            (90, (1037, 912, 825)),
            (180, (2065, 1812, 1635)),
        ],
    )
    def test_the_published_table(self, age: int, expected: tuple[int, int, int]) -> None:
        """At 100 sent a week, with 20, 30 and 37 % accepted in the end."""
        assert tuple(round(steady_stock(pending(rate), age, 100 / 7)) for rate in (0.2, 0.3, 0.37)) == expected

    def test_a_sequence_is_a_daily_grid(self) -> None:
        assert steady_stock([0.9, 0.8, 0.7], 2, 10) == pytest.approx(17)
        assert steady_stock([0.9, 0.8, 0.7], 2.5, 10) == pytest.approx(20.5)

    def test_an_hour_of_stock_is_integrated_from_its_beginning(self) -> None:
        """The integral of 1 - sqrt(t) to t = 1/4 is 1/6."""
        assert steady_stock(lambda t: 1 - math.sqrt(t), 0.25, 1) == pytest.approx(1 / 6, abs=1e-10)

    @settings(max_examples=20)
    @given(st.floats(10, 1500), st.floats(0.1, 0.9))
    def test_the_age_for_a_cap_keeps_the_stock_at_the_cap(self, cap: float, rate: float) -> None:
        age = age_for_cap(cap, pending(rate), 100 / 7)
        if age is UNKNOWN:
            assert steady_stock(pending(rate), 180, 100 / 7) <= cap
        else:
            assert steady_stock(pending(rate), age, 100 / 7) == pytest.approx(cap, rel=1e-9)

    @pytest.mark.parametrize(
        ("a_week", "rate", "age"), [(100, 0.2, 43), (100, 0.37, 54), (200, 0.2, 21), (200, 0.37, 26)]
    )
    def test_when_a_cap_of_500_begins_to_bind(self, a_week: int, rate: float, age: int) -> None:
        found = age_for_cap(500, pending(rate), a_week / 7)
        assert found is not UNKNOWN
        assert round(found) == age

    def test_a_cap_that_does_not_bind_costs_nothing(self) -> None:
        assert age_for_cap(3000, pending(0.37), 100 / 7) is UNKNOWN
        assert slot_price_for_cap(3000, 100, pending(0.37), ACCEPT) == 0
        assert slot_price_for_cap(10, 0, pending(0.37), ACCEPT) == 0

    @pytest.mark.parametrize("cap", [100, 250, 500, 1000])
    def test_the_price_for_a_cap_keeps_the_stock_under_it(self, cap: int) -> None:
        price = slot_price_for_cap(cap, 100, pending(0.37), ACCEPT)
        threshold = stopping(ACCEPT, slot_price=price).threshold
        assert threshold is not UNKNOWN
        assert steady_stock(pending(0.37), threshold, 100 / 7) <= cap
        assert steady_stock(pending(0.37), threshold + 1, 100 / 7) > cap

    def test_a_tighter_cap_or_more_sending_costs_more(self) -> None:
        assert slot_price_for_cap(250, 100, pending(0.37), ACCEPT) > slot_price_for_cap(
            500, 100, pending(0.37), ACCEPT
        )
        assert slot_price_for_cap(500, 200, pending(0.37), ACCEPT) > slot_price_for_cap(
            500, 100, pending(0.37), ACCEPT
        )


class TestReinviting:
    def test_by_hand(self) -> None:
        assert reinvite_value(rho=0.5, second=0.15) == pytest.approx(0.075)
        assert reinvite_value(rho=0.5, value=2, second=0.15, quota_value=0.1) == pytest.approx(0.1)
        assert reinvite_value(rho=1, second=0.2, discount=0.01) == pytest.approx(0.2 * math.exp(-0.21))
        assert reinvite_value(rho=1, second=0.2, discount=0.01, cooldown_days=0) == 0.2

    def test_it_is_worth_nothing_where_the_allowance_binds(self) -> None:
        """A fresh invitation would bring more than a second one."""
        assert reinvite_value(rho=1, second=0.15, quota_value=0.3) == 0

"""The mixture-cure fit: reference values, recovery of a known truth, and what the prior does when data are few."""

from __future__ import annotations

import math
import pickle
import random
from collections import Counter
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invitekit.errors import DataError
from invitekit.insight.estimators._cure import CureFit, fit_cure, fit_families
from invitekit.insight.estimators._latency import Family, Latency
from invitekit.insight.estimators._likelihood import Likelihood, Row, read_rows
from invitekit.insight.estimators._maximise import inverse, maximise
from invitekit.insight.estimators._prior import Prior
from invitekit.model import UNKNOWN

ACCEPT, CLOSED = frozenset({"accept"}), frozenset({"closed"})
EITHER, PENDING = ACCEPT | CLOSED, frozenset[str]()
FAMILIES = list(Family)

# Diffuse histiocytic lymphoma, McKelvey and others 1976: a public data set with long follow-up, in days.
_EVENTS = (
    "4 6 6 10 11 11 11 13 17 19 20 20 21 22 24 24 29 30 30 31 32 33 34 35 39 40 42 42 45 46 50 56 63 68 82 85 88 "
    "89 90 93 94 104 110 134 137 169 171 173 175 184 201 207 222 253"
)
_CENSORED = "41 43 43 61 61 126 160 169 211 227 235 247 255 260 270 284 290 291 302 304 310 316 335 341 345 346"
LYMPHOMA: list[Row] = [
    *((None, float(t), float(t), ACCEPT) for t in _EVENTS.split()),
    *((None, float(t), None, PENDING) for t in _CENSORED.split()),
]
TRUTH = Latency(Family.LOG_LOGISTIC, 0.69, 0.84)
CLOSINGS = Latency(Family.LOG_LOGISTIC, 14, 1.2)
WEIBULL = Latency(Family.WEIBULL, 1.098, 0.4366)


def history(
    n: int,
    oldest: int,
    *,
    seed: int = 1,
    share: float = 0.3,
    closing: float = 0.0,
    latency: Latency = TRUTH,
    seen_late: bool = False,
) -> Counter[Row]:
    """Invitations sent over the last days, looked at weekly; some are first seen when already pending."""
    rng = random.Random(seed)
    rows: Counter[Row] = Counter()
    while rows.total() < n:
        age = rng.randint(0, oldest)
        fate, sent = rng.random(), rng.random()
        entry = rng.randrange(age) if seen_late and age and rng.random() < 0.5 else None
        day, cause = math.inf, PENDING
        if fate < share:
            day, cause = math.floor(min(1e9, sent + latency.quantile(rng.random()))), ACCEPT
        elif fate < share + closing:
            day, cause = math.floor(min(1e9, sent + CLOSINGS.quantile(rng.random()))), CLOSED
        if entry is not None and day <= entry:
            continue
        if day > age:
            rows[entry, age, None, PENDING] += 1
        elif cause is ACCEPT:
            rows[entry, day, day, ACCEPT] += 1
        else:
            week = 7 * (int(day) // 7) - 1
            rows[entry, week, min(week + 7, age), EITHER if rng.random() < 0.2 else CLOSED] += 1
    return rows


class TestReferenceValues:
    """Stationary points solved elsewhere in 25-digit arithmetic; maximum likelihood, continuous time."""

    @pytest.mark.parametrize(
        ("family", "log_likelihood", "parameters", "std_errs", "conditional"),
        [
            (
                "weibull",
                -328.50472808047306,
                (0.7435957519162331, 85.24727931999803, 1.0633100385773173),
                (0.30818041901420273, 0.16476261000815892, 0.12373844599579657),
                (0.5162378274588859, 0.4449120960923322, 0.4699787154979019),
            ),
            (
                "loglogistic",
                -327.25551638235646,
                (0.808157451968349, 61.388600895968516, 1.3745687172139112),
                (0.5055915841594345, 0.22502762754427746, 0.1526197239302537),
                (0.53472813992101, 0.42545851219476843, 0.5876764436192604),
            ),
            (
                "lognormal",
                -326.34166188463576,
                (0.8053082357080246, 61.41486790558228, 0.8189243390735774),
                (0.5382406054317673, 0.24850704431355983, 0.14843429113455345),
                (0.5275912601152629, 0.41374137467334904, 0.5878743387781559),
            ),
        ],
    )
    def test_lymphoma(
        self,
        family: str,
        log_likelihood: float,
        parameters: tuple[float, ...],
        std_errs: tuple[float, ...],
        conditional: tuple[float, ...],
    ) -> None:
        fit = fit_cure(LYMPHOMA, family=family, prior=None)
        assert fit.converged
        assert fit.log_likelihood == pytest.approx(log_likelihood, abs=1e-9)
        assert fit.log_posterior == fit.log_likelihood
        assert (fit.fraction, fit.latency.scale, fit.latency.shape) == pytest.approx(parameters, rel=1e-8)
        found = (fit.std_err_logit_fraction, fit.std_err_log_scale, fit.std_err_log_shape)
        assert found == pytest.approx(std_errs, rel=1e-5)
        chances = (fit.chance(0, 100), fit.chance(50, 150), fit.chance(100))
        assert chances == pytest.approx(conditional, abs=1e-9)
        assert fit.aic == pytest.approx(6 - 2 * log_likelihood)
        assert (fit.n, fit.accepted, fit.data_weight) == (80, 54, 1)


class TestLikelihood:
    @pytest.mark.parametrize("family", FAMILIES)
    @pytest.mark.parametrize("daily", [True, False])
    def test_the_gradient_is_the_slope_of_the_value(self, family: Family, daily: bool) -> None:
        rows: dict[Row, float] = {
            (None, 2, 2, ACCEPT): 3,
            (1, 4, 4, EITHER): 2,
            (None, 3, 9, CLOSED): 4,
            (2, 0, 9, EITHER): 1.5,
            (None, 7, 7, CLOSED): 1,
            (None, 30, None, PENDING): 9,
            (5, 60, None, PENDING): 2,
        }
        likelihood = Likelihood(read_rows(rows, daily=daily), family=family, daily=daily)
        at = [-0.7, 0.3, -0.4, -1.1, 1.9, 0.2]
        gradient = likelihood(at)[1]
        for place, slope in enumerate(gradient):
            ends = []
            for sign in (1, -1):
                moved = list(at)
                moved[place] += sign * 1e-5
                ends.append(likelihood(moved)[0])
            assert slope == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-6, abs=1e-6)

    def test_every_kind_of_row_counts_as_written_down(self) -> None:
        """One row of each kind, with the formula spelt out."""
        p1, p2 = 0.3, 0.2
        fast, slow = Latency(Family.WEIBULL, 2, 0.8), Latency(Family.WEIBULL, 20, 1.1)
        at = [
            math.log(p1 / (1 - p1)),
            math.log(2),
            math.log(0.8),
            math.log(p2 / (1 - p1 - p2)),
            math.log(20),
            math.log(1.1),
        ]

        def left(t: float) -> float:
            return 1 - p1 * fast.cdf(t) - p2 * slow.cdf(t)

        def between(curve: Latency, a: float, b: float) -> float:
            return curve.cdf(b) - curve.cdf(a)

        expected: dict[Row, float] = {
            (None, 5, 5, ACCEPT): p1 * fast.density(5),
            (None, 5, 5, CLOSED): p2 * slow.density(5),
            (None, 5, 5, EITHER): p1 * fast.density(5) + p2 * slow.density(5),
            (None, 2, 6, ACCEPT): p1 * between(fast, 2, 6),
            (None, -1, 6, CLOSED): p2 * slow.cdf(6),
            (None, 2, 6, EITHER): p1 * between(fast, 2, 6) + p2 * between(slow, 2, 6),
            (None, 9, None, PENDING): left(9),
            (3, 9, None, PENDING): left(9) / left(3),
            (3, 2, 6, CLOSED): p2 * between(slow, 3, 6) / left(3),
        }
        always: Row = (None, 1, 2, CLOSED)
        constant = math.log(p2 * between(slow, 1, 2))
        for row, chance in expected.items():
            value = Likelihood({row: 1.0, always: 1.0}, family=Family.WEIBULL, daily=False)(at)[0]
            if row == always:
                continue
            assert value - constant == pytest.approx(math.log(chance), rel=1e-12), row

    def test_on_the_daily_grid_a_day_is_an_interval(self) -> None:
        fit = fit_cure(history(200, 30), daily=True)
        day = Likelihood({(None, 3, 3, ACCEPT): 1.0}, family=fit.family, daily=True)(fit.parameters)[0]
        assert day == pytest.approx(math.log(fit.fraction * (fit.latency.daily(3) - fit.latency.daily(2))))
        pending = Likelihood({(2, 9, None, PENDING): 1.0}, family=fit.family, daily=True)(fit.parameters)[0]
        left = [1 - fit.fraction * fit.latency.daily(day) for day in (2, 9)]
        assert pending == pytest.approx(math.log(left[1] / left[0]))

    def test_a_known_day_and_its_interval_are_the_same(self) -> None:
        days = history(300, 60)
        spans: Counter[Row] = Counter()
        for (entry, left, right, causes), weight in days.items():
            spans[entry, left if right is None else left - 1, right, causes] += weight
        one, other = fit_cure(days, daily=True), fit_cure(spans, daily=True)
        assert one.log_likelihood == pytest.approx(other.log_likelihood, abs=1e-9)
        assert one.fraction == pytest.approx(other.fraction, rel=1e-9)

    def test_an_event_at_or_before_the_entry_is_not_counted(self) -> None:
        rows = history(100, 30)
        with_more = rows + Counter({(5, 5, 5, ACCEPT): 40, (9, 2, 8, ACCEPT): 7, (5, 5, None, PENDING): 3})
        assert fit_cure(with_more, daily=True) == fit_cure(rows, daily=True)


class TestRows:
    def test_rows_may_be_listed_or_counted_in_any_order(self) -> None:
        counted = history(150, 40, closing=0.1)
        listed = list(counted.elements())
        random.Random(3).shuffle(listed)
        assert fit_cure(listed, daily=True) == fit_cure(counted, daily=True)

    def test_a_weight_stands_for_that_many_rows(self) -> None:
        rows = history(80, 30)
        doubled = fit_cure({row: 2.0 * weight for row, weight in rows.items()}, daily=True)
        assert doubled == fit_cure(rows + rows, daily=True)
        assert doubled.n == 160

    @pytest.mark.parametrize(
        ("row", "message"),
        [
            ((None, 5, 5, PENDING), "an event needs its possible causes"),
            ((None, 5, None, ACCEPT), "a row without an end cannot have a cause"),
            ((None, 5, 4, ACCEPT), "ends before it begins"),
            ((None, 5, 5, frozenset({"declined"})), "a cause is not known"),
            ((None, math.nan, None, PENDING), "not a finite number"),
            ((None, 3, math.inf, ACCEPT), "not a finite number"),
            ((None, 0, 0, ACCEPT), "at or before the moment of sending"),
            ((None, "5", None, PENDING), "not made of numbers"),
            ((None, 5), r"not \(entry, left, right, causes\)"),
            (7, r"not \(entry, left, right, causes\)"),
        ],
    )
    def test_what_is_no_row_is_refused(self, row: Any, message: str) -> None:
        with pytest.raises(DataError, match=message) as caught:
            fit_cure([row])
        assert caught.value.hint

    def test_parts_of_days_do_not_fit_the_daily_grid(self) -> None:
        with pytest.raises(DataError, match="not a whole number of days"):
            fit_cure([(None, 1.5, None, PENDING)], daily=True)
        with pytest.raises(DataError, match="before the moment of sending"):
            fit_cure([(None, -1, -1, ACCEPT)], daily=True)

    @pytest.mark.parametrize("weight", [-1, math.nan, math.inf, "many"])
    def test_a_weight_is_a_number_of_invitations(self, weight: Any) -> None:
        with pytest.raises(DataError, match="a weight must be"):
            fit_cure({(None, 5, None, PENDING): weight})


class TestPrior:
    def test_without_data_it_is_the_published_curve(self) -> None:
        fit = fit_cure([])
        assert (fit.fraction, fit.latency) == (0.3, TRUTH)
        assert (fit.n, fit.data_weight, fit.log_likelihood, fit.converged) == (0, 0, 0, True)
        assert fit.closed_fraction is UNKNOWN

    @pytest.mark.parametrize("family", FAMILIES)
    def test_without_data_every_family_is_its_prior(self, family: Family) -> None:
        prior = Prior.of(family)
        fit = fit_cure({}, family=family)
        assert (fit.fraction, fit.latency) == (prior.fraction, Latency(family, prior.scale, prior.shape))

    @pytest.mark.parametrize("family", FAMILIES)
    @pytest.mark.parametrize("weight", [1e-9, 1e-6])
    def test_next_to_no_data_is_next_to_the_prior(self, family: Family, weight: float) -> None:
        """The search ends where the shortcut for no data begins, with the same covariance."""
        nothing, hardly = (
            fit_cure(rows, family=family, daily=True) for rows in ({}, {(None, 2, 2, ACCEPT): weight})
        )
        assert hardly.fraction == pytest.approx(nothing.fraction, rel=1e-5)
        assert hardly.latency.scale == pytest.approx(nothing.latency.scale, rel=1e-5)
        assert hardly.latency.shape == pytest.approx(nothing.latency.shape, rel=1e-5)
        assert hardly.log_posterior == pytest.approx(nothing.log_posterior, abs=1e-4)
        assert nothing.covariance is not UNKNOWN
        assert hardly.covariance is not UNKNOWN
        for one, other in zip(hardly.covariance, nothing.covariance, strict=True):
            assert one == pytest.approx(other, abs=1e-5)

    def test_the_published_chance_after_30_days(self) -> None:
        """1.7 % of those pending at 30 days are still accepted, at an eventual rate of 30 %."""
        assert fit_cure([]).chance(30) == pytest.approx(0.017, abs=5e-4)

    def test_the_log_normal_prior_spreads_as_the_log_logistic_one(self) -> None:
        """The standard deviation of ln t is pi / (sqrt(3) * shape) there and 1 / shape here."""
        assert 1 / Prior.of("log-normal").shape == pytest.approx(math.pi / math.sqrt(3) / Prior().shape)
        assert Prior.of("weibull") == Prior(alpha=4, beta=8, scale=1, shape=0.45)

    @pytest.mark.parametrize("logit", [-30.0, -1.0, 0.0, 2.0, 30.0])
    def test_its_gradient_and_curvature_are_those_of_its_density(self, logit: float) -> None:
        prior, at, step = Prior(), [logit, 0.4, -0.7], 1e-4
        for place in range(3):
            ends = []
            for sign in (1, -1):
                moved = list(at)
                moved[place] += sign * step
                ends.append(prior.log_density(moved))
            assert prior.log_density(at)[1][place] == pytest.approx(
                (ends[0][0] - ends[1][0]) / (2 * step), abs=1e-6
            )
            bend = -(ends[0][1][place] - ends[1][1][place]) / (2 * step)
            assert prior.curvature(logit)[place] == pytest.approx(bend, abs=1e-6)

    def test_its_density_adds_up_to_one(self) -> None:
        prior = Prior(alpha=2, beta=3, scale=1, log_scale_sd=0.5, shape=1, log_shape_sd=0.5)
        grid = [i / 5 for i in range(-40, 41)]
        narrow = [i / 5 for i in range(-13, 14)]
        mass = sum(
            math.exp(prior.log_density((a, b, c))[0]) * 0.2**3 for a in grid for b in narrow for c in narrow
        )
        assert mass == pytest.approx(1, abs=1e-3)

    @pytest.mark.parametrize("name", ["alpha", "beta", "scale", "log_scale_sd", "shape", "log_shape_sd"])
    @pytest.mark.parametrize("number", [0, -1, math.nan, "1"])
    def test_its_numbers_are_positive(self, name: str, number: Any) -> None:
        with pytest.raises(DataError, match=name):
            Prior(**{name: number})

    def test_with_neither_rows_nor_prior_there_is_nothing_to_fit(self) -> None:
        with pytest.raises(DataError, match="nothing to fit"):
            fit_cure([], prior=None)
        with pytest.raises(DataError, match="a prior is a Prior"):
            fit_cure([], prior="flat")  # type: ignore[arg-type]

    def test_data_outweigh_it_more_and_more(self) -> None:
        weights = [fit_cure(history(n, 120), daily=True).data_weight for n in (10, 30, 100, 300, 1000, 3000)]
        assert weights == sorted(weights)
        assert weights[0] < 0.5
        assert weights[-1] > 0.95

    def test_the_weight_of_data_is_one_minus_prior_over_total_curvature(self) -> None:
        fit = fit_cure(history(100, 60), daily=True)
        assert fit.covariance is not UNKNOWN
        assert fit.prior is not None
        logit = fit.parameters[0]
        by_hand = [1 - bend * fit.covariance[i][i] for i, bend in enumerate(fit.prior.curvature(logit))]
        assert fit.data_weights == pytest.approx(by_hand, abs=1e-9)
        assert fit.data_weight == pytest.approx(sum(by_hand) / 3, abs=1e-9)

    def test_with_little_follow_up_it_keeps_the_chance_sane(self) -> None:
        """60 invitations of up to 10 days: the likelihood alone says anything from 0 to 100 % (truth 4.3 %)."""
        with_prior, without = [], []
        for seed in range(20):
            rows = history(60, 10, seed=seed, latency=WEIBULL)
            with_prior.append(fit_cure(rows, family="weibull", daily=True).chance(7))
            without.append(fit_cure(rows, family="weibull", prior=None, daily=True).chance(7))
        assert 0.002 < min(with_prior) < 0.043 < max(with_prior) < 0.12
        assert min(without) < 0.001
        assert max(without) > 0.5

    def test_with_2000_invitations_it_no_longer_matters(self) -> None:
        rows = history(2000, 120, latency=WEIBULL)
        with_prior = fit_cure(rows, family="weibull", daily=True)
        without = fit_cure(rows, family="weibull", prior=None, daily=True)
        assert with_prior.chance(7) == pytest.approx(without.chance(7), abs=0.003)
        assert with_prior.chance(7) == pytest.approx(0.043, abs=0.015)


class TestRecovery:
    @pytest.mark.parametrize("seen_late", [False, True])
    def test_a_known_truth_is_found_again(self, seen_late: bool) -> None:
        """Also when half of the invitations are first seen while already pending: early answers are hidden."""
        fit = fit_cure(history(4000, 150, closing=0.15, seen_late=seen_late), daily=True, prior=None)
        assert fit.converged
        assert fit.closed_fraction is not UNKNOWN
        assert fit.closed_latency is not UNKNOWN
        assert fit.covariance is not UNKNOWN
        accepting = (math.log(0.3 / 0.7), math.log(0.69), math.log(0.84))
        truth = (*accepting, math.log(0.15 / 0.55), math.log(14), math.log(1.2))
        for found, expected, row, place in zip(fit.parameters, truth, fit.covariance, range(6), strict=True):
            assert abs(found - expected) < 3.5 * math.sqrt(row[place])

    def test_ignoring_late_entry_would_not_find_it(self) -> None:
        rows = history(3000, 150, seen_late=True)
        ignored: Counter[Row] = Counter()
        for (_, left, right, causes), weight in rows.items():
            ignored[None, left, right, causes] += weight
        assert fit_cure(rows, daily=True).fraction == pytest.approx(0.3, abs=0.03)
        assert fit_cure(ignored, daily=True).fraction < 0.25

    def test_the_interval_covers_the_truth_about_as_often_as_it_says(self) -> None:
        truth = fit_cure([], daily=True).chance(7, 30)
        fits = [fit_cure(history(150, 30, seed=seed), daily=True) for seed in range(50)]
        estimates = [fit.chance_estimate(7, 30, 0.9) for fit in fits]
        covered = sum(float(e.lower) <= truth <= float(e.upper) for e in estimates)  # type: ignore[arg-type]
        assert 40 <= covered <= 50

    @pytest.mark.parametrize("family", FAMILIES)
    def test_other_starts_find_nothing_higher(self, family: Family) -> None:
        rng = random.Random(7)
        rows = read_rows(history(120, 20, closing=0.2), daily=True)
        fit = fit_cure(rows, family=family, daily=True)
        data = Likelihood(rows, family=family, daily=True)
        priors = (Prior.of(family), Prior.of_closing(family))

        def posterior(point: Any) -> tuple[float, list[float]]:
            if any(abs(number) > 8 for number in point):
                return -math.inf, [0.0] * 6
            value, gradient = data(point)
            for place, prior in enumerate(priors):
                more, slopes = prior.log_density(point[3 * place : 3 * place + 3])
                value += more
                gradient = [
                    g + (slopes[i - 3 * place] if 0 <= i - 3 * place < 3 else 0) for i, g in enumerate(gradient)
                ]
            return value, gradient

        starts = [[rng.uniform(-3, 2), rng.uniform(-2, 3), rng.uniform(-1, 1)] * 2 for _ in range(3)]
        assert maximise(posterior, starts).value == pytest.approx(fit.log_posterior, abs=1e-8)
        assert max(map(abs, posterior(fit.parameters)[1])) < 1e-5


class TestDegenerateData:
    """Nothing crashes, and what has no answer says so."""

    HISTORIES: ClassVar[dict[str, dict[Row, float]]] = {
        "all accepted on day 0": {(None, 0, 0, ACCEPT): 50},
        "one accepted": {(None, 3, 3, ACCEPT): 1},
        "one pending": {(None, 5, None, PENDING): 1},
        "none accepted": {(None, 200, None, PENDING): 500},
        "all pending since today": {(None, 0, None, PENDING): 30},
        "all on one late day": {(None, 100, 100, ACCEPT): 40},
        "all closed some time": {(None, -1, 200, CLOSED): 40},
        "all gone some time": {(None, -1, 200, EITHER): 40},
        "ages of a century": {(None, 36500, 36500, ACCEPT): 3, (None, 36500, None, PENDING): 3},
        "late entries only": {(100, 101, None, PENDING): 10, (100, 120, 120, ACCEPT): 1},
    }

    @pytest.mark.parametrize("family", FAMILIES)
    @pytest.mark.parametrize("name", list(HISTORIES))
    def test_with_a_prior_there_is_always_an_answer(self, name: str, family: Family) -> None:
        fit = fit_cure(self.HISTORIES[name], family=family, daily=True)
        assert fit.converged
        assert 0 < fit.fraction < 1
        assert 0 <= fit.data_weight < 1
        estimate = fit.chance_estimate(3, 120)
        assert estimate.lower is not UNKNOWN
        assert estimate.upper is not UNKNOWN
        assert 0 <= estimate.lower <= float(estimate) <= estimate.upper <= 1

    @pytest.mark.parametrize("family", FAMILIES)
    @pytest.mark.parametrize("name", [name for name in HISTORIES if name != "late entries only"])
    def test_without_one_what_has_no_maximum_is_flagged(self, name: str, family: Family) -> None:
        fit = fit_cure(self.HISTORIES[name], family=family, daily=True, prior=None)
        assert not fit.converged
        assert (fit.covariance, fit.std_err_logit_fraction) == (UNKNOWN, UNKNOWN)
        assert 0 <= fit.fraction <= 1
        assert 0 <= fit.chance(3) <= 1
        assert fit.chance_estimate(3).lower is UNKNOWN
        assert "did not converge" in str(fit)

    def test_a_million_times_the_data_is_the_same_curve(self) -> None:
        rows = history(500, 90, closing=0.1)
        one = fit_cure(rows, daily=True, prior=None)
        many = fit_cure({row: 1e6 * weight for row, weight in rows.items()}, daily=True)
        assert many.converged
        assert many.parameters == pytest.approx(one.parameters, abs=1e-4)

    @settings(max_examples=15, deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.one_of(st.none(), st.integers(-1, 5)),
                st.integers(-1, 60),
                st.one_of(st.none(), st.integers(0, 20)),
                st.sampled_from([ACCEPT, CLOSED, EITHER]),
                st.floats(0, 1e4),
            ),
            max_size=8,
        ),
        st.sampled_from(FAMILIES),
    )
    def test_any_rows_have_a_fit(self, drawn: list[Any], family: Family) -> None:
        rows: dict[Row, float] = {}
        for entry, left, length, causes, weight in drawn:
            right = None if length is None else max(left + length, 0)
            rows[entry, left, right, PENDING if right is None else causes] = weight
        fit = fit_cure(rows, family=family, daily=True)
        assert 0 <= fit.fraction <= 1
        assert 0 <= fit.open_at(30) <= 1
        assert 0 <= fit.data_weight <= 1
        assert all(0 <= a + c <= 1 for a, c in zip(*fit.hazards(30), strict=True))


@pytest.fixture(scope="module")
def fit() -> CureFit:
    return fit_cure(history(600, 100, closing=0.15), daily=True)


class TestWhatAFitSays:
    def test_the_shares_add_up(self, fit: CureFit) -> None:
        for day in (-1, 0, 7, 100):
            assert fit.open_at(day) + fit.accepted_by(day) + fit.closed_by(day) == pytest.approx(1, abs=1e-12)
        assert fit.open_at(-1) == 1

    def test_a_chance_is_the_share_accepted_later_among_those_pending(self, fit: CureFit) -> None:
        by_hand = (fit.accepted_by(60) - fit.accepted_by(14)) / fit.open_at(14)
        assert fit.chance(14, 60) == pytest.approx(by_hand, rel=1e-9)
        assert fit.chance(14) == pytest.approx((fit.fraction - fit.accepted_by(14)) / fit.open_at(14), rel=1e-9)
        assert fit.chance(14, 14) == 0
        assert fit.chance(14, math.inf) == fit.chance(14)
        assert fit.chance(-1) == pytest.approx(fit.fraction)

    def test_an_older_invitation_has_a_smaller_chance(self, fit: CureFit) -> None:
        chances = [fit.chance(day) for day in range(0, 180, 5)]
        assert chances == sorted(chances, reverse=True)

    def test_daily_chances_chain_to_the_curve(self, fit: CureFit) -> None:
        accepted, closed = fit.hazards(180)
        assert len(accepted) == len(closed) == 180
        assert accepted[9] == pytest.approx(fit.chance(9, 10), rel=1e-12)
        left = fit.open_at(0)
        for a, c in zip(accepted, closed, strict=True):
            left *= 1 - a - c
        assert left == pytest.approx(fit.open_at(180), rel=1e-9)

    def test_without_closings_none_are_expected(self) -> None:
        fit = fit_cure(history(50, 30), daily=True)
        assert (fit.closed_fraction, fit.closed_latency, fit.closed_by(30)) == (UNKNOWN, UNKNOWN, 0)
        assert fit.hazards(3)[1] == (0, 0, 0)
        assert len(fit.data_weights) == 3

    def test_continuous_time_uses_the_curve_itself(self) -> None:
        fit = fit_cure(LYMPHOMA)
        assert fit.accepted_by(50) == fit.fraction * fit.latency.cdf(50)
        assert fit.chance(50, 51) == pytest.approx(fit.hazards(51)[0][50])

    def test_the_interval_widens_with_confidence_and_narrows_with_data(self, fit: CureFit) -> None:
        def width(of: CureFit, confidence: float) -> float:
            estimate = of.chance_estimate(14, 60, confidence)
            return float(estimate.upper) - float(estimate.lower)  # type: ignore[arg-type]

        assert width(fit, 0.5) < width(fit, 0.95) < width(fit, 0.99)
        assert width(fit_cure(history(6000, 100), daily=True), 0.95) < width(fit, 0.95)
        estimate = fit.chance_estimate(14, 60)
        assert (estimate.confidence, estimate.n, estimate.interval) == (0.95, 600, "delta")

    def test_for_the_share_itself_the_delta_method_is_its_standard_error(self, fit: CureFit) -> None:
        estimate = fit.chance_estimate(-1, None, 0.95)
        assert fit.std_err_logit_fraction is not UNKNOWN
        reach = 1.959963984540054 * fit.std_err_logit_fraction
        upper = 1 / (1 + math.exp(-(fit.parameters[0] + reach)))
        assert estimate.upper == pytest.approx(upper, rel=1e-6)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ((-2,), "an age must be"),
            ((math.nan,), "an age must be"),
            ((7, 3), "a horizon must be"),
            ((7, math.nan), "a horizon must be"),
        ],
    )
    def test_a_chance_is_asked_for_at_an_age(self, fit: CureFit, arguments: Any, message: str) -> None:
        with pytest.raises(DataError, match=message):
            fit.chance(*arguments)

    @pytest.mark.parametrize("confidence", [0, 1, 95, math.nan])
    def test_confidence_is_a_share(self, fit: CureFit, confidence: float) -> None:
        with pytest.raises(DataError, match="confidence"):
            fit.chance_estimate(7, 30, confidence)

    def test_negative_days_are_refused(self, fit: CureFit) -> None:
        with pytest.raises(DataError, match="from 0 to 36,500"):
            fit.hazards(-1)

    def test_it_prints_pickles_and_makes_a_record(self, fit: CureFit) -> None:
        assert "ever accepted, half of them within" in repr(fit)
        assert pickle.loads(pickle.dumps(fit)) == fit
        record = fit.to_record()
        assert record["n"] == 600
        assert record["family"] == "log-logistic"
        assert fit_cure([]).to_record()["closed_fraction"] is None
        assert dict(fit.__rich_repr__())["n"] == 600


class TestFamilies:
    def test_the_family_of_the_truth_gets_the_weight(self) -> None:
        fits = fit_families(history(3000, 150, latency=WEIBULL), daily=True)
        assert fits.best.family is Family.WEIBULL
        assert sum(fits.weights) == pytest.approx(1)
        assert fits.weights[FAMILIES.index(Family.WEIBULL)] > 0.9

    def test_the_spread_of_the_tail_is_shown(self) -> None:
        fits = fit_families(history(400, 60), daily=True)
        low, high = fits.spread(30)
        chances = [fit.chance(30) for fit in fits.fits]
        assert (low, high) == (min(chances), max(chances))
        assert low < fits.chance(30) < high

    def test_without_data_all_are_equal(self) -> None:
        fits = fit_families([])
        assert fits.weights == pytest.approx((1 / 3, 1 / 3, 1 / 3))
        assert fits.best.family is Family.LOG_LOGISTIC

    def test_rows_may_come_from_a_generator(self) -> None:
        rows = history(60, 30)
        assert fit_families((row for row in rows.elements()), daily=True) == fit_families(rows, daily=True)

    def test_no_family_is_no_fit(self) -> None:
        with pytest.raises(DataError, match="no family"):
            fit_families([], families=())

    def test_it_prints_and_makes_records(self) -> None:
        fits = fit_families(history(60, 30), daily=True)
        assert "log-normal" in repr(fits)
        assert "<table>" in fits._repr_html_()
        assert [record["family"] for record in fits.to_records()] == [str(family) for family in FAMILIES]


class TestInverse:
    def test_scales_apart_are_no_defect(self) -> None:
        found = inverse([[1e-8, 0.0], [0.0, 1e12]])
        assert found is not None
        assert found[0][0] == pytest.approx(1e8)
        assert found[1][1] == pytest.approx(1e-12)

    @pytest.mark.parametrize(
        "matrix",
        [[[1.0, 1.0], [1.0, 1.0]], [[0.0]], [[-1.0]], [[math.nan]], [[math.inf]], [[1.0, 2.0], [2.0, 1.0]]],
    )
    def test_what_has_no_inverse_has_none(self, matrix: list[list[float]]) -> None:
        assert inverse(matrix) is None

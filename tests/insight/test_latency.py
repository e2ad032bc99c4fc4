"""Latency curves: the three families, their tails, and the daily grid."""

from __future__ import annotations

import math
import pickle
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invitekit.errors import DataError
from invitekit.insight.estimators._latency import TIMES_OF_DAY, Family, Latency, standard_curve

FAMILIES = list(Family)
curves = st.builds(Latency, st.sampled_from(FAMILIES), st.floats(1e-3, 1e3), st.floats(0.05, 20))
wild_curves = st.builds(Latency, st.sampled_from(FAMILIES), st.floats(1e-300, 1e300), st.floats(1e-300, 1e300))


class TestFamilies:
    @pytest.mark.parametrize("text", ["log-logistic", "loglogistic", "Log_Logistic", "log logistic"])
    def test_a_name_is_read_however_it_is_spelt(self, text: str) -> None:
        assert Family.of(text) is Family.LOG_LOGISTIC

    @pytest.mark.parametrize("family", FAMILIES)
    def test_a_family_is_a_text_and_reads_itself(self, family: Family) -> None:
        assert Family.of(family) is family
        assert Latency(family.value, 1, 1).family is family

    def test_an_unknown_name_lists_the_known_ones(self) -> None:
        with pytest.raises(DataError, match="no latency family 'gamma'") as caught:
            Family.of("gamma")
        assert "log-normal" in caught.value.hint

    def test_values_from_the_definition(self) -> None:
        """The cdf at t = 2 with scale 1 and shape 1.5, written out."""
        x = 1.5 * math.log(2)
        assert Latency(Family.LOG_LOGISTIC, 1, 1.5).cdf(2) == pytest.approx(1 / (1 + math.exp(-x)), rel=1e-14)
        assert Latency(Family.WEIBULL, 1, 1.5).cdf(2) == pytest.approx(1 - math.exp(-math.exp(x)), rel=1e-14)
        assert Latency(Family.LOG_NORMAL, 1, 1.5).cdf(2) == pytest.approx(
            statistics.NormalDist().cdf(x), rel=1e-14
        )

    def test_the_published_curve(self) -> None:
        """Median 0.69 days and 96 % within 30 days, as measured on member exports."""
        curve = Latency(Family.LOG_LOGISTIC, 0.69, 0.84)
        assert curve.quantile(0.5) == pytest.approx(0.69, rel=1e-14)
        assert round(curve.cdf(30), 2) == 0.96

    @pytest.mark.parametrize(
        ("scale", "shape"), [(0, 1), (1, 0), (-1, 1), (math.nan, 1), (1, math.inf), (True, 1)]
    )
    def test_scale_and_shape_are_positive_numbers(self, scale: float, shape: float) -> None:
        with pytest.raises(DataError, match="positive finite number"):
            Latency(Family.WEIBULL, scale, shape)

    def test_a_curve_survives_pickling(self) -> None:
        curve = Latency(Family.WEIBULL, 1.1, 0.44)
        assert pickle.loads(pickle.dumps(curve)) == curve


class TestCurves:
    @given(curves, st.floats(0, 1e4), st.floats(0, 1e4))
    def test_the_share_answered_never_falls(self, curve: Latency, one: float, other: float) -> None:
        early, late = sorted((one, other))
        assert 0 <= curve.cdf(early) <= curve.cdf(late) <= 1
        assert curve.survival(early) >= curve.survival(late)

    @given(curves, st.floats(1e-3, 1e4))
    def test_answered_and_open_make_one(self, curve: Latency, t: float) -> None:
        assert curve.cdf(t) + curve.survival(t) == pytest.approx(1, abs=1e-14)

    @given(curves, st.floats(0.001, 0.999))
    def test_the_quantile_undoes_the_cdf(self, curve: Latency, q: float) -> None:
        t = curve.quantile(q)
        if 1e-300 < t < 1e300:
            assert curve.cdf(t) == pytest.approx(q, rel=1e-9)

    @given(st.sampled_from(FAMILIES), st.floats(0.3, 3), st.floats(0.3, 3), st.floats(0.2, 5))
    def test_the_density_is_the_slope_of_the_cdf(
        self, family: Family, scale: float, shape: float, t: float
    ) -> None:
        curve = Latency(family, scale, shape)
        step = 1e-5 * t
        slope = (curve.cdf(t + step) - curve.cdf(t - step)) / (2 * step)
        assert curve.density(t) == pytest.approx(slope, rel=1e-5, abs=1e-9)

    @given(wild_curves, st.floats(-1e300, 1e300), st.floats(0, 1))
    def test_no_parameters_and_no_age_overflow(self, curve: Latency, t: float, q: float) -> None:
        assert 0 <= curve.cdf(t) <= 1
        assert 0 <= curve.survival(t) <= 1
        assert 0 <= curve.density(t) < math.inf
        assert 0 <= curve.daily(t) <= 1
        assert curve.quantile(q) >= 0

    @pytest.mark.parametrize("family", FAMILIES)
    def test_the_far_tail_keeps_its_digits(self, family: Family) -> None:
        """Where 1 - cdf has rounded to 0, the share still to come has not."""
        curve = Latency(family, 1, 4)
        t = {Family.LOG_LOGISTIC: 1e6, Family.LOG_NORMAL: 10.0, Family.WEIBULL: 3.0}[family]
        assert curve.cdf(t) == 1
        assert 0 < curve.survival(t) < 1e-16

    @pytest.mark.parametrize("family", FAMILIES)
    def test_nothing_happens_before_sending_and_all_in_the_end(self, family: Family) -> None:
        curve = Latency(family, 2, 0.7)
        assert (curve.cdf(-1), curve.cdf(0), curve.density(0), curve.density(-3)) == (0, 0, 0, 0)
        assert (curve.cdf(math.inf), curve.survival(math.inf), curve.density(math.inf)) == (1, 0, 0)
        assert (curve.quantile(0), curve.quantile(1)) == (0, math.inf)

    @pytest.mark.parametrize("q", [-0.1, 1.1, math.nan])
    def test_a_quantile_is_asked_for_at_a_share(self, q: float) -> None:
        with pytest.raises(DataError, match="between 0 and 1"):
            Latency(Family.WEIBULL, 1, 1).quantile(q)

    def test_an_age_that_is_no_number_is_refused(self) -> None:
        curve = Latency(Family.WEIBULL, 1, 1)
        with pytest.raises(DataError, match="nan"):
            curve.cdf(math.nan)
        with pytest.raises(DataError, match="nan"):
            curve.density(math.nan)

    @given(st.sampled_from(FAMILIES), st.floats(-5, 5))
    def test_the_standard_curve_gives_both_shares_and_the_slope(self, family: Family, x: float) -> None:
        curve = standard_curve(family)
        done, left, density = curve(x)
        assert done + left == pytest.approx(1, abs=1e-15)
        assert density == pytest.approx((curve(x + 1e-5)[0] - curve(x - 1e-5)[0]) / 2e-5, rel=1e-4, abs=1e-9)


class TestDailyGrid:
    def test_it_is_the_mean_over_four_times_of_day(self) -> None:
        curve = Latency(Family.LOG_LOGISTIC, 0.69, 0.84)
        expected = statistics.fmean(curve.cdf(2 + 1 - u) for u in (0.125, 0.375, 0.625, 0.875))
        assert curve.daily(2) == pytest.approx(expected, rel=1e-15)
        assert TIMES_OF_DAY == (0.125, 0.375, 0.625, 0.875)

    @given(curves)
    def test_nothing_is_answered_before_the_day_of_sending(self, curve: Latency) -> None:
        assert curve.daily(-1) == 0
        assert curve.daily_survival(-1) == 1
        assert curve.daily(0) >= 0

    @given(curves, st.integers(-1, 400))
    def test_it_lies_between_the_curve_a_day_apart(self, curve: Latency, k: int) -> None:
        assert curve.cdf(k) <= curve.daily(k) <= curve.cdf(k + 1)
        assert curve.daily(k) + curve.daily_survival(k) == pytest.approx(1, abs=1e-14)

    def test_a_third_of_the_published_acceptances_come_on_the_day_of_sending(self) -> None:
        """38 % were measured; the curve fitted to whole days says much the same."""
        assert 0.33 < Latency(Family.LOG_LOGISTIC, 0.69, 0.84).daily(0) < 0.43

    def test_days_lists_it(self) -> None:
        curve = Latency(Family.WEIBULL, 1.1, 0.44)
        assert curve.days(3) == (curve.daily(0), curve.daily(1), curve.daily(2))

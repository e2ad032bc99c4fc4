"""Shares, their intervals, shrinkage of small groups, and the rate of a cohort that is still young."""

# mypy: disable-error-code="operator, arg-type, list-item"
# An estimate may be unknown: a test that compares it says that here it is not. Refusals are asked for on purpose.

from __future__ import annotations

import math
import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invitekit.errors import DataError
from invitekit.insight.estimators._proportions import (
    beta_interval,
    clopper_pearson,
    maturity_adjusted_rate,
    shrink,
    wilson_interval,
)
from invitekit.insight.estimators._special import beta_cdf, beta_quantile, log_beta, normal_quantile
from invitekit.model import UNKNOWN

COUNTS = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
LEVELS = st.sampled_from([0.5, 0.8, 0.95, 0.999])


# ── Special functions ────────────────────────────────────────────────────────────────────────────────────────────


def test_the_normal_quantile_is_the_textbook_number() -> None:
    assert normal_quantile(0.975) == pytest.approx(1.959963984540054, abs=1e-15)
    assert normal_quantile(0.5) == 0


@pytest.mark.parametrize("p", [0, 1, -0.1, math.nan, math.inf])
def test_a_quantile_of_no_share_is_refused(p: float) -> None:
    with pytest.raises(DataError):
        normal_quantile(p)


@given(st.integers(1, 60), st.integers(1, 60), st.floats(0.01, 0.99))
def test_the_beta_distribution_is_a_binomial_sum(a: int, b: int, x: float) -> None:
    """For whole shapes P(Beta(a, b) <= x) is P(at least a of a + b - 1 successes)."""
    n = a + b - 1
    direct = math.fsum(math.comb(n, k) * x**k * (1 - x) ** (n - k) for k in range(a, n + 1))
    assert beta_cdf(x, a, b) == pytest.approx(direct, abs=1e-13)


@given(st.floats(0.05, 3000), st.floats(0.05, 3000), st.floats(0.001, 0.999))
def test_the_beta_quantile_undoes_the_distribution(a: float, b: float, p: float) -> None:
    x = beta_quantile(p, a, b)
    below, above = x * (1 - 1e-9), x + (1 - x) * 1e-9 + 1e-15
    assert beta_cdf(below, a, b) <= p + 1e-10
    assert beta_cdf(above, a, b) >= p - 1e-10
    assert x == pytest.approx(1 - beta_quantile(1 - p, b, a), abs=1e-10)


def test_the_ends_of_a_beta_distribution() -> None:
    assert (beta_cdf(-1, 2, 3), beta_cdf(0, 2, 3), beta_cdf(1, 2, 3), beta_cdf(2, 2, 3)) == (0, 0, 1, 1)
    assert (beta_quantile(0, 2, 3), beta_quantile(1, 2, 3)) == (0, 1)
    assert log_beta(2, 3) == pytest.approx(math.log(1 / 12), abs=1e-15)
    assert log_beta(1e6, 1e6) == pytest.approx(log_beta(1e6 + 1, 1e6) + math.log(2 + 1e-6) - math.log(1 + 1e-6))


@pytest.mark.parametrize(("a", "b"), [(0, 1), (1, -1), (math.nan, 1), (math.inf, 1)])
def test_shapes_that_are_none_are_refused(a: float, b: float) -> None:
    with pytest.raises(DataError):
        beta_cdf(0.5, a, b)
    with pytest.raises(DataError):
        beta_quantile(0.5, a, b)
    with pytest.raises(DataError):
        beta_interval(a, b)


# ── One share ────────────────────────────────────────────────────────────────────────────────────────────────────


@given(COUNTS, LEVELS)
def test_wilson_holds_the_share_and_is_its_own_mirror_image(counts: tuple[int, int], confidence: float) -> None:
    k, n = counts
    found, other = wilson_interval(k, n, confidence), wilson_interval(n - k, n, confidence)
    assert 0 <= found.lower <= found.value <= found.upper <= 1
    assert found.lower == pytest.approx(1 - other.upper, abs=1e-12)
    assert (found.lower == 0) == (k == 0)
    assert (found.upper == 1) == (k == n)
    assert (found.n, found.confidence, found.interval) == (n, confidence, "wilson")


@given(COUNTS)
def test_the_ends_of_wilson_are_where_the_score_test_just_rejects(counts: tuple[int, int]) -> None:
    k, n = counts
    found = wilson_interval(k, n)
    for end in (found.lower, found.upper):
        if 0 < end < 1:
            assert abs(k / n - end) / math.sqrt(end * (1 - end) / n) == pytest.approx(1.959963984540054, rel=1e-9)


@given(COUNTS, LEVELS)
def test_clopper_pearson_cuts_off_exactly_its_tails(counts: tuple[int, int], confidence: float) -> None:
    k, n = counts
    found, tail = clopper_pearson(k, n, confidence), (1 - confidence) / 2

    def at_least(successes: int, p: float) -> float:
        return math.fsum(math.comb(n, j) * p**j * (1 - p) ** (n - j) for j in range(successes, n + 1))

    if k:
        assert at_least(k, found.lower) == pytest.approx(tail, abs=1e-9)
    if k < n:
        assert 1 - at_least(k + 1, found.upper) == pytest.approx(tail, abs=1e-9)
    assert found.value == k / n


@pytest.mark.parametrize("make", [wilson_interval, clopper_pearson])
def test_of_nothing_nothing_is_known(make: Any) -> None:
    found = make(0, 0)
    assert (found.value, found.lower, found.upper, found.n) == (UNKNOWN, 0, 1, 0)


@pytest.mark.parametrize("make", [wilson_interval, clopper_pearson])
@pytest.mark.parametrize(
    ("successes", "trials"), [(2, 1), (-1, 3), (math.nan, 3), (1, math.inf), ("1", 3), (True, 3), (1, None)]
)
def test_counts_that_make_no_share_are_refused(make: Any, successes: Any, trials: Any) -> None:
    with pytest.raises(DataError, match="0 to n out of n"):
        make(successes, trials)


@pytest.mark.parametrize("confidence", [0, 1, 95, -1, math.nan, "0.95", True, None])
def test_a_confidence_that_is_none_is_refused(confidence: Any) -> None:
    for call in (
        lambda: wilson_interval(1, 2, confidence),
        lambda: clopper_pearson(1, 2, confidence),
        lambda: beta_interval(1, 2, confidence),
        lambda: shrink([(1, 2)], confidence),
        lambda: maturity_adjusted_rate(1, [0.5], confidence=confidence),
    ):
        with pytest.raises(DataError, match="confidence"):
            call()


# ── Many small shares ────────────────────────────────────────────────────────────────────────────────────────────

GROUPS = st.lists(COUNTS, min_size=2, max_size=12)


@given(GROUPS)
@settings(max_examples=60)
def test_every_group_is_drawn_towards_the_common_share(groups: list[tuple[int, int]]) -> None:
    found = shrink(groups)
    total = sum(k for k, _ in groups) / sum(n for _, n in groups)
    assert found.mean == pytest.approx(total)
    for (k, n), estimate in zip(groups, found.estimates, strict=True):
        low, high = sorted((k / n, total))
        assert low - 1e-12 <= estimate.value <= high + 1e-12
        assert 0 <= estimate.lower <= estimate.upper <= 1
    if found.rho:
        assert found.strength == pytest.approx(1 / found.rho - 1)
        assert found.alpha + found.beta == pytest.approx(found.strength)


@given(GROUPS, st.randoms())
@settings(max_examples=40)
def test_the_order_of_groups_changes_nothing(groups: list[tuple[int, int]], random: Any) -> None:
    order = list(range(len(groups)))
    random.shuffle(order)
    mixed = shrink([groups[i] for i in order])
    plain = shrink(groups)
    assert mixed.rho == pytest.approx(plain.rho, abs=1e-12)
    for place, number in enumerate(order):
        assert mixed.estimates[place].value == pytest.approx(plain.estimates[number].value, abs=1e-9)


@pytest.mark.parametrize(
    "groups",
    [
        [(3, 10)],
        [(0, 5), (0, 7)],
        [(5, 5), (7, 7)],
        [(3, 10), (3, 10)],
        [(1, 1), (0, 1), (1, 1)],
        [(2, 9), (0, 0)],
    ],
    ids=["one", "none", "all", "alike", "single trials", "one with trials"],
)
def test_where_nothing_tells_groups_apart_they_are_pooled(groups: list[tuple[int, int]]) -> None:
    found = shrink(groups)
    pooled = wilson_interval(sum(k for k, _ in groups), sum(n for _, n in groups))
    assert (found.rho, found.strength, found.alpha) == (0, math.inf, math.inf)
    for estimate in found.estimates:
        assert (estimate.value, estimate.lower, estimate.upper) == (pooled.value, pooled.lower, pooled.upper)
        assert estimate.interval == "pooled"


def test_no_group_and_no_trial() -> None:
    assert shrink([]).estimates == ()
    assert shrink([]).mean is UNKNOWN
    assert shrink([(0, 0), (0, 0)]).estimates[0].value is UNKNOWN


def test_a_group_without_a_trial_gets_the_common_share() -> None:
    found = shrink([(1, 10), (9, 10), (0, 0), (5, 10)])
    assert found.estimates[2].value == pytest.approx(found.mean)
    assert found.estimates[2].n == 0


def test_groups_that_could_not_differ_more_keep_a_proper_prior() -> None:
    found = shrink([(0, 10), (10, 10)])
    assert 0.5 < found.rho < 1
    assert found.estimates[0].value < 0.02
    assert found.estimates[0].lower < found.estimates[0].value < found.estimates[0].upper


def test_fractions_may_be_counted() -> None:
    """Effective numbers of censored cohorts are no whole numbers."""
    assert shrink([(1.5, 4.25), (7.25, 9.5), (0.25, 8.0)]).estimates[0].n == 4.25


def test_a_wrong_group_is_named() -> None:
    with pytest.raises(DataError, match=r"groups\.1"):
        shrink([(1, 2), (3, 2)])


# ── A rate that is still growing up ──────────────────────────────────────────────────────────────────────────────


def test_six_of_twenty_with_a_young_rest_is_more_than_thirty_percent() -> None:
    found = maturity_adjusted_rate(6, [0.3, 0.5, 0.6, 0.65, 0.7, 0.75] + [0.85] * 8)
    assert found.naive == 0.3
    assert found.mle > 0.36
    assert 6 < found.maturity < 20


@given(st.integers(0, 30), st.integers(0, 30))
def test_with_everybody_grown_up_it_is_the_plain_share_and_the_beta_posterior(accepted: int, pending: int) -> None:
    found = maturity_adjusted_rate(accepted, [1.0] * pending, prior=(2, 3))
    posterior = beta_interval(accepted + 2, pending + 3)
    if accepted + pending:
        assert found.mle == pytest.approx(accepted / (accepted + pending), abs=1e-14)
    assert found.estimate.value == pytest.approx(posterior.value, abs=1e-12)
    assert found.estimate.lower == pytest.approx(posterior.lower, abs=1e-9)
    assert found.estimate.upper == pytest.approx(posterior.upper, abs=1e-9)


@given(st.integers(1, 40), st.lists(st.floats(0, 1), min_size=1, max_size=40))
@settings(max_examples=60)
def test_the_likeliest_share_is_the_likeliest(accepted: int, reached: list[float]) -> None:
    found = maturity_adjusted_rate(accepted, reached)

    def likelihood(p: float) -> float:
        terms = [1 - p * f for f in reached]
        return -math.inf if min(terms) <= 0 else accepted * math.log(p) + math.fsum(map(math.log, terms))

    best = likelihood(found.mle)
    for step in (1e-5, 1e-3, 0.1):
        for p in (found.mle - step, found.mle + step):
            if 0 < p <= 1:
                assert likelihood(p) <= best + 1e-9
    assert found.naive <= found.mle + 1e-12
    assert found.estimate.lower <= found.estimate.value <= found.estimate.upper


def test_nobody_has_accepted_and_nobody_had_the_chance() -> None:
    assert maturity_adjusted_rate(0, []).naive is UNKNOWN
    assert maturity_adjusted_rate(0, [0.0, 0.0]).mle is UNKNOWN
    assert maturity_adjusted_rate(0, [0.5]).mle == 0
    assert maturity_adjusted_rate(2, [0.0]).mle == 1
    assert maturity_adjusted_rate(0, [], prior=(6, 14)).estimate.value == pytest.approx(0.3, abs=1e-12)


def test_thousands_of_pending_and_of_different_ages() -> None:
    """Products of thousands of factors would be 0; and the grid is narrow where the posterior is."""
    spread = [number / 5000 for number in range(5000)]
    found = maturity_adjusted_rate(2000, spread)
    assert found.mle == pytest.approx(found.estimate.value, abs=2e-3)
    assert 0.02 < found.estimate.upper - found.estimate.lower < 0.06
    sharp = maturity_adjusted_rate(300_000, [1.0] * 700_000)
    exact = beta_interval(300_001, 700_001)
    assert sharp.estimate.lower == pytest.approx(exact.lower, abs=1e-10)


def test_a_prior_with_poles_at_both_ends() -> None:
    found = maturity_adjusted_rate(0, [1.0] * 4, prior=(0.5, 0.5))
    exact = beta_interval(0.5, 4.5)
    assert found.estimate.value == pytest.approx(exact.value, abs=1e-6)
    assert found.estimate.upper == pytest.approx(exact.upper, abs=1e-6)


@pytest.mark.parametrize(
    ("accepted", "reached", "prior", "key"),
    [
        (-1, [], (1, 1), "accepted"),
        (math.nan, [], (1, 1), "accepted"),
        (1, [1.5], (1, 1), "reached.0"),
        (1, [0.5, math.nan], (1, 1), "reached.1"),
        (1, [0.5], (0, 1), "prior"),
        (1, [0.5], (1, math.inf), "prior"),
    ],
    ids=["negative", "nan", "above one", "nan share", "zero prior", "infinite prior"],
)
def test_what_is_out_of_range_is_named(accepted: Any, reached: Any, prior: Any, key: str) -> None:
    with pytest.raises(DataError) as caught:
        maturity_adjusted_rate(accepted, reached, prior=prior)
    assert caught.value.key == key


def test_results_print_travel_and_become_records() -> None:
    rate, groups = maturity_adjusted_rate(6, [0.5] * 14), shrink([(1, 10), (9, 10), (4, 9)])
    assert "maturity=13" in repr(rate)
    assert rate.to_record()["naive"] == 0.3
    assert dict(rate.__rich_repr__())["maturity"] == 13
    assert maturity_adjusted_rate(0, []).to_record()["mle"] is None
    assert repr(groups).startswith("Shrinkage(3 groups, mean=0.4828")
    assert [record["n"] for record in groups.to_records()] == [10, 10, 9]
    assert dict(groups.__rich_repr__())["mean"] == groups.mean
    assert "unknown" in repr(shrink([]))
    assert pickle.loads(pickle.dumps((rate, groups))) == (rate, groups)

"""Agreement with independent software, where it is installed: lifelines, scikit-survival, statsmodels.

None of them is needed to run or to develop invitekit, and a test without its library is skipped. Where they differ
on purpose is left out: lifelines puts ties between causes in random order, and both call the interval at 0 zero.
"""

# mypy: disable-error-code="operator"
# An estimate may be unknown: a test that compares it says that here it is not.

from __future__ import annotations

import random
import warnings
from typing import Any

import pytest

from invitekit.insight.estimators._estimator import cumulative_incidence, kaplan_meier
from invitekit.insight.estimators._proportions import beta_interval, clopper_pearson, wilson_interval
from invitekit.model import UNKNOWN

SEEDS = range(5)


def history(seed: int, size: int = 400, days: int = 60) -> tuple[list[int], list[int]]:
    """Days and marks: 0 still pending, 1 accepted, 2 closed."""
    rnd = random.Random(seed)
    times = [min(int(rnd.expovariate(1 / 12)), days) for _ in range(size)]
    return times, [rnd.choice((0, 0, 1, 1, 2)) if time < days else 0 for time in times]


@pytest.fixture
def lifelines() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("lifelines")


@pytest.fixture
def sksurv() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("sksurv.nonparametric")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", SEEDS)
def test_lifelines_kaplan_meier(lifelines: Any, seed: int) -> None:
    times, marks = history(seed)
    events = [mark > 0 for mark in marks]
    theirs = lifelines.KaplanMeierFitter().fit(times, events)
    bounds = theirs.confidence_interval_
    ours = kaplan_meier(times, events)
    assert ours.median == theirs.median_survival_time_
    for t in ours.times:
        point = ours.open_at(t)
        assert point.value == pytest.approx(float(theirs.predict(t)), abs=1e-12)
        if 0 < point.value < 1:
            lower, upper = bounds.loc[t]
            assert point.lower == pytest.approx(lower, abs=1e-9)
            assert point.upper == pytest.approx(upper, abs=1e-9)
        assert ours.at_risk(t) == theirs.event_table.loc[t, "at_risk"]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", SEEDS)
def test_lifelines_with_late_entry(lifelines: Any, seed: int) -> None:
    times, marks = history(seed)
    rnd = random.Random(seed)
    entries = [rnd.choice((0, 0, 2, 5)) for _ in times]
    kept = [(e, t, m > 0) for e, t, m in zip(entries, times, marks, strict=True) if t > e]
    first, last, events = map(list, zip(*kept, strict=True))
    theirs = lifelines.KaplanMeierFitter().fit(last, events, entry=first)
    ours = kaplan_meier(last, events, entries=first)
    for t in ours.times:
        assert ours.open_at(t).value == pytest.approx(float(theirs.predict(t)), abs=1e-12)


@pytest.mark.filterwarnings("ignore")
def test_lifelines_cumulative_incidence_without_ties(lifelines: Any) -> None:
    """Without ties between causes its jitter does nothing, and its first row is not an event."""
    rnd = random.Random(7)
    times = [float(number) for number in range(1, 201)]
    marks = [rnd.choice((0, 1, 2)) for _ in times]
    theirs = lifelines.AalenJohansenFitter(calculate_variance=False).fit(times, marks, event_of_interest=1)
    ours = cumulative_incidence(times, [str(mark) if mark else None for mark in marks])
    for t in times:
        assert ours.by(t, "1").value == pytest.approx(float(theirs.predict(t)), abs=1e-9)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", SEEDS)
def test_scikit_survival_kaplan_meier(sksurv: Any, seed: int) -> None:
    times, marks = history(seed)
    events = [mark > 0 for mark in marks]
    np = pytest.importorskip("numpy")
    at, shares, (lower, upper) = sksurv.kaplan_meier_estimator(
        np.array(events), np.array(times) + 1, conf_type="log-log"
    )
    ours = kaplan_meier(times, events)
    for t, share, low, high in zip(at, shares, lower, upper, strict=True):
        point = ours.open_at(int(t) - 1)
        assert point.value == pytest.approx(share, abs=1e-12)
        if point.lower is not UNKNOWN and point.value < 1:
            assert (point.lower, point.upper) == pytest.approx((low, high), abs=1e-9)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", SEEDS)
def test_scikit_survival_cumulative_incidence(sksurv: Any, seed: int) -> None:
    times, marks = history(seed)
    np = pytest.importorskip("numpy")
    at, shares, bounds = sksurv.cumulative_incidence_competing_risks(
        np.array(marks), np.array(times) + 1, conf_type="log-log", var_type="Aalen"
    )
    ours = cumulative_incidence(times, [str(mark) if mark else None for mark in marks])
    for number, t in enumerate(at):
        for cause in (1, 2):
            point = ours.by(int(t) - 1, str(cause))
            assert point.value == pytest.approx(shares[cause][number], abs=1e-12)
            if point.lower is not UNKNOWN:
                found = bounds[cause][0][number], bounds[cause][1][number]
                assert (point.lower, point.upper) == pytest.approx(found, abs=1e-9)


@pytest.mark.filterwarnings("ignore")
def test_statsmodels_proportions() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        proportion = pytest.importorskip("statsmodels.stats.proportion")
    for n in (1, 2, 7, 40, 1000, 16_492):
        for k in {0, 1, n // 3, n}:
            for confidence in (0.8, 0.95, 0.99):
                for method, make in (("wilson", wilson_interval), ("beta", clopper_pearson)):
                    lower, upper = proportion.proportion_confint(k, n, alpha=1 - confidence, method=method)
                    ours = make(k, n, confidence)
                    assert (ours.lower, ours.upper) == pytest.approx((lower, upper), abs=1e-11)


@pytest.mark.filterwarnings("ignore")
def test_scipy_beta_quantiles() -> None:
    stats = pytest.importorskip("scipy.stats")
    for a in (0.3, 1, 4.5, 80, 2500):
        for b in (0.3, 1, 4.5, 80, 2500):
            ours = beta_interval(a, b, 0.9)
            assert (ours.lower, ours.upper) == pytest.approx(tuple(stats.beta.ppf((0.05, 0.95), a, b)), abs=1e-11)

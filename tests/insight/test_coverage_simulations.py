"""How often intervals cover the truth, and how good estimates are, in histories whose truth is known.

Seeded, so that a run is repeatable. The numbers to reach are those a larger simulation gave; a run of N histories
may miss them by its own chance, some three standard errors.
"""

# mypy: disable-error-code="operator, arg-type, list-item, misc, assignment"
# An estimate may be unknown: a test that compares it says that here it is not. Refusals are asked for on purpose.

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta
from statistics import fmean

import pytest

from invitekit.insight import AcceptanceStats, Family, Latency
from invitekit.insight.estimators._estimator import incidence, kaplan_meier
from invitekit.insight.estimators._proportions import shrink, wilson_interval
from invitekit.model import (
    UNKNOWN,
    Completeness,
    Direction,
    Evidence,
    Interval,
    Invitation,
    Member,
    SentAt,
    Snapshot,
    Status,
)


def room(share: float, runs: int) -> float:
    """Three standard errors of a simulated share."""
    return 3 * math.sqrt(share * (1 - share) / runs)


def draw(rnd: random.Random, rate: float) -> float:
    """The age at which an invitation is accepted; infinite for never."""
    return rnd.weibullvariate(1.098, 0.4366) if rnd.random() < rate else math.inf


@pytest.mark.parametrize(
    ("interval", "expected"),
    [("log-log", 0.951), ("log", 0.935), ("plain", 0.923)],
    ids=["log-log", "log", "plain"],
)
def test_kaplan_meier_of_thirty_invitations_covers_as_promised(interval: str, expected: float) -> None:
    """Thirty invitations, sent one after the other, so that many are younger than the day asked about."""
    rnd, runs, covered, asked = random.Random(14), 2500, 0, 0
    truth = 1 - 0.4 * (1 - math.exp(-((14 / 5) ** 0.8)))
    for _ in range(runs):
        times, events = [], []
        for _ in range(30):
            seen = rnd.uniform(5, 60)
            comes = rnd.weibullvariate(5, 0.8) if rnd.random() < 0.4 else math.inf
            times.append(min(seen, comes))
            events.append(comes <= seen)
        found = kaplan_meier(times, events).open_at(14, interval=interval)
        if found.lower is not UNKNOWN:
            asked += 1
            covered += found.lower <= truth <= found.upper
    assert asked > 0.99 * runs
    assert covered / asked == pytest.approx(expected, abs=0.01 + room(expected, runs))


@pytest.mark.parametrize(
    ("n", "p", "wilson", "wald"), [(10, 0.3, 0.923, 0.836), (30, 0.1, 0.976, 0.805)], ids=["ten", "thirty"]
)
def test_wilson_covers_exactly_as_often_as_stated(n: int, p: float, wilson: float, wald: float) -> None:
    """The coverage of a share is a finite sum, so nothing is left to chance."""
    hit = naive = 0.0
    for k in range(n + 1):
        weight = math.comb(n, k) * p**k * (1 - p) ** (n - k)
        found, half = wilson_interval(k, n), 1.959963984540054 * math.sqrt(k / n * (1 - k / n) / n)
        hit += weight * (found.lower <= p <= found.upper)
        naive += weight * (k / n - half <= p <= k / n + half)
    assert hit == pytest.approx(wilson, abs=0.005)
    assert naive == pytest.approx(wald, abs=0.01)
    assert abs(hit - 0.95) < abs(naive - 0.95)


def test_cumulative_incidence_covers_as_promised() -> None:
    """Two causes, last sights spread out: the interval of Aalen's variance with 60 invitations."""
    rnd, runs, covered = random.Random(3), 800, 0
    truth = 0.35 * (1 - math.exp(-((11 / 4) ** 0.8)))  # By the end of day 10.
    for _ in range(runs):
        rows = []
        for _ in range(60):
            seen, mark = rnd.randrange(5, 60), rnd.random()
            cause = "accept" if mark < 0.35 else "closed" if mark < 0.6 else ""
            comes = rnd.weibullvariate(4, 0.8) if cause == "accept" else rnd.expovariate(1 / 20)
            day = int(comes) if cause else math.inf
            if day <= seen:
                rows.append((None, day, day, frozenset({cause})))
            else:
                rows.append((None, seen, None, frozenset()))
        found = incidence(rows).by(10)
        covered += found.lower <= truth <= found.upper
    assert covered / runs == pytest.approx(0.95, abs=0.01 + room(0.95, runs))


def test_a_young_account_is_estimated_without_bias() -> None:
    """Invitations of the last three weeks: the plain ratio is too low, the curve is not."""
    rnd = random.Random(5)
    truth = 0.3 * (1 - math.exp(-((15 / 1.098) ** 0.4366)))
    ratios, curves = [], []
    for _ in range(300):
        rows = []
        for _ in range(200):
            age = rnd.randrange(22)
            comes = draw(rnd, 0.3)
            if comes < age + 1:
                rows.append((None, int(comes), int(comes), frozenset({"accept"})))
            else:
                rows.append((None, age, None, frozenset()))
        ratios.append(sum(row[2] is not None for row in rows) / len(rows))
        curves.append(float(incidence(rows).by(14)))
    assert fmean(curves) == pytest.approx(truth, abs=0.006)
    assert fmean(ratios) < truth - 0.012


def test_an_imported_pending_list_needs_its_entries() -> None:
    """Only those still pending are on a list imported on day one; without their entry they look like refusals."""
    rnd = random.Random(11)
    honest, naive = [], []
    for _ in range(40):
        rows = []
        for _ in range(1500):
            age = rnd.randrange(-30, 150)  # Negative: sent that many days after the import.
            comes, seen = draw(rnd, 0.3), age + 30
            entry = age if age >= 0 else None
            if seen < 0 or (entry is not None and comes < entry + 1):
                continue
            if comes < seen + 1:
                rows.append((entry, int(comes), int(comes), frozenset({"accept"})))
            else:
                rows.append((entry, seen, None, frozenset()))
        honest.append(float(incidence(rows).by(28)))
        naive.append(float(incidence([(None, *rest) for _, *rest in rows]).by(28)))
    truth = 0.3 * (1 - math.exp(-((29 / 1.098) ** 0.4366)))
    assert fmean(honest) == pytest.approx(truth, abs=0.01)
    assert fmean(naive) < truth / 2


def test_weekly_looks_lose_nothing_but_the_day() -> None:
    """Closings seen from week to week: acceptances and closings come out as if every day had been looked at."""
    rnd = random.Random(2)
    daily, weekly = [], []
    for _ in range(25):
        exact, blurred = [], []
        for _ in range(250):
            sent, mark, seen = rnd.randrange(7), rnd.random(), rnd.randrange(10, 60)
            if mark < 0.35 and (day := int(rnd.expovariate(1 / 4))) <= seen:
                row = (None, day, day, frozenset({"accept"}))
                exact.append(row)
                blurred.append(row)
            elif 0.35 <= mark < 0.6 and (day := int(rnd.expovariate(1 / 15))) <= seen:
                exact.append((None, day, day, frozenset({"closed"})))
                before = (day + sent) // 7 * 7 - sent - 1
                blurred.append((None, max(-1, before), before + 7, frozenset({"closed"})))
            else:
                exact.append((None, seen, None, frozenset()))
                blurred.append((None, seen, None, frozenset()))
        daily.append(float(incidence(exact).by(20)))
        weekly.append(float(incidence(blurred).by(20)))
    assert max(abs(a - b) for a, b in zip(daily, weekly, strict=True)) < 0.02
    assert fmean(weekly) == pytest.approx(fmean(daily), abs=0.002)


def test_shrinking_small_segments_halves_the_typical_error() -> None:
    rnd = random.Random(12)
    raw, shrunk = [], []
    for _ in range(120):
        groups, truths = [], []
        for _ in range(12):
            p, n = rnd.betavariate(8, 16), rnd.choice((3, 5, 8, 12, 20, 40))
            groups.append((sum(rnd.random() < p for _ in range(n)), n))
            truths.append(p)
        estimates = shrink(groups).estimates
        raw += [(k / n - p) ** 2 for (k, n), p in zip(groups, truths, strict=True)]
        shrunk += [(float(one) - p) ** 2 for one, p in zip(estimates, truths, strict=True)]
    assert math.sqrt(fmean(raw)) > 0.13
    assert math.sqrt(fmean(shrunk)) < 0.65 * math.sqrt(fmean(raw))


def test_the_fitted_tail_of_an_account_that_sends_at_its_own_hours() -> None:
    """Acceptances known to the day, sent around noon: the interval of a chance holds the truth as often as said.

    Fitted to days alone, with an even time of day supposed, scale and shape would bend to explain the first day.
    """
    latency = Latency(Family.LOG_LOGISTIC, 0.69, 0.84)
    held = dict.fromkeys((7, 30, 60), 0)
    scales = []
    for seed in range(25):
        fit = _account(latency, seed=seed, sent=1000).fit
        scales.append(fit.latency.scale)
        for day in held:
            found = fit.chance_estimate(day, 180)
            truth = 0.33 * (latency.daily(180) - latency.daily(day)) / (1 - 0.33 * latency.daily(day))
            held[day] += found.lower <= truth <= found.upper
    assert fmean(scales) == pytest.approx(0.69, abs=0.06)
    assert min(held.values()) >= 21


def _account(latency: Latency, *, seed: int, sent: int) -> AcceptanceStats:
    rnd = random.Random(seed)
    taken = datetime(2026, 11, 22, 12, tzinfo=UTC)
    items = []
    for number in range(sent):
        hours = 24 * int(179 * rnd.random()) + 1 + 6 * rnd.random()
        at = taken - timedelta(hours=hours)
        after = latency.quantile(0.9999 * rnd.random()) if rnd.random() < 0.33 else math.inf
        accepted = after < hours / 24
        items.append(
            Invitation(
                id=f"x-{number}",
                member=Member(slug=f"person-example-{number}"),
                direction=Direction.SENT,
                sent_at=SentAt.minute(at),
                status=Status.ACCEPTED if accepted else Status.PRESUMED_PENDING,
                evidence=Evidence.CONNECTED if accepted else Evidence.NOT_CONNECTED,
                as_of=taken,
                known_at=Interval.day((at + timedelta(days=after)).date()) if accepted else Interval.at(taken),
            )
        )
    return AcceptanceStats.from_snapshot(
        Snapshot(taken_at=taken, invitations=items, completeness=Completeness.LOG, source="export")
    )

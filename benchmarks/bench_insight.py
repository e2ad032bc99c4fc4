"""Statistics: against lifelines where the two do the same, and the other budgets against a fixed amount of work.

lifelines gets the arrays it likes best, ready made; ours gets plain lists, and has no numpy. Both give the
Kaplan-Meier curve with Greenwood's variance and the 95 % interval at every event time. lifelines works its
interval out during the fit, ours when asked, so ours is asked at all of them.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from invitekit import rules as r
from invitekit.insight import AcceptanceStats, Family, Latency, kaplan_meier
from invitekit.model import UNKNOWN, Completeness, Direction, Evidence, Interval, Member, SentAt, Snapshot, Status
from invitekit.model._invitation import trusted_invitation
from invitekit.policy import Context, Limits, Policy

Run = Callable[..., Any]
measure = pytest.mark.measure
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CURVE = Latency(Family.LOG_LOGISTIC, 0.69, 0.84)


def daily(rows: int) -> tuple[list[int], list[bool]]:
    """How long each was watched, in whole days, and whether it was accepted then."""
    dice = random.Random(11)
    table = [min(int(CURVE.quantile(0.9999 * (place + 0.5) / 10_000)), 180) for place in range(10_000)]
    times, events = [], []
    for _ in range(rows):
        watched = int(180 * dice.random())
        answer = table[int(10_000 * dice.random())] if dice.random() < 0.3 else 999
        times.append(min(watched, answer))
        events.append(answer <= watched)
    return times, events


def ours(times: list[int], events: list[bool]) -> list[Any]:
    curve = kaplan_meier(times, events)
    return [curve.open_at(t) for t in curve.times]


def lifelines(rows: int, run: Run, rounds: int) -> None:
    numpy = pytest.importorskip("numpy")
    fitter = pytest.importorskip("lifelines").KaplanMeierFitter
    times, events = daily(rows)
    arrays = numpy.array(times, dtype=float), numpy.array(events)
    run(lambda: fitter().fit(*arrays), rounds=rounds)


@measure("Kaplan-Meier, 1e5 whole days", base=True)
def test_lifelines_1e5(run: Run) -> None:
    lifelines(100_000, run, 15)


@measure("Kaplan-Meier, 1e5 whole days", at_most=1.0)
def test_ours_1e5(run: Run) -> None:
    run(ours, *daily(100_000), rounds=15)


@measure("Kaplan-Meier, 1e6 whole days", base=True)
def test_lifelines_1e6(run: Run) -> None:
    lifelines(1_000_000, run, 7)


@measure("Kaplan-Meier, 1e6 whole days", at_most=1.6)
def test_ours_1e6(run: Run) -> None:
    run(ours, *daily(1_000_000), rounds=7)


# ── What a user does ─────────────────────────────────────────────────────────────────────────────────────────────


def export(rows: int, *, youngest: float = 0) -> Snapshot:
    dice = random.Random(5)
    invitations = []
    for number in range(rows):
        sent = NOW - timedelta(days=youngest + (179 - youngest) * dice.random())
        after = CURVE.quantile(0.99 * dice.random()) if dice.random() < 0.3 else 1e9
        accepted = after * 86_400 < (NOW - sent).total_seconds()
        known = Interval.day((sent + timedelta(days=after)).date()) if accepted else Interval.at(NOW)
        invitations.append(
            trusted_invitation(
                f"x-{number}",
                Member(slug=f"person-example-{number}"),
                Direction.SENT,
                SentAt.minute(sent),
                "" if dice.random() < 0.9 else "Hello",
                Status.ACCEPTED if accepted else Status.PRESUMED_PENDING,
                Evidence.CONNECTED if accepted else Evidence.NOT_CONNECTED,
                NOW,
                known,
                UNKNOWN,
                UNKNOWN,
                UNKNOWN,
                UNKNOWN,
            )
        )
    return Snapshot(
        account=Member(slug="owner-example-1"),
        taken_at=NOW,
        source="export",
        invitations=invitations,
        completeness=Completeness.LOG,
    )


@pytest.fixture(scope="module")
def large() -> Snapshot:
    return export(100_000)


@pytest.fixture(scope="module")
def usual() -> Snapshot:
    return export(2_000)


@pytest.fixture(scope="module")
def pile() -> Snapshot:
    return export(15_000, youngest=14)


def curve_of(snapshot: Snapshot) -> Any:
    return AcceptanceStats.from_snapshot(snapshot).acceptance_by(30)


@measure("objects in, curve out, 1e5 (budget 250 ms)", base=True)
def test_a_curve_from_100k_invitations(large: Snapshot, run: Run) -> None:
    run(curve_of, large, rounds=5)


@measure("fit of 2,000 invitations (budget 1 s)", base=True)
def test_a_fit_of_2000_invitations(usual: Snapshot, run: Run) -> None:
    run(lambda: AcceptanceStats.from_snapshot(usual).fit, rounds=5)


POLICY = Policy(name="p", withdraw=r.chance_below(0.02), limits=Limits(per_run=100), rank="keep-value")


def scored(snapshot: Snapshot, stats: AcceptanceStats) -> Any:
    # What it knows about chances is worked out once and kept; a new one each time, so that this counts.
    fresh = AcceptanceStats(courses=stats.courses, as_of=stats.as_of, source=stats.source)
    object.__setattr__(fresh, "fit", stats.fit)
    object.__setattr__(fresh, "curve", stats.curve)
    return POLICY.plan(snapshot, context=Context(stats=fresh, slot_price=0.001))


@measure("plan of 100 out of 1e4 pending by chance and worth", base=True)
def test_an_age_rule(pile: Snapshot, run: Run) -> None:
    plain = Policy(name="p", withdraw=r.older_than(days=35), limits=Limits(per_run=100))
    run(lambda: plain.plan(pile), rounds=5)


@measure("plan of 100 out of 1e4 pending by chance and worth")
def test_scored_by_chance(pile: Snapshot, run: Run) -> None:
    run(scored, pile, AcceptanceStats.from_snapshot(pile), rounds=5)

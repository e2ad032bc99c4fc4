"""What type checkers must see of the statistics; never run."""

from __future__ import annotations

from datetime import datetime
from typing import assert_type

import invitekit as ik
from invitekit import rules as r
from invitekit.history import History
from invitekit.insight import (
    AgeRule,
    Chance,
    ChanceSource,
    CureFit,
    Estimate,
    Forecast,
    HealthLine,
    HealthState,
    Incidence,
    Segment,
    Segments,
    Signal,
    Worth,
    fit_cure,
    kaplan_meier,
    stopping,
    wilson_interval,
)
from invitekit.model import Invitation, Snapshot, Unknown
from invitekit.rules import Rule


def statistics(export: Snapshot, history: History, invitation: Invitation, now: datetime) -> None:
    """Rates, curves and chances."""
    stats = ik.AcceptanceStats.from_snapshot(export)
    assert_type(stats, ik.AcceptanceStats)
    assert_type(ik.AcceptanceStats.from_history(history, as_of=now, confidence=0.9), ik.AcceptanceStats)
    assert_type(stats.raw_rate, Estimate)
    assert_type(stats.acceptance_by(30).value, float | Unknown)
    assert_type(stats.identified, tuple[int | Unknown, int | Unknown])
    assert_type(stats.latency(0.9), int | Unknown)
    assert_type(stats.curve, Incidence)
    assert_type(stats.fit, CureFit)
    chance = stats.chance(30, horizon=60, segment=("note", "without"))
    assert_type(chance, Chance)
    assert_type(stats.chance_of(invitation, at=now), Chance)
    assert_type(chance.value, float)
    assert_type(chance.upper, float | Unknown)
    assert_type(chance.source, ChanceSource)
    assert_type(stats.by("week"), Segments)
    assert_type(stats.by(lambda item: item.id[:2]), Segments)
    assert_type([one.rate for one in stats.by("note")], list[Estimate])
    assert_type(next(iter(stats.by("month"))), Segment)
    assert_type(stats.where(r.has_note()), ik.AcceptanceStats)
    assert_type(stats.explain_age_rule(21), AgeRule)
    worth = stats.worth(slot_price=0.001)
    assert_type(worth, Worth)
    assert_type(worth.threshold, int | Unknown)


# Rules and contexts take them.
assert_type(r.chance_below(0.02, within=14, caution=0.9), Rule)
assert_type(r.not_worth_waiting(slot_price=0.001), Rule)
assert_type(r.not_worth_waiting(pending_cap=500, value=2.0), Rule)
assert_type(ik.Context(stats=ik.AcceptanceStats.of_nothing(), slot_price=0.001), ik.Context)
ik.Policy(name="p", withdraw=r.chance_below(0.02), limits=ik.Limits(per_run=5), rank="keep-value", holdout=0.05)


def account(export: Snapshot, sends: list[datetime], now: datetime) -> None:
    """The quota and health."""
    quota = ik.WeeklyQuota.of(sends, now=now, limit=100, tier="premium")
    assert_type(quota, ik.WeeklyQuota)
    assert_type(quota.remaining, int | Unknown)
    assert_type(quota.next_free, datetime | Unknown)
    assert_type(quota.forecast(5.0), Forecast)
    assert_type(ik.AccountTier.BASIC.note_length, int)
    health = ik.Health.of(export, quota=quota, signals=[Signal(now, "challenge")])
    assert_type(health.state, HealthState)
    assert_type(health["pending"], HealthLine)


# The estimators by themselves.
assert_type(wilson_interval(3, 10), Estimate)
assert_type(kaplan_meier([1, 2, 3], [True, False, True]).open_at(2), Estimate)
assert_type(fit_cure([(None, 1.0, 1.0, frozenset({"accept"}))]).fraction, float)
assert_type(stopping([0.1, 0.05], slot_price=0.01).threshold, int | Unknown)

"""Replaying 240 days of 3,000 invitations: against the bare planning of these days, which nobody can save.

Half of the log is a ledger that was looked at every day, half an export; a policy by age, one by chance with given
statistics, and one by chance that learns anew every week.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

import pytest

from invitekit import rules as r
from invitekit.history import Event, History, Kind, Timeline
from invitekit.insight import AcceptanceStats
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
from invitekit.policy import Context, Limits, Policy
from invitekit.replay import backtest

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
DAYS = 240
COUNT = 3_000
LIMITS = Limits(per_day=20, per_week=100)
BY_AGE = Policy(name="21 days", withdraw=r.older_than(days=21), limits=LIMITS)
BY_CHANCE = Policy(name="chance", withdraw=r.chance_below(0.02), limits=LIMITS)


def invitations() -> Iterator[tuple[Invitation, float, float | None]]:
    """Sent at any time, a third accepted, most of those soon; with the days of sending and of acceptance."""
    dice = random.Random(7)
    for number in range(COUNT):
        sent = DAYS * dice.random()
        accepted = sent + dice.lognormvariate(-0.4, 1.9) if dice.random() < 0.33 else None
        if accepted is not None and accepted >= DAYS:
            accepted = None
        answered = START + accepted * DAY if accepted is not None else None
        yield (
            Invitation(
                id=f"x-{number}",
                member=Member(name=f"Sam Example {number}", slug=f"sam-example-{number}"),
                direction=Direction.SENT,
                sent_at=SentAt.minute(START + sent * DAY),
                note="",
                status=Status.PENDING if answered is None else Status.ACCEPTED,
                evidence=Evidence.LISTED if answered is None else Evidence.CONNECTED,
                as_of=START + DAYS * DAY,
                known_at=Interval.at(START + DAYS * DAY) if answered is None else Interval.day(answered.date()),
            ),
            sent,
            accepted,
        )


@pytest.fixture(scope="module")
def export() -> Snapshot:
    """The export of the last day: half a year, and nothing withdrawn."""
    rows = []
    for item, _, accepted in invitations():
        presumed = {"status": Status.PRESUMED_PENDING, "evidence": Evidence.NOT_CONNECTED}
        values = {name: getattr(item, name) for name in ("id", "member", "direction", "sent_at", "note")}
        said = presumed if accepted is None else {"status": item.status, "evidence": item.evidence}
        rows.append(Invitation(**values, **said, as_of=item.as_of, known_at=item.known_at))
    return Snapshot(taken_at=START + DAYS * DAY, source="export", invitations=rows, completeness=Completeness.LOG)


@pytest.fixture(scope="module")
def history() -> History:
    """A ledger that looked every noon and remembers all of it."""
    stories = []
    for item, sent, accepted in invitations():
        first = START + ceil(sent) * DAY
        last = START + (DAYS if accepted is None else max(ceil(accepted) - 1, ceil(sent))) * DAY
        events = [Event(Kind.SENT, Interval.at(item.sent_at.latest), first, "listed")]
        if accepted is not None:
            events.append(Event(Kind.ACCEPTED, item.known_at, START + ceil(accepted) * DAY, "connected"))
        stories.append(
            Timeline(invitation=item, events=tuple(events), first_seen=first, last_seen=last, since=None)
        )
    return History(stories)


def plans(policy: Policy, views: list[Snapshot]) -> int:
    """Nothing but the plans of all days."""
    return sum(len(policy.plan(view).withdrawals) for view in views)


@pytest.fixture(scope="module")
def views(history: History) -> list[Snapshot]:
    """What was open on each day while the policy by age was followed."""
    (replay,) = backtest(BY_AGE, history)
    ended = {one.invitation_id: one.at for one in replay.withdrawals}
    last = datetime.max.replace(tzinfo=UTC)
    found = []
    for day in range(DAYS + 1):
        noon = START + day * DAY
        shown = [
            Invitation(
                id=one.invitation.id,
                member=one.invitation.member,
                direction=Direction.SENT,
                sent_at=one.invitation.sent_at,
                note=UNKNOWN,
                status=Status.PENDING,
                evidence=Evidence.LISTED,
                as_of=noon,
            )
            for one in history
            if one.first_seen <= noon <= min(one.last_seen, ended.get(one.invitation.id, last))
        ]
        found.append(Snapshot(taken_at=noon, invitations=shown, completeness=Completeness.COMPLETE))
    return found


@pytest.mark.measure("a backtest, 240 days x 3,000 invitations", base=True)
def test_the_plans_alone(run: Any, views: list[Snapshot]) -> None:
    assert run(plans, BY_AGE, views) > 1_000


@pytest.mark.measure("a backtest, 240 days x 3,000 invitations", at_most=4)
def test_by_age(run: Any, history: History) -> None:
    assert run(backtest, BY_AGE, history, rounds=3)[0].withdrawn > 1_000


@pytest.mark.measure("a backtest, 240 days x 3,000 invitations", at_most=4)
def test_by_age_from_an_export(run: Any, export: Snapshot) -> None:
    assert run(backtest, BY_AGE, export, rounds=3)[0].withdrawn > 1_000


@pytest.mark.measure("a backtest, 240 days x 3,000 invitations")
def test_by_chance_with_given_statistics(run: Any, history: History) -> None:
    context = Context(stats=AcceptanceStats.from_history(history))

    def replay() -> int:
        return backtest(BY_CHANCE, history, context=context, refit_days=None)[0].withdrawn

    assert run(replay, rounds=3) > 500


@pytest.mark.measure("a backtest, 240 days x 3,000 invitations")
def test_by_chance_learning_every_week(run: Any, history: History) -> None:
    replay = run(backtest, BY_CHANCE, history, rounds=1)[0]

    assert replay.refits == 35
    assert replay.withdrawn > 500

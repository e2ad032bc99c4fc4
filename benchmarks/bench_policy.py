"""Judging a million invitations: against the same conditions by hand, and against rule engines.

The engines get 100,000 rows as the dicts they take, ready made, and answer only whether to withdraw: no unknown,
no guards, no reasons. zen-engine gets the five conditions it can express; the list of a thousand people is looked
up outside it.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from invitekit import rules as r
from invitekit.model import (
    UNKNOWN,
    Direction,
    Evidence,
    Interval,
    Invitation,
    Member,
    SentAt,
    Snapshot,
    Status,
)
from invitekit.model._invitation import trusted_invitation
from invitekit.policy import Context, Limits, Policy
from invitekit.policy._judge import Judgement
from invitekit.rules import Sight

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ROWS = 1_000_000
KEPT = [f"slug-{number}-example-77" for number in range(0, 100_000, 100)]
SEGMENTS = ["Example Works", "Acme, Inc.", "Invented & Sons", "Sample GmbH"]
POLICY = Policy(
    name="six conditions",
    withdraw=r.older_than(days=21)
    & ~r.has_note()
    & ~r.mutual_connections(at_least=1)
    & r.company("Example Works"),
    keep=r.member_in(KEPT) | r.status_is("accepted"),
    limits=Limits(per_run=20),
    min_age=timedelta(0),
)


@pytest.fixture(scope="module")
def invitations() -> tuple[Invitation, ...]:
    dice = random.Random(7)
    known = Interval.at(NOW)
    days = [SentAt.minute(NOW - timedelta(days=day, minutes=day * 37)) for day in range(180)]
    return tuple(
        trusted_invitation(
            f"x-{number}",
            Member(name=f"Name {number}", slug=f"slug-{number}-example-77"),
            Direction.SENT,
            dice.choice(days),
            "" if dice.random() < 0.7 else "Hello" if dice.random() < 0.8 else UNKNOWN,
            Status.PENDING,
            Evidence.LISTED,
            NOW,
            known,
            UNKNOWN,
            0 if dice.random() < 0.5 else 12 if dice.random() < 0.8 else UNKNOWN,
            dice.choice(SEGMENTS) if dice.random() < 0.9 else UNKNOWN,
            UNKNOWN,
        )
        for number in range(ROWS)
    )


@pytest.fixture(scope="module")
def judgement() -> Judgement:
    return Judgement(POLICY, Sight(now=NOW))


def by_hand(rows: tuple[Invitation, ...]) -> list[int]:
    """The six conditions and the guards, as one would write them for speed: cheap ones first, unknown guarded."""
    cutoff = NOW - timedelta(days=21)
    kept = frozenset(KEPT)
    sent, pending, presumed = Direction.SENT, Status.PENDING, Status.PRESUMED_PENDING
    ambiguous, alone, accepted = Evidence.AMBIGUOUS_NAME, Evidence.NO_CONNECTIONS, Status.ACCEPTED
    return [
        4
        if i.direction is not sent or (i.status is not pending and i.status is not presumed)
        else 3
        if i.sent_at.earliest >= cutoff
        or (i.note is not UNKNOWN and i.note != "")
        or (i.mutual_connections is not UNKNOWN and i.mutual_connections >= 1)
        or (i.company is not UNKNOWN and i.company.casefold() != "example works")
        or i.status is accepted
        or i.member.slug in kept
        else 0
        if i.sent_at.latest < cutoff
        and i.note is not UNKNOWN
        and i.mutual_connections is not UNKNOWN
        and i.company is not UNKNOWN
        and i.member.slug is not UNKNOWN
        and i.evidence is not ambiguous
        and i.evidence is not alone
        else 2
        for i in rows
    ]


@pytest.mark.measure("verdicts, 1M invitations", base=True)
def test_inlined_by_hand(run: Any, invitations: tuple[Invitation, ...]) -> None:
    assert len(run(by_hand, invitations)) == ROWS


@pytest.mark.measure("verdicts, 1M invitations", at_most=1.5)
def test_compiled_policy(run: Any, invitations: tuple[Invitation, ...], judgement: Judgement) -> None:
    codes = {0: 0, 3: 3, 2: 2, 4: 4}
    assert [codes[code] for code in run(judgement.verdicts, invitations)] == by_hand(invitations)


@pytest.mark.measure("reasons for every row, 1M invitations", base=True)
def test_verdicts_only(run: Any, invitations: tuple[Invitation, ...], judgement: Judgement) -> None:
    assert len(run(judgement.verdicts, invitations)) == ROWS


@pytest.mark.measure("reasons for every row, 1M invitations", at_most=2.2)
def test_truths_of_every_rule(run: Any, invitations: tuple[Invitation, ...], judgement: Judgement) -> None:
    assert len(run(judgement.masks, invitations)) == ROWS


@pytest.mark.measure("a plan, 50,000 invitations", base=True)
def test_plan(run: Any, invitations: tuple[Invitation, ...]) -> None:
    snapshot = Snapshot(taken_at=NOW, invitations=invitations[:50_000])
    plan = run(lambda: POLICY.plan(snapshot, context=Context()))
    assert len(plan.decisions) == 50_000


@pytest.mark.measure("a plan, 50,000 invitations")
def test_plan_with_every_decision_made(run: Any, invitations: tuple[Invitation, ...]) -> None:
    snapshot = Snapshot(taken_at=NOW, invitations=invitations[:50_000])
    decisions = run(lambda: list(POLICY.plan(snapshot).decisions), rounds=2)
    assert len(decisions) == 50_000


SOME = 100_000
DAY = 86_400.0


@pytest.fixture(scope="module")
def some(invitations: tuple[Invitation, ...]) -> tuple[Invitation, ...]:
    return invitations[:SOME]


@pytest.fixture(scope="module")
def rows(some: tuple[Invitation, ...]) -> list[dict[str, Any]]:
    return [
        {
            "slug": item.member.slug,
            "sent": item.sent_at.latest,
            "age": (NOW - item.sent_at.latest).total_seconds() / DAY,
            "note": None if item.note is UNKNOWN else item.note,
            "mutual": None if item.mutual_connections is UNKNOWN else item.mutual_connections,
            "company": None if item.company is UNKNOWN else item.company,
            "status": item.status.value,
        }
        for item in some
    ]


@pytest.mark.measure("against rule engines, 100,000 invitations", ours=True)
def test_ours(run: Any, some: tuple[Invitation, ...]) -> None:
    judgement = Judgement(POLICY, Sight(now=NOW))
    assert len(run(judgement.verdicts, some)) == SOME


@pytest.mark.measure("against rule engines, 100,000 invitations", ours_at_most=0.1)
def test_zen_engine(run: Any, some: tuple[Invitation, ...], rows: list[dict[str, Any]]) -> None:
    zen = pytest.importorskip("zen")
    rule = zen.compile_expression(
        "age > 21 and note == '' and mutual == 0 and company == 'Example Works' and status != 'accepted'"
    )
    kept = frozenset(KEPT)
    plain = [{key: value for key, value in row.items() if key != "sent"} for row in rows]
    verdicts = run(lambda: [row["slug"] not in kept and rule.evaluate(row) for row in plain], rounds=3)
    assert sum(verdicts) == Judgement(POLICY, Sight(now=NOW)).verdicts(some).count(0)


@pytest.mark.measure("against rule engines, 100,000 invitations", ours_at_most=0.05)
def test_cloud_custodian(run: Any, some: tuple[Invitation, ...], rows: list[dict[str, Any]]) -> None:
    core = pytest.importorskip("c7n.filters.core")
    registry = core.FilterRegistry("invitation")
    kept = set(KEPT)
    filters = registry.parse(
        [
            {"type": "value", "key": "sent", "op": "lt", "value": NOW - timedelta(days=21)},
            {"type": "value", "key": "note", "value": ""},
            {"type": "value", "key": "mutual", "value": 0},
            {"type": "value", "key": "company", "value": "Example Works"},
            {"type": "value", "key": "status", "op": "ne", "value": "accepted"},
            {"type": "value", "key": "slug", "op": "not-in", "value": kept},
        ],
        None,
    )

    def select() -> list[dict[str, Any]]:
        selected = rows
        for one in filters:
            selected = one.process(selected)
        return selected

    assert len(run(select, rounds=3)) == Judgement(POLICY, Sight(now=NOW)).verdicts(some).count(0)

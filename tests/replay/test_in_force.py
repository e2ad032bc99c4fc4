"""The regression test of all: the policy that was in force withdraws what was withdrawn, on the same days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.replay.worlds import STAYERS, STAYING, at, by_policy, lived, people

import invitekit as ik
from invitekit import rules as r
from invitekit.model import Status
from invitekit.replay import backtest


def recorded(ledger: ik.SqliteLedger) -> set[tuple[str, date]]:
    """What the ledger says was withdrawn, and on which day."""
    return {
        (one.invitation.id, one.invitation.known_at.latest.date())
        for one in ledger.history()
        if one.status is Status.WITHDRAWN
    }


def replayed(policy: ik.Policy, ledger: ik.SqliteLedger, **more: object) -> set[tuple[str, date]]:
    """What a backtest withdraws, and on which day."""
    found = backtest(policy, ledger.history(), **{"context": STAYING, **more})[0]  # type: ignore[arg-type]
    return {(one.invitation_id, one.day) for one in found.withdrawals}


LIMITS = (
    ik.Limits(per_run=3),
    ik.Limits(per_day=2, per_week=9),
    ik.Limits(per_week=5),
    ik.Limits(share=0.1),
    ik.Limits(per_run=500),
    ik.Limits(per_day=4, share=0.5),
)

POLICIES = st.builds(
    lambda days, limits, holdout, newest: ik.Policy(
        name="in force",
        withdraw=r.older_than(days=days),
        limits=limits,
        holdout=holdout,
        min_age=timedelta(days=2),
        rank=_newest if newest else "oldest",
    ),
    st.integers(3, 12),
    st.sampled_from(LIMITS),
    st.sampled_from([0, 0.2]),
    st.booleans(),
)


def _newest(invitation: ik.Invitation, _context: object) -> float:
    return -invitation.sent_at.latest.timestamp()


@settings(max_examples=12)
@given(POLICIES, st.integers(0, 2**20), st.integers(5, 60), st.sampled_from([0.0, 2.0, 7.0]))
def test_it_reproduces_what_was_withdrawn(policy: ik.Policy, seed: int, count: int, minutes: float) -> None:
    """Daily complete listings with connections; whatever the limits, and however long after the look."""
    ledger = lived(people(seed, count, 20), 32, by_policy(policy), minutes=minutes)

    assert replayed(policy, ledger) == recorded(ledger)


def test_it_does_so_on_a_busy_account() -> None:
    """Hundreds of withdrawals, with limits that hold back on many days."""
    policy = ik.Policy(
        name="busy",
        withdraw=r.older_than(days=7),
        limits=ik.Limits(per_day=6, per_week=30),
        min_age=timedelta(days=2),
    )
    ledger = lived(people(5, 400, 60), 80, by_policy(policy))

    assert len(recorded(ledger)) > 150
    assert replayed(policy, ledger) == recorded(ledger)
    assert backtest(policy, ledger.history(), context=STAYING)[0].limited_days > 10


def test_it_does_so_with_marks_and_whoever_was_withdrawn_before() -> None:
    """Keep-marks in the context, and a rule that asks whose invitation was withdrawn before."""
    policy = ik.Policy(
        name="marks",
        withdraw=r.older_than(days=5) & ~r.withdrawn_before(),
        limits=ik.Limits(per_run=4),
        min_age=timedelta(days=2),
    )
    world = people(8, 80, 30)
    kept = [one.member for one in world[:20]]

    def withdraw(ledger: ik.SqliteLedger, snapshot: ik.Snapshot, day: int) -> list[str]:
        if day == 0:
            for one in kept:
                ledger.keep(one)
        return by_policy(policy)(ledger, snapshot, day)

    ledger = lived(world, 45, withdraw)

    assert replayed(
        policy, ledger, context=ik.Context(kept=[*kept, *(one.member for one in STAYERS)])
    ) == recorded(ledger)
    assert not {one.slug for one in kept} & {
        one.member.slug for one in backtest(policy, ledger.history(), context=ledger.context())[0].withdrawals
    }


def test_from_the_middle_it_goes_on_from_what_had_been_withdrawn() -> None:
    """What was withdrawn before the first day is withdrawn, and counts for the limits of the first week."""
    policy = ik.Policy(
        name="middle",
        withdraw=r.older_than(days=6),
        limits=ik.Limits(per_week=8, per_day=3),
        min_age=timedelta(days=2),
    )
    ledger = lived(people(11, 150, 40), 50, by_policy(policy))
    start = at(25).date()

    assert replayed(policy, ledger, since=start) == {one for one in recorded(ledger) if one[1] >= start}
    assert replayed(policy, ledger, since=start, context=ledger.context()) == {
        one for one in recorded(ledger) if one[1] >= start
    }


@pytest.mark.parametrize("days", [5, 9])
def test_another_policy_does_something_else(days: int) -> None:
    """Or the tests above would show nothing."""
    force = ik.Policy(
        name="force", withdraw=r.older_than(days=7), limits=ik.Limits(per_run=50), min_age=timedelta(days=2)
    )
    other = ik.Policy(
        name="other", withdraw=r.older_than(days=days), limits=ik.Limits(per_run=50), min_age=timedelta(days=2)
    )
    ledger = lived(people(3, 60, 20), 30, by_policy(force))

    assert replayed(other, ledger) != recorded(ledger)

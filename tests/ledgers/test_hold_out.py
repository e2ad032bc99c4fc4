"""Whom a policy holds out is recorded, and known when the policy is another."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.history.builders import day, listing, new_ledger, people, sent

import invitekit as ik
from invitekit import rules as r
from invitekit.errors import DataError


def test_it_is_a_tag_that_another_policy_can_respect() -> None:
    ledger = new_ledger(listing(40, *(sent(one) for one in people(60))))
    policy = ik.Policy(
        name="half",
        withdraw=r.older_than(days=20),
        limits=ik.Limits(per_run=100),
        holdout=0.5,
        min_age=timedelta(0),
    )
    plan = policy.plan(ledger.snapshot(), now=day(40))

    assert ledger.hold_out(plan) == len(plan.held_out) > 10

    again = ik.Policy(
        name="none", withdraw=r.older_than(days=20), keep=r.tagged("held-out"), limits=ik.Limits(per_run=100)
    ).plan(ledger.snapshot(), now=day(40), context=ledger.context())
    assert {one.invitation.id for one in again.withdrawals} == {one.invitation.id for one in plan.withdrawals}
    assert ledger.hold_out(plan) == len(plan.held_out)  # A second time changes nothing.


def test_only_a_plan_is_recorded() -> None:
    with pytest.raises(DataError, match="expected a Plan"):
        new_ledger(listing(1, sent(people(1)[0]))).hold_out("half")  # type: ignore[arg-type]

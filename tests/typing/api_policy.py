"""What type checkers must see of `invitekit.policy`, as a user writes it; never run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, assert_type

import invitekit as ik
from invitekit import rules as r
from invitekit.model import Completeness, Invitation, Member, Outcome, Outcomes, People, Result, Snapshot
from invitekit.policy import (
    NO_LIMIT,
    Blocker,
    Change,
    Context,
    Decision,
    Decisions,
    Limits,
    NoLimit,
    Plan,
    PlanDiff,
    Policy,
    Summary,
    Verdict,
    Why,
)
from invitekit.rules import Reason, Rule, Sight

now = datetime(2026, 11, 1, tzinfo=UTC)
snapshot = Snapshot(taken_at=now, completeness=Completeness.LOG)


def newest(invitation: Invitation, context: Sight) -> timedelta:
    """A rank of the user's own."""
    return context.now - invitation.sent_at.latest


def is_old(invitation: Invitation) -> bool:
    """A rule of the user's own."""
    return invitation.sent_at.latest < now


policy = ik.Policy(
    name="spring-clean",
    withdraw=r.older_than(weeks=4) & ~r.has_note(),
    keep=r.tagged("client") | r.known_contact() | r.mutual_connections(at_least=10).if_unknown(False),
    limits=ik.Limits(per_run=20, per_day=20, per_week=60, share=0.25),
    min_age=timedelta(days=14),
    rank=newest,
)
Policy(name="own", withdraw=is_old, limits=Limits(per_run=5))
assert_type(Policy.default(), Policy)
assert_type(policy.withdraw, Rule)
assert_type(policy.eligible, Rule)
assert_type(policy.min_age, timedelta)
assert_type(policy.limits.per_run, int | NoLimit)
assert_type(policy.limits.share, float | NoLimit)
if policy.limits.per_run is not NO_LIMIT:
    assert_type(policy.limits.per_run, int)

Policy("spring-clean")  # type: ignore[call-arg]
Policy(name="t", limits=20)  # type: ignore[arg-type]
Policy(name="t", withdraw=5)  # type: ignore[arg-type]
Policy(name="t", rank="newest")  # type: ignore[arg-type]
Limits(per_run="20")  # type: ignore[arg-type]
Limits(20)  # type: ignore[call-arg]

context = ik.Context(
    tags={"client": ["ada-example-77"]},
    kept=[Member(slug="bo-example-1")],
    contacts=["ada@mail.example", {"urn": "urn:li:member:7"}],
    withdrawn=[now, Outcome(invitation_id="x-1", member=Member(slug="cy-example-2"), result=Result.WITHDRAWN)],
)
assert_type(context.withdrawn, tuple[datetime, ...])
assert_type(context.withdrawn_before, People)
Context(withdrawn=ik.read_worklist("withdraw.csv"))
Context(withdrawn=Outcomes())
Context(tags=["client"])  # type: ignore[arg-type]
Context(withdrawn=["2026-11-01"])  # type: ignore[list-item]

plan = policy.plan(snapshot, now=now, context=context, allow_everything=False)
assert_type(plan, Plan)
policy.plan()  # type: ignore[call-arg]
policy.plan(snapshot, now="2026-11-01")  # type: ignore[arg-type]
policy.plan(snapshot, now)  # type: ignore[call-arg]

assert_type(plan.decisions, Decisions)
assert_type(plan.decisions[0], Decision)
assert_type(plan.decisions[:5], tuple[Decision, ...])
assert_type([decision.verdict for decision in plan.decisions], list[Verdict])
assert_type(plan.decisions.verdicts(), dict[str, Verdict])
assert_type(list(plan.withdrawals), list[Decision])
assert_type(list(plan.deferred), list[Decision])
assert_type(list(plan.undecided), list[Decision])
assert_type(plan.blockers, tuple[Blocker, ...])
assert_type(plan.is_applicable, bool)
assert_type(plan.digest, str)
assert_type(plan.summary(), Summary)
assert_type(plan.summary().open, int)
assert_type(plan.why("ada-example-77"), Why)
assert_type(plan.why(Member(slug="ada-example-77")), Why)
assert_type(plan.why(plan.decisions[0]), Why)
assert_type(plan.diff(plan), PlanDiff)
assert_type(list(plan.diff(plan)), list[Change])
assert_type(plan.to_records(), list[dict[str, Any]])
assert_type(plan.to_columns(), dict[str, list[Any]])

decision = plan.decisions[0]
assert_type(decision.invitation, Invitation)
assert_type(decision.rank, int | None)
assert_type(decision.reasons, tuple[Reason, ...])
assert_type(decision.because, tuple[Reason, ...])
decision.verdict = Verdict.KEEP  # type: ignore[misc]


def exhaustive(verdict: Verdict) -> str:
    """Every verdict has its case, so nothing falls through."""
    match verdict:
        case Verdict.WITHDRAW | Verdict.DEFER:
            return "goes"
        case Verdict.UNDECIDED | Verdict.KEEP:
            return "stays"
        case Verdict.CLOSED:
            return "nothing to do"

"""A hundred and twenty invitations under forty policies, against tables that people have read.

When a change of meaning is meant: `INVITEKIT_UPDATE_GOLDEN=1 pytest tests/golden`, then read the difference.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.population import CONTEXT, INVITATIONS, NOW, POLICIES, SNAPSHOT

from invitekit.model import UNKNOWN, Truth
from invitekit.policy import NO_LIMIT, Plan, Policy, Verdict
from invitekit.rules._reason import Reason

HERE = Path(__file__).parent
UPDATING = "INVITEKIT_UPDATE_GOLDEN" in os.environ
LETTERS = {
    Verdict.WITHDRAW: "W",
    Verdict.DEFER: "d",
    Verdict.UNDECIDED: "?",
    Verdict.KEEP: "k",
    Verdict.CLOSED: "-",
}


def check(name: str, actual: str) -> None:
    """Compare with the table of that name, or write it where that is asked for."""
    table = HERE / name
    if UPDATING:
        table.write_text(actual, encoding="utf-8", newline="\n")
    assert actual == table.read_text(encoding="utf-8")


def plan_of(policy: Policy) -> Plan:
    return policy.plan(SNAPSHOT, context=CONTEXT)


def _invitations() -> Iterator[str]:
    yield "# id | who | identifiers | direction | sent | note | status (evidence) | shared | company | title"
    for item in INVITATIONS:
        note = "not said" if item.note is UNKNOWN else f"{len(item.note)} characters" if item.note else "none"
        known = " ".join(f"{kind}={value}" for kind, value in item.member.identifiers.items())
        cells = (
            *(item.id, item.member, known, item.direction, item.sent_at, note, f"{item.status} ({item.evidence})"),
            *(item.mutual_connections, item.company, item.title),
        )
        yield " | ".join(map(str, cells))


def _verdicts() -> Iterator[str]:
    yield "# One letter for each invitation of invitations.txt, in its order:"
    yield "# W withdraw, d deferred, ? undecided, k keep, - closed. Then what is withdrawn or deferred, in order."
    ruler = " ".join(f"{tens:<10}" for tens in range(0, len(INVITATIONS), 10))
    for name, policy in POLICIES.items():
        plan = plan_of(policy)
        verdicts = plan.decisions.verdicts()
        row = "".join(LETTERS[verdicts[item.id]] for item in INVITATIONS)
        order = [decision.invitation.id.removeprefix("x-") for decision in (*plan.withdrawals, *plan.deferred)]
        yield f"\n== {name}: {plan.summary().headline}"
        yield f"   withdraw {policy.withdraw}"
        yield f"   keep     {policy.keep}"
        yield f"   limits   {policy.limits}, rank {getattr(policy.rank, '__name__', policy.rank)}"
        yield f"   {ruler.rstrip()}"
        yield f"   {' '.join(row[start : start + 10] for start in range(0, len(row), 10))}"
        for start in range(0, len(order), 20):
            yield f"   order {' '.join(order[start : start + 20])}"
        for role, rule in plan.never_known:
            yield f"   never known: {rule} ({role})"
        for blocker in plan.blockers:
            yield f"   blocked: {blocker}"


def _reasons() -> Iterator[str]:
    yield "# Every reason that the forty policies give, with the text of its first appearance for each truth."
    found: dict[tuple[str, str], Reason] = {}
    for policy in POLICIES.values():
        for decision in plan_of(policy).decisions:
            for reason in (*decision.reasons, *decision.follows):
                found.setdefault((reason.code, reason.truth.value), reason)
    for (code, truth), reason in sorted(found.items()):
        yield f"{code:20} {truth:8} {reason.text}"


def _joined(lines: Iterator[str]) -> str:
    return "\n".join(lines) + "\n"


class TestTables:
    """What was read once stays as it was read."""

    def test_the_invitations_are_those_of_the_table(self) -> None:
        check("invitations.txt", _joined(_invitations()))

    def test_the_verdicts_are_those_of_the_table(self) -> None:
        check("verdicts.txt", _joined(_verdicts()))

    def test_the_reasons_are_those_of_the_table(self) -> None:
        check("reasons.txt", _joined(_reasons()))

    def test_the_tables_are_as_large_as_promised(self) -> None:
        assert len(INVITATIONS) >= 100
        assert len(POLICIES) >= 40


@pytest.mark.parametrize("name", POLICIES)
class TestEachPolicy:
    """What must hold of each row of the table, whatever it says."""

    def test_every_invitation_has_one_verdict(self, name: str) -> None:
        plan = plan_of(POLICIES[name])

        assert sorted(plan.decisions.verdicts()) == sorted(item.id for item in INVITATIONS)
        assert len(plan.decisions) == len(INVITATIONS)
        assert sum(plan.decisions.count(verdict) for verdict in Verdict) == len(INVITATIONS)

    def test_nothing_is_withdrawn_beyond_a_limit(self, name: str) -> None:
        policy = POLICIES[name]
        limits, withdrawn = policy.limits, len(plan_of(policy).withdrawals)

        last_day = sum(1 for at in CONTEXT.withdrawn if (NOW - at).total_seconds() < 24 * 3600)
        last_week = sum(1 for at in CONTEXT.withdrawn if (NOW - at).total_seconds() < 7 * 24 * 3600)
        assert limits.per_run is NO_LIMIT or withdrawn <= limits.per_run
        assert limits.per_day is NO_LIMIT or withdrawn == 0 or withdrawn + last_day <= limits.per_day
        assert limits.per_week is NO_LIMIT or withdrawn == 0 or withdrawn + last_week <= limits.per_week
        assert limits.share is NO_LIMIT or withdrawn <= limits.share * len(SNAPSHOT.open_sent)

    def test_every_withdrawal_is_explained_by_true_and_kept_by_nothing(self, name: str) -> None:
        policy, plan = POLICIES[name], plan_of(POLICIES[name])
        context = CONTEXT.resolve(SNAPSHOT.connections)
        asked, kept = (
            dict(zip(INVITATIONS, rule.truths(INVITATIONS, now=NOW, context=context), strict=True))
            for rule in (policy.withdraw, policy.keep)
        )
        for decision in (*plan.withdrawals, *plan.deferred):
            assert asked[decision.invitation] is Truth.TRUE
            assert kept[decision.invitation] is Truth.FALSE
            assert decision.because
            assert [reason.code for reason in decision.follows][-2:] == ["irreversible", "re-invite-from"]

    def test_ranks_count_up_and_stand_nowhere_else(self, name: str) -> None:
        plan = plan_of(POLICIES[name])
        chosen = (*plan.withdrawals, *plan.deferred)

        assert [decision.rank for decision in chosen] == list(range(1, len(chosen) + 1))
        assert all(decision.rank is None for decision in plan.decisions if decision not in chosen)

"""A holdout: a share, drawn by lot, of what would be withdrawn is left until it ends by itself, and it is said."""

from __future__ import annotations

import pickle
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.population import invitation, snapshot
from tests.strategies import Case, cases

from invitekit import rules as r
from invitekit.errors import PolicyError
from invitekit.model import UNKNOWN, Invitation, Member, SentAt, Truth
from invitekit.policy import Limits, Plan, Policy, Verdict
from invitekit.policy._guards import HeldOut, KeepMark, lot
from invitekit.rules import Reason

SOME = settings(max_examples=150)
SHARES = st.sampled_from([0.01, 0.05, 0.2, 0.5])


def policy(holdout: float = 0.2, **more: Any) -> Policy:
    """Withdraw after 28 days, but for a share."""
    return Policy(
        **{"name": "t", "withdraw": r.older_than(days=28), "limits": Limits(share=1.0), "holdout": holdout, **more}
    )


def old(count: int) -> tuple[Invitation, ...]:
    """So many invitations that the policy would withdraw, each to somebody else."""
    return tuple(
        invitation(number, days=40, member=Member(slug=f"someone-example-{number}")) for number in range(count)
    )


def held(plan: Plan) -> set[str]:
    """Who is held out, by the id of the invitation."""
    return {decision.invitation.id for decision in plan.held_out}


def chosen(plan: Plan) -> set[str]:
    """What is withdrawn or waits for a limit."""
    return {decision.invitation.id for decision in (*plan.withdrawals, *plan.deferred)}


class TestTheShare:
    @pytest.mark.parametrize("share", [0.02, 0.05, 0.1, 0.5])
    def test_it_is_respected(self, share: float) -> None:
        """Of 20,000 members within four standard deviations of the share."""
        plan = policy(share).plan(snapshot(old(20_000)))

        spread = 4 * (share * (1 - share) / 20_000) ** 0.5
        assert plan.summary().held_out / 20_000 == pytest.approx(share, abs=spread)
        assert plan.summary().held_out + plan.summary().withdraw == 20_000

    def test_it_says_nothing_about_other_groups(self) -> None:
        """Not even about slugs that differ in one letter: each half, and each tenth, has its share."""
        lots = [lot(one) for one in old(20_000)]

        for group in (lots[::2], lots[1::2], *(lots[start::10] for start in range(10))):
            assert sum(one < 0.2 for one in group) / len(group) == pytest.approx(0.2, abs=0.04)
        assert sum(lots) / len(lots) == pytest.approx(0.5, abs=0.01)

    @SOME
    @given(cases(smallest=1), SHARES, SHARES)
    def test_raising_it_never_adds_a_withdrawal(self, case: Case, one: float, other: float) -> None:
        """And whoever was held out stays so."""
        less, more = (case.plan(attrs.evolve(case.policy, holdout=share)) for share in sorted((one, other)))

        assert held(less) <= held(more)
        assert chosen(more) <= chosen(less) <= chosen(case.plan())

    @SOME
    @given(cases(smallest=1), SHARES)
    def test_only_what_would_be_withdrawn_is_held_out(self, case: Case, share: float) -> None:
        """All other verdicts are what they are without a holdout, and the two add up."""
        without, plan = case.plan(), case.plan(attrs.evolve(case.policy, holdout=share))

        assert held(plan) | chosen(plan) == chosen(without)
        assert not held(plan) & chosen(plan)
        before = without.decisions.verdicts()
        assert all(
            verdict is before[key] or key in chosen(without) for key, verdict in plan.decisions.verdicts().items()
        )

    @SOME
    @given(cases(smallest=2), SHARES, st.randoms(use_true_random=False))
    def test_order_of_input_changes_nothing(self, case: Case, share: float, chance: Random) -> None:
        held_out = attrs.evolve(case.policy, holdout=share)
        rows = list(case.snapshot.invitations)
        chance.shuffle(rows)

        assert (
            held_out.plan(attrs.evolve(case.snapshot, invitations=rows), context=case.context).decisions
            == case.plan(held_out).decisions
        )

    @SOME
    @given(cases(smallest=1), SHARES)
    def test_an_explanation_replayed_gives_the_same_verdict(self, case: Case, share: float) -> None:
        held_out = attrs.evolve(case.policy, holdout=share)
        verdict_of = {
            Truth.TRUE: (Verdict.WITHDRAW, Verdict.DEFER),
            Truth.FALSE: (Verdict.KEEP, Verdict.CLOSED),
            Truth.UNKNOWN: (Verdict.UNDECIDED,),
        }
        for decision in case.plan(held_out).decisions:
            if decision.verdict is Verdict.CLOSED:
                continue
            truths = {
                leaf: reason.truth for (_, leaf), reason in zip(held_out.roles, decision.reasons, strict=False)
            }
            truths |= {leaf: Truth.of(leaf == r.always()) for leaf in (*r.always().leaves, *r.never().leaves)}
            assert decision.verdict in verdict_of[held_out.eligible.fold(truths.__getitem__)]


class TestWho:
    def test_the_lot_goes_by_the_slug_whatever_else_is_known(self) -> None:
        """So an export and a service that knows more draw the same."""
        export = invitation(1, member=Member(slug="zoë-example-3"))
        service = invitation(2, member=Member(name="Zoë", slug="zo%C3%AB-example-3", urn="urn:li:member:9"))

        assert lot(export) == lot(service)

    def test_without_a_slug_by_the_next_identifier_and_last_by_the_invitation(self) -> None:
        urn, provider = {"urn": "urn:li:member:9"}, {"provider_id": "prov-9"}

        assert lot(invitation(1, member=Member(**urn))) == lot(invitation(2, member=Member(**urn, **provider)))
        assert lot(invitation(1, member=Member(**provider))) == lot(invitation(2, member=Member(**provider)))
        nameless = Member(name="Sam Example")
        assert lot(invitation(1, member=nameless)) != lot(invitation(2, member=nameless))

    def test_kinds_of_identifiers_are_told_apart(self) -> None:
        assert lot(invitation(1, member=Member(urn="prov-9"))) != lot(
            invitation(1, member=Member(provider_id="prov-9"))
        )

    def test_who_is_drawn_does_not_change_from_release_to_release(self) -> None:
        """An experiment of half a year must not lose its members to an update."""
        assert [round(lot(one), 6) for one in old(4)] == [0.722473, 0.851802, 0.890231, 0.821477]


class TestWhatIsSaid:
    def test_the_decision_keeps_and_says_why(self) -> None:
        plan = policy().plan(snapshot(old(50)))
        decision = plan.held_out[0]

        assert decision.verdict is Verdict.KEEP
        assert decision.is_held_out
        assert decision.why == "held out: one of the 20 % that are left until they end by themselves"
        assert "held-out" in [reason.code for reason in decision.because]
        assert "held-out" in decision.to_record()["codes"].split()
        (reason,) = (one for one in decision.reasons if one.code == "held-out")
        assert reason.parameters == {"share": 0.2}
        assert not any("someone" in str(part) for part in (reason, reason.facts, reason.rule))

    def test_the_records_of_all_others_do_not_mention_it(self) -> None:
        plan = policy().plan(
            snapshot([*old(50), invitation(90, days=3), invitation(91, sent_at=SentAt.unknown())])
        )

        kept = [record for record in plan.to_records() if record["verdict"] != "withdraw"]
        assert {record["id"] for record in kept if "held-out" in record["codes"].split()} == held(plan) != set()
        assert {record["id"] for record in plan.to_records() if "held out" in record["why"]} == held(plan)

    def test_the_summary_counts_it(self) -> None:
        plan = policy().plan(snapshot(old(50)))
        count = len(plan.held_out)

        assert plan.summary().held_out == count > 0
        assert (
            plan.summary().headline == f"50 open: withdraw {50 - count}, keep {count} (of which held out {count})"
        )
        assert plan.summary().to_record()["held_out"] == count

    def test_a_plan_that_holds_all_of_it_out_is_not_called_fruitless(self) -> None:
        least = min(map(lot, old(50)))
        (one,) = (row for row in old(50) if lot(row) == least)

        summary = policy(least + 1e-9).plan(snapshot([one])).summary()
        assert summary.held_out == 1
        assert not any("meets all that the policy asks for" in note for note in summary.notes)

    def test_a_plan_that_travelled_still_knows(self) -> None:
        plan = policy().plan(snapshot(attrs.evolve(one, note="") for one in old(50)))
        again = pickle.loads(pickle.dumps(plan))

        assert again == plan
        assert held(again) == held(plan)
        assert again.summary().held_out == plan.summary().held_out


class TestTheSetting:
    def test_off_it_is_as_if_there_were_none(self) -> None:
        """No reason, no word in the repr, and the fingerprint of before."""
        plain, off = policy(0), Policy(name="t", withdraw=r.older_than(days=28), limits=Limits(share=1.0))

        assert plain == off
        assert repr(plain) == "Policy(name='t', withdraw=r.older_than(days=28), limits=Limits(share=1.0))"
        plans = [one.plan(snapshot(old(9)), allow_everything=True) for one in (plain, off)]
        assert plans[0].digest == plans[1].digest
        assert plans[0].digest.startswith("f52da76e415e")  # Worked out before policies knew of holdouts.
        assert not plans[0].held_out
        assert "held_out" not in plans[0].summary().to_record()

    def test_on_it_shows(self) -> None:
        assert "holdout=0.05" in repr(policy(0.05))
        assert dict(policy(0.05).__rich_repr__())["holdout"] == 0.05
        assert [leaf.name for role, leaf in policy(0.05).roles if role == "guard"][-1] == "held_out"

    def test_it_belongs_to_the_fingerprint_of_a_plan(self) -> None:
        """Even where nobody is held out."""
        digests = {policy(share).plan(snapshot(old(1)), allow_everything=True).digest for share in (0, 1e-9, 2e-9)}

        assert len(digests) == 3

    @pytest.mark.parametrize("wrong", [-0.1, 0.51, 1, 5, True, False, None, "0.05", float("nan"), UNKNOWN])
    def test_it_is_a_share_up_to_a_half(self, wrong: Any) -> None:
        with pytest.raises(PolicyError, match="holdout must be a share from 0 to") as caught:
            policy(wrong)
        assert "holdout=0.05" in caught.value.hint

    @pytest.mark.parametrize("right", [0, 0.0, 0.001, 0.5])
    def test_the_ends_belong_to_it(self, right: float) -> None:
        assert policy(right).holdout == right

    def test_a_rule_too_deep_to_be_guarded_is_refused_when_the_policy_is_built(self) -> None:
        rule = r.older_than(days=3) & r.has_note()
        while rule.depth < 47:
            rule = rule.if_unknown(False)

        assert policy(0, withdraw=rule).plan(snapshot(old(3))).withdrawals is not None
        with pytest.raises(PolicyError, match="deep"):
            policy(0.05, withdraw=rule)


def test_a_smaller_share_implies_a_larger_one() -> None:
    """So that a policy whose parts contradict each other is seen."""
    assert HeldOut(0.05).implies(HeldOut(0.1))
    assert not HeldOut(0.1).implies(HeldOut(0.05))
    assert not HeldOut(0.1).implies(KeepMark())


def test_it_says_of_whom_it_is_true_and_of_whom_not() -> None:
    said = {truth: Reason("guard", "held-out", truth, {"share": 0.05}).text for truth in (Truth.TRUE, Truth.FALSE)}

    assert said[Truth.TRUE] == "held out: one of the 5 % that are left until they end by themselves"
    assert said[Truth.FALSE] == "not one of the 5 % that are held out"

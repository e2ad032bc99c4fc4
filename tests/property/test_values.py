"""Every value of the package is frozen, can be hashed, survives a pickle, and prints what builds it."""

from __future__ import annotations

import copy
import pickle
from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.strategies import AGES, MEMBERS, Case, cases, invitations, policies, rules

from invitekit import rules as r
from invitekit.model import UNKNOWN, Invitation, Member, People, SentAt
from invitekit.policy import NO_LIMIT, Policy
from invitekit.rules import Rule

P = settings(max_examples=max(400, settings().max_examples))
SOME = settings(max_examples=max(150, settings().max_examples // 3))

SAID: dict[str, Any] = {"r": r}


def evaluated(expression: str) -> Any:
    """What an expression builds, with `from invitekit import rules as r` and the names of `invitekit`."""
    import invitekit

    return eval(
        expression, {**SAID, **{name: getattr(invitekit, name) for name in ("Policy", "Limits", "Member")}}
    )


@P
@given(rules(size=16))
def test_the_repr_of_a_rule_builds_an_equal_rule(rule: Rule) -> None:
    assert evaluated(repr(rule)) == rule


@P
@given(policies(own_ranks=False, min_ages=[timedelta(days=14)]))
def test_the_repr_of_a_policy_builds_an_equal_policy(policy: Policy) -> None:
    assert evaluated(repr(policy)) == policy


@P
@given(rules(size=16))
def test_rules_are_values(rule: Rule) -> None:
    """Equal to a copy, with the same hash, and cannot be changed."""
    again = pickle.loads(pickle.dumps(rule))

    assert again == rule
    assert hash(again) == hash(rule)
    assert copy.deepcopy(rule) == rule
    assert {rule: 1}[again] == 1
    field = attrs.fields(type(rule))[0].name if attrs.fields(type(rule)) else "anything"
    with pytest.raises((attrs.exceptions.FrozenInstanceError, AttributeError)):
        setattr(rule, field, None)


@SOME
@given(cases(largest=0))
def test_policies_contexts_and_limits_are_values(case: Case) -> None:
    for value in (case.policy, case.context, case.policy.limits):
        again = pickle.loads(pickle.dumps(value))
        assert again == value
        assert hash(again) == hash(value)
        assert repr(again) == repr(value)
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(value, attrs.fields(type(value))[0].name, None)
    assert pickle.loads(pickle.dumps(NO_LIMIT)) is NO_LIMIT


@P
@given(invitations())
def test_an_invitation_survives_a_pickle_but_for_its_note(invitation: Invitation) -> None:
    again = pickle.loads(pickle.dumps(invitation))

    assert attrs.evolve(again, note=invitation.note) == invitation
    assert again.note == "" if invitation.note == "" else again.note is UNKNOWN
    assert hash(copy.copy(invitation)) == hash(invitation)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        invitation.note = "x"  # type: ignore[misc]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_members_people_and_times_survive_every_pickle_protocol(protocol: int) -> None:
    for value in (*MEMBERS, *AGES, People(["ada-example-77", "urn:li:member:501"])):
        assert pickle.loads(pickle.dumps(value, protocol)) == value


@SOME
@given(cases())
def test_a_plan_that_travelled_decides_as_before(case: Case) -> None:
    """A pickled plan leaves notes behind, and keeps verdicts, ranks, reasons and blockers."""
    plan = case.plan()

    again = pickle.loads(pickle.dumps(plan))

    assert again.decisions.verdicts() == plan.decisions.verdicts()
    assert [one.reasons for one in again.decisions] == [one.reasons for one in plan.decisions]
    assert [one.rank for one in again.decisions] == [one.rank for one in plan.decisions]
    assert [one.follows for one in again.decisions] == [one.follows for one in plan.decisions]
    assert (again.blockers, again.never_known, again.policy) == (plan.blockers, plan.never_known, plan.policy)
    assert len(again.diff(plan)) == 0


@SOME
@given(st.sampled_from(MEMBERS).filter(lambda member: member.identifiers))
def test_people_print_what_builds_them(member: Member) -> None:
    assert eval(repr(People([member])), {"People": People}).holds(member).value == "true"


def test_a_sent_time_keeps_the_words_of_its_source_out_of_comparisons() -> None:
    one, two = (SentAt(AGES[0].earliest, AGES[0].latest, text) for text in ("10/5/26, 2:14 PM", "2 months ago"))

    assert one == two
    assert hash(one) == hash(two)
    assert one.text != two.text

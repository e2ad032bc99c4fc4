"""The laws that every policy keeps, whatever it says and whatever the source says.

"Selected" means withdrawn or deferred: what the rules let go, before limits decide how much of it goes today.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations
from random import Random

import attrs
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests import oracle
from tests.strategies import AGE_RULES, NOW, ROOMY, Case, cases, monotone_rule

from invitekit import rules as r
from invitekit.errors import PolicyError
from invitekit.model import Invitation, Truth
from invitekit.policy import Plan, Verdict
from invitekit.rules import Rule
from invitekit.rules._age import OlderThan
from invitekit.rules._rule import All, AnyOf

P = settings(max_examples=max(400, settings().max_examples))
SOME = settings(max_examples=max(200, settings().max_examples // 2))


def by_id(invitation: Invitation) -> str:
    """What tells invitations apart."""
    return invitation.id


def ranking(plan: Plan) -> list[str]:
    """The ids of what is withdrawn or deferred, in order."""
    verdicts = plan.decisions.verdicts()
    return [key for key, verdict in verdicts.items() if verdict in (Verdict.WITHDRAW, Verdict.DEFER)]


def selected(plan: Plan) -> set[str]:
    """The ids of what is withdrawn or deferred."""
    return set(ranking(plan))


def withdrawn(plan: Plan) -> set[str]:
    """The ids of what is withdrawn."""
    return {key for key, verdict in plan.decisions.verdicts().items() if verdict is Verdict.WITHDRAW}


@P
@given(cases(), st.booleans())
def test_every_invitation_appears_exactly_once(case: Case, everything: bool) -> None:
    """Nothing is lost and nothing is decided twice, and the summary counts exactly the open sent ones."""
    plan = case.plan(allow_everything=everything)

    decided = [decision.invitation for decision in plan.decisions]
    assert sorted(decided, key=by_id) == sorted(case.snapshot.invitations, key=by_id)
    assert sum(plan.decisions.count(verdict) for verdict in Verdict) == len(case.snapshot.invitations)
    assert plan.summary().open == len(case.snapshot.open_sent)
    assert [decision.rank for decision in (*plan.withdrawals, *plan.deferred)] == list(
        range(1, len(selected(plan)) + 1)
    )


@P
@given(cases())
def test_a_plan_is_what_the_slow_way_says(case: Case) -> None:
    """The compiled plan has the verdicts, the order and the limits that `tests.oracle` works out row by row."""
    plan = case.plan()

    verdicts, order = oracle.plan(case.policy, case.snapshot, oracle.World(NOW, case.snapshot, case.parts))

    assert {key: verdict.value for key, verdict in plan.decisions.verdicts().items()} == verdicts
    assert ranking(plan) == order


@P
@given(cases())
def test_adding_a_keep_rule_never_adds_a_withdrawal(case: Case) -> None:
    """Stated over what is selected, and over what is withdrawn where limits do not bind.

    Under a limit that binds, keeping one invitation makes room for the next in line, which is then withdrawn
    instead of deferred: the rules let it go before, too, and only its turn has come. So what a keep rule can never
    do is to select an invitation that was not selected without it, nor to withdraw more of them.
    """
    try:
        keeping = attrs.evolve(case.policy, keep=case.policy.keep | case.more)
    except PolicyError:
        assume(False)  # The two keep everything between them: refused when built.

    before, after = case.plan(), case.plan(keeping)

    assert selected(after) <= selected(before)
    assert len(withdrawn(after)) <= len(withdrawn(before))
    if withdrawn(before) == selected(before):
        assert withdrawn(after) <= withdrawn(before)


def _aged(rule: Rule, more: timedelta) -> Rule:
    """The rule with a higher threshold wherever it asks for an age."""
    if isinstance(rule, OlderThan):
        return r.older_than(rule.age + more)
    if isinstance(rule, All | AnyOf):
        return type(rule)(tuple(_aged(part, more) for part in rule.rules))
    return rule


@P
@given(cases(withdraw=monotone_rule), st.integers(1, 90 * 24 * 60), st.booleans())
def test_raising_an_age_threshold_never_adds_a_withdrawal(case: Case, minutes: int, in_rule: bool) -> None:
    """Whether the threshold is one of the withdraw rule or `min_age`, and whatever the intervals of sending.

    Over what is selected, as above; a threshold under a negation asks for youth, and is not meant.
    """
    more = timedelta(minutes=minutes)
    try:
        stricter = (
            attrs.evolve(case.policy, withdraw=_aged(case.policy.withdraw, more))
            if in_rule
            else attrs.evolve(case.policy, min_age=case.policy.min_age + more)
        )
    except PolicyError:
        assume(False)

    before, after = case.plan(), case.plan(stricter)

    assert selected(after) <= selected(before)
    assert len(withdrawn(after)) <= len(withdrawn(before))


@P
@given(cases(smallest=2, largest=6), st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(case: Case, chance: Random) -> None:
    """Neither verdicts nor ranks nor reasons nor the digest."""
    shuffled = list(case.snapshot.invitations)
    chance.shuffle(shuffled)
    other = attrs.evolve(case.snapshot, invitations=shuffled)

    one, two = case.plan(), case.policy.plan(other, context=case.context)

    assert one == two
    assert hash(one) == hash(two)
    assert one.digest == two.digest


@P
@given(cases(smallest=1, largest=6), st.lists(st.integers(0, 5), min_size=1, max_size=4))
def test_duplicate_rows_change_nothing(case: Case, places: list[int]) -> None:
    """A row that a source gives twice counts once, also for shares and for repeated notes."""
    items = list(case.snapshot.invitations)
    twice = [items[place % len(items)] for place in places]
    repeated = attrs.evolve(case.snapshot, invitations=[*twice, *items, *twice])

    one, two = case.plan(), case.policy.plan(repeated, context=case.context)

    assert one == two
    assert one.digest == two.digest


CAPS = [
    *((name, low, high) for name in ("per_run", "per_day", "per_week") for low, high in combinations(range(7), 2)),
    *(("share", low, high) for low, high in combinations([0, 0.001, 0.05, 0.3, 0.5, 1], 2)),
]


@P
@given(cases(smallest=2, only_open=True), st.sampled_from(CAPS))
def test_a_lower_cap_gives_a_prefix(case: Case, cap: tuple[str, float, float]) -> None:
    """A lower limit withdraws the first of what a higher one withdraws, and defers the rest: never another."""
    name, *caps = cap

    lower, higher = (
        case.plan(attrs.evolve(case.policy, limits=attrs.evolve(case.policy.limits, **{name: value})))
        for value in caps
    )

    assert ranking(lower) == ranking(higher)
    few, many = len(withdrawn(lower)), len(withdrawn(higher))
    assert withdrawn(lower) == set(ranking(lower)[:few])
    assert withdrawn(higher) == set(ranking(higher)[:many])
    assert few <= many


@P
@given(cases(largest=5))
def test_planning_twice_gives_equal_plans(case: Case) -> None:
    """Also where one plan has been looked at from all sides in between."""
    first = case.plan()
    _ = str(first), first.summary(), first.withdrawals, first.digest
    second = case.plan()

    assert first == second
    assert first.digest == second.digest
    assert len(first.diff(second)) == 0


VERDICT_OF = {Truth.TRUE: Verdict.WITHDRAW, Truth.FALSE: Verdict.KEEP, Truth.UNKNOWN: Verdict.UNDECIDED}


@P
@given(cases(smallest=1, only_open=True))
def test_an_explanation_replayed_gives_the_same_verdict(case: Case) -> None:
    """Every decision names each rule and what it saw; folding the policy over those truths decides the same."""
    roles = case.policy.roles
    fold = case.policy.eligible.fold

    for decision in case.plan().decisions:
        asked, limited = decision.reasons[: len(roles)], decision.reasons[len(roles) :]
        assert [(reason.role, reason.rule) for reason in asked] == [(role, leaf.label) for role, leaf in roles]
        assert all(reason.text for reason in decision.reasons)
        assert all(reason.role == "limit" for reason in limited)
        truths = {leaf: reason.truth for (_, leaf), reason in zip(roles, asked, strict=True)}
        replayed = VERDICT_OF[fold(lambda leaf, truths=truths: truths.get(leaf, Truth.FALSE))]
        assert decision.verdict is (Verdict.DEFER if limited else replayed)
        assert replayed is Verdict.WITHDRAW or not limited


@SOME
@given(cases(smallest=1, largest=5, only_open=True), st.randoms(use_true_random=False))
def test_the_reasons_that_decide_are_enough(case: Case, chance: Random) -> None:
    """Where the verdict is certain, the reasons that do not decide could have come out either way."""
    for decision in case.plan().decisions:
        asked = list(zip(case.policy.roles, decision.reasons, strict=False))
        deciding = {leaf: reason.truth for (_, leaf), reason in asked if reason.decides}
        if decision.verdict is Verdict.UNDECIDED:
            assert Truth.UNKNOWN in deciding.values()
            continue
        for _ in range(3):
            others = {leaf: chance.choice(list(Truth)) for (_, leaf), _ in asked}
            answers = {**others, **deciding}
            truth = case.policy.eligible.fold(lambda leaf, answers=answers: answers.get(leaf, Truth.FALSE))
            assert truth is (Truth.FALSE if decision.verdict is Verdict.KEEP else Truth.TRUE)


@SOME
@given(cases(), st.sampled_from(AGE_RULES))
def test_time_passing_turns_no_certain_withdrawal_back(case: Case, rule: Rule) -> None:
    """Of one snapshot, what is old enough now is old enough later: ages only grow."""
    by_age = attrs.evolve(case.policy, withdraw=rule, keep=r.known_contact(), limits=ROOMY)

    assert withdrawn(case.plan(by_age)) <= withdrawn(case.plan(by_age, now=NOW + timedelta(days=9)))

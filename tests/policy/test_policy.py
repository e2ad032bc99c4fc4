"""Building a policy: what is refused by name, what "everything" takes, and what the default means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.population import ago, invitation, snapshot
from tests.strategies import BUILT_IN, _grown, rules

from invitekit import rules as r
from invitekit.errors import PolicyError
from invitekit.model import UNKNOWN, Direction, Evidence, SentAt, Status, Truth
from invitekit.policy import Context, Limits, Policy, Verdict
from invitekit.rules import Rule

OLD = r.older_than(weeks=4)
FEW = Limits(per_run=5)
MANY_TAGS = [r.tagged(f"tag {number}") for number in range(20)]


def any_of(some: list[Rule]) -> Rule:
    joined = some[0]
    for rule in some[1:]:
        joined = joined | rule
    return joined


def policy(withdraw: Any = OLD, **settings: Any) -> Policy:
    return Policy(**{"name": "t", "withdraw": withdraw, "limits": FEW, **settings})


PLAIN_RULES = st.binary(min_size=6, max_size=6).map(partial(_grown, BUILT_IN, (lambda rule: ~rule,)))


NO_POLICY: dict[str, tuple[Callable[[], Policy], str]] = {
    "nothing said": (lambda: Policy(name="t"), "no-limit"),
    "nothing said but a limit": (lambda: Policy(name="t", limits=FEW), "empty"),
    "never": (lambda: policy(r.never()), "empty"),
    "not always": (lambda: policy(~r.always()), "empty"),
    "never or never": (lambda: policy(r.never() | ~r.always()), "empty"),
    "old and never": (lambda: policy(OLD & r.never()), "empty"),
    "a and not a": (lambda: policy(OLD & ~OLD), "empty"),
    "neither a nor not a": (lambda: policy(~(r.has_note() | ~r.has_note())), "empty"),
    "older than four weeks and not than three": (lambda: policy(OLD & ~r.older_than(weeks=3)), "empty"),
    "ten shared and not five": (
        lambda: policy(r.mutual_connections(at_least=10) & ~r.mutual_connections(at_least=5)),
        "empty",
    ),
    "never, whatever is unknown": (lambda: policy(r.never().if_unknown(True)), "empty"),
    "never, with a long list to keep": (lambda: policy(r.never(), keep=any_of(MANY_TAGS)), "empty"),
    "keep always": (lambda: policy(keep=r.always()), "keeps-everything"),
    "keep a or not a": (lambda: policy(keep=r.has_note() | ~r.has_note()), "keeps-everything"),
    "keep what is withdrawn": (lambda: policy(keep=OLD), "contradiction"),
    "keep more than what is withdrawn": (
        lambda: policy(keep=r.older_than(weeks=3) | r.has_note()),
        "contradiction",
    ),
    "withdraw a and b, keep a": (lambda: policy(OLD & r.has_note(), keep=r.has_note()), "contradiction"),
    "only what is too young": (lambda: policy(~r.older_than(days=10)), "contradiction"),
    "only between three and ten days": (
        lambda: policy(r.older_than(days=3) & ~r.older_than(days=10)),
        "contradiction",
    ),
    "keep all that is old enough": (
        lambda: policy(r.has_note(), keep=r.older_than(days=14)),
        "contradiction",
    ),
    "no limits": (lambda: policy(limits=Limits()), "no-limit"),
    "limits of nothing": (lambda: Policy(name="t", withdraw=OLD), "no-limit"),
    "no rule": (lambda: policy(None), "bad-argument"),
    "a rule that was not called": (lambda: policy(r.older_than), "bad-argument"),
    "everything": (lambda: policy(r.always()), "everything"),
    "a or not a": (lambda: policy(r.has_note() | ~r.has_note()), "everything"),
    "not never, keep never": (lambda: policy(~r.never(), keep=~r.always()), "everything"),
}


class TestNoPolicy:
    """However somebody spells "no policy", nothing is selected, and the reason is named."""

    @pytest.mark.parametrize("spelling", NO_POLICY)
    def test_it_is_refused_when_it_is_built(self, spelling: str) -> None:
        build, code = NO_POLICY[spelling]

        with pytest.raises(PolicyError) as caught:
            build()

        assert caught.value.code == code
        assert caught.value.hint

    def test_there_are_more_than_twenty_spellings(self) -> None:
        assert len(NO_POLICY) >= 20

    @pytest.mark.parametrize("limits", [Limits(per_run=0), Limits(per_day=0), Limits(per_week=0), Limits(share=0)])
    def test_with_everything_turned_off_nothing_is_withdrawn_and_the_limit_is_named(self, limits: Limits) -> None:
        """Nought is a limit: nothing may go, and each invitation says which limit holds it back."""
        plan = policy(limits=limits).plan(snapshot([invitation(number) for number in range(3)]))

        assert plan.summary().withdraw == 0
        assert plan.summary().defer == 3
        (name,) = limits.values
        for decision in plan.deferred:
            assert decision.because[0].code == f"limit-{name.replace('_', '-')}"

    @pytest.mark.parametrize(
        "fine",
        [
            policy,
            lambda: policy(OLD | r.has_note(), keep=r.has_note()),
            lambda: policy(OLD, keep=r.older_than(weeks=5)),
            lambda: policy(r.always(), keep=r.has_note()),
            lambda: policy(OLD & ~r.older_than(weeks=5)),
            lambda: policy(r.has_note() & any_of(MANY_TAGS), keep=any_of(MANY_TAGS)),
            lambda: policy(~r.older_than(days=10), min_age=timedelta(0)),
            lambda: policy(r.older_than(days=3), min_age=timedelta(0)),
            lambda: policy(r.has_note().if_unknown(True)),
        ],
        ids=range(9),
    )
    def test_what_can_mean_something_is_not_refused(self, fine: Callable[[], Policy]) -> None:
        assert fine().name == "t"

    @settings(max_examples=max(200, settings().max_examples))
    @given(PLAIN_RULES, PLAIN_RULES)
    def test_it_is_refused_exactly_where_no_answers_make_it_useful(self, withdraw: Rule, keep: Rule) -> None:
        """By the truth table of rules that settle nothing: worked out again here, answer by answer."""
        asked, kept, selected = set(), set(), set()
        for said in answers_to((withdraw, keep), (Truth.TRUE, Truth.FALSE)):
            asked.add(withdraw.fold(said.__getitem__))
            kept.add(keep.fold(said.__getitem__))
            selected.add(withdraw.fold(said.__getitem__) & ~keep.fold(said.__getitem__))
        useless = asked == {Truth.FALSE} or kept == {Truth.TRUE} or len(selected) == 1

        try:
            policy(withdraw, keep=keep, min_age=timedelta(0))
        except PolicyError:
            assert useless
        else:
            assert not useless

    @settings(max_examples=max(200, settings().max_examples))
    @given(rules(size=6), rules(size=4))
    def test_nothing_is_refused_that_could_withdraw_something(self, withdraw: Rule, keep: Rule) -> None:
        """Also of rules that settle what is unknown, and whatever may be unknown of an invitation."""
        try:
            policy(withdraw, keep=keep, min_age=timedelta(0))
        except PolicyError as error:
            if error.code != "everything":
                found = {
                    withdraw.fold(said.__getitem__) & ~keep.fold(said.__getitem__)
                    for said in answers_to((withdraw, keep), tuple(Truth))
                }
                assert Truth.TRUE not in found


def answers_to(some: tuple[Rule, ...], truths: tuple[Truth, ...]) -> Iterator[dict[Rule, Truth]]:
    """Every set of answers that the leaves of some rules can give together."""
    leaves = dict.fromkeys(leaf for rule in some for leaf in rule.leaves)
    free = [leaf for leaf in leaves if leaf.name not in ("always", "never")]
    for answers in product(truths, repeat=len(free)):
        said = dict(zip(free, answers, strict=True))
        broken = (
            said[one] is Truth.TRUE and said[other] is not Truth.TRUE
            for one in free
            for other in free
            if one.implies(other)
        )
        if not any(broken):
            yield {**said, r.always(): Truth.TRUE, r.never(): Truth.FALSE}


class TestEverything:
    """To withdraw all there is takes both a rule that asks something and a switch that says so."""

    ROWS = snapshot([invitation(number) for number in range(3)])

    def test_without_a_filter_no_switch_can_help(self) -> None:
        """Refused when built, so there is nothing to call with either switch."""
        for withdraw in (r.always(), r.has_note() | ~r.has_note(), ~r.never()):
            with pytest.raises(PolicyError, match="would withdraw everything") as caught:
                policy(withdraw)
            assert caught.value.code == "everything"

    def test_with_a_filter_and_without_the_switch_the_plan_is_blocked(self) -> None:
        plan = policy().plan(self.ROWS)

        assert plan.summary().withdraw == 3
        assert not plan.is_applicable
        assert [blocker.code for blocker in plan.blockers] == ["withdraws-everything"]
        assert "allow_everything=True" in str(plan.blockers[0])

    def test_with_a_filter_and_the_switch_it_may_be_applied(self) -> None:
        plan = policy().plan(self.ROWS, allow_everything=True)

        assert plan.summary().withdraw == 3
        assert plan.is_applicable

    @pytest.mark.parametrize("switch", [False, 0, 1, "yes", "false", None])
    def test_only_true_is_the_switch(self, switch: Any) -> None:
        assert not policy().plan(self.ROWS, allow_everything=switch).is_applicable

    def test_what_counts_is_what_this_plan_would_withdraw(self) -> None:
        """Under a limit that leaves some for later it is not everything; when only those are left, it is."""
        assert policy(limits=Limits(per_run=2)).plan(self.ROWS).is_applicable
        assert not policy(limits=Limits(per_run=3)).plan(self.ROWS).is_applicable
        assert not policy(limits=Limits(per_run=2)).plan(snapshot(self.ROWS.invitations[:2])).is_applicable

    def test_one_that_stays_is_enough(self) -> None:
        rows = snapshot([*self.ROWS.invitations, invitation(9, days=1)])

        assert policy().plan(rows).is_applicable

    def test_nothing_at_all_is_not_everything(self) -> None:
        assert policy().plan(snapshot()).is_applicable


class TestArguments:
    @pytest.mark.parametrize("wrong", ["", "  ", None, 5])
    def test_a_policy_has_a_name(self, wrong: Any) -> None:
        with pytest.raises(PolicyError, match="the name of a policy takes a text that is not empty"):
            policy(name=wrong)

    @pytest.mark.parametrize("field", ["withdraw", "keep"])
    @pytest.mark.parametrize("wrong", [None, True, "older_than", 5, Truth.TRUE])
    def test_rules_are_rules_or_functions(self, field: str, wrong: Any) -> None:
        with pytest.raises(PolicyError, match="expected a rule or a function"):
            policy(**{field: wrong})

    def test_a_plain_function_becomes_a_rule(self) -> None:
        made = policy(lambda given: given.note == "", keep=lambda given, context: given.member in context.contacts)

        assert [rule.name for rule in (made.withdraw, made.keep)] == ["rule", "rule"]  # type: ignore[attr-defined]

    @pytest.mark.parametrize("wrong", [None, 5, {"per_run": 5}])
    def test_limits_are_limits(self, wrong: Any) -> None:
        with pytest.raises(PolicyError, match=r"limits must be Limits, got .*Limits\(per_run=20\)"):
            policy(limits=wrong)

    @pytest.mark.parametrize("wrong", ["newest", None, 5])
    def test_a_rank_is_oldest_or_a_function(self, wrong: Any) -> None:
        with pytest.raises(PolicyError, match="rank must be 'oldest', 'keep-value' or a function"):
            policy(rank=wrong)

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            (0, "needs a unit"),
            (14, "needs a unit"),
            (None, "more than nothing"),
            ("14d", "needs a unit"),
            (timedelta(days=-1), "more than nothing"),
            (timedelta(seconds=30), "whole minutes"),
            (timedelta.max, "at most 100 years"),
        ],
    )
    def test_min_age_is_a_duration(self, wrong: Any, says: str) -> None:
        with pytest.raises(PolicyError, match=f"({says})"):
            policy(min_age=wrong)

    def test_positions_are_refused(self) -> None:
        with pytest.raises(TypeError):
            Policy("t", OLD)  # type: ignore[misc]

    def test_a_function_that_ranks_must_give_what_can_be_ordered(self) -> None:
        rows = snapshot([invitation(1), invitation(2)])

        with pytest.raises(PolicyError, match=r"cannot be ordered.*Return numbers") as caught:
            policy(rank=lambda given, context: None if given.id == "x-1" else 1).plan(rows)
        assert caught.value.code == "rule-failed"
        with pytest.raises(PolicyError, match="the rank function failed on the invitation x-1 with KeyError"):
            policy(rank=lambda given, context: {}[given.id]).plan(rows)

    def test_what_a_rank_function_said_is_not_passed_on(self) -> None:
        def breaks(given: Any, context: Any) -> int:
            raise RuntimeError(f"the note is {given.note}")

        with pytest.raises(PolicyError, match=r"RuntimeError in .*test_policy\.py, line \d+") as caught:
            policy(rank=breaks).plan(snapshot([invitation(1, note="private")]))
        assert "private" not in str(caught.value)
        assert caught.value.__cause__ is None

    def test_an_error_of_ours_in_a_rank_passes_as_it_is(self) -> None:
        def refuses(given: Any, context: Any) -> int:
            raise PolicyError("mine")

        with pytest.raises(PolicyError, match=r"^mine$"):
            policy(rank=refuses).plan(snapshot([invitation(1)]))


class TestRank:
    ROWS = (
        invitation(1, days=50),
        invitation(2, days=90),
        invitation(3, days=70),
        invitation(4, days=70),
        invitation(5, sent_at=SentAt(ago(300), ago(60))),
    )

    def order(self, rank: Any, rows: Any = ROWS) -> list[str]:
        plan = policy(limits=Limits(per_run=2), rank=rank).plan(snapshot(rows))
        return [decision.invitation.id for decision in (*plan.withdrawals, *plan.deferred)]

    def test_oldest_goes_by_what_is_surely_old(self) -> None:
        """An interval counts by its latest end; equals go by id."""
        assert self.order("oldest") == ["x-2", "x-3", "x-4", "x-5", "x-1"]

    def test_a_function_puts_its_smallest_first_and_sees_the_context(self) -> None:
        assert self.order(lambda given, context: (context.now - given.sent_at.latest).days) == [
            *("x-1", "x-5", "x-3", "x-4", "x-2"),
        ]

    @pytest.mark.parametrize(
        "rank",
        [
            lambda given, context: 0,
            lambda given, context: float("nan"),
            lambda given, context: float("nan") if given.id == "x-3" else int(given.id[2:]) % 2,
            lambda given, context: {given.id},
        ],
        ids=["all alike", "no number", "some no number", "no total order"],
    )
    def test_even_what_is_no_order_does_not_let_the_order_of_input_through(self, rank: Any) -> None:
        from itertools import permutations

        orders = {tuple(self.order(rank, rows)) for rows in permutations(self.ROWS)}

        assert len(orders) == 1


class TestDefault:
    """The policy of the three lines in the README: cautious, and every number of it a setting."""

    def test_its_settings(self) -> None:
        default = Policy.default()

        assert repr(default) == (
            "Policy(name='default', withdraw=r.older_than(days=30), keep=r.known_contact() | "
            "r.status_is('presumed-pending') & r.older_than(days=180), limits=Limits(per_day=20, per_week=80))"
        )
        assert default.min_age == timedelta(days=14)
        assert default.rank == "oldest"

    @pytest.mark.parametrize(
        ("changes", "verdict", "code"),
        [
            ({"days": 31}, Verdict.WITHDRAW, "older-than"),
            ({"days": 29}, Verdict.KEEP, "older-than"),
            ({"days": 10}, Verdict.KEEP, "older-than"),
            ({"days": 181}, Verdict.KEEP, "status-is"),
            ({"days": 181, "status": Status.PENDING, "evidence": Evidence.LISTED}, Verdict.WITHDRAW, "older-than"),
            ({"member": "ada-example-77"}, Verdict.KEEP, "known-contact"),
            ({"sent_at": SentAt.unknown()}, Verdict.UNDECIDED, "older-than"),
            ({"evidence": Evidence.NO_CONNECTIONS}, Verdict.UNDECIDED, "acceptance-settled"),
            ({"evidence": Evidence.AMBIGUOUS_NAME}, Verdict.UNDECIDED, "acceptance-settled"),
            ({"evidence": Evidence.NOT_CONNECTED_BY_NAME}, Verdict.WITHDRAW, "older-than"),
            ({"direction": Direction.RECEIVED}, Verdict.CLOSED, "received"),
            ({"status": Status.ACCEPTED, "evidence": Evidence.CONNECTED}, Verdict.CLOSED, "closed"),
            ({"status": Status.GONE, "evidence": Evidence.LISTED}, Verdict.CLOSED, "closed"),
            ({"status": Status.WITHDRAWN, "evidence": Evidence.LISTED}, Verdict.CLOSED, "closed"),
        ],
    )
    def test_what_it_decides(self, changes: dict[str, Any], verdict: Verdict, code: str) -> None:
        from invitekit.model import Member

        if "member" in changes:
            changes = {**changes, "member": Member(slug=changes["member"])}
        plan = Policy.default().plan(
            snapshot([invitation(1, **changes)]), context=Context(contacts=["ada-example-77"])
        )

        (decision,) = plan.decisions
        assert decision.verdict is verdict
        assert code in [reason.code for reason in decision.because]


class TestEligible:
    def test_it_is_the_whole_policy_as_one_rule(self) -> None:
        made = policy(keep=r.has_note())

        assert repr(made.eligible) == (
            "r.acceptance_settled() & r.older_than(days=14) & ~r.keep_mark() & r.older_than(days=28) "
            "& ~r.has_note()"
        )
        assert [role for role, _ in made.roles] == ["guard", "guard", "guard", "withdraw", "keep"]

    def test_without_min_age_and_keep_there_is_less_to_ask(self) -> None:
        made = policy(min_age=timedelta(0))

        assert [leaf.name for _, leaf in made.roles] == ["acceptance_settled", "keep_mark", "older_than"]
        assert "older_than(days=14)" not in repr(made.eligible)

    def test_min_age_nought_lets_the_young_go(self) -> None:
        rows = snapshot([invitation(1, days=1), invitation(2, sent_at=SentAt.unknown())])
        made = policy(~r.has_note(), min_age=timedelta(0))

        assert made.plan(rows).summary().withdraw == 2


class TestPrinting:
    def test_what_is_as_usual_is_left_out(self) -> None:
        assert repr(policy()) == "Policy(name='t', withdraw=r.older_than(days=28), limits=Limits(per_run=5))"

    def test_what_is_not_is_shown(self) -> None:
        made = policy(keep=r.has_note(), min_age=timedelta(days=3), rank=max)

        assert dict(made.__rich_repr__()) == {
            "name": "t",
            "withdraw": OLD,
            "keep": r.has_note(),
            "limits": FEW,
            "min_age": timedelta(days=3),
            "rank": max,
        }
        assert "rank=<built-in function max>" in repr(made)

    def test_html_shows_the_same_and_escapes(self) -> None:
        html = policy(name="<t>", keep=r.company("A & B"))._repr_html_()

        assert "&lt;t&gt;" in html
        assert "A &amp; B" in html

    def test_changing_a_policy_checks_it_again(self) -> None:
        with pytest.raises(PolicyError, match="no limit at all"):
            attrs.evolve(policy(), limits=Limits())


def test_unknown_stays_undecided_until_the_policy_settles_it() -> None:
    """The source does not say the company: kept undecided, withdrawn or kept as the policy says."""
    rows = snapshot([invitation(1, company=UNKNOWN)])
    keep = r.company("Acme Example")

    def decided(keep: Rule) -> Verdict:
        return policy(keep=keep).plan(rows).decisions[0].verdict

    assert decided(keep) is Verdict.UNDECIDED
    assert decided(keep.if_unknown(False)) is Verdict.WITHDRAW
    assert decided(keep.if_unknown(True)) is Verdict.KEEP

"""Rules by what waiting is still worth: only with statistics, only with a price, and with caution."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest

import invitekit as ik
from invitekit import rules as r
from invitekit.errors import PolicyError
from invitekit.model import Evidence

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
STATS = ik.AcceptanceStats.of_nothing()
"""The published curve, of which the chance falls with age."""


def pending(age: float, width: float = 0) -> ik.Invitation:
    sent = NOW - age * DAY
    return ik.Invitation(
        id=f"x-{age}",
        member=ik.Member(slug=f"person-example-{str(age).replace('.', '-')}"),
        direction=ik.Direction.SENT,
        sent_at=ik.SentAt(sent - width * DAY, sent),
        status=ik.Status.PENDING,
        evidence=Evidence.LISTED,
        as_of=NOW,
    )


def truths(rule: r.Rule, *invitations: ik.Invitation, **context: Any) -> list[str]:
    given = ik.Context(**{"stats": STATS, **context})
    return [truth.value for truth in rule.truths(list(invitations), now=NOW, context=given)]


def first_true(rule: r.Rule, **context: Any) -> int | None:
    found = truths(rule, *(pending(age) for age in range(200)), **context)
    return found.index("true") if "true" in found else None


class TestChanceBelow:
    def test_it_compares_the_cautious_side(self) -> None:
        day = first_true(r.chance_below(0.02))
        bold = first_true(r.chance_below(0.02, caution=0.5))

        assert STATS.chance(day).bound(0.8) < 0.02 <= STATS.chance(day - 1).bound(0.8)
        assert STATS.chance(bold).value < 0.02 <= STATS.chance(bold - 1).value
        assert bold < day

    def test_it_can_look_no_further_than_some_days(self) -> None:
        assert first_true(r.chance_below(0.02, within=7)) < first_true(r.chance_below(0.02))

    def test_beyond_the_expiry_nothing_is_expected(self) -> None:
        assert truths(r.chance_below(1e-9), pending(179), pending(180), pending(900)) == ["false", "true", "true"]

    def test_what_was_sent_on_one_of_several_days_is_unknown_where_they_differ(self) -> None:
        day = first_true(r.chance_below(0.02))

        found = truths(r.chance_below(0.02), pending(day + 1, 9), pending(day - 3, 9), pending(1, 3))
        assert found == ["true", "unknown", "false"]
        assert truths(r.chance_below(0.02), attrs.evolve(pending(5), sent_at=ik.SentAt.unknown())) == ["unknown"]

    def test_without_statistics_it_is_unknown_and_says_how_to_know(self) -> None:
        policy = ik.Policy(name="p", withdraw=r.chance_below(0.02), limits=ik.Limits(per_run=5))
        plan = policy.plan(_snapshot(pending(100)), now=NOW)

        assert plan.undecided
        assert any("AcceptanceStats.from_snapshot" in note for note in plan.notes)
        assert "no statistics" in str(plan.why("x-100"))

    def test_beyond_the_expiry_there_is_no_interval_to_tell(self) -> None:
        policy = ik.Policy(name="p", withdraw=r.chance_below(0.02), limits=ik.Limits(per_run=5))
        plan = policy.plan(_snapshot(pending(200)), now=NOW, context=ik.Context(stats=STATS))

        assert "surely below 2 %: chance 0 %, sent 200 days ago" in str(plan.why("x-200"))

    def test_it_explains_the_chance(self) -> None:
        policy = ik.Policy(name="p", withdraw=r.chance_below(0.02), limits=ik.Limits(per_run=5))
        plan = policy.plan(_snapshot(pending(120), pending(20)), now=NOW, context=ik.Context(stats=STATS))

        assert [d.invitation.id for d in plan.withdrawals] == ["x-120"]
        text = str(plan.why("x-120"))
        assert "published curve" in text
        assert "surely below 2 %: chance 0" in text

    @pytest.mark.parametrize("wrong", [0, 1, -0.1, 2, True, "2%", None, float("nan")])
    def test_a_share_is_between_nothing_and_all(self, wrong: Any) -> None:
        with pytest.raises(PolicyError, match="above 0 and below 1"):
            r.chance_below(wrong)

    @pytest.mark.parametrize("wrong", [{"within": 0}, {"within": 1.5}, {"caution": 0.4}, {"caution": 1}])
    def test_the_rest_is_checked_as_well(self, wrong: Any) -> None:
        with pytest.raises(PolicyError, match="chance_below"):
            r.chance_below(0.02, **wrong)

    def test_a_policy_that_contradicts_itself_is_seen(self) -> None:
        with pytest.raises(PolicyError, match="contradicts itself"):
            ik.Policy(
                name="p", withdraw=r.chance_below(0.01), keep=r.chance_below(0.02), limits=ik.Limits(per_run=5)
            )


class TestNotWorthWaiting:
    def test_a_slot_that_costs_more_is_given_up_earlier(self) -> None:
        days = [first_true(r.not_worth_waiting(slot_price=price)) for price in (0.0005, 0.001, 0.002)]

        assert days == sorted(days, reverse=True)

    def test_at_price_zero_it_is_never_true_and_says_so(self) -> None:
        rule = r.not_worth_waiting(slot_price=0)
        policy = ik.Policy(name="p", withdraw=rule, limits=ik.Limits(per_run=5))
        plan = policy.plan(_snapshot(pending(170)), now=NOW, context=ik.Context(stats=STATS))

        assert first_true(rule) is None
        assert "costs nothing, so waiting is always worth it: chance" in str(plan.why("x-170"))

    def test_the_price_comes_from_the_rule_the_context_or_a_cap(self) -> None:
        rule = r.not_worth_waiting()

        assert first_true(rule) is None
        assert truths(rule, pending(100)) == ["unknown"]
        assert first_true(rule, slot_price=0.001) == first_true(r.not_worth_waiting(slot_price=0.001))
        assert first_true(r.not_worth_waiting(slot_price=0.001), slot_price=0.1) == first_true(
            rule, slot_price=0.001
        )

    def test_without_a_price_it_says_how_to_set_one(self) -> None:
        policy = ik.Policy(name="p", withdraw=r.not_worth_waiting(), limits=ik.Limits(per_run=5))
        plan = policy.plan(_snapshot(pending(100)), now=NOW, context=ik.Context(stats=STATS))

        assert any("has no price of a slot" in note for note in plan.notes)
        assert "nothing says what a slot costs" in str(plan.why("x-100"))

    def test_it_explains_price_and_margin(self) -> None:
        policy = ik.Policy(name="p", withdraw=r.not_worth_waiting(slot_price=0.001), limits=ik.Limits(per_run=5))
        plan = policy.plan(_snapshot(pending(100), pending(15)), now=NOW, context=ik.Context(stats=STATS))

        (reason,) = [one for one in plan.decisions[0].reasons if one.code == "not-worth-waiting"]
        assert reason.parameters["slot_price"] == 0.001
        assert reason.parameters["margin"] < 0
        assert "surely not worth 0.001 a day, by -0.0" in reason.text

    @pytest.mark.parametrize(
        "wrong",
        [
            {"slot_price": -1},
            {"slot_price": float("inf")},
            {"pending_cap": 0},
            {"pending_cap": 1.5},
            {"slot_price": 0.1, "pending_cap": 500},
            {"value": float("nan")},
            {"withdraw_value": "x"},
            {"value": 10**400},
            {"caution": 0.2},
        ],
    )
    def test_wrong_arguments(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(PolicyError, match="not_worth_waiting"):
            r.not_worth_waiting(**wrong)


class TestRankingByWorth:
    def policy(self, **more: Any) -> ik.Policy:
        return ik.Policy(
            name="p", withdraw=r.older_than(days=14), limits=ik.Limits(per_run=2), rank="keep-value", **more
        )

    def test_what_is_least_worth_keeping_goes_first(self) -> None:
        plan = self.policy().plan(
            _snapshot(*(pending(age) for age in (20, 60, 150, 30))),
            now=NOW,
            context=ik.Context(stats=STATS, slot_price=0.0002),
        )

        margins = {age: STATS.worth(slot_price=0.0002).margin(age) for age in (20, 60, 150, 30)}
        expected = [f"x-{age}" for age in sorted(margins, key=margins.__getitem__)]
        assert [d.invitation.id for d in (*plan.withdrawals, *plan.deferred)] == expected

    def test_the_price_of_the_policys_own_rule_is_taken(self) -> None:
        policy = ik.Policy(
            name="p",
            withdraw=r.not_worth_waiting(slot_price=0.002),
            limits=ik.Limits(per_run=2),
            rank="keep-value",
        )

        assert policy.plan(_snapshot(pending(100)), now=NOW, context=ik.Context(stats=STATS)).withdrawals

    @pytest.mark.parametrize("context", [{}, {"stats": STATS}, {"slot_price": 0.001}])
    def test_it_takes_statistics_and_a_price(self, context: dict[str, Any]) -> None:
        with pytest.raises(PolicyError, match="takes statistics and the price of a slot"):
            self.policy().plan(_snapshot(pending(100)), now=NOW, context=ik.Context(**context))


class TestContext:
    @pytest.mark.parametrize(
        "wrong", [{"stats": 5}, {"stats": "mine"}, {"slot_price": -1}, {"slot_price": "x"}, {"slot_price": True}]
    )
    def test_it_checks_what_it_is_given(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(ik.DataError, match=next(iter(wrong))):
            ik.Context(**wrong)

    def test_it_takes_them_later(self) -> None:
        context = ik.Context(kept=["ada-example-77"], contacts=["ada@mail.example"])

        both = context.also(stats=STATS).also(slot_price=0.001)

        assert (both.kept, both.emails) == (context.kept, context.emails)
        assert (both.stats, both.slot_price) == (STATS, 0.001)
        assert context.stats is None
        with pytest.raises(ik.DataError, match="stats must be"):
            context.also(stats=5)  # type: ignore[arg-type]

    def test_it_shows_what_it_has(self) -> None:
        assert "stats: 0, slot_price: 0.001" in repr(ik.Context(stats=STATS, slot_price=0.001))


def _snapshot(*invitations: ik.Invitation) -> ik.Snapshot:
    return ik.Snapshot(
        account=ik.Member(slug="owner-example-1"),
        taken_at=NOW,
        source="service",
        invitations=invitations,
        completeness=ik.Completeness.COMPLETE,
    )

"""What forbids applying a plan: it can still be looked at, and it says what to do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from tests.population import NOW, ago, invitation, snapshot
from tests.strategies import Case, cases

from invitekit import rules as r
from invitekit.model import Completeness, SentAt
from invitekit.policy import Blocker, Context, Limits, Plan, Policy, Verdict

OLD = Policy(name="t", withdraw=r.older_than(days=20), limits=Limits(per_run=1_000))
DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)
ROWS = (*(invitation(number) for number in range(3)), invitation(9, days=3))


def plan(
    completeness: Completeness = Completeness.COMPLETE,
    *,
    policy: Policy = OLD,
    rows: Any = ROWS,
    why: str = "",
    **settings: Any,
) -> Plan:
    return policy.plan(snapshot(rows, completeness=completeness, why_incomplete=why), **settings)


def codes(of: Plan) -> list[str]:
    return [blocker.code for blocker in of.blockers]


class TestCompleteness:
    @pytest.mark.parametrize(
        ("completeness", "expected"),
        [
            (Completeness.COMPLETE, []),
            (Completeness.LOG, []),
            (Completeness.PARTIAL, ["partial-listing"]),
            (Completeness.UNKNOWN, ["unknown-listing"]),
        ],
    )
    def test_a_listing_that_may_miss_something_blocks_and_a_log_does_not(
        self, completeness: Completeness, expected: list[str]
    ) -> None:
        """A log is no listing: a run verifies against a complete one of its own."""
        assert codes(plan(completeness)) == expected
        assert plan(completeness).is_applicable is not bool(expected)
        assert plan(completeness).summary().withdraw == 3

    def test_it_says_why_and_what_to_do(self) -> None:
        assert [str(blocker) for blocker in plan(Completeness.PARTIAL, why="page 3 failed").blockers] == [
            "the listing is partial (page 3 failed): read it again to its end",
        ]
        assert plan(Completeness.UNKNOWN).blockers[0].text == (
            "nobody can say whether the listing is complete (the source does not say): read it again to its end"
        )


class TestAge:
    @pytest.mark.parametrize("completeness", [Completeness.COMPLETE, Completeness.PARTIAL, Completeness.UNKNOWN])
    def test_a_listing_is_stale_after_24_hours(self, completeness: Completeness) -> None:
        """People accept and withdraw meanwhile."""
        assert "stale" not in codes(plan(completeness, now=NOW + DAY))
        assert "stale" in codes(plan(completeness, now=NOW + DAY + MOMENT))

    def test_a_log_is_never_stale(self) -> None:
        assert (
            codes(
                plan(
                    Completeness.LOG, now=NOW + 3_000 * DAY, rows=[*ROWS, invitation(7, sent_at=SentAt.unknown())]
                )
            )
            == []
        )

    def test_it_says_how_old(self) -> None:
        (blocker,) = plan(now=NOW + timedelta(hours=36), allow_everything=True).blockers

        assert str(blocker) == "the listing is 36.0 hours old: read it again"
        assert blocker.facts == (("hours", 36.0),)

    @pytest.mark.parametrize("completeness", Completeness)
    def test_a_moment_before_the_snapshot_blocks(self, completeness: Completeness) -> None:
        """The clock of the caller or of the source is wrong, so every age is."""
        before = plan(completeness, now=NOW - MOMENT)

        assert "before-snapshot" in codes(before)
        assert "before-snapshot" not in codes(plan(completeness, now=NOW))
        assert "for 2.0 hours before the snapshot was taken: pass now=" in str(
            plan(completeness, now=NOW - timedelta(hours=2)).summary()
        )


class TestEverything:
    def test_all_that_is_open_blocks_unless_it_is_allowed(self) -> None:
        (blocker,) = plan(rows=ROWS[:3]).blockers

        assert (blocker.code, blocker.facts) == ("withdraws-everything", (("open", 3),))
        assert "every open invitation (3)" in str(blocker)
        assert codes(plan(rows=ROWS[:3], allow_everything=True)) == []

    def test_it_blocks_whatever_the_source(self) -> None:
        """Of a log as well: it is the policy that would be wrong, not the source."""
        for completeness in Completeness:
            assert "withdraws-everything" in codes(plan(completeness, rows=ROWS[:3]))

    def test_closed_ones_do_not_make_it_less(self) -> None:
        from invitekit.model import Direction

        rows = [*ROWS[:3], invitation(8, direction=Direction.RECEIVED)]

        assert codes(plan(rows=rows)) == ["withdraws-everything"]


class TestWeek:
    """More than a hundred in seven days need a limit per week that says so."""

    MANY = (*(invitation(number) for number in range(150)), invitation(999, days=3))

    def high(self, limits: Limits, **context: Any) -> bool:
        policy = Policy(name="t", withdraw=r.older_than(days=20), limits=limits)
        return "weekly-withdrawals-high" in codes(plan(policy=policy, rows=self.MANY, context=Context(**context)))

    def test_a_hundred_is_not_high_and_one_more_is(self) -> None:
        assert not self.high(Limits(per_run=100))
        assert self.high(Limits(per_run=101))

    def test_what_was_withdrawn_in_the_last_seven_days_counts(self) -> None:
        assert self.high(Limits(per_run=50), withdrawn=[ago(6.9)] * 51)
        assert not self.high(Limits(per_run=50), withdrawn=[ago(6.9)] * 50)
        assert not self.high(Limits(per_run=50), withdrawn=[ago(7)] * 90)

    def test_a_limit_per_week_is_an_answer(self) -> None:
        assert not self.high(Limits(per_week=140))
        assert not self.high(Limits(per_run=120, per_week=1_000))

    def test_a_plan_that_withdraws_nothing_is_not_high(self) -> None:
        assert not self.high(Limits(per_run=0), withdrawn=[ago(1)] * 500)

    def test_it_says_the_numbers(self) -> None:
        (blocker,) = plan(rows=self.MANY).blockers

        assert str(blocker) == (
            "it would make 150 withdrawals in 7 days, more than 100: set a limit per week, or wait"
        )


def test_all_that_blocks_is_named() -> None:
    rows = [invitation(number) for number in range(150)]

    assert codes(plan(Completeness.PARTIAL, rows=rows, now=NOW + 2 * DAY)) == [
        *("partial-listing", "stale", "withdraws-everything", "weekly-withdrawals-high"),
    ]


def test_a_blocker_is_a_value_with_a_text() -> None:
    blocker = Blocker("stale", {"hours": 36.0})

    assert blocker == Blocker("stale", (("hours", 36.0),))
    assert hash(blocker) == hash(Blocker("stale", {"hours": 36.0}))
    assert Blocker("some-later-code", {"why": "x"}).text == "some later code (why x): true"


@settings(max_examples=200)
@given(cases())
def test_blocked_or_not_the_decisions_are_the_same(case: Case) -> None:
    """A blocker forbids applying; it never changes what is decided."""
    plain, allowed = case.plan(), case.plan(allow_everything=True)

    assert plain.decisions == allowed.decisions
    assert set(allowed.blockers) <= set(plain.blockers)
    assert plain.is_applicable is (not plain.blockers)
    assert len(plain.decisions.of_verdict(Verdict.WITHDRAW)) == plain.summary().withdraw

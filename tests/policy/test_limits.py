"""Limits fail closed: what is not set does not limit, nought means none, and what is unknown allows nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache
from itertools import product
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.population import NOW, ago, invitation, snapshot

from invitekit import rules as r
from invitekit.errors import PolicyError
from invitekit.model import UNKNOWN, Completeness, Snapshot
from invitekit.policy import NO_LIMIT, Context, Limits, Policy, Verdict

UNSET = NO_LIMIT
SEVERAL = 3
OLD = r.older_than(days=20)

TABLE = list(
    product(
        [UNSET, 0, 1, SEVERAL, SEVERAL + 1],  # per run
        [UNSET, 0, 0.001, 0.05, 1],  # share
        [UNKNOWN, 0, 1, 1_000],  # open sent invitations
        [UNSET, SEVERAL],  # per week
    )
)


@cache
def population(size: Any) -> Snapshot:
    """So many open invitations, all of them old; of unknown number in a listing known to miss some."""
    rows = [invitation(number) for number in range(10 if size is UNKNOWN else size)]
    return snapshot(rows, completeness=Completeness.PARTIAL if size is UNKNOWN else Completeness.COMPLETE)


class TestTruthTable:
    """Two hundred combinations of limits and populations."""

    def test_it_has_two_hundred_rows(self) -> None:
        assert len(set(TABLE)) == 200

    @pytest.mark.parametrize(("per_run", "share", "size", "per_week"), TABLE)
    def test_no_more_than_every_limit_allows(self, per_run: Any, share: Any, size: Any, per_week: Any) -> None:
        limits = Limits(per_run=per_run, share=share, per_week=per_week)
        if per_run is share is per_week is UNSET:
            with pytest.raises(PolicyError, match="no limit at all") as caught:
                Policy(name="t", withdraw=OLD, limits=limits)
            assert caught.value.code == "no-limit"
            return

        plan = Policy(name="t", withdraw=OLD, limits=limits).plan(population(size))

        there = 10 if size is UNKNOWN else size
        caps = [there]
        caps += [] if per_run is UNSET else [per_run]
        caps += [] if per_week is UNSET else [per_week]
        if share is not UNSET:
            # In whole per milles, so that no rounding of this test's own comes in.
            caps.append(0 if size is UNKNOWN else round(share * 1_000) * size // 1_000)
        assert plan.decisions.count(Verdict.WITHDRAW) == min(caps)
        assert plan.decisions.count(Verdict.DEFER) == there - min(caps)
        if share is not UNSET and size is UNKNOWN:
            assert "no-share-of-unknown" in [reason.code for reason in plan.deferred[0].because]


class TestShare:
    @pytest.mark.parametrize(
        ("share", "of", "room"),
        [
            (0.29, 100, 29),
            (0.07, 100, 7),
            (0.1, 30, 3),
            (0.1, 29, 2),
            (0.999, 1, 0),
            (1, 7, 7),
            (1.0, 7, 7),
            (0, 7, 0),
            (0.0, 7, 0),
            (0.3333333333, 3, 0),
            (0.9999999999, 1, 0),
            (5e-324, 10**6, 0),
            (1e-6, 10**6, 1),
        ],
    )
    def test_it_is_meant_as_it_is_written_and_never_rounded_up(self, share: float, of: int, room: int) -> None:
        allowed = Limits(share=share).allowances(open_sent=of, last_day=0, last_week=0)

        assert allowed == {"share": room}

    @given(st.floats(0, 1), st.integers(0, 10**6))
    def test_it_never_allows_more_than_the_share(self, share: float, of: int) -> None:
        room = Limits(share=share).allowances(open_sent=of, last_day=0, last_week=0)["share"]

        assert room <= Fraction(repr(share)) * of < room + 1

    @pytest.mark.parametrize("completeness", Completeness)
    def test_only_a_partial_listing_leaves_the_population_unknown(self, completeness: Completeness) -> None:
        rows = [invitation(number) for number in range(10)]
        plan = Policy(name="t", withdraw=OLD, limits=Limits(share=0.5)).plan(
            snapshot(rows, completeness=completeness)
        )

        partial = completeness is Completeness.PARTIAL
        assert plan.summary().withdraw == (0 if partial else 5)
        (reason,) = plan.deferred[-1].because[:1]
        assert reason.code == ("no-share-of-unknown" if partial else "limit-share")
        assert reason.text == (
            "a share of 0.5 cannot be worked out: the listing is partial"
            if partial
            else "at place 10, and a share of 0.5 of the open invitations is 5"
        )

    def test_the_population_is_what_is_sent_and_open(self) -> None:
        """Kept and undecided ones count, received and closed ones do not."""
        from invitekit.model import Direction, Evidence, SentAt, Status

        rows = [
            *(invitation(number) for number in range(4)),
            invitation(10, days=1),
            invitation(11, sent_at=SentAt.unknown()),
            *(invitation(number, direction=Direction.RECEIVED) for number in range(20, 30)),
            *(invitation(number, status=Status.ACCEPTED, evidence=Evidence.CONNECTED) for number in range(30, 40)),
        ]

        plan = Policy(name="t", withdraw=OLD, limits=Limits(share=0.5)).plan(snapshot(rows))

        assert plan.summary().to_record() == {"open": 6, "withdraw": 3, "defer": 1, "undecided": 1, "keep": 1}


class TestSlidingWindows:
    """What was withdrawn in the last 24 hours and 7 days counts, wherever midnight or Monday fell."""

    ROWS = snapshot([invitation(number) for number in range(10)])
    MOMENT = timedelta(microseconds=1)

    def room(self, limits: Limits, withdrawn: list[datetime]) -> int:
        plan = Policy(name="t", withdraw=OLD, limits=limits).plan(self.ROWS, context=Context(withdrawn=withdrawn))
        return plan.summary().withdraw

    @pytest.mark.parametrize(
        ("limits", "window"), [(Limits(per_day=3), timedelta(hours=24)), (Limits(per_week=3), timedelta(days=7))]
    )
    def test_the_edges_of_the_window(self, limits: Limits, window: timedelta) -> None:
        assert self.room(limits, []) == 3
        assert self.room(limits, [NOW]) == 2
        assert self.room(limits, [NOW - window + self.MOMENT]) == 2
        assert self.room(limits, [NOW - window]) == 3
        assert self.room(limits, [NOW - window - self.MOMENT]) == 3

    def test_a_day_is_24_hours_of_any_zone(self) -> None:
        from zoneinfo import ZoneInfo

        tokyo = (NOW - timedelta(hours=23)).astimezone(ZoneInfo("Asia/Tokyo"))

        assert self.room(Limits(per_day=3), [tokyo]) == 2

    def test_a_withdrawal_in_the_future_counts(self) -> None:
        """A clock that went back must not give the allowance of the day once more."""
        assert self.room(Limits(per_day=3, per_week=9), [NOW + timedelta(hours=1)] * 3) == 0

    def test_more_than_allowed_already_leaves_none_rather_than_less(self) -> None:
        assert self.room(Limits(per_day=3), [ago(0.1)] * 5) == 0
        assert self.room(Limits(per_week=3), [ago(6)] * 5) == 0

    def test_the_stricter_of_day_and_week_holds(self) -> None:
        assert self.room(Limits(per_day=5, per_week=6), [ago(3)] * 4) == 2
        assert self.room(Limits(per_day=5, per_week=20), [ago(0.5)] * 4) == 1

    def test_a_run_and_a_share_do_not_count_what_went_before(self) -> None:
        assert self.room(Limits(per_run=3), [ago(0.1)] * 5) == 3
        assert self.room(Limits(share=0.3), [ago(0.1)] * 5) == 3

    @given(
        st.lists(st.floats(0, 9, allow_nan=False), max_size=8),
        st.integers(0, 9),
        st.integers(0, 9),
        st.floats(0, 9),
    )
    def test_no_window_of_a_day_or_week_ever_holds_more_than_the_limit(
        self, days: list[float], per_day: int, per_week: int, now: float
    ) -> None:
        """With what this plan withdraws, at whatever moment it is made."""
        moment = ago(9) + timedelta(days=now)
        before = [ago(9) + timedelta(days=day) for day in days if ago(9) + timedelta(days=day) <= moment]
        plan = Policy(
            name="t", withdraw=r.older_than(days=15), limits=Limits(per_day=per_day, per_week=per_week)
        ).plan(self.ROWS, now=moment, context=Context(withdrawn=before))
        new = plan.summary().withdraw

        for span, limit in [(timedelta(hours=24), per_day), (timedelta(days=7), per_week)]:
            inside = sum(1 for at in before if moment - at < span)
            assert new == 0 or inside + new <= limit

    def test_every_limit_that_holds_an_invitation_back_is_named(self) -> None:
        limits = Limits(per_run=4, per_day=3, per_week=20, share=0.5)
        plan = Policy(name="t", withdraw=OLD, limits=limits).plan(self.ROWS, context=Context(withdrawn=[ago(0.5)]))

        def named(place: int) -> list[str]:
            decision = plan.deferred[place]
            return [reason.text for reason in decision.reasons if reason.role == "limit"]

        assert plan.summary().withdraw == 2
        assert named(0) == ["at place 3, and the limit of 3 a day leaves 2 now"]
        assert named(-1) == [
            "at place 10, and one run withdraws at most 4",
            "at place 10, and the limit of 3 a day leaves 2 now",
            "at place 10, and a share of 0.5 of the open invitations is 5",
        ]
        week = Policy(name="t", withdraw=OLD, limits=Limits(per_week=3)).plan(self.ROWS)
        assert week.deferred[0].because[0].text == "at place 4, and the limit of 3 a week leaves 3 now"


class TestValues:
    @pytest.mark.parametrize("name", ["per_run", "per_day", "per_week"])
    @pytest.mark.parametrize("wrong", [-1, 2.0, 0.5, True, False, "5", None, float("nan"), UNKNOWN], ids=repr)
    def test_counts_are_whole_numbers_from_nought_up(self, name: str, wrong: Any) -> None:
        with pytest.raises(PolicyError, match=f"the limit {name} must be a whole number from 0 up") as caught:
            Limits(**{name: wrong})
        assert "Leave it out" in caught.value.hint

    @pytest.mark.parametrize(
        "wrong", [-0.1, 1.1, 25, True, "0.25", None, float("nan"), float("inf"), UNKNOWN], ids=repr
    )
    def test_a_share_lies_between_nought_and_one(self, wrong: Any) -> None:
        with pytest.raises(PolicyError, match=r"the limit share must be a number from 0 to 1.*A quarter is 0.25"):
            Limits(share=wrong)

    def test_what_is_not_set_is_not_there(self) -> None:
        assert Limits().values == {}
        assert Limits(per_run=0, share=0.5).values == {"per_run": 0, "share": 0.5}
        assert Limits().allowances(open_sent=5, last_day=9, last_week=9) == {}

    def test_they_print_what_is_set(self) -> None:
        assert repr(Limits(per_run=20, share=0.25)) == "Limits(per_run=20, share=0.25)"
        assert repr(Limits()) == "Limits()"
        assert dict(Limits(per_week=3).__rich_repr__()) == {"per_week": 3}
        assert repr(NO_LIMIT) == "NO_LIMIT"

    def test_positions_are_refused(self) -> None:
        with pytest.raises(TypeError):
            Limits(20)  # type: ignore[misc]

    def test_they_cannot_be_changed(self) -> None:
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            Limits(per_run=5).per_run = 500  # type: ignore[misc]


def test_the_moment_of_planning_is_what_the_windows_end_at() -> None:
    """Not the moment the snapshot was taken: limits are about acts, and acts come after planning."""
    rows = snapshot([invitation(number) for number in range(4)])
    policy = Policy(name="t", withdraw=OLD, limits=Limits(per_day=3))
    context = Context(withdrawn=[datetime(2026, 11, 1, 13, 0, tzinfo=UTC)] * 2)

    assert policy.plan(rows, now=NOW + timedelta(hours=2), context=context).summary().withdraw == 1
    assert policy.plan(rows, now=NOW + timedelta(hours=26), context=context).summary().withdraw == 3

"""A question about a moment is answered as it would have been answered then."""

from __future__ import annotations

import pytest
from tests.history.builders import (
    Clock,
    ada,
    bo,
    connected,
    day,
    export,
    listing,
    logged,
    new_ledger,
    only,
    outcome,
    sent,
)

import invitekit as ik
from invitekit.errors import DataError


def test_each_day_sees_what_was_known_then() -> None:
    ledger = new_ledger(
        export(1, logged(ada(), 0)),
        listing(5, sent(ada(), 0), sent(bo(), 4)),
        listing(9, sent(ada(), 0), connections=[connected(bo(), 8)]),
        listing(12, connections=[connected(bo(), 8)]),
        listing(13, connections=[connected(bo(), 8)]),
    )

    told = {
        number: {one.member.slug[:3]: one.status.value for one in ledger.history(at=day(number))}  # type: ignore[index]
        for number in (0, 1, 4.9, 5, 9, 12, 13)
    }

    assert told == {
        0: {},
        1: {"ada": "presumed-pending"},
        4.9: {"ada": "presumed-pending"},
        5: {"ada": "pending", "bo-": "pending"},
        9: {"ada": "pending", "bo-": "accepted"},
        12: {"ada": "pending", "bo-": "accepted"},
        13: {"ada": "gone", "bo-": "accepted"},
    }


def test_the_very_moment_counts() -> None:
    ledger = new_ledger(listing(5, sent(ada())))

    assert len(ledger.history(at=day(5))) == 1
    assert len(ledger.history(at=day(4.999))) == 0


def test_a_snapshot_of_a_past_moment_is_what_was_known_then() -> None:
    ledger = new_ledger(listing(5, sent(ada(), 0)), listing(9, sent(ada(), 0), sent(bo(), 8)))

    then = ledger.snapshot(at=day(6))

    assert [one.member for one in then.invitations] == [ada()]
    assert (then.taken_at, then.completeness) == (day(5), ik.Completeness.COMPLETE)
    assert then == new_ledger(listing(5, sent(ada(), 0))).snapshot()


def test_before_the_first_look_there_is_none() -> None:
    ledger = new_ledger(listing(5, sent(ada())))

    with pytest.raises(DataError, match="until 2026-03-05 12:00"):
        ledger.snapshot(at=day(4))


@pytest.mark.parametrize(
    ("completeness", "why"),
    [
        (ik.Completeness.COMPLETE, False),
        (ik.Completeness.LOG, False),
        (ik.Completeness.PARTIAL, True),
        (ik.Completeness.UNKNOWN, True),
    ],
)
def test_it_is_as_complete_as_the_newest_look(completeness: ik.Completeness, why: bool) -> None:
    ledger = new_ledger(listing(4, sent(ada())), listing(5, sent(ada()), completeness=completeness))

    now = ledger.snapshot()

    assert now.completeness is completeness
    assert bool(now.why_incomplete) is why


def test_a_listing_that_is_not_believed_is_not_complete() -> None:
    crowd = [sent(ik.Member(slug=f"someone-example-{number}")) for number in range(5)]
    ledger = new_ledger(listing(4, *crowd), listing(5))

    now = ledger.snapshot()

    assert (now.completeness, now.why_incomplete) == (ik.Completeness.UNKNOWN, "the listing is suddenly-empty")


def test_a_plan_made_from_the_past_is_the_plan_of_then() -> None:
    ledger = new_ledger(
        listing(40, sent(ada(), 0), sent(bo(), 2)), listing(60, sent(bo(), 2), connections=[connected(ada(), 50)])
    )
    policy = ik.Policy(name="four-weeks", withdraw=ik.rules.older_than(weeks=4), limits=ik.Limits(per_run=5))

    then = policy.plan(
        ledger.snapshot(at=day(45)), now=day(45), context=ledger.context(at=day(45)), allow_everything=True
    )

    assert {one.member.slug for one in (item.invitation for item in then.withdrawals)} == {
        "ada-example-77",
        "bo-example-12",
    }


def test_marks_and_withdrawals_of_then() -> None:
    clock = Clock(day(3))
    ledger = new_ledger(listing(1, sent(ada()), sent(bo())), clock=clock)
    ledger.tag(ada(), "client", by="me")
    clock.now = day(6)
    ledger.keep(bo())
    ledger.record([outcome(sent(ada()), at=day(5))])
    clock.now = day(9)
    ledger.untag(ada(), "client")
    ledger.unkeep(bo())

    contexts = {number: ledger.context(at=day(number)) for number in (2, 3, 6, 9)}

    assert {number: sorted(one.tags) for number, one in contexts.items()} == {
        2: [],
        3: ["client"],
        6: ["client"],
        9: [],
    }
    assert {number: len(one.kept) for number, one in contexts.items()} == {2: 0, 3: 0, 6: 1, 9: 0}
    assert {number: len(one.withdrawn) for number, one in contexts.items()} == {2: 0, 3: 0, 6: 1, 9: 1}
    assert [one.tag for one in ledger.marks(at=day(6))] == ["", "client"]


def test_a_withdrawal_is_known_from_when_it_was_written_down() -> None:
    """It happened on the third, the worklist came back on the ninth: on the fifth nobody knew."""
    clock = Clock(day(9))
    ledger = new_ledger(listing(1, sent(ada())), clock=clock)
    ledger.record([outcome(sent(ada()), at=day(3))])

    assert only(ledger, at=day(5)).status is ik.Status.PENDING
    assert not ledger.context(at=day(5)).withdrawn
    assert only(ledger, at=day(9)).status is ik.Status.WITHDRAWN


def test_a_moment_needs_a_zone() -> None:
    ledger = new_ledger(listing(1, sent(ada())))

    with pytest.raises(DataError, match="no time zone"):
        ledger.history(at=day(5).replace(tzinfo=None))

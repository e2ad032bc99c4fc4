"""What a ledger says about the weekly quota: all that was sent, whatever became of it, and every refusal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import attrs
import pytest
from tests.history.builders import Clock, ada, bo, day, export, listing, logged, new_ledger, outcome, people, sent

import invitekit as ik
from invitekit.errors import DataError
from invitekit.insight.quota._quota import LimitSource, WeeklyQuota
from invitekit.insight.quota._tiers import AccountTier
from invitekit.insight.quota._windows import CalendarWeek, RollingWeek, StrictestWeek


def test_it_counts_what_was_sent_and_is_asked_at_the_moment_of_the_clock() -> None:
    ledger = new_ledger(export(0, *(logged(one, -1) for one in people(4)), logged(ada(), -9)), clock=Clock(day(2)))

    quota = ledger.quota(limit=10)

    assert (quota.now, quota.used, quota.remaining) == (day(2), 4, 6)
    assert quota.window == StrictestWeek()
    assert quota.limit_source is LimitSource.CONFIGURED


def test_withdrawing_frees_no_weekly_allowance() -> None:
    invitations = [sent(one, -1) for one in people(4)]
    ledger = new_ledger(listing(0, *invitations), clock=Clock(day(1)))
    before = ledger.quota(limit=4)

    ledger.record([outcome(one, at=day(0.5)) for one in invitations])

    assert {one.status for one in ledger.history()} == {ik.Status.WITHDRAWN}
    assert before.remaining == 0
    assert ledger.quota(limit=4) == before


def test_forgetting_somebody_frees_none_either() -> None:
    ledger = new_ledger(export(0, logged(ada(), -1), logged(bo(), -1)), clock=Clock(day(1)))

    ledger.forget(ada())

    assert ledger.quota().used == 2


def test_the_limit_is_learned_from_refusals() -> None:
    ledger = new_ledger(export(0, *(logged(one, -1) for one in people(7))), clock=Clock(day(1)))
    assert ledger.quota().limit is ik.UNKNOWN
    assert ledger.quota().limit_bounds.at_least == 7

    ledger.note_refusal(at=day(0.5), why="limit-reached")

    assert (ledger.quota().limit, ledger.quota().limit_source) == (7, LimitSource.LEARNED)
    assert ledger.quota().remaining == 0
    assert ledger.quota(limit=9).remaining == 2


def test_it_answers_as_of_a_moment() -> None:
    ledger = new_ledger(export(0, *(logged(one, -1) for one in people(3))), export(2, logged(ada(), 1)))
    ledger.note_refusal(at=day(1.5))

    then = ledger.quota(at=day(1))

    assert (then.now, then.used, then.limit_bounds.refusals) == (day(1), 3, 0)
    assert ledger.quota(at=day(2)).used == 4
    assert ledger.quota(at=day(2)).limit_bounds.refusals == 1


def test_all_is_known_until_the_newest_export() -> None:
    """A listing does not show what was accepted meanwhile."""
    ledger = new_ledger(listing(0, sent(ada(), -1)))
    assert ledger.quota(at=day(0)).known_until is ik.UNKNOWN

    ledger.record(export(1, logged(ada(), -1)))
    ledger.record(listing(2, sent(ada(), -1), sent(bo(), 1.5)))

    assert ledger.quota(at=day(1)).is_floor is False
    assert (ledger.quota(at=day(2)).known_until, ledger.quota(at=day(2)).is_floor) == (day(1), True)
    assert ledger.quota(at=day(2)).used == 2


def test_a_rough_time_is_bounded_by_the_first_look() -> None:
    month = ik.SentAt(day(-20), day(10))
    ledger = new_ledger(listing(0, sent(ada(), at=month)), listing(9, sent(ada(), at=month)))

    assert ledger.quota(at=day(1)).used == 1
    assert ledger.quota(at=day(9)).used == 0


def test_the_settings_reach_it() -> None:
    ledger = new_ledger(export(0, logged(ada(), -1, note="Hello")), clock=Clock(day(0)))

    quota = ledger.quota(tier="basic", window=CalendarWeek(6, 12, "UTC"), notes_per_month=3)

    assert (quota.tier, quota.notes_per_month, quota.window) == (AccountTier.BASIC, 3, CalendarWeek(6, 12, "UTC"))
    assert quota.resets_at == day(7)  # The first of March 2026 is a Sunday.
    assert ledger.quota(tier="basic").notes_remaining == 5  # The note is of February, and this is March.


def test_an_empty_ledger_has_used_nothing() -> None:
    quota = new_ledger(clock=Clock(day(0))).quota(window=RollingWeek())

    assert (quota.used, quota.is_floor, quota.limit) == (0, True, ik.UNKNOWN)


def test_each_account_has_its_own() -> None:
    other = ik.Member(name="Other Example", slug="other-example-77")
    ledger = new_ledger(
        export(0, *(logged(one, -1) for one in people(3))), export(0, logged(ada(), -1), account=other)
    )
    ledger.note_refusal(at=day(0), account=other)

    assert ledger.quota(at=day(1), account="owner-example-77").used == 3
    assert ledger.quota(at=day(1), account=other).used == 1
    assert [ledger.quota(at=day(1), account=one).limit for one in ("owner-example-77", other)] == [ik.UNKNOWN, 1]
    with pytest.raises(DataError, match="2 accounts"):
        ledger.quota()


def test_it_is_the_same_as_that_of_its_history() -> None:
    ledger = new_ledger(export(0, *(logged(one, -number) for number, one in enumerate(people(12)))))
    now = day(0) + timedelta(hours=3)

    assert WeeklyQuota.from_history(ledger.history(at=now), now=now, known_until=day(0)) == ledger.quota(at=now)
    assert WeeklyQuota.from_snapshot(ledger.snapshot(at=now), now=now) == attrs.evolve(ledger.quota(at=now))


@pytest.mark.parametrize("wrong", [{"limit": 0}, {"tier": "gold"}, {"window": 5}, {"at": datetime(2026, 3, 1)}])  # noqa: DTZ001
def test_wrong_arguments_are_named(wrong: dict[str, object]) -> None:
    with pytest.raises(DataError):
        new_ledger(clock=lambda: datetime(2026, 3, 1, tzinfo=UTC)).quota(**wrong)  # type: ignore[arg-type]

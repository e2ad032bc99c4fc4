"""The figures of a replay, on logs small enough to work out by hand."""

from __future__ import annotations

import pickle
from datetime import date, timedelta

import pytest
from tests.replay.worlds import Sent, age_rule, at, export, history, listing

import invitekit as ik
from invitekit import rules as r
from invitekit.errors import DataError, PolicyError
from invitekit.model import Evidence, Interval
from invitekit.replay import Amount, Backtest, backtest
from invitekit.testing import sample_export

MORNING = -0.25
"""Six in the morning of the first day, so that at noon of day 10 it is more than ten days old."""


def hundred() -> list[Sent]:
    """A hundred sent on one morning: 20 accepted on day 5, 10 on day 15; of the rest 30 withdrawn on day 12."""
    return [
        Sent(
            number,
            sent=MORNING,
            accepted=5 if number < 20 else 15 if number < 30 else None,
            withdrawn=12.01 if 30 <= number < 60 else None,
        )
        for number in range(100)
    ]


LOG = history(hundred(), 30)


@pytest.fixture(scope="module")
def found() -> Backtest:
    return backtest([age_rule(10), age_rule(20), age_rule(40)], LOG)


class TestLosses:
    def test_the_log_tells_up_to_its_last_day(self, found: Backtest) -> None:
        assert found.identified == (0, 30)
        assert found[0].horizon == 30

    def test_what_the_log_shows_accepted_is_known(self, found: Backtest) -> None:
        """Eighty are withdrawn on day 10; ten of them were accepted on day 15."""
        early = found["after 10"]

        assert early.withdrawn == 80
        assert early.per_day[at(10).date()] == 80
        assert early.lost_known == 10
        assert {one.age for one in early.withdrawals} == {10}

    def test_what_was_withdrawn_later_in_the_log_is_worked_out_from_there(self, found: Backtest) -> None:
        """Thirty were seen pending to day 12. Of the fifty left alone longer, ten accepted: one in five."""
        early = found["after 10"]
        imputed = [one for one in early.withdrawals if one.imputed]

        assert {one.fate for one in imputed} == {"withdrawn"}
        assert [one.lost for one in imputed] == pytest.approx([0.2] * 30)
        assert early.lost_expected == pytest.approx(6)
        assert early.lost.value == pytest.approx(16)
        assert early.bounds == (10, 40)
        assert early.imputed_share == pytest.approx(30 / 80)

    def test_what_was_seen_pending_to_the_end_is_no_loss(self, found: Backtest) -> None:
        rest = [one for one in found["after 10"].withdrawals if one.fate == "pending"]

        assert len(rest) == 40
        assert {(one.lost, one.imputed) for one in rest} == {(0.0, False)}

    def test_what_was_withdrawn_earlier_in_the_log_is_marked(self, found: Backtest) -> None:
        """On day 20 the policy withdraws what the log withdrew on day 12; after day 15 nobody accepted."""
        late = found["after 20"]

        assert late.withdrawn == 70
        assert late.imputed_earlier == 30
        assert {one.fate for one in late.withdrawals} == {"pending", "withdrawn-before"}
        assert late.lost_known == 0
        assert late.lost.value == pytest.approx(0)
        assert late.earlier_pending == pytest.approx(30 * 0.8)
        assert any(
            "30 of its withdrawals were withdrawn earlier in the log" in note and "about 24 would still" in note
            for note in found.notes
        )

    def test_earlier_withdrawn_counts_with_the_chance_that_it_was_still_there(self) -> None:
        """Withdrawn on day 13, before the ten of day 15 came: nothing had happened yet, so one in five is lost."""
        (one,) = backtest(age_rule(13), LOG)
        before = [each for each in one.withdrawals if each.fate == "withdrawn-before"]

        assert [each.lost for each in before] == pytest.approx([0.2] * 30)
        assert one.lost.value == pytest.approx(10 + 30 * 0.2)

    def test_what_ended_otherwise_is_no_loss(self) -> None:
        world = hundred()
        for one in world[60:80]:
            one.declined = 18
        (early,) = backtest(age_rule(10), history(world, 30))

        closed = [each for each in early.withdrawals if each.fate == "closed"]
        assert [(each.lost, each.imputed) for each in closed] == [(0.0, False)] * 20

    def test_only_acceptances_within_the_horizon_are_lost(self) -> None:
        (early,) = backtest(age_rule(10), LOG, horizon=14)

        assert early.horizon == 14
        assert early.lost_known == 0
        assert early.lost.value == pytest.approx(0)

    def test_so_it_is_where_the_log_ends_before_the_horizon(self) -> None:
        """All but five were withdrawn at day 20, so the log tells up to there; the five accepted on day 25."""
        world = hundred()[30:] + [Sent(200 + number, sent=MORNING, accepted=25) for number in range(5)]
        for one in world[30:70]:
            one.withdrawn = 20.01
        (early,) = backtest(age_rule(10), history(world, 30))

        assert early.horizon == 20
        assert [one.lost for one in early.withdrawals if one.fate == "accepted"] == [0.0] * 5
        assert (early.lost_known, early.lost.value) == (0, 0)

    def test_nothing_withdrawn_is_nothing_lost(self, found: Backtest) -> None:
        none = found["after 40"]

        assert (none.withdrawn, none.lost.value, none.slot_days_saved) == (0, 0, 0)
        assert none.imputed_share is ik.UNKNOWN
        assert not none.exchange_rate.is_known


class TestStock:
    def test_it_is_what_is_pending_after_the_decisions(self, found: Backtest) -> None:
        stock = found["after 10"].stock

        assert stock[:5] == (100,) * 5
        assert stock[5:10] == (80,) * 5
        assert stock[10:] == (0,) * 21

    def test_what_the_log_withdrew_counts_with_the_chance_that_it_would_still_be_there(
        self, found: Backtest
    ) -> None:
        stock = found["after 40"].stock

        assert stock[12:15] == pytest.approx((80,) * 3)
        assert stock[15:] == pytest.approx((40 + 30 * 0.8,) * 16)
        assert found["after 20"].stock[19:21] == pytest.approx((64, 0))

    def test_slot_days_are_saved_against_never_withdrawing(self, found: Backtest) -> None:
        """Ten would have gone on day 15, forty stayed to day 179, thirty with 0.8 of a chance from day 15 on."""
        saved = 10 * 5 + 40 * 170 + 30 * (5 + 165 * 0.8)

        assert found["after 10"].slot_days_saved == pytest.approx(saved)
        assert found["after 10"].exchange_rate.value == pytest.approx(saved / 16)

    def test_within_the_replay_the_stock_shows_the_same(self, found: Backtest) -> None:
        """Of days 10 to 30."""
        saved = 10 * 5 + 40 * 21 + 30 * (5 + 16 * 0.8)

        assert found["after 40"].slot_days - found["after 10"].slot_days == pytest.approx(saved)

    @pytest.mark.parametrize("day", [10, 12, 15, 30])
    def test_what_is_saved_and_lost_does_not_depend_on_where_the_replay_ends(
        self, found: Backtest, day: int
    ) -> None:
        """An acceptance of day 15 is lost on day 10, so the days until then are saved on day 10."""
        (early,) = backtest(age_rule(10), LOG, until=at(day))

        assert len(early.days) == day + 1
        assert early.slot_days_saved == pytest.approx(found["after 10"].slot_days_saved)
        assert early.exchange_rate == found["after 10"].exchange_rate

    def test_the_chance_of_staying_counts_beyond_the_end_of_the_log(self) -> None:
        """Of the later forty nobody knows more than that they were pending on day 5; half of the others went."""
        world = [Sent(number, sent=MORNING, declined=20 if number < 20 else None) for number in range(40)]
        world += [Sent(100 + number, sent=25 + MORNING) for number in range(40)]
        (one,) = backtest(age_rule(5), history(world, 30))

        first, second = (20 * 15 + 20 * 175), 40 * (15 + 160 * 0.5)
        assert one.withdrawn == 80
        assert one.slot_days_saved == pytest.approx(first + second)

    def test_days_above_the_cap(self) -> None:
        (early,) = backtest(age_rule(10), LOG, cap=90)

        assert early.days_above_cap == 5
        assert early.max_stock == 100
        assert early.mean_stock == pytest.approx((5 * 100 + 5 * 80) / 31)

    def test_withdrawals_by_week_add_up(self, found: Backtest) -> None:
        weeks = found["after 20"].per_week

        assert sum(weeks.values()) == 70
        assert all(monday.weekday() == 0 for monday in weeks)
        assert weeks[date(2026, 3, 16)] == 70


class TestSideBySide:
    def test_the_break_even_price_is_acceptances_by_slot_days(self, found: Backtest) -> None:
        early, late = found["after 10"], found["after 20"]
        other = backtest([age_rule(20), age_rule(10)], LOG)

        assert other.break_even("after 10") == pytest.approx(16 / (late.slot_days - early.slot_days))
        assert found.break_even(0) is ik.UNKNOWN

    @pytest.mark.parametrize("end", [60, 90, 140, 200])
    def test_it_does_not_depend_on_where_the_replay_ends(self, end: int) -> None:
        """Two a day, one of ten accepted on day 14 and one on day 80: from day 10 to day 20 a tenth is lost.

        At the end the slower policy has not withdrawn everything yet that the quicker one has.
        """
        world = [
            Sent(number, sent=number // 2 + MORNING, accepted=number // 2 + (0, 14, 80)[number % 10])
            if number % 10 in (1, 2)
            else Sent(number, sent=number // 2 + MORNING)
            for number in range(500)
        ]
        found = backtest([age_rule(20), age_rule(10)], history(world, 300), until=at(end), horizon=100)

        # Ten invitations take ten days each, but for one that takes four.
        assert found.break_even(1) == pytest.approx(1 / 94, rel=0.12)

    def test_what_is_worked_out_counts_up_to_the_last_day_as_well(self) -> None:
        """Of thirty seen pending to day 12, one in five would have accepted on day 15."""
        for end, lost in ((14, 0.0), (15, 16.0), (25, 16.0)):
            (early,) = backtest(age_rule(10), LOG, until=at(end))
            assert early.lost_within == pytest.approx(lost)
            assert early.lost.value == pytest.approx(16)

    def test_re_invites_need_the_cool_down(self) -> None:
        (early,) = backtest(age_rule(8), LOG)
        assert early.reinvites_possible == early.withdrawn > 0
        assert backtest(age_rule(10), LOG)[0].reinvites_possible == 0

    def test_limits_hold_back_and_that_is_counted(self) -> None:
        (one,) = backtest(age_rule(10, limits=ik.Limits(per_day=5, per_week=20)), LOG)

        assert max(one.per_day.values()) == 5
        assert one.limited_days == 21
        for start in range(25):
            assert sum(list(one.per_day.values())[start : start + 7]) <= 20

    def test_plans_that_would_need_your_word_are_counted(self) -> None:
        """All at once, and more in a week than a policy without a limit per week may withdraw unasked."""
        world = hundred() + [Sent(200 + number, sent=MORNING) for number in range(60)]
        (everything,) = backtest(age_rule(10), history(world, 30))
        world = [*hundred(), Sent(300, sent=12)]
        (fewer,) = backtest(age_rule(10, limits=ik.Limits(per_week=60)), history(world, 20))

        assert everything.blocked_days == 1
        assert (fewer.withdrawn, fewer.limited_days) == (80, 7)
        assert fewer.blocked_days == 0

    def test_what_is_held_out_stays(self) -> None:
        (one,) = backtest(age_rule(10, holdout=0.2), LOG)

        assert 5 < one.held_out < 30
        assert one.withdrawn + one.held_out >= 80
        assert one.stock[-1] > 0

    def test_several_by_name_and_the_same_name_twice(self) -> None:
        twice = backtest([age_rule(10), age_rule(10)], LOG)
        assert [one.name for one in twice] == ["after 10", "after 10 (2)"]
        named = backtest({"a": age_rule(10), "b": age_rule(20)}, LOG)
        assert (named["b"].withdrawn, len(named), named[1].name) == (70, 2, "b")
        with pytest.raises(DataError, match="no policy of this backtest"):
            named["c"]

    def test_it_prints_in_text_and_html(self, found: Backtest) -> None:
        text, html = repr(found), found._repr_html_()

        for said in ("after 10", "after 20", "acceptances lost", "slot-days saved", "identified up to day 30"):
            assert said in text
            assert said in html
        assert "Replay of 'after 10'" in repr(found[0])
        assert "<table>" in found[0]._repr_html_()

    def test_names_are_harmless_in_html(self) -> None:
        html = backtest({"<b>": age_rule(10)}, LOG)._repr_html_()

        assert "<b>" not in html
        assert "&lt;b&gt;" in html

    def test_records_are_flat_and_hold_no_unknown(self, found: Backtest) -> None:
        records = found.to_records()

        assert [record["policy"] for record in records] == ["after 10", "after 20", "after 40"]
        assert len({tuple(record) for record in records}) == 1
        assert ik.UNKNOWN not in [value for record in records for value in record.values()]
        assert records[0]["lost"] == pytest.approx(16)
        rows = found[0].to_records()
        assert len(rows) == 80
        assert rows[0].keys() == {"invitation_id", "name", "slug", "at", "age_days", "fate", "lost", "imputed"}

    def test_it_travels_and_the_same_seed_gives_the_same(self, found: Backtest) -> None:
        assert pickle.loads(pickle.dumps(found)) == found
        assert backtest([age_rule(10), age_rule(20), age_rule(40)], LOG) == found


class TestExports:
    def test_an_export_is_replayed_from_its_dates(self) -> None:
        """Accepted on a day means not there any more on that day; everything was known only at the end."""
        world = [one for one in hundred() if one.withdrawn is None]
        (early,) = backtest(age_rule(10), export(world, 30))

        assert early.withdrawn == 50
        assert early.lost_known == 10
        assert early.per_day[at(10).date()] == 50

    def test_what_an_export_tells_of_those_who_accepted_is_not_shown_before(self) -> None:
        """The company is known of those ten only; a rule about it must not find them out."""
        policy = ik.Policy(
            name="peek",
            withdraw=ik.rules.older_than(days=10),
            keep=ik.rules.company("Example Works").if_unknown(False),
            limits=ik.Limits(per_run=1000),
        )
        (one,) = backtest(policy, export([one for one in hundred() if one.withdrawn is None], 30))
        assert one.lost_known == 10

    def test_whoever_is_too_old_for_the_export_is_left_out(self) -> None:
        world = [Sent(1000 + number, sent=-40.5 - number, accepted=150.0) for number in range(5)]
        found = backtest(age_rule(10), export([*hundred(), *world], 160))

        assert dict(found.left_out)["older-than-the-log"] == 5
        assert any("say nothing about acceptance" in note for note in found.notes)

    def test_whether_it_was_accepted_may_be_unsettled(self) -> None:
        """Nothing is withdrawn of which the source cannot say whether it was accepted."""
        import attrs

        snapshot = export(hundred()[60:], 30)
        blind = [attrs.evolve(one, evidence=Evidence.NO_CONNECTIONS) for one in snapshot.invitations]
        found = backtest(age_rule(10), attrs.evolve(snapshot, invitations=blind))
        assert found[0].withdrawn == 0
        assert dict(found.left_out) == {"acceptance-unsettled": 40}
        assert found.identified == (ik.UNKNOWN, ik.UNKNOWN)

    def test_a_ledger_of_exports_is_replayed_from_its_dates_as_well(self) -> None:
        """Recorded on days 20 and 40: each told the past, so the days before the first one are replayed, too."""
        world = [one for one in hundred() if one.withdrawn is None]
        ledger = ik.SqliteLedger(":memory:", clock=lambda: at(50))
        for day in (20, 40):
            ledger.record(export(world, day))
        (early,) = backtest(age_rule(10), ledger.history())

        assert early.days[0] == at(0).date()
        assert early.per_day[at(10).date()] == 50
        assert early.lost_known == 10

    def test_an_account_that_changed_from_exports_to_listings(self) -> None:
        """The first listing is the first day; what the export before it had told is there on that day."""
        world = [one for one in hundred() if one.withdrawn is None]
        ledger = ik.SqliteLedger(":memory:", clock=lambda: at(50))
        ledger.record(export(world, 3))
        world.append(Sent(700, sent=4.5))
        for day in range(5, 20):
            ledger.record(listing(world, day))
        (early,) = backtest(age_rule(6), ledger.history())

        assert early.days[0] == at(5).date()
        assert early.per_day[at(6).date()] == 50
        assert early.per_day[at(11).date()] == 1


class TestDays:
    def test_since_and_until_are_days_in_utc(self) -> None:
        found = backtest(age_rule(10), LOG, since=at(12), until=at(20).date())

        assert (found.since, found.until) == (at(12).date(), at(20).date())
        assert found[0].days[0] == at(12).date()
        assert len(found[0].stock) == 9
        assert found[0].per_day[at(12).date()] == 80

    def test_a_datetime_stands_for_its_day_in_utc(self) -> None:
        from datetime import datetime, timezone

        late = datetime(2026, 3, 12, 23, 0, tzinfo=timezone(timedelta(hours=-5)))
        assert backtest(age_rule(10), LOG, since=late).since == date(2026, 3, 13)

    @pytest.mark.parametrize(
        ("settings", "says"),
        [
            ({"since": date(2027, 1, 1)}, "nothing to replay"),
            ({"since": "2026-03-04"}, "since must be a date"),
            ({"cap": -1}, "cap must be"),
            ({"horizon": 0}, "horizon must be"),
            ({"refit_days": 0}, "refit_days must be"),
            ({"confidence": 95}, "confidence must be"),
            ({"context": {"kept": []}}, "context must be"),
        ],
    )
    def test_wrong_settings_are_refused(self, settings: dict[str, object], says: str) -> None:
        with pytest.raises(DataError, match=says):
            backtest(age_rule(10), LOG, **settings)  # type: ignore[arg-type]

    @pytest.mark.parametrize("wrong", [[], {}, None, 5, [5], "default"])
    def test_policies_are_policies(self, wrong: object) -> None:
        with pytest.raises(PolicyError, match="a backtest takes"):
            backtest(wrong, LOG)  # type: ignore[arg-type]

    def test_the_past_is_a_history_or_an_export(self) -> None:
        with pytest.raises(DataError, match="expected a History or an export"):
            backtest(age_rule(10), list(LOG))  # type: ignore[arg-type]
        with pytest.raises(DataError, match="a listing shows what is pending"):
            backtest(age_rule(10), listing(hundred(), 3))
        with pytest.raises(DataError, match="holds no sent invitation"):
            backtest(age_rule(10), history([], 30))


class TestAmount:
    def test_it_prints_with_its_interval(self) -> None:
        assert str(Amount(value=14.83, lower=5.0, upper=25.04)) == "14.8 (5 to 25.0)"
        assert str(Amount(value=ik.UNKNOWN)) == "unknown"
        assert repr(Amount(value=3.0)) == "Amount(3)"

    def test_closing_between_two_looks(self) -> None:
        """What ended in an interval is taken for ended from the day on which it surely had."""
        from invitekit.replay._tracks import _closing

        assert _closing(Interval.at(at(3.2))) == at(3.2)
        assert _closing(Interval(at(3), at(7))) == at(6.5)
        assert _closing(Interval(at(3), at(3.1))) == at(3) + timedelta(microseconds=1)


def test_a_policy_that_could_never_decide_says_so() -> None:
    """Nothing withdrawn and nothing lost looks like the best of policies."""
    snapshot = ik.read_export(sample_export())
    blind = ik.Policy(name="blind", withdraw=r.not_worth_waiting(), limits=ik.Limits(per_day=20))
    capped = ik.Policy(name="capped", withdraw=r.not_worth_waiting(pending_cap=50), limits=ik.Limits(per_day=20))

    found = ik.backtest([blind, capped], snapshot)

    assert found["blind"].withdrawn == 0
    assert found["blind"].never_known == ("r.not_worth_waiting()",)
    assert any(note.startswith("blind: r.not_worth_waiting() was unknown") for note in found.notes)
    assert found["capped"].withdrawn > 0
    assert found["capped"].never_known == ()


def test_few_losses_leave_more_possible() -> None:
    """Where no sample of weeks holds a loss, the interval does not shrink to nothing."""
    snapshot = ik.read_export(sample_export())
    late = ik.Policy(name="late", withdraw=r.older_than(days=100), limits=ik.Limits(per_day=20))

    lost = ik.backtest(late, snapshot)[0].lost

    assert isinstance(lost.value, float)
    assert isinstance(lost.upper, float)
    assert lost.value < 1 < lost.upper


class TestUndecided:
    LOG = export([one for one in hundred() if one.withdrawn is None], 30)

    def test_a_combination_that_was_unknown_all_along_says_so(self) -> None:
        """Nobody's mutual connections are known. What is old enough is undecided; what is not is kept."""
        few = ik.Policy(
            name="few",
            withdraw=r.older_than(days=14) & ~r.mutual_connections(at_least=5),
            limits=ik.Limits(per_run=9),
        )
        found = backtest([age_rule(14), few], self.LOG)

        assert found["few"].withdrawn == 0
        # Fifty from day 14 on, of whom ten were accepted on day 15.
        assert found["few"].undecided_days == 50 + 16 * 40
        assert found["few"].judged_days == 5 * 70 + 10 * 50 + 16 * 40
        assert found["after 14"].undecided_days == 0
        (note,) = (one for one in found.notes if one.startswith("few: "))
        assert "r.mutual_connections(at_least=5) was unknown" in note
        assert "690 of 1,490 invitation-days were undecided" in note
        (row,) = (line for line in repr(found).splitlines() if line.startswith("invitation-days undecided"))
        assert row.split()[2:] == ["0", "690", "of", "1,490"]
        assert found.to_records()[1]["undecided_days"] == 690

    def test_whoever_decides_has_no_such_row(self) -> None:
        assert "undecided" not in repr(backtest(age_rule(14), self.LOG))

    def test_what_is_unknown_of_some_only_is_counted_as_well(self) -> None:
        """Mutual connections are known of forty."""
        import attrs

        known = [attrs.evolve(one, mutual_connections=7) for one in self.LOG.invitations[:40]]
        log = attrs.evolve(self.LOG, invitations=[*known, *self.LOG.invitations[40:]])
        some = ik.Policy(
            name="some",
            withdraw=r.older_than(days=14) & r.mutual_connections(at_least=5),
            limits=ik.Limits(per_run=1000),
        )
        found = backtest(some, log)

        assert found[0].never_known == ()
        assert 0 < found[0].undecided_days < found[0].judged_days
        assert any(note.startswith(f"some: {found[0].undecided_days:,} of ") for note in found.notes)

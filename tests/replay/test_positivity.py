"""What a log can and cannot say about a policy: simulated worlds in which the truth is known.

The truth is what the invitations that the policy withdraws would have brought by the horizon, had everybody been
left alone. A log shows less of it the earlier its own policy withdrew.
"""

from __future__ import annotations

import copy
import random

import attrs
import pytest
from tests.replay.worlds import DAY, Sent, age_rule, at, history, people

import invitekit as ik
from invitekit.history import History, Timeline
from invitekit.model import Interval
from invitekit.replay import Backtest, PolicyReplay, backtest

DAYS = 240


def world(seed: int) -> list[Sent]:
    """Two thousand invitations over 200 days, of whose acceptances many are late; half of the people are cold."""
    return people(seed, 2_000, 200, rate=0.5, declines=0.1)


def lived(alone: list[Sent], withdraw: dict[bool, float | None]) -> list[Sent]:
    """The same world where the account withdrew warm and cold invitations at an age."""
    found = copy.deepcopy(alone)
    for one in found:
        age = withdraw[one.cold]
        if age is not None and one.ends > one.sent + age:
            one.withdrawn = one.sent + age
    return found


def truth(alone: list[Sent], replay: PolicyReplay) -> int:
    """How many of the withdrawn would have been accepted by the horizon, if left alone."""
    by_id = {f"in-{one.number}": one for one in alone}
    horizon = replay.horizon
    assert isinstance(horizon, int)
    found = 0
    for withdrawal in replay.withdrawals:
        one = by_id[withdrawal.invitation_id]
        # What the log withdrew may have been accepted before the policy decides, and then it is no loss of its.
        after = (withdrawal.at - at(0)) / DAY
        found += one.was_accepted and one.ends > after and _age(one) <= horizon
    return found


def _age(one: Sent) -> int:
    return at(one.ends).toordinal() - at(one.sent).toordinal()


def within(replay: PolicyReplay, true: float) -> bool:
    """Whether the interval covers the truth."""
    assert isinstance(replay.lost.lower, float)
    assert isinstance(replay.lost.upper, float)
    return replay.lost.lower <= true <= replay.lost.upper


@pytest.mark.parametrize("seed", [1, 2, 3])
class TestEnoughWasLeftAlone:
    def test_for_sixty_days(self, seed: int) -> None:
        """All but the end of the log is seen; the estimate adds what the last weeks have not brought yet."""
        alone = world(seed)
        (replay,) = backtest(age_rule(14), history(lived(alone, {False: 60, True: 60}), DAYS - 20))
        true = truth(alone, replay)

        assert replay.horizon in (60, 61)
        assert replay.lost_known <= true
        assert replay.lost.value == pytest.approx(true, rel=0.05)
        assert within(replay, true)
        assert replay.bounds[0] <= true <= replay.bounds[1]

    def test_half_of_the_cold_withdrawn_at_fourteen_at_random(self, seed: int) -> None:
        """Counting what the log shows misses a quarter; the others tell what it was."""
        alone = world(seed)
        chance = random.Random(seed)
        some = lived(alone, {False: None, True: 14.5})
        for one, left in zip(some, alone, strict=True):
            if one.cold and chance.random() < 0.5:
                one.withdrawn = left.withdrawn
        (replay,) = backtest(age_rule(14), history(some, DAYS), horizon=60)
        true = truth(alone, replay)

        assert replay.lost_known < 0.85 * true
        assert isinstance(replay.lost.value, float)
        assert abs(replay.lost.value - true) < 0.5 * abs(replay.lost_known - true)
        assert within(replay, true)

    def test_a_lazier_policy_than_the_log_is_worked_out_from_those_left_alone(self, seed: int) -> None:
        """The log withdrew a third at day 10; what the policy of day 20 would lose is told by the rest."""
        alone = world(seed)
        chance = random.Random(seed)
        some = lived(alone, {False: 10.2, True: 10.2})
        for one in some:
            if chance.random() < 0.66:
                one.withdrawn = None
        (replay,) = backtest(age_rule(20), history(some, DAYS), horizon=80)
        alone_too = backtest(age_rule(20), history(alone, DAYS), horizon=80)[0]

        assert replay.imputed_earlier > 100
        assert isinstance(alone_too.lost.value, float)
        assert replay.lost.value == pytest.approx(alone_too.lost.value, rel=0.25)
        assert replay.slot_days_saved == pytest.approx(alone_too.slot_days_saved, rel=0.1)
        assert replay.mean_stock == pytest.approx(alone_too.mean_stock, rel=0.05)


@pytest.fixture(scope="module")
def found() -> Backtest:
    """Two policies where everybody was withdrawn at day 21, and one that is quicker than that."""
    log = history(lived(world(4), {False: 21.2, True: 21.2}), DAYS)
    return backtest([age_rule(14), age_rule(21), age_rule(30)], log)


class TestNobodyWasLeftAlone:
    def test_beyond_the_day_on_which_all_were_withdrawn_nothing_is_known(self, found: Backtest) -> None:
        """Not nothing lost: unknown."""
        assert found.identified in ((0, 21), (0, 22))
        assert found["after 30"].lost.value is ik.UNKNOWN
        assert found["after 30"].lost_expected is ik.UNKNOWN
        assert found["after 30"].exchange_rate.value is ik.UNKNOWN
        assert found["after 30"].unidentified > 0.9 * found["after 30"].withdrawn > 0
        assert found["after 21"].lost.value is ik.UNKNOWN
        assert found.break_even("after 30") is ik.UNKNOWN

    def test_what_came_before_that_day_is_known(self, found: Backtest) -> None:
        early = found["after 14"]

        assert early.horizon in (21, 22)
        assert early.lost.is_known
        assert early.lost_known > 10

    def test_it_is_said(self, found: Backtest) -> None:
        text = repr(found)
        assert "identified up to day 2" in text
        assert "after 30: withdraws at ages that the log does not reach, so what it loses is unknown" in text
        assert "holdout=0.05" in text
        assert found.to_records()[2]["lost"] is None

    def test_a_holdout_keeps_it_known(self) -> None:
        """One in ten left alone, and the loss of 30 against 21 days can be told."""
        alone = world(4)
        chance = random.Random(4)
        some = lived(alone, {False: 21.2, True: 21.2})
        for one in some:
            if chance.random() < 0.1:
                one.withdrawn = None
        found = backtest([age_rule(21), age_rule(30)], history(some, DAYS), horizon=90)

        last = found.identified[1]
        assert isinstance(last, int)
        assert last > 60
        for replay in found:
            assert replay.lost.is_known
            assert within(replay, truth(alone, replay))
        first, other = (replay.lost.value for replay in found)
        assert isinstance(first, float)
        assert isinstance(other, float)
        assert first > other


class TestDelayedEntry:
    def test_what_was_pending_when_it_was_first_seen_counts_from_then(self) -> None:
        """From day 60 on there were listings only, so what had been answered by then is not in the log at all."""
        full = history(world(6), DAYS)
        looked = at(60)
        late = History(
            attrs.evolve(one, since=max(one.first_seen, looked), first_seen=max(one.first_seen, looked))
            for one in full
            if one.last_seen >= looked
        )
        whole, replay = (backtest(age_rule(14), log, horizon=60, since=looked)[0] for log in (full, late))

        assert len(late) < len(full)
        assert isinstance(whole.lost.value, float)
        assert replay.lost.value == pytest.approx(whole.lost.value, rel=0.15)


class TestIntervals:
    def test_they_cover_the_truth_about_as_often_as_they_say(self) -> None:
        """Twenty worlds, nominal 90 %: the truth of each world is one draw, so many must be covered, not all."""
        hits = 0
        for seed in range(20):
            alone = people(100 + seed, 400, 150, rate=0.5)
            some = lived(alone, {False: None, True: None})
            chance = random.Random(seed)
            for one in some:
                if chance.random() < 0.5 and one.ends > one.sent + 10.2:
                    one.withdrawn = one.sent + 10.2
            (replay,) = backtest(age_rule(10), history(some, 200), horizon=40, confidence=0.9)
            hits += within(replay, truth(alone, replay))
        assert hits >= 16

    def test_fates_that_are_not_seen_vary_as_well(self) -> None:
        """Even with all chances known: as the binomial distribution says."""
        from random import Random

        from invitekit.replay._score import _drawn

        chance = Random(1)
        for count, share in ((40, 0.02), (40, 0.5), (7, 0.9), (2_000, 0.1), (1, 0.3)):
            drawn = [_drawn(count * share, count * share * (1 - share), chance) for _ in range(4_000)]
            mean = sum(drawn) / len(drawn)
            spread = sum((one - mean) ** 2 for one in drawn) / len(drawn)
            assert mean == pytest.approx(count * share, rel=0.05)
            assert spread == pytest.approx(count * share * (1 - share), rel=0.1)
            assert 0 <= min(drawn) <= max(drawn) <= count
        assert _drawn(3.0, 0.0, chance) == 3.0

    def test_they_are_as_wide_as_fates_vary(self) -> None:
        """Twenty weeks alike. In each, half were withdrawn early, and a fifth of these would have accepted."""
        world = []
        for week in range(20):
            for number in range(20):
                one = Sent(100 * week + number, sent=7.0 * week - 0.25)
                if number % 2:
                    one.withdrawn = one.sent + 6
                elif number % 10 == 0:
                    one.accepted = one.sent + 12.25
                world.append(one)
        (replay,) = backtest(age_rule(5), history(world, 170), horizon=20)

        assert replay.lost_known == 40
        assert replay.lost.value == pytest.approx(80)
        assert isinstance(replay.lost.upper, float)
        assert isinstance(replay.lost.lower, float)
        # 200 unseen fates of one in five: a standard deviation of 5.7.
        assert 64 < replay.lost.lower < 74
        assert 86 < replay.lost.upper < 100

    def test_of_a_few_weeks_there_is_none(self) -> None:
        (replay,) = backtest(age_rule(14), history(people(1, 300, 20), 120))

        assert replay.lost.is_known
        assert replay.lost.lower is ik.UNKNOWN

    def test_more_confidence_is_wider(self) -> None:
        log = history(world(1), DAYS)
        wide, narrow = (backtest(age_rule(10), log, confidence=share)[0].lost for share in (0.95, 0.5))

        assert wide.value == narrow.value
        assert isinstance(wide.lower, float)
        assert isinstance(narrow.lower, float)
        assert isinstance(wide.upper, float)
        assert isinstance(narrow.upper, float)
        assert wide.lower < narrow.lower <= narrow.upper < wide.upper


class TestRoughlyKnownEnds:
    @pytest.mark.parametrize("compared", [True, False])
    def test_closings_known_to_the_week_change_little(self, compared: bool) -> None:
        """Looked at once a week; without connections read after it, what vanished may have been accepted."""
        alone = world(7)
        some = lived(alone, {False: None, True: 12.2})
        full = history(some, DAYS)

        def roughly(one: Timeline) -> Timeline:
            item = one.invitation
            if item.status is not ik.Status.GONE:
                return one
            week = 7 * DAY
            start = item.sent_at.latest + max((item.known_at.latest - item.sent_at.latest) // week, 0) * week
            known = Interval(start, start + week)
            return attrs.evolve(one, invitation=attrs.evolve(item, known_at=known), compared=compared)

        rough = History(roughly(one) for one in full)
        exact, found = (backtest(age_rule(10), log, horizon=60)[0] for log in (full, rough))

        assert isinstance(exact.lost.value, float)
        assert isinstance(found.lost.value, float)
        if compared:
            assert found.lost.value == pytest.approx(exact.lost.value, rel=0.15)
        else:  # Nothing then tells that they were not accepted.
            assert exact.lost.value < found.lost.value < found.bounds[1]
        unclear = [one for one in found.withdrawals if one.fate == "unclear"]
        assert bool(unclear) is not compared
        assert all(isinstance(one.lost, float) and 0 <= one.lost <= 1 and one.imputed for one in unclear)

"""How many invitations count against the weekly limit, and when there are more."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.history.builders import ada, bo, export, listing, logged, new_ledger, people, sent

from invitekit.errors import DataError, MissingExtraError
from invitekit.insight.quota._forecast import Forecast
from invitekit.insight.quota._learning import LimitBounds
from invitekit.insight.quota._quota import LimitSource, WeeklyQuota
from invitekit.insight.quota._tiers import NO_MONTHLY_LIMIT, AccountTier
from invitekit.insight.quota._windows import CalendarWeek, RollingWeek, StrictestWeek, Window, month_of
from invitekit.model import UNKNOWN, Direction, Interval, Invitation, SentAt, Status, Truth, Unknown

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
PACIFIC = ZoneInfo("America/Los_Angeles")
NOW = datetime(2026, 11, 18, 20, 0, tzinfo=UTC)  # Wednesday noon, Pacific.
MONDAY = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)  # Midnight there.
ROLLING = RollingWeek()
UTC_WEEK = CalendarWeek(zone="UTC")
WINDOWS = (
    StrictestWeek(),
    RollingWeek(),
    RollingWeek(HOUR),
    CalendarWeek(),
    CalendarWeek(6, 17, "Europe/Brussels"),
    StrictestWeek(CalendarWeek(3, 9), RollingWeek()),
)


def pacific(*digits: int) -> datetime:
    return datetime(*digits, tzinfo=PACIFIC)  # type: ignore[arg-type,misc]


T = TypeVar("T")


def known(value: T | Unknown) -> T:
    """What must be known here."""
    assert not isinstance(value, Unknown)
    return value


def back(*hours: float) -> list[datetime]:
    """So many hours ago, each."""
    return [NOW - one * HOUR for one in hours]


def quota(sends: Any = (), *, now: datetime = NOW, window: Window = ROLLING, **more: Any) -> WeeklyQuota:
    return WeeklyQuota.of(sends, now=now, window=window, **more)


class TestCalendarWeeks:
    @pytest.mark.parametrize(
        ("week", "at", "begins", "hours"),
        [
            (CalendarWeek(), pacific(2026, 11, 18, 12), pacific(2026, 11, 16), 168),
            (CalendarWeek(), pacific(2026, 11, 16), pacific(2026, 11, 16), 168),
            (CalendarWeek(), pacific(2026, 11, 15, 23, 59), pacific(2026, 11, 9), 168),
            # Clocks go forward on 8 March and back on 1 November.
            (CalendarWeek(), pacific(2026, 3, 5), pacific(2026, 3, 2), 167),
            (CalendarWeek(), pacific(2026, 10, 29), pacific(2026, 10, 26), 169),
            (CalendarWeek(), pacific(2026, 11, 1, 23), pacific(2026, 10, 26), 169),
            # An hour that does not exist on 8 March is the next one.
            (CalendarWeek(6, 2), pacific(2026, 3, 8, 3, 30), datetime(2026, 3, 8, 10, tzinfo=UTC), 167),
            (CalendarWeek(6, 2), pacific(2026, 3, 8, 1, 59), pacific(2026, 3, 1, 2), 168),
            # Of one that exists twice on 1 November the first counts.
            (CalendarWeek(6, 1), pacific(2026, 11, 1, 1, 0), datetime(2026, 11, 1, 8, tzinfo=UTC), 169),
            (
                CalendarWeek(6, 1),
                datetime(2026, 11, 1, 9, 30, tzinfo=UTC),
                datetime(2026, 11, 1, 8, tzinfo=UTC),
                169,
            ),
            (CalendarWeek(4, 18, "UTC"), NOW, datetime(2026, 11, 13, 18, tzinfo=UTC), 168),
            (
                CalendarWeek(0, 0, timezone(timedelta(hours=14))),
                datetime(2026, 11, 15, 10, tzinfo=UTC),
                datetime(2026, 11, 15, 10, tzinfo=UTC),
                168,
            ),
        ],
    )
    def test_begin_and_length(self, week: CalendarWeek, at: datetime, begins: datetime, hours: int) -> None:
        first, last = week.bounds(at)

        assert first == begins
        assert last - first == hours * HOUR

    @given(
        st.integers(0, 6),
        st.integers(0, 23),
        st.sampled_from(["America/Los_Angeles", "Europe/Brussels", "Australia/Lord_Howe", "Asia/Kathmandu"]),
        st.datetimes(datetime(2007, 2, 1), datetime(2036, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    )
    def test_they_cover_all_time_without_gap_or_overlap(
        self, weekday: int, hour: int, zone: str, at: datetime
    ) -> None:
        week = CalendarWeek(weekday, hour, zone)
        begins, ends = week.bounds(at)

        assert begins <= at < ends
        assert abs(ends - begins - WEEK) <= HOUR
        assert week.bounds(ends)[0] == ends
        assert week.bounds(begins - timedelta(microseconds=1))[1] == begins
        assert begins.astimezone(ZoneInfo(zone)).weekday() == weekday

    def test_pacific_needs_no_zone_data(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Windows and slim containers carry none; every other zone says what to install."""
        import zoneinfo

        def missing(name: str) -> None:
            raise zoneinfo.ZoneInfoNotFoundError(name)

        expected = quota(back(1, 30, 90), window=StrictestWeek())
        monkeypatch.setattr(zoneinfo, "ZoneInfo", missing)
        monkeypatch.setattr(zoneinfo, "available_timezones", set)

        assert quota(back(1, 30, 90), window=StrictestWeek()) == expected
        with pytest.raises(MissingExtraError, match="tz"):
            CalendarWeek(zone="Europe/Brussels")

    def test_months_begin_in_the_zone_of_the_week(self) -> None:
        at = datetime(2026, 12, 1, 3, tzinfo=UTC)

        assert month_of(CalendarWeek(), at) == (pacific(2026, 11, 1), pacific(2026, 12, 1))
        assert month_of(RollingWeek(), at) == month_of(StrictestWeek(), at) == month_of(CalendarWeek(), at)
        assert month_of(UTC_WEEK, at) == (datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))

    @pytest.mark.parametrize("window", WINDOWS)
    def test_windows_are_values(self, window: Window) -> None:
        again = pickle.loads(pickle.dumps(window))

        assert again == window
        assert hash(again) == hash(window)

    @pytest.mark.parametrize(
        ("kind", "arguments"),
        [
            (CalendarWeek, {"weekday": 7}),
            (CalendarWeek, {"weekday": -1}),
            (CalendarWeek, {"weekday": True}),
            (CalendarWeek, {"weekday": "Monday"}),
            (CalendarWeek, {"hour": 24}),
            (CalendarWeek, {"hour": 1.5}),
            (CalendarWeek, {"zone": "Europe/Bruxels"}),
            (CalendarWeek, {"zone": 5}),
            (RollingWeek, {"margin": -HOUR}),
            (RollingWeek, {"margin": 2 * DAY}),
            (RollingWeek, {"margin": 1}),
            (StrictestWeek, {"calendar": RollingWeek()}),
            (StrictestWeek, {"rolling": CalendarWeek()}),
        ],
        ids=str,
    )
    def test_what_is_no_week_is_refused(self, kind: Any, arguments: dict[str, Any]) -> None:
        with pytest.raises(DataError) as caught:
            kind(**arguments)
        assert caught.value.key == next(iter(arguments))


class TestWhatCounts:
    @pytest.mark.parametrize(
        ("window", "used", "resets_at"),
        [
            (RollingWeek(), 3, NOW + HOUR),  # The oldest that counts is 167 hours old.
            (RollingWeek(HOUR), 4, NOW + HOUR / 2),
            (CalendarWeek(), 1, MONDAY + WEEK),
            (StrictestWeek(), 4, MONDAY + WEEK),
            (StrictestWeek(rolling=RollingWeek()), 3, MONDAY + WEEK),
        ],
    )
    def test_by_window(self, window: Window, used: int, resets_at: datetime) -> None:
        result = quota(back(1, 61, 167, 168.5, 200), window=window)

        assert result.used == result.used_surely == used
        assert result.resets_at == resets_at

    def test_seven_days_ago_to_the_microsecond_no_longer_counts(self) -> None:
        tick = timedelta(microseconds=1)

        assert quota([NOW - WEEK]).used == 0
        assert quota([NOW - WEEK + tick]).used == 1
        assert quota([MONDAY - tick], window=CalendarWeek()).used == 0
        assert quota([MONDAY, NOW], window=CalendarWeek()).used == 2

    def test_what_is_sent_later_does_not_count(self) -> None:
        assert quota([NOW, NOW + HOUR]).used == 1

    def test_where_nothing_counts_seven_rolling_days_have_nothing_to_reset(self) -> None:
        assert quota().resets_at == quota(back(200)).resets_at == NOW

    def test_rough_times_may_count(self) -> None:
        sends = [
            SentAt(NOW - 8 * DAY, NOW - 6 * DAY),  # May.
            SentAt(NOW - 6 * DAY, NOW - 5 * DAY),  # Surely.
            SentAt(NOW - HOUR, NOW + HOUR),  # May; perhaps it has not been sent yet.
            SentAt(NOW - 9 * DAY, NOW - 8 * DAY),
            Interval.unknown(),
        ]
        result = quota(sends, limit=4)

        assert (result.used, result.used_surely, result.remaining) == (4, 1, 0)

    def test_withdrawn_accepted_and_gone_count_and_received_do_not(self) -> None:
        """Withdrawing frees no weekly allowance."""
        statuses = (Status.PENDING, Status.PRESUMED_PENDING, Status.ACCEPTED, Status.WITHDRAWN, Status.GONE)
        sends = [
            attrs.evolve(sent(one, id=f"in-{status}"), status=status, as_of=NOW, sent_at=SentAt.at(NOW - DAY))
            for one, status in zip(people(5), statuses, strict=True)
        ]
        received = attrs.evolve(sends[0], direction=Direction.RECEIVED)

        assert quota([*sends, received]).used == 5

    def test_an_invitation_without_a_date_was_sent_before_it_was_seen(self) -> None:
        one = sent(ada(), at=SentAt.unknown(), as_of=NOW - 8 * DAY)
        other = sent(bo(), at=SentAt.unknown(), as_of=NOW - 3 * DAY)
        result = quota([one, other], limit=1)

        assert (result.used, result.used_surely) == (1, 0)
        assert result.next_free == NOW + 4 * DAY

    def test_aware_times_of_any_zone_are_the_same(self) -> None:
        sends = [at.astimezone(ZoneInfo("Asia/Kathmandu")) for at in back(1, 167, 169)]

        assert quota(sends, now=NOW.astimezone(PACIFIC)) == quota(back(1, 167, 169))


class TestLimit:
    def test_by_default_it_is_unknown_and_so_is_what_depends_on_it(self) -> None:
        result = quota(back(1, 2), tier="premium")

        assert result.limit is result.remaining is result.next_free is UNKNOWN
        assert result.limit_source is LimitSource.NOT_KNOWN
        assert result.forecast().answer is Truth.UNKNOWN
        assert (result.planning_limit, result.planning_remaining) == (100, 98)

    def test_without_a_tier_nothing_is_known_of_it(self) -> None:
        result = quota(back(1))

        assert {
            result.tier,
            result.planning_limit,
            result.planning_remaining,
            result.note_length,
            result.notes_per_month,
            result.notes_remaining,
        } == {UNKNOWN}

    @pytest.mark.parametrize(
        ("window", "limit", "remaining", "next_free"),
        [
            (RollingWeek(), 4, 1, NOW),
            (RollingWeek(), 3, 0, NOW + HOUR),
            (RollingWeek(), 2, 0, NOW + 107 * HOUR),  # The second newest is 61 hours old.
            (RollingWeek(), 1, 0, NOW + 167 * HOUR),
            (CalendarWeek(), 2, 1, NOW),
            (CalendarWeek(), 1, 0, MONDAY + WEEK),
            (StrictestWeek(), 2, 0, NOW + 108 * HOUR),
            (StrictestWeek(), 1, 0, NOW + 168 * HOUR),
            (StrictestWeek(rolling=RollingWeek()), 2, 0, NOW + 107 * HOUR),
        ],
    )
    def test_configured(self, window: Window, limit: int, remaining: int, next_free: datetime) -> None:
        result = quota(back(1, 61, 167, 200), limit=limit, window=window)

        assert result.limit_source is LimitSource.CONFIGURED
        assert (result.remaining, result.next_free) == (remaining, next_free)

    def test_the_stricter_is_the_calendar_week_only_in_the_last_hour_of_its_169(self) -> None:
        """With exactly seven rolling days; the margin of the default covers it."""
        first, now = pacific(2026, 10, 26, 0, 10), pacific(2026, 11, 1, 23, 30)

        assert quota([first], now=now).used == 0
        assert quota([first], now=now, window=CalendarWeek()).used == 1
        assert quota([first], now=now, window=StrictestWeek(rolling=RollingWeek())).used == 1


def weekly(*counts: int) -> list[datetime]:
    """So many in each week by UTC, a minute apart, on Tuesdays; the last of them in the week of `NOW`."""
    last = datetime(2026, 11, 17, tzinfo=UTC)
    return [
        last - ago * WEEK + one * timedelta(minutes=1)
        for ago, count in enumerate(reversed(counts))
        for one in range(count)
    ]


class TestLearning:
    def test_never_refused_is_a_lower_bound_and_no_limit(self) -> None:
        result = quota(weekly(5, 9, 3), window=UTC_WEEK)

        assert (result.limit_bounds.at_least, result.limit_bounds.about) == (9, UNKNOWN)
        assert result.limit_bounds.at_least_on == datetime(2026, 11, 10, 0, 8, tzinfo=UTC)
        assert result.limit is UNKNOWN
        assert "never refused" in str(result.limit_bounds)

    def test_refused_at_n_is_about_n(self) -> None:
        result = quota(weekly(5, 9, 3), refusals=[datetime(2026, 11, 11, tzinfo=UTC)], window=UTC_WEEK)

        assert (result.limit, result.limit_source) == (9, LimitSource.LEARNED)
        assert result.remaining == 6
        assert result.limit_bounds.refusals == 1

    def test_a_configured_limit_stands_beside_what_was_learned(self) -> None:
        result = quota(weekly(5, 9, 3), limit=20, refusals=[NOW - WEEK], window=UTC_WEEK)

        assert (result.limit, result.limit_source) == (20, LimitSource.CONFIGURED)
        assert result.limit_bounds.about == 9

    def test_what_went_through_later_refutes_a_refusal(self) -> None:
        """Refused at 80, and later 120 went through."""
        result = quota(weekly(80, 120, 3), refusals=[NOW - 2 * WEEK], window=UTC_WEEK)

        assert result.limit is UNKNOWN
        assert (result.limit_bounds.at_least, result.limit_bounds.set_aside) == (120, 1)
        assert "1 contradiction set aside" in str(result.limit_bounds)

    def test_as_many_as_before_the_refusal_do_not_refute_it(self) -> None:
        result = quota(weekly(80, 80, 3), refusals=[NOW - 2 * WEEK], window=UTC_WEEK)

        assert (result.limit, result.limit_bounds.at_least, result.limit_bounds.set_aside) == (80, 80, 0)

    def test_a_later_refusal_refutes_what_went_through(self) -> None:
        """120 went through, and later one was refused at 80: limits change."""
        result = quota(weekly(120, 80, 3), refusals=[NOW - WEEK], window=UTC_WEEK)

        assert result.limit == 80
        assert (result.limit_bounds.at_least, result.limit_bounds.set_aside) == (80, 1)

    def test_a_refusal_in_a_week_without_sends_says_nothing_about_a_weekly_limit(self) -> None:
        result = quota(weekly(5, 0, 3), refusals=[NOW - WEEK], window=UTC_WEEK)

        assert result.limit is UNKNOWN
        assert result.limit_bounds.set_aside == 1

    def test_a_refusal_after_now_is_not_known_yet(self) -> None:
        assert quota(weekly(5), refusals=[NOW + HOUR], window=UTC_WEEK).limit_bounds.refusals == 0

    def test_nothing_is_learned_from_nothing(self) -> None:
        assert quota().limit_bounds == LimitBounds()
        assert str(LimitBounds()) == "nothing learned yet"

    def test_rough_times_count_only_if_they_are_surely_in_one_week(self) -> None:
        rough = [SentAt(NOW - 2 * DAY, NOW - DAY)] * 3 + [SentAt(NOW - 10 * DAY, NOW - DAY)] * 5

        assert quota(rough).limit_bounds.at_least == 3
        assert quota([Interval.unknown()] * 5).limit_bounds.at_least is UNKNOWN

    def test_exactly_200_per_week_as_measured(self) -> None:
        """Two heavy accounts: 200 from Monday to Monday, but up to 398 in seven rolling days.

        Seen as calendar weeks all fits. Seen as rolling ones the refusal is refuted; the lower number stands.
        """
        first = [pacific(2026, 11, 8, 12) + one * timedelta(seconds=30) for one in range(200)]
        second = [pacific(2026, 11, 9, 8) + one * timedelta(seconds=30) for one in range(198)]
        refused = [pacific(2026, 11, 8, 20)]

        by_calendar = quota([*first, *second], refusals=refused, window=CalendarWeek())
        rolling = quota([*first, *second], refusals=refused)
        both = quota([*first, *second], refusals=refused, window=StrictestWeek())

        assert (by_calendar.limit, by_calendar.limit_bounds.set_aside) == (200, 0)
        assert (rolling.limit, rolling.limit_bounds.at_least) == (UNKNOWN, 398)
        assert (both.limit, both.limit_bounds.at_least, both.limit_bounds.set_aside) == (200, 200, 1)

    @given(st.lists(st.tuples(st.integers(0, 40 * 24), st.booleans()), max_size=40), st.sampled_from(WINDOWS))
    def test_bounds_never_cross(self, story: list[tuple[int, bool]], window: Window) -> None:
        result = quota(
            [NOW - ago * HOUR for ago, refused in story if not refused],
            refusals=[NOW - ago * HOUR for ago, refused in story if refused],
            window=window,
        )
        bounds = result.limit_bounds

        assert result.limit == bounds.about
        if bounds.at_least is not UNKNOWN and bounds.about is not UNKNOWN:
            assert bounds.at_least <= bounds.about
        assert (bounds.at_least is UNKNOWN) == (bounds.at_least_on is UNKNOWN)
        assert (bounds.about is UNKNOWN) == (bounds.about_on is UNKNOWN)


class TestTiers:
    @pytest.mark.parametrize(
        ("tier", "length", "notes"),
        [
            (AccountTier.BASIC, 200, 5),
            (AccountTier.PREMIUM, 300, NO_MONTHLY_LIMIT),
            (AccountTier.SALES_NAVIGATOR, 300, NO_MONTHLY_LIMIT),
            (AccountTier.RECRUITER, 300, NO_MONTHLY_LIMIT),
        ],
    )
    def test_presets(self, tier: AccountTier, length: int, notes: object) -> None:
        result = quota(tier=tier)

        assert (result.note_length, result.notes_per_month, result.planning_limit) == (length, notes, 100)
        assert quota(tier=tier.value) == result
        assert tier.reported[0] <= tier.planning_limit <= tier.reported[1]

    def test_no_limit_known_is_not_the_same_as_not_known(self) -> None:
        assert quota(tier="recruiter").notes_remaining is NO_MONTHLY_LIMIT
        assert quota().notes_remaining is UNKNOWN
        assert quota(tier="recruiter").to_record()["notes_remaining"] == "no monthly limit known"
        assert quota().to_record()["notes_remaining"] is None

    def test_what_you_say_goes_before_the_tier(self) -> None:
        assert quota(tier="basic", notes_per_month=9).notes_remaining == 9
        assert quota(tier="basic", notes_per_month=NO_MONTHLY_LIMIT).notes_remaining is NO_MONTHLY_LIMIT


class TestNotes:
    def test_notes_of_this_month_make_a_range(self) -> None:
        def one(number: int, note: str | Unknown, days: float) -> Invitation:
            return logged(people(1, number)[0], 0, at=SentAt.at(NOW - days * DAY), note=note, as_of=NOW)

        sends = [
            one(1, "Hello", 1),
            one(2, "Hello", 15),
            one(3, "", 2),
            one(4, UNKNOWN, 3),
            one(5, "Hello", 18),  # 31 October.
            logged(ada(), 0, at=SentAt(NOW - 20 * DAY, NOW - 15 * DAY), note="Hello", as_of=NOW),
        ]
        result = quota(sends, tier="basic")

        assert (result.notes_used_surely, result.notes_used, result.notes_remaining) == (2, 4, 1)
        assert result.notes_reset_at == pacific(2026, 12, 1)
        assert "2 to 4 of 5 this month" in repr(result)
        assert "Hello" not in repr(result) + str(result.to_record()) + repr(attrs.asdict(result))

    def test_bare_times_say_nothing_of_notes_unless_told(self) -> None:
        sends = back(1, 2, 3)

        assert (quota(sends).notes_used_surely, quota(sends).notes_used) == (0, 3)
        told = quota(sends, noted=sends[:2], tier="basic")
        assert (told.notes_used_surely, told.notes_used, told.notes_remaining) == (2, 2, 3)

    def test_more_notes_than_allowed_leave_none(self) -> None:
        assert quota(noted=back(*range(9)), tier="basic").notes_remaining == 0


class TestForecast:
    @pytest.mark.parametrize(
        ("window", "limit", "pace", "days"),
        [
            (RollingWeek(), 13, 2.0, 5.0),  # 3 count; the first leaves in 6 days.
            (RollingWeek(), 14, 2.0, 5.5),
            (RollingWeek(), 16, 2.0, UNKNOWN),
            (RollingWeek(), 15, 1.9, 13 / 1.9),  # One has left.
            (RollingWeek(), 16, 1.9, UNKNOWN),
            (RollingWeek(), 70, 10.0, 6.8),  # One, likewise.
            (RollingWeek(), 73, 10.0, UNKNOWN),
            (RollingWeek(), 3, 0.0, 0.0),
            (RollingWeek(), 4, 0.0, UNKNOWN),
            (RollingWeek(), 4, 1e-320, UNKNOWN),
            (CalendarWeek(), 13, 4.0, 2.5),
            (CalendarWeek(), 28, 4.0, 4.5 + 7),  # Not before the week ends, but at the end of the next one.
            (CalendarWeek(), 29, 4.0, UNKNOWN),
            (StrictestWeek(rolling=RollingWeek()), 13, 2.0, 5.0),
            (StrictestWeek(rolling=RollingWeek()), 16, 1.9, UNKNOWN),
            (RollingWeek(), 10**9, 10.0**12, 1e-3),
        ],
    )
    def test_when(self, window: Window, limit: int, pace: float, days: float | Unknown) -> None:
        result = quota(back(1, 2, 24), limit=limit, window=window).forecast(pace)

        assert result.answer is Truth.of(days is not UNKNOWN)
        if days is UNKNOWN:
            assert result.reached_at is UNKNOWN
        else:
            assert abs(known(result.reached_at) - NOW - days * DAY) < timedelta(milliseconds=1)

    @settings(max_examples=60)
    @given(
        st.lists(st.integers(0, 200), max_size=12),
        st.integers(1, 30),
        st.integers(0, 12),
        st.sampled_from([RollingWeek(), UTC_WEEK]),
    )
    def test_it_is_what_sending_evenly_leads_to(
        self, ago: list[int], limit: int, pace: int, window: Window
    ) -> None:
        """One invitation after another; a steady flow differs from whole invitations by one at the most."""
        expected = quota(back(*ago), limit=limit, window=window).forecast(pace)
        sends, most = back(*ago), 0
        for number in range(1 + 15 * pace):
            at = NOW + number * DAY / max(pace, 1)
            sends += [at] if number else []
            used = quota(sends, now=at, window=window).used
            most = max(most, used)
            if used >= limit:
                assert known(expected.reached_at) <= at + DAY / max(pace, 1)
                break
        assert expected.answer is Truth.FALSE or most >= limit - 1

    def test_the_pace_is_that_of_four_weeks(self) -> None:
        assert quota(back(*(24 * day for day in range(60)))).pace == 1.0
        assert quota([]).pace == 0.0
        # Sending began ten days ago; and three, of which a week is made.
        assert quota(back(0, *[240] * 4, 5)).pace == pytest.approx(0.2)
        assert quota(back(72, 1)).pace == pytest.approx(2 / 7)

    @pytest.mark.parametrize(
        ("result", "sentence"),
        [
            (
                quota(back(1, 2), limit=10, window=UTC_WEEK).forecast(2),
                "at this pace (2 a day) the weekly limit of 10 is reached on 2026-11-22 20:00Z",
            ),
            (
                quota(back(1, 2), limit=12, window=UTC_WEEK).forecast(2),
                (
                    "at this pace (2 a day) the weekly limit of 12 is reached on 2026-11-29 00:00Z, "
                    "not before the week ends on 2026-11-23 00:00Z"
                ),
            ),
            (
                quota(back(1, 2), limit=50).forecast(2),
                "at this pace (2 a day) the weekly limit of 50 is not reached",
            ),
            (
                quota(back(1, 2), limit=2).forecast(),
                "the weekly limit of 2 is reached; the next invitation is free on 2026-11-25 18:00Z",
            ),
            (
                quota().forecast(),
                "the weekly limit is not known, so neither is when it is reached (nothing is sent)",
            ),
        ],
    )
    def test_it_is_a_sentence(self, result: Forecast, sentence: str) -> None:
        assert str(result) == repr(result) == sentence
        assert result.to_record()["sentence"] == sentence

    def test_before_the_reset(self) -> None:
        week = quota(back(1, 2), limit=12, window=UTC_WEEK)

        assert week.forecast(3).before_reset is Truth.TRUE
        assert week.forecast(2).before_reset is Truth.FALSE
        assert week.forecast(0).before_reset is Truth.FALSE
        assert quota(back(1, 2), limit=12).forecast(3).before_reset is Truth.UNKNOWN
        assert quota(back(1, 2)).forecast(3).before_reset is Truth.UNKNOWN

    def test_another_limit_can_be_looked_at(self) -> None:
        result = quota(back(1), tier="basic")

        assert result.forecast(20, limit=100).answer is Truth.TRUE
        assert result.limit is UNKNOWN

    @pytest.mark.parametrize("pace", [-1, float("nan"), float("inf"), "fast", None, True, 10**400])
    def test_what_is_no_pace_is_refused(self, pace: Any) -> None:
        with pytest.raises(DataError, match="pace"):
            quota().forecast(pace)


moments = st.integers(-10, 24 * 30).map(lambda ago: NOW - ago * HOUR)
rough = st.tuples(moments, st.integers(0, 24 * 9)).map(lambda one: SentAt(one[0] - one[1] * HOUR, one[0]))
sending = st.one_of(moments, rough)


class TestLaws:
    @given(st.lists(sending, max_size=30), st.integers(1, 20), st.sampled_from(WINDOWS))
    def test_remaining_is_what_the_limit_leaves_and_never_negative(
        self, sends: list[Any], limit: int, window: Window
    ) -> None:
        result = quota(sends, limit=limit, window=window)

        assert 0 <= result.used_surely <= result.used <= len(sends)
        assert result.remaining == max(limit - result.used, 0)
        assert (known(result.remaining) > 0) == (result.next_free == NOW)
        assert known(result.next_free) >= NOW
        assert result.resets_at >= NOW

    @given(st.lists(sending, max_size=30), sending, st.integers(1, 20), st.sampled_from(WINDOWS))
    def test_another_send_leaves_no_more_and_frees_nothing_earlier(
        self, sends: list[Any], one: Any, limit: int, window: Window
    ) -> None:
        before, after = (quota(each, limit=limit, window=window) for each in (sends, [*sends, one]))

        assert known(after.remaining) <= known(before.remaining)
        assert known(after.next_free) >= known(before.next_free)

    @given(st.lists(sending, max_size=30), st.integers(1, 20), st.integers(0, 6), st.integers(0, 23))
    def test_the_stricter_is_no_more_generous_than_either(
        self, sends: list[Any], limit: int, weekday: int, hour: int
    ) -> None:
        week, rolling = CalendarWeek(weekday, hour), RollingWeek()
        both = quota(sends, limit=limit, window=StrictestWeek(week, rolling))
        each = [quota(sends, limit=limit, window=one) for one in (week, rolling)]

        assert both.used == max(one.used for one in each)
        assert both.remaining == min(known(one.remaining) for one in each)
        assert both.next_free == max(known(one.next_free) for one in each)
        assert both.resets_at == max(one.resets_at for one in each)

    @given(st.lists(sending, max_size=20), st.sampled_from(WINDOWS), st.randoms(use_true_random=False))
    def test_order_changes_nothing(self, sends: list[Any], window: Window, chance: Any) -> None:
        shuffled = sends[:]
        chance.shuffle(shuffled)
        refusals = back(30, 300)

        assert quota(shuffled, refusals=refusals, window=window) == quota(
            iter(sends), refusals=reversed(refusals), window=window
        )

    @given(st.lists(sending, max_size=20), st.sampled_from(WINDOWS))
    def test_without_a_limit_what_remains_is_unknown(self, sends: list[Any], window: Window) -> None:
        result = quota(sends, window=window)

        assert {result.limit, result.remaining, result.next_free, result.forecast().reached_at} == {UNKNOWN}

    @given(st.lists(moments, max_size=20), st.integers(0, 24 * 9), st.sampled_from(WINDOWS))
    def test_knowing_less_of_the_times_never_frees_anything(
        self, sends: list[datetime], hours: int, window: Window
    ) -> None:
        exact = quota(sends, limit=5, window=window)
        vague = quota([SentAt(at - hours * HOUR, at + hours * HOUR) for at in sends], limit=5, window=window)

        assert known(vague.remaining) <= known(exact.remaining)
        assert vague.used_surely <= exact.used_surely

    @given(st.lists(sending, max_size=20), st.integers(1, 6), st.sampled_from(WINDOWS))
    def test_next_free_is_when_something_remains_again(self, sends: list[Any], limit: int, window: Window) -> None:
        sends = [one for one in sends if (one if isinstance(one, datetime) else one.latest) <= NOW]
        result = quota(sends, limit=limit, window=window)

        free = known(result.next_free)

        assert known(quota(sends, now=free, limit=limit, window=window).remaining) > 0
        if result.remaining == 0:
            just_before = free - timedelta(microseconds=1)
            assert quota(sends, now=just_before, limit=limit, window=window).remaining == 0


class Service:
    """A service that counts by a week of its own and refuses above its limit; its week is nobody's business."""

    def __init__(self, limit: int, week: CalendarWeek | None) -> None:
        self.limit, self.week, self.taken = limit, week, list[datetime]()

    def in_week(self, at: datetime) -> int:
        begins = at - WEEK if self.week is None else self.week.bounds(at)[0] - timedelta(microseconds=1)
        return sum(begins < one <= at for one in self.taken)

    def send(self, at: datetime) -> bool:
        if self.in_week(at) >= self.limit:
            return False
        self.taken.append(at)
        return True


service_weeks = st.one_of(
    st.none(),
    st.builds(
        CalendarWeek,
        st.integers(0, 6),
        st.integers(0, 23),
        st.sampled_from(["America/Los_Angeles", "UTC", "Europe/Brussels", "Asia/Kathmandu"]),
    ),
)


class TestAYear:
    """52 weeks with a service whose week is unknown. Whoever keeps to the quota is never refused."""

    @settings(max_examples=25)
    @given(service_weeks, st.integers(1, 6), st.lists(st.integers(1, 40), min_size=1, max_size=9), st.booleans())
    def test_nothing_is_ever_refused(
        self, week: CalendarWeek | None, limit: int, gaps: list[int], eager: bool
    ) -> None:
        service = Service(limit, week)
        at, attempt = datetime(2026, 1, 6, 10, 10, tzinfo=UTC), 0
        end = at + 52 * WEEK
        while at < end:
            recent = [one for one in service.taken if one > at - 3 * WEEK]
            now = WeeklyQuota.of(recent, now=at, limit=limit)
            if now.remaining:
                assert service.send(at), (at, week)
                at += timedelta(minutes=1) if eager else gaps[attempt % len(gaps)] * HOUR
                attempt += 1
            else:
                at = known(now.next_free)
        assert len(service.taken) > 40

    def test_seven_rolling_days_alone_fail_in_the_week_in_which_clocks_go_back(self) -> None:
        """Why the default looks back one hour more, and that the test above can fail."""
        service = Service(3, CalendarWeek(0, 6))
        first = pacific(2026, 10, 26, 6, 10)
        assert all(service.send(first + one * timedelta(minutes=1)) for one in range(3))
        at = pacific(2026, 11, 2, 5, 30)

        assert quota(service.taken, now=at, limit=3).remaining == 3
        assert not service.send(at)
        assert quota(service.taken, now=at, limit=3, window=StrictestWeek()).remaining == 0

    def test_a_calendar_week_alone_fails_where_the_service_begins_it_at_another_hour(self) -> None:
        service = Service(3, CalendarWeek(0, 1))
        first = pacific(2026, 11, 15, 22, 0)
        assert all(service.send(first) for one in range(3))
        at = pacific(2026, 11, 16, 0, 30)

        assert quota(service.taken, now=at, limit=3, window=CalendarWeek()).remaining == 3
        assert not service.send(at)


class TestSources:
    def test_an_export_shows_all_that_was_sent_until_it_was_taken(self) -> None:
        snapshot = export(0, logged(ada(), -1), logged(bo(), -9), *(logged(one, -2) for one in people(3)))
        result = WeeklyQuota.from_snapshot(snapshot, limit=10)

        assert (result.now, result.used, result.is_floor) == (snapshot.taken_at, 4, False)
        later = WeeklyQuota.from_snapshot(snapshot, now=snapshot.taken_at + HOUR, limit=10)
        assert later.is_floor
        assert "at least 4" in repr(later)
        assert "at most 6" in repr(later)

    def test_a_listing_shows_only_what_is_still_pending(self) -> None:
        result = WeeklyQuota.from_snapshot(listing(0, sent(ada(), -1)), limit=10)

        assert (result.used, result.known_until, result.is_floor) == (1, UNKNOWN, True)

    def test_a_history_counts_whatever_became_of_it(self) -> None:
        ledger = new_ledger(
            listing(0, sent(ada(), -1), sent(bo(), -2)), listing(1, sent(ada(), -1)), listing(2, sent(ada(), -1))
        )
        now = datetime(2026, 3, 4, tzinfo=UTC)
        history = ledger.history()

        assert {one.status for one in history} == {Status.PENDING, Status.GONE}
        assert WeeklyQuota.from_history(history, now=now).used == 2

    def test_the_first_look_bounds_a_rough_time(self) -> None:
        """Listed on the first day as sent within a month: on the ninth day that is more than a week ago."""
        month = SentAt(datetime(2026, 2, 10, tzinfo=UTC), datetime(2026, 3, 12, tzinfo=UTC))
        ledger = new_ledger(listing(0, sent(ada(), at=month)), listing(8, sent(ada(), at=month)))
        now = datetime(2026, 3, 9, 12, tzinfo=UTC)

        assert WeeklyQuota.from_history(ledger.history(), now=now).used == 0
        assert WeeklyQuota.from_history(ledger.history(), now=now - 3 * DAY).used == 1


class TestShowing:
    def test_it_says_that_withdrawing_frees_nothing_and_that_there_is_no_number(self) -> None:
        result = quota(back(1), limit=5)

        for text in (repr(result), result._repr_html_(), result.to_record()["remark"], WeeklyQuota.__doc__):
            words = " ".join(str(text).split())
            assert "frees no weekly allowance" in words
            assert "publishe" in words

    def test_a_number_of_a_tier_is_never_called_a_limit(self) -> None:
        text = repr(quota(back(1), tier="basic"))

        assert "limit         unknown" in text
        assert "100 a week (basic; what vendors say, no limit)" in text

    def test_it_survives_a_pickle_and_is_a_plain_value(self) -> None:
        result = quota(back(1, 2), limit=5, tier="recruiter", window=StrictestWeek())

        assert pickle.loads(pickle.dumps(result)) == result
        assert hash(result) == hash(pickle.loads(pickle.dumps(result)))
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            result.limit = 9  # type: ignore[misc]

    def test_html_is_escaped(self) -> None:
        zone = timezone(HOUR, "<script>")
        assert "<script>" not in quota(window=CalendarWeek(zone=zone))._repr_html_()

    def test_every_record_has_the_same_keys(self) -> None:
        assert quota().to_record().keys() == quota(back(1), limit=3, tier="basic").to_record().keys()


class TestWrongInput:
    @pytest.mark.parametrize(
        "arguments",
        [
            {"sends": 5},
            {"sends": "2026-11-01"},
            {"sends": ["2026-11-01"]},
            {"sends": [None]},
            {"sends": [datetime(2026, 11, 1)]},  # noqa: DTZ001
            {"now": datetime(2026, 11, 1)},  # noqa: DTZ001
            {"now": "today"},
            {"now": datetime.min.replace(tzinfo=UTC)},
            {"now": datetime.max.replace(tzinfo=UTC)},
            {"limit": 0},
            {"limit": -5},
            {"limit": 100.0},
            {"limit": True},
            {"limit": "100"},
            {"limit": None},
            {"limit": Fraction(5)},
            {"tier": "gold"},
            {"tier": 5},
            {"tier": None},
            {"tier": ["basic"]},
            {"window": "rolling"},
            {"window": None},
            {"refusals": 5},
            {"refusals": ["2026-11-01"]},
            {"refusals": [datetime(2026, 11, 1)]},  # noqa: DTZ001
            {"noted": 5},
            {"noted": ["Hello"]},
            {"notes_per_month": -1},
            {"notes_per_month": "many"},
            {"known_until": "2026"},
        ],
    )
    def test_is_a_data_error_that_says_what_to_do(self, arguments: dict[str, Any]) -> None:
        with pytest.raises(DataError) as caught:
            quota(**{"sends": (), **arguments})
        assert caught.value.hint

    @pytest.mark.parametrize("snapshot", [None, "export.zip", []])
    def test_no_snapshot(self, snapshot: Any) -> None:
        with pytest.raises(DataError, match="Snapshot"):
            WeeklyQuota.from_snapshot(snapshot)

    @pytest.mark.parametrize("history", [None, [NOW], 5])
    def test_no_history(self, history: Any) -> None:
        with pytest.raises(DataError, match=r"ledger\.history"):
            WeeklyQuota.from_history(history, now=NOW)

    @pytest.mark.parametrize("at", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
    @pytest.mark.parametrize("window", WINDOWS)
    def test_sends_at_the_ends_of_the_calendar_are_no_trouble(self, at: datetime, window: Window) -> None:
        result = quota([at, Interval(at, at)], limit=1, window=window)

        assert result.used == 0

"""Instants known within bounds: aware, in UTC, never reversed, and honest about what they do not know."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.population import NAIVE

from invitekit.errors import DataError
from invitekit.model import Interval, SentAt, Truth
from invitekit.model._interval import as_utc

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIRST = datetime.min.replace(tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)
INSTANTS = st.integers(0, 10**9).map(lambda seconds: datetime(1990, 1, 2, tzinfo=UTC) + timedelta(seconds=seconds))


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    return Interval(*sorted([draw(INSTANTS), draw(INSTANTS)]))


class TestAsUtc:
    def test_an_aware_datetime_is_the_same_instant_in_utc(self) -> None:
        local = datetime(2026, 6, 1, 12, 0, tzinfo=ZoneInfo("Asia/Kathmandu"))

        assert as_utc(local) == local
        assert as_utc(local).tzinfo is UTC
        assert as_utc(local).hour == 6

    def test_the_fold_of_the_ambiguous_hour_counts(self) -> None:
        """In New York 01:30 on 2026-11-01 came twice, an hour apart."""
        twice = datetime(2026, 11, 1, 1, 30, tzinfo=ZoneInfo("America/New_York"))

        assert as_utc(twice.replace(fold=1)) - as_utc(twice) == HOUR

    @pytest.mark.parametrize("wrong", [None, "2026-06-01", 0, date(2026, 6, 1), NOON.timestamp()])
    def test_anything_else_is_refused(self, wrong: object) -> None:
        with pytest.raises(DataError, match="time zone"):
            as_utc(wrong)  # type: ignore[arg-type]

    def test_a_naive_datetime_is_refused_with_what_to_do(self) -> None:
        with pytest.raises(DataError, match=r"2026-11-01 12:00:00 has no time zone.*replace\(tzinfo=UTC\)"):
            as_utc(NAIVE)

    def test_what_utc_cannot_express_is_refused(self) -> None:
        with pytest.raises(DataError, match="outside what UTC can express"):
            as_utc(datetime.min.replace(tzinfo=timezone(HOUR)))


class TestBuilding:
    @pytest.mark.parametrize("kind", [Interval, SentAt])
    def test_reversed_ends_are_refused(self, kind: type[Interval]) -> None:
        with pytest.raises(DataError, match=r"cannot begin .* after it ends .*Swap"):
            kind(NOON, NOON - HOUR)

    @pytest.mark.parametrize("kind", [Interval, SentAt])
    def test_naive_ends_are_refused(self, kind: type[Interval]) -> None:
        naive = NOON.replace(tzinfo=None)
        for ends in ((naive, NOON), (NOON, naive), (naive, naive)):
            with pytest.raises(DataError, match="no time zone"):
                kind(*ends)

    def test_ends_are_kept_in_utc(self) -> None:
        tokyo = NOON.astimezone(ZoneInfo("Asia/Tokyo"))

        assert Interval(tokyo, tokyo).earliest.tzinfo is UTC
        assert Interval(tokyo, tokyo) == Interval.at(NOON)

    def test_at_is_exact(self) -> None:
        assert Interval.at(NOON).exact
        assert not Interval.minute(NOON).exact

    def test_a_day_is_a_whole_utc_day(self) -> None:
        day = Interval.day(date(2028, 2, 29))

        assert day.earliest == datetime(2028, 2, 29, tzinfo=UTC)
        assert day.latest == datetime(2028, 3, 1, tzinfo=UTC) - timedelta(microseconds=1)

    def test_a_minute_is_the_whole_of_it(self) -> None:
        minute = SentAt.minute(NOON + timedelta(seconds=42))

        assert isinstance(minute, SentAt)
        assert (minute.earliest, minute.latest) == (NOON, NOON + timedelta(seconds=59, microseconds=999_999))

    @pytest.mark.parametrize("edge", [date.min, date.max])
    def test_the_ends_of_the_calendar_have_days(self, edge: date) -> None:
        assert Interval.day(edge).earliest.date() == Interval.day(edge).latest.date() == edge

    def test_the_last_minute_of_the_calendar_is_one(self) -> None:
        assert Interval.minute(LAST).latest == LAST

    def test_days_and_minutes_of_other_things_are_refused(self) -> None:
        with pytest.raises(DataError, match="expected a date, got str"):
            Interval.day("2026-06-01")  # type: ignore[arg-type]
        with pytest.raises(DataError, match="no time zone"):
            Interval.minute(NAIVE)
        with pytest.raises(DataError, match="got str"):
            Interval.minute("2026-06-01")  # type: ignore[arg-type]

    @given(INSTANTS)
    def test_an_instant_lies_in_its_day_and_in_its_minute(self, instant: datetime) -> None:
        for whole in (Interval.day(instant.date()), Interval.minute(instant)):
            assert whole.earliest <= instant <= whole.latest


class TestUnknown:
    def test_it_is_surely_before_and_after_nothing(self) -> None:
        for instant in (FIRST + HOUR, NOON, LAST):
            assert Interval.unknown().before(instant) is Truth.UNKNOWN

    def test_it_says_so(self) -> None:
        assert not Interval.unknown().is_known
        assert str(Interval.unknown()) == "unknown"

    def test_one_end_is_enough_to_be_known(self) -> None:
        assert Interval(FIRST, NOON).is_known
        assert Interval(NOON, LAST).is_known


class TestBefore:
    def test_by_example(self) -> None:
        hour = Interval(NOON, NOON + HOUR)

        assert hour.before(NOON + 2 * HOUR) is Truth.TRUE
        assert hour.before(NOON) is Truth.FALSE
        assert hour.before(NOON + HOUR / 2) is Truth.UNKNOWN
        assert hour.before(NOON + HOUR) is Truth.UNKNOWN

    @given(intervals(), INSTANTS)
    def test_it_is_true_of_every_instant_inside_or_of_none_or_unknown(
        self, interval: Interval, instant: datetime
    ) -> None:
        inside = [
            interval.earliest,
            interval.earliest + (interval.latest - interval.earliest) / 2,
            interval.latest,
        ]
        answers = {point < instant for point in inside}

        found = interval.before(instant)

        assert found is Truth.UNKNOWN or answers == {found is Truth.TRUE}

    def test_a_naive_instant_is_refused(self) -> None:
        with pytest.raises(DataError, match="no time zone"):
            Interval.at(NOON).before(NAIVE)


class TestAge:
    def test_it_is_a_range(self) -> None:
        assert Interval(NOON, NOON + HOUR).age(NOON + 3 * HOUR) == (2 * HOUR, 3 * HOUR)

    def test_it_counts_elapsed_time_over_a_clock_change(self) -> None:
        """The day the clocks go back in New York has 25 hours, and so has an invitation sent the noon before."""
        zone = ZoneInfo("America/New_York")
        sent = SentAt.at(datetime(2026, 10, 31, 12, 0, tzinfo=zone))

        assert sent.age(datetime(2026, 11, 1, 12, 0, tzinfo=zone)) == (25 * HOUR, 25 * HOUR)

    def test_a_naive_now_is_refused(self) -> None:
        with pytest.raises(DataError, match="no time zone"):
            SentAt.at(NOON).age(NAIVE)


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (Interval.at(NOON), "2026-06-01 12:00Z"),
        (Interval.minute(NOON), "2026-06-01 12:00Z"),
        (Interval(NOON, NOON + HOUR), "2026-06-01 12:00Z to 13:00Z"),
        (Interval.day(NOON.date()), "2026-06-01"),
        (Interval(NOON, NOON + 24 * HOUR), "2026-06-01 to 2026-06-02"),
        (Interval(NOON + 11 * HOUR, NOON + 13 * HOUR), "2026-06-01 to 2026-06-02"),
        (Interval(FIRST, NOON), "by 2026-06-01 12:00Z"),
        (Interval(NOON, LAST), "from 2026-06-01 12:00Z"),
    ],
)
def test_an_interval_is_said_as_briefly_as_its_width_allows(interval: Interval, text: str) -> None:
    assert str(interval) == text
    assert list(interval.__rich_repr__()) == [text]


def test_a_sent_time_keeps_what_the_source_wrote() -> None:
    sent = SentAt(NOON, NOON, "Sent 2 months ago")

    assert sent.text == "Sent 2 months ago"
    assert sent == SentAt.at(NOON)
    assert "months" not in repr(sent)

"""Reading ``Sent At`` and ``Connected On``."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invitekit._zones import PACIFIC
from invitekit.dialects.export._dates import ConnectedReader, SentReader, UnreadableDate

ZONE = ZoneInfo("America/Los_Angeles")
MINUTE = timedelta(minutes=1) - timedelta(microseconds=1)


def at(text, zone=ZONE, **options):
    return SentReader(zone, **options).read(text)[0]


def utc(*digits):
    return datetime(*digits, tzinfo=UTC)


class TestSentAt:
    @pytest.mark.parametrize(
        ("text", "minute"),
        [
            ("6/5/24, 5:42 PM", utc(2024, 6, 6, 0, 42)),
            ("12/31/23, 11:59 PM", utc(2024, 1, 1, 7, 59)),
            ("1/1/24, 12:00 AM", utc(2024, 1, 1, 8, 0)),
            ("1/1/24, 12:30 PM", utc(2024, 1, 1, 20, 30)),
            ("2/29/24, 9:05 AM", utc(2024, 2, 29, 17, 5)),
        ],
    )
    def test_it_is_pacific_wall_time_and_becomes_a_minute_in_utc(self, text, minute):
        """Summer time included: seven hours in June, eight in January."""
        read = at(text)
        assert (read.earliest, read.latest, read.text) == (minute, minute + MINUTE, text)

    @pytest.mark.parametrize(
        "text",
        [
            "6/5/2024, 5:42 PM",
            "6/5/24 5:42 PM",
            "06/05/2024 17:42",
            "6/5/24,5:42 PM",
            "6/5/24, 5:42 pm",
            "6/5/24, 5:42PM",
            "6/5/24, 5:42 p.m.",
            "6/5/24, 5:42:10 PM",
            "6/5/2024 17:42:00",
            "6/5/24, 5:42\u202fPM",
            "6/5/24, 5:42\u00a0PM",
            " 6/5/24,  5:42 PM ",
            "2024-06-05 17:42",
            "2024-06-05T17:42:59",
            "2024-06-05 17:42:00.000",
            "5-Jun-24 5:42 PM",
            "05-JUN-2024 17:42",
            "5 Jun 2024, 17:42",
        ],
    )
    def test_what_a_spreadsheet_makes_of_it_is_the_same_minute(self, text):
        read = at(text)
        assert (read.earliest, read.latest, read.text) == (
            utc(2024, 6, 6, 0, 42),
            utc(2024, 6, 6, 0, 42) + MINUTE,
            text,
        )

    @pytest.mark.parametrize(
        "text",
        [
            "",
            " ",
            "yesterday",
            "6/5/24",
            "5:42 PM",
            "6/5/24, ",
            "6/5/24, 13:00 PM",
            "6/5/24, 0:30 AM",
            "6/5/24, 24:00",
            "6/5/24, 5:60 PM",
            "2/30/24, 5:42 PM",
            "0/5/24, 5:42 PM",
            "6/5/1999, 5:42 PM",
            "6/5/2100, 5:42 PM",
            "6/5/24, 5:42 XM",
            "٦/٥/٢٤, 5:42 PM",
            "2024-06-05 17:42+02:00",
            "5-Juni-24 5:42 PM",
        ],
    )
    def test_anything_else_is_unreadable(self, text):
        with pytest.raises(UnreadableDate) as caught:
            at(text)
        assert not caught.value.day_first

    @pytest.mark.parametrize(
        "text", ["04.06.2026 03:15", "4.6.2026 3:15", "04.06.26, 03:15", "04.06.2026 03:15:59", "4.6.26 3:15 AM"]
    )
    def test_with_dots_the_day_comes_first(self, text):
        reader = SentReader(PACIFIC)
        assert reader.read(text)[0].earliest == datetime(2026, 6, 4, 10, 15, tzinfo=UTC)
        with pytest.raises(UnreadableDate):
            reader.read("06.25.2026 03:15")
        assert not reader.mixed
        reader.read("6/5/24, 5:42 PM")
        assert reader.mixed

    def test_a_day_before_the_month_is_told_apart_from_nonsense(self):
        with pytest.raises(UnreadableDate) as caught:
            at("25/6/24, 5:42 PM")
        assert caught.value.day_first

    @pytest.mark.parametrize("zone", [ZONE, PACIFIC])
    def test_the_hour_that_exists_twice_is_an_interval_over_both(self, zone):
        read = at("11/3/24, 1:30 AM", zone)
        assert (read.earliest, read.latest) == (utc(2024, 11, 3, 8, 30), utc(2024, 11, 3, 9, 30) + MINUTE)

    @pytest.mark.parametrize("zone", [ZONE, PACIFIC])
    def test_the_hour_that_does_not_exist_is_an_interval_over_both_readings(self, zone):
        read = at("3/10/24, 2:30 AM", zone)
        assert (read.earliest, read.latest) == (utc(2024, 3, 10, 9, 30), utc(2024, 3, 10, 10, 30) + MINUTE)

    @pytest.mark.parametrize(
        ("text", "minute"),
        [
            ("11/3/24, 12:59 AM", utc(2024, 11, 3, 7, 59)),
            ("11/3/24, 2:00 AM", utc(2024, 11, 3, 10, 0)),
            ("3/10/24, 1:59 AM", utc(2024, 3, 10, 9, 59)),
            ("3/10/24, 3:00 AM", utc(2024, 3, 10, 10, 0)),
        ],
    )
    def test_around_a_change_of_clocks_the_rest_of_the_day_is_exact(self, text, minute):
        read = at(text)
        assert (read.earliest, read.latest) == (minute, minute + MINUTE)

    @pytest.mark.parametrize(
        ("zone", "text"),
        [
            ("Asia/Beirut", "3/31/24, 12:30 AM"),  # midnight itself does not exist
            ("America/Havana", "11/3/24, 12:30 AM"),  # midnight exists twice
            ("Australia/Lord_Howe", "4/7/24, 1:45 AM"),  # half an hour
            ("Africa/Casablanca", "3/10/24, 2:30 AM"),  # Ramadan
        ],
    )
    def test_changes_of_clocks_of_other_zones_are_intervals_too(self, zone, text):
        read = at(text, ZoneInfo(zone))
        assert timedelta(minutes=30) <= read.latest - read.earliest <= timedelta(minutes=61)

    @given(
        instant=st.integers(1_104_537_600, 3_786_912_000).map(lambda second: datetime.fromtimestamp(second, UTC)),
        zone=st.sampled_from(["America/Los_Angeles", "Europe/London", "Asia/Kathmandu", "Pacific/Apia", "UTC"]),
    )
    def test_whatever_was_written_on_the_wall_the_instant_is_inside(self, instant, zone):
        """The law behind all of the above, for every minute of several zones."""
        wall = instant.astimezone(ZoneInfo(zone))
        half = "AM" if wall.hour < 12 else "PM"
        text = f"{wall.month}/{wall.day}/{wall:%y}, {wall.hour % 12 or 12}:{wall:%M} {half}"
        read = at(text, ZoneInfo(zone))
        assert read.earliest <= instant <= read.latest

    def test_the_number_of_the_minute_counts_from_1970_and_is_that_of_the_earlier_reading(self):
        reader = SentReader(ZONE)
        for text in ("6/5/24, 5:42 PM", "6/5/24, 5:42 PM", "11/3/24, 1:30 AM", "11/3/24, 1:30 AM"):
            read, number = reader.read(text)
            assert datetime.fromtimestamp(number * 60, UTC) == read.earliest

    def test_a_reader_remembers_without_mixing_spellings_up(self):
        """The caches are filled in every order."""
        reader = SentReader(ZONE)
        texts = ["6/5/24, 5:42 PM", "6/5/24 5:42 PM", "2024-06-05 17:42", "6/6/24, 5:42 PM", "6/5/24, 5:43 PM"]
        fresh = [at(text).earliest for text in texts]
        for _ in range(2):
            assert [reader.read(text)[0].earliest for text in texts] == fresh
            assert [reader.read(text)[0].earliest for text in reversed(texts)] == fresh[::-1]

    def test_days_that_can_have_only_one_order_are_counted(self):
        reader = SentReader(ZONE)
        for text in ("6/13/24, 5:42 PM", "6/13/24, 5:43 PM", "6/14/24, 5:42 PM", "6/5/24, 5:42 PM"):
            reader.read(text)
        for text in ("25/6/24, 5:42 PM", "25/6/24, 5:43 PM"):
            with pytest.raises(UnreadableDate):
                reader.read(text)
        assert (reader.month_first, reader.day_first) == (2, 1)

    def test_in_either_order_a_date_is_an_interval_over_both(self):
        read = at("6/5/24, 5:42 PM", either_order=True)
        assert (read.earliest, read.latest) == (utc(2024, 5, 7, 0, 42), utc(2024, 6, 6, 0, 42) + MINUTE)
        for text in ("6/13/24, 5:42 PM", "6/6/24, 5:42 PM", "2024-06-05 17:42"):
            assert at(text, either_order=True) == at(text)

    def test_a_value_read_is_as_good_as_one_built(self):
        """It is made by a shortcut, and must not differ from what the constructor gives."""
        reader = SentReader(ZONE)
        reader.read("6/5/24, 5:42 PM")
        quick, built = reader.read("6/5/24, 5:42 PM")[0], at("6/5/24, 5:42 PM")
        assert (quick, hash(quick), repr(quick), str(quick), type(quick)) == (
            built,
            hash(built),
            repr(built),
            str(built),
            type(built),
        )
        with pytest.raises(AttributeError):
            quick.earliest = built.latest

    def test_memory_is_bounded_whatever_comes(self, monkeypatch):
        monkeypatch.setattr("invitekit.dialects.export._dates._REMEMBERED", 10)
        reader = SentReader(ZONE)
        for second in range(60):
            assert reader.read(f"6/{second % 28 + 1}/24, 5:42:{second:02} PM")[0].earliest.minute == 42
        held = [value for value in vars(reader).values() if isinstance(value, (dict, set))]
        assert all(len(one) <= 10 for one in held)


class TestConnectedOn:
    @pytest.mark.parametrize(
        "text", ["05 Jun 2024", "5-Jun-24", "05-JUN-2024", "2024-06-05", " 05  Jun 2024 ", "05.06.2024"]
    )
    def test_it_is_a_whole_utc_day(self, text):
        read = ConnectedReader(ZONE).read(text)
        assert (read.earliest, read.latest.date(), read.latest - read.earliest) == (
            utc(2024, 6, 5),
            date(2024, 6, 5),
            timedelta(days=1) - timedelta(microseconds=1),
        )

    def test_september_may_have_four_letters(self):
        assert ConnectedReader(ZONE).read("5-Sept-24").earliest == utc(2024, 9, 5)

    def test_the_clock_of_2018_is_read_as_utc_and_as_pacific(self):
        """Which of the two it is, nobody knows, so both are inside."""
        read = ConnectedReader(ZONE).read("10/5/18, 5:42 PM")
        assert (read.earliest, read.latest) == (utc(2018, 10, 5, 17, 42), utc(2018, 10, 6, 0, 42) + MINUTE)

    @pytest.mark.parametrize("text", ["", "31 Jun 2024", "05 Juin 2024", "6/5/24", "05 Jun 1999", "05.13.2024"])
    def test_anything_else_is_unreadable(self, text):
        with pytest.raises(UnreadableDate):
            ConnectedReader(ZONE).read(text)

    def test_equal_days_are_one_object(self):
        reader = ConnectedReader(ZONE)
        assert reader.read("05 Jun 2024") is reader.read("05 Jun 2024")

"""``Retry-After`` is obeyed to the second where it can be read, and never fails, and never shortens."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from invitekit.dialects._retry_after import FAR, UNREADABLE, not_before

AT = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def http_date(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


EXACT = {
    "0": timedelta(0),
    "1": timedelta(seconds=1),
    "5": timedelta(seconds=5),
    "60": MINUTE,
    "3600": timedelta(hours=1),
    "86400": timedelta(days=1),
    "0000120": timedelta(minutes=2),
    " 7 ": timedelta(seconds=7),
    "\t7": timedelta(seconds=7),
    "Mon, 05 Oct 2026 12:00:30 GMT": timedelta(seconds=30),
    "Monday, 05-Oct-26 12:01:30 GMT": timedelta(seconds=90),
    "Mon Oct  5 12:02:30 2026": timedelta(seconds=150),
    "Mon, 05 Oct 2026 12:00:60 GMT": MINUTE,
}

ODD = [
    "",
    "-1",
    "-86400",
    "abc",
    "Wed, 21 Oct 2015 07:28:00 GMT",
    "٧",
    "²",
    "inf",
    "nan",
    "0x10",
    "5.5",
    "0.001",
    "5.0",
    "5s",
    "5 sec",
    "30000ms",
    "half a minute",
    "PT5S",
    "P",
    "PT",
    "00:00:10",
    "2026-10-05T12:00:30Z",
    "2026-10-05T11:00:00Z",
    "2015-10-21",
    "2026-13-41T99:00:00Z",
    "Mon, 05 Oct 2026 14:00:30 +0200",
    "mon, 05 oct 2026 12:00:30 gmt",
    "5,",
    ",",
    "Mon, 39 Oct 2026 12:00:30 GMT",
    "Mon, 05 Oct 2026 24:61:61 GMT",
    "\0",
    "soon",
    "soon " * 100,
]

LONGER = {
    "120, 60": timedelta(minutes=2),
    "60, 120": timedelta(minutes=2),
    "5, 7": MINUTE,
    "Tue, 06 Oct 2026 14:00:00 +0200": timedelta(days=1),
    "Mon, 05 Oct 2026 23:59:60 GMT +0000": timedelta(hours=12),
    "2026-10-05T13:00:00Z": timedelta(hours=1),
    "2026-10-05t13:00:00z": timedelta(hours=1),
    "2026-10-05T13:00:00.250Z": timedelta(hours=1, milliseconds=250),
    "2026-10-05T13:00:00": timedelta(hours=1),
    "2026-10-05 15:00:00 +0200": timedelta(hours=1),
    "2026-10-05 13:00:00 UTC": timedelta(hours=1),
    "2026-10-06": timedelta(hours=12),
    "2026-10-05T12:30:00Z, 60": timedelta(minutes=30),
    "1,000": timedelta(seconds=1_000),
    "1,000,000": timedelta(seconds=1_000_000),
    "1_000": timedelta(seconds=1_000),
    "1'000": timedelta(seconds=1_000),
    "1,000 seconds": timedelta(seconds=1_000),
    "120,600": timedelta(seconds=120_600),
    "10 minutes": timedelta(minutes=10),
    "Try again in 10 Minutes.": timedelta(minutes=10),
    "10-minutes": timedelta(minutes=10),
    "1 hour": timedelta(hours=1),
    "an hour": timedelta(hours=1),
    "1.5 hours": timedelta(minutes=90),
    "1 hour and 30 minutes": timedelta(minutes=90),
    "2h": timedelta(hours=2),
    "1h30m": timedelta(minutes=90),
    "2 days": timedelta(days=2),
    "120000ms": timedelta(minutes=2),
    "٧ hours": timedelta(hours=7),
    "PT1H": timedelta(hours=1),
    "pt90m": timedelta(minutes=90),
    "P1DT2H3M4.5S": timedelta(days=1, hours=2, minutes=3, seconds=5),
    "P1W": timedelta(weeks=1),
    "P1M": timedelta(days=31),
    "00:10:00": timedelta(minutes=10),
    "01:00:05": timedelta(hours=1, seconds=5),
    "0:10": timedelta(minutes=10),
    "600s": timedelta(minutes=10),
    "600.5": timedelta(seconds=601),
    "+120": timedelta(minutes=2),
    "٧٠٠": timedelta(seconds=700),
    "1e3": timedelta(seconds=1_000),
    "1e9": timedelta(seconds=1_000_000_000),
    "120, Mon, 05 Oct 2026 12:30:00 GMT": timedelta(minutes=30),
    "Mon, 05 Oct 2026 12:30:00 GMT, 7200": timedelta(hours=2),
    "Mon Oct  5 12:02:30 2026, 7200": timedelta(hours=2),
}


class TestReadable:
    @pytest.mark.parametrize(("value", "wait"), EXACT.items(), ids=map(repr, EXACT))
    def test_it_counts_to_the_second(self, value: str, wait: timedelta) -> None:
        assert not_before(value, AT) == AT + wait

    @settings(max_examples=400)
    @given(st.integers(0, 10**9), st.integers(0, 3_000_000_000))
    def test_any_number_of_seconds_is_exact(self, seconds: int, at: int) -> None:
        moment = datetime.fromtimestamp(at, UTC)
        assert not_before(str(seconds), moment) == moment + timedelta(seconds=seconds)

    @settings(max_examples=400)
    @given(st.integers(1, 10**9))
    def test_any_date_to_come_is_exact(self, seconds: int) -> None:
        moment = AT + timedelta(seconds=seconds)
        assert not_before(http_date(moment), AT) == moment

    def test_the_zone_of_the_clock_does_not_matter(self) -> None:
        assert not_before("90", AT.astimezone(timezone(timedelta(hours=5, minutes=45)))) == AT + timedelta(
            seconds=90
        )


class TestUnreadable:
    @pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value)[:40])
    def test_it_means_a_minute(self, value: str) -> None:
        assert not_before(value, AT) == AT + UNREADABLE == AT + MINUTE

    @pytest.mark.parametrize(("value", "wait"), LONGER.items(), ids=map(repr, LONGER))
    def test_it_means_more_where_it_looks_like_more(self, value: str, wait: timedelta) -> None:
        assert not_before(value, AT) == AT + wait

    @pytest.mark.parametrize("values", [None, [], ()], ids=["none", "no header", "no value"])
    def test_without_a_header_it_is_a_minute(self, values: list[str] | None) -> None:
        assert not_before(values, AT) == AT + MINUTE

    def test_of_several_headers_the_longest_counts(self) -> None:
        assert not_before(["5", "70", "abc"], AT) == AT + timedelta(seconds=70)
        assert not_before(["5", "abc"], AT) == AT + MINUTE


def clocks(ahead: timedelta, wait: timedelta) -> tuple[str, str]:
    """``Retry-After`` and ``Date`` of a service whose clock is behind ours by so much."""
    there = AT - ahead
    return http_date(there + wait), http_date(there)


class TestTwoClocks:
    @settings(max_examples=400)
    @given(st.integers(-(10**8), 10**8), st.integers(1, 10**8))
    def test_a_date_is_as_far_off_as_it_is_by_the_clock_of_the_service(self, ahead: int, wait: int) -> None:
        value, date = clocks(timedelta(seconds=ahead), timedelta(seconds=wait))
        # By our clock it may be later still, or gone by: the longer of the two.
        assert not_before(value, AT, date=date) == AT + timedelta(seconds=max(wait, wait - ahead))

    @pytest.mark.parametrize("minutes", [10, 40])
    def test_a_clock_that_is_ahead_shortens_nothing(self, minutes: int) -> None:
        value, date = clocks(timedelta(minutes=minutes), timedelta(minutes=30))
        assert not_before(value, AT, date=date) == AT + timedelta(minutes=30)

    @pytest.mark.parametrize(
        "value", ["2026-10-05T11:50:00Z", "05 Oct 2026 11:50:00 +0000", "5, 2026-10-05T11:50Z"]
    )
    def test_so_it_is_with_dates_in_another_grammar(self, value: str) -> None:
        assert not_before(value, AT, date="Mon, 05 Oct 2026 11:20:00 GMT") == AT + timedelta(minutes=30)

    @pytest.mark.parametrize("date", [None, "", "abc", "7", "Mon, 39 Oct 2026 12:00:30 GMT", "\0", "x" * 5_000])
    def test_a_clock_that_cannot_be_read_changes_nothing(self, date: str | None) -> None:
        assert not_before("Mon, 05 Oct 2026 12:00:30 GMT", AT, date=date) == AT + timedelta(seconds=30)
        assert not_before("Mon, 05 Oct 2026 11:00:30 GMT", AT, date=date) == AT + MINUTE

    def test_a_moment_that_has_passed_by_both_clocks_means_a_minute(self) -> None:
        past = "Mon, 05 Oct 2026 11:00:00 GMT"
        for date in (past, "Mon, 05 Oct 2026 11:30:00 GMT"):
            assert not_before(past, AT, date=date) == AT + MINUTE

    def test_seconds_need_no_clock(self) -> None:
        assert not_before("5", AT, date="Thu, 01 Jan 1970 00:00:00 GMT") == AT + timedelta(seconds=5)

    def test_a_clock_that_stands_at_the_beginning_of_time_does_not_fail(self) -> None:
        last = "Fri, 31 Dec 9999 23:59:59 GMT"
        assert not_before(last, AT, date="Mon, 01 Jan 0001 00:00:00 GMT") == FAR
        assert not_before("Mon, 05 Oct 2026 12:00:30 GMT", AT, date=last) == AT + timedelta(seconds=30)


FAR_AWAY = {
    "twenty nines": "9" * 20,
    "5,000 nines": "9" * 5_000,
    "1e20": "1e20",
    "1e400": "1e400",
    "a long fraction": "9" * 400 + ".5",
    "the last date": "Fri, 31 Dec 9999 23:59:59 GMT",
    "the first of two": "99999999999, 5",
    "many hours": "9" * 150 + " hours",
    "a long clock": "9" * 400 + ":00:00",
    "a long period": "PT" + "9" * 100 + "H",
    "thousands of thousands": "9" + ",999" * 40,
}


class TestFarAway:
    @pytest.mark.parametrize("value", FAR_AWAY.values(), ids=FAR_AWAY)
    def test_it_is_cut_to_a_moment_that_exists_everywhere(self, value: str) -> None:
        found = not_before(value, AT)
        assert found <= FAR
        assert found - AT > timedelta(days=365 * 1_000)
        for hours in (-14, 14):
            found.astimezone(timezone(timedelta(hours=hours)))

    def test_a_clock_at_the_end_of_the_calendar_is_no_reason_to_fail(self) -> None:
        assert not_before("5", datetime.max.replace(tzinfo=UTC)) == FAR


NUMBERS = ["0", "5", "60", "120", "05", "2026", "9" * 20, "٧", "12:00:30", "+0200", "inf", "nan"]
UNITS = [
    "2026-10-05",
    "PT1H",
    "GMT",
    "Mon",
    "Oct",
    "Z",
    "T",
    "P",
    "e",
    "E9",
    "x",
    "ÿ",
    "h",
    "min",
    "ms",
    "days",
    *'.-+, \t:;"\0\x7f_',
]
WORDS = st.sampled_from([*NUMBERS, *UNITS])
DATES = st.integers(0, 253_402_128_000).map(lambda second: http_date(datetime.fromtimestamp(second, UTC)))
HTTP_DATE = re.compile(
    r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"
    r"|[A-Z][a-z]+day, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT"
    r"|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}",
    re.ASCII,
)


@settings(max_examples=1_000)
@given(st.lists(WORDS, max_size=9).map("".join) | st.text(max_size=20) | DATES, st.none() | DATES | st.text())
@example("Thu, 01 Jan 1970 00:00:00 GMT", None)
@example("5.5", None)
def test_whatever_stands_there_it_never_fails_and_never_shortens(value: str, date: str | None) -> None:
    found = not_before(value, AT, date=date)
    assert AT <= found <= FAR
    assert found.tzinfo is UTC
    assert found >= not_before(value, AT) or not_before(value, AT) == AT + UNREADABLE
    stripped = value.strip(" \t")
    if re.fullmatch(r"[0-9]+", stripped):
        seconds = float(stripped)
        assert found == (FAR if seconds > (FAR - AT).total_seconds() else AT + timedelta(seconds=seconds))
    elif found < AT + UNREADABLE:
        # Only a date that is one may ask for less than a minute.
        assert found > AT
        assert HTTP_DATE.fullmatch(stripped)


ODD_13 = ["0", "5", "5.5", "-1", "1e9", "abc", "", "120, 60", " 7 ", "٧", "9" * 29]
ODD_13 += ["Wed, 21 Oct 2015 07:28:00 GMT", "Mon, 05 Oct 2026 12:00:30 GMT"]


def test_the_thirteen_that_other_clients_fail_at() -> None:
    """Each is obeyed, or means a minute."""
    waits = [(not_before(value, AT) - AT).total_seconds() for value in ODD_13]
    assert waits == [0, 5, 60, 60, 1e9, 60, 60, 120, 7, 60, (FAR - AT).total_seconds(), 60, 30]

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
    "5.5": timedelta(seconds=6),
    "0.001": timedelta(seconds=1),
    "5.0": timedelta(seconds=5),
    "Mon, 05 Oct 2026 12:00:30 GMT": timedelta(seconds=30),
    "Monday, 05-Oct-26 12:01:30 GMT": timedelta(seconds=90),
    "Mon Oct  5 12:02:30 2026": timedelta(seconds=150),
    "Tue, 06 Oct 2026 14:00:00 +0200": timedelta(days=1),
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
    "5s",
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
    "600s": timedelta(minutes=10),
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


FAR_AWAY = {
    "twenty nines": "9" * 20,
    "5,000 nines": "9" * 5_000,
    "1e20": "1e20",
    "1e400": "1e400",
    "a long fraction": "9" * 400 + ".5",
    "the last date": "Fri, 31 Dec 9999 23:59:59 GMT",
    "the first of two": "99999999999, 5",
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
WORDS = st.sampled_from([*NUMBERS, "GMT", "Mon", "Oct", "Z", "T", "e", "E9", "x", "ÿ", *'.-+, \t:;"\0\x7f'])
DATES = st.integers(0, 253_402_128_000).map(lambda second: http_date(datetime.fromtimestamp(second, UTC)))


@settings(max_examples=1_000)
@given(st.lists(WORDS, max_size=9).map("".join) | st.text(max_size=20) | DATES)
@example("Thu, 01 Jan 1970 00:00:00 GMT")
def test_whatever_stands_there_it_never_fails_and_never_shortens(value: str) -> None:
    found = not_before(value, AT)
    assert AT <= found <= FAR
    assert found.tzinfo is UTC
    stripped = value.strip(" \t")
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", stripped, re.ASCII):
        assert found >= min(AT + timedelta(seconds=min(float(stripped), 1e11)), FAR)
    elif found < AT + UNREADABLE:
        # Only a date that can be read may ask for less than a minute.
        assert found > AT
        assert re.search(r"[A-Za-z]{3}|:|-", value)

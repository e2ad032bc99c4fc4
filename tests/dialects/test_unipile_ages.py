"""When an invitation was sent: exactly from its id where nothing speaks against it, else as its label says."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.dialects.unipile_bodies import answer, listed, sent_row

from invitekit.dialects.unipile import UnipileDialect, id_time
from invitekit.dialects.unipile._ages import OLDEST, SKEW, SentTimes
from invitekit.dialects.unipile._labels import around, label_interval
from invitekit.model import Invitation, ListKind, SentAt

AT = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# The label, and how long ago it may have been: at least, at most.
LABELS: dict[str, tuple[timedelta, timedelta]] = {
    "Sent just now": (0 * DAY, HOUR + timedelta(minutes=1)),
    "Sent 30 minutes ago": (0 * DAY, HOUR + timedelta(minutes=31)),
    "Sent 5 hours ago": (4 * HOUR, 7 * HOUR),
    "Sent an hour ago": (0 * DAY, 3 * HOUR),
    "Sent today": (0 * DAY, 2 * DAY),
    "today": (0 * DAY, 2 * DAY),
    "Sent yesterday": (0 * DAY, 3 * DAY),
    "Sent 1 day ago": (0 * DAY, 3 * DAY),
    "Sent 6 days ago": (5 * DAY, 8 * DAY),
    "5d": (4 * DAY, 7 * DAY),
    "Sent 1 week ago": (6 * DAY, 15 * DAY),
    "Sent 3 weeks ago": (20 * DAY, 29 * DAY),
    "sent  3  WEEKS ago": (20 * DAY, 29 * DAY),
    "Sent 1 month ago": (27 * DAY, 63 * DAY),
    "Sent 2 months ago": (57 * DAY, 94 * DAY),
    "Sent 11 months ago": (327 * DAY, 373 * DAY),
    "Sent 1 year ago": (359 * DAY, 733 * DAY),
    "Sent 2 years ago": (719 * DAY, 1_099 * DAY),
}
FOREIGN = [
    "",
    "il y a 2 mois",
    "vor 2 Wochen",
    "Sent 2 fortnights ago",
    "ago",
    "Sent",
    "1234 days ago",
    "-1 days ago",
]


def months_back(moment: datetime, count: int) -> datetime:
    """The same day of an earlier month, the last where it has no such day."""
    place = moment.year * 12 + moment.month - 1 - count
    year, month = divmod(place, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def whole_months(sent: datetime, now: datetime) -> int:
    count = 0
    while months_back(now, count + 1) >= sent:
        count += 1
    return count


def id_at(moment: datetime, rest: int = 77) -> str:
    return str(((moment - EPOCH) // timedelta(milliseconds=1) << 22) + rest)


def read(id_: str = "x", label: Any = None, parsed: Any = None, at: datetime = AT) -> SentAt:
    return SentTimes(at).read(id_, label, parsed)


class TestLabels:
    @pytest.mark.parametrize(("label", "ago"), LABELS.items())
    def test_a_label_is_an_interval(self, label: str, ago: tuple[timedelta, timedelta]) -> None:
        least, most = ago
        assert label_interval(label, AT) == (AT - most, AT - least)

    @pytest.mark.parametrize("label", FOREIGN, ids=repr)
    def test_what_is_not_understood_says_nothing(self, label: str) -> None:
        assert label_interval(label, AT) is None

    def test_nobody_reads_a_label_of_a_megabyte(self) -> None:
        assert label_interval("1" * 1_000_000, AT) is None

    @given(
        st.dates(date(2023, 1, 1), date(2032, 12, 31)),
        st.integers(0, 1_500),
        st.integers(0, 86_399),
    )
    def test_it_holds_the_moment_however_months_and_years_are_counted(
        self, today: date, days: int, seconds: int
    ) -> None:
        now = datetime(today.year, today.month, today.day, 15, tzinfo=UTC)
        sent = now - timedelta(days=days, seconds=seconds)
        by_calendar = whole_months(sent, now)
        labels = [f"{days} days ago" if days < 1_000 else "", f"{days // 7} weeks ago"]
        for months in {by_calendar, days // 30}:
            labels += [f"{months} months ago"] if months else []
            labels += [f"{months // 12} years ago"] if months >= 12 else []
        labels += [f"{days // 365} years ago"] if days >= 365 else []
        for label in filter(None, labels):
            found = label_interval(label, now)
            assert found is not None
            first, last = found
            assert first <= sent <= last <= now, label

    @given(st.dates(date(2023, 1, 1), date(2032, 12, 31)), st.integers(1, 24))
    def test_so_does_the_interval_behind_the_vendors_reading(self, today: date, months: int) -> None:
        now = datetime(today.year, today.month, today.day, 15, tzinfo=UTC)
        found = around(months_back(now, months), now)
        assert found is not None
        # The youngest and the oldest that are "N months ago", by the calendar.
        for sent in (months_back(now, months), months_back(now, months + 1) + timedelta(seconds=1)):
            assert found[0] <= sent <= found[1]

    @pytest.mark.parametrize(
        ("ago", "expected"),
        [
            (timedelta(0), (0, 2)),
            (2 * DAY, (0, 5)),
            (14 * DAY, (12, 22)),
            (61 * DAY, (57, 94)),
            (365 * DAY, (357, 733)),
            (730 * DAY, (717, 1_099)),
        ],
    )
    def test_the_vendors_reading_is_widened_to_all_labels_it_may_come_from(
        self, ago: timedelta, expected: tuple[int, int]
    ) -> None:
        least, most = expected
        assert around(AT - ago, AT) == (AT - most * DAY, AT - least * DAY)

    @pytest.mark.parametrize("ago", [-2 * DAY, 45 * DAY, 1_000 * DAY, 20_000 * DAY])
    def test_a_moment_that_no_label_gives_says_nothing(self, ago: timedelta) -> None:
        assert around(AT - ago, AT) is None


class TestIds:
    def test_the_published_sample_agrees_with_its_date(self) -> None:
        # Microsoft's sample: created 1484671788434, and the id says so within half a second.
        found = id_time("6227164820370661376")
        assert found is not None
        assert abs(found - datetime(2017, 1, 17, 16, 49, 48, 434_000, tzinfo=UTC)) < timedelta(milliseconds=500)

    @pytest.mark.parametrize("id_", ["", "abc", "77", "x-7449395960733499393", "٧" * 19, "9" * 20, "-1", "1.5"])
    def test_other_ids_have_no_time(self, id_: str) -> None:
        assert id_time(id_) is None

    @given(st.integers(0, 10**19 - 1))
    def test_any_digits_have_a_time_or_none(self, number: int) -> None:
        found = id_time(str(number))
        assert found is None or found >= OLDEST


class TestSentAt:
    def test_the_sample_that_was_18_days_off_is_exact(self) -> None:
        found = read("7449395960733499393", "Sent 2 months ago", "2026-05-01T10:00:00.000Z")
        assert found.exact
        assert f"{found.earliest:%Y-%m-%d}" == "2026-04-13"
        assert found.text == "Sent 2 months ago"

    @pytest.mark.parametrize(("label", "ago"), LABELS.items())
    def test_the_id_counts_up_to_the_ends_of_the_interval_and_not_beyond(
        self, label: str, ago: tuple[timedelta, timedelta]
    ) -> None:
        least, most = ago
        first, last = AT - most, AT - least
        for moment in (first, last, first + (last - first) / 2):
            rounded = moment.replace(microsecond=0)
            assert read(id_at(rounded), label).exact
        for moment in (first - timedelta(seconds=1), last + SKEW + timedelta(seconds=1)):
            assert read(id_at(moment), label) == SentAt(first, last)

    def test_where_the_label_is_not_understood_the_vendors_reading_is_compared(self) -> None:
        parsed = "2026-05-01T10:00:00.000Z"
        assert read(id_at(AT - 70 * DAY), "il y a 2 mois", parsed).exact
        found = read(id_at(AT - 200 * DAY), "il y a 2 mois", parsed)
        assert found == SentAt(AT - 94 * DAY, AT - 57 * DAY)
        assert found.text == "il y a 2 mois"

    def test_without_either_the_id_has_to_be_plausible_only(self) -> None:
        assert read(id_at(AT - 200 * DAY)).exact
        assert read(id_at(AT - 200 * DAY), "il y a 2 mois").exact
        assert not read(id_at(OLDEST - DAY)).is_known
        assert not read("77").is_known

    @pytest.mark.parametrize("label", [None, "Sent today", "Sent just now"])
    def test_an_id_a_little_ahead_of_the_clock_means_just_before_the_answer(self, label: str | None) -> None:
        """Clocks differ, and nothing is sent later than it was listed."""
        assert read(id_at(AT), label).exact
        for ahead in (timedelta(milliseconds=1), timedelta(minutes=4), SKEW):
            found = read(id_at(AT + ahead), label)
            assert found == SentAt(AT - SKEW, AT)
            assert found.text == (label or "")

    def test_a_part_of_a_millisecond_is_not_ahead(self) -> None:
        at = AT + timedelta(microseconds=400)
        assert read(id_at(at), at=at).exact
        assert read(id_at(at + timedelta(milliseconds=1)), at=at) == SentAt(at - SKEW, at)

    def test_an_id_far_ahead_of_the_clock_says_nothing(self) -> None:
        beyond = id_at(AT + SKEW + timedelta(seconds=1))
        assert read(beyond, "Sent today") == SentAt(AT - 2 * DAY, AT)
        assert not read(beyond).is_known

    def test_a_row_ahead_of_the_clock_is_an_invitation_that_was_sent_before_it_was_listed(self) -> None:
        found = UnipileDialect("acc-example-1").page(
            ListKind.SENT, answer(listed(sent_row(id=id_at(AT + SKEW), date="Sent today"))), AT
        )
        (item,) = found.items
        assert isinstance(item, Invitation)
        assert item.sent_at.latest <= item.as_of

    def test_a_made_up_id_that_says_2029_leaves_the_label(self) -> None:
        found = read(id_at(datetime(2029, 3, 1, tzinfo=UTC)), "Sent 3 weeks ago")
        assert found == SentAt(AT - 29 * DAY, AT - 20 * DAY)

    def test_each_row_has_its_own_reading_of_a_label_that_is_not_understood(self) -> None:
        times = SentTimes(AT)
        one = times.read("x", "foreign", "2026-05-01T10:00:00Z")
        other = times.read("x", "foreign", "2026-06-17T10:00:00Z")
        assert one != other
        assert times.read("x", "foreign", None).is_known is False

    @given(
        st.text(max_size=20) | st.sampled_from([id_at(AT), id_at(AT + SKEW), id_at(AT - DAY), "9" * 19]),
        st.none() | st.text(max_size=20) | st.sampled_from(list(LABELS)) | st.integers() | st.lists(st.none()),
        st.none() | st.text(max_size=20) | st.datetimes().map(datetime.isoformat) | st.floats(),
    )
    def test_anything_gives_an_interval_that_is_not_in_the_future(self, id_: str, label: Any, parsed: Any) -> None:
        found = read(id_, label, parsed)
        assert found.earliest <= found.latest
        assert not found.is_known or found.latest <= AT
        assert len(found.text) <= 80

    def test_at_the_beginning_of_the_calendar_nothing_fails(self) -> None:
        early = datetime(1, 1, 2, tzinfo=UTC)
        for label, parsed in (("Sent 2 months ago", None), ("Sent 999 years ago", None), (None, "0001-01-01")):
            assert read(id_at(AT), label, parsed, at=early).latest <= early

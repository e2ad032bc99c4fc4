"""Reading lists: how much of one was read, and what is never taken for the whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.flows.stepping import T0, Rows, invitation, names_of, performed

from invitekit._drive import drive
from invitekit._ops import Emit
from invitekit.errors import TransportError
from invitekit.flows import ReadPage, read_snapshot, read_through, read_whole
from invitekit.model import Completeness, Finding, ListKind, Member, Page, SentAt

SENT = ListKind.SENT
COMPLETE, PARTIAL, UNSURE = Completeness.COMPLETE, Completeness.PARTIAL, Completeness.UNKNOWN


def whole(rows: Rows, size: int | None = 3, **settings: Any) -> Any:
    return performed(read_whole(SENT, size=size, **settings), rows.page)[0]


def once(page: Callable[[ReadPage], Page], size: int | None = 3) -> Any:
    return performed(read_through(SENT, size=size, keep=True), page)[0]


def scripted(*pages: Page) -> Callable[[ReadPage], Page]:
    """A service that gives these pages, one after the other, whatever it is asked."""
    left = list(pages)
    return lambda op: left.pop(0)


def page(names: str, next: str | None = None, **said: Any) -> Page:  # noqa: A002
    return Page(items=[invitation(name) for name in names], next=next, **said)


class TestOneReading:
    def test_it_asks_page_after_page_and_shows_each(self) -> None:
        found, seen = performed(read_through(SENT, size=3), Rows("abcde").page)

        assert [step for step in seen if isinstance(step, ReadPage)] == [
            ReadPage(SENT, None, 3),
            ReadPage(SENT, "3", 3),
        ]
        shown = [step.value for step in seen if isinstance(step, Emit)]
        assert [names_of(portion.rows) for portion in shown] == [["a", "b", "c"], ["d", "e"]]
        assert [str(portion.progress) for portion in shown] == [
            "sent: 3 after 1 page",
            "sent: 5 after 2 pages",
        ]
        assert found.rows == {}

    @pytest.mark.parametrize(
        ("pages", "completeness", "code"),
        [
            ([page("ab")], COMPLETE, ""),
            ([page("abcd", total=4)], COMPLETE, ""),
            ([page("abcd")], UNSURE, "full-page"),
            ([page("abc", total=3)], UNSURE, "full-page"),
            ([page("abc")], UNSURE, "full-page"),
            ([page("abc", "3"), page("def")], UNSURE, "page-border"),
            ([page("abcd", "4"), page("ef")], UNSURE, "read-once"),
            ([page("abcde", "5"), page("fghij")], UNSURE, "page-border"),
            ([page("abc", "3"), page("de")], UNSURE, "read-once"),
            ([page("")], UNSURE, "empty"),
            ([page("", total=0)], UNSURE, "empty"),
            ([page("abc", "3"), page("")], UNSURE, "empty-page"),
            ([page("ab", "2"), page("cd")], PARTIAL, "short-page"),
            ([page("ab", said=3)], PARTIAL, "short-page"),
            ([page("ab", total=3)], PARTIAL, "total-contradicts"),
            ([page("abc", "3", total=5), page("d", total=4)], PARTIAL, "shifted"),
            ([page("abc", "3"), page("cde")], PARTIAL, "shifted"),
            ([page("aab")], PARTIAL, "shifted"),
            ([page("abc", "3"), page("abc", "6")], PARTIAL, "repeats"),
            ([page("abc", "3"), page("def", "3")], PARTIAL, "cursor-repeats"),
            ([page("abc", "3"), page("", "4"), page("", "5")], PARTIAL, "empty-pages"),
            ([page("ab", findings=[Finding(code="no-id", text="-", set_aside=True)])], PARTIAL, "unreadable-rows"),
            (
                [
                    page("abc", "3", account=Member(provider_id="ACoAAME")),
                    page("d", account=Member(provider_id="ACoAAOTHER")),
                ],
                PARTIAL,
                "several-accounts",
            ),
        ],
    )
    def test_every_sign_has_a_name(self, pages: list[Page], completeness: Completeness, code: str) -> None:
        extent = once(scripted(*pages)).extent

        assert (extent.completeness, extent.code) == (completeness, code)
        assert bool(extent.why) == (completeness is not COMPLETE)

    def test_a_list_without_an_end_is_left(self) -> None:
        asked = []

        def endless(op: ReadPage) -> Page:
            asked.append(op)
            return page([f"{len(asked)}-{n}" for n in range(3)], str(len(asked)))  # type: ignore[arg-type]

        found = performed(read_through(SENT, size=3, most_pages=20), endless)[0]

        assert (found.extent.code, len(asked)) == ("endless", 20)

    @pytest.mark.parametrize("length", [1, 2, 3, 4, 5])
    def test_a_cycle_of_cursors_ends_within_two_pages(self, length: int) -> None:
        asked = []

        def cycle(op: ReadPage) -> Page:
            asked.append(op)
            at = int(op.cursor or 0)
            return page([f"{at}-{n}" for n in range(3)], str((at + 1) % length))  # type: ignore[arg-type]

        found = performed(read_through(SENT, size=3), cycle)[0]

        assert found.extent.completeness is PARTIAL
        assert len(asked) <= length + 2

    def test_the_later_of_two_rows_with_one_id_counts(self) -> None:
        newer = invitation("c", note="newer")
        found = once(scripted(page("abc", "3"), Page(items=[newer, invitation("d")])))

        assert found.rows["c"] is newer
        assert found.findings[-1].code == "repeated-row"
        assert found.findings[-1].text.startswith("1 row came twice")

    def test_rows_that_repeat_far_apart_are_found_when_all_are_kept(self) -> None:
        pages = [page([f"{n}"], str(n + 1)) for n in range(20)]  # type: ignore[arg-type]
        found = performed(read_through(SENT, size=1, keep=True), scripted(*pages, page(["0"])))[0]  # type: ignore[arg-type]

        assert (found.extent.completeness, found.extent.code) == (PARTIAL, "shifted")

    def test_an_error_at_a_page_comes_out_after_the_pages_before_it(self) -> None:
        def breaks(op: ReadPage) -> Page:
            if op.cursor == "6":
                raise TransportError("cut", code="cut")
            return Rows("abcdefghij").page(op)

        shown: list[str] = []
        with pytest.raises(TransportError, match="cut"):
            drive(
                read_through(SENT, size=3),
                breaks,  # type: ignore[arg-type]
                lambda portion: shown.extend(names_of(portion.rows)),
            )

        assert shown == list("abcdef")


class TestProof:
    def test_one_request_is_proof_enough(self) -> None:
        rows = Rows("ab")

        assert whole(rows).extent.completeness is COMPLETE
        assert len(rows.asked) == 1

    def test_two_readings_that_agree_prove_that_nothing_was_skipped(self) -> None:
        rows = Rows("abcdefg")
        found = whole(rows)

        assert found.extent.completeness is COMPLETE
        assert list(found.rows) == list("abcdefg")
        assert [op.size for op in rows.asked] == [3, 3, 3, 2, 2, 2, 2]

    def test_a_full_last_page_is_looked_behind_with_another_size(self) -> None:
        assert whole(Rows("abc")).extent.completeness is COMPLETE

    def test_one_that_cuts_every_list_at_the_same_row_is_not_believed(self) -> None:
        """The first page of a list, given as if it were all, whatever size is asked for."""
        cut = performed(read_whole(SENT, size=3), lambda op: page("abc"))[0]

        assert cut.extent.completeness is not COMPLETE

    def test_what_was_skipped_while_the_list_shrank_is_found(self) -> None:
        rows = Rows("abcdefghijkl", {1: lambda names: names.remove("a")})
        found = whole(rows, size=5)

        assert found.extent.completeness is COMPLETE
        assert list(found.rows) == list("bcdefghijkl")
        assert len({op.size for op in rows.asked}) == 3

    @pytest.mark.parametrize("size", [None, 1, 2, 5, 10, 30])
    @pytest.mark.parametrize("pages", [1, 2, 3])
    @pytest.mark.parametrize("heeds", [True, False], ids=["heeds the size", "has a size of its own"])
    def test_what_is_cut_after_a_page_each_time_is_not_believed(
        self, size: int | None, pages: int, heeds: bool
    ) -> None:
        """A service that throttles in silence after some pages, whatever their size."""
        if not heeds and pages == 1 and (size is None or size > 10):
            pytest.skip("one page with room left is taken for the whole: nothing gives it away")
        rows = Rows([f"{n:03}" for n in range(100)])

        def cut(op: ReadPage) -> Page:
            asked = ReadPage(SENT, op.cursor, op.size if heeds else 10)
            found = rows.page(asked)
            length = asked.size or 100
            over = int(op.cursor or 0) // length + 1 >= pages
            return Page(items=found.items, next=None if over else found.next)

        found = performed(read_whole(SENT, size=size), cut)[0]

        assert found.extent.completeness is not COMPLETE or len(found.rows) == 100

    def test_old_rows_without_a_date_are_no_news(self) -> None:
        """Nothing says that they were sent meanwhile: the reading before may have been cut short."""
        rows = Rows("abcd", {2: lambda names: names.extend("efgh")})
        unknown = SentAt.unknown()

        def undated(op: ReadPage) -> Page:
            found = rows.page(op)
            return attrs.evolve(found, items=[attrs.evolve(row, sent_at=unknown) for row in found.items])

        performed(read_whole(SENT, size=3), undated)

        assert len({op.size for op in rows.asked}) == 3

    def test_a_service_may_give_shorter_pages_than_asked_for(self) -> None:
        """If they are round and all alike."""
        rows = Rows([f"{n:03}" for n in range(47)])

        def capped(op: ReadPage) -> Page:
            return rows.page(ReadPage(SENT, op.cursor, min(op.size or 10, 10)))

        assert performed(read_whole(SENT, size=100), capped)[0].extent.completeness is COMPLETE

    def test_a_list_that_never_rests_stays_partial(self) -> None:
        rows = Rows([f"{n:03}" for n in range(100)], {n: lambda names: names.pop(0) for n in range(1, 200)})
        found = whole(rows, size=10)

        assert (found.extent.completeness, found.extent.code) == (PARTIAL, "shifted")

    def test_what_was_sent_meanwhile_is_no_contradiction(self) -> None:
        """It is new at the top, and younger than the first reading."""
        rows = Rows("abcdefg", {3: lambda names: names.insert(0, "new")})
        rows.sent["new"] = T0 + timedelta(seconds=1)

        found = whole(rows)

        assert found.extent.completeness is COMPLETE
        assert "new" in found.rows
        assert {op.size for op in rows.asked} == {3, 2}

    def test_an_old_row_that_turns_up_later_is_one(self) -> None:
        """The reading before it was cut short, so the next may be, too."""
        rows = Rows("abcd", {2: lambda names: names.extend("efgh")})

        whole(rows)

        assert len({op.size for op in rows.asked}) == 3

    def test_a_list_that_is_empty_the_second_time_is_a_throttle(self) -> None:
        rows = Rows("abcdefg", {3: lambda names: names.clear()})
        found = whole(rows)

        assert (found.extent.completeness, found.extent.code) == (PARTIAL, "throttled")
        assert list(found.rows) == list("abcdefg")

    def test_an_empty_list_is_never_the_proof_of_anything(self) -> None:
        assert whole(Rows("")).extent.completeness is UNSURE

    def test_somebody_may_settle_for_one_reading(self) -> None:
        rows = Rows("abcdefg")

        assert whole(rows, readings=1).extent.code == "read-once"
        assert len(rows.asked) == 3


def shift(removed: int, inserted: int, at: int) -> Callable[[list[str]], None]:
    """Take rows away and put new ones in, somewhere."""

    def happen(names: list[str]) -> None:
        place = at % (len(names) + 1)
        del names[place : place + removed]
        names[place:place] = [f"new-{at}-{n}-{len(names)}" for n in range(inserted)]

    return happen


changes = st.dictionaries(
    st.integers(0, 60),
    st.builds(shift, st.integers(0, 10), st.integers(0, 10), st.integers(0, 3_000)),
    max_size=60,
)


class TestLaws:
    @given(count=st.integers(100, 3_000), size=st.integers(40, 250), happens=changes)
    @settings(max_examples=500)
    def test_a_shifting_list_never_invents_a_disappearance(
        self, count: int, size: int, happens: dict[int, Callable[[list[str]], None]]
    ) -> None:
        """Whatever was there from the first request to the last is in every list that calls itself complete."""
        always = {f"{n:05}" for n in range(count)}

        def tracked(change: Callable[[list[str]], None]) -> Callable[[list[str]], None]:
            def happen(names: list[str]) -> None:
                change(names)
                always.intersection_update(names)

            return happen

        rows = Rows(sorted(always), {at: tracked(change) for at, change in happens.items()})

        found = whole(rows, size=size)

        if found.extent.completeness is COMPLETE:
            assert always <= found.rows.keys()

    def test_the_law_can_see(self) -> None:
        """Three rows fewer for each page of a hundred: whoever reads once loses rows that were always there."""
        rows = Rows([f"{n:05}" for n in range(1_000)], {at: shift(3, 0, 0) for at in range(1, 10)})

        found = whole(rows, size=100, readings=1).rows.keys()

        assert len(set(rows.names) - found) == 27

    @given(count=st.integers(1, 300), size=st.integers(9, 40))
    def test_a_list_at_rest_is_always_complete(self, count: int, size: int) -> None:
        found = whole(Rows([f"{n:03}" for n in range(count)]), size=size)

        assert found.extent.completeness is COMPLETE
        assert len(found.rows) == count


class TestSnapshot:
    def test_it_says_what_was_read_and_how_complete(self) -> None:
        rows = Rows("abcdefg")
        reading = read_snapshot([SENT], source="service", account=Member(slug="me-example-77"), sizes={SENT: 3})
        snapshot = performed(reading, rows.page)[0]

        assert snapshot.completeness is COMPLETE
        assert names_of(snapshot.invitations) == list("abcdefg")
        assert (snapshot.taken_at, snapshot.source) == (T0, "service")
        assert snapshot.account == Member(slug="me-example-77")
        assert len(snapshot.findings) == 0

    def test_the_rows_know_best_whose_list_it_is(self) -> None:
        me = Member(provider_id="ACoAAME", slug="me-example-77")
        reading = read_snapshot([SENT], source="service", account=Member(), sizes={})
        snapshot = performed(reading, lambda op: page("ab", account=me))[0]

        assert snapshot.account == me

    def test_what_keeps_it_from_being_complete_is_a_finding(self) -> None:
        reading = read_snapshot([SENT], source="service", account=Member(), sizes={SENT: 3})
        snapshot = performed(reading, lambda op: page(""))[0]

        assert snapshot.completeness is UNSURE
        assert snapshot.why_incomplete.startswith("the list is empty")
        assert [finding.code for finding in snapshot.findings] == ["empty"]

    def test_without_the_sent_ones_nobody_knows(self) -> None:
        reading = read_snapshot([ListKind.RECEIVED], source="service", account=Member(), sizes={})
        snapshot = performed(reading, lambda op: page("ab"))[0]

        assert (snapshot.completeness, len(snapshot.invitations)) == (UNSURE, 2)


def test_progress_says_how_far() -> None:
    seen = performed(read_whole(SENT, size=3), Rows("abcde", total=True).page)[1]
    shown = [str(step.value.progress) for step in seen if isinstance(step, Emit)]

    assert shown == [
        "sent: 3 of 5 after 1 page",
        "sent: 5 of 5 after 2 pages",
        "sent: 2 of 5 after 1 page, reading 2",
        "sent: 4 of 5 after 2 pages, reading 2",
        "sent: 5 of 5 after 3 pages, reading 2",
    ]

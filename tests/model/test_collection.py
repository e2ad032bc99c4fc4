"""Collections filter, sort, group and slice; they never change, and they print their first rows only."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.population import NAIVE, NOW, ago, invitation
from tests.strategies import invitation_lists

from invitekit import rules as r
from invitekit.errors import DataError
from invitekit.model import (
    UNKNOWN,
    Connection,
    Connections,
    Direction,
    Evidence,
    Finding,
    Findings,
    Interval,
    Invitation,
    Invitations,
    Member,
    Outcome,
    Outcomes,
    People,
    Result,
    SentAt,
    Status,
)
from invitekit.policy import Context

ROWS = [
    invitation(1, days=10, mutual_connections=4, company="Bolt Example"),
    invitation(2, days=40, note="Hello there", member=Member(name="Zed Example", slug="zed-example-2")),
    invitation(3, sent_at=SentAt.unknown(), mutual_connections=12, company="Acme Example"),
    invitation(4, days=20, mutual_connections=0, note="Hello there", direction=Direction.RECEIVED),
]
MANY = Invitations(invitation(number, note=f"private words {number}") for number in range(25))


class TestSequence:
    def test_it_is_a_sequence(self) -> None:
        items = Invitations(ROWS)

        assert len(items) == 4
        assert list(items) == ROWS
        assert items[1] is ROWS[1]
        assert items[-1] is ROWS[-1]
        assert ROWS[2] in items
        assert invitation(99) not in items
        assert items.index(ROWS[3]) == 3

    def test_a_slice_is_a_collection(self) -> None:
        assert Invitations(ROWS)[1:3] == Invitations(ROWS[1:3])
        assert isinstance(Invitations(ROWS)[::-1], Invitations)

    def test_equal_means_same_kind_same_items_same_order(self) -> None:
        assert Invitations(ROWS) == Invitations(iter(ROWS))
        assert Invitations(ROWS) != Invitations(reversed(ROWS))
        assert Invitations() != Connections()
        assert Invitations(ROWS) != ROWS
        assert hash(Invitations(ROWS)) == hash(Invitations(ROWS))

    @pytest.mark.parametrize("wrong", [None, 5, ROWS[0]])
    def test_what_cannot_be_iterated_is_refused(self, wrong: Any) -> None:
        with pytest.raises(DataError, match=f"expected invitations, got {type(wrong).__name__}"):
            Invitations(wrong)

    def test_it_survives_a_pickle_but_for_the_notes(self) -> None:
        again = pickle.loads(pickle.dumps(MANY))

        assert isinstance(again, Invitations)
        assert [item.id for item in again] == [item.id for item in MANY]
        assert b"private words" not in pickle.dumps(MANY)


class TestWhere:
    def test_a_function_selects(self) -> None:
        assert Invitations(ROWS).where(lambda item: item.company is not UNKNOWN) == Invitations([ROWS[0], ROWS[2]])
        assert Connections().where(lambda item: True) == Connections()

    def test_a_function_that_cannot_tell_does_not_select(self) -> None:
        found = Invitations(ROWS).where(
            lambda item: UNKNOWN if item.mutual_connections is UNKNOWN else item.mutual_connections > 3
        )

        assert found == Invitations([ROWS[0], ROWS[2]])

    def test_a_rule_selects_what_is_surely_true(self) -> None:
        """Row 3 has no known age: it is neither older nor not older."""
        assert Invitations(ROWS).where(r.older_than(days=15), now=NOW) == Invitations([ROWS[1], ROWS[3]])
        assert Invitations(ROWS).where(~r.older_than(days=15), now=NOW) == Invitations([ROWS[0]])

    def test_without_now_a_rule_judges_at_the_newest_as_of(self) -> None:
        rows = [invitation(1, days=10), invitation(2, days=10, as_of=ago(9))]

        assert len(Invitations(rows).where(r.older_than(days=9))) == 2
        assert len(Invitations(rows).where(r.older_than(days=9), now=ago(5))) == 0

    def test_a_rule_sees_the_context(self) -> None:
        found = Invitations(ROWS).where(r.known_contact(), context=Context(contacts=["zed-example-2"]))

        assert found == Invitations([ROWS[1]])

    def test_a_collection_of_nothing_asks_nothing(self) -> None:
        assert Invitations().where(r.older_than(days=15)) == Invitations()

    @pytest.mark.parametrize("wrong", ["pending", None, 5])
    def test_what_is_neither_rule_nor_function_is_refused(self, wrong: Any) -> None:
        for items in (Invitations(ROWS), Connections()):
            with pytest.raises(DataError, match=f"where takes a function, got {type(wrong).__name__}"):
                items.where(wrong)

    @pytest.mark.parametrize("wrong", [{}, "x", 5])
    def test_a_context_that_is_none_is_refused(self, wrong: Any) -> None:
        with pytest.raises(DataError, match=r"context must be a Context.*Context\(contacts="):
            Invitations(ROWS).where(r.known_contact(), context=wrong)

    @pytest.mark.parametrize("missing", ["tags", "kept", "contacts", "withdrawn_before"])
    def test_a_context_of_ones_own_has_all_that_rules_look_up(self, missing: str) -> None:
        """Any object will do, and what it lacks is named at once, not when the first rule asks for it."""
        zed = People(["zed-example-2"])
        own = SimpleNamespace(tags={}, kept=People(), contacts=zed, withdrawn_before=People())
        assert Invitations(ROWS).where(r.known_contact(), context=own) == Invitations([ROWS[1]])

        delattr(own, missing)
        with pytest.raises(DataError, match=f"got SimpleNamespace, which has no {missing}"):
            Invitations(ROWS).where(r.has_note(), context=own)

    def test_a_naive_now_is_refused(self) -> None:
        with pytest.raises(DataError, match="no time zone"):
            Invitations(ROWS).where(r.has_note(), now=NAIVE)


class TestSort:
    def test_by_a_field_with_unknown_last_both_ways(self) -> None:
        by = Invitations(ROWS).sort

        assert [item.id for item in by("mutual_connections")] == ["x-4", "x-1", "x-3", "x-2"]
        assert [item.id for item in by("mutual_connections", reverse=True)] == ["x-3", "x-1", "x-4", "x-2"]

    def test_by_when_it_was_sent(self) -> None:
        by = Invitations(ROWS).sort

        assert [item.id for item in by("sent_at")] == ["x-2", "x-4", "x-1", "x-3"]
        assert [item.id for item in by("sent_at", reverse=True)] == ["x-1", "x-4", "x-2", "x-3"]
        assert [item.id for item in by("sent_at.latest")] == ["x-2", "x-4", "x-1", "x-3"]

    def test_by_the_name_of_the_member_or_by_a_function(self) -> None:
        assert Invitations(ROWS).sort("name")[-1].id == "x-2"
        assert Invitations(ROWS).sort("member.name") == Invitations(ROWS).sort("name")
        assert Invitations(ROWS).sort(lambda item: item.id, reverse=True) == Invitations(reversed(ROWS))

    @given(invitation_lists(), st.sampled_from(["sent_at", "mutual_connections", "note", "slug", "status"]))
    def test_nothing_is_lost_and_equals_keep_their_order(self, rows: list[Invitation], field: str) -> None:
        items = Invitations(rows).sort(field)

        assert sorted(item.id for item in items) == sorted(item.id for item in rows)
        for group in items.by(field).values():
            assert [item.id for item in group] == sorted(item.id for item in group)

    def test_what_has_no_order_is_refused(self) -> None:
        with pytest.raises(DataError, match="cannot be ordered by 'member': values of type Member"):
            Invitations(ROWS).sort("member")
        with pytest.raises(DataError, match="values of type int, str have no order"):
            Invitations(ROWS).sort(lambda item: item.id if item.id == "x-1" else 1)


class TestBy:
    def test_groups_appear_in_the_order_of_their_first_item(self) -> None:
        groups = Invitations(ROWS).by("company")

        assert list(groups) == ["Bolt Example", UNKNOWN, "Acme Example"]
        assert groups[UNKNOWN] == Invitations([ROWS[1], ROWS[3]])
        assert len(groups) == 3

    def test_counts_come_largest_first(self) -> None:
        assert Invitations(ROWS).by("direction").counts() == {Direction.SENT: 3, Direction.RECEIVED: 1}
        assert list(Invitations(reversed(ROWS)).by("direction").counts()) == [Direction.SENT, Direction.RECEIVED]

    def test_by_a_function(self) -> None:
        assert Invitations(ROWS).by(lambda item: item.id > "x-2").counts() == {False: 2, True: 2}

    def test_nothing_has_no_groups(self) -> None:
        assert Invitations().by("company").counts() == {}
        assert Invitations().sort("whatever") == Invitations()

    @pytest.mark.parametrize(
        ("field", "hint"),
        [
            ("companny", r"Did you mean 'company'\?"),
            ("nam", r"Did you mean 'name'\?"),
            ("member.nam", "They have: id, name|Did you mean"),
            ("zzz", "They have: id, name, slug"),
        ],
    )
    def test_a_field_that_is_not_there_is_refused_with_the_nearest(self, field: str, hint: str) -> None:
        for ask in (Invitations(ROWS).by, Invitations(ROWS).sort):
            with pytest.raises(DataError, match=f"invitations have no field '{field}'.*({hint})") as caught:
                ask(field)
            assert caught.value.key == field

    @pytest.mark.parametrize("wrong", [None, 5, ["name"]], ids=repr)
    def test_what_is_neither_a_field_nor_a_function_is_refused(self, wrong: Any) -> None:
        for ask in (Invitations(ROWS).by, Invitations(ROWS).sort, Invitations().by):
            with pytest.raises(DataError, match="expected the name of a field or a function, got"):
                ask(wrong)

    def test_what_cannot_be_told_apart_is_refused(self) -> None:
        with pytest.raises(DataError, match="cannot be grouped by values of type list"):
            Invitations(ROWS).by(lambda item: [item.id])

    def test_a_group_table_shows_the_largest_ten(self) -> None:
        groups = MANY.by("id")

        assert repr(groups).splitlines()[0] == "25 groups"
        assert repr(groups).splitlines()[-1] == "… and 15 more"
        assert "… and 15 more" in groups._repr_html_()
        assert pickle.loads(pickle.dumps(groups)).counts() == groups.counts()

    def test_groups_by_note_or_address_show_lengths_and_are_not_pickled(self) -> None:
        connections = Connections(
            [Connection(member=Member(name="Ada"), connected_at=Interval.unknown(), email="ada@mail.example")]
        )
        for groups in (MANY.by("note"), connections.by("email")):
            assert "characters>" in repr(groups)
            assert "private words" not in repr(groups) + groups._repr_html_()
            assert "mail.example" not in repr(groups) + groups._repr_html_()
            with pytest.raises(DataError, match="not pickled"):
                pickle.dumps(groups)
        assert len(MANY.by("note")["private words 3"]) == 1
        assert "unknown" in repr(Invitations([invitation(note=UNKNOWN)]).by("note"))


class TestRecords:
    def test_columns_are_the_records_turned(self) -> None:
        columns, records = Invitations(ROWS).to_columns(), Invitations(ROWS).to_records()

        assert columns["id"] == ["x-1", "x-2", "x-3", "x-4"]
        assert [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)] == records

    def test_nothing_has_no_columns(self) -> None:
        assert Invitations().to_columns() == {}
        assert Invitations().to_records() == []


class TestPrinting:
    def test_the_first_ten_rows_and_a_count(self) -> None:
        lines = repr(MANY).splitlines()

        assert lines[0] == "25 invitations"
        assert lines[1].split() == ["name", "direction", "sent_at", "status", "evidence", "id"]
        assert len(lines) == 13
        assert lines[-1] == "… and 15 more"
        assert "x-9" in repr(MANY)
        assert "x-10" not in repr(MANY)

    def test_html_likewise(self) -> None:
        html = MANY._repr_html_()

        assert html.count("<tr>") == 12
        assert "… and 15 more" in html
        assert "x-10" not in html

    def test_rich_likewise(self) -> None:
        shown = list(MANY.__rich_repr__())

        assert shown[:10] == list(MANY[:10])
        assert shown[10:] == [("more", 15)]
        assert list(MANY[:3].__rich_repr__()) == list(MANY[:3])

    def test_a_few_rows_are_shown_whole(self) -> None:
        assert "more" not in repr(MANY[:10])
        assert repr(Invitations()) == "0 invitations"

    def test_strangers_cannot_reach_the_terminal_or_the_page(self) -> None:
        """Names come from strangers, with whatever they put into them."""
        items = Invitations([invitation(member=Member(name="\x1b[2J<script>alert(1)</script>\nx"))])

        assert "\x1b" not in repr(items)
        assert len(repr(items).splitlines()) == 3
        assert "<script>" not in items._repr_html_()

    def test_connections_and_findings_print_their_own_columns(self) -> None:
        connections = Connections(
            [Connection(member=Member(name="Ada"), connected_at=Interval.unknown(), company="Acme Example")]
        )
        findings = Findings([Finding(code="unreadable-date", text="no date", file="Invitations.csv", line=7)])

        assert repr(connections).splitlines()[1:] == [
            "name  connected_at  company       position",
            "Ada   unknown       Acme Example",
        ]
        assert "Invitations.csv:7" in repr(findings)
        assert findings.by("code").counts() == {"unreadable-date": 1}
        assert connections.sort("connected_at") == connections


class TestOutcomes:
    ITEMS = Outcomes(
        Outcome(invitation_id=f"x-{number}", member=Member(name=f"Person {number}"), result=result, why=why)
        for number, (result, why) in enumerate(
            [
                (Result.NOT_REACHED, ""),
                (Result.SKIPPED, "not-listed"),
                (Result.REFUSED, ""),
                (Result.SKIPPED, "not-matched"),
                (Result.WITHDRAWN, ""),
                (Result.SKIPPED, "accepted"),
                (Result.ALREADY_GONE, ""),
                (Result.NOT_REACHED, ""),
            ]
        )
    )

    def test_they_count_in_words_what_people_write_down_first(self) -> None:
        assert list(self.ITEMS.counts().items()) == [
            *(("withdrawn", 1), ("already accepted", 1), ("not found", 1)),
            *(("not reached", 2), ("refused", 1), ("skipped", 1), ("already gone", 1)),
        ]
        assert Outcomes().counts() == {}

    def test_they_print_as_counts(self) -> None:
        text = "1 withdrawn, 1 already accepted, 1 not found, 2 not reached, 1 refused, 1 skipped, 1 already gone"

        assert str(self.ITEMS) == repr(self.ITEMS).splitlines()[0] == text
        assert repr(self.ITEMS).splitlines()[1].split() == ["name", "result", "why", "invitation_id"]
        assert text in self.ITEMS._repr_html_()
        assert str(Outcomes()) == repr(Outcomes()) == "no outcomes"

    def test_they_filter_sort_and_group_like_all_collections(self) -> None:
        assert self.ITEMS.where(lambda item: item.result is Result.SKIPPED).by("why").counts() == {
            "not-listed": 1,
            "not-matched": 1,
            "accepted": 1,
        }
        assert self.ITEMS.sort("name", reverse=True) == self.ITEMS[::-1]
        assert pickle.loads(pickle.dumps(self.ITEMS)) == self.ITEMS


def test_an_export_of_open_invitations_sorts_by_age() -> None:
    """The first thing people ask: which is the oldest?"""
    items = Invitations([invitation(number, days=number + 1) for number in range(5)])

    assert items.sort("sent_at")[0].id == "x-4"
    assert items.sort("sent_at")[0].sent_at.earliest < datetime(2026, 10, 28, tzinfo=UTC)
    assert {item.status for item in items} == {Status.PRESUMED_PENDING}
    assert {item.evidence for item in items} == {Evidence.NOT_CONNECTED}

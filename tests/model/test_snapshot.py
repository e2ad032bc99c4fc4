"""A snapshot: what one source said at one moment, each invitation once, and how it prints."""

from __future__ import annotations

import pickle
import re
from datetime import UTC, timedelta, timezone
from typing import Any

import attrs
import pytest
from tests.population import NAIVE, NOW, OWNER, invitation, snapshot

from invitekit.errors import DataError
from invitekit.model import (
    Completeness,
    Connection,
    Connections,
    Direction,
    Evidence,
    FileAccount,
    Finding,
    Findings,
    Interval,
    Invitations,
    Member,
    Outcome,
    Result,
    Snapshot,
    Status,
)

ADA = Member(name="Ada Example", slug="ada-example-77", urn="urn:li:member:77")


class TestChecks:
    def test_a_repeat_counts_once(self) -> None:
        found = snapshot([invitation(1), invitation(2), invitation(1)])

        assert [item.id for item in found.invitations] == ["x-1", "x-2"]

    def test_two_different_invitations_of_one_id_are_refused(self) -> None:
        with pytest.raises(DataError, match="two different invitations have the id x-1") as caught:
            snapshot([invitation(1, note="a secret"), invitation(1, note="another secret")])
        assert "secret" not in str(caught.value)

    @pytest.mark.parametrize(
        ("field", "wrong", "named"),
        [
            ("invitations", None, "NoneType"),
            ("invitations", [1], "int"),
            ("invitations", "abc", "str"),
            ("connections", 5, "int"),
            ("connections", [invitation()], "Invitation"),
            ("findings", [1], "int"),
            ("findings", None, "NoneType"),
            ("files", ["a.csv"], "str"),
        ],
    )
    def test_a_wrong_kind_is_refused_by_the_name_of_its_field(self, field: str, wrong: Any, named: str) -> None:
        with pytest.raises(DataError, match=f"expected {field}, got {named}") as caught:
            snapshot(**{field: wrong})
        assert caught.value.key == f"snapshot.{field}"

    def test_account_and_completeness_have_types(self) -> None:
        with pytest.raises(DataError, match=r"account must be a Member.*Member\(slug="):
            snapshot(account="olu-example-1")
        with pytest.raises(DataError, match=r"Completeness\.COMPLETE, .*Completeness\.LOG"):
            snapshot(completeness="log")

    @pytest.mark.parametrize("field", ["source", "why_incomplete"])
    def test_its_words_are_texts(self, field: str) -> None:
        with pytest.raises(DataError, match=f"{field} must be a text"):
            snapshot(**{field: None})

    def test_it_is_taken_at_an_aware_moment_kept_in_utc(self) -> None:
        with pytest.raises(DataError, match="no time zone"):
            snapshot(taken_at=NAIVE)
        local = NOW.astimezone(timezone(timedelta(hours=5, minutes=45)))
        assert snapshot(taken_at=local).taken_at.tzinfo is UTC

    def test_a_collection_passes_and_an_iterator_becomes_one(self) -> None:
        items = Invitations([invitation()])

        assert snapshot(items).invitations is items
        assert snapshot(iter(items)).invitations == items
        assert snapshot(connections=iter(())).connections == Connections()
        assert snapshot(findings=Findings()).findings == Findings()

    def test_it_claims_nothing_it_was_not_told(self) -> None:
        plain = Snapshot(taken_at=NOW)

        assert plain.completeness is Completeness.UNKNOWN
        assert plain.account == Member()
        assert len(plain.invitations) == len(plain.connections) == len(plain.findings) == len(plain.files) == 0


class TestLooking:
    ITEMS = (
        invitation(1, member=ADA),
        invitation(2, direction=Direction.RECEIVED, member=ADA),
        invitation(3, status=Status.ACCEPTED, evidence=Evidence.CONNECTED),
        invitation(4, status=Status.PENDING, evidence=Evidence.LISTED),
    )

    def test_open_sent_are_those_that_may_still_be_answered(self) -> None:
        assert [item.id for item in snapshot(self.ITEMS).open_sent] == ["x-1", "x-4"]

    @pytest.mark.parametrize(
        ("who", "ids"),
        [
            ("x-2", ["x-2"]),
            ("ada-example-77", ["x-1", "x-2"]),
            ("https://www.linkedin.com/in/Ada-Example-77/", ["x-1", "x-2"]),
            ("urn:li:member:77", ["x-1", "x-2"]),
            (ADA, ["x-1", "x-2"]),
            (Member(name="Ada Example"), []),
            ("nobody-example-9", []),
        ],
    )
    def test_find_takes_an_id_or_any_identifier_but_no_name(self, who: Any, ids: list[str]) -> None:
        assert [item.id for item in snapshot(self.ITEMS).find(who)] == ids

    def test_an_id_that_looks_like_a_slug_is_an_id_first(self) -> None:
        items = [invitation(1, id="ada-example-77"), invitation(2, member=ADA)]

        assert [item.id for item in snapshot(items).find("ada-example-77")] == ["ada-example-77"]

    def test_find_refuses_what_identifies_nobody(self) -> None:
        with pytest.raises(DataError):
            snapshot(self.ITEMS).find(5)  # type: ignore[arg-type]

    def test_counts_are_by_direction_and_status(self) -> None:
        assert snapshot(self.ITEMS).counts() == {
            "received presumed-pending": 1,
            "sent accepted": 1,
            "sent pending": 1,
            "sent presumed-pending": 1,
        }


FULL = snapshot(
    TestLooking.ITEMS,
    connections=[Connection(member=ADA, connected_at=Interval.unknown(), email="ada@mail.example")],
    completeness=Completeness.PARTIAL,
    why_incomplete="the third page failed",
    findings=[Finding(code="unreadable-date", text="no date", file="Invitations.csv", line=7, set_aside=True)],
    files=[
        FileAccount(file="Invitations.csv", kind="invitations", rows=5, used=4, reasons={"unreadable-date": 1})
    ],
)


class TestPrinting:
    def test_the_facts_line_by_line(self) -> None:
        head, *lines = repr(FULL).splitlines()

        assert head == "Snapshot"
        assert [tuple(re.split(r"\s{2,}", line.strip())) for line in lines] == [
            ("account", "Olu Example"),
            ("taken at", "2026-11-01 12:00Z"),
            ("source", "export"),
            ("completeness", "partial (the third page failed)"),
            ("invitations", "4"),
            ("received presumed-pending", "1"),
            ("sent accepted", "1"),
            ("sent pending", "1"),
            ("sent presumed-pending", "1"),
            ("connections", "1"),
            ("file", "Invitations.csv: 5 rows, 4 used, set aside: 1 unreadable-date"),
            ("finding unreadable-date", "1"),
        ]
        assert len({line.index(re.split(r"\s{2,}", line.strip())[1], 20) for line in lines}) == 1

    def test_html_and_rich_have_the_same_facts(self) -> None:
        html = FULL._repr_html_()

        assert "<td>account</td><td>Olu Example</td>" in html
        assert "partial (the third page failed)" in html
        assert dict(FULL.__rich_repr__()) == {
            "account": OWNER,
            "taken_at": "2026-11-01 12:00Z",
            "source": "export",
            "completeness": "partial",
            "invitations": 4,
            "connections": 1,
            "findings": 1,
        }

    def test_what_a_source_or_a_file_is_called_cannot_reach_the_terminal(self) -> None:
        loud = attrs.evolve(
            FULL,
            source="\x1b[2Jexport",
            why_incomplete="line\nbreak",
            files=[FileAccount(file="\x1b]0;owned\x07.csv", kind="invitations", rows=0, used=0)],
        )

        assert not set("\x1b\x07") & set(repr(loud))
        assert len(repr(loud).splitlines()) == len(repr(FULL).splitlines())


def test_it_is_a_value_but_for_notes_and_addresses() -> None:
    again = pickle.loads(pickle.dumps(FULL))

    assert hash(attrs.evolve(FULL)) == hash(FULL)
    assert b"mail.example" not in pickle.dumps(FULL)
    assert repr(again) == repr(FULL)
    assert again.invitations == FULL.invitations
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        FULL.source = "x"  # type: ignore[misc]


class TestFindings:
    def test_a_place_is_file_and_line_as_far_as_known(self) -> None:
        finding = Finding(code="a", text="b")

        assert [
            attrs.evolve(finding, file=file, line=line).place
            for file, line in [("", None), ("a.csv", None), ("a.csv", 7)]
        ] == ["", "a.csv", "a.csv:7"]

    def test_its_text_names_place_and_code(self) -> None:
        assert str(Finding(code="no-date", text="no date", file="a.csv", line=7)) == "a.csv:7: no date [no-date]"
        assert str(Finding(code="no-date", text="no date")) == "no date [no-date]"

    def test_its_record_has_every_field(self) -> None:
        assert Finding(code="a", text="b").to_record() == {
            "code": "a",
            "text": "b",
            "file": "",
            "line": None,
            "set_aside": False,
            "about": "",
        }

    def test_a_file_account_adds_up_and_cannot_be_changed_from_outside(self) -> None:
        reasons = {"z": 2, "a": 1}
        account = FileAccount(file="a.csv", kind="invitations", rows=1_003, used=1_000, reasons=reasons)
        reasons["z"] = 99

        assert account.set_aside == 3
        assert str(account) == "a.csv: 1,003 rows, 1,000 used, set aside: 1 a, 2 z"
        assert str(attrs.evolve(account, reasons={}, rows=1_000)) == "a.csv: 1,000 rows, 1,000 used"
        assert hash(account) == hash(attrs.evolve(account))

    def test_what_was_hidden_repeated_or_empty_is_not_lost(self) -> None:
        reasons = {"hidden-connection": 4, "duplicate-row": 3, "empty-row": 2, "unreadable-date": 1}
        account = FileAccount(file="a.csv", kind="connections", rows=10, used=0, reasons=reasons)

        assert account.lost == {"unreadable-date": 1}
        assert attrs.evolve(account, rows=0, reasons={}).lost == {}

    def test_a_file_account_that_does_not_add_up_is_refused(self) -> None:
        with pytest.raises(DataError, match="5 rows are not 3 used and 1 set aside"):
            FileAccount(file="a.csv", kind="invitations", rows=5, used=3, reasons={"a": 1})


class TestOutcomes:
    OUTCOME = Outcome(invitation_id="x-1", member=ADA, result=Result.SKIPPED, why="accepted")

    def test_its_record_is_flat(self) -> None:
        assert self.OUTCOME.to_record() == {
            "invitation_id": "x-1",
            "name": "Ada Example",
            "slug": "ada-example-77",
            "result": "skipped",
            "why": "accepted",
            "at": None,
        }
        known = attrs.evolve(self.OUTCOME, member=Member(), at=NOW).to_record()
        assert (known["name"], known["slug"], known["at"]) == (None, None, NOW)

    @pytest.mark.parametrize(("field", "wrong"), [("invitation_id", 5), ("member", "ada"), ("result", "skipped")])
    def test_a_wrong_type_is_refused_by_the_name_of_its_field(self, field: str, wrong: object) -> None:
        with pytest.raises(DataError, match=f"{field} must be of type") as caught:
            attrs.evolve(self.OUTCOME, **{field: wrong})
        assert caught.value.key == f"outcome.{field}"

    def test_its_moment_is_aware_or_unknown(self) -> None:
        with pytest.raises(DataError, match="no time zone"):
            attrs.evolve(self.OUTCOME, at=NAIVE)
        with pytest.raises(DataError, match="got NoneType"):
            attrs.evolve(self.OUTCOME, at=None)

    def test_results_have_stable_words(self) -> None:
        assert [result.value for result in Result] == [
            *("withdrawn", "already-gone", "refused", "unknown", "skipped", "not-reached"),
        ]

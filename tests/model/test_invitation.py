"""One invitation: checked when built, silent about its note, and the same in every form it is printed in."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from tests.population import NAIVE, NOW, ago, invitation

from invitekit.errors import DataError
from invitekit.model import (
    UNKNOWN,
    Cause,
    Direction,
    Evidence,
    Interval,
    Invitation,
    Member,
    SentAt,
    Status,
)
from invitekit.model._invitation import trusted_invitation

FULL = invitation(
    7,
    member=Member(name="Ada Example", slug="ada-example-77", urn="urn:li:member:77", provider_id="p-77"),
    note="Hello, let us connect",
    status=Status.GONE,
    evidence=Evidence.LISTED,
    cause=Cause.EXPIRED,
    mutual_connections=4,
    company="Acme Example",
    title="Beekeeper",
)


class TestChecks:
    @pytest.mark.parametrize(
        ("field", "wrong"),
        [
            ("id", 5),
            ("id", None),
            ("member", "ada-example-77"),
            ("direction", "sent"),
            ("sent_at", NOW),
            ("sent_at", Interval.at(NOW)),
            ("note", None),
            ("note", b"hello"),
            ("status", "pending"),
            ("evidence", "listed"),
            ("known_at", NOW),
            ("cause", "expired"),
            ("mutual_connections", -1),
            ("mutual_connections", True),
            ("mutual_connections", 2.0),
            ("mutual_connections", None),
            ("company", None),
            ("title", 5),
        ],
    )
    def test_a_wrong_type_is_refused_by_the_name_of_its_field(self, field: str, wrong: object) -> None:
        with pytest.raises(DataError, match=f"{field} must be .*got {type(wrong).__name__}") as caught:
            invitation(**{field: wrong})
        assert caught.value.key == f"invitation.{field}"

    @pytest.mark.parametrize("wrong", ["", " ", " x-1", "x-1\n", "x\x001", "x\u202e1"])
    def test_an_id_is_a_text_without_blanks_at_its_ends_or_controls(self, wrong: str) -> None:
        with pytest.raises(DataError, match="not an id"):
            invitation(id=wrong)

    def test_a_naive_as_of_is_refused(self) -> None:
        with pytest.raises(DataError, match="no time zone"):
            invitation(as_of=NAIVE)

    @pytest.mark.parametrize("status", [status for status in Status if status is not Status.GONE])
    def test_a_cause_belongs_to_what_is_gone(self, status: Status) -> None:
        with pytest.raises(DataError, match="belongs to an invitation that is gone"):
            invitation(status=status, cause=Cause.IGNORED)

    def test_a_cause_may_stay_unknown(self) -> None:
        assert invitation(status=Status.GONE).cause is UNKNOWN

    @pytest.mark.parametrize("field", ["note", "mutual_connections", "company", "title", "cause"])
    def test_what_a_source_does_not_say_is_unknown(self, field: str) -> None:
        assert getattr(invitation(**({} if field != "note" else {"note": UNKNOWN})), field) is UNKNOWN

    def test_the_status_is_known_from_when_the_source_spoke_unless_it_says_more(self) -> None:
        assert invitation().known_at == Interval.at(NOW)
        assert invitation(known_at=Interval.day(NOW.date())).known_at == Interval.day(NOW.date())

    def test_times_are_kept_in_utc(self) -> None:
        local = NOW.astimezone(datetime(2026, 1, 1, tzinfo=UTC).astimezone().tzinfo)

        assert invitation(as_of=local).as_of.tzinfo is UTC

    @pytest.mark.parametrize("status", Status)
    def test_open_is_pending_or_presumed_pending(self, status: Status) -> None:
        assert invitation(status=status).is_open is status.is_open is (status.name.endswith("PENDING"))


class TestPrinting:
    def test_the_repr_shows_what_is_known_and_of_the_note_its_length(self) -> None:
        shown = repr(FULL)

        assert shown == (
            "Invitation(id='x-7', member=Member(name='Ada Example', slug='ada-example-77', "
            "urn='urn:li:member:77', provider_id='p-77'), direction=sent, sent_at=2026-09-22 12:00Z, "
            "note=<21 characters>, status=gone, evidence=listed, as_of=2026-11-01 12:00Z, "
            "known_at=2026-11-01 12:00Z, cause=expired, mutual_connections=4, company='Acme Example', "
            "title='Beekeeper')"
        )

    def test_the_repr_leaves_out_what_is_unknown_and_shows_that_there_is_no_note(self) -> None:
        assert "company" not in repr(invitation())
        assert "note=''" in repr(invitation(note=""))
        assert "note" not in repr(invitation(note=UNKNOWN))

    def test_html_has_a_row_for_each_field_and_escapes(self) -> None:
        html = attrs.evolve(FULL, company="<script>")._repr_html_()

        assert "<td>company</td><td>&lt;script&gt;</td>" in html
        assert "<td>note</td><td>&lt;21 characters&gt;</td>" in html
        assert "<td>mutual_connections</td><td>4</td>" in html

    def test_rich_gets_the_same_facts_as_the_repr(self) -> None:
        facts = dict(FULL.__rich_repr__())

        assert list(facts) == [field.name for field in attrs.fields(Invitation)]
        assert facts["member"] == FULL.member
        assert str(facts["note"]) == "<21 characters>"


class TestRecord:
    def test_it_is_flat_and_says_none_for_what_is_unknown(self) -> None:
        record = invitation(note=UNKNOWN, sent_at=SentAt.unknown()).to_record()

        assert all(value is None or isinstance(value, str | int | datetime) for value in record.values())
        assert [key for key, value in record.items() if value is None] == [
            *("urn", "provider_id", "sent_earliest", "sent_latest", "note", "cause"),
            *("mutual_connections", "company", "title"),
        ]

    def test_it_holds_everything_that_is_known(self) -> None:
        record = FULL.to_record()

        assert record == {
            "id": "x-7",
            "name": "Ada Example",
            "slug": "ada-example-77",
            "urn": "urn:li:member:77",
            "provider_id": "p-77",
            "direction": "sent",
            "sent_earliest": ago(40),
            "sent_latest": ago(40) + timedelta(seconds=59, microseconds=999_999),
            "note": "Hello, let us connect",
            "status": "gone",
            "evidence": "listed",
            "as_of": NOW,
            "known_earliest": NOW,
            "known_latest": NOW,
            "cause": "expired",
            "mutual_connections": 4,
            "company": "Acme Example",
            "title": "Beekeeper",
        }

    def test_every_record_has_the_same_keys(self) -> None:
        assert list(invitation().to_record()) == list(FULL.to_record())


class TestTravelling:
    @pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
    def test_a_pickle_leaves_the_note_behind(self, protocol: int) -> None:
        """What is left is UNKNOWN, which never withdraws anything, not "no note"."""
        pickled = pickle.dumps(FULL, protocol)
        again = pickle.loads(pickled)

        assert b"let us connect" not in pickled
        assert again.note is UNKNOWN
        assert attrs.evolve(again, note=FULL.note) == FULL

    @pytest.mark.parametrize("note", ["", UNKNOWN])
    def test_a_pickle_keeps_that_there_is_none_or_that_nobody_said(self, note: Any) -> None:
        assert pickle.loads(pickle.dumps(invitation(note=note))) == invitation(note=note)

    def test_copies_are_the_thing_itself(self) -> None:
        assert copy.copy(FULL) is FULL
        assert copy.deepcopy([FULL])[0] is FULL

    def test_it_is_frozen_slotted_and_hashable(self) -> None:
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            FULL.status = Status.PENDING  # type: ignore[misc]
        assert not hasattr(FULL, "__dict__")
        assert {FULL: 1}[attrs.evolve(FULL)] == 1


def test_the_unchecked_way_builds_the_same_invitation() -> None:
    """Readers that have checked every value use it for its speed; nothing else about it may differ."""
    values = [getattr(FULL, field.name) for field in attrs.fields(Invitation)]

    quick = trusted_invitation(*values)

    assert type(quick) is Invitation
    assert quick == FULL
    assert hash(quick) == hash(FULL)
    assert repr(quick) == repr(FULL)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        quick.status = Status.PENDING  # type: ignore[misc]


class TestWords:
    """The words of the enumerations stand in documents, so they are part of the promise."""

    def test_statuses(self) -> None:
        assert [status.value for status in Status] == [
            *("pending", "presumed-pending", "accepted", "withdrawn", "gone"),
        ]

    def test_directions_and_causes(self) -> None:
        assert [one.value for one in (*Direction, *Cause)] == [
            *("sent", "received", "ignored", "expired", "withdrawn-elsewhere"),
        ]

    def test_evidence_and_what_leaves_acceptance_open(self) -> None:
        assert [(one.value, one.leaves_acceptance_open) for one in Evidence] == [
            ("listed", False),
            ("connected", False),
            ("connected-by-name", False),
            ("not-connected", False),
            ("not-connected-by-name", False),
            ("ambiguous-name", True),
            ("no-connections", True),
            ("damaged-connections", True),
            ("not-listed", False),
            ("superseded", False),
            ("reported", False),
        ]

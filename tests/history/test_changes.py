"""What recording returns: complete, readable, and silent about what is private."""

from __future__ import annotations

import pytest
from tests.history.builders import (
    ada,
    bo,
    connected,
    day,
    export,
    listing,
    logged,
    new_ledger,
    only,
    outcome,
    people,
    sent,
)

import invitekit as ik
from invitekit.history import Changes, Kind

SCRIPT = "<script>alert(1)</script>"


class TestPrinting:
    def test_a_busy_day(self) -> None:
        crowd = people(3)
        ledger = new_ledger(
            listing(1, sent(ada(), 0), *(sent(one, 0) for one in crowd)),
            listing(2, sent(ada(), 0), *(sent(one, 0) for one in crowd[1:])),
        )

        changes = ledger.record(listing(3, sent(crowd[1], 0), sent(bo(), 2.5), connections=[connected(ada(), 2)]))

        assert repr(changes) == (
            "Changes as of 2026-03-04 12:00Z\n"
            "  new         1 (1 sent since the last look)\n"
            "  accepted    1\n"
            "  gone        1\n"
            "  unresolved  1"
        )
        assert changes.counts() == {
            "new": 1,
            "accepted": 1,
            "gone": 1,
            "withdrawn": 0,
            "confirmed": 0,
            "reopened": 0,
            "unresolved": 1,
            "set aside": 0,
        }

    def test_nothing_new(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())))

        assert repr(ledger.record(listing(2, sent(ada())))).endswith("nothing new  the look itself was noted")
        assert repr(ledger.record(listing(2, sent(ada())))).endswith("nothing new")

    def test_findings_stand_in_it(self) -> None:
        ledger = new_ledger(listing(1, sent(ada(urn="urn:li:member:1"), 0)))

        changes = ledger.record(
            listing(2, sent(ada(urn="urn:li:member:2"), 0), sent(ada(urn="urn:li:member:1"), 0))
        )

        assert "set aside" in repr(changes)
        assert "conflicting-identifiers" in repr(changes)

    def test_of_many_findings_the_first_few(self) -> None:
        ledger = new_ledger(listing(1))

        changes = ledger.record([outcome(str(number)) for number in range(12)])

        assert repr(changes).count("not-in-ledger") == 5
        assert "7 more findings" in repr(changes)

    def test_in_a_notebook_it_is_a_table_that_nothing_breaks_out_of(self) -> None:
        ledger = new_ledger(listing(1, sent(ada(name=SCRIPT), id="a<b>"), source=SCRIPT))

        html = ledger.record(listing(2, sent(bo(name=SCRIPT), id="c<d>"), source=SCRIPT))._repr_html_()
        stories = ledger.history()._repr_html_() + ledger.history()[0]._repr_html_()

        assert "<table" in html
        assert "<script>" not in html + stories
        assert "&lt;script&gt;" in stories

    def test_a_line_break_in_a_name_stays_in_its_line(self) -> None:
        ledger = new_ledger(listing(1, sent(ada(name="Ada\nExample\x1b[31m"))))

        assert "\x1b" not in repr(ledger.history()) + repr(ledger.history()[0])
        assert "Ada\nExample" not in repr(ledger.history()[0])

    def test_its_lists_print_and_filter(self) -> None:
        changes = new_ledger().record(listing(1, sent(ada(), 0), sent(bo(), 0.5)))

        assert [one.id for one in changes.new.sort("sent_at")] == [sent(ada(), 0).id, sent(bo(), 0.5).id]

    def test_rich_shows_the_same(self) -> None:
        changes = new_ledger().record(listing(1, sent(ada())))

        assert dict(changes.__rich_repr__()) == {"new": "1"}


class TestPrivate:
    def test_no_note_shows_anywhere(self) -> None:
        note = "Dear Ada, about your divorce"
        ledger = new_ledger()

        shown: list[object] = []
        for snapshot in (
            export(1, logged(ada(), 0, note=note)),
            listing(2, sent(ada(), 0, note=note), sent(bo(), 1, note=note)),
            listing(3, sent(bo(), 1, note=note)),
            listing(4, sent(bo(), 1, note=note), connections=[connected(ada(), 2.5)]),
            listing(5, sent(ada(), 0, note=note)),
        ):
            changes = ledger.record(snapshot)
            shown += [changes, changes.new, changes.accepted, changes.unresolved, *changes.new, *changes.accepted]
        shown += [ledger.history(), *ledger.history(), ledger.snapshot(), *ledger.entries(), ledger]

        for value in shown:
            html = value._repr_html_() if hasattr(value, "_repr_html_") else ""
            assert "divorce" not in repr(value) + str(value) + html
        assert only(ledger, ada()).invitation.note == note

    def test_an_entry_does_not_print_what_it_holds(self) -> None:
        ledger = new_ledger(listing(1, sent(ada(name="Ada Example", urn="urn:li:member:1"), id="77")))

        for entry in ledger.entries():
            assert "Ada" not in f"{entry} {entry!r}"
            assert "77" not in repr(entry).replace("ada-example-77", "")

    def test_e_mail_addresses_are_not_kept(self) -> None:
        ledger = new_ledger(
            listing(1, sent(ada())), export(5, connections=[connected(ada(), 3, email="ada@mail.example")])
        )

        assert "mail.example" not in repr([tuple(entry) for entry in ledger.entries()])
        assert ledger.snapshot().connections[0].email is ik.UNKNOWN


class TestMeaning:
    def test_it_is_true_where_something_was_added(self) -> None:
        ledger = new_ledger()

        assert ledger.record(listing(1, sent(ada())))
        assert not ledger.record(listing(1, sent(ada())))

    def test_it_knows_its_account_and_moment(self) -> None:
        changes = new_ledger().record(listing(1, sent(ada())))

        assert (changes.account.slug, changes.at) == ("owner-example-77", day(1))

    def test_its_invitations_are_as_known_now(self) -> None:
        """Not as this source has them: the note is from the export."""
        ledger = new_ledger(export(1, logged(ada(), 0, note="Hello")))

        changes = ledger.record(listing(2, sent(ada(), 0), connections=[connected(ada(), 1)]))

        assert changes.accepted[0].note == "Hello"

    def test_an_invitation_stands_in_one_list_but_for_what_is_new_and_accepted(self) -> None:
        changes = new_ledger().record(export(9, logged(ada(), 0), connections=[connected(ada(), 5)]))

        assert len(changes.new) == 1
        assert not changes.gone
        assert not changes.unresolved

    @pytest.mark.parametrize("kind", list(Kind))
    def test_every_kind_has_a_word(self, kind: Kind) -> None:
        """The words are in the file: they are small, stable and plain."""
        assert kind.value == kind.name.lower().replace("_", "-")

    def test_a_value(self) -> None:
        one, two = (new_ledger().record(listing(1, sent(ada()))) for _ in range(2))

        assert one == two
        assert isinstance(one, Changes)


class TestTheStory:
    def test_prints_as_a_story(self) -> None:
        ledger = new_ledger(listing(1, sent(ada(name="Ada Example"), 0)), listing(4), listing(6))

        assert repr(only(ledger)) == (
            "Ada Example: sent 2026-03-01 12:00Z, gone\n"
            "  2026-03-02 first-seen: 2026-03-01 12:00Z (listed)\n"
            "  2026-03-07 gone: 2026-03-02 to 2026-03-05 (not-listed)"
        )

    def test_says_what_would_settle_it(self) -> None:
        ledger = new_ledger(listing(1, sent(ada(), 0)), listing(4))

        assert "another one would settle it" in repr(only(ledger))

    def test_a_history_is_a_collection(self) -> None:
        ledger = new_ledger(listing(1, sent(ada(), 0), sent(bo(), 0.5)), listing(4, sent(bo(), 0.5)))
        history = ledger.history()

        assert [one.name for one in history.where(lambda one: one.unresolved)] == ["slug:ada-example-77"]
        assert history.by("status").counts() == {ik.Status.PENDING: 2}
        assert [record["slug"] for record in history.to_records()] == ["ada-example-77", "bo-example-12"]
        assert "unresolved" in repr(history)

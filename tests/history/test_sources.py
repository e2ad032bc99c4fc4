"""Several sources about one person: joined by identifiers alone, and what contradicts itself is set aside."""

from __future__ import annotations

import pytest
from tests.history.builders import (
    OWNER,
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
    sent,
)

import invitekit as ik
from invitekit.errors import DataError
from invitekit.model import Evidence, Interval

URN, OTHER_URN = "urn:li:member:501", "urn:li:member:502"
PROVIDER = "prov-601"


def codes(changes: object) -> list[str]:
    return [one.code for one in changes.set_aside]  # type: ignore[attr-defined]


class TestOnePersonOfSeveralSources:
    def test_a_slug_then_more_then_a_vendors_id(self) -> None:
        """An export knows her slug, a service her slug, URN and an id, a vendor only what he calls her himself."""
        ledger = new_ledger(export(1, logged(ada(), 0)))

        ledger.record(listing(2, sent(ada(urn=URN, provider_id=PROVIDER), 0, id="77")))
        changes = ledger.record(listing(3, sent(ik.Member(provider_id=PROVIDER), 0, id="v-5"), source="vendor"))

        assert not changes.new
        timeline = only(ledger)
        assert timeline.member == ada(urn=URN, provider_id=PROVIDER)
        assert only(ledger, ik.Member(provider_id=PROVIDER)) == only(ledger, URN) == timeline

    def test_the_name_that_was_read_first_stands(self) -> None:
        """Each source spells names in its own way, so a newer spelling is no news."""
        ledger = new_ledger(
            export(1, logged(ada(name="Ada Example"), 0)), listing(2, sent(ada(name="ADA EXAMPLE, PhD"), 0))
        )

        assert only(ledger).member.name == "Ada Example"
        before = list(ledger.entries())
        ledger.record(listing(3, sent(ada(name="A. Example"), 0)))
        assert [entry.kind for entry in list(ledger.entries())[len(before) :]] == ["look"]

    def test_the_time_of_sending_is_as_exact_as_all_of_them_together(self) -> None:
        rough = ik.SentAt(day(-10), day(10))
        ledger = new_ledger(listing(15, sent(ada(), at=rough, id="v-5"), source="vendor"))

        ledger.record(export(16, logged(ada(), 0)))
        assert only(ledger).sent_at == ik.SentAt.minute(day(0))

        ledger.record(listing(17, sent(ada(), 0, id="77")))
        assert only(ledger).sent_at == ik.SentAt.at(day(0))

    def test_a_note_that_only_one_source_has_is_kept(self) -> None:
        ledger = new_ledger(listing(1, sent(ada(), 0)), export(2, logged(ada(), 0, note="Hello Ada")))

        ledger.record(listing(3, sent(ada(), 0)))

        assert only(ledger).invitation.note == "Hello Ada"

    def test_each_of_its_ids_finds_it(self) -> None:
        rows = logged(ada(), 0), sent(ada(), 0, id="77"), sent(ada(), 0, id="v-5")
        for one in rows:
            ledger = new_ledger(export(1, rows[0]), listing(2, rows[1]), listing(3, rows[2], source="vendor"))
            ledger.record([outcome(one.id, at=day(4))])

            assert only(ledger).status is ik.Status.WITHDRAWN

    def test_an_export_does_not_take_the_services_id_away(self) -> None:
        """Only with that id can it be withdrawn; a key of ours is worth less."""
        ledger = new_ledger(listing(1, sent(ada(), 0, id="77")), export(2, logged(ada(), 0)))

        assert ledger.snapshot().invitations[0].id == "77"
        assert ledger.history()[0].invitation.id == "77"

    def test_an_export_after_a_listing_adds_and_takes_nothing_away(self) -> None:
        ledger = new_ledger(listing(1, sent(ada(urn=URN), 0, id="77", mutual_connections=5, note="Hello")))
        before = only(ledger).invitation

        ledger.record(export(2, logged(ada(name="Ada Example"), 0, note=ik.UNKNOWN)))

        after = only(ledger).invitation
        assert after.member == ada(urn=URN, name="Ada Example")
        for field in ("id", "status", "evidence", "as_of", "sent_at", "note", "mutual_connections"):
            assert getattr(after, field) == getattr(before, field), field

    def test_a_listing_says_until_when_it_was_pending_an_export_does_not(self) -> None:
        """That an export still shows it does not prove that it is still pending."""
        ledger = new_ledger(listing(1, sent(ada(), 0)), export(9, logged(ada(), 0)))

        assert only(ledger).invitation.as_of == day(1)

    def test_only_the_id_may_say_who_it_is(self) -> None:
        """A vendor's page shows a name and an id that was listed before with more."""
        ledger = new_ledger(listing(1, sent(ada(), 0, id="77")))

        changes = ledger.record(listing(2, sent(ik.Member(name="Ada Example"), 0, id="77")))

        assert not changes.new
        assert only(ledger).member == ada(name="Ada Example")

    def test_moving_dates_of_a_vendor_do_not_make_new_invitations(self) -> None:
        """Made of "2 months ago", the date is another with each call; the id says that it is the same one."""
        shifts = [ik.SentAt(day(-30 + shift), day(shift)) for shift in (0, 20, 45)]
        ledger = new_ledger(listing(50, sent(ada(), id="v-5", at=shifts[0])))

        ledger.record(listing(51, sent(ada(), id="v-5", at=shifts[1])))
        assert only(ledger).sent_at == ik.SentAt(day(-10), day(0))

        changes = ledger.record(listing(52, sent(ada(), id="v-5", at=shifts[2])))

        assert "moving-date" in changes.notices.by("code")
        assert only(ledger).sent_at == ik.SentAt(day(-10), day(0))

    def test_the_same_day_without_ids_of_one_service_is_the_same_invitation(self) -> None:
        ledger = new_ledger(listing(1, sent(ada(), 0, id="77")), listing(2, sent(ada(), 0, id="v-5"), source="v"))

        assert len(ledger.history()) == 1

    def test_two_ids_of_one_service_are_two_invitations(self) -> None:
        ledger = new_ledger(listing(1, sent(ada(), 0, id="77")), listing(2, sent(ada(), 0, id="78")))

        assert len(ledger.history()) == 2

    def test_a_profile_address_that_changed(self) -> None:
        """The URN says that it is she; the old address still finds her, the new one is shown."""
        ledger = new_ledger(listing(1, sent(ada(urn=URN), 0, id="77")))

        ledger.record(listing(2, sent(ik.Member(slug="ada-new-example-78", urn=URN), 0, id="77")))

        timeline = only(ledger)
        assert timeline.member.slug == "ada-new-example-78"
        assert only(ledger, "ada-example-77") == timeline

    def test_the_newest_address_stands_also_where_the_older_is_read_later(self) -> None:
        ledger = new_ledger(listing(2, sent(ik.Member(slug="ada-new-example-78", urn=URN), 0, id="77")))

        ledger.record(listing(1, sent(ada(urn=URN), 0, id="77")))

        assert only(ledger).member.slug == "ada-new-example-78"
        assert only(ledger, "ada-example-77") == only(ledger)
        assert only(ledger, at=day(1)).member.slug == "ada-example-77"


class TestTwoThatTurnOutToBeOne:
    def test_whoever_has_both_identifiers_joins_them(self) -> None:
        ledger = new_ledger(export(1, logged(ada(), 0)), listing(2, sent(ik.Member(urn=URN), 0, id="77")))
        assert len(ledger.history()) == 2

        changes = ledger.record(listing(3, sent(ada(urn=URN), 0, id="77")))

        assert not changes.new
        assert not changes.set_aside
        timeline = only(ledger)
        assert (timeline.member, timeline.status) == (ada(urn=URN), ik.Status.PENDING)
        assert only(ledger, ada()) == only(ledger, URN) == timeline

    def test_invitations_of_different_times_stay_two(self) -> None:
        """The one that an export presumed is over, since she was invited again."""
        ledger = new_ledger(export(11, logged(ada(), 0)), listing(12, sent(ik.Member(urn=URN), 10, id="77")))

        ledger.record(listing(13, sent(ada(urn=URN), 10, id="77")))

        assert [one.status for one in ledger.history(URN).sort("sent_at")] == [ik.Status.GONE, ik.Status.PENDING]

    def test_the_connection_of_the_one_answers_the_invitation_of_the_other(self) -> None:
        """Connected under her slug, invited under her URN: an acceptance once both are seen together."""
        ledger = new_ledger(
            listing(1, sent(ik.Member(urn=URN), 0, id="77")), export(4, connections=[connected(ada(), 3)])
        )
        assert only(ledger).status is ik.Status.PENDING

        changes = ledger.record(listing(5, sent(ada(urn=URN), 0, id="77")))

        assert len(changes.accepted) == 1
        assert only(ledger).status is ik.Status.ACCEPTED
        assert only(ledger, at=day(4)).status is ik.Status.PENDING

    def test_marks_of_both_are_hers(self) -> None:
        ledger = new_ledger(export(1, logged(ada(), 0)), listing(2, sent(ik.Member(urn=URN), 0, id="77")))
        ledger.tag(ada(), "client")
        ledger.keep(ik.Member(urn=URN))

        ledger.record(listing(101, sent(ada(urn=URN), 0, id="77")))

        context = ledger.context()
        assert list(context.tags["client"]) == list(context.kept) == [ada(urn=URN)]
        ledger.untag(ada(urn=URN), "client")
        ledger.unkeep(ada())
        assert not ledger.marks()

    def test_before_they_were_seen_together_they_were_two(self) -> None:
        ledger = new_ledger(
            export(1, logged(ada(), 0)),
            listing(2, sent(ik.Member(urn=URN), 0, id="77")),
            listing(3, sent(ada(urn=URN), 0, id="77")),
        )

        assert [len(ledger.history(at=day(number))) for number in (1, 2, 3)] == [1, 2, 1]

    def test_together_they_were_seen_when_either_was(self) -> None:
        """The listing of the second showed it under her URN, so it was not missing then."""
        ledger = new_ledger(export(1, logged(ada(), 0)), listing(2, sent(ik.Member(urn=URN), 0, id="77")))
        hers = sent(ada(urn=URN), 3, id="r", direction=ik.Direction.RECEIVED)

        ledger.record(listing(4, hers, completeness=ik.Completeness.PARTIAL))

        (ours,) = ledger.history(URN).where(lambda one: one.invitation.direction is ik.Direction.SENT)
        assert ours.invitation.as_of == day(2)

    def test_three_at_once(self) -> None:
        ledger = new_ledger(
            export(1, logged(ada(), 0)),
            listing(2, sent(ik.Member(urn=URN), 0, id="77")),
            listing(2.5, sent(ik.Member(provider_id=PROVIDER), 0, id="v-5"), source="vendor"),
        )

        ledger.record(export(3, connections=[connected(ada(urn=URN, provider_id=PROVIDER), 2.7)]))

        assert only(ledger).status is ik.Status.ACCEPTED


class TestContradictions:
    def test_a_slug_with_another_urn_is_set_aside(self) -> None:
        """Perhaps it was taken over. Nothing is merged, nothing overwritten, nobody leaves the list over it."""
        ledger = new_ledger(listing(1, sent(ada(urn=URN), 0, id="77")))

        changes = ledger.record(listing(2, sent(ada(urn=OTHER_URN), 1, id="78")))

        assert codes(changes) == ["conflicting-identifiers"]
        assert changes.set_aside[0].about == "78"
        assert not changes.new
        assert not changes.unresolved
        assert only(ledger).member.urn == URN

    def test_it_stays_so_for_as_long_as_the_source_says_so(self) -> None:
        ledger = new_ledger(listing(1, sent(ada(urn=URN), 0, id="77")))

        for number in range(2, 6):
            changes = ledger.record(listing(number, sent(ada(urn=OTHER_URN), 1, id="78")))
            assert not changes.gone

        assert only(ledger).status is ik.Status.PENDING

    def test_who_is_known_by_something_stronger_first_stays_apart(self) -> None:
        """Both URNs are known already, each with a slug of its own."""
        ledger = new_ledger(
            listing(1, sent(ada(urn=URN), 0, id="77"), sent(bo(urn=OTHER_URN), 0, id="78")),
        )

        assert {one.member.urn for one in ledger.history()} == {URN, OTHER_URN}

    def test_two_people_of_one_row_are_not_made_one(self) -> None:
        """One identifier is Ada's, the other Bo's, and both have URNs that differ."""
        ledger = new_ledger(
            listing(1, sent(ada(urn=URN), 0, id="77"), sent(bo(urn=OTHER_URN, provider_id=PROVIDER), 0, id="78"))
        )

        changes = ledger.record(
            listing(
                2,
                sent(ada(urn=URN), 0, id="77"),
                sent(bo(urn=OTHER_URN), 0, id="78"),
                sent(ada(provider_id=PROVIDER), 1, id="79"),
            )
        )

        assert codes(changes) == ["conflicting-identifiers"]
        assert len(ledger.history()) == 2

    def test_an_id_that_was_somebody_elses_is_set_aside(self) -> None:
        ledger = new_ledger(listing(1, sent(ada(urn=URN), 0, id="77"), sent(bo(), 0, id="78")))

        changes = ledger.record(listing(2, sent(bo(), 0, id="77")))

        assert codes(changes) == ["conflicting-id"]
        assert only(ledger, ada()).status is ik.Status.PENDING

    def test_an_id_that_stands_twice_in_one_listing(self) -> None:
        """The same row on two pages is one; two different rows with one id are refused before they get here."""
        ledger = new_ledger(listing(1, sent(ada(), 0, id="77"), sent(ada(), 0, id="77")))
        assert len(ledger.history()) == 1

        with pytest.raises(DataError, match="two different invitations have the id 77"):
            listing(2, sent(ada(), 0, id="77"), sent(bo(), 0, id="77"))

    def test_two_rows_of_one_source_are_two_invitations(self) -> None:
        """An export that does not know when they were sent: the same person, two keys, and neither is lost."""
        rows = [logged(ada(), 0, id="x-1", at=ik.SentAt.unknown()), logged(ada(), 5, id="x-2")]
        ledger = new_ledger(export(9, *rows))

        assert {one.invitation.id for one in ledger.history()} == {"x-1", "x-2"}
        assert not ledger.record(export(9, *rows))

    def test_of_two_dates_of_one_connection_the_first_stands(self) -> None:
        rows = [connected(ada(), 3), connected(ada(), 5)]
        ledger = new_ledger(listing(1, sent(ada(), 0)), export(9, connections=rows))

        assert only(ledger).known_at == ledger.snapshot().connections[0].connected_at == rows[0].connected_at
        assert not ledger.record(export(9, connections=rows))

    def test_a_conflicting_connection_accepts_nothing(self) -> None:
        ledger = new_ledger(listing(1, sent(ada(urn=URN), 0, id="77")))

        changes = ledger.record(listing(2, connections=[connected(ada(urn=OTHER_URN), 1)]))

        assert codes(changes) == ["conflicting-identifiers"]
        assert only(ledger).status is ik.Status.PENDING

    def test_what_was_set_aside_names_nobody(self) -> None:
        ledger = new_ledger(listing(1, sent(ada(urn=URN, name="Ada Example"), 0, id="77")))

        changes = ledger.record(listing(2, sent(ada(urn=OTHER_URN, name="Ada Other"), 1, id="78")))

        assert "Ada" not in repr(changes)
        assert "ada-example" not in repr(changes)


class TestWithoutIdentifiers:
    def test_namesakes_stay_apart(self) -> None:
        name = ik.Member(name="Ada Example")
        ledger = new_ledger(export(5, logged(name, 0, id="x-1"), logged(name, 3, id="x-2")))

        assert len(ledger.history()) == 2

        ledger.record([outcome("x-1", at=day(6))])

        assert {one.invitation.id: one.status for one in ledger.history()} == {
            "x-1": ik.Status.WITHDRAWN,
            "x-2": ik.Status.PRESUMED_PENDING,
        }

    def test_nor_is_a_namesake_with_an_identifier_joined(self) -> None:
        ledger = new_ledger(
            export(5, logged(ik.Member(name="Ada Example"), 0)), export(6, logged(ada(name="Ada Example"), 0))
        )

        assert len(ledger.history()) == 2

    def test_old_exports_are_followed_by_their_own_key(self) -> None:
        """Five columns, no profile addresses: the key made of account, name and minute is all there is."""
        name = ik.Member(name="Ada Example")
        ledger = new_ledger(export(5, logged(name, 0)))

        changes = ledger.record(export(40, logged(name, 0)))

        assert not changes.new
        assert len(ledger.history()) == 1
        assert only(ledger).last_seen == day(40)

    def test_what_an_old_export_found_by_name_is_taken_over(self) -> None:
        name = ik.Member(name="Ada Example")
        accepted = logged(
            name,
            0,
            status=ik.Status.ACCEPTED,
            evidence=Evidence.CONNECTED_BY_NAME,
            as_of=day(40),
            known_at=Interval.day(day(20).date()),
        )
        ledger = new_ledger(export(5, logged(name, 0)), export(40, accepted))

        assert only(ledger).status is ik.Status.ACCEPTED
        assert only(ledger).invitation.evidence is Evidence.CONNECTED_BY_NAME

    def test_nobody_is_asked_for_by_name(self) -> None:
        ledger = new_ledger(export(5, logged(ik.Member(name="Ada Example"), 0)))

        assert len(ledger.history(ik.Member(name="Ada Example"))) == 0


class TestExportsMonthsApart:
    def test_together_they_tell_what_neither_does(self) -> None:
        """In March she had not answered, in July she is a connection since May: the ledger has the whole story."""
        ledger = new_ledger(export(10, logged(ada(), 0), logged(bo(), 5)))

        changes = ledger.record(
            export(130, logged(ada(), 0), logged(bo(), 5), connections=[connected(ada(), 70, company="Acme")])
        )

        assert [one.member for one in changes.accepted] == [ada()]
        assert only(ledger, ada(), at=day(100)).status is ik.Status.PRESUMED_PENDING
        assert only(ledger, ada()).invitation.company == "Acme"
        assert only(ledger, bo()).status is ik.Status.PRESUMED_PENDING

    def test_what_the_second_no_longer_shows_is_not_gone(self) -> None:
        """An export reaches back about 180 days: that an old row is missing means that it is old."""
        ledger = new_ledger(export(10, logged(ada(), 0)), export(250, logged(bo(), 240)))

        assert only(ledger, ada()).status is ik.Status.PRESUMED_PENDING
        assert only(ledger, ada()).last_seen == day(10)

    @pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1), (0, 2, 1), (1, 0, 2)])
    def test_in_whatever_order_they_are_recorded_the_end_is_the_same(self, order: tuple[int, ...]) -> None:
        joined = connected(ada(), 70)
        exports = [
            export(10, logged(ada(), 0), logged(bo(), 5)),
            export(100, logged(ada(), 0), logged(bo(), 5), connections=[joined]),
            export(170, logged(bo(), 5), logged(bo(), 160), connections=[joined]),
        ]
        ledger = new_ledger(*(exports[place] for place in order))

        told = {
            (one.member.slug, one.sent_at, one.status, one.invitation.evidence, one.first_seen)
            for one in ledger.history()
        }
        in_order = {
            (one.member.slug, one.sent_at, one.status, one.invitation.evidence, one.first_seen)
            for one in new_ledger(*exports).history()
        }
        assert told == in_order

    def test_an_old_one_recorded_late_adds_what_it_shows(self) -> None:
        ledger = new_ledger(export(130, logged(ada(), 100)))

        changes = ledger.record(export(30, logged(bo(), 20)))

        assert [one.member for one in changes.new] == [bo()]
        assert only(ledger, bo()).first_seen == day(30)

    def test_it_moves_the_first_sight_back(self) -> None:
        ledger = new_ledger(export(130, logged(ada(), 20)))

        ledger.record(export(30, logged(ada(), 20)))

        assert only(ledger).first_seen == day(30)
        assert only(ledger, at=day(31)).first_seen == day(30)

    def test_what_it_could_not_know_is_not_known_as_of_then(self) -> None:
        """The acceptance came to light in July; the export of April, read after that, changes nothing about it."""
        ledger = new_ledger(
            export(130, logged(ada(), 0), connections=[connected(ada(), 20)]), export(10, logged(ada(), 0))
        )

        assert only(ledger).status is ik.Status.ACCEPTED
        assert only(ledger, at=day(129)).status is ik.Status.PRESUMED_PENDING
        assert not ledger.snapshot(at=day(129)).connections

    def test_what_a_newer_one_said_first_does_not_leak_into_the_past(self) -> None:
        ledger = new_ledger(
            listing(130, sent(ada(urn=URN), 0, id="77", note="Hello", mutual_connections=9)),
            export(10, logged(ada(), 0, note=ik.UNKNOWN)),
        )

        then = only(ledger, at=day(10)).invitation
        assert then.member == ada()
        assert then.note is then.mutual_connections is ik.UNKNOWN
        assert (then.id, then.status) == (logged(ada(), 0).id, ik.Status.PRESUMED_PENDING)

    def test_an_older_one_says_since_when_it_was_known(self) -> None:
        """July says that she is a connection; May, read after it, said so already, and April did not."""
        joined = connected(ada(), 70)
        ledger = new_ledger(
            export(10, logged(ada(), 0)),
            export(130, logged(ada(), 0), connections=[joined]),
            export(90, connections=[joined]),
            listing(40, sent(bo(), 30)),
        )

        told = {number: only(ledger, ada(), at=day(number)).status for number in (89, 90, 130)}

        assert told == {89: ik.Status.PRESUMED_PENDING, 90: ik.Status.ACCEPTED, 130: ik.Status.ACCEPTED}
        assert len(ledger.snapshot(at=day(89)).connections) == 0
        assert len(ledger.snapshot(at=day(90)).connections) == 1

    def test_what_was_learned_by_joining_two_is_not_known_before(self) -> None:
        """A URN is connected since the fourth; that it is Ada's was not known before the sixth."""
        joined = [connected(ik.Member(urn=URN), 3)]
        ledger = new_ledger(
            export(1, logged(ada(), 0)),
            listing(3.5, connections=joined),
            listing(6, connections=[connected(ada(urn=URN), 3)]),
            listing(4, connections=joined),
        )

        assert only(ledger, at=day(5)).status is ik.Status.PRESUMED_PENDING
        assert only(ledger, at=day(6)).status is ik.Status.ACCEPTED

    def test_an_older_one_that_says_less_exactly_takes_nothing_away(self) -> None:
        """A service gave the instant; the export of before, read after it, knows the day, and knew it earlier."""
        ledger = new_ledger(
            listing(1, sent(ada(), 0)),
            listing(9, connections=[connected(ada(), 5.25, exact=True)]),
            export(7, logged(ada(), 0), connections=[connected(ada(), 5)]),
        )

        assert only(ledger).known_at == Interval.at(day(5.25))
        assert ledger.snapshot().connections[0].connected_at == Interval.at(day(5.25))
        assert only(ledger, at=day(7)).status is ik.Status.ACCEPTED
        assert ledger.snapshot(at=day(7)).connections[0].connected_at == Interval.day(day(5).date())

    def test_a_connection_is_known_when_it_was_read_not_when_the_invitation_was(self) -> None:
        """Connections of July, then the log of April: in April nobody knew of the connection of May."""
        ledger = new_ledger(export(130, connections=[connected(ada(), 70)]), export(40, logged(ada(), 0)))

        assert only(ledger).status is ik.Status.ACCEPTED
        assert only(ledger, at=day(129)).status is ik.Status.PRESUMED_PENDING

    def test_nor_is_an_acceptance_known_before_the_invitation(self) -> None:
        """She was a connection in May already; that she had been invited came to light in July."""
        ledger = new_ledger(listing(130, sent(ada(), 0)), export(90, connections=[connected(ada(), 70)]))

        assert only(ledger).events[-1].known_at == day(130)
        assert len(ledger.history(at=day(100))) == 0

    def test_what_listings_in_between_lacked_is_known_of_an_invitation_that_comes_to_light_late(self) -> None:
        ledger = new_ledger(listing(130, sent(ada(), 0)), listing(90), export(40, logged(ada(), 0)))

        assert only(ledger, at=day(100)).unresolved
        assert only(ledger, at=day(100)).last_seen == day(40)
        assert not only(ledger).unresolved

    def test_one_from_between_two_that_are_known(self) -> None:
        ledger = new_ledger(export(10, logged(ada(), 0)), export(130, connections=[connected(ada(), 20)]))

        changes = ledger.record(export(60, logged(ada(), 0), logged(bo(), 50), connections=[connected(ada(), 20)]))

        assert [one.member for one in changes.new] == [bo()]
        assert only(ledger, ada()).status is ik.Status.ACCEPTED

    def test_the_account_is_the_same_under_another_of_its_identifiers(self) -> None:
        urn = ik.Member(slug=OWNER.slug, urn=OTHER_URN)
        ledger = new_ledger(export(10, logged(ada(), 0)), listing(20, sent(ada(), 0), account=urn))

        ledger.record(listing(30, sent(ada(), 0), account=ik.Member(urn=OTHER_URN)))

        assert len(ledger.accounts) == 1

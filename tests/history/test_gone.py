"""Gone: only when two complete listings in a row lack it, or somebody looked; anything less disappears nothing."""

from __future__ import annotations

import pytest
from tests.history.builders import (
    Clock,
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
    span,
)

import invitekit as ik
from invitekit.history import Kind
from invitekit.model import Evidence

OTHER = ik.Member(slug="other-example-3")
PARTIAL, UNKNOWN = ik.Completeness.PARTIAL, ik.Completeness.UNKNOWN


def status(ledger: ik.SqliteLedger, who: ik.Member | None = None) -> ik.Status:
    return only(ledger, ada() if who is None else who).status


class TestTwoCompleteListings:
    def test_one_that_lacks_it_leaves_it_open(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())))

        changes = ledger.record(listing(2))

        assert not changes.gone
        assert [one.member for one in changes.unresolved] == [ada()]
        assert only(ledger).unresolved
        assert status(ledger) is ik.Status.PENDING

    def test_the_second_in_a_row_settles_it(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())), listing(2))

        changes = ledger.record(listing(3))

        assert [one.member for one in changes.gone] == [ada()]
        assert not changes.unresolved
        timeline = only(ledger)
        assert timeline.status is ik.Status.GONE
        assert timeline.invitation.evidence is Evidence.NOT_LISTED
        assert timeline.invitation.cause is ik.UNKNOWN

    def test_it_vanished_between_the_last_that_shows_it_and_the_first_that_does_not(self) -> None:
        """The second absence only confirms: it does not move the time. Known it was from the second on."""
        ledger = new_ledger(listing(1, sent(ada())), listing(3, sent(ada())), listing(7), listing(20))

        assert span(only(ledger).known_at) == (3, 7)
        assert only(ledger).events[-1].known_at == day(20)

    def test_nothing_else_is_touched(self) -> None:
        ledger = new_ledger(listing(1, sent(ada()), sent(bo())), listing(2, sent(bo())))

        changes = ledger.record(listing(3, sent(bo())))

        assert [one.member for one in changes.gone] == [ada()]
        assert status(ledger, bo()) is ik.Status.PENDING

    def test_the_same_listing_twice_is_one_listing(self) -> None:
        """A notebook cell run twice, or a file read again, confirms nothing."""
        ledger = new_ledger(listing(1, sent(ada())))
        ledger.record(listing(2))

        changes = ledger.record(listing(2))

        assert not changes
        assert status(ledger) is ik.Status.PENDING

    def test_what_was_shown_again_in_between_starts_anew(self) -> None:
        """Absent, present, absent: a list that trembles has not shown two absences in a row."""
        ledger = new_ledger(listing(1, sent(ada())), listing(2), listing(3, sent(ada())))

        changes = ledger.record(listing(4))

        assert not changes.gone
        assert status(ledger) is ik.Status.PENDING
        assert span(ledger.record(listing(5)).gone[0].known_at) == (3, 4)

    def test_a_partial_one_that_shows_it_starts_anew_as_well(self) -> None:
        """Partial says nothing by what it lacks, but what it shows is there."""
        ledger = new_ledger(
            listing(1, sent(ada())), listing(2), listing(3, sent(ada()), completeness=PARTIAL), listing(4)
        )

        assert status(ledger) is ik.Status.PENDING

    def test_after_a_partial_one_has_shown_it_nothing_is_unresolved(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())), listing(2), listing(3, sent(ada()), completeness=PARTIAL))

        assert not only(ledger).unresolved

    @pytest.mark.parametrize("completeness", [PARTIAL, UNKNOWN])
    def test_a_partial_one_between_the_two_neither_confirms_nor_interrupts(
        self, completeness: ik.Completeness
    ) -> None:
        ledger = new_ledger(listing(1, sent(ada())), listing(2), listing(3, completeness=completeness))
        assert status(ledger) is ik.Status.PENDING

        ledger.record(listing(4))

        assert status(ledger) is ik.Status.GONE
        assert span(only(ledger).known_at) == (1, 2)

    def test_an_export_between_the_two_does_not_interrupt(self) -> None:
        """A log goes on showing what is no longer pending: that it shows her is no sign that she is."""
        ledger = new_ledger(listing(1, sent(ada())), listing(2), export(3, logged(ada(), 0)), listing(4))

        assert status(ledger) is ik.Status.GONE
        assert span(only(ledger).known_at) == (1, 2)

    def test_what_others_sent_is_never_said_to_be_gone(self) -> None:
        """The listing of sent invitations does not show them."""
        received = sent(ada(), direction=ik.Direction.RECEIVED)
        ledger = new_ledger(listing(1, received), listing(2), listing(3), listing(4))

        assert status(ledger) is ik.Status.PENDING

    def test_what_was_perhaps_not_sent_yet_is_not_missing(self) -> None:
        """A service whose clock is ahead gives a time that is still to come: until then, nothing is lacking."""
        rough = sent(ada(), at=ik.SentAt(day(0), day(10)))
        ledger = new_ledger(listing(5, rough), listing(6), listing(7))

        assert status(ledger) is ik.Status.PENDING

    def test_two_services_at_one_moment_are_not_two_in_a_row(self) -> None:
        """One after the other is what confirms: what hides it from one may hide it from the other just then."""
        ledger = new_ledger(listing(1, sent(ada())), listing(2, source="service"), listing(2, source="vendor"))
        assert status(ledger) is ik.Status.PENDING

        ledger.record(listing(3))

        assert status(ledger) is ik.Status.GONE


class TestWhatMakesNothingGone:
    def test_an_export_never_does(self) -> None:
        """Not two, not five, and not after a complete listing that lacks it."""
        ledger = new_ledger(listing(1, sent(ada())), listing(2))

        for number in range(3, 8):
            assert not ledger.record(export(number)).gone

        assert status(ledger) is ik.Status.PENDING

    def test_presumed_by_exports_it_stays_presumed(self) -> None:
        ledger = new_ledger(export(1, logged(ada(), 0)), *(export(number) for number in range(30, 230, 30)))

        assert status(ledger) is ik.Status.PRESUMED_PENDING

    @pytest.mark.parametrize("completeness", [PARTIAL, UNKNOWN])
    def test_listings_not_known_to_be_complete_never_do_and_say_so(self, completeness: ik.Completeness) -> None:
        ledger = new_ledger(listing(1, sent(ada())))

        for number in range(2, 6):
            changes = ledger.record(listing(number, completeness=completeness))
            assert not changes.gone
            assert not changes.unresolved
            assert "no-complete-listing" in changes.notices.by("code")

        assert status(ledger) is ik.Status.PENDING
        assert not only(ledger).unresolved

    @pytest.mark.parametrize("completeness", [PARTIAL, UNKNOWN])
    def test_a_complete_one_and_one_that_is_not_do_not_add_up(self, completeness: ik.Completeness) -> None:
        ledger = new_ledger(listing(1, sent(ada())), listing(2, completeness=completeness), listing(3))

        assert status(ledger) is ik.Status.PENDING

    def test_a_listing_that_suddenly_shows_nothing_is_not_believed(self) -> None:
        """A 200 with an empty list: the service, or whoever read it, has lost the rest."""
        crowd = [sent(one) for one in people(3)]
        ledger = new_ledger(listing(1, *crowd))

        changes = ledger.record(listing(2))

        assert not changes.gone
        assert not changes.unresolved
        assert "suddenly-empty" in changes.notices.by("code")

    def test_said_again_twice_it_is_believed(self) -> None:
        """Whoever really withdrew everything is believed after two more such listings, no sooner."""
        crowd = [sent(one) for one in people(3)]
        ledger = new_ledger(listing(1, *crowd), listing(2))

        assert not ledger.record(listing(3)).gone
        assert len(ledger.record(listing(4)).gone) == 3

    def test_a_listing_that_lost_more_than_it_kept_is_not_believed(self) -> None:
        crowd = [sent(one) for one in people(30)]
        ledger = new_ledger(listing(1, *crowd))

        for number in (2, 2.5):  # The second shows other twelve: the eighteen that it lacks are others, in part.
            changes = ledger.record(listing(number, *(crowd[:12] if number == 2 else crowd[18:])))
            assert not changes.gone

        assert {one.status for one in ledger.history()} == {ik.Status.PENDING}

    def test_it_says_so(self) -> None:
        crowd = [sent(one) for one in people(30)]
        ledger = new_ledger(listing(1, *crowd))

        changes = ledger.record(listing(2, *crowd[:12]))

        assert "shrunken" in changes.notices.by("code")
        assert "not believed" in repr(changes)
        assert not changes.unresolved

    def test_a_normal_day_is_not_suspicious(self) -> None:
        """A quarter of them answered or withdrawn: that happens."""
        crowd = [sent(one) for one in people(40)]
        ledger = new_ledger(listing(1, *crowd))

        changes = ledger.record(listing(2, *crowd[10:]))

        assert not changes.notices
        assert len(changes.unresolved) == 10

    def test_a_short_listing_after_an_export_is_not_suspicious(self) -> None:
        """An export presumes too much: of forty that it cannot say were accepted, most may be long gone."""
        crowd = people(40)
        ledger = new_ledger(export(1, *(logged(one, 0) for one in crowd)))

        changes = ledger.record(listing(2, *(sent(one, 0) for one in crowd[:10])))

        assert not changes.notices
        assert len(changes.unresolved) == 30

    def test_an_empty_one_after_a_full_export_is(self) -> None:
        ledger = new_ledger(export(1, *(logged(one, 0) for one in people(40))))

        assert "suddenly-empty" in ledger.record(listing(2)).notices.by("code")

    def test_a_listing_from_before_concludes_nothing(self) -> None:
        """Recorded late, it cannot know what the newer one shows."""
        ledger = new_ledger(listing(10, sent(ada(), 0)))

        for number in (3, 4, 5):
            changes = ledger.record(listing(number))
            assert not changes.gone
            assert not changes.unresolved

        assert status(ledger) is ik.Status.PENDING
        assert not only(ledger).unresolved

    def test_nor_does_one_from_between_two_that_are_known(self) -> None:
        """The newest shows her: what older ones lack is their own affair."""
        ledger = new_ledger(listing(1, sent(ada(), 0)), listing(10, sent(ada(), 0)))

        for number in (3, 4):
            changes = ledger.record(listing(number))
            assert not changes.gone
            assert not changes.unresolved

    def test_another_part_of_the_same_listing_does_not_confirm_it(self) -> None:
        """Recorded page by page: one moment, one source, and so one listing, however often it lacks her."""
        ledger = new_ledger(
            listing(1, sent(ada(), 0), sent(bo(), 0)), listing(2, sent(bo(), 0)), listing(2, sent(OTHER, 1))
        )

        assert status(ledger) is ik.Status.PENDING
        assert status(ledger, bo()) is ik.Status.PENDING
        assert not only(ledger, bo()).unresolved

        ledger.record(listing(3, sent(OTHER, 1)))

        assert status(ledger) is ik.Status.GONE
        assert status(ledger, bo()) is ik.Status.PENDING

    def test_a_clock_that_was_set_back_makes_nothing_disappear(self) -> None:
        """Two listings that lack her claim to be older than the one that shows her: they settle nothing."""
        ledger = new_ledger(listing(1, sent(ada())), listing(1 - 1 / 12), listing(1 - 1 / 24))
        assert status(ledger) is ik.Status.PENDING

        ledger.record(listing(1.1))
        ledger.record(listing(1.2))

        assert status(ledger) is ik.Status.GONE

    def test_nobody_leaves_because_the_list_names_people_in_another_way(self) -> None:
        """An export knows her by her slug, a vendor by an id of his own: perhaps his list holds her."""
        ledger = new_ledger(export(1, logged(ada(), 0)))
        stranger = sent(ik.Member(provider_id="prov-1"), 0)

        for number in (2, 3, 4):
            changes = ledger.record(listing(number, stranger, source="vendor"))
            assert not changes.gone
            assert not changes.unresolved
            assert "cannot-compare" in changes.notices.by("code")

        assert status(ledger) is ik.Status.PRESUMED_PENDING

    def test_a_name_is_no_help_in_that(self) -> None:
        """Names are spelled in many ways; that they differ proves nothing either."""
        ledger = new_ledger(export(1, logged(ik.Member(name="Ada Example, PhD"), 0)))

        for number in (2, 3):
            ledger.record(listing(number, sent(ada(name="Ada Example"), 0)))

        presumed = ledger.history().by("status")[ik.Status.PRESUMED_PENDING]
        assert [one.name for one in presumed] == ["Ada Example, PhD"]

    @pytest.mark.parametrize("number", [-0.5, 0.5])
    def test_unless_it_was_sent_at_another_time(self, number: float) -> None:
        """No invitation in that list can be hers: she was invited when nobody in it was."""
        ledger = new_ledger(export(1, logged(ada(), 0)))
        stranger = sent(ik.Member(provider_id="prov-1"), number)

        ledger.record(listing(2, stranger, source="vendor"))
        ledger.record(listing(3, stranger, source="vendor"))

        assert status(ledger) is ik.Status.GONE

    def test_or_the_service_itself_has_listed_her_under_another_id(self) -> None:
        """Its own ids tell its invitations apart, whatever else it knows of people."""
        by_slug, by_provider = sent(ada(), 0, id="1"), sent(ik.Member(provider_id="prov-1"), 0, id="2")
        ledger = new_ledger(listing(1, by_slug, by_provider), listing(2, by_provider), listing(3, by_provider))

        assert status(ledger) is ik.Status.GONE


class TestComingBack:
    def test_what_a_listing_shows_is_pending_whatever_was_concluded(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())), listing(2), listing(3))

        changes = ledger.record(listing(4, sent(ada())))

        assert [one.status for one in changes.reopened] == [ik.Status.PENDING]
        assert "listed-again" in changes.notices.by("code")
        assert [event.kind for event in only(ledger).events] == [Kind.FIRST_SEEN, Kind.GONE, Kind.REOPENED]

    def test_an_export_that_shows_it_is_no_reason(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())), listing(2), listing(3))

        assert not ledger.record(export(4, logged(ada(), 0))).reopened
        assert status(ledger) is ik.Status.GONE

    def test_a_listing_from_before_somebody_looked_is_no_reason(self) -> None:
        """Listed on the first, missed on the ninth: that it was still there on the fifth contradicts nothing."""
        ledger = new_ledger(listing(1, sent(ada())), clock=Clock(day(9)))
        ledger.record([outcome(sent(ada()), ik.Result.ALREADY_GONE)])

        for number in (1, 5):
            assert not ledger.record(listing(number, sent(ada()))).reopened

        assert status(ledger) is ik.Status.GONE

    def test_a_listing_from_before_is_no_reason(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())), listing(4), listing(5))

        assert not ledger.record(listing(2, sent(ada()))).reopened
        assert status(ledger) is ik.Status.GONE

    def test_it_takes_two_more_listings_to_be_gone_again(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())), listing(2), listing(3), listing(4, sent(ada())), listing(5))
        assert status(ledger) is ik.Status.PENDING

        ledger.record(listing(6))

        assert status(ledger) is ik.Status.GONE
        assert span(only(ledger).known_at) == (4, 5)

    def test_the_story_keeps_both_ends(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())), listing(2), listing(3), listing(4, sent(ada())))

        gone = only(ledger).events[1]
        assert (gone.kind, span(gone.happened)) == (Kind.GONE, (1, 2))


class TestSomebodyLooked:
    """A worklist comes back: its reader has opened that one profile."""

    @pytest.mark.parametrize(("result", "why"), [(ik.Result.ALREADY_GONE, ""), (ik.Result.SKIPPED, "not-listed")])
    def test_one_look_at_that_person_is_enough(self, result: ik.Result, why: str) -> None:
        ledger = new_ledger(listing(1, sent(ada())))

        changes = ledger.record([outcome(sent(ada()), result, why=why, at=day(3))])

        assert [one.member for one in changes.gone] == [ada()]
        assert only(ledger).invitation.evidence is Evidence.REPORTED

    def test_it_is_enough_for_what_an_export_presumed(self) -> None:
        ledger = new_ledger(export(1, logged(ada(), 0)))

        ledger.record([outcome(logged(ada(), 0), ik.Result.ALREADY_GONE, at=day(3))])

        assert status(ledger) is ik.Status.GONE

    def test_a_service_that_says_so_with_a_cause_is_believed(self) -> None:
        from invitekit.model import Cause, Interval

        ledger = new_ledger(listing(1, sent(ada())))
        expired = sent(
            ada(),
            status=ik.Status.GONE,
            evidence=Evidence.LISTED,
            cause=Cause.EXPIRED,
            as_of=day(9),
            known_at=Interval.at(day(8)),
        )

        changes = ledger.record(listing(9, expired))

        assert len(changes.gone) == 1
        assert only(ledger).invitation.cause is Cause.EXPIRED
        assert span(only(ledger).known_at) == (8, 8)

    def test_a_cause_that_comes_to_light_later_is_added(self) -> None:
        from invitekit.model import Cause

        ledger = new_ledger(listing(1, sent(ada())), listing(2), listing(3))
        ignored = sent(ada(), status=ik.Status.GONE, evidence=Evidence.LISTED, cause=Cause.IGNORED, as_of=day(9))

        ledger.record(listing(9, ignored))

        assert only(ledger).invitation.cause is Cause.IGNORED


def test_a_connection_wins_over_an_absence_in_the_same_listing() -> None:
    """The second listing lacks it and shows why: she is a connection now."""
    ledger = new_ledger(listing(1, sent(ada())), listing(2))

    changes = ledger.record(listing(3, connections=[connected(ada(), 2)]))

    assert len(changes.accepted) == 1
    assert not changes.gone

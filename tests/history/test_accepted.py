"""First seen, sent, and accepted: what a snapshot shows, and between when and when it happened."""

from __future__ import annotations

import pytest
from tests.history.builders import (
    DAY,
    ada,
    bo,
    connected,
    day,
    export,
    listing,
    logged,
    new_ledger,
    only,
    sent,
    span,
)

import invitekit as ik
from invitekit.history import Kind
from invitekit.model import Evidence, Interval


def kinds(ledger: ik.SqliteLedger) -> list[Kind]:
    return [event.kind for event in only(ledger).events]


class TestSeenForTheFirstTime:
    def test_at_the_first_look_nobody_can_say_that_it_is_new(self) -> None:
        ledger = new_ledger()

        changes = ledger.record(listing(5, sent(ada())))

        assert [one.member for one in changes.new] == [ada()]
        assert not changes.sent
        assert kinds(ledger) == [Kind.FIRST_SEEN]

    def test_what_was_sent_after_the_last_look_was_sent_meanwhile(self) -> None:
        ledger = new_ledger(listing(5, sent(ada())))

        changes = ledger.record(listing(8, sent(ada()), sent(bo(), 7)))

        assert [one.member for one in changes.new] == [one.member for one in changes.sent] == [bo()]
        assert [event.kind for event in only(ledger, bo()).events] == [Kind.SENT]

    def test_what_was_sent_before_the_last_look_and_was_not_in_it_is_only_seen(self) -> None:
        """A partial list showed some, and now there are more: they are new to the ledger, not newly sent."""
        ledger = new_ledger(listing(5, sent(ada()), completeness=ik.Completeness.PARTIAL))

        changes = ledger.record(listing(8, sent(ada()), sent(bo(), 4)))

        assert [one.member for one in changes.new] == [bo()]
        assert not changes.sent

    def test_a_time_of_sending_that_may_lie_on_either_side_proves_nothing(self) -> None:
        ledger = new_ledger(listing(5))

        changes = ledger.record(listing(8, sent(ada(), at=ik.SentAt(day(4), day(6)))))

        assert [one.member for one in changes.new] == [ada()]
        assert not changes.sent

    def test_it_keeps_when_it_was_first_and_last_seen(self) -> None:
        ledger = new_ledger(*(listing(number, sent(ada())) for number in (2, 5, 9)))

        assert (only(ledger).first_seen, only(ledger).last_seen) == (day(2), day(9))

    def test_a_list_that_shows_it_promotes_what_an_export_presumed(self) -> None:
        ledger = new_ledger(export(2, logged(ada(), 0)))

        changes = ledger.record(listing(5, sent(ada(), 0)))

        assert not changes.new
        assert [one.status for one in changes.confirmed] == [ik.Status.PENDING]
        assert not changes.reopened
        assert only(ledger).invitation.evidence is Evidence.LISTED

    def test_what_others_sent_is_remembered_as_well(self) -> None:
        received = sent(bo(), 3, direction=ik.Direction.RECEIVED)
        ledger = new_ledger(listing(5, sent(ada()), received))

        assert only(ledger, bo()).invitation.direction is ik.Direction.RECEIVED

    def test_what_nobody_can_say_stays_unknown(self) -> None:
        ledger = new_ledger(listing(5, sent(ada(), at=ik.SentAt.unknown())))

        invitation = only(ledger).invitation
        assert not invitation.sent_at.is_known
        assert invitation.note is invitation.mutual_connections is invitation.company is ik.UNKNOWN


class TestAccepted:
    def test_only_who_is_a_connection_has_accepted(self) -> None:
        """It left the list for good, and nobody is connected: that is not an acceptance."""
        ledger = new_ledger(listing(1, sent(ada())), listing(2), listing(3), listing(4))

        assert only(ledger).status is ik.Status.GONE

    def test_by_an_export_on_the_day_that_it_gives(self) -> None:
        ledger = new_ledger(export(10, logged(ada(), 0)))

        changes = ledger.record(export(40, logged(ada(), 0), connections=[connected(ada(), 20)]))

        assert [one.status for one in changes.accepted] == [ik.Status.ACCEPTED]
        timeline = only(ledger)
        assert timeline.invitation.evidence is Evidence.CONNECTED
        assert timeline.known_at == Interval.day(day(20).date())
        assert timeline.events[-1].known_at == day(40)

    def test_between_the_list_that_shows_it_and_the_look_that_finds_the_connection(self) -> None:
        """The source does not say when they connected; the ledger knows when not yet, and when at last."""
        unknown = ik.Connection(member=ada(), connected_at=Interval.unknown())
        ledger = new_ledger(listing(1, sent(ada())), listing(4, sent(ada())), listing(9, connections=[unknown]))

        assert span(only(ledger).known_at) == (4, 9)

    def test_both_bounds_are_used_the_day_and_what_was_listed(self) -> None:
        """Listed on the fourth at noon and connected on the fourth: so it was the afternoon."""
        ledger = new_ledger(listing(4, sent(ada())), listing(5, connections=[connected(ada(), 4)]))

        known = only(ledger).known_at
        assert known.earliest == day(4)
        assert known.latest == Interval.day(day(4).date()).latest

    def test_the_day_is_cut_at_the_sending(self) -> None:
        """Sent at noon and accepted that day: not in the morning."""
        ledger = new_ledger(listing(0.1, sent(ada())), export(3, connections=[connected(ada(), 0)]))

        assert only(ledger).known_at.earliest == day(0.1)

    def test_the_day_is_cut_at_the_look(self) -> None:
        """An export of that noon cannot tell of the afternoon."""
        ledger = new_ledger(
            listing(1, sent(ada())), export(5, logged(ada(), 0), connections=[connected(ada(), 5)])
        )

        assert only(ledger).known_at.latest == day(5)

    def test_to_the_instant_where_a_service_gives_one(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())), listing(9, connections=[connected(ada(), 3.25, exact=True)]))

        assert only(ledger).known_at == Interval.at(day(3.25))

    def test_who_is_a_connection_has_accepted_although_a_list_lags(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())))

        changes = ledger.record(listing(5, sent(ada()), connections=[connected(ada(), 3)]))

        assert len(changes.accepted) == 1
        assert only(ledger).status is ik.Status.ACCEPTED
        assert "still-listed" in changes.notices.by("code")

    def test_what_a_lagging_list_shows_cannot_move_the_day_of_connecting(self) -> None:
        """Listed on the fifth, connected on the third: the list was late, the connection stands."""
        ledger = new_ledger(listing(5, sent(ada())), listing(6, connections=[connected(ada(), 3)]))

        assert only(ledger).known_at == Interval.day(day(3).date())

    def test_whoever_was_a_connection_before_it_was_sent_has_not_accepted_it(self) -> None:
        """Connected, parted, invited again: the old connection answers nothing."""
        ledger = new_ledger(listing(20, sent(ada(), 10), connections=[connected(ada(), 3)]))

        assert only(ledger).status is ik.Status.PENDING

    def test_the_connection_may_be_known_before_the_invitation(self) -> None:
        """Connections were read on one day, the log of invitations on the next."""
        ledger = new_ledger(listing(8, connections=[connected(ada(), 5)]))

        changes = ledger.record(export(9, logged(ada(), 2)))

        assert only(ledger).status is ik.Status.ACCEPTED
        assert len(changes.accepted) == 1

    def test_an_invitation_of_theirs_is_accepted_likewise(self) -> None:
        received = sent(ada(), 0, direction=ik.Direction.RECEIVED)
        ledger = new_ledger(listing(1, received), listing(4, connections=[connected(ada(), 3)]))

        assert only(ledger).status is ik.Status.ACCEPTED

    def test_a_display_name_among_the_connections_says_nothing(self) -> None:
        """Somebody of the same name is connected; whether it is she, nobody can tell."""
        ledger = new_ledger(listing(1, sent(ada(name="Ada Example"))))

        changes = ledger.record(listing(5, connections=[connected(ik.Member(name="Ada Example"), 3)]))

        assert not changes.accepted
        assert only(ledger).status is ik.Status.PENDING

    def test_hidden_connections_are_nobody(self) -> None:
        ledger = new_ledger(listing(1, sent(ik.Member(name="Ada Example"), id="7")))

        assert not ledger.record(export(5, connections=[connected(ik.Member(), 3)])).accepted

    def test_a_service_that_lists_it_as_accepted_is_believed(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())))
        accepted = sent(
            ada(),
            status=ik.Status.ACCEPTED,
            evidence=Evidence.LISTED,
            as_of=day(4),
            known_at=Interval.at(day(2)),
        )

        changes = ledger.record(listing(4, accepted))

        assert len(changes.accepted) == 1
        assert only(ledger).known_at == Interval.at(day(2))

    def test_one_connection_answers_one_invitation(self) -> None:
        """The first was withdrawn elsewhere, the second sent and accepted on one day: one acceptance, not two."""
        ledger = new_ledger(
            listing(20, sent(ada(), 0)),
            listing(31, sent(ada(), 30)),
            listing(40, connections=[connected(ada(), 30)]),
        )

        assert [one.status for one in ledger.history()] == [ik.Status.GONE, ik.Status.ACCEPTED]

    def test_a_better_time_narrows_what_was_known_roughly(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())), listing(9, connections=[connected(ada(), 5)]))
        exact = sent(
            ada(),
            status=ik.Status.ACCEPTED,
            evidence=Evidence.LISTED,
            as_of=day(12),
            known_at=Interval.at(day(5.25)),
        )

        ledger.record(listing(12, exact))

        assert only(ledger).known_at == Interval.at(day(5.25))


class TestFoundAfterItWasTakenForGone:
    def test_an_acceptance_that_comes_to_light_late_takes_the_conclusion_back(self) -> None:
        """Nothing but the list was read for days; then an export shows that she had accepted when it vanished."""
        ledger = new_ledger(listing(1, sent(ada())), listing(4), listing(5))
        assert only(ledger).status is ik.Status.GONE

        changes = ledger.record(export(30, logged(ada(), 0), connections=[connected(ada(), 2)]))

        assert len(changes.accepted) == 1
        timeline = only(ledger)
        assert timeline.status is ik.Status.ACCEPTED
        assert [event.kind for event in timeline.events][:3] == [Kind.FIRST_SEEN, Kind.GONE, Kind.ACCEPTED]

    def test_the_interval_is_both_when_it_vanished_and_when_they_connected(self) -> None:
        unknown = ik.Connection(member=ada(), connected_at=Interval.unknown())
        ledger = new_ledger(listing(1, sent(ada())), listing(4), listing(5), listing(30, connections=[unknown]))

        assert span(only(ledger).known_at) == (1, 4)

    @pytest.mark.parametrize("after", [5, 20])
    def test_a_connection_made_after_it_had_vanished_is_another_story(self, after: int) -> None:
        """It was gone by the fourth; what connected them later was not that invitation."""
        ledger = new_ledger(listing(1, sent(ada())), listing(4), listing(4.5))

        changes = ledger.record(listing(30, connections=[connected(ada(), after)]))

        assert not changes.accepted
        assert only(ledger).status is ik.Status.GONE

    def test_it_stays_gone_as_of_then(self) -> None:
        """What was believed in between can still be looked up."""
        ledger = new_ledger(
            listing(1, sent(ada())), listing(4), listing(5), listing(30, connections=[connected(ada(), 2)])
        )

        assert only(ledger, at=day(29)).status is ik.Status.GONE
        assert only(ledger, at=day(30)).status is ik.Status.ACCEPTED
        assert only(ledger, at=day(4)).status is ik.Status.PENDING


def test_last_seen_ends_with_the_invitation() -> None:
    """Looks taken after it was accepted do not show it open, however little they say."""
    ledger = new_ledger(
        listing(1, sent(ada())),
        listing(3, sent(ada())),
        listing(5, connections=[connected(ada(), 4)]),
        listing(9),
        listing(12),
    )

    assert only(ledger).last_seen == day(3)
    assert only(ledger).last_seen - only(ledger).first_seen == 2 * DAY

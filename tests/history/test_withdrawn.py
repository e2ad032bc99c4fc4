"""Withdrawn: by whose word, when, what a lagging list does to it, and what may follow."""

from __future__ import annotations

from datetime import timedelta

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
    sent,
    span,
)

import invitekit as ik
from invitekit.errors import DataError
from invitekit.history import Kind
from invitekit.model import COOL_DOWN, Cause, Evidence, Interval

OTHER = ik.Member(slug="other-example-3")


def statuses(ledger: ik.SqliteLedger, who: ik.Member | None = None) -> list[ik.Status]:
    return [one.status for one in ledger.history(who)]


class TestResultsOfAWorklist:
    def test_withdrawn_at_the_time_that_was_written_down(self) -> None:
        ledger = new_ledger(export(1, logged(ada(), 0)))

        changes = ledger.record([outcome(logged(ada(), 0), at=day(3.5))])

        assert [one.member for one in changes.withdrawn] == [ada()]
        timeline = only(ledger)
        assert (timeline.status, timeline.invitation.evidence) == (ik.Status.WITHDRAWN, Evidence.REPORTED)
        assert timeline.known_at == Interval.at(day(3.5))

    def test_without_a_time_between_the_last_look_and_the_recording(self) -> None:
        clock = Clock(day(9))
        ledger = new_ledger(listing(1, sent(ada())), listing(4, sent(ada())), clock=clock)

        ledger.record([outcome(sent(ada()))])

        assert span(only(ledger).known_at) == (4, 9)

    def test_the_time_of_the_recording_may_be_given(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())))

        ledger.record([outcome(sent(ada()))], at=day(2))

        assert span(only(ledger).known_at) == (1, 2)

    def test_what_had_left_the_list_before_was_withdrawn_when_it_left(self) -> None:
        """Two listings said gone; then somebody remembers. It cannot have happened after it was missing."""
        ledger = new_ledger(listing(1, sent(ada())), listing(3), listing(5), listing(9))

        ledger.record([outcome(sent(ada()))])

        assert statuses(ledger) == [ik.Status.WITHDRAWN]
        assert span(only(ledger).known_at) == (1, 3)

    def test_a_time_that_is_told_later_narrows_it(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())))
        ledger.record([outcome(sent(ada()))])

        ledger.record([outcome(sent(ada()), at=day(2))])

        assert only(ledger).known_at == Interval.at(day(2))

    @pytest.mark.parametrize(
        ("result", "why", "evidence", "since"),
        [
            (ik.Result.WITHDRAWN, "", Evidence.NOT_CONNECTED, 5),
            (ik.Result.ALREADY_GONE, "", Evidence.NOT_CONNECTED, 0),
            (ik.Result.SKIPPED, "not-listed", Evidence.NOT_CONNECTED, 0),
            (ik.Result.SKIPPED, "accepted", Evidence.NOT_CONNECTED, 5),
            (ik.Result.SKIPPED, "accepted", Evidence.NO_CONNECTIONS, 0),
        ],
    )
    def test_since_when_an_export_cannot_always_say(
        self, result: ik.Result, why: str, evidence: Evidence, since: int
    ) -> None:
        """It shows what was sent, pending or not; that it was not accepted only if it has connections."""
        row = logged(ada(), 0, evidence=evidence)
        ledger = new_ledger(export(5, row))

        ledger.record([outcome(row, result, why=why)], at=day(9))

        assert span(only(ledger).known_at) == (since, 9)

    def test_found_by_the_time_that_was_written_down(self) -> None:
        """Whoever found it missing on the seventh does not say that it vanished on the seventh."""
        ledger = new_ledger(listing(1, sent(ada())))

        ledger.record([outcome(sent(ada()), ik.Result.ALREADY_GONE, at=day(7))])

        assert span(only(ledger).known_at) == (1, 7)

    def test_accepted_on_the_word_of_whoever_looked(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())))

        changes = ledger.record([outcome(sent(ada()), ik.Result.SKIPPED, why="accepted", at=day(3))])

        assert len(changes.accepted) == 1
        assert only(ledger).invitation.evidence is Evidence.REPORTED

    @pytest.mark.parametrize(
        ("result", "why"),
        [
            (ik.Result.NOT_REACHED, ""),
            (ik.Result.REFUSED, ""),
            (ik.Result.UNKNOWN, ""),
            (ik.Result.SKIPPED, ""),
            (ik.Result.SKIPPED, "not-matched"),
        ],
    )
    def test_what_says_nothing_about_the_invitation_changes_nothing(self, result: ik.Result, why: str) -> None:
        ledger = new_ledger(listing(1, sent(ada())))

        changes = ledger.record([outcome(sent(ada()), result, why=why, at=day(3))])

        assert not changes
        assert not changes.set_aside
        assert statuses(ledger) == [ik.Status.PENDING]

    def test_recording_it_twice_adds_nothing(self) -> None:
        results = [
            outcome(sent(ada()), at=day(3)),
            outcome(sent(bo()), ik.Result.ALREADY_GONE),
            outcome(sent(OTHER), ik.Result.SKIPPED, why="accepted"),
        ]
        clock = Clock(day(9))
        ledger = new_ledger(listing(1, sent(ada()), sent(bo()), sent(OTHER)), clock=clock)
        assert ledger.record(results).entries == 3
        before = list(ledger.entries())

        clock.now = day(12)  # The file is read again some days later.
        changes = ledger.record(results)

        assert not changes
        assert list(ledger.entries()) == before

    def test_an_id_that_nobody_knows_is_set_aside(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())))

        changes = ledger.record([outcome("77", member=bo())])

        assert not changes
        (finding,) = changes.set_aside
        assert (finding.code, finding.about) == ("not-in-ledger", "77")

    def test_a_known_person_is_found_without_the_id(self) -> None:
        """The worklist came from an export, the ledger knows the service's ids."""
        ledger = new_ledger(listing(1, sent(ada(), id="77")))

        ledger.record([outcome("x-whatever", member=ada(), at=day(3))])

        assert statuses(ledger) == [ik.Status.WITHDRAWN]

    def test_a_name_finds_nobody(self) -> None:
        ledger = new_ledger(listing(1, sent(ada(name="Ada Example"), id="77")))

        changes = ledger.record([outcome("x-whatever", member=ik.Member(name="Ada Example"))])

        assert [one.code for one in changes.set_aside] == ["not-in-ledger"]

    def test_withdrawing_somebody_who_had_accepted_is_noticed_and_believed_of_neither(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())), listing(4, connections=[connected(ada(), 3)]))

        changes = ledger.record([outcome(sent(ada()), at=day(5))])

        assert "accepted-and-withdrawn" in changes.notices.by("code")
        assert statuses(ledger) == [ik.Status.ACCEPTED]

    def test_what_is_no_outcome_is_refused_and_nothing_is_recorded(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())))
        before = list(ledger.entries())

        with pytest.raises(DataError, match="a ledger records a Snapshot or outcomes"):
            ledger.record([outcome(sent(ada())), "withdrawn"])  # type: ignore[list-item]

        assert list(ledger.entries()) == before

    def test_before_any_snapshot_everything_is_set_aside(self) -> None:
        ledger = new_ledger()

        changes = ledger.record([outcome(sent(ada()))])

        assert [one.code for one in changes.set_aside] == ["not-in-ledger"]
        assert list(ledger.entries()) == []


class TestALaggingList:
    def withdrawn(self) -> ik.SqliteLedger:
        ledger = new_ledger(listing(1, sent(ada())), clock=Clock(day(2)))
        ledger.record([outcome(sent(ada()), at=day(2))])
        return ledger

    def test_that_still_shows_it_once_is_late(self) -> None:
        ledger = self.withdrawn()

        changes = ledger.record(listing(2.1, sent(ada())))

        assert "still-listed" in changes.notices.by("code")
        assert not changes.reopened
        assert statuses(ledger) == [ik.Status.WITHDRAWN]

    def test_a_second_complete_one_is_evidence_that_it_was_not_done(self) -> None:
        ledger = self.withdrawn()
        ledger.record(listing(2.1, sent(ada())))

        changes = ledger.record(listing(3, sent(ada())))

        assert [one.member for one in changes.reopened] == [ada()]
        assert statuses(ledger) == [ik.Status.PENDING]

    def test_after_that_the_same_word_does_not_count_again(self) -> None:
        """The worklist is read once more: it says nothing that two listings since then have not refuted."""
        ledger = self.withdrawn()
        ledger.record(listing(2.1, sent(ada())))
        ledger.record(listing(3, sent(ada())))

        changes = ledger.record([outcome(sent(ada()), at=day(2))])

        assert not changes
        assert "still-listed" in changes.notices.by("code")
        assert statuses(ledger) == [ik.Status.PENDING]

    def test_the_same_one_twice_is_not_a_second(self) -> None:
        ledger = self.withdrawn()
        late = listing(2.1, sent(ada()))
        ledger.record(late)

        assert not ledger.record(late)
        assert statuses(ledger) == [ik.Status.WITHDRAWN]

    def test_partial_ones_are_not_enough(self) -> None:
        ledger = self.withdrawn()

        for number in (2.1, 2.2, 2.3):
            ledger.record(listing(number, sent(ada()), completeness=ik.Completeness.PARTIAL))

        assert statuses(ledger) == [ik.Status.WITHDRAWN]

    def test_an_export_goes_on_showing_it_for_half_a_year(self) -> None:
        ledger = self.withdrawn()

        for number in range(10, 100, 30):
            assert not ledger.record(export(number, logged(ada(), 0))).notices

        assert statuses(ledger) == [ik.Status.WITHDRAWN]

    def test_a_listing_from_before_the_withdrawal_is_not_late(self) -> None:
        """Taken before, recorded after: of course it shows it."""
        ledger = self.withdrawn()

        changes = ledger.record(listing(1.5, sent(ada())))
        ledger.record(listing(1.7, sent(ada())))

        assert not changes.notices
        assert statuses(ledger) == [ik.Status.WITHDRAWN]

    def test_nor_is_one_from_when_it_may_not_have_happened_yet(self) -> None:
        """Withdrawn at some time until the tenth: that it was there on the fifth contradicts nothing."""
        ledger = new_ledger(listing(1, sent(ada())), clock=Clock(day(10)))
        ledger.record([outcome(sent(ada()))])

        for number in (5, 6):
            assert not ledger.record(listing(number, sent(ada()))).notices

        assert statuses(ledger) == [ik.Status.WITHDRAWN]


class TestInvitedAgain:
    def again(self) -> ik.SqliteLedger:
        ledger = new_ledger(listing(1, sent(ada(), 0)), clock=Clock(day(2)))
        ledger.record([outcome(sent(ada(), 0), at=day(2))])
        ledger.record(listing(30, sent(ada(), 29)))
        return ledger

    def test_it_is_a_new_invitation(self) -> None:
        ledger = self.again()

        assert statuses(ledger, ada()) == [ik.Status.WITHDRAWN, ik.Status.PENDING]
        assert [event.kind for event in ledger.history(ada())[1].events] == [Kind.SENT]

    def test_the_first_keeps_its_own_story(self) -> None:
        first = self.again().history(ada())[0]

        assert [event.kind for event in first.events] == [Kind.FIRST_SEEN, Kind.WITHDRAWN]
        assert first.known_at == Interval.at(day(2))

    def test_an_acceptance_is_that_of_the_second(self) -> None:
        ledger = self.again()

        ledger.record(export(40, logged(ada(), 0), logged(ada(), 29), connections=[connected(ada(), 35)]))

        assert statuses(ledger, ada()) == [ik.Status.WITHDRAWN, ik.Status.ACCEPTED]

    def test_an_export_of_both_finds_each_its_own(self) -> None:
        ledger = self.again()

        changes = ledger.record(export(40, logged(ada(), 0), logged(ada(), 29)))

        assert not changes.new
        assert len(ledger.history()) == 2

    def test_the_rule_knows_that_there_was_a_withdrawal(self) -> None:
        ledger = self.again()

        found = ik.rules.withdrawn_before().truths(
            ledger.snapshot().open_sent, now=day(31), context=ledger.context()
        )

        assert found == [ik.Truth.TRUE]


class TestSuperseded:
    def test_a_later_invitation_ends_one_that_was_still_open(self) -> None:
        """Nobody can have two pending to one person: the first must have been withdrawn elsewhere, or declined."""
        ledger = new_ledger(export(1, logged(ada(), 0)))

        changes = ledger.record(export(40, logged(ada(), 0), logged(ada(), 30)))

        assert statuses(ledger, ada()) == [ik.Status.GONE, ik.Status.PRESUMED_PENDING]
        assert changes.gone[0].evidence is Evidence.SUPERSEDED
        assert len(changes.new) == 1

    @pytest.mark.parametrize("reverse", [False, True])
    def test_in_whatever_order_one_export_has_them(self, reverse: bool) -> None:
        rows = [logged(ada(), 0), logged(ada(), 30)]
        ledger = new_ledger(export(40, *(reversed(rows) if reverse else rows)))

        by_day = ledger.history(ada()).sort("sent_at")
        assert [one.status for one in by_day] == [ik.Status.GONE, ik.Status.PRESUMED_PENDING]

    def test_it_ended_before_the_second_was_sent(self) -> None:
        ledger = new_ledger(listing(20, sent(ada(), 0)), listing(31, sent(ada(), 30)))

        assert span(ledger.history(ada())[0].known_at) == (20, 30)

    def test_a_list_that_lags_and_shows_both_revives_nothing(self) -> None:
        both = (sent(ada(), 0), sent(ada(), 30))
        ledger = new_ledger(listing(20, sent(ada(), 0)), listing(31, *both))

        changes = ledger.record(listing(32, *both))

        assert "still-listed" in changes.notices.by("code")
        assert statuses(ledger, ada()) == [ik.Status.GONE, ik.Status.PENDING]

    def test_a_first_one_that_comes_to_light_late_is_over_as_well(self) -> None:
        ledger = new_ledger(listing(40, sent(ada(), 30)))

        ledger.record(export(10, logged(ada(), 0)))

        by_day = ledger.history(ada()).sort("sent_at")
        assert [one.status for one in by_day] == [ik.Status.GONE, ik.Status.PENDING]
        assert only(ledger, at=day(10)).status is ik.Status.PRESUMED_PENDING

    def test_theirs_does_not_end_ours(self) -> None:
        ledger = new_ledger(listing(1, sent(ada(), 0)))

        ledger.record(listing(5, sent(ada(), 0), sent(ada(), 4, direction=ik.Direction.RECEIVED, id="r")))

        assert set(statuses(ledger, ada())) == {ik.Status.PENDING}

    def test_an_acceptance_is_taken_back_when_a_later_invitation_comes_to_light(self) -> None:
        """She was invited again and accepted before anybody looked: the connection seemed to answer the first."""
        ledger = new_ledger(
            listing(1, sent(ada(), 0)), listing(40, sent(ada(), 0), connections=[connected(ada(), 35)])
        )
        assert statuses(ledger) == [ik.Status.ACCEPTED]

        changes = ledger.record(export(50, logged(ada(), 30), connections=[connected(ada(), 35)]))

        assert [one.evidence for one in changes.gone] == [Evidence.SUPERSEDED]
        assert statuses(ledger) == [ik.Status.GONE, ik.Status.ACCEPTED]

    @pytest.mark.parametrize("reverse", [False, True])
    def test_a_connection_answers_the_last_invitation_only(self, reverse: bool) -> None:
        """An export compares slugs, and so calls both accepted; she can have accepted one."""
        rows = [logged(ada(), 0), logged(ada(), 30)]
        ledger = new_ledger()

        changes = ledger.record(
            export(50, *(reversed(rows) if reverse else rows), connections=[connected(ada(), 35)])
        )

        assert len(changes.accepted) == 1
        by_day = ledger.history(ada()).sort("sent_at")
        assert [one.status for one in by_day] == [ik.Status.GONE, ik.Status.ACCEPTED]

    def test_a_connection_of_before_the_second_was_the_answer_to_the_first(self) -> None:
        """Accepted, parted, invited again: the connection is older than the second invitation."""
        ledger = new_ledger(export(50, logged(ada(), 0), logged(ada(), 30), connections=[connected(ada(), 5)]))

        assert ledger.history(ada()).sort("sent_at")[0].status is ik.Status.ACCEPTED

    def test_somebody_accepted_the_second_not_the_first(self) -> None:
        ledger = new_ledger(
            listing(20, sent(ada(), 0)),
            listing(31, sent(ada(), 30)),
            export(40, logged(ada(), 30), connections=[connected(ada(), 33)]),
        )

        assert statuses(ledger, ada()) == [ik.Status.GONE, ik.Status.ACCEPTED]


class TestMayInvite:
    def test_whoever_is_unknown_is_free(self) -> None:
        answer = new_ledger(listing(1)).may_invite(ada(), day(2))

        assert answer
        assert (answer.answer, answer.why, answer.not_before) == (ik.Truth.TRUE, "free", ik.UNKNOWN)

    def test_not_while_one_is_pending(self) -> None:
        assert new_ledger(listing(1, sent(ada()))).may_invite(ada(), day(2)).why == "pending"

    def test_perhaps_while_one_is_presumed(self) -> None:
        answer = new_ledger(export(1, logged(ada(), 0))).may_invite(ada(), day(2))

        assert not answer
        assert (answer.answer, answer.why) == (ik.Truth.UNKNOWN, "perhaps-pending")

    def test_not_a_connection_invited_or_not(self) -> None:
        ledger = new_ledger(
            listing(1, sent(ada())), listing(5, connections=[connected(ada(), 3), connected(bo(), 4)])
        )

        assert [ledger.may_invite(who, day(9)).why for who in (ada(), bo())] == ["connected", "connected"]

    def test_three_weeks_after_a_withdrawal(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())), clock=Clock(day(2)))
        ledger.record([outcome(sent(ada()), at=day(2))])
        free = day(2) + COOL_DOWN

        during, after = (ledger.may_invite(ada(), free + timedelta(hours=hours)) for hours in (-1, 0))

        assert (during.answer, during.why, during.not_before) == (ik.Truth.FALSE, "cool-down", free)
        assert "three weeks" in str(during)
        assert after

    def test_a_withdrawal_at_an_unknown_time_makes_a_window_that_nobody_knows(self) -> None:
        """Withdrawn between the first and the tenth: three weeks from the first surely, from the tenth perhaps."""
        ledger = new_ledger(listing(1, sent(ada())), clock=Clock(day(10)))
        ledger.record([outcome(sent(ada()))])

        answers = [ledger.may_invite(ada(), day(number) + COOL_DOWN).why for number in (0.9, 1.1, 9.9, 10)]

        assert answers == ["cool-down", "perhaps-cool-down", "perhaps-cool-down", "free"]
        assert ledger.may_invite(ada(), day(5) + COOL_DOWN).not_before == day(10) + COOL_DOWN

    def test_the_last_withdrawal_counts(self) -> None:
        ledger = new_ledger(listing(1, sent(ada(), 0)), clock=Clock(day(41)))
        ledger.record([outcome(sent(ada(), 0), at=day(2))], at=day(2))
        ledger.record(listing(30, sent(ada(), 29)))
        ledger.record([outcome(sent(ada(), 29), at=day(40))])

        assert ledger.may_invite(ada(), day(35)).why == "pending"
        assert ledger.may_invite(ada(), day(50)).not_before == day(40) + COOL_DOWN

    def test_one_withdrawn_elsewhere_on_the_word_of_the_service_counts_as_well(self) -> None:
        elsewhere = sent(
            ada(),
            status=ik.Status.GONE,
            evidence=Evidence.LISTED,
            cause=Cause.WITHDRAWN_ELSEWHERE,
            as_of=day(5),
            known_at=Interval.at(day(4)),
        )
        ledger = new_ledger(listing(1, sent(ada())), listing(5, elsewhere))

        assert ledger.may_invite(ada(), day(6)).not_before == day(4) + COOL_DOWN

    def test_found_by_any_of_their_identifiers(self) -> None:
        ledger = new_ledger(listing(1, sent(ada(urn="urn:li:member:1"))))

        assert ledger.may_invite(ik.Member(urn="urn:li:member:1"), day(2)).why == "pending"

    def test_a_slug_that_somebody_else_has_taken_over_is_somebody_else(self) -> None:
        ledger = new_ledger(listing(1, sent(ada(urn="urn:li:member:1"))))

        assert ledger.may_invite(ada(urn="urn:li:member:2"), day(2)).why == "free"

    def test_without_a_moment_it_asks_the_clock(self) -> None:
        clock = Clock(day(3))
        ledger = new_ledger(listing(1, sent(ada())), clock=clock)
        ledger.record([outcome(sent(ada()), at=day(2))])
        assert not ledger.may_invite(ada())

        clock.now = day(60)

        assert ledger.may_invite(ada())

    def test_it_reads_as_a_sentence(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())))

        assert str(ledger.may_invite(ada(), day(2))) == "no: an invitation to them is pending"
        assert "answer" in dict(ledger.may_invite(ada(), day(2)).__rich_repr__())

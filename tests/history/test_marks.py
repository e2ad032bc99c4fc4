"""Tags and keep-marks, refusals and counts, and several accounts in one ledger."""

from __future__ import annotations

import pytest
from tests.history.builders import (
    OWNER,
    Clock,
    ada,
    bo,
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

SECOND = ik.Member(name="Second Example", slug="second-example-78")


class TestTagsAndKeepMarks:
    def test_with_who_when_and_why(self) -> None:
        clock = Clock(day(3))
        ledger = new_ledger(listing(1, sent(ada())), clock=clock)

        ledger.tag(ada(), "client", by="Olu", why="signed in May")
        clock.now = day(4)
        ledger.keep("ada-example-77", by="Olu")

        keep, tag = ledger.marks()
        assert (tag.member, tag.tag, tag.at, tag.by, tag.why) == (ada(), "client", day(3), "Olu", "signed in May")
        assert (keep.tag, keep.at, keep.by, keep.why) == ("", day(4), "Olu", "")

    def test_they_reach_the_policy(self) -> None:
        ledger = new_ledger(listing(1, sent(ada()), sent(bo())))
        ledger.tag(ada(), "client")
        ledger.keep(bo())

        context = ledger.context()

        tagged = ik.rules.tagged("client").truths(ledger.snapshot().open_sent, now=day(2), context=context)
        assert tagged == [ik.Truth.TRUE, ik.Truth.FALSE]
        assert [one.slug for one in context.kept] == ["bo-example-12"]

    def test_given_twice_is_given_once(self) -> None:
        clock = Clock(day(3))
        ledger = new_ledger(listing(1, sent(ada())), clock=clock)
        ledger.tag(ada(), "client", by="Olu")
        ledger.keep(ada())
        before = list(ledger.entries())

        clock.now = day(5)
        ledger.tag(ada(), "client", by="Olu")
        ledger.tag(ada(), "client")
        ledger.keep(ada())

        assert list(ledger.entries()) == before

    def test_said_by_somebody_else_the_new_word_counts(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())))
        ledger.tag(ada(), "client", by="Olu")

        ledger.tag(ada(), "client", by="Kim", why="their account now")

        (mark,) = ledger.marks()
        assert (mark.by, mark.why) == ("Kim", "their account now")

    def test_the_last_word_counts_whatever_the_clock_says(self) -> None:
        """The clock was set back between the two: the order in the ledger decides, not the time."""
        clock = Clock(day(5))
        ledger = new_ledger(listing(1, sent(ada())), clock=clock)
        ledger.tag(ada(), "client")

        clock.now = day(3)
        ledger.untag(ada(), "client")

        assert not ledger.marks()

    def test_taken_away_what_is_not_there_is_nothing(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())))
        before = list(ledger.entries())

        ledger.untag(ada(), "client")
        ledger.unkeep(ada())

        assert list(ledger.entries()) == before

    def test_they_wait_for_somebody_who_is_not_known_yet(self) -> None:
        ledger = new_ledger(listing(1))

        ledger.tag(ik.Member(urn="urn:li:member:1"), "client")
        ledger.record(listing(101, sent(ada(urn="urn:li:member:1"), 100)))

        assert list(ledger.context().tags["client"]) == [ada(urn="urn:li:member:1")]

    def test_they_are_not_given_to_a_name(self) -> None:
        ledger = new_ledger(listing(1, sent(ada(name="Ada Example"))))

        with pytest.raises(DataError, match="a display name is none"):
            ledger.tag(ik.Member(name="Ada Example"), "client")

    @pytest.mark.parametrize("tag", ["", "  ", "two\nlines", "x" * 101, 7])
    def test_a_tag_is_a_word(self, tag: object) -> None:
        with pytest.raises(DataError, match="expected a tag or a code"):
            new_ledger(listing(1, sent(ada()))).tag(ada(), tag)  # type: ignore[arg-type]

    def test_why_does_not_show_where_marks_print(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())))
        ledger.tag(ada(), "client", why="confided in me")

        assert "confided" not in repr(ledger.marks())
        assert "confided" not in repr(ledger.marks()[0])
        assert ledger.marks()[0].to_record()["why"] == "confided in me"


class TestRefusalsAndCounts:
    def test_what_was_sent_in_a_window(self) -> None:
        crowd = [sent(ik.Member(slug=f"someone-example-{number}"), number) for number in range(10)]
        ledger = new_ledger(listing(20, *crowd))

        counted = ledger.sends(day(3), day(7))

        assert (counted.sure, counted.possible, counted.refused) == (4, 4, 0)
        assert (counted.since, counted.until) == (day(3), day(7))

    def test_what_may_lie_outside_is_not_sure(self) -> None:
        ledger = new_ledger(
            listing(20, sent(ada(), at=ik.SentAt(day(2), day(4))), sent(bo(), at=ik.SentAt.unknown()))
        )

        counted = ledger.sends(day(3), day(7))

        assert (counted.sure, counted.possible) == (0, 2)

    def test_whatever_became_of_them(self) -> None:
        ledger = new_ledger(listing(20, sent(ada(), 3)))
        ledger.record([outcome(sent(ada(), 3))])

        assert ledger.sends(day(0), day(30)).sure == 1

    def test_what_others_sent_does_not_count(self) -> None:
        ledger = new_ledger(listing(20, sent(ada(), 3, direction=ik.Direction.RECEIVED)))

        assert ledger.sends(day(0), day(30)).possible == 0

    def test_one_invitation_of_two_sources_counts_once(self) -> None:
        ledger = new_ledger(export(20, logged(ada(), 3)), listing(21, sent(ada(), 3, id="77")))

        assert ledger.sends(day(0), day(30)).possible == 1

    def test_refusals_are_counted_with_their_time(self) -> None:
        clock = Clock(day(5))
        ledger = new_ledger(listing(1), clock=clock)

        ledger.note_refusal(why="limit-reached")
        ledger.note_refusal(at=day(12))

        assert ledger.sends(day(5), day(6)).refused == 1
        assert ledger.sends(day(0), day(30)).refused == 2
        assert ledger.sends(day(6), day(12)).refused == 0

    def test_one_refusal_noted_twice_is_one(self) -> None:
        ledger = new_ledger(listing(1))

        for _ in range(2):
            ledger.note_refusal(at=day(5), why="limit-reached")

        assert ledger.sends(day(0), day(30)).refused == 1

    def test_until_now_by_the_clock(self) -> None:
        clock = Clock(day(5))
        ledger = new_ledger(listing(20, sent(ada(), 3), sent(bo(), 8)), clock=clock)

        assert ledger.sends(day(0)).sure == 1


class TestManyAccounts:
    def two(self) -> ik.SqliteLedger:
        return new_ledger(
            listing(1, sent(ada(), id="77")), listing(1, sent(ada(), id="78"), sent(bo()), account=SECOND)
        )

    def test_each_has_its_own_story_with_the_same_person(self) -> None:
        ledger = self.two()
        ledger.record([outcome("78", at=day(3))])

        assert ledger.accounts == (OWNER, SECOND)
        assert only(ledger, ada(), account=OWNER).status is ik.Status.PENDING
        assert only(ledger, ada(), account=SECOND).status is ik.Status.WITHDRAWN

    def test_a_question_must_say_which(self) -> None:
        ledger = self.two()
        questions = (
            ledger.history,
            ledger.snapshot,
            ledger.context,
            ledger.marks,
            lambda: ledger.may_invite(ada()),
            lambda: ledger.sends(day(0)),
            lambda: ledger.keep(ada()),
            ledger.note_refusal,
        )

        for question in questions:
            with pytest.raises(DataError, match="2 accounts"):
                question()

    def test_an_account_that_is_not_there_is_named(self) -> None:
        with pytest.raises(DataError, match="knows no account"):
            self.two().history(account="nobody-example-1")

    def test_listings_of_one_say_nothing_about_the_other(self) -> None:
        ledger = self.two()

        ledger.record(listing(2, account=SECOND))
        ledger.record(listing(3, account=SECOND))

        assert only(ledger, account=OWNER).status is ik.Status.PENDING

    def test_marks_belong_to_one(self) -> None:
        ledger = self.two()

        ledger.keep(ada(), account=SECOND)

        assert not ledger.marks(account=OWNER)
        assert len(ledger.marks(account=SECOND)) == 1

    def test_one_worklist_may_hold_lines_of_several(self) -> None:
        ledger = self.two()

        changes = ledger.record([outcome("77", at=day(3)), outcome(sent(bo()), at=day(3)), outcome("none")])

        assert {one.id for one in changes.withdrawn} == {"77", sent(bo()).id}
        assert [one.about for one in changes.set_aside] == ["none"]
        assert changes.account == ik.Member()

    def test_a_line_that_fits_several_is_set_aside(self) -> None:
        ledger = self.two()

        changes = ledger.record([outcome("x-whatever", member=ada())])

        assert [one.code for one in changes.set_aside] == ["several-accounts"]
        assert not changes

    def test_unless_the_account_is_named(self) -> None:
        ledger = self.two()

        ledger.record([outcome("x-whatever", member=ada(), at=day(3))], account=SECOND)

        assert only(ledger, ada(), account=SECOND).status is ik.Status.WITHDRAWN
        assert only(ledger, ada(), account=OWNER).status is ik.Status.PENDING

    def test_what_happened_is_known_to_each_alone_in_the_past_as_well(self) -> None:
        ledger = self.two()

        assert len(ledger.history(account=SECOND, at=day(1))) == 2
        assert len(ledger.history(account=OWNER, at=day(1))) == 1


class TestAnAccountWithoutIdentifiers:
    def test_is_the_only_one_there_can_be(self) -> None:
        """An old export does not say whose it is."""
        nobody = ik.Member()
        ledger = new_ledger(
            export(1, logged(ada(), 0), account=nobody), export(5, logged(ada(), 0), account=nobody)
        )

        assert len(ledger.accounts) == 1
        assert len(ledger.history()) == 1

    def test_learns_later_whose_it_is(self) -> None:
        ledger = new_ledger(export(1, logged(ada(), 0), account=ik.Member(name="Owner Example")))

        ledger.record(listing(5, sent(ada(), 0)))

        assert ledger.accounts == (OWNER,)
        assert len(ledger.history()) == 1

    def test_is_taken_for_the_only_one_that_is_known(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())))

        ledger.record(export(5, logged(ada(), 0), account=ik.Member()))

        assert len(ledger.history()) == 1

    def test_among_several_it_must_be_said(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())), listing(1, sent(bo()), account=SECOND))
        anonymous = export(5, logged(ada(), 0), account=ik.Member())

        with pytest.raises(DataError, match="whose account"):
            ledger.record(anonymous)

        ledger.record(anonymous, account=SECOND)
        assert len(ledger.history(account=SECOND)) == 2

    def test_of_another_name_is_another(self) -> None:
        ledger = new_ledger(export(1, logged(ada(), 0), account=ik.Member(name="Owner Example")))

        with pytest.raises(DataError, match="another name"):
            ledger.record(export(5, account=ik.Member(name="Second Example")))

    def test_whose_identifiers_contradict_each_other_is_refused(self) -> None:
        ledger = new_ledger(listing(1, account=ik.Member(slug="owner-example-77", urn="urn:li:member:1")))

        with pytest.raises(DataError, match="contradict each other"):
            ledger.record(listing(2, account=ik.Member(slug="owner-example-77", urn="urn:li:member:2")))


def test_an_empty_ledger_answers_with_nothing() -> None:
    ledger = new_ledger()

    assert len(ledger.history()) == len(ledger.marks()) == 0
    assert ledger.accounts == ()
    assert ledger.may_invite(ada())
    with pytest.raises(DataError, match="this ledger is empty"):
        ledger.snapshot()

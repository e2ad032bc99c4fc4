"""What cannot be, and what nobody may ask: refused or set aside, with the reason, and nothing is concluded."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from tests.history.builders import (
    OWNER,
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
)

import invitekit as ik
from invitekit.model import Cause, Evidence, Interval


class TestOutcomes:
    def test_one_from_before_the_invitation_is_about_another(self) -> None:
        ledger = new_ledger(listing(30, sent(ada(), 29)))

        changes = ledger.record([outcome("x-old", at=day(10), member=ada())])

        assert [one.code for one in changes.set_aside] == ["not-in-ledger"]
        assert only(ledger).status is ik.Status.PENDING

    def test_nor_can_it_be_about_the_one_of_this_id(self) -> None:
        ledger = new_ledger(listing(30, sent(ada(), 29)))

        changes = ledger.record([outcome(sent(ada(), 29), at=day(10))])

        assert [one.code for one in changes.set_aside] == ["before-sent"]
        assert only(ledger).status is ik.Status.PENDING

    def test_nothing_is_known_before_it_happens(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())), clock=Clock(day(5)))

        changes = ledger.record([outcome(sent(ada()), at=datetime.max.replace(tzinfo=UTC))])

        assert [one.code for one in changes.set_aside] == ["future-outcome"]
        assert only(ledger).status is ik.Status.PENDING


class TestAReinvitation:
    def test_what_a_service_lists_roughly_after_a_withdrawal_is_not_the_withdrawn_one(self) -> None:
        ledger = new_ledger(export(5, logged(ada(), 0)), clock=Clock(day(10)))
        ledger.record([outcome(logged(ada(), 0), at=day(10))])
        rough = sent(ada(), id="7001", at=ik.SentAt(day(-5), day(30)))

        for number in (31, 33):
            ledger.record(listing(number, rough))

        assert [one.status for one in ledger.history()] == [ik.Status.WITHDRAWN, ik.Status.PENDING]
        assert ledger.may_invite(ada(), day(34)).why == "pending"
        assert len(ledger.context().withdrawn_before) == 1

    def test_one_id_of_one_service_is_one_invitation_whatever_it_calls_the_person(self) -> None:
        by_provider = sent(ik.Member(provider_id="prov-7"), 0, id="7001")
        by_slug_and_urn = sent(ada(urn="urn:li:member:7"), 0, id="7001")
        ledger = new_ledger(listing(2, by_provider), export(3, logged(ada(), 0)))

        changes = ledger.record(listing(4, by_slug_and_urn))

        assert not changes.set_aside
        assert only(ledger).member.provider_id == "prov-7"
        assert ledger.sends(day(-1), day(5)).sure == 1
        entries = len(list(ledger.entries()))
        ledger.record(listing(5, sent(ik.Member(urn="urn:li:member:7"), 0, id="7001")))
        assert not ledger.record(listing(4, by_slug_and_urn))
        assert len(list(ledger.entries())) == entries + 1  # the look of the fifth


class TestWithdrawals:
    def test_what_left_the_list_may_have_been_withdrawn_by_hand(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())), listing(2), listing(3))

        soon, later = ledger.may_invite(ada(), day(20)), ledger.may_invite(ada(), day(40))

        assert (soon.answer, soon.why) == (ik.Truth.UNKNOWN, "perhaps-withdrawn")
        assert "by hand" in str(soon)
        assert later

    def test_what_others_withdrew_is_not_ours(self) -> None:
        theirs = sent(
            ada(),
            direction=ik.Direction.RECEIVED,
            status=ik.Status.WITHDRAWN,
            evidence=Evidence.LISTED,
            as_of=day(3),
        )

        assert not new_ledger(listing(3, theirs)).context().withdrawn

    def test_what_was_withdrawn_elsewhere_counts_as_well(self) -> None:
        elsewhere = sent(
            ada(),
            status=ik.Status.GONE,
            evidence=Evidence.LISTED,
            cause=Cause.WITHDRAWN_ELSEWHERE,
            as_of=day(5),
            known_at=Interval.at(day(4)),
        )

        assert new_ledger(listing(5, elsewhere)).context().withdrawn == (day(4),)


class TestAccounts:
    def test_a_snapshot_is_not_of_another_account_because_somebody_says_so(self) -> None:
        with pytest.raises(ik.DataError, match="not of"):
            new_ledger().record(listing(1, sent(ada())), account="somebody-else-example-1")

    def test_an_account_with_another_name_is_another(self) -> None:
        ledger = new_ledger(listing(1, sent(ada()), account=ik.Member(name="Mara Example")))

        ledger.record(listing(2, sent(bo()), account=ik.Member(name="Noor Example", slug="noor-example-7")))

        assert [one.name for one in ledger.accounts] == ["Mara Example", "Noor Example"]

    def test_an_account_is_assumed_aloud(self) -> None:
        changes = new_ledger(listing(1, sent(ada()))).record(listing(2, sent(ada()), account=ik.Member()))

        assert [one.code for one in changes.notices] == ["account-assumed"]


class TestSnapshots:
    def test_what_a_ledger_concluded_is_not_recorded_as_what_was_seen(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())))

        with pytest.raises(ik.DataError, match="made by a ledger"):
            ledger.record(ledger.snapshot())

    def test_a_snapshot_says_its_time_itself(self) -> None:
        with pytest.raises(ik.DataError, match="says itself"):
            new_ledger().record(listing(1, sent(ada())), at=day(2))

    def test_one_that_is_older_says_that_nothing_follows_from_what_it_lacks(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())), listing(5, sent(ada())))

        assert "older-look" in ledger.record(listing(3)).notices.by("code")

    def test_gone_without_a_list_of_connections_is_said(self) -> None:
        ledger = new_ledger(listing(1, sent(ada()), sent(bo())), listing(2, sent(bo())))

        assert "connections-not-read" in ledger.record(listing(3, sent(bo()))).notices.by("code")

    def test_gone_beside_a_list_of_connections_needs_no_warning(self) -> None:
        others = [connected(bo(), 0)]
        ledger = new_ledger(
            *(listing(number, *rows, connections=others) for number, rows in ((1, [sent(ada())]), (2, [])))
        )

        changes = ledger.record(listing(3, connections=others))

        assert len(changes.gone) == 1
        assert "connections-not-read" not in changes.notices.by("code")


class TestChangesSince:
    def test_what_was_accepted_when_it_was_first_seen_is_among_them(self) -> None:
        ledger = new_ledger(export(5, logged(ada(), 0), connections=[connected(ada(), 3)]))

        assert ledger.changes(day(4)).counts()["accepted"] == 1
        assert ledger.changes(day(6)).counts()["accepted"] == 0


class TestForgetting:
    def test_by_name_where_there_is_nothing_else(self) -> None:
        nameless = ik.Member(name="Cleo Invented")
        ledger = new_ledger(export(5, logged(nameless, 0, note="A note that must go"), logged(ada(), 1)))

        forgotten = ledger.forget(nameless)

        assert forgotten.people == 1
        assert not any(
            "Cleo" in (one.personal or "") or "must go" in (one.personal or "") for one in ledger.entries()
        )
        assert len(ledger.snapshot().invitations) == 1

    def test_nobody_in_particular(self) -> None:
        with pytest.raises(ik.DataError, match="nobody is named"):
            new_ledger().forget(ik.Member())

    def test_not_the_owner(self) -> None:
        with pytest.raises(ik.DataError, match="owner of an account"):
            new_ledger(listing(1, sent(ada()))).forget(OWNER)


class TestMarks:
    def test_a_pickle_leaves_the_reason_behind(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())))
        ledger.keep(ada(), by="me", why="we met at the invented fair")
        (mark,) = ledger.marks()

        copy = pickle.loads(pickle.dumps(mark))

        assert copy == attrs.evolve(mark, why="")
        assert b"fair" not in pickle.dumps(mark)

    @pytest.mark.parametrize("words", [{"by": b"me"}, {"why": 7}, {"by": None}])
    def test_words_are_texts(self, words: dict[str, Any]) -> None:
        with pytest.raises(ik.DataError, match="texts"):
            new_ledger(listing(1, sent(ada()))).keep(ada(), **words)

    def test_a_refusal_noted_twice_is_one(self) -> None:
        ledger = new_ledger(listing(1, sent(ada())))
        for _ in range(2):
            ledger.note_refusal(at=day(2), why=" limit-reached ")

        assert ledger.sends(day(1), day(3)).refused == 1


@pytest.mark.parametrize(
    "ask",
    [
        lambda ledger, at: ledger.history(),
        lambda ledger, at: ledger.snapshot(),
        lambda ledger, at: ledger.may_invite(ada(), at),
    ],
    ids=["history", "snapshot", "may_invite"],
)
@pytest.mark.parametrize("year", [1, 9999])
def test_the_ends_of_the_calendar(ask: Callable[..., object], year: int) -> None:
    moment = datetime(year, 1, 2, tzinfo=UTC) + timedelta(days=360 if year > 1 else 0)
    one = sent(ada(), at=ik.SentAt.at(moment), as_of=moment)
    snapshot = ik.Snapshot(account=OWNER, taken_at=moment, invitations=[one], completeness=ik.Completeness.LOG)
    ledger = new_ledger(snapshot, clock=Clock(moment))
    ledger.record([outcome(one, at=moment)])

    assert ask(ledger, moment) is not None

"""What the user knows besides the snapshot: read once, compared honestly, and silent about addresses."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta
from typing import Any

import attrs
import pytest
from tests.population import NAIVE, NOW, ago, invitation, snapshot

from invitekit import rules as r
from invitekit.errors import DataError
from invitekit.model import (
    Completeness,
    Connection,
    Connections,
    Evidence,
    Interval,
    Invitation,
    Member,
    Outcome,
    Outcomes,
    People,
    Result,
    SentAt,
    Snapshot,
    Status,
    Truth,
)
from invitekit.policy import Context, Limits, Policy, Verdict
from invitekit.readers import read_worklist

ADA = Member(name="Ada Example", slug="ada-example-77")
BY_URN = Member(name="Ada Example", urn="urn:li:member:77")
CONTACTS_STAY = Policy(
    name="t", withdraw=r.older_than(days=20), keep=r.known_contact(), limits=Limits(per_run=1_000)
)


def decided(member: Member, context: Context, *connections: Connection, policy: Policy = CONTACTS_STAY) -> Verdict:
    """What is decided about an old invitation to this member."""
    source = snapshot([invitation(1, member=member)], connections=connections)
    return policy.plan(source, context=context).decisions[0].verdict


class TestBuilding:
    def test_an_empty_context_knows_nothing(self) -> None:
        assert Context() == Context(tags={}, kept=[], contacts=[], withdrawn=[])
        assert len(Context().kept) == len(Context().contacts) == len(Context().withdrawn_before) == 0

    def test_everything_is_read_into_people_and_utc(self) -> None:
        context = Context(
            tags={"client": ["Ada-Example-77"], 7: [BY_URN]},  # type: ignore[dict-item]
            kept="ada-example-77",
            contacts=[ADA, "https://www.linkedin.com/in/bo-example-1/", {"provider_id": "p-1"}],
            withdrawn=(ago(2), ago(3)),
        )

        assert context.tags == {"7": People([BY_URN]), "client": People(["ada-example-77"])}
        assert context.kept == People(["ada-example-77"])
        assert context.contacts == People([ADA, "bo-example-1", {"provider_id": "p-1"}])
        assert context.withdrawn == (ago(3), ago(2))

    def test_one_entry_needs_no_list(self) -> None:
        for one in ("ada-example-77", ADA, {"slug": "ada-example-77"}):
            assert Truth.TRUE is Context(contacts=one).contacts.holds(ADA)  # type: ignore[arg-type]
        assert Context(contacts="ada@mail.example") == Context(contacts=["ada@mail.example"])

    @pytest.mark.parametrize(
        ("given", "key", "says"),
        [
            ({"tags": ["client"]}, "context.tags", "tags must be a dict"),
            ({"tags": {"client": 5}}, "context.tags.client", "expected members"),
            ({"tags": {"client": ["two words"]}}, "context.tags.client", "no profile slug"),
            ({"kept": None}, "context.kept", "expected members, got NoneType"),
            ({"kept": [Member(name="Ada")]}, "context.kept", "no identifier"),
            ({"contacts": None}, "context.contacts", "expected members or e-mail addresses, got NoneType"),
            ({"contacts": [5]}, "context.contacts", "expected a Member"),
            ({"withdrawn": 5}, "context.withdrawn", "expected datetimes or outcomes, got int"),
            ({"withdrawn": [date(2026, 11, 1)]}, "context.withdrawn", "got date"),
            ({"withdrawn": [NAIVE]}, "context.withdrawn", "no time zone"),
            ({"withdrawn": "2026-11-01"}, "context.withdrawn", "got str.*or the outcomes of read_worklist"),
            ({"withdrawn": [ADA]}, "context.withdrawn", "got Member"),
        ],
    )
    def test_what_cannot_be_read_is_refused_by_its_place(self, given: Any, key: str, says: str) -> None:
        with pytest.raises(DataError, match=says) as caught:
            Context(**given)
        assert caught.value.key == key
        assert caught.value.hint

    @pytest.mark.parametrize("field", ["kept", "tags"])
    def test_an_address_where_only_members_can_stand_is_refused(self, field: str) -> None:
        """It would mark nobody, in silence, and the invitation would be withdrawn."""
        who = ["ada@mail.example"]
        with pytest.raises(DataError, match=r"only Context\(contacts=…\) reads e-mail addresses") as caught:
            Context(**{field: who if field == "kept" else {"client": who}})
        assert "mail.example" not in str(caught.value) + repr(caught.value)

    def test_positions_are_refused(self) -> None:
        with pytest.raises(TypeError):
            Context({})  # type: ignore[misc]

    def test_it_is_a_value(self) -> None:
        context = Context(tags={"client": ["ada-example-77"]}, contacts=["ada@mail.example"], withdrawn=[NOW])

        assert hash(context) == hash(pickle.loads(pickle.dumps(context)))
        assert context == pickle.loads(pickle.dumps(context))
        assert {context: 1}[Context(**PARTS)] == 1
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            context.kept = People()  # type: ignore[misc]

    def test_it_prints_counts_only(self) -> None:
        assert repr(Context(**PARTS)) == (
            "Context(tag client: 1, kept: 0, contacts: 1, withdrawn: 1, withdrawn_before: 0)"
        )
        named = Context(withdrawn=[NOW, outcome(ADA)])
        assert repr(named) == "Context(kept: 0, contacts: 0, withdrawn: 2, withdrawn_before: 1)"


PARTS: dict[str, Any] = {
    "tags": {"client": ["ada-example-77"]},
    "contacts": ["ada@mail.example"],
    "withdrawn": [NOW.astimezone(UTC)],
}


def outcome(member: Member, result: Result = Result.WITHDRAWN, **changes: Any) -> Outcome:
    return Outcome(**{"invitation_id": "x-9", "member": member, "result": result, **changes})


class TestWhatWasWithdrawn:
    """Times say when; outcomes say who, too. Both count in the limits."""

    BO = Member(slug="bo-example-1")
    POLICY = Policy(
        name="t", withdraw=r.older_than(days=20), keep=r.withdrawn_before(), limits=Limits(per_run=1_000)
    )

    def test_times_and_outcomes_stand_together(self) -> None:
        context = Context(withdrawn=[ago(1), outcome(ADA, at=ago(3)), ago(2)])

        assert context.withdrawn == (ago(3), ago(2), ago(1))
        assert context.withdrawn_before == People([ADA])

    def test_times_alone_name_nobody(self) -> None:
        assert Context(withdrawn=[ago(1)]).withdrawn_before == People()

    @pytest.mark.parametrize("result", [result for result in Result if result is not Result.WITHDRAWN])
    def test_any_other_result_is_ignored(self, result: Result) -> None:
        assert Context(withdrawn=[outcome(ADA, result, at=ago(1))]) == Context()

    def test_a_worklist_that_was_filled_in_is_taken_as_it_is(self) -> None:
        table = (
            "name,profile,result,invitation_id\n"
            "Ada,ada-example-77,withdrawn,x-1\n"
            "Bo,bo-example-1,not found,x-2\n"
            "Cy,,withdrawn,x-3\n"
            "Di,di-example-9,,x-4\n"
        )
        context = Context(withdrawn=read_worklist(table))

        assert len(context.withdrawn) == 2
        assert context.withdrawn_before == People([Member(name="Ada", slug="ada-example-77")])

    def test_somebody_without_an_identifier_counts_and_is_not_named(self) -> None:
        """A display name is no identity, so it can be compared with nobody."""
        context = Context(withdrawn=[outcome(Member(name="Ada Example"), at=ago(1))])

        assert (context.withdrawn, context.withdrawn_before) == ((ago(1),), People())
        assert decided(Member(name="Ada Example"), context, policy=self.POLICY) is Verdict.WITHDRAW

    @pytest.mark.parametrize("limits", [Limits(per_day=3), Limits(per_week=3)])
    @pytest.mark.parametrize("later", [timedelta(0), timedelta(days=4_000)])
    def test_where_nobody_knows_when_it_counts_whenever_that_is(self, limits: Limits, later: timedelta) -> None:
        """It may have been today, and too few withdrawals do less harm than too many."""
        rows = snapshot([invitation(number) for number in range(5)])
        policy = Policy(name="t", withdraw=r.older_than(days=20), limits=limits)

        def room(*done: Outcome) -> int:
            plan = policy.plan(rows, now=NOW + later, context=Context(withdrawn=Outcomes(done)))
            return plan.summary().withdraw

        assert room(outcome(ADA)) == 2
        assert room(outcome(ADA), outcome(self.BO)) == 1
        assert room(outcome(ADA, at=NOW + later - timedelta(days=8)), outcome(self.BO)) == 2
        assert room(*[outcome(ADA)] * 5) == 0

    def test_an_unknown_time_is_the_end_of_the_calendar(self) -> None:
        """Aware and in UTC like all the others, so that they can be compared and sorted."""
        context = Context(withdrawn=[outcome(ADA), ago(1)])

        assert context.withdrawn == (ago(1), datetime.max.replace(tzinfo=UTC))

    @pytest.mark.parametrize(
        ("member", "verdict"),
        [
            (ADA, Verdict.KEEP),
            (Member(slug="cy-example-2"), Verdict.WITHDRAW),
            (BY_URN, Verdict.UNDECIDED),
        ],
    )
    def test_rules_see_whose_it_was(self, member: Member, verdict: Verdict) -> None:
        context = Context(withdrawn=[outcome(ADA, at=ago(100))])

        assert decided(member, context, policy=self.POLICY) is verdict

    def test_it_is_part_of_the_value(self) -> None:
        """Two contexts that count the same and name others are two."""
        one, other = (Context(withdrawn=[outcome(member, at=ago(1))]) for member in (ADA, self.BO))

        assert one.withdrawn == other.withdrawn
        assert one != other
        assert one == Context(withdrawn=[outcome(ADA, at=ago(1), invitation_id="x-10")])
        assert hash(one) == hash(pickle.loads(pickle.dumps(one)))
        assert pickle.loads(pickle.dumps(one)) == one


class TestComparing:
    """A list of one kind of identifier says nothing about somebody of whom a source gives another."""

    @pytest.mark.parametrize(
        ("contacts", "member", "verdict"),
        [
            (["ada-example-77"], ADA, Verdict.KEEP),
            (["bo-example-1"], ADA, Verdict.WITHDRAW),
            (["urn:li:member:77"], ADA, Verdict.UNDECIDED),
            (["ada-example-77"], BY_URN, Verdict.UNDECIDED),
            (["urn:li:member:77"], BY_URN, Verdict.KEEP),
            (["bo-example-1"], Member(name="Ada Example"), Verdict.UNDECIDED),
            ([{"slug": "bo-example-1", "urn": "urn:li:member:78"}], ADA, Verdict.WITHDRAW),
            ([{"slug": "bo-example-1", "urn": "urn:li:member:78"}], BY_URN, Verdict.WITHDRAW),
            (["bo-example-1", "urn:li:member:78"], ADA, Verdict.UNDECIDED),
            ([], Member(name="Ada Example"), Verdict.WITHDRAW),
        ],
    )
    def test_contacts(self, contacts: list[Any], member: Member, verdict: Verdict) -> None:
        assert decided(member, Context(contacts=contacts)) is verdict

    @pytest.mark.parametrize(
        ("kept", "verdict", "code"),
        [
            (["ada-example-77"], Verdict.KEEP, "keep-mark"),
            (["urn:li:member:77"], Verdict.UNDECIDED, "keep-mark"),
            (["bo-example-1"], Verdict.WITHDRAW, "older-than"),
        ],
    )
    def test_keep_marks_guard_whatever_the_rules_say(self, kept: list[str], verdict: Verdict, code: str) -> None:
        policy = Policy(name="t", withdraw=r.older_than(days=20), limits=Limits(per_run=5))
        plan = policy.plan(snapshot([invitation(1, member=ADA)]), context=Context(kept=kept))

        (decision,) = plan.decisions
        assert decision.verdict is verdict
        assert decision.because[0].code == code

    def test_what_is_undecided_can_be_settled(self) -> None:
        settled = attrs.evolve(CONTACTS_STAY, keep=r.known_contact().if_unknown(False))

        assert decided(BY_URN, Context(contacts=["ada-example-77"]), policy=settled) is Verdict.WITHDRAW


def connection(member: Member, email: Any) -> Connection:
    return Connection(member=member, connected_at=Interval.day(ago(3).date()), email=email)


class TestAddresses:
    """An e-mail address finds a member only through a connection that shows it."""

    def test_it_finds_the_member_of_the_connection(self) -> None:
        for spelling in ("ada@mail.example", " ADA@Mail.Example "):
            context = Context(contacts=[spelling])
            assert decided(ADA, context, connection(ADA, "Ada@mail.example ")) is Verdict.KEEP

    def test_one_that_finds_nobody_counts_for_nothing(self) -> None:
        context = Context(contacts=["ada@mail.example"])

        assert decided(ADA, context) is Verdict.WITHDRAW
        assert decided(ADA, context, connection(ADA, "other@mail.example")) is Verdict.WITHDRAW
        assert (
            decided(ADA, context, connection(Member(name="Ada Example"), "ada@mail.example")) is Verdict.WITHDRAW
        )
        assert decided(Member(name="Ada"), context, connection(ADA, "bo@mail.example")) is Verdict.WITHDRAW

    def test_it_adds_to_the_contacts_that_are_there(self) -> None:
        bo = Member(slug="bo-example-1")
        context = Context(
            tags={"client": [bo]},
            kept=[bo],
            contacts=["bo-example-1", "ada@mail.example"],
            withdrawn=[ago(1), outcome(ADA)],
        )

        resolved = context.resolve(Connections([connection(ADA, "ada@mail.example")]))

        assert resolved.contacts == People([ADA, bo])
        for name in ("kept", "tags", "withdrawn", "withdrawn_before"):
            assert len(getattr(context, name))
            assert getattr(resolved, name) == getattr(context, name)
        assert resolved.resolve(Connections([connection(ADA, "ada@mail.example")])) == resolved

    def test_two_people_who_share_an_address_are_both_known(self) -> None:
        bo = Member(slug="bo-example-1")
        shared = [connection(ADA, "us@mail.example"), connection(bo, "us@mail.example")]

        for order in (shared, shared[::-1]):
            assert Context(contacts=["us@mail.example"]).resolve(Connections(order)).contacts == People([ADA, bo])

    def test_an_address_that_was_found_is_no_longer_looked_for(self) -> None:
        context = Context(contacts=["ada@mail.example", "nobody@mail.example"])

        resolved = context.resolve(Connections([connection(ADA, "ada@mail.example")]))

        assert len(context.emails) == 2
        assert len(resolved.emails) == 1
        assert repr(resolved) == "Context(kept: 0, contacts: 2, withdrawn: 0, withdrawn_before: 0)"

    def test_without_addresses_or_finds_it_stays_the_same(self) -> None:
        context = Context(contacts=["bo-example-1"])

        assert context.resolve(Connections([connection(ADA, "ada@mail.example")])) is context
        asking = Context(contacts=["ada@mail.example"])
        assert asking.resolve(Connections()) is asking

    def test_the_address_itself_is_nowhere(self) -> None:
        """Not in the value, its repr or its pickle: only a fingerprint of it, which is enough to compare."""
        context = Context(contacts=["ada@mail.example"])

        assert "mail.example" not in repr(context) + str(attrs.asdict(context, recurse=False))
        assert b"mail.example" not in pickle.dumps(context)

    def test_an_address_with_a_slash_is_a_profile(self) -> None:
        """A profile address may carry an at sign in its query."""
        context = Context(contacts=["https://www.linkedin.com/in/ada-example-77?ref=a@b"])

        assert context == Context(contacts=["ada-example-77"])


def listed(number: int, **changes: Any) -> Invitation:
    return invitation(number, status=Status.PENDING, evidence=Evidence.LISTED, **changes)


def test_many_people_are_compared_quickly_enough_to_plan_with() -> None:
    """Ten thousand contacts and two thousand invitations, each compared with all."""
    rows = [
        listed(number, member=Member(slug=f"n-{number}"), sent_at=SentAt.at(ago(50))) for number in range(2_000)
    ]
    context = Context(contacts=[f"n-{number}" for number in range(1_000, 11_000)])

    plan = CONTACTS_STAY.plan(
        Snapshot(taken_at=NOW, invitations=rows, completeness=Completeness.COMPLETE), context=context
    )

    assert plan.summary().to_record() == {
        "open": 2_000,
        "withdraw": 1_000,
        "defer": 0,
        "undecided": 0,
        "keep": 1_000,
    }

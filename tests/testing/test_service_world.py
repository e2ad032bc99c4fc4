"""A `ServiceWorld` keeps its books: whatever happens, in whatever order, every invitation is at one place."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from invitekit import testing
from invitekit._wire import Request
from invitekit.errors import DataError
from invitekit.testing import FakeUnipile, ServiceInvitation, ServicePlace, ServiceWorld

ACCOUNT = {"account_id": "example-account"}
PICK = st.integers(min_value=0, max_value=1_000)


class Service(RuleBasedStateMachine):
    """Things happen, clients ask, time passes and jumps; a second set of books is kept beside."""

    @initialize(pending=st.integers(0, 5), lag=st.sampled_from([0, 60]), strict=st.booleans())
    def begin(self, pending: int, lag: int, strict: bool) -> None:
        self.world = ServiceWorld.invent(
            pending=pending, connections=2, received=1, list_lag=timedelta(seconds=lag)
        )
        self.fake = FakeUnipile(self.world, **({} if strict else {"second_withdrawal": None}))
        self.strict = strict
        self.places = {invitation.id: ServicePlace.PENDING for invitation in self.world.pending}
        self.carried_out: Counter[str] = Counter()
        self.friends = {each.person.slug for each in self.world.connections}

    def pick(self, number: int) -> ServiceInvitation:
        everything = self.world.invitations
        return everything[number % len(everything)]

    @rule()
    def invite(self) -> None:
        invitation = self.world.invite(self.world.newcomer())
        self.places[invitation.id] = ServicePlace.PENDING

    @precondition(lambda self: self.places)
    @rule(
        number=PICK,
        what=st.sampled_from(
            [
                ("accept", ServicePlace.ACCEPTED),
                ("ignore", ServicePlace.IGNORED),
                ("expire", ServicePlace.EXPIRED),
                ("withdraw_elsewhere", ServicePlace.WITHDRAWN_ELSEWHERE),
            ]
        ),
    )
    def something_becomes_of_one(self, number: int, what: tuple[str, ServicePlace]) -> None:
        invitation = self.pick(number)
        name, place = what
        if invitation.place is ServicePlace.PENDING:
            getattr(self.world, name)(invitation)
            self.places[invitation.id] = place
            if place is ServicePlace.ACCEPTED:
                self.friends.add(invitation.person.slug)
        else:
            with pytest.raises(DataError, match="no longer pending"):
                getattr(self.world, name)(invitation)

    @precondition(lambda self: self.places)
    @rule(number=PICK)
    def a_client_withdraws(self, number: int) -> None:
        invitation = self.pick(number)
        answer = self.fake.exchange(Request("DELETE", ("users", "invite", "sent", invitation.id), ACCOUNT))
        pending = self.places[invitation.id] is ServicePlace.PENDING
        if pending:
            self.places[invitation.id] = ServicePlace.WITHDRAWN
        if pending or not self.strict:
            self.carried_out[invitation.id] += 1
        assert answer.succeeded is (pending or not self.strict)

    @precondition(lambda self: self.places)
    @rule(number=PICK)
    def one_is_scheduled_to_accept(self, number: int) -> None:
        invitation = self.pick(number)

        def accept() -> None:
            if self.places[invitation.id] is ServicePlace.PENDING:
                self.world.accept(invitation)
                self.places[invitation.id] = ServicePlace.ACCEPTED
                self.friends.add(invitation.person.slug)

        self.world.schedule(accept, after=timedelta(seconds=number))

    @rule(seconds=st.integers(-100, 600))
    def time_passes_or_jumps(self, seconds: int) -> None:
        self.world.clock.advance(timedelta(seconds=seconds))  # type: ignore[attr-defined]

    @rule(size=st.integers(1, 4))
    def a_client_lists(self, size: int) -> None:
        found: list[str] = []
        cursor = None
        while True:
            query: dict[str, Any] = {**ACCOUNT, "limit": size, "cursor": cursor}
            page = json.loads(self.fake.exchange(Request("GET", ("users", "invite", "sent"), query)).body)
            found += [row["id"] for row in page["items"]]
            cursor = page["cursor"]
            if cursor is None:
                break
        pending = {key for key, place in self.places.items() if place is ServicePlace.PENDING}
        withdrawn = {key for key, place in self.places.items() if place is ServicePlace.WITHDRAWN}
        assert len(set(found)) == len(found)
        assert pending <= set(found) <= pending | (withdrawn if self.world.list_lag else set())

    @invariant()
    def every_invitation_is_at_one_place(self) -> None:
        assert {each.id: each.place for each in self.world.invitations} == self.places
        assert self.world.tally() == Counter(self.places.values())
        assert {each.id for each in self.world.pending} == {
            key for key, place in self.places.items() if place is ServicePlace.PENDING
        }

    @invariant()
    def who_accepted_is_connected_and_nobody_else(self) -> None:
        assert {each.person.slug for each in self.world.connections} == self.friends

    @invariant()
    def every_withdrawal_is_counted(self) -> None:
        assert {key: len(times) for key, times in self.world.withdrawals.items()} == self.carried_out


Service.TestCase.settings = settings(max_examples=60, stateful_step_count=25)
TestService = Service.TestCase


class TestWho:
    def test_somebody_is_found_by_whatever_names_them(self) -> None:
        world = ServiceWorld.invent(pending=2, connections=0)
        invitation = world.pending[0]
        person = invitation.person

        for who in (invitation, person, invitation.id, person.slug, person.provider_id):
            assert world.find(who) == person
            assert world.invitation(who) == invitation

    def test_nobody_is_refused(self) -> None:
        with pytest.raises(DataError, match="nobody here is 'nobody'"):
            ServiceWorld().find("nobody")

    def test_who_was_never_invited_has_no_invitation(self) -> None:
        world = ServiceWorld()

        with pytest.raises(DataError, match="never invited"):
            world.invitation(world.newcomer())

    def test_the_newest_invitation_counts(self) -> None:
        world = ServiceWorld()
        person = world.newcomer()
        world.ignore(world.invite(person))
        again = world.invite(person)

        assert world.invitation(person) == again

    @pytest.mark.parametrize("how", ["invite", "connect"])
    def test_nobody_has_two_pending_invitations_and_no_connection_has_one(self, how: str) -> None:
        world = ServiceWorld()
        person = world.newcomer()
        getattr(world, how)(person)

        with pytest.raises(DataError, match="connected or invited already"):
            world.invite(person)

    def test_an_invitation_that_was_answered_cannot_be_answered_again(self) -> None:
        world = ServiceWorld()
        waiting = world.invited_by(world.newcomer())
        world.answer(waiting, accept=True)

        with pytest.raises(DataError, match="waits for an answer"):
            world.answer(waiting, accept=False)
        assert [each.person for each in world.connections] == [waiting.person]

    def test_a_connection_can_end(self) -> None:
        world = ServiceWorld.invent(connections=3)
        person = world.connections[1].person
        world.disconnect(person)

        assert not world.connected(person)
        assert len(world.connections) == 2


def test_what_is_invented_is_as_asked_and_clearly_invented() -> None:
    world = ServiceWorld.invent(pending=120, connections=80, received=9)
    people = [*(each.person for each in world.pending), *(each.person for each in world.connections)]

    assert (len(world.pending), len(world.connections), len(world.received)) == (120, 80, 9)
    assert all("-example-" in person.slug for person in people)
    assert all("EXAMPLE" in person.provider_id for person in people)
    assert len({person.provider_id for person in people}) == 200
    ages = [world.now() - invitation.sent_at for invitation in world.pending]
    assert ages == sorted(ages)
    assert max(ages) > timedelta(days=150)


def test_a_note_stays_out_of_reprs() -> None:
    world = ServiceWorld()
    invitation = world.invite(world.newcomer(), note="A private word")

    assert "private" not in repr(invitation) + repr(world) + repr(FakeUnipile(world))


def test_of_several_threads_each_invitation_is_withdrawn_by_one() -> None:
    world = ServiceWorld.invent(pending=50, connections=0)
    keys = [invitation.id for invitation in world.pending]
    refused: list[str] = []

    def withdraw_all() -> None:
        for key in keys:
            try:
                world.withdraw(key)
            except DataError:
                refused.append(key)

    threads = [Thread(target=withdraw_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Counter(refused) == Counter(keys * 3)
    assert {key: len(times) for key, times in world.withdrawals.items()} == dict.fromkeys(keys, 1)


def test_everything_the_package_offers_for_tests_is_there() -> None:
    assert [name for name in testing.__all__ if not hasattr(testing, name)] == []
    assert set(testing._LATE) <= set(testing.__all__) == set(dir(testing))

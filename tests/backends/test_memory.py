"""The service in memory behaves as a real one does, goes wrong when it is told to, and says what was done."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from invitekit import now
from invitekit.backends import memory
from invitekit.backends._memory import Memory
from invitekit.errors import (
    BackendError,
    CapabilityError,
    DataError,
    PayloadError,
    RateLimitedError,
    RefusedError,
    TransportError,
)
from invitekit.model import (
    UNKNOWN,
    Capability,
    Connection,
    Direction,
    Evidence,
    Invitation,
    ListKind,
    Member,
    Outcome,
    Result,
    Started,
    Status,
    Truth,
)
from invitekit.ports import AsyncBackend, Backend
from invitekit.testing import check_async_backend, check_backend
from invitekit.testing._backend_case import ServiceCase, small_case, stranger
from invitekit.testing._backend_promises import PROMISES
from invitekit.testing._fake_clock import FakeClock

CASE = small_case()
ONE, OTHER = CASE.sent[:2]


def holding(case: ServiceCase = CASE, **settings: Any) -> Memory:
    return memory(
        sent=case.sent,
        received=case.received,
        connections=case.connections,
        account=case.account,
        **settings,
    )


def results(service: Memory) -> list[tuple[str, str]]:
    return [(outcome.invitation_id, outcome.result.value) for outcome in service.withdrawals]


# ── A backend as any other ───────────────────────────────────────────────────────────────────────────────────────


def test_it_keeps_every_promise() -> None:
    assert check_backend(lambda case: holding(case, page_size=20).open()) == tuple(one.name for one in PROMISES)


def test_it_keeps_every_promise_for_async_callers() -> None:
    kept = asyncio.run(check_async_backend(lambda case: holding(case, page_size=20).aopen()))

    assert kept == tuple(one.name for one in PROMISES)


def test_it_keeps_every_promise_where_withdrawals_are_started_and_settle_later() -> None:
    def make(case: ServiceCase) -> Backend:
        service = holding(case)
        service.start_asynchronously(3)
        return service.open()

    assert check_backend(make) == tuple(one.name for one in PROMISES)


def test_it_has_listings_and_snapshots_in_both_colours() -> None:
    clock = FakeClock()
    service = holding(clock=clock, page_size=4)

    async def taken() -> Any:
        async with service.aopen() as backend:
            assert isinstance(backend, AsyncBackend)
            return await backend.snapshot()

    with service.open() as backend:
        assert isinstance(backend, Backend)
        snapshot = backend.snapshot()
        assert [one.id for one in backend.sent()] == [one.id for one in CASE.sent]

    assert snapshot == asyncio.run(taken())
    assert snapshot.taken_at == clock.now()
    assert snapshot.account == CASE.account


def test_what_a_log_presumes_a_service_lists() -> None:
    clock = FakeClock(datetime(2026, 11, 22, 9, 0, tzinfo=UTC))
    presumed = attrs.evolve(ONE, status=Status.PRESUMED_PENDING, evidence=Evidence.NOT_CONNECTED)

    (listed,) = memory(sent=[presumed], clock=clock).open().page(ListKind.SENT).items

    assert isinstance(listed, Invitation)
    assert (listed.status, listed.evidence, listed.as_of) == (Status.PENDING, Evidence.LISTED, clock.now())
    assert (listed.id, listed.member, listed.sent_at, listed.note) == (ONE.id, ONE.member, ONE.sent_at, ONE.note)


def test_a_clock_given_when_opening_goes_before_that_of_the_service() -> None:
    late = FakeClock(datetime(2027, 1, 1, tzinfo=UTC))

    assert holding(clock=FakeClock()).open(clock=late).read(ONE.member).as_of == late.now()


def test_without_a_clock_it_goes_by_the_systems() -> None:
    before = now()

    assert before <= holding().open().read(ONE.member).as_of <= now()


# ── Pages ────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.integers(1, 30), st.integers(1, 30) | st.none(), st.lists(st.integers(0, 24), max_size=8))
def test_pages_follow_each_other_whatever_is_withdrawn_in_between(
    page_size: int, size: int | None, withdrawn: list[int]
) -> None:
    """What stays is given exactly once; what goes, at most once."""
    service = holding(page_size=page_size, clock=FakeClock())
    backend = service.open()
    seen: list[str] = []
    cursor, gone = None, list(withdrawn)
    while True:
        page = backend.page(ListKind.SENT, cursor, size)
        assert len(page.items) <= min(page_size, size or page_size)
        assert page.said == len(page.items)
        seen += [row.id for row in page.items if isinstance(row, Invitation)]
        if page.next is None:
            break
        if gone:
            backend.withdraw(CASE.sent[gone.pop()])
        cursor = page.next

    assert len(set(seen)) == len(seen)
    assert {one.id for one in service.pending} <= set(seen)
    assert page.total == len(service.pending)


@pytest.mark.parametrize("cursor", ["", "sent-", "sent-x", "received-3", "sent-²", "3"])
def test_what_is_no_cursor_of_the_list_is_refused(cursor: str) -> None:
    with pytest.raises(RefusedError) as caught:
        holding().open().page(ListKind.SENT, cursor)
    assert caught.value.code == "invalid-cursor"


@pytest.mark.parametrize("size", [0, -1, True, 2.5])
def test_a_size_is_a_whole_number(size: Any) -> None:
    with pytest.raises(DataError, match="size must be a whole number from 1 up"):
        holding().open().page(ListKind.SENT, None, size)


# ── What it cannot do, and when it is closed ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("lacking", list(Capability))
def test_what_it_lacks_is_refused_and_nothing_is_counted(lacking: Capability) -> None:
    service = holding(capabilities=set(Capability) - {lacking})
    backend = service.open()
    calls = {
        Capability.LIST_SENT: lambda: backend.page(ListKind.SENT),
        Capability.LIST_RECEIVED: lambda: backend.page(ListKind.RECEIVED),
        Capability.LIST_CONNECTIONS: lambda: backend.page(ListKind.CONNECTIONS),
        Capability.READ_ONE: lambda: backend.read(ONE.member),
        Capability.WITHDRAW: lambda: backend.withdraw(ONE),
    }
    backend.close()  # What it cannot do at all comes before whether it is open.

    for capability, call in calls.items():
        with pytest.raises(BackendError) as caught:
            call()
        assert isinstance(caught.value, CapabilityError) is (capability is lacking)
        assert caught.value.sent == "no"
    assert (service.attempts, service.withdrawals) == ({}, ())


def test_nothing_to_settle_is_a_capability_that_it_lacks() -> None:
    with pytest.raises(CapabilityError):
        holding().open().settle(Started(invitation_id=ONE.id, token="work-1"))


def test_one_that_is_closed_refuses_and_the_service_goes_on() -> None:
    service = holding()
    closed, other = service.open(), service.open()
    closed.close()

    with pytest.raises(BackendError, match="closed") as caught:
        closed.withdraw(ONE)
    assert (caught.value.code, caught.value.sent) == ("closed", "no")
    assert isinstance(other.withdraw(ONE), Outcome)
    assert results(service) == [(ONE.id, "withdrawn")]


# ── What happens on its side ─────────────────────────────────────────────────────────────────────────────────────


def test_who_accepts_is_connected_and_no_longer_pending() -> None:
    clock = FakeClock()
    service = holding(clock=clock)
    backend = service.open()
    service.accept(str(ONE.member.slug))

    standing = backend.read(ONE.member)
    assert (standing.connected, standing.pending) == (Truth.TRUE, Truth.FALSE)
    assert service.connections[-1].member == ONE.member
    assert service.connections[-1].connected_at.earliest == clock.now()
    answer = backend.withdraw(ONE)
    assert isinstance(answer, Outcome)
    assert answer.result is Result.ALREADY_GONE


def test_who_ignores_is_gone_and_nobody_is_told_why() -> None:
    service = holding()
    service.ignore(ONE.member)

    standing = service.open().read(ONE.member)
    assert (standing.connected, standing.pending, standing.why) == (Truth.FALSE, Truth.FALSE, "")
    assert ONE not in service.pending


def test_only_who_was_invited_can_answer() -> None:
    service = holding()
    for answer in (service.accept, service.ignore):
        with pytest.raises(DataError, match="no invitation to this member is waiting"):
            answer(stranger().member)
        with pytest.raises(DataError, match="no invitation to this member is waiting"):
            answer(Member(name=ONE.member.name))


def test_who_has_no_identifier_in_common_is_unknown_and_who_has_none_is_refused() -> None:
    service = memory(sent=[attrs.evolve(ONE, member=Member(slug="ada-example-1"))])
    backend = service.open()

    assert backend.read(Member(urn="urn:li:member:7000001")).pending is Truth.UNKNOWN
    assert backend.read(Member(slug="ada-example-1", urn="urn:li:member:7000001")).pending is Truth.TRUE
    assert backend.read(Member(slug="ben-example-2")).pending is Truth.FALSE
    with pytest.raises(RefusedError, match="display name"):
        backend.read(Member(name="Ada Example"))


# ── Withdrawals are remembered ───────────────────────────────────────────────────────────────────────────────────


def test_withdrawals_are_remembered_in_order_and_attempts_are_counted() -> None:
    service = holding()
    backend = service.open()
    for one in (OTHER, ONE, OTHER, stranger()):
        backend.withdraw(one)

    assert results(service) == [
        (OTHER.id, "withdrawn"),
        (ONE.id, "withdrawn"),
        (OTHER.id, "already-gone"),
        (stranger().id, "already-gone"),
    ]
    assert service.attempts == {OTHER.id: 2, ONE.id: 1, stranger().id: 1}
    assert len(service.pending) == len(CASE.sent) - 2


def test_however_many_threads_ask_each_invitation_is_withdrawn_once() -> None:
    service = holding()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: service.open().withdraw(one), CASE.sent * 8))

    done = [invitation for invitation, result in results(service) if result == "withdrawn"]
    assert sorted(done) == sorted(one.id for one in CASE.sent)
    assert set(service.attempts.values()) == {8}
    assert service.pending == ()


# ── What goes wrong ──────────────────────────────────────────────────────────────────────────────────────────────


def test_an_error_comes_as_often_as_it_was_asked_for_and_nothing_is_done() -> None:
    service = holding()
    backend = service.open()
    service.fail("withdraw", BackendError("out of order", code="http-503", status=503), times=2)

    for _ in range(2):
        with pytest.raises(BackendError) as caught:
            backend.withdraw(ONE)
        assert caught.value.status == 503
    assert (results(service), service.attempts) == ([], {ONE.id: 2})
    backend.withdraw(ONE)
    assert results(service) == [(ONE.id, "withdrawn")]


def test_an_answer_can_be_lost_after_the_effect() -> None:
    service = holding()
    backend = service.open()
    service.fail("withdraw", TransportError("cut off", code="cut", sent="maybe"), after_effect=True)

    with pytest.raises(TransportError):
        backend.withdraw(ONE)

    assert results(service) == [(ONE.id, "withdrawn")]
    assert backend.read(ONE.member).pending is Truth.FALSE


def test_a_result_can_be_given_whatever_was_done() -> None:
    service = holding()
    backend = service.open()
    service.fail("withdraw", Result.UNKNOWN, after_effect=True)
    service.fail("withdraw", Result.REFUSED)
    odd = Outcome(invitation_id="another", member=OTHER.member, result=Result.WITHDRAWN)
    service.fail("withdraw", odd)

    told = [backend.withdraw(one) for one in (ONE, OTHER, OTHER)]

    assert [(one.invitation_id, one.result) for one in told[:2] if isinstance(one, Outcome)] == [
        (ONE.id, Result.UNKNOWN),
        (OTHER.id, Result.REFUSED),
    ]
    assert told[2] is odd
    assert results(service) == [(ONE.id, "withdrawn")]


def test_what_was_never_sent_is_no_attempt() -> None:
    service = holding()
    service.fail("withdraw", TransportError("no connection", code="connect", sent="no"))
    with pytest.raises(TransportError):
        service.open().withdraw(ONE)

    assert service.attempts == {}


def test_each_kind_of_call_fails_by_itself_and_the_same_error_may_come_twice() -> None:
    service = holding()
    backend = service.open()
    limited = RateLimitedError("slow down", not_before=datetime(2026, 11, 22, tzinfo=UTC))
    service.fail("page", limited, times=2)
    service.fail("read", PayloadError("not what was expected"))

    backend.withdraw(ONE)
    for _ in range(2):
        with pytest.raises(RateLimitedError) as caught:
            backend.page(ListKind.SENT)
        assert caught.value is limited
        assert len(caught.traceback) < 10  # It does not remember where it was raised before.
    with pytest.raises(PayloadError):
        backend.read(ONE.member)
    assert backend.page(ListKind.SENT).total == len(CASE.sent) - 1


@pytest.mark.parametrize(
    ("arguments", "settings", "message"),
    [
        (("delete", BackendError("x")), {}, "nothing is called 'delete' here. There are: page, read, withdraw"),
        (("page", Result.UNKNOWN), {}, "page cannot end in a Result, only in InvitekitError"),
        (("withdraw", ValueError("x")), {}, "withdraw cannot end in a ValueError"),
        (("withdraw", BackendError("x")), {"times": 0}, "times must be a whole number from 1 up"),
        (("page", BackendError("x")), {"after_effect": True}, "page has no effect"),
    ],
)
def test_nonsense_cannot_go_wrong(arguments: Any, settings: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        holding().fail(*arguments, **settings)


# ── Withdrawals that are started ─────────────────────────────────────────────────────────────────────────────────


def test_what_is_started_is_carried_out_when_it_was_asked_for_often_enough() -> None:
    service = holding(clock=FakeClock())
    service.start_asynchronously(2)
    backend = service.open()

    started = backend.withdraw(ONE)
    assert isinstance(started, Started)
    assert [backend.settle(started) for _ in range(2)] == [started, started]
    assert (results(service), service.attempts) == ([], {ONE.id: 1})
    settled = backend.settle(started)
    assert isinstance(settled, Outcome)
    assert settled.result is Result.WITHDRAWN
    assert backend.settle(started) == settled
    assert results(service) == [(ONE.id, "withdrawn")]


def test_what_is_started_and_accepted_meanwhile_is_gone() -> None:
    service = holding()
    service.start_asynchronously(0)
    backend = service.open()
    started = backend.withdraw(ONE)
    service.accept(ONE.member)

    assert isinstance(started, Started)
    settled = backend.settle(started)
    assert isinstance(settled, Outcome)
    assert settled.result is Result.ALREADY_GONE


def test_what_was_started_is_carried_out_although_its_token_was_lost() -> None:
    service = holding()
    service.start_asynchronously()
    service.fail("withdraw", TransportError("cut off", code="cut", sent="maybe"), after_effect=True)
    with pytest.raises(TransportError):
        service.open().withdraw(ONE)
    assert ONE.id in {one.id for one in service.pending}

    service.carry_out()
    service.carry_out()

    assert results(service) == [(ONE.id, "withdrawn")]


def test_asking_can_fail_too_and_a_token_belongs_to_its_invitation() -> None:
    service = holding()
    service.start_asynchronously(0)
    service.fail("settle", BackendError("out of order"))
    backend = service.open()
    started = backend.withdraw(ONE)
    assert isinstance(started, Started)

    with pytest.raises(BackendError, match="out of order"):
        backend.settle(started)
    with pytest.raises(RefusedError) as caught:
        backend.settle(Started(invitation_id=OTHER.id, token=started.token))
    assert caught.value.code == "unknown-token"
    assert isinstance(backend.settle(started), Outcome)


# ── What it takes ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sent": CASE.received}, "was received and is pending; a service lists here what was sent"),
        ({"received": CASE.sent}, "was sent and is pending; a service lists here what was received"),
        ({"sent": [attrs.evolve(ONE, status=Status.ACCEPTED)]}, "was sent and is accepted"),
        ({"sent": [ONE, OTHER, ONE]}, "is there more than once"),
        ({"sent": ["ada-example-77"]}, "sent must be of type Invitation, got str"),
        ({"connections": CASE.sent}, "connections must be of type Connection, got Invitation"),
        ({"account": "mara"}, "account must be of type Member, got str"),
        ({"capabilities": ["withdraw"]}, "capabilities must be of type Capability, got str"),
        ({"sent": 5}, "sent must be several of type Invitation, got int"),
        ({"capabilities": None}, "capabilities must be several of type Capability, got NoneType"),
        ({"page_size": 0}, "page_size must be a whole number from 1 up"),
    ],
)
def test_what_makes_no_service_is_refused(settings: Any, message: str) -> None:
    with pytest.raises(DataError, match=re.escape(message)):
        memory(**settings)


def test_reprs_show_nobody() -> None:
    service = holding()
    shown = f"{service!r} {service.open()!r} {service.aopen()!r}"

    assert repr(service) == "memory(25 sent, 7 received, 13 connections)"
    assert not [one for one in CASE.sent if str(one.member.slug) in shown or str(one.member.name) in shown]


def test_it_holds_nothing_unless_it_is_given_something() -> None:
    service = memory()

    assert [service.open().page(of).items for of in ListKind] == [(), (), ()]
    assert service.open().page(ListKind.SENT).account == service.account
    assert service.account.slug is not UNKNOWN


def test_a_plan_can_be_rehearsed_with_it() -> None:
    old = [attrs.evolve(one, direction=Direction.SENT) for one in CASE.sent]
    service = memory(
        sent=old, connections=[Connection(member=ONE.member, connected_at=CASE.connections[0].connected_at)]
    )
    backend = service.open(clock=FakeClock(datetime(2026, 3, 31, tzinfo=UTC) + timedelta(days=1)))

    for invitation in backend.sent():
        if backend.read(invitation.member).connected is not Truth.TRUE:
            backend.withdraw(invitation)

    assert service.pending == (ONE,)

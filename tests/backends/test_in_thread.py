"""A backend of one colour serves callers of the other."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from invitekit.backends import in_loop, in_thread, memory
from invitekit.errors import BackendError, CapabilityError, DataError
from invitekit.model import Capability, Invitation, ListKind, Outcome, Result, Started
from invitekit.ports import AsyncBackend, Backend
from invitekit.testing import check_async_backend, check_backend
from invitekit.testing._backend_case import small_case

CASE = small_case()
ONE, OTHER = CASE.sent[:2]
PATIENCE = 20.0


def service(**settings: Any) -> Any:
    return memory(
        sent=CASE.sent,
        received=CASE.received,
        connections=CASE.connections,
        account=CASE.account,
        **settings,
    )


class Slow:
    """A sync backend whose withdrawals wait at a gate, and which counts how many calls are under way."""

    def __init__(self) -> None:
        self.inner = service().open()
        self.capabilities = self.inner.capabilities
        self.page, self.read, self.settle = self.inner.page, self.inner.read, self.inner.settle
        self.begun, self.gate = threading.Event(), threading.Event()
        self.threads: set[threading.Thread] = set()
        self.under_way = self.most = 0
        self.withdrawn: list[str] = []
        self.closed = 0

    def withdraw(self, invitation: Invitation) -> Outcome | Started:
        self.threads.add(threading.current_thread())
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        self.begun.set()
        assert self.gate.wait(PATIENCE)
        self.under_way -= 1
        self.withdrawn.append(invitation.id)
        return self.inner.withdraw(invitation)

    def close(self) -> None:
        assert self.under_way == 0, "closed in the middle of a call"
        self.closed += 1


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not happened():  # noqa: ASYNC110  it happens in a thread
            await asyncio.sleep(0.001)


# ── Sync to async ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_lent_sync_backend_keeps_every_promise_of_an_async_one() -> None:
    kept = asyncio.run(check_async_backend(lambda case: in_thread(made(case).open())))

    assert "an invitation is withdrawn once" in kept


def test_it_is_an_async_backend_with_listings() -> None:
    async def use() -> tuple[bool, int, str]:
        async with in_thread(service().open()) as lent:
            snapshot = await lent.snapshot()
            return isinstance(lent, AsyncBackend), len(snapshot.open_sent), str(snapshot.source)

    assert asyncio.run(use()) == (True, len(CASE.sent), "memory")


def test_calls_come_one_at_a_time_in_one_thread_in_the_order_of_asking() -> None:
    slow = Slow()
    slow.gate.set()

    async def use() -> None:
        lent = in_thread(slow)
        await asyncio.gather(*(lent.withdraw(one) for one in CASE.sent))
        await lent.aclose()

    asyncio.run(use())

    assert slow.most == 1
    assert len(slow.threads) == 1
    assert threading.main_thread() not in slow.threads
    assert slow.withdrawn == [one.id for one in CASE.sent]


def test_the_loop_goes_on_while_a_call_is_under_way() -> None:
    slow = Slow()

    async def use() -> Outcome | Started:
        async with in_thread(slow) as lent:
            call = asyncio.create_task(lent.withdraw(ONE))
            await until(slow.begun.is_set)  # It could not get here if the loop were blocked.
            slow.gate.set()
            return await call

    answer = asyncio.run(use())

    assert isinstance(answer, Outcome)
    assert answer.result is Result.WITHDRAWN


def test_a_cancelled_call_that_is_under_way_goes_on_and_the_next_one_waits_for_it() -> None:
    slow = Slow()

    async def use() -> None:
        async with in_thread(slow) as lent:
            call = asyncio.create_task(lent.withdraw(ONE))
            await until(slow.begun.is_set)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            following = asyncio.create_task(lent.withdraw(OTHER))
            await asyncio.sleep(0.02)
            assert slow.under_way == 1
            slow.gate.set()
            await following

    asyncio.run(use())

    assert slow.withdrawn == [ONE.id, OTHER.id]
    assert slow.most == 1


def test_a_cancelled_call_that_waits_for_its_turn_is_never_made() -> None:
    slow = Slow()

    async def use() -> None:
        async with in_thread(slow) as lent:
            first = asyncio.create_task(lent.withdraw(ONE))
            await until(slow.begun.is_set)
            second = asyncio.create_task(lent.withdraw(OTHER))
            await asyncio.sleep(0)
            second.cancel()
            await asyncio.wait([second])
            slow.gate.set()
            await first

    asyncio.run(use())

    assert slow.withdrawn == [ONE.id]


def test_closing_waits_for_the_call_under_way_and_ends_the_thread() -> None:
    slow = Slow()

    async def use() -> None:
        lent = in_thread(slow)
        call = asyncio.create_task(lent.withdraw(ONE))
        await until(slow.begun.is_set)
        closing = asyncio.create_task(lent.aclose())
        again = asyncio.create_task(lent.aclose())
        await asyncio.sleep(0.02)
        assert slow.closed == 0
        slow.gate.set()
        await asyncio.gather(call, closing, again)
        with pytest.raises(BackendError) as caught:
            await lent.page(ListKind.SENT)
        assert (caught.value.code, caught.value.sent) == ("closed", "no")
        await lent.aclose()

    asyncio.run(use())

    assert slow.closed == 1
    (thread,) = slow.threads
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_closing_is_not_called_off_by_whoever_is_cancelled_while_waiting_for_it() -> None:
    slow = Slow()

    async def use() -> None:
        lent = in_thread(slow)
        call = asyncio.create_task(lent.withdraw(ONE))
        await until(slow.begun.is_set)
        closing = asyncio.create_task(lent.aclose())
        await asyncio.sleep(0)
        closing.cancel()
        await asyncio.wait([closing])
        slow.gate.set()
        await call
        await lent.aclose()

    asyncio.run(use())

    assert slow.closed == 1


def test_an_error_of_closing_comes_out_once() -> None:
    class Stuck(Slow):
        def close(self) -> None:
            raise BackendError("stuck")

    async def use() -> None:
        lent = in_thread(Stuck())
        with pytest.raises(BackendError, match="stuck"):
            await lent.aclose()
        await lent.aclose()

    asyncio.run(use())


def test_errors_come_through_as_they_are() -> None:
    async def use() -> None:
        async with in_thread(service(capabilities=()).open()) as lent:
            assert lent.capabilities == frozenset()
            with pytest.raises(CapabilityError) as caught:
                await lent.withdraw(ONE)
            assert caught.value.capability == Capability.WITHDRAW

    asyncio.run(use())


def test_it_may_be_used_in_one_loop_after_another() -> None:
    lent = in_thread(service().open())

    assert asyncio.run(lent.page(ListKind.SENT)).total == len(CASE.sent)
    assert asyncio.run(lent.page(ListKind.RECEIVED)).total == len(CASE.received)
    asyncio.run(lent.aclose())


# ── Async to sync ────────────────────────────────────────────────────────────────────────────────────────────────


def made(case: Any) -> Any:
    return memory(sent=case.sent, received=case.received, connections=case.connections, account=case.account)


def test_a_lent_async_backend_keeps_every_promise_of_a_sync_one() -> None:
    kept = check_backend(lambda case: in_loop(made(case).aopen()))

    assert "an invitation is withdrawn once" in kept


def test_it_is_a_sync_backend_with_listings_also_inside_a_running_loop() -> None:
    async def use() -> tuple[bool, int]:
        with in_loop(service().aopen()) as lent:
            return isinstance(lent, Backend), len(lent.snapshot().open_sent)

    assert asyncio.run(use()) == (True, len(CASE.sent))


class Patient:
    """An async backend that answers when it is let, and remembers where it ran."""

    def __init__(self) -> None:
        self.inner = service().aopen()
        self.capabilities = self.inner.capabilities
        self.read, self.settle = self.inner.read, self.inner.settle
        self.loops: set[int] = set()
        self.begun = threading.Event()
        self.cancelled = threading.Event()
        self.closed = 0

    async def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Any:
        self.loops.add(id(asyncio.get_running_loop()))
        await asyncio.sleep(0)
        return await self.inner.page(of, cursor, size)

    async def withdraw(self, invitation: Invitation) -> Outcome | Started:
        self.begun.set()
        try:
            answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
            return await answer  # Nobody answers.
        finally:
            self.cancelled.set()

    async def aclose(self) -> None:
        self.closed += 1


def lent_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "invitekit-lent"]


def test_every_call_runs_in_one_loop_from_whatever_thread_it_comes() -> None:
    patient = Patient()
    with in_loop(patient) as lent, ThreadPoolExecutor(4) as pool:
        totals = list(pool.map(lambda _: lent.page(ListKind.SENT).total, range(20)))

    assert totals == [len(CASE.sent)] * 20
    assert len(patient.loops) == 1


def test_closing_cancels_what_is_under_way_and_whoever_waits_for_it_is_told_so() -> None:
    patient = Patient()
    lent = in_loop(patient)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(lent.withdraw, ONE)
        assert patient.begun.wait(PATIENCE)
        lent.close()
        with pytest.raises(BackendError) as caught:
            call.result(PATIENCE)

    assert (caught.value.code, caught.value.sent) == ("closed", "maybe")
    assert patient.cancelled.is_set()


def test_closing_joins_the_thread_and_is_done_once() -> None:
    before = len(lent_threads())
    patient = Patient()
    lent = in_loop(patient)
    lent.page(ListKind.SENT)
    assert len(lent_threads()) == before + 1

    lent.close()
    lent.close()

    assert len(lent_threads()) == before
    assert patient.closed == 1
    with pytest.raises(BackendError) as caught:
        lent.page(ListKind.SENT)
    assert (caught.value.code, caught.value.sent) == ("closed", "no")


def test_one_that_was_never_used_has_no_thread_and_is_closed_all_the_same() -> None:
    before = len(lent_threads())
    patient = Patient()
    lent = in_loop(patient)
    assert len(lent_threads()) == before

    lent.close()

    assert patient.closed == 1


def test_an_interrupt_cancels_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    from concurrent.futures import Future

    patient = Patient()

    def interrupted(self: Future[Any], timeout: float | None = None) -> Any:
        assert patient.begun.wait(PATIENCE)
        raise KeyboardInterrupt

    with in_loop(patient) as lent:
        lent.page(ListKind.SENT)
        with monkeypatch.context() as patch:
            # The loop itself has been handed over already; only the answer is waited for.
            real = Future.result
            patch.setattr(
                Future,
                "result",
                lambda self, timeout=None: real(self, 0) if self.done() else interrupted(self, timeout),
            )
            with pytest.raises(KeyboardInterrupt):
                lent.withdraw(ONE)
        assert patient.cancelled.wait(PATIENCE)


# ── What cannot be lent ──────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_not_open_is_refused() -> None:
    with pytest.raises(DataError, match=r"not Memory\. Open it first"):
        in_thread(service())
    with pytest.raises(DataError, match=r"not Memory\. Open it first"):
        in_loop(service())


def test_whoever_confuses_the_two_is_told_the_other() -> None:
    wrong: Any = service()
    with pytest.raises(DataError, match=r"not AsyncMemoryBackend\. in_loop lends an async backend"):
        in_thread(wrong.aopen())
    with pytest.raises(DataError, match=r"not MemoryBackend\. in_thread lends a sync backend"):
        in_loop(wrong.open())


def test_the_repr_shows_nobody() -> None:
    lent = in_loop(service().aopen())

    assert repr(lent).startswith("in_loop(<AsyncMemoryBackend of memory(25 sent")
    lent.close()
    assert not any(str(one.member.name) in repr(lent) for one in CASE.sent)

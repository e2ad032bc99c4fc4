"""Flows stepped by hand: what they ask for, in which order, and what stops them."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import warnings
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.flows.stepping import T0

from invitekit._drive import adrive, advance, drive
from invitekit._ops import Done, Emit, Exchange, Hold, Now, Op, Pause, flow
from invitekit._wire import Request, Response
from invitekit.errors import BackendError, RateLimitedError, RefusedError, TransportError
from invitekit.flows import ReadPage, ask
from invitekit.model import ListKind

GET = Request("GET", ("users", "me"))
DELETE = Request("DELETE", ("users", "invite", "sent", "77"))
FINE = Response(200, (), b"{}")
PATIENCE = timedelta(minutes=5)


def interpret(response: Response, at: datetime) -> str:
    assert response == FINE
    return f"read at {at:%H:%M}"


class Again:
    """Waits a second after each of so many failures, and remembers what it was asked."""

    def __init__(self, times: int = 0) -> None:
        self.times = times
        self.asked: list[tuple[int, str]] = []

    def __call__(self, failures: int, error: BackendError) -> timedelta | None:
        self.asked.append((failures, error.code))
        return timedelta(seconds=1) if failures <= self.times else None

    def succeeded(self) -> None:
        self.asked.append((0, "succeeded"))


class TestAsking:
    def test_one_request_and_the_moment_its_answer_came(self) -> None:
        again = Again()
        asking = ask(GET, interpret, retry=again, patience=PATIENCE)

        assert asking.send(None) == Exchange(GET)
        assert asking.send(FINE) == Now()
        assert asking.send(T0) == Done("read at 09:30")
        assert again.asked == [(0, "succeeded")]

    def test_whoever_is_told_to_wait_holds_everybody_back_whatever_else_was_said(self) -> None:
        """Also where nobody waits for it: a service that blocks, or refuses, may name a time as well."""

        def refuse(response: Response, at: datetime) -> str:
            raise RefusedError("no", code="forbidden")

        asking = ask(GET, refuse, retry=Again(), patience=PATIENCE)
        asking.send(None)

        assert asking.send(Response(403, (("retry-after", "3600"),))) == Now()
        assert asking.send(T0) == Hold(T0 + timedelta(hours=1))
        with pytest.raises(RefusedError):
            asking.send(None)

    def test_what_fails_in_passing_is_asked_again_after_a_pause(self) -> None:
        again = Again(1)
        asking = ask(GET, interpret, retry=again, patience=PATIENCE)
        asking.send(None)

        assert asking.throw(TransportError("cut", code="cut")) == Pause(timedelta(seconds=1))
        assert asking.send(None) == Exchange(GET)
        assert again.asked == [(1, "cut")]

    def test_what_may_have_been_sent_is_never_sent_again_whatever_retry_says(self) -> None:
        again = Again(9)
        asking = ask(DELETE, interpret, retry=again, patience=PATIENCE)
        asking.send(None)

        with pytest.raises(TransportError):
            asking.throw(TransportError("cut", code="cut", sent="maybe"))

        assert again.asked == []

    def test_what_was_proven_unsent_may_be(self) -> None:
        asking = ask(DELETE, interpret, retry=Again(1), patience=PATIENCE)
        asking.send(None)

        assert asking.throw(TransportError("no", code="connect", sent="no")) == Pause(timedelta(seconds=1))

    def test_what_is_given_up_comes_out_as_it_came_in(self) -> None:
        asking = ask(DELETE, interpret, retry=Again(), patience=PATIENCE)
        asking.send(None)
        error = TransportError("cut", code="cut", sent="maybe")

        with pytest.raises(TransportError) as caught:
            asking.throw(error)

        assert caught.value is error

    def test_a_read_waits_for_the_end_of_a_rate_limit_and_holds_everybody_back(self) -> None:
        asking = ask(GET, interpret, retry=Again(), patience=PATIENCE)
        asking.send(None)
        later = T0 + timedelta(seconds=90)

        assert asking.throw(RateLimitedError("slow", not_before=later)) == Hold(later)
        assert asking.send(None) == Now()
        assert asking.send(T0) == Pause(timedelta(seconds=90))
        assert asking.send(None) == Exchange(GET)

    @pytest.mark.parametrize(
        ("request_", "wait"), [(GET, timedelta(minutes=5, microseconds=1)), (DELETE, timedelta(seconds=1))]
    )
    def test_nobody_waits_longer_than_patience_and_a_write_not_at_all(
        self, request_: Request, wait: timedelta
    ) -> None:
        asking = ask(request_, interpret, retry=Again(9), patience=PATIENCE)
        asking.send(None)

        assert asking.throw(RateLimitedError("slow", not_before=T0 + wait)) == Hold(T0 + wait)
        asking.send(None)
        with pytest.raises(RateLimitedError):
            asking.send(T0)

    def test_a_service_that_always_says_later_is_believed_in_the_end(self) -> None:
        asked: list[Op[Any]] = []

        def perform(op: Op[Any]) -> Any:
            if op == Exchange(GET):
                asked.append(op)
                raise RateLimitedError("slow", not_before=T0)
            return T0 if op == Now() else None

        with pytest.raises(RateLimitedError):
            drive(ask(GET, interpret, retry=Again(), patience=PATIENCE), perform)

        assert len(asked) == 3


@flow
async def two_pauses() -> str:
    await Pause(timedelta(seconds=1))
    await Pause(timedelta(seconds=2))
    return "done"


@flow
async def nested() -> str:
    await Emit("before")
    return await two_pauses()


class TestRefusals:
    def test_a_foreign_await_is_refused_by_name(self) -> None:
        @flow
        async def strays() -> None:
            await asyncio.sleep(0)

        with pytest.raises(TypeError, match=r"strays', or one inside it, awaited None, no operation of"):
            strays().send(None)

    def test_so_is_one_that_needs_a_loop(self) -> None:
        @flow
        async def strays() -> None:
            await asyncio.get_running_loop().create_future()

        async def main() -> None:
            async def perform(op: Op[Any]) -> None: ...

            await adrive(strays(), perform)

        with pytest.raises(TypeError, match=r"awaited <Future pending.*no operation of invitekit"):
            asyncio.run(main())

    def test_a_flow_that_swallows_the_refusal_is_refused_again(self) -> None:
        @flow
        async def stubborn() -> str:
            with contextlib.suppress(TypeError):
                await asyncio.sleep(0)
            await asyncio.sleep(0)
            return "never"

        with pytest.raises(TypeError, match="no operation of invitekit"):
            stubborn().send(None)

    @pytest.mark.parametrize("awaited", [two_pauses, Now])
    def test_asyncio_is_told_who_performs_a_flow(self, awaited: Any) -> None:
        async def main() -> None:
            begun = awaited()
            try:
                await begun
            finally:
                if hasattr(begun, "close"):
                    begun.close()

        with pytest.raises(TypeError, match="is performed by a driver"):
            asyncio.run(main())

    def test_a_dropped_flow_is_noticed(self) -> None:
        """As any coroutine that nobody awaited; an operation that was dropped, type checkers notice."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            two_pauses()
            gc.collect()

        assert "two_pauses' was never awaited" in str(caught[0].message)


class TestReprs:
    def test_a_flow_says_where_it_is(self) -> None:
        steps = nested()
        assert repr(steps) == "<flow nested, not begun>"

        steps.send(None)
        assert repr(steps) == "<flow nested, at operation 1: Emit(value='before')>"

        steps.send(None)
        assert "at operation 2: Pause(delay=datetime.timedelta(seconds=1))" in repr(steps)

        with pytest.raises(KeyError):
            steps.throw(KeyError())
        assert repr(steps) == "<flow nested, ended by KeyError>"

    def test_so_does_one_inside_another_and_one_that_is_done(self) -> None:
        inner = two_pauses()

        @flow
        async def outer() -> str:
            return await inner

        steps = outer()
        steps.send(None)
        assert repr(inner) == "<flow two_pauses, inside another flow>"

        steps.send(None)
        steps.send(None)
        assert repr(steps).endswith("outer, done>")

    def test_operations_and_requests_show_no_ids_and_no_people(self) -> None:
        shown = repr(Exchange(Request("DELETE", ("users", "invite", "sent", "77"), {"account_id": "secret"})))

        assert shown == "Exchange(request=Request(DELETE /users/invite/…))"
        assert repr(Response(200, (), b"Ada Example")) == "Response(200, 11 bytes)"


class TestDrivers:
    def test_both_give_the_same(self) -> None:
        performed: list[Op[Any]] = []

        async def aperform(op: Op[Any]) -> None:
            performed.append(op)

        assert drive(nested(), performed.append) == asyncio.run(adrive(nested(), aperform)) == "done"
        assert performed[:2] == performed[2:] == [Pause(timedelta(seconds=1)), Pause(timedelta(seconds=2))]

    def test_trio_drives_as_well(self) -> None:
        trio = pytest.importorskip("trio")

        async def perform(op: Op[Any]) -> None:
            await trio.sleep(0)

        assert trio.run(adrive, nested(), perform) == "done"

    def test_the_sync_driver_works_while_a_loop_is_running(self) -> None:
        async def cell() -> str:
            return drive(nested(), lambda op: None)

        assert asyncio.run(cell()) == "done"

    def test_what_is_shown_goes_to_whoever_follows(self) -> None:
        shown: list[str] = []

        drive(nested(), lambda op: None, shown.append)

        assert shown == ["before"]

    def test_what_fails_is_thrown_in_at_the_await(self) -> None:
        @flow
        async def catches() -> str:
            try:
                await Now()
            except RefusedError as error:
                return f"caught {error.code}"
            return "not reached"

        def fail(op: Op[Any]) -> Any:
            raise RefusedError("no", code="sign-in")

        async def afail(op: Op[Any]) -> Any:
            raise RefusedError("no", code="sign-in")

        assert drive(catches(), fail) == asyncio.run(adrive(catches(), afail)) == "caught sign-in"

    @pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit, asyncio.CancelledError, GeneratorExit])
    def test_an_interrupt_is_no_answer(self, interrupt: type[BaseException]) -> None:
        """It leaves the driver, and the flow is closed where it stands, without a chance to swallow it."""
        left: list[str] = []

        @flow
        async def careful() -> None:
            try:
                await Now()
            except Exception:  # noqa: BLE001  an interrupt must not end here
                left.append("swallowed")
            finally:
                left.append("closed")

        def perform(op: Op[Any]) -> Any:
            raise interrupt

        with pytest.raises(interrupt):
            drive(careful(), perform)

        assert left == ["closed"]

    def test_trio_can_cancel_a_flow(self) -> None:
        trio = pytest.importorskip("trio")
        left: list[str] = []

        @flow
        async def careful() -> None:
            try:
                await Now()
            finally:
                left.append("closed")

        async def perform(op: Op[Any]) -> Any:
            await trio.sleep_forever()

        async def main() -> None:
            with trio.move_on_after(0.01):
                await adrive(careful(), perform)

        trio.run(main)

        assert left == ["closed"]

    def test_advancing_stops_at_what_is_shown(self) -> None:
        steps = nested()

        assert advance(steps, lambda op: None) == Emit("before")
        assert advance(steps, lambda op: None) == Done("done")


def test_an_operation_is_a_value() -> None:
    assert ReadPage(ListKind.SENT, "100", 50) == ReadPage(ListKind.SENT, "100", 50)
    assert hash(Pause(timedelta(seconds=1))) == hash(Pause(timedelta(seconds=1)))
    assert Hold(datetime(2026, 1, 1, tzinfo=UTC)) != Hold(datetime(2026, 1, 2, tzinfo=UTC))

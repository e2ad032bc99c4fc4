"""Operations and flows: how logic asks for effects without performing them.

A flow is an ``async def`` function that awaits operations, other flows, and nothing else. An operation is a frozen
value that says what is wanted; awaiting it hands it up to whoever steps the flow, and the await gives what it was
answered with. `invitekit.flows` opens with the theory of operation, and `invitekit._drive` holds the two drivers.

Here are the mechanism and the operations that need no model.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from contextvars import ContextVar
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Generic, ParamSpec, TypeGuard, TypeVar

import attrs

from invitekit._wire import Request, Response

__all__ = ["Done", "Emit", "Exchange", "Flow", "Hold", "Now", "Op", "Pause", "flow"]

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_driven: ContextVar[bool] = ContextVar("driven", default=False)
"""Whether a flow is being stepped here and now: asyncio or trio would not know what to do with an operation."""


class Op(Generic[T_co]):
    """Something a flow may await; `T_co` is what it is answered with."""

    __slots__ = ()

    def __await__(self) -> Generator[Op[Any], Any, T_co]:
        if not _driven.get():
            raise TypeError(f"{self!r} is performed by a driver; only a flow can await it")
        answer: T_co = yield self
        return answer


@attrs.frozen(weakref_slot=False)
class Exchange(Op[Response]):
    """Send one request, once, and give the answer; what arrived is an answer, whatever its status."""

    request: Request


@attrs.frozen(weakref_slot=False)
class Pause(Op[None]):
    """Wait before going on; not at all where `delay` is not above zero. Nobody else is stopped: that is `Hold`."""

    delay: timedelta


@attrs.frozen(weakref_slot=False)
class Now(Op[datetime]):
    """Read the clock: this moment, aware, in UTC."""


@attrs.frozen(weakref_slot=False)
class Hold(Op[None]):
    """Let no request of anybody out before this moment, aware UTC; waiting oneself is `Pause`."""

    until: datetime


@attrs.frozen(weakref_slot=False)
class Emit(Op[None]):
    """Show something to whoever follows the flow; where nobody does, nothing happens."""

    value: Any


@attrs.frozen(weakref_slot=False)
class Done(Generic[T_co]):
    """What a flow that has come to its end gives."""

    result: T_co


def _is_operation(asked: object) -> TypeGuard[Op[Any]]:
    return isinstance(asked, Op)


class Flow(Generic[T]):
    """A flow under way: step it with `send` and `throw`, or await it inside another flow.

    Args:
        name: What it is called, for its repr and for errors.
        coroutine: What it is.
    """

    __slots__ = ("_asked", "_coroutine", "_name", "_state")

    def __init__(self, name: str, coroutine: Coroutine[Any, Any, T]) -> None:
        self._name = name
        self._coroutine = coroutine
        self._asked = 0
        self._state: object = "not begun"

    def send(self, answer: Any) -> Op[Any] | Done[T]:
        """Answer the operation it waits for (the first time: None), and give the next one, or its end.

        Raises:
            TypeError: It awaited something that is no operation.
        """
        return self._advance(self._coroutine.send, answer)

    def throw(self, error: BaseException) -> Op[Any] | Done[T]:
        """Let the operation it waits for fail, and give the next one, or its end.

        Raises:
            TypeError: It awaited something that is no operation.
        """
        return self._advance(self._coroutine.throw, error)

    def close(self) -> None:
        """Leave it where it is. Closing twice, or after its end, does nothing."""
        self._coroutine.close()

    def _advance(self, resume: Callable[[Any], Any], given: Any) -> Op[Any] | Done[T]:
        token = _driven.set(True)
        try:
            asked = resume(given)
        except StopIteration as end:
            self._state = "done"
            return Done(end.value)
        except BaseException as error:
            self._state = f"ended by {type(error).__name__}"
            raise
        finally:
            _driven.reset(token)
        self._asked += 1
        self._state = asked
        if _is_operation(asked):
            return asked
        # Thrown at the very await, so that the traceback shows it.
        foreign = f"the flow {self._name!r}, or one inside it, awaited {asked!r:.80}, no operation of invitekit"
        return self.throw(TypeError(foreign))

    def __await__(self) -> Generator[Any, Any, T]:
        if not _driven.get():
            raise TypeError(f"{self!r} is performed by a driver; only another flow can await it")
        self._state = "inside another flow"
        return self._coroutine.__await__()

    def __repr__(self) -> str:
        state = self._state if isinstance(self._state, str) else f"at operation {self._asked}: {self._state!r}"
        return f"<flow {self._name}, {state}>"


def flow(function: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Flow[T]]:
    """Make an ``async def`` function a flow: calling it gives a `Flow`, to be performed by a driver."""

    @wraps(function)
    def begin(*args: P.args, **kwargs: P.kwargs) -> Flow[T]:
        return Flow(function.__qualname__, function(*args, **kwargs))

    return begin

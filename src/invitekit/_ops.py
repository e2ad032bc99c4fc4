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
from typing import Any, Generic, ParamSpec, TypeVar

import attrs

from invitekit._wire import Request, Response

__all__ = ["Done", "Emit", "Exchange", "Flow", "Hold", "Now", "Op", "Pause", "flow"]

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_stepping: ContextVar[bool] = ContextVar("stepping", default=False)
"""Whether a flow is being stepped here and now: asyncio or trio would not know what to do with an operation."""


class Op(Generic[T_co]):
    """Something a flow may await; `T_co` is what it is answered with."""

    __slots__ = ()

    def __await__(self) -> Generator[Op[Any], Any, T_co]:
        if not _stepping.get():
            raise TypeError(f"{self!r} is performed by a driver; only a flow can await it")
        answer: T_co = yield self
        return answer


@attrs.frozen(weakref_slot=False)
class Exchange(Op[Response]):
    """Send one request, once, and give the answer; what arrived is an answer, whatever its status."""

    request: Request


@attrs.frozen(weakref_slot=False)
class Pause(Op[None]):
    """Wait; not at all where `delay` is not above zero."""

    delay: timedelta


@attrs.frozen(weakref_slot=False)
class Now(Op[datetime]):
    """Read the clock: this moment, aware, in UTC."""


@attrs.frozen(weakref_slot=False)
class Hold(Op[None]):
    """Let no request out before this moment, whoever asks; aware UTC."""

    until: datetime


@attrs.frozen(weakref_slot=False)
class Emit(Op[None]):
    """Show something to whoever follows the flow; where nobody does, nothing happens."""

    value: Any


@attrs.frozen(weakref_slot=False)
class Done(Generic[T_co]):
    """What a flow that has come to its end gives."""

    result: T_co


class Flow(Generic[T]):
    """A flow under way: step it with `send` and `throw`, or await it inside another flow.

    Args:
        name: What it is called, for its repr and for errors.
        steps: The coroutine that it is.
    """

    __slots__ = ("_name", "_step", "_steps", "_taken")

    def __init__(self, name: str, steps: Coroutine[Any, Any, T]) -> None:
        self._name = name
        self._steps = steps
        self._step: Op[Any] | Done[T] | None = None
        self._taken = 0

    def send(self, answer: Any) -> Op[Any] | Done[T]:
        """Answer the operation it waits for (the first time: None), and give the next one, or its end.

        Raises:
            TypeError: It awaited something that is no operation.
        """
        return self._advance(self._steps.send, answer)

    def throw(self, error: BaseException) -> Op[Any] | Done[T]:
        """Let the operation it waits for fail, and give the next one, or its end.

        Raises:
            TypeError: It awaited something that is no operation.
        """
        return self._advance(self._steps.throw, error)

    def close(self) -> None:
        """Leave it where it is. Closing twice, or after its end, does nothing."""
        self._steps.close()

    def _advance(self, resume: Callable[[Any], Any], given: Any) -> Op[Any] | Done[T]:
        token = _stepping.set(True)
        try:
            said = resume(given)
        except StopIteration as end:
            self._step = Done(end.value)
            return self._step
        finally:
            _stepping.reset(token)
        self._taken += 1
        if isinstance(said, Op):
            self._step = said
            return said
        # Thrown at the very await, so that the traceback shows it.
        foreign = f"the flow {self._name!r} awaited {said!r:.80}, which is no operation of invitekit"
        return self.throw(TypeError(foreign))

    def __await__(self) -> Generator[Any, Any, T]:
        if not _stepping.get():
            raise TypeError(f"{self!r} is performed by a driver; only another flow can await it")
        return self._steps.__await__()

    def __repr__(self) -> str:
        if isinstance(self._step, Done):
            state = "done"
        elif self._step is None:
            state = "not begun"
        else:
            state = f"at operation {self._taken}: {self._step!r}"
        return f"<flow {self._name}, {state}>"


def flow(function: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Flow[T]]:
    """Make an ``async def`` function a flow: calling it gives a `Flow`, for a driver or another flow to
    perform."""

    @wraps(function)
    def begin(*args: P.args, **kwargs: P.kwargs) -> Flow[T]:
        return Flow(function.__qualname__, function(*args, **kwargs))

    return begin

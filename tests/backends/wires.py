"""Wires of both colours, over both libraries, as one thing to ask with."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import itertools
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import attrs
import pytest

from invitekit._drive import SystemClock
from invitekit._ops import Exchange, Op
from invitekit._wire import Request, Response
from invitekit.backends._http import AsyncWire, Wire
from invitekit.backends._origin import Origin

MOMENT = timedelta(seconds=0.005)
DEADLINE = timedelta(seconds=0.4)
LONG = timedelta(seconds=10)
"""For what is not about deadlines: never reached, also where the machine is busy."""

READ = Request("GET", ("users", "invite", "sent"), {"limit": "100"})
WRITE = Request("DELETE", ("users", "invite", "sent", "7001"))
POST = Request("POST", ("users", "invite"), body={"note": "hello"})

Ask = Callable[[Request], Response]


@attrs.frozen
class Caller:
    """A colour, a library, and whose client is used."""

    colour: str
    library: str
    whose: str = "own"

    def __str__(self) -> str:
        return f"{self.colour}-{self.library}-{self.whose}"

    @property
    def sync(self) -> bool:
        return self.colour == "sync"

    @property
    def module(self) -> Any:
        return import_module(self.library)

    @contextlib.contextmanager
    def wire(self, url: str | Origin, *, client: Any = None, **settings: Any) -> Iterator[Asker]:
        """Open a wire to an address, and close it, the client and the loop afterwards."""
        origin = url if isinstance(url, Origin) else Origin.of(url)
        settings = {"headers": {"x-api-key": "key-of-the-tests"}, "deadline": LONG, **settings}
        headers = settings.pop("headers")
        with contextlib.ExitStack() as stack:
            run = stack.enter_context(asyncio.Runner()).run if not self.sync else None
            if self.whose == "theirs" and client is None:
                client = self.client()
            if self.library == "httpx2" and client is None:
                # The own client takes the first of the two that is there.
                patch = stack.enter_context(pytest.MonkeyPatch.context())
                patch.setitem(sys.modules, "httpx", None)
            wire = (
                Wire(origin, headers, client=client, **settings)
                if self.sync
                else AsyncWire(origin, headers, client=client, **settings)
            )
            try:
                yield Asker(wire, run)
            finally:
                closing = [wire, client] if hasattr(client, "send") else [wire]
                for each in closing:
                    each.close() if run is None else run(each.aclose())

    def client(self, **settings: Any) -> Any:
        settings = {"trust_env": False, "verify": some_context(), **settings}
        return (self.module.Client if self.sync else self.module.AsyncClient)(**settings)


@attrs.frozen
class Asker:
    """An open wire of either colour."""

    wire: Any
    run: Any

    def perform(self, op: Op[Any]) -> Any:
        performed = self.wire.perform(op)
        return performed if self.run is None else self.run(performed)

    def __call__(self, request: Request) -> Response:
        return self.perform(Exchange(request))

    def outcome(self, request: Request) -> Response | Exception:
        try:
            return self(request)
        except Exception as error:  # noqa: BLE001  which one it is, is what the tests are about
            return error


def wait_until(condition: Callable[[], object]) -> None:
    """Wait for what another thread does."""
    while not condition():
        SystemClock().pause(MOMENT)


async def await_until(condition: Callable[[], object]) -> None:
    """As `wait_until`, where others run meanwhile."""
    while not condition():
        await SystemClock().apause(MOMENT)


@functools.cache
def some_context() -> Any:
    import ssl

    return ssl.create_default_context()


LIBRARIES = ["httpx", *(["httpx2"] if find_spec("httpx2") else [])]
OWN = [Caller(colour, library) for colour, library in itertools.product(("sync", "async"), LIBRARIES)]
THEIRS = [attrs.evolve(caller, whose="theirs") for caller in OWN]

own = pytest.mark.parametrize("caller", OWN, ids=str)
theirs = pytest.mark.parametrize("caller", THEIRS, ids=str)
every = pytest.mark.parametrize("caller", [*OWN, *THEIRS], ids=str)
both = pytest.mark.parametrize("request_", [READ, WRITE], ids=["read", "write"])

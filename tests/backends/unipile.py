"""The same question in both colours, in process and on a socket, each with a backend that is opened for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Literal

import attrs

import invitekit as ik
from invitekit.backends._unipile import Unipile
from invitekit.testing import FakeUnipile, ServiceWorld

KEY = "example-key"
ACCOUNT = "example-account"

Colour = Literal["sync", "async"]


@attrs.frozen
class Service:
    """A fake service, and a way to ask it.

    Args:
        fake: The service.
        vendor: How to reach it.
        colour: Which kind of backend is opened.
        client: What `open` is given.
    """

    fake: FakeUnipile
    vendor: Unipile
    colour: Colour
    client: Any = None

    @property
    def world(self) -> ServiceWorld:
        """What is true."""
        return self.fake.world

    def ask(self, method: str, *arguments: Any, **settings: Any) -> Any:
        """Open a backend, call one of its methods, and close it."""
        if self.colour == "sync":
            with self.vendor.open(client=self.client, clock=self.world.clock) as backend:
                return getattr(backend, method)(*arguments, **settings)

        async def main() -> Any:
            async with self.vendor.aopen(client=self.client, clock=self.world.clock) as backend:
                return await getattr(backend, method)(*arguments, **settings)

        return asyncio.run(main())

    def withdraw(self, row: ik.Invitation) -> Any:
        """Open a backend, look at its list, withdraw an invitation, and close it."""
        if self.colour == "sync":
            with self.vendor.open(client=self.client, clock=self.world.clock) as backend:
                backend.page(ik.ListKind.SENT)
                return backend.withdraw(row)

        async def main() -> Any:
            async with self.vendor.aopen(client=self.client, clock=self.world.clock) as backend:
                await backend.page(ik.ListKind.SENT)
                return await backend.withdraw(row)

        return asyncio.run(main())

    def listed(self, method: str = "sent", **settings: Any) -> tuple[list[Any], Any]:
        """Open a backend, go through one of its lists, and close it; gives the rows and the listing."""
        if self.colour == "sync":
            with self.vendor.open(client=self.client, clock=self.world.clock) as backend:
                listing = getattr(backend, method)(**settings)
                return list(listing), listing

        async def main() -> Any:
            async with self.vendor.aopen(client=self.client, clock=self.world.clock) as backend:
                listing = getattr(backend, method)(**settings)
                return [row async for row in listing], listing

        return asyncio.run(main())

    def read(self, method: str = "sent", **settings: Any) -> ik.Snapshot:
        """Open a backend, read one of its lists whole, and close it."""
        if self.colour == "sync":
            with self.vendor.open(client=self.client, clock=self.world.clock) as backend:
                return getattr(backend, method)(**settings).read()  # type: ignore[no-any-return]

        async def main() -> ik.Snapshot:
            async with self.vendor.aopen(client=self.client, clock=self.world.clock) as backend:
                return await getattr(backend, method)(**settings).read()  # type: ignore[no-any-return]

        return asyncio.run(main())


def vendor_at(url: str, *, account_id: str | None = ACCOUNT, key: str = KEY, **settings: Any) -> Unipile:
    """How to reach a service."""
    return ik.backends.unipile(base_url=url, api_key=key, account_id=account_id, **settings)


@contextmanager
def in_process(world: ServiceWorld, colour: Colour, **settings: Any) -> Iterator[Service]:
    """A service without a socket."""
    fake = FakeUnipile(world, api_key=KEY, account_id=ACCOUNT, **settings)
    yield Service(fake, vendor_at("https://fake.example/api/v1"), colour, fake)


@contextmanager
def on_a_socket(world: ServiceWorld, colour: Colour, **settings: Any) -> Iterator[Service]:
    """A service on a loopback socket."""
    fake = FakeUnipile(world, api_key=KEY, account_id=ACCOUNT, **settings)
    with fake.serve() as url:
        yield Service(fake, vendor_at(url, deadline=timedelta(seconds=5)), colour)


Serving = Callable[..., Any]

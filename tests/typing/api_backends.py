"""Services: what a user's type checker sees when invitations are listed, and withdrawn one by one."""

from __future__ import annotations

from datetime import timedelta
from typing import assert_type

import invitekit as ik
from invitekit.backends import (
    AsyncListing,
    AsyncListings,
    AsyncUnipileBackend,
    Listing,
    Listings,
    Unipile,
    UnipileBackend,
    in_thread,
)
from invitekit.flows import Progress
from invitekit.model import Page, Standing, Started
from invitekit.ports import AsyncBackend, Backend, Vendor

vendor = ik.backends.unipile(
    dsn="api1.unipile.com:13443", api_key=ik.Secret.from_env("UNIPILE_API_KEY"), account_id="example-account"
)
assert_type(vendor, Unipile)
a_vendor: Vendor = vendor
ik.backends.unipile(base_url="https://api.example/v1", api_key="example-key", deadline=timedelta(seconds=5))


def told(progress: Progress) -> None:
    assert_type(progress.rows, int)


with vendor.open() as backend:
    assert_type(backend, UnipileBackend)
    a_backend: Backend = backend
    listing = backend.sent(size=100, progress=told)
    assert_type(listing, Listing[ik.Invitation])
    for invitation in listing:
        assert_type(invitation, ik.Invitation)
        assert_type(backend.withdraw(invitation), ik.Outcome)
    for connection in backend.connections():
        assert_type(connection, ik.Connection)
    assert_type(backend.sent().read(), ik.Snapshot)
    assert_type(backend.snapshot([ik.ListKind.SENT]), ik.Snapshot)
    assert_type(backend.read(ik.Member(slug="ada-example-77")), Standing)
    backend.sent(size="all")  # type: ignore[arg-type]


async def main() -> None:
    async with vendor.aopen() as backend:
        assert_type(backend, AsyncUnipileBackend)
        a_backend: AsyncBackend = backend
        assert_type(backend.sent(), AsyncListing[ik.Invitation])
        async for invitation in backend.sent():
            assert_type(await backend.withdraw(invitation), ik.Outcome)
        assert_type(await backend.sent().read(), ik.Snapshot)
        backend.read(ik.Member(slug="ada-example-77"))  # type: ignore[unused-coroutine]
        del a_backend


class Mine(Listings):
    """The six members, written by hand; `Listings` adds the rest."""

    @property
    def capabilities(self) -> frozenset[ik.Capability]:
        return frozenset({ik.Capability.LIST_SENT})

    def page(self, of: ik.ListKind, cursor: str | None = None, size: int | None = None) -> Page:
        return Page()

    def read(self, member: ik.Member) -> Standing:
        raise ik.CapabilityError("no", capability="read-one")

    def withdraw(self, invitation: ik.Invitation) -> ik.Outcome | Started:
        raise ik.CapabilityError("no", capability="withdraw")

    def settle(self, started: Started) -> ik.Outcome | Started:
        raise ik.CapabilityError("no", capability="withdraw")

    def close(self) -> None:
        """Nothing is open."""


mine: Backend = Mine()
lent: AsyncListings = in_thread(Mine())
service = ik.backends.memory(page_size=25)
with service.open() as memory:
    assert_type(memory.sent(), Listing[ik.Invitation])

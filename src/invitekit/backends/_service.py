"""A live backend over HTTP, in both colours: a dialect that knows the words, and a wire that carries them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from invitekit._drive import adrive, drive
from invitekit._ops import Flow
from invitekit._wire import Response
from invitekit.backends._checks import list_kind, member_of, require, withdrawable
from invitekit.backends._http import AsyncWire, Wire
from invitekit.backends._listings import AsyncListings, Listings
from invitekit.errors import CapabilityError
from invitekit.flows import HttpDialect, Retry, ask, ask_to_withdraw
from invitekit.model import Capability, Invitation, ListKind, Member, Outcome, Page, Standing, Started

__all__ = ["AsyncHttpBackend", "HttpBackend"]


class _Questions:
    """What can be asked, as flows; what both colours share."""

    def __init__(self, dialect: HttpDialect, *, retry: Retry, patience: timedelta) -> None:
        self._dialect = dialect
        self._retry = retry
        self._patience = patience
        self._listed = False
        self.source: str = dialect.name
        self.sizes: Mapping[ListKind, int] = dialect.sizes

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What the service can do."""
        return self._dialect.capabilities

    def _page(self, of: ListKind, cursor: str | None, size: int | None) -> Flow[Page]:
        kind = list_kind(of)
        require(self, kind.capability)
        request = self._dialect.page_request(kind, cursor, size)
        return ask(request, partial(self._interpret_page, kind), retry=self._retry, patience=self._patience)

    def _interpret_page(self, of: ListKind, response: Response, at: datetime) -> Page:
        page = self._dialect.page(of, response, at)
        self._listed = self._listed or of is ListKind.SENT
        return page

    def _standing(self, member: Member) -> Flow[Standing]:
        require(self, Capability.READ_ONE)
        who = member_of(member)
        request = self._dialect.read_request(who)
        return ask(request, partial(self._dialect.standing, who), retry=self._retry, patience=self._patience)

    def _withdrawal(self, invitation: Invitation) -> Flow[Outcome]:
        require(self, Capability.WITHDRAW)
        return ask_to_withdraw(
            self._dialect,
            withdrawable(invitation),
            listed=self._listed,
            retry=self._retry,
            patience=self._patience,
        )

    def _never_starts(self) -> CapabilityError:
        return CapabilityError(
            f"{self.source} carries out a withdrawal at once, so there is nothing to settle",
            hint="Read the member, or the list, to see what came of it",
            capability="settle",
        )


class HttpBackend(_Questions, Listings):
    """A live backend over HTTP; see `invitekit.ports.Backend` and `Listings`.

    Use it in a ``with`` statement, or close it in the end. It may be used from several threads.

    Args:
        dialect: How the service spells questions and answers.
        wire: What carries them; the backend closes it.
        retry: Whether and when to ask again.
        patience: How long a read waits for the end of a rate limit at most.
    """

    def __init__(self, dialect: HttpDialect, wire: Wire, *, retry: Retry, patience: timedelta) -> None:
        super().__init__(dialect, retry=retry, patience=patience)
        self._wire = wire
        self.clock = wire.clock

    def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Page:
        """Read one page of a list, as `invitekit.ports.Backend.page`."""
        return drive(self._page(of, cursor, size), self._wire.perform)

    def read(self, member: Member) -> Standing:
        """Ask about one member, as `invitekit.ports.Backend.read`."""
        return drive(self._standing(member), self._wire.perform)

    def withdraw(self, invitation: Invitation) -> Outcome:
        """Withdraw one invitation, as `invitekit.ports.Backend.withdraw`."""
        return drive(self._withdrawal(invitation), self._wire.perform)

    def settle(self, started: Started) -> Outcome | Started:
        """Ask what came of a withdrawal that was started; this service starts none."""
        raise self._never_starts()

    def close(self) -> None:
        """Let go of connections. A client that was handed in stays open."""
        self._wire.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.source} at {self._wire.where}>"


class AsyncHttpBackend(_Questions, AsyncListings):
    """A live backend over HTTP for async callers; see `invitekit.ports.AsyncBackend` and `AsyncListings`.

    Use it in an ``async with`` statement, or close it in the end; under asyncio.

    Args:
        dialect: How the service spells questions and answers.
        wire: What carries them; the backend closes it.
        retry: Whether and when to ask again.
        patience: How long a read waits for the end of a rate limit at most.
    """

    def __init__(self, dialect: HttpDialect, wire: AsyncWire, *, retry: Retry, patience: timedelta) -> None:
        super().__init__(dialect, retry=retry, patience=patience)
        self._wire = wire
        self.clock = wire.clock

    async def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Page:
        """Read one page of a list, as `invitekit.ports.Backend.page`."""
        return await adrive(self._page(of, cursor, size), self._wire.perform)

    async def read(self, member: Member) -> Standing:
        """Ask about one member, as `invitekit.ports.Backend.read`."""
        return await adrive(self._standing(member), self._wire.perform)

    async def withdraw(self, invitation: Invitation) -> Outcome:
        """Withdraw one invitation, as `invitekit.ports.Backend.withdraw`."""
        return await adrive(self._withdrawal(invitation), self._wire.perform)

    async def settle(self, started: Started) -> Outcome | Started:
        """Ask what came of a withdrawal that was started; this service starts none."""
        raise self._never_starts()

    async def aclose(self) -> None:
        """Let go of connections. A client that was handed in stays open."""
        await self._wire.aclose()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.source} at {self._wire.where}>"

"""A service in memory: for tests, for try-outs, and for rehearsing a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from invitekit.backends._checks import clock_of, list_kind, member_of, require, withdrawable
from invitekit.backends._listings import AsyncListings, Listings
from invitekit.backends._memory_service import Call, Service, all_of_kind
from invitekit.errors import BackendError, InvitekitError
from invitekit.model import (
    Capability,
    Connection,
    Invitation,
    ListKind,
    Member,
    Outcome,
    Page,
    Result,
    Standing,
    Started,
)
from invitekit.ports import Clock

__all__ = ["AsyncMemoryBackend", "Call", "Memory", "MemoryBackend", "memory"]

_ALL: Final = frozenset(Capability)

_ACCOUNT: Final = Member(name="Mara Example", slug="mara-example-77")
"""Whose invitations they are, unless somebody else is named; invented."""


def memory(
    *,
    sent: Iterable[Invitation] = (),
    received: Iterable[Invitation] = (),
    connections: Iterable[Connection] = (),
    account: Member = _ACCOUNT,
    capabilities: Iterable[Capability] = _ALL,
    page_size: int = 100,
    clock: Clock | None = None,
) -> Memory:
    """Make a service that holds what it is given, and does what it is told to.

    >>> import invitekit as ik
    >>> snapshot = ik.read_export("Basic_LinkedInDataExport_11-22-2026.zip")
    >>> service = ik.backends.memory(sent=snapshot.open_sent, connections=snapshot.connections)
    >>> service
    memory(224 sent, 0 received, 436 connections)

    Args:
        sent: Pending invitations that the account sent, in the order in which the service lists them.
        received: Pending invitations that the account received, likewise.
        connections: Its connections, likewise.
        account: Whose they are; without it, somebody invented.
        capabilities: What it can do; by default everything.
        page_size: How many rows a page has at most.
        clock: Tells when it answers; without it, the system's clock.

    Raises:
        DataError: An invitation is not open, goes the other way or is there twice; or an argument is of another
            kind.
    """
    return Memory(
        sent=sent,
        received=received,
        connections=connections,
        account=account,
        capabilities=capabilities,
        page_size=page_size,
        clock=clock_of(clock),
    )


class Memory:
    """A service in memory, as `memory` makes it: it opens backends, is told what to do, and says what was done.

    However often it is opened, every backend works on the same lists, from any thread.
    """

    def __init__(
        self,
        *,
        sent: Iterable[Invitation],
        received: Iterable[Invitation],
        connections: Iterable[Connection],
        account: Member,
        capabilities: Iterable[Capability],
        page_size: int,
        clock: Clock,
    ) -> None:
        self.capabilities = frozenset(all_of_kind(capabilities, Capability, "capabilities"))
        self.clock = clock
        self._service: Service = Service(
            sent=sent, received=received, connections=connections, account=account, page_size=page_size
        )

    @property
    def account(self) -> Member:
        """Whose invitations they are."""
        return self._service.account

    @property
    def page_size(self) -> int:
        """How many rows a page has at most."""
        return self._service.page_size

    # ── Opening ──────────────────────────────────────────────────────────────────────────────────────────────────

    def open(self, *, clock: Clock | None = None) -> MemoryBackend:
        """Open a backend.

        Args:
            clock: Tells when it answers; by default the clock of the service.
        """
        return MemoryBackend(self, self._service, clock_of(clock or self.clock))

    def aopen(self, *, clock: Clock | None = None) -> AsyncMemoryBackend:
        """Open a backend for async callers; as `open`."""
        return AsyncMemoryBackend(self, self._service, clock_of(clock or self.clock))

    # ── What it holds, and what was done ─────────────────────────────────────────────────────────────────────────

    @property
    def pending(self) -> tuple[Invitation, ...]:
        """The invitations that the account sent and that are still waiting."""
        return self._service.rows(ListKind.SENT)

    @property
    def connections(self) -> tuple[Connection, ...]:
        """The connections of the account."""
        return self._service.rows(ListKind.CONNECTIONS)

    @property
    def withdrawals(self) -> tuple[Outcome, ...]:
        """What became of each withdrawal that was carried out, in order; whatever the caller was told.

        An invitation is withdrawn once; whoever asks again is ``already-gone``.
        """
        return self._service.withdrawals()

    @property
    def attempts(self) -> Mapping[str, int]:
        """How often the withdrawal of an invitation was asked for, by its id; failures count, unless unsent."""
        return MappingProxyType(self._service.attempts())

    # ── What happens ─────────────────────────────────────────────────────────────────────────────────────────────

    def accept(self, who: Member | str | Mapping[str, str]) -> None:
        """Let a member accept what the account sent them: the two are connected from now on.

        Raises:
            DataError: No invitation to them is waiting.
        """
        self._service.accept(who, self.clock.now())

    def ignore(self, who: Member | str | Mapping[str, str]) -> None:
        """Let a member ignore what the account sent them: it leaves the list, and nobody is told why.

        Raises:
            DataError: No invitation to them is waiting.
        """
        self._service.ignore(who)

    def fail(
        self,
        what: Call,
        error: InvitekitError | Outcome | Result,
        *,
        times: int = 1,
        after_effect: bool = False,
    ) -> None:
        """Let calls fail, beginning with the next; what was asked for earlier fails first.

        Args:
            what: Which calls: ``page``, ``read``, ``withdraw`` or ``settle``.
            error: What is raised; or, for ``withdraw`` and ``settle``, what is answered: an outcome as it is, or
                one with this result.
            times: How many calls fail.
            after_effect: Whether the invitation is withdrawn all the same: the request arrived, and the answer was
                lost.

        Raises:
            DataError: Nothing of this kind can fail so.
        """
        self._service.fail(what, error, times, after_effect)

    def start_asynchronously(self, asks: int = 1) -> None:
        """Let withdrawals be started from now on, and carried out by and by, as some services do.

        Args:
            asks: How often `settle` is told that a withdrawal is not finished, before it is carried out; from 0.
        """
        self._service.start_asynchronously(asks)

    def carry_out(self) -> None:
        """Carry out every withdrawal that was started, also where nobody asks for it."""
        self._service.carry_out(self.clock.now())

    def __repr__(self) -> str:
        return f"memory({', '.join(f'{len(self._service.rows(of)):,} {of.value}' for of in ListKind)})"


# ── The live backends ────────────────────────────────────────────────────────────────────────────────────────────


class _Door:
    """What both colours share: what they can do, whether they are open, and what time it is."""

    source = "memory"

    def __init__(self, memory: Memory, service: Service, clock: Clock) -> None:
        self._memory, self._service = memory, service
        self.account = service.account
        self.clock = clock
        self._is_open = True

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can do."""
        return self._memory.capabilities

    def _enter(self, capability: Capability) -> datetime:
        """Check that this can be asked, and give the time."""
        require(self, capability)
        if not self._is_open:
            raise BackendError("the backend is closed", hint="Open another one", sent="no", code="closed")
        return self.clock.now()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._memory!r}{'' if self._is_open else ', closed'}>"


class MemoryBackend(_Door, Listings):
    """A backend in memory, as `Memory.open` gives it."""

    def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Page:
        """Read one page of a list."""
        kind = list_kind(of)
        return self._service.page(kind, cursor, size, self._enter(kind.capability))

    def read(self, member: Member) -> Standing:
        """Ask about one member."""
        return self._service.read(member_of(member), self._enter(Capability.READ_ONE))

    def withdraw(self, invitation: Invitation) -> Outcome | Started:
        """Withdraw one invitation."""
        return self._service.withdraw(withdrawable(invitation), self._enter(Capability.WITHDRAW))

    def settle(self, started: Started) -> Outcome | Started:
        """Ask what came of a withdrawal that was started."""
        return self._service.settle(started, self._enter(Capability.WITHDRAW))

    def close(self) -> None:
        """Refuse from now on; the service goes on."""
        self._is_open = False


class AsyncMemoryBackend(_Door, AsyncListings):
    """A backend in memory for async callers, as `Memory.aopen` gives it."""

    async def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Page:
        """Read one page of a list."""
        kind = list_kind(of)
        return self._service.page(kind, cursor, size, self._enter(kind.capability))

    async def read(self, member: Member) -> Standing:
        """Ask about one member."""
        return self._service.read(member_of(member), self._enter(Capability.READ_ONE))

    async def withdraw(self, invitation: Invitation) -> Outcome | Started:
        """Withdraw one invitation."""
        return self._service.withdraw(withdrawable(invitation), self._enter(Capability.WITHDRAW))

    async def settle(self, started: Started) -> Outcome | Started:
        """Ask what came of a withdrawal that was started."""
        return self._service.settle(started, self._enter(Capability.WITHDRAW))

    async def aclose(self) -> None:
        """Refuse from now on; the service goes on."""
        self._is_open = False

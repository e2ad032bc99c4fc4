"""What others implement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from invitekit.history import Entry
from invitekit.model import Capability, Invitation, ListKind, Member, Outcome, Page, Standing, Started

__all__ = ["AsyncBackend", "Backend", "Clock", "Ledger", "Vendor"]


@runtime_checkable
class Ledger(Protocol):
    """A place that keeps entries: in their order, for ever, whole appends or nothing.

    These five methods are all that a ledger of your own needs. `invitekit.ledgers.Records` adds everything else
    (``record``, ``history``, ``context``, …) to a class that has them, and `invitekit.testing.check_ledger` tries
    whether they keep their promises.
    """

    def entries(self, after: int = 0) -> Iterable[Entry]:
        """Give the entries whose place is larger than `after`, in their order, without gaps.

        Raises:
            LedgerError: They cannot be read, or are not what was appended. A ledger never passes off a part, or an
                empty history, as the whole.
        """
        ...

    def append(self, entries: Sequence[Entry], *, erase: Iterable[int] = ()) -> None:
        """Add entries at the end, and erase what is personal about some members, all of it or nothing.

        Once it returns, the entries survive whatever happens to the process. The personal part of an erased entry
        reads as an empty text from then on, its open part as before.

        Args:
            entries: The first has the place after the last one that is stored.
            erase: Keys of members: the personal part of every entry about them is to go. For each, an entry
                of the kind ``forgotten`` is appended, so that what is missing later is missing for a reason.

        Raises:
            LedgerError: ``conflict`` if the first entry has another place, since somebody else wrote meanwhile;
                another code if they cannot be stored. In any case nothing was changed.
        """
        ...

    def claim(self) -> AbstractContextManager[None]:
        """Be the only one who carries out plans with this ledger, until the context is left or the process ends.

        Raises:
            LedgerError: ``busy``, at once, if somebody has it: another process, another thread, or this one.
        """
        ...

    def close(self) -> None:
        """Let go of the file, or whatever it is. Closing twice is closing once.

        Whoever reads, appends or claims afterwards gets a `LedgerError`.
        """
        ...

    def where(self) -> str:
        """What errors and reprs call it, for instance the path of its file."""
        ...


@runtime_checkable
class Clock(Protocol):
    """A clock, and waiting by it. Without one, everything that waits goes by the system's.

    `invitekit.testing.FakeClock` is one for tests: its pauses take no time.
    """

    def now(self) -> datetime:
        """Read the clock: this moment, aware, in UTC."""
        ...

    def pause(self, delay: timedelta) -> None:
        """Wait; not at all where `delay` is not above zero."""
        ...

    async def apause(self, delay: timedelta) -> None:
        """Wait, and let others run meanwhile."""
        ...


@runtime_checkable
class Backend(Protocol):
    """A service that holds the invitations of one account.

    What a backend cannot do is missing from `capabilities`; asking for it raises `CapabilityError` before any
    request. `invitekit.backends.Listings` adds ``sent()``, ``snapshot()`` and their like to a class that has these
    members, and `invitekit.testing.check_backend` tries whether they keep their promises.
    """

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can do."""
        ...

    def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Page:
        """Read one page of a list.

        Args:
            of: Which list.
            cursor: The `Page.next` of the page before; None for the first page.
            size: How many rows are wanted; a service that has its own idea may ignore it.

        Raises:
            BackendError: It could not be read.
            PayloadError: It came, and cannot be understood. Single rows that cannot are findings of the page.
        """
        ...

    def read(self, member: Member) -> Standing:
        """Ask about one member: connected, or invited?

        Raises:
            BackendError: It could not be read; `RefusedError` where the service does not know the member.
        """
        ...

    def withdraw(self, invitation: Invitation) -> Outcome | Started:
        """Withdraw one invitation, with one request that is never repeated unless nothing was sent.

        A lost answer is an `Outcome` that is ``unknown``; only a proof makes it anything else.

        Returns:
            What came of it; or what was started, for `settle`, where the service carries it out by itself.

        Raises:
            BackendError: Whoever asks should stop here: sign-in trouble, a challenge, a rate limit. Its `sent`
                says whether this invitation may have been withdrawn all the same.
        """
        ...

    def settle(self, started: Started) -> Outcome | Started:
        """Ask what came of a withdrawal that was started; itself where it is not finished.

        A backend that never starts any raises `CapabilityError`.
        """
        ...

    def close(self) -> None:
        """Let go of connections. Closing twice is closing once; asking afterwards raises `BackendError`."""
        ...


@runtime_checkable
class AsyncBackend(Protocol):
    """As `Backend`, where every answer has to be awaited."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can do."""
        ...

    async def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Page:
        """Read one page of a list, as `Backend.page`."""
        ...

    async def read(self, member: Member) -> Standing:
        """Ask about one member, as `Backend.read`."""
        ...

    async def withdraw(self, invitation: Invitation) -> Outcome | Started:
        """Withdraw one invitation, as `Backend.withdraw`."""
        ...

    async def settle(self, started: Started) -> Outcome | Started:
        """Ask what came of a withdrawal that was started, as `Backend.settle`."""
        ...

    async def aclose(self) -> None:
        """Let go of connections, as `Backend.close`."""
        ...


@runtime_checkable
class Vendor(Protocol):
    """How to reach a service: settings, and nothing that is open.

    What `invitekit.backends` constructs, and what a plug-in's factory gives.
    """

    def open(self) -> Backend:
        """Open it; nothing is asked yet. Close it in the end, or use it in a ``with`` statement."""
        ...

    def aopen(self) -> AsyncBackend:
        """Open it for async callers; as `open`, with ``async with``."""
        ...

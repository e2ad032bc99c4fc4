"""What every backend can do that can give pages: lists that are read as one goes, and snapshots."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from typing import Any, Final, Generic, Self, TypeAlias, TypeVar, cast

from invitekit._drive import SystemClock, aadvance, adrive, advance, drive
from invitekit._ops import Done, Emit, Flow, Now, Op
from invitekit.backends._checks import list_kinds, require
from invitekit.errors import BackendError, DataError, InvitekitError
from invitekit.flows import Extent, Portion, Progress, Reading, ReadPage, read_snapshot, read_through
from invitekit.model import Capability, Completeness, Connection, Invitation, ListKind, Member, Page, Snapshot
from invitekit.ports import Clock

__all__ = ["AsyncListing", "AsyncListings", "Listing", "Listings", "Watcher"]

T = TypeVar("T", Invitation, Connection)

Watcher: TypeAlias = Callable[[Progress], object]
"""Is told how far a list has been read, after every page."""


class _Course(Generic[T]):
    """How far a list has been read, and what can be said of it; what both colours share."""

    def __init__(
        self, backend: Listings | AsyncListings, of: ListKind, size: int | None, watcher: Watcher | None
    ) -> None:
        if watcher is not None and not callable(watcher):
            raise DataError("progress must be a function, which is called after every page", key="progress")
        require(backend, of.capability)
        self._of = of
        self._size = size_of(backend.sizes, of, size)
        self._watcher = watcher
        self._whole: Callable[[], Flow[Snapshot]] = lambda: backend.snapshot_flow([of], size)
        self._flow: Flow[Reading] | None = None
        self._rows: deque[T] = deque()
        self._over = False
        self._whole_read = False
        self._extent = Extent(Completeness.UNKNOWN, "not-read", "it was not read to its end")
        self._progress = Progress(of=of)

    @property
    def completeness(self) -> Completeness:
        """How much of the list was read, as far as anybody can tell; unknown before its end.

        A list of several pages that was read once stays unknown, since it may have shrunk meanwhile: `read` reads
        it again, and so proves it.
        """
        return self._extent.completeness

    @property
    def why_incomplete(self) -> str:
        """Why `completeness` is not complete; empty where it is."""
        return self._extent.why

    @property
    def progress(self) -> Progress:
        """How far it has been read."""
        return self._progress

    def close(self) -> None:
        """Read no further."""
        self._over = True
        if self._flow is not None:
            self._flow.close()

    def _begun(self) -> Flow[Reading]:
        if self._flow is None:
            self._flow = read_through(self._of, size=self._size)
        return self._flow

    def _take(self, step: Emit | Done[Reading]) -> None:
        """Take up what the flow showed, or its end."""
        if isinstance(step, Done):
            self._over = True
            self._extent = step.result.extent
        else:
            self._show(step.value)
            self._rows.extend(cast("tuple[T, ...]", step.value.rows))

    def _show(self, portion: Any) -> None:
        self._progress = portion.progress
        if self._watcher is not None:
            self._watcher(portion.progress)

    def _broken(self, error: BaseException) -> None:
        self.close()
        if isinstance(error, InvitekitError):
            code = error.code if isinstance(error, BackendError) else "payload"
            why = f"page {self._progress.pages + 1:,} could not be read ({code})"
            self._extent = Extent(Completeness.PARTIAL, "failed", why)

    def _whole_flow(self) -> Flow[Snapshot]:
        if self._flow is not None or self._over:
            raise self._spent()
        self._over = self._whole_read = True
        return self._whole()

    def _spent(self) -> DataError:
        """Build the error for going through a listing twice: there would be nothing left, in silence."""
        done = "has been begun, and its first rows are gone" if self._flow is not None else "has been read whole"
        return DataError(
            f"this listing {done}", hint=f"Take a new one: backend.{self._of}()", key=f"listing.{self._of}"
        )

    def _read(self, snapshot: Snapshot) -> Snapshot:
        self._extent = Extent(snapshot.completeness, "", snapshot.why_incomplete)
        return snapshot

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._progress}, {self.completeness}>"


class Listing(_Course[T], Iterator[T]):
    """A list of a service, read as one goes: each page is asked for when its first row is wanted.

    Memory does not grow with the list. Read it whole with `read`, or go through it::

        for invitation in backend.sent():
            print(invitation.member, invitation.sent_at)

    An error at some page comes out of the loop there, after the rows of the pages before it.
    """

    def __init__(self, backend: Listings, of: ListKind, size: int | None, watcher: Watcher | None) -> None:
        super().__init__(backend, of, size, watcher)
        self._perform = backend.perform

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        if self._whole_read:
            raise self._spent()
        while not self._rows:
            if self._over:
                raise StopIteration
            try:
                self._take(advance(self._begun(), self._perform))
            except BaseException as error:
                self._broken(error)
                raise
        return self._rows.popleft()

    def read(self) -> Snapshot:
        """Read it whole: a snapshot that says how complete it is.

        A list that comes with one request is read once, any other again until two readings in a row agree, at
        most three times: rows are skipped without a trace where a list shrinks while it is read.

        Raises:
            BackendError: A page could not be read. Nothing is lost; read the list anew.
            PayloadError: A page cannot be understood.
            DataError: It has been begun already.
        """
        flow = self._whole_flow()
        try:
            return self._read(drive(flow, self._perform, self._show))
        except BaseException as error:
            self._broken(error)
            raise


class AsyncListing(_Course[T], AsyncIterator[T]):
    """A list of a service, read as one goes; as `Listing`, with ``async for`` and ``await``."""

    def __init__(self, backend: AsyncListings, of: ListKind, size: int | None, watcher: Watcher | None) -> None:
        super().__init__(backend, of, size, watcher)
        self._perform = backend.perform

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        if self._whole_read:
            raise self._spent()
        while not self._rows:
            if self._over:
                raise StopAsyncIteration
            try:
                self._take(await aadvance(self._begun(), self._perform))
            except BaseException as error:
                self._broken(error)
                raise
        return self._rows.popleft()

    async def read(self) -> Snapshot:
        """Read it whole, as `Listing.read`."""
        flow = self._whole_flow()
        try:
            return self._read(await adrive(flow, self._perform, self._show))
        except BaseException as error:
            self._broken(error)
            raise


class _Facts:
    """What listings know of the backend that they are part of; override what is known better."""

    source: str = "service"
    """What its snapshots and errors call the service."""
    account: Member = Member()
    """Whose lists they are, as far as that is known before they are read."""
    sizes: Mapping[ListKind, int] = {}
    """The largest page of each list; for a list that is missing here, 100 rows are asked for at a time."""
    clock: Clock = SystemClock()
    """Tells when a snapshot was taken."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """See `ports.Backend`."""
        raise NotImplementedError

    def snapshot_flow(self, lists: Iterable[ListKind], size: int | None = None) -> Flow[Snapshot]:
        """Read lists whole, as a flow."""
        sizes = {of: size_of(self.sizes, of, size) for of in lists}
        return read_snapshot(tuple(sizes), source=self.source, account=self.account, sizes=sizes)


class Listings(_Facts):
    """Lists and snapshots for a backend. Add it to a class that has the members of `ports.Backend`."""

    # ── The methods of a backend, which the class this is added to brings ────────────────────────────────────────

    def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Page:
        """See `ports.Backend`."""
        raise NotImplementedError

    def close(self) -> None:
        """See `ports.Backend`."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ── Reading lists ────────────────────────────────────────────────────────────────────────────────────────────

    def sent(self, *, size: int | None = None, progress: Watcher | None = None) -> Listing[Invitation]:
        """List the pending invitations that the account sent; nothing is asked before the first is wanted.

        Args:
            size: How many rows to ask for at a time; by default as many as the service gives.
            progress: Is called with a `Progress` after every page.

        Raises:
            CapabilityError: The service cannot.
        """
        return Listing(self, ListKind.SENT, size, progress)

    def received(self, *, size: int | None = None, progress: Watcher | None = None) -> Listing[Invitation]:
        """List the pending invitations that the account received; as `sent`."""
        return Listing(self, ListKind.RECEIVED, size, progress)

    def connections(self, *, size: int | None = None, progress: Watcher | None = None) -> Listing[Connection]:
        """List the connections; as `sent`."""
        return Listing(self, ListKind.CONNECTIONS, size, progress)

    def snapshot(
        self,
        lists: Iterable[ListKind | str] | None = None,
        *,
        size: int | None = None,
        progress: Watcher | None = None,
    ) -> Snapshot:
        """Read every list of the service whole, and make one snapshot of them.

        Its completeness is that of the invitations that were sent; see `Listing.read`. Connections are read once.

        Args:
            lists: Which lists; by default all that the service has.
            size: How many rows to ask for at a time; by default as many as the service gives.
            progress: Is called with a `Progress` after every page.

        Raises:
            BackendError: A page could not be read. Nothing is lost; take it anew.
            PayloadError: A page cannot be understood.
            CapabilityError: The service cannot give one of `lists`.
        """
        wanted = list_kinds(self, lists)
        return drive(self.snapshot_flow(wanted, size), self.perform, _telling(progress))

    def perform(self, op: Op[Any]) -> Any:
        """Perform an operation of a listing."""
        if isinstance(op, ReadPage):
            return self.page(op.of, op.cursor, op.size)
        if isinstance(op, Now):
            return self.clock.now()
        raise TypeError(f"a listing cannot perform {op!r}")


class AsyncListings(_Facts):
    """Lists and snapshots for an async backend; as `Listings`, for the members of `ports.AsyncBackend`."""

    # ── The methods of a backend, which the class this is added to brings ────────────────────────────────────────

    async def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Page:
        """See `ports.AsyncBackend`."""
        raise NotImplementedError

    async def aclose(self) -> None:
        """See `ports.AsyncBackend`."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    # ── Reading lists ────────────────────────────────────────────────────────────────────────────────────────────

    def sent(self, *, size: int | None = None, progress: Watcher | None = None) -> AsyncListing[Invitation]:
        """List the pending invitations that the account sent; as `Listings.sent`."""
        return AsyncListing(self, ListKind.SENT, size, progress)

    def received(self, *, size: int | None = None, progress: Watcher | None = None) -> AsyncListing[Invitation]:
        """List the pending invitations that the account received; as `Listings.sent`."""
        return AsyncListing(self, ListKind.RECEIVED, size, progress)

    def connections(self, *, size: int | None = None, progress: Watcher | None = None) -> AsyncListing[Connection]:
        """List the connections; as `Listings.sent`."""
        return AsyncListing(self, ListKind.CONNECTIONS, size, progress)

    async def snapshot(
        self,
        lists: Iterable[ListKind | str] | None = None,
        *,
        size: int | None = None,
        progress: Watcher | None = None,
    ) -> Snapshot:
        """Read every list of the service whole, as `Listings.snapshot`."""
        wanted = list_kinds(self, lists)
        return await adrive(self.snapshot_flow(wanted, size), self.perform, _telling(progress))

    async def perform(self, op: Op[Any]) -> Any:
        """Perform an operation of a listing."""
        if isinstance(op, ReadPage):
            return await self.page(op.of, op.cursor, op.size)
        if isinstance(op, Now):
            return self.clock.now()
        raise TypeError(f"a listing cannot perform {op!r}")


_USUAL_SIZE: Final = 100


def size_of(sizes: Mapping[ListKind, int], of: ListKind, wanted: int | None) -> int:
    """Give how many rows to ask for: as many as wanted, and not more than the service gives.

    Raises:
        DataError: It is no number of rows.
    """
    if wanted is not None and (type(wanted) is not int or wanted < 1):
        raise DataError("size must be a whole number from 1 up", key="size")
    largest = sizes.get(of)
    if wanted is None:
        return largest or _USUAL_SIZE
    return wanted if largest is None else min(wanted, largest)


def _telling(progress: Watcher | None) -> Callable[[Portion], object]:
    return lambda portion: None if progress is None else progress(portion.progress)

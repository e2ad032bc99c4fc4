"""How much of a list was read: what its pages say about themselves, and what they give away.

Lists are cut short in silence, shift while they are read and repeat themselves, and whoever takes what is left for
the whole concludes that people answered who never did. So nothing is complete unless it is proven to be.

What proves it: a list that comes with one request is what the service had at one moment. A list that is read page
by page may shrink in between, and then the rows that move up are skipped without a trace. But what made it shrink
had been read before, and is missing when the list is read again. So if a second reading shows all that the first
did, the first skipped nothing: every row that was there all the time is in it, and therefore in the second, too.
(This takes for granted that a list keeps its order, and that what left it does not come back.)
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Sequence
from typing import Final

import attrs

from invitekit._text import several
from invitekit.model import UNKNOWN, Completeness, Connection, Invitation, ListKind, Member, Page, Truth, Unknown

__all__ = ["MOST_PAGES", "Extent", "Progress", "Scrutiny", "key_of"]

MOST_PAGES: Final = 2_000
"""After how many pages a list is taken for endless. Our choice: 30,000 connections, the most an account may have,
are 300 pages of 100."""

_REMEMBERED_PAGES: Final = 8
"""The rows of so many pages are remembered to recognise one that comes twice; so memory does not grow with a list.
A list that shifts between two requests repeats the end of one page at the start of the next."""


_ROUND: Final = 5
"""A service that gives shorter pages than asked for gives round ones, such as 10, 25 or 100; a first page of 97
lacks rows. Our choice."""


@attrs.frozen(weakref_slot=False)
class Extent:
    """How much of a list was read, as far as anybody can tell.

    Args:
        completeness: Complete, partial or unknown.
        code: Why it is not complete, as a short name; empty where it is.
        why: The same for people.
    """

    completeness: Completeness
    code: str = ""
    why: str = ""


COMPLETE: Final = Extent(Completeness.COMPLETE)

READABLE_AGAIN: Final = frozenset(
    {"read-once", "full-page", "page-border", "empty-page", "shifted", "total-contradicts"}
)
"""What another reading may clear up."""


@attrs.frozen(weakref_slot=False, kw_only=True)
class Progress:
    """How far a list has been read.

    Args:
        of: Which list.
        pages: How many pages have come.
        rows: How many rows were on them, each counted once.
        total: How long the service says the list is; `UNKNOWN` where it does not say.
        reading: Which reading this is: a list of several pages is read twice to prove that it is whole.
    """

    of: ListKind
    pages: int = 0
    rows: int = 0
    total: int | Unknown = UNKNOWN
    reading: int = 1

    def __str__(self) -> str:
        of_all = "" if self.total is UNKNOWN else f" of {self.total:,}"
        again = "" if self.reading == 1 else f", reading {self.reading}"
        return f"{self.of}: {self.rows:,}{of_all} after {several(self.pages, 'pages')}{again}"


def key_of(row: Invitation | Connection) -> Hashable:
    """By what a row is recognised: the id of an invitation, the identity of a connection; None without one."""
    if isinstance(row, Invitation):
        return row.id
    return None if row.member.key is UNKNOWN else row.member.key


class Scrutiny:
    """Looks at the pages of one reading of a list as they come.

    Args:
        of: Which list.
        size: How many rows a page was asked to have; None where that was left to the service.
        most_pages: After how many pages to stop.
        reading: Which reading it is.
    """

    def __init__(
        self, of: ListKind, *, size: int | None = None, most_pages: int = MOST_PAGES, reading: int = 1
    ) -> None:
        self.progress = Progress(of=of, reading=reading)
        self.account: Member | Unknown = UNKNOWN
        self.repeated = 0
        self.extent: Extent | None = None
        """The verdict, once the reading is over."""
        self._size = size
        """How long a page is that is not the last; None before it is known."""
        self._most_pages = most_pages
        self._cursors: set[str] = set()
        self._recent: deque[set[Hashable]] = deque(maxlen=_REMEMBERED_PAGES)
        self._doubt: Extent | None = None
        self._lost = 0
        self._was_empty = False

    def take(self, page: Page) -> tuple[Invitation | Connection, ...]:
        """Look at the next page; gives its rows without those that a page before it had.

        Once it was the last, or shows that there is no end, `extent` is set.
        """
        # The order matters: lengths are compared with what has come, the total with what was said before.
        keys = [key_of(row) for row in page.items]
        new = set(keys)
        new.discard(None)
        if len(new) == len(keys) and all(map(new.isdisjoint, self._recent)):
            fresh = page.items
        else:
            fresh = self._not_yet_seen(page.items, keys)
        again = len(page.items) - len(fresh)
        self._recent.append(new)
        self._compare_total(page)
        self.progress = attrs.evolve(
            self.progress,
            pages=self.progress.pages + 1,
            rows=self.progress.rows + len(fresh),
            total=self.progress.total if page.total is UNKNOWN else page.total,
        )
        self.repeated += again
        self._lost += sum(finding.set_aside for finding in page.findings)
        self._compare_account(page)
        self._compare_length(page)
        if again and fresh:
            self._suspect("shifted", f"the list shifted while it was read: {_rows(again)} came twice")
        if page.next is None:
            self.extent = self._ended(page)
        elif again and not fresh:
            self._stop("repeats", "a page came twice, and more are said to follow")
        elif page.next in self._cursors:
            self._stop("cursor-repeats", "the next page is one that was read before")
        elif not page.items and self._was_empty:
            self._stop("empty-pages", "two empty pages in a row, and more are said to follow")
        elif self.progress.pages >= self._most_pages:
            self._stop("endless", f"there was no end after {self.progress.pages:,} pages")
        else:
            self._cursors.add(page.next)
        self._was_empty = not page.items
        return fresh

    def _not_yet_seen(
        self, rows: Sequence[Invitation | Connection], keys: Sequence[Hashable]
    ) -> tuple[Invitation | Connection, ...]:
        """Give the rows that stood on no page before, nor earlier on this one; those without a key are new."""
        known = set[Hashable]().union(*self._recent)
        fresh: list[Invitation | Connection] = []
        for row, key in zip(rows, keys, strict=True):
            if key is None or key not in known:
                fresh.append(row)
            known.add(key)
        return tuple(fresh)

    def _suspect(self, code: str, why: str) -> None:
        # The first thing noticed is the one to be told; what follows is often its consequence.
        self._doubt = self._doubt or Extent(Completeness.PARTIAL, code, why)

    def _stop(self, code: str, why: str) -> None:
        self.extent = Extent(Completeness.PARTIAL, code, why)

    def _compare_total(self, page: Page) -> None:
        before = self.progress.total
        if page.total is not UNKNOWN and before is not UNKNOWN and page.total != before:
            self._suspect("shifted", f"the list went from {before:,} to {_rows(page.total)} while it was read")

    def _compare_account(self, page: Page) -> None:
        if page.account is UNKNOWN:
            return
        if self.account is UNKNOWN:
            self.account = page.account
        elif self.account.same_as(page.account) is Truth.FALSE:
            self._suspect("several-accounts", "its pages are lists of different accounts")

    def _compare_length(self, page: Page) -> None:
        count = len(page.items) + sum(finding.set_aside for finding in page.findings)
        number = self.progress.pages
        if page.said is not UNKNOWN and count != page.said:
            self._suspect("short-page", f"page {number} says that it has {_rows(page.said)}, and has {count:,}")
        if page.next is None or count == 0:
            return
        if number == 1 and (self._size is None or count > self._size or count % _ROUND == 0):
            # The service has its own idea of how long a page is, or gives no longer ones.
            self._size = count
        elif self._size is not None and count < self._size:
            usual = _rows(self._size)
            self._suspect("short-page", f"page {number} has {count:,} instead of {usual}, and is not the last")

    def _ended(self, page: Page) -> Extent:
        progress = self.progress
        if self._lost:
            self._suspect("unreadable-rows", f"{_rows(self._lost)} could not be read")
        if self._doubt is not None:
            return self._doubt
        if progress.rows == 0:
            return Extent(
                Completeness.UNKNOWN,
                "empty",
                "the list is empty, as it also is where a service throttles in silence",
            )
        if not page.items:
            return Extent(
                Completeness.UNKNOWN, "empty-page", "it ended with an empty page, which may be a throttle"
            )
        if progress.total is not UNKNOWN and progress.total != progress.rows:
            said, came = _rows(progress.total), f"{progress.rows:,}"
            return Extent(Completeness.PARTIAL, "total-contradicts", f"{said} are said to exist, and {came} came")
        full = self._size is not None and len(page.items) >= self._size
        if progress.pages > 1 and full:
            border = "its last page is as long as the others: the list may have been cut there"
            return Extent(Completeness.UNKNOWN, "page-border", border)
        if progress.pages > 1:
            return Extent(
                Completeness.UNKNOWN,
                "read-once",
                f"{progress.pages:,} pages were read once: had the list shrunk meanwhile, rows would be missing",
            )
        # A total settles what a full page leaves open, unless it is that very number.
        if full and (progress.total is UNKNOWN or progress.total == self._size):
            return Extent(
                Completeness.UNKNOWN, "full-page", "the only page is full: the list may have been cut there"
            )
        return COMPLETE


def _rows(count: int) -> str:
    return several(count, "rows")

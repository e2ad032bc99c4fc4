"""Reading lists: page by page, to the end, and whole."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import attrs

from invitekit._ops import Emit, Now, Op, flow
from invitekit._text import several
from invitekit.flows._scrutiny import COMPLETE, MOST_PAGES, READABLE_AGAIN, Extent, Progress, Scrutiny, key_of
from invitekit.model import (
    UNKNOWN,
    Completeness,
    Connection,
    Finding,
    Invitation,
    ListKind,
    Member,
    Page,
    Snapshot,
    Unknown,
)

__all__ = ["Portion", "ReadPage", "Reading", "read_snapshot", "read_through", "read_whole"]

MOST_READINGS: Final = 3
"""How often a list of several pages is read at most until two readings in a row agree. Our choice."""


@attrs.frozen(weakref_slot=False)
class ReadPage(Op[Page]):
    """Read one page of a list; performed by `invitekit.ports.Backend.page`."""

    of: ListKind
    cursor: str | None = None
    size: int | None = None


@attrs.frozen(weakref_slot=False)
class Portion:
    """The rows that one page brought, and how far that is: what a reading shows on its way, each reading anew."""

    rows: tuple[Invitation | Connection, ...]
    progress: Progress


@attrs.frozen(weakref_slot=False, kw_only=True)
class Reading:
    """What reading a list once gave.

    Args:
        extent: How much of the list it is.
        progress: How far it went.
        account: Whose list it is, where its rows say so.
        rows: The rows by what they are recognised by, those of later pages instead of earlier ones; only where
            they were to be kept.
        findings: What was noticed.
    """

    extent: Extent
    progress: Progress
    account: Member | Unknown
    rows: dict[Hashable, Invitation | Connection]
    findings: tuple[Finding, ...]


@flow
async def read_through(
    of: ListKind,
    *,
    size: int | None = None,
    most_pages: int = MOST_PAGES,
    keep: bool = False,
    reading: int = 1,
) -> Reading:
    """Read a list once, page after page, and show the rows of each.

    Args:
        of: Which list.
        size: How many rows to ask for at a time.
        most_pages: After how many pages to take it for endless.
        keep: Whether the result holds the rows; otherwise they are only shown.
        reading: Which reading of the list it is.
    """
    scrutiny = Scrutiny(of, size=size, most_pages=most_pages, reading=reading)
    rows: dict[Hashable, Invitation | Connection] = {}
    findings: list[Finding] = []
    came = 0
    cursor = None
    while scrutiny.extent is None:
        page = await ReadPage(of, cursor, size)
        fresh = scrutiny.take(page)
        if keep:
            findings += page.findings
            for row in page.items:
                # A row without an identity is like no other.
                key = key_of(row)
                rows[len(rows) if key is None else key] = row
            came += len(page.items)
        await Emit(Portion(fresh, scrutiny.progress))
        cursor = page.next
    extent = scrutiny.extent
    # Scrutiny has forgotten all but the latest pages; rows that were kept tell about all of them.
    twice = max(came - len(rows), 0) if keep else scrutiny.repeated
    if twice:
        findings.append(
            Finding(code="repeated-row", text=f"{several(twice, 'rows')} came twice; the later counts")
        )
        if extent.completeness is not Completeness.PARTIAL:
            extent = Extent(Completeness.PARTIAL, "shifted", f"{several(twice, 'rows')} came twice")
    return Reading(
        extent=extent, progress=scrutiny.progress, account=scrutiny.account, rows=rows, findings=tuple(findings)
    )


@flow
async def read_whole(
    of: ListKind, *, size: int | None = None, most_pages: int = MOST_PAGES, readings: int = MOST_READINGS
) -> Reading:
    """Read a list until it is proven that nothing is missing, or cannot be.

    A list whose only page has room left is read once. Any other is read again until two readings in a row agree:
    see `invitekit.flows._scrutiny` for what that proves. Each reading asks for pages of another size, so that a
    list that is cut at the end of a page is not cut at the same row twice.

    Args:
        of: Which list.
        size: How many rows to ask for at a time.
        most_pages: After how many pages to take it for endless.
        readings: How often it is read at most.
    """
    began = await Now()
    found = most = await read_through(of, size=size, most_pages=most_pages, keep=True)
    agreed = True
    for reading in range(2, readings + 1):
        if found.extent.code not in READABLE_AGAIN:
            return found
        before, before_began = found, began
        began = await Now()
        next_size = None if size is None else max(size - (reading - 1), 1)
        found = await read_through(of, size=next_size, most_pages=most_pages, keep=True, reading=reading)
        if before.rows and not found.rows:
            throttled = "the list was empty when it was read again, as where a service throttles in silence"
            return attrs.evolve(most, extent=Extent(Completeness.PARTIAL, "throttled", throttled))
        agreed = _agree(before, found, before_began)
        # One of the two has to end in the middle of a page: at the end of one, a list may have been cut.
        if agreed and "read-once" in (before.extent.code, found.extent.code) and found.extent.code in _WHOLE:
            return attrs.evolve(found, extent=COMPLETE)
        most = max(most, found, key=lambda one: len(one.rows))
    if found.extent.completeness is Completeness.COMPLETE:
        return found
    if not agreed and found.extent.completeness is Completeness.UNKNOWN:
        changed = f"the list changed each of the {readings} times it was read"
        found = attrs.evolve(found, extent=Extent(Completeness.PARTIAL, "shifted", changed))
    # Nothing is concluded from what is missing, so the reading that found most tells most.
    return attrs.evolve(most, extent=found.extent)


_WHOLE: Final = frozenset({"read-once", "page-border", "full-page"})
"""The verdicts on readings that came to an end with nothing amiss."""


def _agree(before: Reading, after: Reading, since: datetime) -> bool:
    """Whether a reading shows all that the one before it did, and nothing more than what was sent since.

    Something older that turns up only now was missing before: then it was that reading which was cut short, and
    this one may be, too.
    """
    if before.extent.completeness is Completeness.PARTIAL or before.rows.keys() - after.rows.keys():
        return False
    news = [after.rows[key] for key in after.rows.keys() - before.rows.keys()]
    return all(isinstance(row, Invitation) and row.sent_at.earliest >= since for row in news)


@flow
async def read_snapshot(
    lists: Sequence[ListKind],
    *,
    source: str,
    account: Member,
    sizes: Mapping[ListKind, int],
    readings: int = MOST_READINGS,
) -> Snapshot:
    """Read lists whole, and make a snapshot of them.

    The pending invitations come first: somebody who accepts while they are read then shows up as a connection, and
    not as somebody who vanished. How complete the snapshot is depends on them alone; without them it is unknown.

    Args:
        lists: Which ones.
        source: What the snapshot calls its source.
        account: Whose lists they are, where the rows do not say so.
        sizes: How many rows to ask for at a time.
        readings: How often a list of invitations is read at most; connections are read once, since nothing is
            concluded from one that is missing.
    """
    extent = Extent(Completeness.UNKNOWN, "not-listed", "the invitations that were sent were not listed")
    rows: list[Any] = []
    findings: list[Finding] = []
    for of in sorted(lists, key=list(ListKind).index):
        size = sizes.get(of)
        found = await read_whole(of, size=size, readings=1 if of is ListKind.CONNECTIONS else readings)
        if of is ListKind.SENT:
            extent = found.extent
        rows += found.rows.values()
        findings += found.findings
        account = account if found.account is UNKNOWN else found.account
        if found.extent.completeness is not Completeness.COMPLETE:
            findings.append(Finding(code=found.extent.code, text=f"{of}: {found.extent.why}"))
    return Snapshot(
        account=account,
        taken_at=await Now(),
        source=source,
        invitations=[row for row in rows if isinstance(row, Invitation)],
        connections=[row for row in rows if isinstance(row, Connection)],
        completeness=extent.completeness,
        why_incomplete=extent.why,
        findings=findings,
    )

"""``Connections.csv``: who the account is connected with, since which UTC date."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from functools import cached_property
from typing import Final

from invitekit._zones import PACIFIC_NAME, zone_of
from invitekit.dialects.export._columns import CONNECTIONS, header_of
from invitekit.dialects.export._dates import ConnectedReader, UnreadableDate
from invitekit.dialects.export._log import FileLog
from invitekit.dialects.export._people import NAME_LIMIT, composed, identify, name_key
from invitekit.dialects.export._records import records
from invitekit.errors import DataError
from invitekit.model import UNKNOWN, Connection, Interval, Unknown
from invitekit.model._member import trusted_member

__all__ = ["ConnectionIndex", "read_connections"]

_COLUMNS: Final = ("First Name", "Last Name", "URL", "Email Address", "Company", "Position", "Connected On")


def read_connections(
    lines: Iterable[str], *, zone: str | tzinfo = PACIFIC_NAME, log: FileLog | None = None
) -> Iterator[Connection]:
    """Read the connections of an export, one by one.

    A connection whose date cannot be read is used all the same, with a day that is unknown: that the two are
    connected is the evidence, the day only adds to it. A hidden or closed account, which has nothing but a date,
    is set aside, since it cannot be joined to anybody. One with a name and an unreadable profile address is used
    for its name.

    Args:
        lines: The lines of the file from the first, with their ends, as ``open(..., newline="")`` gives them.
        zone: The zone of the wall clock that exports of 2018 have here; later ones have UTC dates.
        log: Where findings go and rows are counted.

    Raises:
        ArchiveError: The file has no such header, or most of it cannot be read.
        DataError: There is no such zone.
        MissingExtraError: This system carries no data about the zone.
    """
    return _read(iter(lines), ConnectedReader(zone_of(zone)), FileLog("Connections.csv") if log is None else log)


def _read(lines: Iterator[str], dates: ConnectedReader, log: FileLog) -> Iterator[Connection]:
    header = log.header = header_of(lines, CONNECTIONS, log.file)
    seen: set[object] = set()
    shared: dict[str, str] = {}
    for line, picked in records(lines, header, log, header.picker(*_COLUMNS)):
        cells = tuple(composed(cell.strip()) if cell else "" for cell in picked)
        first, last, address, email, company, position, connected = cells
        if not (first or last or address):
            if connected:
                log.set_aside("hidden-connection", _HIDDEN, line)
            else:
                log.set_aside("empty-row", "all cells that are read are empty", line)
            continue
        if max(map(len, cells)) > NAME_LIMIT:
            log.set_aside("row-too-long", f"a cell is longer than {NAME_LIMIT:,} characters", line)
            continue
        slug: str | Unknown
        urn: str | Unknown
        try:
            slug, urn = identify(address)
        except DataError:
            if not (first or last):
                log.set_aside(
                    "unreadable-profile", "the profile address is none, so nobody can be joined to it", line
                )
                continue
            # The name is still worth something: whoever bears it may have accepted.
            slug = urn = UNKNOWN
            log.notice("unreadable-profile", "the profile address is none; only the name can be compared", line)
        # Two people may share a name, so without an identifier only a row that is the same throughout repeats.
        key = cells if slug is urn is UNKNOWN else (slug, urn)
        if key in seen:
            log.set_aside("duplicate-row", "this connection stands further up already", line)
            continue
        seen.add(key)
        try:
            day = dates.read(connected)
        except UnreadableDate:
            day = _NO_DAY
            log.notice("unreadable-date", "the date of connecting cannot be read; it is taken as unknown", line)
        log.used += 1
        yield Connection(
            member=trusted_member(f"{first} {last}".strip() or UNKNOWN, slug, urn),
            connected_at=day,
            email=email or UNKNOWN,
            company=shared.setdefault(company, company) or UNKNOWN,
            position=shared.setdefault(position, position) or UNKNOWN,
        )


_NO_DAY: Final = Interval.unknown()
_HIDDEN: Final = (
    "a hidden or closed account: only the date is there, so no invitation can be joined to it, and one that is "
    "presumed pending may in truth have been accepted"
)


class ConnectionIndex:
    """The connections, to look up the other side of an invitation in.

    Args:
        connections: The connections.
        by_address: Whether the file they come from has profile addresses. Where it has none, or where a row of
            the invitations has none, names are all there is to go by. By default: whether any connection has one.
        damaged: Whether rows of the file could not be read, so that somebody who is not found may have been in
            one of them.
    """

    def __init__(
        self, connections: Iterable[Connection], *, by_address: bool | None = None, damaged: bool = False
    ) -> None:
        self.damaged = damaged
        self._connections = tuple(connections)
        self.by_slug: dict[str, Connection] = {
            item.member.slug: item for item in self._connections if item.member.slug is not UNKNOWN
        }
        self.by_address = bool(self.by_slug) if by_address is None else by_address

    @cached_property
    def only_names(self) -> frozenset[str]:
        """The names, as `name_key` gives them, of the connections that have no profile address."""
        return frozenset(
            name_key(item.member.name)
            for item in self._connections
            if item.member.slug is UNKNOWN and item.member.name is not UNKNOWN
        )

    @cached_property
    def by_name(self) -> dict[str, Connection | None]:
        """The connection with a name (as `name_key` gives it); None where several have it."""
        found: dict[str, Connection | None] = {}
        for item in self._connections:
            if item.member.name is not UNKNOWN:
                key = name_key(item.member.name)
                found[key] = None if key in found else item
        return found

"""A backend for invitekit that reads a list kept by hand.

The list is a CSV file with these columns:

    list    sent, received or connections
    id      what the invitation is called; empty for a connection
    who     the slug, profile address or URN of the member
    name    their display name; may be empty
    at      when it was sent, or when they connected: a day, or a moment with a time zone
    note    what was sent along with it; may be empty
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import attrs

from invitekit import Connection, Direction, Evidence, Invitation, Member, SentAt, Status, Truth
from invitekit.backends import Listings
from invitekit.errors import BackendError, CapabilityError, DataError, PayloadError
from invitekit.model import Capability, Interval, ListKind, Outcome, Page, Standing, Started
from invitekit.ports import Clock

COLUMNS: Final = ("list", "id", "who", "name", "at", "note")
CAN: Final = frozenset(
    {Capability.LIST_SENT, Capability.LIST_RECEIVED, Capability.LIST_CONNECTIONS, Capability.READ_ONE}
)
ROWS: Final = 100
"""How many rows a page has, unless fewer are asked for."""


def paper(path: str | Path, *, clock: Clock | None = None) -> PaperBackend:
    """Make the backend for a list kept by hand; this is what the entry point names.

    Args:
        path: The CSV file. It is read whenever something is asked, so it may be written on meanwhile.
        clock: Tells when something was read; by default the system's clock.
    """
    return PaperBackend(Path(path), clock)


class PaperBackend(Listings):
    """A list kept by hand. `Listings` adds ``sent()``, ``connections()``, ``snapshot()`` and their like."""

    source = "paper"

    def __init__(self, path: Path, clock: Clock | None = None) -> None:
        self._path = path
        self._is_open = True
        if clock is not None:
            self.clock = clock

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can do: read. Crossing out a line withdraws nothing, so withdrawing is missing."""
        return CAN

    def page(self, of: ListKind, cursor: str | None = None, size: int | None = None) -> Page:
        """Read one page of a list; a cursor is the number of rows before the page."""
        rows = [row for row in self._rows() if row["list"] == of.value]
        first = int(cursor) if cursor and cursor.isdecimal() else 0
        last = first + (size or ROWS)
        items = [self._item(row, of) for row in rows[first:last]]
        return Page(items=items, next=str(last) if last < len(rows) else None, total=len(rows))

    def read(self, member: Member) -> Standing:
        """Say how one member stands to the account."""
        rows = list(self._rows())
        return Standing(
            member=member,
            connected=_among(member, [row for row in rows if row["list"] == ListKind.CONNECTIONS.value]),
            pending=_among(member, [row for row in rows if row["list"] == ListKind.SENT.value]),
            as_of=self.clock.now(),
        )

    def withdraw(self, invitation: Invitation) -> Outcome | Started:
        """Refuse: only a person can, who then crosses out the line."""
        raise CapabilityError("paper cannot withdraw", capability=Capability.WITHDRAW.value)

    def settle(self, started: Started) -> Outcome | Started:
        """Refuse: nothing is ever started."""
        raise CapabilityError("paper starts nothing", capability=Capability.WITHDRAW.value)

    def close(self) -> None:
        """Put the list away."""
        self._is_open = False

    def _rows(self) -> Iterator[dict[str, str]]:
        """Read the file, and say where it is wrong if it is."""
        if not self._is_open:
            raise BackendError("the list was put away", hint="Open it again", sent="no", code="closed")
        try:
            with self._path.open(encoding="utf-8-sig", newline="") as file:
                reader = csv.DictReader(file, restval="", strict=True)
                if missing := sorted(set(COLUMNS) - set(reader.fieldnames or ())):
                    raise PayloadError(f"the column {missing[0]!r} is missing", file=str(self._path), line=1)
                for row in reader:
                    yield {**{column: row[column].strip() for column in COLUMNS}, "line": str(reader.line_num)}
        except OSError as error:
            raise BackendError(
                f"{self._path} cannot be read: {error.strerror}", hint="Check the path", code="unreadable"
            ) from error
        except (csv.Error, UnicodeDecodeError) as error:
            raise PayloadError("this is no CSV in UTF-8", hint="Save it as one", file=str(self._path)) from error

    def _item(self, row: dict[str, str], of: ListKind) -> Invitation | Connection:
        try:
            at = _interval(row["at"])
            if of is ListKind.CONNECTIONS:
                return Connection(member=_member(row), connected_at=at)
            return Invitation(
                id=row["id"],
                member=_member(row),
                direction=Direction(of.value),
                sent_at=SentAt(at.earliest, at.latest, text=row["at"]),
                note=row["note"],
                status=Status.PENDING,
                evidence=Evidence.LISTED,
                as_of=self.clock.now(),
            )
        except DataError as error:
            raise PayloadError(
                error.message, hint=error.hint, file=str(self._path), line=int(row["line"])
            ) from error

    def __repr__(self) -> str:
        return f"PaperBackend({str(self._path)!r})"


def _member(row: dict[str, str]) -> Member:
    member = Member.of(row["who"])
    return attrs.evolve(member, name=row["name"]) if row["name"] else member


def _among(member: Member, rows: list[dict[str, str]]) -> Truth:
    """Whether a member is in a list: unknown where it knows them by other identifiers."""
    truth = Truth.FALSE
    for row in rows:
        truth |= member.same_as(_member(row))
    return truth


def _interval(text: str) -> Interval:
    """Read a day, which is known no closer, or a moment."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise DataError(
            "this is neither a day nor a moment", hint="Write 2026-09-01, or 2026-09-01T08:30:00+02:00"
        ) from error
    return Interval.day(moment.date()) if len(text) == len("2026-09-01") else Interval.at(moment)

"""The text of each file in a synthetic export, in the spelling of each era, in pieces of a few thousand rows.

Headers, quoting, line ends and date formats are those measured on member exports from 2021 to 2026; LinkedIn
documents none of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from ._notes import note_text
from ._pacific import PacificText
from ._people import People

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ._truth import Era, SyntheticTruth

__all__ = ["PREAMBLE", "connections_text", "invitations_text", "quoted"]

_ROWS_A_PIECE = 8_192
_IN = "https://www.linkedin.com/in/"

PREAMBLE = (
    "Notes:\n"
    '"These invented connections belong to an invented member, and most of them show no email address: in a real '
    "export, only those connections who allow others to see or download their address come with one, and all "
    "others have an empty column here. Nothing is wrong with this file, and a program that reads it ought to skip "
    "these lines, find the header, and go on there."
    '"\n'
    "\n"
)
"""What stands before the header of ``Connections.csv``: 366 bytes in quotes as in life, but not the same words."""

_Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Layout:
    """How an era spells one file.

    Attributes:
        header: The columns in the order of the file.
        arrange: From a row in the order the generator makes it to the order of the file; None if that is the same.
        start: What stands before the header.
        line_end: What ends a line.
        last_line_end: What ends the last one.
    """

    header: _Row
    arrange: Callable[[_Row], _Row] | None = None
    start: str = ""
    line_end: str = "\n"
    last_line_end: str = "\n"


def _picked(*places: int) -> Callable[[_Row], _Row]:
    return lambda row: tuple([row[place] for place in places])


def _invitations_layout(era: Era) -> _Layout:
    """Made as: From, To, Sent At, Message, Direction, inviter and invitee (URL or URN)."""
    common = ("From", "To", "Sent At", "Message", "Direction")
    match era:
        case "plain":
            return _Layout(common, _picked(0, 1, 2, 3, 4))
        case "urn":
            return _Layout((*common, "inviterProfileUrn", "inviteeProfileUrn"))
        case "url":
            return _Layout((*common, "inviterProfileUrl", "inviteeProfileUrl"))
        case "resaved":
            order = _picked(4, 0, 1, 2, 5, 6, 3)
            header = order((*common, "inviterProfileUrl", "inviteeProfileUrl"))
            return _Layout(
                (*header, "My remarks"),
                lambda row: (*order(row), ""),
                start="\ufeff",
                line_end="\r\n",
                last_line_end="\r\n",
            )


def _connections_layout(era: Era) -> _Layout:
    """Made as: First Name, Last Name, URL, Email Address, Company, Position, Connected On."""
    header = ("First Name", "Last Name", "URL", "Email Address", "Company", "Position", "Connected On")
    match era:
        case "plain":
            order = _picked(0, 1, 3, 4, 5, 6)
            return _Layout(order(header), order, start=PREAMBLE, last_line_end="")
        case "urn" | "url":
            return _Layout(header, start=PREAMBLE, last_line_end="")
        case "resaved":
            order = _picked(6, 0, 1, 2, 4, 5, 3)
            # A spreadsheet that once held something further right writes empty columns ever after.
            return _Layout(
                (*order(header), "My remarks", "", ""),
                lambda row: (*order(row), "", "", ""),
                start="\ufeff",
                line_end="\r\n",
                last_line_end="\r\n",
            )


def quoted(field: str) -> str:
    """A field with quotes if it needs them, as ``csv.QUOTE_MINIMAL`` does, at a fraction of its time."""
    if "," in field or '"' in field or "\n" in field:
        return '"' + field.replace('"', '""') + '"'
    return field


def _pieces(layout: _Layout, rows: Iterable[_Row]) -> Iterator[bytes]:
    """The file as UTF-8 in pieces. Fields come quoted; lines are joined, so that the last one has no end."""
    yield (layout.start + ",".join(layout.header)).encode()
    remaining = iter(rows)
    while piece := list(islice(remaining, _ROWS_A_PIECE)):
        arranged = map(layout.arrange, piece) if layout.arrange else piece
        yield layout.line_end.join(("", *map(",".join, arranged))).encode()
    yield layout.last_line_end.encode()


def invitations_text(truth: SyntheticTruth) -> Iterator[bytes]:
    """``Invitations.csv`` of an export."""
    return _pieces(_invitations_layout(truth.era), _invitation_rows(truth))


def _invitation_rows(truth: SyntheticTruth) -> Iterator[_Row]:
    columns = truth.columns
    people = People(truth.seed)
    year = truth.taken_at.year
    sent_text = PacificText(year - 1, year)
    by_urn = truth.era == "urn"
    owner = quoted(truth.owner_name)
    owner_profile = truth.owner_urn if by_urn else _IN + truth.owner_slug
    for person, sent, outgoing, note in zip(
        columns.person, columns.sent, columns.outgoing, columns.note, strict=True
    ):
        first, last, slug = people.lookup(person)
        name = f"{first} {last}"
        if "," in name:
            name = quoted(name)
        profile = people.urn(person) if by_urn else _IN + slug
        sent_at = f'"{sent_text(sent)}"'
        message = quoted(note_text(note, first)) if note else ""
        if outgoing:
            yield owner, name, sent_at, message, "OUTGOING", owner_profile, profile
        else:
            yield name, owner, sent_at, message, "INCOMING", profile, owner_profile


def connections_text(truth: SyntheticTruth) -> Iterator[bytes]:
    """``Connections.csv`` of an export."""
    return _pieces(_connections_layout(truth.era), _connection_rows(truth))


def _connection_rows(truth: SyntheticTruth) -> Iterator[_Row]:
    columns = truth.connection_columns
    people = People(truth.seed)
    dates: dict[int, str] = {}
    for person, day, hidden in zip(columns.person, columns.day, columns.hidden, strict=True):
        date = dates.get(day)
        if date is None:
            date = dates[day] = _date(day, resaved=truth.era == "resaved")
        if hidden:
            yield "", "", "", "", "", "", date
            continue
        first, last, slug, email, company, position = people.connection(person)
        yield first, quoted(last), _IN + slug, email, quoted(company), quoted(position), date


def _date(day: int, *, resaved: bool) -> str:
    moment = datetime.fromtimestamp(day * 86_400, UTC)
    month = _MONTHS[moment.month - 1]  # never strftime, which follows the locale
    if resaved:
        return f"{moment.day:02d}-{month}-{moment.year % 100:02d}"
    return f"{moment.day:02d} {month} {moment.year}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

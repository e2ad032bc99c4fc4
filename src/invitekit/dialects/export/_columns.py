"""Which of the two files this is, by its header, and where its columns are.

The header moved and changed over the years (a preamble from 2021-11, profile addresses in three steps in 2023),
and spreadsheets reorder, rename and pad, so columns are found by name, in any order and spelling, and a file is
what its header says, never what its name says.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice, product
from operator import attrgetter, itemgetter
from typing import Any, Final, cast

import attrs

from invitekit._text import clip, plain
from invitekit.errors import ArchiveError

__all__ = ["CONNECTIONS", "INVITATIONS", "Header", "cells_of", "find_header", "header_of"]

INVITATIONS: Final = "invitations"
CONNECTIONS: Final = "connections"

_REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    INVITATIONS: ("From", "To", "Sent At", "Direction"),
    CONNECTIONS: ("First Name", "Last Name", "Connected On"),
}
_OPTIONAL: Final[Mapping[str, tuple[str, ...]]] = {
    INVITATIONS: (
        "Message",
        "inviterProfileUrl",
        "inviteeProfileUrl",
        "inviterProfileUrn",
        "inviteeProfileUrn",
    ),
    CONNECTIONS: ("URL", "Email Address", "Company", "Position"),
}
_MAY_BE_EMPTY: Final = frozenset({"Message", *_OPTIONAL[CONNECTIONS]})
"""The columns that a sound row may leave empty. Profile addresses of invitations are not among them: a row that
ends before them was cut off, and would be joined by its name alone."""

_DELIMITERS: Final = (",", ";", "\t")

_LOOKED_AT: Final = 20
"""How many lines the header is looked for in; the preamble of a real export has three."""

_FRESH: Final = (
    "Every export seen so far has English column names. Download a fresh one and pass the zip as it comes; if "
    "this is the original download, please report these names"
)

_OTHERS: Final[Mapping[str, tuple[frozenset[str], str]]] = {
    "the messages of an export (messages.csv)": (
        frozenset({"conversationid", "from", "to", "date"}),
        "Pass Invitations.csv, or the zip of the export as it comes",
    ),
    "the profile of the account (Profile.csv)": (
        frozenset({"firstname", "lastname", "headline", "summary"}),
        "Pass Invitations.csv, or the zip of the export as it comes",
    ),
    "a worklist that invitekit wrote": (
        frozenset({"result", "invitationid"}),
        "Read it with read_worklist; an export is read from the zip that LinkedIn sent",
    ),
}
"""Files that are passed by mistake: what they are, the columns they are told by, and what to do instead."""


def _normal(name: str) -> str:
    return "".join(name.casefold().split()).replace("_", "").replace("-", "")


@attrs.frozen
class Header:
    """Where the columns of one file are.

    Args:
        kind: ``invitations`` or ``connections``.
        line: The line it stands on, counted from 1.
        delimiter: What separates its cells.
        width: How many columns it has.
        columns: The place of each known column that is there, by its name in a current export.
        needed: How many cells a row has at least; by default all. A spreadsheet that saves the file again leaves
            out empty cells at the end of a row, so only those that are never empty must be there.
    """

    kind: str
    line: int
    delimiter: str
    width: int
    columns: Mapping[str, int] = attrs.field(hash=False)
    needed: int = attrs.field(default=attrs.Factory(attrgetter("width"), takes_self=True))

    def __contains__(self, column: object) -> bool:
        return column in self.columns

    def picker(self, *columns: str) -> Callable[[list[str]], tuple[Any, ...]]:
        """Give a function that takes these columns out of a row, in this order; None for one that is not there."""
        places = [self.columns.get(column, self.width) for column in columns]
        if places == list(range(self.width)):
            return tuple  # a current export as it comes: the same, only faster
        pick = itemgetter(*places)
        if all(column in self for column in columns):
            return pick

        def padded(row: list[str]) -> tuple[Any, ...]:
            return cast("tuple[Any, ...]", pick([*row, None]))

        return padded


def header_of(lines: Iterator[str], kind: str, file: str) -> Header:
    """Find the header of a file that is expected to be of one kind; otherwise as `find_header`."""
    header = find_header(lines, file)
    if header.kind != kind:
        raise ArchiveError(
            f"holds {header.kind}, not {kind}", hint=f"Pass the file with the {kind}", file=file, line=header.line
        )
    return header


def find_header(lines: Iterator[str], file: str) -> Header:
    """Find the header, and leave `lines` at the line below it.

    What may stand above it (a ``sep=`` line, the ``Notes:`` preamble, empty lines) needs no rule of its own: the
    header is the first line that has the columns of one of the two files.

    Args:
        lines: The lines of the file, from the first.
        file: What errors call the file.

    Raises:
        ArchiveError: No line has the columns of either file, or a column stands twice; says what was found.
    """
    seen: list[str] = []
    for number, line in enumerate(islice(lines, _LOOKED_AT), 1):
        seen.append(line.removeprefix("\ufeff"))
        for delimiter in _DELIMITERS:
            names = [_normal(cell) for cell in cells_of(seen[-1], delimiter)]
            for kind, required in _REQUIRED.items():
                if all(_normal(name) in names for name in required):
                    places = _places(kind, names, file, number)
                    needed = 1 + max(place for column, place in places.items() if column not in _MAY_BE_EMPTY)
                    return Header(kind, number, delimiter, len(names), places, needed)
    raise _not_found(seen, file)


def cells_of(line: str, delimiter: str) -> list[str]:
    """The cells of one line; none where it is no CSV by itself."""
    try:
        return next(csv.reader((line,), delimiter=delimiter, strict=True))
    except (csv.Error, StopIteration):
        return []


def _places(kind: str, names: Sequence[str], file: str, line: int) -> dict[str, int]:
    known = {column: _normal(column) for column in (*_REQUIRED[kind], *_OPTIONAL[kind])}
    for column, name in known.items():
        if names.count(name) > 1:
            raise ArchiveError(
                f"the column {column!r} stands twice", hint="Delete the one that was added", file=file, line=line
            )
    return {column: names.index(name) for column, name in known.items() if name in names}


def _not_found(lines: Sequence[str], file: str) -> ArchiveError:
    """Say what was found instead of a header, without repeating a row, which may hold a note."""
    if not any(line.strip() for line in lines):
        return ArchiveError("is empty", hint=_FRESH, file=file)
    for line, delimiter in product(lines, _DELIMITERS):
        names = set(map(_normal, cells_of(line, delimiter)))
        for what, (columns, instead) in _OTHERS.items():
            if columns <= names:
                return ArchiveError(
                    f"holds no invitations and no connections: this is {what}", hint=instead, file=file
                )
    wanted = "; or ".join(", ".join(columns) for columns in _REQUIRED.values())
    best = max((cells_of(line, delimiter) for line in lines for delimiter in _DELIMITERS), key=_likeness)
    if len(best) < 3 or not all(map(_is_heading, best)):
        found = "no line that looks like column names"
    else:
        found = "only: " + ", ".join(repr(clip(plain(cell.strip()), 30)) for cell in best[:12])
    message = f"the columns of an export ({wanted}) are not there; found {found}"
    return ArchiveError(message, hint=_FRESH, file=file)


def _likeness(cells: Sequence[str]) -> tuple[int, int, int]:
    """How much a line looks like the header: known names first, then a row of short words."""
    known = {_normal(name) for names in (*_REQUIRED.values(), *_OPTIONAL.values()) for name in names}
    return sum(_normal(cell) in known for cell in cells), all(map(_is_heading, cells)), len(cells)


def _is_heading(cell: str) -> bool:
    """Whether a cell may be a column's name and nothing private: short, no digits, no address."""
    return len(cell) <= 30 and not any(char.isdigit() or char in "/@!?" for char in cell)

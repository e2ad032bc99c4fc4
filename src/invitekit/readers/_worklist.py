"""Reading a worklist that somebody has filled in, as whatever program saved it.

The file went through a spreadsheet, so it is read kindly: any order of columns, more columns, other separators,
other encodings. What it says is read strictly: a row that cannot be understood ends the reading, with its line, so
that no result is ever lost or guessed.
"""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from invitekit._text import clip, plain
from invitekit.errors import DataError
from invitekit.model import UNKNOWN, Member, Outcome, Outcomes, Result
from invitekit.model._outcome import WORDS
from invitekit.policy._worklist_csv import COLUMNS, IDS, unguard, unguard_id

__all__ = ["read_worklist"]

_SIZE: Final = 64 * 1024 * 1024
"""How many bytes a worklist may have; one of 30,000 people has 15 million."""

_LOOKED_AT: Final = 20
"""How many lines the header is looked for in."""

_REQUIRED: Final = ("result", "invitation_id")

_RESULTS: Final[Mapping[str, tuple[Result, str]]] = {
    **{word: meaning for meaning, word in WORDS.items()},
    "left": (Result.NOT_REACHED, ""),
}
_SQUEEZED: Final = {word.replace(" ", ""): meaning for word, meaning in _RESULTS.items()}
_ALLOWED: Final = f"Write {', '.join(list(_RESULTS)[:-1])} or {list(_RESULTS)[-1]}, or leave it empty"

_EXPONENT: Final = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+")
"""What a spreadsheet makes of a long number."""


def read_worklist(source: str | os.PathLike[str] | bytes, *, excel_safe: bool = True) -> Outcomes:
    """Read the CSV of a worklist whose column ``result`` was filled in.

    ``withdrawn`` becomes `Result.WITHDRAWN`; ``already accepted`` and ``not found`` become `Result.SKIPPED` with
    the reason ``accepted`` or ``not-listed``; ``left`` and an empty cell become `Result.NOT_REACHED`. Case, spaces
    and hyphens do not matter. When it happened nobody wrote down, so ``at`` is unknown.

    Files that a spreadsheet saved are read as well: UTF-8, UTF-16 or Windows-1252; commas, semicolons or tabs; any
    line ends; columns in another order, or more of them. Identifiers are taken from ``profile``, ``urn``,
    ``provider_id`` and ``invitation_id``; ``name`` is a label, and the rest is for people.

    Args:
        source: The path of the file, or its content: bytes, or a text with at least one line break.
        excel_safe: As the worklist was written (`Worklist.to_csv`): if True, the single quotes it added are taken
            off again.

    Returns:
        One outcome for each row, in the order of the rows.

    Raises:
        DataError: The file cannot be read, is no worklist, has another word in ``result``, or a row without an
            invitation's id, with a damaged one, or with one that stands twice. Says which line and what is
            allowed. Nothing is read by half.
    """
    file, text = _text_of(source)
    try:
        return Outcomes(_outcomes(text, excel_safe=excel_safe))
    except DataError as error:
        error.file = file
        raise


def _text_of(source: str | os.PathLike[str] | bytes) -> tuple[str, str]:
    """What errors call the file, and its text."""
    if isinstance(source, bytes):
        return "the worklist", _decode(source, "the worklist")
    if isinstance(source, str) and ("\n" in source or "\r" in source):
        return "the worklist", source
    if not isinstance(source, (str, os.PathLike)):
        raise DataError(
            f"a worklist is read from a path or from bytes, got {type(source).__name__}",
            hint="For instance read_worklist('withdraw.csv')",
        )
    file = plain(os.fspath(source))
    try:
        with Path(source).open("rb") as handle:
            content = handle.read(_SIZE + 1)
    except (OSError, ValueError, TypeError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        raise DataError(
            f"cannot be read ({reason})", hint="Give the path of the CSV that was filled in", file=file
        ) from None
    return file, _decode(content, file)


def _decode(content: bytes, file: str) -> str:
    """Decode what a spreadsheet may write; recognise what is no CSV at all."""
    if content.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        problem = "is a spreadsheet or an archive, not a CSV"
    elif content[:200].lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        problem = "is a page to look at, not the CSV to fill in"
    elif len(content) > _SIZE:
        problem = f"has more than {_SIZE:,} bytes, which no worklist has"
    else:
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return content.decode("utf-16", errors="replace")
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            # Excel's plain "CSV". Identifiers are ASCII here, so at worst a name, a mere label, is garbled.
            return content.decode("cp1252", errors="replace")
    raise DataError(
        problem,
        hint="Pass the CSV that plan.worklist().save('withdraw.csv') wrote; spreadsheets can save as CSV, too",
        file=file,
    )


@attrs.frozen
class _Header:
    line: int
    delimiter: str
    names: tuple[str, ...]


def _outcomes(text: str, *, excel_safe: bool) -> Iterator[Outcome]:
    lines = iter(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    header = _find_header(lines)
    seen: dict[str, int] = {}
    for line, row in _rows(lines, header):
        cells = _cells(row, header, excel_safe=excel_safe)
        key = _invitation_id(cells.get("invitation_id", "").strip(), line)
        if seen.setdefault(key, line) != line:
            raise DataError(
                f"the invitation {key} stands here and in line {seen[key]}",
                hint="Delete one of the two rows",
                line=line,
                key="invitation_id",
            )
        result, why = _result(cells.get("result", ""), line)
        yield Outcome(invitation_id=key, member=_member(cells, line), result=result, why=why)


def _find_header(lines: Iterator[str]) -> _Header:
    """Find the header: the first line that has the columns a worklist cannot do without."""
    for number, line in zip(range(1, _LOOKED_AT + 1), lines, strict=False):
        for delimiter in (",", ";", "\t"):
            names = tuple(map(_column, _split(line, delimiter)))
            if all(name in names for name in _REQUIRED):
                if twice := [name for name in COLUMNS if names.count(name) > 1]:
                    raise DataError(
                        f"the column {twice[0]!r} stands twice", hint="Delete the one that was added", line=number
                    )
                return _Header(number, delimiter, names)
    raise DataError(
        f"is no worklist: no line has the columns {' and '.join(_REQUIRED)}",
        hint="Fill in the CSV that plan.worklist().save('withdraw.csv') wrote, and leave its column names alone",
    )


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader((line,), delimiter=delimiter, strict=True))
    except (csv.Error, StopIteration):
        return []


def _column(name: str) -> str:
    """The column that a heading names, in whatever spelling; the heading itself for others."""
    squeezed = "".join(name.casefold().split()).replace("_", "").replace("-", "")
    return next((column for column in COLUMNS if column.replace("_", "") == squeezed), name)


def _rows(lines: Iterator[str], header: _Header) -> Iterator[tuple[int, list[str]]]:
    """Give each row that is not blank, with the line it begins on."""
    reader = csv.reader(lines, delimiter=header.delimiter, strict=True)
    begin = header.line + 1
    while True:
        try:
            row = next(reader, None)
        except csv.Error:
            raise DataError(
                "the row that begins here is no CSV: a quote is open, or stands where none may",
                hint="Repair the row, or start again from the worklist as it was written",
                line=begin,
            ) from None
        if row is None:
            return
        if any(cell.strip() for cell in row):
            if any(cell.strip() for cell in row[len(header.names) :]):
                raise DataError(
                    f"the row has {len(row)} cells where the header has {len(header.names)}",
                    hint="Repair the row, or start again from the worklist as it was written",
                    line=begin,
                )
            yield begin, row
        begin = header.line + 1 + reader.line_num


def _cells(row: list[str], header: _Header, *, excel_safe: bool) -> dict[str, str]:
    # Shorter rows are sound: spreadsheets leave out empty cells at the end.
    cells = dict(zip(header.names, row, strict=False))
    if not excel_safe:
        return cells
    return {name: _taken_off(name)(cell) for name, cell in cells.items()}


def _taken_off(name: str) -> Callable[[str], str]:
    return unguard_id if name in IDS else unguard


def _invitation_id(text: str, line: int) -> str:
    if not text:
        raise DataError(
            "the row has no invitation_id",
            hint="Take it from the worklist as it was written; a row of your own can be matched to nothing",
            line=line,
            key="invitation_id",
        )
    if not text.isprintable() or _EXPONENT.fullmatch(text):
        raise DataError(
            f"{clip(text, 40)!r} is no invitation's id; a spreadsheet may have changed it",
            hint="Take it from the worklist as it was written",
            line=line,
            key="invitation_id",
        )
    return text


def _result(text: str, line: int) -> tuple[Result, str]:
    word = "".join(text.casefold().split()).replace("-", "").replace("_", "")
    meaning = _SQUEEZED.get(word or "left")
    if meaning is None:
        raise DataError(
            f"the result {clip(text.strip(), 40)!r} is not known", hint=_ALLOWED, line=line, key="result"
        )
    return meaning


def _member(cells: Mapping[str, str], line: int) -> Member:
    fields: dict[str, Any] = {
        "name": cells.get("name", ""),
        "slug": cells.get("profile", "").strip(),
        "urn": cells.get("urn", ""),
        "provider_id": cells.get("provider_id", ""),
    }
    try:
        return Member(**{field: value if value.strip() else UNKNOWN for field, value in fields.items()})
    except DataError as error:
        raise DataError(
            error.message, hint="Take it from the worklist as it was written", line=line, key="profile"
        ) from None

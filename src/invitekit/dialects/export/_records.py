"""Lines into records, so that no damage in one row ever costs another.

A quote that is never closed makes a plain CSV reader swallow the rows below it without a word (measured: three
rows become two). So the reader is strict, it knows which lines each record took, and when it has to give a record
up it sets aside that record's first line only and reads the others again.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice, repeat
from operator import contains
from typing import Any, Final, TypeAlias

from invitekit.dialects.export._columns import Header, cells_of
from invitekit.dialects.export._decoding import LINE_LIMIT
from invitekit.dialects.export._log import FileLog
from invitekit.errors import ArchiveError

__all__ = ["records"]

_BLOCK: Final = 128
"""How many lines are read at a time: many enough to be fast, few enough that lines at the limit of length fit
into memory."""

_SPAN: Final = 64
"""How many lines a record may span. Line breaks inside a company or a position are real, in notes none was ever
seen (measured on member exports); dozens of them are a quote that was not closed."""

_SIZE: Final = 2 * LINE_LIMIT
"""How many characters a record may have."""

_Cells: TypeAlias = tuple[Any, ...]
_Problem: TypeAlias = tuple[str, str]

_OPEN_QUOTE: Final = (
    "open-quote",
    "a quote is opened and never closed, so where the row ends cannot be told; the lines below it are read anew",
)
_TOO_LONG: Final = ("row-too-long", f"longer than {LINE_LIMIT:,} characters, which no row of an export is")
_NUL: Final = ("nul", "holds a NUL character, which no text has; the file is damaged here")
_UNREADABLE: Final = ("unreadable-row", "is no CSV: a quote or a line break stands where none may")


def records(
    lines: Iterator[str], header: Header, log: FileLog, pick: Callable[[list[str]], _Cells]
) -> Iterator[tuple[int, _Cells]]:
    """Give the cells of each record below the header, with the line that it begins on.

    Every record is counted in `log`, and those that cannot be read are set aside there. Empty lines do not count.

    Args:
        lines: The lines below the header.
        header: The header; says how many cells a record has.
        log: Where rows are counted and findings go.
        pick: Takes the cells that are wanted out of a record, which has as many as the header.

    Raises:
        ArchiveError: Most of a long file cannot be read.
    """
    # Lists pass through `chain` far faster than a generator hands on single rows.
    return chain.from_iterable(_blocks(lines, header, log, pick))


def _blocks(
    lines: Iterator[str], header: Header, log: FileLog, pick: Callable[[list[str]], _Cells]
) -> Iterator[Iterable[tuple[int, _Cells]]]:
    first = header.line + 1
    block = list(islice(lines, _BLOCK))
    while block:
        more = list(islice(lines, _BLOCK))
        if not any(map(str.strip, block, repeat(" \r\n"))):
            # Millions of empty lines must not take minutes.
            first += len(block)
            block = more
            continue
        if log.rows > log.row_limit:
            raise ArchiveError(
                f"has more than {log.row_limit:,} rows, which no file of an export does",
                hint="Download a fresh export and pass the zip as it comes",
                file=log.file,
                line=first,
            )
        reading = _Block(block, first, header, log, final=not more)
        rows = reading.plain()
        if rows is not None:
            done = len(rows)
            yield zip(range(first, first + done), map(pick, rows), strict=True)
        else:
            found, done = reading.records()
            yield [(line, pick(row)) for line, row in found]
        block = block[done:] + more
        first += done


class _Block:
    """Some lines of a file, read as far as they hold whole records."""

    def __init__(self, lines: list[str], first: int, header: Header, log: FileLog, *, final: bool) -> None:
        self._lines = lines
        self._first = first
        self._header = header
        self._log = log
        self._final = final
        # One look at the whole block, so that a sound row pays for it once in a few hundred.
        self._odd = max(map(len, lines)) > LINE_LIMIT or any(map(contains, lines, repeat("\0")))

    def plain(self) -> list[list[str]] | None:
        """Give the rows if each has a line of its own and none has a fault: the short way, for nearly all."""
        reader = csv.reader(self._lines, delimiter=self._header.delimiter, strict=True)
        try:
            rows = list(reader)
        except csv.Error:
            return None
        if self._odd or len(rows) != len(self._lines):
            return None
        widths = set(map(len, rows))
        if widths != {self._header.width}:
            if min(widths) < self._header.needed or max(widths) > self._header.width:
                return None
            for row in rows:
                self._pad(row)
        self._log.rows += len(rows)
        return rows

    def records(self) -> tuple[list[tuple[int, list[str]]], int]:
        """Give the records, and how many lines are dealt with; what is left needs the lines that follow."""
        found: list[tuple[int, list[str]]] = []
        lines, first, width, odd = self._lines, self._first, self._header.width, self._odd
        at, stop, careful = 0, len(lines), False
        while at < len(lines):
            start = at
            problem: _Problem | None = None
            reader = csv.reader(islice(lines, start, stop), delimiter=self._header.delimiter, strict=True)
            try:
                for row in reader:
                    end = start + reader.line_num
                    if end - at != 1 or len(row) != width or odd:
                        if _is_blank(row):
                            at = end
                            continue
                        problem = self._judge(row, at, end)
                        if problem:
                            break
                    found.append((first + at, row))
                    at = end
            except csv.Error:
                end = start + reader.line_num
                if end == len(lines) and not self._final and not _is_too_long(lines[at:]):
                    break  # perhaps it only goes on below
                # Where a window ended too early for the record, the next one begins with it.
                if not (at > start and end == stop < len(lines)):
                    problem = self._name(at, end)
            if problem:
                self._log.rows += 1
                self._log.set_aside(*problem, first + at)
                at += 1
                careful = True
            # After an open quote the next one may follow: short windows, so that each costs little.
            stop = self._window(at) if careful else len(lines)
        self._log.rows += len(found)
        return found, at

    def _judge(self, row: list[str], at: int, end: int) -> _Problem | None:
        """What is wrong with a record that the CSV reader let pass."""
        lines, width = self._lines[at:end], self._header.width
        if self._odd and any("\0" in line for line in lines):
            return _NUL
        if self._odd and any(len(line) > LINE_LIMIT for line in lines):
            return _TOO_LONG
        if not any(row[width:]):
            del row[width:]  # a spreadsheet pads rows with empty cells
        if len(row) >= self._header.needed:
            self._pad(row)
        if len(lines) > 1:
            swallowed = len(row) != width or _is_too_long(lines) or any(map(self._stands_alone, lines[1:]))
            return _OPEN_QUOTE if swallowed else None
        return None if len(row) == width else ("ragged-row", f"has {len(row)} cells where the header has {width}")

    def _pad(self, row: list[str]) -> None:
        """Put back the empty cells that a spreadsheet left out at the end of a row."""
        row += [""] * (self._header.width - len(row))

    def _name(self, at: int, end: int) -> _Problem:
        """What is wrong with a record that the CSV reader refused after taking these lines."""
        if "\0" in self._lines[at]:
            return _NUL
        if len(self._lines[at]) > LINE_LIMIT:
            return _TOO_LONG
        return _OPEN_QUOTE if end - at > 1 or self._lines[at].count('"') % 2 else _UNREADABLE

    def _stands_alone(self, line: str) -> bool:
        """Whether a line inside a record is a whole row by itself: then a quote has swallowed it."""
        # The line that closes a quote of the record has an odd number of them, a row by itself an even one.
        if line.count('"') % 2:
            return False
        cells, width = cells_of(line, self._header.delimiter), self._header.width
        return self._header.needed <= len(cells) and not any(cells[width:])

    def _window(self, at: int) -> int:
        """Where a window ends that begins at a line and is just too long for one record."""
        size = 0
        for end, line in enumerate(self._lines[at : at + _SPAN + 1], at + 1):
            size += len(line)
            if size > _SIZE:
                return end
        return min(at + _SPAN + 1, len(self._lines))


def _is_too_long(lines: Sequence[str]) -> bool:
    return len(lines) > _SPAN or sum(map(len, lines)) > _SIZE


def _is_blank(row: Sequence[str]) -> bool:
    return len(row) <= 1 and not any(cell.strip() for cell in row)

"""Bytes into lines of text, in bounded memory whatever the bytes are."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from invitekit.dialects.export._log import FileLog
from invitekit.errors import ArchiveError

__all__ = ["LINE_LIMIT", "text_lines"]

LINE_LIMIT: Final = 32_768
"""How many characters a line may have. The longest note measured has 300; a row of a real export stays far below
5,000. A longer line is cut, which the reader of records recognises by its length."""

_CUT: Final = LINE_LIMIT * 4 + 4
"""Enough bytes to hold more than `LINE_LIMIT` characters in any encoding."""


def text_lines(chunks: Iterable[bytes], log: FileLog) -> Iterator[str]:
    """Decode the bytes of a file into lines that keep their ends.

    UTF-8 with or without a byte order mark, and UTF-16 with one. A line that is no valid UTF-8 is read as
    Windows-1252, which is what a spreadsheet writes; one finding, ``not-utf-8``, counts those lines. A line ends
    with LF, CRLF or CR.

    Args:
        chunks: The bytes in pieces of any size.
        log: Where the finding goes.

    Raises:
        ArchiveError: UTF-16 that is damaged.
    """
    return chain.from_iterable(_Decoder(log).blocks(chunks))


class _Decoder:
    def __init__(self, log: FileLog) -> None:
        self._log = log
        self._lines = 0
        self._foreign = 0
        self._first_foreign = 0

    def blocks(self, chunks: Iterable[bytes]) -> Iterator[list[str]]:
        """Give the lines in lists, since a list passes through `chain` far faster than single lines would."""
        try:
            for block in _whole_lines(self._utf8(chunks)):
                # Of bytes, unlike of text, `splitlines` knows no ends but LF, CRLF and CR.
                split = block.splitlines(keepends=True)
                try:
                    lines = list(map(bytes.decode, split))
                except UnicodeDecodeError:
                    lines = [self._decode(line, at) for at, line in enumerate(split, self._lines + 1)]
                self._lines += len(lines)
                yield lines
        except ArchiveError as error:
            # Whoever supplies the bytes knows the file; only here is it known how far the text was good.
            error.file = error.file or self._log.file
            error.line = error.line or self._lines + 1
            raise
        if self._foreign:
            self._log.notice(
                "not-utf-8",
                f"{self._foreign:,} lines from this one on are not UTF-8, as an export is; they were read as "
                "Windows-1252, which a spreadsheet may have written: check a name with an accent",
                self._first_foreign,
            )

    def _decode(self, line: bytes, at: int) -> str:
        try:
            return line.decode()
        except UnicodeDecodeError:
            if len(line) < _CUT:
                self._foreign += 1
                self._first_foreign = self._first_foreign or at
            return line.decode("cp1252", errors="replace")

    def _utf8(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Take off the byte order mark; turn UTF-16 into UTF-8, so that all that follows knows one encoding."""
        source = iter(chunks)
        head = b""
        while len(head) < 3 and (chunk := next(source, b"")):
            head += chunk
        if not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            yield head.removeprefix(codecs.BOM_UTF8)
            yield from source
            return
        decoder = codecs.getincrementaldecoder("utf-16")()
        try:
            for chunk in chain((head,), source):
                yield decoder.decode(chunk).encode()
            yield decoder.decode(b"", final=True).encode()
        except UnicodeError:
            raise ArchiveError(
                "begins as UTF-16 text and is damaged further down",
                hint="Download a fresh export and pass the zip as it comes",
            ) from None


def _whole_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Give the bytes in blocks that end where a line ends, and cut lines that are too long."""
    pending = b""
    skipping = False
    for chunk in chunks:
        if skipping:
            # The rest of a line that was cut; its end is kept, so that the lines count as in an editor.
            found = _line_end(chunk)
            if found < 0:
                continue
            chunk, skipping = chunk[found:], False  # noqa: PLW2901
        data = pending + chunk
        end = data.rfind(b"\n") + 1 or data.rfind(b"\r", 0, -1) + 1
        block, pending = data[:end], data[end:]
        if len(pending) > _CUT:
            # A carriage return at the very end is the line's end, or half of it.
            skipping = not pending.endswith(b"\r")
            pending = pending[:_CUT] + (b"" if skipping else b"\r")
        if block:
            yield block
    if pending:
        yield pending


def _line_end(data: bytes) -> int:
    """Where the first line end begins, -1 for nowhere."""
    places = [place for place in (data.find(b"\n"), data.find(b"\r")) if place >= 0]
    return min(places, default=-1)

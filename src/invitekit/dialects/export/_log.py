"""What is written down while one file is read: findings, and how every row was used."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Final

from invitekit.dialects.export._columns import Header
from invitekit.errors import ArchiveError
from invitekit.model import FileAccount, Finding

__all__ = ["Aside", "FileLog"]

# A damaged export loses some rows; a file that loses ten thousand, and most of what it has, is something else.
# Reading on would fill the memory with findings that nobody reads.
_HOPELESS: Final = 10_000


class Aside(Exception):  # noqa: N818  # no error: the way out of a row that cannot be used
    """This row is set aside.

    Args:
        code: The code of the finding.
        text: Its text.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(code)
        self.code = code
        self.text = text


class FileLog:
    """Collects the findings of one file and counts its rows, so that none goes missing in silence.

    Args:
        file: The file or archive member, as the findings should call it.
        remarks: Whether what concerns rows that are used is written down, too.
        row_limit: How many rows the file may have; for whoever holds them all. By default: any number.

    Attributes:
        file: As given.
        row_limit: As given.
        header: The header, once it is found.
        findings: What was noticed, in order.
        rows: How many records were read below the header.
        used: How many of them became a value.
        reasons: How many were set aside, by code.
    """

    def __init__(self, file: str, *, remarks: bool = True, row_limit: int = sys.maxsize) -> None:
        self.file = file
        self.row_limit = row_limit
        self._remarks = remarks
        self.header: Header | None = None
        self.findings: list[Finding] = []
        self.rows = 0
        self.used = 0
        self.reasons: Counter[str] = Counter()

    def set_aside(self, code: str, text: str, line: int) -> None:
        """Write down that the row at `line` is not used, and why.

        Raises:
            ArchiveError: So many rows were set aside that this cannot be the file it is taken for.
        """
        self.findings.append(Finding(code=code, text=text, file=self.file, line=line, set_aside=True))
        self.reasons[code] += 1
        lost = len(self.findings)
        if lost >= _HOPELESS and (lost := self.reasons.total()) >= _HOPELESS and lost * 2 > self.rows:
            most = self.reasons.most_common(1)[0][0]
            raise ArchiveError(
                f"{lost:,} of the first {self.rows:,} rows cannot be used, mostly because of: {most}",
                hint="This is hardly a file of an export; download a fresh one and pass the zip as it comes",
                file=self.file,
                line=line,
            )

    def notice(self, code: str, text: str, line: int | None = None, *, about: str = "") -> None:
        """Write down something about a row that is used, or about the whole file."""
        if self._remarks:
            self.findings.append(Finding(code=code, text=text, file=self.file, line=line, about=about))

    @property
    def lost(self) -> int:
        """How many rows held something that could not be read; see `FileAccount.lost`."""
        return sum(self.account().lost.values())

    def account(self) -> FileAccount:
        """How the rows were used."""
        kind = self.header.kind if self.header else ""
        return FileAccount(file=self.file, kind=kind, rows=self.rows, used=self.used, reasons=self.reasons)

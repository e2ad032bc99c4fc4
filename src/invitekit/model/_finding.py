"""What was noticed while reading a source: every row that was not used, and everything that weakens what was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from invitekit.errors import DataError

__all__ = ["FileAccount", "Finding"]

_LOSSLESS: Final = frozenset({"hidden-connection", "duplicate-row", "empty-row"})
"""Why a row is set aside without a loss: what it holds is hidden, was read already, or is nothing."""


@attrs.frozen(weakref_slot=False, kw_only=True)
class Finding:
    """One thing noticed in a source.

    Args:
        code: A short name, for instance ``unreadable-date``.
        text: What it means, for people; never a message text, and names only as the code needs them.
        file: The file or archive member, empty when it is about the whole source.
        line: The line in it, counted from 1; None when it is about the whole file.
        set_aside: Whether a row was left out because of it.
        about: The id of the invitation that it is about, empty for none.
    """

    code: str
    text: str
    file: str = ""
    line: int | None = None
    set_aside: bool = False
    about: str = ""

    @property
    def place(self) -> str:
        """File and line, as far as known."""
        return self.file if self.line is None else f"{self.file}:{self.line}"

    def to_record(self) -> dict[str, Any]:
        """Give it as a flat record."""
        return attrs.asdict(self)

    def __str__(self) -> str:
        return f"{self.place}: {self.text} [{self.code}]" if self.place else f"{self.text} [{self.code}]"


def _copied(given: Mapping[str, int]) -> Mapping[str, int]:
    return dict(sorted(given.items()))


@attrs.frozen(weakref_slot=False, kw_only=True)
class FileAccount:
    """How the rows of one file were used: ``rows == used + set_aside``, always.

    Args:
        file: The file or archive member.
        kind: ``invitations`` or ``connections``.
        rows: How many records stood below the header; empty lines do not count.
        used: How many became an invitation or a connection.
        reasons: How many were set aside, by the code of the finding that says why.
    """

    file: str
    kind: str
    rows: int
    used: int
    reasons: Mapping[str, int] = attrs.field(factory=dict[str, int], converter=_copied, hash=False)

    def __attrs_post_init__(self) -> None:
        if self.rows != self.used + self.set_aside:
            raise DataError(
                f"{self.rows} rows are not {self.used} used and {self.set_aside} set aside",
                key="file_account.reasons",
            )

    @property
    def set_aside(self) -> int:
        """How many rows were not used."""
        return sum(self.reasons.values())

    @property
    def lost(self) -> dict[str, int]:
        """How many rows held something that nobody could read: `reasons` without hidden, repeated, empty rows."""
        return {code: count for code, count in self.reasons.items() if code not in _LOSSLESS}

    def __str__(self) -> str:
        why = ", ".join(f"{count:,} {code}" for code, count in sorted(self.reasons.items()))
        return f"{self.file}: {self.rows:,} rows, {self.used:,} used" + (f", set aside: {why}" if why else "")

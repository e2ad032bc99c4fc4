"""How a single result is shown in a notebook and given to a table: as its own flat record."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime
from typing import Any, Protocol

__all__ = ["OneRecord", "Records", "html_of"]


class Records(Protocol):
    """What comes as flat records."""

    def to_records(self) -> list[dict[str, Any]]:
        """Give them."""
        ...


class OneRecord(ABC):
    """A result that is one flat record."""

    __slots__ = ()

    @abstractmethod
    def to_record(self) -> dict[str, Any]:
        """Give it as a flat dict; what is unknown becomes None."""

    def to_records(self) -> list[dict[str, Any]]:
        """Give a list with the one record, as results with several give theirs."""
        return [self.to_record()]

    def _repr_html_(self) -> str:
        return html_of(self)


def html_of(value: Records) -> str:
    """Draw a result as an HTML table under the line that it is as a text.

    One record becomes lines of names and values; of several, each is a row.
    """
    from invitekit._text import ROWS_SHOWN, html_table

    records = value.to_records()
    if isinstance(value, OneRecord):
        facts = [(_words(name), _cell(cell)) for name, cell in records[0].items() if name != "sentence"]
        return html_table((type(value).__name__, ""), facts, title=str(value))
    columns = [_words(name) for name in records[0]] if records else []
    rows = [[_cell(cell) for cell in record.values()] for record in records[:ROWS_SHOWN]]
    return html_table(columns, rows, title=str(value), more=max(0, len(records) - ROWS_SHOWN))


def _words(name: str) -> str:
    return name.replace("_", " ")


def _cell(value: object) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}Z"
    return f"{value:.4g}" if isinstance(value, float) else str(value)

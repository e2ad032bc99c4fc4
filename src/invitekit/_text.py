"""Plain and HTML tables for reprs.

Names, headlines and notes come from strangers, so every cell is made harmless here and nowhere else: control
and direction characters (which can rewrite a terminal or reverse a line) are shown as their code points, and
HTML is escaped. This module has no clock and no dependency.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["ROWS_SHOWN", "clip", "escape", "html_table", "plain", "plain_facts", "plain_table", "several"]

ROWS_SHOWN = 10
"""How many rows of a collection a repr shows; the rest is counted."""

_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})

# Not "printable", yet harmless and needed: the joiners of Persian, Indic scripts and emoji, and wide spaces.
_HARMLESS = frozenset("\u200c\u200d\u00a0\u202f\u3000")


def plain(value: object) -> str:
    """Give `value` as one line of harmless text."""
    text = str(value)
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in _HARMLESS else f"\\u{ord(char):04x}" for char in text)


def escape(value: object) -> str:
    """Give `value` as harmless text for HTML, in an element or in a quoted attribute."""
    return plain(value).translate(_HTML)


def clip(text: str, width: int) -> str:
    """Shorten `text` to `width` characters, the last an ellipsis where something was cut."""
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"


def several(count: float, nouns: str, form: str = ",") -> str:
    """Count something whose plural ends in s; what `form` writes as 1 is one of it."""
    number = format(count, form)
    return f"{number} {nouns.removesuffix('s') if number == '1' else nouns}"


def _wide(text: str) -> int:
    """How many columns of a terminal a text takes: East Asian characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(2 if east_asian_width(char) in "WF" else 0 if combining(char) else 1 for char in text)


def plain_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "", more: int = 0, width: int = 40
) -> str:
    """Draw a text table.

    Args:
        columns: The headings.
        rows: The cells, row by row.
        title: A line above the table.
        more: How many rows exist besides those given; they are counted in a last line.
        width: The widest a column may be, in characters.
    """
    cells = [[clip(plain(cell), width) for cell in row] for row in rows]
    widths = [max(map(_wide, column)) for column in zip(columns, *cells, strict=True)]
    lines = [title] if title else []
    lines += [
        "  ".join(cell + " " * (size - _wide(cell)) for cell, size in zip(row, widths, strict=True)).rstrip()
        for row in ([list(columns)] if cells else []) + cells
    ]
    if more:
        lines.append(f"… and {more:,} more")
    return "\n".join(lines)


def plain_facts(title: str, facts: Iterable[tuple[object, object]]) -> str:
    """Draw names and what they are, one to a line."""
    cells = [(plain(name), plain(fact)) for name, fact in facts]
    width = max((_wide(name) for name, _ in cells), default=0)
    lines = (f"  {name}{' ' * (width - _wide(name))}  {fact}" for name, fact in cells)
    return "\n".join([title, *(line.rstrip() for line in lines)])


def html_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "", more: int = 0, width: int = 80
) -> str:
    """Draw an HTML table, for notebooks; same arguments as `plain_table`."""
    caption = f"<caption>{escape(title)}</caption>" if title else ""
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(clip(str(cell), width))}</td>" for cell in row) + "</tr>" for row in rows
    )
    foot = f'<tfoot><tr><td colspan="{len(columns)}">… and {more:,} more</td></tr></tfoot>' if more else ""
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody>{foot}</table>"

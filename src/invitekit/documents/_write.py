"""Documents as text: TOML for policies, JSON for everything. The same data gives the same characters, always.

The standard library reads TOML and does not write it. What is written here is only what documents are made of:
tables, lists, texts, numbers, true and false.
"""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any, Final

from invitekit._text import clip
from invitekit.documents._problems import Form, is_list, is_table, kind_of

__all__ = ["inline", "json_text", "shown", "toml_text"]

_WIDTH: Final = 100
"""A list that would make its line longer than this goes over several lines."""

_SECTIONS: Final = ("withdraw", "keep", "limits")

_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")

# What TOML forbids in a text, and besides what a person who reads the file would not see: the other control
# characters, line separators, and the marks that change the direction of writing.
_ESCAPED: Final = re.compile(
    r'["\\\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]'
)
_SHORT: Final = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def inline(value: Any, form: Form) -> str:
    """Write a value on one line."""
    return _toml(value) if form == "toml" else _json(value)


def shown(value: Any, form: Form) -> str:
    """Show a value of a policy document in an error: as it is written, or what it is where that is long."""
    if isinstance(value, (bool, int, float, str)):
        return clip(inline(value, form), 40)
    return kind_of(value)


def json_text(data: dict[str, Any]) -> str:
    """Write a document as JSON: what is short on one line, and every item of a long list on a line of its own.

    Raises:
        ValueError: A number cannot be written: it is not finite, or has thousands of digits.
    """
    return _json_lines(data, 0) + "\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)


def _json_lines(value: Any, indent: int) -> str:
    inner = " " * (indent + 2)
    if is_table(value) and value and (indent < 2 or not _fits(_json(value), indent)):
        items = (f"{inner}{_json(key)}: {_json_lines(item, indent + 2)}" for key, item in value.items())
        return "{\n" + ",\n".join(items) + f"\n{' ' * indent}}}"
    if is_list(value) and value:
        # Records (decisions, invitations) have a line each: short enough to look at, quick to write.
        records = indent == 2 and is_table(value[0])
        if records or not _fits(_json(value), indent):
            lines = (_json(item) if records else _json_lines(item, indent + 2) for item in value)
            return "[\n" + ",\n".join(inner + line for line in lines) + f"\n{' ' * indent}]"
    return _json(value)


def _fits(written: str, indent: int) -> bool:
    return len(written) + indent <= _WIDTH


def toml_text(data: dict[str, Any]) -> str:
    """Write a policy document as TOML.

    Raises:
        ValueError: A number cannot be written: it is not finite, or has thousands of digits.
    """
    lines = ["# invitekit policy"]
    lines += [f"{_key(key)} = {_toml_lines(value, 0)}" for key, value in data.items() if key not in _SECTIONS]
    for section in _SECTIONS:
        if section in data:
            lines += ["", f"[{section}]"]
            lines += [f"{_key(key)} = {_toml_lines(value, 0)}" for key, value in data[section].items()]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            # Python and TOML spell finite numbers alike; JSON's writer refuses the others.
            return json.dumps(value, allow_nan=False)
        case str():
            return f'"{_ESCAPED.sub(_escape, value)}"'
        case date():
            return value.isoformat()
        case _ if is_list(value):
            return f"[{', '.join(map(_toml, value))}]"
        case _ if is_table(value):
            return f"{{{', '.join(f'{_key(key)} = {_toml(item)}' for key, item in value.items())}}}"
        case _:
            raise TypeError(f"a document holds no {type(value).__name__}")


def _toml_lines(value: Any, indent: int) -> str:
    """Write a value, with long lists over several lines; a table must stay on its line, a list in it need not."""
    if is_table(value):
        items = (f"{_key(key)} = {_toml_lines(item, indent)}" for key, item in value.items())
        return f"{{{', '.join(items)}}}"
    if is_list(value) and value and (is_table(value[0]) or not _fits(_toml(value), indent)):
        inner = " " * (indent + 4)
        return "[\n" + "".join(f"{inner}{_toml_lines(item, indent + 4)},\n" for item in value) + f"{' ' * indent}]"
    return _toml(value)


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _toml(key)


def _escape(found: re.Match[str]) -> str:
    char = found[0]
    return _SHORT.get(char) or f"\\u{ord(char):04X}"

"""Where in a document something is wrong, what was expected there, and the name that was probably meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, time
from typing import Any, Final, Literal, TypeGuard

import attrs

from invitekit._text import clip, plain
from invitekit.errors import DocumentError

__all__ = ["Form", "Place", "is_list", "is_table", "kind_of", "nearest", "quoted"]

Form = Literal["toml", "json"]
"""How a document is written."""

_BARE: Final = re.compile(r"[A-Za-z0-9_-]{1,80}")


@attrs.frozen
class Place:
    """A place in a document.

    Args:
        file: The file, as the user knows it; empty for a text that came from none.
        form: How the document is written, so that a hint can show the right form in the same language.
        path: The keys that lead there, for instance ``withdraw.any[1].older_than``; empty for the whole.
    """

    file: str
    form: Form
    path: str = ""

    def key(self, name: str) -> Place:
        """The place of a key in the table here."""
        short = name if _BARE.fullmatch(name) else f'"{clip(name, 80)}"'
        return Place(self.file, self.form, f"{self.path}.{short}" if self.path else short)

    def at(self, index: int) -> Place:
        """The place of an item in the list here."""
        return Place(self.file, self.form, f"{self.path}[{index}]")

    def wrong(self, message: str, hint: str = "", *, line: int | None = None) -> DocumentError:
        """The error that says what is wrong here."""
        return DocumentError(message, hint=hint, file=self.file, line=line, key=clip(plain(self.path), 1_000))


def nearest(word: str, words: Iterable[str]) -> str:
    """Say which of the known words was probably meant, or else which there are."""
    from difflib import get_close_matches

    known = list(words)
    # A loose match would mislead: "months" is not "minutes".
    near = get_close_matches(word[:80].lower(), known, n=1, cutoff=0.75)
    return f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(known)}"


def quoted(word: str) -> str:
    """A key or word out of a document, made harmless and short."""
    return repr(clip(plain(word), 40))


def kind_of(value: object) -> str:
    """What a value of a document is, in the words of documents; the value itself stays out."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int():
            return "a whole number"
        case float():
            return "a number with a point"
        case str():
            return "a text"
        case date() | time():
            return "a date or time"
        case _:
            return "a table" if is_table(value) else "a list" if is_list(value) else type(value).__name__


def is_table(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a value is a table; in documents all keys are texts."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether a value is a list."""
    return isinstance(value, list)

"""A fingerprint of values: the same for equal values on every machine, whatever the hash seed or locale."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from typing import Any

import attrs

from invitekit.rules import Rule

__all__ = ["digest"]


def digest(value: Any) -> str:
    """Fingerprint a value made of attrs classes, collections, times, texts, numbers and rules (SHA-256)."""
    running = hashlib.sha256()
    for piece in _spell(value):
        running.update(piece.encode("utf-8", "surrogatepass"))
        running.update(b"\x00")
    return running.hexdigest()


def _spell(value: Any) -> Iterator[str]:
    """Write a value as texts from which it could be told apart from every other."""
    if (scalar := _scalar(value)) is not None:
        yield scalar
    elif attrs.has(type(value)):
        yield f"{type(value).__name__}("
        for field in attrs.fields(type(value)):
            if field.eq:
                yield field.name
                yield from _spell(getattr(value, field.name))
        yield ")"
    elif isinstance(value, Mapping):
        yield "{"
        for key in sorted(value, key=str):
            yield from _spell(key)
            yield from _spell(value[key])
        yield "}"
    elif isinstance(value, AbstractSet):
        yield "<"
        yield from sorted("\x01".join(_spell(one)) for one in value)
        yield ">"
    elif isinstance(value, Iterable):
        yield "["
        for one in value:
            yield from _spell(one)
        yield "]"
    else:
        # A function of the user's: its name is all that can be compared across processes.
        yield f"f{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', type(value).__qualname__)}"


def _scalar(value: Any) -> str | None:
    """Write a value that has no parts; None for one that has."""
    if isinstance(value, enum.Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, str):
        return f"s{len(value)}:{value}"
    if value is None or isinstance(value, (bool, int, float)):
        return f"{type(value).__name__}:{value!r}"
    if isinstance(value, date):
        return f"t{value.isoformat()}"
    if isinstance(value, timedelta):
        return f"d{value.days}:{value.seconds}:{value.microseconds}"
    return f"r{value!r}" if isinstance(value, Rule) else None

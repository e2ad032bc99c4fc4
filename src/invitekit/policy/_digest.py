"""A fingerprint of values: the same for equal values on every machine, whatever the hash seed or locale."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any, Final, cast

import attrs

from invitekit.rules import Rule

__all__ = ["digest"]


def digest(value: Any) -> str:
    """Fingerprint a value made of attrs classes, collections, times, texts, numbers and rules (SHA-256)."""
    running = hashlib.sha256()
    pieces: list[str] = []

    def flush() -> None:
        running.update("\x00".join([*pieces, ""]).encode("utf-8", "surrogatepass"))
        pieces.clear()

    _spell(value, pieces, flush)
    flush()
    return running.hexdigest()


def _spell(value: Any, pieces: list[str], flush: Callable[[], None]) -> None:
    """Write a value as texts from which it could be told apart from every other."""
    kind = value.__class__
    if write := _writer(kind):
        pieces.append(write(value))
    elif fields := _fields(kind):
        pieces.append(f"{kind.__name__}(")
        for name in fields:
            pieces.append(name)
            _spell(getattr(value, name), pieces, flush)
        pieces.append(")")
    elif isinstance(value, Mapping):
        named = cast("Mapping[str, Any]", value)
        pieces.append("{")
        for key in sorted(named):
            _spell(key, pieces, flush)
            _spell(named[key], pieces, flush)
        pieces.append("}")
    elif isinstance(value, Iterable):
        pieces.append("[")
        for one in cast("list[Any]", value):
            _spell(one, pieces, flush)
            if len(pieces) > _MANY:
                flush()
        pieces.append("]")
    else:
        # A function of the user's: its name is all that can be compared across processes.
        pieces.append(f"f{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', kind.__qualname__)}")


_MANY: Final = 10_000


@cache
def _fields(kind: type[object]) -> tuple[str, ...]:
    """The fields of an attrs class that take part in comparisons; none for another class."""
    return tuple(field.name for field in attrs.fields(kind) if field.eq) if attrs.has(kind) else ()


@cache
def _writer(kind: type[object]) -> Callable[[Any], str] | None:
    """What writes the values of a class that have no parts; None for a class whose values have."""
    if issubclass(kind, enum.Enum):
        return lambda value: f"{kind.__name__}.{value.name}"
    if issubclass(kind, str):
        return lambda value: f"s{len(value)}:{value}"
    if issubclass(kind, int) and kind is not bool:
        return lambda value: f"int:{value:x}"  # Hexadecimal has no limit on digits.
    if issubclass(kind, (bool, float, type(None))):
        return lambda value: f"{kind.__name__}:{value!r}"
    if issubclass(kind, date):
        return lambda value: f"t{value.isoformat()}"
    if issubclass(kind, timedelta):
        return lambda value: f"d{value.days}:{value.seconds}:{value.microseconds}"
    return (lambda value: f"r{value!r}") if issubclass(kind, Rule) else None

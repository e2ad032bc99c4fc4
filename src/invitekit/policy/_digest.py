"""A fingerprint of values: the same for equal values on every machine, whatever the hash seed or locale."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

import attrs

from invitekit.rules import Rule

__all__ = ["digest"]


def digest(value: Any) -> str:
    """Fingerprint a value made of attrs classes, collections, times, texts, numbers and rules (SHA-256)."""
    pieces = _Pieces()
    pieces.spell(value)
    pieces.hash()
    return pieces.running.hexdigest()


class _Pieces(list[str]):
    """Texts from which a value could be told apart from every other, hashed now and then to keep them few."""

    def __init__(self) -> None:
        super().__init__()
        self.running = hashlib.sha256()

    def spell(self, value: Any) -> None:
        _WRITERS[value.__class__](value, self)

    def hash(self) -> None:
        self.running.update("\x00".join([*self, ""]).encode("utf-8", "surrogatepass"))
        self.clear()


_MANY: Final = 10_000

Writer = Callable[[Any, _Pieces], None]


class _Writers(dict[type[Any], Writer]):
    """What writes the values of each class, worked out when the first one comes: a plan has a million values."""

    def __missing__(self, kind: type[Any]) -> Writer:
        made = self[kind] = _writer(kind)
        return made


_WRITERS: Final = _Writers()


def _writer(kind: type[Any]) -> Writer:
    if issubclass(kind, enum.Enum):
        # As `name`, which is much slower.
        return lambda value, pieces: pieces.append(f"{kind.__name__}.{value._name_}")
    if issubclass(kind, str):
        return lambda value, pieces: pieces.append(f"s{len(value)}:{value}")
    if issubclass(kind, int) and kind is not bool:
        return lambda value, pieces: pieces.append(f"int:{value:x}")  # Hexadecimal has no limit on digits.
    if issubclass(kind, (bool, float, type(None))):
        return lambda value, pieces: pieces.append(f"{kind.__name__}:{value!r}")
    if issubclass(kind, date):
        return lambda value, pieces: pieces.append(f"t{value.isoformat()}")
    if issubclass(kind, timedelta):
        return lambda value, pieces: pieces.append(f"d{value.days}:{value.seconds}:{value.microseconds}")
    if issubclass(kind, Rule):
        return lambda value, pieces: pieces.append(f"r{value!r}")
    # What takes no part in comparisons takes none here.
    if fields := [field for field in attrs.fields(kind) if field.eq] if attrs.has(kind) else []:
        later = {field.name: field.default for field in fields if field.metadata.get("digest") == "where set"}
        return _object_writer(kind, [field.name for field in fields], later)
    if issubclass(kind, Mapping):
        return _write_mapping
    return _write_items if issubclass(kind, Iterable) else _write_function


def _object_writer(kind: type[Any], fields: Sequence[str], later: Mapping[str, Any]) -> Writer:
    # What a class got later counts only where it is set, so that the fingerprints of older values stay.
    def write(value: Any, pieces: _Pieces) -> None:
        pieces.append(f"{kind.__name__}(")
        for name in fields:
            part = getattr(value, name)
            if name in later and part == later[name]:
                continue
            pieces.append(name)
            _WRITERS[part.__class__](part, pieces)
        pieces.append(")")

    return write


def _write_items(value: Iterable[Any], pieces: _Pieces) -> None:
    pieces.append("[")
    for one in value:
        _WRITERS[one.__class__](one, pieces)
        if len(pieces) > _MANY:
            pieces.hash()
    pieces.append("]")


def _write_mapping(value: Mapping[str, Any], pieces: _Pieces) -> None:
    pieces.append("{")
    for key in sorted(value):
        pieces.spell(key)
        pieces.spell(value[key])
    pieces.append("}")


def _write_function(value: Any, pieces: _Pieces) -> None:
    # A function of the user's: its name is all that can be compared across processes.
    kind = value.__class__
    pieces.append(f"f{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', kind.__qualname__)}")

"""Bodies of answers: bytes from a stranger into plain data, or a `PayloadError`, and nothing else ever."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any, Final, NoReturn, TypeGuard

from invitekit.errors import PayloadError

__all__ = ["decode", "decode_object", "is_list", "is_object"]


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a decoded value is an object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether a decoded value is a list."""
    return isinstance(value, list)


class _Refused(ValueError):  # noqa: N818  # caught below, never raised to a user
    """What the standard decoder would let pass."""


def _constant(_: str) -> NoReturn:
    raise _Refused("has NaN or Infinity, which JSON has not")


def _number(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise _Refused("has a number too large to hold")
    return number


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Refused("has the same key twice in one object")
    return found


_load: Final = json.JSONDecoder(
    parse_float=_number, parse_constant=_constant, object_pairs_hook=_no_duplicates
).decode


def decode(body: bytes) -> Any:
    """Read JSON as RFC 8259 has it: UTF-8 without a byte order mark, finite numbers, no key twice.

    Args:
        body: The body; how large it may be is for the transport to say.

    Raises:
        PayloadError: It is no such thing. What it says stays out of the error.
    """
    # Raised at the end and not where it was noticed: the errors of the decoders hold the whole body.
    value: Any = None
    text = problem = ""
    try:
        text = body.decode()
        if text.startswith("\ufeff"):
            problem = "begins with a byte order mark"
        else:
            value = _load(text)
            if b"\\u" in body and _has_lone_surrogate(value):
                problem = "has half a character"
    except UnicodeDecodeError:
        problem = "is not UTF-8"
    except RecursionError:
        problem = "has more levels than can be read"
    except _Refused as why:
        problem = str(why)
    except json.JSONDecodeError as error:
        problem = f"is no JSON from character {error.pos:,} on" if text.strip() else "is empty"
    except ValueError:
        # Python's own limit on the digits of an integer.
        problem = "has a number too large to hold"
    if problem:
        raise PayloadError(f"the answer {problem}", hint=_HINT, key="body")
    return value


_HINT: Final = "Ask again; if it stays so, the service has changed, or the address is that of something else"


def _has_lone_surrogate(value: Any) -> bool:
    """Whether any text in it cannot be written as UTF-8."""
    waiting: list[Any] = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            if not item.isascii() and any("\ud800" <= char <= "\udfff" for char in item):
                return True
        elif isinstance(item, dict):
            waiting += item
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
    return False


def decode_object(body: bytes) -> dict[str, Any]:
    """Read JSON, as `decode`, that is one object.

    Raises:
        PayloadError: It is no JSON, or something else than an object.
    """
    value = decode(body)
    if is_object(value):
        return value
    raise PayloadError(f"the answer is not an object but a {type(value).__name__}", hint=_HINT, key="body")

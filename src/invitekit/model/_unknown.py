"""The value for what a source does not say, and the three truths."""

from __future__ import annotations

import enum
from typing import Final

__all__ = ["UNKNOWN", "Truth", "Unknown"]


class Unknown(enum.Enum):
    """The type of `UNKNOWN`; an enum, so that type checkers narrow on ``is UNKNOWN``."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __str__(self) -> str:
        return "unknown"

    def __bool__(self) -> bool:
        raise TypeError("unknown is neither true nor false: compare with `is UNKNOWN`")


UNKNOWN: Final = Unknown.UNKNOWN
"""What a source does not say. Never None, never 0, never an empty text; its truth value is an error."""


class Truth(enum.Enum):
    """What a rule answers: true, false, or unknown (Kleene's three-valued logic)."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, answer: bool) -> Truth:
        """The truth of a Python bool."""
        return cls.TRUE if answer else cls.FALSE

    def __and__(self, other: Truth) -> Truth:
        if not isinstance(other, Truth):  # A bool would count as neither true nor false here.
            return NotImplemented
        if Truth.FALSE in (self, other):
            return Truth.FALSE
        return Truth.UNKNOWN if Truth.UNKNOWN in (self, other) else Truth.TRUE

    def __or__(self, other: Truth) -> Truth:
        if not isinstance(other, Truth):
            return NotImplemented
        if Truth.TRUE in (self, other):
            return Truth.TRUE
        return Truth.UNKNOWN if Truth.UNKNOWN in (self, other) else Truth.FALSE

    def __invert__(self) -> Truth:
        if self is Truth.UNKNOWN:
            return self
        return Truth.FALSE if self is Truth.TRUE else Truth.TRUE

    def __bool__(self) -> bool:
        raise TypeError("a Truth has three values: compare with `is Truth.TRUE`")

    def __repr__(self) -> str:
        return f"Truth.{self.name}"

    def __str__(self) -> str:
        return self.value

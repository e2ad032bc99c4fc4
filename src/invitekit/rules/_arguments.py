"""Checks of what a rule is given; they run when the rule is built."""

from __future__ import annotations

from invitekit.errors import PolicyError

__all__ = ["at_least_value", "words"]


def at_least_value(value: object, what: str, lowest: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < lowest:
        raise PolicyError(
            f"{what} takes a whole number from {lowest} up, got {value!r:.40}", hint="For instance 5"
        )
    return value


def words(value: object, what: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise PolicyError(f"{what} takes a text that is not empty, got {value!r:.40}")
    return value

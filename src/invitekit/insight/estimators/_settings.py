"""Checks of the numbers a user sets: prices, values, caps, paces and ages."""

from __future__ import annotations

import math

from invitekit.errors import PolicyError

__all__ = ["hint", "is_day", "setting"]


def setting(name: str, number: object, *, least: float = -math.inf, most: float = math.inf) -> float:
    if not isinstance(number, (int, float)) or isinstance(number, bool) or not math.isfinite(number):
        raise PolicyError(f"{name} must be a finite number, got {number!r}", hint=hint(name))
    if not least <= number <= most:
        bounds = f"not below {least:g}" if most == math.inf else f"between {least:g} and {most:g}"
        raise PolicyError(f"{name} must be {bounds}, got {number!r}", hint=hint(name))
    return float(number)


def is_day(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= 0


def hint(name: str) -> str:
    return {
        "slot_price": "Give what a pending slot costs per day, an acceptance being worth value; 0 for nothing.",
        "discount": "Give a rate per day, 0 for none.",
        "cap": "Give how many invitations may be pending at once.",
        "age": "Give an age in days, from 0 to the expiry.",
    }.get(name, "")

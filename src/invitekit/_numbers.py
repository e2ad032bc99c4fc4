"""What counts as a number that somebody set."""

from __future__ import annotations

from typing import TypeGuard

__all__ = ["is_number"]


def is_number(value: object, least: float = float("-inf"), most: float = float("inf")) -> TypeGuard[float]:
    """Whether it is a finite number between two others, these included; True and False are none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return least <= float(value) <= most and abs(value) < float("inf")
    except OverflowError:  # Beyond what a float can hold.
        return False

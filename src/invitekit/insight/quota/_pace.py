"""How fast somebody sends: one way to count it, for all who ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

__all__ = ["pace_of"]

_LONGEST: Final = 28
_SHORTEST: Final = 7


def pace_of(days: Sequence[float], today: float, *, day: float = 1) -> float:
    """How many invitations a day went out over the last 28 days, or since the first one, but at least over 7.

    Args:
        days: When each was sent, in any order, counted in days from anywhere: ordinals of calendar days, or
            moments, with fractions. What was sent after `today` is left out.
        today: Until when, counted likewise; a calendar day with all that was sent on it.
        day: How long each of these is: 1 for calendar days, of which the first and the last count whole, 0 for
            moments.
    """
    first = min(days, default=today)
    over = max(min(today - first + day, _LONGEST), _SHORTEST)
    return sum(today - over < sent <= today for sent in days) / over

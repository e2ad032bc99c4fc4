"""Checks of the numbers a user sets: prices, values, caps, paces and ages."""

from __future__ import annotations

import math
from typing import Final

from invitekit._numbers import is_number
from invitekit.errors import PolicyError
from invitekit.insight.estimators._arguments import shown

__all__ = ["hint", "is_day", "setting"]

_LARGEST: Final = 1e100
"""So far from the largest float that no product or sum of settings overflows."""


def setting(name: str, number: object, *, least: float = -math.inf, most: float = math.inf) -> float:
    if not is_number(number, -_LARGEST, _LARGEST):
        raise PolicyError(f"{name} must be a finite number, got {shown(number)}", hint=hint(name))
    if not least <= number <= most:
        bounds = f"not below {least:g}" if most == math.inf else f"between {least:,.15g} and {most:,.15g}"
        raise PolicyError(f"{name} must be {bounds}, got {shown(number)}", hint=hint(name))
    return float(number)


def is_day(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= 0


def hint(name: str) -> str:
    return {
        "value": "Give what an acceptance is worth; 1 makes it the unit.",
        "withdraw_value": "Give what withdrawing at once is worth, in units of value; 0 for nothing.",
        "expiry_value": "Give what expiry by itself is worth, in units of value; 0 for nothing.",
        "closed_value": "Give what a closing is worth, in units of value; 0 for nothing.",
        "quota_value": "Give what one invitation of the weekly allowance is worth; 0 where it does not bind.",
        "rho": "Give the chance that the person is invited again.",
        "second": "Give the acceptance rate of second invitations, for instance 0.1.",
        "cooldown_days": "Give for how many days a second invitation is refused; 21 is what LinkedIn's help says.",
        "sends_per_day": "Give how many invitations are sent a day on average.",
        "sends_per_week": "Give how many invitations are sent a week on average.",
        "expiry": "Give at which age, in days, invitations vanish by themselves; about 180.",
        "slot_price": "Give what a pending slot costs per day, an acceptance being worth value; 0 for nothing.",
        "discount": "Give a rate per day, 0 for none.",
        "cap": "Give how many invitations may be pending at once.",
        "age": "Give an age in days, from 0 to the expiry.",
    }[name]

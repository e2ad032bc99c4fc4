"""Limits: how many invitations one plan may withdraw. They fail closed."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

import attrs

from invitekit._numbers import is_number
from invitekit.errors import PolicyError
from invitekit.model import UNKNOWN, Unknown

__all__ = ["NO_LIMIT", "Limits", "NoLimit"]


class NoLimit(enum.Enum):
    """The type of `NO_LIMIT`."""

    NO_LIMIT = "no limit"

    def __repr__(self) -> str:
        return "NO_LIMIT"


NO_LIMIT: Final = NoLimit.NO_LIMIT
"""A limit that is not set; 0 is a limit, and means none."""


def _count(_: Any, field: attrs.Attribute[Any], value: object) -> None:
    if value is NO_LIMIT or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
        return
    raise PolicyError(
        f"the limit {field.name} must be a whole number from 0 up, got {value!r:.40}",
        hint="Leave it out for no such limit",
    )


def _share(_: Any, field: attrs.Attribute[Any], value: object) -> None:
    if value is NO_LIMIT or (is_number(value, 0, 1)):
        return
    raise PolicyError(
        f"the limit {field.name} must be a number from 0 to 1, got {value!r:.40}",
        hint="A quarter is 0.25; leave it out for no such limit",
    )


@attrs.frozen(kw_only=True, repr=False)
class Limits:
    """The most that may be withdrawn. What is not set does not limit; 0 means none; at least one must be set.

    LinkedIn publishes no limit on withdrawals; these are prudence (see `Policy.default`).

    Args:
        per_run: In one plan.
        per_day: In any 24 hours, counting what the context says was withdrawn already.
        per_week: In any 7 days of 24 hours, likewise.
        share: The share of the open sent invitations that one plan may withdraw, from 0 to 1. Where their number
            is unknown (a partial listing), a share allows nothing.

    Raises:
        PolicyError: A value is no whole number from 0 up, or a share is not between 0 and 1.
    """

    per_run: int | NoLimit = attrs.field(default=NO_LIMIT, validator=_count)
    per_day: int | NoLimit = attrs.field(default=NO_LIMIT, validator=_count)
    per_week: int | NoLimit = attrs.field(default=NO_LIMIT, validator=_count)
    share: float | NoLimit = attrs.field(default=NO_LIMIT, validator=_share)

    @property
    def values(self) -> dict[str, float]:
        """The limits that are set, by name."""
        pairs = ((field.name, getattr(self, field.name)) for field in attrs.fields(Limits))
        return {name: value for name, value in pairs if value is not NO_LIMIT}

    def allowances(self, *, open_sent: int | Unknown, last_day: int, last_week: int) -> dict[str, int]:
        """How many each limit still allows.

        Args:
            open_sent: How many sent invitations are open; `UNKNOWN` for a partial listing.
            last_day: How many were withdrawn in the last 24 hours.
            last_week: How many were withdrawn in the last 7 days.
        """
        allowed: dict[str, int] = {}
        if self.per_run is not NO_LIMIT:
            allowed["per_run"] = self.per_run
        if self.per_day is not NO_LIMIT:
            allowed["per_day"] = max(self.per_day - last_day, 0)
        if self.per_week is not NO_LIMIT:
            allowed["per_week"] = max(self.per_week - last_week, 0)
        if self.share is not NO_LIMIT:
            # As it is written: 0.29 of 100 is 29, where floating point gives 28.
            allowed["share"] = 0 if open_sent is UNKNOWN else int(Fraction(str(float(self.share))) * open_sent)
        return allowed

    def __repr__(self) -> str:
        return f"Limits({', '.join(f'{name}={value!r}' for name, value in self.values.items())})"

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield from self.values.items()

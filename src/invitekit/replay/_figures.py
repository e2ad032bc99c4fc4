"""The numbers that a replay ends in, and how they print."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import attrs

from invitekit.model import UNKNOWN, Member, Unknown

__all__ = ["Amount", "Withdrawal", "shown"]


@attrs.frozen(weakref_slot=False, kw_only=True, repr=False)
class Amount:
    """A number that was worked out from a sample, with its interval.

    Args:
        value: The number; `UNKNOWN` where the log cannot tell it.
        lower: The lower end of the interval; `UNKNOWN` where there is none.
        upper: The upper end.
        confidence: How often such an interval covers the truth.
    """

    value: float | Unknown
    lower: float | Unknown = UNKNOWN
    upper: float | Unknown = UNKNOWN
    confidence: float = 0.95

    @property
    def is_known(self) -> bool:
        """Whether the log says anything."""
        return self.value is not UNKNOWN

    def __str__(self) -> str:
        if self.lower is UNKNOWN or self.upper is UNKNOWN or self.value is UNKNOWN:
            return shown(self.value)
        return f"{shown(self.value)} ({shown(self.lower)} to {shown(self.upper)})"

    def __repr__(self) -> str:
        return f"Amount({self})"


def shown(number: float | Unknown) -> str:
    """Spell a number for people: to one digit where it is small."""
    if number is UNKNOWN:
        return "unknown"
    return f"{number:,.0f}" if number == int(number) or abs(number) >= 1000 else f"{number:,.1f}"


@attrs.frozen(weakref_slot=False, kw_only=True)
class Withdrawal:
    """One invitation that a policy would have withdrawn, and what the log says became of it.

    Args:
        invitation_id: The invitation.
        member: The other side.
        at: The moment of the decision; UTC.
        age: Days since sending, as a difference of UTC calendar days; `UNKNOWN` where nobody knows when that was.
        fate: ``accepted`` (later; lost if by the horizon), ``closed`` (later, without an acceptance), ``pending``
            (to the end of the log), ``withdrawn`` (by the account, on that day or later), ``withdrawn-before`` (by
            the account, earlier: what became of it until the decision is not known), or ``unclear``.
        lost: The chance that an acceptance was lost: 1 or 0 where the log shows it, else worked out from how
            others went; `UNKNOWN` where nobody was left alone so long.
        imputed: Whether that is worked out (or unknown) and not seen in the log.
    """

    invitation_id: str
    member: Member
    at: datetime
    age: int | Unknown
    fate: str
    lost: float | Unknown
    imputed: bool

    @property
    def day(self) -> date:
        """The day of the decision, in UTC."""
        return self.at.date()

    def to_record(self) -> dict[str, Any]:
        """Give it as a flat record; what is unknown becomes None."""
        member = self.member
        return {
            "invitation_id": self.invitation_id,
            "name": None if member.name is UNKNOWN else member.name,
            "slug": None if member.slug is UNKNOWN else member.slug,
            "at": self.at,
            "age_days": None if self.age is UNKNOWN else self.age,
            "fate": self.fate,
            "lost": None if self.lost is UNKNOWN else self.lost,
            "imputed": self.imputed,
        }

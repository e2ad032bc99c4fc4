"""What is said of the kinds of LinkedIn accounts: how many invitations and notes, and how long a note may be."""

from __future__ import annotations

import enum
from enum import StrEnum
from typing import Final

from invitekit.errors import DataError
from invitekit.model import UNKNOWN, Unknown

__all__ = ["NO_MONTHLY_LIMIT", "AccountTier", "NoMonthlyLimit", "as_tier"]


class NoMonthlyLimit(enum.Enum):
    """The type of `NO_MONTHLY_LIMIT`."""

    NO_MONTHLY_LIMIT = "no monthly limit known"

    def __repr__(self) -> str:
        return "NO_MONTHLY_LIMIT"

    def __str__(self) -> str:
        return self.value


NO_MONTHLY_LIMIT: Final = NoMonthlyLimit.NO_MONTHLY_LIMIT
"""As many personalised notes as invitations, as far as anybody knows; not the same as not knowing."""


class AccountTier(StrEnum):
    """The kind of an account, with what is said of it. LinkedIn publishes no weekly number for any of them.

    The numbers are presets for planning, read in November 2026 and put together by us. They are not LinkedIn's
    own, save one: its help says that a free account has 5 personalised notes a month.
    """

    BASIC = "basic"
    """Free. Vendors plan with 60 to 150 invitations a week. Personalised notes: 5 a month (LinkedIn's help,
    a550555; other sources say 3 to 20) of 200 characters (vendors say; older pages say 300)."""
    PREMIUM = "premium"
    """Premium. Vendors plan with 100 to 250 invitations a week, the one that says it tested, in 2021, with 100 for
    every kind. Personalised notes: no monthly limit known (LinkedIn's help, vendors), 300 characters (vendors)."""
    SALES_NAVIGATOR = "sales-navigator"
    """Sales Navigator. Vendors make no difference to Premium, or a small one: 100 to 250 invitations a week.
    Personalised notes as with Premium (vendors say)."""
    RECRUITER = "recruiter"
    """Recruiter. Vendors name it together with Sales Navigator, hardly ever alone; that its notes are those of the
    other paid accounts is our conclusion. It says nothing about InMail, which is something else."""

    @property
    def planning_limit(self) -> int:
        """How many invitations a week to plan with where the limit is unknown; 100 for each kind.

        The low end of what vendors say, and the same for all: the only source that says it tested found no
        difference between plans, and what vendors say of paid plans begins at 100, too. Two heavy accounts of
        unknown kind stopped at 200 a week (measured on member exports). A plan, not a limit.
        """
        return 100

    @property
    def reported(self) -> tuple[int, int]:
        """The lowest and the highest number of invitations a week that vendors give for it (vendors say)."""
        return (60, 150) if self is AccountTier.BASIC else (100, 250)

    @property
    def note_length(self) -> int:
        """How many characters a personalised note may have: 200 if free, 300 for other accounts (vendors say)."""
        return 200 if self is AccountTier.BASIC else 300

    @property
    def notes_per_month(self) -> int | NoMonthlyLimit:
        """How many invitations a month may carry a personalised note.

        5 for a free account (LinkedIn's help, a550555). For others no limit besides the weekly one is known
        (LinkedIn's help and vendors).
        """
        return 5 if self is AccountTier.BASIC else NO_MONTHLY_LIMIT


def as_tier(value: AccountTier | str | Unknown) -> AccountTier | Unknown:
    """Give the kind of account that a word means.

    Raises:
        DataError: There is no such kind.
    """
    if value is UNKNOWN:
        return UNKNOWN
    try:
        return AccountTier(value)
    except ValueError:
        raise DataError(
            f"there is no account tier {value!r:.40}",
            hint=f"One of: {', '.join(one.value for one in AccountTier)}; leave it out if you do not know",
            key="tier",
        ) from None

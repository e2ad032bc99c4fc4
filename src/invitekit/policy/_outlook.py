"""What surrounds the verdicts: why something must wait, what a withdrawal brings, what forbids applying a plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import attrs

from invitekit.model import COOL_DOWN, Completeness, Invitation, Snapshot, Truth
from invitekit.policy._context import Context
from invitekit.policy._limits import NO_LIMIT, Limits
from invitekit.rules._reason import Reason, Scalar, pairs, saying

if TYPE_CHECKING:
    from invitekit.policy._policy import Policy

__all__ = ["HIGH_WEEK", "STALE_AFTER", "Blocker", "blockers", "deferral_reasons", "follow_ups"]


STALE_AFTER: Final = timedelta(hours=24)
"""How old a listing may be when a plan from it is applied. Our choice: people accept and withdraw meanwhile."""

HIGH_WEEK: Final = 100
"""More withdrawals in 7 days than this need a limit per week that says so. Prudence; LinkedIn publishes no
number, and vendors advise from 40 a day to 100 a day."""


@attrs.frozen(weakref_slot=False)
class Blocker:
    """Why a plan may be looked at but not applied.

    Args:
        code: A stable name.
        facts: What was looked at, by name.
    """

    code: str
    facts: tuple[tuple[str, Scalar], ...] = attrs.field(default=(), converter=pairs)

    @property
    def text(self) -> str:
        """What it means and what to do about it, for people."""
        return Reason("blocker", self.code, facts=self.facts).text

    def __str__(self) -> str:
        return self.text


def blockers(
    policy: Policy,
    snapshot: Snapshot,
    *,
    now: datetime,
    open_sent: int,
    planned: int,
    last_week: int,
    allow_everything: bool,
) -> tuple[Blocker, ...]:
    """Find what forbids applying a plan.

    A log (an export) is never a listing, so it is neither partial nor stale: a plan from it is verified against
    a fresh listing, invitation by invitation, before anything is withdrawn.
    """
    found: list[Blocker] = []
    age = now - snapshot.taken_at
    if snapshot.completeness in (Completeness.PARTIAL, Completeness.UNKNOWN):
        why = snapshot.why_incomplete or "the source does not say"
        found.append(Blocker(f"{snapshot.completeness}-listing", {"why": why}))
    if age < timedelta(0):
        found.append(Blocker("before-snapshot", {"hours": round(-age / timedelta(hours=1), 1)}))
    elif age > STALE_AFTER and snapshot.completeness is not Completeness.LOG:
        found.append(Blocker("stale", {"hours": round(age / timedelta(hours=1), 1)}))
    if planned and planned == open_sent and allow_everything is not True:
        found.append(Blocker("withdraws-everything", {"open": open_sent}))
    if policy.limits.per_week is NO_LIMIT and planned and last_week + planned > HIGH_WEEK:
        found.append(Blocker("weekly-withdrawals-high", {"in_7_days": last_week + planned, "high": HIGH_WEEK}))
    return tuple(found)


def deferral_reasons(
    limits: Limits, allowed: Mapping[str, int], rank: int, *, partial: bool
) -> tuple[Reason, ...]:
    """Every limit that leaves no room for the invitation at this rank."""
    return tuple(
        Reason(
            "limit",
            "no-share-of-unknown" if name == "share" and partial else f"limit-{name.replace('_', '-')}",
            facts={"limit": limits.values[name], "left": room, "rank": rank},
        )
        for name, room in allowed.items()
        if rank > room
    )


def follow_ups(invitation: Invitation, now: datetime, context: Context) -> tuple[Reason, ...]:
    """What a withdrawal at `now` brings with it."""
    follows = [
        Reason("follows", "irreversible", decides=False),
        Reason("follows", "re-invite-from", facts={"date": (now + COOL_DOWN).date().isoformat()}, decides=False),
    ]
    if context.contacts.holds(invitation.member) is Truth.TRUE:
        follows.insert(0, Reason("follows", "write-first", decides=False))
    return tuple(follows)


def _fixed(code: str, text: str) -> None:
    @saying(code)
    def say(_truth: Truth, facts: Mapping[str, Scalar]) -> str:
        return text.format(**facts)


_fixed("limit-per-run", "at place {rank}, and one run withdraws at most {limit}")
_fixed("limit-per-day", "at place {rank}, and the limit of {limit} a day leaves {left} now")
_fixed("limit-per-week", "at place {rank}, and the limit of {limit} a week leaves {left} now")
_fixed("limit-share", "at place {rank}, and a share of {limit} of the open invitations is {left}")
_fixed("no-share-of-unknown", "a share of {limit} cannot be worked out: the listing is partial")
_fixed("irreversible", "a withdrawal cannot be undone")
_fixed("re-invite-from", "they can be invited again from about {date} (LinkedIn: up to three weeks)")
_fixed("write-first", "you know them: write first")
_fixed("partial-listing", "the listing is partial ({why}): read it again to its end")
_fixed("unknown-listing", "nobody can say whether the listing is complete ({why}): read it again to its end")
_fixed("before-snapshot", "the plan was made for {hours} hours before the snapshot was taken: pass now=")
_fixed("stale", "the listing is {hours} hours old: read it again")
_fixed(
    "withdraws-everything",
    "it would withdraw every open invitation ({open}): plan with allow_everything=True if that is what you mean",
)
_fixed(
    "weekly-withdrawals-high",
    "it would make {in_7_days} withdrawals in 7 days, more than {high}: set a limit per week, or wait",
)

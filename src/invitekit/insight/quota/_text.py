"""A weekly quota in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final

from invitekit.insight.quota._tiers import NO_MONTHLY_LIMIT
from invitekit.insight.quota._windows import parts_of
from invitekit.model import UNKNOWN

if TYPE_CHECKING:
    from invitekit.insight.quota._quota import WeeklyQuota

__all__ = ["REMARK", "facts_of", "when"]

REMARK: Final = (
    "Withdrawing frees no weekly allowance: what was sent stays counted (LinkedIn's help of 2015; "
    "today's does not contradict it). LinkedIn publishes no number for the limit."
)


def facts_of(quota: WeeklyQuota) -> Iterator[tuple[str, str]]:
    """Say a quota in lines: what, and how much."""
    least, most = ("at least ", "at most ") if quota.is_floor else ("", "")
    sure = "" if quota.used_surely == quota.used else f", {quota.used_surely:,} of them surely"
    yield "used", f"{least}{quota.used:,}{sure}"
    for part in parts_of(quota.window):
        yield "", f"{sum(part.leaves(one) > quota.now for one in quota.counted):,} in the {part}"
    if quota.is_floor:
        yield (
            "known",
            "not all that was sent" if quota.known_until is UNKNOWN else f"until {when(quota.known_until)}",
        )
    limit = "unknown" if quota.limit is UNKNOWN else f"{quota.limit:,} ({quota.limit_source.value})"
    yield "limit", limit
    yield "learned", str(quota.limit_bounds)
    if quota.tier is not UNKNOWN:
        yield "to plan with", f"{quota.tier.planning_limit:,} a week ({quota.tier}; what vendors say, no limit)"
    yield "remaining", "unknown" if quota.remaining is UNKNOWN else f"{most}{quota.remaining:,}"
    yield "resets at", when(quota.resets_at)
    yield "next free", "unknown" if quota.next_free is UNKNOWN else when(quota.next_free)
    yield "pace", f"{quota.pace:.3g} a day"
    yield "notes", _notes(quota, least)


def _notes(quota: WeeklyQuota, least: str) -> str:
    few, many = quota.notes_used_surely, quota.notes_used
    used = f"{many:,}" if few == many else f"{few:,} to {many:,}"
    allowed = f" of {quota.notes_per_month:,}" if isinstance(quota.notes_per_month, int) else ""
    length = "" if quota.note_length is UNKNOWN else f", {quota.note_length:,} characters each"
    free = f", {quota.notes_per_month}" if quota.notes_per_month is NO_MONTHLY_LIMIT else ""
    return f"{least}{used}{allowed} this month{free}{length}"


def when(at: datetime) -> str:
    """Spell a moment of UTC."""
    return f"{at:%Y-%m-%d %H:%M}Z"

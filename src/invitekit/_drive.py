"""The edge: the only module with a clock."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["now"]


def now() -> datetime:
    """Read the system clock: this moment, aware, in UTC.

    Nothing in invitekit reads it for you. Pass it where a moment is wanted: ``policy.plan(snapshot, now=now())``.
    """
    return datetime.now(UTC)

"""What came of one withdrawal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import attrs

from invitekit.errors import DataError
from invitekit.model._interval import as_utc
from invitekit.model._kinds import Result
from invitekit.model._member import Member
from invitekit.model._unknown import UNKNOWN, Unknown

__all__ = ["WORDS", "Outcome"]

WORDS: Final[Mapping[tuple[Result, str], str]] = {
    (Result.WITHDRAWN, ""): "withdrawn",
    (Result.SKIPPED, "accepted"): "already accepted",
    (Result.SKIPPED, "not-listed"): "not found",
}
"""What people call a result and its why; the word of the result itself does for all others."""


def _when(at: datetime | Unknown) -> datetime | Unknown:
    return at if at is UNKNOWN else as_utc(at)


@attrs.frozen(weakref_slot=False, kw_only=True)
class Outcome:
    """What came of the attempt to withdraw one invitation.

    Args:
        invitation_id: The invitation.
        member: The other side.
        result: What came of it.
        why: For a result that needs one, a short code: ``accepted``, ``not-listed``, ``not-matched``.
        at: When; aware UTC, `UNKNOWN` where nobody wrote it down.
    """

    invitation_id: str
    member: Member
    result: Result
    why: str = ""
    at: datetime | Unknown = attrs.field(default=UNKNOWN, converter=_when)

    def __attrs_post_init__(self) -> None:
        for name, kind in (("invitation_id", str), ("member", Member), ("result", Result)):
            value = getattr(self, name)
            if not isinstance(value, kind):
                raise DataError(
                    f"{name} must be of type {kind.__name__}, got {type(value).__name__}", key=f"outcome.{name}"
                )

    def to_record(self) -> dict[str, Any]:
        """Give it as a flat record; what is unknown becomes None."""
        return {
            "invitation_id": self.invitation_id,
            "name": None if self.member.name is UNKNOWN else self.member.name,
            "slug": None if self.member.slug is UNKNOWN else self.member.slug,
            "result": self.result.value,
            "why": self.why,
            "at": None if self.at is UNKNOWN else self.at,
        }

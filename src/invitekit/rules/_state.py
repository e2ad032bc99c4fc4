"""Rules about the status, and the two constants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import attrs

from invitekit.errors import PolicyError
from invitekit.model import Invitation, Status, Truth
from invitekit.rules._reason import Scalar, saying
from invitekit.rules._rowtest import Constant, OneOf, Test, no
from invitekit.rules._rule import Leaf, Rule, leaf
from invitekit.rules._sight import Sight

__all__ = ["Fixed", "always", "never", "status_is"]


@attrs.frozen(repr=False)
class StatusIs(Leaf):
    """See `status_is`."""

    statuses: frozenset[Status]
    name: ClassVar[str] = "status_is"

    @property
    def arguments(self) -> dict[str, Any]:
        """The statuses, by their words."""
        return {"statuses": sorted(status.value for status in self.statuses)}

    def surely(self, truth: bool, sight: Sight) -> Test:
        """Look the status up."""
        found = OneOf("status", self.statuses)
        return found if truth else no(found)

    def look(self, invitation: Invitation, sight: Sight) -> dict[str, Scalar]:
        """The status, and what it rests on."""
        return {
            "status": invitation.status.value,
            "evidence": invitation.evidence.value,
            "looked_for": ", ".join(self.arguments["statuses"]),
        }

    def __repr__(self) -> str:
        return f"r.status_is({', '.join(map(repr, self.arguments['statuses']))})"


@leaf
def status_is(*statuses: Status | str) -> Rule:
    """The status is one of these.

    Args:
        statuses: Statuses, or their words, for instance ``"presumed-pending"``.

    Raises:
        PolicyError: None is given, or one is no status.
    """
    known = ", ".join(status.value for status in Status)
    if not statuses:
        raise PolicyError("status_is takes at least one status", hint=f"There are: {known}")
    try:
        return StatusIs(frozenset(Status(status) for status in statuses))
    except ValueError:
        raise PolicyError(f"status_is does not know {statuses!r:.80}", hint=f"There are: {known}") from None


@saying("status-is")
def _say_status(truth: Truth, facts: Mapping[str, Scalar]) -> str:
    relation = "" if truth is Truth.TRUE else f", not {facts['looked_for']}"
    return f"is {facts['status']} ({facts['evidence']}){relation}"


@attrs.frozen(repr=False)
class Fixed(Leaf):
    """See `always` and `never`."""

    value: bool

    @property
    def name(self) -> str:  # type: ignore[override]
        """Always or never."""
        return "always" if self.value else "never"

    @property
    def arguments(self) -> dict[str, Any]:
        """None."""
        return {}

    def surely(self, truth: bool, sight: Sight) -> Test:
        """The same of every row."""
        return Constant(self.value is truth)


@leaf
def always() -> Rule:
    """True of every invitation."""
    return Fixed(True)


@leaf
def never() -> Rule:
    """False of every invitation."""
    return Fixed(False)


@saying("always")
def _say_always(_truth: Truth, _facts: Mapping[str, Scalar]) -> str:
    return "always"


@saying("never")
def _say_never(_truth: Truth, _facts: Mapping[str, Scalar]) -> str:
    return "never"

"""What protects an invitation whatever the rules of the policy say.

Guards are rules as well, so they are compiled, explained and written down like any other; a policy cannot be
built without them, and a policy document cannot name them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import attrs

from invitekit.model import Direction, Evidence, Invitation, People, Status, Truth
from invitekit.rules._people import Among
from invitekit.rules._reason import Reason, Scalar, saying
from invitekit.rules._rowtest import Constant, OneOf, Some, Test, no
from invitekit.rules._rule import Leaf
from invitekit.rules._sight import Sight

__all__ = ["CLOSED", "AcceptanceSettled", "KeepMark", "closed_reason"]

CLOSED: Final = Some.of(
    (
        no(OneOf("direction", frozenset({Direction.SENT}))),
        no(OneOf("status", frozenset(status for status in Status if status.is_open))),
    )
)
"""Holds of an invitation that there is nothing to decide about."""

_UNSETTLED: Final = frozenset(evidence for evidence in Evidence if evidence.leaves_acceptance_open)


@attrs.frozen(repr=False)
class AcceptanceSettled(Leaf):
    """The source excludes that it has been accepted already; unknown where it cannot."""

    name: ClassVar[str] = "acceptance_settled"

    @property
    def arguments(self) -> dict[str, Any]:
        """None."""
        return {}

    def surely(self, truth: bool, sight: Sight) -> Test:
        """True unless the evidence leaves it open, and then unknown; never false."""
        return no(OneOf("evidence", _UNSETTLED)) if truth else Constant(False)

    def look(self, invitation: Invitation, sight: Sight) -> dict[str, Scalar]:
        """The evidence."""
        return {"evidence": invitation.evidence.value}


@saying("acceptance-settled")
def _say_settled(_truth: Truth, facts: Mapping[str, Scalar]) -> str:
    return {
        Evidence.LISTED.value: "a service lists it as pending",
        Evidence.NOT_CONNECTED.value: "not among your connections",
        Evidence.NOT_CONNECTED_BY_NAME.value: "nobody of this name is among your connections",
        Evidence.NO_CONNECTIONS.value: "may be accepted already: the source has no list of connections",
        Evidence.AMBIGUOUS_NAME.value: "may be accepted already: the name alone does not tell who accepted",
        Evidence.DAMAGED_CONNECTIONS.value: (
            "may be accepted already: some rows of the list of connections could not be read"
        ),
    }.get(str(facts["evidence"]), f"the source shows it as open ({facts['evidence']})")


@attrs.frozen(repr=False)
class KeepMark(Among):
    """The member is marked to be kept."""

    name: ClassVar[str] = "keep_mark"

    @property
    def arguments(self) -> dict[str, Any]:
        """None."""
        return {}

    def group(self, sight: Sight) -> People:
        """Those marked."""
        return sight.kept


@saying("keep-mark")
def _say_mark(truth: Truth, _facts: Mapping[str, Scalar]) -> str:
    return {
        Truth.TRUE: "marked to be kept",
        Truth.FALSE: "not marked to be kept",
        Truth.UNKNOWN: "the source gives no identifier to compare, so perhaps marked to be kept",
    }[truth]


def closed_reason(invitation: Invitation) -> Reason:
    """Why there is nothing to decide."""
    if invitation.direction is Direction.RECEIVED:
        return Reason("closed", "received")
    known = invitation.known_at
    facts: dict[str, Scalar] = {
        "status": invitation.status.value,
        "evidence": invitation.evidence.value,
        "known": str(known),
    }
    return Reason("closed", "closed", facts=facts)


@saying("received")
def _say_received(_truth: Truth, _facts: Mapping[str, Scalar]) -> str:
    return "you received it, so there is nothing to withdraw"


@saying("closed")
def _say_closed(_truth: Truth, facts: Mapping[str, Scalar]) -> str:
    return f"{facts['status']} {facts['known']} ({facts['evidence']})"

"""What protects an invitation whatever the rules of the policy say.

Guards are rules as well, so they are compiled, explained and written down like any other; a policy cannot be
built without them, and a policy document cannot name them.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, ClassVar, Final

import attrs

from invitekit.model import UNKNOWN, Direction, Evidence, Invitation, People, Status, Truth
from invitekit.rules._people import Among
from invitekit.rules._reason import Reason, Scalar, saying
from invitekit.rules._rowtest import Ask, Constant, OneOf, Some, Test, no
from invitekit.rules._rule import Leaf
from invitekit.rules._sight import Sight

__all__ = ["CLOSED", "HELD_OUT", "AcceptanceSettled", "HeldOut", "KeepMark", "closed_reason", "lot"]

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


HELD_OUT: Final = "held-out"
"""The code of the reason that somebody was drawn for the holdout; it decides only where nothing else keeps."""

_LOTS: Final = 1 << 53


def lot(invitation: Invitation) -> float:
    """Draw a number from 0 up to 1 for an invitation, always the same one: evenly spread, and telling nothing.

    It belongs to the member, by the first identifier that is known of slug, URN and provider's id, so that sources
    that know the same identifier agree; to the invitation, where none is known. The numbers are part of what a
    policy means: another way to draw would hold out others.
    """
    member = invitation.member
    if member.slug is not UNKNOWN:
        key = f"slug:{member.slug}"
    elif member.urn is not UNKNOWN:
        key = f"urn:{member.urn}"
    elif member.provider_id is not UNKNOWN:
        key = f"provider_id:{member.provider_id}"
    else:
        key = f"id:{invitation.id}"
    drawn = sha256(f"invitekit holdout 1 {key}".encode("utf-8", "surrogatepass")).digest()
    return (int.from_bytes(drawn[:7], "big") >> 3) / _LOTS


@attrs.frozen(repr=False)
class HeldOut(Leaf):
    """It is one of the share that the policy leaves alone, so that what waiting brings can still be seen."""

    share: float
    name: ClassVar[str] = "held_out"

    @property
    def arguments(self) -> dict[str, Any]:
        """The share."""
        return {"share": self.share}

    def surely(self, truth: bool, sight: Sight) -> Test:
        """Draw a lot; never unknown."""
        share, held, free = self.share, Truth.TRUE, Truth.FALSE
        return Ask(lambda invitation: held if lot(invitation) < share else free, Truth.of(truth))

    def implies(self, other: Leaf) -> bool:
        """A larger share holds out all that a smaller one does."""
        return isinstance(other, HeldOut) and self.share <= other.share

    def look(self, invitation: Invitation, sight: Sight) -> dict[str, Scalar]:
        """The share; the lot itself would tell people apart."""
        return {"share": self.share}


@saying(HELD_OUT)
def _say_held_out(truth: Truth, facts: Mapping[str, Scalar]) -> str:
    share = f"{100 * float(facts['share'] or 0):.6g} %"
    if truth is Truth.TRUE:
        return f"held out: one of the {share} that are left until they end by themselves"
    return f"not one of the {share} that are held out"


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

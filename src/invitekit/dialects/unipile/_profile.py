"""One profile: how a member stands to the account. The only evidence per person that this service has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from invitekit.dialects._json import decode_object, is_object
from invitekit.dialects.unipile._lists import slug_of, text_of
from invitekit.errors import PayloadError
from invitekit.model import UNKNOWN, Member, Standing, Truth
from invitekit.model._member import trusted_member

__all__ = ["read_standing"]

# Documented by the vendor (i-unipile-sdk), 2026-10, as are `invitation` and `is_relationship`. The names of the
# two in the middle are our derivation from "FIRST_DEGREE ... OUT_OF_NETWORK".
_CONNECTED: Final = frozenset({"FIRST_DEGREE"})
_NOT_CONNECTED: Final = frozenset({"SECOND_DEGREE", "THIRD_DEGREE", "OUT_OF_NETWORK"})

_OVER: Final = frozenset({"IGNORED", "WITHDRAWN"})


def read_standing(asked: Member, body: bytes, at: datetime) -> Standing:
    """Read how a member stands to the account.

    Connected is true where the distance or the flag says so and the other does not deny it; where one denies what
    the other says, nothing is proven: connected and pending are unknown, and `Standing.why` is ``contradicts``. An
    invitation still called pending denies nothing, since it may be left over: a connection is what ends one.

    Args:
        asked: Who was asked about.
        body: The body of the answer.
        at: When the answer arrived; aware UTC.

    Raises:
        PayloadError: It is no profile, or names nobody, or somebody else than was asked about.
    """
    profile = decode_object(body)
    if profile.get("object") != "UserProfile":
        raise PayloadError("the answer is not the profile of a member", key="object")
    member = _member(asked, profile)

    distance, relation = profile.get("network_distance"), profile.get("is_relationship")
    invitation = profile.get("invitation")
    said = invitation if is_object(invitation) else {}
    state = said.get("status") if said.get("type") == "SENT" else None
    # Sections that were held back are named here, and what they would have said is missing without a word (seen in
    # one code base, 2026-10). So only what is said counts then, and nothing that follows from silence.
    whole = not profile.get("throttled_sections")

    near = isinstance(distance, str) and distance in _CONNECTED
    # A distance that nobody has heard of is still another one than the first degree.
    far = isinstance(distance, str) and bool(distance) and not near
    if (near and relation is False) or (far and relation is True):
        return Standing(member=member, connected=Truth.UNKNOWN, pending=Truth.UNKNOWN, as_of=at, why="contradicts")
    if near or relation is True:
        return Standing(member=member, connected=Truth.TRUE, pending=Truth.FALSE, as_of=at, why="connected")
    apart = whole and isinstance(distance, str) and distance in _NOT_CONNECTED
    connected = Truth.FALSE if apart else Truth.UNKNOWN
    if state == "PENDING":
        return Standing(member=member, connected=connected, pending=Truth.TRUE, as_of=at, why="pending")
    if isinstance(state, str) and state in _OVER:
        return Standing(member=member, connected=connected, pending=Truth.FALSE, as_of=at, why=state.lower())
    return Standing(
        member=member,
        connected=connected,
        pending=Truth.UNKNOWN,
        as_of=at,
        why="" if whole else "throttled",
    )


def _member(asked: Member, profile: Mapping[str, Any]) -> Member:
    """Put together what was asked with and what was answered.

    Raises:
        PayloadError: The two are not surely the same member, by the strongest identifier that both have.
    """
    slug, provider_id = slug_of(profile.get("public_identifier")), text_of(profile.get("provider_id"))
    if slug is UNKNOWN and provider_id is UNKNOWN:
        raise PayloadError("the profile does not say whose it is", hint=_ASK_AGAIN, key="provider_id")
    # The stronger first: others can take a slug over, and members can change theirs.
    both = [
        (one, other)
        for one, other in ((asked.provider_id, provider_id), (asked.slug, slug))
        if one is not UNKNOWN and other is not UNKNOWN
    ]
    if not both:
        raise PayloadError(
            "the profile does not name the member as the question did", hint=_ASK_AGAIN, key="provider_id"
        )
    if both[0][0] != both[0][1]:
        raise PayloadError(
            "the answer is about another member than the one who was asked about",
            hint="Read the list once more: members can change their profile address",
            key="provider_id",
        )
    parts = (profile.get("first_name"), profile.get("last_name"))
    name = text_of(" ".join(part.strip() for part in parts if type(part) is str and part.strip()))
    return trusted_member(
        asked.name if name is UNKNOWN else name,
        asked.slug if slug is UNKNOWN else slug,
        asked.urn,
        asked.provider_id if provider_id is UNKNOWN else provider_id,
    )


_ASK_AGAIN: Final = "Ask again; if it stays so, read the lists instead: this answer proves nothing"

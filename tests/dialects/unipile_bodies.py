"""Bodies as the service writes them, with invented people: for the tests of its dialect."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from invitekit._wire import Response
from invitekit.model import Direction, Evidence, Invitation, Member, SentAt, Status

AT = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
SENT_ID = "7449395960733499393"
ME = {
    "inviter_name": "Owner Example",
    "inviter_id": "ACoAAME",
    "inviter_public_identifier": "owner-example-77",
    "inviter_description": "x",
}

INVITATION = Invitation(
    id=SENT_ID,
    member=Member(name="Ada Example", slug="ada-example-77", provider_id="ACoAAEXAMPLE"),
    direction=Direction.SENT,
    sent_at=SentAt.at(AT - timedelta(days=30)),
    status=Status.PENDING,
    evidence=Evidence.LISTED,
    as_of=AT,
)


def sent_row(**changes: Any) -> dict[str, Any]:
    """One row of the list of sent invitations."""
    return {
        "object": "InvitationSent",
        "id": SENT_ID,
        "invited_user": "Ada Example",
        "invited_user_id": "ACoAAEXAMPLE",
        "invited_user_public_id": "ada-example-77",
        "invited_user_description": "Engineer at Foo Example",
        "invited_user_profile_picture_url": None,
        "date": "Sent 2 months ago",
        "parsed_datetime": "2026-05-01T10:00:00.000Z",
        "invitation_text": None,
        "inviter": ME,
        "specifics": {"provider": "LINKEDIN", "shared_secret": None},
    } | changes


def received_row(**changes: Any) -> dict[str, Any]:
    """One row of the list of received invitations; its names are a guess."""
    return {
        "object": "InvitationReceived",
        "id": SENT_ID,
        "date": "Sent 2 months ago",
        "parsed_datetime": "2026-05-01T10:00:00.000Z",
        "invitation_text": "Hello we met",
        "inviter": {
            "inviter_name": "Rafael Invented",
            "inviter_id": "ACoAARAFAEL",
            "inviter_public_identifier": "rafael-invented-77",
            "inviter_description": "Baker",
        },
        "specifics": {"provider": "LINKEDIN", "shared_secret": "example"},
    } | changes


def relation_row(**changes: Any) -> dict[str, Any]:
    """One row of the relations."""
    return {
        "object": "UserRelation",
        "first_name": "Ada",
        "last_name": "Example",
        "headline": "Engineer",
        "public_identifier": "ada-example-77",
        "public_profile_url": "https://www.linkedin.com/in/ada-example-77",
        "created_at": 1_714_550_000_000,
        "member_id": "ACoAAEXAMPLE",
        "member_urn": "urn:li:member:77",
        "connection_urn": "urn:li:fsd_connection:ACoAAEXAMPLE",
        "profile_picture_url": None,
    } | changes


def listed(*rows: Any, named: str = "InvitationList", cursor: Any = None, **more: Any) -> dict[str, Any]:
    """A page."""
    return {"object": named, "cursor": cursor, "items": list(rows)} | more


def profile(**changes: Any) -> dict[str, Any]:
    """A profile, as the account sees it."""
    return {
        "object": "UserProfile",
        "provider": "LINKEDIN",
        "provider_id": "ACoAAEXAMPLE",
        "public_identifier": "ada-example-77",
        "first_name": "Ada",
        "last_name": "Example",
        "headline": "Engineer",
        "is_relationship": False,
        "network_distance": "SECOND_DEGREE",
    } | changes


def account(**changes: Any) -> dict[str, Any]:
    """A connected account."""
    return {
        "object": "Account",
        "id": "acc-example-1",
        "type": "LINKEDIN",
        "name": "Owner Example",
        "created_at": "2026-01-05T09:00:00.000Z",
        "sources": [{"id": "acc-example-1_MESSAGING", "status": "OK"}],
    } | changes


def error(kind: Any, status: int, **more: Any) -> dict[str, Any]:
    """The body of an error."""
    return {"title": "zebra", "detail": "zebra of Ada", "instance": None, "type": kind, "status": status} | more


def answer(body: Any, status: int = 200) -> Response:
    """An answer with a body that is JSON, or bytes as they are."""
    spelled = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return Response(status, (("content-type", "application/json; charset=utf-8"),), spelled)

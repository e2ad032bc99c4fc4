"""How Unipile v1 spells what it knows: rows and objects as its documentation, its Node SDK and live use show them.

Marks: [H] the vendor's own documentation or SDK, [P] seen in one public code base, [D] derived, [?] not confirmed.

Two spellings, because the sources differ. ``documented`` is what the types of the vendor's Node SDK 1.9.3 allow
[H]: a picture is a text or missing, and every invitation has a ``shared_secret``. ``observed`` has null there [P].
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from ._world_values import ServicePlace

if TYPE_CHECKING:
    from ._service_world import ServiceWorld
    from ._world_values import ServiceConnection, ServiceInvitation, ServicePerson

__all__ = ["Speller", "Spelling", "cursor_of", "read_cursor"]

Spelling: TypeAlias = Literal["observed", "documented"]

_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def compact(value: Any) -> bytes:
    """JSON as services write it: no spaces, and names as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def cursor_of(limit: int, start: int, *, relations: bool) -> str:
    """Spell a cursor: base64 of JSON with the size of the page and the offset [H: what the SDK decodes]."""
    return b64encode(compact({"limit": limit, "startIndex" if relations else "cursor": start})).decode()


def read_cursor(cursor: str) -> tuple[int, int] | None:
    """Size and offset of a cursor; None where it is none of ours."""
    try:
        said = json.loads(b64decode(cursor, validate=True))
        return int(said["limit"]), int(said["startIndex"] if "startIndex" in said else said["cursor"])
    except (ValueError, KeyError, TypeError):
        return None


def iso(moment: datetime) -> str:
    """UTC with milliseconds: ``2026-05-01T10:00:00.000Z``."""
    moment = moment.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def age_label(sent_at: datetime, now: datetime) -> str:
    """Spell an age as the website does: ``today``, ``yesterday``, ``3 days ago``, ``2 months ago`` [P]."""
    days = max((now - sent_at) // _DAY, 0)
    if days < 2:
        return ("today", "yesterday")[days]
    unit, length = ("day", 1) if days < 7 else ("week", 7) if days < 30 else ("month", 30)
    if days >= 365:
        unit, length = "year", 365
    amount = days // length
    return f"{amount} {unit}{'s' if amount > 1 else ''} ago"


def moment_of_label(label: str, now: datetime) -> datetime:
    """Compute what the vendor makes of a label: from the moment of the request, so that it moves [P; D].

    "Today" is now, "1 day ago" exactly 24 hours earlier; months and years go by the calendar.
    """
    if label in {"today", "yesterday"}:
        return now - _DAY * (label == "yesterday")
    amount, unit, _ = label.split()
    count = int(amount)
    if unit.startswith("day"):
        return now - count * _DAY
    if unit.startswith("week"):
        return now - 7 * count * _DAY
    months = now.year * 12 + now.month - 1 - count * (12 if unit.startswith("year") else 1)
    # The 28th is in every month; what a service makes of the 31st, nobody has written down.
    return now.replace(year=months // 12, month=months % 12 + 1, day=min(now.day, 28))


def _rest(text: str | None, inviter: ServicePerson, secret: str | None) -> bytes:
    """What stands behind the date in the row of an invitation."""
    rest = {
        "invitation_text": text,
        "inviter": {
            "inviter_name": inviter.name,
            "inviter_id": inviter.provider_id,
            "inviter_public_identifier": inviter.slug,
            "inviter_description": inviter.headline,
        },
        "specifics": {"provider": "LINKEDIN", "shared_secret": secret},
    }
    return b"," + compact(rest)[1:]


class Speller:
    """Spells the rows of one account, and remembers those that do not change.

    Args:
        world: Whose account.
        spelling: Which of the two.
    """

    def __init__(self, world: ServiceWorld, spelling: Spelling) -> None:
        self._documented = spelling == "documented"
        self._me = world.owner
        self._same_rest = _rest(None, self._me, None)
        self._rows: dict[tuple[str, str], tuple[bytes, bytes]] = {}
        self._related: dict[ServiceConnection, bytes] = {}
        self._dates: dict[str, bytes] = {}
        self._dated = _EPOCH

    def sent(self, invitation: ServiceInvitation, now: datetime) -> bytes:
        """One row of the list of sent invitations."""
        return self._row("sent", invitation, now)

    def received(self, invitation: ServiceInvitation, now: datetime) -> bytes:
        """One row of the list of received invitations; as a sent one, with the roles exchanged [?]."""
        return self._row("received", invitation, now)

    def _row(self, kind: str, invitation: ServiceInvitation, now: datetime) -> bytes:
        parts = self._rows.get((kind, invitation.id))
        if parts is None:
            parts = self._rows[kind, invitation.id] = self._parts(kind, invitation)
        return self._date(invitation.sent_at, now).join(parts)

    def _parts(self, kind: str, invitation: ServiceInvitation) -> tuple[bytes, bytes]:
        """What stands before the date, and what after it."""
        person = invitation.person
        row: dict[str, Any]
        if kind == "sent":
            row = {
                "object": "InvitationSent",
                "id": invitation.id,
                "invited_user": person.name,
                "invited_user_id": person.provider_id,
                "invited_user_public_id": person.slug,
                "invited_user_description": person.headline,
                "invited_user_profile_picture_url": None,
            }
            # In live use the text came back null: with or without a note cannot be learned here [P].
            rest = _rest(None, self._me, self.secret_of(invitation)) if self._documented else self._same_rest
        else:
            row = {"object": "InvitationReceived", "id": invitation.id}
            rest = _rest(invitation.note, person, self.secret_of(invitation))
        return compact(row)[:-1] + b',"date":"Sent ', rest

    @staticmethod
    def secret_of(invitation: ServiceInvitation) -> str:
        """What an answer to a received invitation has to repeat."""
        return f"example{int(invitation.id) % 99_991:05d}"

    def _date(self, sent_at: datetime, now: datetime) -> bytes:
        if now != self._dated:
            self._dated, self._dates = now, {}
        label = age_label(sent_at, now)
        spelled = self._dates.get(label)
        if spelled is None:
            parsed = iso(moment_of_label(label, now))
            spelled = self._dates[label] = f'{label}","parsed_datetime":"{parsed}"'.encode()
        return spelled

    def relation(self, connection: ServiceConnection) -> bytes:
        """One row of the list of connections; ``created_at`` is epoch milliseconds [H]."""
        spelled = self._related.get(connection)
        if spelled is None:
            person = connection.person
            row: dict[str, Any] = {
                "object": "UserRelation",
                "first_name": person.first_name,
                "last_name": person.last_name,
                "headline": person.headline,
                "public_identifier": person.slug,
                "public_profile_url": f"https://www.linkedin.com/in/{person.slug}",
                "created_at": (connection.connected_at - _EPOCH) // _MILLISECOND,
                "member_id": person.provider_id,
                "member_urn": person.urn,
                "connection_urn": f"urn:li:fsd_connection:{person.provider_id}",
            }
            if not self._documented:
                row["profile_picture_url"] = None
            spelled = self._related[connection] = compact(row)
        return spelled

    def profile(
        self,
        person: ServicePerson,
        *,
        connected: bool,
        sent: ServiceInvitation | None,
        received: ServiceInvitation | None,
    ) -> dict[str, Any]:
        """A profile, as the account sees it [H].

        What it says of a sent invitation that was declined or has expired is not documented; here it says nothing
        then, as of one never sent, so that no client can take the two for an answer [?].
        """
        said: dict[str, Any] = {
            "object": "UserProfile",
            "provider": "LINKEDIN",
            "provider_id": person.provider_id,
            "public_identifier": person.slug,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "headline": person.headline,
            "websites": [],
            "is_relationship": connected,
            "is_self": False,
            "network_distance": "FIRST_DEGREE" if connected else "SECOND_DEGREE",
        }
        withdrawn = {ServicePlace.WITHDRAWN, ServicePlace.WITHDRAWN_ELSEWHERE}
        if connected:
            return said
        if sent and sent.place is ServicePlace.PENDING:
            said["invitation"] = {"type": "SENT", "status": "PENDING"}
        elif received and received.place in {ServicePlace.PENDING, ServicePlace.IGNORED}:
            said["invitation"] = {"type": "RECEIVED", "status": received.place.value.upper()}
        elif sent and sent.place in withdrawn:
            said["invitation"] = {"type": "SENT", "status": "WITHDRAWN"}
        return said

    def me(self, person: ServicePerson) -> dict[str, Any]:
        """The profile of the owner of the account [H]."""
        return {
            "object": "AccountOwnerProfile",
            "provider": "LINKEDIN",
            "provider_id": person.provider_id,
            "entity_urn": f"urn:li:fsd_profile:{person.provider_id}",
            "object_urn": person.urn,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "profile_picture_url": None,
            "public_profile_url": f"https://www.linkedin.com/in/{person.slug}",
            "public_identifier": person.slug,
            "headline": person.headline,
            "email": "owner@mail.example",
            "premium": False,
            "open_profile": False,
            "recruiter": None,
            "sales_navigator": None,
        }

    def account(self, person: ServicePerson, account_id: str, status: str) -> dict[str, Any]:
        """One connected account [H]."""
        return {
            "object": "Account",
            "type": "LINKEDIN",
            "connection_params": {
                "im": {"id": person.provider_id, "username": person.name, "premiumContractId": None}
            },
            "id": account_id,
            "name": person.name,
            "created_at": "2026-01-05T09:00:00.000Z",
            "groups": [],
            "sources": [{"id": f"{account_id}_MESSAGING", "status": status}],
        }

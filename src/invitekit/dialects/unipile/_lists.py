"""The lists of the service: pages of invitations and connections.

What the fields are called is documented by the vendor for the sent list and the relations, as far as it goes
(https://developer.unipile.com/reference/userscontroller_listalluserinvitationssent and the vendor's SDKs,
2026-10); which of them may be null, likewise. A row that has no usable id is set aside, and says so; anything else
that is missing or odd in a row makes a field unknown and costs nothing more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any, Final

from invitekit.dialects._json import decode_object, is_list, is_object
from invitekit.dialects.unipile._ages import SentTimes
from invitekit.errors import DataError, PayloadError
from invitekit.model import (
    UNKNOWN,
    Connection,
    Direction,
    Evidence,
    Finding,
    Interval,
    Invitation,
    ListKind,
    Member,
    Page,
    Status,
    Unknown,
)
from invitekit.model._invitation import trusted_invitation
from invitekit.model._member import folded, slug_key, trusted_member

__all__ = ["read_connections", "read_invitations", "read_page", "slug_of", "text_of"]

_ROW_LIMIT: Final = 10_000
"""How many characters any text of a row may have; what is longer is none."""

_OBJECTS: Final[Mapping[ListKind, tuple[str, ...]]] = {
    # Documented by the vendor, 2026-10.
    ListKind.SENT: ("InvitationList",),
    # Not documented; the same, or made in the same way, our guess, 2026-10.
    ListKind.RECEIVED: ("InvitationList", "InvitationReceivedList", "InvitationsReceivedList"),
    # Documented by the vendor (SDK), 2026-10.
    ListKind.CONNECTIONS: ("UserRelationsList",),
}
"""What a page calls itself. A wrong path answers with something else, for instance with the profile of the account
(seen in one code base, 2026-10): that must never be taken for a list with no rows."""

_UTC_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_ID: Final = 200
_FIRST_CONNECTED_MS: Final = 1_052_000_000_000
"""May 2003, when the network opened."""


def read_page(of: ListKind, body: bytes, at: datetime) -> Page:
    """Read one page.

    Args:
        of: Which list it is a page of.
        body: The body of the answer.
        at: When the answer arrived; aware UTC.

    Raises:
        PayloadError: It is no such page. Single rows that cannot be read are findings.
    """
    page = decode_object(body)
    named = page.get("object")
    if not isinstance(named, str) or named not in _OBJECTS[of]:
        raise PayloadError(
            f"the answer is not the list {of.value!r}",
            hint="Check the address of the service: a wrong path answers with something else",
            key="object",
        )
    rows = page.get("items")
    if not is_list(rows):
        raise PayloadError("the list has no rows, not even none", key="items")
    cursor = page.get("cursor")
    if cursor is not None and not isinstance(cursor, str):
        raise PayloadError(f"the cursor is a {type(cursor).__name__} and no text", key="cursor")
    total = page.get("total_count")
    findings: list[Finding] = []
    account: Member | Unknown = UNKNOWN
    items: list[Any]
    if of is ListKind.CONNECTIONS:
        items = read_connections(rows, at, findings)
    else:
        sent = of is ListKind.SENT
        items, account = read_invitations(rows, at, findings, sent=sent)
    return Page(
        items=items,
        next=cursor or None,
        # Seen in searches only (one code base, 2026-10).
        total=total if type(total) is int and total >= 0 else UNKNOWN,
        account=account,
        findings=findings,
    )


# ── Texts ──


def text_of(value: Any) -> str | Unknown:
    """Give a text that says something; anything else is unknown."""
    return value if type(value) is str and 0 < len(value) <= _ROW_LIMIT and not value.isspace() else UNKNOWN


def slug_of(value: Any) -> str | Unknown:
    """Give the slug that a public identifier is; anything else is unknown."""
    if type(value) is not str or not value:
        return UNKNOWN
    # What `slug_key` gives for the spelling of nearly all, at a tenth of the price.
    if value.isascii() and value.replace("-", "").isalnum() and len(value) <= _LONGEST_ID:
        return value.lower()
    if value.replace("-", "").isalnum() and len(value) <= _LONGEST_ID and folded(slug := folded(value)) == slug:
        return slug
    try:
        return slug_key(value)
    except DataError:
        return UNKNOWN


def _id_of(value: Any) -> str:
    """Give the id of a row as a text, empty for what is none."""
    if type(value) is int and value > 0:
        return str(value) if value.bit_length() <= 64 else ""
    if type(value) is not str or len(value) > _LONGEST_ID:
        return ""
    # It becomes a part of an address.
    return value if value.isprintable() and value == value.strip() and value.strip(". ") else ""


# ── Invitations ──

# For the sent list documented by the vendor, `inviter` as seen in one code base (2026-10).
_FIELDS: Final = (
    "object",
    "id",
    "date",
    "parsed_datetime",
    "invitation_text",
    "inviter",
    "invited_user",
    "invited_user_id",
    "invited_user_public_id",
    "invited_user_description",
)
_member_urn = re.compile(r"urn:li:member:[0-9]{1,20}").fullmatch
_pick = itemgetter(*_FIELDS)


def read_invitations(
    rows: list[Any], at: datetime, findings: list[Finding], *, sent: bool
) -> tuple[list[Invitation], Member | Unknown]:
    """Read the rows of a list of pending invitations, and whose list it is.

    A sent list is of whoever sent most of its rows, the first of them on a tie; the rows of others are set aside.

    Args:
        rows: The rows.
        at: When they arrived; aware UTC.
        findings: What is noticed is added here.
        sent: Whether it is the list of those that the account sent.
    """
    noticed = len(findings)
    # Nearly every page has one inviter, so the first one is taken for it, and counting waits for a second one.
    owner = _Owner()
    items = _read_rows(rows, at, findings, owner, sent=sent)
    if owner.others and (elected := _inviter_of_most(rows)) != owner.member:
        del findings[noticed:]
        owner = _Owner(elected)
        items = _read_rows(rows, at, findings, owner, sent=sent)
    return items, owner.member


def _read_rows(
    rows: list[Any], at: datetime, findings: list[Finding], owner: _Owner, *, sent: bool
) -> list[Invitation]:
    sent_at, now = SentTimes(at).read, Interval.at(at)
    direction = Direction.SENT if sent else Direction.RECEIVED
    other_object = "InvitationReceived" if sent else "InvitationSent"
    items: list[Invitation] = []
    for number, row in enumerate(rows, 1):
        try:
            kind, id_, label, parsed, note, inviter, name, key, public, title = _pick(row)
        except (KeyError, TypeError, IndexError):
            if not is_object(row):
                findings.append(_aside("unreadable-row", "the row is no object", number))
                continue
            get = row.get
            kind, id_, label, parsed, note, inviter, name, key, public, title = map(get, _FIELDS)
        if not (type(id_) is str and id_.isdecimal() and len(id_) <= _LONGEST_ID):
            id_ = _id_of(id_)
            if not id_:
                findings.append(_aside("no-id", "the row has no id that an invitation could have", number))
                continue
        if kind == other_object:
            findings.append(_aside("other-direction", "the row belongs into the other list", number))
            continue
        if sent:
            # Another account's invitation must never be withdrawn with this one's.
            if inviter != owner.last and not owner.is_as(inviter):
                findings.append(_aside("other-account", "another account sent this one", number))
                continue
        else:
            # Not documented, our guess, 2026-10: the names of the sent list, where the parts are exchanged.
            owner.is_as(_renamed(name, key, public))
            name, key, public, title = _inviter(inviter)
        if type(public) is str and public.isascii() and public.replace("-", "").isalnum():
            slug: str | Unknown = public.lower() if len(public) <= _LONGEST_ID else UNKNOWN
        else:
            slug = slug_of(public)
            if slug is UNKNOWN and public:
                findings.append(
                    Finding(code="unreadable-profile", text="no public identifier", line=number, about=id_)
                )
        items.append(
            trusted_invitation(
                id_,
                trusted_member(text_of(name), slug, UNKNOWN, text_of(key)),
                direction,
                sent_at(id_, label, parsed),
                # Null in live use whether there is a note or not (one code base, 2026-10): so null says nothing.
                UNKNOWN if note is None else text_of(note),
                _PENDING,
                _LISTED,
                at,
                now,
                UNKNOWN,  # cause
                UNKNOWN,  # mutual connections
                UNKNOWN,  # company
                text_of(title),
            )
        )
    return items


_PENDING: Final = Status.PENDING
_LISTED: Final = Evidence.LISTED

_INVITER: Final = ("inviter_name", "inviter_id", "inviter_public_identifier", "inviter_description")


def _inviter(value: Any) -> tuple[Any, Any, Any, Any]:
    """Give name, provider's id, public identifier and description of whoever sent an invitation."""
    get = value.get if is_object(value) else _NOBODY.get
    name, key, public, title = map(get, _INVITER)
    return name, key, public, title


def _renamed(name: Any, key: Any, public: Any) -> dict[str, Any] | None:
    return None if key is None and public is None else dict(zip(_INVITER, (name, key, public), strict=False))


class _Owner:
    """Whose list it is: the first inviter that the rows name, unless it is said beforehand."""

    def __init__(self, member: Member | Unknown = UNKNOWN) -> None:
        self.member = member
        self.last: Any = None
        self.others = False
        """Whether a row named somebody else."""

    def is_as(self, inviter: Any) -> bool:
        """Whether a row may be of the same account as those before it. One that names nobody may."""
        if not is_object(inviter):
            return True
        member = _inviting(inviter)
        if self.member is UNKNOWN or not self.member.identifiers:
            # A mere name is better than nothing, until there is more.
            self.member = member if member.identifiers or self.member is UNKNOWN else self.member
        elif not _alike(self.member, member):
            self.others = True
            return False
        self.last = inviter
        return True


def _inviting(inviter: Any) -> Member:
    name, key, public, _ = _inviter(inviter)
    return trusted_member(text_of(name), slug_of(public), UNKNOWN, text_of(key))


def _inviter_of_most(rows: list[Any]) -> Member | Unknown:
    """Give whoever sent most of the rows, the first of them on a tie."""
    found: list[Member] = []
    counts: list[int] = []
    for row in rows:
        if not is_object(row) or row.get("object") == "InvitationReceived":
            continue
        member = _inviting(row.get("inviter"))
        known = member.identifiers.items()
        if not known:
            continue
        # Only who shares an identifier is counted as the same: two that cannot be compared may be anybody.
        same = (place for place, other in enumerate(found) if known & other.identifiers.items())
        place = next(same, len(found))
        if place == len(found):
            found.append(member)
            counts.append(0)
        counts[place] += 1
    return found[counts.index(max(counts))] if found else UNKNOWN


_NOBODY: Final[dict[str, Any]] = {}


def _alike(one: Member, other: Member) -> bool:
    """Whether two members share an identifier, or have none in common that could differ."""
    mine, theirs = one.identifiers, other.identifiers
    common = mine.keys() & theirs.keys()
    return not common or any(mine[kind] == theirs[kind] for kind in common)


def _aside(code: str, text: str, number: int) -> Finding:
    return Finding(code=code, text=text, line=number, set_aside=True)


# ── Connections ──


def read_connections(rows: list[Any], at: datetime, findings: list[Finding]) -> list[Connection]:
    """Read the rows of the relations.

    Args:
        rows: The rows.
        at: When they arrived; aware UTC.
        findings: What is noticed is added here.
    """
    newest = (at - _UTC_EPOCH) // timedelta(milliseconds=1) + 86_400_000
    items: list[Connection] = []
    for number, row in enumerate(rows, 1):
        if not is_object(row):
            findings.append(_aside("unreadable-row", "the row is no object", number))
            continue
        get = row.get
        first, last, urn = get("first_name"), get("last_name"), get("member_urn")
        name = " ".join(part.strip() for part in (first, last) if type(part) is str and part.strip())
        member = trusted_member(
            text_of(name),
            slug_of(get("public_identifier")),
            # A URN outweighs all other identifiers; only this kind is one that other sources have, too.
            urn if type(urn) is str and _member_urn(urn) else UNKNOWN,
            text_of(get("member_id")),
        )
        if not member.identifiers and member.name is UNKNOWN:
            findings.append(_aside("no-member", "the row says nothing about who it is", number))
            continue
        # Milliseconds, when the two connected (documented by the vendor, i-unipile-sdk, 2026-10).
        created = get("created_at")
        if type(created) is int and _FIRST_CONNECTED_MS <= created <= newest:
            connected = Interval.at(_UTC_EPOCH + timedelta(milliseconds=created))
        else:
            connected = _SOME_DAY
            if created is not None:
                findings.append(Finding(code="unreadable-date", text="no moment to connect", line=number))
        items.append(Connection(member=member, connected_at=connected))
    return items


_SOME_DAY: Final = Interval.unknown()

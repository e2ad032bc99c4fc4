"""What a service that holds invitations can do, and what it answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

import attrs

from invitekit.errors import DataError
from invitekit.model._connection import Connection
from invitekit.model._finding import Finding
from invitekit.model._interval import as_utc
from invitekit.model._invitation import Invitation
from invitekit.model._member import Member
from invitekit.model._unknown import UNKNOWN, Truth, Unknown

__all__ = ["Capability", "ListKind", "Page", "Standing", "Started"]


class Capability(StrEnum):
    """What a backend can do."""

    LIST_SENT = "list-sent"
    """List the pending invitations that the account sent."""
    LIST_RECEIVED = "list-received"
    """List the pending invitations that the account received."""
    LIST_CONNECTIONS = "list-connections"
    """List the connections."""
    READ_ONE = "read-one"
    """Say of one member whether they are connected with the account, or invited."""
    WITHDRAW = "withdraw"
    """Withdraw an invitation."""


class ListKind(StrEnum):
    """The lists that a service may have."""

    SENT = "sent"
    """Pending invitations that the account sent."""
    RECEIVED = "received"
    """Pending invitations that the account received."""
    CONNECTIONS = "connections"
    """Connections."""

    @property
    def capability(self) -> Capability:
        """What a backend needs in order to give it."""
        return Capability(f"list-{self.value}")


def _listed(given: Iterable[Invitation | Connection]) -> tuple[Invitation | Connection, ...]:
    items = tuple(given)
    for item in items:
        if not isinstance(item, (Invitation, Connection)):
            raise DataError(
                f"a page holds invitations or connections, not {type(item).__name__}", key="page.items"
            )
    return items


def _noticed(given: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(given)


def _count(_: Any, field: attrs.Attribute[Any], value: object) -> None:
    if value is not UNKNOWN and (type(value) is not int or value < 0):
        raise DataError(
            f"{field.name} must be a whole number from 0 up, or UNKNOWN; got {type(value).__name__}",
            key=f"page.{field.name}",
        )


def _cursor(_: Any, __: attrs.Attribute[Any], value: object) -> None:
    if value is not None and not (isinstance(value, str) and value):
        raise DataError("next must be a cursor that is not empty, or None", key="page.next")


@attrs.frozen(weakref_slot=False, kw_only=True)
class Page:
    """One page of a list, as a service gave it.

    Args:
        items: Its invitations or connections, in the order of the service.
        next: The cursor of the next page; None where the service says that this is the last.
        total: How long the whole list is, where the service says so.
        said: How many rows this page has, where the service says so beside giving them.
        account: Whose list it is, where the rows say so.
        findings: What was noticed while reading it. A row that had to be set aside makes the list incomplete.

    Raises:
        DataError: A field has a wrong type.
    """

    items: tuple[Invitation | Connection, ...] = attrs.field(default=(), converter=_listed)
    next: str | None = attrs.field(default=None, validator=_cursor)
    total: int | Unknown = attrs.field(default=UNKNOWN, validator=_count)
    said: int | Unknown = attrs.field(default=UNKNOWN, validator=_count)
    account: Member | Unknown = UNKNOWN
    findings: tuple[Finding, ...] = attrs.field(default=(), converter=_noticed)

    def __attrs_post_init__(self) -> None:
        if self.account is not UNKNOWN and not isinstance(self.account, Member):
            raise DataError("account must be a Member or UNKNOWN", key="page.account")


@attrs.frozen(weakref_slot=False, kw_only=True)
class Standing:
    """How one member stands to the account, as a service said when it was asked about this one.

    Args:
        member: Who, with every identifier that the service gave.
        connected: Whether the two are connected: the only positive evidence that an invitation was accepted.
        pending: Whether an invitation that the account sent them is waiting.
        as_of: When the service said so; aware UTC.
        why: What the service said, as a short code, for instance ``ignored``, ``withdrawn`` or ``contradicts``;
            empty for nothing.
    """

    member: Member
    connected: Truth
    pending: Truth
    as_of: datetime = attrs.field(converter=as_utc)
    why: str = ""

    def __attrs_post_init__(self) -> None:
        for name, kind in (("member", Member), ("connected", Truth), ("pending", Truth), ("why", str)):
            value = getattr(self, name)
            if not isinstance(value, kind):
                raise DataError(
                    f"{name} must be of type {kind.__name__}, got {type(value).__name__}", key=f"standing.{name}"
                )


@attrs.frozen(weakref_slot=False, kw_only=True)
class Started:
    """A withdrawal that a service has begun, and carries out by itself.

    Args:
        invitation_id: The invitation.
        token: What the service calls the work; asking with it, and never starting anew, tells what came of it.
    """

    invitation_id: str
    token: str

    def __attrs_post_init__(self) -> None:
        for name in ("invitation_id", "token"):
            value = getattr(self, name)
            if not (isinstance(value, str) and value):
                raise DataError(f"{name} must be a text that is not empty", key=f"started.{name}")

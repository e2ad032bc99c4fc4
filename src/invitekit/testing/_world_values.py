"""The values a `ServiceWorld` is made of: people, invitations, connections."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import attrs

__all__ = ["ServiceConnection", "ServiceInvitation", "ServicePerson", "ServicePlace"]


class ServicePlace(StrEnum):
    """Where an invitation is; each is at exactly one place, and never comes back to `PENDING`."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    IGNORED = "ignored"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    WITHDRAWN_ELSEWHERE = "withdrawn-elsewhere"


@attrs.frozen(weakref_slot=False)
class ServicePerson:
    """Somebody invented, as a service knows them.

    Args:
        first_name: As their profile shows it.
        last_name: As their profile shows it.
        slug: The name of their profile, ``…-example-12``; the service calls it the public identifier.
        provider_id: What the service calls them, ``ACoAA…``; a real one is another for every viewer.
        urn: The member URN.
        headline: The line below the name.
    """

    first_name: str
    last_name: str
    slug: str
    provider_id: str
    urn: str
    headline: str

    @property
    def name(self) -> str:
        """The display name."""
        return f"{self.first_name} {self.last_name}"


@attrs.frozen(weakref_slot=False)
class ServiceInvitation:
    """One invitation, as the service knows it.

    Args:
        id: Digits; shifted right by 22 bits they are the moment of sending, in epoch milliseconds (derived, not
            documented by LinkedIn).
        person: Whom it was sent to, or who sent it, for a received one.
        sent_at: When it was sent, aware UTC.
        note: The message that went with it.
        place: Where it is.
        since: When it came there; None while it is pending.
    """

    id: str
    person: ServicePerson
    sent_at: datetime
    note: str | None = attrs.field(default=None, repr=False)
    place: ServicePlace = ServicePlace.PENDING
    since: datetime | None = None


@attrs.frozen(weakref_slot=False)
class ServiceConnection:
    """Somebody the account is connected with, and since when (aware UTC)."""

    person: ServicePerson
    connected_at: datetime

"""What a service is to hold while a backend is tried; everybody here is invented."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import attrs

from invitekit.model import (
    Connection,
    Direction,
    Evidence,
    Interval,
    Invitation,
    Member,
    SentAt,
    Status,
)

__all__ = ["ServiceCase", "empty_case", "large_case", "person", "small_case", "stranger"]

_TAKEN: Final = datetime(2026, 3, 31, 9, 0, tzinfo=UTC)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_FIRST_NAMES: Final = ("Ada", "Ben", "Cleo", "Dan", "Zoë", "Fay", "Gus", "Ida", "例", "Kim", "Lea")
"""Eleven, so that those whose numbers differ by eleven share a display name."""

_SECRET: Final = "example-secret-4f1c9a77"  # noqa: S105  invented, and opens nothing


@attrs.frozen(kw_only=True, repr=False)
class ServiceCase:
    """What the service behind a backend is to hold, exactly this and in this order.

    Every member has a display name, a slug, a URN and a provider's id, and the same display name may stand for
    several members; the service may know fewer of them, but no others. Times are exact to the second.

    Args:
        account: Whose invitations they are.
        sent: Pending invitations that the account sent. The ids are numbers as LinkedIn's are: shifted right by 22
            bits they are the moment of sending, in epoch milliseconds.
        received: Pending invitations that the account received, likewise.
        connections: Its connections; `connected_at` is the exact moment.
        secret: A text to use for a password or key, where the service wants one: it must not show anywhere.
    """

    account: Member
    sent: tuple[Invitation, ...] = ()
    received: tuple[Invitation, ...] = ()
    connections: tuple[Connection, ...] = ()
    secret: str = _SECRET

    def hidden(self) -> Iterator[str]:
        """Give what must not show anywhere."""
        yield self.secret
        for invitation in (*self.sent, *self.received):
            if isinstance(invitation.note, str) and invitation.note:
                yield invitation.note

    def __repr__(self) -> str:
        lists = {"sent": self.sent, "received": self.received, "connections": self.connections}
        return f"ServiceCase({', '.join(f'{len(rows)} {name}' for name, rows in lists.items())})"


def person(number: int) -> Member:
    """Invent somebody; a number is one person."""
    first = _FIRST_NAMES[number % len(_FIRST_NAMES)]
    return Member(
        name=f"{first} Example",
        slug=f"{first.casefold()}-example-{number}",
        urn=f"urn:li:member:{7_000_000 + number}",
        provider_id=f"ACoAAExample{number:06}",
    )


def stranger() -> Invitation:
    """Invent an invitation to somebody whom no case knows, and who shares a display name with many."""
    return _invitation(990_001, Direction.SENT)  # 990,001 and 1 leave the same remainder: another Ben


def _invitation(number: int, direction: Direction) -> Invitation:
    sent_at = _TAKEN - timedelta(days=20 + number % 100, seconds=number)
    return Invitation(
        id=str((round((sent_at - _EPOCH).total_seconds() * 1000) << 22) + number),
        member=person(number),
        direction=direction,
        sent_at=SentAt.at(sent_at),
        note=f"Hello number {number}, this note is private" if number % 2 else "",
        status=Status.PENDING,
        evidence=Evidence.LISTED,
        as_of=_TAKEN,
    )


def _connection(number: int) -> Connection:
    connected_at = _TAKEN - timedelta(days=5 + number % 300, seconds=number)
    return Connection(member=person(number), connected_at=Interval.at(connected_at))


def _case(sent: int, received: int, connections: int) -> ServiceCase:
    return ServiceCase(
        account=Member(
            name="Mara Example",
            slug="mara-example-77",
            urn="urn:li:member:7999999",
            provider_id="ACoAAExampleMara",
        ),
        sent=tuple(_invitation(1 + number, Direction.SENT) for number in range(sent)),
        received=tuple(_invitation(10_001 + number, Direction.RECEIVED) for number in range(received)),
        connections=tuple(_connection(20_001 + number) for number in range(connections)),
    )


def small_case() -> ServiceCase:
    """Some of everything, and many who share a display name."""
    return _case(25, 7, 13)


def large_case() -> ServiceCase:
    """More than most services put on a page."""
    return _case(230, 120, 205)


def empty_case() -> ServiceCase:
    """Nothing at all."""
    return _case(0, 0, 0)

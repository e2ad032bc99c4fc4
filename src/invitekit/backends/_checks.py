"""What is checked before anything is asked: a mistake must not become a request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from invitekit._drive import SystemClock
from invitekit.errors import CapabilityError, DataError
from invitekit.model import Capability, Direction, Invitation, ListKind, Member
from invitekit.model._invitation import DERIVED_ID
from invitekit.ports import Clock

__all__ = ["Able", "clock_of", "list_kind", "list_kinds", "member_of", "require", "withdrawable"]


class Able(Protocol):
    """What can say what it is called and what it can do."""

    source: str

    @property
    def capabilities(self) -> frozenset[Capability]: ...


def require(backend: Able, capability: Capability) -> None:
    """Refuse what a backend cannot do.

    Raises:
        CapabilityError: It cannot.
    """
    if capability not in backend.capabilities:
        can = ", ".join(sorted(backend.capabilities)) or "nothing"
        raise CapabilityError(
            f"{backend.source} cannot {capability.value.replace('-', ' ')}",
            hint=f"What it can do: {can}",
            capability=capability.value,
        )


def withdrawable(invitation: object) -> Invitation:
    """Refuse what no service could withdraw.

    Raises:
        DataError: It is no invitation, or was received, or has an id that no service knows.
    """
    if not isinstance(invitation, Invitation):
        decided = hasattr(invitation, "invitation")
        raise DataError(
            f"only an Invitation can be withdrawn, not {type(invitation).__name__}",
            hint="Pass its .invitation" if decided else "Take one from backend.sent()",
            key="withdraw",
        )
    if invitation.direction is not Direction.SENT:
        raise DataError(
            "an invitation that was received cannot be withdrawn",
            hint="Whoever sent it can; the account can accept or ignore it",
            key="withdraw",
        )
    if not invitation.is_open:
        raise DataError(
            f"the invitation {invitation.id} is {invitation.status}, and no longer pending",
            hint="Withdraw what backend.sent() lists",
            key="withdraw",
        )
    if invitation.id.startswith(DERIVED_ID):
        raise DataError(
            f"the invitation {invitation.id} comes from a source without ids, so no service knows it",
            hint="Find the member among backend.sent(), and withdraw what is listed there",
            key="withdraw",
        )
    return invitation


def list_kind(of: ListKind | str) -> ListKind:
    """Give the list that a name means.

    Raises:
        DataError: It means none.
    """
    try:
        return ListKind(of)
    except ValueError:
        known = ", ".join(repr(kind.value) for kind in ListKind)
        raise DataError(f"there is no list {of!r:.60}", hint=f"There are: {known}", key="list") from None


def list_kinds(backend: Able, lists: Iterable[ListKind | str] | None) -> list[ListKind]:
    """Give the lists that were asked for, or all that a backend has.

    Raises:
        DataError: One of them is none.
        CapabilityError: The backend has not got one of them.
    """
    if lists is None:
        return [kind for kind in ListKind if kind.capability in backend.capabilities]
    wanted = [list_kind(of) for of in ([lists] if isinstance(lists, str) else lists)]
    for kind in wanted:
        require(backend, kind.capability)
    return wanted


def member_of(member: Any) -> Member:
    """Give the member that a slug, an address, a URN or an invitation means.

    Raises:
        DataError: It means nobody.
    """
    return Member.of(getattr(member, "member", member))


def clock_of(clock: Clock | None) -> Clock:
    """Give a clock, the system's where there is none.

    Raises:
        DataError: It is no clock.
    """
    if clock is None:
        return SystemClock()
    if isinstance(clock, Clock):
        return clock
    raise DataError(
        f"{type(clock).__name__} is no clock",
        hint="A clock has now(), pause() and apause(); invitekit.testing.FakeClock is one",
        key="clock",
    )

"""What the tests of history are told in: days of one spring, a few people, what sources say of them, and a ledger.

A story is written in days after the first of March 2026; what happens, happens at noon unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs

import invitekit as ik
from invitekit.history import Timeline
from invitekit.model import Evidence, Interval, Unknown

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OWNER = ik.Member(name="Owner Example", slug="owner-example-77")
DAY = timedelta(days=1)


def day(number: float) -> datetime:
    """Noon of the day that is so many days after the first of March."""
    return START + number * DAY


def ada(**more: str) -> ik.Member:
    """Somebody by her slug, and whatever else is given."""
    return ik.Member(**{"slug": "ada-example-77", **more})


def bo(**more: str) -> ik.Member:
    """Somebody else, likewise."""
    return ik.Member(**{"slug": "bo-example-12", **more})


def people(count: int, start: int = 0) -> list[ik.Member]:
    """So many others, by their slugs."""
    return [ik.Member(slug=f"someone-example-{number}") for number in range(start, start + count)]


def sent(
    member: ik.Member,
    number: float = 0,
    *,
    id: str | None = None,  # noqa: A002  as the field is called
    at: ik.SentAt | None = None,
    **fields: Any,
) -> ik.Invitation:
    """An invitation sent on a day, as a service lists it; its id tells member and day unless another is given."""
    values: dict[str, Any] = {
        "id": f"in-{member.key}-{number}" if id is None else id,
        "member": member,
        "direction": ik.Direction.SENT,
        "sent_at": ik.SentAt.at(day(number)) if at is None else at,
        "status": ik.Status.PENDING,
        "evidence": Evidence.LISTED,
        "as_of": START,
    }
    return ik.Invitation(**{**values, **fields})


def listing(
    number: float,
    *invitations: ik.Invitation,
    connections: Iterable[ik.Connection] = (),
    source: str = "service",
    completeness: ik.Completeness = ik.Completeness.COMPLETE,
    account: ik.Member = OWNER,
) -> ik.Snapshot:
    """What a service lists on a day: pending invitations, read to the end unless it says otherwise."""
    return ik.Snapshot(
        account=account,
        taken_at=day(number),
        source=source,
        invitations=[attrs.evolve(one, as_of=day(number)) if one.is_open else one for one in invitations],
        connections=connections,
        completeness=completeness,
    )


def connected(member: ik.Member, number: float, *, exact: bool = False, **fields: Any) -> ik.Connection:
    """A connection made on a day, at noon sharp if `exact`, else at some time of that day."""
    moment = day(number)
    when = Interval.at(moment) if exact else Interval.day(moment.date())
    return ik.Connection(member=member, connected_at=when, **fields)


def logged(member: ik.Member, number: float, **fields: Any) -> ik.Invitation:
    """An invitation as an export has it before it looks for a connection: to the minute, with a key for an id."""
    values: dict[str, Any] = {
        "id": f"x-{member.name if member.key is ik.UNKNOWN else member.key}-{number}",
        "at": ik.SentAt.minute(day(number)),
        "note": "",
        "status": ik.Status.PRESUMED_PENDING,
        "evidence": Evidence.NOT_CONNECTED,
    }
    return sent(member, number, **{**values, **fields})


def export(
    number: float,
    *invitations: ik.Invitation,
    connections: Sequence[ik.Connection] = (),
    account: ik.Member = OWNER,
) -> ik.Snapshot:
    """What an export of a day says: whoever is a connection has accepted, the rest is presumed pending."""

    def judged(one: ik.Invitation) -> ik.Invitation:
        for connection in connections:
            if connection.member.identifiers.items() & one.member.identifiers.items() and one.is_open:
                return attrs.evolve(
                    one,
                    status=ik.Status.ACCEPTED,
                    evidence=Evidence.CONNECTED,
                    as_of=day(number),
                    known_at=connection.connected_at,
                    company=connection.company,
                    title=connection.position,
                )
        return attrs.evolve(one, as_of=day(number), known_at=Interval.at(day(number))) if one.is_open else one

    return ik.Snapshot(
        account=account,
        taken_at=day(number),
        source="export",
        invitations=[judged(one) for one in invitations],
        connections=connections,
        completeness=ik.Completeness.LOG,
    )


def outcome(
    invitation: ik.Invitation | str,
    result: ik.Result = ik.Result.WITHDRAWN,
    *,
    at: datetime | Unknown = ik.UNKNOWN,
    why: str = "",
    member: ik.Member | None = None,
) -> ik.Outcome:
    """What came of one line of a worklist."""
    if isinstance(invitation, str):
        return ik.Outcome(invitation_id=invitation, member=member or ik.Member(), result=result, why=why, at=at)
    return ik.Outcome(
        invitation_id=invitation.id, member=member or invitation.member, result=result, why=why, at=at
    )


class Clock:
    """A clock that stands until it is set."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def new_ledger(*snapshots: ik.Snapshot, clock: Callable[[], datetime] | None = None) -> ik.SqliteLedger:
    """A ledger in memory that has recorded these; its clock stands at the hundredth day if no other is given."""
    ledger = ik.SqliteLedger(":memory:", clock=clock or Clock(day(100)))
    for snapshot in snapshots:
        ledger.record(snapshot)
    return ledger


def only(ledger: ik.SqliteLedger, who: ik.Member | str | None = None, **asked: Any) -> Timeline:
    """The one story there is, or the one about somebody."""
    (timeline,) = ledger.history(who, **asked)
    return timeline


def span(interval: Interval) -> tuple[float, float]:
    """An interval in days, as `day` counts them."""
    return (interval.earliest - START) / DAY, (interval.latest - START) / DAY

"""What a history answers when it is asked about now, or about a moment in the past."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import attrs

from invitekit.history._case import Case
from invitekit.history._entry import as_interval, instant, micros
from invitekit.history._reading import LEDGER
from invitekit.history._state import Account
from invitekit.history._timeline import invitation_of
from invitekit.model import (
    COOL_DOWN,
    UNKNOWN,
    Cause,
    Completeness,
    Connection,
    Connections,
    Direction,
    Evidence,
    Invitations,
    Member,
    Outcome,
    Outcomes,
    Result,
    Snapshot,
    Status,
    Truth,
    Unknown,
)

__all__ = ["MayInvite", "Sends", "may_invite", "sends", "snapshot_of", "withdrawals"]


def snapshot_of(account: Account) -> Snapshot:
    """Give all that is known of an account as one snapshot, as complete as its newest look.

    Whoever was forgotten is not in it.
    """
    newest = account.looks[-1] if account.looks else None
    completeness = Completeness.UNKNOWN if newest is None else newest.completeness
    why = ""
    if newest is not None and newest.doubt:
        completeness, why = Completeness.UNKNOWN, f"the listing is {newest.doubt}"
    elif completeness in (Completeness.PARTIAL, Completeness.UNKNOWN):
        why = "the newest look was not a complete listing"
    return Snapshot(
        account=account.owner,
        taken_at=instant(newest.at if newest is not None else 0),
        source=LEDGER,
        invitations=Invitations(invitation_of(account, case) for case in account.invitations if case.ids),
        connections=Connections(
            Connection(
                member=person.member,
                connected_at=as_interval(person.connected),
                company=person.company,
                position=person.title,
            )
            for person in account.people
            if person.connected is not None and person.member.identifiers
        ),
        completeness=completeness,
        why_incomplete=why,
    )


def withdrawals(account: Account) -> Outcomes:
    """Every withdrawal that is known, each at the latest moment it can have happened."""
    return Outcomes(
        Outcome(
            invitation_id=case.id,
            member=case.person.member,
            result=Result.WITHDRAWN,
            at=instant(case.known[1]),
        )
        for case in account.invitations
        if _was_withdrawn(case) and case.ids
    )


@attrs.frozen(weakref_slot=False, kw_only=True)
class MayInvite:
    """Whether somebody can be invited at a moment, as far as the ledger knows.

    Args:
        answer: True, false, or unknown.
        why: A short code: ``connected``, ``pending``, ``cool-down``, ``perhaps-cool-down``, ``perhaps-withdrawn``,
            ``perhaps-pending``, ``free``.
        not_before: From when on it is surely possible; UTC, `UNKNOWN` where nobody can say.
    """

    answer: Truth
    why: str
    not_before: datetime | Unknown = UNKNOWN

    def __bool__(self) -> bool:
        """Whether the answer is a sure yes."""
        return self.answer is Truth.TRUE

    def __str__(self) -> str:
        text = _ANSWERS[self.why]
        when = "" if self.not_before is UNKNOWN else f" until {self.not_before:%Y-%m-%d %H:%M}Z"
        return text.format(when=when)

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "answer", self.answer.value
        yield "why", str(self)


_ANSWERS: Final = {
    "connected": "no: they are a connection",
    "pending": "no: an invitation to them is pending",
    "perhaps-pending": "perhaps: an invitation to them is presumed pending",
    "cool-down": "no: an invitation to them was withdrawn, and LinkedIn holds back another for up to three weeks"
    "{when}",
    "perhaps-cool-down": "perhaps: when an invitation to them was withdrawn is known only roughly{when}",
    "perhaps-withdrawn": "perhaps: an invitation to them left the list, and may have been withdrawn by hand{when}",
    "free": "yes, as far as this ledger knows",
}


def _was_withdrawn(case: Case) -> bool:
    """Whether the account withdrew it, by whatever means."""
    return case.direction is Direction.SENT and (
        case.status is Status.WITHDRAWN or case.cause is Cause.WITHDRAWN_ELSEWHERE
    )


def _may_have_been_withdrawn(case: Case) -> bool:
    """Whether it left the list, and nobody can say that it was not by the owner's own hand."""
    return case.status is Status.GONE and case.cause is UNKNOWN and case.evidence is not Evidence.SUPERSEDED


def _after(withdrawn: int) -> datetime:
    """When the cool-down after a withdrawal is over; the calendar ends somewhere."""
    return min(instant(withdrawn), datetime.max.replace(tzinfo=UTC) - COOL_DOWN) + COOL_DOWN


def may_invite(account: Account, member: Member, now: datetime) -> MayInvite:
    """Say whether somebody can be invited again at a moment."""
    at = micros(now)
    people = account.people.who_may_be(member)
    if any(person.connected is not None for person in people):
        return MayInvite(answer=Truth.FALSE, why="connected")
    cases = [case for person in people for case in person.cases if case.direction is Direction.SENT]
    if any(case.status is Status.ACCEPTED for case in cases):
        return MayInvite(answer=Truth.FALSE, why="connected")
    if any(case.status is Status.PENDING for case in cases):
        return MayInvite(answer=Truth.FALSE, why="pending")
    if withdrawn := [case.known for case in cases if _was_withdrawn(case)]:
        free = _after(max(latest for _, latest in withdrawn))
        if micros(free) > at:
            sure = _after(max(earliest for earliest, _ in withdrawn)) > now
            why = "cool-down" if sure else "perhaps-cool-down"
            return MayInvite(answer=Truth.FALSE if sure else Truth.UNKNOWN, why=why, not_before=free)
    if vanished := [case.known[1] for case in cases if _may_have_been_withdrawn(case)]:
        free = _after(max(vanished))
        if free > now:
            return MayInvite(answer=Truth.UNKNOWN, why="perhaps-withdrawn", not_before=free)
    if any(case.status is Status.PRESUMED_PENDING for case in cases):
        return MayInvite(answer=Truth.UNKNOWN, why="perhaps-pending")
    return MayInvite(answer=Truth.TRUE, why="free")


@attrs.frozen(weakref_slot=False, kw_only=True)
class Sends:
    """How many invitations were sent in a stretch of time, as far as the ledger knows.

    What was sent and answered between two looks no listing shows, so the numbers are what is known, not a limit
    above. Exports do show it.

    Args:
        since: From when on, UTC; included.
        until: Until when, UTC; not included.
        sure: Surely sent in it.
        possible: Those, and the ones whose time of sending is known only roughly and may lie in it.
        refused: How often the service refused to send in it.
    """

    since: datetime
    until: datetime
    sure: int
    possible: int
    refused: int = 0


def sends(account: Account, since: datetime, until: datetime) -> Sends:
    """Count what was sent from `since` until `until`."""
    start, end = micros(since), micros(until)
    sure = possible = 0
    for case in account.invitations:
        if case.direction is Direction.SENT:
            sure += start <= case.sent[0] and case.sent[1] < end
            possible += start <= case.sent[1] and case.sent[0] < end
    refused = sum(start <= one.at < end for one in account.refusals)
    return Sends(since=since, until=until, sure=sure, possible=possible, refused=refused)

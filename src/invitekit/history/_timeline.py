"""The story of one invitation, and of all of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection as Container
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final

import attrs

from invitekit.history._case import Case
from invitekit.history._entry import Kind, as_interval, instant, micros
from invitekit.history._state import Account
from invitekit.model import (
    EXPIRY,
    Collection,
    Direction,
    Evidence,
    Interval,
    Invitation,
    Member,
    SentAt,
    Status,
)
from invitekit.model._invitation import DERIVED_ID

__all__ = ["Event", "History", "Observation", "Timeline", "invitation_of", "timelines"]


@attrs.frozen(weakref_slot=False)
class Event:
    """One thing that happened to an invitation.

    Args:
        kind: What happened.
        happened: Between when and when, UTC.
        known_at: When this became known: the moment of the snapshot that shows it, UTC.
        evidence: What it rests on, in one word; empty where nothing was concluded.
    """

    kind: Kind
    happened: Interval
    known_at: datetime
    evidence: str = ""

    def __str__(self) -> str:
        why = f" ({self.evidence})" if self.evidence else ""
        return f"{self.known_at:%Y-%m-%d} {self.kind}: {self.happened}{why}"


@attrs.frozen(weakref_slot=False, kw_only=True)
class Observation:
    """What a timeline says in the terms of survival analysis; all times are ages, counted from the sending.

    Known pending just after `entry`; the event, if there was one, happened in ``(left, right]``.

    Args:
        entry: The age at which it came under observation; None where it was followed from the sending on.
        left: The last age at which it was surely pending.
        right: The first age at which it surely was not; None where it was not seen to end (censored at `left`).
        causes: What the event may have been: ``accept``, ``closed``, or both; empty where there was none.
    """

    entry: timedelta | None
    left: timedelta
    right: timedelta | None
    causes: frozenset[str]

    @property
    def is_censored(self) -> bool:
        """Whether no end of it was seen."""
        return self.right is None


@attrs.frozen(weakref_slot=False, kw_only=True, repr=False)
class Timeline:
    """One invitation, as it went.

    Args:
        invitation: What is known of it at the end.
        events: What happened, in the order it was recorded.
        first_seen: The earliest snapshot that shows it; UTC.
        last_seen: The newest one that shows it open; UTC. The same as `first_seen` where it was closed before.
        since: From when on it was under observation, UTC; None where it was followed from its sending on: where an
            export reaches back to its sending, since that shows what was accepted as well, whoever saw it first.
            An export reaches back no further than `EXPIRY`; a listing shows only what was still pending when it
            was first looked at.
        compared: Whether connections were read after it had left the list, so that it is known not to be accepted.
        unresolved: Whether the newest complete listing lacks it, and nothing confirms that it is gone.
        forgotten: Whether all that was personal about it was erased.
    """

    invitation: Invitation
    events: tuple[Event, ...]
    first_seen: datetime
    last_seen: datetime
    since: datetime | None
    compared: bool = True
    unresolved: bool = False
    forgotten: bool = False

    @property
    def member(self) -> Member:
        """The other side."""
        return self.invitation.member

    @property
    def status(self) -> Status:
        """What became of it."""
        return self.invitation.status

    @property
    def followed(self) -> bool:
        """Whether it was followed from its sending on."""
        return self.since is None

    def observation(self) -> Observation:
        """Give it as one row for an estimator of acceptance.

        Accepted and gone are events; withdrawing it censors it, and so does the time until which it was followed.
        An invitation that vanished while it reached the age of `EXPIRY` is censored there. Ages are as wide as the
        times are: from the latest moment of sending to the earliest of the event, and the reverse.
        """
        sent = self.invitation.sent_at
        entry = None if self.since is None else max(self.since - sent.latest, timedelta(0))
        known, status = self.invitation.known_at, self.status
        if status in (Status.ACCEPTED, Status.GONE):
            left, right = known.earliest - sent.latest, known.latest - sent.earliest
            if status is Status.ACCEPTED:
                return Observation(entry=entry, left=left, right=right, causes=frozenset({"accept"}))
            if left < EXPIRY <= right:
                return Observation(entry=entry, left=EXPIRY, right=None, causes=frozenset())
            # Who saw no more than that it was no longer there did not see whether they had become a connection.
            both = self.invitation.evidence in (Evidence.NOT_LISTED, Evidence.REPORTED) and not self.compared
            causes = frozenset({"accept", "closed"} if both else {"closed"})
            return Observation(entry=entry, left=left, right=right, causes=causes)
        # Where a source could not exclude that it had been accepted, it was not surely pending then.
        blind = self.invitation.evidence.leaves_acceptance_open
        left = timedelta(0) if blind else max(known.earliest - sent.latest, timedelta(0))
        return Observation(entry=entry, left=left, right=None, causes=frozenset())

    def to_record(self) -> dict[str, Any]:
        """Give it as a flat record; what is unknown becomes None, ages are days."""
        row = self.observation()
        day = timedelta(days=1)
        return {
            **self.invitation.to_record(),
            "first_seen": self.first_seen,
            "last_seen": self.last_seen,
            "unresolved": self.unresolved,
            "entry_days": None if row.entry is None else row.entry / day,
            "left_days": row.left / day,
            "right_days": None if row.right is None else row.right / day,
            "causes": ",".join(sorted(row.causes)),
        }

    # For a table of timelines.
    @property
    def name(self) -> str:
        """Who it is about, for people."""
        return "(forgotten)" if self.forgotten else str(self.member)

    @property
    def sent_at(self) -> SentAt:
        """When it was sent."""
        return self.invitation.sent_at

    @property
    def known_at(self) -> Interval:
        """When its status came about."""
        return self.invitation.known_at

    def __repr__(self) -> str:
        lines = [f"{self.name}: {self.invitation.direction} {self.sent_at}, {self.status}"]
        lines += [f"  {event}" for event in self.events]
        if self.unresolved:
            lines.append("  the newest complete listing lacks it; another one would settle it")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from invitekit._text import html_table

        rows = [
            (f"{event.known_at:%Y-%m-%d %H:%M}Z", event.kind.value, str(event.happened), event.evidence)
            for event in self.events
        ]
        return html_table(("known at", "event", "happened", "evidence"), rows, title=repr(self).partition("\n")[0])

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "name", self.name
        yield "status", self.status.value
        yield "events", len(self.events)


class History(Collection[Timeline]):
    """Timelines, in the order in which the invitations became known."""

    __slots__ = ()

    _noun = "timelines"
    _shown = ("name", "sent_at", "status", "known_at", "unresolved")
    _aliases: ClassVar[Mapping[str, str]] = {
        **{field: f"invitation.{field}" for field in ("id", "direction", "evidence", "cause")},
        **{field: f"invitation.member.{field}" for field in ("slug", "urn", "provider_id")},
    }


_NEVER: Final = micros(datetime.min.replace(tzinfo=UTC)) - 1
"""Before anything."""


def invitation_of(account: Account, case: Case) -> Invitation:
    """Give what is known of an invitation as a value."""
    person = case.person
    # That it is pending, a listing says; an export that shows it afterwards does not.
    look = account.last_seen(case, listed=case.status is Status.PENDING) if case.is_open else None
    as_of = case.closed_at or (look.at if look is not None else case.first_at)
    return Invitation(
        id=case.id or f"{DERIVED_ID}forgotten-{case.key}",
        member=person.member,
        direction=case.direction,
        sent_at=SentAt(instant(case.sent[0]), instant(case.sent[1])),
        note=case.note,
        status=case.status,
        evidence=case.evidence,
        as_of=instant(as_of),
        known_at=Interval.at(instant(as_of)) if case.is_open else as_interval(case.known),
        cause=case.cause,
        mutual_connections=case.mutual,
        company=person.company,
        title=person.title,
    )


_REACH: Final = EXPIRY // timedelta(microseconds=1)
"""How far back an export reaches, in µs."""

_EXPIRY_EARLIEST: Final = datetime.min.replace(tzinfo=UTC) + EXPIRY
"""The earliest moment of which a moment that much before exists."""


def timelines(account: Account, people: Container[int] | None = None) -> Iterator[Timeline]:
    """Give every invitation of an account as its story, or those from and to some people."""
    newest = next((look for look in reversed(account.looks) if look.settles), None)
    read = {kind: look.at for look in account.looks for kind in look.connections}
    logs = sorted(look.at for look in account.looks if look.is_log and look.connections)
    cases = (
        account.invitations
        if people is None
        else (case for key in people for case in account.people.at(key).cases)
    )
    for case in cases:
        look = account.last_seen(case)
        first = instant(case.first_at)
        since = max(first, _EXPIRY_EARLIEST) - EXPIRY if case.first_in_log else first
        later = bisect_left(logs, case.sent[1])
        reached = later < len(logs) and logs[later] - _REACH <= case.sent[0]
        listed = account.last_seen(case, listed=True) if newest is not None else None
        yield Timeline(
            invitation=invitation_of(account, case),
            events=tuple(
                Event(
                    one.kind,
                    as_interval(one.span) if one.span is not None else Interval.at(instant(one.at)),
                    instant(one.at),
                    one.evidence,
                )
                for one in case.story
            ),
            first_seen=first,
            last_seen=first if look is None else instant(look.at),
            since=None if reached or (case.first_in_log and since <= instant(case.sent[0])) else since,
            compared=any(read.get(kind, _NEVER) >= case.known[1] for kind in case.person.member.identifiers),
            unresolved=newest is not None
            and case.is_open
            and not case.forgotten_at
            and case.direction is Direction.SENT
            and newest.lacks(case)
            and (listed is None or listed.at <= newest.at),
            forgotten=not case.ids,
        )

"""Accounts that send, are accepted and declined, and withdraw: in a ledger, or as the export of the end."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from math import ceil

import attrs

import invitekit as ik
from invitekit import rules as r
from invitekit.history import Event, History, Kind, Timeline
from invitekit.model import Evidence, Interval

DAY = timedelta(days=1)
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OWNER = ik.Member(name="Owner Example", slug="owner-example-77")


def at(day: float) -> datetime:
    """Noon of the day that is so many days after the first of March 2026."""
    return START + day * DAY


def age_rule(days: int, name: str = "", **more: object) -> ik.Policy:
    """Withdraw after so many days; no limit that matters, unless one is given."""
    values = {"limits": ik.Limits(per_run=100_000), "min_age": timedelta(days=1), **more}
    return ik.Policy(name=name or f"after {days}", withdraw=r.older_than(days=days), **values)  # type: ignore[arg-type]


@attrs.define
class Sent:
    """One invitation as it really goes, if left alone; all times are days since the start."""

    number: int
    sent: float
    accepted: float | None = None
    declined: float | None = None
    withdrawn: float | None = None
    cold: bool = False

    @property
    def member(self) -> ik.Member:
        """The other side."""
        return ik.Member(name=f"Sam Example {self.number}", slug=f"sam-example-{self.number}")

    @property
    def ends(self) -> float:
        """When it is no longer pending."""
        ends = [one for one in (self.accepted, self.declined, self.withdrawn) if one is not None]
        return min(ends, default=float("inf"))

    @property
    def was_accepted(self) -> bool:
        """Whether it was accepted before anything else happened."""
        return self.accepted is not None and self.accepted == self.ends


def people(seed: int, count: int, days: float, *, rate: float = 0.4, declines: float = 0.1) -> list[Sent]:
    """Invitations sent over some days, some of them late to be accepted, some declined."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        one = Sent(number, sent=round(chance.random() * days, 3), cold=chance.random() < 0.5)
        drawn = chance.random()
        if drawn < rate:
            one.accepted = one.sent + round(0.01 + chance.lognormvariate(1.2, 1.4), 3)
        elif drawn < rate + declines:
            one.declined = one.sent + round(0.01 + chance.lognormvariate(1.5, 1.0), 3)
        found.append(one)
    return sorted(found, key=lambda one: one.sent)


def listing(world: Iterable[Sent], day: float) -> ik.Snapshot:
    """What a service lists at a moment: all that is pending, and every connection with its day."""
    world = list(world)
    return ik.Snapshot(
        account=OWNER,
        taken_at=at(day),
        source="service",
        invitations=[
            ik.Invitation(
                id=f"in-{one.number}",
                member=one.member,
                direction=ik.Direction.SENT,
                sent_at=ik.SentAt.at(at(one.sent)),
                status=ik.Status.PENDING,
                evidence=Evidence.LISTED,
                as_of=at(day),
            )
            for one in world
            if one.sent <= day < one.ends
        ],
        connections=[
            ik.Connection(member=one.member, connected_at=Interval.day(at(one.ends).date()))
            for one in world
            if one.was_accepted and one.ends <= day
        ],
        completeness=ik.Completeness.COMPLETE,
    )


def export(world: Iterable[Sent], day: float) -> ik.Snapshot:
    """The export of a moment: what was sent and not withdrawn, accepted or not."""
    rows = []
    for one in world:
        if one.sent > day or (one.withdrawn is not None and one.withdrawn == one.ends <= day):
            continue
        accepted = one.was_accepted and one.ends <= day
        known = Interval.day(at(one.ends).date()) if accepted else Interval.at(at(day))
        rows.append(
            ik.Invitation(
                id=f"x-{one.number}",
                member=one.member,
                direction=ik.Direction.SENT,
                sent_at=ik.SentAt.minute(at(one.sent)),
                note="",
                status=ik.Status.ACCEPTED if accepted else ik.Status.PRESUMED_PENDING,
                evidence=Evidence.CONNECTED if accepted else Evidence.NOT_CONNECTED,
                as_of=at(day),
                known_at=known,
                company="Example Works" if accepted else ik.UNKNOWN,
            )
        )
    return ik.Snapshot(
        account=OWNER, taken_at=at(day), source="export", invitations=rows, completeness=ik.Completeness.LOG
    )


STAYERS = tuple(Sent(9_000 + number, sent=-1.0 - number) for number in range(3))
"""Invitations that are never answered, to people who are marked to be kept."""

STAYING = ik.Context(kept=[one.member for one in STAYERS])


def lived(
    world: list[Sent],
    days: int,
    withdraw: Callable[[ik.SqliteLedger, ik.Snapshot, int], Iterable[str]] = lambda *_: (),
    *,
    minutes: float = 7,
) -> ik.SqliteLedger:
    """A ledger that looked every noon, and in which what `withdraw` names was withdrawn some minutes later."""
    today = 0.0
    ledger = ik.SqliteLedger(":memory:", clock=lambda: at(today))
    world.extend(STAYERS)  # Or now and then a listing would be empty, and so not believed.
    ledger.record(listing(world, 0))
    for one in STAYERS:
        ledger.keep(one.member)
    by_id = {f"in-{one.number}": one for one in world}
    for day in range(days + 1):
        today = day
        snapshot = listing(world, day)
        ledger.record(snapshot)
        done = []
        for number, name in enumerate(withdraw(ledger, snapshot, day), start=1):
            when = day + number * minutes / (24 * 60)
            one = by_id[name]
            if one.ends > when:
                one.withdrawn = when
                done.append(
                    ik.Outcome(invitation_id=name, member=one.member, result=ik.Result.WITHDRAWN, at=at(when))
                )
        if done:
            ledger.record(done, at=max(one.at for one in done if one.at is not ik.UNKNOWN))
    return ledger


def by_policy(policy: ik.Policy) -> Callable[[ik.SqliteLedger, ik.Snapshot, int], list[str]]:
    """Carry out what a policy plans from each listing, with what the ledger remembers."""

    def withdraw(ledger: ik.SqliteLedger, snapshot: ik.Snapshot, _day: int) -> list[str]:
        plan = policy.plan(snapshot, context=ledger.context(at=snapshot.taken_at), allow_everything=True)
        return [decision.invitation.id for decision in plan.withdrawals]

    return withdraw


def story(one: Sent, until: float) -> Timeline:
    """Its timeline, watched from the sending on and looked at every noon, as it is known at noon of a day."""
    over = one.ends <= until
    if one.withdrawn is not None and one.withdrawn == one.ends:
        status, evidence = ik.Status.WITHDRAWN, Evidence.REPORTED
    elif one.was_accepted:
        status, evidence = ik.Status.ACCEPTED, Evidence.CONNECTED
    else:
        status, evidence = ik.Status.GONE, Evidence.NOT_LISTED
    kinds = {
        ik.Status.WITHDRAWN: Kind.WITHDRAWN,
        ik.Status.ACCEPTED: Kind.ACCEPTED,
        ik.Status.GONE: Kind.GONE,
    }
    when = Interval.at(at(one.ends if over else until))
    noticed = (
        when.latest if status is ik.Status.WITHDRAWN else at(min(ceil(one.ends), until)) if over else at(until)
    )
    events = [Event(Kind.SENT, Interval.at(at(one.sent)), at(ceil(one.sent)), "listed")]
    if over:
        events.append(Event(kinds[status], when, noticed, evidence.value))
    return Timeline(
        invitation=ik.Invitation(
            id=f"in-{one.number}",
            member=one.member,
            direction=ik.Direction.SENT,
            sent_at=ik.SentAt.at(at(one.sent)),
            status=status if over else ik.Status.PENDING,
            evidence=evidence if over else Evidence.LISTED,
            as_of=noticed,
            known_at=when,
            company="Example Works" if over and status is ik.Status.ACCEPTED else ik.UNKNOWN,
        ),
        events=tuple(events),
        first_seen=at(ceil(one.sent)),
        last_seen=at(max(ceil(one.sent), ceil(one.ends) - 1) if over else until),
        since=None,
    )


def history(world: Iterable[Sent], until: float) -> History:
    """The timelines of all that was sent by noon of a day."""
    return History(story(one, until) for one in world if one.sent <= until)

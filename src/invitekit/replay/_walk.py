"""Day by day under a policy that knows no more than was known by then."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import attrs

from invitekit.model import (
    Completeness,
    Invitation,
    Invitations,
    Member,
    People,
    Snapshot,
    Truth,
)
from invitekit.policy import Context, Policy, Verdict
from invitekit.policy._context import Context as _Context
from invitekit.replay._tracks import Log, Track
from invitekit.rules._own import Own
from invitekit.rules._people import WithdrawnBefore

__all__ = ["Calendar", "StatsOf", "Walk", "calendar_of", "walk"]

_WEEK: Final = timedelta(days=7)

StatsOf = Callable[[Log, Sequence[tuple[Track, datetime | None]], datetime], Any]
"""Learns statistics from what is known at a moment: the tracks that are known, each with when it was withdrawn."""

_LEARNED: Final = frozenset({"chance_below", "not_worth_waiting"})
"""The rules that ask the statistics in the context."""


@attrs.frozen
class Calendar:
    """What happens to the view on which day, whatever a policy does; the same for all policies.

    Args:
        moments: The moment of each day.
        appears: For each day, the invitations that are shown from then on, or shown differently, by their place.
        vanishes: For each day, the places of those that are no longer shown.
        first: For each track, the first day on which it is shown; None where it never is.
        last: For each track, the day from which on it is not shown any more; the number of days where it stays.
        ghost: For each track, the first day after the account withdrew it; the number of days where it did not.
    """

    moments: tuple[datetime, ...]
    appears: tuple[tuple[tuple[int, Invitation], ...], ...]
    vanishes: tuple[tuple[int, ...], ...]
    first: tuple[int | None, ...]
    last: tuple[int, ...]
    ghost: tuple[int, ...]


def calendar_of(log: Log, moments: tuple[datetime, ...]) -> Calendar:
    """Work out on which day each invitation is shown.

    What the account withdrew before the first day is withdrawn for every policy. What it withdrew later is shown
    on, until the policy withdraws it or it is taken for expired.
    """
    days = len(moments)
    appears: list[list[tuple[int, Invitation]]] = [[] for _ in moments]
    vanishes: list[list[int]] = [[] for _ in moments]
    firsts: list[int | None] = []
    lasts: list[int] = []
    ghosts: list[int] = []
    for place, track in enumerate(log.tracks):
        ends = [at for at in (track.closes, track.drops) if at is not None]
        last = min((bisect_left(moments, at) for at in ends), default=days)
        ghost = days if track.withdrawn is None else bisect_right(moments, track.withdrawn)
        first: int | None = None
        gone_before = track.withdrawn is not None and track.withdrawn < moments[0]
        for at, item in () if gone_before else track.versions:
            day = bisect_left(moments, at)
            if day < last:
                appears[day].append((place, item))
                first = day if first is None else min(first, day)
        if first is not None and last < days:
            vanishes[last].append(place)
        firsts.append(first)
        lasts.append(last)
        ghosts.append(ghost)
    return Calendar(
        moments=moments,
        appears=tuple(map(tuple, appears)),
        vanishes=tuple(map(tuple, vanishes)),
        first=tuple(firsts),
        last=tuple(lasts),
        ghost=tuple(ghosts),
    )


@attrs.frozen
class Walk:
    """What a policy did.

    Args:
        withdrawn: The places of what it withdrew, each with the day, in order.
        limited: On how many days a limit deferred something.
        blocked: On how many days its plan would have needed somebody's word before it could be applied.
        held_out: The places of what it left alone because of its holdout.
        fitted: How often statistics were learned anew.
        never_known: The rules that were unknown of every invitation on every day.
        undecided: How often an invitation could not be decided about on a day.
        judged: How often an invitation was looked at on a day.
    """

    withdrawn: tuple[tuple[int, int], ...]
    limited: int
    blocked: int
    held_out: frozenset[int]
    fitted: int
    never_known: tuple[str, ...]
    undecided: int
    judged: int


def walk(
    policy: Policy,
    log: Log,
    calendar: Calendar,
    context: Context,
    *,
    refit_days: int | None,
    stats_of: StatsOf,
) -> Walk:
    """Let a policy decide on every day, and carry out what it decides."""
    world = _World(policy, log, calendar, context)
    learns = refit_days is not None and _asks_statistics(policy)
    limited = blocked = fitted = undecided = judged = 0
    held: set[int] = set()
    stats: Any = None
    blind: frozenset[str] | None = None
    for day, moment in enumerate(calendar.moments):
        world.open.update(calendar.appears[day])
        for place in calendar.vanishes[day]:
            world.open.pop(place, None)
        world.open = {place: item for place, item in world.open.items() if place not in world.withdrawn}
        if learns and refit_days is not None and day % refit_days == 0:
            stats = stats_of(log, world.known(moment), moment)
            fitted += 1
        if not world.open:
            continue
        plan = policy.plan(world.snapshot(moment), context=world.context(moment, stats))
        limited += plan.decisions.count(Verdict.DEFER) > 0
        blocked += bool(plan.blockers)
        undecided += plan.decisions.count(Verdict.UNDECIDED)
        judged += len(world.open)
        unknown = frozenset(label for _, label in plan.never_known)
        blind = unknown if blind is None else blind & unknown
        if policy.holdout:
            held.update(world.places[decision.invitation.id] for decision in plan.held_out)
        if plan.decisions.count(Verdict.WITHDRAW):
            world.withdraw([decision.invitation.id for decision in plan.withdrawals], day)
    return Walk(
        withdrawn=tuple((place, day) for place, (day, _) in world.withdrawn.items()),
        limited=limited,
        blocked=blocked,
        held_out=frozenset(held - world.withdrawn.keys()),
        fitted=fitted,
        never_known=tuple(sorted(blind or ())),
        undecided=undecided,
        judged=judged,
    )


def _asks_statistics(policy: Policy) -> bool:
    """Whether it may look at what was learned: by a rule that does, or by code of the user's that may."""
    asked = any(leaf.name in _LEARNED or isinstance(leaf, Own) for _, leaf in policy.roles)
    return asked or policy.rank != "oldest"


class _World:
    """What a policy sees and has done, as the days go by."""

    def __init__(self, policy: Policy, log: Log, calendar: Calendar, context: Context) -> None:
        self.open: dict[int, Invitation] = {}
        self.withdrawn: dict[int, tuple[int, datetime]] = {}
        """The day on which the policy withdrew something, and when that took effect."""
        self.places = {item.id: place for place, track in enumerate(log.tracks) for _, item in track.versions}
        self._log = log
        self._calendar = calendar
        self._context = context.resolve(log.source.connections) if log.source is not None else context
        start = calendar.moments[0]
        self._remembers = callable(policy.rank) or any(
            isinstance(leaf, (WithdrawnBefore, Own)) for _, leaf in policy.roles
        )
        earlier = [track for track in log.tracks if track.withdrawn is not None and track.withdrawn < start]
        self._times = sorted(
            # What the context tells of the days that are replayed did not happen under this policy.
            {at for at in self._context.withdrawn if at < start}
            | {track.withdrawn for track in earlier if track.withdrawn is not None}
        )
        self._before = self._withdrawn_before(earlier)
        self._made: tuple[Any, ...] = ()
        self._last = self._context
        self._account = Member() if log.source is None else log.source.account

    def _withdrawn_before(self, earlier: Sequence[Track]) -> list[Member]:
        """Whose invitation was withdrawn before the first day: those of the log, and whom it does not know."""
        logged = People(
            [one.final.member for one in self._log.tracks if one.withdrawn and one.final.member.identifiers]
        )
        return [
            *(one for one in self._context.withdrawn_before if logged.holds(one) is not Truth.TRUE),
            *(one.final.member for one in earlier if one.final.member.identifiers),
        ]

    def snapshot(self, moment: datetime) -> Snapshot:
        """What a look at a moment shows: all that is open."""
        return Snapshot(
            account=self._account,
            taken_at=moment,
            source="replay",
            invitations=Invitations(self.open.values()),
            completeness=Completeness.LOG if self._log.is_export else Completeness.COMPLETE,
        )

    def context(self, moment: datetime, stats: Any) -> Context:
        """What is known besides: the given context, with the withdrawals of this policy for those of the log."""
        recent = tuple(at for at in self._times if at > moment - _WEEK)
        made = (recent, len(self.withdrawn) if self._remembers else 0, id(stats))
        if made == self._made:
            return self._last
        values = {field.name: getattr(self._context, field.name) for field in attrs.fields(_Context)}
        values["withdrawn"] = recent
        if self._remembers:
            members = (self._log.tracks[place].final.member for place in self.withdrawn)
            values["withdrawn_before"] = People([*self._before, *(one for one in members if one.identifiers)])
        if stats is not None and "stats" in values:
            values["stats"] = stats
        context = Context.__new__(Context)
        context.__attrs_init__(**values)
        self._made, self._last = made, context
        return context

    def withdraw(self, ids: Sequence[str], day: int) -> None:
        """Carry out what was decided on a day.

        Where the log withdrew the same before the next decision, at the time of the log: so the limits count what
        they counted then. Otherwise at once.
        """
        moments = self._calendar.moments
        until = moments[day + 1] if day + 1 < len(moments) else None
        for one in ids:
            place = self.places[one]
            logged = self._log.tracks[place].withdrawn
            took = moments[day]
            if logged is not None and logged >= took and (until is None or logged < until):
                took = logged
            self.withdrawn[place] = day, took
            self._times.append(took)
            del self.open[place]

    def known(self, moment: datetime) -> list[tuple[Track, datetime | None]]:
        """The tracks known at a moment, each with when it was withdrawn: by the policy, else in the log."""
        found: list[tuple[Track, datetime | None]] = []
        for place, track in enumerate(self._log.tracks):
            if track.versions[0][0] <= moment:
                mine = self.withdrawn.get(place)
                logged = track.withdrawn
                real = logged if logged is not None and logged <= moment else None
                found.append((track, real if mine is None else mine[1]))
        return found

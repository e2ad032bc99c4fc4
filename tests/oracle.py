"""What a policy means, worked out the slow and obvious way: one invitation, one rule and one truth at a time.

Shares no code with the package beyond its values: truths are the numbers 0, ½ and 1, *and* is the smaller, *or*
the larger, *not* what is missing to 1. The property tests compare the package with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from invitekit.model import (
    UNKNOWN,
    Completeness,
    Direction,
    Evidence,
    Invitation,
    Member,
    Outcome,
    Snapshot,
    Status,
    Truth,
)
from invitekit.policy import NO_LIMIT, Policy
from invitekit.rules import Rule
from invitekit.rules._rule import All, AnyOf, IfUnknown, Not

NO, PERHAPS, YES = 0.0, 0.5, 1.0
TRUTHS = {NO: Truth.FALSE, PERHAPS: Truth.UNKNOWN, YES: Truth.TRUE}


class World:
    """All that a rule may look at besides the invitation.

    Args:
        now: The moment that is judged at.
        snapshot: What the source said.
        parts: What the context was built from.
    """

    def __init__(self, now: datetime, snapshot: Snapshot, parts: Mapping[str, Any]) -> None:
        self.now = now
        self.items = list(snapshot.invitations)
        given = list(parts.get("withdrawn", ()))
        done = [one for one in given if isinstance(one, Outcome) and one.result.value == "withdrawn"]
        self.withdrawn = [one for one in given if not isinstance(one, Outcome)]
        # Nobody knows when: it may have been this very moment.
        self.withdrawn += [now if one.at is UNKNOWN else one.at for one in done]
        self.withdrawn_before = [one.member for one in done if one.member.identifiers]
        self.stats, self.slot_price = parts.get("stats"), parts.get("slot_price")
        self.tags = {tag: list(map(Member.of, who)) for tag, who in parts.get("tags", {}).items()}
        self.kept = list(map(Member.of, parts.get("kept", ())))
        emails = [one.strip().lower() for one in parts.get("contacts", ()) if isinstance(one, str) and "@" in one]
        self.contacts = [
            Member.of(one) for one in parts.get("contacts", ()) if not (isinstance(one, str) and "@" in one)
        ]
        for connection in snapshot.connections:
            if connection.email is not UNKNOWN and connection.email.lower() in emails:
                self.contacts += [connection.member] if connection.member.identifiers else []


def _between(earliest_says: bool, latest_says: bool) -> float:
    """What holds of an instant, where something holds at one end of its interval and perhaps at the other."""
    return {(True, True): YES, (False, False): NO}.get((earliest_says, latest_says), PERHAPS)


def _same(one: Member, other: Member) -> float:
    """The same person by the strongest identifier that both have; another where none of those agrees."""
    agree = [
        getattr(one, kind) == getattr(other, kind)
        for kind in ("urn", "provider_id", "slug")
        if UNKNOWN not in (getattr(one, kind), getattr(other, kind))
    ]
    if agree[:1] == [True]:
        return YES
    return NO if agree and not any(agree) else PERHAPS


def _group(member: Member, people: Sequence[Member]) -> float:
    """As surely among them as the same as the likeliest of them; nobody is not somebody."""
    return max((_same(member, one) for one in people), default=NO)


def _older_than(invitation: Invitation, world: World, *, days: int = 0, hours: int = 0, minutes: int = 0) -> float:
    age = timedelta(days=days, hours=hours, minutes=minutes)
    return _between(world.now - invitation.sent_at.earliest > age, world.now - invitation.sent_at.latest > age)


def _bounds(at: str) -> tuple[datetime, datetime]:
    if len(at) == 10:
        day = date.fromisoformat(at)
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return start, start + timedelta(days=1)
    instant = datetime.fromisoformat(at)
    return instant, instant


def _sent_before(invitation: Invitation, world: World, *, at: str) -> float:
    start, _ = _bounds(at)
    return _between(invitation.sent_at.earliest < start, invitation.sent_at.latest < start)


def _sent_after(invitation: Invitation, world: World, *, at: str) -> float:
    start, end = _bounds(at)

    def after(instant: datetime) -> bool:
        return instant > start if start == end else instant >= end

    return _between(after(invitation.sent_at.earliest), after(invitation.sent_at.latest))


def _said(value: Any, test: Callable[[Any], bool]) -> float:
    if value is UNKNOWN:
        return PERHAPS
    return YES if test(value) else NO


def _same_note_as(invitation: Invitation, world: World, *, at_least: int) -> float:
    def often(note: str) -> bool:
        times = sum(1 for item in world.items if item.direction is Direction.SENT and item.note == note)
        return note != "" and times >= at_least

    return _said(invitation.note, often)


# The patterns of the generated rules, in Python's own words.
def _found(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.search(pattern, text, re.IGNORECASE) is not None


def _ages(invitation: Invitation, world: World) -> range:
    """Every age in calendar days that it may have; 180 stands for all beyond."""
    today = (world.now - datetime(1, 1, 1, tzinfo=UTC)).days
    days = [
        (at - datetime(1, 1, 1, tzinfo=UTC)).days
        for at in (invitation.sent_at.latest, invitation.sent_at.earliest)
    ]
    least, most = (min(max(today - day, 0), 180) for day in days)
    return range(least, most + 1)


def _at_every_age(invitation: Invitation, world: World, says: Callable[[int], bool]) -> float:
    answers = {says(day) for day in _ages(invitation, world)}
    return PERHAPS if len(answers) == 2 else YES if True in answers else NO


def _chance_below(
    invitation: Invitation, world: World, *, share: float, within: int | None = None, caution: float = 0.8
) -> float:
    stats = world.stats
    if stats is None:
        return PERHAPS

    def below(day: int) -> bool:
        until = None if within is None else day + within
        return bool(stats.chance(day, horizon=until).value * 2 * caution < share)

    return _at_every_age(invitation, world, below)


def _not_worth_waiting(
    invitation: Invitation,
    world: World,
    *,
    slot_price: float | None = None,
    pending_cap: int | None = None,
    **settings: float,
) -> float:
    price = world.slot_price if slot_price is None and pending_cap is None else slot_price
    if world.stats is None or (price is None and pending_cap is None):
        return PERHAPS
    waiting = world.stats.worth(slot_price=price, pending_cap=pending_cap, **settings)
    return _at_every_age(invitation, world, lambda day: waiting.is_over(min(day, 179)))


LEAVES: dict[str, Callable[..., float]] = {
    "always": lambda invitation, world: YES,
    "never": lambda invitation, world: NO,
    "older_than": _older_than,
    "sent_before": _sent_before,
    "sent_after": _sent_after,
    "has_note": lambda invitation, world: _said(invitation.note, lambda note: note != ""),
    "note_contains": lambda invitation, world, text: _said(
        invitation.note, lambda note: text.lower() in note.lower()
    ),
    "note_matches": lambda invitation, world, pattern: _said(invitation.note, _found(pattern)),
    "title_matches": lambda invitation, world, pattern: _said(invitation.title, _found(pattern)),
    "name_matches": lambda invitation, world, pattern: _said(invitation.member.name, _found(pattern)),
    "company": lambda invitation, world, name: _said(
        invitation.company, lambda company: company.lower() == name.lower()
    ),
    "mutual_connections": lambda invitation, world, at_least: _said(
        invitation.mutual_connections, lambda count: count >= at_least
    ),
    "same_note_as": _same_note_as,
    "status_is": lambda invitation, world, statuses: YES if invitation.status.value in statuses else NO,
    "tagged": lambda invitation, world, tag: _group(invitation.member, world.tags.get(tag, [])),
    "known_contact": lambda invitation, world: _group(invitation.member, world.contacts),
    "withdrawn_before": lambda invitation, world: _group(invitation.member, world.withdrawn_before),
    "chance_below": _chance_below,
    "not_worth_waiting": _not_worth_waiting,
    "member_in": lambda invitation, world, people: _group(invitation.member, list(map(Member.of, people))),
    "keep_mark": lambda invitation, world: _group(invitation.member, world.kept),
    "acceptance_settled": lambda invitation, world: (
        PERHAPS if invitation.evidence in (Evidence.AMBIGUOUS_NAME, Evidence.NO_CONNECTIONS) else YES
    ),
}


def degree(rule: Rule, invitation: Invitation, world: World) -> float:
    """How true a rule is of an invitation: 0, ½ or 1."""
    inner = [degree(part, invitation, world) for part in rule.parts]
    if isinstance(rule, All):
        return min(inner)
    if isinstance(rule, AnyOf):
        return max(inner)
    if isinstance(rule, Not):
        return 1 - inner[0]
    if isinstance(rule, IfUnknown):
        return float(rule.answer) if inner[0] == PERHAPS else inner[0]
    return LEAVES[rule.name](invitation, world, **rule.arguments)  # type: ignore[attr-defined]


def truth(rule: Rule, invitation: Invitation, world: World) -> Truth:
    """How true a rule is of an invitation."""
    return TRUTHS[degree(rule, invitation, world)]


def verdicts_before_limits(policy: Policy, snapshot: Snapshot, world: World) -> dict[str, str]:
    """What is to become of each invitation if nothing limits: closed, withdraw, keep or undecided."""
    found: dict[str, str] = {}
    for item in snapshot.invitations:
        if item.direction is not Direction.SENT or item.status not in (Status.PENDING, Status.PRESUMED_PENDING):
            found[item.id] = "closed"
            continue
        said = [
            LEAVES["acceptance_settled"](item, world),
            1 - LEAVES["keep_mark"](item, world),
            degree(policy.withdraw, item, world),
            1 - degree(policy.keep, item, world),
        ]
        if policy.min_age:
            said.append(
                _between(
                    world.now - item.sent_at.earliest > policy.min_age,
                    world.now - item.sent_at.latest > policy.min_age,
                )
            )
        found[item.id] = {NO: "keep", PERHAPS: "undecided", YES: "withdraw"}[min(said)]
    return found


def room(policy: Policy, snapshot: Snapshot, world: World) -> int:
    """How many may be withdrawn."""
    bounds = policy.limits
    lately = [world.now - at for at in world.withdrawn]
    rooms: list[int] = []
    if bounds.per_run is not NO_LIMIT:
        rooms.append(bounds.per_run)
    if bounds.per_day is not NO_LIMIT:
        rooms.append(bounds.per_day - sum(1 for ago in lately if ago < timedelta(hours=24)))
    if bounds.per_week is not NO_LIMIT:
        rooms.append(bounds.per_week - sum(1 for ago in lately if ago < timedelta(hours=168)))
    if bounds.share is not NO_LIMIT:
        open_sent = sum(
            1
            for item in snapshot.invitations
            if item.direction is Direction.SENT and item.status in (Status.PENDING, Status.PRESUMED_PENDING)
        )
        partial = snapshot.completeness is Completeness.PARTIAL
        rooms.append(0 if partial else int(Decimal(repr(bounds.share)) * open_sent))
    return max(0, min(rooms))


def plan(policy: Policy, snapshot: Snapshot, world: World) -> tuple[dict[str, str], list[str]]:
    """The verdicts by id, and the ids of what is withdrawn or deferred, in order."""
    found = verdicts_before_limits(policy, snapshot, world)
    items = {item.id: item for item in snapshot.invitations}
    chosen = sorted(key for key, verdict in found.items() if verdict == "withdraw")
    if policy.rank == "oldest":
        chosen.sort(key=lambda key: items[key].sent_at.latest)
    else:
        chosen.sort(key=lambda key: policy.rank(items[key], world))  # type: ignore[operator, arg-type]
    for key in chosen[room(policy, snapshot, world) :]:
        found[key] = "defer"
    return found, chosen

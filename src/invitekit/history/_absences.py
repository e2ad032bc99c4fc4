"""What a listing lacks: when that means that an invitation is gone, and when it means nothing."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import Any, Final

from invitekit.history._answers import last_pending
from invitekit.history._case import Case, Look
from invitekit.history._entry import Kind, Span, ranges, span_of
from invitekit.history._reading import OPEN, Reading
from invitekit.model import UNKNOWN, Completeness, Direction, Evidence
from invitekit.model._member import IDENTIFIERS

__all__ = ["write_look"]

_SHRUNKEN: Final = 10
"""From how many invitations on it is suspicious that more than half of a listing is missing from the next. Our
choice: services cut lists short in silence, and nobody publishes how often."""

_EMPTIED: Final = 2
"""The same where nothing at all is left."""


def write_look(reading: Reading) -> None:
    """Write down that the account was looked at, and what that look lacks."""
    snapshot, account = reading.snapshot, reading.account
    candidates = account.open.values() if reading.newest else account.open_at(reading.at)
    unseen = [
        case
        for case in candidates
        if case.key not in reading.seen and case.first_at < reading.at and case.sent[0] <= reading.at
    ]
    shown = sum(one.direction is Direction.SENT and one.status in OPEN for one in snapshot.invitations)
    complete = snapshot.completeness is Completeness.COMPLETE
    if complete and reading.again:  # What this part of the listing lacks may stand in the other.
        unsure = frozenset(case.key for case in unseen)
    else:
        unsure = _unsure(reading, unseen) if complete else frozenset[int]()
    doubt = "" if reading.again else _doubt(reading, shown, [case for case in unseen if case.key not in unsure])
    settles = complete and not doubt and reading.newest
    if settles:
        left = [case for case in unseen if case.key in unsure or not _gone(reading, case)]
        read = len(snapshot.connections) > 0 or any(look.connections for look in account.looks)
        if len(left) < len(unseen) and not read:
            reading.notes.notice(
                "connections-not-read",
                "of what is gone, some may have been accepted: no list of connections was ever read",
            )
        unseen = left
    facts: dict[str, Any] = {
        "source": snapshot.source,
        "completeness": snapshot.completeness.value,
        "invitations": len(snapshot.invitations),
        "sent": shown,
    }
    if doubt:
        facts["doubt"] = doubt
        reading.notes.notice(doubt, _DOUBTS[doubt])
    elif snapshot.completeness in (Completeness.PARTIAL, Completeness.UNKNOWN):
        reading.notes.notice(
            "no-complete-listing", "the listing is not known to be complete: what it lacks says nothing"
        )
    elif complete and not reading.newest:
        reading.notes.notice("older-look", "there is a newer snapshot: what this one lacks says nothing")
    if unseen:
        facts["unseen"] = ranges(sorted(case.key for case in unseen))
    if unsure:
        facts["unsure"] = ranges(sorted(unsure))
    if unsure and not reading.again:
        reading.notes.notice(
            "cannot-compare",
            f"{len(unsure):,} open invitations are to people whom this listing may name in another way: that "
            "it does not show them says nothing",
        )
    if kinds := [
        kind
        for kind in IDENTIFIERS
        if any(getattr(one.member, kind) is not UNKNOWN for one in snapshot.connections)
    ]:
        facts["connections"] = kinds
    reading.notes.write(Kind.LOOK, facts=facts)
    if settles:
        reading.notes.unresolved = [
            case for case in unseen if case.direction is Direction.SENT and case.key not in unsure
        ]


def _unsure(reading: Reading, unseen: list[Case]) -> frozenset[int]:
    """Find those that it may show all the same, under identifiers that cannot be compared with theirs.

    An export knows people by their slugs, a vendor perhaps by no more than an id of his own. So an invitation
    is absent only if this service gave it an id and does not list that, or nobody in the listing can be that
    person: each of them shares a kind of identifier with them, or was invited at another time.
    """
    source = reading.snapshot.source
    strange = [
        case
        for case in unseen
        if case.direction is Direction.SENT and all(service != source for _, service in case.ids)
    ]
    rows: dict[frozenset[str], list[Span]] = {}
    for row in reading.snapshot.invitations if strange else ():
        if row.direction is Direction.SENT:
            case = reading.account.by_id.get(row.id)
            member = row.member if case is None else case.person.member
            rows.setdefault(frozenset(member.identifiers), []).append(span_of(row.sent_at))
    found: set[int] = set()
    for kinds, spans in rows.items():
        spans.sort()
        starts, ends = [start for start, _ in spans], list(accumulate((end for _, end in spans), max))
        for case in strange:
            before = bisect_right(starts, case.sent[1])
            if before and ends[before - 1] >= case.sent[0] and kinds.isdisjoint(case.person.member.identifiers):
                found.add(case.key)
    return frozenset(found)


def _doubt(reading: Reading, shown: int, unseen: list[Case]) -> str:
    """Why a listing that claims to be complete is not believed; empty where it is."""
    if reading.snapshot.completeness is not Completeness.COMPLETE or not reading.newest:
        return ""
    before = next(
        (look for look in reversed(reading.account.looks) if look.completeness is Completeness.COMPLETE), None
    )
    ours = [case for case in unseen if case.direction is Direction.SENT]
    if before is None:
        # No listing to compare with. An export presumes too much to call a listing short, but not to call
        # nothing at all surprising.
        return "suddenly-empty" if shown == 0 and len(ours) >= _SHRUNKEN else ""
    vanished = sum(1 for case in ours if case.first_at <= before.at and case.key not in before.unseen)
    if shown == 0:
        return "suddenly-empty" if vanished >= _EMPTIED else ""
    return "shrunken" if vanished >= _SHRUNKEN and vanished > shown else ""


def _gone(reading: Reading, case: Case) -> bool:
    """Conclude that an invitation is gone, if the complete listing before this one lacks it, too."""
    if case.direction is not Direction.SENT or case.sent[1] > reading.at:
        return False
    run: list[Look] = []
    for look in reversed(reading.account.looks):
        if look.is_log:
            continue  # An export goes on showing what is no longer pending.
        if look.at < case.first_at or look.key not in case.missing:
            break
        if look.lacks(case) and look.at < reading.at:
            run.append(look)
    if not run:
        return False
    first = run[-1]
    reading.notes.conclude(Kind.GONE, case, (last_pending(reading, case, first.at), first.at), Evidence.NOT_LISTED)
    return True


_DOUBTS: Final = {
    "suddenly-empty": "the listing calls itself complete and shows nothing where there was much: not believed",
    "shrunken": "the listing calls itself complete and lacks more than half of the one before: not believed",
}

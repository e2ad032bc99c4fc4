"""What a log says of each invitation, laid out so that it can be shown as it was known at any moment.

From a ledger, something counts from the moment at which it was seen. An export became known all at once, so there
what happened counts from the day on which it happened: at each moment it shows what an export of then would show.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import attrs

from invitekit.history import Event, History, Kind, Timeline
from invitekit.insight._courses import Course, courses_of, log_courses
from invitekit.model import EXPIRY, UNKNOWN, Direction, Evidence, Interval, Invitation, SentAt, Snapshot, Status

__all__ = ["Log", "Track", "expiry_of", "log_of_history", "log_of_snapshot"]

_TICK: Final = timedelta(microseconds=1)
_LAST: Final = datetime.max.replace(tzinfo=UTC)

_BEFORE: Final = {
    Evidence.CONNECTED: Evidence.NOT_CONNECTED,
    Evidence.CONNECTED_BY_NAME: Evidence.NOT_CONNECTED_BY_NAME,
}
"""What an export that shows somebody as a connection said of them before."""

_SHOWS: Final = (Kind.FIRST_SEEN, Kind.SENT, Kind.CONFIRMED)


@attrs.frozen(weakref_slot=False)
class Track:
    """One sent invitation: how it looks while it is open, and how the log says that it went.

    Args:
        versions: From when on it looks how, while it is open; oldest first.
        closes: From when on it was surely no longer pending; None where no such moment is known. A withdrawal by
            the account is none.
        known: When that became known.
        withdrawn: When the account withdrew it, at the latest; None where it did not.
        drops: From when on it is taken for expired; None where listings say whether it is still there.
        course: How it went, in days; None where the log cannot tell.
        final: As it looks at the end.
        timeline: Its story; None where the log is an export.
        seen: When a source showed it for the first time; None where the log is an export.
        reached: From when on it was known that it was followed from its sending on; None where it was not.
    """

    versions: tuple[tuple[datetime, Invitation], ...]
    closes: datetime | None
    known: datetime | None
    withdrawn: datetime | None
    drops: datetime | None
    course: Course | None
    final: Invitation
    timeline: Timeline | None = None
    seen: datetime | None = None
    reached: datetime | None = None

    @property
    def week(self) -> int:
        """The week in which it was sent, Monday to Sunday in UTC, counted from the first."""
        sent = self.final.sent_at.latest.toordinal() if self.course is None else self.course.sent
        return (sent - 1) // 7

    def ended(self, withdrawn: datetime) -> Invitation:
        """As it looks once it was withdrawn at a moment."""
        return attrs.evolve(
            self.versions[-1][1],
            status=Status.WITHDRAWN,
            evidence=Evidence.REPORTED,
            as_of=withdrawn,
            known_at=Interval.at(withdrawn),
        )


@attrs.frozen(weakref_slot=False)
class Log:
    """All that a replay is made from.

    Args:
        tracks: The sent invitations.
        looks: The moments at which somebody looked, as far as they left a trace; ascending.
        begins: The first moment of which it tells.
        ends: The last one.
        is_export: Whether it is an export.
        left_out: How many sent invitations are not in it, by the code of the reason.
        source: The snapshot, where the log is an export.
    """

    tracks: tuple[Track, ...]
    looks: tuple[datetime, ...]
    begins: datetime
    ends: datetime
    is_export: bool
    left_out: tuple[tuple[str, int], ...] = ()
    source: Snapshot | None = None


def _closing(known: Interval) -> datetime:
    """From when on something that ended in an interval is taken for ended.

    At an instant that is known, from then on. Otherwise from the day on which it had ended at the latest, but it
    was open at the beginning of the interval, since somebody saw it then.
    """
    if known.exact:
        return known.earliest
    day = known.latest.replace(hour=0, minute=0, second=0, microsecond=0)
    return max(known.earliest + _TICK, day)


def _as_open(
    item: Invitation, evidence: Evidence, sent_at: SentAt, as_of: datetime, *, placed: bool
) -> Invitation:
    """The invitation as it looked before anything became of it."""
    listed = evidence is Evidence.LISTED
    return attrs.evolve(
        item,
        sent_at=sent_at,
        status=Status.PENDING if listed else Status.PRESUMED_PENDING,
        evidence=evidence,
        as_of=as_of,
        known_at=Interval.at(as_of),
        cause=UNKNOWN,
        company=item.company if placed else UNKNOWN,
        title=item.title if placed else UNKNOWN,
    )


def _sure_of_work(items: Iterable[Invitation]) -> bool:
    """Whether a source tells company and title of those who did not accept as well.

    An export tells them of connections only. Shown before the acceptance, they would give it away.
    """
    return any(
        item.status is not Status.ACCEPTED and (item.company is not UNKNOWN or item.title is not UNKNOWN)
        for item in items
    )


# ── From a ledger ────────────────────────────────────────────────────────────────────────────────────────────────


def log_of_history(history: History) -> Log:
    """Lay out the timelines of an account."""
    stories = [one for one in history if one.invitation.direction is Direction.SENT]
    left_out: dict[str, int] = {}
    courses: dict[str, Course] = {}
    for item, course in courses_of(stories):
        if isinstance(course, Course):
            courses[item.id] = course
        else:
            left_out[course] = left_out.get(course, 0) + 1
    placed = _sure_of_work(one.invitation for one in stories)
    looks = tuple(sorted({at for one in stories for at in _looks(one)}))
    exports = sorted({one.first_seen for one in stories if _from_export(one)})
    tracks = [_track(one, courses.get(one.invitation.id), looks, exports, placed=placed) for one in stories]
    listed = [one.first_seen for one in stories if not _from_export(one)]
    shown = [track.versions[0][0] for track in tracks if track.versions]
    begins = min(listed or shown or looks)
    return Log(
        tracks=tuple(track for track in tracks if track.versions),
        looks=looks,
        begins=begins,
        # The account looked before it withdrew, though the look may have left no other trace.
        ends=max([looks[-1], *(track.withdrawn for track in tracks if track.withdrawn is not None)]),
        is_export=False,
        left_out=tuple(sorted(left_out.items())),
    )


def _from_export(story: Timeline) -> bool:
    """Whether the first that showed it was an export, which tells the past as well.

    One that came later does not change what could be seen before it, though it tells that too.
    """
    shows = [event for event in story.events if event.kind in _SHOWS]
    if not shows:
        return story.since is None or story.since < story.first_seen
    return min(shows, key=_known_at).evidence != Evidence.LISTED


def _looks(story: Timeline) -> Iterator[datetime]:
    """The moments at which a source was looked at; what people wrote down themselves is none."""
    yield story.first_seen
    yield story.last_seen
    for event in story.events:
        told = event.evidence == Evidence.REPORTED or event.kind not in (*_SHOWS, Kind.ACCEPTED, Kind.GONE)
        if not told:
            yield event.known_at


def _track(
    story: Timeline,
    course: Course | None,
    looks: Sequence[datetime],
    exports: Sequence[datetime],
    *,
    placed: bool,
) -> Track:
    final = story.invitation
    closes = known = withdrawn = None
    if final.status is Status.WITHDRAWN:
        withdrawn = final.known_at.latest
    elif not final.is_open:
        # What ended is shown by no look after the last one that showed it, believed or not.
        after = bisect_right(looks, story.last_seen)
        closes = min([_closing(final.known_at), *looks[after : after + 1]])
        ends = [event.known_at for event in story.events if event.kind in (Kind.ACCEPTED, Kind.GONE)]
        known = max(closes, ends[0] if ends else final.as_of)
    elif story.unresolved:
        closes = known = story.last_seen + _TICK
    versions = tuple(_versions(story, placed=placed))
    reached: datetime | None = None
    if story.since is None:
        first = bisect_left(exports, final.sent_at.latest)
        # What an export showed first counts as if exports had been taken every day.
        reached = final.sent_at.latest if _from_export(story) else next(iter(exports[first : first + 1]), None)
    listed = bool(versions) and versions[-1][1].status is Status.PENDING
    return Track(
        versions=versions,
        closes=closes,
        known=known,
        withdrawn=withdrawn,
        # Whether what a listing showed has expired, listings tell; of what was withdrawn nothing tells.
        drops=None if listed and withdrawn is None else expiry_of(final.sent_at),
        course=course,
        final=final,
        timeline=story,
        seen=story.first_seen,
        reached=reached,
    )


def expiry_of(sent_at: SentAt) -> datetime:
    """From when on something is taken for expired."""
    return min(sent_at.latest, _LAST - EXPIRY) + EXPIRY


def _versions(story: Timeline, *, placed: bool) -> Iterator[tuple[datetime, Invitation]]:
    """How it looked while it was open: when it was sent, as closely as was known by then, and on what evidence."""
    shows = sorted((event for event in story.events if event.kind in _SHOWS), key=_known_at)
    sent_at: SentAt | None = None
    final = story.invitation
    for event in shows:
        narrower = event.kind is not Kind.CONFIRMED
        if narrower and (sent_at is None or _within(event.happened, sent_at)):
            sent_at = SentAt(event.happened.earliest, event.happened.latest)
        if sent_at is None:
            sent_at = final.sent_at
        try:
            said = Evidence(event.evidence)
        except ValueError:
            said = final.evidence
        evidence = Evidence.LISTED if event.kind is Kind.CONFIRMED else _BEFORE.get(said, said)
        if evidence in (Evidence.NOT_LISTED, Evidence.SUPERSEDED, Evidence.REPORTED):
            continue  # It was closed when it was first seen.
        first = event is shows[0]
        since = sent_at.latest if first and _from_export(story) else event.known_at
        if story.since is not None and _from_export(story):
            since = max(since, story.since)
        yield since, _as_open(final, evidence, sent_at, event.known_at, placed=placed)


def _known_at(event: Event) -> datetime:
    return event.known_at


def _within(inner: Interval, outer: Interval) -> bool:
    return outer.earliest <= inner.earliest and inner.latest <= outer.latest and inner != outer


# ── From an export ───────────────────────────────────────────────────────────────────────────────────────────────


def log_of_snapshot(snapshot: Snapshot) -> Log:
    """Lay out an export."""
    left_out: dict[str, int] = {}
    tracks: list[Track] = []
    for item, counted in log_courses(snapshot.invitations, snapshot.taken_at):
        course = counted if isinstance(counted, Course) else None
        if course is None:
            left_out[str(counted)] = left_out.get(str(counted), 0) + 1
            if counted != "acceptance-unsettled":
                continue
        closes = None
        if course is not None and course.accepted:
            closes = max(_closing(item.known_at), item.sent_at.earliest)
        elif course is not None and course.right is not None:
            ended = item.sent_at.latest + timedelta(days=course.right)
            closes = ended.replace(hour=0, minute=0, second=0, microsecond=0)
        withdrawn = item.known_at.latest if item.status is Status.WITHDRAWN else None
        before = Evidence.NOT_CONNECTED if withdrawn else _BEFORE.get(item.evidence, item.evidence)
        appears = item.sent_at.latest
        tracks.append(
            Track(
                versions=((appears, _as_open(item, before, item.sent_at, appears, placed=False)),),
                closes=closes,
                known=closes,
                withdrawn=withdrawn,
                drops=expiry_of(item.sent_at),
                course=course,
                final=item,
            )
        )
    return Log(
        tracks=tuple(tracks),
        looks=(snapshot.taken_at,),
        begins=min((track.versions[0][0] for track in tracks), default=snapshot.taken_at),
        ends=snapshot.taken_at,
        is_export=True,
        left_out=tuple(sorted(left_out.items())),
        source=snapshot,
    )

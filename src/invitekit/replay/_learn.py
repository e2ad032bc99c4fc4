"""What statistics would have been learned at a moment, from what was known by then."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime

import attrs

from invitekit.history import History, Timeline
from invitekit.insight._stats import AcceptanceStats
from invitekit.model import Completeness, Interval, Invitation, Snapshot
from invitekit.replay._tracks import Log, Track

__all__ = ["learn"]


def learn(log: Log, known: Sequence[tuple[Track, datetime | None]], moment: datetime) -> AcceptanceStats:
    """Learn from what is known at a moment, as `AcceptanceStats` learns from an export or a ledger of then."""
    if log.source is not None:
        items = [_logged(track, withdrawn, moment) for track, withdrawn in known]
        return AcceptanceStats.from_snapshot(
            Snapshot(
                account=log.source.account,
                taken_at=moment,
                source="replay",
                invitations=items,
                completeness=Completeness.LOG,
            )
        )
    stories = [story for track, withdrawn in known if (story := _story(log, track, withdrawn, moment)) is not None]
    return AcceptanceStats.from_history(History(stories), as_of=moment)


def _logged(track: Track, withdrawn: datetime | None, moment: datetime) -> Invitation:
    if withdrawn is not None:
        return track.ended(withdrawn)
    if track.closes is not None and track.closes <= moment:
        return track.final
    return attrs.evolve(track.versions[0][1], as_of=moment, known_at=Interval.at(moment))


def _story(log: Log, track: Track, withdrawn: datetime | None, moment: datetime) -> Timeline | None:
    story = track.timeline
    if story is None or track.seen is None:
        return None
    since = story.since
    if since is None and (track.reached is None or track.reached > moment):
        # An export that came later tells that nothing was missed before the first look. It was not known yet.
        since = track.seen
    if withdrawn is not None:
        return attrs.evolve(story, invitation=track.ended(withdrawn), since=since, unresolved=False)
    told = moment < track.seen  # By an export that came later; it counts as if exports had been taken every day.
    over = track.closes if told else track.known
    if over is not None and over <= moment:
        return story if since is story.since else attrs.evolve(story, since=since)
    look = moment if told else _look(log, story, moment)
    shown = [item for at, item in track.versions if at <= moment][-1]
    return attrs.evolve(
        story,
        invitation=attrs.evolve(shown, as_of=look, known_at=Interval.at(look)),
        since=since,
        last_seen=look,
        unresolved=False,
    )


def _look(log: Log, story: Timeline, moment: datetime) -> datetime:
    """The newest look by a moment that showed it open; a later one does not vouch for the days between."""
    last = min(story.last_seen, moment)
    looks = bisect_right(log.looks, last)
    return log.looks[looks - 1] if looks else last

"""What statistics would have been learned at a moment, from what was known by then."""

from __future__ import annotations

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
    stories = [story for track, withdrawn in known if (story := _story(track, withdrawn, moment)) is not None]
    return AcceptanceStats.from_history(History(stories), as_of=moment)


def _logged(track: Track, withdrawn: datetime | None, moment: datetime) -> Invitation:
    if withdrawn is not None:
        return track.ended(withdrawn)
    if track.closes is not None and track.closes <= moment:
        return track.final
    return attrs.evolve(track.versions[0][1], as_of=moment, known_at=Interval.at(moment))


def _story(track: Track, withdrawn: datetime | None, moment: datetime) -> Timeline | None:
    story = track.timeline
    if story is None:
        return None
    if withdrawn is not None:
        return attrs.evolve(story, invitation=track.ended(withdrawn), unresolved=False)
    if track.known is not None and track.known <= moment:
        return story
    look = min(story.last_seen, moment)
    shown = [item for at, item in track.versions if at <= moment][-1]
    return attrs.evolve(
        story,
        invitation=attrs.evolve(shown, as_of=look, known_at=Interval.at(look)),
        last_seen=look,
        unresolved=False,
    )

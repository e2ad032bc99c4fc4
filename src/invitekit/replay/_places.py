"""How long invitations take a place in the list, and how many places a policy saves by withdrawing them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Final

import attrs

from invitekit.replay._curve import Curve
from invitekit.replay._tracks import Log, Track, expiry_of
from invitekit.replay._walk import Calendar, Walk

__all__ = ["Places"]

_DAY: Final = timedelta(days=1)


@attrs.frozen
class Places:
    """How much of a place each invitation takes on which day while no policy withdraws it.

    One while the log shows it as open. After the account had withdrawn it, and after the end of the log, the
    chance that it would still be there; beyond the days that the log tells about, that of the last of them.

    Args:
        log: What happened.
        calendar: The days of the replay.
        days: The moments of all days from its first one to the end of the log, which may be later.
        curve: How recipients behave.
    """

    log: Log
    calendar: Calendar
    days: tuple[datetime, ...]
    curve: Curve
    _stays: dict[int, list[float]] = attrs.field(factory=dict[int, list[float]], init=False, eq=False, repr=False)
    _sums: dict[int, list[float]] = attrs.field(factory=dict[int, list[float]], init=False, eq=False, repr=False)

    def stays(self, track: Track, age: int) -> float:
        """The chance that one is still there at an age, from when it was last known to be."""
        since = _known_until(track)
        staying = self.staying(since)
        return staying[min(max(age - since, 0), len(staying) - 1)]

    def staying(self, since: int) -> list[float]:
        """See `Curve.staying`."""
        found = self._stays.get(since)
        if found is None:
            found = self._stays[since] = self.curve.staying(since)
        return found

    def saved(self, place: int, day: int) -> float:
        """How many slot-days a withdrawal on a day saves until the invitation would have expired at the latest.

        Whatever the last day of the replay: acceptances lost are counted without regard to it, too.
        """
        track, days = self.log.tracks[place], self.days
        ghost = len(days) if track.withdrawn is None else bisect_right(days, track.withdrawn)
        expiry = expiry_of(track.final.sent_at)
        closed = len(days) if track.closes is None else bisect_left(days, track.closes)
        seen = min(ghost, closed, bisect_left(days, expiry))
        shown = float(max(seen - day, 0))
        if (track.closes is not None and closed <= seen) or track.course is None:
            return shown
        start = max(seen, day)
        first = days[start] if start < len(days) else days[-1] + _DAY
        more = -((first - expiry) // _DAY)
        return shown + (self._sum(track, first.toordinal() - track.course.sent, more) if more > 0 else 0.0)

    def stock(self, walked: Walk) -> list[float]:
        """How many are pending after the decisions of each day of the replay."""
        calendar = self.calendar
        days = len(calendar.moments)
        steps = [0.0] * (days + 1)
        extra = [0.0] * days
        withdrawn = dict(walked.withdrawn)
        for place, first in enumerate(calendar.first):
            if first is None:
                continue
            end = min(withdrawn.get(place, days), calendar.last[place])
            sure = max(min(calendar.ghost[place], end), first)
            steps[first] += 1
            steps[sure] -= 1
            track = self.log.tracks[place]
            if sure < end and track.course is not None:
                for day in range(sure, end):
                    extra[day] += self.stays(track, calendar.moments[day].toordinal() - track.course.sent)
        return [count + more for count, more in zip(accumulate(steps[:days]), extra, strict=True)]

    def _sum(self, track: Track, age: int, days: int) -> float:
        """Add up the chances of being there on so many days from an age on."""
        since = _known_until(track)
        staying = self.staying(since)
        sums = self._sums.get(since)
        if sums is None:
            sums = self._sums[since] = [0.0, *accumulate(staying)]
        start, last = age - since, len(staying)
        early = min(max(-start, 0), days)  # Before it was last known to be there.
        start, days = max(start, 0), days - early
        told = sums[min(start + days, last)] - sums[min(start, last)]
        beyond = min(max(start + days - last, 0), days)
        return early + told + beyond * staying[-1]


def _known_until(track: Track) -> int:
    """The age at which one was last known to be there."""
    course = track.course
    if course is None:
        return 0
    return course.left if course.withdrawn is None else course.withdrawn

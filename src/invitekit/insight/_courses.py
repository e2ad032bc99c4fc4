"""Invitations as statistics see them: when they came under observation, and when and how that ended.

Ages are differences of UTC calendar days, the day of an event minus the day of sending. The day of a look counts
as seen to its end, since most sources tell days and nothing closer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final, NamedTuple

from invitekit.history import History, Timeline
from invitekit.model import EXPIRY, UNKNOWN, Direction, Evidence, Invitation, Status

__all__ = ["ACCEPT", "ALL_CAUSES", "CLOSED", "EXPIRY_DAYS", "WITHDRAWN", "Course", "courses_of", "log_courses"]

ACCEPT: Final = "accept"
CLOSED: Final = "closed"
WITHDRAWN: Final = "withdrawn"
ALL_CAUSES: Final = (ACCEPT, CLOSED, WITHDRAWN)

EXPIRY_DAYS: Final = EXPIRY.days

# An enumeration looks its members up in a slow way, and here it would do so for each of a hundred thousand rows.
_SENT: Final = Direction.SENT
_IS_ACCEPTED, _IS_WITHDRAWN, _IS_GONE = Status.ACCEPTED, Status.WITHDRAWN, Status.GONE
_NO_LIST, _SEVERAL_OF_THE_NAME = Evidence.NO_CONNECTIONS, Evidence.AMBIGUOUS_NAME

_ACCEPTED: Final = frozenset({ACCEPT})
_GONE: Final = frozenset({CLOSED})
_EITHER: Final = frozenset({ACCEPT, CLOSED})
_NOTHING: Final[frozenset[str]] = frozenset()


class Course(NamedTuple):
    """How one sent invitation went. Ages are days; a tuple, since a million of them are nothing unusual."""

    sent: int
    """The UTC day of sending, counted as `datetime.date.toordinal` does; the latest it may have been."""
    entry: int | None
    """The age from which on it was watched; None where it was watched from its sending on."""
    left: int
    """The last age at which it was surely pending; for an event of a known day, that day."""
    right: int | None
    """The first age at which it surely was not; None where no end was seen, `left` for an event of a known day."""
    causes: frozenset[str]
    """What ended it: `ACCEPT`, `CLOSED`, or one of the two; empty where no end was seen."""
    withdrawn: int | None
    """The age at which the account withdrew it; None where it did not."""
    note: bool | None
    """Whether it carried a personal note; None where the source does not say."""

    @property
    def accepted(self) -> bool:
        """Whether it was accepted."""
        return self.causes is _ACCEPTED or self.causes == _ACCEPTED

    @property
    def row(self) -> tuple[int | None, int, int | None, frozenset[str]]:
        """What an estimator takes, with a withdrawal as the end of watching."""
        return self[1:5]

    @property
    def realised_row(self) -> tuple[int | None, int, int | None, frozenset[str]]:
        """The same with a withdrawal as an event of its own."""
        if self.withdrawn is None:
            return self[1:5]
        return self.entry, self.withdrawn, self.withdrawn, frozenset({WITHDRAWN})


_made: Final = Course._make
"""A course from all its values at once, at half the price."""


def _course(item: Invitation, since: datetime | None, compared: bool) -> Course:
    """Count the ages of one invitation whose time of sending is known."""
    sent_at, known, status, note = item.sent_at, item.known_at, item.status, item.note
    first, last = sent_at.earliest.toordinal(), sent_at.latest.toordinal()
    begin, end = known.earliest.toordinal(), known.latest.toordinal()
    noted = None if note is UNKNOWN else note != ""
    entry = None if since is None else max(since.toordinal() - last, 0)
    if status is _IS_ACCEPTED:
        left, right = begin - last - 1, max(end - first, 0)
        if right <= left + 1:  # Of a known day.
            left = right
        return _made((last, entry, left, right, _ACCEPTED, None, noted))
    if status is _IS_WITHDRAWN:
        age = max(begin - last, 0)
        return Course(last, entry, age, None, _NOTHING, age, noted)
    if status is _IS_GONE:
        left, right = begin - last - (begin == end), max(end - first, 0)
        if right >= EXPIRY_DAYS:
            # Whether it was closed or expired nobody can say; watching ends there.
            return Course(last, entry, max(left, EXPIRY_DAYS), None, _NOTHING, None, noted)
        if right <= left + 1:
            left = right
        blind = not compared and item.evidence in (Evidence.NOT_LISTED, Evidence.REPORTED)
        return Course(last, entry, left, right, _EITHER if blind else _GONE, None, noted)
    return _made((last, entry, max(begin - last, 0), None, _NOTHING, None, noted))


def _tells_nothing(item: Invitation) -> bool:
    """Whether the source leaves it open whether this one was accepted, for a reason of its own.

    A list of connections that lost some rows leaves it open of all that are not in it. Leaving these out would
    leave the accepted alone; so they count as not accepted, which a caveat says.
    """
    return item.evidence is _NO_LIST or item.evidence is _SEVERAL_OF_THE_NAME


Counted = Iterator[tuple[Invitation, Course | str]]
"""Invitations with their courses, or with the code of why they were left out."""


def courses_of(history: History | Iterable[Timeline]) -> Counted:
    """Give the sent invitations of a history, each with its course or why it has none.

    What an export showed first at an age beyond its reach is left out: of invitations so old it holds those that
    were accepted late, and hardly any other.
    """
    for timeline in history:
        item = timeline.invitation
        if item.direction is not _SENT:
            continue
        since = timeline.since
        if not item.sent_at.is_known:
            yield item, "sent-unknown"
        elif _tells_nothing(item):
            yield item, "acceptance-unsettled"
        elif since is not None and since < timeline.first_seen:
            yield item, "older-than-the-log"
        else:
            yield item, _course(item, since, timeline.compared)


def log_courses(invitations: Sequence[Invitation], taken_at: datetime) -> Counted:
    """Give the sent invitations of an export, each with its course or why it has none.

    Whoever was invited more than once had the earlier invitation ended before the later was sent, and a connection
    answers the last one before it: the log marks all of them as accepted.
    """
    newest = taken_at.toordinal()
    following = _following(invitations)
    for item in invitations:
        if item.direction is not _SENT:
            continue
        if not item.sent_at.is_known:
            yield item, "sent-unknown"
        elif newest - item.sent_at.earliest.toordinal() > EXPIRY_DAYS:
            yield item, "older-than-the-log"
        elif (later := following.get(item.id)) is not None and not _answered_before(item, later):
            # When it had ended nobody knows; at the latest on the day on which they were invited again.
            last = item.sent_at.latest.toordinal()
            ended = max(later.sent_at.latest.toordinal() - item.sent_at.earliest.toordinal(), 0)
            note = None if item.note is UNKNOWN else item.note != ""
            yield item, Course(last, None, ended, ended, _GONE, None, note)
        elif _tells_nothing(item):
            yield item, "acceptance-unsettled"
        else:
            yield item, _course(item, None, True)


def _answered_before(item: Invitation, later: Invitation) -> bool:
    """Whether the acceptance belongs to the earlier of two, and the later was sent to a connection."""
    return item.status is Status.ACCEPTED and item.known_at.latest < later.sent_at.earliest


def _following(invitations: Sequence[Invitation]) -> dict[str, Invitation]:
    """For each invitation to somebody who was invited again, the next one to them."""
    latest: dict[str, Invitation] = {}
    again: dict[str, list[Invitation]] = {}
    for item in invitations:
        if item.direction is _SENT and item.sent_at.is_known:
            member = item.member
            key = member.slug if member.slug is not UNKNOWN else member.key
            if key is UNKNOWN:  # Two of the same name may be two people.
                continue
            known = latest.setdefault(key, item)
            if known is not item:
                again.setdefault(key, [known]).append(item)
    following: dict[str, Invitation] = {}
    for same in again.values():
        ordered = sorted(same, key=lambda one: one.sent_at.latest)
        following.update((one.id, next_one) for one, next_one in pairwise(ordered))
    return following

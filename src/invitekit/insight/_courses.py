"""Invitations as statistics see them: when they came under observation, and when and how that ended.

Ages are differences of UTC calendar days, the day of an event minus the day of sending. The day of a look counts
as seen to its end, since most sources tell days and nothing closer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final, NamedTuple

from invitekit.history import History, Timeline
from invitekit.model import EXPIRY, UNKNOWN, Direction, Evidence, Invitation, Status

__all__ = [
    "ACCEPT",
    "ALL_CAUSES",
    "CLOSED",
    "ENOUGH",
    "EXPIRY_DAYS",
    "WITHDRAWN",
    "Course",
    "courses_of",
    "log_courses",
]

ACCEPT: Final = "accept"
CLOSED: Final = "closed"
WITHDRAWN: Final = "withdrawn"
ALL_CAUSES: Final = (ACCEPT, CLOSED, WITHDRAWN)

EXPIRY_DAYS: Final = EXPIRY.days

ENOUGH: Final = 10
"""How many invitations must be under observation at an age for the data to say anything about it. Our choice:
below it an interval covers nearly everything."""

_BEGINNING: Final = datetime.min.replace(tzinfo=UTC) + EXPIRY
"""The earliest moment of which a moment that much before exists."""

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
    closely: tuple[int | None, int, int | None] | None = None
    """Entry, left and right once more, as closely as the source tells: in sixteenths of a day since the moment of
    sending, an event in (left, right]. None where nothing is known beyond the days."""

    @property
    def accepted(self) -> bool:
        """Whether it was accepted."""
        return self.causes is _ACCEPTED or self.causes == _ACCEPTED

    @property
    def surely_closed(self) -> bool:
        """Whether it ended in another way than by being accepted or withdrawn."""
        return self.causes == _GONE

    @property
    def row(self) -> tuple[int | None, int, int | None, frozenset[str]]:
        """What an estimator takes, with a withdrawal as the end of watching."""
        return self[1:5]

    @property
    def close_row(self) -> tuple[float | None, float, float | None, frozenset[str]]:
        """The row in fractions of days since the moment of sending, for curves that are smooth.

        Most acceptances come within hours, so that the time of day of the sending makes a difference.
        """
        if self.closely is not None:
            entry, left, right = self.closely
            return (
                None if entry is None else entry / _PARTS,
                left / _PARTS,
                None if right is None else right / _PARTS,
                self.causes,
            )
        # As if everything happened at noon.
        if self.right is None:
            return self.entry, max(self.left, 0), None, self.causes
        until = self.right + 0.5
        since = max(self.left - (0.5 if self.left == self.right else 0.0), self.entry or 0.0, 0.0)
        return self.entry, min(since, until), until, self.causes

    @property
    def realised_row(self) -> tuple[int | None, int, int | None, frozenset[str]]:
        """The same with a withdrawal as an event of its own."""
        if self.withdrawn is None:
            return self[1:5]
        return self.entry, self.withdrawn, self.withdrawn, frozenset({WITHDRAWN})


_made: Final = Course._make
"""A course from all its values at once, at half the price."""

_PARTS: Final = 16
"""Into how many parts a day is divided where ages are told closely; moments lie at the middle of two of them."""


def _part(at: datetime) -> int:
    """The part of all time in which a moment lies: one of three hours, of which it takes the beginning."""
    return at.toordinal() * _PARTS + at.hour // 3 * 2


def _course(item: Invitation, since: datetime | None, compared: bool) -> Course:
    """Count the ages of one invitation whose time of sending is known."""
    sent_at, known, status, note = item.sent_at, item.known_at, item.status, item.note
    sent, begun = sent_at.latest, known.earliest
    last, begin = sent.toordinal(), begun.toordinal()
    noted = None if note is UNKNOWN else note != ""
    entry = close_entry = None
    if since is not None:
        entry, close_entry = max(since.toordinal() - last, 0), max(_part(since) - _part(sent), 0)
    least = close_entry or 0
    # In full, since this is what takes time where there are many.
    close_left = max((begin - last) * _PARTS + (begun.hour // 3 - sent.hour // 3) * 2, least)
    if status is not _IS_ACCEPTED and status is not _IS_GONE:
        age = max(begin - last, 0)
        withdrawn = age if status is _IS_WITHDRAWN else None
        return _made((last, entry, age, None, _NOTHING, withdrawn, noted, (close_entry, close_left, None)))

    first, end = sent_at.earliest.toordinal(), known.latest.toordinal()
    right = max(end - first, 0)
    # A moment lies somewhere in its part of the day, while a day that is known begins and ends at midnight.
    close_right = max(_part(known.latest) + 1 - _part(sent_at.earliest), 1)
    if status is _IS_ACCEPTED:
        left, causes = begin - last - 1, _ACCEPTED
        close_left = max(close_left - 1, least)
    else:
        if right >= EXPIRY_DAYS:
            # Whether it was closed or expired nobody can say; watching ends there.
            left, seen = max(begin - last, EXPIRY_DAYS), max(close_left, EXPIRY_DAYS * _PARTS)
            return _made((last, entry, left, None, _NOTHING, None, noted, (close_entry, seen, None)))
        blind = not compared and item.evidence in (Evidence.NOT_LISTED, Evidence.REPORTED)
        left, causes = begin - last - (begin == end), _EITHER if blind else _GONE
    if right <= left + 1:  # Of a known day.
        left = right
    # What is said to have ended before it was seen pending says nothing; an estimator drops it by these numbers.
    closely = close_entry, min(close_left, close_right - 1), close_right
    return _made((last, entry, left, right, causes, None, noted, closely))


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
    reach = max(taken_at, _BEGINNING) - EXPIRY
    following = _following(invitations)
    for item in invitations:
        if item.direction is not _SENT:
            continue
        if not item.sent_at.is_known:
            yield item, "sent-unknown"
        elif item.sent_at.earliest < reach:
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

"""When an export was taken. No file says so, and nobody asks the clock."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import attrs

from invitekit.errors import DataError
from invitekit.readers._files import Source

__all__ = ["Hint", "Moment", "hints_of", "moment_of"]

_DAY: Final = timedelta(days=1)

_OPENED: Final = datetime(2003, 5, 5, tzinfo=UTC)
"""The day the service opened. Programs that know no time for a member write 1980."""

_APART: Final = 2 * _DAY
"""How far what a zip and a name say may lie apart. Zones, and a download the day after, explain so much; more, and
one of the two was made anew."""

_LOG: Final = timedelta(days=180)
"""How far back the log of invitations goes. A few rows beyond a gap as wide as that have a damaged date."""

_named: Final = re.compile(r"LinkedInDataExport_([0-9]{2})-([0-9]{2})-([0-9]{4})", re.IGNORECASE).search


@attrs.frozen
class Hint:
    """A moment that something beside the data suggests.

    Args:
        earliest: The first instant it may mean.
        latest: The last.
        origin: What suggests it.
    """

    earliest: datetime
    latest: datetime
    origin: str


@attrs.frozen
class Moment:
    """When an export was taken.

    Args:
        at: The instant; aware UTC.
        origin: What says so.
        contradicted: Whether rows are newer.
        passed_over: A later moment that something else suggests, and that was not taken; None without any.
    """

    at: datetime
    origin: str
    contradicted: bool = False
    passed_over: Hint | None = None


def hints_of(source: Source) -> Iterator[Hint]:
    """What the members of a zip and the names say, best first."""
    written = sorted((file.written, file.label) for file in source.files if file.written is not None)
    # The earliest first: a file that was saved again is newer than the export.
    for instant, label in written:
        if instant >= _OPENED:
            # The digits have no zone; as UTC they are off by less than a day.
            yield Hint(instant, instant + _DAY, f"the time of {label} in the zip, read as UTC")
    for name in source.names:
        found = _named(name)
        if found:
            month, day, year = map(int, found.groups())
            try:
                start = datetime(year, month, day, tzinfo=UTC)
            except ValueError:
                continue
            if start < _OPENED:
                continue
            # A day of whatever zone: it may begin and end up to half a day away from the UTC day.
            yield Hint(start, start + 2 * _DAY, f"the date in the name {found[0]!r}")


def moment_of(
    given: datetime | None, hints: Iterable[Hint], *, sent: Iterable[datetime], connected: Iterable[datetime]
) -> Moment:
    """Decide when an export was taken.

    The argument wins. Else the first hint that the data do not contradict, or the earliest of them where they lie
    far apart: a zip that was packed again, or a name that was given later, would make every invitation look older
    than it is. If the newest row is a little later than the hint, that row's instant, since an export cannot be
    older than its rows. Else the newest row: then ages come out too
    small, never too large, and too small is the side on which nothing is withdrawn too early.

    Args:
        given: What the user says.
        hints: What other things suggest, best first.
        sent: When invitations were sent, at the earliest.
        connected: When connections were made, at the earliest.

    Raises:
        DataError: There is nothing to go by.
    """
    ends = sorted(sent), sorted(connected)
    rows = ends[0] or ends[1]
    if given is not None:
        contradicted = any(instants and instants[-1] > given for instants in ends)
        return Moment(given, "the argument taken_at", contradicted=contradicted)
    sound = [hint for hint in hints if _agrees(rows, hint.latest)]
    if sound:
        hint, earliest, latest = sound[0], min(sound, key=_begin), max(sound, key=_begin)
        if hint.earliest - earliest.earliest > _APART:
            hint = earliest
        at = _newest(ends, since=hint.earliest, until=hint.latest)
        apart = latest.earliest - hint.earliest > _APART
        return Moment(at, hint.origin, passed_over=latest if apart else None)
    if not rows:
        raise DataError(
            "cannot tell when this export was taken: there is no row with a date and no file with a time",
            hint="Say it: taken_at=datetime(2026, 11, 22, tzinfo=UTC)",
            key="taken_at",
        )
    last = _without_outliers(rows) if ends[0] else rows[-1]
    at = _newest(ends[1:], since=last, until=last + _LOG)
    return Moment(at, "the newest row, so that ages are understated rather than overstated")


def _begin(hint: Hint) -> datetime:
    return hint.earliest


def _newest(ends: Iterable[Sequence[datetime]], *, since: datetime, until: datetime) -> datetime:
    """The newest instant up to `until`, at least `since`."""
    return max((instant for instants in ends for instant in instants if since <= instant <= until), default=since)


def _agrees(ordered: Sequence[datetime], latest: datetime) -> bool:
    """Whether so few rows are newer than `latest` that they are mistakes.

    A damaged year in a single row must not make every other invitation look decades old.
    """
    beyond = sum(instant > latest for instant in ordered)
    return beyond == 0 or (beyond <= max(1, len(ordered) // 100) and beyond * 2 < len(ordered))


def _without_outliers(ordered: Sequence[datetime]) -> datetime:
    """The newest instant that does not lie far beyond nearly all others; see `_agrees` for why."""
    allowed = min(max(1, len(ordered) // 100), (len(ordered) - 1) // 2)
    for place in range(len(ordered) - allowed, len(ordered)):
        if ordered[place] - ordered[place - 1] > _LOG:
            return ordered[place - 1]
    return ordered[-1]

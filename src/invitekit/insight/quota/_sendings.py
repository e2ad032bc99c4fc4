"""Moments of sending, as they come: exact, rough, or of an invitation that says more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import attrs

from invitekit.errors import DataError
from invitekit.model import UNKNOWN, Direction, Interval, Invitation, Truth
from invitekit.model._interval import as_utc

if TYPE_CHECKING:
    from invitekit.history import Timeline

__all__ = ["Sending", "Sent", "sendings", "sent_of"]

Sent: TypeAlias = datetime | Interval | Invitation
"""What a quota is counted from."""

_BEGINNING: Final = datetime(1971, 1, 1, tzinfo=UTC)
"""Before any of this. The calendar ends somewhere, and a week before its first day cannot be computed."""


class Sending(NamedTuple):
    """One invitation that was sent, or may have been.

    Attributes:
        earliest: The first moment at which it can have been sent; UTC.
        latest: The last one.
        is_sure: Whether it was surely sent by now.
        noted: Whether it carried a personal note.
    """

    earliest: datetime
    latest: datetime
    is_sure: bool
    noted: Truth


def sendings(sends: Any, now: datetime, key: str = "sends") -> list[Sending]:
    """Give what was sent by a moment, the newest last. What may have been sent by then is taken as sent.

    An invitation was sent when a source spoke of it, at the latest, so also of one without a date something is
    known. Received invitations are left out, and so is what was surely sent after the moment.

    Raises:
        DataError: Something else is among them, or a datetime without a time zone.
    """
    if isinstance(sends, (str, bytes)) or not hasattr(sends, "__iter__"):
        raise DataError(
            f"{key} are moments or invitations, got {type(sends).__name__}",
            hint="Pass a list of aware datetimes, of SentAt, or of invitations",
            key=key,
        )
    found = [
        Sending(max(when.earliest, _BEGINNING), max(min(when.latest, now), _BEGINNING), when.latest <= now, noted)
        for when, noted in (one for each in sends for one in _read(each, key))
        if when.earliest <= now
    ]
    found.sort(key=lambda one: (one.latest, one.earliest))
    return found


def _read(one: object, key: str) -> Iterator[tuple[Interval, Truth]]:
    if isinstance(one, Invitation):
        if one.direction is Direction.SENT:
            when = one.sent_at
            seen = max(one.as_of, when.earliest)
            note = Truth.UNKNOWN if one.note is UNKNOWN else Truth.of(one.note != "")
            yield (when if when.latest <= seen else Interval(when.earliest, seen)), note
    elif isinstance(one, Interval):
        yield one, Truth.UNKNOWN
    elif isinstance(one, datetime):
        yield Interval.at(as_utc(one)), Truth.UNKNOWN
    else:
        raise DataError(
            f"{key} are moments or invitations, got one of type {type(one).__name__}",
            hint="Pass aware datetimes, SentAt, or invitations",
            key=key,
        )


def sent_of(history: Iterable[Timeline]) -> Iterator[Invitation]:
    """Give the invitations of timelines, each as of the first look that shows it: it was sent before.

    Raises:
        DataError: Something else is among them.
    """
    from invitekit.history import Timeline

    if not isinstance(history, Iterable):
        raise DataError(f"expected a history, got {type(history).__name__}", hint="For instance ledger.history()")
    for one in history:
        if not isinstance(one, Timeline):
            raise DataError(
                f"a history holds timelines, got {type(one).__name__}", hint="For instance ledger.history()"
            )
        late = one.invitation.sent_at.latest > one.first_seen >= one.invitation.sent_at.earliest
        yield attrs.evolve(one.invitation, as_of=one.first_seen) if late else one.invitation

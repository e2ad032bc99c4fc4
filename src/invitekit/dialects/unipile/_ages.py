"""When an invitation was sent: exactly, from its id, where nothing speaks against it; else as its label says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from invitekit.dialects.unipile._labels import around, label_interval
from invitekit.model import Interval, SentAt

__all__ = ["OLDEST", "SKEW", "SentTimes", "id_time"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

SKEW: Final = timedelta(minutes=5)
"""How far an id may lie in the future: clocks differ. Our choice, 2026-10."""

OLDEST: Final = datetime(2003, 5, 5, tzinfo=UTC)
"""The day the network opened; an id that says less is made in another way."""

_MILLISECOND: Final = timedelta(milliseconds=1)
_SKEW_MS: Final = SKEW // _MILLISECOND
_OLDEST_MS: Final = (OLDEST - _EPOCH) // _MILLISECOND

_TIME_BITS: Final = 22
"""An id without its last 22 bits is the moment it was made, in milliseconds since 1970. LinkedIn does not document
it; our derivation, 2026-10, from four samples of Microsoft's documentation, which agree within half a second:
https://learn.microsoft.com/en-us/linkedin/shared/integrations/communications/invitations . Ids that were made up
for documentation decode to nonsense, hence the conditions in `SentTimes`."""

_DIGITS: Final = 19
"""How many digits 63 bits have."""

_TEXT_LIMIT: Final = 80


def id_time(invitation_id: str) -> datetime | None:
    """Give the moment that an id of an invitation carries; None where it can carry none.

    Args:
        invitation_id: Decimal digits, as the service gives them.
    """
    if not (invitation_id.isascii() and invitation_id.isdecimal() and len(invitation_id) <= _DIGITS):
        return None
    moment = _EPOCH + timedelta(milliseconds=int(invitation_id) >> _TIME_BITS)
    return moment if moment >= OLDEST else None


# A frozen class pays for each field it sets, and a page has many rows; what stands here is known to be valid.
_empty: Final = partial(object.__new__, SentAt)
_set_earliest: Final[Callable[[SentAt, datetime], None]] = vars(Interval)["earliest"].__set__
_set_latest: Final[Callable[[SentAt, datetime], None]] = vars(Interval)["latest"].__set__
_set_text: Final[Callable[[SentAt, str], None]] = vars(SentAt)["text"].__set__


class SentTimes:
    """Reads when invitations were sent, for the answers that arrived at one moment.

    Args:
        at: When the answer arrived; aware UTC.
    """

    def __init__(self, at: datetime) -> None:
        self._at, self._at_ms = at, _milliseconds(at)
        # A page has a hundred rows and a dozen labels.
        self._claims: dict[str, _Claim] = {}

    def read(self, invitation_id: str, label: Any, parsed: Any) -> SentAt:
        """Give when one was sent.

        The moment in the id counts if it is not in the future, and lies where the label, or else the vendor's own
        reading of it, says that it must. Where the id does not count, the label does, as an interval, and where
        that is not understood the vendor's reading of it, widened to what labels of that age leave open.

        Without either, the id has to be plausible only, that is between `OLDEST` and the answer: such a moment is
        exact, yet rests on the id alone, and nothing corroborates it. An id that is up to `SKEW` ahead of the
        answer, since clocks differ, gives the last five minutes before the answer: nothing is ever sent later than
        it was listed.

        Args:
            invitation_id: The id.
            label: For instance ``Sent 2 months ago``; anything but a text says nothing.
            parsed: The vendor's reading of the label, ISO 8601 in UTC; as above.
        """
        try:
            claim = self._claims[label]
        except (KeyError, TypeError):
            claim = self._claim(label, parsed)
        if len(invitation_id) <= _DIGITS and invitation_id.isdecimal():
            ms = int(invitation_id) >> _TIME_BITS
            if claim.first_ms <= ms <= claim.last_ms:
                if ms > self._at_ms:
                    return SentAt(self._at - SKEW, self._at, claim.text)
                moment = _EPOCH + timedelta(0, 0, 0, ms)
                sent_at = _empty()
                _set_earliest(sent_at, moment)
                _set_latest(sent_at, moment)
                _set_text(sent_at, claim.text)
                return sent_at
        return claim.otherwise()

    def _claim(self, label: Any, parsed: Any) -> _Claim:
        text = label if isinstance(label, str) else ""
        if text and (said := label_interval(text, self._at)) is not None:
            claim = self._claims[text] = _Claim(said, text, self._at)
            return claim
        moment = _parsed(parsed)
        said = None if moment is None else around(moment, self._at)
        return _Claim(said, text or (parsed if isinstance(parsed, str) else ""), self._at)


class _Claim:
    """What a row says about when, besides its id."""

    __slots__ = ("_said", "first_ms", "last_ms", "text")

    def __init__(self, said: tuple[datetime, datetime] | None, text: str, at: datetime) -> None:
        self._said = said
        self.text = text if len(text) <= _TEXT_LIMIT else f"{text[: _TEXT_LIMIT - 1]}…"
        # Between which milliseconds the moment in an id has to lie in order to count.
        self.first_ms, self.last_ms = _OLDEST_MS, _milliseconds(at) + _SKEW_MS
        if said is not None:
            first, last = said
            self.first_ms = max(self.first_ms, _milliseconds(first))
            self.last_ms = min(self.last_ms, _milliseconds(last) + _SKEW_MS)

    def otherwise(self) -> SentAt:
        """Give what the row says without its id."""
        if self._said is None:
            unknown = SentAt.unknown()
            return SentAt(unknown.earliest, unknown.latest, self.text)
        return SentAt(*self._said, self.text)


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND


def _parsed(value: Any) -> datetime | None:
    if not isinstance(value, str) or len(value) > _TEXT_LIMIT:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None

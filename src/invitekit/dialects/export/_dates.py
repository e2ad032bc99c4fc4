"""The two dates of an export: ``Sent At``, a wall-clock time without a zone, and ``Connected On``, a UTC date.

Neither file says so. That ``Sent At`` is US Pacific time, summer time included, and ``Connected On`` a UTC date
was measured on member exports (of 6,416 accepted invitations none was accepted before it was sent, and that only
if read this way); LinkedIn documents neither.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final

from invitekit.model import Interval, SentAt

__all__ = ["ConnectedReader", "SentReader", "UnreadableDate"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MIDNIGHT: Final = time()
_MINUTE: Final = timedelta(minutes=1) - timedelta(microseconds=1)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

FIRST_YEAR: Final = 2003
"""The year the service opened: no invitation and no connection is older."""
_LAST_YEAR: Final = 2099

_REMEMBERED: Final = 65_536
"""How many spellings a reader remembers. An export repeats its few hundred days and its minutes; the bound keeps a
damaged or endless file from filling the memory."""

_SLASHED: Final = r"(?P<first>[0-9]{1,2})/(?P<second>[0-9]{1,2})/(?P<year>[0-9]{4}|[0-9]{2})"
_DOTTED: Final = r"(?P<dotted>[0-9]{1,2}\.[0-9]{1,2}\.(?:[0-9]{4}|[0-9]{2}))"
_NAMED: Final = r"(?P<named_day>[0-9]{1,2})[- ](?P<month>[A-Za-z]{3}|[Ss]ept)[- ](?P<named_year>[0-9]{4}|[0-9]{2})"
_ISO: Final = r"(?P<iso>[0-9]{4}-[0-9]{2}-[0-9]{2})"

_day_of: Final = re.compile(f"{_SLASHED}|{_DOTTED}|{_NAMED}|{_ISO}").fullmatch
_clock_of: Final = re.compile(
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::[0-9]{2}(?:\.[0-9]+)?)?(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
).fullmatch
_split: Final = re.compile(r"(.+?)(?:, ?| |T)([0-9]{1,2}:.+)").fullmatch

# Some systems put a narrow or a fixed space before AM and PM.
_spaces: Final = re.compile(r"[\s\u00a0\u202f]+")


class UnreadableDate(ValueError):  # noqa: N818  # caught next door, never raised to a user
    """A cell that holds no date in any form an export or a spreadsheet writes.

    Attributes:
        day_first: Whether it would be a date if the day stood before the month.
    """

    def __init__(self, *, day_first: bool = False) -> None:
        super().__init__("no date")
        self.day_first = day_first


class _Draft(Interval):
    """The mutable twin of `SentAt`; see `trusted_invitation` for why."""

    __slots__ = ("text",)
    # Both, since they share one slot of the type: with one alone, every assignment takes the long way.
    __setattr__ = object.__setattr__
    __delattr__ = object.__delattr__

    def __init__(self, earliest: datetime, latest: datetime, text: str) -> None:
        self.earliest = earliest  # type: ignore[misc]
        self.latest = latest  # type: ignore[misc]
        self.text = text


def _trusted_sent_at(earliest: datetime, latest: datetime, text: str) -> SentAt:
    """Build a `SentAt` from values that are known to be valid."""
    sent_at: Any = _Draft(earliest, latest, text)
    sent_at.__class__ = SentAt
    return sent_at  # type: ignore[no-any-return]


class SentReader:
    """Reads ``Sent At``: ``M/D/YY, h:mm AM`` and what spreadsheets make of it.

    Also read are four-digit years, a missing comma, the 24-hour clock, seconds, ``YYYY-MM-DD HH:MM``,
    ``D-Mon-YY h:mm AM`` and ``DD.MM.YYYY HH:MM``. The answer is always the whole minute, since that is what an
    export knew: seconds are an addition of the spreadsheet. A minute that occurs twice in autumn, or not at all in
    spring, is an interval over both readings.

    Args:
        zone: The zone of the wall clock.
        either_order: Read a date such as ``6/5/24`` as an interval over both readings, since other rows of the
            file have the day first.
        share: Give equal cells the same object: less memory for whoever keeps them, more for whoever does not.

    Attributes:
        month_first: How many different days were read that can only have the month first.
        day_first: How many different days could not be read because they have the day first.
    """

    def __init__(self, zone: tzinfo, *, either_order: bool = False, share: bool = False) -> None:
        self._zone = zone
        self._either_order = either_order
        self._share = share
        # What nearly every row needs: the midnight of a day without a change of clocks, and a time of the day.
        self._moments: dict[str, tuple[SentAt, int]] = {}
        self._midnights: dict[str, tuple[datetime, int]] = {}
        self._clocks: dict[str, tuple[timedelta, timedelta, int]] = {}
        self._changing: dict[str, tuple[date, ...]] = {}
        self._refused: set[str] = set()
        self._slashed = self._dotted = False
        self.month_first = 0

    @property
    def mixed(self) -> bool:
        """Whether dates with slashes and dates with dots were read.

        A spreadsheet that writes dots took a part of the dates for its own, and may have taken their month for
        the day.
        """
        return self._slashed and self._dotted

    @property
    def day_first(self) -> int:
        """How many different days could not be read because they have the day first."""
        return len(self._refused)

    def read(self, text: str) -> tuple[SentAt, int]:
        """Give the minute that a cell names, in UTC, and its number since 1970 (of the earlier reading).

        Raises:
            UnreadableDate: It names none.
        """
        if self._share and text in self._moments:
            return self._moments[text]
        day, _, clock = text.partition(", ")
        try:
            midnight, minutes = self._midnights[day]
            first, last, minute = self._clocks[clock]
        except KeyError:
            return self._read(text)
        moment = _trusted_sent_at(midnight + first, midnight + last, text), minutes + minute
        # When the memory is full it stays as it is, for minutes come in no order.
        if self._share and len(self._moments) < _REMEMBERED:
            self._moments[text] = moment
        return moment

    def _read(self, text: str) -> tuple[SentAt, int]:
        """As `read`, for a day or a time that is new, spelt in another way, or on a day that clocks change."""
        day, comma, clock = text.partition(", ")
        if not comma:
            day, clock = _halves(text)
        if clock not in self._clocks:
            _forget(self._clocks)
            since = _time_of_day(clock)
            self._clocks[clock] = since, since + _MINUTE, since // timedelta(minutes=1)
        since = self._clocks[clock][0]
        if day not in self._midnights and day not in self._changing:
            self._read_day(day)
        if day in self._midnights:
            moments = [self._midnights[day][0] + since]
        else:
            walls = [datetime.combine(one, _MIDNIGHT, self._zone) + since for one in self._changing[day]]
            # Both readings of an hour that exists twice, and of one that does not exist.
            moments = [wall.replace(fold=fold).astimezone(UTC) for wall in walls for fold in (0, 1)]
        sent_at = SentAt(min(moments), max(moments) + _MINUTE, text)
        return sent_at, (sent_at.earliest - _EPOCH) // timedelta(minutes=1)

    def _read_day(self, text: str) -> None:
        found = _day_of(_tidy(text))
        if found is None:
            raise UnreadableDate
        try:
            days: tuple[date, ...] = (_date(found),)
        except UnreadableDate as error:
            if error.day_first and len(self._refused) < _REMEMBERED:
                self._refused.add(text)
            raise
        if found["first"] or found["dotted"]:
            swapped = _swapped(found)
            self._slashed = self._slashed or bool(found["first"])
            self._dotted = self._dotted or bool(found["dotted"])
            if swapped is None:
                self.month_first += bool(found["first"])
            elif self._either_order and swapped != days[0]:
                days += (swapped,)
        midnight = self._midnight(days[0]) if len(days) == 1 else None
        if midnight is None:
            _forget(self._changing)
            self._changing[text] = days
        else:
            _forget(self._midnights)
            self._midnights[text] = midnight, (midnight - _EPOCH) // timedelta(minutes=1)

    def _midnight(self, day: date) -> datetime | None:
        """The instant at which a day begins, None where the clock is changed in the course of it."""
        begin = datetime.combine(day, _MIDNIGHT, self._zone)
        moments = (begin, begin + timedelta(hours=12), begin + timedelta(days=1))
        return begin.astimezone(UTC) if len({moment.utcoffset() for moment in moments}) == 1 else None


class ConnectedReader:
    """Reads ``Connected On``: ``DD Mon YYYY`` and what spreadsheets make of it.

    That is ``D-Mon-YY``, ``YYYY-MM-DD`` or ``DD.MM.YYYY``. The answer is the whole UTC day. An export of 2018 has
    ``M/D/YY, h:mm AM`` instead; whether that clock is UTC or US Pacific is not known, so the answer is an interval
    over both readings.

    Args:
        zone: The zone of the wall clock of 2018.
    """

    def __init__(self, zone: tzinfo) -> None:
        self._clocks = SentReader(zone), SentReader(UTC)
        self._known: dict[str, Interval] = {}

    def read(self, text: str) -> Interval:
        """Give the interval that a cell names, in UTC.

        Raises:
            UnreadableDate: It names none.
        """
        known = self._known.get(text)
        if known is None:
            _forget(self._known)
            known = self._known[text] = self._read(text)
        return known

    def _read(self, text: str) -> Interval:
        found = _day_of(_tidy(text))
        if found is not None and not found["first"]:
            return Interval.day(_date(found))
        spans = [clock.read(text)[0] for clock in self._clocks]
        return Interval(min(span.earliest for span in spans), max(span.latest for span in spans))


def _tidy(text: str) -> str:
    return _spaces.sub(" ", text).strip()


def _forget(known: dict[str, Any]) -> None:
    """Start a memory afresh when it is full."""
    if len(known) >= _REMEMBERED:
        known.clear()


def _halves(text: str) -> tuple[str, str]:
    """Take a date and a clock apart that no comma with a space separates."""
    found = _split(_tidy(text))
    if found is None:
        raise UnreadableDate
    return found[1], found[2]


def _date(found: re.Match[str]) -> date:
    if found["iso"]:
        year, month, day = map(int, found["iso"].split("-"))
    elif found["dotted"]:
        # Wherever dates have dots, the day comes first.
        day, month, year = map(int, found["dotted"].split("."))
    elif found["month"]:
        name = found["month"].casefold()[:3]
        month = _MONTHS.index(name) + 1 if name in _MONTHS else 0
        year, day = int(found["named_year"]), int(found["named_day"])
    else:
        year, month, day = int(found["year"]), int(found["first"]), int(found["second"])
    try:
        return _real_date(year, month, day)
    except ValueError:
        day_first = bool(found["first"]) and _swapped(found) is not None
        raise UnreadableDate(day_first=day_first) from None


def _swapped(found: re.Match[str]) -> date | None:
    """The date with day and month the other way round, None where there is none."""
    try:
        if found["dotted"]:
            month, day, year = map(int, found["dotted"].split("."))
            return _real_date(year, month, day)
        return _real_date(int(found["year"]), int(found["second"]), int(found["first"]))
    except ValueError:
        return None


def _real_date(year: int, month: int, day: int) -> date:
    year += 2000 if year < 100 else 0
    if not FIRST_YEAR <= year <= _LAST_YEAR:
        raise ValueError
    return date(year, month, day)


def _time_of_day(text: str) -> timedelta:
    found = _clock_of(_tidy(text))
    if found is None:
        raise UnreadableDate
    hour, minute, half = int(found["hour"]), int(found["minute"]), found["half"]
    if half:
        if not 1 <= hour <= 12:
            raise UnreadableDate
        hour = hour % 12 + (12 if half in "pP" else 0)
    if hour > 23 or minute > 59:
        raise UnreadableDate
    return timedelta(hours=hour, minutes=minute)

"""Rules about when an invitation was sent. The instant is an interval, so near a threshold they do not know."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar, Final

import attrs

from invitekit._text import several
from invitekit.errors import DataError, PolicyError
from invitekit.model import Interval, Invitation, Truth
from invitekit.model._interval import as_utc
from invitekit.rules._reason import Scalar, days_text, saying
from invitekit.rules._rowtest import Compare, Constant, Test
from invitekit.rules._rule import Leaf, Rule, leaf
from invitekit.rules._sight import Sight

__all__ = ["OlderThan", "age_facts", "duration", "older_than", "sent_after", "sent_before"]

_LONGEST: Final = timedelta(days=36_500)
_UNITS: Final = ("weeks", "days", "hours", "minutes")


def duration(given: timedelta | None, what: str, **units: int) -> timedelta:
    """Read a duration given as a timedelta or in whole units.

    Raises:
        PolicyError: It is given twice or not at all, in something else than whole numbers, or not positive.
    """
    for unit, number in units.items():
        if type(number) is not int:
            raise PolicyError(
                f"{what}: {unit} must be a whole number, got {number!r:.40}", hint="For instance days=21"
            )
    if given is not None and any(units.values()):
        raise PolicyError(f"{what} is given twice", hint="Give a timedelta or units such as days=21, not both")
    if given is not None and not isinstance(given, timedelta):
        raise PolicyError(
            f"{what} needs a unit, got {given!r:.40}", hint="For instance weeks=4, days=21 or timedelta(days=21)"
        )
    try:
        total = timedelta(**units) if given is None else given
    except OverflowError:
        total = timedelta.max
    if not timedelta(0) < total <= _LONGEST:
        raise PolicyError(f"{what} must be more than nothing and at most 100 years", hint="For instance weeks=4")
    return total


def units_of(span: timedelta) -> dict[str, int]:
    """Spell a duration in whole units, days being the largest."""
    minutes, rest = divmod(span, timedelta(minutes=1))
    if rest:
        raise PolicyError(
            f"a duration must be in whole minutes, got {span}", hint="For instance timedelta(days=21)"
        )
    days, minutes = divmod(minutes, 24 * 60)
    spelled = {"days": days, "hours": minutes // 60, "minutes": minutes % 60}
    return {unit: number for unit, number in spelled.items() if number}


def age_facts(invitation: Invitation, sight: Sight) -> dict[str, Scalar]:
    """How old an invitation is, in days, as a range."""
    if not invitation.sent_at.is_known:
        return {"age_days_from": None, "age_days_to": None}
    least, most = (round(age / timedelta(days=1), 3) for age in invitation.sent_at.age(sight.now))
    return {"age_days_from": least, "age_days_to": most}


@attrs.frozen(repr=False)
class OlderThan(Leaf):
    """See `older_than`."""

    age: timedelta
    name: ClassVar[str] = "older_than"

    @property
    def arguments(self) -> dict[str, Any]:
        """The age in whole units."""
        return units_of(self.age)

    def surely(self, truth: bool, sight: Sight) -> Test:
        """Compare with a cut-off, worked out once."""
        try:
            cutoff = sight.now - self.age
        except OverflowError:
            return Constant(not truth)
        return Compare("sent_at.latest", "<", cutoff) if truth else Compare("sent_at.earliest", ">=", cutoff)

    def implies(self, other: Leaf) -> bool:
        """What is older than four weeks is older than three."""
        return isinstance(other, OlderThan) and self.age >= other.age

    def look(self, invitation: Invitation, sight: Sight) -> dict[str, Scalar]:
        """The age, in days, as a range."""
        return {**age_facts(invitation, sight), "threshold_days": round(self.age / timedelta(days=1), 3)}


@leaf
def older_than(
    age: timedelta | None = None, *, weeks: int = 0, days: int = 0, hours: int = 0, minutes: int = 0
) -> Rule:
    """Sent more than so long ago.

    Unknown where the threshold falls inside the interval in which the invitation was sent.

    Args:
        age: A timedelta; or give whole units instead.
        weeks: Whole weeks.
        days: Whole days of 24 hours.
        hours: Whole hours.
        minutes: Whole minutes.

    Raises:
        PolicyError: No age, two ages, no whole number, nothing positive, or more than 100 years.
    """
    span = duration(age, "older_than", weeks=weeks, days=days, hours=hours, minutes=minutes)
    units_of(span)
    return OlderThan(span)


@saying("older-than")
def _say_older(truth: Truth, facts: Mapping[str, Scalar]) -> str:
    threshold = float(facts["threshold_days"] or 0)
    span = several(threshold, "days", "g")
    sent = f"sent {days_text(facts, near=threshold)}"
    return {
        Truth.TRUE: f"{sent}, more than {span}",
        Truth.FALSE: f"{sent}, not more than {span}",
        Truth.UNKNOWN: f"{sent}, so it may or may not be more than {span}",
    }[truth]


def _instant(given: datetime | date | str, what: str) -> datetime | date:
    hint = "For instance date(2026, 6, 1), '2026-06-01' or an aware datetime"
    if isinstance(given, str):
        try:
            read = date.fromisoformat(given) if len(given) == 10 else datetime.fromisoformat(given)
        except ValueError:
            raise PolicyError(f"{what} does not read {given[:40]!r}", hint=hint) from None
        return _instant(read, what)
    if isinstance(given, datetime):
        if given.utcoffset() is None:
            raise PolicyError(f"{what}: the datetime has no time zone", hint=hint)
        try:
            return as_utc(given)
        except DataError as error:
            raise PolicyError(f"{what}: {error.message}", hint=hint) from None
    if not isinstance(given, date):
        raise PolicyError(f"{what} takes a date or a datetime, got {type(given).__name__}", hint=hint)
    return given


def _begin(at: datetime | date) -> datetime:
    return at if isinstance(at, datetime) else datetime(at.year, at.month, at.day, tzinfo=UTC)


@attrs.frozen(repr=False)
class _Sent(Leaf):
    """What asks on which side of a date or an instant it was sent."""

    at: datetime | date

    @property
    def arguments(self) -> dict[str, Any]:
        """The date or instant, in ISO format."""
        return {"at": self.at.isoformat()}

    def look(self, invitation: Invitation, sight: Sight) -> dict[str, Scalar]:
        """When it was sent, and the bound."""
        return _sent(invitation.sent_at) | {"bound": self.at.isoformat()}


@attrs.frozen(repr=False)
class SentBefore(_Sent):
    """See `sent_before`."""

    name: ClassVar[str] = "sent_before"

    def surely(self, truth: bool, sight: Sight) -> Test:
        """Compare with the instant or with the beginning of the day."""
        bound = _begin(self.at)
        return Compare("sent_at.latest", "<", bound) if truth else Compare("sent_at.earliest", ">=", bound)


@attrs.frozen(repr=False)
class SentAfter(_Sent):
    """See `sent_after`."""

    name: ClassVar[str] = "sent_after"

    def surely(self, truth: bool, sight: Sight) -> Test:
        """Compare with the instant or with the end of the day."""
        if isinstance(self.at, datetime):
            after = Compare("sent_at.earliest", ">", self.at)
            return after if truth else Compare("sent_at.latest", "<=", self.at)
        end = Interval.day(self.at).latest
        return Compare("sent_at.earliest", ">", end) if truth else Compare("sent_at.latest", "<=", end)


def _sent(sent_at: Interval) -> dict[str, Scalar]:
    if not sent_at.is_known:
        return {"sent_from": None, "sent_to": None}
    return {"sent_from": sent_at.earliest.isoformat(), "sent_to": sent_at.latest.isoformat()}


@leaf
def sent_before(at: datetime | date | str) -> Rule:
    """Sent before an instant, or before a UTC day began.

    Args:
        at: An aware datetime, a date (read as a UTC day), or either as ISO text.

    Raises:
        PolicyError: It is none of these, or has no time zone.
    """
    return SentBefore(_instant(at, "sent_before"))


@leaf
def sent_after(at: datetime | date | str) -> Rule:
    """Sent after an instant, or after a UTC day ended.

    Args:
        at: An aware datetime, a date (read as a UTC day), or either as ISO text.

    Raises:
        PolicyError: It is none of these, or has no time zone.
    """
    return SentAfter(_instant(at, "sent_after"))


def _say_sent(word: str, truth: Truth, facts: Mapping[str, Scalar]) -> str:
    sent = "at an unknown time" if facts["sent_from"] is None else f"on {str(facts['sent_from'])[:16]}Z"
    if facts["sent_from"] is not None and str(facts["sent_from"])[:10] != str(facts["sent_to"])[:10]:
        sent = f"between {str(facts['sent_from'])[:10]} and {str(facts['sent_to'])[:10]}"
    relation = {Truth.TRUE: word, Truth.FALSE: f"not {word}", Truth.UNKNOWN: f"perhaps {word}"}[truth]
    return f"sent {sent}, {relation} {facts['bound']}"


@saying("sent-before")
def _say_before(truth: Truth, facts: Mapping[str, Scalar]) -> str:
    return _say_sent("before", truth, facts)


@saying("sent-after")
def _say_after(truth: Truth, facts: Mapping[str, Scalar]) -> str:
    return _say_sent("after", truth, facts)

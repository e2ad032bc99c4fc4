"""When a weekly limit is reached if sending goes on as it did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import attrs

from invitekit.errors import DataError
from invitekit.insight.estimators._arguments import shown
from invitekit.insight.estimators._shown import OneRecord
from invitekit.insight.quota._windows import CalendarWeek, RollingWeek, StrictestWeek, Window
from invitekit.model import UNKNOWN, Truth, Unknown

__all__ = ["Forecast", "as_pace", "reached_at"]

_DAY: Final = timedelta(days=1)


@attrs.frozen(weakref_slot=False, kw_only=True, repr=False)
class Forecast(OneRecord):
    """Whether and when a weekly limit is reached at a steady pace. Print it: it is a sentence.

    Args:
        answer: Whether it is reached at this pace; `Truth.UNKNOWN` where the limit is.
        reached_at: When, UTC; `UNKNOWN` where it is not reached, or nobody can say.
        pace: How many invitations a day.
        limit: The limit, invitations a week.
        now: From when on; UTC.
        resets_at: When the calendar week ends, UTC; `UNKNOWN` where only seven rolling days are looked at.
        next_free: See `WeeklyQuota.next_free`.
    """

    answer: Truth
    reached_at: datetime | Unknown
    pace: float
    limit: int | Unknown
    now: datetime
    resets_at: datetime | Unknown
    next_free: datetime | Unknown

    @property
    def before_reset(self) -> Truth:
        """Whether the limit is reached before `resets_at`; unknown where that is."""
        if self.reached_at is UNKNOWN:
            return self.answer
        return Truth.UNKNOWN if self.resets_at is UNKNOWN else Truth.of(self.reached_at < self.resets_at)

    def to_record(self) -> dict[str, Any]:
        """Give it as a flat record; what is unknown becomes None."""
        values = {
            field: getattr(self, field) for field in ("reached_at", "pace", "limit", "resets_at", "next_free")
        }
        known = {field: None if value is UNKNOWN else value for field, value in values.items()}
        return {"answer": self.answer.value, **known, "sentence": str(self)}

    def __str__(self) -> str:
        if self.limit is UNKNOWN:
            return f"the weekly limit is not known, so neither is when it is reached ({_spoken(self.pace)})"
        limit = f"the weekly limit of {self.limit:,}"
        if self.reached_at is UNKNOWN:
            return f"at this pace ({_spoken(self.pace)}) {limit} is not reached"
        if self.reached_at == self.now:
            free = (
                "" if self.next_free is UNKNOWN else f"; the next invitation is free on {_moment(self.next_free)}"
            )
            return f"{limit} is reached{free}"
        later = ""
        if self.before_reset is Truth.FALSE and self.resets_at is not UNKNOWN:
            later = f", not before the week ends on {_moment(self.resets_at)}"
        return f"at this pace ({_spoken(self.pace)}) {limit} is reached on {_moment(self.reached_at)}{later}"

    __repr__ = __str__

    def __rich_repr__(self) -> Any:
        yield str(self)


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}Z"


def _spoken(pace: float) -> str:
    return f"{pace:.3g} a day" if pace else "nothing is sent"


def as_pace(value: object) -> float:
    """Give a pace, in invitations a day.

    Raises:
        DataError: It is no number from 0 up.
    """
    # What is infinite, or no number at all, is not below infinity.
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value < float("inf"):
        raise DataError(
            f"a pace is a number of invitations a day, from 0 up, got {shown(value)}",
            hint="For instance 12.5; leave it out for that of the last four weeks",
            key="pace",
        )
    try:
        return float(value)
    except OverflowError:
        raise DataError(
            "a pace of more invitations a day than there are numbers", hint="For instance 12.5", key="pace"
        ) from None


def reached_at(
    counted: Sequence[datetime], now: datetime, limit: int, pace: float, window: Window
) -> datetime | Unknown:
    """When so many count at once, if from now on invitations are sent evenly; `UNKNOWN` if that never happens.

    Args:
        counted: When those were sent that count now; in their order.
        now: From when on; UTC.
        limit: How many.
        pace: How many invitations a day.
        window: How long an invitation counts.
    """
    if isinstance(window, StrictestWeek):
        parts: tuple[CalendarWeek | RollingWeek, ...] = (window.calendar, window.rolling)
        found = [reached_at(counted, now, limit, pace, part) for part in parts]
        return min((one for one in found if one is not UNKNOWN), default=UNKNOWN)
    leaving = [leaves for leaves in map(window.leaves, counted) if leaves > now]
    if len(leaving) >= limit:
        return now
    if pace == 0:
        return UNKNOWN
    if isinstance(window, CalendarWeek):
        ends = window.leaves(now)
        needed = _time_for(limit - len(leaving), pace)
        if now + needed < ends:
            return now + needed
        # From the reset on every week is like the other.
        whole = _time_for(limit, pace)
        return ends + whole if ends + whole <= window.leaves(ends) else UNKNOWN
    # While the old ones leave, one by one, new ones come; once all have left, the new ones leave as fast.
    for left, until in enumerate([*leaving, window.leaves(now)]):
        needed = _time_for(limit - len(leaving) + left, pace)
        if now + needed < until or (left == len(leaving) and now + needed == until):
            return now + needed
    return UNKNOWN


def _time_for(count: int, pace: float) -> timedelta:
    """How long so many invitations take; a month stands for anything longer than a week."""
    return (count / pace if count < 30 * pace else 30) * _DAY

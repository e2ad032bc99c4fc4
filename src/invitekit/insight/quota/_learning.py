"""What one's own sends and the service's refusals say about the weekly limit.

That an invitation went through with n others in the week says that the limit is at least n. That one was refused
with n in the week says that the limit is about n. Where these contradict each other, the newer one stands: limits
change, and a refusal may have had another cause.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import attrs

from invitekit._text import several
from invitekit.insight.estimators._shown import OneRecord
from invitekit.insight.quota._sendings import Sending
from invitekit.insight.quota._windows import CalendarWeek, StrictestWeek, Window
from invitekit.model import UNKNOWN, Unknown

__all__ = ["LimitBounds", "learn"]


@attrs.frozen(weakref_slot=False, kw_only=True)
class LimitBounds(OneRecord):
    """What was learned about a weekly limit; it counts only what was surely sent within a week.

    Args:
        at_least: So many went through in one week; `UNKNOWN` where nothing was sent.
        at_least_on: When the last of them did; UTC.
        about: With so many in the week the service refused another; `UNKNOWN` where it never did, or where more
            went through since.
        about_on: When it did; UTC.
        refusals: How many refusals there were.
        set_aside: How many pieces of evidence contradict newer ones, or say nothing (a refusal in a week of which
            no invitation is known), and were left out.
    """

    at_least: int | Unknown = UNKNOWN
    at_least_on: datetime | Unknown = UNKNOWN
    about: int | Unknown = UNKNOWN
    about_on: datetime | Unknown = UNKNOWN
    refusals: int = 0
    set_aside: int = 0

    def to_record(self) -> dict[str, Any]:
        """Give it as a flat record; what is unknown becomes None."""
        values: dict[str, Any] = attrs.asdict(self, recurse=False)
        return {name: None if value is UNKNOWN else value for name, value in values.items()}

    def __str__(self) -> str:
        if self.at_least is UNKNOWN and self.about is UNKNOWN:
            return "nothing learned yet"
        return "; ".join(self._said())

    def _said(self) -> Iterator[str]:
        if self.about is not UNKNOWN and self.about_on is not UNKNOWN:
            yield f"about {self.about:,}, refused on {self.about_on:%Y-%m-%d}"
        if self.at_least is not UNKNOWN and self.at_least_on is not UNKNOWN:
            yield f"at least {self.at_least:,}, sent by {self.at_least_on:%Y-%m-%d}"
        if not self.refusals:
            yield "never refused"
        if self.set_aside:
            yield f"{several(self.set_aside, 'contradictions')} set aside"

    def __rich_repr__(self) -> Iterator[str]:
        yield str(self)


def learn(sent: Sequence[Sending], refusals: Sequence[datetime], window: Window) -> LimitBounds:
    """Learn what there is to learn.

    Which of two kinds of week the service counts is not known where the window is the stricter of both; then both
    are looked at, and the lower numbers stand.

    Args:
        sent: What was sent.
        refusals: When the service refused; in their order.
        window: How invitations are counted.
    """
    if not isinstance(window, StrictestWeek):
        return _learn(sent, refusals, window)
    first, second = (_learn(sent, refusals, one) for one in (window.calendar, window.rolling))
    low = _lower(first, second, "at_least")
    about = _lower(first, second, "about")
    return LimitBounds(
        at_least=low.at_least,
        at_least_on=low.at_least_on,
        about=about.about,
        about_on=about.about_on,
        refusals=len(refusals),
        set_aside=max(first.set_aside, second.set_aside),
    )


def _lower(first: LimitBounds, second: LimitBounds, name: str) -> LimitBounds:
    """The one whose number is lower; one that is not known is not low."""
    one, other = getattr(first, name), getattr(second, name)
    return second if one is UNKNOWN or (other is not UNKNOWN and other < one) else first


def _learn(sent: Sequence[Sending], refusals: Sequence[datetime], window: Window) -> LimitBounds:
    # What stopped counting before it can be said to have been sent was never surely in one week.
    done = [one for one in sent if one.is_sure]
    dated = [
        (leaves, one.latest)
        for one, leaves in zip(done, _leaving(done, window), strict=True)
        if leaves > one.latest
    ]
    out = sorted(leaves for leaves, _ in dated)
    sure = [latest for _, latest in dated]  # In order, as `sent` is.

    def count(at: datetime) -> int:
        return bisect_right(sure, at) - bisect_right(out, at)

    at_least: int | Unknown = UNKNOWN
    about: int | Unknown = UNKNOWN
    at_least_on: datetime | Unknown = UNKNOWN
    about_on: datetime | Unknown = UNKNOWN
    set_aside = 0
    # At one moment, what went through comes before what did not.
    for at, refused in sorted([*((at, False) for at in sure), *((at, True) for at in refusals)]):
        n = count(at)
        if not refused:
            if about is not UNKNOWN and n > about:
                about = about_on = UNKNOWN
                set_aside += 1
            if at_least is UNKNOWN or n >= at_least:
                at_least, at_least_on = n, at
        elif n == 0:
            set_aside += 1
        else:
            if at_least is not UNKNOWN and at_least > n:
                at_least, at_least_on = n, at
                set_aside += 1
            about, about_on = n, at
    return LimitBounds(
        at_least=at_least,
        at_least_on=at_least_on,
        about=about,
        about_on=about_on,
        refusals=len(refusals),
        set_aside=set_aside,
    )


def _leaving(sent: Sequence[Sending], window: Window) -> Iterator[datetime]:
    """When each stops counting, at the earliest. A long history has many of a week, which is worked out once."""
    week: tuple[datetime, datetime] | None = None
    for one in sent:
        if not isinstance(window, CalendarWeek):
            yield window.leaves(one.earliest)
            continue
        if week is None or not week[0] <= one.earliest < week[1]:
            week = window.bounds(one.earliest)
        yield week[1]

"""How many invitations count against the weekly limit, how many are left, and when there are more."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Self

import attrs

from invitekit._numbers import is_number
from invitekit.errors import DataError
from invitekit.insight.estimators._arguments import LARGEST, shown
from invitekit.insight.estimators._shown import OneRecord
from invitekit.insight.quota._forecast import Forecast, as_pace, reached_at
from invitekit.insight.quota._learning import LimitBounds, learn
from invitekit.insight.quota._pace import pace_of
from invitekit.insight.quota._sendings import Sent, sendings, sent_of
from invitekit.insight.quota._text import REMARK, facts_of, when
from invitekit.insight.quota._tiers import NO_MONTHLY_LIMIT, AccountTier, NoMonthlyLimit, as_tier
from invitekit.insight.quota._windows import CalendarWeek, RollingWeek, StrictestWeek, Window, month_of, parts_of
from invitekit.model import UNKNOWN, Completeness, Snapshot, Truth, Unknown
from invitekit.model._interval import as_utc

if TYPE_CHECKING:
    from invitekit.history import Timeline

__all__ = ["LimitSource", "WeeklyQuota"]

_BOTH: Final = StrictestWeek()
_DAY: Final = timedelta(days=1)
_FIRST: Final = datetime(1972, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9998, 1, 1, tzinfo=UTC)


class LimitSource(StrEnum):
    """Where a weekly limit comes from."""

    CONFIGURED = "configured"
    """You gave it."""
    LEARNED = "learned"
    """The service refused to send more."""
    NOT_KNOWN = "unknown"
    """Neither."""


@attrs.frozen(weakref_slot=False, kw_only=True, repr=False)
class WeeklyQuota(OneRecord):
    """What counts against the weekly limit of invitations at a moment.

    Made by `of`, `from_snapshot`, `from_history`, or ``ledger.quota()``. The limit exists (LinkedIn's help), and
    its number is published nowhere. So it is `UNKNOWN` unless you configure it, or it was learned from a refusal;
    a number by tier is a plan (`planning_limit`), never a limit.

    **Withdrawing frees no weekly allowance**: a withdrawn invitation was sent, and stays counted (LinkedIn's help
    of 2015; today's does not contradict it). It only makes the pile of pending ones smaller.

    All times are aware UTC. Where times of sending are known roughly, what may count is counted.

    Args:
        now: The moment it is about.
        window: Which invitations count.
        counted: For each invitation that counts, the last moment at which it can have been sent; in their order.
        used_surely: How many of them surely count.
        limit: Invitations a week; `UNKNOWN` where it was neither configured nor learned.
        limit_source: Which of these.
        limit_bounds: What sends and refusals say about it.
        tier: The kind of account; `UNKNOWN` where you do not say.
        pace: Invitations a day over the last 28 days, or since the first one if that is less, but at least 7.
        known_until: Until when every invitation is known. `UNKNOWN` if some may be missing anyway, as in a
            listing, which does not show what was accepted. See `is_floor`.
        notes_used: How many invitations of this calendar month carry a personal note, or may.
        notes_used_surely: How many surely do.
        notes_per_month: How many may; `UNKNOWN` where neither you nor the tier says.
        notes_reset_at: When the next month begins, in the zone of the calendar week, else US Pacific. That notes
            are counted by calendar month is our assumption; LinkedIn's help says no more than "a month".
    """

    now: datetime
    window: Window
    counted: tuple[datetime, ...]
    used_surely: int
    limit: int | Unknown
    limit_source: LimitSource
    limit_bounds: LimitBounds
    tier: AccountTier | Unknown
    pace: float
    known_until: datetime | Unknown
    notes_used: int
    notes_used_surely: int
    notes_per_month: int | NoMonthlyLimit | Unknown
    notes_reset_at: datetime

    # ── Making one ───────────────────────────────────────────────────────────────────────────────────────────────

    @classmethod
    def of(
        cls,
        sends: Iterable[Sent],
        *,
        now: datetime,
        limit: int | Unknown = UNKNOWN,
        tier: AccountTier | str | Unknown = UNKNOWN,
        window: Window = _BOTH,
        refusals: Iterable[datetime] = (),
        noted: Iterable[Sent] | Unknown = UNKNOWN,
        notes_per_month: int | NoMonthlyLimit | Unknown = UNKNOWN,
        known_until: datetime | Unknown | None = None,
    ) -> Self:
        """Count moments of sending, in any order.

        Args:
            sends: Aware datetimes, `SentAt` or other intervals, or invitations, of which those count that were
                sent, whatever became of them. What was sent after `now` is left out.
            now: The moment it is about; aware.
            limit: The weekly limit, if you know it or set one for yourself.
            tier: The kind of account, or its word (``"basic"``, ``"sales-navigator"``).
            window: `CalendarWeek`, `RollingWeek`, or the stricter of both.
            refusals: When the service refused to send; aware. Later ones than `now` are left out.
            noted: Which sends carried a personal note, where `sends` does not say.
            notes_per_month: How many invitations a month may carry one, if not what is said of the tier.
            known_until: Until when `sends` holds all that was sent; aware. Until `now`, when not given.

        Raises:
            DataError: Something is of another type, a time has no zone, a limit is below 1, a tier is not known.
        """
        now = _sensible(as_utc(now))
        if not isinstance(window, (CalendarWeek, RollingWeek, StrictestWeek)):
            raise DataError(
                f"window is a kind of week, got {type(window).__name__}",
                hint="CalendarWeek(), RollingWeek() or StrictestWeek()",
                key="window",
            )
        sent = sendings(sends, now)
        # The newest come last, and what counts is the newest few.
        first = bisect_right(sent, now, key=lambda one: window.leaves(one.latest))
        counted = sent[first:]
        bounds = learn(sent, _refusals(refusals, now), window)
        source = LimitSource.NOT_KNOWN if bounds.about is UNKNOWN else LimitSource.LEARNED
        kind = as_tier(tier)
        begins, ends = month_of(window, now)
        with_note = (
            sent if noted is UNKNOWN else [one._replace(noted=Truth.TRUE) for one in sendings(noted, now, "noted")]
        )
        this_month = [one for one in with_note if one.latest >= begins and one.noted is not Truth.FALSE]
        allowed = _whole(notes_per_month, "notes_per_month", 0)
        if allowed is UNKNOWN and isinstance(kind, AccountTier):
            allowed = kind.notes_per_month
        until = now if known_until is None else known_until
        return cls(
            now=now,
            window=window,
            counted=tuple(one.latest for one in counted),
            used_surely=sum(one.is_sure and window.leaves(one.earliest) > now for one in counted),
            limit=bounds.about if limit is UNKNOWN else _whole(limit, "limit", 1),
            limit_source=source if limit is UNKNOWN else LimitSource.CONFIGURED,
            limit_bounds=bounds,
            tier=kind,
            pace=pace_of([(one.latest - now) / _DAY for one in sent], 0, day=0),
            known_until=UNKNOWN if until is UNKNOWN else min(as_utc(until), now),
            notes_used=len(this_month),
            notes_used_surely=sum(
                one.noted is Truth.TRUE and one.is_sure and one.earliest >= begins for one in this_month
            ),
            notes_per_month=allowed,
            notes_reset_at=ends,
        )

    @classmethod
    def from_snapshot(
        cls,
        snapshot: Snapshot,
        *,
        now: datetime | None = None,
        limit: int | Unknown = UNKNOWN,
        tier: AccountTier | str | Unknown = UNKNOWN,
        window: Window = _BOTH,
        refusals: Iterable[datetime] = (),
        notes_per_month: int | NoMonthlyLimit | Unknown = UNKNOWN,
    ) -> Self:
        """Count the invitations of a snapshot.

        An export shows all that was sent until it was taken. A listing shows only what is still pending, so there
        may have been more: see `is_floor`.

        Args:
            snapshot: For instance what `invitekit.read_export` gives.
            now: The moment it is about; aware. When the snapshot was taken, if not given.
            limit: The weekly limit, if you know it or set one for yourself.
            tier: The kind of account, or its word.
            window: Which invitations count.
            refusals: When the service refused to send; aware.
            notes_per_month: How many invitations a month may carry a note, if not what is said of the tier.

        Raises:
            DataError: As `of`.
        """
        if not isinstance(snapshot, Snapshot):
            raise DataError(
                f"expected a Snapshot, got {type(snapshot).__name__}", hint="For instance read_export(…)"
            )
        return cls.of(
            snapshot.invitations,
            now=snapshot.taken_at if now is None else now,
            limit=limit,
            tier=tier,
            window=window,
            refusals=refusals,
            notes_per_month=notes_per_month,
            known_until=snapshot.taken_at if snapshot.completeness is Completeness.LOG else UNKNOWN,
        )

    @classmethod
    def from_history(
        cls,
        history: Iterable[Timeline],
        *,
        now: datetime,
        limit: int | Unknown = UNKNOWN,
        tier: AccountTier | str | Unknown = UNKNOWN,
        window: Window = _BOTH,
        refusals: Iterable[datetime] = (),
        notes_per_month: int | NoMonthlyLimit | Unknown = UNKNOWN,
        known_until: datetime | Unknown = UNKNOWN,
    ) -> Self:
        """Count the invitations of a history, whatever became of them.

        Args:
            history: The timelines of one account, as ``ledger.history()`` gives them. ``ledger.quota()`` does all
                of this.
            now: The moment it is about; aware.
            limit: The weekly limit, if you know it or set one for yourself.
            tier: The kind of account, or its word.
            window: Which invitations count.
            refusals: When the service refused to send; aware.
            notes_per_month: How many invitations a month may carry a note, if not what is said of the tier.
            known_until: When the newest export was taken, if there is one; aware.

        Raises:
            DataError: As `of`.
        """
        return cls.of(
            sent_of(history),
            now=now,
            limit=limit,
            tier=tier,
            window=window,
            refusals=refusals,
            notes_per_month=notes_per_month,
            known_until=known_until,
        )

    # ── Asking ───────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def used(self) -> int:
        """How many invitations count, or may."""
        return len(self.counted)

    @property
    def is_floor(self) -> bool:
        """Whether more may have been sent than is known.

        Then `used` is the least, `remaining` the most, and `next_free` the earliest.
        """
        return self.known_until is UNKNOWN or self.known_until < self.now

    @property
    def remaining(self) -> int | Unknown:
        """How many can still be sent; `UNKNOWN` if the limit is."""
        return UNKNOWN if self.limit is UNKNOWN else max(self.limit - self.used, 0)

    @property
    def planning_limit(self) -> int | Unknown:
        """How many a week to plan with where the limit is unknown; see `AccountTier.planning_limit`."""
        return UNKNOWN if self.tier is UNKNOWN else self.tier.planning_limit

    @property
    def planning_remaining(self) -> int | Unknown:
        """How many of those are left."""
        return UNKNOWN if self.planning_limit is UNKNOWN else max(self.planning_limit - self.used, 0)

    @property
    def resets_at(self) -> datetime:
        """When it begins anew.

        For a calendar week, when the next one begins. Seven rolling days have no such moment: it is when the
        oldest invitation stops counting, or now where none counts. For the stricter of both it is the later one.
        """
        return max(_resets_at(part, self.counted, self.now) for part in parts_of(self.window))

    @property
    def next_free(self) -> datetime | Unknown:
        """When another invitation can be sent: now, if any remain; `UNKNOWN` if the limit is.

        Else when the newest but so many as the limit allows stop counting: for seven rolling days, that is seven
        days after the limit-th newest was sent; for a calendar week, its end.
        """
        if self.limit is UNKNOWN or self.used < self.limit:
            return UNKNOWN if self.limit is UNKNOWN else self.now
        return self.window.leaves(self.counted[-self.limit])

    @property
    def note_length(self) -> int | Unknown:
        """How many characters a personal note may have; see `AccountTier.note_length`."""
        return UNKNOWN if self.tier is UNKNOWN else self.tier.note_length

    @property
    def notes_remaining(self) -> int | NoMonthlyLimit | Unknown:
        """How many invitations can still carry a personal note this month, besides counting as invitations."""
        if self.notes_per_month is UNKNOWN or self.notes_per_month is NO_MONTHLY_LIMIT:
            return self.notes_per_month
        return max(self.notes_per_month - self.notes_used, 0)

    def forecast(self, pace: float | Unknown = UNKNOWN, *, limit: int | Unknown = UNKNOWN) -> Forecast:
        """Say when the limit is reached if from now on invitations are sent evenly.

        Args:
            pace: Invitations a day; that of the last four weeks (`pace`), when not given.
            limit: Another limit to look at, for instance `planning_limit`.

        Raises:
            DataError: The pace is no number from 0 up, or the limit no whole number from 1 up.
        """
        speed = self.pace if pace is UNKNOWN else as_pace(pace)
        wanted = self if limit is UNKNOWN else attrs.evolve(self, limit=_whole(limit, "limit", 1))
        at: datetime | Unknown = UNKNOWN
        answer = Truth.UNKNOWN
        if wanted.limit is not UNKNOWN:
            at = reached_at(self.counted, self.now, wanted.limit, speed, self.window)
            answer = Truth.of(at is not UNKNOWN)
        return Forecast(
            answer=answer,
            reached_at=at,
            pace=speed,
            limit=wanted.limit,
            now=self.now,
            resets_at=next(
                (one.leaves(self.now) for one in parts_of(self.window) if isinstance(one, CalendarWeek)), UNKNOWN
            ),
            next_free=wanted.next_free,
        )

    # ── Showing ──────────────────────────────────────────────────────────────────────────────────────────────────

    def to_record(self) -> dict[str, Any]:
        """Give it as a flat record; what is unknown becomes None. Times are aware UTC datetimes."""
        values = {
            "now": self.now,
            "window": str(self.window),
            **{name: getattr(self, name) for name in _NUMBERS},
            "limit_source": self.limit_source.value,
            "limit_at_least": self.limit_bounds.at_least,
            "limit_about": self.limit_bounds.about,
            "tier": self.tier if self.tier is UNKNOWN else self.tier.value,
            "remark": REMARK,
        }
        return {
            key: None if value is UNKNOWN else str(value) if value is NO_MONTHLY_LIMIT else value
            for key, value in values.items()
        }

    def __repr__(self) -> str:
        from textwrap import wrap

        facts = list(facts_of(self))
        width = max(len(name) for name, _ in facts)
        lines = (f"  {name:<{width}}  {text}" for name, text in facts)
        return "\n".join([f"Weekly quota at {when(self.now)}", *lines, *wrap(REMARK, 100)])

    def _repr_html_(self) -> str:
        from invitekit._text import escape, html_table

        table = html_table((f"Weekly quota at {when(self.now)}", ""), list(facts_of(self)), width=200)
        return f"{table}<p>{escape(REMARK)}</p>"

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield from facts_of(self)
        yield "remark", REMARK


_NUMBERS: Final = (
    "used",
    "used_surely",
    "is_floor",
    "known_until",
    "limit",
    "planning_limit",
    "remaining",
    "planning_remaining",
    "resets_at",
    "next_free",
    "pace",
    "notes_used",
    "notes_used_surely",
    "notes_per_month",
    "notes_remaining",
    "notes_reset_at",
    "note_length",
)


def _resets_at(week: CalendarWeek | RollingWeek, counted: tuple[datetime, ...], now: datetime) -> datetime:
    if isinstance(week, CalendarWeek):
        return week.leaves(now)
    return next((leaves for leaves in map(week.leaves, counted) if leaves > now), now)


def _sensible(now: datetime) -> datetime:
    if not _FIRST <= now <= _LAST:
        raise DataError(f"there are no weeks to look at around {now:%Y-%m-%d}", hint="Is now right?", key="now")
    return now


def _whole(value: Any, key: str, lowest: int) -> Any:
    """Give a number, or what stands for none."""
    if value is UNKNOWN or (key == "notes_per_month" and value is NO_MONTHLY_LIMIT):
        return value
    if not is_number(value, lowest, LARGEST) or not isinstance(value, int):
        raise DataError(
            f"{key} is a whole number from {lowest} up, got {shown(value)}",
            hint="Leave it out, or pass UNKNOWN, if you do not know",
            key=key,
        )
    return value


def _refusals(refusals: Iterable[datetime], now: datetime) -> list[datetime]:
    if not isinstance(refusals, Iterable):
        raise DataError(
            f"refusals are moments, got {type(refusals).__name__}",
            hint="Pass a list of aware datetimes",
            key="refusals",
        )
    return sorted(at for at in map(as_utc, refusals) if at <= now)

"""Is the account at risk? What can be seen of it, beside thresholds that say where they come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import attrs

from invitekit._numbers import is_number
from invitekit._text import several
from invitekit.errors import DataError
from invitekit.insight._stats import AcceptanceStats
from invitekit.insight.estimators._estimate import percent
from invitekit.insight.quota._quota import WeeklyQuota
from invitekit.insight.quota._tiers import NO_MONTHLY_LIMIT
from invitekit.model import UNKNOWN, Completeness, Invitation, Snapshot, Status
from invitekit.model._interval import as_utc

__all__ = ["Basis", "Health", "HealthLine", "HealthState", "Signal", "SignalKind", "Thresholds"]


class HealthState(StrEnum):
    """How a line stands."""

    OK = "ok"
    WATCH = "watch"
    DANGER = "danger"
    NOT_KNOWN = "unknown"


class Basis(StrEnum):
    """How well founded a threshold is. LinkedIn publishes hardly any number."""

    OFFICIAL = "LinkedIn's help"
    MEASURED = "measured on member exports"
    VENDOR = "vendors say"
    COMMON = "common practice in tools"
    OURS = "our choice"


class SignalKind(StrEnum):
    """What a service said that was no answer."""

    REFUSED = "refused"
    """It refused to send an invitation: a limit."""
    CHALLENGE = "challenge"
    """It asked for a captcha, a code or a login."""
    HTTP_999 = "http-999"
    """It answered with status 999, which LinkedIn uses to turn automated requests away (seen by many; not
    documented)."""


def _kind(given: SignalKind | str) -> SignalKind:
    try:
        return SignalKind(given)
    except ValueError:
        known = ", ".join(one.value for one in SignalKind)
        raise DataError(f"there is no signal {given!r:.40}", hint=f"One of {known}", key="signal.kind") from None


@attrs.frozen(weakref_slot=False)
class Signal:
    """Something a service said that was no answer.

    Args:
        at: When; aware, kept in UTC.
        kind: What.
    """

    at: datetime = attrs.field(converter=as_utc)
    kind: SignalKind = attrs.field(converter=_kind)


_SHARES: Final = frozenset({"acceptance", "withdrawn", "quota"})


@attrs.frozen(weakref_slot=False, kw_only=True)
class Thresholds:
    """Where a line becomes one to watch, and where a danger. None of these is LinkedIn's; every one is a setting.

    Args:
        pending_soft: Pending invitations to aim for at most (vendors: tools keep their users below 180 to 500).
        pending_hard: Pending invitations not to go beyond (vendors: 500 most often, up to 1,500).
        acceptance: The 30-day acceptance below which tools flag an account for review (common practice, one
            gateway; LinkedIn's help says only that many ignored invitations lead to a restriction).
        withdrawn: The share withdrawn from which on to look at who is invited (our choice: nobody has published
            one, and there is no evidence that withdrawing is a risk by itself).
        age_watch: The age in days at which vendors withdraw at the latest.
        expiry: The age in days at which invitations expire (vendors name six months; exports end at 180 days);
            nothing bad follows from it.
        quota: The share of the weekly limit from which on to go slow (our choice).
        notes_left: Personal notes left this month from which on to save them (our choice).
        signal_days: For how many days a signal counts: the first restriction lasts hours, repeated ones days, the
            longest a month (LinkedIn's help, older texts).
    """

    pending_soft: int = 400
    pending_hard: int = 500
    acceptance: float = 0.30
    withdrawn: float = 0.5
    age_watch: int = 90
    expiry: int = 180
    quota: float = 0.8
    notes_left: int = 1
    signal_days: int = 30

    def __attrs_post_init__(self) -> None:
        for field in attrs.fields(Thresholds):
            value = getattr(self, field.name)
            most = 1 if field.name in _SHARES else float("inf")
            if not is_number(value, 0, most):
                between = "from 0 to 1: thirty percent is 0.3" if most == 1 else "from 0 up"
                raise DataError(
                    f"the threshold {field.name} must be a number {between}, got {value!r:.40}",
                    key=f"thresholds.{field.name}",
                )
        if self.pending_soft > self.pending_hard:
            raise DataError("pending_soft must not be above pending_hard", key="thresholds.pending_soft")


@attrs.frozen(weakref_slot=False, kw_only=True)
class HealthLine:
    """One thing that was looked at.

    Args:
        name: What.
        state: How it stands.
        found: What was found, in words.
        threshold: Where it becomes one to watch, or a danger, in words.
        basis: How well founded that is.
        source: Who says so, in words.
    """

    name: str
    state: HealthState
    found: str
    threshold: str
    basis: Basis
    source: str

    def to_record(self) -> dict[str, Any]:
        """Give it as a flat dict of texts."""
        return {key: str(value) for key, value in attrs.asdict(self).items()}


_ALL: Final = (Completeness.COMPLETE, Completeness.LOG)
"""What holds all that is pending; an export rather more than that."""

_LINE_AT: Final = 30
"""The day since sending at which the acceptance is held against the line."""

_WORST: Final = (HealthState.DANGER, HealthState.WATCH, HealthState.OK, HealthState.NOT_KNOWN)
_REVIEW: Final = {HealthState.DANGER: timedelta(days=1), HealthState.WATCH: timedelta(days=7)}
_LONGEST: Final = timedelta(days=30)


@attrs.frozen(weakref_slot=False, kw_only=True, repr=False)
class Health:
    """How an account stands, line by line, and when to look again.

    Nobody outside knows what leads to a restriction. Each line says where its threshold comes from and how well
    founded that is; what cannot be seen from the source is unknown, not ok.

    Args:
        lines: What was looked at.
        at: When; UTC.
        review_by: When to look again; UTC. A day after a danger, a week after something to watch, else within 30
            days, and earlier where the pending stock grows past its target before that (our choice).
    """

    lines: tuple[HealthLine, ...]
    at: datetime
    review_by: datetime

    @classmethod
    def of(
        cls,
        snapshot: Snapshot,
        *,
        now: datetime | None = None,
        stats: AcceptanceStats | None = None,
        quota: WeeklyQuota | None = None,
        signals: Iterable[Signal] | None = None,
        thresholds: Thresholds | None = None,
    ) -> Health:
        """Look at an account.

        Args:
            snapshot: What is pending: an export, a listing, or ``ledger.snapshot()``.
            now: The moment to judge at; aware. When the snapshot was taken, if not given.
            stats: What became of the invitations; learned from the snapshot itself where that is an export.
            quota: What counts against the weekly limit; counted in the snapshot where that is an export.
            signals: Refusals, challenges and the like that were met; an empty list if you know of none, None if
                you do not know.
            thresholds: Others than ours.

        Raises:
            DataError: Something is of another type, or a time has no zone.
        """
        if not isinstance(snapshot, Snapshot):
            raise DataError(
                f"expected a Snapshot, got {type(snapshot).__name__}", hint="For instance read_export(…)"
            )
        for what, given, kind in (("stats", stats, AcceptanceStats), ("quota", quota, WeeklyQuota)):
            if given is not None and not isinstance(given, kind):
                raise DataError(
                    f"{what} must be {kind.__name__}, got {type(given).__name__}",
                    hint=f"For instance {kind.__name__}.from_snapshot(snapshot)",
                    key=f"health.{what}",
                )
        at = snapshot.taken_at if now is None else as_utc(now)
        limits = Thresholds() if thresholds is None else thresholds
        if snapshot.completeness is Completeness.LOG:
            stats = AcceptanceStats.from_snapshot(snapshot) if stats is None else stats
            quota = WeeklyQuota.from_snapshot(snapshot, now=at) if quota is None else quota
        met = None if signals is None else _met(signals, at, limits)
        pending = _open(snapshot, at, limits)
        lines = (
            _pending(snapshot, len(pending), limits),
            _acceptance(stats, limits),
            _withdrawn(stats, limits),
            _oldest(pending, snapshot.completeness in _ALL, at, limits),
            _quota(quota, limits),
            _notes(quota, limits),
            _refusals(met, limits),
            _challenges(met, limits),
        )
        return cls(lines=lines, at=at, review_by=at + _cadence(len(pending), lines, quota, limits))

    @property
    def state(self) -> HealthState:
        """The worst of its lines. It is ok only where pile and acceptance are known to be, and else unknown."""
        worst = next(state for state in _WORST if any(line.state is state for line in self.lines))
        known = all(self[name].state is not HealthState.NOT_KNOWN for name in ("pending", "acceptance"))
        return worst if known or worst is not HealthState.OK else HealthState.NOT_KNOWN

    def __getitem__(self, name: str) -> HealthLine:
        for line in self.lines:
            if line.name == name:
                return line
        raise KeyError(f"{name}: there are {', '.join(line.name for line in self.lines)}")

    def to_records(self) -> list[dict[str, Any]]:
        """Give the lines as flat dicts."""
        return [line.to_record() for line in self.lines]

    @property
    def _title(self) -> str:
        return f"Health on {self.at:%Y-%m-%d}: {self.state}; look again by {self.review_by:%Y-%m-%d}"

    def _rows(self) -> list[tuple[object, ...]]:
        return [
            (line.name, line.state, line.found, line.threshold, f"{line.basis}: {line.source}")
            for line in self.lines
        ]

    def __repr__(self) -> str:
        lines = [self._title]
        for line in self.lines:
            lines += [
                f"  {line.name:<15}  {line.state:<7}  {line.found}",
                f"  {'':<15}  {'':<7}  {line.threshold} ({line.basis}: {line.source})",
            ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from invitekit._text import html_table

        return html_table(_COLUMNS, self._rows(), title=self._title, width=400)

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "state", self.state.value
        for line in self.lines:
            yield line.name, f"{line.state}: {line.found}"


_COLUMNS: Final = ("", "state", "found", "threshold", "how well founded")


def _graded(*, watch: bool, danger: bool = False, is_all: bool = True) -> HealthState:
    """How a line stands; it is ok only where what was looked at is all there is."""
    if danger:
        return HealthState.DANGER
    return HealthState.WATCH if watch else HealthState.OK if is_all else HealthState.NOT_KNOWN


def _open(snapshot: Snapshot, at: datetime, limits: Thresholds) -> list[Invitation]:
    """What is pending; without what an export presumes to be at an age at which invitations have expired."""
    oldest = at - timedelta(days=limits.expiry)
    return [
        item
        for item in snapshot.open_sent
        if item.status is not Status.PRESUMED_PENDING or item.sent_at.latest >= oldest
    ]


def _pending(snapshot: Snapshot, count: int, limits: Thresholds) -> HealthLine:
    is_all = snapshot.completeness in _ALL
    found = f"{count:,}"
    if snapshot.completeness is Completeness.LOG:
        # An export cannot tell what was declined or withdrawn, so the true number is lower.
        found = f"at most {count:,}: an export presumes them"
    elif not is_all:
        found = f"at least {count:,}: the listing may lack some"
    return HealthLine(
        name="pending",
        state=_graded(watch=count >= limits.pending_soft, danger=count >= limits.pending_hard, is_all=is_all),
        found=found,
        threshold=f"watch from {limits.pending_soft:,}, danger from {limits.pending_hard:,}",
        basis=Basis.VENDOR,
        source="LinkedIn confirms that too many pending restrict sending, and gives no number",
    )


def _acceptance(stats: AcceptanceStats | None, limits: Thresholds) -> HealthLine:
    state, found = HealthState.NOT_KNOWN, "unknown"
    if stats is not None and stats.courses:
        last = stats.identified[1]
        rate = stats.acceptance_by(_LINE_AT)
        if rate.value is not UNKNOWN:
            found = f"{rate} by day {_LINE_AT}"
            sure = rate.upper is not UNKNOWN and rate.upper < limits.acceptance
            state = _graded(watch=rate.value < limits.acceptance, danger=sure)
        elif last is not UNKNOWN:
            # Too young for the line; what can be said of the rate once all have had their time is a guess in part.
            matured = stats.matured_rate.estimate
            found = f"no day {_LINE_AT} yet; {matured} once all have had their time"
            low = matured.upper is not UNKNOWN and matured.upper < limits.acceptance
            state = _graded(watch=low, is_all=False)
        if stats.source == "export" and rate.value is not UNKNOWN:
            found += "; an export may overstate it"
    return HealthLine(
        name="acceptance",
        state=state,
        found=found,
        threshold=f"watch below {percent(limits.acceptance)}, danger where even the upper bound is",
        basis=Basis.COMMON,
        source="LinkedIn says only that many ignored or reported ones lead to a restriction",
    )


def _withdrawn(stats: AcceptanceStats | None, limits: Thresholds) -> HealthLine:
    state, found = HealthState.NOT_KNOWN, "unknown: none is on record"
    if stats is not None and stats.withdrawn:
        share = stats.withdrawn / stats.sent
        found = f"{percent(share)}: {stats.withdrawn:,} of {stats.sent:,}"
        state = _graded(watch=share >= limits.withdrawn)
    return HealthLine(
        name="share withdrawn",
        state=state,
        found=found,
        threshold=f"watch from {percent(limits.withdrawn)}",
        basis=Basis.OURS,
        source="nothing shows that withdrawing is a risk, and nothing that it is safe",
    )


def _oldest(pending: Sequence[Invitation], is_all: bool, at: datetime, limits: Thresholds) -> HealthLine:
    known = [item.sent_at.latest for item in pending if item.sent_at.is_known]
    state, found = HealthState.NOT_KNOWN, "unknown: when they were sent is not known"
    if not pending:
        state = _graded(watch=False, is_all=is_all)
        found = "nothing is pending" if is_all else "unknown: the listing may lack some"
    elif known:
        days = max((at - min(known)).days, 0)
        state = _graded(watch=days >= limits.age_watch, is_all=is_all and len(known) == len(pending))
        found = f"{'at least ' if state is HealthState.NOT_KNOWN else ''}{several(days, 'days')}"
        if days >= limits.expiry:
            found += ", past the age at which they expire"
    return HealthLine(
        name="oldest pending",
        state=state,
        found=found,
        threshold=f"watch from {limits.age_watch} days; they expire at about {limits.expiry}",
        basis=Basis.VENDOR,
        source="vendors withdraw at 90 days at the latest, and name six months for the expiry",
    )


def _quota(quota: WeeklyQuota | None, limits: Thresholds) -> HealthLine:
    state, found, threshold = HealthState.NOT_KNOWN, "unknown", f"watch from {percent(limits.quota)} of the limit"
    basis, source = Basis.OURS, "a weekly limit exists (LinkedIn's help), its number is published nowhere"
    if quota is not None:
        least = "at least " if quota.is_floor else ""
        found = f"{least}{quota.used:,} this week, limit unknown"
        if quota.limit is not UNKNOWN:
            found = f"{least}{quota.used:,} of {quota.limit:,} this week ({quota.limit_source})"
            threshold += ", danger at it"
            share = quota.used / quota.limit
            state = _graded(watch=share >= limits.quota, danger=share >= 1, is_all=not quota.is_floor)
        elif quota.planning_limit is not UNKNOWN:
            found = f"{least}{quota.used:,} this week, limit unknown, {quota.planning_limit:,} to plan with"
            basis, source = Basis.VENDOR, "the low end of what vendors plan with; no limit"
            watch = quota.used >= limits.quota * quota.planning_limit
            state = _graded(watch=watch, is_all=not quota.is_floor)
    return HealthLine(
        name="weekly quota", state=state, found=found, threshold=threshold, basis=basis, source=source
    )


def _notes(quota: WeeklyQuota | None, limits: Thresholds) -> HealthLine:
    state, found = HealthState.NOT_KNOWN, "unknown: tell the kind of account to the quota"
    left: Any = UNKNOWN if quota is None else quota.notes_remaining
    if left is NO_MONTHLY_LIMIT:
        state, found = HealthState.OK, str(left)
    elif quota is not None and left is not UNKNOWN:
        found = f"{'at most ' if quota.is_floor else ''}{left} left this month"
        state = _graded(watch=left <= limits.notes_left, is_all=not quota.is_floor)
    return HealthLine(
        name="personal notes",
        state=state,
        found=found,
        threshold=f"watch from {limits.notes_left} left",
        basis=Basis.OURS,
        source="a free account has 5 a month (LinkedIn's help); when to save them nobody says",
    )


def _met(signals: Any, at: datetime, limits: Thresholds) -> Sequence[Signal]:
    given: list[Any] = list(signals) if hasattr(signals, "__iter__") else [signals]
    found = [one for one in given if isinstance(one, Signal)]
    if len(found) < len(given):
        raise DataError(
            "signals must be Signals",
            hint="For instance Signal(at, 'challenge'); an empty list if there were none",
            key="signals",
        )
    since = at - timedelta(days=limits.signal_days)
    return [one for one in found if since < one.at <= at]


def _refusals(met: Sequence[Signal] | None, limits: Thresholds) -> HealthLine:
    refused = [one.at for one in met or () if one.kind is SignalKind.REFUSED]
    days = [one.date() for one in refused]
    often = any(days.count(day) > 1 for day in days)
    return HealthLine(
        name="refusals",
        state=_graded(watch=bool(refused), danger=often, is_all=met is not None),
        found="unknown" if met is None else f"{len(refused)} in {limits.signal_days} days",
        threshold="watch from the first, danger from several in one day",
        basis=Basis.OFFICIAL,
        source="several in one day restrict sending for a few days (an older help text)",
    )


def _challenges(met: Sequence[Signal] | None, limits: Thresholds) -> HealthLine:
    times = [one.at for one in met or () if one.kind is not SignalKind.REFUSED]
    return HealthLine(
        name="challenges",
        state=_graded(watch=False, danger=bool(times), is_all=met is not None),
        found="unknown" if met is None else f"{len(times)} in {limits.signal_days} days",
        threshold="danger from the first",
        basis=Basis.COMMON,
        source="tools stop at a captcha, a login page or status 999; undocumented",
    )


def _cadence(
    pending: int, lines: Sequence[HealthLine], quota: WeeklyQuota | None, limits: Thresholds
) -> timedelta:
    states = {line.state for line in lines}
    for state in (HealthState.DANGER, HealthState.WATCH):
        if state in states:
            return _REVIEW[state]
    if quota is None or quota.pace <= 0:
        return _LONGEST
    room = limits.pending_soft - pending
    return min(_LONGEST, timedelta(days=max(room / quota.pace, 1)))

"""The shares accepted, closed and still pending, by age, and how sure they are."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from math import inf, sqrt
from typing import Any, NamedTuple

import attrs

from invitekit._numbers import is_number
from invitekit.errors import DataError
from invitekit.insight.estimators._arguments import age_of, flag_of, shown
from invitekit.insight.estimators._estimate import Estimate
from invitekit.insight.estimators._intervals import (
    CurveInterval,
    aalen_variance,
    greenwood,
    incidence_ends,
    survival_ends,
)
from invitekit.insight.estimators._special import z_of
from invitekit.insight.estimators._tabulate import (
    Row,
    curves,
    log_likelihood,
)
from invitekit.model import UNKNOWN, Unknown

__all__ = ["SEEN", "CurveInterval", "Incidence", "Row", "Solved", "Support"]

SEEN = 1e-9
"""The mass from which a cell counts as carrying something."""


class Support(NamedTuple):
    """Where a curve rises, and by how much.

    Args:
        left: It rises after this age,
        right: and by this one; infinite for what is still pending when the data end.
        exact: Whether it rises at `right` itself. Otherwise the data do not say where in between.
        mass: By how much, as a share of all.
    """

    left: float
    right: float
    exact: bool
    mass: float


class Solved(NamedTuple):
    """How curves were found by sweeps.

    Args:
        supports: For each cause, where its curve rises.
        log_likelihood: The logarithm of the likelihood of the data.
        sweeps: How many sweeps it took.
    """

    supports: tuple[tuple[Support, ...], ...]
    log_likelihood: float
    sweeps: int


@attrs.frozen(weakref_slot=False, kw_only=True, repr=False)
class Incidence:
    """The shares accepted, closed and still pending, by age; made by `incidence` and its special cases.

    All curves are steps that hold from an age on. Beyond the last age they stay as they are: ask `identified` up
    to where they rest on enough invitations.

    Args:
        causes: The names of the causes, in order.
        times: The ages at which anything changes, ascending, in days since sending.
        risk: How many were at risk up to and at each of `times` (expected, where ends are known within limits).
        counts: For each cause, how many ended by it at each of `times` (expected, likewise).
        survival: The share still pending after each of `times`.
        cumulative: For each cause, the share that has ended by it, by each of `times`.
        n: How many invitations this rests on.
        delayed: Whether every invitation was first seen when it was already pending.
        solved: How the curves were found where ends are known only within limits; None for the closed form.
    """

    causes: tuple[str, ...]
    times: tuple[float, ...]
    risk: tuple[float, ...]
    counts: tuple[tuple[float, ...], ...]
    survival: tuple[float, ...]
    cumulative: tuple[tuple[float, ...], ...]
    n: float
    delayed: bool = False
    solved: Solved | None = None

    @property
    def exact(self) -> bool:
        """Whether all ends are known exactly, so that the curves have a closed form."""
        return self.solved is None

    @property
    def log_likelihood(self) -> float:
        """The logarithm of the likelihood of the data under these curves."""
        return log_likelihood(self.risk, self.counts) if self.solved is None else self.solved.log_likelihood

    @property
    def sweeps(self) -> int:
        """How many sweeps it took to find the curves; 1 for the closed form."""
        return 1 if self.solved is None else self.solved.sweeps

    # ── Shares at an age ─────────────────────────────────────────────────────────────────────────────────────────

    def by(
        self,
        t: float,
        cause: str = "accept",
        *,
        confidence: float = 0.95,
        interval: str = "log-log",
        approximate: bool = False,
    ) -> Estimate:
        """The share that has ended by a cause by age `t`.

        Args:
            t: Days since sending, inclusive.
            cause: Which of `causes`.
            confidence: How often the interval covers the truth.
            interval: ``log-log``, ``log`` or ``plain``, with Aalen's variance.
            approximate: Whether ends known within limits may give an interval from their expected numbers. It
                leaves out that the numbers are expected only, so it is too narrow; without it there is none.

        Returns:
            An estimate that is `UNKNOWN` strictly inside a stretch over which the data cannot place an end, and
            where there are no data. The interval is `UNKNOWN` while the share is 0, and where it is 1.

        Raises:
            DataError: There is no such cause, interval, confidence or age.
        """
        number, kind, z = self._cause(cause), CurveInterval.of(interval), z_of(confidence)
        flag_of(approximate, "approximate")
        value = self._value(t, number)
        if value is UNKNOWN:
            return Estimate(value=UNKNOWN, confidence=confidence, n=self.n)
        ends = None
        if value > 0 and (self.exact or approximate):
            ends = incidence_ends(value, sqrt(self._variance(t, number)), z, kind)
        return self._estimate(value, ends, confidence, kind)

    def open_at(
        self,
        t: float,
        *,
        confidence: float = 0.95,
        interval: str = "log-log",
        approximate: bool = False,
    ) -> Estimate:
        """The share still pending after age `t`; arguments as for `by`, with Greenwood's variance.

        The interval is 1 to 1 while nothing has ended, and `UNKNOWN` when nothing is left.
        """
        kind, z = CurveInterval.of(interval), z_of(confidence)
        flag_of(approximate, "approximate")
        value = self._value(t, None)
        if value is UNKNOWN:
            return Estimate(value=UNKNOWN, confidence=confidence, n=self.n)
        ends = None
        if self.exact or approximate:
            ends = survival_ends(value, sqrt(self._variance(t, None)), z, kind)
        return self._estimate(value, ends, confidence, kind)

    def _estimate(
        self, value: float, ends: tuple[float, float] | None, confidence: float, kind: CurveInterval
    ) -> Estimate:
        lower, upper = (UNKNOWN, UNKNOWN) if ends is None else ends
        return Estimate(value=value, lower=lower, upper=upper, confidence=confidence, n=self.n, interval=str(kind))

    def std_err(self, t: float, cause: str | None = None, *, approximate: bool = False) -> float | Unknown:
        """The standard error of `open_at`, or with a cause that of `by`; `UNKNOWN` where these have no interval.

        Where everything has ended, and where nothing has, it is 0.
        """
        number = None if cause is None else self._cause(cause)
        flag_of(approximate, "approximate")
        if self._value(t, number) is UNKNOWN or not (self.exact or approximate):
            return UNKNOWN
        return sqrt(self._variance(t, number))

    def _cause(self, cause: str) -> int:
        try:
            return self.causes.index(cause)
        except ValueError:
            raise DataError(
                f"there is no cause {shown(cause)}", hint=f"There are {', '.join(self.causes)}", key="cause"
            ) from None

    def _until(self, t: float) -> int:
        """How many of `times` are at or before `t`."""
        return bisect_right(self.times, age_of(t))

    def _value(self, t: float, number: int | None) -> float | Unknown:
        end = self._until(t)
        if not self.n or self._blurred(t, number):
            return UNKNOWN
        if number is None:
            return self.survival[end - 1] if end else 1.0
        return self.cumulative[number][end - 1] if end else 0.0

    def _blurred(self, t: float, number: int | None) -> bool:
        """Whether `t` lies strictly inside a stretch over which the data cannot place an end."""
        if self.solved is None:
            return False
        supports = self.solved.supports
        for support in supports if number is None else (supports[number],):
            at = bisect_left(support, t, key=_right_end)
            if at < len(support) and not support[at].exact and support[at].left < t < support[at].right:
                return True
        return False

    def _variance(self, t: float, number: int | None) -> float:
        end = self._until(t)
        if not end or not self.n:
            return 0.0
        if number is None:
            still = self.survival[end - 1]
            return still * still * self._greenwood[end - 1] if still > 0 else 0.0
        ages = [j for j in range(end) if self._deaths[j]]
        return aalen_variance(
            [self.risk[j] for j in ages],
            [self._deaths[j] for j in ages],
            [self.counts[number][j] for j in ages],
            [self.survival[j - 1] if j else 1.0 for j in ages],
            [self.cumulative[number][j] for j in ages],
        )

    @cached_property
    def _deaths(self) -> tuple[float, ...]:
        """How many ended at each of `times`, by any cause."""
        return tuple(map(sum, zip(*self.counts, strict=True)))

    @cached_property
    def _greenwood(self) -> tuple[float, ...]:
        return greenwood(self.risk, self._deaths)

    # ── Counts at an age ─────────────────────────────────────────────────────────────────────────────────────────

    def at_risk(self, t: float) -> float:
        """How many were pending and watched just before `t`."""
        number = bisect_left(self.times, age_of(t))
        return self.risk[number] if number < len(self.times) else 0

    def events(self, t: float, cause: str | None = None) -> float:
        """How many ended at `t`, by one cause or by any (expected, where ends are known within limits)."""
        t = age_of(t)
        number = bisect_left(self.times, t)
        if number == len(self.times) or self.times[number] != t:
            return 0
        return sum(column[number] for column in self._columns(cause))

    def hazard(self, t: float, cause: str | None = None) -> float:
        """The share of those at risk at `t` that ended then, by one cause or by any."""
        count = self.events(t, cause)
        return min(1.0, count / self.at_risk(t)) if count else 0.0

    def _columns(self, cause: str | None) -> tuple[tuple[float, ...], ...]:
        return self.counts if cause is None else (self.counts[self._cause(cause)],)

    # ── The curve as a whole ─────────────────────────────────────────────────────────────────────────────────────

    @property
    def median(self) -> float | Unknown:
        """The first age after which half or fewer are still pending; `UNKNOWN` while more are."""
        return self.quantile(0.5)

    def quantile(self, q: float) -> float | Unknown:
        """The first age by which a share `q` is no longer pending; `UNKNOWN` if the data end before.

        Where the data only say that this age lies in a stretch, it is the end of the stretch.

        Raises:
            DataError: `q` is not between 0 and 1.
        """
        if not is_number(q, 0, 1) or q == 0:
            raise DataError(
                f"a quantile is asked of a share above 0 and up to 1, got {shown(q)}",
                hint="0.5 is the median",
                key="q",
            )
        limit = (1 - q) + 1e-12  # Products of fractions round: a half may come out a little above one half.
        for time, still in zip(self.times, self.survival, strict=True):
            if still <= limit:
                return time
        return UNKNOWN

    def support(self, cause: str | None = None) -> tuple[Support, ...]:
        """Where the curve of a cause rises, ascending.

        Without a cause: where anything ends, and last, with an infinite `right`, what never did.
        """
        if cause is not None:
            return self._supports(self._cause(cause))
        rises = sorted(support for number in range(len(self.causes)) for support in self._supports(number))
        rest = self.survival[-1] if self.survival else 1.0
        if rest > SEEN and self.times:
            rises.append(Support(self.times[-1], inf, False, rest))
        return tuple(rises)

    def _supports(self, number: int) -> tuple[Support, ...]:
        if self.solved is not None:
            return self.solved.supports[number]
        rises: list[Support] = []
        before = 0.0
        for time, come in zip(self.times, self.cumulative[number], strict=True):
            if come > before:
                rises.append(Support(time, time, True, come - before))
            before = come
        return tuple(rises)

    def identified(self, minimum: float = 10) -> tuple[float, float] | tuple[Unknown, Unknown]:
        """From which day to which age at least `minimum` invitations were at risk throughout.

        The first is a whole day, and 0 (or less) only if that many were followed from sending; otherwise shares
        can only be given of those still pending then (see `landmark`). Of several such stretches the one that
        starts at sending is given, else the longest. Both are `UNKNOWN` where there is none.
        """
        if not is_number(minimum):
            raise DataError(
                f"a minimum is a number of invitations, got {shown(minimum)}", hint="10 is usual", key="minimum"
            )
        best: tuple[float, float] | None = None
        for number, stretch in enumerate(self._stretches(minimum)):
            first, last = stretch
            if number == 0 and first <= 0:
                return stretch
            if best is None or last - first > best[1] - best[0]:
                best = stretch
        return (UNKNOWN, UNKNOWN) if best is None else best

    def _stretches(self, minimum: float) -> Iterator[tuple[float, float]]:
        first: float | None = None
        for number, (time, count) in enumerate(zip(self.times, self.risk, strict=True)):
            if count >= minimum and first is None:
                # A count holds from just after the age before; the first whole day is the next one.
                first = self.times[number - 1] // 1 + 1 if number else min(0, time)
            elif count < minimum and first is not None:
                yield first, self.times[number - 1]
                first = None
        if first is not None:
            yield first, self.times[-1]

    def landmark(self, d: float) -> Incidence:
        """The same curves for those still pending after age `d`: what comes of them, as shares of them.

        On exact data this is what raising every entry to `d` gives, and equally the difference of the shares by
        two ages over the share pending at the first. Everything is `UNKNOWN` where nobody was at risk after `d`,
        or where the data do not say how many were.
        """
        start = self._until(d)
        blurred = self._blurred(d, None)
        if start == 0 and not blurred and self.n:
            return self
        if blurred or start >= len(self.times) or not self.risk[start]:
            start, watched = len(self.times), 0.0
        else:
            watched = self.risk[start]
        risk, counts = self.risk[start:], tuple(column[start:] for column in self.counts)
        survival, cumulative = curves(risk, counts)
        return attrs.evolve(
            self,
            times=self.times[start:],
            risk=risk,
            counts=counts,
            survival=survival,
            cumulative=cumulative,
            n=watched,
            solved=None if self.solved is None else _after(self.solved, d, self.survival, start),
        )

    # ── Showing ──────────────────────────────────────────────────────────────────────────────────────────────────

    def to_records(self) -> list[dict[str, Any]]:
        """Give one flat dict per age; what is unknown becomes None."""
        records: list[dict[str, Any]] = []
        for number, time in enumerate(self.times):
            record: dict[str, Any] = {"age": time, "at_risk": self.risk[number], "open": self._shown(time, None)}
            for k, cause in enumerate(self.causes):
                record[f"{cause}_events"] = self.counts[k][number]
                record[cause] = self._shown(time, k)
            records.append(record)
        return records

    def _shown(self, t: float, number: int | None) -> float | None:
        value = self._value(t, number)
        return None if value is UNKNOWN else value

    def __repr__(self) -> str:
        counts = ", ".join(
            f"{name}={sum(column):g}" for name, column in zip(self.causes, self.counts, strict=True)
        )
        return f"Incidence(n={self.n:g}, {counts}, ages={len(self.times)}, exact={self.exact})"

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "n", self.n
        yield from ((name, sum(column)) for name, column in zip(self.causes, self.counts, strict=True))
        yield "ages", len(self.times)
        yield "exact", self.exact

    def _repr_html_(self) -> str:
        from invitekit._text import ROWS_SHOWN, html_table
        from invitekit.insight.estimators._estimate import percent

        def cell(share: float | None) -> str:
            return "unknown" if share is None else percent(share)

        rows = [
            (
                record["age"],
                f"{record['at_risk']:g}",
                cell(record["open"]),
                *(cell(record[c]) for c in self.causes),
            )
            for record in self.to_records()
        ]
        columns = ("age", "at risk", "open", *self.causes)
        return html_table(columns, rows[:ROWS_SHOWN], title=repr(self), more=max(0, len(rows) - ROWS_SHOWN))


def _right_end(support: Support) -> float:
    return support.right


def _after(solved: Solved, d: float, survival: Sequence[float], start: int) -> Solved:
    """The same, of those still pending after `d`; the likelihood stays that of all data."""
    share = survival[start - 1] if start and start < len(survival) else 1.0
    return solved._replace(
        supports=tuple(
            tuple(support._replace(mass=support.mass / share) for support in own if support.right > d and share)
            for own in solved.supports
        )
    )

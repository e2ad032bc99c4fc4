"""Comparing parts of the invitations, without mistaking chance for a difference."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from math import fsum, inf
from typing import TYPE_CHECKING, Any, Final

import attrs

from invitekit.errors import DataError
from invitekit.insight._chance import Chance, ChanceSource
from invitekit.insight._courses import EXPIRY_DAYS
from invitekit.insight._values import values_of
from invitekit.insight.estimators._estimate import Estimate, percent
from invitekit.insight.estimators._latency import TIMES_OF_DAY, Latency
from invitekit.insight.estimators._prior import Prior
from invitekit.insight.estimators._proportions import (
    effective_counts,
    likeness,
    posterior_rate,
    wilson_interval,
)
from invitekit.model import UNKNOWN, Unknown
from invitekit.model._collection import columns_of

if TYPE_CHECKING:
    from invitekit.insight._stats import AcceptanceStats
    from invitekit.insight.estimators._cure_fit import CureFit

__all__ = ["Segment", "Segments", "chance_in", "reached", "segments"]

_FEW: Final = 8
"""With fewer groups than this their spread cannot be learned from them: a fixed strength is used instead."""

_STRENGTH: Final = 20.0
"""How many invitations the rate of the others counts for where there are few groups: as many as the prior of the
curve is worth. Our choice."""

_BELIEF: Final = (Prior().alpha, Prior().beta)
"""What is believed of a rate before anything of one's own is known: 30 %, worth 20 invitations."""

_FAINT: Final = (_BELIEF[0] / 10, _BELIEF[1] / 10)
"""The same worth two invitations, for the rate of all: it is to be what they say, and yet no 0 % or 100 %."""

_STEPS: Final = 256
"""In how many steps `reached` tells how much of its chance an invitation has had."""


@attrs.frozen(weakref_slot=False, kw_only=True, repr=False)
class Segment:
    """One part of the invitations.

    Args:
        key: What they were told apart by.
        value: What these have in common, in words.
        sent: How many they are.
        accepted: How many of them were accepted.
        maturity: How many of them have had their chance, as the curve of all has it: one that is pending for a day
            counts by the share of acceptances that come within a day.
        raw_rate: Accepted by sent, with Wilson's interval: too low while they are young.
        rate: How many will have accepted once all have had their time, by the curve of all (the mean of the
            posterior, with its interval), drawn towards the whole where they are few. Compare these.
    """

    key: str
    value: str
    sent: int
    accepted: int
    maturity: float
    raw_rate: Estimate
    rate: Estimate

    def to_record(self) -> dict[str, Any]:
        """Give it as a flat dict."""
        return {
            self.key: self.value,
            "sent": self.sent,
            "accepted": self.accepted,
            "maturity": self.maturity,
            "raw_rate": float(self.raw_rate),
            "rate": None if self.rate.value is UNKNOWN else self.rate.value,
            "lower": None if self.rate.lower is UNKNOWN else self.rate.lower,
            "upper": None if self.rate.upper is UNKNOWN else self.rate.upper,
        }

    @property
    def row(self) -> tuple[object, ...]:
        """Its cells in a table."""
        return (
            self.value,
            self.sent,
            self.accepted,
            f"{self.maturity:.1f}",
            percent(float(self.raw_rate)),
            self.rate,
        )

    def __repr__(self) -> str:
        return (
            f"Segment({self.key} {self.value}: {self.rate}, {self.accepted} of {self.maturity:.1f} in {self.sent})"
        )


_COLUMNS: Final = ("sent", "accepted", "had their chance", "raw", "rate (interval)")


@attrs.frozen(weakref_slot=False, kw_only=True, repr=False)
class Segments(Sequence[Segment]):
    """Parts of the invitations side by side, in their natural order.

    Args:
        key: What they were told apart by.
        items: The parts.
        mean: The rate of all of them.
        strength: How many invitations that mean counts for in each of them.
        learned: Whether `strength` was learned from how much they differ; a fixed one was used otherwise, because
            they are fewer than eight.
        unknown: How many invitations have no value of this key.
    """

    key: str
    items: tuple[Segment, ...]
    mean: float | Unknown
    strength: float
    learned: bool
    unknown: int = 0

    def __getitem__(self, which: Any) -> Any:
        if isinstance(which, (int, slice)):
            return self.items[which]
        for item in self.items:
            if item.value == str(which):
                return item
        raise KeyError(f"{which}: there are {', '.join(item.value for item in self.items[:20])}")

    def __len__(self) -> int:
        return len(self.items)

    def to_records(self) -> list[dict[str, Any]]:
        """Give them as flat dicts, one per segment."""
        return [item.to_record() for item in self.items]

    def to_columns(self) -> dict[str, list[Any]]:
        """Give them as one list per field."""
        return columns_of(self.to_records())

    @property
    def _title(self) -> str:
        how = "learned from their spread" if self.learned else "a fixed one, since they are few"
        mean = "unknown" if self.mean is UNKNOWN else percent(self.mean)
        pull = "all alike" if self.strength == float("inf") else f"{self.strength:.0f} invitations"
        missing = f"; {self.unknown:,} without a value" if self.unknown else ""
        return f"By {self.key}: mean {mean}, drawn towards it by {pull} ({how}){missing}"

    def __repr__(self) -> str:
        from invitekit._text import plain_table

        return plain_table((self.key, *_COLUMNS), [item.row for item in self.items], title=self._title)

    def _repr_html_(self) -> str:
        from invitekit._text import html_table

        return html_table((self.key, *_COLUMNS), [item.row for item in self.items], title=self._title)

    def __rich_repr__(self) -> Iterator[Any]:
        yield "key", self.key
        yield from self.items


def segments(stats: AcceptanceStats, key: str | Callable[[Any], Any], tags: Mapping[str, Any] | None) -> Segments:
    """See `AcceptanceStats.by`."""
    parts = _Parts.of(stats, key, tags)
    return Segments(
        key=parts.key,
        items=tuple(parts.segment(place) for place in range(len(parts.groups))),
        mean=parts.mean.value if parts.maturity else UNKNOWN,
        strength=parts.strength,
        learned=parts.learned,
        unknown=parts.unknown,
    )


@attrs.define(weakref_slot=False)
class _Tally:
    """What a rate is estimated from: how many accepted, and how much of its chance each of the others has had."""

    accepted: int
    pending: Counter[float]

    @property
    def maturity(self) -> float:
        return self.accepted + fsum(share * count for share, count in self.pending.items())


@attrs.define(weakref_slot=False, kw_only=True)
class _Parts:
    """Invitations in groups, and their rates, worked out one by one as they are asked for.

    The rate of a group has the likelihood ``p ** accepted`` times ``1 - p F(age)`` for each of the others. To take
    it for that of the beta distribution of (accepted, maturity - accepted) would be to believe that a young
    invitation has been refused in part, and to find too low a rate wherever many are young.
    """

    key: str
    confidence: float
    groups: list[tuple[Any, list[int]]]
    unknown: int
    tallies: list[_Tally]
    _known: dict[Any, Estimate] = attrs.field(factory=dict[Any, Estimate])

    @classmethod
    def of(cls, stats: AcceptanceStats, key: str | Callable[[Any], Any], tags: Mapping[str, Any] | None) -> _Parts:
        """Tell the invitations apart."""
        groups: dict[Hashable, list[int]] = defaultdict(list)
        unknown = 0
        for index, values in enumerate(values_of(stats, key, tags)):
            if not values:
                unknown += 1
            for value in values:
                groups[value].append(index)
        try:
            ordered = sorted(groups.items())
        except TypeError:
            ordered = sorted(groups.items(), key=lambda pair: str(pair[0]))
        chances, courses = reached(stats), stats.courses
        return cls(
            key=key
            if isinstance(key, str)
            else getattr(key, "__name__", repr(key)).replace("<lambda>", "function"),
            confidence=stats.confidence,
            groups=ordered,
            unknown=unknown,
            tallies=[
                _Tally(
                    sum(courses[index].accepted for index in group),
                    Counter(chances[index] for index in group if not courses[index].accepted),
                )
                for _, group in ordered
            ],
        )

    @cached_property
    def whole(self) -> _Tally:
        """All groups together."""
        pending: Counter[float] = Counter()
        for tally in self.tallies:
            pending.update(tally.pending)
        return _Tally(sum(tally.accepted for tally in self.tallies), pending)

    @cached_property
    def maturity(self) -> float:
        """How many of all have had their chance."""
        return self.whole.maturity

    @cached_property
    def mean(self) -> Estimate:
        """The rate of all of them."""
        return self._rate(self.whole, _FAINT)

    @property
    def learned(self) -> bool:
        """Whether there are enough groups to learn from how much they differ."""
        return len(self.groups) >= _FEW

    @cached_property
    def strength(self) -> float:
        """How many invitations a rate that a group is drawn to counts for."""
        if not self.learned:
            return _STRENGTH
        mean = float(self.mean)
        rho = likeness([effective_counts(tally.accepted, tally.pending, mean) for tally in self.tallies])
        return 1 / rho - 1 if rho else inf

    def _rate(self, tally: _Tally, prior: tuple[float, float]) -> Estimate:
        """The rate of some, given what is believed of it; many groups of one are alike, and worked out once."""
        key = (tally.accepted, frozenset(tally.pending.items()), prior)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = posterior_rate(tally.accepted, tally.pending, prior, self.confidence)
        return found

    def rate(self, place: int) -> Estimate:
        """The rate of one group, drawn towards that of all, or where they are few, towards that of the others.

        Among few groups each makes up much of the whole, and no rate is drawn towards itself.
        """
        own = self.tallies[place]
        if self.strength == inf:
            return attrs.evolve(self.mean, interval="pooled")
        if self.learned:
            middle = float(self.mean)
        else:
            others = _Tally(self.whole.accepted - own.accepted, self.whole.pending - own.pending)
            middle = float(self._rate(others, _BELIEF))
        return self._rate(own, (self.strength * middle, self.strength * (1 - middle)))

    def segment(self, place: int) -> Segment:
        """One group."""
        value, group = self.groups[place]
        tally = self.tallies[place]
        return Segment(
            key=self.key,
            value=str(value),
            sent=len(group),
            accepted=tally.accepted,
            maturity=tally.maturity,
            raw_rate=wilson_interval(tally.accepted, len(group), confidence=self.confidence),
            rate=self.rate(place),
        )


def reached(stats: AcceptanceStats) -> list[float]:
    """How much of its chance each invitation has had: all of it where it was accepted, or surely never will be.

    By its age as closely as that is known, since most acceptances come within hours. In steps of 1/256, so that
    thousands of invitations are few different ones.
    """
    latency = stats.fit.latency
    whole = latency.daily(EXPIRY_DAYS)
    days: dict[int, float] = {}
    closely: dict[int, float] = {}
    shares: list[float] = []
    for course in stats.courses:
        if course.accepted or course.surely_closed:
            shares.append(1.0)
            continue
        close = course.closely
        table, age = (days, course.left) if close is None else (closely, close[1])
        share = table.get(age)
        if share is None:
            come = _at_noon(latency, age) if close is None else latency.cdf(course.close_row[1])
            share = table[age] = round(min(come / whole, 1.0) * _STEPS) / _STEPS
        shares.append(share)
    return shares


def _at_noon(latency: Latency, day: int) -> float:
    """The share of acceptances that come by the noon of a day, which is where the fit takes a day to be.

    For a time of sending before that noon: whoever was invited that afternoon was not yet.
    """
    ages = [age for age in (day + 0.5 - sent for sent in TIMES_OF_DAY) if age > 0]
    return fsum(map(latency.cdf, ages)) / len(ages)


def chance_in(stats: AcceptanceStats, segment: tuple[str, str], pending: int, until: int) -> Chance:
    """Count the chance in one segment where enough of it were watched; read it off the curve of all otherwise.

    Of the curve the pace is that of all, and what becomes of them in the end that of the segment: the share ever
    accepted, and of the others the share that leaves the list before. Where many are declined, those still there
    are fewer, and more of them are yet to accept.
    """
    key, value = segment
    parts = _Parts.of(stats, key, None)
    place = next((at for at, (one, _) in enumerate(parts.groups) if str(one) == value), None)
    if place is None:
        raise DataError(
            f"there is no segment {value!r:.80} by {key}", hint=f"See stats.by({key!r})", key="segment"
        )
    own = stats.part(parts.groups[place][1])
    last = own.counted_until(pending)
    if last is not UNKNOWN and pending < until <= last:
        counted = own.chance(pending, horizon=until)
        if counted.source is ChanceSource.OWN_DATA:
            return attrs.evolve(counted, segment=(key, value))
    return Chance(
        days_pending=pending,
        horizon=until,
        estimate=_read_off(stats.fit, own, parts.rate(place), pending, until),
        source=ChanceSource.MIXTURE,
        data_weight=stats.fit.data_weight,
        at_risk=own.curve.at_risk(pending + 1),
        segment=(key, value),
    )


def _read_off(fit: CureFit, own: AcceptanceStats, rate: Estimate, pending: int, until: int) -> Estimate:
    """The chance by the pace of all, with the shares of a segment; the interval is that of the share accepted."""
    latency = fit.latency
    whole = latency.daily(EXPIRY_DAYS)
    before, by_then = latency.daily(pending), latency.daily(until)
    gone = 0.0
    if fit.closed_fraction is not UNKNOWN and fit.closed_latency is not UNKNOWN:
        closes = _closing(fit.closed_fraction, fit.closed_latency, own)
        never = 1 - min(float(rate) / whole, 1.0)
        gone = min(closes / never, 1.0) * fit.closed_latency.daily(pending) if never > 0 else 0.0

    def of(share: float | Unknown) -> float:
        eventual = min((0.0 if share is UNKNOWN else share) / whole, 1.0)
        still = eventual * (1 - before) + (1 - eventual) * (1 - gone)
        return min(eventual * max(by_then - before, 0.0) / max(still, 1e-12), 1.0)

    return Estimate(
        value=of(rate.value),
        lower=of(rate.lower),
        upper=of(rate.upper),
        confidence=rate.confidence,
        n=rate.n,
        interval="posterior",
    )


def _closing(share: float, latency: Latency, own: AcceptanceStats) -> float:
    """The share of a segment that leaves the list unaccepted, drawn towards that of all."""
    closed = sum(course.surely_closed for course in own.courses)
    others = Counter(course.left for course in own.courses if not course.accepted and not course.surely_closed)
    pending: Counter[float] = Counter()
    for age, count in others.items():
        pending[round(latency.daily(age) * _STEPS) / _STEPS] += count
    pending[1.0] += own.accepted  # Who has accepted will not decline.
    share = min(max(share, 1e-6), 1 - 1e-6)
    return float(posterior_rate(closed, pending, (_STRENGTH * share, _STRENGTH * (1 - share)), own.confidence))

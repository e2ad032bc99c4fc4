"""Comparing parts of the invitations, without mistaking chance or hindsight for a difference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import attrs

from invitekit._text import several
from invitekit.errors import DataError
from invitekit.insight._chance import Chance, ChanceSource
from invitekit.insight._courses import EXPIRY_DAYS
from invitekit.insight.estimators._estimate import Estimate, percent
from invitekit.insight.estimators._prior import Prior
from invitekit.insight.estimators._proportions import beta_interval, shrink, wilson_interval
from invitekit.model import UNKNOWN, Invitation, People, Selector, Truth, Unknown
from invitekit.rules._own import safely

if TYPE_CHECKING:
    from invitekit.insight._courses import Course
    from invitekit.insight._stats import AcceptanceStats

__all__ = ["Segment", "Segments", "chance_in", "chosen_by", "reached", "segments"]

_FEW: Final = 8
"""With fewer groups than this their spread cannot be learned from them: a fixed strength is used instead."""

_STRENGTH: Final = 20.0
"""How many invitations the rate of the others counts for where there are few groups: as many as the prior of the
curve is worth. Our choice."""


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
        rate: Accepted by those that have had their chance, drawn towards the whole where they are few. Compare
            these.
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
        records = self.to_records()
        return {key: [record[key] for record in records] for key in (records[0] if records else ())}

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
    name = key if isinstance(key, str) else getattr(key, "__name__", repr(key)).replace("<lambda>", "function")
    groups: dict[Hashable, list[int]] = defaultdict(list)
    unknown = 0
    for index, values in enumerate(_values(stats, key, tags)):
        if not values:
            unknown += 1
        for value in values:
            groups[value].append(index)
    try:
        ordered = sorted(groups.items())
    except TypeError:
        ordered = sorted(groups.items(), key=lambda pair: str(pair[0]))
    chances = reached(stats)
    courses = stats.courses
    accepted = [sum(courses[index].accepted for index in group) for _, group in ordered]
    maturity = [sum(chances[index] for index in group) for _, group in ordered]
    shrunk = shrink(list(zip(accepted, maturity, strict=True)), confidence=stats.confidence)
    learned = len(ordered) >= _FEW
    mean: float | Unknown = shrunk.mean
    strength = shrunk.strength if learned else _STRENGTH
    rates = shrunk.estimates
    if not learned:
        rates = tuple(
            _drawn(hits, tries, sum(accepted) - hits, sum(maturity) - tries, stats.confidence)
            for hits, tries in zip(accepted, maturity, strict=True)
        )
    return Segments(
        key=name,
        items=tuple(
            Segment(
                key=name,
                value=str(value),
                sent=len(group),
                accepted=hits,
                maturity=tries,
                raw_rate=wilson_interval(hits, len(group), confidence=stats.confidence),
                rate=rate,
            )
            for (value, group), hits, tries, rate in zip(ordered, accepted, maturity, rates, strict=True)
        ),
        mean=mean,
        strength=strength,
        learned=learned,
        unknown=unknown,
    )


def _drawn(hits: float, tries: float, other_hits: float, others: float, confidence: float) -> Estimate:
    """Draw a rate towards that of the others, who are drawn to the prior: no rate is drawn towards itself."""
    prior = Prior()
    mean = (prior.alpha + other_hits) / (prior.alpha + prior.beta + others)
    estimate = beta_interval(
        _STRENGTH * mean + hits, _STRENGTH * (1 - mean) + max(tries - hits, 0.0), confidence=confidence
    )
    return attrs.evolve(estimate, n=tries)


def reached(stats: AcceptanceStats) -> list[float]:
    """How much of its chance each invitation has had: all of it where it was accepted, or surely never will be."""
    latency = stats.fit.latency
    whole = latency.daily(EXPIRY_DAYS)
    table: dict[int, float] = {}
    shares: list[float] = []
    for course in stats.courses:
        if course.accepted or course.surely_closed:
            shares.append(1.0)
            continue
        share = table.get(course.left)
        if share is None:
            share = table[course.left] = min(latency.daily(course.left) / whole, 1.0)
        shares.append(share)
    return shares


def chance_in(stats: AcceptanceStats, segment: tuple[str, str], pending: int, until: int) -> Chance:
    """Read the chance in one segment off the curve of all, with the eventual share of the segment."""
    key, value = segment
    try:
        found = stats.by(key)[value]
    except KeyError:
        raise DataError(
            f"there is no segment {value!r:.80} by {key}", hint=f"See stats.by({key!r})", key="segment"
        ) from None
    fit = stats.fit
    latency = fit.latency
    whole = latency.daily(EXPIRY_DAYS)

    def of(share: float | Unknown) -> float:
        eventual = (0.0 if share is UNKNOWN else share) / whole
        before, by_then = latency.daily(pending), latency.daily(until)
        return eventual * max(by_then - before, 0.0) / max(1 - eventual * before, 1e-12)

    rate = found.rate
    return Chance(
        days_pending=pending,
        horizon=until,
        estimate=Estimate(
            value=of(rate.value),
            lower=of(rate.lower),
            upper=of(rate.upper),
            confidence=rate.confidence,
            n=found.maturity,
            interval="beta",
        ),
        source=ChanceSource.MIXTURE,
        data_weight=fit.data_weight,
        at_risk=found.sent,
        segment=(key, value),
    )


# ── Values, and hindsight ────────────────────────────────────────────────────────────────────────────────────────


def chosen_by(stats: AcceptanceStats, test: Any, context: Any) -> list[int]:
    """The places of the invitations that a test chooses.

    Raises:
        DataError: It chooses by what is known only of those who accepted.
    """
    items = stats.invitations
    if isinstance(test, Selector):
        answers: list[Any] = list(test.truths(items, now=stats.as_of, context=context))
        if items and all(answer is Truth.UNKNOWN for answer in answers):
            raise DataError(
                "what the test asks is unknown of every invitation",
                hint="Does the rule need a context? stats.where(rule, context=...)",
                key="stats.where",
            )
        _refuse_hindsight(stats, [answer is not Truth.UNKNOWN for answer in answers], "what the test asks")
        answers = [answer is Truth.TRUE for answer in answers]
    else:
        answers = _read(stats, test)
        _refuse_hindsight(stats, [answer is not UNKNOWN for answer in answers], "what the test asks")
        answers = [answer is True for answer in answers]
    _refuse_perfect(stats, [(answer,) for answer in answers], "the test")
    return [index for index, answer in enumerate(answers) if answer]


def _values(
    stats: AcceptanceStats, key: str | Callable[[Any], Any], tags: Mapping[str, Any] | None
) -> list[tuple[Any, ...]]:
    """The values of each invitation: none where it is unknown, several only of tags."""
    if key == "week":
        return [(_week(course),) for course in stats.courses]
    if key == "month":
        return [(date.fromordinal(course.sent).strftime("%Y-%m"),) for course in stats.courses]
    if key == "note":
        words = {True: ("with a note",), False: ("without",), None: ()}
        return [words[course.note] for course in stats.courses]
    stats.needs_invitations(f"by({key!r})" if isinstance(key, str) else "by")
    if key == "tag":
        return _tagged(stats, tags)
    name = key if isinstance(key, str) else "the function"
    values = _read(stats, key)
    _refuse_hindsight(stats, [value is not UNKNOWN for value in values], name)
    _refuse_perfect(stats, [(value,) for value in values], name)
    return [() if value is UNKNOWN else (value,) for value in values]


def _week(course: Course) -> str:
    year, week, _ = date.fromordinal(course.sent).isocalendar()
    return f"{year}-W{week:02}"


def _read(stats: AcceptanceStats, key: str | Callable[[Any], Any]) -> list[Any]:
    if isinstance(key, Selector):
        words = {Truth.TRUE: "yes", Truth.FALSE: "no", Truth.UNKNOWN: UNKNOWN}
        return [words[truth] for truth in key.truths(stats.invitations, now=stats.as_of, context=None)]
    if isinstance(key, str):
        _refuse_unknown(key)
    elif callable(key):
        key = safely(key, what="the function", hint="Give a text, a number or UNKNOWN for every invitation")
    values: dict[str, Any] = {
        item.id: value for value, group in stats.invitations.by(key).items() for item in group
    }
    return [values[item.id] for item in stats.invitations]


_NAMES: Final = ("week", "month", "note", "tag")


def _refuse_unknown(key: str) -> None:
    """Refuse a word that is neither a way of comparing nor a field."""
    fields = [field.name for field in attrs.fields(Invitation)]
    if key not in fields and key not in ("name", "slug", "urn", "provider_id"):
        from difflib import get_close_matches

        near = get_close_matches(key, [*_NAMES, *fields], n=1)
        raise DataError(
            f"there is nothing called {key!r:.60} to compare by",
            hint=f"Did you mean {near[0]!r}?"
            if near
            else f"One of {', '.join(_NAMES)}, or a field of invitations",
            key="stats.by",
        )


def _tagged(stats: AcceptanceStats, tags: Mapping[str, Any] | None) -> list[tuple[str, ...]]:
    if not isinstance(tags, Mapping):
        raise DataError(
            "by('tag') needs the tags", hint="For instance by('tag', tags=ledger.context().tags)", key="tags"
        )
    people = {str(tag): given if isinstance(given, People) else People(given) for tag, given in tags.items()}
    return [
        tuple(tag for tag, carriers in people.items() if item.member in carriers) or ("no tag",)
        for item in stats.invitations
    ]


def _refuse_hindsight(stats: AcceptanceStats, known: Sequence[bool], name: str) -> None:
    """Refuse a value that is known because of what it is to explain.

    In an export company and title come from the list of connections, so only those who accepted have one: any rate
    by company would be 100 %.
    """
    total: dict[bool, int] = {True: 0, False: 0}
    told: dict[bool, int] = {True: 0, False: 0}
    for course, is_known in zip(stats.courses, known, strict=True):
        total[course.accepted] += 1
        told[course.accepted] += is_known
    if not all(total.values()) or not any(told.values()):
        return
    sure, other = (wilson_interval(told[it], total[it]) for it in (True, False))
    if told[False] == 0 or _apart(sure, other) or _apart(other, sure):
        raise DataError(
            f"{name} is known of {told[True]} of {total[True]} accepted invitations, and of {told[False]} of "
            f"{total[False]} others: by it, nearly everybody known would have accepted",
            hint="Compare by what is known before the answer: week, month, note, or tags of your own",
            key="stats.by",
        )


def _apart(one: Estimate, other: Estimate) -> bool:
    return one.lower is not UNKNOWN and other.upper is not UNKNOWN and one.lower > other.upper


_SEVERAL: Final = 5
_BY_CHANCE: Final = 1e-3


def _refuse_perfect(stats: AcceptanceStats, values: Sequence[tuple[Any, ...]], name: str) -> None:
    """Refuse a function whose values are those of people who accepted: it looked at the answer.

    Either it tells the accepted from the others without one mistake, or it has many values that only accepted ones
    have, and none, or one for everybody else, that only others have; and chance would not do that.
    """
    outcomes: dict[Any, list[bool]] = defaultdict(list)
    for course, value in zip(stats.courses, values, strict=True):
        outcomes[value].append(course.accepted)
    pure = [len(group) for group in outcomes.values() if all(group)]
    empty = [len(group) for group in outcomes.values() if not any(group)]
    by_chance = (stats.accepted / stats.sent) ** sum(pure) if stats.sent else 1.0
    perfect = len(pure) + len(empty) == len(outcomes) and min(sum(pure), sum(empty)) >= _SEVERAL
    if len(empty) <= 1 and by_chance < _BY_CHANCE and (perfect or len(pure) >= _SEVERAL):
        raise DataError(
            f"{name} gives {several(len(pure), 'values')} to accepted invitations alone, {sum(pure):,} of "
            f"{stats.accepted:,}: it looks at something that is known only after the answer",
            hint="Compare by what is known before the answer: week, month, note, or tags of your own",
            key="stats.by",
        )

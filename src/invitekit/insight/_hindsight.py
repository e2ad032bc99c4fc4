"""Refusing to compare by what is known only because of the answer.

A rate by such a value is 100 % by construction, and whoever reads it learns nothing about people.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from math import exp, expm1, fsum, log, log1p, sqrt
from typing import TYPE_CHECKING, Any, Final

from invitekit._text import several
from invitekit.errors import DataError
from invitekit.insight.estimators._estimate import Estimate
from invitekit.insight.estimators._proportions import (
    wilson_interval,
)
from invitekit.model import UNKNOWN

if TYPE_CHECKING:
    from invitekit.insight._stats import AcceptanceStats

__all__ = ["BY_CHANCE", "refuse_known", "refuse_leak"]


def refuse_known(stats: AcceptanceStats, known: Sequence[bool], name: str) -> None:
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
"""Fewer accepted invitations than this, or fewer others, and anything may tell the two apart."""

BY_CHANCE: Final = 1e-3
"""What is less likely than this is not taken for chance. Our choice."""

_BETTER: Final = 8.0
"""By which factor the odds of a group to accept may be better than those of all, before its being accepted without
an exception is a wonder: people who know you do accept. Our choice; it makes 4 of 5 of a third."""

_APART: Final = 0.8
"""How much of the variance groups explain when they tell the accepted from the others nearly without a mistake.
Groups that truly differ, such as companies, stay far below. Our choice."""

_AGE: Final = 7
"""From which age on an invitation is looked at here, as a young one is pending whoever it went to: by day 7, seven
in eight of the acceptances have come (measured on member exports)."""


def refuse_leak(stats: AcceptanceStats, values: Sequence[Any], name: str, *, by_chance: float = BY_CHANCE) -> None:
    """Refuse values that tell who accepted: what gave them looked at the answer.

    Three signs, each beyond chance: every group is accepted as a whole or not at all; more groups, or larger ones,
    are accepted without an exception than even groups of much better people would be; or nearly all invitations
    stand in groups that are nearly of one kind.

    A group that nobody accepted is no sign by itself: there are bad lists.
    """
    newest = stats.as_of.toordinal() - _AGE
    old = [course.sent <= newest for course in stats.courses]
    told = [
        (value, course.accepted)
        for value, course, is_old in zip(values, stats.courses, old, strict=True)
        if is_old
    ]
    aged = f" that were sent {_AGE} days ago or earlier"
    if min(sum(hit for _, hit in told), sum(not hit for _, hit in told)) < _SEVERAL:
        told = [(value, course.accepted) for value, course in zip(values, stats.courses, strict=True)]
        aged = ""
    outcomes: dict[Any, list[bool]] = defaultdict(list)
    for value, hit in told:
        outcomes[value].append(hit)
    accepted = sum(hit for _, hit in told)
    if min(accepted, len(told) - accepted) < _SEVERAL or len(outcomes) < 2:
        return
    rate = accepted / len(told)
    better = _BETTER * rate / (_BETTER * rate + 1 - rate)
    sizes = Counter(map(len, outcomes.values()))
    pure = [len(group) for group in outcomes.values() if all(group)]
    empty = sum(not any(group) for group in outcomes.values())
    perfect = len(pure) + empty == len(outcomes) and by_chance > min(
        _as_many(len(pure), sizes, rate), _as_many(empty, sizes, 1 - rate)
    )
    if perfect or _as_many(len(pure), sizes, better) < by_chance:
        yes_or_no = outcomes.keys() <= {True, False}
        gives = "sets apart" if yes_or_no else f"gives {several(len(pure), 'values')} to"
        told_by = f"{gives} accepted invitations alone, {sum(pure):,} of {accepted:,}{aged}"
    elif _separates([(sum(group), len(group)) for group in outcomes.values()], rate):
        told_by = f"tells the {accepted:,} accepted invitations{aged} from the others nearly without a mistake"
    else:
        return
    raise DataError(
        f"{name} {told_by}: it looks at something that is known only after the answer",
        hint="Compare by what is known before the answer: week, month, note, or tags of your own",
        key="stats.by",
    )


def _as_many(seen: int, sizes: Mapping[int, int], rate: float) -> float:
    """At most how likely chance makes so many groups, or more, accepted as a whole (Chernoff's bound).

    For a single group out of one it is the likelihood itself.

    Args:
        seen: How many are.
        sizes: How many groups there are of each size.
        rate: How likely each invitation is to be accepted.
    """
    each = [(size * log(rate), count) for size, count in sizes.items()]
    if seen <= fsum(count * exp(whole) for whole, count in each):
        return 1.0

    def tilted(tilt: float) -> tuple[float, float]:
        """The logarithm of the mean of exp(tilt * number), and its slope."""
        value = slope = 0.0
        for whole, count in each:
            odds = tilt + whole - log(-expm1(whole))  # In logarithms, as a large group never is by chance.
            value += count * (log(-expm1(whole)) + (log1p(exp(odds)) if odds < 0 else odds + log1p(exp(-odds))))
            slope += count / (1 + exp(-odds)) if odds > -700 else 0.0
        return value, slope

    low, high = 0.0, 50.0 - min(whole for whole, _ in each)
    for _ in range(100):
        middle = (low + high) / 2
        if tilted(middle)[1] < seen:
            low = middle
        else:
            high = middle
    return exp(min(tilted(low)[0] - low * seen, 0.0))


def _separates(groups: Sequence[tuple[int, int]], rate: float) -> bool:
    """Whether groups are nearly of one kind each, by more than chance: their spread is that of chi squared.

    How much of the variance they explain is adjusted for their number: many small groups explain much by chance.
    """
    total, free = sum(n for _, n in groups), len(groups) - 1
    spread = fsum(n * (k / n - rate) ** 2 for k, n in groups) / (rate * (1 - rate))
    within = total - len(groups)
    explained = 1 - (1 - spread / total) * (total - 1) / within if within else 0.0
    return explained > _APART and spread - free > 12 + 4 * sqrt(2 * free)

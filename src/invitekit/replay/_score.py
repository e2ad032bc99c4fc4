"""What the days of a policy cost and brought: acceptances lost, places in the list saved, and how sure that is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate
from typing import Final, NamedTuple

import attrs

from invitekit.insight._courses import CLOSED
from invitekit.insight.estimators._proportions import wilson_interval
from invitekit.model import COOL_DOWN, UNKNOWN, Unknown
from invitekit.policy import Policy
from invitekit.replay._curve import Curve, Curves
from invitekit.replay._figures import Amount, Withdrawal
from invitekit.replay._result import PolicyReplay
from invitekit.replay._tracks import Log, Track
from invitekit.replay._walk import Calendar, Walk

__all__ = ["SAMPLES", "Scale", "score"]

SAMPLES: Final = 200
"""How many samples of whole sending weeks make an interval."""

FEWEST_WEEKS: Final = 5
"""From fewer weeks no interval is made: samples of so few say little."""

MOST_UNIDENTIFIED: Final = 0.05
"""The share of withdrawals at ages beyond what the log tells about, above which no sum is given. Our choice: a
stray old invitation is passed over, and counted in the bounds; a policy that lives beyond the log is not."""


class _Guess(NamedTuple):
    """A withdrawal whose fate the log does not show."""

    week: int
    age: int
    seen: int
    """The age up to which the log shows that it was pending."""
    share: float
    """The chance that it was accepted, where that is all there is to guess; negative where the curve says it."""


@attrs.frozen
class Scale:
    """What all policies are measured by.

    Args:
        log: What happened.
        calendar: The days.
        curves: How recipients behave.
        asked: The horizon that was asked for, in days.
        cap: How many pending are too many.
        confidence: How often intervals are to cover the truth.
        seed: What the samples are drawn from.
    """

    log: Log
    calendar: Calendar
    curves: Curves
    asked: int
    cap: int
    confidence: float
    seed: int
    _stays: dict[int, list[float]] = attrs.field(factory=dict[int, list[float]], init=False, eq=False, repr=False)

    @property
    def horizon(self) -> int | Unknown:
        """The last day that counts."""
        return self.curves.point.horizon

    def shows(self, guess: _Guess) -> bool:
        """Whether the log shows an invitation pending from the decision up to the horizon, and so nothing lost."""
        horizon = self.horizon
        return guess.share < 0 and horizon is not UNKNOWN and guess.age < horizon <= guess.seen

    def weights(self, place: int, start: int) -> list[float]:
        """For each day from one on, how much of a place a track takes while nobody withdraws it.

        One while the log shows it as open. After the account had withdrawn it, the chance that it would still be
        there; beyond the days that the log tells about, that of the last of them.
        """
        calendar, track = self.calendar, self.log.tracks[place]
        last, ghost = calendar.last[place], min(calendar.ghost[place], calendar.last[place])
        found = [1.0] * max(ghost - start, 0)
        if ghost < last and track.course is not None:
            since = track.course.left if track.course.withdrawn is None else track.course.withdrawn
            staying = self._stays.get(since) or self._stays.setdefault(since, self.curves.point.staying(since))
            for day in range(max(ghost, start), last):
                age = calendar.moments[day].toordinal() - track.course.sent
                found.append(staying[min(max(age - since, 0), len(staying) - 1)])
        return found


def score(name: str, policy: Policy, walked: Walk, scale: Scale) -> PolicyReplay:
    """Work out what a policy cost and brought."""
    ahead = scale.curves.point.ahead()
    made: list[Withdrawal] = []
    guesses: list[_Guess] = []
    known: dict[int, int] = defaultdict(int)
    saved: dict[int, float] = defaultdict(float)
    unresolved = unidentified = late = 0
    stock = _stock(walked, scale)
    for place, day in walked.withdrawn:
        track, moment = scale.log.tracks[place], scale.calendar.moments[day]
        fate, guess, counts = _fate(track, moment, scale)
        lost: float | Unknown = 1.0 if counts else 0.0
        if counts:
            known[track.week] += 1
        elif guess is not None and not scale.shows(guess):
            lost = _lost(guess, scale.curves.point, ahead)
            if lost is UNKNOWN:
                unidentified += 1
            else:
                guesses.append(guess)
            unresolved += 1
        late += fate == "withdrawn-before"
        saved[track.week] += sum(scale.weights(place, day))
        made.append(
            Withdrawal(
                invitation_id=track.final.id,
                member=track.final.member,
                at=moment,
                age=UNKNOWN if track.course is None else moment.toordinal() - track.course.sent,
                fate=fate,
                lost=lost,
                imputed=not counts and guess is not None and not scale.shows(guess),
            )
        )
    lost_for_sure = sum(known.values())
    expected = sum(one.lost for one in made if one.imputed and one.lost is not UNKNOWN)
    told = unidentified <= MOST_UNIDENTIFIED * len(made)
    total = Amount(value=UNKNOWN, confidence=scale.confidence)
    rate = total
    if told:
        losses = _sampled(known, guesses, saved, scale)
        total = _lost_in_all(lost_for_sure + expected, [loss for loss, _ in losses], len(made), scale.confidence)
        rates = [spared / loss for loss, spared in losses if loss > 0]
        if lost_for_sure + expected > 0:
            # Samples in which nothing is lost have no rate; where there are many, there is no interval.
            rates = rates if len(rates) == len(losses) else []
            rate = _amount(sum(saved.values()) / (lost_for_sure + expected), rates, scale.confidence)
    ends = scale.calendar.moments[-1]
    return PolicyReplay(
        name=name,
        policy=policy,
        withdrawals=tuple(made),
        days=tuple(moment.date() for moment in scale.calendar.moments),
        stock=tuple(stock),
        cap=scale.cap,
        lost_known=lost_for_sure,
        lost_expected=expected if told else UNKNOWN,
        lost=total,
        unresolved=unresolved,
        unidentified=unidentified,
        imputed_earlier=late,
        slot_days_saved=sum(saved.values()),
        exchange_rate=rate,
        reinvites_possible=sum(one.at + COOL_DOWN <= ends for one in made),
        limited_days=walked.limited,
        blocked_days=walked.blocked,
        held_out=len(walked.held_out),
        refits=walked.fitted,
        horizon=scale.horizon,
        never_known=walked.never_known,
    )


def _fate(track: Track, moment: datetime, scale: Scale) -> tuple[str, _Guess | None, bool]:
    """What the log says became of it: a word, what is left to guess, and whether an acceptance was surely lost."""
    course = track.course
    if course is None:
        return "unclear", _Guess(track.week, -1, -1, -1.0), False
    age = moment.toordinal() - course.sent
    if course.accepted:
        # It was shown as open at the moment, so it was accepted after it.
        within = course.right is None or course.right <= scale.asked
        return "accepted", None, within
    if course.right is not None:
        if course.causes == frozenset({CLOSED}):
            return "closed", None, False
        return (
            "unclear",
            _Guess(track.week, age, course.right, _share(course.left, course.right, age, scale)),
            False,
        )
    if course.withdrawn is None:
        return "pending", _Guess(track.week, age, course.left, -1.0), False
    word = "withdrawn-before" if track.withdrawn is not None and track.withdrawn < moment else "withdrawn"
    return word, _Guess(track.week, age, course.withdrawn, -1.0), False


def _share(left: int, right: int, age: int, scale: Scale) -> float:
    """Of what ended between two ages in a way that nobody saw, the share that was accepted."""
    curve = scale.curves.point
    ages = range(max(left, age) + 1, min(right, len(curve.accept) - 1) + 1)
    accepted, closed = (sum(hazards[one] for one in ages) for hazards in (curve.accept, curve.closed))
    return accepted / (accepted + closed) if accepted + closed else 0.5


def _lost(guess: _Guess, curve: Curve, ahead: Sequence[float]) -> float | Unknown:
    """The chance that an acceptance was lost by withdrawing at an age.

    Seen pending beyond the age: what would have come after that. Withdrawn by the account before it: the chance
    that it would still have been there, times what would have come. (Counted against never withdrawing, so what
    came between the account's withdrawal and the policy's is no loss of the policy.)
    """
    if guess.share >= 0:
        return guess.share
    if curve.horizon is UNKNOWN or guess.age < 0 or guess.age >= curve.horizon:
        return UNKNOWN
    if guess.seen >= guess.age:
        return ahead[guess.seen] if guess.seen < curve.horizon else 0.0
    return curve.staying(guess.seen)[guess.age - guess.seen] * ahead[guess.age]


def _stock(walked: Walk, scale: Scale) -> list[float]:
    """How many are pending after the decisions of each day."""
    calendar = scale.calendar
    days = len(calendar.moments)
    steps = [0.0] * (days + 1)
    extra = [0.0] * days
    withdrawn = dict(walked.withdrawn)
    for place, first in enumerate(calendar.first):
        if first is None:
            continue
        end = min(withdrawn.get(place, days), calendar.last[place])
        sure = max(min(calendar.ghost[place], end), first)
        steps[first] += 1
        steps[sure] -= 1
        if sure < end:
            for offset, weight in enumerate(scale.weights(place, sure)[: end - sure]):
                extra[sure + offset] += weight
    return [count + more for count, more in zip(accumulate(steps[:days]), extra, strict=True)]


def _sampled(
    known: dict[int, int], guesses: Sequence[_Guess], saved: dict[int, float], scale: Scale
) -> list[tuple[float, float]]:
    """In each sample of sending weeks, the acceptances lost and the places saved."""
    if len(scale.curves.counted.weeks) < FEWEST_WEEKS or not (guesses or known):
        return []
    alike: dict[_Guess, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for guess in guesses:
        alike[guess._replace(week=0)][guess.week] += 1
    found: list[tuple[float, float]] = []
    for drawn, curve in scale.curves.samples(SAMPLES, scale.seed):
        ahead = curve.ahead()
        lost = float(sum(drawn.get(week, 0) * count for week, count in known.items()))
        for guess, weeks in alike.items():
            times = sum(drawn.get(week, 0) * count for week, count in weeks.items())
            if times:
                each = _lost(guess, curve, ahead)
                lost += 0.0 if each is UNKNOWN else times * each
        found.append((lost, sum(drawn.get(week, 0) * days for week, days in saved.items())))
    return found


def _lost_in_all(value: float, samples: Sequence[float], withdrawn: int, confidence: float) -> Amount:
    """What was lost, with an upper end that does not vanish where no sample happens to hold a loss.

    Weeks in which nothing was lost give samples in which nothing is; that many withdrawals leave more possible.
    """
    amount = _amount(value, samples, confidence)
    if amount.upper is UNKNOWN or not withdrawn:
        return amount
    most = wilson_interval(min(value, withdrawn), withdrawn, confidence=confidence).upper
    return amount if most is UNKNOWN else attrs.evolve(amount, upper=max(amount.upper, most * withdrawn))


def _amount(value: float, samples: Sequence[float], confidence: float) -> Amount:
    if not samples:
        return Amount(value=value, confidence=confidence)
    ordered = sorted(samples)
    cut = (1 - confidence) / 2
    lower, upper = (ordered[min(int(share * len(ordered)), len(ordered) - 1)] for share in (cut, 1 - cut))
    return Amount(value=value, lower=min(lower, value), upper=max(upper, value), confidence=confidence)

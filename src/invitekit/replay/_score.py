"""What the days of a policy cost and brought: acceptances lost, places in the list saved, and how sure that is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from math import log1p, sqrt
from typing import TYPE_CHECKING, Final, NamedTuple

import attrs

from invitekit.insight._courses import CLOSED
from invitekit.insight.estimators._proportions import wilson_interval
from invitekit.model import COOL_DOWN, UNKNOWN, Unknown
from invitekit.policy import Policy
from invitekit.replay._curve import Curve, Curves
from invitekit.replay._figures import Amount, Withdrawal
from invitekit.replay._places import Places
from invitekit.replay._result import PolicyReplay
from invitekit.replay._tracks import Log, Track
from invitekit.replay._walk import Calendar, Walk

if TYPE_CHECKING:
    from random import Random

__all__ = ["SAMPLES", "Scale", "score"]

SAMPLES: Final = 200
"""How many samples of whole sending weeks make an interval."""

FEWEST_WEEKS: Final = 5
"""From fewer weeks no interval is made: samples of so few say little."""

MOST_UNIDENTIFIED: Final = 0.05
"""The share of withdrawals at ages beyond what the log tells about, above which no sum is given. Our choice: a
stray old invitation is passed over, and counted in the bounds; a policy that lives beyond the log is not."""


_MANY: Final = 40.0
"""The variance of a number of events above which the normal distribution does for it."""

_NEGLIGIBLE: Final = 1e-9


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
        places: How long invitations take a place in the list.
        curves: How recipients behave.
        asked: The horizon that was asked for, in days.
        cap: How many pending are too many.
        confidence: How often intervals are to cover the truth.
        seed: What the samples are drawn from.
    """

    log: Log
    calendar: Calendar
    places: Places
    curves: Curves
    asked: int
    cap: int
    confidence: float
    seed: int

    @property
    def horizon(self) -> int | Unknown:
        """The last day that counts."""
        return self.curves.point.horizon

    @property
    def until(self) -> int:
        """The last day on which an acceptance that the log shows counts."""
        return self.asked if self.horizon is UNKNOWN else self.horizon

    def shows(self, guess: _Guess) -> bool:
        """Whether the log shows an invitation pending from the decision up to the horizon, and so nothing lost."""
        horizon = self.horizon
        return guess.share < 0 and horizon is not UNKNOWN and guess.age < horizon <= guess.seen


def score(name: str, policy: Policy, walked: Walk, scale: Scale) -> PolicyReplay:
    """Work out what a policy cost and brought."""
    ahead = scale.curves.point.ahead()
    made: list[Withdrawal] = []
    guesses: list[_Guess] = []
    known: dict[int, int] = defaultdict(int)
    saved: dict[int, float] = defaultdict(float)
    unresolved = unidentified = late = 0
    still = within = 0.0
    ends = scale.calendar.moments[-1]
    for place, day in walked.withdrawn:
        track, moment = scale.log.tracks[place], scale.calendar.moments[day]
        fate, guess, counts = _fate(track, moment, scale)
        lost: float | Unknown = 1.0 if counts else 0.0
        last = -1 if track.course is None else ends.toordinal() - track.course.sent
        if counts:
            known[track.week] += 1
            within += track.course is not None and (track.course.right or 0) <= last
        elif guess is not None and not scale.shows(guess):
            lost = _lost(guess, scale.curves.point, ahead)
            if lost is UNKNOWN:
                unidentified += 1
            else:
                guesses.append(guess)
                within += _by(last, guess, lost, ahead, scale)
            unresolved += 1
        if fate == "withdrawn-before" and track.course is not None:
            late += 1
            still += scale.places.stays(track, moment.toordinal() - track.course.sent)
        saved[track.week] += scale.places.saved(place, day)
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
    return PolicyReplay(
        name=name,
        policy=policy,
        withdrawals=tuple(made),
        days=tuple(moment.date() for moment in scale.calendar.moments),
        stock=tuple(scale.places.stock(walked)),
        cap=scale.cap,
        lost_known=lost_for_sure,
        lost_expected=expected if told else UNKNOWN,
        lost=total,
        unresolved=unresolved,
        unidentified=unidentified,
        imputed_earlier=late,
        earlier_pending=still,
        lost_within=within if told else UNKNOWN,
        slot_days_saved=sum(saved.values()),
        exchange_rate=rate,
        reinvites_possible=sum(one.at + COOL_DOWN <= ends for one in made),
        limited_days=walked.limited,
        blocked_days=walked.blocked,
        held_out=len(walked.held_out),
        refits=walked.fitted,
        horizon=scale.horizon,
        never_known=walked.never_known,
        undecided_days=walked.undecided,
        judged_days=walked.judged,
    )


def _fate(track: Track, moment: datetime, scale: Scale) -> tuple[str, _Guess | None, bool]:
    """What the log says became of it: a word, what is left to guess, and whether an acceptance was surely lost."""
    course = track.course
    if course is None:
        return "unclear", _Guess(track.week, -1, -1, -1.0), False
    age = moment.toordinal() - course.sent
    if course.accepted:
        # It was shown as open at the moment, so it was accepted after it; after the horizon that is no loss.
        within = course.right is None or course.right <= scale.until
        return "accepted", None, within
    if course.right is not None:
        if course.causes == frozenset({CLOSED}):
            return "closed", None, False
        if age < scale.until <= course.left:
            return "unclear", None, False  # How it ended is not known, but it was after the horizon.
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


def _by(last: int, guess: _Guess, lost: float, ahead: Sequence[float], scale: Scale) -> float:
    """How much of a loss falls upon the days of the replay: that of acceptances up to the age on its last day."""
    horizon = scale.horizon
    if guess.share >= 0:
        return lost if guess.seen <= last else 0.0
    if horizon is UNKNOWN or last >= horizon:
        return lost
    if last <= max(guess.seen, guess.age):
        return 0.0
    return max(lost - scale.places.staying(guess.seen)[last - guess.seen] * ahead[last], 0.0)


def _sampled(
    known: dict[int, int], guesses: Sequence[_Guess], saved: dict[int, float], scale: Scale
) -> list[tuple[float, float]]:
    """In each sample of sending weeks, the acceptances lost and the places saved.

    A fate that is not seen is drawn, too: each was accepted or it was not, so even with all chances known the
    number of those that were would vary.
    """
    if len(scale.curves.counted.weeks) < FEWEST_WEEKS or not (guesses or known):
        return []
    alike: dict[_Guess, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for guess in guesses:
        alike[guess._replace(week=0)][guess.week] += 1
    from random import Random

    chance = Random(f"fates {scale.seed}")  # noqa: S311  a sample, not a secret
    found: list[tuple[float, float]] = []
    for drawn, curve in scale.curves.samples(SAMPLES, scale.seed):
        ahead = curve.ahead()
        lost = float(sum(drawn.get(week, 0) * count for week, count in known.items()))
        expected = variance = 0.0
        for guess, weeks in alike.items():
            times = sum(drawn.get(week, 0) * count for week, count in weeks.items())
            if times:
                each = _lost(guess, curve, ahead)
                if each is not UNKNOWN:
                    expected += times * each
                    variance += times * each * (1 - each)
        lost += _drawn(expected, variance, chance)
        found.append((lost, sum(drawn.get(week, 0) * days for week, days in saved.items())))
    return found


def _drawn(expected: float, variance: float, chance: Random) -> float:
    """Draw how many of some events happen, by their expected number and its variance.

    From the binomial distribution with these two, by jumping from one that happens to the next; where they are
    many, from the normal one.
    """
    if variance <= _NEGLIGIBLE:
        return expected
    share = max(1 - variance / expected, _NEGLIGIBLE)
    tries = max(round(expected / share), 1)
    if variance > _MANY:
        return float(min(max(round(chance.gauss(expected, sqrt(variance))), 0), tries))
    step = log1p(-min(expected / tries, 1 - _NEGLIGIBLE))
    happened, place = 0, 0
    while True:
        place += 1 + int(log1p(-chance.random()) / step)
        if place > tries:
            return float(happened)
        happened += 1


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

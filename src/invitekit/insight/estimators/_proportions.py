"""Shares and their intervals: one share, many small ones, and one that is still growing up."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from math import exp, fsum, inf, log, log1p, sqrt
from typing import Any, cast

import attrs

from invitekit._numbers import is_number
from invitekit.errors import DataError
from invitekit.insight.estimators._arguments import LARGEST, listed, shown
from invitekit.insight.estimators._estimate import Estimate
from invitekit.insight.estimators._shown import OneRecord, html_of
from invitekit.insight.estimators._special import beta_quantile, checked_confidence, z_of
from invitekit.model import UNKNOWN, Unknown

__all__ = [
    "MaturityRate",
    "Shrinkage",
    "beta_interval",
    "clopper_pearson",
    "effective_counts",
    "likeness",
    "maturity_adjusted_rate",
    "posterior_rate",
    "shrink",
    "wilson_interval",
]

_MOST_ALIKE = 0.9
"""The largest correlation within groups that `shrink` works with: beyond it no proper prior is left."""

_NOTHING = 1e-100
"""Fewer acceptances than this are none; the squares of smaller shares are 0."""

_GRID = 4000
"""How many steps the posterior of `maturity_adjusted_rate` is integrated in."""

_COARSE = 400
"""How many steps are taken where there are many posteriors: their ends still agree to six digits and more."""

_WIDE = 50.0
"""From which width on, in logits, the coarse grid is too coarse: a prior of tiny strength has long tails."""

_DEPTH = 60.0
"""How far below its peak, in logarithms, the posterior is cut off: e**-60 is far below rounding."""


def wilson_interval(successes: float, trials: float, confidence: float = 0.95) -> Estimate:
    """A share with Wilson's score interval (Wilson 1927).

    It keeps what it promises with small numbers too: simulated with 10 trials and a share of 0.3, the 95 %
    interval covers in 92.3 % of the cases, the textbook interval in 83.6 %.

    Args:
        successes: How many, from 0 to `trials`; fractions are fine.
        trials: Out of how many; with none the share is `UNKNOWN` and the interval is 0 to 1.
        confidence: How often such an interval covers the truth.

    Raises:
        DataError: The counts make no share, or the confidence is not between 0 and 1.
    """
    _check_counts(successes, trials)
    z = z_of(confidence)
    if not trials:
        return Estimate(value=UNKNOWN, lower=0.0, upper=1.0, confidence=confidence, n=0, interval="wilson")
    share, square = successes / trials, z * z
    middle = (successes + square / 2) / (trials + square)
    half = z * sqrt(trials) / (trials + square) * sqrt(share * (1 - share) + square / (4 * trials))
    return Estimate(
        value=share,
        lower=0.0 if successes == 0 else max(0.0, middle - half),
        upper=1.0 if successes == trials else min(1.0, middle + half),
        confidence=confidence,
        n=trials,
        interval="wilson",
    )


def clopper_pearson(successes: float, trials: float, confidence: float = 0.95) -> Estimate:
    """A share with the interval that covers at least as often as promised, and therefore is a wide one.

    Take `wilson_interval` unless a guarantee is asked for. Same arguments and errors.
    """
    _check_counts(successes, trials)
    tail = (1 - checked_confidence(confidence)) / 2
    failures = trials - successes
    return Estimate(
        value=successes / trials if trials else UNKNOWN,
        lower=beta_quantile(tail, successes, failures + 1) if successes else 0.0,
        upper=beta_quantile(1 - tail, successes + 1, failures) if failures else 1.0,
        confidence=confidence,
        n=trials,
        interval="clopper-pearson",
    )


def beta_interval(alpha: float, beta: float, confidence: float = 0.95) -> Estimate:
    """The mean of a Beta(alpha, beta) distribution with the interval that leaves out as much on either side.

    Args:
        alpha: Successes, those of the prior included; positive.
        beta: Failures, those of the prior included; positive.
        confidence: How much of the distribution the interval holds.

    Raises:
        DataError: A shape is not positive, or the confidence is not between 0 and 1.
    """
    checked_confidence(confidence)
    if not (_is_number(alpha) and _is_number(beta) and alpha > 0 and beta > 0):
        raise DataError(
            f"the shapes of a beta distribution are positive numbers, got {shown(alpha)} and {shown(beta)}",
            hint="Give successes first, then failures, those of the prior included",
            key="alpha",
        )
    return _beta_interval(alpha, beta, confidence)


def _beta_interval(alpha: float, beta: float, confidence: float) -> Estimate:
    tail = (1 - confidence) / 2
    return Estimate(
        lower=beta_quantile(tail, alpha, beta),
        upper=beta_quantile(1 - tail, alpha, beta),
        value=alpha / (alpha + beta),
        confidence=confidence,
        n=alpha + beta,
        interval="beta",
    )


def _is_number(value: object) -> bool:
    return is_number(value, -LARGEST, LARGEST)


def _check_counts(successes: float, trials: float, key: str = "") -> None:
    if not (_is_number(successes) and _is_number(trials) and 0 <= successes <= trials):
        raise DataError(
            f"a share is 0 to n out of n, got {shown(successes)} out of {shown(trials)}",
            hint="Give the successes first, then the trials",
            key=key,
        )


@attrs.frozen(kw_only=True, repr=False)
class Shrinkage:
    """Shares of several groups, each drawn towards the common one by as much as its smallness asks for.

    Args:
        mean: The share of all groups together; `UNKNOWN` where there is no trial at all.
        rho: How alike the members of one group are, 0 to 1. With 0 the groups do not differ more than chance
            makes them, and all get the common share.
        strength: How many trials the common share counts for in each group; infinite where rho is 0.
        alpha: The successes among those.
        beta: The failures among those.
        estimates: One per group, in the order given.
    """

    mean: float | Unknown
    rho: float
    strength: float
    alpha: float
    beta: float
    estimates: tuple[Estimate, ...]

    def to_records(self) -> list[dict[str, Any]]:
        """Give the groups as flat dicts, in the order given."""
        return [estimate.to_record() for estimate in self.estimates]

    def _repr_html_(self) -> str:
        return html_of(self)

    def __repr__(self) -> str:
        mean = "unknown" if self.mean is UNKNOWN else f"{self.mean:.4g}"
        return f"Shrinkage({len(self.estimates)} groups, mean={mean}, strength={self.strength:.4g})"

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "mean", self.mean
        yield "strength", self.strength
        yield "estimates", self.estimates


def shrink(groups: Iterable[tuple[float, float]], confidence: float = 0.95) -> Shrinkage:
    """Estimate the shares of many small groups together (beta-binomial, weighted moments; Kleinman 1973).

    In a simulation with 12 segments this made the typical error 0.087 instead of the 0.154 of the raw shares. The
    intervals take the common share for known, so with fewer than about eight groups they are a little narrow.

    Args:
        groups: Successes and trials of each group; fractions are fine, and so is a group without a trial.
        confidence: How much the intervals hold.

    Raises:
        DataError: The counts of a group make no share, or the confidence is not between 0 and 1.
    """
    checked_confidence(confidence)
    pairs = [_pair(group, f"groups.{number}") for number, group in enumerate(listed(groups, "groups"))]
    rho = likeness(pairs)
    successes, trials = fsum(k for k, _ in pairs), fsum(n for _, n in pairs)
    if rho == 0:
        pooled = attrs.evolve(wilson_interval(successes, max(trials, successes), confidence), interval="pooled")
        return Shrinkage(
            mean=pooled.value, rho=0.0, strength=inf, alpha=inf, beta=inf, estimates=(pooled,) * len(pairs)
        )
    mean, strength = successes / trials, 1 / rho - 1
    alpha, beta = mean * strength, (1 - mean) * strength
    estimates = tuple(
        attrs.evolve(_beta_interval(alpha + k, beta + (n - k), confidence), n=n, interval="shrunk")
        for k, n in pairs
    )
    return Shrinkage(mean=mean, rho=rho, strength=strength, alpha=alpha, beta=beta, estimates=estimates)


def _pair(group: object, key: str) -> tuple[float, float]:
    """A group's successes and trials, checked."""
    try:
        successes, trials = cast("tuple[float, float]", group)
    except (TypeError, ValueError):
        raise DataError(
            f"a group is its successes and its trials, got {shown(group)}", hint="For instance (3, 10)", key=key
        ) from None
    _check_counts(successes, trials, key=key)
    return successes, trials


def likeness(pairs: Sequence[tuple[float, float]]) -> float:
    """The correlation within groups by weighted moments, weight = trials; 0 where nothing speaks for one."""
    used = [(k, n) for k, n in pairs if n]
    total = fsum(n for _, n in used)
    mean = fsum(k for k, _ in used) / total if total else 0.0
    if len(used) < 2 or not 0 < mean < 1:
        return 0.0
    spread = fsum(n * (k / n - mean) ** 2 for k, n in used)
    chance, others = mean * (1 - mean), len(used) - 1
    room = total - fsum(n * n for _, n in used) / total - others
    if room <= 0:
        return 0.0
    return min(_MOST_ALIKE, max(0.0, (spread - chance * others) / (chance * room)))


@attrs.frozen(kw_only=True, repr=False)
class MaturityRate(OneRecord):
    """A share that allows for those who have not had their time yet.

    Args:
        naive: Accepted out of all, which counts the young ones as refusals.
        maturity: How many invitations have, in effect, had their chance: the accepted ones, and of each pending
            one the share of acceptances that come by its age.
        mle: The share that makes the data likeliest; `UNKNOWN` where nothing has had a chance yet.
        estimate: The mean of the posterior, with its interval; `n` is the maturity.
    """

    naive: float | Unknown
    maturity: float
    mle: float | Unknown
    estimate: Estimate

    def to_record(self) -> dict[str, Any]:
        """Give it as a flat dict; what is unknown becomes None."""
        own = {"naive": self.naive, "maturity": self.maturity, "mle": self.mle}
        return {**{name: None if v is UNKNOWN else v for name, v in own.items()}, **self.estimate.to_record()}

    def __repr__(self) -> str:
        return f"MaturityRate({self.estimate}, maturity={self.maturity:.4g})"

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "estimate", self.estimate
        yield "maturity", self.maturity


def maturity_adjusted_rate(
    accepted: int,
    reached: Sequence[float],
    *,
    prior: tuple[float, float] = (1.0, 1.0),
    confidence: float = 0.95,
) -> MaturityRate:
    """How many will accept in the end, when the curve of how long acceptances take is known.

    The likelihood of a share p is p to the power of `accepted`, times 1 - p F(age) for every pending invitation.

    Args:
        accepted: How many have accepted.
        reached: F(age) of every pending one: the share of all acceptances that come by its age, 0 to 1.
        prior: The shapes of a Beta prior of p; (1, 1) says nothing.
        confidence: How much of the posterior the interval holds.

    Raises:
        DataError: A count, share, prior or confidence is out of its range.
    """
    checked_confidence(confidence)
    if not _is_number(accepted) or accepted < 0:
        raise DataError(
            f"a number of acceptances is 0 or more, got {shown(accepted)}", hint="For instance 12", key="accepted"
        )
    reached = listed(reached, "reached")
    for number, share in enumerate(reached):
        if not _is_number(share) or not 0 <= share <= 1:
            raise DataError(
                f"a share of latencies is from 0 to 1, got {shown(share)}",
                hint="For instance the cdf at an age",
                key=f"reached.{number}",
            )
    alpha, beta = _shapes(prior)
    total = accepted + len(reached)
    maturity = accepted + fsum(reached)
    pending = Counter(share for share in reached if share > 0)
    posterior = _Posterior(accepted + alpha, beta, pending)
    steps = _GRID if len(pending) <= 200 else _GRID // 5
    mean, lower, upper = posterior.summary((1 - confidence) / 2, steps)
    return MaturityRate(
        naive=accepted / total if total else UNKNOWN,
        maturity=maturity,
        mle=_likeliest(accepted, pending) if maturity else UNKNOWN,
        estimate=Estimate(
            value=mean, lower=lower, upper=upper, confidence=confidence, n=maturity, interval="posterior"
        ),
    )


def posterior_rate(
    accepted: float, pending: Mapping[float, int], prior: tuple[float, float], confidence: float
) -> Estimate:
    """The estimate of `maturity_adjusted_rate` where there are many of them; the arguments are not checked.

    Args:
        accepted: How many have accepted.
        pending: How many of the pending ones have each F(age).
        prior: The shapes of a Beta prior.
        confidence: How much of the posterior the interval holds.
    """
    alpha, beta = prior
    counts = Counter({share: count for share, count in pending.items() if share > 0})
    mean, lower, upper = _Posterior(accepted + alpha, beta, counts).summary((1 - confidence) / 2, _COARSE)
    maturity = accepted + fsum(share * count for share, count in counts.items())
    return Estimate(value=mean, lower=lower, upper=upper, confidence=confidence, n=maturity, interval="posterior")


def effective_counts(accepted: float, pending: Mapping[float, int], mean: float) -> tuple[float, float]:
    """How many of how many finished invitations say as much about a share as these unfinished ones do.

    The share is the likeliest one; the number is that of finished invitations whose share would have the same
    variance. One with F(age) = f counts for f (1 - mean) / (1 - mean f), which is less than f: that a young one is
    pending says little.

    Args:
        accepted: How many have accepted.
        pending: How many of the pending ones have each F(age).
        mean: About which share, as the variance depends on it; above 0 and below 1.
    """
    counts = Counter({share: count for share, count in pending.items() if share > 0})
    worth = {f: f * (1 - mean) / (1 - mean * f) for f in counts}
    # The accepted ones were of any age. How old they are by now is told by the pending: of each age, so many of
    # those pending have an accepted one beside them.
    beside = {f: count * f / (1 - mean * f) for f, count in counts.items()}
    total = fsum(beside.values())
    each = fsum(beside[f] * worth[f] for f in counts) / total if total else 1.0
    trials = accepted * each + fsum(count * worth[f] for f, count in counts.items())
    return (trials * _likeliest(accepted, counts) if trials else 0.0), trials


def _shapes(prior: object) -> tuple[float, float]:
    """The two shapes of a Beta prior, checked."""
    try:
        alpha, beta = cast("tuple[float, float]", prior)
    except (TypeError, ValueError):
        alpha = beta = 0.0
    if not (_is_number(alpha) and _is_number(beta) and alpha > 0 and beta > 0):
        raise DataError(
            f"a Beta prior is two positive numbers, got {shown(prior)}",
            hint="(1, 1) says nothing",
            key="prior",
        )
    return alpha, beta


def _likeliest(accepted: float, pending: Counter[float]) -> float:
    """The root of the score, which only falls: Newton's steps, halved where they would leave the bracket."""
    if accepted < _NOTHING:
        return 0.0
    if 1 not in pending and accepted >= fsum(count * f / (1 - f) for f, count in pending.items()):
        return 1.0
    low, high = 0.0, 1.0
    p = accepted / (accepted + pending.total())
    for _ in range(200):
        score = accepted / p - fsum(count * f / (1 - p * f) for f, count in pending.items())
        slope = -accepted / (p * p) - fsum(count * (f / (1 - p * f)) ** 2 for f, count in pending.items())
        if score > 0:
            low = p
        else:
            high = p
        step = p - score / slope
        if not low < step < high:
            step = (low + high) / 2
        if abs(step - p) <= 1e-15 * p:
            return step
        p = step
    return p


class _Posterior:
    """p**a (1 - p)**b times the chances of the pending, by Simpson's rule over the logit of p where it matters.

    On that scale it falls off exponentially to both sides, also where a prior has a pole at 0 or at 1.
    """

    def __init__(self, a: float, b: float, pending: Counter[float]) -> None:
        self.a, self.b, self.pending = a, b, tuple(pending.items())

    def log_density(self, x: float) -> float:
        """The density over the logit x, up to a constant."""
        log_p, log_q = _log_logistic(x), _log_logistic(-x)
        q = exp(log_q)
        late = fsum(count * (log((1 - f) + f * q) if f < 1 else log_q) for f, count in self.pending)
        return self.a * log_p + self.b * log_q + late

    def summary(self, tail: float, steps: int) -> tuple[float, float, float]:
        """The mean, and the ends that leave out a share `tail` on either side."""
        low, high = self._range()
        if high - low > _WIDE:
            steps = max(steps, _GRID)
        points = [low + (high - low) * i / steps for i in range(steps + 1)]
        logs = list(map(self.log_density, points))
        peak = max(logs)
        heights = [exp(value - peak) for value in logs]
        panels = [heights[i] + 4 * heights[i + 1] + heights[i + 2] for i in range(0, steps, 2)]
        total = fsum(panels)
        weighted = [height * exp(_log_logistic(x)) for height, x in zip(heights, points, strict=True)]
        mean = fsum(weighted[i] + 4 * weighted[i + 1] + weighted[i + 2] for i in range(0, steps, 2)) / total
        ends = (_invert(heights, panels, share * total) / steps for share in (tail, 1 - tail))
        lower, upper = (exp(_log_logistic(low + (high - low) * end)) for end in ends)
        return mean, lower, upper

    def _range(self) -> tuple[float, float]:
        """Where the density, which has a single peak, is not negligible."""
        low, high = self._reach(0.0, -1), self._reach(0.0, 1)
        for _ in range(200):  # A third less each time.
            left, right = low + (high - low) / 3, high - (high - low) / 3
            if self.log_density(left) < self.log_density(right):
                low = left
            else:
                high = right
            if high - low < 1e-4:  # Its height differs by less than 1e-8 there.
                break
        top = (low + high) / 2
        return self._reach(top, -1), self._reach(top, 1)

    def _reach(self, start: float, sign: int) -> float:
        """How far out from `start` the density is above its cut."""
        floor = self.log_density(start) - _DEPTH
        far = 1.0
        while self.log_density(start + sign * far) > floor:
            far *= 2
        near = 0.0
        for _ in range(20):
            middle = (near + far) / 2
            if self.log_density(start + sign * middle) > floor:
                near = middle
            else:
                far = middle
        return start + sign * far


def _log_logistic(x: float) -> float:
    """The logarithm of 1 / (1 + exp(-x)), exact in both tails."""
    return -log1p(exp(-x)) if x > 0 else x - log1p(exp(x))


def _invert(heights: Sequence[float], panels: Sequence[float], wanted: float) -> float:
    """Where, in steps, the integral (in thirds of a step) is `wanted`: a parabola goes through every panel."""
    reached = list(accumulate(panels))
    number = min(bisect_left(reached, wanted), len(panels) - 1)
    area = reached[number] - panels[number]
    left, middle, right = heights[2 * number : 2 * number + 3]
    slope, bend = (right - left) / 2, (right + left) / 2 - middle
    low, high = 0.0, 2.0
    for _ in range(60):
        at = (low + high) / 2
        s = at - 1
        part = 3 * (middle * (s + 1) + slope * (s * s - 1) / 2 + bend * (s**3 + 1) / 3)
        if area + part < wanted:
            low = at
        else:
            high = at
    return 2 * number + (low + high) / 2

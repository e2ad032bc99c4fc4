"""A fitted mixture-cure curve, and what it says about an invitation that is still pending."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

import attrs

from invitekit._numbers import is_number
from invitekit.errors import DataError
from invitekit.insight.estimators._arguments import LARGEST, age_of, curve_of, day_count, listed, shown
from invitekit.insight.estimators._estimate import Estimate, percent
from invitekit.insight.estimators._latency import Family, Latency
from invitekit.insight.estimators._likelihood import logistic
from invitekit.insight.estimators._prior import Prior
from invitekit.insight.estimators._shown import OneRecord
from invitekit.insight.estimators._special import z_of
from invitekit.model import UNKNOWN, Unknown

__all__ = ["LOGIT_BOUND", "CureFit", "curves_at", "log_odds"]

LOGIT_BOUND: Final = 20.0
"""How far out on the logit scale a share is looked for."""

_STEP: Final = 1e-5


@attrs.frozen(weakref_slot=False, kw_only=True, repr=False)
class CureFit(OneRecord):
    """A fitted curve: who ever accepts, and how fast; made by `fit_cure`.

    Ages are days since sending, or, where `daily` is true, differences of UTC calendar days: an acceptance on the
    day of sending has age 0, and "pending at d" means still pending at the end of day d.

    Args:
        fraction: The share of invitations that is ever accepted, p1.
        latency: How long acceptances take.
        closed_fraction: The share that closes, p2; `UNKNOWN` when no row may have closed.
        closed_latency: How long closings take; `UNKNOWN` likewise.
        log_likelihood: Of the data alone, without the prior.
        log_posterior: With the log density of the prior added (the same number without a prior).
        covariance: Of (logit fraction, ln scale, ln shape), and, with closings, (logit of the share that closes
            among those never accepted, ln scale, ln shape) of closings; `UNKNOWN` where the fit did not converge.
        data_weights: For each of those parameters, 1 minus prior curvature over total curvature, the total being
            the reciprocal of its variance in `covariance`: 0 where the prior alone speaks, 1 where the data do.
            Without a prior all are 1; with one, all are 0 where the fit did not converge.
        n: How many invitations the fit rests on.
        accepted: How many of them are known to be accepted.
        converged: Whether a proper maximum was found. Without a prior there often is none: with little follow-up
            the share runs to 0 or 1, and standard errors are unknown.
        daily: Whether ages are differences of calendar days.
        family: The family of both latency curves.
        prior: What was believed before; None for maximum likelihood.
    """

    fraction: float
    latency: Latency
    closed_fraction: float | Unknown = UNKNOWN
    closed_latency: Latency | Unknown = UNKNOWN
    log_likelihood: float
    log_posterior: float
    covariance: tuple[tuple[float, ...], ...] | Unknown
    data_weights: tuple[float, ...]
    n: float
    accepted: float
    converged: bool
    daily: bool
    family: Family
    prior: Prior | None

    @property
    def data_weight(self) -> float:
        """How much of this curve is a finding and not the prior, 0 to 1: the mean over `data_weights`.

        Equivalently 1 minus the trace of (prior curvature times covariance) over the number of parameters.
        """
        return math.fsum(self.data_weights) / len(self.data_weights)

    @property
    def std_err_logit_fraction(self) -> float | Unknown:
        """The standard error of the logit of `fraction`."""
        return self._std_err(0)

    @property
    def std_err_log_scale(self) -> float | Unknown:
        """The standard error of the logarithm of the scale."""
        return self._std_err(1)

    @property
    def std_err_log_shape(self) -> float | Unknown:
        """The standard error of the logarithm of the shape."""
        return self._std_err(2)

    def _std_err(self, place: int) -> float | Unknown:
        return UNKNOWN if self.covariance is UNKNOWN else math.sqrt(self.covariance[place][place])

    @property
    def parameters(self) -> tuple[float, ...]:
        """The numbers `covariance` is about, in its order."""
        rest = 1 - self.fraction
        own = (log_odds(self.fraction, rest), math.log(self.latency.scale), math.log(self.latency.shape))
        if self.closed_fraction is UNKNOWN or self.closed_latency is UNKNOWN:
            return own
        closed = log_odds(self.closed_fraction, rest - self.closed_fraction)
        return (*own, closed, math.log(self.closed_latency.scale), math.log(self.closed_latency.shape))

    @property
    def aic(self) -> float:
        """Akaike's criterion, ``2 k - 2 ln L``; smaller is better. With a prior it is only a guide."""
        return 2 * len(self.data_weights) - 2 * self.log_likelihood

    def accepted_by(self, t: float) -> float:
        """The share of invitations accepted by age t."""
        done = self.latency.daily if self.daily else self.latency.cdf
        return self.fraction * done(t)

    def closed_by(self, t: float) -> float:
        """The share of invitations closed by age t; 0 when no row may have closed."""
        if self.closed_fraction is UNKNOWN or self.closed_latency is UNKNOWN:
            return 0.0
        done = self.closed_latency.daily if self.daily else self.closed_latency.cdf
        return self.closed_fraction * done(t)

    def open_at(self, t: float) -> float:
        """The share of invitations still pending at age t, if none is withdrawn."""
        t = age_of(t)
        never = 1 - self.fraction
        left = self.fraction * _tail(self.latency, t, daily=self.daily)
        if self.closed_fraction is not UNKNOWN and self.closed_latency is not UNKNOWN:
            never -= self.closed_fraction
            left += self.closed_fraction * _tail(self.closed_latency, t, daily=self.daily)
        return min(1.0, max(0.0, never) + left)

    def chance(self, d: float, horizon: float | None = None) -> float:
        """P(accepted in (d, horizon] | pending at d), when left alone.

        Args:
            d: The age in days.
            horizon: The age, in days since sending too, up to which acceptances count; None for ever.

        Raises:
            DataError: If d is negative, or the horizon lies before it.
        """
        return self.chances(((d, horizon),))[0]

    def chances(self, pairs: Iterable[tuple[float, float | None]]) -> list[float]:
        """`chance` for many ages and horizons at once, which is much quicker than one by one."""
        accepting = _Tail(self.latency, daily=self.daily)
        closing = None
        never = 1 - self.fraction
        if self.closed_fraction is not UNKNOWN and self.closed_latency is not UNKNOWN:
            never -= self.closed_fraction
            closing = self.closed_fraction, _Tail(self.closed_latency, daily=self.daily)
        never = max(0.0, never)
        found: list[float] = []
        for pair in listed(pairs, "pairs"):
            d, horizon = _ages(pair, daily=self.daily)
            tail = accepting[d]
            left = never + self.fraction * tail + (closing[0] * closing[1][d] if closing else 0.0)
            later = 0.0 if horizon is None else accepting[horizon]
            found.append(min(1.0, self.fraction * (tail - later) / min(left, 1.0)) if left > 0 else 0.0)
        return found

    def chance_estimate(self, d: float, horizon: float | None = None, confidence: float = 0.95) -> Estimate:
        """`chance` with an interval; see `estimate`.

        Raises:
            DataError: As `chance`, and if confidence is not between 0 and 1.
        """
        return self.estimates(lambda fit: fit.chances(((d, horizon),)), confidence)[0]

    def chance_estimates(
        self, pairs: Sequence[tuple[float, float | None]], confidence: float = 0.95
    ) -> list[Estimate]:
        """`chance_estimate` for many ages and horizons at once."""
        return self.estimates(lambda fit: fit.chances(pairs), confidence)

    def estimates(self, shares: Callable[[CureFit], Sequence[float]], confidence: float = 0.95) -> list[Estimate]:
        """Work shares out of the fit, with intervals by the delta method on their logits.

        With a prior they are credible intervals. There is none where the fit did not converge, or a share is 0
        or 1.

        Args:
            shares: Works them out of any fit.
            confidence: How often an interval is to cover the truth.

        Raises:
            DataError: If confidence is not between 0 and 1.
        """
        z = z_of(confidence)
        values = _numbers(curve_of(shares, "shares"), self)
        if self.covariance is UNKNOWN:
            return [Estimate(value=value, confidence=confidence, n=self.n) for value in values]
        errors = self.std_errs(lambda fit: [log_odds(share, 1 - share) for share in shares(fit)])
        found: list[Estimate] = []
        for value, error in zip(values, errors, strict=True):
            lower: float | Unknown = UNKNOWN
            upper: float | Unknown = UNKNOWN
            if 0 < value < 1:
                centre = log_odds(value, 1 - value)
                lower, upper = logistic(centre - z * error), logistic(centre + z * error)
            found.append(
                Estimate(value=value, lower=lower, upper=upper, confidence=confidence, n=self.n, interval="delta")
            )
        return found

    def std_errs(self, numbers: Callable[[CureFit], Sequence[float]]) -> tuple[float, ...]:
        """The standard errors of numbers worked out of the fit, by the delta method; infinite without a maximum.

        Args:
            numbers: Works them out of any fit.
        """
        curve_of(numbers, "numbers")
        if self.covariance is UNKNOWN:
            return (math.inf,) * len(_numbers(numbers, self))
        at = self.parameters
        slopes: list[list[float]] = []
        for place in range(len(at)):
            ends: list[Sequence[float]] = []
            for step in (_STEP, -_STEP):
                moved = list(at)
                moved[place] += step
                ends.append(_numbers(numbers, self._moved(moved)))
            slopes.append([(up - down) / (2 * _STEP) for up, down in zip(*ends, strict=True)])
        cells = [
            (first, second, cell)
            for first, row in zip(slopes, self.covariance, strict=True)
            for second, cell in zip(slopes, row, strict=True)
        ]
        return tuple(
            math.sqrt(max(0.0, math.fsum(first[k] * second[k] * cell for first, second, cell in cells)))
            for k in range(len(slopes[0]))
        )

    def _moved(self, point: Sequence[float]) -> CureFit:
        return attrs.evolve(self, **curves_at(self.family, point))

    def hazards(self, days: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """The daily chances of one still pending: (accepted, closed) in (d, d + 1], for d = 0 to days - 1.

        Raises:
            DataError: If days is not a whole number from 0 to 36,500.
        """
        days = day_count(days)
        left = [self.open_at(day) for day in range(days)]
        accepted = self._steps(self.fraction, self.latency, left)
        if self.closed_fraction is UNKNOWN or self.closed_latency is UNKNOWN:
            return accepted, (0.0,) * days
        return accepted, self._steps(self.closed_fraction, self.closed_latency, left)

    def _steps(self, share: float, latency: Latency, left: Sequence[float]) -> tuple[float, ...]:
        tails = [_tail(latency, day, daily=self.daily) for day in range(len(left) + 1)]
        return tuple(
            min(1.0, share * (tails[day] - tails[day + 1]) / open_) if open_ > 0 else 0.0
            for day, open_ in enumerate(left)
        )

    def to_record(self) -> dict[str, Any]:
        """Give the fit as a flat dict; what is unknown becomes None."""
        closed = self.closed_latency
        values: dict[str, Any] = {
            "family": str(self.family),
            "fraction": self.fraction,
            "scale": self.latency.scale,
            "shape": self.latency.shape,
            "closed_fraction": self.closed_fraction,
            "closed_scale": UNKNOWN if closed is UNKNOWN else closed.scale,
            "closed_shape": UNKNOWN if closed is UNKNOWN else closed.shape,
            "std_err_logit_fraction": self.std_err_logit_fraction,
            "std_err_log_scale": self.std_err_log_scale,
            "std_err_log_shape": self.std_err_log_shape,
            "log_likelihood": self.log_likelihood,
            "aic": self.aic,
            "data_weight": self.data_weight,
            "n": self.n,
            "accepted": self.accepted,
            "converged": self.converged,
            "daily": self.daily,
        }
        return {name: None if value is UNKNOWN else value for name, value in values.items()}

    def __str__(self) -> str:
        text = (
            f"{percent(self.fraction)} ever accepted, half of them within {self.latency.quantile(0.5):.2g} days "
            f"({self.family}, n={self.n:g}, {self.data_weight:.0%} data)"
        )
        return text if self.converged else f"{text}, did not converge"

    def __repr__(self) -> str:
        return f"CureFit({self})"

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        yield "fraction", self.fraction
        yield "latency", self.latency
        yield "n", self.n
        yield "data_weight", self.data_weight


def log_odds(share: float, rest: float) -> float:
    """The logit of a share whose complement is given, so that neither is lost to rounding; kept within bounds."""
    if share <= 0:
        return -LOGIT_BOUND
    return math.log(share) - math.log(rest) if rest > 0 else LOGIT_BOUND


def _tail(latency: Latency, t: float, *, daily: bool) -> float:
    return latency.daily_survival(t) if daily else latency.survival(t)


class _Tail(dict[float, float]):
    """The share of answers still to come, by age, each worked out once."""

    def __init__(self, latency: Latency, *, daily: bool) -> None:
        self._latency = latency
        self._daily = daily

    def __missing__(self, t: float) -> float:
        tail = self[t] = _tail(self._latency, t, daily=self._daily)
        return tail


def _ages(pair: tuple[float, float | None], *, daily: bool) -> tuple[float, float | None]:
    """An age and a horizon, checked."""
    try:
        d, horizon = pair
    except (TypeError, ValueError):
        raise DataError(
            f"a pair is an age and a horizon, got {shown(pair)}",
            hint="The horizon may be None, for ever",
            key="pairs",
        ) from None
    d = age_of(d, "d")
    least = -1 if daily else 0
    if not least <= d < math.inf:
        raise DataError(
            f"an age must be a number of days from {least} on, got {shown(d)}",
            hint="It counts from sending, and is finite",
            key="d",
        )
    if horizon is not None:
        horizon = age_of(horizon, "horizon", "a horizon")
        if horizon < d:
            raise DataError(
                f"a horizon must be a number of days from the age of {d:g} on, got {shown(horizon)}",
                hint="The horizon counts from sending, as the age does.",
                key="horizon",
            )
    return d, horizon


def _numbers(worked_out: Callable[[CureFit], Sequence[float]], fit: CureFit) -> list[float]:
    """What a function of the user makes of a fit, checked."""
    numbers = listed(worked_out(fit), "numbers")
    for number in numbers:
        if not (isinstance(number, float) or is_number(number, -LARGEST, LARGEST)):
            raise DataError(
                f"the function must give a list of numbers, got {shown(number)} in it",
                hint="For instance lambda fit: [fit.chance(30)]",
                key="numbers",
            )
    return numbers


def curves_at(family: Family, point: Sequence[float]) -> dict[str, Any]:
    """The fields of a fit that its parameters determine."""
    fields: dict[str, Any] = {
        "fraction": logistic(point[0]),
        "latency": Latency(family, math.exp(point[1]), math.exp(point[2])),
    }
    if len(point) > 3:
        fields["closed_fraction"] = logistic(-point[0]) * logistic(point[3])
        fields["closed_latency"] = Latency(family, math.exp(point[4]), math.exp(point[5]))
    return fields

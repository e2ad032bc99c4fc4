"""P(still accepted | pending for d days): a mixture-cure model fitted to one's own history and a published prior.

With chance p1 the recipient is one who accepts, after a time with distribution F_A; with chance p2 the invitation
closes (declined, account gone, withdrawn elsewhere), after a time with distribution F_C; otherwise nothing ever
happens. The share still pending at age t is ``S(t) = 1 - p1 F_A(t) - p2 F_C(t)`` (Berkson and Gage 1952; Larson
and Dinse 1985), and the older a pending invitation, the likelier it is one of those to which nothing happens.

The fit is the most probable curve given data *and* prior (maximum a posteriori): with no data it is the published
curve, with a few thousand invitations the prior no longer matters, and `CureFit.data_weight` says how far along
that way one is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Literal

import attrs

from invitekit.errors import DataError
from invitekit.insight.estimators._arguments import flag_of, listed, shown
from invitekit.insight.estimators._cure_fit import LOGIT_BOUND, CureFit, curves_at, log_odds
from invitekit.insight.estimators._estimate import percent
from invitekit.insight.estimators._latency import Family, Latency
from invitekit.insight.estimators._likelihood import ACCEPT, CLOSED, Likelihood, Row, read_rows
from invitekit.insight.estimators._maximise import Peak, curvature, inverse, maximise
from invitekit.insight.estimators._prior import Prior
from invitekit.model import UNKNOWN

__all__ = ["CureFit", "FamilyFits", "Prior", "fit_cure", "fit_families"]

_ACCEPTED: Final = frozenset((ACCEPT,))
_EDGE: Final = 15.0  # Beyond this logit a share is 0 or 1 for all that the data say.
_LOG_SHAPE_BOUND: Final = 8.0
_LOG_SCALE_MARGIN: Final = 12.0
_GRADIENT: Final = 1e-7
_COLUMNS: Final = ("family", "weight", "ever accepted", "scale", "shape", "still accepted after 30 days")


def _unfitted(family: Family, prior: Prior, *, daily: bool) -> CureFit:
    """Nothing is known but the prior, which is given without a detour through logarithms."""
    variances = [1 / bend for bend in prior.curvature(prior.peak[0])]
    return CureFit(
        fraction=prior.fraction,
        latency=Latency(family, prior.scale, prior.shape),
        log_likelihood=0.0,
        log_posterior=prior.log_density(prior.peak)[0],
        covariance=tuple(tuple(v if i == j else 0.0 for j in range(3)) for i, v in enumerate(variances)),
        data_weights=(0.0, 0.0, 0.0),
        n=0,
        accepted=0,
        converged=True,
        daily=daily,
        family=family,
        prior=prior,
    )


def fit_cure(
    rows: Mapping[Row, float] | Iterable[Row],
    *,
    family: Family | str = Family.LOG_LOGISTIC,
    prior: Prior | Literal["published"] | None = "published",
    daily: bool = False,
) -> CureFit:
    """Fit the share that ever accepts and the latency curve to a history.

    Args:
        rows: One row ``(entry, left, right, causes)`` per invitation, or a mapping from rows to how many
            invitations each stands for. Entry: known to be pending just after that age, None when followed from
            sending. The event, if any, came in (left, right]; left equal to right is a known time; right None says
            that it was still pending at left. Causes: a frozenset of ``"accept"``, ``"closed"``, both where it is
            not known which, empty when still pending. The curve of closings is fitted only if some row may have
            closed. An event at or before the entry of its row is not counted.
        family: The family of the latency curves.
        prior: What to believe before; ``"published"`` for `Prior.of` the family (and the weak `Prior.of_closing`
            for closings); None for maximum likelihood, which often has no finite answer with little follow-up.
        daily: Whether ages are differences of UTC calendar days, whole numbers; an event with left equal to right
            is then one on that day.

    Raises:
        DataError: If a row is none, or there are neither rows nor a prior.
    """
    family, daily = Family.of(family), flag_of(daily, "daily")
    counted = read_rows(rows, daily=daily)
    belief = Prior.of(family) if prior == "published" else prior
    if belief is not None and not isinstance(belief, Prior):
        raise DataError(
            f'a prior is a Prior, "published" or None, got {shown(prior)}', hint="Prior() is one", key="prior"
        )
    if not counted:
        if belief is None:
            raise DataError(
                "there is nothing to fit: no rows, and no prior",
                hint='Give rows, or leave prior at "published".',
                key="rows",
            )
        return _unfitted(family, belief, daily=daily)
    data = Likelihood(counted, family=family, daily=daily)
    priors: tuple[Prior, ...] = ()
    if belief is not None:
        priors = (belief, Prior.of_closing(family)) if data.has_closed else (belief,)
    objective = _objective(data, priors)
    peak = maximise(objective, _starts(counted, data, family, belief, daily=daily))
    return _finished(data, counted, peak, family=family, priors=priors, daily=daily)


def _objective(
    data: Likelihood, priors: Sequence[Prior]
) -> Callable[[Sequence[float]], tuple[float, list[float]]]:
    """The log posterior per invitation, minus infinity outside of the range that is searched."""
    per = 1 / max(1.0, data.weight)
    low, high = data.log_range
    scales = [low, high, *(math.log(prior.scale) for prior in priors)]
    low, high = min(scales) - _LOG_SCALE_MARGIN, max(scales) + _LOG_SCALE_MARGIN

    def outside(point: Sequence[float]) -> bool:
        return any(
            abs(point[i]) > LOGIT_BOUND or not low <= point[i + 1] <= high or abs(point[i + 2]) > _LOG_SHAPE_BOUND
            for i in range(0, len(point), 3)
        )

    def objective(point: Sequence[float]) -> tuple[float, list[float]]:
        if outside(point):
            return -math.inf, [0.0] * len(point)
        value, gradient = data(point)
        for place, prior in enumerate(priors):
            more, slopes = prior.log_density(point[3 * place : 3 * place + 3])
            value += more
            for i, slope in enumerate(slopes, 3 * place):
                gradient[i] += slope
        return value * per, [slope * per for slope in gradient]

    return objective


def _starts(
    rows: Mapping[Row, float], data: Likelihood, family: Family, belief: Prior | None, *, daily: bool
) -> list[list[float]]:
    """Where to begin: the prior, and what the accepted rows look like at a glance."""
    prior = belief or Prior.of(family)
    closing = Prior.of_closing(family)
    accepted = _times(rows, ACCEPT, daily=daily)
    closed = _times(rows, CLOSED, daily=daily)
    seen = sum(weight for _, weight in accepted)
    pull = prior.alpha + prior.beta if belief else 1.0
    share = (seen + pull * prior.fraction) / (data.weight + pull)
    looks = [log_odds(share, 1 - share), math.log(_middle(accepted, prior.scale))]
    gone = sum(weight for _, weight in closed)
    among = (gone + closing.fraction) / (data.weight - min(seen, data.weight) + gone + 1)
    tail = [log_odds(among, 1 - among), math.log(_middle(closed, closing.scale)), math.log(closing.shape)]
    steep = math.log(prior.shape) + math.log(2.0)
    starts = [[*looks, math.log(prior.shape)], [*looks, steep]]
    if belief is not None:
        starts[1] = list(prior.peak)
    else:
        starts.append([looks[0] + 1.0, looks[1] + 1.0, steep])
    return [[*start, *tail] for start in starts] if data.has_closed else starts


def _times(rows: Mapping[Row, float], cause: str, *, daily: bool) -> list[tuple[float, float]]:
    """About when the events came that may have this cause, with weights; for a first guess only."""
    times: list[tuple[float, float]] = []
    for (_, left, right, causes), weight in rows.items():
        if right is not None and cause in causes:
            middle = (max(left, 0.0) + right) / 2 + (0.5 if daily else 0.0)
            times.append((middle, weight / len(causes)))
    return sorted(times)


def _middle(times: Sequence[tuple[float, float]], otherwise: float) -> float:
    """The weighted median."""
    half = sum(weight for _, weight in times) / 2
    for time, weight in times:
        half -= weight
        if half <= 0:
            return time
    return otherwise


def _finished(
    data: Likelihood,
    rows: Mapping[Row, float],
    peak: Peak,
    *,
    family: Family,
    priors: Sequence[Prior],
    daily: bool,
) -> CureFit:
    point = peak.point
    log_likelihood = data(point)[0]
    log_posterior = log_likelihood
    bent = curvature(data, point)
    beliefs = [0.0] * len(point)
    for place, prior in enumerate(priors):
        log_posterior += prior.log_density(point[3 * place : 3 * place + 3])[0]
        for i, bend in enumerate(prior.curvature(point[3 * place]), 3 * place):
            beliefs[i] = bend
            bent[i][i] += bend
    certain = all(abs(point[i]) < _EDGE for i in range(0, len(point), 3)) and peak.slope < _GRADIENT
    covariance = inverse(bent) if certain else None
    if covariance is None:
        weights = [0.0 if priors else 1.0] * len(point)
    else:
        weights = [min(1.0, max(0.0, 1 - b * covariance[i][i])) for i, b in enumerate(beliefs)]
    return CureFit(
        **curves_at(family, point),
        log_likelihood=log_likelihood,
        log_posterior=log_posterior,
        covariance=UNKNOWN if covariance is None else tuple(map(tuple, covariance)),
        data_weights=tuple(weights),
        n=data.weight,
        accepted=math.fsum(weight for row, weight in rows.items() if row[3] == _ACCEPTED),
        converged=covariance is not None,
        daily=daily,
        family=family,
        prior=priors[0] if priors else None,
    )


@attrs.frozen(weakref_slot=False, repr=False)
class FamilyFits:
    """The same history fitted with each family: what the tail would be if another curve were believed.

    Args:
        fits: One fit per family.
        weights: How much of the belief each one gets, by Akaike's criterion; they add up to 1.
    """

    fits: tuple[CureFit, ...]
    weights: tuple[float, ...]

    @property
    def best(self) -> CureFit:
        """The fit with the largest weight, the first of equals."""
        return self.fits[max(range(len(self.fits)), key=self.weights.__getitem__)]

    def chance(self, d: float, horizon: float | None = None) -> float:
        """The mean of `CureFit.chance` over the families, by weight."""
        return math.fsum(
            weight * fit.chance(d, horizon) for fit, weight in zip(self.fits, self.weights, strict=True)
        )

    def spread(self, d: float, horizon: float | None = None) -> tuple[float, float]:
        """The smallest and the largest `CureFit.chance` of any family, whatever its weight."""
        chances = [fit.chance(d, horizon) for fit in self.fits]
        return min(chances), max(chances)

    def to_records(self) -> list[dict[str, Any]]:
        """Give one flat dict per family, its weight among the values."""
        return [{**fit.to_record(), "weight": weight} for fit, weight in zip(self.fits, self.weights, strict=True)]

    def _cells(self) -> list[tuple[str, ...]]:
        return [
            (
                str(fit.family),
                f"{weight:.0%}",
                percent(fit.fraction),
                f"{fit.latency.scale:.3g}",
                f"{fit.latency.shape:.3g}",
                percent(fit.chance(30)),
            )
            for fit, weight in zip(self.fits, self.weights, strict=True)
        ]

    def __repr__(self) -> str:
        from invitekit._text import plain_table

        return plain_table(_COLUMNS, self._cells())

    def _repr_html_(self) -> str:
        from invitekit._text import html_table

        return html_table(_COLUMNS, self._cells())


def fit_families(
    rows: Mapping[Row, float] | Iterable[Row],
    *,
    families: Iterable[Family | str] = tuple(Family),
    prior: Literal["published"] | None = "published",
    daily: bool = False,
) -> FamilyFits:
    """Fit several families to the same rows and weigh them by Akaike's criterion.

    Arguments and errors are those of `fit_cure`; each family has its own published prior, or none has one.
    """
    counted = read_rows(rows, daily=flag_of(daily, "daily"))
    fits = tuple(
        fit_cure(counted, family=family, prior=prior, daily=daily) for family in listed(families, "families")
    )
    if not fits:
        raise DataError("there is no family to fit", hint="Leave families out for all three.", key="families")
    least = min(fit.aic for fit in fits)
    shares = [math.exp((least - fit.aic) / 2) for fit in fits]
    return FamilyFits(fits, tuple(share / math.fsum(shares) for share in shares))

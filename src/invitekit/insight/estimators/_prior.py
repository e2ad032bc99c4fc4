"""What is believed about answers before one's own history says anything."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import attrs

from invitekit._numbers import is_number
from invitekit.errors import DataError
from invitekit.insight.estimators._arguments import shown
from invitekit.insight.estimators._latency import Family
from invitekit.insight.estimators._likelihood import logistic

__all__ = ["Prior"]

_SMALLEST: Final = 1e-100
"""What is smaller, or larger than one over it, is no number of anything, and its square overflows."""


@attrs.frozen(weakref_slot=False, kw_only=True)
class Prior:
    """What is believed about the curve of acceptances before looking at one's own history.

    The share ever accepted has a beta distribution, taken as a density of its logit so that its peak is
    ``alpha / (alpha + beta)``; scale and shape are log-normal, with the medians and the standard deviations of the
    logarithm given here. The defaults are the log-logistic curve measured on the acceptances in member exports
    (5,961 of them, one account supplying most; not documented by LinkedIn) and an acceptance rate of 30 %, the
    middle of what large studies by vendors report.

    Args:
        alpha: Of the beta distribution; alpha + beta is the number of invitations the belief is worth.
        beta: Of the beta distribution.
        scale: The median of the scale, in days.
        log_scale_sd: The standard deviation of ln scale.
        shape: The median of the shape.
        log_shape_sd: The standard deviation of ln shape.

    Raises:
        DataError: If a number is not positive and finite.
    """

    alpha: float = 6.0
    beta: float = 14.0
    scale: float = 0.69
    log_scale_sd: float = 0.8
    shape: float = 0.84
    log_shape_sd: float = 0.3

    def __attrs_post_init__(self) -> None:
        for name in ("alpha", "beta", "scale", "log_scale_sd", "shape", "log_shape_sd"):
            number = getattr(self, name)
            if not is_number(number, _SMALLEST, 1 / _SMALLEST):
                raise DataError(
                    f"{name} of a prior must be a positive finite number, got {shown(number)}",
                    hint="Prior.of(family) is the published one.",
                    key=name,
                )

    @classmethod
    def of(cls, family: Family | str) -> Prior:
        """Give the prior of a family.

        Log-logistic: as published (see the class). Weibull: Beta(4, 8), scale 1 day, shape 0.45, the prior its
        cold-start simulation was made with. Log-normal: nothing is published; as an inference of ours it takes
        the log-logistic one with the shape at which ln t has the same standard deviation,
        ``0.84 * sqrt(3) / pi = 0.463``.
        """
        family = Family.of(family)
        if family is Family.WEIBULL:
            return cls(alpha=4.0, beta=8.0, scale=1.0, shape=0.45)
        if family is Family.LOG_NORMAL:
            return cls(shape=0.84 * math.sqrt(3) / math.pi)
        return cls()

    @classmethod
    def of_closing(cls, family: Family | str) -> Prior:
        """Give the weak prior of the curve of closings: our own choice, since nothing is published about closings.

        Of the invitations that are never accepted, a fifth closes, a belief worth five invitations; half of those
        within 14 days, give or take a factor of 4.5; the spread of times as for acceptances, but half as sure.
        """
        return cls(alpha=1.0, beta=4.0, scale=14.0, log_scale_sd=1.5, shape=cls.of(family).shape, log_shape_sd=0.6)

    @property
    def fraction(self) -> float:
        """The share believed in, ``alpha / (alpha + beta)``."""
        return self.alpha / (self.alpha + self.beta)

    @property
    def peak(self) -> tuple[float, float, float]:
        """The most probable (logit fraction, ln scale, ln shape)."""
        return math.log(self.alpha / self.beta), math.log(self.scale), math.log(self.shape)

    def log_density(self, point: Sequence[float]) -> tuple[float, list[float]]:
        """Give the log density of (logit fraction, ln scale, ln shape), and its gradient."""
        logit, log_scale, log_shape = point
        share, rest = logistic(logit), logistic(-logit)
        # ln p without a logarithm of 0: both are -ln(1 + exp(-+logit)).
        log_share = -math.log1p(math.exp(-logit)) if logit > 0 else logit - math.log1p(math.exp(logit))
        log_beta = math.lgamma(self.alpha) + math.lgamma(self.beta) - math.lgamma(self.alpha + self.beta)
        z_scale = (log_scale - math.log(self.scale)) / self.log_scale_sd
        z_shape = (log_shape - math.log(self.shape)) / self.log_shape_sd
        value = (
            self.alpha * log_share
            + self.beta * (log_share - logit)
            - log_beta
            - 0.5 * (z_scale * z_scale + z_shape * z_shape)
            - math.log(2 * math.pi * self.log_scale_sd * self.log_shape_sd)
        )
        return value, [
            self.alpha * rest - self.beta * share,
            -z_scale / self.log_scale_sd,
            -z_shape / self.log_shape_sd,
        ]

    def curvature(self, logit: float) -> tuple[float, float, float]:
        """Minus the second derivatives of the log density; the mixed ones are 0."""
        share = logistic(logit)
        return (
            (self.alpha + self.beta) * share * (1 - share),
            1 / (self.log_scale_sd * self.log_scale_sd),
            1 / (self.log_shape_sd * self.log_shape_sd),
        )

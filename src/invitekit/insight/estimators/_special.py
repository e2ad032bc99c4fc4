"""The special functions the statistics need, from `math` alone: the normal quantile and the beta distribution."""

from __future__ import annotations

from math import exp, inf, isfinite, lgamma, log, log1p, pi

from invitekit.errors import DataError
from invitekit.insight.estimators._arguments import shown

__all__ = ["beta_cdf", "beta_quantile", "checked_confidence", "log_beta", "normal_quantile", "z_of"]

_TINY = 1e-300
_HALF_LOG_TWO_PI = 0.5 * log(2 * pi)


def normal_quantile(p: float) -> float:
    """The standard normal quantile: the z below which a share `p` lies.

    Args:
        p: A share, strictly between 0 and 1.

    Raises:
        DataError: `p` is no such share.
    """
    if not 0 < p < 1:
        raise DataError(f"a quantile is asked of a share strictly between 0 and 1, got {p!r}", key="p")
    from statistics import NormalDist  # Loaded here, because it costs more than all of this package.

    return NormalDist().inv_cdf(p)


def checked_confidence(confidence: float) -> float:
    """Give `confidence` back.

    Raises:
        DataError: It is not strictly between 0 and 1.
    """
    if type(confidence) is bool or not _is_between(confidence):
        raise DataError(
            f"a confidence is a share strictly between 0 and 1, got {shown(confidence)}",
            hint="0.95 is the usual one",
            key="confidence",
        )
    return confidence


def _is_between(value: object) -> bool:
    return isinstance(value, (int, float)) and 0 < value < 1


def z_of(confidence: float) -> float:
    """How many standard errors a two-sided interval of this confidence reaches to each side.

    Raises:
        DataError: `confidence` is not strictly between 0 and 1.
    """
    return normal_quantile(0.5 + checked_confidence(confidence) / 2)


def log_beta(a: float, b: float) -> float:
    """The logarithm of the beta function, without the cancellation that large arguments bring."""
    small, large = (a, b) if a <= b else (b, a)
    if small < 10:
        return lgamma(small) + (lgamma(large) - lgamma(small + large))
    total = small + large
    correction = _stirling_rest(small) + _stirling_rest(large) - _stirling_rest(total)
    return (
        _HALF_LOG_TWO_PI
        - 0.5 * log(large)
        + correction
        + (small - 0.5) * log(small / total)
        + large * log1p(-small / total)
    )


def _stirling_rest(x: float) -> float:
    """What Stirling's formula leaves out of log gamma, for x >= 10 (the usual series, error below 1e-16)."""
    y = 1 / (x * x)
    return (1 / 12 - y * (1 / 360 - y * (1 / 1260 - y * (1 / 1680 - y * (1 / 1188 - y * 691 / 360360))))) / x


def beta_cdf(x: float, a: float, b: float) -> float:
    """The share of a Beta(a, b) distribution up to `x` (the regularised incomplete beta function).

    Args:
        x: Where; below 0 gives 0, above 1 gives 1.
        a: The first shape, positive.
        b: The second shape, positive.

    Raises:
        DataError: A shape is not a positive number.
    """
    _check_shapes(a, b)
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    front = exp(a * log(x) + b * log1p(-x) - log_beta(a, b))
    # The fraction converges fast on one side of the mean only; the other side is its mirror image.
    if x <= (a + 1) / (a + b + 2):
        return min(1.0, front * _fraction(x, a, b) / a)
    return max(0.0, 1 - front * _fraction(1 - x, b, a) / b)


def _check_shapes(a: float, b: float) -> None:
    if not (a > 0 and b > 0 and isfinite(a) and isfinite(b)):
        raise DataError(f"the shapes of a beta distribution are positive numbers, got {a!r} and {b!r}")


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method; about sqrt(a + b) steps."""
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > _TINY else _TINY)
    value = d
    for m in range(1, 100_000):
        step = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 + step * d
        c = 1 + step / c
        d = 1 / (d if abs(d) > _TINY else _TINY)
        c = c if abs(c) > _TINY else _TINY
        value *= d * c
        step = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 + step * d
        c = 1 + step / c
        d = 1 / (d if abs(d) > _TINY else _TINY)
        c = c if abs(c) > _TINY else _TINY
        value *= d * c
        if abs(d * c - 1) < 1e-16:
            break
    return value


def beta_quantile(p: float, a: float, b: float) -> float:
    """Up to where a share `p` of a Beta(a, b) distribution lies.

    Newton's steps, and a halving of the bracket wherever one would leave it.

    Args:
        p: The share, 0 to 1.
        a: The first shape, positive.
        b: The second shape, positive.

    Raises:
        DataError: `p` is no share, or a shape is not a positive number.
    """
    _check_shapes(a, b)
    if not 0 <= p <= 1:
        raise DataError(f"a quantile is asked of a share from 0 to 1, got {p!r}", key="p")
    if p in (0, 1):
        return float(p)
    low, high, x = 0.0, 1.0, a / (a + b)
    normaliser = log_beta(a, b)
    for _ in range(1200):  # Halving alone reaches the smallest float in fewer.
        miss = beta_cdf(x, a, b) - p
        if miss > 0:
            high = x
        else:
            low = x
        density = _power((a - 1) * log(x) + (b - 1) * log1p(-x) - normaliser) if 0 < x < 1 else 0.0
        candidate = x - miss / density if 0 < density < inf else -1.0
        if not low < candidate < high:
            candidate = (low + high) / 2
        if abs(candidate - x) <= 1e-16 * x or high - low <= 1e-16 * high or high < _TINY:
            return candidate
        x = candidate
    return x


def _power(exponent: float) -> float:
    """`exp` that gives infinity instead of an overflow."""
    return exp(exponent) if exponent < 700 else inf

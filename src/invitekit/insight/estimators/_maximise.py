"""Find the highest point of a smooth function of a few parameters whose gradient is known.

A quasi-Newton climb (BFGS) from several starts, then Newton steps with a curvature taken by differences of the
gradient until the gradient is gone to rounding. Written for three to six parameters on the logit and log scale.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

__all__ = ["Peak", "curvature", "inverse", "maximise"]

Vector = list[float]
Matrix = list[list[float]]
Objective = Callable[[Sequence[float]], tuple[float, Vector]]
"""Gives value and gradient; minus infinity where it is not defined."""

_GRADIENT_GONE: Final = 1e-10
_LONGEST_STEP: Final = 2.0
_DIFFERENCE: Final = 1e-4
_ROUNDING: Final = 1e-9
_NEARLY_SINGULAR: Final = 1e-11


class Peak(NamedTuple):
    """Where the climb ended: the point, the value there, and the largest component of the gradient."""

    point: tuple[float, ...]
    value: float
    slope: float


def _dot(a: Sequence[float], b: Sequence[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


def _largest(vector: Sequence[float]) -> float:
    return max(map(abs, vector))


def _identity(size: int) -> Matrix:
    return [[float(i == j) for j in range(size)] for i in range(size)]


def _cholesky(matrix: Matrix) -> Matrix | None:
    """The lower triangular root; None where the matrix is not safely positive definite."""
    size = len(matrix)
    least = _NEARLY_SINGULAR * max(abs(matrix[i][i]) for i in range(size))
    root: Matrix = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            rest = matrix[i][j] - sum(root[i][k] * root[j][k] for k in range(j))
            if i != j:
                root[i][j] = rest / root[j][j]
            elif rest > least and math.isfinite(rest):
                root[i][i] = math.sqrt(rest)
            else:
                return None
    return root


def _solve(root: Matrix, right: Sequence[float]) -> Vector:
    size = len(root)
    half: Vector = [0.0] * size
    for i in range(size):
        half[i] = (right[i] - sum(root[i][k] * half[k] for k in range(i))) / root[i][i]
    whole: Vector = [0.0] * size
    for i in reversed(range(size)):
        whole[i] = (half[i] - sum(root[k][i] * whole[k] for k in range(i + 1, size))) / root[i][i]
    return whole


def inverse(matrix: Matrix) -> Matrix | None:
    """Invert a symmetric positive definite matrix; None where it is not (safely) one."""
    scale = [math.sqrt(matrix[i][i]) if matrix[i][i] > 0 else 0.0 for i in range(len(matrix))]
    if not all(scale) or not all(map(math.isfinite, scale)):
        return None
    # Brought to a diagonal of ones first: parameters known to very different precision are no defect.
    unit = [[cell / scale[i] / scale[j] for j, cell in enumerate(row)] for i, row in enumerate(matrix)]
    root = _cholesky(unit)
    if root is None:
        return None
    columns = [_solve(root, row) for row in _identity(len(matrix))]
    return [[cell / scale[i] / scale[j] for j, cell in enumerate(row)] for i, row in enumerate(columns)]


def curvature(function: Objective, point: Sequence[float]) -> Matrix:
    """Minus the second derivatives at a point, by central differences of the gradient."""
    size = len(point)
    rows: Matrix = []
    for i in range(size):
        sides: list[Vector] = []
        for sign in (1, -1):
            moved = list(point)
            moved[i] += sign * _DIFFERENCE
            sides.append(function(moved)[1])
        rows.append([(after - before) / (-2 * _DIFFERENCE) for after, before in zip(*sides, strict=True)])
    return [[(rows[i][j] + rows[j][i]) / 2 for j in range(size)] for i in range(size)]


def _shortened(step: Vector) -> Vector:
    longest = _largest(step)
    return step if longest <= _LONGEST_STEP else [part * _LONGEST_STEP / longest for part in step]


def _climb(function: Objective, start: Sequence[float]) -> tuple[Vector, float, Vector]:
    """BFGS with a backtracking line search."""
    point = list(start)
    value, gradient = function(point)
    if value == -math.inf:
        return point, value, gradient
    bent = _identity(len(point))  # The running estimate of the inverse curvature.
    for _ in range(120):
        if _largest(gradient) < 1e-7:
            break
        step = _shortened([_dot(row, gradient) for row in bent])
        promised = _dot(step, gradient)
        if promised <= 0:
            bent = _identity(len(point))
            step = _shortened(gradient)
            promised = _dot(step, gradient)
        part = 1.0
        while True:
            tried = [x + part * s for x, s in zip(point, step, strict=True)]
            new_value, new_gradient = function(tried)
            if new_value >= value + 1e-4 * part * promised:
                break
            part /= 2
            if part < 1e-10:
                return point, value, gradient
        moved = [part * s for s in step]
        turned = [old - new for old, new in zip(gradient, new_gradient, strict=True)]
        point, value, gradient = tried, new_value, new_gradient
        along = _dot(moved, turned)
        if along > 1e-14:
            pushed = [_dot(row, turned) for row in bent]
            weight = (1 + _dot(turned, pushed) / along) / along
            for i, row in enumerate(bent):
                for j in range(len(row)):
                    row[j] += weight * moved[i] * moved[j] - (pushed[i] * moved[j] + moved[i] * pushed[j]) / along
    return point, value, gradient


def _polish(function: Objective, point: Vector, value: float, gradient: Vector) -> Peak:
    """Newton steps, damped where the surface is not bent downwards or the step does not help."""
    damping = 0.0
    for _ in range(40):
        if _largest(gradient) < _GRADIENT_GONE:
            break
        bent = curvature(function, point)
        if not all(math.isfinite(cell) for row in bent for cell in row):
            break
        size = max(abs(bent[i][i]) for i in range(len(bent))) or 1.0
        better = False
        for _ in range(30):
            root = _cholesky([[cell + damping * (i == j) for j, cell in enumerate(r)] for i, r in enumerate(bent)])
            if root is not None:
                step = _shortened(_solve(root, gradient))
                tried = [x + s for x, s in zip(point, step, strict=True)]
                new_value, new_gradient = function(tried)
                # Near the top the value moves by less than its rounding; there a smaller gradient is what counts.
                level = new_value > value - _ROUNDING * max(1.0, abs(value))
                if new_value > value or (level and _largest(new_gradient) < _largest(gradient)):
                    point, value, gradient = tried, new_value, new_gradient
                    damping = 0.0 if damping < 1e-8 * size else damping / 10
                    better = True
                    break
            damping = max(10 * damping, 1e-6 * size)
        if not better:
            break
    return Peak(tuple(point), value, _largest(gradient))


def maximise(function: Objective, starts: Sequence[Sequence[float]]) -> Peak:
    """Climb from every start, and polish the best end point."""
    ends = [_climb(function, start) for start in starts]
    return _polish(function, *max(ends, key=lambda end: end[1]))

"""The course of a line: a cubic through what has been found of it."""

from __future__ import annotations

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import NDArray

DEGREE = 3
"""Of the polynomial; less where there are fewer points."""

OFF = 2.0
"""What lies so many times as far off a course as usual, and a pixel, is not of the line."""

_EPSILON = float(np.finfo(np.float64).eps)


def fitted(xs: NDArray[np.floating], ys: NDArray[np.floating], weights: NDArray[np.floating]) -> Polynomial:
    """Y over x, from N points with weights above 0, [N] each; fitted twice: what lies off the first is digits."""
    degree = min(DEGREE, len(xs) - 1)
    course = _fit(xs, ys, weights, degree)
    off = np.abs(course(xs) - ys)
    near = off <= OFF * ((off * weights).sum() / weights.sum()) + 1
    return _fit(xs[near], ys[near], weights[near], degree) if degree < np.count_nonzero(near) < len(xs) else course


def _fit(xs: NDArray[np.floating], ys: NDArray[np.floating], weights: NDArray[np.floating], degree: int) -> Polynomial:
    """What `Polynomial.fit` returns, to the last bit, in a third of its time: it checks for long what is known here."""
    left, right = float(xs.min()), float(xs.max())
    if left == right:
        left, right = left - 1, right + 1
    scaled = (-left - right) / (right - left) + 2 / (right - left) * xs
    powers = np.ones((degree + 1, len(xs)))
    for power in range(1, degree + 1):
        np.multiply(powers[power - 1], scaled, out=powers[power])
    powers *= weights
    sizes = np.sqrt(np.square(powers).sum(axis=1))
    coefficients = np.linalg.lstsq(powers.T / sizes, ys * weights, len(xs) * _EPSILON)[0]
    return Polynomial(coefficients / sizes, domain=(left, right))

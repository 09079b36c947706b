"""Four sides around an outline, and where they run: plain geometry. Points are x and y, in pixels."""

from __future__ import annotations

import math
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

SLIVER = 0.02
"""Notes that touch share at most this part of the smaller one."""

Corners = NDArray[np.float64]
"""[4, 2], in the order of the outline."""

ROUNDED = 1.0
"""An outline's steps and rounded corners are made straight by so many pixels first."""

LEAST_ANGLE = 0.3
"""Sine of the least angle between neighbouring sides."""

_BEFORE, _AFTER = [3, 0, 1, 2], [1, 2, 3, 0]


def around(outline: NDArray[np.int32]) -> list[Corners]:
    """What four sides an outline, int32 [N, 1, 2], may have: as they run, if those are four, and a rectangle.

    The first is right in perspective, the second for narrow strips: rounded corners leave little of their short sides.
    """
    hull = cv2.approxPolyDP(cv2.convexHull(outline), ROUNDED, True)[:, 0]
    corners = _circumscribed([complex(x, y) for x, y in hull.tolist()])
    running = [np.array([[corner.real, corner.imag] for corner in corners])] if len(corners) == 4 else []
    return [*running, np.asarray(cv2.boxPoints(cv2.minAreaRect(outline)), np.float64)]


def _circumscribed(hull: list[complex]) -> list[complex]:
    """A convex outline with fewer sides: one after another, that one is left out which adds least to its length."""
    while len(hull) > 4:
        added, corner, left_out = min((_left_out(hull, i) for i in range(len(hull))), key=lambda each: each[0])
        if math.isinf(added):
            break
        hull[left_out] = corner
        del hull[(left_out + 1) % len(hull)]
    return hull


def _left_out(hull: list[complex], i: int) -> tuple[float, complex, int]:
    """How much longer the outline is without the side from corner i on, where its neighbours then meet, and i."""
    before, start, end, after = hull[i - 1], hull[i], hull[(i + 1) % len(hull)], hull[(i + 2) % len(hull)]
    across = _cross(start - before, end - after)
    along = _cross(end - start, end - after) / across if abs(across) > 1e-9 else 0.0
    if along <= 0:
        return math.inf, start, i  # they never meet on this side
    corner = start + along * (start - before)
    return abs(corner - start) + abs(corner - end) - abs(end - start), corner, i


def _cross(one: complex, other: complex) -> float:
    return (one.conjugate() * other).imag


def area(corners: Corners) -> float:
    """The area inside, in pixels."""
    return cv2.contourArea(corners.astype(np.float32))


def holds(corners: Corners, points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points, [N, 2], are inside, bool [N]."""
    ways = corners[_AFTER] - corners
    to_points = points[:, np.newaxis] - corners
    turns = ways[:, 0] * to_points[..., 1] - ways[:, 1] * to_points[..., 0]
    return np.asarray((turns > 0).all(axis=1) | (turns < 0).all(axis=1))


def overlap(one: Corners, other: Corners) -> bool:
    """Whether two quadrilaterals share more area than what touches does whose sides are known to a pixel or two."""
    shared, _ = cv2.intersectConvexConvex(one.astype(np.float32), other.astype(np.float32))
    return shared > SLIVER * min(area(one), area(other))


def shortest(corners: Corners) -> float:
    """The length of the shortest side, in pixels."""
    return math.sqrt(np.square(corners - corners[_BEFORE]).sum(axis=1).min())


def sides(corners: Corners, places: NDArray[np.float64]) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Along each side the points at `places` (shares of it, [N]), [N, 2], and the direction that leads out, [2]."""
    middle = corners.mean(axis=0)
    for start, end in zip(corners, corners[_AFTER], strict=True):
        outwards = np.array([end[1] - start[1], start[0] - end[0]]) / np.linalg.norm(end - start)
        yield start + places[:, np.newaxis] * (end - start), outwards * np.sign(outwards @ (start - middle))


def of_lines(lines: list[NDArray[np.float64]], otherwise: Corners) -> Corners:
    """The corners where four lines meet, each given as its direction and a point of it, [4].

    The corner between sides that hardly meet is taken from `otherwise`.
    """
    corners = otherwise.copy()
    for number, (one, other) in enumerate(zip([lines[-1], *lines], lines, strict=False)):
        meeting = _meeting(complex(*one[:2]), complex(*one[2:]), complex(*other[:2]), complex(*other[2:]))
        if meeting is not None:
            corners[number] = meeting.real, meeting.imag
    return corners


def _meeting(one: complex, at: complex, other: complex, there: complex) -> complex | None:
    """Where the line through `at` along `one` meets that through `there` along `other`; nothing if they hardly do."""
    across = _cross(one, other)
    if abs(across) < LEAST_ANGLE * abs(one) * abs(other):
        return None
    return at + _cross(there - at, other) / across * one

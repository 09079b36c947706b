"""Rows that run up or down hill, on a page that lies askew: pieces are turned until they lie level.

The way from each piece to the next tells how rows run (the docstrum: O'Gorman, "The Document Spectrum for Page Layout
Analysis", 1993), and pieces farther along tell it more exactly. Digits that lie anywhere agree on no way.

A tilt is an angle in radians, above 0 where rows fall from left to right.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision.arrays import median, u8
from digitscribe.vision.components import Blob, boxes_of

LEAST = math.radians(6)
"""What is less askew than this is read as it lies."""

MOST = 400
"""So many pieces tell the tilt of a page."""

ALIKE = 2.0
"""Of two pieces in a row one is at most so many times as high as the other."""

NEAR, FAR = 3.0, 8.0
"""How far away the next piece is at most, and the farthest that is looked at, in heights of the higher one."""

OFF = 0.4
"""How far a piece of the same row is out of its middle, in the same heights."""

AGREEING = math.radians(6)
"""Half of the ways to the next piece differ by less than this from the usual one."""

PAIRS = 2
"""So many pairs tell a tilt (one may be two rows),"""

FOLLOWED = 0.5
"""where so many of the pieces have a next one: in rows all but the last do."""

STEEP = math.tan(math.radians(60))
"""A piece so much more above or below than beside the nearest one stands over it,"""

STACKED = 0.67
"""and where so many do, the page may lie on its side: telephones that are held flat do not know which way is up."""

FADED = 40
"""Ink that turning leaves paler than this is the blurred outside of a stroke."""


def tilt_of(blobs: Sequence[Blob]) -> float:
    """The tilt of the rows that pieces stand in; 0 if it is less than `LEAST`, or nothing tells it."""
    steps = _steps(blobs[:MOST], [blob.height for blob in blobs[:MOST]])
    ways = np.angle(_nearest(steps, steps.real > np.abs(steps.imag)))
    if len(ways) < max(PAIRS, FOLLOWED * len(steps)):
        return 0.0
    tilt = float(median(ways))
    if median(np.abs(ways - tilt)) > AGREEING:
        return 0.0
    for reach in (NEAR, FAR):
        tilt += _rest(steps * cmath.rect(1, -tilt), reach)
    return tilt if abs(tilt) >= LEAST else 0.0


def is_sideways(blobs: Sequence[Blob]) -> bool:
    """Whether pieces stand above one another rather than beside, as rows do on a page that lies on its side.

    A column of digits does so, too: only what is read tells the two apart.
    """
    steps = _steps(blobs[:MOST], [max(blob.width, blob.height) for blob in blobs[:MOST]])
    nearest = _nearest(steps, steps != 0)
    if len(nearest) < max(PAIRS, FOLLOWED * len(steps)):
        return False
    return bool(np.mean(np.abs(nearest.imag) > STEEP * np.abs(nearest.real)) >= STACKED)


def _steps(blobs: Sequence[Blob], sizes: Sequence[int]) -> NDArray[np.complex128]:
    """The way from each piece to each, x + iy in sizes of the larger one, [N, N]; 0 where sizes are not alike."""
    middles = np.array([complex(*blob.center) for blob in blobs])
    larger = np.maximum.outer(sizes, sizes).astype(np.float64)
    steps = (middles - middles[:, np.newaxis]) / larger
    return np.where(larger <= ALIKE * np.minimum.outer(sizes, sizes), steps, 0)


def _nearest(steps: NDArray[np.complex128], is_looked_at: NDArray[np.bool_]) -> NDArray[np.complex128]:
    """Of the steps from each piece to others, [N, N], those to the nearest that is looked at, if it is near: [K]."""
    distances = np.where(is_looked_at, np.abs(steps), np.inf)
    nearest = distances.argmin(axis=1) if len(steps) else np.zeros(0, np.intp)
    each = np.arange(len(steps))
    return np.asarray(steps[each, nearest][distances[each, nearest] <= NEAR])


def _rest(steps: NDArray[np.complex128], reach: float) -> float:
    """The tilt that is left of rows that lie almost level: least squares over the pairs in them."""
    beside = steps[(steps.real > 0) & (steps.real <= reach) & (np.abs(steps.imag) <= OFF)]
    return math.atan2(float(beside.real @ beside.imag), float(beside.real @ beside.real))


def turned(blob: Blob, tilt: float) -> Blob:
    """A piece of a page with that tilt where it is, and as it looks, once the page is turned level about its corner."""
    corners = np.array([(0, 0), (blob.width, 0), (0, blob.height), (blob.width, blob.height)], np.float64)
    place, turn = np.array((blob.x, blob.y), np.float64), _turn(tilt)
    reached = (corners + place) @ turn.T
    start = np.floor(reached.min(axis=0)) - 1
    size = np.ceil(reached.max(axis=0) - start).astype(int) + 1
    course = np.column_stack([turn, turn @ place - start])
    _, ink = cv2.threshold(cv2.warpAffine(blob.ink, course, size.tolist()), FADED, 255, cv2.THRESH_TOZERO)
    x, y, width, height = cv2.boundingRect(ink)
    inside = u8(ink[y : y + height, x : x + width]).copy()
    left, top = start.astype(int).tolist()
    return Blob(left + x, top + y, width, height, cv2.countNonZero(inside), inside, blob.strength)


def boxes_before(blobs: Sequence[Blob], tilt: float) -> NDArray[np.float64]:
    """Left, top, right and bottom of the ink of `turned` pieces before they were: float64 [N, 4]."""
    if not tilt:
        return boxes_of(blobs).astype(np.float64)
    back = _turn(-tilt)
    return np.array([_box_before(blob, back) for blob in blobs]).reshape(-1, 4)


def upright(corners: NDArray[np.float64], quarters: int, width: float, height: float) -> NDArray[np.float64]:
    """Where boxes of a turned image are in the image itself.

    Args:
        corners: left, top, right and bottom of each in the turned image, [N, 4].
        quarters: of a turn against the clock that it was turned by: 0, 1 or 3.
        width: of the image itself.
        height: of the image itself.
    """
    left, top, right, bottom = corners.T
    if quarters == 1:
        return np.stack([width - bottom, left, width - top, right], axis=1)
    if quarters == 3:
        return np.stack([top, height - right, bottom, height - left], axis=1)
    return corners


def _box_before(blob: Blob, back: NDArray[np.float64]) -> NDArray[np.float64]:
    ink = cv2.findNonZero(blob.ink).reshape(-1, 2) + np.array((blob.x + 0.5, blob.y + 0.5))
    places = ink @ back.T
    return np.concatenate([places.min(axis=0) - 0.5, places.max(axis=0) + 0.5])


def _turn(tilt: float) -> NDArray[np.float64]:
    """What turns points, x and y, so that rows of that tilt lie level: [2, 2]."""
    cosine, sine = math.cos(tilt), math.sin(tilt)
    return np.array([[cosine, sine], [-sine, cosine]])

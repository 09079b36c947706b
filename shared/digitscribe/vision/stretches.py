"""Stretches of ink that go on in one another, as those of a ruled line do under writing."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

CERTAIN = 0.2
"""A stretch as long as this share of the width tells which way the lines run."""

DRIFT = 0.02
"""How far a line may leave its direction over a gap, as a share of the gap."""

BESIDE = 0.5
"""Stretches that are beside one another over more than this share of the shorter one are of two lines."""


def ends_of(outline: Any) -> tuple[float, ...]:
    """Left and right end of an outline: x, y, x, y."""
    points = outline[:, 0]
    left, right = points[points[:, 0].argmin()], points[points[:, 0].argmax()]
    return float(left[0]), float(left[1]), float(right[0]) + 1, float(right[1])


def linked(ends: NDArray[np.float64], width: int, thickest: int, widest: float) -> list[list[int]]:
    """Which of N stretches are of one line, for each line, by their numbers.

    Args:
        ends: float64 [N, 4], as `ends_of` tells them.
        width: of the image, in pixels.
        thickest: line, in pixels.
        widest: gap that is bridged, as a share of the width.

    Long stretches are put together first, and no line has two beside one another: strokes of digits may lead from one
    rule to the next.
    """
    x0, _, x1, _ = ends.T
    shorter = np.minimum.outer(x1 - x0, x1 - x0)
    beside = np.minimum.outer(x1, x1) - np.maximum.outer(x0, x0) > np.maximum(BESIDE * shorter, thickest)
    off, is_next = _continued(ends, width, thickest, widest)
    order = np.lexsort((off[is_next], -shorter[is_next]))
    roots, members = list(range(len(ends))), [[number] for number in range(len(ends))]
    for one, other in np.argwhere(is_next)[order].tolist():
        here, there = roots[one], roots[other]
        if here == there or beside[members[here]][:, members[there]].any():
            continue
        for number in members[there]:
            roots[number] = here
        members[here] += members[there]
        members[there] = []
    return [sorted(line) for line in members if line]


def _continued(
    ends: NDArray[np.float64], width: int, thickest: int, widest: float
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """How far off the course of each stretch each begins, [N, N] in pixels, and whether it may go on there.

    Rules are parallel: a short stretch goes on with the slope of the nearest long one.
    """
    x0, y0, x1, y1 = ends.T
    certain = np.flatnonzero(x1 - x0 >= CERTAIN * width)
    certain = certain[np.argsort(y0[certain])]
    slopes = np.interp(y0, y0[certain], ((y1 - y0) / (x1 - x0))[certain])
    gap = x0 - x1[:, np.newaxis]
    off = np.abs(y1[:, np.newaxis] + slopes[:, np.newaxis] * gap - y0)
    is_near = off <= thickest / 2 + 1 + DRIFT * np.abs(gap)
    return off, is_near & (gap > -thickest) & (gap <= widest * width)

"""Rows of writing and the order in which they are read."""

from __future__ import annotations

from statistics import fmean, median

import numpy as np
from numpy.typing import NDArray

from digitscribe.vision import arrays
from digitscribe.vision.components import Blob, boxes_of

OVERLAP = 0.5
"""Neighbours stand in one row if they share this much of the lower one's height."""

LAST = 3
"""So many of a row's last pieces tell whether the next one continues it: one of them may be a bar or a dash."""

ALIKE = 1.4
"""Digits of a row of their own differ by at most this factor from the usual one in height; none is wider than that."""

LEAST = 12
"""Such a row is at least so high, in pixels,"""

LOWEST = 0.2
"""and as this share of the writing."""

SEVERAL = 3
"""It has so many digits at least,"""

MOST = 0.8
"""and they are this share of what stands in it."""

BESIDE = 0.8
"""A low piece belongs to a row where it is this near to one of its pieces, as a share of the row's height."""


def rows_of(blobs: list[Blob]) -> list[list[Blob]]:
    """The rows from top to bottom, each from left to right; rows may climb or fall."""
    slope = _slope(blobs)
    rows: list[list[Blob]] = []
    ends = _Ends(len(blobs))
    for blob in sorted(blobs, key=lambda blob: blob.x):
        top = blob.y - slope * blob.center[0]
        row = ends.continued(top, blob.height)
        if row is None:
            row = len(rows)
            rows.append([])
        ends.put(row, len(rows[row]), top, blob.height)
        rows[row].append(blob)
    rows.sort(key=lambda row: fmean([_level(blob, slope) for blob in row]))
    return [sorted(row, key=lambda blob: blob.center[0]) for row in rows]


class _Ends:
    """Where the last pieces of each row stand, after the slope is taken out: hundreds of rows are compared at once."""

    def __init__(self, count: int) -> None:
        self._tops = np.full((count, LAST), np.inf)
        self._heights = np.ones((count, LAST))
        self._used = 0

    def put(self, row: int, member: int, top: float, height: int) -> None:
        """The next piece of a row; rows and members are counted from 0."""
        self._tops[row, member % LAST] = top
        self._heights[row, member % LAST] = height
        self._used = max(self._used, row + 1)

    def continued(self, top: float, height: int) -> int | None:
        """The row that a piece continues; of several the one to a piece of which it is most alike."""
        tops, heights = self._tops[: self._used], self._heights[: self._used]
        common = np.minimum(tops + heights, top + height) - np.maximum(tops, top)
        rows = np.flatnonzero((common >= OVERLAP * np.minimum(heights, height)).any(axis=1))
        if len(rows) < 2:
            return int(rows[0]) if len(rows) else None
        # of what both take up: all of a digit is beside what spans two rows, but it is not alike
        common = np.maximum(common[rows], 0)
        alike = (common / (heights[rows] + height - common)).max(axis=1)
        return int(rows[alike.argmax()])


def small_rows(blobs: list[Blob], height: float) -> list[Blob]:
    """What of low pieces stands in rows of its own and is writing: several upright pieces, one as high as the other.

    Args:
        blobs: pieces that are low beside the writing.
        height: of the writing, in pixels.
    """
    lowest = max(LEAST, LOWEST * height)
    # grain comes in thousands of specks, and what is lower than this is like no digit of such a row
    large = [blob for blob in blobs if blob.height >= lowest / ALIKE]
    return [blob for row in rows_of(large) if _is_writing(row, lowest) for blob in row]


def _is_writing(row: list[Blob], lowest: float) -> bool:
    usual = median([blob.height for blob in row])
    alike = [blob for blob in row if usual / ALIKE <= blob.height <= ALIKE * usual and blob.width <= ALIKE * usual]
    return usual >= lowest and len(alike) >= max(SEVERAL, MOST * len(row))


def completed(rows: list[list[Blob]], low: list[Blob], share: float) -> list[list[Blob]]:
    """The rows with what is low on the page but not beside them: the small letters of small print.

    Args:
        rows: each from left to right.
        low: pieces that are in no row.
        share: pieces of this share of a row's height are no dots.
    """
    boxes = boxes_of(low)
    return [_completed(row, low, boxes, share) for row in rows] if low else rows


def _completed(row: list[Blob], low: list[Blob], boxes: NDArray[np.int64], share: float) -> list[Blob]:
    height = median([blob.height for blob in row])
    heights = boxes[:, 3] - boxes[:, 1]
    left = np.flatnonzero((heights >= share * height) & (heights <= height))
    added: list[int] = []
    reached = boxes_of(row)
    while len(left) and len(reached):  # a word's letters lead from one to the next
        beside = _beside(boxes[left], reached, BESIDE * height)
        added += left[beside].tolist()
        left, reached = left[~beside], boxes[left[beside]]
    return sorted([*row, *[low[place] for place in added]], key=lambda blob: blob.center[0])


def _beside(boxes: NDArray[np.int64], others: NDArray[np.int64], reach: float) -> NDArray[np.bool_]:
    """Which of `boxes` (left, top, right, bottom, [N, 4]) are that near to any of the others and as low: [N]."""
    left, top, right, bottom = boxes.T[:, :, np.newaxis]
    other_left, other_top, other_right, other_bottom = others.T
    gap = np.maximum(left, other_left) - np.minimum(right, other_right)
    common = np.minimum(bottom, other_bottom) - np.maximum(top, other_top)
    lower = np.minimum(bottom - top, other_bottom - other_top)
    return np.asarray(((gap <= reach) & (common >= OVERLAP * lower)).any(axis=1))


def _level(blob: Blob, slope: float) -> float:
    return blob.center[1] - slope * blob.center[0]


def _slope(blobs: list[Blob]) -> float:
    """The slope of the writing: the median over pairs of right-hand neighbours of like height."""
    left, top, right, bottom = boxes_of(blobs).T[:, :, np.newaxis]
    middle, height = (left + right) / 2, bottom - top
    shared = np.minimum(bottom, bottom.T) - np.maximum(top, top.T)
    paired = (middle < left.T) & (shared >= OVERLAP * np.minimum(height, height.T)) & (2 * height > height.T)
    nearest = np.where(paired, left.T, np.inf).argmin(axis=1) if len(blobs) else np.zeros(0, np.int64)
    ones = np.flatnonzero(paired.any(axis=1))
    others = nearest[ones]
    if len(ones) < 3:
        return 0.0
    rise = (top + bottom)[others, 0] - (top + bottom)[ones, 0]
    return min(0.3, max(-0.3, float(arrays.median(rise / 2 / (middle[others, 0] - middle[ones, 0])))))

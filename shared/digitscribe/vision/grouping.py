"""Rows of writing and the order in which they are read."""

from __future__ import annotations

from statistics import fmean, median

import numpy as np

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
    for blob in sorted(blobs, key=lambda blob: blob.x):
        fitting = [row for row in rows if _continues(row, blob, slope)]
        if len(fitting) > 1:
            fitting = [max(fitting, key=lambda row: _likeness(row, blob, slope))]
        if fitting:
            fitting[0].append(blob)
        else:
            rows.append([blob])
    rows.sort(key=lambda row: fmean([_level(blob, slope) for blob in row]))
    return [sorted(row, key=lambda blob: blob.center[0]) for row in rows]


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
    return [_completed(row, low, share) for row in rows] if low else rows


def _completed(row: list[Blob], low: list[Blob], share: float) -> list[Blob]:
    height = median([blob.height for blob in row])
    fitting = sorted((blob for blob in low if share * height <= blob.height <= height), key=lambda blob: blob.x)
    for way in (1, -1):  # a word's letters lead from one to the next
        for blob in fitting[::way]:
            if blob not in row and any(_is_beside(blob, member, BESIDE * height) for member in row):
                row = [*row, blob]
    return sorted(row, key=lambda blob: blob.center[0])


def _is_beside(blob: Blob, member: Blob, reach: float) -> bool:
    gap = max(blob.x, member.x) - min(blob.right, member.right)
    return gap <= reach and _shared(member, blob, 0.0) >= OVERLAP


def _level(blob: Blob, slope: float) -> float:
    return blob.center[1] - slope * blob.center[0]


def _shared(one: Blob, other: Blob, slope: float) -> float:
    """Shared height, as a share of the lower one's height, after the slope is taken out."""
    return _common(one, other, slope) / min(one.height, other.height)


def _shared_of_both(one: Blob, other: Blob, slope: float) -> float:
    """The same, as a share of what both take up: all of a digit is beside what spans two rows, but it is not alike."""
    common = _common(one, other, slope)
    return common / (one.height + other.height - common)


def _common(one: Blob, other: Blob, slope: float) -> float:
    """How many pixels of height two pieces share, below 0 if none, after the slope is taken out."""
    top = one.y + slope * (other.center[0] - one.center[0])
    return min(top + one.height, other.bottom) - max(top, other.y)


def _continues(row: list[Blob], blob: Blob, slope: float) -> bool:
    return any(_shared(member, blob, slope) >= OVERLAP for member in row[-LAST:])


def _likeness(row: list[Blob], blob: Blob, slope: float) -> float:
    return max(_shared_of_both(member, blob, slope) for member in row[-LAST:])


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

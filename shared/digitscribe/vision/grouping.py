"""Rows of writing and the order in which they are read."""

from __future__ import annotations

import numpy as np

from digitscribe.vision.components import Blob

OVERLAP = 0.5
"""Neighbours stand in one row if they share this much of the lower one's height."""


def rows_of(blobs: list[Blob]) -> list[list[Blob]]:
    """The rows from top to bottom, each from left to right; rows may climb or fall."""
    slope = _slope(blobs)
    rows: list[list[Blob]] = []
    for blob in sorted(blobs, key=lambda blob: blob.x):
        fitting = [row for row in rows if _continues(row, blob, slope)]
        if fitting:
            max(fitting, key=lambda row: _shared(row[-1], blob, slope)).append(blob)
        else:
            rows.append([blob])
    rows.sort(key=lambda row: float(np.mean([_level(blob, slope) for blob in row])))
    return [sorted(row, key=lambda blob: blob.center[0]) for row in rows]


def _level(blob: Blob, slope: float) -> float:
    return blob.center[1] - slope * blob.center[0]


def _shared(one: Blob, other: Blob, slope: float) -> float:
    """Shared height, as a share of the lower one's height, after the slope is taken out."""
    shift = slope * (other.center[0] - one.center[0])
    top, bottom = max(one.y + shift, other.y), min(one.bottom + shift, other.bottom)
    return (bottom - top) / min(one.height, other.height)


def _continues(row: list[Blob], blob: Blob, slope: float) -> bool:
    return max(_shared(member, blob, slope) for member in row[-3:]) >= OVERLAP


def _slope(blobs: list[Blob]) -> float:
    """The slope of the writing: the median over pairs of right-hand neighbours of like height."""
    slopes = []
    for blob in blobs:
        right = [
            other
            for other in blobs
            if other.x > blob.center[0] and _shared(blob, other, 0.0) >= OVERLAP and other.height < 2 * blob.height
        ]
        if right:
            nearest = min(right, key=lambda other: other.x)
            rise = (nearest.bottom + nearest.y) - (blob.bottom + blob.y)
            slopes.append(rise / 2 / (nearest.center[0] - blob.center[0]))
    return float(np.clip(np.median(slopes), -0.3, 0.3)) if len(slopes) >= 3 else 0.0

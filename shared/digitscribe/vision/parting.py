"""Pieces that reach over two rows, where a digit touches one of the row below, cut between the rows."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision import components
from digitscribe.vision.arrays import closed
from digitscribe.vision.components import Blob, boxes_of

SHARE = 0.25
"""This share of all ink, at least, stands in pieces of one row: they tell the height of the writing."""

TALL = 1.7
"""What reaches over two rows is so many times as high as the writing, at least,"""

TALLEST = 3.6
"""and at most: three rows with their gaps, or two far apart."""

NEAR = 2.0
"""So near to it, as a multiple of the writing's height, stand digits of both rows."""

LIKE = 0.6
"""Those are at least so high, and at most the inverse, as a multiple of the writing's height."""

END = 0.4
"""A digit of the upper row ends above the piece's end by this share of the writing's height, and one of the lower row
begins so far below where it does."""

ROUNDS = 3
"""So many times it is looked again: where rows touch in several places, what was cut shows where to cut the next."""

SLACK = 0.2
"""So far off the border between such digits it may be cut, as a multiple of the writing's height: each pixel further
off must save one of ink. Rows overlap by no more than this."""


def parted(blobs: list[Blob]) -> list[Blob]:
    """The pieces, those that reach over two rows cut where they hang together least; themselves if none does."""
    weights = [blob.weight for blob in blobs]
    height = components.weighted_quantile([float(blob.height) for blob in blobs], weights, SHARE)
    left = blobs
    for _ in range(ROUNDS):
        found = _cut(left, height)
        if len(found) == len(left):
            break
        left = found
    return left


def _cut(blobs: list[Blob], height: float) -> list[Blob]:
    """The same, once: what has been cut stands beside what is still to be."""
    boxes = boxes_of(blobs)
    heights = boxes[:, 3] - boxes[:, 1]
    like = boxes[(heights >= LIKE * height) & (heights <= height / LIKE)]
    found: list[Blob] = []
    for blob in blobs:
        border = _border(blob, like, height) if TALL * height <= blob.height <= TALLEST * height else None
        found += [blob] if border is None else _halves(blob, border, round(SLACK * height))
    return found


def _border(blob: Blob, like: NDArray[np.int64], height: float) -> float | None:
    """How high the border between two rows is at a piece that reaches over both; nothing if it does not.

    Args:
        blob: the piece.
        like: left, top, right and bottom of what is as high as the writing, [N, 4].
        height: of the writing, in pixels.
    """
    left, top, right, bottom = like.T
    gap = np.maximum(left, blob.x) - np.minimum(right, blob.right)
    near = gap <= NEAR * height
    middle = (top + bottom) / 2
    is_within = near & (middle > blob.y) & (middle < blob.bottom)
    upper = is_within & (bottom <= blob.bottom - END * height) & (middle < blob.center[1])
    lower = is_within & (top >= blob.y + END * height) & (middle > blob.center[1])
    if not upper.any() or not lower.any():
        return None
    end, begin = float(np.median(bottom[upper])), float(np.median(top[lower]))
    return (end + begin) / 2 if end - begin <= SLACK * height else None


def _halves(blob: Blob, border: float, slack: int) -> list[Blob]:
    """What is left of a piece above and below a row of pixels that has little of its ink."""
    middle = round(border) - blob.y
    first, last = max(1, middle - slack), min(blob.height - 1, middle + slack + 1)
    if first >= last:
        return [blob]
    ink = (blob.ink[first:last] > components.HALF).sum(axis=1)
    off = np.abs(np.arange(first, last) - middle)
    cut = first + int((ink + off).argmin())
    upper, lower = blob.ink.copy(), blob.ink.copy()
    upper[cut:], lower[:cut] = 0, 0
    return _connected(blob, upper) + _connected(blob, lower)


def _connected(blob: Blob, ink: NDArray[np.uint8]) -> list[Blob]:
    """The pieces that some of a piece's ink, uint8 of its size, falls into; skips of the pen are bridged."""
    bridged = closed((ink > 0).view(np.uint8), components.BRIDGE)
    count, labels = cv2.connectedComponentsWithAlgorithm(bridged, 8, cv2.CV_32S, cv2.CCL_GRANA)
    parts = [components.part_of(blob, ink * (labels == label)) for label in range(1, count)]
    return [part for part in parts if part and part.area >= components.MIN_AREA]

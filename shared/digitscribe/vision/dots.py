"""Dotted paper: what stands all over the page, small, round and evenly apart, is printed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from digitscribe.vision.arrays import median
from digitscribe.vision.components import Blob, boxes_of

MANY = 50
"""So few dots at least make dotted paper."""

LARGEST = 0.01
"""Dots are no larger than this share of the image's longest side: digits as small could not be read."""

AS_LARGE = 1.5
"""What is so many times as large as most pieces is no dot."""

ROUND = 1.6
"""Dots are at most so many times as long as wide, most of them,"""

SOLID = 0.5
"""fill this share of their boxes at least: a circle 0.8, one of five pixels 0.52,"""

APART = 2.5
"""and stand so many times their size apart at least,"""

EVEN = 0.2
"""each as far from the next as the others, but for this share of it:"""

MOSTLY = 0.7
"""this share of them does. Of what is strewn by chance a third does."""

SAMPLED = 200
"""So many dots tell how far they are apart."""


def without_dots(blobs: list[Blob], longest: int) -> list[Blob]:
    """The pieces but for the dots of dotted paper, in an image whose longest side is that many pixels long."""
    if len(blobs) < MANY:
        return blobs
    boxes = boxes_of(blobs)
    sides = boxes[:, 2:] - boxes[:, :2]
    sizes = sides.max(axis=1)
    size = float(median(sizes))
    small = sizes < AS_LARGE * size
    areas = np.array([blob.area for blob in blobs])
    lengths, fills = (sizes / sides.min(axis=1))[small], (areas / sides.prod(axis=1))[small]
    is_dot = size <= LARGEST * longest and median(lengths) <= ROUND and median(fills) >= SOLID
    if small.sum() < MANY or not is_dot or not _are_even(boxes[small], size):
        return blobs
    return [blob for blob, is_small in zip(blobs, small, strict=True) if not is_small]


def _are_even(boxes: NDArray[np.int64], size: float) -> bool:
    """Whether most pieces of that size stand as far from the next one as the others."""
    centers = (boxes[:, :2] + boxes[:, 2:]) / 2
    some = centers[:: -(-len(centers) // SAMPLED)]
    apart = np.hypot(*(some[:, np.newaxis] - centers).transpose(2, 0, 1))
    nearest = np.partition(apart, 1, axis=1)[:, 1]  # the first is the piece itself
    pitch = float(np.median(nearest))
    return pitch >= APART * size and float((np.abs(nearest - pitch) <= EVEN * pitch).mean()) >= MOSTLY

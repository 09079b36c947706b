"""Whether ink is darker than its paper, or lighter, as chalk is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision.arrays import block, odd, reduced, u8
from digitscribe.vision.components import Blob, stroke_width, writing_height
from digitscribe.vision.illumination import coarse

SIDE = 64
"""Longest side of the image in which polarity is told."""

SURROUNDINGS = (0.3, 0.15)
"""A pixel is compared with the median of a window as wide as this share of the longest side: a wide one first, which
no thick stroke fills, then a narrower one, which finds the paper also where a small sheet lies on a desk."""

CLEAR = 0.8
"""Even surroundings decide if all but a tenth of what stands out there says the same."""

RESIDUE_SHARE = 0.25
"""Deviations from the paper count towards polarity from this share of the largest on."""

HIGH = (0.5, 1.6)
"""Digits of one hand are between these multiples of the writing's height,"""

WIDE = 1.8
"""at most so many times as wide as high,"""

THICK = 0.3
"""and of strokes that are at most this share of their size."""

LEAST = 8
"""What is lower than this, in pixels, is a speck."""

FEW = 2
"""So many digits speak half as much for a polarity as many do."""


@dataclass(frozen=True)
class Verdict:
    """What brightness alone says, and whether that can be relied on.

    Only dark ink ever is sure: between shadows, or on a sheet that is not found, light places look like chalk.
    """

    light_on_dark: bool
    is_clear: bool


def told(grey: NDArray[np.uint8]) -> Verdict:
    """Whether what stands out from its near surroundings in grey uint8 [H, W] is mostly lighter than they are.

    Only where the surroundings are even, if there is anything: the corner of a sheet on a dark table is no ink. The
    image may be `coarse` already.
    """
    small = reduced(coarse(grey), SIDE)
    unclear = 0.0
    for share in SURROUNDINGS:
        balance, is_clear = _balance_beside(small, odd(round(share * max(small.shape))))
        if is_clear:
            return Verdict(balance > 0, is_clear=balance <= 0)
        unclear = max(unclear, balance, key=abs)
    return Verdict(unclear > 0, unclear == 0)


def _balance_beside(small: NDArray[np.uint8], window: int) -> tuple[float, bool]:
    """What stands out from a window's median: from −1 (all darker) to 1 (all lighter), and whether that is clear."""
    around = u8(cv2.medianBlur(small, window))
    residue = small.astype(np.int16) - around.astype(np.int16)
    floor = RESIDUE_SHARE * float(np.abs(residue).max())
    stands_out = np.where(np.abs(residue) > floor, residue, 0)
    near = block(window // 2 | 1)
    even = cv2.subtract(u8(cv2.dilate(around, near)), u8(cv2.erode(around, near))) < floor
    inside = _balance(stands_out[even])
    return (inside, True) if abs(inside) > CLEAR else (_balance(stands_out), False)


def _balance(residue: NDArray[np.int16]) -> float:
    weight = int(np.abs(residue).sum())
    return int(residue.sum()) / weight if weight else 0.0


def legibility(pieces: Sequence[Blob], rows: Sequence[Sequence[Blob]]) -> float:
    """How much of the ink looks like digits, and like many, from 0 to 1.

    Seen the wrong way round an image is full of other shapes, or of a few.

    Args:
        pieces: all connected ink.
        rows: what of it is looked at as writing.
    """
    digits = _digits_among(rows)
    return _share(digits, pieces) * len(digits) / (len(digits) + FEW)


def legible_share(pieces: Sequence[Blob], rows: Sequence[Sequence[Blob]]) -> float:
    """How much of the ink looks like digits, however few, from 0 to 1; arguments as for `legibility`."""
    return _share(_digits_among(rows), pieces)


def _digits_among(rows: Sequence[Sequence[Blob]]) -> list[Blob]:
    blobs = [blob for row in rows for blob in row]
    height = writing_height(blobs)
    return [blob for blob in blobs if _may_be_digit(blob, height)]


def _share(digits: Sequence[Blob], pieces: Sequence[Blob]) -> float:
    return sum(blob.area for blob in digits) / max(1, sum(piece.area for piece in pieces))


def _may_be_digit(blob: Blob, height: float) -> bool:
    is_alike = blob.height >= LEAST and HIGH[0] * height <= blob.height <= HIGH[1] * height
    return is_alike and blob.width <= WIDE * blob.height and stroke_width(blob) <= THICK * max(blob.width, blob.height)

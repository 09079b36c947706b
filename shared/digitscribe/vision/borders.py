"""Borders: where the paper ends, it is one thing on one side of a line and another on the other side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from digitscribe.vision.components import SPECK, Blob, stroke_width

UPRIGHT = 3.0
"""Only what is so many times as high as wide may be a 1: other borders are no digits anyway."""

BEYOND = 3
"""How many pixels beyond a line it is looked at: a border is a little blurred."""

STEP = 0.5
"""One side of a border is so much nearer to the line than the other, as a share of how far paper is from it."""

BEHIND = 1.05
"""What lies beside the paper is about as dark as the line. What is darker yet is other ink: a letter that is close."""

INK = 0.5
"""What differs from what is nearer to it by this share of the brighter is ink, on the edge of a shadow say."""

MOST = 4
"""So many beside one another are sides of sheets; more are the bars of a bar code. Bits of one side are in a column."""


def without_borders(blobs: list[Blob], grey: NDArray[np.uint8]) -> list[Blob]:
    """Drop upright lines that have paper on one side only.

    Args:
        blobs: pieces of ink.
        grey: uint8 [H, W], the image that they were found in, as photographed.
    """
    borders = [blob for blob in blobs if _is_upright(blob) and _is_border(blob, grey)]
    dropped = {blob for blob in borders if sum(_are_level(blob, other) for other in borders) <= MOST}
    return [blob for blob in blobs if blob not in dropped]


def _are_level(blob: Blob, other: Blob) -> bool:
    return blob.y < other.bottom and other.y < blob.bottom


def _is_upright(blob: Blob) -> bool:
    return blob.height >= max(SPECK, UPRIGHT * blob.width)


def _is_border(blob: Blob, grey: NDArray[np.uint8]) -> bool:
    line = float(np.median(grey[blob.y : blob.bottom, blob.x : blob.right][blob.ink > 0]))
    sides = _beside(blob, grey)
    if not sides:
        return False
    other, paper = sorted(sides, key=lambda side: abs(side - line))
    if abs(other - line) >= INK * max(other, line):
        return False
    return paper != line and STEP < (paper - other) / (paper - line) < BEHIND


def _beside(blob: Blob, grey: NDArray[np.uint8]) -> list[float]:
    """How bright it is left and right of the ink, for the most; nothing where that is beyond the image."""
    ink, rows = blob.ink > 0, blob.y + np.arange(blob.height)
    beyond = BEYOND + round(stroke_width(blob) / 2)
    left = blob.x + ink.argmax(axis=1) - beyond
    right = blob.right - 1 - ink[:, ::-1].argmax(axis=1) + beyond
    seen = (left >= 0) & (right < grey.shape[1]) & ink.any(axis=1)
    return [float(np.median(grey[rows[seen], side[seen]])) for side in (left, right)] if seen.any() else []

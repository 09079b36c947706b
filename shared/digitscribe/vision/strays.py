"""What among rows of writing is no writing: bars, and what stands apart from all rows and is drawn otherwise.

By itself each of these may be a 1. What it stands beside tells that it is none: so nothing is dropped where there is no
other writing, or where most digits stand each for itself.
"""

from __future__ import annotations

import cv2
import numpy as np

from digitscribe.vision.clutter import ALIKE, RULE
from digitscribe.vision.components import Blob, stroke_width, usual_stroke, weighted_quantile, writing_height

POST = 2.0
"""Beside other writing no 1 is so many times as high as that: it is a page's edge, a crease, or a rule that ended."""

PALE = 0.7
"""Strokes of one pen differ by less than this in how dark they are: the paler has this share of the darker at least."""

STAPLE_LEANS = 0.6
"""A staple in a corner of the sheet leans: it is at least this wide, as a share of its height,"""

STAPLE_LOW = 0.8
"""lower than this share of the writing,"""

STAPLE_THICK = 0.35
"""and no thicker than this share of its length."""

BARS = 8
"""So many upright bars in a row, each as high as the next, are a bar code;"""

FULL = 0.7
"""a bar fills this share of its box at least,"""

LEVEL = 0.05
"""and is out of level with the others by at most this share of their height."""


def without_posts(blobs: list[Blob]) -> list[Blob]:
    """The pieces but for upright lines that are much higher than what is written beside them."""
    posts = [blob for blob in blobs if blob.height >= RULE * blob.width]
    others = [blob for blob in blobs if blob.height < RULE * blob.width]
    limit, ink = POST * writing_height(others), sum(blob.weight for blob in others)
    dropped = {blob for blob in posts if blob.height >= limit and blob.weight <= ink}
    return [blob for blob in blobs if blob not in dropped] if len(dropped) < len(others) else blobs


def without_strays(rows: list[list[Blob]]) -> list[list[Blob]]:
    """The rows but for pieces apart from all others that are staples, or not of the pen that the others are of."""
    others = [blob for row in rows for blob in row if len(row) > 1]
    if len(rows) > len(others) or all(len(row) > 1 for row in rows):
        return rows
    height, stroke = writing_height(others), usual_stroke(others)
    strength = weighted_quantile([blob.strength for blob in others], [blob.weight for blob in others])

    def is_stray(blob: Blob) -> bool:
        return _is_staple(blob, height) or not _is_of_pen(blob, strength, stroke)

    return [row for row in rows if len(row) > 1 or not is_stray(row[0])]


def _is_of_pen(blob: Blob, strength: float, stroke: float) -> bool:
    """About as dark and as thick as what was written beside it."""
    darker, thicker = blob.strength / strength, stroke_width(blob) / stroke
    return min(darker, 1 / darker) >= PALE and max(thicker, 1 / thicker) <= ALIKE


def without_bar_codes(rows: list[list[Blob]]) -> list[list[Blob]]:
    """The rows without upright bars of one height that stand level beside one another, as no hand writes 1s."""
    return [rest for row in rows if (rest := _without_bars(row))]


def _without_bars(row: list[Blob]) -> list[Blob]:
    bars = [blob for blob in row if blob.width < blob.height and blob.area >= FULL * blob.width * blob.height]
    if len(bars) < BARS:
        return row
    top, bottom = np.median([(bar.y, bar.bottom) for bar in bars], axis=0)
    off = LEVEL * (bottom - top) + 1
    code = {blob for blob in row if abs(blob.y - top) <= off and abs(blob.bottom - bottom) <= off}
    return [blob for blob in row if blob not in code] if len(code.intersection(bars)) >= BARS else row


def _is_staple(blob: Blob, height: float) -> bool:
    if blob.height >= STAPLE_LOW * height or blob.width < STAPLE_LEANS * blob.height:
        return False
    sides = cv2.minAreaRect(cv2.findNonZero(blob.ink))[1]
    return min(sides) <= STAPLE_THICK * max(sides)

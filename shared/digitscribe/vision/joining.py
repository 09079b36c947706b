"""Digits whose strokes do not touch: bars of 5s, broken 4s and 7s, skipping pens."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from digitscribe.vision.clutter import ALIKE
from digitscribe.vision.components import Blob, join, stroke_width, writing_height

FRAGMENT = 0.55
"""Pieces lower than this share of the writing's height may be parts of the digit beside or above them."""

STACKED = 0.5
"""Larger pieces belong together if they share this much of the narrower one's width."""

WIDEST = 1.2
"""A joined digit is at most this many times as wide as the writing is high,"""

BARRED = 1.3
"""or this many times if what is joined to it is a bar,"""

BAR = 1.5
"""which is so many times as wide as high: that of a 5, but no small digit."""

ABOVE = 2.0
"""The bar over the hook of a 5 is looked for so many times as far away: people set it last, wherever the pen comes
down."""

TALLEST = 1.6
"""A joined digit is at most this many times as high as the writing."""

PALER = 0.5
"""What has less than this share of a piece's strength, and is thinner than its strokes by more than `ALIKE`, is of
another pen or printed: what is left of a box around a digit, say."""


def join_fragments(blobs: list[Blob], reach: float) -> list[Blob]:
    """Join each fragment to the nearest piece within `reach` × the height of the writing, or of what both would be.

    Largest pieces first.

    Twice: where most digits are broken, the height of the writing shows only after the first time.
    """
    for _ in range(2):
        count = len(blobs)
        blobs = _joined_once(blobs, writing_height(blobs), reach)
        if len(blobs) == count:
            break
    return blobs


def _joined_once(blobs: list[Blob], height: float, reach: float) -> list[Blob]:
    whole: list[Blob] = []
    boxes = np.zeros((4, len(blobs)), np.int64)
    for blob in sorted(blobs, key=lambda blob: -blob.area):
        near = _near(boxes[:, : len(whole)], blob, ABOVE * reach * height)
        fitting = [i for i in near if _belong(whole[i], blob, height, reach)]
        place = min(fitting, key=lambda i: distance(whole[i], blob)) if fitting else len(whole)
        whole[place : place + 1] = [join([whole[place], blob]) if fitting else blob]
        joined = whole[place]
        boxes[:, place] = joined.x, joined.y, -joined.right, -joined.bottom
    return whole


def _near(boxes: NDArray[np.int64], blob: Blob, reach: float) -> list[int]:
    """Which boxes (left, top, −right, −bottom; int64 [4, N]) are about that near to a piece; a quick look."""
    if not boxes.size:
        return []
    left, top, right, bottom = boxes
    down = (top <= int(blob.bottom + reach)) & (bottom <= int(reach) - blob.y)
    near: list[int] = (down & (left <= int(blob.right + reach)) & (right <= int(reach) - blob.x)).nonzero()[0].tolist()
    return near


def distance(one: Blob, other: Blob) -> float:
    """The gap between two boxes, in pixels; below 0 the more they overlap sideways."""
    gap_x = max(one.x, other.x) - min(one.right, other.right)
    gap_y = max(one.y, other.y) - min(one.bottom, other.bottom)
    if gap_x <= 0 and gap_y <= 0:
        return gap_x / max(1, min(one.width, other.width))
    return float(max(gap_x, 0) + max(gap_y, 0))


def _belong(one: Blob, other: Blob, height: float, reach: float) -> bool:
    """Whether `other`, the smaller piece, is a part of the digit that `one` is of."""
    width = max(one.right, other.right) - min(one.x, other.x)
    tall = max(one.bottom, other.bottom) - min(one.y, other.y)
    height = min(height, tall)  # beside large writing small digits stand nearer to one another
    if distance(one, other) > (ABOVE if _is_bar_above(one, other) else 1) * reach * height:
        return False
    if other.strength < PALER * one.strength and ALIKE * stroke_width(other) < stroke_width(one):
        return False
    shared = min(one.right, other.right) - max(one.x, other.x)
    if other.height >= FRAGMENT * height and shared < STACKED * min(one.width, other.width):
        return False
    widest = BARRED if other.width > BAR * other.height else WIDEST
    return width <= max(widest * height, 1.1 * one.width) and tall <= max(TALLEST * height, 1.1 * one.height)


def _is_bar_above(one: Blob, other: Blob) -> bool:
    """Whether one of two pieces is the bar of a 5 over its hook, or lies like that."""
    upper, lower = (one, other) if one.y < other.y else (other, one)
    shared = min(upper.right, lower.right) - max(upper.x, lower.x)
    is_bar = upper.width > BAR * upper.height and upper.height < lower.height
    return is_bar and shared >= STACKED * lower.width

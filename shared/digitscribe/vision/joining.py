"""Digits whose strokes do not touch: bars of 5s, broken 4s and 7s, skipping pens."""

from __future__ import annotations

from digitscribe.vision.components import Blob, join

FRAGMENT = 0.55
"""Pieces lower than this share of the writing's height may be parts of the digit beside or above them."""

HALF = 0.75
"""Pieces lower than this may be the upper or lower half of a broken digit, if they stand above one another."""

WIDEST = 1.5
"""A digit is at most this many times as wide as the writing is high."""


def join_fragments(blobs: list[Blob], height: float, reach: float) -> list[Blob]:
    """Join each fragment to the nearest piece within `reach` × `height`, largest pieces first."""
    whole = [blob for blob in blobs if blob.height >= HALF * height]
    fragments = sorted((blob for blob in blobs if blob.height < HALF * height), key=lambda blob: -blob.area)
    for fragment in fragments:
        best = min(whole, key=lambda blob: distance(blob, fragment), default=None)
        if best is not None and distance(best, fragment) <= reach * height and _fits(best, fragment, height):
            whole[whole.index(best)] = join([best, fragment])
        else:
            whole.append(fragment)
    return whole


def distance(one: Blob, other: Blob) -> float:
    """The gap between two boxes, in pixels; below 0 the more they overlap sideways."""
    gap_x = max(one.x, other.x) - min(one.right, other.right)
    gap_y = max(one.y, other.y) - min(one.bottom, other.bottom)
    if gap_x <= 0 and gap_y <= 0:
        return gap_x / max(1, min(one.width, other.width))
    return float(max(gap_x, 0) + max(gap_y, 0))


def _fits(one: Blob, other: Blob, height: float) -> bool:
    width = max(one.right, other.right) - min(one.x, other.x)
    tall = max(one.bottom, other.bottom) - min(one.y, other.y)
    shared = min(one.right, other.right) - max(one.x, other.x)
    if other.height >= FRAGMENT * height and shared < 0.4 * min(one.width, other.width):
        return False
    return width <= max(WIDEST * height, 1.1 * one.width) and tall <= max(1.4 * height, 1.1 * one.height)

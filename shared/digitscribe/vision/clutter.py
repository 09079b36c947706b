"""What on an image is no writing: tables, pens, page edges, shadows, rules, frames, creases."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision.arrays import block, median
from digitscribe.vision.binding import without_binding
from digitscribe.vision.borders import without_borders
from digitscribe.vision.components import (
    SPECK,
    Blob,
    boxes_of,
    enclosed_shares,
    stroke_width,
    usual_strength,
    usual_stroke,
    weighted_quantile,
    writing_height,
)

FAINT_BESIDE = 0.35
"""Ink with less than this share of the writing's contrast is crease, tear or show-through, unless it is `ALIKE`."""

WASHED_OUT = 0.15
"""A reflection leaves at least this share of the contrast of ink that can still be read."""

SHINING = 0.09
"""Where there is a reflection, the paper (or the board) is brighter than beside the writing, by this share."""

ALIKE = 1.6
"""Writing by the same pen differs at most by this factor in height and in the width of its strokes."""

BLURRED = 0.3
"""A pen's stroke ends within `OUTSIDE` pixels. What has more than this share of its contrast left there is a shadow,
unless most of what is there is as blurred."""

SHADOW = 0.5
"""What has more than this share left is a shadow in any case."""

ALONG = 0.45
"""What touches the border of the image with this share of its length is a page's edge or a shadow."""

INSIDE = 0.02
"""Ink clear of the border tells what writing looks like here if it is this share of all ink at least, in two pieces
or more that are no specks: one may be the bar of a 5 that fills a small image."""

REACHING_IN = 2.0
"""What comes in from the border and is so many times as large as the writing is a table, a hand or a pen."""

RULE = 6.0
"""What is so many times as wide as high is a rule; so is what is so many times as high as wide and comes in from the
border: a side of a printed frame, say."""

ENCLOSED = 0.15
"""What has this share of its own ink inside its box is a frame."""

RING = 1.5
"""A ring around a digit is so many times as large as the writing is high: a 0 with a stroke in it is not."""

RINGED = 0.35
"""A digit has this share of the height of the ring around it at least."""

PRINT = 0.75
"""What is printed for digits to be written into has less than this share of the writing's contrast."""

ASIDE = 0.1
"""Of a corner of a printed box at most this share of its ink is off the sides of its own bounding box."""

INTO = 0.3
"""Widest gap between a digit and the printed box around it, as a share of the digit's size."""

CORNERS = 3
"""So many corners are boxes of a form; fewer may be a 7, or an L of the print."""

OUTSIDE = 2
"""How many pixels outside of the ink that is looked at."""


def without_clutter(blobs: list[Blob], contrast: NDArray[np.uint8], grey: NDArray[np.uint8]) -> list[Blob]:
    """Drop what cannot be a digit or a part of one: page edges, tables, shadows, rules, frames, creases.

    Args:
        blobs: pieces of ink.
        contrast: uint8 [H, W], the image that they were found in.
        grey: uint8 [H, W], the same as photographed.
    """
    kept = [blob for blob in blobs if not _is_rule(blob) and not _is_edge(blob, contrast.shape)]
    kept = _without_surroundings(without_binding(kept, contrast.shape), contrast.shape)
    left = [blur(blob, contrast) for blob in kept]
    sharpest = weighted_quantile(left, [blob.weight for blob in kept], 0.25)
    limit = min(max(BLURRED, 2 * sharpest), SHADOW)
    kept = [blob for blob, share in zip(kept, left, strict=True) if share <= limit]
    kept = without_borders(_without_corners(_without_frames(kept)), grey)
    return _without_faint(kept, grey)


def _without_faint(blobs: list[Blob], grey: NDArray[np.uint8]) -> list[Blob]:
    """Drop what is much fainter than the writing, unless the same pen may have written it, under a reflection say."""
    usual = usual_strength(blobs)
    faint = [blob.strength < FAINT_BESIDE * usual for blob in blobs]
    if not any(faint):
        return blobs
    height, stroke = writing_height(blobs), usual_stroke(blobs)
    paper = [_paper_around(blob, grey) for blob in blobs]
    usual_paper = weighted_quantile(paper, [0.0 if each else 1.0 for each in faint])

    def is_alike(blob: Blob, here: float) -> bool:
        higher, thicker = blob.height / height, stroke_width(blob) / stroke
        is_same_pen = max(higher, 1 / higher, thicker, 1 / thicker) <= ALIKE
        is_shining = here > (1 + SHINING) * usual_paper
        return is_same_pen and is_shining and blob.strength >= WASHED_OUT * usual and _is_inside(blob, grey.shape)

    judged = zip(blobs, faint, paper, strict=True)
    return [blob for blob, is_faint, here in judged if not is_faint or is_alike(blob, here)]


def _paper_around(blob: Blob, grey: NDArray[np.uint8]) -> float:
    """How bright it is all around the piece, `OUTSIDE` pixels away, for the most."""
    y, x = max(0, blob.y - OUTSIDE), max(0, blob.x - OUTSIDE)
    box = grey[y : blob.bottom + OUTSIDE, x : blob.right + OUTSIDE]
    return float(median(np.concatenate([box[0], box[-1], box[:, 0], box[:, -1]])))


def blur(blob: Blob, contrast: NDArray[np.uint8]) -> float:
    """The share of a piece's contrast that is left `OUTSIDE` pixels outside of it, 0 to 1."""
    y, x = max(0, blob.y - OUTSIDE), max(0, blob.x - OUTSIDE)
    around = contrast[y : blob.bottom + OUTSIDE, x : blob.right + OUTSIDE]
    ink = np.zeros(around.shape, np.uint8)
    ink[blob.y - y : blob.y - y + blob.height, blob.x - x : blob.x - x + blob.width] = blob.ink > 0
    inner = cv2.dilate(ink, block(2 * OUTSIDE - 1))
    ring = around[cv2.dilate(inner, block(3)) != inner]
    if not ring.size:
        return 0.0
    ring.partition(ring.size // 2)
    return float(ring[ring.size // 2]) / blob.strength


def _is_edge(blob: Blob, shape: tuple[int, ...]) -> bool:
    """Lies along the border of the image; a digit only touches it, with the ends of its strokes."""
    contact = 0
    if blob.x <= 0:
        contact += cv2.countNonZero(blob.ink[:, 0])
    if blob.right >= shape[1]:
        contact += cv2.countNonZero(blob.ink[:, -1])
    if blob.y <= 0:
        contact += cv2.countNonZero(blob.ink[0])
    if blob.bottom >= shape[0]:
        contact += cv2.countNonZero(blob.ink[-1])
    return contact > ALONG * max(blob.width, blob.height)


def _without_surroundings(blobs: list[Blob], shape: tuple[int, ...]) -> list[Blob]:
    """Drop what reaches in from the image's border and is too large or too thick beside what does not, or a line."""
    inside = [blob for blob in blobs if _is_inside(blob, shape)]
    if len(inside) == len(blobs):
        return blobs
    inside = [blob for blob in inside if blob.height >= SPECK]
    if len(inside) < 2 or sum(blob.weight for blob in inside) < INSIDE * sum(blob.weight for blob in blobs):
        return blobs
    size, stroke = writing_height(inside), usual_stroke(inside)

    def is_writing(blob: Blob) -> bool:
        if max(blob.width, blob.height) > REACHING_IN * size or stroke_width(blob) > ALIKE * stroke:
            return False
        return blob.height <= RULE * blob.width

    return [blob for blob in blobs if _is_inside(blob, shape) or is_writing(blob)]


def _is_inside(blob: Blob, shape: tuple[int, ...]) -> bool:
    """Touches no border of the image."""
    return blob.x > 0 and blob.y > 0 and blob.right < shape[1] and blob.bottom < shape[0]


def _without_frames(blobs: list[Blob]) -> list[Blob]:
    """Drop what stands around other ink, as a page's outline does and a digit does not, and rings around digits."""
    judged = list(zip(blobs, enclosed_shares(blobs), strict=True))
    height = writing_height([blob for blob, share in judged if not share])
    frames = {blob for blob, share in judged if share > ENCLOSED or (share and _is_ring(blob, height, blobs))}
    return [blob for blob in blobs if blob not in frames]


def _is_ring(blob: Blob, height: float, others: list[Blob]) -> bool:
    """Much larger than the writing is high, and all around a digit, however little ink that has: a 1 has little."""
    if min(blob.width, blob.height) < RING * height:
        return False
    return any(_is_around(blob, other) and other.height >= RINGED * blob.height for other in others)


def _is_around(blob: Blob, other: Blob) -> bool:
    across = blob.x < other.x and other.right < blob.right
    return across and blob.y < other.y and other.bottom < blob.bottom


def _without_corners(blobs: list[Blob]) -> list[Blob]:
    """Drop what is left of printed boxes: beside darker ink their sides are not seen, and only corners and bits are."""
    usual = usual_strength(blobs)
    faint = [blob for blob in blobs if blob.strength < PRINT * usual]
    if len(faint) < CORNERS:
        return blobs
    dark = boxes_of([blob for blob in blobs if blob.strength >= PRINT * usual])
    bits = [blob for blob in faint if _runs_along_its_box(blob) and _is_beside(blob, dark)]
    dropped = set(bits if sum(map(is_corner, bits)) >= CORNERS else [])
    return [blob for blob in blobs if blob not in dropped]


def is_corner(blob: Blob) -> bool:
    """Whether a piece is nothing but sides of a box, two or more of them."""
    return min(blob.width, blob.height) > 2 * _side(blob) and _runs_along_its_box(blob)


def _runs_along_its_box(blob: Blob) -> bool:
    side = _side(blob)
    inner = blob.ink[side : blob.height - side, side : blob.width - side]
    return not inner.size or cv2.countNonZero(inner) <= ASIDE * blob.area


def _is_beside(blob: Blob, boxes: NDArray[np.int64]) -> bool:
    """Is as near to one of `boxes` (left, top, right, bottom) as printed boxes are to what is written into them."""
    reach = INTO * np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    across = np.maximum(boxes[:, 0] - blob.right, blob.x - boxes[:, 2])
    down = np.maximum(boxes[:, 1] - blob.bottom, blob.y - boxes[:, 3])
    return bool((np.maximum(across, down) <= reach).any())


def _side(blob: Blob) -> int:
    """How thick the sides of a printed box are at most, in pixels, if the piece is a part of one."""
    return round(stroke_width(blob)) + 1


def _is_rule(blob: Blob) -> bool:
    """Much wider than high."""
    return blob.width > RULE * blob.height

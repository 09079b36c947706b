"""Boxes and rings around digits that touch them: there their sides are hard to tell from the digits' strokes."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision import components
from digitscribe.vision.components import Blob

EDGE = 0.2
"""What has ink this near to all four sides of its box, as a share of it,"""

FRAMED = 0.9
"""along this share of them, is a frame that its digit touches; round digits stay away from the corners."""

THICKEST = 2.0
"""Thickest side, as a multiple of the width of the strokes: where a digit touches it, it is as thick as elsewhere."""

FINE = 0.08
"""Strokes of a frame are thinner than this share of its shorter side: those of a letter with corners are thicker."""

HELD = 0.3
"""What is left of a frame that held a digit is at least so high, as a share of it."""

ROUND = 0.88
"""A ring's convex hull fills less than this share of the rectangle around it: an ellipse's 0.79, a box's 0.97."""

RIM = 0.18
"""What lies this near to a ring's outline, as a share of its shorter side, is the ring: a pen ends beside its start,"""

INWARD = 0.2
"""and a digit that touches it has more than this share of its ink farther inside."""


def is_framed(piece: Blob) -> bool:
    """Whether there is ink along all four sides of a piece's box."""
    ink, down, across = piece.ink > 0, math.ceil(EDGE * piece.height), math.ceil(EDGE * piece.width)
    sides = ((ink[:down], 0), (ink[-down:], 0), (ink[:, :across], 1), (ink[:, -across:], 1))
    return all(np.count_nonzero(side.any(axis=axis)) / side.shape[1 - axis] >= FRAMED for side, axis in sides)


def without_frame(piece: Blob, contrast: NDArray[np.uint8]) -> list[Blob]:
    """What stands in a framed piece, which its frame touches; the piece itself if nothing does.

    Seen from each side the first ink is the frame's.

    Args:
        piece: ink that `is_framed`.
        contrast: uint8 [H, W], the image that it was found in.
    """
    stroke = components.stroke_width(piece)
    if stroke > FINE * min(piece.width, piece.height):
        return [piece]
    ink, thickest = piece.ink > 0, round(THICKEST * stroke)
    rest = ink.copy()
    for quarters in range(4):
        # a view: what is cleared in it is cleared in the rest
        turned = np.rot90(rest, quarters)
        turned &= ~_nearest(np.rot90(ink, quarters), thickest)
    parts = components.parts_in(piece, rest.view(np.uint8), contrast)
    held = [part for part in parts if not _is_of_side(part, piece)]
    return held if any(part.height >= HELD * piece.height for part in held) else [piece]


def _is_of_side(part: Blob, frame: Blob) -> bool:
    """Whether a part is a bit of a side of its frame: all of it lies along that."""
    down, across = EDGE * frame.height, EDGE * frame.width
    lies = part.bottom <= frame.y + down or part.y >= frame.bottom - down
    return lies or part.right <= frame.x + across or part.x >= frame.right - across


def _nearest(ink: NDArray[np.bool_], thickest: int) -> NDArray[np.bool_]:
    """Of each column the ink that is nearest to the upper side, and no more of it than that side is thick: [h, w]."""
    height = ink.shape[0]
    first = ink.argmax(axis=0)
    rows = np.arange(height)[:, np.newaxis]
    # where the ink of a column ends for the first time
    beyond = np.where(~ink & (rows > first), rows, height).min(axis=0)
    thickness = beyond - first
    is_side = ink.any(axis=0) & (first <= EDGE * height)
    thin = thickness[is_side & (thickness <= thickest)]
    usual = math.ceil(float(np.median(thin))) if thin.size else 0
    end = first + np.where(thickness <= thickest, thickness, usual)
    return np.asarray(ink & is_side & (rows < end), np.bool_)


def without_arcs(parts: list[Blob], frame: Blob) -> list[Blob]:
    """What is left of a frame; of a ring, which is flat above and below but has no upright sides, without its arcs."""
    hull = cv2.convexHull(cv2.findNonZero(frame.ink))
    width, height = cv2.minAreaRect(hull)[1]
    if parts == [frame] or cv2.contourArea(hull) >= ROUND * width * height:
        return parts
    inside = np.zeros(frame.ink.shape, np.uint8)
    cv2.drawContours(inside, [hull], 0, 1, cv2.FILLED)
    cv2.drawContours(inside, [hull], 0, 0, 2 * round(RIM * min(width, height)))
    here = [replace(part, x=part.x - frame.x, y=part.y - frame.y) for part in parts]
    return [part for part, at in zip(parts, here, strict=True) if components.ink_on(inside, at) > INWARD * part.area]

"""Where touching digits may be cut apart: along straight, perhaps slanted lines that cross little ink."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision.components import Blob

SLANTS = (-0.4, -0.2, 0.0, 0.2, 0.4)
"""Slants of cuts: sideways shift per row."""

TALL = 0.75
"""Of two digits that touch, each has this share of the height of both at least."""

MAX_CUTS = 5
"""Most cuts proposed in one piece of ink."""

NARROWEST = 0.2
"""A cut leaves at least this share of the writing's height on either side."""

STROKE = 0.12
"""In a slim piece it may leave as little as this: a 1 is hardly wider than its stroke."""

TOUCH = 1.7
"""A cut that crosses at most this many times the width of a stroke goes through one place where two strokes touch."""


_LEANING = 1 + 0.1 * np.abs(SLANTS)[:, np.newaxis]
"""How much more a slanted cut's ink counts than an upright one's."""


@dataclass(frozen=True)
class Cut:
    """A line through a blob: x = position + slant × (y − half the height), and the ink that it crosses."""

    position: float
    slant: float
    crossed: float


def cuts_of(blob: Blob, height: float, narrowest: float = NARROWEST) -> list[Cut]:
    """The lines that cross least ink, from left to right; `height` is that of the writing, in pixels."""
    return sorted(_lines(blob, height, narrowest, np.inf), key=lambda cut: cut.position)


def touching_pieces(blob: Blob, height: float, stroke: float) -> list[Blob]:
    """The two pieces that a slim piece of ink is made of, if two digits touch there; empty if not.

    A single digit seldom has such a place: both sides are nearly as high as the whole, and hang together by one stroke.

    Args:
        blob: ink about as wide as a digit.
        height: of the writing, in pixels.
        stroke: width of the blob's strokes, in pixels.
    """
    for cut in _lines(blob, height, STROKE, TOUCH * stroke):
        left, right = _heights(blob, cut)
        if not left or not right:
            break
        if min(left, right) >= TALL * blob.height:
            return pieces_of(blob, [cut])
    return []


def _heights(blob: Blob, cut: Cut) -> tuple[int, int]:
    """How high the ink left and right of a cut is, in pixels; quick beside cutting it."""
    ink, limit = blob.ink > 0, _limit(blob, cut)
    first = ink.argmax(axis=1)
    last = blob.width - 1 - ink[:, ::-1].argmax(axis=1)
    here = ink.any(axis=1)
    left, right = (np.flatnonzero(here & side) for side in (first <= limit, last > limit))
    return (int(np.ptp(left)) + 1 if len(left) else 0), (int(np.ptp(right)) + 1 if len(right) else 0)


def _limit(blob: Blob, cut: Cut) -> NDArray[np.int16]:
    """In each row of the blob the last column left of a cut."""
    rows = np.arange(blob.height) - blob.height / 2
    return np.asarray(np.floor(cut.position + cut.slant * rows), np.int16)


def pieces_of(blob: Blob, cuts: list[Cut]) -> list[Blob]:
    """The blob cut apart, from left to right; empty if a cut would leave nothing on one side."""
    columns = np.arange(blob.width, dtype=np.int16)
    side = np.zeros((blob.height, blob.width), np.uint8)
    for cut in cuts:
        side += columns > _limit(blob, cut)[:, np.newaxis]
    pieces = [_piece(blob, blob.ink * (side == number)) for number in range(len(cuts) + 1)]
    return [piece for piece in pieces if piece] if all(pieces) else []


def _lines(blob: Blob, height: float, narrowest: float, most: float) -> list[Cut]:
    """The lines that cross least ink, at most `most`, the best first."""
    margin = max(2, round(narrowest * height))
    if blob.width <= 2 * margin:
        return []
    crossed = _crossed(blob)[:, margin : blob.width - margin]
    crossed *= _LEANING
    chosen = _spread(crossed.min(axis=0), margin, most)
    best = crossed[:, chosen].argmin(axis=0).tolist()
    return [
        Cut(float(margin + place), SLANTS[slant], float(crossed[slant, place]))
        for place, slant in zip(chosen, best, strict=True)
    ]


def _crossed(blob: Blob) -> NDArray[np.floating]:
    """How much ink the line of each slant crosses at each column, a little smoothed, [slants, columns]."""
    points = np.asarray(cv2.findNonZero(blob.ink), np.int32).reshape(-1, 2)
    xs, ys = points[:, 0].astype(np.intp), points[:, 1]
    moves = _moves(blob.height)
    reach = -int(moves.min()) + 2  # sheared ink stands out on both sides
    across = blob.width + 2 * reach
    starts = reach + across * np.arange(len(SLANTS))[:, np.newaxis]
    places = (moves + starts).take(2 * ys + (xs & 1), axis=1)
    places += xs
    counts = np.bincount(places.ravel(), minlength=across * len(SLANTS)).reshape(-1, across)
    counts = counts[:, reach - 1 : reach + blob.width + 1]
    return 0.25 * (counts[:, :-2] + 2 * counts[:, 1:-1] + counts[:, 2:])


@lru_cache(maxsize=128)
def _moves(height: int) -> NDArray[np.intp]:
    """How far ink goes sideways where a line of each slant is set upright: of each row its even, then its odd columns.

    Half a pixel is to the left in every other column and to the right in the others, so that ink does not drift.
    [slants, 2 height].
    """
    shear = np.multiply.outer(SLANTS, np.arange(height) - height / 2)[:, :, np.newaxis]
    moves = np.rint(np.arange(2) - shear) - np.arange(2)
    return np.asarray(moves, np.intp).reshape(len(SLANTS), -1)


def _spread(crossed: NDArray[np.floating], apart: int, most: float) -> list[int]:
    """The places where least is crossed, and at most `most`, best first and that far apart."""
    chosen: list[int] = []
    while len(chosen) < MAX_CUTS:
        place = int(crossed.argmin())
        if crossed[place] > most or crossed[place] == np.inf:
            break
        chosen.append(place)
        crossed[max(0, place - apart + 1) : place + apart] = np.inf
    return chosen


def _piece(blob: Blob, ink: NDArray[np.uint8]) -> Blob | None:
    x, y, width, height = cv2.boundingRect(ink)
    if not width:
        return None
    inside = ink[y : y + height, x : x + width]
    return Blob(blob.x + x, blob.y + y, width, height, cv2.countNonZero(inside), inside, blob.strength)

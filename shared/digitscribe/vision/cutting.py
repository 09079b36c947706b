"""Where touching digits may be cut apart: along straight, perhaps slanted lines that cross little ink."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision.components import Blob, part_of

SLANTS = (-0.4, -0.2, 0.0, 0.2, 0.4)
"""Slants of cuts: sideways shift per row."""

TALL = 0.8
"""Of two digits that touch in a slim piece, each has this share of the height of both at least."""

MAX_CUTS = 5
"""Most cuts proposed in one piece of ink."""

NARROWEST = 0.2
"""A cut leaves at least this share of the writing's height on either side."""

STROKE = 0.12
"""In a slim piece it may leave as little as this: a 1 is hardly wider than its stroke."""

SLIM_CUTS = 2
"""Most cuts proposed in a slim piece."""


_LEANING = 1 + 0.1 * np.abs(SLANTS)[:, np.newaxis]
"""How much more a slanted cut's ink counts than an upright one's."""


@dataclass(frozen=True)
class Cut:
    """A line through a blob: x = position + slant × (y − half the height)."""

    position: float
    slant: float


def cuts_of(blob: Blob, height: float) -> list[Cut]:
    """The lines that cross least ink, from left to right; `height` is that of the writing, in pixels."""
    return _from_left(_lines(blob, height, NARROWEST))


def slim_cuts_of(blob: Blob, height: float) -> list[Cut]:
    """Those of a piece about as wide as a digit: both sides of each are nearly as high as the whole."""
    cuts = _lines(blob, height, STROKE)
    if not cuts:
        return []
    heights: list[int] = _lower_heights(blob, cuts).tolist()
    tall = [cut for cut, height in zip(cuts, heights, strict=True) if height >= TALL * blob.height]
    return _from_left(tall[:SLIM_CUTS])


def _from_left(cuts: list[Cut]) -> list[Cut]:
    return sorted(cuts, key=lambda cut: cut.position)


def _lower_heights(blob: Blob, cuts: Sequence[Cut]) -> NDArray[np.intp]:
    """How high the ink of each cut's less high side is, in pixels, [cuts]; quick beside cutting it."""
    ink, limits = blob.ink > 0, _limits(blob, cuts)
    first = ink.argmax(axis=1)
    last = blob.width - 1 - ink[:, ::-1].argmax(axis=1)
    sides = np.stack([first <= limits, last > limits])
    sides &= ink.any(axis=1)
    heights = blob.height - sides[:, :, ::-1].argmax(axis=2) - sides.argmax(axis=2)
    return np.asarray((heights * sides.any(axis=2)).min(axis=0), np.intp)


def _limits(blob: Blob, cuts: Sequence[Cut]) -> NDArray[np.int16]:
    """The last column left of each cut in each row of the blob, [cuts, height]."""
    rows = np.arange(blob.height) - blob.height / 2
    lines = np.array([(cut.position, cut.slant) for cut in cuts])
    return np.asarray(np.floor(lines[:, :1] + lines[:, 1:] * rows), np.int16)


def pieces_of(blob: Blob, cuts: list[Cut]) -> list[Blob]:
    """The blob cut apart, from left to right; empty if a cut would leave nothing on one side."""
    columns = np.arange(blob.width, dtype=np.int16)
    side = np.zeros((blob.height, blob.width), np.uint8)
    for limit in _limits(blob, cuts):
        side += columns > limit[:, np.newaxis]
    pieces = [part_of(blob, blob.ink * (side == number)) for number in range(len(cuts) + 1)]
    return [piece for piece in pieces if piece] if all(pieces) else []


def _lines(blob: Blob, height: float, narrowest: float) -> list[Cut]:
    """The lines that cross least ink, the best first."""
    margin = max(2, round(narrowest * height))
    if blob.width <= 2 * margin:
        return []
    crossed = _crossed(blob)[:, margin : blob.width - margin]
    crossed *= _LEANING
    chosen = _spread(crossed.min(axis=0), margin)
    best = crossed[:, chosen].argmin(axis=0).tolist()
    return [Cut(float(margin + place), SLANTS[slant]) for place, slant in zip(chosen, best, strict=True)]


def _crossed(blob: Blob) -> NDArray[np.floating]:
    """How much ink the line of each slant crosses at each column, a little smoothed, [slants, columns]."""
    points = np.asarray(cv2.findNonZero(blob.ink), np.int32).reshape(-1, 2)
    xs, ys = points[:, 0].astype(np.intp), points[:, 1]
    moves, reach = _moves(blob.height)
    across = blob.width + 2 * reach
    starts = moves + across * np.arange(len(SLANTS))[:, np.newaxis]
    places = starts.take(2 * ys + (xs & 1), axis=1)
    places += xs
    counts = np.bincount(places.ravel(), minlength=across * len(SLANTS)).reshape(-1, across)
    counts = counts[:, reach - 1 : reach + blob.width + 1]
    return 0.25 * (counts[:, :-2] + 2 * counts[:, 1:-1] + counts[:, 2:])


@lru_cache(maxsize=128)
def _moves(height: int) -> tuple[NDArray[np.intp], int]:
    """Where ink comes to stand where a line of each slant is set upright: of each row its even, then its odd columns.

    Half a pixel is to the left in every other column and to the right in the others, so that ink does not drift.
    [slants, 2 height], and how far sheared ink stands out on both sides, where column 0 begins.
    """
    shear = np.multiply.outer(SLANTS, np.arange(height) - height / 2)[:, :, np.newaxis]
    moves = np.rint(np.arange(2) - shear) - np.arange(2)
    reach = 2 - int(moves.min())
    return np.asarray(moves + reach, np.intp).reshape(len(SLANTS), -1), reach


def _spread(crossed: NDArray[np.floating], apart: int) -> list[int]:
    """The places where least is crossed, best first and that far apart."""
    chosen: list[int] = []
    while len(chosen) < MAX_CUTS:
        place = int(crossed.argmin())
        if crossed[place] == np.inf:
            break
        chosen.append(place)
        crossed[max(0, place - apart + 1) : place + apart] = np.inf
    return chosen

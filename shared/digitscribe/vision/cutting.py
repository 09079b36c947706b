"""Where touching digits may be cut apart: along straight, perhaps slanted lines that cross little ink."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Cut:
    """A line through a blob: x = position + slant × (y − half the height), and the ink that it crosses."""

    position: float
    slant: float
    crossed: float


def cuts_of(blob: Blob, height: float, narrowest: float = NARROWEST) -> list[Cut]:
    """The lines that cross least ink, from left to right; `height` is that of the writing, in pixels."""
    margin = max(2, round(narrowest * height))
    positions = np.arange(margin, blob.width - margin)
    if not len(positions):
        return []
    ys, xs = np.nonzero(blob.ink)
    crossed = np.stack([_crossed(xs - slant * (ys - blob.height / 2), blob.width) for slant in SLANTS])[:, positions]
    crossed *= 1 + 0.1 * np.abs(SLANTS)[:, np.newaxis]
    best, least = crossed.argmin(axis=0), crossed.min(axis=0)
    candidates = zip(positions.tolist(), best.tolist(), least.tolist(), strict=True)
    return _spread([Cut(float(x), SLANTS[i], ink) for x, i, ink in candidates], margin)


def touching_cuts(blob: Blob, height: float, stroke: float) -> list[Cut]:
    """The one cut, if any, that parts a slim piece of ink where two digits touch.

    A single digit seldom has such a place: both sides are nearly as high as the whole, and hang together by one stroke.

    Args:
        blob: ink about as wide as a digit.
        height: of the writing, in pixels.
        stroke: width of the blob's strokes, in pixels.
    """
    for cut in sorted(cuts_of(blob, height, STROKE), key=lambda cut: cut.crossed):
        if cut.crossed <= TOUCH * stroke and all(
            piece.height >= TALL * blob.height for piece in pieces_of(blob, [cut])
        ):
            return [cut]
    return []


def _crossed(places: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """How many pixels lie at each place, a little smoothed."""
    counts = np.bincount(np.clip(np.round(places).astype(np.int64), 0, width), minlength=width + 1)
    return np.convolve(counts, (0.25, 0.5, 0.25), mode="same")


def pieces_of(blob: Blob, cuts: list[Cut]) -> list[Blob]:
    """The blob cut apart, from left to right; empty if a cut would leave nothing on one side."""
    rows = np.arange(blob.height)[:, np.newaxis] - blob.height / 2
    columns = np.arange(blob.width)[np.newaxis, :]
    side = sum((columns > cut.position + cut.slant * rows).astype(np.int64) for cut in cuts)
    pieces = [_piece(blob, np.where(side == number, blob.ink, np.uint8(0))) for number in range(len(cuts) + 1)]
    return [piece for piece in pieces if piece] if all(pieces) else []


def _spread(candidates: list[Cut], apart: int) -> list[Cut]:
    chosen: list[Cut] = []
    for cut in sorted(candidates, key=lambda cut: cut.crossed):
        if all(abs(cut.position - other.position) >= apart for other in chosen):
            chosen.append(cut)
        if len(chosen) == MAX_CUTS:
            break
    return sorted(chosen, key=lambda cut: cut.position)


def _piece(blob: Blob, ink: NDArray[np.uint8]) -> Blob | None:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return None
    inside = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    x, y = blob.x + int(columns[0]), blob.y + int(rows[0])
    return Blob(x, y, inside.shape[1], inside.shape[0], int((inside > 0).sum()), inside, blob.strength)

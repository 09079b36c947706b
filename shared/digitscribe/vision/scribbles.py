"""Ink that is too dense to be digits: what somebody scribbled over, grain that hangs together, smears of chalk."""

from __future__ import annotations

import numpy as np

from digitscribe.vision.arrays import median
from digitscribe.vision.components import Blob

CROSSED = 4.5
"""A level row crosses the strokes of digits so often in a width that is their height at most: narrow zeros 4 times;"""

TIMES = 5
"""and a piece that is crossed less often than this in all may be a digit."""

LEVELS = (0.3, 0.4, 0.5, 0.6, 0.7)
"""The rows that are looked at, from the top, as shares of the height; the middle one of their counts tells."""

HIGH = 18
"""What is lower, in pixels, is too coarse to tell."""


def without_scribbles(pieces: list[Blob]) -> list[Blob]:
    """The pieces of ink that may be digits or parts of some."""
    return [piece for piece in pieces if not is_scribble(piece)]


def is_scribble(piece: Blob) -> bool:
    """Whether a piece of ink is crossed more often than digits are: zigzags, loops, grain, smears."""
    if piece.width < piece.height or piece.height < HIGH:
        return False
    rows = piece.ink[[int(share * piece.height) for share in LEVELS]] > 0
    entered = np.count_nonzero(rows[:, 1:] & ~rows[:, :-1], axis=1) + rows[:, 0]
    crossed = int(median(entered))
    return crossed >= TIMES and crossed * piece.height >= CROSSED * piece.width

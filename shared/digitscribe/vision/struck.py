"""Numbers that were struck out: a line of the pen runs through all of their digits."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision.arrays import block, u8
from digitscribe.vision.clutter import ENCLOSED
from digitscribe.vision.components import Blob, enclosed_shares, stroke_width
from digitscribe.vision.frames import is_framed

WIDE = 1.2
"""A piece so many times as wide as high may be a number; whether one digit is struck out or has a bar, the model
knows."""

LONG = 15.0
"""What is longer than that is a rule or the side of a table."""

HIGHEST = 32
"""A piece is made so many pixels high at most, before lines are looked for."""

THICKEST = 0.22
"""A line is thinner than this share of the piece's height."""

STEEPEST = 1.0
"""How far a line rises or falls from end to end at most, as a share of that height: crosses do so."""

THIN = 0.12
"""Thicker lines are less steep: thick strokes of two digits may lie along a steep line by chance."""

FINE = 3.0
"""A line so many pixels wide, or less, may be a pixel off: nobody's are quite straight."""

UNBROKEN = 0.97
"""The line is there along this share of the piece's width."""

BOTH_SIDES = 0.25
"""Along this share of it there is ink above the line, and along this share below,"""

AS_HIGH = 0.22
"""and most of that reaches so far, as a share of the piece's height."""

MOST = 0.8

ASIDE = 1.5
"""What is so many widths of a stroke from a line's middle is none of it."""

STICKS_OUT = 0.4
"""One line alone reaches beyond the digits by so many widths of a stroke at either end"""

BOTH_ENDS = 2.5
"""and by so many at both together,"""

SECOND = 0.85
"""or there is another along this share of the width."""

FAINTEST = 80
"""What is left of a stroke's ink where a piece is made smaller, of 255."""


@dataclass(frozen=True, eq=False)
class _Sketch:
    """A piece made small.

    Attributes:
        ink: uint8 [h, w], 1 is ink.
        stroke: how wide its strokes are, in pixels.
        steepest: how far a line through it rises or falls at most, in pixels.
    """

    ink: NDArray[np.uint8]
    stroke: float
    steepest: int


def without_struck_out(pieces: list[Blob]) -> list[Blob]:
    """The pieces of ink without the numbers that are struck out.

    Frames and tables stay, for digits may touch their lines.
    """
    judged = zip(pieces, enclosed_shares(pieces), strict=True)
    return [piece for piece, share in judged if share > ENCLOSED or not is_struck_out(piece) or is_framed(piece)]


def is_struck_out(piece: Blob) -> bool:
    """Whether a piece of ink is two digits or more with a straight line through them, from end to end."""
    if not WIDE <= piece.width / piece.height <= LONG:
        return False
    sketch = _sketch_of(piece)
    if not sketch.steepest or cv2.countNonZero(u8(sketch.ink.max(axis=0))) < UNBROKEN * sketch.ink.shape[1]:
        return False
    line = _line_through(sketch, UNBROKEN)
    return line is not None and _is_struck(sketch, line)


def _sketch_of(piece: Blob) -> _Sketch:
    stroke, shrink = stroke_width(piece), min(1.0, HIGHEST / piece.height)
    steepest = STEEPEST * min(1.0, (THICKEST - stroke / piece.height) / (THICKEST - THIN))
    ink = u8(piece.ink > 0)
    if shrink < 1:
        size = (round(shrink * piece.width), round(shrink * piece.height))
        ink = u8(cv2.resize(ink * np.uint8(255), size, interpolation=cv2.INTER_AREA) > FAINTEST)
    return _Sketch(ink, shrink * stroke, max(0, round(steepest * ink.shape[0])))


def _line_through(sketch: _Sketch, unbroken: float) -> NDArray[np.float64] | None:
    """The level at each column, float64 [w], of a straight line with ink along such a share of it, if there is one.

    Of several it is the one that is rather in the middle and follows the ink more closely.
    """
    height, width = sketch.ink.shape
    rises = np.arange(-sketch.steepest, sketch.steepest + 1)
    shift = np.rint(rises[:, np.newaxis] * (np.arange(width) / (width - 1) - 0.5)).astype(np.intp)
    beside = sketch.ink if sketch.stroke > FINE else u8(cv2.dilate(sketch.ink, block(1, 3)))
    reach = int(shift.max())
    shades = np.pad(sketch.ink + beside, ((reach, reach), (0, 0)))  # 2 is ink, 1 is a pixel off
    rows = np.arange(height)[:, np.newaxis] + reach + shift[:, np.newaxis]
    along = shades[rows, np.arange(width)]
    rise, level = np.nonzero((along > 0).mean(axis=2) >= unbroken)
    if not level.size:
        return None
    best = int((along[rise, level].mean(axis=1) - np.abs(2 * level / height - 1)).argmax())
    return np.asarray(level[best] + shift[rise[best]], np.float64)


def _is_struck(sketch: _Sketch, line: NDArray[np.float64]) -> bool:
    """Whether digits stand on both sides of a line, which sticks out at both ends or is one of several.

    The bars of two 4s that touch do neither, nor does the foot of a 2.
    """
    off = np.arange(sketch.ink.shape[0])[:, np.newaxis] - line
    aside = sketch.ink * u8(np.abs(off) > ASIDE * sketch.stroke)
    if not all(_reaches_out(np.where(aside, side, 0.0).max(axis=0), sketch.ink.shape[0]) for side in (-off, off)):
        return False
    written = np.flatnonzero(aside.any(axis=0))
    ends = (written[0], line.size - 1 - written[-1])
    sticks_out = min(ends) >= STICKS_OUT * sketch.stroke and sum(ends) >= BOTH_ENDS * sketch.stroke
    return sticks_out or _line_through(replace(sketch, ink=aside), SECOND) is not None


def _reaches_out(reached: NDArray[np.float64], height: int) -> bool:
    """Whether ink that reaches so far at each column, float64 [w], on one side of a line, is digits."""
    beside = reached[reached > 0]
    return beside.size >= BOTH_SIDES * reached.size and bool(np.quantile(beside, MOST) >= AS_HIGH * height)

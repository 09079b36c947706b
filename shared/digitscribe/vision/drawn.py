"""Lines that were drawn with the digits or for them and touch them: underlines, frames, the cells of a table."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from statistics import fmean

import cv2
import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import NDArray

from digitscribe.vision import components, erasing, lines
from digitscribe.vision.arrays import u8
from digitscribe.vision.clutter import ENCLOSED, is_corner
from digitscribe.vision.components import Blob
from digitscribe.vision.erasing import Line
from digitscribe.vision.frames import HELD, is_framed, without_arcs, without_frame
from digitscribe.vision.stretches import DRIFT

Ends = tuple[float, float, float, float]
"""x and y of a line's left end, then of its right one."""

LENGTH = 2.5
"""A piece that is so many times as wide as high may hold an underline."""

RULE = 12.0
"""One that is so many times as wide is nothing but an underline."""

ONWARD = 1.2
"""One that is so many times as wide may hold a part of an underline that was found in another: digits part it."""

THINNER = 0.75
"""What goes on of an underline is thinner than the piece's strokes, by this factor: the foot of a 2 is not."""

FINEST = 0.4
"""A line that others stand beside is thicker than this share of the strokes of the digit that touches it."""

THICKEST = 0.15
"""Thickest line, as a share of the height of the piece that it is a part of,"""

BESIDE_STROKES = 2.0
"""and as a multiple of the width of the piece's strokes, where that is less."""

SIDES = 2
"""So many lying lines are a frame or a table, which has upright lines as well."""

CORNER = 0.15
"""A line begins as near to an end of its piece, as a share of its width: a turned frame's corners stand out."""

CROSSED = 0.3
"""What stands on both sides of a line with this share of its height does not stand on it."""

SHAFT = 0.6
"""An arrow's shaft is so long, as a share of the arrow, and ends between the barbs as `CROSSED` says."""

UPRIGHT = 0.9
"""Shortest upright line of a frame, as a share of what is between two lying ones: a 1 in it is lower."""


def without_lines(pieces: list[Blob], contrast: NDArray[np.uint8]) -> list[Blob]:
    """The pieces of ink, those that are wide or stand around others without the lines in them.

    No more than `components.largest`: a comb falls into its teeth.

    Args:
        pieces: connected ink.
        contrast: uint8 [H, W], the image that they were found in.
    """
    kept: list[Blob] = []
    underlines: list[Ends] = []
    frames: list[Blob] = []
    height = components.writing_height(pieces)
    for piece, enclosed in zip(pieces, components.enclosed_shares(pieces), strict=True):
        if _is_long(piece) and piece.width >= height:  # or else it may be the bar of a 5
            lying, thickest = _lying_in(piece)
            parts = [] if _is_arrow(piece) else _without(piece, contrast, lying, thickest)
            underlines += [_ends_of(line, piece) for line in lying if parts] or _ends_of_rule(piece)
        elif enclosed > ENCLOSED or (min(piece.width, piece.height) >= components.SPECK and is_framed(piece)):
            parts = _out_of_frame(piece, contrast)
            frames += [] if parts == [piece] else [piece]
        else:
            parts = [piece]
        kept += without_arcs(parts, piece) if enclosed > ENCLOSED else parts
    if underlines:
        kept = [part for piece in kept for part in _without_onward(piece, contrast, underlines)]
    return components.largest(_without_corners(kept, frames))


def _out_of_frame(piece: Blob, contrast: NDArray[np.uint8]) -> list[Blob]:
    """What is left of a piece around others, or of one with ink along all its sides, without these lines."""
    lying, thickest = _lying_in(piece)
    parts = _without(piece, contrast, lying, thickest, SIDES)
    if parts != [piece]:
        return parts
    if is_framed(piece):
        return without_frame(piece, contrast)
    return _off_line(piece, contrast, lying, thickest)


def _off_line(piece: Blob, contrast: NDArray[np.uint8], lying: list[Line], thickest: int) -> list[Blob]:
    """A digit without the line that it touches, and that others stand beside; else the piece itself.

    More that stands on a line are the sides of cells, and what is wide is the edge of a page.
    """
    finest = FINEST * components.stroke_width(piece)
    if piece.width < ONWARD * piece.height or any(line.thickness < finest for line in lying):
        return [piece]
    parts = _without(piece, contrast, lying, thickest)
    return parts if sum([part.height >= HELD * piece.height for part in parts]) == 1 else [piece]


def _is_long(piece: Blob) -> bool:
    return piece.width >= LENGTH * piece.height


def _without_corners(pieces: list[Blob], frames: list[Blob]) -> list[Blob]:
    """The pieces but for what is left of a frame that is pale in parts, where others are whole.

    It reaches around a digit. What stands in a frame that was whole is a digit, and so is what stands by itself.
    """
    if not frames:
        return pieces
    boxes = components.boxes_of(pieces)
    return [piece for piece in pieces if not is_corner(piece) or _is_held(piece, frames) or _is_alone(piece, boxes)]


def _is_held(piece: Blob, frames: list[Blob]) -> bool:
    x, y = piece.center
    return any(frame.x <= x < frame.right and frame.y <= y < frame.bottom for frame in frames)


def _is_alone(piece: Blob, boxes: NDArray[np.int64]) -> bool:
    """Whether of `boxes` (left, top, right, bottom) only the piece's own overlaps it."""
    left, top, right, bottom = boxes.T
    across = (left < piece.right) & (right > piece.x)
    return int(np.count_nonzero(across & (top < piece.bottom) & (bottom > piece.y))) == 1


def _without_onward(piece: Blob, contrast: NDArray[np.uint8], underlines: list[Ends]) -> list[Blob]:
    """A piece without what goes on in it of an underline that others had."""
    if piece.width < ONWARD * piece.height:
        return [piece]
    lying, thickest = _lying_in(piece)
    thin = THINNER * components.stroke_width(piece)
    onward = [
        line
        for line in lying
        if line.thickness <= thin and any(_goes_on(_ends_of(line, piece), each, thickest) for each in underlines)
    ]
    # the lowest: two would be taken for a frame
    return _without(piece, contrast, onward[-1:], thickest)


def _goes_on(part: Ends, line: Ends, thickest: int) -> bool:
    """Whether part of a line lies where another leads to."""
    middle, level = (part[0] + part[2]) / 2, (part[1] + part[3]) / 2
    x0, y0, x1, y1 = line
    off = abs(y0 + (y1 - y0) / (x1 - x0) * (middle - x0) - level)
    gap = max(x0 - middle, middle - x1, 0.0)
    is_near = gap <= x1 - x0 and part[2] - part[0] <= (x1 - x0) / 2
    return is_near and off <= thickest / 2 + 1 + DRIFT * gap


def _ends_of(line: Line, piece: Blob) -> Ends:
    """Left and right end of a line of a piece, in the image."""
    levels = [float(line.course(end)) + piece.y for end in (line.start, line.end)]
    return piece.x + line.start, levels[0], piece.x + line.end, levels[1]


def _ends_of_rule(piece: Blob) -> list[Ends]:
    """The ends of a piece that is an underline by itself; nothing of others."""
    if piece.width < RULE * piece.height:
        return []
    halves = (piece.ink[:, : piece.width // 2], piece.ink[:, piece.width // 2 :])
    near, far = (float(np.flatnonzero(half.any(axis=1)).mean()) for half in halves)
    # what lies in the middle of a half is as far from the end as from the middle of the whole
    return [(piece.x, piece.y + near - (far - near) / 2, piece.right, piece.y + far + (far - near) / 2)]


def _is_arrow(piece: Blob) -> bool:
    """Whether most of the piece is one stroke, from one of its ends to the middle of what is higher at the other."""
    ink = piece.ink > 0
    top, bottom = ink.argmax(axis=0), piece.height - ink[::-1].argmax(axis=0)
    thick = bottom - top > BESIDE_STROKES * components.stroke_width(piece)
    for way in (1, -1):
        shaft = int(thick[::way].argmax())
        if shaft < SHAFT * piece.width:
            continue
        level = float(((top + bottom) / 2)[::way][shaft - piece.height // 2 : shaft].mean())
        if CROSSED * piece.height <= level <= (1 - CROSSED) * piece.height:
            return True
    return False


def _lying_in(piece: Blob) -> tuple[list[Line], int]:
    """The lying lines in a piece, and how thick they may be: less than two pixels is no line."""
    thickest = round(min(THICKEST * piece.height, BESIDE_STROKES * components.stroke_width(piece)))
    return (_lying((piece.ink > 0).view(np.uint8), thickest) if thickest >= 2 else []), thickest


def _without(piece: Blob, contrast: NDArray[np.uint8], lying: list[Line], thickest: int, sides: int = 1) -> list[Blob]:
    mask = (piece.ink > 0).view(np.uint8)
    rest = without_lines_in(mask, lying, thickest, sides)
    if rest is mask:
        return [piece]
    parts = components.parts_in(piece, rest, contrast)
    return [part for part in parts if not _is_crossed(part, piece, lying)]


def _is_crossed(part: Blob, piece: Blob, lying: list[Line]) -> bool:
    """Whether the only line of a piece runs through the middle of a part: it is struck out, or an arrow's barbs."""
    if len(lying) != 1:
        return False
    level = float(lying[0].course(part.center[0] - piece.x)) + piece.y
    return min(level - part.y, part.bottom - level) >= CROSSED * part.height


def without_lines_in(mask: NDArray[np.uint8], lying: list[Line], thickest: int, sides: int = 1) -> NDArray[np.uint8]:
    """A piece of ink, uint8 [h, w], 1 is ink, without its lying lines and, if it is a frame, its upright ones.

    `mask` itself if there are none.
    """
    if len(lying) < sides:
        return mask
    rest = erasing.erased(mask, lying)
    if len(lying) < SIDES:
        return rest
    slope = fmean([(line.course(line.end) - line.course(line.start)) / (line.end - line.start) for line in lying])
    # between lying lines that fall there is no band from side to side for the upright ones to run through
    level = _Levelled(slope, mask.shape)
    straight = [replace(line, course=level.course(line.course)) for line in lying]
    turned, flat = u8(cv2.transpose(level.of(rest))), level.of(mask)
    upright = [line for one, other in pairwise(straight) for line in _between(one, other, flat, thickest)]
    return level.back(u8(cv2.transpose(erasing.erased(turned, upright))))


class _Levelled:
    """A mask, uint8 [h, w], with each column moved down or up as a whole, so that lines of one slope lie level."""

    def __init__(self, slope: float, shape: tuple[int, ...]) -> None:
        down = np.rint(-slope * np.arange(shape[1])).astype(np.intp)
        self._slope, self._offset = slope, int(down.min())
        down -= self._offset
        self._size = (shape[0] + int(down.max()), shape[1])
        self._places = (np.arange(shape[0])[:, np.newaxis] + down, np.arange(shape[1]))

    def of(self, mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """A mask of that shape, levelled."""
        levelled = np.zeros(self._size, np.uint8)
        levelled[self._places] = mask
        return levelled

    def back(self, levelled: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The mask that was levelled, with what was done to it since."""
        return u8(levelled[self._places])

    def course(self, course: Polynomial) -> Polynomial:
        """A line's course in the levelled mask."""
        return course.convert() - Polynomial([self._offset, self._slope])


def _between(one: Line, other: Line, mask: NDArray[np.uint8], thickest: int) -> list[Line]:
    """The upright lines from a lying one to the next, in a mask that is turned, as `mask` is not."""
    above, below = ([float(line.course(end)) for end in (line.start, line.end)] for line in (one, other))
    top, bottom = math.ceil(max(above) + one.thickness / 2), math.floor(min(below) - other.thickness / 2)
    # a course may leave the piece towards its ends
    top, bottom = max(0, top), min(mask.shape[0], bottom)
    if bottom - top <= thickest:
        return []
    upright = _lying(u8(cv2.transpose(mask[top:bottom])), thickest)
    long = [line for line in upright if line.end - line.start >= UPRIGHT * (bottom - top)]
    shifted, ends = Polynomial([-top, 1]), (math.floor(min(above)) - thickest, math.ceil(max(below)) + thickest)
    return [replace(line, course=line.course(shifted), start=ends[0], end=ends[1]) for line in long]


def _lying(mask: NDArray[np.uint8], thickest: int) -> list[Line]:
    """The lying lines, those at the edge of the piece as well: nothing of it goes on beyond."""
    padded = u8(cv2.copyMakeBorder(mask, thickest, thickest, 0, 0, cv2.BORDER_CONSTANT, value=0))
    return [replace(line, course=line.course - thickest) for line in lines.found(padded, thickest, border=CORNER)]

"""Lines taken out of ink, while the strokes that cross them, lie on them or follow them stay."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import NDArray

from digitscribe.vision.arrays import median, quantile

DARKER = 1.5
"""What is so many times as strong as most of a line is a stroke on top of it."""

THICKER = 1.5
"""What is more than so many times as thick as its line, and a pixel, is a stroke along it: a 1 on squared paper, say.
Not so in a frame, whose corners are as thick."""

MOST = 0.75
"""This share of a line is no stronger than what stands for its strength."""

SEEN = 0.5
"""A line of which this share is there is seen for itself; another is no stronger than those beside it."""


@dataclass(frozen=True)
class Line:
    """The course of a line: y over x as a polynomial, from column `start` to before `end`, and its thickness."""

    course: Polynomial
    start: int
    end: int
    thickness: float


def erased(mask: NDArray[np.uint8], lines: list[Line], contrast: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
    """The ink mask, uint8 [H, W], without the lines but with the strokes that cross them; itself if there are none."""
    if not lines:
        return mask
    found = [_part_of(line, mask, math.inf if contrast is None else THICKER) for line in lines]
    erasable = [places[part] for places, part in found]
    if contrast is not None:
        strengths = [contrast.take(each) for each in erasable]
        limits = _limits(strengths, [float(part.any(axis=0).mean()) for _, part in found])
        erasable = [each[of <= limit] for each, of, limit in zip(erasable, strengths, limits, strict=True)]
    result = mask.copy()
    for each in erasable:
        result.ravel()[each] = 0
    return result


def _part_of(line: Line, mask: NDArray[np.uint8], thicker: float) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """The band around a line's course, [rows, columns]: places in the mask, row by row, and which are the line's.

    Places may be outside of the mask; none of them is the line's.
    """
    xs = np.arange(max(0, line.start), min(mask.shape[1], line.end))
    reach = int(3 * line.thickness) + 4
    middle = np.round(line.course(xs)).astype(np.intp) * mask.shape[1] + xs
    places = middle + mask.shape[1] * np.arange(-reach, reach + 1)[:, np.newaxis]
    band = mask.take(places, mode="wrap").view(np.bool_)
    if xs.size and (places[0].min() < 0 or places[-1].max() >= mask.size):
        # outside is no ink: what it wraps to, or the outermost row of a line at the edge, would look like a stroke
        band &= (places >= 0) & (places < mask.size)
    return places, _line_part(band, reach, line.thickness, thicker)


def _limits(strengths: list[NDArray[np.uint8]], shares: list[float]) -> list[int]:
    """What is stronger on each line, in grey levels, is a stroke; most of what is there of a hidden line is strokes.

    Args:
        strengths: of the pixels of each line, uint8 [N].
        shares: of each line's columns, how many show it.
    """
    usual = [quantile(each, MOST) if each.size else 0.0 for each in strengths]
    seen = [each for each, share in zip(usual, shares, strict=True) if share >= SEEN]
    strongest = float(np.median(seen)) if seen else math.inf
    own = [each if share >= SEEN else min(each, strongest) for each, share in zip(usual, shares, strict=True)]
    return [min(255, int(DARKER * each)) for each in own]


def _line_part(band: NDArray[np.bool_], reach: int, usual: float, thicker: float) -> NDArray[np.bool_]:
    """Which pixels of a band around a line's course ([2 reach + 1, columns]) are line and no stroke."""
    slack = max(1, reach // 6)
    center = _nearest_ink(band, reach, slack)
    here = center >= 0
    middle = np.where(here, center, np.int16(reach))
    top, bottom = _run(band, middle)
    lengths = (bottom - top)[here]
    if not lengths.size:
        return np.zeros_like(band)
    thickness = min(float(median(lengths)), usual + 1)
    axis = np.clip((top + bottom) / 2 - reach, -slack, slack)[here & (bottom - top <= 1.5 * thickness)]
    course = reach + (float(median(axis)) if axis.size else 0.0)
    half, tolerance = thickness / 2, 0.35 * thickness + 1
    above, below = course - half - top > tolerance, bottom - course - half > tolerance
    first = np.where(above, np.int16(math.ceil(course - half)), top)
    last = np.where(below, np.int16(math.ceil(course + half)), bottom)
    rows = _rows_of(band)
    is_line = here & ~((above & below) | (bottom - top > thicker * thickness + 1))
    return (rows >= first) & (rows < last * is_line)


def _nearest_ink(band: NDArray[np.bool_], reach: int, slack: int) -> NDArray[np.int16]:
    """In each column the row of ink nearest to the middle of the band, -1 if there is none within `slack`."""
    found = np.full(band.shape[1], -1, np.int16)
    for distance in range(slack, -1, -1):
        for row in (reach - distance, reach + distance):
            found[band[row]] = row
    return found


def _run(band: NDArray[np.bool_], middle: NDArray[np.int16]) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """First row of the run of ink around `middle` in each column, and the row after its last.

    Products, for choosing with `numpy.where` takes three times as long.
    """
    rows = _rows_of(band)
    empty = ~band
    below, beyond = rows + np.int16(1), np.int16(len(band))
    top = ((empty & (rows < middle)) * below).max(axis=0)
    bottom = beyond - ((empty & (rows > middle)) * (beyond - rows)).max(axis=0)
    return top, bottom


def _rows_of(band: NDArray[np.bool_]) -> NDArray[np.int16]:
    """The numbers of its rows, [rows, 1]: a small type, for there are many columns."""
    return np.arange(len(band), dtype=np.int16)[:, np.newaxis]

"""Ruled and squared paper: its lines are taken out, strokes that cross them stay.

A ruled line is thin, runs through most of the image, and comes in from its border. Where what stands on a line's
course is thicker than the line itself, a stroke crosses it, and is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision.arrays import block, u8

SEARCH_SIDE = 800
"""Longest side of the image in which lines are looked for."""

THICKEST = 0.009
"""Thickest line, as a share of the image's longest side; digits' strokes that are as thin are not as long."""

SHORTEST = 0.5
"""Shortest line, as a share of the image's width (of its height for upright lines)."""

GAP = 0.04
"""Gaps in a line up to this share are bridged: digits cross it there."""

STEEPEST = 0.25
"""Rise of the steepest line."""

BORDER = 0.03
"""A line comes in from this close to the border on one side at least."""

_PARENT = 3  # OpenCV's column for the outline that an outline is a hole of


@dataclass(frozen=True)
class Line:
    """The course of a line: y over x as a polynomial, from column `start` to before `end`, and its thickness."""

    course: np.polynomial.Polynomial
    start: int
    end: int
    thickness: float


def without_lines(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The ink mask (uint8 [H, W], 1 is ink) without lines, lying and upright."""
    lying = _erased(mask, find(mask))
    turned = np.ascontiguousarray(lying.T)
    upright = find(turned)
    return np.ascontiguousarray(_erased(turned, upright).T) if upright else lying


def find(mask: NDArray[np.uint8]) -> list[Line]:
    """The lying lines in an ink mask (uint8 [H, W], 1 is ink), from the top."""
    if THICKEST * max(mask.shape) < 2:
        return []  # so small an image that strokes are as thin as lines
    factor = max(1, round(max(mask.shape) / SEARCH_SIDE))
    small = u8(cv2.dilate(mask, block(factor)))[::factor, ::factor] if factor > 1 else mask
    width = small.shape[1]
    thickest = max(2, round(THICKEST * max(small.shape)))
    thick = u8(cv2.morphologyEx(small, cv2.MORPH_OPEN, block(1, thickest + 1)))
    thin = small & ~thick
    bridged = u8(cv2.morphologyEx(thin, cv2.MORPH_CLOSE, block(max(3, round(GAP * width)), 1)))
    # outlines, not labels: they cost no more than there is ink
    outlines, nesting = cv2.findContours(bridged, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    outer = [outline for outline, kin in zip(outlines, _kin(nesting), strict=True) if kin[_PARENT] < 0]
    long = [outline for outline in outer if _is_long(cv2.boundingRect(outline), width, thickest)]
    traced = [_traced(outline, thin, bridged, factor, thickest) for outline in long]
    return sorted((line for line in traced if line is not None), key=lambda line: float(line.course(line.start)))


def _kin(nesting: Any) -> list[list[int]]:
    return [] if nesting is None else list(np.asarray(nesting)[0].tolist())


def _is_long(box: Sequence[int], width: int, thickest: int) -> bool:
    x, _, length, rise = box
    from_border = x <= BORDER * width or x + length >= (1 - BORDER) * width
    return length >= SHORTEST * width and from_border and rise <= STEEPEST * length + thickest


def _traced(
    outline: Any, thin: NDArray[np.uint8], bridged: NDArray[np.uint8], factor: int, thickest: int
) -> Line | None:
    """The line inside an outline; nothing if that holds much more ink than a line."""
    x, y, width, height = cv2.boundingRect(outline)
    filled = np.zeros((height, width), np.uint8)
    cv2.drawContours(filled, [outline], -1, 1, cv2.FILLED, offset=(-x, -y))
    window = (slice(y, y + height), slice(x, x + width))
    if int((filled & bridged[window]).sum()) > 1.5 * thickest * width:
        return None
    ys, xs = np.nonzero(filled & thin[window])
    course = _fitted((xs + x + 0.5) * factor, (ys + y + 0.5) * factor)
    return Line(course, x * factor, (x + width) * factor, factor * len(xs) / max(1, len(np.unique(xs))))


def _fitted(xs: NDArray[np.floating], ys: NDArray[np.floating]) -> np.polynomial.Polynomial:
    """A cubic, fitted twice: what lies off the first is digits."""
    degree = min(3, len(np.unique(xs)) - 1)
    course = np.polynomial.Polynomial.fit(xs, ys, degree)
    off = np.abs(course(xs) - ys)
    near = off <= 2 * np.median(off) + 1
    return np.polynomial.Polynomial.fit(xs[near], ys[near], degree) if len(np.unique(xs[near])) > degree else course


def _erased(mask: NDArray[np.uint8], lines: list[Line]) -> NDArray[np.uint8]:
    result = mask.copy() if lines else mask
    for line in lines:
        xs = np.arange(max(0, line.start), min(mask.shape[1], line.end))
        reach = int(3 * line.thickness) + 4
        offsets = np.arange(-reach, reach + 1)
        ys = np.clip(np.round(line.course(xs)).astype(np.int64) + offsets[:, np.newaxis], 0, mask.shape[0] - 1)
        result[ys, xs] &= ~_line_part(mask[ys, xs].astype(bool), reach)
    return result


def _line_part(band: NDArray[np.bool_], reach: int) -> NDArray[np.uint8]:
    """Which pixels of a band around a line's course ([2 reach + 1, columns]) are line and no stroke."""
    slack = max(1, reach // 6)
    center = _nearest_ink(band, reach, slack)
    here = center >= 0
    middle = np.where(here, center, reach)
    top, bottom = _run(band, middle)
    lengths = (bottom - top)[here]
    if not lengths.size:
        return np.zeros(band.shape, np.uint8)
    thickness = float(np.median(lengths))
    axis = np.clip((top + bottom) / 2 - reach, -slack, slack)[here & (bottom - top <= 1.5 * thickness)]
    course = reach + (float(np.median(axis)) if axis.size else 0.0)
    half, tolerance = thickness / 2, 0.35 * thickness + 1
    above, below = course - half - top > tolerance, bottom - course - half > tolerance
    first = np.where(above, course - half, top)
    last = np.where(below, course + half, bottom)
    rows = np.arange(band.shape[0])[:, np.newaxis]
    erase = here & ~(above & below) & (rows >= first) & (rows < last)
    return erase.astype(np.uint8)


def _nearest_ink(band: NDArray[np.bool_], reach: int, slack: int) -> NDArray[np.int64]:
    """In each column the row of ink nearest to the middle of the band, -1 if there is none within `slack`."""
    found = np.full(band.shape[1], -1, np.int64)
    for distance in range(slack, -1, -1):
        for row in (reach - distance, reach + distance):
            found = np.where(band[row], row, found)
    return found


def _run(band: NDArray[np.bool_], middle: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First row of the run of ink around `middle` in each column, and the row after its last."""
    rows = np.arange(band.shape[0])[:, np.newaxis]
    empty = ~band
    top = np.where(empty & (rows < middle), rows + 1, 0).max(axis=0)
    bottom = np.where(empty & (rows > middle), rows, band.shape[0]).min(axis=0)
    return top, bottom

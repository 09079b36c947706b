"""The grain of paper and camera: how much contrast there is where there is no ink."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision.arrays import u8

DEVIATIONS = 6.0
"""Ink stands out by this many deviations of the paper's own grain."""

SAMPLED = 3
"""The grain is measured on every so many rows and columns."""

PARTS = 4
"""An image has so many parts in a row and in a column, each with a grain of its own."""

FILLED = 0.5
"""A part of which less than this share lies on the sheet tells nothing."""


def floor_of(contrast: NDArray[np.uint8], min_contrast: float, on_sheet: NDArray[np.uint8] | None = None) -> float:
    """The contrast (0 to 255) that the grain of the paper does not reach; most of an image, or of a sheet, is paper.

    Around a sheet all is painted, and has no grain.
    """
    sample = contrast[::SAMPLED, ::SAMPLED].ravel()
    within = None if on_sheet is None else on_sheet[::SAMPLED, ::SAMPLED].ravel()
    counts = np.cumsum(cv2.calcHist([sample], [0], within, [256], [0, 256]))
    median, low = (float(np.searchsorted(counts, share * counts[-1])) for share in (0.5, 0.16))
    return median + max(DEVIATIONS * (median - low), 255.0 * min_contrast)


def floors_of(
    contrast: NDArray[np.uint8], floor: float, on_sheet: NDArray[np.uint8] | None = None
) -> NDArray[np.uint8]:
    """What the grain does not reach in each part of an image, uint8 [H, W]; nowhere less than `floor`.

    What pixels near by differ by tells grain from shades, and where most contrast is cut off at 0, as in a part that is
    bright enough to be all white, it is seen in the others.
    """
    sample = contrast[::SAMPLED, ::SAMPLED]
    within = np.ones_like(sample) if on_sheet is None else on_sheet[::SAMPLED, ::SAMPLED]
    floors = [_floor_of_part(*both, floor) for both in zip(_parts(sample), _parts(within), strict=True)]
    grid = np.array(floors, np.float32).reshape(PARTS, PARTS)
    smooth = cv2.resize(grid, contrast.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return u8(np.minimum(smooth, 254))


def _parts(values: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """The parts of [H, W], row by row."""
    return [part for row in np.array_split(values, PARTS) for part in np.array_split(row, PARTS, axis=1)]


def _floor_of_part(part: NDArray[np.uint8], inside: NDArray[np.uint8], floor: float) -> float:
    """The floor of a part, uint8 [h, w], as far as it lies on the sheet, uint8 [h, w]; the whole image's at least."""
    both = (inside[:, 1:] & inside[:, :-1]) > 0
    if both.size == 0 or both.mean() < FILLED:
        return floor
    paper = float(np.median(part[inside > 0]))
    if paper > floor:
        return floor  # most of the part is dark, and no grain
    return max(floor, paper + DEVIATIONS * float(np.median(cv2.absdiff(part[:, 1:], part[:, :-1])[both])))

"""Which pixels are ink: more contrast than the paper's grain, and enough beside the strongest ink near by."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision.arrays import block, closed, odd, u8, window_of

GRAIN = 6.0
"""Ink stands out by this many deviations of the paper's own grain."""

NEAR_SHARE = 1 / 20
"""How far the strongest ink near by is looked for, as a share of the image's longest side: about a digit."""

FADING = 0.5
"""Between two pieces of a stroke, ink with this share of the usual threshold joins them: pens skip and pencils fade."""

FADED = 1 / 80
"""Longest faded stretch, as a share of the image's longest side."""

SAMPLED = 3
"""The paper's grain is measured on every so many rows and columns."""

POOL = 4
"""The strongest ink near by is looked up in an image reduced by this factor."""


def ink_mask(
    contrast: NDArray[np.uint8], min_contrast: float, edge: float, on_sheet: NDArray[np.uint8] | None = None
) -> NDArray[np.uint8]:
    """Tell ink from paper.

    Args:
        contrast: uint8 [H, W], 0 is paper, 255 is black.
        min_contrast: the faintest ink, 0 to 1.
        edge: where a stroke ends, as a share of the strongest contrast near by.
        on_sheet: uint8 [H, W], 1 on the sheet that is written on, if it does not fill the image.

    Returns:
        uint8 [H, W], 1 where there is ink.
    """
    floor = min(254, int(paper_floor(contrast, min_contrast, on_sheet)))
    near = _strongest_near(u8(cv2.blur(contrast, (3, 3))))
    visible = u8(cv2.threshold(contrast, floor, 255, cv2.THRESH_TOZERO)[1])
    reach = odd(int(FADED * max(contrast.shape)))
    window = window_of(visible, reach // 2)  # writing mostly covers a third of an image
    visible, near = visible[window], near[window]
    ink = np.zeros_like(contrast)
    ink[window] = closed(_above(visible, near, edge), reach) & _above(visible, near, FADING * edge)
    return ink


def _above(contrast: NDArray[np.uint8], near: NDArray[np.uint8], share: float) -> NDArray[np.uint8]:
    return (contrast > u8(cv2.convertScaleAbs(near, alpha=share))).view(np.uint8)


def paper_floor(contrast: NDArray[np.uint8], min_contrast: float, on_sheet: NDArray[np.uint8] | None = None) -> float:
    """The contrast (0 to 255) that the grain of the paper does not reach; most of an image, or of a sheet, is paper.

    Around a sheet all is painted, and has no grain.
    """
    sample = contrast[::SAMPLED, ::SAMPLED].ravel()
    within = None if on_sheet is None else on_sheet[::SAMPLED, ::SAMPLED].ravel()
    counts = np.cumsum(cv2.calcHist([sample], [0], within, [256], [0, 256]))
    median, low = (float(np.searchsorted(counts, share * counts[-1])) for share in (0.5, 0.16))
    return median + max(GRAIN * (median - low), 255.0 * min_contrast)


def _strongest_near(contrast: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = contrast.shape
    pooled = u8(cv2.dilate(contrast, block(POOL)))[::POOL, ::POOL]
    reach = odd(int(NEAR_SHARE * max(height, width) / POOL))
    near = cv2.blur(cv2.dilate(pooled, block(reach)), (3, 3))
    return u8(cv2.resize(near, (width, height), interpolation=cv2.INTER_LINEAR))

"""Which pixels are ink: more contrast than the paper's grain, and enough beside the strongest ink near by."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision import grain
from digitscribe.vision.arrays import block, closed, odd, u8, window_of

NEAR_SHARE = 1 / 20
"""How far the strongest ink near by is looked for, as a share of the image's longest side: about a digit."""

FADING = 0.5
"""Between two pieces of a stroke, ink with this share of the usual threshold joins them: pens skip and pencils fade."""

FADED = 1 / 80
"""Longest faded stretch, as a share of the image's longest side."""

POOL = 4
"""The strongest ink near by is looked up in an image reduced by this factor."""


def ink_mask(
    contrast: NDArray[np.uint8],
    min_contrast: float,
    edge: float,
    on_sheet: NDArray[np.uint8] | None = None,
    *,
    by_part: bool = False,
) -> NDArray[np.uint8]:
    """Tell ink from paper.

    Args:
        contrast: uint8 [H, W], 0 is paper, 255 is black.
        min_contrast: the faintest ink, 0 to 1.
        edge: where a stroke ends, as a share of the strongest contrast near by.
        on_sheet: uint8 [H, W], 1 on the sheet that is written on, if it does not fill the image.
        by_part: ink has to stand out from the grain of the part of the image that it stands in, too.

    Returns:
        uint8 [H, W], 1 where there is ink.
    """
    floor = min(254, int(grain.floor_of(contrast, min_contrast, on_sheet)))
    near = _strongest_near(u8(cv2.blur(contrast, (3, 3))))
    visible = u8(cv2.threshold(contrast, floor, 255, cv2.THRESH_TOZERO)[1])
    if by_part:
        visible[contrast <= grain.floors_of(contrast, floor, on_sheet)] = 0
    reach = odd(int(FADED * max(contrast.shape)))
    window = window_of(visible, reach // 2)  # writing mostly covers a third of an image
    visible, near = visible[window], near[window]
    ink = np.zeros_like(contrast)
    ink[window] = closed(_above(visible, near, edge), reach) & _above(visible, near, FADING * edge)
    return ink


def _above(contrast: NDArray[np.uint8], near: NDArray[np.uint8], share: float) -> NDArray[np.uint8]:
    return (contrast > u8(cv2.convertScaleAbs(near, alpha=share))).view(np.uint8)


def _strongest_near(contrast: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = contrast.shape
    pooled = u8(cv2.dilate(contrast, block(POOL)))[::POOL, ::POOL]
    reach = odd(int(NEAR_SHARE * max(height, width) / POOL))
    near = cv2.blur(cv2.dilate(pooled, block(reach)), (3, 3))
    return u8(cv2.resize(near, (width, height), interpolation=cv2.INTER_LINEAR))

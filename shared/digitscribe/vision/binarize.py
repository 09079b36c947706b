"""Which pixels are ink: more contrast than the paper's grain, and enough beside the strongest ink near by."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

GRAIN = 6.0
"""Ink stands out by this many deviations of the paper's own grain."""

NEAR_SHARE = 1 / 20
"""How far the strongest ink near by is looked for, as a share of the image's longest side: about a digit."""

POOL = 4
"""The strongest ink near by is looked up in an image reduced by this factor."""


def ink_mask(contrast: NDArray[np.uint8], min_contrast: float, edge: float) -> NDArray[np.uint8]:
    """Tell ink from paper.

    Args:
        contrast: uint8 [H, W], 0 is paper, 255 is black.
        min_contrast: the faintest ink, 0 to 1.
        edge: where a stroke ends, as a share of the strongest contrast near by.

    Returns:
        uint8 [H, W], 1 where there is ink.
    """
    floor = paper_floor(contrast, min_contrast)
    smooth = cv2.blur(contrast, (3, 3))
    near = _strongest_near(smooth)
    threshold = np.maximum(cv2.convertScaleAbs(near, alpha=edge), min(255, int(floor)))
    return np.asarray(cv2.compare(contrast, threshold, cv2.CMP_GT) & 1, dtype=np.uint8)


def paper_floor(contrast: NDArray[np.uint8], min_contrast: float) -> float:
    """The contrast (0 to 255) that the grain of the paper does not reach; most of an image is paper."""
    counts = np.cumsum(np.bincount(contrast[::2, ::2].ravel(), minlength=256))
    median, low = (float(np.searchsorted(counts, share * counts[-1])) for share in (0.5, 0.16))
    return median + max(GRAIN * (median - low), 255.0 * min_contrast)


def _strongest_near(contrast: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = contrast.shape
    pooled = cv2.dilate(contrast, np.ones((POOL, POOL), np.uint8))[::POOL, ::POOL]
    reach = max(3, int(NEAR_SHARE * max(height, width) / POOL) | 1)
    near = cv2.blur(cv2.dilate(pooled, np.ones((reach, reach), np.uint8)), (3, 3))
    return np.asarray(cv2.resize(near, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)

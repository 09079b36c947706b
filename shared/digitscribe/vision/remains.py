"""What is left of rules that have been taken out: where grain or squares break them, bits stay between the digits.

They are as faint and as thin as the rules were. So wherever most of what is written is stronger, what is no stronger
than the rules goes with them.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision.arrays import block, median, quantile, u8

EVENED = 3
"""Side of the square over which strength is the mean: it tells thin from thick as well, and grain tells little."""

RULES = 0.97
"""This share of the rules is no stronger than what stands for them; strokes that went with them are."""

STRONGER = 1.5
"""Writing is so many times as strong as rules, in the median of what is stronger at all, where their remains go."""

EDGE = 5
"""Side of the square around strong ink in which faint ink is the edge of its stroke."""


def without_remains(left: NDArray[np.uint8], ink: NDArray[np.uint8], contrast: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Ink without what is as faint as the rules; itself where the writing is no stronger.

    Args:
        left: uint8 [H, W], 1 is ink without the rules that were found.
        ink: uint8 [H, W], the same with them.
        contrast: uint8 [H, W], 0 is paper, 255 is black.
    """
    evened = u8(cv2.blur(contrast, (EVENED, EVENED)))
    rules = evened[(ink & ~left).view(np.bool_)]
    if not rules.size:
        return left
    limit = quantile(rules, RULES)
    strong = left & (evened > limit).view(np.uint8)
    writing = evened[strong.view(np.bool_)]
    if not writing.size or median(writing) < STRONGER * limit:
        return left
    return left & u8(cv2.dilate(strong, block(EDGE)))

"""Splinters: bits of rules, of the grain of wood and of stripes, which look like 1s wherever nothing is written.

Beside writing they are told by their pen. By themselves they are 1s of all heights, as no hand writes them, or smaller
than anything that a hand writes on so large a sheet.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from digitscribe.vision.written import Written

LEAST = 7
"""Fewer digits than this may be anything,"""

ONES = 0.7
"""and of what is written seldom so many are 1s, as a share."""

TINY = 0.014
"""Where all that is read is lower than this share of the image's size (on a letter a third of a centimetre),"""

MANY = 0.5
"""and so many of it are 1s, as a share, they are specks."""

UNEQUAL = 0.25
"""The heights of what one hand writes have a smaller deviation than this share of their mean: of 1s alone 0.1."""


def are_splinters(digits: Sequence[Written], size: float) -> bool:
    """Whether most of all digits of an image are 1s, of unequal heights or all tiny.

    Args:
        digits: what was read.
        size: of the image, in pixels: the root of its area.
    """
    heights = [each.box.height for each in digits if each.digit == 1]
    return _are_tiny(digits, len(heights), size) or _are_unequal(heights, len(digits))


def _are_tiny(digits: Sequence[Written], ones: int, size: float) -> bool:
    return ones >= max(1, MANY * len(digits)) and max([each.box.height for each in digits]) < TINY * size


def _are_unequal(heights: Sequence[int], count: int) -> bool:
    if count < LEAST or len(heights) < ONES * count:
        return False
    return float(np.std(heights)) > UNEQUAL * float(np.mean(heights))

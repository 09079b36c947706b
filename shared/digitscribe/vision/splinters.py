"""Splinters: bits of rules, of the grain of wood and of stripes, which look like 1s wherever nothing is written.

Beside writing they are told by their pen. By themselves they are 1s of all heights, as no hand writes them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from digitscribe.vision.written import Written

LEAST = 7
"""Fewer digits than this may be anything,"""

ONES = 0.7
"""and of what is written seldom so many are 1s, as a share."""

UNEQUAL = 0.25
"""The heights of what one hand writes have a smaller deviation than this share of their mean: of 1s alone 0.1."""


def are_splinters(digits: Sequence[Written]) -> bool:
    """Whether most of all digits of an image are 1s of unequal heights."""
    heights = [each.box.height for each in digits if each.digit == 1]
    if len(digits) < LEAST or len(heights) < ONES * len(digits):
        return False
    return float(np.std(heights)) > UNEQUAL * float(np.mean(heights))

"""Small things that all steps on images share."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray


def u8(values: NDArray[Any] | Any) -> NDArray[np.uint8]:
    """`values` as uint8, without a copy if they are: OpenCV's signatures promise less than it returns."""
    return np.asarray(values, dtype=np.uint8)


@cache
def block(width: int, height: int | None = None) -> NDArray[np.uint8]:
    """A filled rectangle for morphology, [height, width]; square by default."""
    filled = np.ones((width if height is None else height, width), np.uint8)
    filled.flags.writeable = False  # there is one for all
    return filled


def at_least(values: NDArray[np.uint8], least: int) -> NDArray[np.uint8]:
    """`values`, those below `least` raised to it: numpy takes ten times as long if `least` is no array."""
    return np.maximum(values, np.full_like(values, least))

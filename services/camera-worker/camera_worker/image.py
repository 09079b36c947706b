"""The picture that travels through this package, and its size."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import cv2
import numpy as np
from numpy.typing import NDArray

# OpenCV's own threads cost memory and, on pictures of this size, more time than they save.
cv2.setNumThreads(1)

Image = NDArray[np.uint8]
"""uint8 [height, width, 3], blue-green-red as OpenCV has it."""


@dataclass(frozen=True, slots=True)
class Captured:
    """A frame as it was captured."""

    image: Image
    captured_at: datetime


def fit(image: Image, max_side: int) -> Image:
    """`image`, scaled down if its longer side has more than `max_side` pixels; uint8 [h, w, 3], BGR."""
    height, width = image.shape[:2]
    scale = max_side / max(height, width)
    if scale >= 1:
        return image
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)

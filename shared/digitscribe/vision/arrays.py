"""Small things that all steps on images share."""

from __future__ import annotations

from functools import cache
from typing import Any

import cv2
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


def closed(values: NDArray[np.uint8], width: int, height: int | None = None) -> NDArray[np.uint8]:
    """`values` uint8 [H, W] where darkness that holds no such rectangle is filled (morphological closing)."""
    return u8(cv2.morphologyEx(values, cv2.MORPH_CLOSE, block(width, height)))


def window_of(mask: NDArray[np.uint8], margin: int) -> tuple[slice, slice]:
    """Rows and columns in which uint8 [H, W] is not 0, and so many more on each side as far as there are any."""
    left, top, width, height = cv2.boundingRect(mask)
    rows = slice(max(0, top - margin), min(mask.shape[0], top + height + margin))
    return rows, slice(max(0, left - margin), min(mask.shape[1], left + width + margin))


def odd(value: int) -> int:
    """The size of a window with a middle: `value`, or one more; at least 3."""
    return max(3, value | 1)


def at_least(values: NDArray[np.uint8], least: int) -> NDArray[np.uint8]:
    """`values`, those below `least` raised to it: numpy takes ten times as long if `least` is no array."""
    return np.maximum(values, np.full_like(values, least))


def median(values: NDArray[Any]) -> Any:
    """The median along the first axis of [N, ...], N at least 1: of few numbers numpy's own takes six times as long."""
    half = len(values) // 2
    if len(values) & 1:
        return np.partition(values, half, axis=0)[half]
    ordered = np.partition(values, (half - 1, half), axis=0)
    return ordered[half - 1] / 2 + ordered[half] / 2


def quantile(values: NDArray[Any], share: float) -> float:
    """What that share of [N] numbers is below, interpolated, N at least 1: a tenth of the time of numpy's own."""
    place = share * (len(values) - 1)
    below, above = int(place), min(int(place) + 1, len(values) - 1)
    ordered = np.partition(values, (below, above))
    return float(ordered[below]) + (place - below) * (float(ordered[above]) - float(ordered[below]))


def reduced(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """A picture, uint8 [H, W] or [H, W, 3], whose longest side is `side` at most; never enlarged."""
    halves = halved(pixels, side)
    height, width = halves.shape[:2]
    share = min(1.0, side / max(height, width))
    size = (max(1, round(width * share)), max(1, round(height * share)))
    return halves if size == (width, height) else u8(cv2.resize(halves, size, interpolation=cv2.INTER_AREA))


def halved(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The same, halved while the longest side stays at `side` or more: a tenth of the time of any other reduction."""
    height, width = pixels.shape[:2]
    while max(height, width) >= 2 * side and not (height | width) & 1:
        height, width = height // 2, width // 2
        pixels = u8(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA))
    return pixels

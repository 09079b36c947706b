"""MNIST's normalisation, the only place where it is written: 20×20 box, aspect kept, centre of mass in 28×28.

NIST's digits were drawn with one pen on one kind of form. Thin pens are thickened first, on a fixed intermediate
size, to what MNIST holds: a stroke of half a pixel would otherwise all but vanish at 28×28.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.model_shape import SIDE
from digitscribe.vision.arrays import block

BOX = 20
"""Side of the box that the ink is scaled into."""

FINE = 4
"""The intermediate size is this many times `BOX`: fine enough to measure and thicken a stroke."""

THIN = 1.5
"""Strokes thinner than this (pixels of the final image) are thickened; nineteen in twenty of MNIST's are wider."""

WANTED = 2.0
"""The stroke width that a thin pen is brought to; where another one is asked for, `THIN` goes along."""

STEEPEST = 0.7
"""Largest slant that is corrected: sideways shift per row. What leans more is no slant but the digit's shape."""

FAINT = 0.15
"""Ink below this share of the strongest does not count for the bounding box."""

_RAMP = np.arange(BOX, dtype=np.float32)

Ink = NDArray[np.uint8] | NDArray[np.float32]
"""uint8 or float32 [H, W], any size and range; bright is ink, 0 is background."""


def normalize(ink: Ink, stroke_width: float = WANTED, upright: bool = False) -> NDArray[np.uint8]:
    """Bring one digit into MNIST's form.

    Args:
        ink: uint8 or float32 [H, W], any size and range; bright is ink, 0 is background.
        stroke_width: what thin strokes are thickened to, in pixels of the result; 0 leaves them as they are.
        upright: correct the digit's slant.

    Returns:
        uint8 [28, 28], the strongest ink 255, its centre of mass in the middle; all 0 if there is no ink.
    """
    return np.asarray(normalize_all([ink], stroke_width, upright)[0], np.uint8)


def normalize_all(inks: Sequence[Ink], stroke_width: float = WANTED, upright: bool = False) -> NDArray[np.uint8]:
    """Bring many digits, each of its own size, into MNIST's form: uint8 [N, 28, 28], each as `normalize` says."""
    small = np.zeros((len(inks), BOX, BOX), np.float32)
    sizes = [_fit(ink, stroke_width, upright, place) for ink, place in zip(inks, small, strict=True)]
    peaks = small.max(axis=(1, 2), keepdims=True)
    small *= 255.0 / np.where(peaks > 0, peaks, 1)
    return _placed(small, sizes)


def _fit(ink: Ink, stroke_width: float, upright: bool, small: NDArray[np.float32]) -> tuple[int, int]:
    """Draw a digit with strokes of that width into the upper left corner of float32 [20, 20]: its height and width."""
    values = _sane(ink)
    peak = _peak(values)
    if peak <= 0:
        return 0, 0
    fine = _resize(_crop(values, FAINT * peak), BOX * FINE)
    if upright:
        sheared = deslanted(fine)
        fine = _resize(_crop(sheared, FAINT * _peak(sheared)), BOX * FINE)
    thick = thicken(fine, stroke_width)
    down, across = (_reduction(side, max(thick.shape)) for side in thick.shape)
    np.matmul(down[0] @ thick, across[0].T, out=small)
    return down[1], across[1]


@lru_cache(maxsize=1024)
def _reduction(side: int, longest: int) -> tuple[NDArray[np.float32], int]:
    """What reduces a side of an image whose longest side is `longest` to `BOX` × `FINE` and on to `BOX`.

    Area averaging is linear and goes along each axis by itself. Returns a matrix, float32 [20, side], and how many of
    its rows, from the first, are not 0: the reduced side.
    """
    fine = max(1, round(side * (BOX * FINE / longest)))
    small = max(1, round(fine / FINE))
    weights = _averaging(small, fine) @ _averaging(fine, side)
    matrix = np.zeros((BOX, side), np.float32)
    matrix[:small] = weights
    return matrix, small


def _averaging(to: int, side: int) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(np.eye(side, dtype=np.float32), (side, to), interpolation=cv2.INTER_AREA), np.float32)


def _peak(values: Ink) -> float:
    return float(cv2.norm(values, cv2.NORM_INF)) if values.size else 0.0


def _sane(ink: Ink) -> Ink:
    """Without anything infinite, negative, or so large that sums overflow; uint8 is none of that."""
    if ink.dtype == np.uint8:
        return np.asarray(ink, np.uint8)
    values = np.asarray(ink, dtype=np.float32)
    finite = np.where(np.isfinite(values), np.maximum(values, 0), np.float32(0))
    peak = finite.max(initial=0)
    return finite / peak if peak > 0 else finite


def stroke_width(ink: NDArray[np.float32]) -> float:
    """Mean width of the strokes, in pixels: twice the area by the length of the outline. `ink` is float32 [H, W]."""
    mask = (ink > 0.5 * _peak(ink)).view(np.uint8)
    core = cv2.erode(mask, block(3), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    area = cv2.countNonZero(mask)
    return 2.0 * area / max(1, area - cv2.countNonZero(core))


def deslanted(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """Shear float32 [H, W] so that its ink has no slant: second-order moments, as for LeNet's digits (LeCun 1998)."""
    height, width = ink.shape
    ys, xs = np.nonzero(ink)
    weights = ink[ys, xs]
    spread = np.cov(np.stack([xs, ys]), aweights=weights) if len(ys) > 1 else np.eye(2)
    slant = float(np.clip(spread[0, 1] / max(float(spread[1, 1]), 1e-6), -STEEPEST, STEEPEST))
    reach = int(np.ceil(abs(slant) * height / 2))
    shear = np.array([[1.0, -slant, slant * height / 2 + reach], [0.0, 1.0, 0.0]])
    return np.asarray(cv2.warpAffine(ink, shear, (width + 2 * reach, height)), dtype=np.float32)


def thicken(fine: NDArray[np.float32], wanted: float = WANTED) -> NDArray[np.float32]:
    """Bring the strokes of a digit whose long side is `BOX` × `FINE` to `wanted`, if they are clearly thinner.

    What is thickened is larger by twice the reach of that.
    """
    width = stroke_width(fine) / FINE
    if width >= THIN / WANTED * wanted:
        return fine
    reach = max(1, round((wanted - width) * FINE / 2))
    padded = cv2.copyMakeBorder(fine, reach, reach, reach, reach, cv2.BORDER_CONSTANT, value=0.0)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return np.asarray(cv2.dilate(padded, disc), dtype=np.float32)


def _crop(values: Ink, faintest: float) -> NDArray[np.float32]:
    limit = int(faintest) if values.dtype == np.uint8 else faintest  # numpy compares bytes with bytes in half the time
    x, y, width, height = cv2.boundingRect((values > limit).view(np.uint8))
    return values[y : y + height, x : x + width].astype(np.float32)


def _resize(values: NDArray[np.float32], long_side: int) -> NDArray[np.float32]:
    height, width = values.shape
    share = long_side / max(height, width)
    size = (max(1, round(width * share)), max(1, round(height * share)))
    how = cv2.INTER_AREA if share < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(values, size, interpolation=how), dtype=np.float32)


def _placed(small: NDArray[np.float32], sizes: Sequence[tuple[int, int]]) -> NDArray[np.uint8]:
    """Digits float32 [N, 20, 20] in [0, 255] of those heights and widths, the centre of mass of each in the middle."""
    rows, columns = small.sum(axis=2), small.sum(axis=1)
    total = np.maximum(rows.sum(axis=1), 1)
    digits = np.zeros((len(small), SIDE, SIDE), np.uint8)
    levels = np.rint(small).astype(np.uint8)
    middles = zip((rows @ _RAMP / total).tolist(), (columns @ _RAMP / total).tolist(), strict=True)
    for digit, level, (height, width), (y, x) in zip(digits, levels, sizes, middles, strict=True):
        top = min(max(0, round(SIDE / 2 - y)), SIDE - height)
        left = min(max(0, round(SIDE / 2 - x)), SIDE - width)
        digit[top : top + height, left : left + width] = level[:height, :width]
    return digits

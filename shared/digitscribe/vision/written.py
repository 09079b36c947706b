"""What was read, and how it stands: the shape by which signs are told from digits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digitscribe.contracts import Box

PART = 5
"""A stroke's ends and its middle are each the fifth part of its rows."""

INKED = 128
"""A row of a crop whose pixels come to less, of 255 each, is empty."""


@dataclass(frozen=True, slots=True)
class Written:
    """A digit that was read, and where; `bend`, `lean` and `straightness` are those of its crop.

    Only 1s have a bend, and digits that were read as a pair have neither lean nor straightness: those are 0.
    """

    digit: int
    box: Box
    bend: float = 0.0
    lean: float = 0.0
    straightness: float = 0.0


def bend_of(crop: NDArray[np.uint8]) -> float:
    """How far the middle of a stroke is to the right of its ends, as a share of its height.

    Args:
        crop: uint8 [28, 28], light ink on black.
    """
    weights = crop.sum(axis=1, dtype=np.float64)
    rows = np.flatnonzero(weights > INKED)
    if len(rows) < PART:
        return 0.0
    across = (crop[rows] @ np.arange(crop.shape[1])) / weights[rows]
    end, middle = len(rows) // PART, len(rows) * 2 // PART
    ends = across[:end].mean() + across[-end:].mean()
    return float(across[middle:-middle].mean() - ends / 2) / len(rows)


def slants_of(crops: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far digits lean to the right, as a share of their height, and how straight they do.

    Both are of the ink's second moments: the slope of its columns on its rows, and how well they correlate.

    Args:
        crops: uint8 [N, 28, 28], light ink on black.

    Returns:
        The lean, float64 [N], and the straightness, float64 [N] from -1 to 1: 1 is a line that leans to the right, -1
        one that leans to the left, and near 0 is what stands upright or is no line.
    """
    ink = crops / np.maximum(crops.sum(axis=(1, 2), keepdims=True), 1)
    down, right = np.arange(crops.shape[1]), np.arange(crops.shape[2])
    rows, columns = ink.sum(axis=2), ink.sum(axis=1)
    y, x = rows @ down, columns @ right
    height, width = rows @ down**2 - y**2, columns @ right**2 - x**2
    both = x * y - np.einsum("nyx,y,x->n", ink, down, right)
    return both / np.maximum(height, 1e-6), both / np.sqrt(np.maximum(height * width, 1e-6))

"""Pieces of connected ink, and which of them can be part of a digit."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

MIN_AREA = 6
"""Fewer pixels than this are grain."""

MAX_BLOBS = 2000
"""More pieces than this are texture, not writing: only the largest are looked at."""

FAINT_BESIDE = 0.3
"""Ink with less than this share of the writing's contrast is crease, shadow or show-through."""


@dataclass(frozen=True, eq=False)
class Blob:
    """A piece of ink: its box in working pixels (x, y, width, height) and its ink, float32 [height, width] 0 to 1."""

    x: int
    y: int
    width: int
    height: int
    area: int
    ink: NDArray[np.float32]
    strength: float

    @property
    def right(self) -> int:
        """First column right of the box."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First row below the box."""
        return self.y + self.height

    @property
    def center(self) -> tuple[float, float]:
        """Middle of the box, (x, y)."""
        return self.x + self.width / 2, self.y + self.height / 2


def find(mask: NDArray[np.uint8], contrast: NDArray[np.uint8]) -> list[Blob]:
    """The pieces of connected ink.

    Args:
        mask: uint8 [H, W], 1 where there is ink.
        contrast: uint8 [H, W], 0 is paper, 255 is black.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_32S)
    areas = stats[1:, cv2.CC_STAT_AREA]
    order = np.argsort(-areas, kind="stable")[:MAX_BLOBS]
    return [_blob(labels, contrast, int(i) + 1, stats[i + 1]) for i in order if areas[i] >= MIN_AREA]


def _blob(labels: NDArray[np.int32], contrast: NDArray[np.uint8], label: int, stats: NDArray[np.int32]) -> Blob:
    x, y, width, height, area = (int(value) for value in stats)
    window = (slice(y, y + height), slice(x, x + width))
    inside = labels[window] == label
    values = contrast[window]
    strength = float(np.partition(values[inside], int(0.75 * area))[int(0.75 * area)])
    ink = np.where(inside, np.minimum(values.astype(np.float32) / max(strength, 1.0), 1.0), 0.0).astype(np.float32)
    return Blob(x, y, width, height, area, ink, strength)


def join(blobs: list[Blob]) -> Blob:
    """Several pieces as one."""
    if len(blobs) == 1:
        return blobs[0]
    x, y = min(blob.x for blob in blobs), min(blob.y for blob in blobs)
    right, bottom = max(blob.right for blob in blobs), max(blob.bottom for blob in blobs)
    ink = np.zeros((bottom - y, right - x), np.float32)
    for blob in blobs:
        window = ink[blob.y - y : blob.bottom - y, blob.x - x : blob.right - x]
        np.maximum(window, blob.ink, out=window)
    area = sum(blob.area for blob in blobs)
    strength = sum(blob.strength * blob.area for blob in blobs) / area
    return Blob(x, y, right - x, bottom - y, area, ink, strength)


def writing_height(blobs: list[Blob]) -> float:
    """The height of the writing: half of all ink stands in pieces that are taller."""
    if not blobs:
        return 0.0
    heights = np.array([blob.height for blob in blobs], np.float64)
    areas = np.array([blob.area for blob in blobs], np.float64)
    order = np.argsort(heights)
    return float(heights[order][np.searchsorted(np.cumsum(areas[order]), 0.5 * areas.sum())])


def plausible(blobs: list[Blob], shape: tuple[int, int]) -> list[Blob]:
    """Drop what cannot be a digit or a part of one: page edges, shadows, rules, frames, creases."""
    kept = [blob for blob in blobs if not _is_edge(blob, shape) and not _is_rule(blob)]
    if not kept:
        return []
    weights = np.array([blob.area for blob in kept], np.float64)
    strengths = np.array([blob.strength for blob in kept])
    order = np.argsort(strengths)
    usual = float(strengths[order][np.searchsorted(np.cumsum(weights[order]), 0.5 * weights.sum())])
    return [blob for blob in kept if blob.strength >= FAINT_BESIDE * usual]


def _is_edge(blob: Blob, shape: tuple[int, int]) -> bool:
    """Touches two sides of the image, or runs along one."""
    height, width = shape
    sides = [blob.x <= 0, blob.y <= 0, blob.right >= width, blob.bottom >= height]
    if sum(sides) >= 2:
        return True
    along_x = (sides[1] or sides[3]) and blob.width > max(0.3 * width, 1.5 * blob.height)
    along_y = (sides[0] or sides[2]) and blob.height > 0.5 * height and blob.height > 3 * blob.width
    return along_x or along_y


def _is_rule(blob: Blob) -> bool:
    """Much wider than high, or with hardly any ink in its box."""
    return blob.width > 6 * blob.height or (blob.area < 0.02 * blob.width * blob.height and blob.width > 2 * blob.height)

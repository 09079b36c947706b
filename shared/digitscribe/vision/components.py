"""Pieces of connected ink, and which of them can be part of a digit."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision.arrays import block

MIN_AREA = 6
"""Fewer pixels than this are grain."""

MAX_BLOBS = 2000
"""More pieces than this are texture, not writing: only the largest are looked at."""

FAINT_BESIDE = 0.35
"""Ink with less than this share of the writing's contrast is crease, grain or show-through."""

BLURRED = 0.3
"""A pen's stroke ends within a few pixels. What has more than this share of its contrast left there is a shadow."""

ALONG = 0.45
"""What touches the border of the image with this share of its length is a page's edge or a shadow."""

ENCLOSED = 0.15
"""What has this share of its own ink inside its box is a frame."""

OUTSIDE = 3
"""How many pixels outside of the ink that is looked at."""


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
    _, found, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_32S)
    labels = np.asarray(found, dtype=np.int32)
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


def stroke_length(blob: Blob) -> float:
    """How long the strokes are together, in pixels: half of their outline."""
    ink = cv2.copyMakeBorder((blob.ink > 0.5).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    return (int(ink.sum()) - int(cv2.erode(ink, block(3)).sum())) / 2


def writing_height(blobs: list[Blob]) -> float:
    """The height of the writing, in pixels: half of all ink stands in pieces that are taller."""
    return weighted_quantile([float(blob.height) for blob in blobs], [blob.area * blob.strength for blob in blobs])


def plausible(blobs: list[Blob], contrast: NDArray[np.uint8]) -> list[Blob]:
    """Drop what cannot be a digit or a part of one: page edges, shadows, rules, frames, creases.

    Args:
        blobs: pieces of ink.
        contrast: uint8 [H, W], the image that they were found in.
    """
    kept = [blob for blob in blobs if not _is_edge(blob, contrast.shape) and not _is_rule(blob)]
    left = [blur(blob, contrast) for blob in kept]
    sharpest = weighted_quantile(left, [blob.area * blob.strength for blob in kept], 0.25)
    limit = max(BLURRED, 2 * sharpest)
    kept = [blob for blob, share in zip(kept, left, strict=True) if share <= limit]
    kept = [blob for blob in kept if not _is_frame(blob, kept)]
    usual = weighted_quantile([blob.strength for blob in kept], [blob.area * blob.strength for blob in kept])
    return [blob for blob in kept if blob.strength >= FAINT_BESIDE * usual]


def blur(blob: Blob, contrast: NDArray[np.uint8]) -> float:
    """The share of a piece's contrast that is left `OUTSIDE` pixels outside of it, 0 to 1."""
    reach = OUTSIDE
    y, x = max(0, blob.y - reach), max(0, blob.x - reach)
    around = contrast[y : blob.bottom + reach, x : blob.right + reach]
    ink = np.zeros(around.shape, np.uint8)
    ink[blob.y - y : blob.y - y + blob.height, blob.x - x : blob.x - x + blob.width] = blob.ink > 0
    inner = cv2.dilate(ink, block(2 * reach - 1))
    outer = cv2.dilate(ink, block(2 * reach + 1))
    ring = around[outer > inner]
    return float(np.median(ring)) / max(1.0, blob.strength) if ring.size else 0.0


def weighted_quantile(values: list[float], weights: list[float], share: float = 0.5) -> float:
    """The value below which a share of the weight lies; by default the median, 0 if there is none."""
    if not values:
        return 0.0
    order = np.argsort(values)
    reached = np.cumsum(np.asarray(weights, np.float64)[order])
    return float(np.asarray(values)[order][min(len(values) - 1, int(np.searchsorted(reached, share * reached[-1])))])


def _is_edge(blob: Blob, shape: tuple[int, ...]) -> bool:
    """Lies along the border of the image; a digit only touches it, with the ends of its strokes."""
    ink = blob.ink > 0
    contact = 0
    if blob.x <= 0:
        contact += int(ink[:, 0].sum())
    if blob.right >= shape[1]:
        contact += int(ink[:, -1].sum())
    if blob.y <= 0:
        contact += int(ink[0].sum())
    if blob.bottom >= shape[0]:
        contact += int(ink[-1].sum())
    return contact > ALONG * max(blob.width, blob.height)


def _is_frame(blob: Blob, blobs: list[Blob]) -> bool:
    """Stands around other ink, as a page's outline does, and a digit does not."""
    within = [other for other in blobs if other is not blob and _encloses(blob, other)]
    return sum(other.area for other in within) > ENCLOSED * blob.area


def _encloses(blob: Blob, other: Blob) -> bool:
    inside_x = blob.x < other.x and other.right < blob.right
    return inside_x and blob.y < other.y and other.bottom < blob.bottom


def _is_rule(blob: Blob) -> bool:
    """Much wider than high."""
    return blob.width > 6 * blob.height

"""Pieces of connected ink, and which of them can be part of a digit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision.arrays import block, u8

MIN_AREA = 6
"""Fewer pixels than this are grain."""

BRIDGE = 5
"""Side of the square that bridges skips of a pen."""

HALF_HEIGHT = 0.5
"""Bridged pieces that both have this share of their common height stand side by side: they are not one digit."""

MAX_BLOBS = 2000
"""More pieces than this are texture, not writing: only the largest are looked at."""

FAINT_BESIDE = 0.35
"""Ink with less than this share of the writing's contrast is crease, tear or show-through, unless it is `ALIKE`."""

WASHED_OUT = 0.15
"""A reflection leaves at least this share of the contrast of ink that can still be read."""

ALIKE = 1.6
"""Writing by the same pen differs at most by this factor in height and in the width of its strokes."""

BLURRED = 0.3
"""A pen's stroke ends within `OUTSIDE` pixels. What has more than this share of its contrast left there is a shadow,
unless most of what is there is as blurred."""

SHADOW = 0.5
"""What has more than this share left is a shadow in any case."""

ALONG = 0.45
"""What touches the border of the image with this share of its length is a page's edge or a shadow."""

INSIDE = 0.05
"""Ink clear of the border tells what writing looks like here if it is this share of all ink at least."""

REACHING_IN = 2.0
"""What comes in from the border and is so many times as large as the writing is a table, a hand or a pen."""

ENCLOSED = 0.15
"""What has this share of its own ink inside its box is a frame."""

HALF = 127
"""Ink above this is inside a stroke."""

OUTSIDE = 2
"""How many pixels outside of the ink that is looked at."""


@dataclass(frozen=True, eq=False)
class Blob:
    """A piece of ink: its box in working pixels and its ink, uint8 [height, width], 255 where it is strongest."""

    x: int
    y: int
    width: int
    height: int
    area: int
    ink: NDArray[np.uint8]
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
    """The pieces of connected ink; where a pen skips for less than `BRIDGE` pixels, ink still counts as connected.

    Args:
        mask: uint8 [H, W], 1 where there is ink.
        contrast: uint8 [H, W], 0 is paper, 255 is black.
    """
    bridged = u8(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, block(BRIDGE)))
    # of OpenCV's algorithms the block-based one (Grana 2010) is three times as fast here as its default
    _, found, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(bridged, 8, cv2.CV_32S, cv2.CCL_GRANA)
    labels = np.asarray(found, dtype=np.int32)
    areas = stats[1:, cv2.CC_STAT_AREA]
    order = np.argsort(-areas, kind="stable")[:MAX_BLOBS]
    blobs: list[Blob] = []
    for i in order[areas[order] >= MIN_AREA].tolist():
        x, y, width, height = stats[i + 1][:4].tolist()
        window = (slice(y, y + height), slice(x, x + width))
        inside = (labels[window] == i + 1).view(np.uint8) & mask[window]
        blobs += [_blob(each, contrast, x, y) for each in _large_parts(inside)]
    return blobs


def _large_parts(ink: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Bridged ink (uint8 [h, w], 1 is ink) as it is if that is a broken digit, apart if it is digits side by side."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8, ltype=cv2.CV_32S)
    large = np.flatnonzero(stats[1:, cv2.CC_STAT_HEIGHT] >= HALF_HEIGHT * ink.shape[0]) + 1
    if count <= 2 or len(large) < 2:
        return [ink]
    return [(labels == i).view(np.uint8) for i in range(1, count) if stats[i, cv2.CC_STAT_AREA] >= MIN_AREA]


def _blob(ink: NDArray[np.uint8], contrast: NDArray[np.uint8], left: int, top: int) -> Blob:
    """The piece that ink (uint8 [h, w], 1 is ink) at (left, top) is; its box is made tight."""
    x, y, width, height = cv2.boundingRect(ink)
    inside = ink[y : y + height, x : x + width]
    values = contrast[top + y : top + y + height, left + x : left + x + width]
    area = cv2.countNonZero(inside)
    strength = max(1.0, float(np.partition(values[inside > 0], int(0.75 * area))[int(0.75 * area)]))
    shades = u8(cv2.convertScaleAbs(values, alpha=255.0 / strength)) * inside
    return Blob(left + x, top + y, width, height, area, shades, strength)


def join(blobs: list[Blob]) -> Blob:
    """Several pieces as one."""
    if len(blobs) == 1:
        return blobs[0]
    x, y = min(blob.x for blob in blobs), min(blob.y for blob in blobs)
    right, bottom = max(blob.right for blob in blobs), max(blob.bottom for blob in blobs)
    ink = np.zeros((bottom - y, right - x), np.uint8)
    for blob in blobs:
        window = ink[blob.y - y : blob.bottom - y, blob.x - x : blob.right - x]
        np.maximum(window, blob.ink, out=window)
    area = sum(blob.area for blob in blobs)
    strength = sum(blob.strength * blob.area for blob in blobs) / area
    return Blob(x, y, right - x, bottom - y, area, ink, strength)


def boxes_of(blobs: Sequence[Blob]) -> NDArray[np.int64]:
    """Left, top, right and bottom of each, int64 [N, 4]."""
    return np.array([(blob.x, blob.y, blob.x + blob.width, blob.y + blob.height) for blob in blobs]).reshape(-1, 4)


def stroke_length(blob: Blob) -> float:
    """How long the strokes are together, in pixels: half of their outline."""
    ink = (blob.ink > HALF).view(np.uint8)
    core = cv2.erode(ink, block(3), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return (cv2.countNonZero(ink) - cv2.countNonZero(core)) / 2


def stroke_width(blob: Blob) -> float:
    """How wide the strokes are, in pixels."""
    return blob.area / max(1.0, stroke_length(blob))


def writing_height(blobs: list[Blob]) -> float:
    """The height of the writing, in pixels: half of all ink stands in pieces that are taller."""
    return weighted_quantile([float(blob.height) for blob in blobs], [blob.area * blob.strength for blob in blobs])


def plausible(blobs: list[Blob], contrast: NDArray[np.uint8]) -> list[Blob]:
    """Drop what cannot be a digit or a part of one: page edges, tables, shadows, rules, frames, creases.

    Args:
        blobs: pieces of ink.
        contrast: uint8 [H, W], the image that they were found in.
    """
    kept = [blob for blob in blobs if not _is_rule(blob) and not _is_edge(blob, contrast.shape)]
    kept = _without_surroundings(kept, contrast.shape)
    left = [blur(blob, contrast) for blob in kept]
    sharpest = weighted_quantile(left, [blob.area * blob.strength for blob in kept], 0.25)
    limit = min(max(BLURRED, 2 * sharpest), SHADOW)
    kept = [blob for blob, share in zip(kept, left, strict=True) if share <= limit]
    kept = _without_frames(kept)
    return _without_faint(kept, contrast.shape)


def _without_faint(blobs: list[Blob], shape: tuple[int, ...]) -> list[Blob]:
    """Drop what is much fainter than the writing, unless the same pen may have written it, under a reflection say."""
    weights = [blob.area * blob.strength for blob in blobs]
    usual = weighted_quantile([blob.strength for blob in blobs], weights)
    faint = [blob.strength < FAINT_BESIDE * usual for blob in blobs]
    if not any(faint):
        return blobs
    height, stroke = writing_height(blobs), weighted_quantile([stroke_width(blob) for blob in blobs], weights)

    def is_alike(blob: Blob) -> bool:
        differs = max(height / blob.height, blob.height / height, stroke / stroke_width(blob), stroke_width(blob) / stroke)
        return differs <= ALIKE and blob.strength >= WASHED_OUT * usual and _is_inside(blob, shape)

    return [blob for blob, is_faint in zip(blobs, faint, strict=True) if not is_faint or is_alike(blob)]


def blur(blob: Blob, contrast: NDArray[np.uint8]) -> float:
    """The share of a piece's contrast that is left `OUTSIDE` pixels outside of it, 0 to 1."""
    y, x = max(0, blob.y - OUTSIDE), max(0, blob.x - OUTSIDE)
    around = contrast[y : blob.bottom + OUTSIDE, x : blob.right + OUTSIDE]
    ink = np.zeros(around.shape, np.uint8)
    ink[blob.y - y : blob.y - y + blob.height, blob.x - x : blob.x - x + blob.width] = blob.ink
    inner = cv2.dilate(ink, block(2 * OUTSIDE - 1))
    ring = around[(cv2.dilate(inner, block(3)) > 0) & (inner == 0)]
    return float(np.partition(ring, ring.size // 2)[ring.size // 2]) / blob.strength if ring.size else 0.0


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


def _without_surroundings(blobs: list[Blob], shape: tuple[int, ...]) -> list[Blob]:
    """Drop what reaches into the image from its border and is too large for writing beside what does not."""
    inside = [blob for blob in blobs if _is_inside(blob, shape)]
    if _weight(inside) < INSIDE * _weight(blobs):
        return blobs
    largest = REACHING_IN * writing_height(inside)
    return [blob for blob in blobs if max(blob.width, blob.height) <= largest or _is_inside(blob, shape)]


def _is_inside(blob: Blob, shape: tuple[int, ...]) -> bool:
    """Touches no border of the image."""
    return blob.x > 0 and blob.y > 0 and blob.right < shape[1] and blob.bottom < shape[0]


def _weight(blobs: list[Blob]) -> float:
    """How much ink there is, the faint counted less."""
    return sum(blob.area * blob.strength for blob in blobs)


def _without_frames(blobs: list[Blob]) -> list[Blob]:
    """Drop what stands around other ink, as a page's outline does and a digit does not."""
    left, top, right, bottom = boxes_of(blobs).T[:, :, np.newaxis]
    within = (left < left.T) & (right > right.T) & (top < top.T) & (bottom > bottom.T)
    areas = np.array([blob.area for blob in blobs])
    return [blob for blob, inside in zip(blobs, within @ areas, strict=True) if inside <= ENCLOSED * blob.area]


def _is_rule(blob: Blob) -> bool:
    """Much wider than high."""
    return blob.width > 6 * blob.height

"""Pieces of connected ink."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision.arrays import block, u8

MIN_AREA = 3
"""Fewer pixels than this are grain; a skipping pen leaves dots of a few."""

BRIDGE = 5
"""Side of the square that bridges skips of a pen."""

HALF_HEIGHT = 0.5
"""Bridged pieces that both have this share of their common height stand side by side: they are not one digit."""

MAX_BLOBS = 2000
"""More pieces than this are texture, not writing: only the largest are looked at."""

HALF = 127
"""Ink above this is inside a stroke."""


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
    def weight(self) -> float:
        """How much ink it is; faint ink counts less."""
        return self.area * self.strength

    @property
    def center(self) -> tuple[float, float]:
        """Middle of the box, (x, y)."""
        return self.x + self.width / 2, self.y + self.height / 2

    @cached_property
    def stroke_length(self) -> float:
        """How long the strokes are together, in pixels: half of their outline."""
        ink = (self.ink > HALF).view(np.uint8)
        core = cv2.erode(ink, block(3), borderType=cv2.BORDER_CONSTANT, borderValue=0)
        return (cv2.countNonZero(ink) - cv2.countNonZero(core)) / 2


def find(mask: NDArray[np.uint8], contrast: NDArray[np.uint8]) -> list[Blob]:
    """The pieces of connected ink; where a pen skips for less than `BRIDGE` pixels, ink still counts as connected.

    Args:
        mask: uint8 [H, W], 1 where there is ink.
        contrast: uint8 [H, W], 0 is paper, 255 is black.
    """
    bridged = u8(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, block(BRIDGE)))
    left, top, width, height = cv2.boundingRect(bridged)
    if not width:
        return []
    labels, stats = _labelled(bridged[top : top + height, left : left + width])
    areas = stats[1:, cv2.CC_STAT_AREA]
    order = np.argsort(-areas, kind="stable")[:MAX_BLOBS]
    blobs: list[Blob] = []
    for i in order[areas[order] >= MIN_AREA].tolist():
        bridge = _labelled_part(labels, stats, i + 1)
        x, y = left + int(stats[i + 1][0]), top + int(stats[i + 1][1])
        inside = bridge & mask[y : y + bridge.shape[0], x : x + bridge.shape[1]]
        blobs += [_blob(part, contrast, x + px, y + py) for px, py, part in _large_parts(inside)]
    return blobs


def _large_parts(ink: NDArray[np.uint8]) -> list[tuple[int, int, NDArray[np.uint8]]]:
    """Bridged ink (uint8 [h, w], 1 is ink) as it is if that is a broken digit, apart if it is digits side by side.

    Each part comes with its place in `ink`, x and y.
    """
    count, _ = cv2.connectedComponentsWithAlgorithm(ink, 8, cv2.CV_32S, cv2.CCL_GRANA)
    if count <= 2:
        return [(0, 0, ink)]  # nearly always; stats take three times as long as labels alone
    labels, stats = _labelled(ink)
    large = stats[1:, cv2.CC_STAT_HEIGHT] >= HALF_HEIGHT * ink.shape[0]
    if np.count_nonzero(large) < 2:
        return [(0, 0, ink)]
    kept = [i for i in range(1, count) if stats[i, cv2.CC_STAT_AREA] >= MIN_AREA]
    return [(int(stats[i][0]), int(stats[i][1]), _labelled_part(labels, stats, i)) for i in kept]


def _labelled(ink: NDArray[np.uint8]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Labels of connected ink, [h, w], and their OpenCV stats, [labels, 5].

    Of OpenCV's algorithms the block-based one (Grana 2010) is three times as fast here as its default, and twice as
    fast where width and height are even.
    """
    even = cv2.copyMakeBorder(ink, 0, ink.shape[0] % 2, 0, ink.shape[1] % 2, cv2.BORDER_CONSTANT, value=0.0)
    _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(even, 8, cv2.CV_32S, cv2.CCL_GRANA)
    return np.asarray(labels, np.int32), np.asarray(stats, np.int32)


def _labelled_part(labels: NDArray[np.int32], stats: NDArray[np.int32], label: int) -> NDArray[np.uint8]:
    """What has a label, uint8 [h, w] of its box: 1 inside."""
    x, y, width, height = stats[label][:4].tolist()
    return u8((labels[y : y + height, x : x + width] == label).view(np.uint8))


def _blob(ink: NDArray[np.uint8], contrast: NDArray[np.uint8], left: int, top: int) -> Blob:
    """The piece that ink (uint8 [h, w], 1 is ink) at (left, top) is; its box is made tight."""
    x, y, width, height = cv2.boundingRect(ink)
    inside = ink[y : y + height, x : x + width]
    values = contrast[top + y : top + y + height, left + x : left + x + width]
    area = cv2.countNonZero(inside)
    inked, third_quarter = values[inside.view(np.bool_)], int(0.75 * area)
    inked.partition(third_quarter)
    strength = max(1.0, float(inked[third_quarter]))
    shades = u8(cv2.convertScaleAbs(values, alpha=255.0 / strength)) * inside
    return Blob(left + x, top + y, width, height, area, shades, strength)


def join(blobs: list[Blob]) -> Blob:
    """Several pieces as one."""
    if len(blobs) == 1:
        return blobs[0]
    x, y = min([blob.x for blob in blobs]), min([blob.y for blob in blobs])
    right, bottom = max([blob.right for blob in blobs]), max([blob.bottom for blob in blobs])
    ink = np.zeros((bottom - y, right - x), np.uint8)
    for blob in blobs:
        top, left = blob.y - y, blob.x - x
        window = ink[top : top + blob.height, left : left + blob.width]
        np.maximum(window, blob.ink, out=window)
    area = sum([blob.area for blob in blobs])
    strength = sum([blob.area * blob.strength for blob in blobs]) / area
    return Blob(x, y, right - x, bottom - y, area, ink, strength)


def boxes_of(blobs: Sequence[Blob]) -> NDArray[np.int64]:
    """Left, top, right and bottom of each, int64 [N, 4]."""
    return np.array([(blob.x, blob.y, blob.x + blob.width, blob.y + blob.height) for blob in blobs]).reshape(-1, 4)


def stroke_width(blob: Blob) -> float:
    """How wide the strokes are, in pixels."""
    return blob.area / max(1.0, blob.stroke_length)


def writing_height(blobs: list[Blob]) -> float:
    """The height of the writing, in pixels: half of all ink stands in pieces that are taller."""
    return weighted_quantile([float(blob.height) for blob in blobs], [blob.weight for blob in blobs])


def usual_stroke(blobs: list[Blob]) -> float:
    """The width of the writing's strokes, in pixels: half of all ink stands in pieces with thicker ones."""
    return weighted_quantile([stroke_width(blob) for blob in blobs], [blob.weight for blob in blobs])


def weighted_quantile(values: list[float], weights: list[float], share: float = 0.5) -> float:
    """The value below which a share of the weight lies; by default the median, 0 if there is none."""
    if not values:
        return 0.0
    order = np.argsort(values)
    reached = np.cumsum(np.asarray(weights, np.float64)[order])
    return float(np.asarray(values)[order][min(len(values) - 1, int(np.searchsorted(reached, share * reached[-1])))])

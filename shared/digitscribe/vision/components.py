"""Pieces of connected ink."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision.arrays import block, closed, u8, window_of

MIN_AREA = 3
"""Fewer pixels than this are grain; a skipping pen leaves dots of a few."""

SPECK = 8
"""What is lower than this, in pixels, is a speck."""

BRIDGE = 5
"""Side of the square that bridges skips of a pen."""

HALF_HEIGHT = 0.5
"""Bridged pieces that both have this share of their common height stand side by side: they are not one digit."""

MAX_BLOBS = 2000
"""More pieces than this are texture, not writing: only the largest are looked at.

What compares all with all counts on it.
"""

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
    # one more than half a bridge: right at its border closing takes for ink what it does not see
    rows, columns = window_of(mask, BRIDGE // 2 + 1)
    bridged = closed(mask[rows, columns], BRIDGE)
    blobs: list[Blob] = []
    for (x, y, width, height), outlines in _outlined(bridged, (columns.start, rows.start)):
        bridge = np.zeros((height, width), np.uint8)
        cv2.drawContours(bridge, outlines, -1, 1, cv2.FILLED, offset=(-x, -y))
        if cv2.countNonZero(bridge) >= MIN_AREA:
            inside = bridge & mask[y : y + height, x : x + width]
            blobs += [_blob(part, contrast, x + px, y + py) for px, py, part in _large_parts(inside)]
    return blobs


def largest(blobs: list[Blob]) -> list[Blob]:
    """The `MAX_BLOBS` largest: of a piece of ink that is taken apart there may be many more."""
    return blobs if len(blobs) <= MAX_BLOBS else sorted(blobs, key=lambda blob: -blob.width * blob.height)[:MAX_BLOBS]


def _outlined(ink: NDArray[np.uint8], corner: tuple[int, int]) -> list[tuple[Sequence[int], list[Any]]]:
    """Connected ink, the `MAX_BLOBS` largest first: the box (x, y, width, height), the outline and those of its holes.

    All are as seen from where `ink` is a window with that upper left corner, x and y.
    Outlines cost no more than there is ink, and a quarter of labels.
    """
    outlines, nesting = cv2.findContours(ink, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE, offset=corner)
    groups = {i: [outline] for i, outline in enumerate(outlines) if nesting[0, i, 3] < 0}
    for i, parent in enumerate(nesting[0, :, 3].tolist() if outlines else ()):
        if parent >= 0:
            groups[parent].append(outlines[i])
    boxed = [(cv2.boundingRect(group[0]), group) for group in groups.values()]
    boxed.sort(key=lambda each: -each[0][2] * each[0][3])
    return boxed[:MAX_BLOBS]


def _large_parts(ink: NDArray[np.uint8]) -> list[tuple[int, int, NDArray[np.uint8]]]:
    """Bridged ink (uint8 [h, w], 1 is ink) as it is if that is a broken digit, apart if it is digits side by side.

    Each part comes with its place in `ink`, x and y.
    """
    count, _ = cv2.connectedComponentsWithAlgorithm(ink, 8, cv2.CV_32S, cv2.CCL_GRANA)
    if count <= 2:
        return [(0, 0, ink)]  # nearly always; stats take three times as long as labels alone
    _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(ink, 8, cv2.CV_32S, cv2.CCL_GRANA)
    large = stats[1:, cv2.CC_STAT_HEIGHT] >= HALF_HEIGHT * ink.shape[0]
    if np.count_nonzero(large) < 2:
        return [(0, 0, ink)]
    parts = []
    for label, (x, y, width, height, area) in enumerate(stats[1:].tolist(), start=1):
        if area >= MIN_AREA:
            part = labels[y : y + height, x : x + width] == label
            parts.append((x, y, u8(part.view(np.uint8))))
    return parts


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


def parts_in(blob: Blob, ink: NDArray[np.uint8], contrast: NDArray[np.uint8]) -> list[Blob]:
    """What some of a piece's ink, uint8 of its size, 1 is ink, falls into; `contrast` is that of the image."""
    found = find(ink, contrast[blob.y : blob.bottom, blob.x : blob.right])
    return [replace(part, x=part.x + blob.x, y=part.y + blob.y) for part in found]


def part_of(blob: Blob, ink: NDArray[np.uint8]) -> Blob | None:
    """The piece that some of a piece's ink, uint8 of its size, is; nothing if that is none. Its box is made tight."""
    x, y, width, height = cv2.boundingRect(ink)
    if not width:
        return None
    inside = ink[y : y + height, x : x + width]
    return Blob(blob.x + x, blob.y + y, width, height, cv2.countNonZero(inside), inside, blob.strength)


def ink_on(mask: NDArray[np.uint8], blob: Blob) -> int:
    """How many pixels of a piece's ink lie where a mask (uint8 [H, W]) is 1."""
    here = mask[blob.y : blob.bottom, blob.x : blob.right]
    return int(cv2.countNonZero(here * (blob.ink > 0)))


def join(blobs: list[Blob]) -> Blob:
    """Several pieces as one."""
    if len(blobs) == 1:
        return blobs[0]
    x, y = min([blob.x for blob in blobs]), min([blob.y for blob in blobs])
    width = max([blob.x + blob.width for blob in blobs]) - x
    height = max([blob.y + blob.height for blob in blobs]) - y
    ink = np.zeros((height, width), np.uint8)
    for blob in blobs:
        top, left = blob.y - y, blob.x - x
        window = ink[top : top + blob.height, left : left + blob.width]
        np.maximum(window, blob.ink, out=window)
    area = sum([blob.area for blob in blobs])
    strength = sum([blob.area * blob.strength for blob in blobs]) / area
    return Blob(x, y, width, height, area, ink, strength)


def boxes_of(blobs: Sequence[Blob]) -> NDArray[np.int64]:
    """Left, top, right and bottom of each, int64 [N, 4]."""
    return np.array([(blob.x, blob.y, blob.x + blob.width, blob.y + blob.height) for blob in blobs]).reshape(-1, 4)


def enclosed_shares(blobs: Sequence[Blob]) -> NDArray[np.float64]:
    """The ink that stands inside each one's box, touching no side of it, as a share of its own: float64 [N]."""
    left, top, right, bottom = boxes_of(blobs).T
    by_left = np.argsort(left)
    begin = np.searchsorted(left, left, "right", sorter=by_left)
    count = np.maximum(np.searchsorted(left, right, "left", sorter=by_left) - begin, 0)  # only these begin in its box
    around = np.repeat(np.arange(len(blobs)), count)
    inside = by_left[np.arange(len(around)) + np.repeat(begin - np.cumsum(count) + count, count)]
    is_in = (right[around] > right[inside]) & (top[around] < top[inside]) & (bottom[around] > bottom[inside])
    areas = np.array([blob.area for blob in blobs], np.float64)
    return np.asarray(np.bincount(around[is_in], areas[inside[is_in]], len(blobs)) / areas)


def stroke_width(blob: Blob) -> float:
    """How wide the strokes are, in pixels."""
    return blob.area / max(1.0, blob.stroke_length)


def writing_height(blobs: list[Blob]) -> float:
    """The height of the writing, in pixels: half of all ink stands in pieces that are taller."""
    return weighted_quantile([float(blob.height) for blob in blobs], [blob.weight for blob in blobs])


def usual_stroke(blobs: list[Blob]) -> float:
    """The width of the writing's strokes, in pixels: half of all ink stands in pieces with thicker ones."""
    return weighted_quantile([stroke_width(blob) for blob in blobs], [blob.weight for blob in blobs])


def usual_strength(blobs: list[Blob]) -> float:
    """How dark the writing is: half of all ink stands in pieces that are darker."""
    return weighted_quantile([blob.strength for blob in blobs], [blob.weight for blob in blobs])


def weighted_quantile(values: list[float], weights: list[float], share: float = 0.5) -> float:
    """The value below which a share of the weight lies; by default the median, 0 if there is none."""
    if not values:
        return 0.0
    ordered = sorted(zip(values, weights, strict=True))
    reached = list(accumulate([weight for _, weight in ordered]))
    place = bisect_left(reached, share * reached[-1])  # few numbers: an array would take longer to make
    return ordered[min(place, len(ordered) - 1)][0]

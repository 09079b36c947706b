"""The binding of a notebook: holes and wire along one side, alike and as evenly apart as only a machine puts them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision.arrays import median
from digitscribe.vision.components import Blob, boxes_of

BOUND = 6
"""So many pieces in a series are a binding."""

WRITTEN = 2
"""So many other pieces are on a page that is bound: a row of 1s by itself is none."""

EVEN = 0.15
"""Of what reaches in from a side of the image most distances differ from the usual one by less than this share."""

MOST = 500
"""More pieces than this are no page of a notebook, but texture."""

ALIKE = 1.35
"""Pieces of a series are as wide and as high as one another, but for this factor."""

STEEPEST = 0.35
"""A series runs along a side of the image, and leaves its direction by no more than this."""

STRAIGHT = 0.16
"""Each piece is off the place that the two before it point to by at most this share of their distance: people write
less evenly."""

SAME = 0.8
"""Pieces of a series correlate with their mean at least so well, most of them."""

CLOSE = 1.05
"""Pieces of a series are so many times their own length apart at least: none overlap."""

_SEEN = 12
"""Pieces are compared in squares of that side, in pixels."""


def without_binding(blobs: list[Blob], shape: tuple[int, ...]) -> list[Blob]:
    """Drop the pieces that are a notebook's binding; `shape` is that of the image."""
    kept = _without_bound(blobs, shape)
    for side in range(4):
        for _ in range(2):  # the page's edge between the wires, and the holes beside it
            series = _series_at(kept, side)
            kept = [blob for number, blob in enumerate(kept) if number not in series]
    return kept


def _without_bound(blobs: list[Blob], shape: tuple[int, ...]) -> list[Blob]:
    """Drop what reaches in from a side of the image again and again at the same distance."""
    boxes, (height, width) = boxes_of(blobs), shape[:2]
    touches = np.concatenate([boxes[:, :2] <= 0, boxes[:, 2:] >= (width, height)], axis=1)
    bound = np.zeros(len(blobs), np.bool_)
    for side in np.flatnonzero(touches.sum(axis=0) >= BOUND):
        if _is_even(boxes[touches[:, side], 1 - side % 2]):
            bound |= touches[:, side]
    return [blob for blob, is_bound in zip(blobs, bound, strict=True) if not is_bound]


def _is_even(places: NDArray[np.int64]) -> bool:
    gaps = np.diff(np.sort(places))
    usual = float(np.median(gaps))
    return usual > 0 and float(np.median(np.abs(gaps.astype(np.float64) - usual))) <= EVEN * usual


def _series_at(blobs: list[Blob], side: int) -> set[int]:
    """Which pieces are a series along a side: 0 is the left one, 1 the top, 2 the right one, 3 the bottom."""
    if not BOUND <= len(blobs) <= MOST:
        return set()
    boxes = boxes_of(blobs).astype(np.float64)
    outer = _outermost(boxes, side)
    longest = _longest(boxes[outer], 1 - side % 2)
    if len(longest) < BOUND or len(blobs) - len(longest) < WRITTEN:
        return set()
    return set(outer[longest].tolist()) if _are_same([blobs[number] for number in outer[longest]]) else set()


def _outermost(boxes: NDArray[np.float64], side: int) -> NDArray[np.intp]:
    """The pieces between which and that side there is no other."""
    starts, ends = boxes[:, 1 - side % 2], boxes[:, 3 - side % 2]
    are_level = np.minimum.outer(ends, ends) > np.maximum.outer(starts, starts)
    places = boxes[:, side] if side < 2 else -boxes[:, side]
    return np.flatnonzero(~(are_level & np.less.outer(places, places)).any(axis=0))


def _longest(boxes: NDArray[np.float64], axis: int) -> list[int]:
    """The longest series of alike pieces among some with these boxes, [N, 4], that runs across (0) or down (1)."""
    sizes = boxes[:, 2:] - boxes[:, :2]
    along, across = (boxes[:, [axis, 1 - axis]] + sizes[:, [axis, 1 - axis]] / 2).T
    longest: list[int] = []
    for one in range(len(boxes)):
        ahead = along - along[one]
        is_alike = np.abs(np.log(sizes / sizes[one])).max(axis=1) <= np.log(ALIKE)
        is_next = (ahead > 0) & (np.abs(across - across[one]) <= STEEPEST * ahead)
        later = np.flatnonzero(is_alike & is_next)
        later = later[np.argsort(along[later])]
        for second in later[ahead[later] >= CLOSE * sizes[one, axis]][:BOUND].tolist():
            longest = max(longest, _continued([one, second], later, along, across), key=len)
    return longest


def _continued(
    series: list[int], later: NDArray[np.intp], along: NDArray[np.float64], across: NDArray[np.float64]
) -> list[int]:
    """A series of two, and what goes on where each two of it point to, among `later` pieces in their order."""
    for other in later[along[later] > along[series[-1]]].tolist():
        last, before = series[-1], series[-2]
        pitch = along[last] - along[before]
        off = abs(along[other] - along[last] - pitch) + abs(across[other] - 2 * across[last] + across[before])
        if off <= STRAIGHT * pitch:
            series.append(other)
    return series


def _are_same(blobs: list[Blob]) -> bool:
    """Whether pieces look alike, but for their size."""
    seen = np.stack([cv2.resize(blob.ink, (_SEEN, _SEEN), interpolation=cv2.INTER_AREA).ravel() for blob in blobs])
    off = seen - seen.mean(axis=1, keepdims=True)
    mean = off.mean(axis=0)
    lengths = np.linalg.norm(off, axis=1) * np.linalg.norm(mean)
    return bool(median(off @ mean / np.maximum(lengths, 1e-6)) >= SAME)

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
"""So many other pieces are on a page that is bound."""

EVEN = 0.15
"""Of what reaches in from a side of the image most distances differ from the usual one by less than this share."""

MOST = 200
"""More pieces than this are no page of a notebook, but texture."""

OUTER = 80
"""Nor has a page more pieces than this along one side."""

ALIKE = 1.35
"""Pieces of a series are as wide and as high as one another, but for this factor."""

STEEPEST = 0.35
"""A series runs along a side of the image, and leaves its direction by no more than this."""

NEAR = 0.2
"""A binding is so near to its side, as a share of the image's width or height,"""

SPAN = 0.6
"""and so long at least, as a share of that side."""

STRAIGHT = 0.08
"""Each piece is off the place that the two before it point to by at most this share of their distance: people write
less evenly."""

SAME = 0.9
"""Pieces of a series correlate with their mean at least so well, most of them."""

NEAREST = 3
"""From each piece a series begins with one of so many next ones: there may be another between two of it."""

CLOSE = 1.05
"""Pieces of a series are so many times their own length apart at least: none overlap."""

_SEEN = 12
"""Pieces are compared in squares of that side, in pixels."""


def without_binding(blobs: list[Blob], shape: tuple[int, ...]) -> list[Blob]:
    """Drop the pieces that are a notebook's binding; `shape` is that of the image."""
    kept = _without_bound(blobs, shape)
    for side in range(4):
        left = _without_series(kept, side, shape)
        # the page's edge between the wires went, now the holes beside it may
        kept = _without_series(left, side, shape) if len(left) < len(kept) else kept
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


def _without_series(blobs: list[Blob], side: int, shape: tuple[int, ...]) -> list[Blob]:
    """The pieces but for a series along a side: 0 is the left one, 1 the top, 2 the right one, 3 the bottom."""
    if not BOUND + WRITTEN <= len(blobs) <= MOST:
        return blobs
    boxes = boxes_of(blobs).astype(np.float64)
    outer = _outermost(boxes, side, shape)
    longest = _longest(boxes[outer], 1 - side % 2) if BOUND <= len(outer) <= OUTER else []
    series = set(outer[longest].tolist())
    if len(series) < BOUND or len(blobs) - len(series) < WRITTEN:
        return blobs
    is_long = float(np.ptp(boxes[list(series), 1 - side % 2])) >= SPAN * shape[side % 2]
    is_binding = is_long and _are_same([blobs[number] for number in series])
    return [blob for number, blob in enumerate(blobs) if number not in series] if is_binding else blobs


def _outermost(boxes: NDArray[np.float64], side: int, shape: tuple[int, ...]) -> NDArray[np.intp]:
    """The pieces near a side between which and that side there is no other."""
    starts, ends = boxes[:, 1 - side % 2], boxes[:, 3 - side % 2]
    are_level = np.minimum.outer(ends, ends) > np.maximum.outer(starts, starts)
    places = boxes[:, side] if side < 2 else -boxes[:, side]
    is_hidden = (are_level & np.less.outer(places, places)).any(axis=0)
    width = shape[1 - side % 2]
    is_near = places <= NEAR * width - (0 if side < 2 else width)
    return np.flatnonzero(is_near & ~is_hidden)


def _longest(boxes: NDArray[np.float64], axis: int) -> list[int]:
    """The longest series of alike pieces among some with these boxes, [N, 4], that runs across (0) or down (1)."""
    sizes = boxes[:, 2:] - boxes[:, :2]
    places = boxes[:, [axis, 1 - axis]] + sizes[:, [axis, 1 - axis]] / 2
    ahead, aside = (places[:, np.newaxis] - places).transpose(2, 1, 0)
    unlike = np.abs(np.log(sizes[:, np.newaxis] / sizes)).max(axis=2)
    may_follow = (unlike <= np.log(ALIKE)) & (np.abs(aside) <= STEEPEST * ahead)
    starts = may_follow & (ahead >= CLOSE * sizes[:, axis, np.newaxis])
    starts[may_follow.sum(axis=1) < BOUND - 1] = False
    nearest = np.where(starts, ahead, np.inf).argsort(axis=1)[:, :NEAREST].tolist()
    pairs = [(one, other) for one, others in enumerate(nearest) for other in others if starts[one, other]]
    series = [_continued(pair, may_follow, places) for pair in _with_third(pairs, places)]
    return max(series, key=len, default=[])


def _with_third(pairs: list[tuple[int, int]], places: NDArray[np.float64]) -> list[list[int]]:
    """Those of some pairs of pieces beyond which there is a third where they point to."""
    ends = np.array(pairs, np.intp).reshape(-1, 2)
    one, other = places[ends[:, 0]], places[ends[:, 1]]
    off = np.abs((2 * other - one)[:, np.newaxis] - places).sum(axis=2).min(axis=1)
    found: list[list[int]] = ends[off <= STRAIGHT * (other - one)[:, 0]].tolist()
    return found


def _continued(pair: list[int], may_follow: NDArray[np.bool_], places: NDArray[np.float64]) -> list[int]:
    """Two pieces, and those that go on where each two of them point to."""
    later = np.flatnonzero(may_follow[pair[0]])
    series, (before, last) = list(pair), places[pair]
    for other in later[places[later, 0].argsort()].tolist():
        off = np.abs(places[other] - 2 * last + before).sum()
        if off <= STRAIGHT * (last - before)[0]:
            series.append(other)
            before, last = last, places[other]
    return series


def _are_same(blobs: list[Blob]) -> bool:
    """Whether pieces look alike, but for their size."""
    seen = np.stack([cv2.resize(blob.ink, (_SEEN, _SEEN), interpolation=cv2.INTER_AREA).ravel() for blob in blobs])
    off = seen - seen.mean(axis=1, keepdims=True)
    mean = off.mean(axis=0)
    lengths = np.linalg.norm(off, axis=1) * np.linalg.norm(mean)
    return bool(median(off @ mean / np.maximum(lengths, 1e-6)) >= SAME)

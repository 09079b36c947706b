"""One digit as a pen would write it: MNIST's strokes, thinned to their middle and drawn again with any pen."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from trainer.negatives import tight

from tools.evaluate.pages.style import Style

FINE = 4
"""Digits are thinned at this many times their size."""

LOOPS = {0: 1, 6: 1, 8: 2, 9: 1}
"""Loops without which a digit cannot be told."""

_INK = 60
"""What is darker is the digit's box."""

OVERSAMPLED = 3
"""Strokes are drawn this many times as large and then reduced: pens have soft edges."""

Stroke = NDArray[np.float32]
"""Short straight lines, float32 [N, 2 ends, (x, y)], in units of the digit's height; its box begins at (0, 0)."""


def stamp(digit: NDArray[np.uint8], style: Style, rng: np.random.Generator) -> NDArray[np.float32]:
    """A digit (uint8 [28, 28], white on black) as ink, float32 [height, width] from 0 to 1."""
    height = style.height * (1 + style.size_spread * float(rng.uniform(-1, 1)))
    if style.pen is None:
        return _enlarged(digit, round(height))
    lines = strokes(digit.tobytes())
    slant = style.slant * float(rng.uniform(0.7, 1.3))
    lines = np.stack([lines[..., 0] + slant * (0.5 - lines[..., 1]), lines[..., 1]], axis=-1)
    for _ in range(style.skip):
        gap = lines[rng.integers(len(lines)), 0]
        lines = lines[np.linalg.norm(lines.mean(axis=1) - gap, axis=1) > 0.035]
    return _drawn(lines, height, style.pen * height)


def _enlarged(digit: NDArray[np.uint8], height: int) -> NDArray[np.float32]:
    box = tight(digit, _INK).astype(np.float32) / 255
    size = (max(3, round(box.shape[1] * height / box.shape[0])), height)
    grown = cv2.resize(box, size, interpolation=cv2.INTER_CUBIC)
    ink: NDArray[np.float32] = np.clip((np.asarray(grown, np.float32) - 0.3) / 0.3, 0, 1)
    return ink


def is_drawable(digit: NDArray[np.uint8], label: int) -> bool:
    """Whether a digit (uint8 [28, 28]) has its loops: one that is filled with ink would open when it is thinned."""
    paper = (~_fine(digit.tobytes())).astype(np.uint8)
    holes = cv2.connectedComponents(paper, connectivity=4)[0] - 2
    return holes >= LOOPS.get(label, 0)


@lru_cache(maxsize=6000)
def strokes(digit: bytes) -> Stroke:
    """The middle of a digit's strokes; `digit` is the bytes of uint8 [28, 28], white on black."""
    middle = thinned(_fine(digit))
    ys, xs = np.nonzero(middle)
    number = np.full(middle.shape, -1)
    number[ys, xs] = np.arange(len(ys))
    steps = ((0, 1), (1, -1), (1, 0), (1, 1))
    pairs = [_neighbours(number, dy, dx) for dy, dx in steps]
    edges = np.concatenate([*pairs, np.tile(np.arange(len(ys))[:, np.newaxis], (1, 2))])
    points = _smoothed(np.stack([xs, ys], axis=1).astype(np.float32), edges)
    points -= points.min(axis=0)
    return np.asarray(points[edges] / max(1.0, float(points[:, 1].max())), np.float32)


def _fine(digit: bytes) -> NDArray[np.bool_]:
    """Where a digit's ink is, at `FINE` times its size."""
    box = np.pad(tight(np.frombuffer(digit, np.uint8).reshape(28, 28), _INK), 1)
    fine = cv2.resize(box, None, fx=FINE, fy=FINE, interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.GaussianBlur(fine, (0, 0), 0.5 * FINE)) > 110


def _neighbours(number: NDArray[np.int64], dy: int, dx: int) -> NDArray[np.int64]:
    here = number[: number.shape[0] - dy, max(0, -dx) : number.shape[1] - max(0, dx)]
    there = number[dy:, max(0, dx) : number.shape[1] + min(0, dx)]
    both = (here >= 0) & (there >= 0)
    return np.stack([here[both], there[both]], axis=1)


def _smoothed(points: NDArray[np.float32], edges: NDArray[np.int64]) -> NDArray[np.float32]:
    """The points moved to the mean of their neighbours, a few times: no staircase is left."""
    for _ in range(4):
        sums, counts = np.zeros_like(points), np.zeros((len(points), 1), np.float32)
        for one, other in (edges.T, edges.T[::-1]):
            np.add.at(sums, one, points[other])
            np.add.at(counts, one, 1)
        points = sums / counts
    return points


def thinned(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The middle lines of a mask (bool [H, W]), one pixel wide (Zhang and Suen 1984)."""
    thin = np.pad(mask, 1)
    changed = True
    while changed:
        changed = False
        for first in (True, False):
            remove = _removable(thin, first)
            thin[1:-1, 1:-1] &= ~remove
            changed |= bool(remove.any())
    return thin[1:-1, 1:-1]


def _removable(thin: NDArray[np.bool_], first: bool) -> NDArray[np.bool_]:
    north, south, west, east = thin[:-2, 1:-1], thin[2:, 1:-1], thin[1:-1, :-2], thin[1:-1, 2:]
    ring = (north, thin[:-2, 2:], east, thin[2:, 2:], south, thin[2:, :-2], west, thin[:-2, :-2])
    count = np.sum(ring, axis=0)
    turns = np.sum([~one & other for one, other in zip(ring, (*ring[1:], ring[0]), strict=True)], axis=0)
    kept = (east & south & (north | west)) if first else (north & west & (east | south))
    removable: NDArray[np.bool_] = thin[1:-1, 1:-1] & (count >= 2) & (count <= 6) & (turns == 1) & ~kept
    return removable


def _drawn(lines: Stroke, height: float, width: float) -> NDArray[np.float32]:
    border = width / 2 + 1
    scale = OVERSAMPLED * (height - width)
    shift = OVERSAMPLED * border - scale * lines.reshape(-1, 2).min(axis=0)
    places = lines * scale + shift
    size = np.ceil(places.reshape(-1, 2).max(axis=0) / OVERSAMPLED + border).astype(int)
    canvas = np.zeros((size[1] * OVERSAMPLED, size[0] * OVERSAMPLED), np.uint8)
    thickness = max(1, round(width * OVERSAMPLED))
    cv2.polylines(canvas, list(np.round(places).astype(np.int32)), False, 255, thickness)
    small = cv2.resize(canvas, (int(size[0]), int(size[1])), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32) / np.float32(255)

"""Digits that were struck out: by one line or several, by a slash, a cross, a zigzag or loops of the same pen.

One line alone makes no less of a digit that people write with one: a 7 has a bar, a 4 too, a 0 may be slashed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np
from digitscribe.vision.normalize import normalize
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Points = NDArray[np.float64]
"""A line's points, float64 [K, 2]: x and y as shares of the digit's box, beyond 0 and 1 outside of it."""

WIDE = 0.7
"""Slim digits are struck out as if they were so wide, as a share of their height: a slash along an 8 is a 1."""

_SIDE = 112
_HEIGHT = 64
_SHIFT: Final = 4
"""Bits of a pixel's fraction, for OpenCV."""

_BARRED = (1, 4, 7)
"""Digits that one lying line may belong to,"""

_SLASHED = (0, 1, 4, 6, 7, 9)
"""and those that one leaning line may, or has a stroke that leans as much."""

_ALONE = 4
"""One line or slash alone is drawn so many times as often as other ways: it is the hardest to tell from a digit."""

_HIDDEN = 0.45
"""A line that lies along the digit's own strokes with more than this share of itself hides nothing: a cross does."""


def struck(rng: np.random.Generator, digit: Image, label: int) -> Image:
    """A digit, tight uint8 [h, w], that is struck out, as the model sees it: uint8 [28, 28]."""
    scale = _HEIGHT / max(digit.shape)
    enlarged = np.asarray(cv2.resize(digit, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)
    height, width = enlarged.shape
    canvas = np.zeros((_SIDE, _SIDE), np.uint8)
    top, left = (_SIDE - height) // 2, (_SIDE - width) // 2
    canvas[top : top + height, left : left + width] = enlarged
    pen, box = int(rng.integers(4, 9)), np.array([max(width, WIDE * height), height])
    over = _drawn(lines_over(rng, label), box, pen)
    inked = cv2.dilate(canvas, np.ones((3, 3), np.uint8))[over > 127] > 127
    if inked.mean() > _HIDDEN:
        over = _drawn(_cross(rng), box, pen)
    return normalize(canvas | over)


def _drawn(lines: list[Points], box: NDArray[np.float64], pen: int) -> Image:
    """Lines over a box, float64 [2], its width and height, in the middle of a canvas."""
    canvas = np.zeros((_SIDE, _SIDE), np.uint8)
    for line in lines:
        points = np.round((_SIDE / 2 + (line - 0.5) * box) * 2**_SHIFT).astype(np.int32)
        cv2.polylines(canvas, [points], False, 255, pen, cv2.LINE_AA, _SHIFT)
    return canvas


def lines_over(rng: np.random.Generator, label: int) -> list[Points]:
    """The lines that strike out a digit with that label: never one line alone that people write it with."""
    ways: list[Callable[[np.random.Generator], list[Points]]] = [_lines, _cross, _zigzag, _loops]
    ways += [] if label in _BARRED else [_line] * _ALONE
    ways += [] if label in _SLASHED else [_slash] * _ALONE
    return ways[rng.integers(len(ways))](rng)


def _beyond(rng: np.random.Generator) -> float:
    """How far a line reaches out of the box; those of a long number end at its sides, where it is cut."""
    return max(0.0, float(rng.uniform(-0.15, 0.3)))


def _lying(rng: np.random.Generator, level: float, lean: float) -> Points:
    left, right = -_beyond(rng), 1 + _beyond(rng)
    middle = level + rng.normal(0, 0.02)
    return np.array([(left, level + lean), (0.5, middle), (right, level - lean)])


def _line(rng: np.random.Generator) -> list[Points]:
    line = _lying(rng, rng.uniform(0.38, 0.62), rng.uniform(-0.06, 0.18))
    line[[0, 2], 0] += (-0.05, 0.05)
    return [line]


def _lines(rng: np.random.Generator) -> list[Points]:
    count, lean = int(rng.integers(2, 7)), rng.uniform(-0.05, 0.12)
    return [_lying(rng, level + rng.normal(0, 0.03), lean) for level in np.linspace(0.25, 0.75, count)]


def _slash(rng: np.random.Generator) -> list[Points]:
    out = 0.05 + _beyond(rng)
    ends = np.array([(rng.uniform(-0.15, 0.15), 1 + out), (rng.uniform(0.85, 1.15), -out)])
    return [ends if rng.random() < 0.8 else np.stack([1 - ends[:, 0], ends[:, 1]], axis=1)]


def _cross(rng: np.random.Generator) -> list[Points]:
    (one,), (other,) = _slash(rng), _slash(rng)
    if (one[0, 0] < one[1, 0]) == (other[0, 0] < other[1, 0]):
        other = np.stack([1 - other[:, 0], other[:, 1]], axis=1)
    return [one, other]


def _zigzag(rng: np.random.Generator) -> list[Points]:
    count = int(rng.integers(5, 10))
    across = np.linspace(-0.1, 1.1, count) + rng.normal(0, 0.03, count)
    up = np.where(np.arange(count) % 2, 0.05, 0.95) + rng.normal(0, 0.07, count)
    return [np.stack([across, up], axis=1)]


def _loops(rng: np.random.Generator) -> list[Points]:
    turns = rng.uniform(3, 6)  # two are a 0 that was gone over
    angle = np.linspace(0, 2 * np.pi * turns, 80)
    across = np.linspace(rng.uniform(-0.1, 0.2), rng.uniform(0.8, 1.1), 80) - 0.3 * np.sin(angle)
    return [np.stack([across, 0.5 - rng.uniform(0.35, 0.55) * np.cos(angle)], axis=1)]

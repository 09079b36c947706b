"""Digits drawn along paths of the pen: habits that few of MNIST's writers have, or fonts.

The paths are those of `trainer.allographs` or, for digits, of the writers of `trainer.pens`. Each is drawn by another
hand: points stray, the whole leans, is wider or narrower, bends a little, and has a pen of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from digitscribe.vision.normalize import normalize
from numpy.typing import NDArray

from trainer.allographs import ALLOGRAPHS, Stroke, strokes_of
from trainer.dataset import Dataset, dataset_of
from trainer.pens import Line, corners_of, has_foot, load_pens, parts_of

Image = NDArray[np.uint8]

FINEST, BROADEST = 0.05, 0.2
"""Width of the pens, in heights of the digit."""

WIDTHS = {1: (0.2, 0.42), 7: (0.2, 0.85)}
WIDTH = (0.45, 0.85)
"""How wide people write digits, in heights of the digit: from and to. A wide 1 with a flag would be a 7 with a short
bar."""

_HEIGHT = 72
_STEPS = 10
_TREMOR = 0.012
_LEAN = 0.08
_SHIFT = 4


def drawn_digits(count: int, seed: int) -> Dataset:
    """`count` digits, as many of each; the same ones for the same seed."""
    rng = np.random.default_rng([seed, count])
    labels = [number % 10 for number in range(count)]
    images = [draw(written(str(rng.choice(ALLOGRAPHS[label])), rng), rng) for label in labels]
    return dataset_of(images, labels)


def rewritten_digits(data_dir: Path, count: int, seed: int) -> Dataset:
    """`count` digits as the writers of `trainer.pens` write them, as many of each; the same ones for the same seed.

    Of 1s those with a foot: a long flag alone is other people's slim 7.

    Raises:
        NotFound: there are no pens.
    """
    rng = np.random.default_rng([seed, count])
    ways, digits = load_pens(data_dir)
    clear = np.array([digit != 1 or has_foot(way) for way, digit in zip(ways, digits, strict=True)])
    ways, digits = ways[clear], digits[clear]
    labels = [number % 10 for number in range(count)]
    places = [rng.choice(np.flatnonzero(digits == label)) for label in labels]
    images = [_rewritten(ways[place], label, rng) for place, label in zip(places, labels, strict=True)]
    return dataset_of(images, labels)


def draw(lines: Sequence[Line], rng: np.random.Generator) -> Image:
    """What some pen leaves on `lines`, which bend a little: uint8 [28, 28], white on black, in MNIST's form."""
    bend = rng.normal(0, 0.025, 4)
    pen = FINEST * (BROADEST / FINEST) ** rng.random()
    return normalize(_inked([_bent(line, bend) for line in lines], pen))


def traced(way: Line, label: int, width: float, pen: float) -> Image:
    """What was written along a `way` of `trainer.pens`, as it was: uint8 [28, 28], white on black, in MNIST's form.

    `width` of the digit and of the `pen` are in heights of the digit.
    """
    parts = parts_of(way * (width, 1), label)
    return normalize(_inked([smooth(part, corners_of(part)) for part in parts], pen))


def _rewritten(way: Line, label: int, rng: np.random.Generator) -> Image:
    width = rng.uniform(*WIDTHS.get(label, WIDTH))
    parts = parts_of(way * (width, 1), label)
    lines = [smooth(part + rng.normal(0, _TREMOR, part.shape), corners_of(part)) for part in parts]
    lean = np.array([[1.0, 0.0], [rng.normal(0, _LEAN), 1.0]])
    return draw([line @ lean for line in lines], rng)


def written(path: str, rng: np.random.Generator) -> list[Line]:
    """What a pen goes along where some hand writes `path`.

    Raises:
        InvalidInput: see `strokes_of`.
    """
    lines = [smooth(_strayed(stroke, rng), stroke.sharp) for stroke in strokes_of(path)]
    form = _form(rng)
    return [line @ form for line in lines]


def smooth(points: Line, sharp: Sequence[int]) -> Line:
    """A curve through `points`, float64 [N, 2], that turns sharply at those whose places are `sharp`.

    Catmull and Rom, "A class of local interpolating splines", 1974.
    """
    ends = sorted({0, *sharp, len(points) - 1})
    return np.concatenate([_spline(points[first : last + 1]) for first, last in pairwise(ends)])


def _spline(points: Line) -> Line:
    # beyond its ends the curve goes on as it begins and ends
    before, after = 2 * points[0] - points[1], 2 * points[-1] - points[-2]
    a, b, c, d = (np.stack([before, *points, after])[start:, None][: len(points) - 1] for start in range(4))
    t = np.linspace(0, 1, _STEPS)[:, None]
    curve = 2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    return np.asarray(0.5 * curve).reshape(-1, 2)


def _form(rng: np.random.Generator) -> NDArray[np.float64]:
    """How wide a hand writes, how far it leans, and how far its lines rise: float64 [2, 2]."""
    return np.array([[np.exp(rng.normal(0, 0.2)), rng.normal(0, 0.08)], [rng.normal(-0.12, 0.2), 1.0]])


def _strayed(stroke: Stroke, rng: np.random.Generator) -> Line:
    return stroke.points + stroke.spread * rng.standard_normal(stroke.points.shape)


def _bent(line: Line, bend: NDArray[np.float64]) -> Line:
    x, y = line.T
    across = bend[0] * np.sin(3 * y) + bend[1] * np.cos(5 * y)
    down = bend[2] * np.sin(4 * x) + bend[3] * x
    return np.stack([x + across, y + down], axis=1)


def _inked(lines: Sequence[Line], pen: float) -> Image:
    """What a round pen leaves on `lines`; both in heights of the digit."""
    every = np.concatenate(lines)
    low = every.min(axis=0) - pen
    width, height = np.ceil((every.max(axis=0) + pen - low) * _HEIGHT).astype(int).tolist()
    canvas = np.zeros((height, width), np.uint8)
    points = [np.round((line - low) * (_HEIGHT << _SHIFT)).astype(np.int32) for line in lines]
    cv2.polylines(canvas, points, False, 255, round(pen * _HEIGHT), cv2.LINE_AA, _SHIFT)
    return canvas

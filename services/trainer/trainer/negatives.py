"""What is not a digit, in a digit's form: letters, dashes, scribbles, two digits in one box, pieces of digits, grain.

The letters are those of `data/letters` (free fonts); everything else is drawn here, from a seed. A part of the fonts
is kept from all training, so that the score can be measured on letters of hands that were never seen.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from digitscribe.vision.normalize import normalize
from numpy.typing import NDArray

from trainer import strikes
from trainer.dataset import NOT_A_DIGIT, Dataset, dataset_of, existing

HELD_FONTS = 5
"""Every so many fonts one is held back: its letters are for measuring only."""

Image = NDArray[np.uint8]
Drawer = Callable[[np.random.Generator, Dataset], Image]

_SIDE = 112


def negatives(data_dir: Path, digits: Dataset, count: int, seed: int, held: bool = False) -> Dataset:
    """`count` pictures of what is no digit, labelled NOT_A_DIGIT; some are made of `digits`.

    Args:
        data_dir: the repository's data folder.
        digits: whose pieces and pairs are used: the training part for training, the validation part for measuring.
        count: how many.
        seed: the same ones for the same seed.
        held: take the letters that are held back, in place of those to learn from.

    Raises:
        NotFound: there is no letters.npz.
    """
    rng = np.random.default_rng([seed, int(held)])
    letters = load_letters(data_dir, held)
    kinds = rng.choice(len(_DRAWERS) + 1, size=count, p=[*_SHARES, 1 - sum(_SHARES)])
    images = [
        letters[rng.integers(len(letters))] if kind == len(_DRAWERS) else _DRAWERS[kind](rng, digits) for kind in kinds
    ]
    return dataset_of(images, [NOT_A_DIGIT] * count)


def load_letters(data_dir: Path, held: bool) -> Image:
    """The letters to learn from, or those that are held back: uint8 [N, 28, 28].

    Raises:
        NotFound: there is no letters.npz.
    """
    with np.load(existing(data_dir / "letters" / "letters.npz"), allow_pickle=False) as arrays:
        number = np.unique(arrays["fonts"], return_inverse=True)[1]
        return np.asarray(arrays["images"][(number % HELD_FONTS == 0) == held], np.uint8)


def _canvas() -> Image:
    return np.zeros((_SIDE, _SIDE), np.uint8)


def _pen(rng: np.random.Generator) -> int:
    return int(rng.integers(5, 15))


def _polyline(points: NDArray[np.floating], pen: int) -> Image:
    canvas = _canvas()
    cv2.polylines(canvas, [np.round(points).astype(np.int32)], False, 255, pen, cv2.LINE_AA)
    return normalize(canvas)


def _dash(rng: np.random.Generator, _: Dataset) -> Image:
    """A stroke that lies: rules, minus signs, underlines. One that stands would be a 1."""
    xs = np.linspace(10, 100, 12)
    ys = 56 + np.tan(rng.uniform(-0.35, 0.35)) * (xs - 56) + rng.normal(0, 1.2, 12).cumsum()
    return _polyline(np.stack([xs, ys], axis=1), _pen(rng))


def _dot(rng: np.random.Generator, _: Dataset) -> Image:
    canvas = _canvas()
    long = int(rng.integers(14, 40))
    axes = (long, round(long * rng.uniform(0.6, 1.0)))  # a slimmer one could be the 1 of a thick pen
    cv2.ellipse(canvas, (56, 56), axes, float(rng.uniform(0, 180)), 0, 360, 255, -1, cv2.LINE_AA)
    return normalize(canvas)


def _scribble(rng: np.random.Generator, _: Dataset) -> Image:
    """A dense to and fro, as one strikes a digit out."""
    turns = int(rng.integers(7, 22))
    xs = np.where(np.arange(turns) % 2, 95, 15) + rng.normal(0, 9, turns)
    ys = np.linspace(12, 98, turns) + rng.normal(0, 8, turns)
    points = np.stack([xs, ys], axis=1)
    return _polyline(_turned(points, rng.uniform(0, np.pi)), int(rng.integers(4, 10)))


def _tangle(rng: np.random.Generator, _: Dataset) -> Image:
    """A wild path without aim."""
    count = int(rng.integers(12, 28))
    points = rng.uniform(12, 100, (count, 2))
    smooth = np.stack([np.interp(np.linspace(0, count - 1, 6 * count), np.arange(count), axis) for axis in points.T], 1)
    return _polyline(smooth, int(rng.integers(4, 9)))


def _zigzag(rng: np.random.Generator, _: Dataset) -> Image:
    count = int(rng.integers(5, 10))
    xs = np.linspace(6, 106, count)
    ys = np.where(np.arange(count) % 2, 80, 30) + rng.normal(0, 7, count)
    return _polyline(np.stack([xs, ys], axis=1), _pen(rng))


def _box(rng: np.random.Generator, _: Dataset) -> Image:
    """Frames, corners and crossings of squared paper."""
    canvas, pen = _canvas(), int(rng.integers(3, 9))
    left, top, right, bottom = (int(each + rng.integers(-8, 8)) for each in (20, 20, 92, 92))
    sides = [((left, top), (right, top)), ((right, top), (right, bottom))]
    sides += [((right, bottom), (left, bottom)), ((left, bottom), (left, top))]
    for start, end in sides[: int(rng.choice([2, 4]))]:
        cv2.line(canvas, start, end, 255, pen, cv2.LINE_AA)
    if rng.random() < 0.4:
        cv2.line(canvas, (left, 56), (right, 56), 255, pen, cv2.LINE_AA)
        cv2.line(canvas, (56, top), (56, bottom), 255, pen, cv2.LINE_AA)
    return normalize(_rotated(canvas, rng.choice([0, 90, 180, 270]) + rng.uniform(-10, 10)))


def _cross(rng: np.random.Generator, _: Dataset) -> Image:
    """Crosses and ticks."""
    canvas, pen = _canvas(), _pen(rng)
    if rng.random() < 0.5:
        cv2.line(canvas, (20, 25), (90, 85), 255, pen, cv2.LINE_AA)
        cv2.line(canvas, (90, 20), (22, 90), 255, pen, cv2.LINE_AA)
    else:
        corner = (int(rng.integers(28, 48)), int(rng.integers(80, 100)))
        cv2.line(canvas, (10, int(rng.integers(50, 70))), corner, 255, pen, cv2.LINE_AA)
        cv2.line(canvas, corner, (100, int(rng.integers(8, 30))), 255, pen, cv2.LINE_AA)
    return normalize(_rotated(canvas, rng.uniform(-12, 12)))


def _grain(rng: np.random.Generator, _: Dataset) -> Image:
    """Blots, specks and shadow: noise of some coarseness, cut at a level."""
    coarse = rng.random((int(rng.integers(5, 24)),) * 2).astype(np.float32)
    field = np.asarray(cv2.resize(coarse, (_SIDE, _SIDE), interpolation=cv2.INTER_CUBIC))
    blot = (field > np.quantile(field, rng.uniform(0.55, 0.9))).astype(np.uint8) * np.uint8(255)
    return normalize(blot)


def _empty(rng: np.random.Generator, _: Dataset) -> Image:
    """An empty box, perhaps with a speck at its edge."""
    image = np.zeros((28, 28), np.uint8)
    if rng.random() < 0.7:
        y, x = rng.integers(0, 28, 2)
        image[y, x] = rng.integers(60, 256)
    return image


def _several(rng: np.random.Generator, digits: Dataset) -> Image:
    """Two or three digits side by side, near, touching or overlapping a little."""
    count = 2 if rng.random() < 0.8 else 3
    parts = [tight(digits.images[index]) for index in rng.integers(0, len(digits), count)]
    canvas = np.zeros((36, 100), np.uint8)
    right = 4
    for part in parts:
        top = int(rng.integers(4, 12))
        left = max(0, right + int(rng.integers(-3, 4)))
        window = canvas[top : top + part.shape[0], left : left + part.shape[1]]
        np.maximum(window, part[: window.shape[0], : window.shape[1]], out=window)
        right = left + part.shape[1]
    return normalize(canvas)


def _stacked(rng: np.random.Generator, digits: Dataset) -> Image:
    """The lower part of one digit over the upper part of another, as rows that touch."""
    upper, lower = (tight(digits.images[index]) for index in rng.integers(0, len(digits), 2))
    width = max(upper.shape[1], lower.shape[1])
    canvas = np.zeros((upper.shape[0] + lower.shape[0], width), np.uint8)
    canvas[: upper.shape[0], : upper.shape[1]] = upper
    canvas[upper.shape[0] :, : lower.shape[1]] = lower
    return normalize(canvas)


def _struck(rng: np.random.Generator, digits: Dataset) -> Image:
    index = rng.integers(len(digits))
    return strikes.struck(rng, tight(digits.images[index]), int(digits.labels[index]))


def _piece(rng: np.random.Generator, digits: Dataset) -> Image:
    """The left part of a round digit: what a wrong cut leaves. Right parts can be digits of their own."""
    while digits.labels[index := int(rng.integers(len(digits)))] not in (0, 2, 3, 5):
        pass
    image = tight(digits.images[index])
    return normalize(image[:, : max(3, round(image.shape[1] * rng.uniform(0.3, 0.45)))])


def tight(image: Image, faintest: int = 40) -> Image:
    """What of `image` has ink, brighter than `faintest`: its box."""
    rows, columns = (np.flatnonzero(image.max(axis=axis) > faintest) for axis in (1, 0))
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _turned(points: NDArray[np.floating], angle: float) -> NDArray[np.floating]:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray((points - 56) @ turn * 0.75 + 56)


def _rotated(canvas: Image, degrees: float) -> Image:
    turn = cv2.getRotationMatrix2D((_SIDE / 2, _SIDE / 2), float(degrees), 0.85)
    return np.asarray(cv2.warpAffine(canvas, turn, (_SIDE, _SIDE)), np.uint8)


_MIX: dict[Drawer, float] = {
    _several: 0.22,
    _piece: 0.05,
    _stacked: 0.03,
    _struck: 0.20,
    _dash: 0.07,
    _dot: 0.04,
    _scribble: 0.04,
    _tangle: 0.04,
    _zigzag: 0.02,
    _box: 0.06,
    _cross: 0.03,
    _grain: 0.04,
    _empty: 0.01,
}
"""Kinds and their shares; the rest are letters."""

_DRAWERS, _SHARES = tuple(_MIX), tuple(_MIX.values())

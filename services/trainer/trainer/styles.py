"""Ways of writing that MNIST hardly knows, drawn into its digits: a 1 with an upstroke, a barred 7, a slashed 0."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from digitscribe.vision.normalize import normalize
from numpy.typing import NDArray

from trainer.dataset import Dataset, dataset_of

SHARE = 0.04
"""Digits in such styles are this share of those that are learnt from."""

Image = NDArray[np.uint8]

_FINE = 4


def foreign_styles(digits: Dataset, count: int, seed: int) -> Dataset:
    """`count` of the 0s, 1s and 7s among `digits`, each with what other schools add to it, normalised again."""
    rng = np.random.default_rng(seed)
    styled = np.flatnonzero(np.isin(digits.labels, tuple(_STYLES)))
    if not len(styled):
        return digits.take(styled)
    chosen = rng.choice(styled, count, p=_weights(digits.labels[styled]))
    images = [_STYLES[int(digits.labels[index])](digits.images[index], rng) for index in chosen]
    return dataset_of(images, digits.labels[chosen])


def _weights(labels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """1s and 7s are confused with each other, so that there are more of them than of slashed 0s."""
    weights = np.where(labels == 1, 0.55, np.where(labels == 7, 0.33, 0.12)) / np.bincount(labels)[labels]
    return np.asarray(weights / weights.sum())


def _upstroke(image: Image, rng: np.random.Generator) -> Image:
    """A 1 that begins with a stroke from below, up to its top; one in three stands on a foot."""
    fine, (top_x, top_y), (foot_x, foot_y) = _with_ends(image)
    length = rng.uniform(0.15, 0.85) * (foot_y - top_y)
    angle = rng.uniform(0.5, 0.95)
    end = (round(top_x - length * np.sin(angle)), round(top_y + length * np.cos(angle)))
    cv2.line(fine, (top_x, top_y), end, 255, _pen(image), cv2.LINE_AA)
    if rng.random() < 0.35:
        half = round(rng.uniform(0.15, 0.35) * (foot_y - top_y))
        cv2.line(fine, (foot_x - half, foot_y), (foot_x + half, foot_y), 255, _pen(image), cv2.LINE_AA)
    return normalize(fine)


def _bar(image: Image, rng: np.random.Generator) -> Image:
    """A 7 with a bar through its stem."""
    fine, (_, top), (_, bottom) = _with_ends(image)
    y = round(top + rng.uniform(0.4, 0.62) * (bottom - top))
    ink = np.flatnonzero(fine[y] > 127)
    if not len(ink):
        return image
    half, tilt = rng.uniform(0.18, 0.38) * (bottom - top), rng.uniform(-0.25, 0.15)
    x = float(ink.mean())
    start, end = ((round(x + side * half), round(y + side * half * tilt)) for side in (-1, 1))
    cv2.line(fine, start, end, 255, _pen(image), cv2.LINE_AA)
    return normalize(fine)


def _slash(image: Image, rng: np.random.Generator) -> Image:
    """A 0 with a stroke through it, from lower left to upper right."""
    fine, _, _ = _with_ends(image)
    rows, columns = np.flatnonzero(fine.max(axis=1) > 127), np.flatnonzero(fine.max(axis=0) > 127)
    over = rng.integers(-2, 10, 4)
    start = (int(columns[0] - over[0]), int(rows[-1] + over[1]))
    end = (int(columns[-1] + over[2]), int(rows[0] - over[3]))
    cv2.line(fine, start, end, 255, _pen(image), cv2.LINE_AA)
    return normalize(fine)


def _with_ends(image: Image) -> tuple[Image, tuple[int, int], tuple[int, int]]:
    """The digit at four times its size with room around it, and the (x, y) of its highest and its lowest ink."""
    grown = cv2.resize(image, None, fx=_FINE, fy=_FINE, interpolation=cv2.INTER_CUBIC)
    fine = np.asarray(cv2.copyMakeBorder(grown, 20, 20, 60, 20, cv2.BORDER_CONSTANT, value=0), np.uint8)
    ys, xs = np.nonzero(fine > 0.5 * fine.max())
    ends = [(round(float(xs[ys == y].mean())), int(y)) for y in (ys.min(), ys.max())]
    return fine, ends[0], ends[1]


def _pen(image: Image) -> int:
    """About the width of the digit's own strokes: ink by half of its outline."""
    mask = (image > 100).astype(np.uint8)
    inner = cv2.erode(mask, np.ones((3, 3), np.uint8))
    return max(4, round(_FINE * 2 * int(mask.sum()) / max(1, int(mask.sum()) - int(inner.sum()))))


_STYLES: dict[int, Callable[[Image, np.random.Generator], Image]] = {0: _slash, 1: _upstroke, 7: _bar}

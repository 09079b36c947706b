"""Two digits that touch, read as a whole: where strokes cross, no cut leaves two clean digits.

A pair is what segmentation cannot part without loss, and two digits are still told at a glance (Hochuli et al.,
"Handwritten digit segmentation: is it still necessary?", 2018). Beside the pairs are pictures that are neither a digit
nor a pair: three digits, and a digit with a part of another.
"""

from __future__ import annotations

import cv2
import numpy as np
from digitscribe.vision.normalize import normalize
from numpy.typing import NDArray

from trainer.dataset import NEITHER, NO_PAIR, Dataset, dataset_of, join, pair_label
from trainer.negatives import tight

Image = NDArray[np.uint8]

OTHERS = 0.5
"""For each pair there are so many pictures that are none."""

DEEPEST = 0.16
"""How far one digit reaches into the other at most, as a share of its height."""

_FINE = 2
_INK = 60


def pairs(digits: Dataset, count: int, seed: int) -> Dataset:
    """`count` pairs of neighbours among `digits`, and `OTHERS` times as many pictures that are no pair.

    Args:
        digits: labels 0 to 9.
        count: how many pairs.
        seed: the same ones for the same seed.
    """
    rng = np.random.default_rng([seed, count])
    chosen = rng.integers(0, len(digits), (count, 2))
    images = [_touching(digits.images[each], rng) for each in chosen]
    labels = [pair_label(*digits.labels[each].tolist()) for each in chosen]
    others = rng.integers(0, len(digits), (round(OTHERS * count), 3))
    longer = [_touching(digits.images[each], rng) for each in others[::2]]
    partial = [_with_part(digits.images[one], digits.images[other], rng) for one, other, _ in others[1::2]]
    return join(
        [
            dataset_of(images, labels),
            dataset_of(longer, [NEITHER] * len(longer)),
            dataset_of(partial, [NO_PAIR] * len(partial)),
        ]
    )


def _with_part(image: Image, other: Image, rng: np.random.Generator) -> Image:
    """A digit with the nearer part of another, as a wrong cut leaves it, uint8 [28, 28], normalised."""
    one, part = _strokes(image), _strokes(other)
    width = max(2, round(rng.uniform(0.1, 0.4) * part.shape[1]))
    if rng.random() < 0.5:
        return normalize(_beside(one, part[:, :width], rng))
    return normalize(_beside(part[:, -width:], one, rng))


def _touching(images: NDArray[np.uint8], rng: np.random.Generator) -> Image:
    """Digits from left to right, each touching the next, uint8 [28, 28], normalised."""
    row, *others = (_strokes(image) for image in images)
    for other in others:
        scale = float(np.exp(rng.uniform(-0.15, 0.15)))
        row = _beside(row, np.asarray(cv2.resize(other, None, fx=scale, fy=scale), np.uint8), rng)
    return normalize(row)


def _beside(left: Image, right: Image, rng: np.random.Generator) -> Image:
    """`right` moved to `left` until ink meets ink, and a little farther; now and then not quite."""
    height = max(left.shape[0], right.shape[0])
    room = round(0.15 * height)
    size = height + 2 * room
    tops = [
        room + (height - each.shape[0]) // 2 + int(rng.integers(-room // 2, room // 2 + 1)) for each in (left, right)
    ]
    near = np.full((2, size), -np.inf)
    for side, (image, top) in enumerate(zip((left[:, ::-1], right), tops, strict=True)):
        ink = image > _INK
        near[side, top : top + len(ink)] = np.where(ink.any(axis=1), -ink.argmax(axis=1), -np.inf)
    gaps = -near.sum(axis=0)  # between the two in each row, were their boxes side by side
    gap = float(gaps.min()) if np.isfinite(gaps).any() else 0.0
    apart = -round(gap) - (round(rng.uniform(0, DEEPEST) * height) if rng.random() < 0.9 else -1)
    shift = max(1, left.shape[1] + apart)
    canvas = np.zeros((size, max(left.shape[1], shift + right.shape[1])), np.uint8)
    for image, top, start in ((left, tops[0], 0), (right, tops[1], shift)):
        window = canvas[top : top + image.shape[0], start : start + image.shape[1]]
        np.maximum(window, image[: window.shape[0]], out=window)
    return canvas


def _strokes(image: Image) -> Image:
    """A digit's box at `_FINE` times its size."""
    box = tight(image, _INK)
    return np.asarray(cv2.resize(box, None, fx=_FINE, fy=_FINE, interpolation=cv2.INTER_CUBIC), np.uint8)

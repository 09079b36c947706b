"""MNIST's digits as pens, hands and cameras change them: one change at a time, each normalised again as vision does.

In the manner of MNIST-C (Mu and Gilmer, 2019), but with what happens to handwriting on its way to the model: a change
is made to the ink, and the ink then takes the same way as that of a photo.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from digitscribe.vision.normalize import normalize
from numpy.typing import NDArray
from trainer.negatives import tight

Image = NDArray[np.uint8]
Change = Callable[[Image, np.random.Generator], Image]

_FINE = 4
_MARGIN = 24
_SIDE = 28 * _FINE + 2 * _MARGIN


def changed(images: Image, change: Change, seed: int) -> Image:
    """Each of `images`, uint8 [N, 28, 28] white on black, enlarged, changed and normalised again."""
    rng = np.random.default_rng(seed)
    return np.stack([normalize(change(_enlarged(image), rng)) for image in images])


def _enlarged(image: Image) -> Image:
    grown = cv2.resize(image, None, fx=_FINE, fy=_FINE, interpolation=cv2.INTER_CUBIC)
    return np.asarray(
        cv2.copyMakeBorder(grown, _MARGIN, _MARGIN, _MARGIN, _MARGIN, cv2.BORDER_CONSTANT, value=0), np.uint8
    )


def _disc(side: int) -> Image:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


def _plain(image: Image, _: np.random.Generator) -> Image:
    return image


def _thick(image: Image, _: np.random.Generator) -> Image:
    return np.asarray(cv2.dilate(image, _disc(9)), np.uint8)


def _thin(image: Image, _: np.random.Generator) -> Image:
    thinned = np.asarray(cv2.erode(image, _disc(5)), np.uint8)
    return thinned if thinned.max(initial=0) > 120 else image


def _warped(image: Image, matrix: NDArray[np.float64]) -> Image:
    return np.asarray(cv2.warpAffine(image, matrix, (_SIDE, _SIDE), flags=cv2.INTER_CUBIC), np.uint8)


def _rotated(degrees: float) -> Change:
    def change(image: Image, _: np.random.Generator) -> Image:
        return _warped(image, np.asarray(cv2.getRotationMatrix2D((_SIDE / 2, _SIDE / 2), degrees, 1.0), np.float64))

    return change


def _slanted(image: Image, rng: np.random.Generator) -> Image:
    slant = float(rng.choice([-0.35, 0.35]))
    return _warped(image, np.array([[1, slant, -slant * _SIDE / 2], [0, 1, 0]], np.float64))


def _blurred(image: Image, _: np.random.Generator) -> Image:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 4.0), np.uint8)


def _noisy(image: Image, rng: np.random.Generator) -> Image:
    """Grain inside and at the rim of the strokes, as a sensor leaves it."""
    grain = np.asarray(cv2.GaussianBlur(rng.normal(0, 1, image.shape).astype(np.float32), (0, 0), 1.5))
    values = image.astype(np.float32) + 255 * 0.35 * grain / float(grain.std())
    near = cv2.dilate(image, _disc(7)) > 60
    return np.asarray(np.where(near, np.clip(values, 0, 255), 0), np.uint8)


def _worn(image: Image, rng: np.random.Generator) -> Image:
    """A pen that skips."""
    coarse = rng.random((9, 9)).astype(np.float32)
    field = np.asarray(cv2.resize(coarse, (_SIDE, _SIDE), interpolation=cv2.INTER_CUBIC))
    return np.asarray(image * np.clip(1.5 * field, 0.05, 1), np.uint8)


def _jpeg(image: Image, _: np.random.Generator) -> Image:
    small = cv2.resize(image, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA)
    data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 25])[1]
    back = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
    return np.asarray(np.where(back < 40, 0, back), np.uint8)


def _usps(image: Image, _: np.random.Generator) -> Image:
    """As coarse as USPS's digits: 16 × 16, the box filled whatever its proportions."""
    box = tight(image, 60)
    width = 16 if box.shape[1] > 0.45 * box.shape[0] else 7
    small = cv2.resize(box, (width, 16), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, None, fx=6, fy=6, interpolation=cv2.INTER_LINEAR), np.uint8)


def shifted(images: Image, seed: int) -> Image:
    """Off the middle by up to three pixels, and not normalised again: what a careless client of the model sends."""
    moves = np.random.default_rng(seed).integers(-3, 4, (len(images), 2))
    return np.stack([np.roll(image, tuple(move), (0, 1)) for image, move in zip(images, moves, strict=True)])


VARIANTS: dict[str, Change] = {
    "as they are": _plain,
    "thick (marker)": _thick,
    "thin (fine pen)": _thin,
    "turned by +15°": _rotated(15),
    "turned by −15°": _rotated(-15),
    "slanted": _slanted,
    "blurred": _blurred,
    "noisy": _noisy,
    "worn ink": _worn,
    "JPEG, small": _jpeg,
    "coarse as USPS": _usps,
}

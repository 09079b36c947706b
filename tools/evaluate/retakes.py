"""Photos as if they had been taken again under worse conditions: labelled photos are few, ways to take them are many.

What is read on a retake, beside what is read on the photo itself, tells how much the reading leans on the conditions.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import cv2
import numpy as np
from digitscribe.vision.decode import decode
from numpy.typing import NDArray

from tools.evaluate.pages import camera
from tools.evaluate.pages.catalogue import encoded
from tools.evaluate.run import MAX_BYTES, MAX_PIXELS
from tools.evaluate.samples import LIGHT_ON_DARK, Sample

Pixels = NDArray[np.uint8]
"""uint8 [H, W, 3] RGB."""

Random = np.random.Generator

Retake = Callable[[Pixels, Random], Pixels]

Size = tuple[int, int]
"""Width and height."""

Together = Callable[[Sequence[Pixels], Random], Pixels]

Surface = Callable[[Size, Random], NDArray[np.float32]]
"""What a photo is laid on, float32 [H, W, 3] RGB of that size."""

_SEED = 20_261_124
_QUALITY = 92


def _table(colour: tuple[int, int, int], grain: float) -> Surface:
    """A table of a colour, whose veins differ from it by a share `grain`."""

    def surface(size: Size, rng: Random) -> NDArray[np.float32]:
        veins = rng.standard_normal((max(2, size[1] // 12), max(2, size[0] // 150)), np.float32)
        light = 1 + grain * np.asarray(cv2.resize(veins, size, interpolation=cv2.INTER_CUBIC))[..., np.newaxis]
        return np.asarray(light * np.asarray(colour, np.float32), np.float32)

    return surface


def _checked_cloth(size: Size, _: Random) -> NDArray[np.float32]:
    """White cloth with red bands, fifteen of both along its longest side, lying and upright ones."""
    lying, upright = (np.arange(side) * 15 // max(size) % 2 for side in (size[1], size[0]))
    share = (lying[:, np.newaxis] + upright)[..., np.newaxis] / 2
    return np.asarray((1 - share) * (240, 238, 232) + share * (170, 45, 50), np.float32)


def _laid(surface: Surface, margin: float, degrees: float) -> Retake:
    """Lay the photo on a surface; see `_laid_together`."""
    together = _laid_together(surface, margin, degrees)
    return lambda pixels, rng: together([pixels], rng)


def _laid_together(surface: Surface, margin: float, degrees: float) -> Together:
    """Lay photos below one another on a surface, turned, and seen a little from the side.

    The surface is seen `margin` wide on every side and between them, as a share of the longest side of any.
    """

    def laid(photos: Sequence[Pixels], rng: Random) -> Pixels:
        heights, widths = zip(*[photo.shape[:2] for photo in photos], strict=True)
        border = round(margin * max(*heights, *widths))
        size = (max(widths) + 2 * border, sum(heights) + (len(photos) + 1) * border)
        tops = np.cumsum([border, *[height + border for height in heights]])
        courses = [
            _course(width, height, ((size[0] - width) / 2, top), degrees, rng)
            for width, height, top in zip(widths, heights, tops, strict=False)
        ]
        picture = surface(size, rng)
        for photo, course in zip(photos, courses, strict=True):
            share = cv2.warpPerspective(np.ones(photo.shape[:2], np.float32), course, size)[..., np.newaxis]
            seen = cv2.warpPerspective(photo, course, size, borderMode=cv2.BORDER_REPLICATE)
            picture = share * seen + (1 - share) * picture
        return _bytes(picture)

    return laid


def _course(width: int, height: int, corner: tuple[float, float], degrees: float, rng: Random) -> NDArray[np.float64]:
    """The homography that lays a photo of that size, turned, with its upper left corner about there."""
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    middle, angle = corners.mean(axis=0), np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    aside = 0.02 * max(width, height) * rng.uniform(-1, 1, (4, 2))
    there = (corners - middle) @ turn + middle + corner + aside
    return np.asarray(cv2.getPerspectiveTransform(corners.astype(np.float32), there.astype(np.float32)), np.float64)


def _bytes(pixels: NDArray[np.floating]) -> Pixels:
    return np.asarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _resized(pixels: Pixels, across: float, down: float) -> Pixels:
    size = (max(1, round(pixels.shape[1] * across)), max(1, round(pixels.shape[0] * down)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _blurred(pixels: Pixels, _: Random) -> Pixels:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), max(0.6, 0.0015 * max(pixels.shape))), np.uint8)


def _shaded(pixels: Pixels, _: Random) -> Pixels:
    ys, xs = np.mgrid[: pixels.shape[0], : pixels.shape[1]].astype(np.float32)
    across = 0.7 * xs / pixels.shape[1] + 0.3 * ys / pixels.shape[0] - 0.5
    return _bytes(pixels * (1 - 0.6 / (1 + np.exp(-25 * across)))[..., np.newaxis])


def _in_shadow_of_hand(pixels: Pixels, rng: Random) -> Pixels:
    return _bytes(pixels * (1 - 0.5 * camera.hand((pixels.shape[0], pixels.shape[1]), rng))[..., np.newaxis])


def _behind_blind(pixels: Pixels, _: Random) -> Pixels:
    """Light falls through a blind: five slanted stripes of shadow."""
    ys, xs = np.mgrid[: pixels.shape[0], : pixels.shape[1]].astype(np.float32)
    phase = 10 * np.pi * (ys + 0.3 * xs) / max(pixels.shape)
    return _bytes(pixels * (1 - 0.45 / (1 + np.exp(-6 * np.sin(phase))))[..., np.newaxis])


def _over_what_shows_through(pixels: Pixels, _: Random) -> Pixels:
    """The same writing is on the back of the paper, upside down; a seventh of its strength comes through, blurred."""
    darker = np.maximum(1 - pixels.mean(axis=2) / np.median(pixels), 0).astype(np.float32)
    behind = cv2.GaussianBlur(np.flipud(darker), (0, 0), 0.002 * max(pixels.shape))
    return _bytes(pixels * (1 - behind[..., np.newaxis] / 7))


def _in_shadow(retake: Retake) -> Retake:
    """A retake with the shadow of `_shaded` over all that it shows."""
    return lambda pixels, rng: _shaded(retake(pixels, rng), rng)


def _grainy(pixels: Pixels, rng: Random) -> Pixels:
    return _bytes(pixels + 10 * rng.standard_normal(pixels.shape, np.float32))


def _turned(degrees: float) -> Retake:
    def turned(pixels: Pixels, _: Random) -> Pixels:
        height, width = pixels.shape[:2]
        course = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0), np.float64)
        cosine, sine = np.abs(course[0, :2])
        size = (round(height * sine + width * cosine), round(height * cosine + width * sine))
        course[:, 2] += [(size[0] - width) / 2, (size[1] - height) / 2]
        return np.asarray(cv2.warpAffine(pixels, course, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)

    return turned


ON_TABLES: dict[str, Retake] = {
    "on a dark table": _laid(_table((40, 35, 30), 0.02), 0.15, 2),
    "on a table of a middling grey": _laid(_table((110, 100, 90), 0.02), 0.15, -3),
    "on a wooden table": _laid(_table((140, 90, 50), 0.15), 0.15, 4),
    "on light wood": _laid(_table((210, 175, 130), 0.08), 0.15, -4),
    "on a white table": _laid(_table((240, 238, 235), 0.01), 0.15, 3),
    "on a wooden table, from afar": _laid(_table((140, 90, 50), 0.12), 0.5, 6),
    "on a wooden table, half in shadow": _in_shadow(_laid(_table((140, 90, 50), 0.15), 0.15, 4)),
    "on a grey table, half in shadow": _in_shadow(_laid(_table((150, 150, 150), 0.03), 0.2, -6)),
    "on a checked tablecloth": _laid(_checked_cloth, 0.15, 4),
}
"""The photo lies on something that is seen around it."""

TWO_ON_TABLES: dict[str, Together] = {
    "two on a dark table": _laid_together(_table((40, 35, 30), 0.02), 0.12, 2),
    "two on a white table": _laid_together(_table((240, 238, 235), 0.01), 0.12, -2),
    "two on a checked tablecloth": _laid_together(_checked_cloth, 0.12, -2),
}
"""The photo, and the next one below it."""

ON_PAPER: dict[str, Retake] = {**ON_TABLES, "over what shows through": _over_what_shows_through}
"""For ink on paper; boards and screens do not lie on tables."""

RETAKES: dict[str, Retake] = {
    "as it is": lambda pixels, _: pixels,
    **ON_PAPER,
    "half as large": lambda pixels, _: _resized(pixels, 0.5, 0.5),
    "a third as large": lambda pixels, _: _resized(pixels, 1 / 3, 1 / 3),
    "wider by a quarter": lambda pixels, _: _resized(pixels, 1.0, 0.8),
    "blurred": _blurred,
    "under a shadow": _shaded,
    "in the shadow of a hand": _in_shadow_of_hand,
    "behind a blind": _behind_blind,
    "underexposed": lambda pixels, _: _bytes(0.45 * pixels),
    "grainy": _grainy,
    "turned by 5°": _turned(-5),
    "turned by −5°": _turned(5),
    "turned by 15°": _turned(-15),
    "turned by −15°": _turned(15),
    "turned by 90°": _turned(-90),
    "its negative": lambda pixels, _: np.asarray(255 - pixels, np.uint8),
}
"""Name → the photo's pixels, taken again."""

NAMES = (*RETAKES, *TWO_ON_TABLES)
"""Every kind of retake."""


def retakes_of(samples: Sequence[Sample]) -> Iterator[Sample]:
    """Every retake of all `samples`, and of pairs of those on paper; its name is its kind."""
    for number, sample in enumerate(samples):
        pixels = _pixels(sample)
        for name, retake in RETAKES.items():
            if name not in ON_PAPER or not sample.kind.endswith(LIGHT_ON_DARK):
                yield _retaken(sample, name, retake(pixels, _random(number)))
    yield from _pairs_of([sample for sample in samples if not sample.kind.endswith(LIGHT_ON_DARK)])


def _pairs_of(samples: Sequence[Sample]) -> Iterator[Sample]:
    """Each of `samples` with the next one, as wide as it, below it; what has no order is in no pair."""
    in_order = [sample for sample in samples if not sample.unordered]
    for number, (sample, next_one) in enumerate(pairwise(in_order)):
        photos = [_pixels(sample), _pixels(next_one)]
        width = min(photo.shape[1] for photo in photos)
        photos = [_resized(photo, width / photo.shape[1], width / photo.shape[1]) for photo in photos]
        both = dataclasses.replace(sample, rows=sample.rows + next_one.rows)
        for name, together in TWO_ON_TABLES.items():
            yield _retaken(both, name, together(photos, _random(number)))


def _retaken(sample: Sample, kind: str, pixels: Pixels) -> Sample:
    return dataclasses.replace(sample, data=encoded(pixels, _QUALITY), kind=kind)


def _random(number: int) -> Random:
    return np.random.default_rng([_SEED, number])


def _pixels(sample: Sample) -> Pixels:
    pixels = decode(sample.data, MAX_BYTES, MAX_PIXELS).pixels
    return np.asarray(pixels if pixels.ndim == 3 else cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB), np.uint8)

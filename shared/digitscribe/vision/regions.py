"""Where in a picture a sheet may lie: what is unlike its border, or calm where that is patterned, with four sides."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision import quadrilateral
from digitscribe.vision.arrays import block, median, quantile, u8
from digitscribe.vision.quadrilateral import Corners

RING = 0.03
"""What is so near to the border tells what the sheet lies on, as a share of the longest side."""

SMALLEST = 0.03
"""Smallest sheet, as a share of the picture, if it is lighter than what it lies on."""

SMALLEST_DARK = 0.2
"""Smallest board, or dark sheet: what is smaller may be a phone's shadow."""

NARROWEST = 0.1
"""Shortest side of a sheet, as a share of the picture's longest side; strokes are narrower."""

FILLED = 0.85
"""So much of its four sides' area a sheet takes up at least."""

LEAST = (20, 40, 70)
"""Differences from the border that may tell a sheet, in grey levels and colour together."""

CALM = 20
"""Paper varies by less than this from place to place, in grey levels and colour together; a patterned cloth by more."""

PATTERNED = 0.25
"""A cloth is patterned if so much of what lies along the border of the picture is not calm."""

NEAR = 5
"""How near those places are: the side of a square, in pixels of the small picture."""

SQUARE = 13
"""What is calm is a sheet if it holds such a square: the squares of a cloth are smaller."""

_ALL, _COLOUR = np.array([[[1, 1, 1]], [[0, 1, 1]]], np.float32)


def differences_of(flat: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """How different each place is from what lies along the border, L*a*b* uint8 [h, w, 3] as `flat` is."""
    around = np.append(np.floor(median(border_of(flat))), 0.0)  # four float64 are one colour to OpenCV
    return u8(cv2.absdiff(flat, around))


def border_of(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What lies along the border, uint8 [N, ...] of [h, w, ...]."""
    edge = max(1, round(RING * max(pixels.shape)))
    strips = (pixels[:edge], pixels[-edge:], pixels[:, :edge], pixels[:, -edge:])
    return np.concatenate([strip.reshape(-1, *pixels.shape[2:]) for strip in strips])


def total(channels: NDArray[np.uint8], counted: NDArray[np.float32] = _ALL) -> NDArray[np.uint8]:
    """The sum of the channels of uint8 [h, w, 3] that are `counted`, 255 at most."""
    return u8(cv2.transform(channels, counted))


def regions_of(flat: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Where a sheet may be, uint8 [h, w] of 0 and 1 each, in the picture without its strokes."""
    differences, light = differences_of(flat), flat[..., 0]
    away, colour = total(differences), total(differences, _COLOUR)
    masks = [(away > least).view(np.uint8) for least in LEAST]
    # colour by itself does not mind a shadow that lies over sheet and table
    for each in (away, light, cv2.bitwise_not(light), colour):
        _, mask = cv2.threshold(each, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        masks.append(u8(mask))
    return masks + _calm_in_pattern(flat)


def _calm_in_pattern(flat: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Where hardly anything changes, if along the border much does: a sheet on a cloth that has its colour in it."""
    changes = total(u8(cv2.subtract(cv2.dilate(flat, block(NEAR)), cv2.erode(flat, block(NEAR)))))
    if quantile(border_of(changes), 1 - PATTERNED) < CALM:
        return []
    wide = cv2.morphologyEx((changes < CALM).view(np.uint8), cv2.MORPH_OPEN, block(SQUARE))
    return [u8(cv2.dilate(wide, block(NEAR)))]


def _is_large(outline: Any, area: float, light: NDArray[np.uint8]) -> bool:
    """Large enough for a sheet, or, where it is darker than the picture in the mean, for a dark one."""
    if area >= SMALLEST_DARK * light.size:
        return True
    if area < SMALLEST * light.size:
        return False
    inside = np.zeros_like(light)
    cv2.drawContours(inside, [outline], -1, 1, cv2.FILLED)
    return bool(cv2.mean(light, inside)[0] >= cv2.mean(light)[0])


def quadrilaterals_of(mask: NDArray[np.uint8], light: NDArray[np.uint8]) -> list[tuple[Corners, float]]:
    """What four sides the large pieces of `mask` may have, and how much of the area inside them each fills.

    Pieces that are too small for their brightness in `light`, uint8 [h, w], have none, nor have those with other sides.
    """
    found = []
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for outline in outlines:
        area = cv2.contourArea(outline)
        ways = quadrilateral.around(np.asarray(outline, np.int32)) if _is_large(outline, area, light) else []
        large = [way for way in ways if quadrilateral.shortest(way) >= NARROWEST * max(mask.shape)]
        found += [(way, area / inside) for way in large if area >= FILLED * (inside := quadrilateral.area(way))]
    return found

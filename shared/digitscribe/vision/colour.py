"""The grey picture in which ink stands out: usually what the eye calls bright and dark, sometimes a single colour.

Orange ink on green paper may be as bright as the paper, and yellow ink on white nearly so; in the blue of the picture
both are dark.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision.arrays import at_least, odd, reduced, u8

SIDE = 64
"""Longest side of the picture in which the colours are compared."""

SURROUNDINGS = 0.3
"""A pixel is compared with the median of a window as wide as this share of the longest side, which no stroke fills."""

INK = 0.02
"""So much of a picture is ink at least: how far that stands out is what counts."""

DARK = 32
"""Surroundings darker than this count as this bright: grain in black is no ink."""

PLAIN = 0.3
"""Ink that stands out so far in brightness needs no colour: a tablecloth may have more of it than the writing."""

SPARSE = 8
"""Every so many rows and columns tell whether there is any colour;"""

COLOURED = 16
"""there is none where red, green and blue differ by less than this, in grey levels."""

BETTER = 2.0
"""In a colour ink stands out so many times as far, or brightness is kept: a single colour has more grain."""


def brightness_of(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey uint8 [H, W] of RGB uint8 [H, W, 3] or grey [H, W], as bright as the eye sees it."""
    return pixels if pixels.ndim == 2 else u8(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))


def telling_colour_of(pixels: NDArray[np.uint8], brightness: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """The red, green or blue, uint8 [H, W], that shows ink far better than brightness does, if one of them does.

    Args:
        pixels: RGB uint8 [H, W, 3], or grey [H, W].
        brightness: uint8 [H, W], theirs.
    """
    if pixels.ndim == 2:
        return None
    in_brightness = _standing_out(reduced(brightness, SIDE))
    if in_brightness >= PLAIN or is_colourless(pixels):
        return None
    in_colours = [_standing_out(u8(channel)) for channel in cv2.split(reduced(pixels, SIDE))]
    best = int(np.argmax(in_colours))
    return u8(cv2.extractChannel(pixels, best)) if in_colours[best] > BETTER * in_brightness else None


def is_colourless(pixels: NDArray[np.uint8]) -> bool:
    """Whether there is no colour in RGB uint8 [H, W, 3]."""
    red, green, blue = cv2.split(np.ascontiguousarray(pixels[::SPARSE, ::SPARSE]))
    spread = cv2.subtract(cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue))
    return cv2.norm(spread, cv2.NORM_INF) < COLOURED


def _standing_out(channel: NDArray[np.uint8]) -> float:
    """How far ink differs from the paper around it, as a share of the lighter of the two."""
    around = u8(cv2.medianBlur(channel, odd(round(SURROUNDINGS * max(channel.shape)))))
    lighter = at_least(u8(cv2.max(channel, around)), DARK)
    shares = u8(cv2.divide(cv2.absdiff(channel, around), lighter, scale=255.0)).ravel()
    strong = int((1 - INK) * shares.size)
    shares.partition(strong)
    return float(shares[strong]) / 255

"""The steps from pixels to rows of ink, each with the picture that it leaves behind."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision import (
    binarize,
    clutter,
    colour,
    components,
    drawn,
    grouping,
    illumination,
    joining,
    lines,
    polarity,
    sheet,
    strays,
)
from digitscribe.vision.arrays import u8
from digitscribe.vision.components import Blob
from digitscribe.vision.decode import DecodedImage
from digitscribe.vision.profile import Polarity, Profile
from digitscribe.vision.sheet import Sheet

SIDE = 800
"""Longest side of the image that is worked on first; a digit needs some 30 pixels of height, not more."""

SMALL = 28
"""Where the writing is lower than this, in pixels, the image is looked at again with all pixels that were decoded."""


MORE_LEGIBLE = 0.05
"""Where brightness does not tell the polarity clearly, so much more that looks like digits overrules it."""


@dataclass(frozen=True, eq=False)
class Stages:
    """What each step of preparing an image left; all arrays are of one size, [H, W] in working pixels.

    Attributes:
        grey: uint8, as photographed: its brightness, or one of its colours where that shows ink far better.
        light_on_dark: chalk on a board, say; the steps after this one see the negative.
        contrast: uint8, how much stronger than its paper each pixel is: 0 is paper, 255 is full ink.
        ink: uint8, 1 where there is ink.
        unruled: uint8, the same without the lines of ruled or squared paper.
        pieces: connected ink that can be a digit or a part of one; boxes in working pixels.
        rows: what is looked at as writing, in reading order: pieces joined to digits where strokes are broken.
        scale: pixels of the image as a person sees it per working pixel, at least 1.
        is_sheet: only a sheet that lies on something was looked at; the arrays are of it alone.
        left: where the arrays begin in the image as a person sees it, in its pixels.
        top: the same, downwards.
    """

    grey: NDArray[np.uint8]
    light_on_dark: bool
    contrast: NDArray[np.uint8]
    ink: NDArray[np.uint8]
    unruled: NDArray[np.uint8]
    pieces: tuple[Blob, ...]
    rows: tuple[tuple[Blob, ...], ...]
    scale: float
    is_sheet: bool = False
    left: float = 0.0
    top: float = 0.0


def stages_of(image: DecodedImage, profile: Profile) -> Stages:
    """Prepare an image for reading: the sheet in it, if there is one with writing on it, or else all of it."""
    found = sheet.find(image.pixels) if profile.find_sheet else None
    if found is not None:
        left, top, right, bottom = found.box
        stages = _looked_at(image.pixels[top:bottom, left:right], image.scale, profile, found)
        if stages.rows:
            return replace(stages, is_sheet=True, left=left * image.scale, top=top * image.scale)
    return _looked_at(image.pixels, image.scale, profile, None)


def _looked_at(pixels: NDArray[np.uint8], scale: float, profile: Profile, found: Sheet | None) -> Stages:
    """Reduced, and once more in full where the writing is small."""
    factor = max(pixels.shape[:2]) / SIDE
    if factor <= 1:
        return _prepared(pixels, scale, profile, found)
    height, width = pixels.shape[:2]
    size = (max(1, round(width / factor)), max(1, round(height / factor)))
    reduced = u8(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))
    stages = _prepared(reduced, scale * factor, profile, found)
    return stages if _height(stages) >= SMALL else _prepared(pixels, scale, profile, found)


def _height(stages: Stages) -> float:
    """The height of the writing in working pixels, 0 if there is none."""
    return components.writing_height([blob for row in stages.rows for blob in row])


def _prepared(pixels: NDArray[np.uint8], scale: float, profile: Profile, found: Sheet | None) -> Stages:
    """With the polarity that the profile says or brightness tells; where that is unclear, the one that reads better."""
    grey = colour.grey_of(pixels)
    on_sheet = None if found is None else found.mask(grey.shape)
    if on_sheet is not None:
        grey = sheet.alone(grey, on_sheet)
    small = illumination.coarse(grey)
    if profile.polarity is not Polarity.AUTO:
        return _inked(grey, small, profile.polarity is Polarity.LIGHT_ON_DARK, scale, profile, on_sheet)
    verdict = polarity.told(small)
    stages = _inked(grey, small, verdict.light_on_dark, scale, profile, on_sheet)
    if verdict.is_clear:
        return stages
    negative = _inked(grey, small, not verdict.light_on_dark, scale, profile, on_sheet)
    gained = polarity.legibility(negative.pieces, negative.rows) - polarity.legibility(stages.pieces, stages.rows)
    return negative if gained > MORE_LEGIBLE else stages


def _inked(
    grey: NDArray[np.uint8],
    small: NDArray[np.uint8],
    light_on_dark: bool,
    scale: float,
    profile: Profile,
    on_sheet: NDArray[np.uint8] | None,
) -> Stages:
    dark_ink, small = (u8(cv2.bitwise_not(each)) if light_on_dark else each for each in (grey, small))
    contrast = illumination.contrast_of(dark_ink, small)
    if on_sheet is not None:
        contrast *= on_sheet
    ink = binarize.ink_mask(contrast, profile.min_contrast, profile.edge)
    unruled = lines.without_lines(ink, contrast) if profile.remove_lines else ink
    pieces = components.find(unruled, contrast)
    if profile.remove_lines:
        pieces = drawn.without_lines(pieces, contrast)
    if on_sheet is not None:
        pieces = sheet.without_rim(pieces, on_sheet)
    pieces = clutter.without_clutter(pieces, contrast, grey)
    rows = _rows(pieces, profile, max(grey.shape))
    return Stages(grey, light_on_dark, contrast, ink, unruled, tuple(pieces), tuple(map(tuple, rows)), scale)


def _rows(pieces: list[Blob], profile: Profile, longest: int) -> list[list[Blob]]:
    """Joined pieces in rows, without dots and dashes."""
    joined = strays.without_posts(joining.join_fragments(pieces, profile.joining))
    height, smallest = components.writing_height(joined), profile.min_size * longest
    lowest = max(profile.min_height * height, smallest)
    low = [blob for blob in joined if smallest <= blob.height < lowest]
    own = grouping.small_rows(low, height)
    rows = grouping.rows_of([blob for blob in joined if blob.height >= lowest] + own)
    rows = strays.without_bar_codes(strays.without_strays(rows))
    in_rows = set(own)
    return grouping.completed(rows, [blob for blob in low if blob not in in_rows], profile.min_height)

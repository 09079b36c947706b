"""The steps from pixels to rows of ink, each with the picture that it leaves behind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision import (
    binarize,
    clutter,
    colour,
    components,
    dots,
    drawn,
    grouping,
    illumination,
    joining,
    levelling,
    lines,
    printed,
    scribbles,
    sheet,
    strays,
    struck,
)
from digitscribe.vision.arrays import u8
from digitscribe.vision.components import Blob
from digitscribe.vision.profile import Profile
from digitscribe.vision.sheet import Sheet

Rows = tuple[tuple[Blob, ...], ...]
"""Pieces of ink, row by row."""


class Ink(Enum):
    """What is looked for as ink."""

    ALL = "all"
    THIN = "thin"
    """Thin ink alone: what is as wide as shadows and patterns is none."""
    ABOVE_GRAIN = "above grain"
    """Where the paper is grainier than elsewhere, what stands out from the grain there."""


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
        rows: what is looked at as writing, in reading order: pieces joined to digits where strokes are broken. They are
            turned level about the corner of the image where they run up or down hill.
        tilt: of the rows before they were, in radians, above 0 where they fell; 0 if they are not turned.
        scale: pixels of the image as a person sees it per working pixel, at least 1.
        is_sheet: only a sheet that lies on something was looked at; the arrays are of it alone.
        sought: what was looked for as ink.
        quarters: of a turn against the clock that the whole image was turned by before all this.
        is_second: one that is only made at a second look.
        left: where the arrays begin in the image as a person sees it, or as it was turned, in its pixels.
        top: the same, downwards.
    """

    grey: NDArray[np.uint8]
    light_on_dark: bool
    contrast: NDArray[np.uint8]
    ink: NDArray[np.uint8]
    unruled: NDArray[np.uint8]
    pieces: tuple[Blob, ...]
    rows: Rows
    tilt: float
    scale: float
    is_sheet: bool = False
    sought: Ink = Ink.ALL
    quarters: int = 0
    is_second: bool = False
    left: float = 0.0
    top: float = 0.0

    @property
    def nbytes(self) -> int:
        """What its arrays take in memory; views of one image share some of them."""
        return self.grey.nbytes + self.contrast.nbytes + self.ink.nbytes + self.unruled.nbytes


@dataclass(frozen=True, eq=False)
class Light:
    """What is looked at for ink of either polarity.

    Attributes:
        pixels: RGB uint8 [H, W, 3], or grey [H, W].
        grey: uint8 [H, W].
        small: the same, made small.
        on_sheet: uint8 [H, W], 1 on the sheet, if only a sheet is looked at.
        scale: pixels of the image as a person sees it per pixel of `grey`.
        is_colour: whether `grey` is one of the colours, which shows ink far better than brightness does.
    """

    pixels: NDArray[np.uint8]
    grey: NDArray[np.uint8]
    small: NDArray[np.uint8]
    on_sheet: NDArray[np.uint8] | None
    scale: float
    is_colour: bool


def light_of(
    pixels: NDArray[np.uint8], factor: float, scale: float, found: Sheet | None, may_be_colour: bool = True
) -> Light:
    """The brightness of pixels that are made smaller by `factor`, or the colour that shows ink far better.

    Around a sheet all is painted like it.
    """
    if factor > 1:
        size = tuple(max(1, round(side / factor)) for side in pixels.shape[1::-1])
        pixels = u8(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))
    grey = colour.brightness_of(pixels)
    telling = colour.telling_colour_of(pixels, grey) if may_be_colour else None
    grey = grey if telling is None else telling
    on_sheet = None if found is None else found.mask(grey.shape)
    if on_sheet is not None:
        grey = sheet.alone(grey, on_sheet)
    return Light(pixels, grey, illumination.coarse(grey), on_sheet, scale * factor, telling is not None)


def inked(light: Light, light_on_dark: bool, profile: Profile, sought: Ink = Ink.ALL) -> Stages:
    """All steps after the first, on the negative if ink is lighter than its paper."""
    grey, small = (u8(cv2.bitwise_not(each)) if light_on_dark else each for each in (light.grey, light.small))
    contrast = illumination.thin_contrast_of(grey) if sought is Ink.THIN else illumination.contrast_of(grey, small)
    if light.on_sheet is not None:
        contrast *= light.on_sheet
    by_part = sought is Ink.ABOVE_GRAIN
    ink = binarize.ink_mask(contrast, profile.min_contrast, profile.edge, light.on_sheet, by_part=by_part)
    unruled = _unruled(light, ink, contrast) if profile.remove_lines else ink
    pieces = struck.without_struck_out(scribbles.without_scribbles(components.find(unruled, contrast)))
    if profile.remove_lines:
        pieces = dots.without_dots(drawn.without_lines(pieces, contrast), max(grey.shape))
    if light.on_sheet is not None:
        pieces = sheet.without_rim(pieces, light.on_sheet)
    pieces = clutter.without_clutter(pieces, contrast, light.grey)
    rows, tilt = _level_rows(pieces, profile, max(grey.shape))
    arrays = (contrast, ink, unruled)
    return Stages(light.grey, light_on_dark, *arrays, tuple(pieces), rows, tilt, light.scale, sought=sought)


def _unruled(light: Light, ink: NDArray[np.uint8], contrast: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Ink without ruled lines and without print of another colour."""
    unruled = lines.without_lines(ink, contrast, light.on_sheet)
    return printed.without_print(unruled, light.pixels, ink, contrast)


def of_pieces(view: Stages, pieces: list[Blob], profile: Profile) -> Stages:
    """The same view with other pieces, and the rows that these make."""
    rows, tilt = _level_rows(pieces, profile, max(view.grey.shape))
    return replace(view, pieces=tuple(pieces), rows=rows, tilt=tilt)


def _level_rows(pieces: list[Blob], profile: Profile, longest: int) -> tuple[Rows, float]:
    """The rows, turned level if they are askew, and their tilt before."""
    rows = _rows(pieces, profile, longest)
    tilt = levelling.tilt_of([blob for row in rows for blob in row]) if profile.level_rows else 0.0
    if tilt:
        # before they are turned: a page's edge leans after that, and is as wide as a digit
        upright = strays.without_posts(pieces)
        rows = _rows([levelling.turned(piece, tilt) for piece in upright], profile, longest)
    return tuple(map(tuple, rows)), tilt


def _rows(pieces: list[Blob], profile: Profile, longest: int) -> list[list[Blob]]:
    """Joined pieces in rows, without dots and dashes."""
    joined = strays.without_posts(joining.join_fragments(pieces, profile.joining))
    height, smallest = components.writing_height(joined), profile.min_size * longest
    lowest = max(profile.min_height * height, smallest)
    low = [blob for blob in joined if smallest <= blob.height < lowest]
    own = grouping.small_rows(low, height)
    rows = grouping.rows_of([blob for blob in joined if blob.height >= lowest] + own)
    rows = strays.without_marks(strays.without_strays(rows))
    rows = strays.without_bar_codes(strays.without_pale_bars(strays.without_ends(rows)))
    in_rows = set(own)
    return grouping.completed(rows, [blob for blob in low if blob not in in_rows], profile.min_height)

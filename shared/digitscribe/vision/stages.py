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
    dots,
    drawn,
    grouping,
    illumination,
    joining,
    levelling,
    lines,
    parting,
    polarity,
    printed,
    sheet,
    strays,
)
from digitscribe.vision.arrays import halved, u8
from digitscribe.vision.components import Blob
from digitscribe.vision.decode import DecodedImage
from digitscribe.vision.profile import Polarity, Profile
from digitscribe.vision.sheet import Sheet

SIDE = 800
"""Longest side of the image that is worked on first."""

SMALL = 44
"""Where the writing is lower than this, in pixels, the image is looked at again with all pixels that were decoded:
28 are enough for a digit by itself, but not for the gap to its neighbour, to a rule or to the frame around it."""

TANGLED = 2.5
"""So long are the strokes of a piece, as a multiple of the width and height of its box, that it is many digits."""

LEGIBLE = 0.5
"""Where less than this looks like digits, light may hide them: sharp shadows, stripes, a patterned cloth."""

DOUBTFUL = 0.3
"""A sheet is less legible than this if hardly anything on it looks like a digit: one by itself comes to a third."""

LARGE = 2.0
"""What is so many times as high as other pieces, and cannot be read, may be no writing: a stain, a smear, a doodle."""

ROOM = 0.5
"""A sheet that takes up less of the image leaves room for another one."""

ANOTHER = 0.25
"""So much of all writing stands on the other one at least."""

Rows = tuple[tuple[Blob, ...], ...]
"""Pieces of ink, row by row."""


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
        is_thin: only thin ink was looked for.
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
    is_thin: bool = False
    quarters: int = 0
    is_second: bool = False
    left: float = 0.0
    top: float = 0.0


@dataclass(frozen=True, eq=False)
class _Light:
    """What is looked at for ink of either polarity.

    Attributes:
        pixels: RGB uint8 [H, W, 3], or grey [H, W].
        grey: uint8 [H, W].
        small: the same, made small.
        on_sheet: uint8 [H, W], 1 on the sheet, if only a sheet is looked at.
        scale: pixels of the image as a person sees it per pixel of `grey`.
    """

    pixels: NDArray[np.uint8]
    grey: NDArray[np.uint8]
    small: NDArray[np.uint8]
    on_sheet: NDArray[np.uint8] | None
    scale: float


def views_of(image: DecodedImage, profile: Profile, *, thin: bool = False) -> tuple[Stages, ...]:
    """Prepare an image for reading: the sheet in it, if there is one with writing on it, or else all of it.

    Where brightness leaves open whether ink is darker than its paper there are two views, one of each polarity; where
    little of either looks like digits there are the same again, of thin ink alone. Where little does on a sheet it may
    be none, and where there is as much beside it there may be another: views of all of the image are beside those of
    it. The most legible is the first.

    Args:
        image: the image.
        profile: how to prepare it.
        thin: look for thin ink alone from the beginning.
    """
    halves = halved(image.pixels, SIDE)
    found = sheet.find(image.pixels, halves) if profile.find_sheet else None
    views = _of_sheet(image, profile, found, thin) if found else []
    if max(map(_legibility, views), default=0.0) < DOUBTFUL:
        views += _looked_at(image.pixels, halves, image.scale, profile, thin)
    elif found and found.share < ROOM:
        whole = _looked_at(image.pixels, halves, image.scale, profile, thin)
        views += [view for view in whole if _shows_another(view, found, image.scale)]
    return tuple(sorted(views, key=_legibility, reverse=True))


def _of_sheet(image: DecodedImage, profile: Profile, found: Sheet, thin: bool) -> list[Stages]:
    """Views of the sheet alone; nothing where there is nothing on it."""
    left, top, right, bottom = found.box
    pixels = image.pixels[top:bottom, left:right]
    views = _looked_at(pixels, halved(pixels, SIDE), image.scale, profile, thin, found)
    place = (left * image.scale, top * image.scale)
    on_sheet = [replace(view, is_sheet=True, left=place[0], top=place[1]) for view in views]
    return on_sheet if any(view.rows for view in views) else []


def _shows_another(view: Stages, found: Sheet, scale: float) -> bool:
    """Whether much stands beside the sheet in a legible view of all of the image, and is no row of keys or the like."""
    blobs = [blob for row in view.rows for blob in row]
    boxes = levelling.boxes_before(blobs, view.tilt) * (view.scale / scale)
    on_sheet = found.holds((boxes[:, :2] + boxes[:, 2:]) / 2)
    beside = [blob for blob, is_on in zip(blobs, on_sheet, strict=True) if not is_on]
    is_enough = len(beside) >= max(1, ANOTHER * len(blobs))
    return is_enough and _legibility(view) >= LEGIBLE and not strays.is_mostly_narrow(beside)


def _looked_at(
    pixels: NDArray[np.uint8],
    halves: NDArray[np.uint8],
    scale: float,
    profile: Profile,
    thin: bool,
    found: Sheet | None = None,
) -> list[Stages]:
    """Reduced, and once more in full where the writing is small; `halves` are the pixels, `halved` to `SIDE`."""
    factor = max(1.0, max(pixels.shape[:2]) / SIDE)
    done = max(pixels.shape[:2]) / max(halves.shape[:2])
    light = _light_of(halves, factor / done, scale * done, found)
    views = [_inked(light, each, profile, thin) for each in _polarities(light, profile)]
    if factor > 1 and min(map(_height, views)) < SMALL:
        full = _light_of(pixels, 1.0, scale, found)
        views = [each if _height(each) >= SMALL else _inked(full, each.light_on_dark, profile, thin) for each in views]
    if not thin and max([polarity.legible_share(view.pieces, view.rows) for view in views]) < LEGIBLE:
        views += [_inked(light, each.light_on_dark, profile, thin=True) for each in views]
    return [*views, *[parted for view in views for parted in _parted(view, profile)]]


def _parted(view: Stages, profile: Profile) -> list[Stages]:
    """The view with what reaches over two rows cut between them, if anything does."""
    pieces = parting.parted(list(view.pieces))
    if len(pieces) == len(view.pieces):
        return []
    rows, tilt = _level_rows(pieces, profile, max(view.grey.shape))
    return [replace(view, pieces=tuple(pieces), rows=rows, tilt=tilt)]


def beside_large(view: Stages, profile: Profile) -> Stages:
    """A view of what is less than half as high as what is looked at in another one: beside a smear digits are low."""
    limit = components.writing_height([blob for row in view.rows for blob in row]) / LARGE
    pieces = [blob for blob in view.pieces if blob.height < limit]
    rows, tilt = _level_rows(pieces, profile, max(view.grey.shape))
    return replace(view, pieces=tuple(pieces), rows=rows, tilt=tilt)


def _legibility(stages: Stages) -> float:
    return polarity.legibility(stages.pieces, stages.rows)


def _polarities(light: _Light, profile: Profile) -> list[bool]:
    """Whether ink may be lighter than its paper: as the profile or brightness says, or both where that is open."""
    if profile.polarity is not Polarity.AUTO:
        return [profile.polarity is Polarity.LIGHT_ON_DARK]
    verdict = polarity.told(light.small)
    return [verdict.light_on_dark] if verdict.is_clear else [verdict.light_on_dark, not verdict.light_on_dark]


def _height(stages: Stages) -> float:
    """The height of the writing in working pixels, 0 if there is none, or if most of it is one tangle."""
    blobs = [blob for row in stages.rows for blob in row]
    low = [blob for blob in blobs if blob.height < 2 * SMALL]
    tangled = [blob.weight for blob in low if blob.stroke_length > TANGLED * (blob.width + blob.height)]
    is_hidden = 2 * sum(tangled) > sum([blob.weight for blob in blobs])
    return 0.0 if is_hidden else components.writing_height(blobs)


def _light_of(pixels: NDArray[np.uint8], factor: float, scale: float, found: Sheet | None) -> _Light:
    """The brightness of pixels that are made smaller by `factor`; around a sheet all is painted like it."""
    if factor > 1:
        size = tuple(max(1, round(side / factor)) for side in pixels.shape[1::-1])
        pixels = u8(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))
    grey = colour.grey_of(pixels)
    on_sheet = None if found is None else found.mask(grey.shape)
    if on_sheet is not None:
        grey = sheet.alone(grey, on_sheet)
    return _Light(pixels, grey, illumination.coarse(grey), on_sheet, scale * factor)


def _inked(light: _Light, light_on_dark: bool, profile: Profile, thin: bool) -> Stages:
    """All steps after the first, on the negative if ink is lighter than its paper; only of `thin` ink if so wished."""
    grey, small = (u8(cv2.bitwise_not(each)) if light_on_dark else each for each in (light.grey, light.small))
    contrast = illumination.thin_contrast_of(grey) if thin else illumination.contrast_of(grey, small)
    if light.on_sheet is not None:
        contrast *= light.on_sheet
    ink = binarize.ink_mask(contrast, profile.min_contrast, profile.edge, light.on_sheet)
    unruled = _unruled(light, ink, contrast) if profile.remove_lines else ink
    pieces = components.find(unruled, contrast)
    if profile.remove_lines:
        pieces = dots.without_dots(drawn.without_lines(pieces, contrast))
    if light.on_sheet is not None:
        pieces = sheet.without_rim(pieces, light.on_sheet)
    pieces = clutter.without_clutter(pieces, contrast, light.grey)
    rows, tilt = _level_rows(pieces, profile, max(grey.shape))
    arrays = (contrast, ink, unruled)
    return Stages(light.grey, light_on_dark, *arrays, tuple(pieces), rows, tilt, light.scale, is_thin=thin)


def _unruled(light: _Light, ink: NDArray[np.uint8], contrast: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Ink without ruled lines and without print of another colour."""
    unruled = lines.without_lines(ink, contrast, light.on_sheet)
    return printed.without_print(unruled, light.pixels, ink, contrast)


def _level_rows(pieces: list[Blob], profile: Profile, longest: int) -> tuple[Rows, float]:
    """The rows, turned level if they are askew, and their tilt before."""
    rows = _rows(pieces, profile, longest)
    tilt = levelling.tilt_of([blob for row in rows for blob in row]) if profile.level_rows else 0.0
    if tilt:
        rows = _rows([levelling.turned(piece, tilt) for piece in pieces], profile, longest)
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

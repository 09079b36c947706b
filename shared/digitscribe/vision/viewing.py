"""Which views of an image there are: of the sheet in it or of all of it, of dark ink or light, of thin ink alone."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision import binarize, components, levelling, parting, polarity, sheet, strays
from digitscribe.vision.arrays import halved
from digitscribe.vision.components import Blob
from digitscribe.vision.decode import DecodedImage
from digitscribe.vision.profile import Polarity, Profile
from digitscribe.vision.sheet import Sheet
from digitscribe.vision.stages import Ink, Light, Stages, inked, light_of, of_pieces

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

UNRULED = 0.1
"""Paper is empty where less than this share of ink is left without its rules, and little of it looks like digits."""

OUTLINE = 0.5
"""What is longer than this share of a sheet's shorter side, and touches it, may be its outline."""

ROOM = 0.5
"""A sheet that takes up less of the image leaves room for another one."""

GRAINY = 200
"""Among so many pieces there may be grain,"""

GRAIN_LEFT = 0.5
"""and there is, if less than this share of what is looked at stands out from the grain of its part of the image."""

INK_LEFT = 0.99
"""Where that leaves more than this share of the ink there is none: nothing else has to be looked at once more."""

ANOTHER = 0.25
"""So much of all writing stands on the other one at least."""


def views_of(image: DecodedImage, profile: Profile, *, sought: Ink = Ink.ALL) -> tuple[Stages, ...]:
    """Prepare an image for reading: the sheet in it, if there is one with writing on it, or else all of it.

    Where brightness leaves open whether ink is darker than its paper there are two views, one of each polarity; where
    little of either looks like digits there are the same again, of thin ink alone. Where little does on a sheet it may
    be none, and where there is as much beside it there may be another: views of all of the image are beside those of
    it. On paper with nothing but rules nothing is looked for. The most legible is the first.

    Args:
        image: the image.
        profile: how to prepare it.
        sought: what to look for as ink from the beginning.
    """
    halves = halved(image.pixels, SIDE)
    found = sheet.find(image.pixels, halves) if profile.find_sheet else None
    views = _of_sheet(image, profile, found, sought) if found else []
    is_empty, is_doubtful = any(map(_is_ruled_only, views)), max(map(_legibility, views), default=0.0) < DOUBTFUL
    if (is_doubtful and not is_empty) or (found and found.share < ROOM):
        whole = _looked_at(image.pixels, halves, image.scale, profile, sought)
        if found and is_doubtful:
            share = 0.0 if is_empty else OUTLINE
            whole = [_without_sheet(view, found, profile, share) for view in whole]
        if found and (is_empty or not is_doubtful):
            whole = [view for view in whole if _shows_another(view, found, image.scale)]
        views += whole
    return tuple(sorted(views, key=_legibility, reverse=True))


def _of_sheet(image: DecodedImage, profile: Profile, found: Sheet, sought: Ink) -> list[Stages]:
    """Views of the sheet alone; nothing where there is nothing on it."""
    left, top, right, bottom = found.box
    pixels = image.pixels[top:bottom, left:right]
    views = _looked_at(pixels, halved(pixels, SIDE), image.scale, profile, sought, found)
    place = (left * image.scale, top * image.scale)
    on_sheet = [replace(view, is_sheet=True, left=place[0], top=place[1]) for view in views]
    return on_sheet if any(view.rows or _is_ruled_only(view) for view in views) else []


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
    sought: Ink,
    found: Sheet | None = None,
) -> list[Stages]:
    """Reduced, and once more in full where the writing is small; `halves` are the pixels, `halved` to `SIDE`."""
    factor = max(1.0, max(pixels.shape[:2]) / SIDE)
    done = max(pixels.shape[:2]) / max(halves.shape[:2])
    light = light_of(halves, factor / done, scale * done, found)
    views = _seen_by(light, pixels, scale, profile, sought, found)
    if light.is_colour:  # what it shows so well may be a patch of colour, and the writing dark as ever
        light = light_of(halves, factor / done, scale * done, found, may_be_colour=False)
        views += _seen_by(light, pixels, scale, profile, sought, found)
    return views


def _seen_by(
    light: Light, pixels: NDArray[np.uint8], scale: float, profile: Profile, sought: Ink, found: Sheet | None
) -> list[Stages]:
    """What is seen by some light on `pixels`, all that there are, at that scale."""
    views = [_inked(light, each, profile, sought) for each in _polarities(light, profile)]
    if light.grey.shape != pixels.shape[:2] and min(map(_height, views)) < SMALL:
        full = light_of(pixels, 1.0, scale, found, may_be_colour=light.is_colour)
        views = [
            each if _height(each) >= SMALL else _inked(full, each.light_on_dark, profile, sought) for each in views
        ]
    if empty := [view for view in views if _is_ruled_only(view)]:
        return empty
    if sought is Ink.ALL and max([polarity.legible_share(view.pieces, view.rows) for view in views]) < LEGIBLE:
        views += [inked(light, each.light_on_dark, profile, Ink.THIN) for each in views]
    return [*views, *[parted for view in views for parted in _parted(view, profile)]]


def _inked(light: Light, light_on_dark: bool, profile: Profile, sought: Ink) -> Stages:
    """A view; where hundreds of pieces are grain, one of what stands out from it."""
    view = inked(light, light_on_dark, profile, sought)
    if len(view.pieces) < GRAINY or sought is Ink.THIN or not _may_be_grainy(view, light, profile):
        return view
    above = inked(light, light_on_dark, profile, Ink.ABOVE_GRAIN)
    return above if 0 < _size(above) < GRAIN_LEFT * _size(view) else view


def _may_be_grainy(view: Stages, light: Light, profile: Profile) -> bool:
    """Whether some of the ink is no more than grain: a quick look, before all steps are taken again."""
    above = binarize.ink_mask(view.contrast, profile.min_contrast, profile.edge, light.on_sheet, by_part=True)
    return cv2.countNonZero(above) < INK_LEFT * cv2.countNonZero(view.ink)


def _size(view: Stages) -> int:
    """How many pieces are looked at."""
    return sum(map(len, view.rows))


def _is_ruled_only(view: Stages) -> bool:
    """Whether hardly anything but rules is in a view: all of its ink is explained, and nothing hides any."""
    ink = cv2.countNonZero(view.ink)
    return ink > 0 and cv2.countNonZero(view.unruled) <= UNRULED * ink and _legibility(view) < DOUBTFUL


def _without_sheet(view: Stages, found: Sheet, profile: Profile, share: float) -> Stages:
    """A view of all of the image without what touches an empty sheet, and is longer than that share of it.

    Its edges and its shadow are as long as it is; where it is surely empty nothing on it is writing.
    """
    on_sheet = found.cover(view.grey.shape)
    longest = share * min(cv2.boundingRect(on_sheet)[2:])

    def is_of_sheet(blob: Blob) -> bool:
        return max(blob.width, blob.height) >= longest and components.ink_on(on_sheet, blob) > 0

    return of_pieces(view, [blob for blob in view.pieces if not is_of_sheet(blob)], profile)


def _parted(view: Stages, profile: Profile) -> list[Stages]:
    """The view with what reaches over two rows cut between them, if anything does."""
    pieces = parting.parted(list(view.pieces))
    if len(pieces) == len(view.pieces):
        return []
    return [of_pieces(view, pieces, profile)]


def beside_large(view: Stages, profile: Profile) -> Stages:
    """A view of what is less than half as high as what is looked at in another one: beside a smear digits are low."""
    limit = components.writing_height([blob for row in view.rows for blob in row]) / LARGE
    return of_pieces(view, [blob for blob in view.pieces if blob.height < limit], profile)


def _legibility(stages: Stages) -> float:
    return polarity.legibility(stages.pieces, stages.rows)


def _polarities(light: Light, profile: Profile) -> list[bool]:
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

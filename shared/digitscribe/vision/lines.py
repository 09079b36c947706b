"""Ruled and squared paper: its lines are taken out, strokes that cross them stay.

A ruled line is thin, runs through most of the image, and comes in from its border, or from that of a sheet in it. Where
what stands on a line's course is thicker than the line itself, a stroke crosses it, and is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision import courses
from digitscribe.vision.arrays import block, closed, median, u8
from digitscribe.vision.erasing import Line, erased
from digitscribe.vision.remains import without_remains
from digitscribe.vision.stretches import CERTAIN, ends_of, linked

SEARCH_SIDE = 400
"""Longest side of the image in which lines are looked for."""

THICKEST = 0.009
"""Thickest line, as a share of the image's longest side; digits' strokes that are as thin are not as long."""

SHORTEST = 0.5
"""Shortest line, as a share of the image's width (of its height for upright lines)."""

GAP = 0.015
"""Gaps in a stretch of line up to this share are bridged; wider than strokes are apart it must not be."""

STEEPEST = 0.25
"""Rise of the steepest line,"""

ASKEW = 0.5
"""and where a long stretch is steeper, as on a page that lies askew: strokes of digits are as steep everywhere."""

BORDER = 0.03
"""A line comes in from this close to the border on one side at least."""

STRETCH = 0.02
"""Shortest stretch of a broken line that is looked at, as a share of the image's width."""

POOL = 4
"""Whether there is such a stretch at all is seen in an image reduced by this factor."""

BREAK = 0.2
"""Widest gap between two stretches of a line: beside strong ink a weak line is not seen."""

PRESENT = 0.4
"""So much of a line is there, as a share of its length."""

WHOLE = 0.9
"""A stretch of this share of the width is a line that nothing hides."""

RULED = 3
"""So many whole lines make ruled paper: what runs like them is a line although writing hides most of it, and what is as
faint as they are is what is left of them."""

HIDDEN = 0.7
"""`BREAK` on ruled paper."""

PART = 0.15
"""Where that many lines run through, a stretch of this share of the width that comes in from the border is one too,
although writing cuts it off from the rest of its line."""

UNBROKEN = 0.8
"""So much of such a stretch is there: bits of a line that lead up to a stroke do not make the stroke one."""

AROUND = (5, 3)
"""Width and height of the window around a pixel of ink, in pixels of the reduced image,"""

COMPANY = 4
"""in which there is so much ink at least, or it is grain: it would lead from one stroke of a column to the next."""

SAMPLED = 4
"""A line's course is fitted to every so many columns."""

_INWARDS = np.array([[1.0], [-1.0]])
"""Which way leads into the image from its left side, and from its right."""


def without_lines(
    mask: NDArray[np.uint8],
    contrast: NDArray[np.uint8] | None = None,
    on_sheet: NDArray[np.uint8] | None = None,
) -> NDArray[np.uint8]:
    """The ink mask without lines, lying and upright.

    Args:
        mask: uint8 [H, W], 1 is ink.
        contrast: uint8 [H, W], 0 is paper, 255 is black: ink that is darker than its line stays.
        on_sheet: uint8 [H, W], 1 on a sheet that may be smaller than the image, if there is one.
    """
    reduced = _reduced(mask)
    on_sheet = (
        None if on_sheet is None else u8(cv2.resize(on_sheet, reduced.shape[::-1], interpolation=cv2.INTER_NEAREST))
    )
    found = _found_in(reduced, max(mask.shape), on_sheet)
    lying = erased(mask, found, contrast)
    turned = u8(cv2.transpose(_reduced(lying) if found else reduced))
    upright = _found_in(turned, max(mask.shape), None if on_sheet is None else u8(cv2.transpose(on_sheet)))
    left = _without_upright(lying, upright, contrast) if upright else lying
    if contrast is None or len(found) + len(upright) < RULED:
        return left
    return without_remains(left, mask, contrast)


def _without_upright(
    mask: NDArray[np.uint8], upright: list[Line], contrast: NDArray[np.uint8] | None
) -> NDArray[np.uint8]:
    contrast = None if contrast is None else u8(cv2.transpose(contrast))
    return u8(cv2.transpose(erased(u8(cv2.transpose(mask)), upright, contrast)))


def find(mask: NDArray[np.uint8]) -> list[Line]:
    """The lying lines in an ink mask (uint8 [H, W], 1 is ink), from the top."""
    return _found_in(_reduced(mask), max(mask.shape))


def _factor(longest: int) -> int:
    return max(1, round(longest / SEARCH_SIDE))


def _reduced(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    factor = _factor(max(mask.shape))
    return u8(cv2.dilate(mask, block(factor)))[::factor, ::factor].copy() if factor > 1 else mask


def _found_in(reduced: NDArray[np.uint8], longest: int, on_sheet: NDArray[np.uint8] | None = None) -> list[Line]:
    """The lying lines in an ink mask that was reduced from one with that longest side."""
    if THICKEST * longest < 2:
        return []  # so small an image that strokes are as thin as lines
    sides = None if on_sheet is None else _sides(on_sheet)
    return found(reduced, max(2, round(THICKEST * max(reduced.shape))), _factor(longest), sides=sides, askew=ASKEW)


def _sides(on_sheet: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Where a sheet (uint8 [h, w], 1 is sheet) begins in each row, and where it has ended, [2, h]."""
    return np.stack([on_sheet.argmax(axis=1), on_sheet.shape[1] - on_sheet[:, ::-1].argmax(axis=1)])


def found(
    small: NDArray[np.uint8],
    thickest: int,
    factor: int = 1,
    border: float = BORDER,
    sides: NDArray[np.intp] | None = None,
    askew: float = STEEPEST,
) -> list[Line]:
    """The lying lines in a mask (uint8 [h, w]), `thickest` pixels or less, in pixels of one `factor` times as large.

    They come in from as near to a border as that share of the width, or to one of the `sides` of a sheet, [2, h]. They
    rise as steeply as `askew` where the page does, by less where nothing says so.
    """
    width = small.shape[1]
    thick = u8(cv2.morphologyEx(small, cv2.MORPH_OPEN, block(1, thickest + 1)))
    thin = _without_grain(small & ~thick)
    bridged = closed(thin, max(3, round(GAP * width)), 1)
    if not _may_hold_line(bridged):
        return []
    # outlines, not labels: they cost no more than there is ink
    outlines, _ = cv2.findContours(bridged, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    stretches = _stretches(outlines, width, thickest, askew)
    groups = _in_lines(stretches, width, thickest, _limits(small.shape, border, sides))
    traced = [_traced(group, thin, bridged, factor, thickest) for group in groups]
    return sorted((line for line in traced if line is not None), key=lambda line: float(line.course(line.start)))


def _without_grain(thin: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The pixels of ink that have others beside them, as those of a line do."""
    beside = cv2.boxFilter(thin, -1, AROUND, normalize=False, borderType=cv2.BORDER_CONSTANT)
    return thin & (beside >= COMPANY).view(np.uint8)


def _may_hold_line(bridged: NDArray[np.uint8]) -> bool:
    """Whether ink hangs together over `CERTAIN` of the width: told on reduced ink, in which gaps only close."""
    coarse = u8(cv2.dilate(bridged, block(POOL), anchor=(0, 0)))[::POOL, ::POOL].copy()
    stats = cv2.connectedComponentsWithStatsWithAlgorithm(coarse, 8, cv2.CV_32S, cv2.CCL_GRANA)[2]
    return bool((POOL * stats[1:, cv2.CC_STAT_WIDTH] >= CERTAIN * bridged.shape[1]).any())


def _stretches(outlines: Sequence[Any], width: int, thickest: int, askew: float) -> list[Any]:
    """The outlines that are long and level enough for a line's stretch; one alone may tell that the page is askew."""
    boxes = [cv2.boundingRect(outline) for outline in outlines]
    paired = list(zip(outlines, boxes, strict=True))
    is_askew = any(box[2] >= SHORTEST * width and STEEPEST < _rise(box, thickest) <= askew for box in boxes)
    steepest = askew if is_askew else STEEPEST
    return [each for each, box in paired if box[2] >= STRETCH * width and _rise(box, thickest) <= steepest]


def _rise(box: Sequence[int], thickest: int) -> float:
    return (box[3] - thickest) / box[2]


def _limits(shape: tuple[int, ...], border: float, sides: NDArray[np.intp] | None) -> list[NDArray[np.float64]]:
    """Where lines come in, left of the first and right of the second of each row, [2, h]: of the image, of a sheet."""
    height, width = shape[:2]
    image = np.repeat([[0], [width]], height, axis=1)
    return [each + border * width * _INWARDS for each in ([image] if sides is None else [image, sides])]


def _in_lines(stretches: list[Any], width: int, thickest: int, limits: list[NDArray[np.float64]]) -> list[list[Any]]:
    """The outlines of stretches that continue one another, where together they run through the image.

    They come in from the first of the `limits`, or from the last, those of a sheet, where several run from side to side
    of it: digits may be as high as a narrow sheet, but few touch both of its edges.
    """
    if not any(cv2.boundingRect(outline)[2] >= CERTAIN * width for outline in stretches):
        return []
    ends = np.array([ends_of(outline) for outline in stretches], np.float64)
    whole = (ends[:, 2] - ends[:, 0] >= WHOLE * width).sum()
    widest = HIDDEN if whole >= RULED else BREAK
    groups = linked(ends, width, thickest, widest)
    whole_lines = sum(all(_comes_in(ends[group], limits[-1])) for group in groups)
    sides = limits[-1] if whole_lines >= RULED else limits[0]
    through = _through(groups, ends, width, sides)
    return [[stretches[i] for i in group] for group in through]


def _through(
    groups: list[list[int]], ends: NDArray[np.float64], width: int, limits: NDArray[np.float64]
) -> list[list[int]]:
    """The groups of stretches that run through, and where several do, those that writing cuts off as well."""
    found = [group for group in groups if _runs_in(ends[group], width, limits, SHORTEST, PRESENT)]
    if len(found) < RULED:
        return found
    rest = [group for group in groups if group not in found]
    return found + [group for group in rest if _runs_in(ends[group], width, limits, PART, UNBROKEN)]


def _runs_in(
    ends: NDArray[np.float64], width: int, limits: NDArray[np.float64], shortest: float, present: float
) -> bool:
    """At least `shortest` of the width long together, `present` of it there, and in from the border."""
    long, length = ends[:, 2].max() - ends[:, 0].min(), (ends[:, 2] - ends[:, 0]).sum()
    return any(_comes_in(ends, limits)) and bool(long >= shortest * width and length >= present * long)


def _comes_in(ends: NDArray[np.float64], limits: NDArray[np.float64]) -> tuple[bool, bool]:
    """Whether a line comes in from the left, and from the right."""
    (start, y0), (end, y1) = ends[ends[:, 0].argmin(), :2], ends[ends[:, 2].argmax(), 2:]
    return bool(start <= limits[0, int(y0)]), bool(end >= limits[1, int(y1)])


def _traced(
    outlines: list[Any], thin: NDArray[np.uint8], bridged: NDArray[np.uint8], factor: int, thickest: int
) -> Line | None:
    """The line inside outlines; nothing if they hold much more ink than a line."""
    x, y, width, height = cv2.boundingRect(np.concatenate(outlines))
    filled = np.zeros((height, width), np.uint8)
    cv2.drawContours(filled, outlines, -1, 1, cv2.FILLED, offset=(-x, -y))
    window = (slice(y, y + height), slice(x, x + width))
    if cv2.countNonZero(filled & bridged[window]) > 1.5 * thickest * width:
        return None
    ink = (filled & thin[window])[:, ::SAMPLED]
    counts = ink.sum(axis=0)
    columns = np.flatnonzero(counts)
    if not columns.size:
        return None
    middles = (np.arange(height) @ ink)[columns] / counts[columns]
    weights = _lengths(outlines, x, width)[columns * SAMPLED]
    course = courses.fitted((columns * SAMPLED + x + 0.5) * factor, (middles + y + 0.5) * factor, weights)
    return Line(course, x * factor, (x + width) * factor, factor * float(median(counts[columns])))


def _lengths(outlines: list[Any], left: int, width: int) -> NDArray[np.float64]:
    """How long the stretch is that each column is of, from column `left` on, in pixels: a bar of a digit is short."""
    lengths = np.ones(width)
    for x, _, length, _ in sorted((cv2.boundingRect(outline) for outline in outlines), key=lambda box: box[2]):
        lengths[x - left : x - left + length] = length
    return lengths

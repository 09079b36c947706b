"""Print in another colour than the writing: rules, squares, the boxes of a form.

A colour is what ink adds to its paper, as a direction: the edge of a stroke is paler than its middle, but of the same
hue. The ink of an image has a few colours, and what is printed in one of them all runs along the page and across it, as
no hand writes. So colour tells print where shape does not: in a side of a box that a digit touches, in bits of squares
that stand beside digits like 1s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision import colour
from digitscribe.vision.arrays import odd, reduced, u8
from digitscribe.vision.components import weighted_quantile

COLOURS = 5
"""Ink is parted into so many colours: those of print and of pens, what is where one lies on the other, shades."""

SAMPLED = 1000
"""So many pixels of ink tell what colours there are."""

LEAST = 50
"""Fewer pixels of ink tell nothing."""

PRINTED = 0.7
"""So straight is a colour that is printed with: 1 where all edges run in the same two directions, 0 where they run in
all alike. Lines come to 0.8 and more, digits to 0.4."""

STRAIGHT = 0.6
"""Less straight than this is what was written, all of it together, and more each piece of print."""

APART = 8.0
"""Colours of print and of writing are so many degrees apart at least."""

LONG = 1.2
"""A piece of print is so long at least, as a multiple of the height of what else there is."""

PURE = 0.9
"""What hangs together is print if this share of it is."""

PAPER_SIDE = 80
"""Longest side of the image in which the paper's colour is told,"""

SURROUNDINGS = 0.15
"""as the median of a window as wide as this share of it."""

AROUND = 7
"""Side of the square in which most ink tells what a pixel of it is: single ones err."""

EVERY = 3
"""Every so many pixels tell how straight a piece is."""

_STEPS = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 1e-3)
_NEAR = np.arange(-1, 2)
_DOWN = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]], np.float32)
# [9, 2]: how much each of the nine around a place adds to the rise across, and downwards
_SOBEL = np.column_stack([_DOWN.T.ravel(), _DOWN.ravel()])


@dataclass(frozen=True, eq=False)
class _Palette:
    """The colours of ink.

    Attributes:
        colours: float32 [COLOURS, 3], unit vectors in L*a*b*.
        are_print: bool [COLOURS].
        course: which way print runs, as `_turns` tells it, of length 1.
    """

    colours: NDArray[np.float32]
    are_print: NDArray[np.bool_]
    course: complex


def without_print(
    unruled: NDArray[np.uint8], pixels: NDArray[np.uint8], ink: NDArray[np.uint8], contrast: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Ink without what is printed in another colour than the writing; itself if there is none.

    Args:
        unruled: uint8 [H, W], 1 is ink in which no lines have been found.
        pixels: RGB uint8 [H, W, 3], or grey [H, W], which has no print of another colour.
        ink: uint8 [H, W], 1 is ink, with its lines: they tell the colours of print.
        contrast: uint8 [H, W], 0 is paper, 255 is the strongest ink.
    """
    if pixels.ndim == 2 or colour.is_colourless(pixels):
        return unruled
    places = _places_of(ink)
    if places.size < LEAST or min(ink.shape) < len(_NEAR):
        return unruled
    paper = _paper_of(pixels)
    palette = _palette_of(pixels, paper, places, contrast)
    if palette is None:
        return unruled
    nearest = (palette.colours @ _directions(pixels, paper, places).T).argmax(axis=0)
    in_print = np.zeros_like(ink)
    in_print.ravel()[places] = palette.are_print[nearest]
    printed = _lines_in(_by_most(in_print, ink), ink, contrast, palette.course)
    # without the rules that have gone what is left of print is straight by itself: a digit of its colour on them is not
    printed = _straight_in(printed & unruled, contrast, palette.course)
    return _taken_out(printed, unruled, contrast, palette.course)


def _places_of(mask: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Where uint8 [H, W] of 0 and 1 is 1, row by row: numpy finds True in half the time that it takes for numbers."""
    return np.flatnonzero(mask.view(np.bool_))


def _paper_of(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The colour of the paper all over the image, L*a*b* uint8 [h, w, 3]."""
    small = u8(cv2.cvtColor(reduced(pixels, PAPER_SIDE), cv2.COLOR_RGB2LAB))
    return u8(cv2.medianBlur(small, odd(round(SURROUNDINGS * max(small.shape)))))


def _directions(pixels: NDArray[np.uint8], paper: NDArray[np.uint8], places: NDArray[np.intp]) -> NDArray[np.float32]:
    """What ink adds to its paper at N places, as unit vectors in L*a*b*, float32 [N, 3]."""
    height, width = pixels.shape[:2]
    rows = places // width
    columns = places - rows * width
    beside = rows * paper.shape[0] // height * paper.shape[1] + columns * paper.shape[1] // width
    ink = cv2.cvtColor(pixels.reshape(1, -1, 3).take(places, axis=1), cv2.COLOR_RGB2LAB)[0]
    added = ink.astype(np.float32) - paper.reshape(-1, 3).take(beside, axis=0)
    added[:, 0] *= 100 / 255  # of the three, only L* is stretched to a byte
    light, a, b = np.square(added).T
    return np.asarray(added / np.maximum(np.sqrt(light + a + b), 1.0)[:, np.newaxis], np.float32)


def _palette_of(
    pixels: NDArray[np.uint8], paper: NDArray[np.uint8], places: NDArray[np.intp], contrast: NDArray[np.uint8]
) -> _Palette | None:
    """The colours of ink at N places, if some of them are of print and the others of writing."""
    some = places[np.random.default_rng(0).integers(0, places.size, SAMPLED)]
    directions, turns = _directions(pixels, paper, some), _turns(contrast, some)
    member = _clustered(directions) == np.arange(COLOURS)[:, np.newaxis]
    sums, sizes = member @ turns, member @ np.abs(turns)
    straightest = sums[np.abs(sums).argmax()]
    course = complex(straightest / max(abs(straightest), 1e-6))
    are_print = _along(sums, course) >= PRINTED * np.maximum(sizes, 1e-6)
    written = ~are_print
    if not are_print.any() or abs(sums[written].sum()) >= STRAIGHT * sizes[written].sum():
        return None
    colours = member.astype(np.float32) @ directions
    if _angle(colours[are_print].sum(axis=0), colours[written].sum(axis=0)) < APART:
        return None
    return _Palette(colours / np.maximum(np.linalg.norm(colours, axis=1, keepdims=True), 1e-6), are_print, course)


def _clustered(directions: NDArray[np.float32]) -> NDArray[np.int32]:
    """Which of `COLOURS` each of N colours is, int32 [N]: k-means, begun with equal parts along the widest spread."""
    centred = directions - directions.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    labels = np.empty(len(directions), np.int32)
    labels[(centred @ axes[:, -1]).argsort()] = np.arange(len(directions)) * COLOURS // len(directions)
    cv2.kmeans(directions, COLOURS, labels, _STEPS, 1, cv2.KMEANS_USE_INITIAL_LABELS)
    return np.asarray(labels.ravel(), np.int32)


def _angle(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Between two vectors, in degrees; 0 if one has no length."""
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(np.degrees(np.arccos(np.clip(one @ other / lengths, -1, 1)))) if lengths else 0.0


def _turns(contrast: NDArray[np.uint8], places: NDArray[np.intp]) -> NDArray[np.complex64]:
    """How contrast rises at N places, at four times its angle, complex64 [N]: up, down and across are the same.

    Twice the angle, as is usual, would tell across from down (Granlund, "In search of a general picture processing
    operator", 1978).
    """
    height, width = contrast.shape
    rows = places // width
    columns = np.clip(places - rows * width, 1, width - 2)
    middles = np.clip(rows, 1, height - 2) * width + columns
    around = contrast.take(middles[:, np.newaxis] + (width * _NEAR[:, np.newaxis] + _NEAR).ravel())
    rise = (around.astype(np.float32) @ _SOBEL).astype(np.float64).view(np.complex128).ravel()
    size = np.abs(rise)
    return np.asarray((rise / np.maximum(size, 1e-6)) ** 4 * size, np.complex64)


def _along(turns: NDArray[np.complexfloating], course: complex) -> NDArray[np.floating]:
    """How much of turns, or of their sums, lies along a course and across it: as much as there is of print's own."""
    return np.asarray((turns * course.conjugate()).real)


def _by_most(in_print: NDArray[np.uint8], ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Ink beside which most ink is in print's colours, uint8 [H, W]."""
    printed, all_ink = (u8(cv2.boxFilter(each, -1, (AROUND, AROUND), normalize=False)) for each in (in_print, ink))
    return ink & (2 * printed > all_ink).view(np.uint8)


def _lines_in(
    in_print: NDArray[np.uint8], ink: NDArray[np.uint8], contrast: NDArray[np.uint8], course: complex
) -> NDArray[np.uint8]:
    """What in print's colours is longer than the rest is high, and straight: not the bit of a stroke, nor a digit."""
    rest = cv2.connectedComponentsWithStatsWithAlgorithm(u8(ink & ~in_print), 8, cv2.CV_32S, cv2.CCL_GRANA)[2][1:]
    height = weighted_quantile(rest[:, cv2.CC_STAT_HEIGHT].tolist(), rest[:, cv2.CC_STAT_AREA].tolist())
    return _straight_in(in_print, contrast, course, LONG * height)


def _straight_in(
    in_print: NDArray[np.uint8], contrast: NDArray[np.uint8], course: complex, least: float = 0.0
) -> NDArray[np.uint8]:
    """What hangs together in print's colours, is straight, and is at least so many pixels long."""
    _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(in_print, 8, cv2.CV_32S, cv2.CCL_GRANA)
    places = _places_of(in_print)
    along, sizes = _straightness(places, labels, len(stats), contrast, course)
    sides = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    are_straight = (sides >= least) & (along >= STRAIGHT * sizes)
    straight = np.zeros_like(in_print)
    straight.ravel()[places] = are_straight[labels.take(places)]
    return straight


def _straightness(
    places: NDArray[np.intp], labels: Any, count: int, contrast: NDArray[np.uint8], course: complex
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each of `count` labels how much runs along the course or across it at N places, and how much there is."""
    some = places[::EVERY]
    turns, of = _turns(contrast, some), labels.take(some)
    runs, all_of_it = (np.bincount(of, each, count) for each in (_along(turns, course), np.abs(turns)))
    return runs.astype(np.float64), all_of_it.astype(np.float64)


def _taken_out(
    printed: NDArray[np.uint8], unruled: NDArray[np.uint8], contrast: NDArray[np.uint8], course: complex
) -> NDArray[np.uint8]:
    """Ink without print, where nothing but print hangs together, or what else does is written.

    The edge of a sheet and what it lies on have straight bits of many colours: they stay whole, for in bits they would
    look like 1s.
    """
    count, labels = cv2.connectedComponentsWithAlgorithm(unruled, 8, cv2.CV_32S, cv2.CCL_GRANA)
    places = _places_of(unruled)
    is_print, of = printed.take(places).view(np.bool_), labels.take(places)
    along, sizes = _straightness(places[~is_print], labels, count, contrast, course)
    share = np.bincount(of, is_print, count) / np.maximum(np.bincount(of, minlength=count), 1)
    goes = (share >= PURE) | (along < STRAIGHT * sizes)
    rest = unruled.copy()
    rest.ravel()[places[is_print & goes[of]]] = 0
    return rest

"""Where two things meet in a picture: how well four sides part them, and where exactly these run.

Pictures are L*a*b* uint8 [h, w, 3], reduced and without strokes; corners float64 [4, 2], x and y in their pixels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision import quadrilateral
from digitscribe.vision.arrays import median
from digitscribe.vision.quadrilateral import Corners

Side = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Points of a side, float64 [N, 2], and the direction out of the sheet, float64 [2]."""

STEP = 14.0
"""Least difference across a side, in grey levels or as much in colour."""

ALONG = 0.7
"""So much of a side shows that difference."""

REACH = 3.0
"""How far from a side both are looked at, in pixels of the reduced picture."""

NEARER = 1.5
"""How far it is looked from a side that is nearer than that to the border of the picture."""

LARGEST = 0.7
"""A sheet of which one side is so near to the border takes up less than this share of the picture: what fills it more
may be read as it is."""

SAME = 20.0
"""What lies beyond such a side differs by less than this from what lies beyond the others: it is the same table."""

SEARCHED = 5
"""How far from a side its true place is looked for, in the same pixels."""

SAMPLES = np.linspace(0.1, 0.9, 40)
"""Where along a side; its ends are round, or hidden by a thumb."""

CALMER = 3.0
"""A pattern that ends at a side varies so many times as much along it outside as inside."""

BESIDE = np.arange(0.0, 18.0, 2.0)
"""How much farther away is looked for paper, in the same pixels: as far as a digit is wide."""

PAPER = 0.75
"""No course through a pattern has the colour of the sheet on it for more than this share."""

COLOUR = 10.0
"""A shadow changes a* and b* by less than this."""

ACROSS = np.array([-4.5, -1.5, 1.5, 4.5])
"""How far from a side light is compared, in pixels of the reduced picture: the edge of a sheet is sharp."""

SHARP = 0.6
"""So much of the difference over the wide way there is over the narrow one already."""

BEYOND = np.arange(4.0, 14.0)
"""Where a side would go on beyond its corner, in the same pixels."""

GOES_ON = 0.5
"""A shadow darkens what lies beyond the corner as well, by this share at least of what it takes from the sheet."""

SIDES = 3
"""So many sides are inside of the picture and show it."""


def fit(corners: Corners, flat: NDArray[np.uint8], unseen: int = 0) -> float:
    """How well four sides part sheet from table, from 0 to 1; 0 if more of them than `unseen` do not.

    Sides that are out of the picture part nothing, and one by its border counts half, where all others are clear.
    """
    sides = [*quadrilateral.sides(corners, SAMPLES)]
    clear = [_is_inside(points + REACH * outwards, flat.shape).mean() >= 0.5 for points, outwards in sides]
    parting = _parting_sides([side for side, is_clear in zip(sides, clear, strict=True) if is_clear], flat, unseen)
    fitting = sum([share for _, share in parting]) / 4
    if len(parting) >= SIDES:
        return fitting
    if len(parting) < SIDES - 1 or quadrilateral.area(corners) > LARGEST * flat.shape[0] * flat.shape[1]:
        return 0.0
    table = np.mean([median(_at(flat, points + REACH * outwards)) for (points, outwards), _ in parting], axis=0)
    near = [_share_near(side, flat, table) for side, is_clear in zip(sides, clear, strict=True) if not is_clear]
    return fitting + max(near) / 8 if any(near) else 0.0


def _parting_sides(sides: Sequence[Side], flat: NDArray[np.uint8], unseen: int) -> list[tuple[Side, float]]:
    """The sides that part sheet and table, and how much of each does; none if more than `unseen` do not."""
    parting = []
    for side in sides:
        share = _share_parted(side, flat)
        if share >= ALONG:
            parting.append((side, share))
        elif unseen:
            unseen -= 1
        else:
            return []
    return parting


def _share_parted(side: Side, flat: NDArray[np.uint8]) -> float:
    """How much of what is seen of a side parts sheet from table."""
    points, outwards = side
    seen = points[_is_inside(points + REACH * outwards, flat.shape)]
    steps = _at(flat, seen + REACH * outwards) - _at(flat, seen - REACH * outwards)
    parting = _parting(steps)
    if parting >= ALONG and not _is_shade(points, outwards, flat):
        return parting
    return _ending(seen, outwards, flat)


def _share_near(side: Side, flat: NDArray[np.uint8], table: NDArray[np.float32]) -> float:
    """How much of a side by the border of the picture parts the sheet from a table of that colour; 0 if it does not."""
    points, outwards = side
    seen = points[_is_inside(points + NEARER * outwards, flat.shape, 0.0)]
    if 2 * len(seen) < len(points):
        return 0.0
    outside = _at(flat, seen + NEARER * outwards)
    share = _parting(outside - _at(flat, seen - NEARER * outwards))
    return share if share >= ALONG and np.linalg.norm(median(outside) - table) < SAME else 0.0


def refined(corners: Corners, flat: NDArray[np.uint8]) -> Corners:
    """The corners where the sides meet once each has been moved to where sheet and table part most clearly."""
    lines = [_side(points, outwards, flat) for points, outwards in quadrilateral.sides(corners, SAMPLES)]
    return quadrilateral.of_lines(lines, otherwise=corners)


def _side(points: NDArray[np.float64], outwards: NDArray[np.float64], flat: NDArray[np.uint8]) -> NDArray[np.float64]:
    """A side as a line: its direction and a point of it, float64 [4]; out of the picture it stays where it is."""
    if _is_inside(points + REACH * outwards, flat.shape).mean() < 0.5:
        return np.concatenate([points[-1] - points[0], points[0]])
    offsets = np.arange(-SEARCHED, SEARCHED + 1)
    across = _at(flat, points + offsets[:, np.newaxis, np.newaxis] * outwards)
    strength = (across[2:] - across[:-2]) @ median(across[-1] - across[0])
    edges = points + offsets[1:-1][strength.argmax(axis=0), np.newaxis] * outwards
    clear = strength.max(axis=0) >= 0.5 * median(strength.max(axis=0))
    line = cv2.fitLine(edges[clear].astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01)
    return np.asarray(line, np.float64).ravel()


def _is_shade(points: NDArray[np.float64], outwards: NDArray[np.float64], flat: NDArray[np.uint8]) -> bool:
    """Whether a side is the edge of a shadow: of one colour, and soft or going on beyond the corners."""
    across = _at(flat, points + ACROSS[:, np.newaxis, np.newaxis] * outwards)
    if np.abs(median(across[-1] - across[0]))[1:].max() > COLOUR:
        return False
    light = np.log(across[..., 0] + 1)
    wide, narrow = (float(median(light[-1 - i] - light[i])) for i in (0, 1))
    return abs(narrow) < SHARP * abs(wide) or any(
        step * wide > GOES_ON * wide**2 for step in _steps_beyond(points, outwards, flat)
    )


def _steps_beyond(
    points: NDArray[np.float64], outwards: NDArray[np.float64], flat: NDArray[np.uint8]
) -> Iterator[float]:
    """The usual step in the logarithm of light where a side would go on beyond its corners, as far as that is seen."""
    side = points[-1] - points[0]
    missing = SAMPLES[0] / (SAMPLES[-1] - SAMPLES[0])  # from the last point to the corner
    for point, way in ((points[0], -side), (points[-1], side)):
        beyond = point + missing * way + BEYOND[:, np.newaxis] * way / np.linalg.norm(way)
        beyond = beyond[_is_inside(beyond, flat.shape)]
        if len(beyond) >= len(BEYOND) // 2:
            out, into = (np.log(_at(flat, beyond + reach * outwards)[..., 0] + 1) for reach in (REACH, -REACH))
            yield float(median(out - into))


def _parting(steps: NDArray[np.float32]) -> float:
    """The share of the differences [N, 3] across a side that are like the usual one; 0 if that is too small."""
    usual = median(steps)
    size = float(usual @ usual)
    return float(np.mean(steps @ usual > 0.4 * size)) if size >= STEP**2 else 0.0


def _ending(points: NDArray[np.float64], outwards: NDArray[np.float64], flat: NDArray[np.uint8]) -> float:
    """`ALONG`, if a pattern ends at the side: outside of it the picture varies, and much less inside; else 0.

    Writing is no pattern: beside it, or beyond it, there is paper again.
    """
    inside = _at(flat, points - REACH * outwards)
    beyond = _at(flat, points + (REACH + BESIDE)[:, np.newaxis, np.newaxis] * outwards)
    varies, rests = (float(np.linalg.norm(each.std(axis=0))) for each in (beyond[0], inside))
    is_paper = np.linalg.norm(beyond - median(inside), axis=2) < STEP
    return ALONG if varies >= max(STEP, CALMER * rests) and is_paper.mean(axis=1).max() <= PAPER else 0.0


def _is_inside(points: NDArray[np.float64], shape: tuple[int, ...], margin: float = 1.0) -> NDArray[np.bool_]:
    last = [shape[1] - margin, shape[0] - margin]
    return np.asarray((points >= margin).all(axis=1) & (points < last).all(axis=1))


def _at(flat: NDArray[np.uint8], points: NDArray[np.float64]) -> NDArray[np.float32]:
    height, width = flat.shape[:2]
    inside = np.minimum(np.maximum(points.round(), 0), (width - 1, height - 1)).astype(np.intp)
    colours = flat.reshape(-1, flat.shape[2]).take(inside[..., 1] * width + inside[..., 0], axis=0)
    return np.asarray(colours, np.float32)

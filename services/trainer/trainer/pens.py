"""Digits of 44 writers, as the ways that their pens went (`data/pens`).

Eight points of each are known, at equal distances along the way, but not where the pen was lifted: that is told here,
from how the digits are written. How wide a digit was is not known either: each is as wide as it is high.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trainer.dataset import existing

Line = NDArray[np.float64]
"""Points, x and y, that a pen goes along: float64 [N, 2]."""

RISE = 0.15
"""A pen that rises so far, in heights of the digit, once the first stroke is written, is on its way to the next."""

SHARP = np.radians(95)
"""Where the way turns further than this it has a corner."""

FOOT = 0.15
"""A foot lies this low at most, as a share of the height of the digit,"""

FOOT_WIDTH = 0.5
"""and is at least so wide, as a share of the width that a digit has here."""

_STEPS = 20
_SECOND_STROKES = (4, 5, 7)
_EARLIEST = 2
"""A first stroke has more points than these; but for a 4's it ends where it is lowest, or later."""


def load_pens(data_dir: Path) -> tuple[Line, NDArray[np.uint8]]:
    """The ways, float64 [N, 8, 2], x to the right and y down, 0 to 1; and what is written, uint8 [N].

    Raises:
        NotFound: there is no pens.npz.
    """
    with np.load(existing(data_dir / "pens" / "pens.npz"), allow_pickle=False) as arrays:
        return ways_of(arrays["points"]), arrays["labels"]


def ways_of(points: NDArray[np.uint8]) -> Line:
    """Points as they are published, uint8 [N, 8, 2], y up, 0 to 100, as `load_pens` gives them."""
    up = points / 100
    return np.stack([up[..., 0], 1 - up[..., 1]], axis=-1)


def parts_of(way: Line, label: int) -> list[Line]:
    """What of a `way` was written, stroke by stroke."""
    first = _EARLIEST if label == 4 else max(_EARLIEST, int(way[:, 1].argmax()))
    rises = first + np.flatnonzero(way[first:-1, 1] - way[first + 1 :, 1] > RISE)
    if label not in _SECOND_STROKES or not len(rises):
        return [way]
    before, after = way[: rises[0] + 1], way[rises[-1] + 1 :]
    if len(after) > 1:
        return [before, after]
    # of a 5's hat the end alone is known: it begins where the digit does
    return [before, np.stack([way[0], after[0]])] if label == 5 else [before]


def has_foot(way: Line) -> bool:
    """Whether what was written along a `way` stands on a lying stroke: a 1 that does is no 7."""
    curve = np.linspace(way[:-1], way[1:], _STEPS).reshape(-1, 2)
    low = curve[:, 1].max() - FOOT * np.ptp(curve[:, 1])
    return bool(np.ptp(curve[curve[:, 1] > low, 0]) > FOOT_WIDTH)


def corners_of(line: Line) -> list[int]:
    """The places of the points where `line` turns sharply."""
    steps = np.diff(line, axis=0)
    turns = np.diff(np.unwrap(np.arctan2(steps[:, 1], steps[:, 0])))
    return (1 + np.flatnonzero(np.abs(turns) > SHARP)).tolist()

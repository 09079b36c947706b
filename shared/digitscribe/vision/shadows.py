"""Small shadows: a hand's, a phone's, those of a blind or of a window's bars; and the marks of a highlighter.

Paper is darker there. Shadow and stroke are told apart by their widths. The darkness that only a wide square covers may
be either; it is a shadow where strokes much narrower than it are written on it, or beside it and darker (granulometry:
Matheron, "Random Sets and Integral Geometry", 1975).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.vision.arrays import block, closed, odd, u8

LEAST_WIDTH = 5
"""A shadow narrower than this, in pixels of the coarse image, cannot be told from a stroke."""

DEEP = 0.1
"""A shadow takes at least this share of the light."""

BROADER = 3
"""What is so many times as wide is a table or a hand."""

INK = 0.2
"""Ink is darker than the paper around it by at least this share."""

COVERED = (0.01, 0.05)
"""Writing on a shadow covers more of it than the first share; less than the second may be what stands beside it."""

NARROW = 0.2
"""Of the ink there a share is narrower than half a shadow that is greater, by this, than the share that ink covers:
wide strokes taken for a shadow are mostly such ink themselves, and little of it is much narrower."""

NARROW_BESIDE = 0.5
"""Of what stands beside a shadow so much is narrow,"""

WRITTEN = 20
"""and that is writing if it has so many pixels."""

PALER = 0.1
"""A shadow with no ink in it is lighter than ink by this share of the light: a felt pen beside a ball pen is not."""

ROUND = 0.3
"""How far a square stays away from the round end of a shadow as wide as it, as a share of that."""


def shaded(lit: NDArray[np.uint8], small: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    """The paper's brightness with the small shadows on it.

    Args:
        lit: the same without them, uint8 [H, W].
        small: the coarse image, uint8 [H, W], dark ink on light paper.
        width: of the narrowest shadow, in pixels.

    Returns:
        uint8 [H, W]; `lit` itself where there are none.
    """
    if width < LEAST_WIDTH:
        return lit
    dark = closed(small, width)
    return _shaded(lit, small, dark, _is_darker(dark, lit, DEEP), width)


def barred(lit: NDArray[np.uint8], small: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    """As `shaded`, with shadows that are hardly wider than strokes, but come in from the border of the image."""
    if width < LEAST_WIDTH:
        return lit
    dark = closed(small, width)
    deep = _is_darker(dark, lit, INK)
    broad = cv2.morphologyEx(deep.view(np.uint8), cv2.MORPH_OPEN, block(odd(BROADER * width)))
    bars = _from_border(deep & ~broad.view(np.bool_))
    return _shaded(lit, small, np.where(bars, dark, lit), bars, width)


def _from_border(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What of a mask is connected with the border of the image."""
    count, labels = cv2.connectedComponents(mask.view(np.uint8))
    reaches = np.zeros(count, np.bool_)
    for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        reaches[side] = True
    reaches[0] = False
    return np.asarray(reaches[labels], np.bool_)


def _shaded(
    lit: NDArray[np.uint8], small: NDArray[np.uint8], dark: NDArray[np.uint8], wide: NDArray[np.bool_], width: int
) -> NDArray[np.uint8]:
    """`lit` with what is `wide`, as dark as in `dark`, if that is shadow."""
    if not wide.any():
        return lit
    ink = _is_darker(small, dark, INK)
    narrow = ink & _is_darker(small, closed(small, width // 2 | 1), INK)
    covered = _share(ink & wide, wide)
    is_written_on = covered >= COVERED[0] and _share(narrow & wide, ink & wide) >= covered + NARROW
    is_beside = covered < COVERED[1] and _share(narrow, ink) >= NARROW_BESIDE
    if is_written_on or (is_beside and _is_paler(dark[wide] / lit[wide], small[narrow] / dark[narrow])):
        return _grown(np.where(wide, dark, lit), small, round(ROUND * width))
    return lit


def _share(part: NDArray[np.bool_], whole: NDArray[np.bool_]) -> float:
    return int(np.count_nonzero(part)) / max(1, int(np.count_nonzero(whole)))


def _is_paler(shadow: NDArray[np.floating], ink: NDArray[np.floating]) -> bool:
    """Whether the shadow leaves more of the light than the ink does, and there is ink; both are shares of the light."""
    return ink.size >= WRITTEN and float(np.median(shadow)) > float(np.median(ink)) + PALER


def _grown(paper: NDArray[np.uint8], small: NDArray[np.uint8], steps: int) -> NDArray[np.uint8]:
    """What is dark of `paper`, grown by at most so many pixels into what is as dark in the image, and by one beyond.

    That fills round ends, and follows strokes that leave the shadow for as many pixels: they are darker all the same.
    The last pixel keeps the edge of a sharp shadow from being ink once the paper has been smoothed.
    """
    for _ in range(steps):
        paper = u8(cv2.max(cv2.erode(paper, block(3)), small))
    return u8(cv2.erode(paper, block(3)))


def _is_darker(one: NDArray[np.uint8], other: NDArray[np.uint8], share: float) -> NDArray[np.bool_]:
    """Where one image is darker than another by at least that share."""
    return one < u8(cv2.convertScaleAbs(other, alpha=1 - share))

"""What among rows of writing is no writing: bars, and what stands apart from all rows and is drawn otherwise.

By itself each of these may be a 1. What it stands beside tells that it is none: so nothing is dropped where there is no
other writing, or where most digits stand each for itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from digitscribe.vision.clutter import ALIKE, RULE
from digitscribe.vision.components import Blob, stroke_width, usual_strength, usual_stroke, writing_height

POST = 2.0
"""Beside other writing no 1 is so many times as high as that: it is a page's edge, a crease, or a rule that ended."""

PALE = 0.7
"""Strokes of one pen differ by less than this in how dark they are: the paler has this share of the darker at least."""

PALE_END = 0.75
"""What is paler than this share of the writing,"""

THICK_END = 1.5
"""and of strokes that are so many times as thick, is of another pen: where one pen is paler it is thinner, too."""

BAR = 1.25
"""A stroke that is so long at most, as a share of its size, turns nowhere."""

NARROW = 0.4
"""1s and a keyboard's gaps are narrower than this share of their height; most digits are wider."""

APART = 0.5
"""So wide a gap parts an end of a row from it, as a share of the piece beside it."""

STAPLE_LEANS = 0.6
"""A staple in a corner of the sheet leans: it is at least this wide, as a share of its height,"""

STAPLE_LOW = 0.8
"""lower than this share of the writing,"""

STAPLE_THICK = 0.35
"""and no thicker than this share of its length."""

FINE_BAR = 0.8
"""A paler bar that is thinner than this share of its row's strokes is a mark, as is anything paler and not `ALIKE`."""

MARKS = 2
"""So many such pieces at least are marks; one by itself may be a digit, if it is no bar."""

BARS = 8
"""So many upright bars in a row, each as high as the next, are a bar code"""

UNEQUAL = 1.4
"""if the wide ones are so many times as wide as the slim ones: however neat, 1s are of one pen,"""

ROUNDED = 1.5
"""and by so many pixels wider: of slim strokes one pixel makes much;"""

FULL = 0.7
"""a bar fills this share of its box at least,"""

LEVEL = 0.05
"""and is out of level with the others by at most this share of their height."""


def without_posts(blobs: list[Blob]) -> list[Blob]:
    """The pieces but for upright lines that are much higher than what is written beside them."""
    posts = [blob for blob in blobs if blob.height >= RULE * blob.width]
    others = [blob for blob in blobs if blob.height < RULE * blob.width]
    limit, ink = POST * writing_height(others), sum(blob.weight for blob in others)
    dropped = {blob for blob in posts if blob.height >= limit and blob.weight <= ink}
    return [blob for blob in blobs if blob not in dropped] if len(dropped) < len(others) else blobs


def without_strays(rows: list[list[Blob]]) -> list[list[Blob]]:
    """The rows but for pieces apart from all others that are staples, or of no pen that wrote one of the rows."""
    others = [blob for row in rows for blob in row if len(row) > 1]
    if len(rows) > len(others) or all(len(row) > 1 for row in rows):
        return rows
    height = writing_height(others)
    pens = [(usual_strength(row), usual_stroke(row)) for row in rows if len(row) > 1]

    def is_stray(blob: Blob) -> bool:
        return _is_staple(blob, height) or not any(_is_of_pen(blob, *pen) for pen in pens)

    return [row for row in rows if len(row) > 1 or not is_stray(row[0])]


def _is_of_pen(blob: Blob, strength: float, stroke: float) -> bool:
    """About as dark and as thick as what was written with a pen of that strength and stroke."""
    darker, thicker = blob.strength / strength, stroke_width(blob) / stroke
    return min(darker, 1 / darker) >= PALE and max(thicker, 1 / thicker) <= ALIKE


def without_pale_bars(rows: list[list[Blob]]) -> list[list[Blob]]:
    """The rows but for those of nothing but single strokes that are much paler than what else is written."""
    is_of_bars = [all(map(_is_bar, row)) for row in rows]
    others = [blob for row, each in zip(rows, is_of_bars, strict=True) if not each for blob in row]
    pale = PALE * usual_strength(others)
    return [
        row
        for row, each in zip(rows, is_of_bars, strict=True)
        if not each or any(blob.strength >= pale for blob in row)
    ]


def without_marks(rows: list[list[Blob]]) -> list[list[Blob]]:
    """The rows but for what is paler and thinner than most of its row: marks for digits to be written between."""
    return [_unmarked(row) for row in rows]


def _unmarked(row: list[Blob]) -> list[Blob]:
    strength, stroke = PALE * usual_strength(row), usual_stroke(row)
    fine = {blob: stroke_width(blob) for blob in row if blob.strength < strength}
    bars = {blob for blob, width in fine.items() if width < FINE_BAR * stroke and _is_bar(blob)}
    marks = bars | {blob for blob, width in fine.items() if ALIKE * width < stroke}
    dropped = marks if len(marks) >= MARKS else bars
    return [blob for blob in row if blob not in dropped]


def is_mostly_bars(rows: Sequence[Sequence[Blob]]) -> bool:
    """Whether single strokes are more than half of what stands in rows: turned on their side dashes and creases are."""
    blobs = [blob for row in rows for blob in row]
    return 2 * sum(map(_is_bar, blobs)) > len(blobs)


def is_mostly_narrow(blobs: Sequence[Blob]) -> bool:
    """Whether more than half is as slim as 1s are: the keys of a keyboard, the spines of books."""
    return 2 * sum([blob.width <= NARROW * blob.height for blob in blobs]) > len(blobs)


def _is_bar(blob: Blob) -> bool:
    return blob.stroke_length <= BAR * max(blob.width, blob.height)


def without_ends(rows: list[list[Blob]]) -> list[list[Blob]]:
    """The rows without first and last pieces that are stains, or what lies beside the sheet.

    They stand apart from their row, and are paler and thicker than it.
    """
    return [_without_start(_without_start(row)[::-1])[::-1] for row in rows]


def _without_start(row: list[Blob]) -> list[Blob]:
    """A row, from left to right or from right to left, without what comes first if another pen drew it."""
    if len(row) == 1 or not _is_apart(*row[:2]):
        return row
    first, *rest = row
    is_other = first.strength < PALE_END * usual_strength(rest) and stroke_width(first) > THICK_END * usual_stroke(rest)
    return rest if is_other else row


def _is_apart(one: Blob, other: Blob) -> bool:
    return max(one.x, other.x) - min(one.right, other.right) > APART * other.height


def without_bar_codes(rows: list[list[Blob]]) -> list[list[Blob]]:
    """The rows without upright bars of one height and of several widths that stand level beside one another."""
    return [rest for row in rows if (rest := _without_bars(row))]


def _without_bars(row: list[Blob]) -> list[Blob]:
    bars = [blob for blob in row if blob.width < blob.height and blob.area >= FULL * blob.width * blob.height]
    if len(bars) < BARS or not _are_unequal(bars):
        return row
    top, bottom = np.median([(bar.y, bar.bottom) for bar in bars], axis=0)
    off = LEVEL * (bottom - top) + 1
    code = {blob for blob in row if abs(blob.y - top) <= off and abs(blob.bottom - bottom) <= off}
    return [blob for blob in row if blob not in code] if len(code.intersection(bars)) >= BARS else row


def _are_unequal(bars: Sequence[Blob]) -> bool:
    slim, wide = np.quantile([bar.area / bar.height for bar in bars], (0.1, 0.9))
    return bool(wide >= max(UNEQUAL * slim, slim + ROUNDED))


def _is_staple(blob: Blob, height: float) -> bool:
    if blob.height >= STAPLE_LOW * height or blob.width < STAPLE_LEANS * blob.height:
        return False
    sides = cv2.minAreaRect(cv2.findNonZero(blob.ink))[1]
    return min(sides) <= STAPLE_THICK * max(sides)

"""A page from rows of digits: what is written where, and then everything that happens to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from digitscribe.vision.arrays import u8
from numpy.typing import NDArray

from tools.evaluate.pages import camera, extras, paper
from tools.evaluate.pages.hand import stamp
from tools.evaluate.pages.style import Page, Style

Digits = Sequence[tuple[int, NDArray[np.uint8]]]
"""A row: labels with digits uint8 [28, 28], white on black."""


@dataclass(frozen=True, eq=False)
class Written:
    """A digit's ink, float32 [h, w], and where its upper left corner is."""

    label: int
    ink: NDArray[np.float32]
    x: int
    y: int

    @property
    def box(self) -> tuple[int, int, int, int]:
        """(x, y, width, height)."""
        return self.x, self.y, self.ink.shape[1], self.ink.shape[0]


def write(rows: Sequence[Digits], style: Style, rng: np.random.Generator) -> Page:
    """Write rows of digits onto a page."""
    written = _scattered(rows, style, rng) if style.scattered else _in_rows(rows, style, rng)
    margin = round(style.margin * style.height)
    width = max(each.x + each.ink.shape[1] for row in written for each in row) + margin
    height = max(each.y + each.ink.shape[0] for row in written for each in row) + margin
    layer = np.zeros((height, width), np.float32)
    for each in (each for row in written for each in row):
        x, y, w, h = each.box
        window = layer[y : y + h, x : x + w]
        np.maximum(window, each.ink, out=window)
    boxes = [[each.box for each in row] for row in written]
    layer = np.maximum(layer, extras.ink(boxes, layer.shape, style, rng))
    sheet = extras.added(paper.written_on(layer, boxes, style, rng), boxes, style, rng)
    pixels, corners = camera.photographed(sheet, style, rng)
    flat = [camera.moved(each.box, corners) for row in written for each in row]
    return Page(u8(pixels), tuple("".join(str(each.label) for each in row) for row in written if row), tuple(flat))


def _in_rows(rows: Sequence[Digits], style: Style, rng: np.random.Generator) -> list[list[Written]]:
    margin, pitch = round(style.margin * style.height), style.height * (1 + style.line_gap)
    longest = max(len(row) for row in rows) * (1 + style.gap) * style.height
    top = margin + max(0.0, -style.slope * longest)
    return [_row(row, margin, top + number * pitch, style, rng) for number, row in enumerate(rows)]


def _row(row: Digits, left: int, top: float, style: Style, rng: np.random.Generator) -> list[Written]:
    written: list[Written] = []
    x = left
    for number, (label, digit) in enumerate(row):
        ink = stamp(digit, style, rng)
        bottom = top + style.height + style.slope * (x - left) + style.wander * style.height * float(rng.uniform(-1, 1))
        y = max(0, round(bottom) - ink.shape[0])
        if style.touch is not None and number % 2:
            x = _touching(written[-1], ink, y, round(style.touch * style.height))
        written.append(Written(label, ink, x, y))
        x += ink.shape[1] + round(style.gap * style.height)
    return written


def _touching(left: Written, ink: NDArray[np.float32], y: int, apart: int) -> int:
    """Where ink at row `y` stands so that the least distance to the strokes on its left is `apart` pixels."""
    top, bottom = max(left.y, y), min(left.y + left.ink.shape[0], y + ink.shape[0])
    before = left.ink[top - left.y : bottom - left.y] > 0.5
    after = ink[top - y : bottom - y] > 0.5
    ends = np.where(before.any(axis=1), left.ink.shape[1] - np.argmax(before[:, ::-1], axis=1), -(10**6))
    starts = np.where(after.any(axis=1), np.argmax(after, axis=1), 10**6)
    return left.x + apart - int((starts - ends).min())


def _scattered(rows: Sequence[Digits], style: Style, rng: np.random.Generator) -> list[list[Written]]:
    """Anywhere, but not on one another; all count as one row."""
    digits = [each for row in rows for each in row]
    side = 2.2 * style.height
    across = max(2, round(1.3 * len(digits) ** 0.5))
    cells = rng.permutation(across * (-(-len(digits) // across) + 1))[: len(digits)]
    margin = round(style.margin * style.height)
    written = []
    for cell, (label, digit) in zip(cells, digits, strict=True):
        x, y = (margin + side * (place + float(rng.uniform(0, 0.35))) for place in (cell % across, cell // across))
        written.append(Written(label, stamp(digit, style, rng), round(x), round(y)))
    return [written]

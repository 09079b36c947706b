"""The sheet: its colour, its texture, its lines, and the ink on it."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.evaluate.pages.style import Colour, Style

Boxes = list[list[tuple[int, int, int, int]]]
"""(x, y, width, height) of the digits, row by row."""


def written_on(layer: NDArray[np.float32], boxes: Boxes, style: Style, rng: np.random.Generator) -> NDArray[np.float32]:
    """The sheet with a layer of ink (float32 [H, W], 0 to 1) on it: float32 [H, W, C], 0 to 255, C is 1 or 3."""
    height, width = layer.shape
    channels = 1 if all(isinstance(each, int) for each in (style.paper, style.ink, style.rule)) else 3
    sheet = np.empty((height, width, channels), np.float32)
    sheet[:] = _colour(style.paper, channels)
    if style.texture:
        sheet += style.texture * fibres((height, width), rng)[..., np.newaxis]
    _rule(sheet, boxes, style, rng)
    if style.boxed:
        _frame(sheet, boxes, style)
    if style.cells:
        _cells(sheet, boxes, style)
    opaque = layer * (1 - style.pressure * tooth((height, width), rng)) if style.pressure else layer
    sheet += opaque[..., np.newaxis] * (_colour(style.ink, channels) - sheet)
    return sheet


def _colour(colour: Colour, channels: int) -> NDArray[np.float32]:
    return np.broadcast_to(np.asarray(colour, np.float32), (channels,))


def fibres(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """Uneven paper: noise of several sizes, float32 [H, W] with deviation 1."""
    total = np.zeros(shape, np.float32)
    for step, share in ((1, 0.5), (3, 0.6), (40, 0.6)):
        size = (max(2, shape[1] // step), max(2, shape[0] // step))
        noise = rng.standard_normal(size[::-1], np.float32)
        total += share * np.asarray(cv2.resize(noise, shape[::-1], interpolation=cv2.INTER_LINEAR))
    return np.asarray(total / total.std(), np.float32)


def tooth(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """Where a dry pen leaves the paper bare, float32 [H, W] from 0 to 1."""
    noise = cv2.GaussianBlur(rng.standard_normal(shape, np.float32), (0, 0), 0.8)
    return np.asarray(np.clip(0.5 + 1.2 * np.asarray(noise, np.float32), 0, 1), np.float32)


def _rule(sheet: NDArray[np.float32], boxes: Boxes, style: Style, rng: np.random.Generator) -> None:
    height, width = sheet.shape[:2]
    thickness = 2 if style.rule_gap is None else max(1, round(style.height / 30))
    colour = _colour(style.rule, sheet.shape[2]).tolist()
    tilt = style.slope * width
    levels: list[float] = []
    if style.ruled and style.rule_gap is None:
        levels = [row[0][1] + row[0][3] + 0.15 * style.height for row in boxes]
    elif (style.ruled or style.squared) and style.rule_gap:
        step = style.rule_gap * style.height
        levels = list(np.arange(float(rng.uniform(0, step)) - abs(tilt), height + abs(tilt), step))
    for level in levels:
        cv2.line(sheet, (0, round(level)), (width, round(level + tilt)), colour, thickness)
    if style.squared and style.rule_gap:
        for x in np.arange(float(rng.uniform(0, 9)), width, style.rule_gap * style.height):
            cv2.line(sheet, (round(x), 0), (round(x - style.slope * height), height), colour, thickness)


def _frame(sheet: NDArray[np.float32], boxes: Boxes, style: Style) -> None:
    """A printed box around each digit."""
    margin, thickness = round(0.14 * style.height), max(1, round(style.height / 30))
    colour = _colour(style.rule, sheet.shape[2]).tolist()
    for x, y, width, height in (box for row in boxes for box in row):
        corner, opposite = (x - margin, y - margin), (x + width + margin, y + height + margin)
        cv2.rectangle(sheet, corner, opposite, colour, thickness)


def _cells(sheet: NDArray[np.float32], boxes: Boxes, style: Style) -> None:
    """A printed table of one row for each row of digits, with a cell for each digit."""
    margin, thickness = 0.25 * style.height, max(1, round(style.height / 30))
    colour = _colour(style.rule, sheet.shape[2]).tolist()
    for row in boxes:
        top, bottom = row_extent(row, margin)
        between = [(one[0] + one[2] + other[0]) / 2 for one, other in pairwise(row)]
        edges = [row[0][0] - margin, *between, row[-1][0] + row[-1][2] + margin]
        for left, right in pairwise(round(edge) for edge in edges):
            cv2.rectangle(sheet, (left, round(top)), (right, round(bottom)), colour, thickness)


def row_extent(row: list[tuple[int, int, int, int]], margin: float) -> tuple[float, float]:
    """The top and the bottom of a row of boxes, with a margin."""
    return min(y for _, y, _, _ in row) - margin, max(y + height for _, y, _, height in row) + margin

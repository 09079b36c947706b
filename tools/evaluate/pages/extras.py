"""What is on a page and is no digit."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from tools.evaluate.pages.paper import Boxes, row_extent
from tools.evaluate.pages.style import Style

HIGHLIGHTERS = ((255, 250, 90), (140, 250, 140), (255, 150, 200), (255, 180, 90))
"""RGB of the ink on white paper."""

WORDS = ("Name", "Date", "METER READING", "Class", "Please write clearly", "Height", "WATER", "Signature")


def ink(boxes: Boxes, shape: tuple[int, ...], style: Style, rng: np.random.Generator) -> NDArray[np.float32]:
    """What the same pen adds, float32 [H, W] from 0 to 1: underlines, a digit that was scribbled out, specks."""
    layer = np.zeros(shape, np.float32)
    pen = max(2, round((style.pen or 0.12) * style.height))
    if style.underlined:
        for row in boxes:
            _underline(layer, row, pen, style, rng)
    if style.framed:
        for row in boxes:
            _drawn_frame(layer, row, pen, style, rng)
    if style.crossed_out:
        _scribble(layer, boxes, pen, style, rng)
    if style.signs:
        for row in boxes:
            _sign(layer, row, pen, style, rng)
    for _ in range(style.specks):
        y, x = int(rng.integers(4, shape[0] - 4)), int(rng.integers(4, shape[1] - 4))
        cv2.circle(layer, (x, y), 1, 1.0, -1)
    return layer


def _underline(
    layer: NDArray[np.float32], row: list[tuple[int, int, int, int]], pen: int, style: Style, rng: np.random.Generator
) -> None:
    left, right = row[0][0] - 0.3 * style.height, row[-1][0] + row[-1][2] + 0.3 * style.height
    xs = np.linspace(left, right, 12)
    level = max(y + h for _, y, _, h in row) + 0.2 * style.height
    ys = level + style.slope * (xs - left) / 2 + 0.02 * style.height * rng.standard_normal(12).cumsum() / 2
    cv2.polylines(layer, [np.stack([xs, ys], axis=1).round().astype(np.int32)], False, 1.0, pen, cv2.LINE_AA)


def _drawn_frame(
    layer: NDArray[np.float32], row: list[tuple[int, int, int, int]], pen: int, style: Style, rng: np.random.Generator
) -> None:
    """Four sides around a row, none quite straight."""
    margin = 0.3 * style.height
    top, bottom = row_extent(row, margin)
    left, right = row[0][0] - margin, row[-1][0] + row[-1][2] + margin
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom], [left, top]])
    sides = [np.linspace(one, other, 8, endpoint=False) for one, other in pairwise(corners)]
    points = np.concatenate([*sides, corners[-1:]])
    points += 0.02 * style.height * rng.standard_normal(points.shape)
    cv2.polylines(layer, [points.round().astype(np.int32)], False, 1.0, pen, cv2.LINE_AA)


def _scribble(layer: NDArray[np.float32], boxes: Boxes, pen: int, style: Style, rng: np.random.Generator) -> None:
    """A digit-sized zigzag after the last row's end."""
    x, y, width, height = boxes[-1][-1]
    left = x + width + 0.5 * style.height
    turns = 14
    xs = left + 0.75 * style.height * (np.arange(turns) % 2 + rng.uniform(-0.12, 0.12, turns))
    ys = y + height * (np.linspace(0.05, 0.95, turns) + rng.uniform(-0.1, 0.1, turns))
    points = np.stack([xs, ys], axis=1).round().astype(np.int32)
    cv2.polylines(layer, [points], False, 1.0, pen, cv2.LINE_AA)


def _sign(
    layer: NDArray[np.float32], row: list[tuple[int, int, int, int]], pen: int, style: Style, rng: np.random.Generator
) -> None:
    """A point, a comma, a dash or a colon after one digit of a row, and a dash in front of it now and then."""
    place = int(rng.integers(len(row) - 1)) if len(row) > 1 else 0
    x, y, width, height = row[place]
    middle, foot, size = x + width + 0.5 * style.gap * style.height, y + height, 0.12 * style.height
    signs: dict[str, list[tuple[tuple[float, float], tuple[float, float]]]] = {
        ".": [((0, 0), (0, 0))],
        ",": [((0, 0), (-0.8, 1.6))],
        "-": [((-1, -3.5), (1, -3.5))],
        ":": [((0, -1), (0, -1)), ((0, -5), (0, -5))],
    }
    lines = [(middle, foot, line) for line in signs[str(rng.choice(list(signs)))]]
    if rng.random() < 0.3:
        lines.append((row[0][0] - 0.5 * style.height, row[0][1] + row[0][3], ((-2, -4), (2, -4))))
    for left, low, ends in lines:
        one, other = ((round(left + size * dx), round(low + size * dy)) for dx, dy in ends)
        cv2.line(layer, one, other, 1.0, pen, cv2.LINE_AA)


def added(sheet: NDArray[np.float32], boxes: Boxes, style: Style, rng: np.random.Generator) -> NDArray[np.float32]:
    """The sheet (float32 [H, W, C]) with what does not come from the pen: print, a staple, a crease, a pen on it."""
    if style.printed:
        _print(sheet, boxes, style, rng)
    if style.stapled:
        _staple(sheet, style, rng)
    if style.creased:
        _crease(sheet, style, rng)
    if style.holes:
        _holes(sheet, style)
    if style.highlighted:
        _highlight(sheet, boxes, style, rng)
    if style.bar_code:
        _bar_code(sheet, boxes, style, rng)
    if style.spiral:
        _spiral(sheet, style)
    if style.object:
        _object(sheet, boxes, style, rng)
    return sheet


def _print(sheet: NDArray[np.float32], boxes: Boxes, style: Style, rng: np.random.Generator) -> None:
    """Words in the margin above the writing and below it."""
    size = 0.5 * style.height
    picture = Image.new("L", (sheet.shape[1], sheet.shape[0]), 0)
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(size)
    lowest = max(y + height for row in boxes for _, y, _, height in row)
    for y in (0.4 * style.height, lowest + 0.8 * style.height):
        words = str(rng.choice(WORDS))
        x = float(rng.uniform(0.05, 0.3)) * sheet.shape[1]
        draw.text((x, y), words, fill=255, font=font)
    letters = np.asarray(picture, np.float32)[..., np.newaxis] / 255
    sheet += letters * (np.float32(50) - sheet)


def _staple(sheet: NDArray[np.float32], style: Style, rng: np.random.Generator) -> None:
    """A staple in the corner: dark wire with a bright reflection and a shadow."""
    length, wire = 0.7 * style.height, max(2, round(0.06 * style.height))
    x, y = (float(rng.uniform(0.4, 0.7)) * style.height for _ in range(2))
    angle = float(rng.uniform(-0.8, 0.8))
    end = (round(x + length * np.cos(angle)), round(y + length * np.sin(angle)))
    for offset, colour, thickness in ((2, 130.0, wire + 2), (0, 95.0, wire), (-1, 245.0, max(1, wire // 3))):
        ends = ((round(x), round(y) + offset), (end[0], end[1] + offset))
        cv2.line(sheet, *ends, [colour] * sheet.shape[2], thickness, cv2.LINE_AA)


def _crease(sheet: NDArray[np.float32], style: Style, rng: np.random.Generator) -> None:
    """A fold through the sheet: a soft dark line beside a soft light one, and one side a little darker."""
    height, width = sheet.shape[:2]
    ys, xs = np.mgrid[:height, :width].astype(np.float32)
    angle = float(rng.uniform(-0.3, 0.3)) + float(rng.integers(2)) * np.pi / 2
    off = (xs - width * float(rng.uniform(0.3, 0.7))) * np.cos(angle) + (ys - height / 2) * np.sin(angle)
    soft = 0.05 * style.height
    fold = -18 * np.exp(-((off / soft) ** 2)) + 10 * np.exp(-(((off - 2 * soft) / soft) ** 2)) - 12 * (off > 0)
    sheet += fold[..., np.newaxis].astype(np.float32)


def _holes(sheet: NDArray[np.float32], style: Style) -> None:
    """A red margin line on the left, and holes beside it through which something dark is seen."""
    height, channels = sheet.shape[0], sheet.shape[2]
    red = [225.0, 120.0, 125.0] if channels == 3 else [150.0]
    x = round(1.3 * style.height)
    cv2.line(sheet, (x, 0), (x, height), red, max(1, style.height // 30))
    for y in np.arange(0.5, height / style.height, 1.6):
        cv2.circle(
            sheet, (x // 2, round(y * style.height)), round(0.2 * style.height), [70.0] * channels, -1, cv2.LINE_AA
        )


def _highlight(sheet: NDArray[np.float32], boxes: Boxes, style: Style, rng: np.random.Generator) -> None:
    """A see-through mark from before each row's first digit to one of its digits."""
    marker = HIGHLIGHTERS[int(rng.integers(len(HIGHLIGHTERS)))] if sheet.shape[2] == 3 else (205, 205, 205)
    colour = np.asarray(marker[: sheet.shape[2]], np.float32) / 255
    for row in boxes:
        last = row[int(rng.integers(len(row)))]
        level = row[0][1] + 0.5 * style.height
        ends = (round(row[0][0] - 0.2 * style.height), round(level)), (last[0] + last[2], round(level))
        mark = np.zeros(sheet.shape[:2], np.float32)
        cv2.line(mark, *ends, 1.0, round(1.1 * style.height), cv2.LINE_AA)
        sheet *= 1 - mark[..., np.newaxis] * (1 - colour)


def _bar_code(sheet: NDArray[np.float32], boxes: Boxes, style: Style, rng: np.random.Generator) -> None:
    """Upright bars of four widths, and as wide gaps."""
    lowest = max(y + height for row in boxes for _, y, _, height in row)
    top, bottom = round(lowest + 0.5 * style.height), round(lowest + 1.4 * style.height)
    unit = max(1, round(0.035 * style.height))
    edges = round(1.5 * style.height) + np.cumsum(unit * rng.integers(1, 5, 60))
    edges = edges[edges < 0.7 * sheet.shape[1]]
    for left, right in zip(edges[::2], edges[1::2], strict=False):
        sheet[top:bottom, left:right] = 45


def _spiral(sheet: NDArray[np.float32], style: Style) -> None:
    """Holes along the top with a wire through each that goes on beyond the sheet."""
    size, dark, wire = style.height, [60.0] * sheet.shape[2], [110.0] * sheet.shape[2]
    for x in np.arange(0.25 * size, sheet.shape[1], 0.5 * size):
        hole = (round(x), round(0.35 * size))
        cv2.circle(sheet, hole, round(0.12 * size), dark, -1, cv2.LINE_AA)
        cv2.line(sheet, (hole[0], 0), hole, wire, max(2, round(0.06 * size)), cv2.LINE_AA)


def _object(sheet: NDArray[np.float32], boxes: Boxes, style: Style, rng: np.random.Generator) -> None:
    """A pen: a thick rod with a lit side that comes in from the lower right, and its soft shadow."""
    height, width = sheet.shape[:2]
    lowest = max(y + tall for row in boxes for _, y, _, tall in row)
    tip = (round(width * float(rng.uniform(0.5, 0.8))), round(lowest + 0.7 * style.height))
    end = (round(width * float(rng.uniform(0.9, 1.2))), round(height * float(rng.uniform(1.0, 1.2))))
    thick = max(4, round(0.3 * style.height))
    shadow = np.zeros((height, width), np.float32)
    cv2.line(shadow, (tip[0] + thick, tip[1]), (end[0] + thick, end[1]), 1.0, thick, cv2.LINE_AA)
    sheet *= 1 - 0.35 * np.asarray(cv2.GaussianBlur(shadow, (0, 0), 0.6 * thick))[..., np.newaxis]
    for offset, brightness, wide in ((0, 60.0, thick), (-thick // 4, 150.0, thick // 4)):
        ends = ((tip[0], tip[1] + offset), (end[0], end[1] + offset))
        cv2.line(sheet, *ends, [brightness] * sheet.shape[2], max(1, wide), cv2.LINE_AA)

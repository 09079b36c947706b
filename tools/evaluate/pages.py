"""Generated pages: digits written onto paper with everything that pens, rooms and cameras add; labels are exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from digitscribe.vision.arrays import u8
from numpy.typing import NDArray


@dataclass(frozen=True)
class Style:
    """What a page looks like. Shares are of the digits' height, brightness is from 0 to 255."""

    height: int = 60
    gap: float = 0.35
    line_gap: float = 0.9
    paper: int = 225
    ink: int = 40
    light_on_dark: bool = False
    grain: float = 2.0
    shadow: float = 0.0
    ruled: bool = False
    rule: int = 120
    slope: float = 0.0
    specks: int = 0
    blur: float = 0.0


@dataclass(frozen=True, eq=False)
class Page:
    """A page: grey uint8 [H, W], its rows of digits, and each digit's box (x, y, width, height) in reading order."""

    pixels: NDArray[np.uint8]
    rows: tuple[str, ...]
    boxes: tuple[tuple[int, int, int, int], ...]


def write(rows: Sequence[Sequence[tuple[int, NDArray[np.uint8]]]], style: Style, rng: np.random.Generator) -> Page:
    """Write rows of (label, digit image uint8 [28, 28], white on black) onto a page."""
    step = round(style.height * (1 + style.gap))
    margin = 2 * style.height
    width = 2 * margin + step * max(len(row) for row in rows)
    pitch = round(style.height * (1 + style.line_gap))
    height = 2 * margin + pitch * len(rows) + round(abs(style.slope) * width)
    ink = np.zeros((height, width), np.float32)
    boxes = []
    for number, row in enumerate(rows):
        x = margin
        for _, digit in row:
            stamp = _stamp(digit, style.height)
            top = (
                margin
                + number * pitch
                + round(style.slope * x)
                + (round(-style.slope * width) if style.slope < 0 else 0)
            )
            window = ink[top : top + stamp.shape[0], x : x + stamp.shape[1]]
            np.maximum(window, stamp, out=window)
            boxes.append((x, top, stamp.shape[1], stamp.shape[0]))
            x += stamp.shape[1] + round(style.gap * style.height)
    pixels = _photographed(
        ink, style, rng, [margin + number * pitch + 1.15 * style.height for number in range(len(rows))]
    )
    return Page(pixels, tuple("".join(str(label) for label, _ in row) for row in rows), tuple(boxes))


def _stamp(digit: NDArray[np.uint8], height: int) -> NDArray[np.float32]:
    rows, columns = np.flatnonzero(digit.max(axis=1) > 60), np.flatnonzero(digit.max(axis=0) > 60)
    tight = digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32) / 255
    share = height / tight.shape[0]
    size = (max(3, round(tight.shape[1] * share)), height)
    grown = cv2.resize(tight, size, interpolation=cv2.INTER_CUBIC)
    stamp: NDArray[np.float32] = np.clip((np.asarray(grown, np.float32) - 0.3) / 0.3, 0, 1)
    return stamp


def _photographed(
    ink: NDArray[np.float32], style: Style, rng: np.random.Generator, baselines: list[float]
) -> NDArray[np.uint8]:
    height, width = ink.shape
    page: NDArray[np.float32] = np.full((height, width), float(style.paper), np.float32)
    if style.ruled:
        for baseline in baselines:
            cv2.line(page, (0, round(baseline)), (width, round(baseline)), float(style.rule), 2)
    page = page * (1 - ink) + style.ink * ink
    for _ in range(style.specks):
        y, x = int(rng.integers(4, height - 4)), int(rng.integers(4, width - 4))
        cv2.circle(page, (x, y), 1, float(style.ink), -1)
    if style.light_on_dark:
        page = 255 - page
    light = np.linspace(1 - style.shadow, 1, width, dtype=np.float32)
    page = page * light + rng.normal(0, style.grain, page.shape).astype(np.float32)
    blurred = cv2.GaussianBlur(page, (0, 0), style.blur) if style.blur else page
    return u8(np.clip(blurred, 0, 255))

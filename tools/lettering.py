"""Pictures of words on paper, in free fonts, as they stand beside digits: printed forms, notes, headings."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from digitscribe.vision.arrays import u8
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from trainer.negatives import HELD_FONTS

from tools.render_letters import CHARACTERS, FONTS

LEARNT = tuple(name for number, name in enumerate(sorted(FONTS)) if number % HELD_FONTS)
"""Fonts that may be learnt from: those whose letters are held back for measuring are not among them."""

_LETTERS = "".join(each for each in CHARACTERS if each.isalpha())


def strip(folder: Path, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Two or three lines of invented words without digits, and without letters that could be taken for some.

    Args:
        folder: where the fonts are, at any depth.
        rng: decides on everything.

    Returns:
        uint8 [H, W], dark ink on light paper.
    """
    size = int(rng.integers(22, 70))
    font = _font(folder, str(rng.choice(LEARNT)), size)
    lines = [" ".join(_word(rng) for _ in range(int(rng.integers(1, 4)))) for _ in range(int(rng.integers(2, 4)))]
    width = 4 * size + max(round(font.getlength(line)) for line in lines)
    ink = Image.new("L", (width, round((len(lines) * 1.6 + 2) * size)))
    draw = ImageDraw.Draw(ink)
    for number, line in enumerate(lines):
        draw.text((2 * size, (1 + 1.6 * number) * size), line, fill=255, font=font)
    paper, dark = float(rng.uniform(190, 245)), float(rng.uniform(20, 100))
    sheet = paper + np.asarray(ink, np.float32) / 255 * (dark - paper)
    soft = cv2.GaussianBlur(sheet, (0, 0), float(rng.uniform(0.4, 1.4)))
    return u8(np.clip(soft + rng.normal(0, float(rng.uniform(1, 5)), soft.shape), 0, 255))


def _word(rng: np.random.Generator) -> str:
    letters = "".join(rng.choice(list(_LETTERS), int(rng.integers(2, 9))))
    return letters if rng.random() < 0.2 else letters.capitalize() if rng.random() < 0.4 else letters.lower()


@lru_cache(maxsize=64)
def _font(folder: Path, name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(next(folder.rglob(name))), size)

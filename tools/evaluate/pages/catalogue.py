"""The benchmark: pages with one difficulty each, on top of what every page has; the same pages for the same number."""

from __future__ import annotations

import colorsys
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tools.evaluate.pages import hand
from tools.evaluate.pages.style import Page, Style
from tools.evaluate.pages.writing import Digits, write
from tools.evaluate.samples import Sample

FOLDER = "generated"

SEED = 20_261_124

Random = np.random.Generator


def _colour(rng: Random) -> tuple[int, int, int]:
    inks = ((25, 45, 140), (160, 30, 40), (20, 100, 60), (90, 40, 120), (200, 90, 30), (60, 60, 65))
    return inks[int(rng.integers(len(inks)))]


def _print_colour(rng: Random) -> tuple[int, int, int]:
    """Of rules, squares and forms; the pen's may be alike."""
    colours = ((110, 160, 220), (90, 175, 130), (225, 110, 110), (150, 130, 200), (215, 150, 80))
    return colours[int(rng.integers(len(colours)))]


def _coloured_paper(rng: Random) -> dict[str, Any]:
    """Ink of quite another hue than its paper, and perhaps as bright."""
    hue = rng.random()
    return {
        "paper": _rgb(hue, rng.uniform(0.25, 0.55), rng.uniform(0.8, 0.95)),
        "ink": _rgb(hue + rng.uniform(0.3, 0.7), rng.uniform(0.7, 1), rng.uniform(0.4, 0.9)),
    }


def _rgb(hue: float, saturation: float, value: float) -> tuple[int, ...]:
    return tuple(int(255 * each) for each in colorsys.hsv_to_rgb(hue % 1, saturation, value))


def _in_colour(rng: Random) -> dict[str, Any]:
    """Print in one colour, and a pen in another."""
    return {"rule": _print_colour(rng), "ink": _colour(rng), "paper": (244, 243, 238)}


def _board(rng: Random) -> dict[str, Any]:
    """Chalk: the negative of what is given here."""
    board = [(220, 200, 215), (215, 215, 215), (225, 190, 200)][int(rng.integers(3))]
    ink = (20, 20, 20) if rng.random() < 0.7 else (30, 30, 110)
    return {"paper": board, "ink": ink, "light_on_dark": True, "pressure": 0.6, "texture": 8, "pen": 0.09}


DIFFICULTIES: dict[str, Callable[[Random], dict[str, Any]]] = {
    "none": lambda _: {},
    "grain": lambda rng: {"grain": rng.uniform(7, 14)},
    "rough paper": lambda rng: {"texture": rng.uniform(5, 9), "paper": (205, 185, 150)},
    "ruled": lambda rng: {"ruled": True, "rule": int(rng.integers(110, 190)), "rule_gap": rng.uniform(0.8, 1.6)},
    "squared": lambda rng: {"squared": True, "rule": int(rng.integers(120, 195)), "rule_gap": rng.uniform(0.4, 0.9)},
    "edge of a shadow": lambda rng: {"shadow_edge": rng.uniform(0.3, 0.6)},
    "uneven light": lambda rng: {"shadow": rng.uniform(0.4, 0.7)},
    "blur": lambda rng: {"blur": rng.uniform(2.0, 3.5)},
    "perspective": lambda rng: {"perspective": rng.uniform(0.08, 0.16)},
    "sloping rows": lambda rng: {"slope": rng.uniform(0.06, 0.14) * rng.choice([-1, 1])},
    "touching": lambda rng: {"touch": rng.uniform(-0.03, 0.0)},
    "overlapping": lambda rng: {"touch": rng.uniform(-0.1, -0.04)},
    "narrow": lambda rng: {"gap": rng.uniform(0.06, 0.12), "slant": rng.uniform(0.1, 0.3)},
    "slanted hand": lambda rng: {"slant": rng.uniform(0.3, 0.5)},
    "faint pencil": lambda rng: {"ink": int(rng.integers(165, 185)), "pressure": 0.5, "pen": 0.05, "paper": 225},
    "fine pen": lambda rng: {"pen": rng.uniform(0.03, 0.045)},
    "thick marker": lambda rng: {"pen": rng.uniform(0.19, 0.24)},
    "skipping pen": lambda rng: {"skip": int(rng.integers(1, 3)), "pen": 0.07},
    "coloured ink": lambda rng: {"ink": _colour(rng), "paper": (238, 234, 222)},
    "chalk on a board": _board,
    "light on a screen": lambda _: {"light_on_dark": True, "paper": 250, "ink": 5, "grain": 0.0},
    "jpeg": lambda rng: {"jpeg": int(rng.integers(12, 25))},
    "underlined": lambda _: {"underlined": True},
    "scribbled out": lambda _: {"crossed_out": True},
    "staple": lambda _: {"stapled": True},
    "crease": lambda _: {"creased": True},
    "sheet on a table": lambda rng: {"table": int(rng.choice([30, 90, 140])), "perspective": 0.02},
    "printed words": lambda _: {"printed": True},
    "small in a large photo": lambda rng: {"margin": rng.uniform(9, 14), "height": 28, "enlarged": 2.5, "blur": 1.5},
    "scattered": lambda _: {"scattered": True, "size_spread": 0.25},
    "unequal sizes": lambda _: {"size_spread": 0.3, "wander": 0.15},
    "boxes of a form": lambda rng: {"boxed": True, "rule": int(rng.integers(60, 180)), "gap": rng.uniform(0.4, 0.7)},
    "turned": lambda rng: {"turn": rng.uniform(8, 20) * rng.choice([-1, 1])},
    "wooden table": lambda rng: {"table": int(rng.integers(70, 150)), "wood": True, "turn": rng.uniform(-4, 4)},
    "margin and holes": lambda rng: {"holes": True, "paper": (240, 238, 230), "ink": _colour(rng)},
    "points and signs": lambda _: {"signs": True, "gap": 0.55},
    "pen in the picture": lambda _: {"object": True},
    "low resolution": lambda rng: {"height": 44, "enlarged": rng.uniform(0.27, 0.4), "pen": rng.uniform(0.1, 0.15)},
    "glare": lambda rng: {"glare": rng.uniform(0.7, 0.9), "paper": 215},
    "shadow of a hand": lambda rng: {"hand": rng.uniform(0.35, 0.6)},
    "highlighter": lambda rng: {"highlighted": True, "paper": (240, 238, 230), "ink": _colour(rng)},
    "cells of a table": lambda rng: {"cells": True, "rule": int(rng.integers(30, 150))},
    "framed by hand": lambda _: {"framed": True},
    "spiral binding": lambda _: {"spiral": True},
    "bar code": lambda _: {"bar_code": True},
    "coloured paper": _coloured_paper,
    "squares in colour": lambda rng: {"squared": True, "rule_gap": rng.uniform(0.4, 0.9), **_in_colour(rng)},
    "boxes in colour": lambda rng: {"boxed": True, "gap": rng.uniform(0.1, 0.6), **_in_colour(rng)},
}
"""Name → what it changes in a page's style."""

MIXED = "three at once"


def samples(count: int, digits: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Iterator[Sample]:
    """`count` generated pages, each difficulty in turn, written with the digits uint8 [N, 28, 28] of `labels` [N]."""
    names = [*DIFFICULTIES, MIXED]
    for number in range(count):
        yield _sample(number, names[number % len(names)], digits, labels)


def _sample(number: int, name: str, digits: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Sample:
    rng = np.random.default_rng([SEED, number])
    style = style_of(name, rng)
    page = page_of(style, rng, digits, labels)
    file = encoded(page.pixels, style.jpeg)
    return Sample(f"{name} {number}", FOLDER, file, page.rows, name, name == MIXED, style.scattered)


def page_of(style: Style, rng: Random, digits: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Page:
    """One to three rows of three to seven of the digits uint8 [N, 28, 28] of `labels` [N], in a style."""
    return write(_rows(rng, digits, labels), style, rng)


def style_of(name: str, rng: Random) -> Style:
    """A style with the named difficulty; everything else is ordinary, and differs from page to page."""
    ordinary = Style(
        height=int(rng.integers(36, 110)),
        gap=float(rng.uniform(0.25, 0.5)),
        pen=float(rng.uniform(0.06, 0.15)),
        slant=float(rng.uniform(-0.05, 0.2)),
        ink=int(rng.integers(25, 90)),
        paper=int(rng.integers(195, 245)),
        grain=float(rng.uniform(1, 4)),
        texture=float(rng.uniform(0, 2)),
        shadow=float(rng.uniform(0, 0.25)),
        slope=float(rng.uniform(-0.03, 0.03)),
        wander=0.05,
        size_spread=0.08,
        blur=float(rng.uniform(0.3, 1.2)),
        jpeg=85,
    )
    chosen = [name] if name != MIXED else [str(each) for each in rng.choice(list(DIFFICULTIES), 3, replace=False)]
    for each in chosen:
        ordinary = replace(ordinary, **DIFFICULTIES[each](rng))
    return ordinary


def _rows(rng: Random, digits: NDArray[np.uint8], labels: NDArray[np.uint8]) -> list[Digits]:
    counts = [int(rng.integers(3, 8)) for _ in range(int(rng.integers(1, 4)))]
    return [[_pick(rng, digits, labels) for _ in range(count)] for count in counts]


def _pick(rng: Random, digits: NDArray[np.uint8], labels: NDArray[np.uint8]) -> tuple[int, NDArray[np.uint8]]:
    """Any digit that can be drawn again with another pen."""
    while True:
        index = int(rng.integers(len(digits)))
        if hand.is_drawable(digits[index], int(labels[index])):
            return int(labels[index]), digits[index]


def encoded(pixels: NDArray[np.uint8], quality: int | None) -> bytes:
    """Pixels as a JPEG file of that quality, or as a PNG file."""
    file = io.BytesIO()
    if quality is None:
        Image.fromarray(pixels).save(file, "PNG", compress_level=1)
    else:
        Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return file.getvalue()

"""What a generated page looks like."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Colour = int | tuple[int, int, int]
"""Grey or RGB, 0 to 255."""


@dataclass(frozen=True)
class Style:
    """What a page looks like. Lengths are shares of the digits' height unless said otherwise.

    Attributes:
        height: of the digits, in pixels.
        gap: between digits; below 0 they overlap as boxes.
        line_gap: between rows.
        margin: around the writing.
        touch: the distance between the ink of neighbours, for every second pair; below 0 strokes cross.
        scattered: digits anywhere on the page, in no order.
        size_spread, wander: how unequal the digits' heights are, and how far they stand off their line.
        pen: width of the strokes; None keeps each digit's own.
        slant: sideways shift per row of the hand, to the right; digits differ a little.
        skip: how many times the pen skips in a digit.
        pressure: how much of the paper's tooth shows in a stroke, 0 to 1: pencil, crayon, chalk.
        paper, ink: colours.
        light_on_dark: take the negative.
        grain: of the sensor, in brightness; texture: of the paper, in brightness.
        ruled, squared: lines; rule: their colour; rule_gap: their distance, None puts one under each row.
        specks: dots of ink.
        underlined, crossed_out, stapled, printed, creased: what is on the page besides.
        signs: points, commas, dashes and colons between the digits.
        boxed: each digit in a printed box; ruled's `rule` is their colour.
        cells: each row in the cells of a printed table; ruled's `rule` is its colour.
        framed: each row in a frame that the same pen drew.
        highlighted: a felt pen has marked a part of each row.
        bar_code: one is printed below the writing.
        spiral: the sheet is bound on top with a spiral of wire.
        holes: a margin line and punched holes on the left.
        object: a pen or a finger lies in the picture, in from its border.
        table: how dark a table shows around the page: its brightness; None shows none. wood: the table has a grain.
        turn: how far the sheet lies turned, in degrees.
        slope: rise of the rows, downwards positive.
        perspective: how far corners move, as a share of the page.
        shadow: light falls off to the left by this share; shadow_edge: depth of a shadow with an edge.
        hand: depth of the shadows of a hand and a phone, which lie on a part of the page.
        glare: a lamp's reflection takes this share of the contrast where it is strongest.
        blur: in pixels. jpeg: quality; None keeps the pixels. enlarged: as if taken with so many times the pixels.
    """

    height: int = 60
    gap: float = 0.35
    line_gap: float = 0.9
    margin: float = 2.0
    touch: float | None = None
    scattered: bool = False
    size_spread: float = 0.0
    wander: float = 0.0
    pen: float | None = None
    slant: float = 0.0
    skip: int = 0
    pressure: float = 0.0
    paper: Colour = 225
    ink: Colour = 40
    light_on_dark: bool = False
    grain: float = 2.0
    texture: float = 0.0
    ruled: bool = False
    squared: bool = False
    rule: Colour = 120
    rule_gap: float | None = None
    specks: int = 0
    underlined: bool = False
    crossed_out: bool = False
    stapled: bool = False
    printed: bool = False
    creased: bool = False
    signs: bool = False
    boxed: bool = False
    cells: bool = False
    framed: bool = False
    highlighted: bool = False
    bar_code: bool = False
    spiral: bool = False
    holes: bool = False
    object: bool = False
    table: int | None = None
    wood: bool = False
    turn: float = 0.0
    slope: float = 0.0
    perspective: float = 0.0
    shadow: float = 0.0
    shadow_edge: float = 0.0
    hand: float = 0.0
    glare: float = 0.0
    blur: float = 0.0
    jpeg: int | None = None
    enlarged: float = 1.0


@dataclass(frozen=True, eq=False)
class Page:
    """A page.

    Attributes:
        pixels: uint8 [H, W, 3] RGB, or [H, W] if nothing on it has a colour.
        rows: the digits that a person would read, row by row.
        boxes: each digit's box (x, y, width, height) in reading order, in pixels.
    """

    pixels: NDArray[np.uint8]
    rows: tuple[str, ...]
    boxes: tuple[tuple[int, int, int, int], ...]

"""How an image was read: a picture of each step, drawn from what reading itself has left.

    views = views_of(image, profile)
    proposal = proposal_of(views, image, profile)
    reading = decide(proposal, probabilities, digit_scores)
    steps = trace(views, proposal, reading)

Nothing is computed anew: a picture shows the arrays that the reading came from. Ink is drawn dark on light whatever
the original's polarity, colours tell pieces and rows apart (Okabe and Ito's, which colour-blind people can tell too).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from digitscribe.contracts import Box
from digitscribe.model_shape import SIDE
from digitscribe.vision import levelling
from digitscribe.vision.components import Blob, boxes_of
from digitscribe.vision.deciding import Reading
from digitscribe.vision.proposing import Proposal
from digitscribe.vision.stages import Ink, Rows, Stages

LONGEST_SIDE = 640
"""Pictures are scaled down to this width or height, in pixels."""

COLUMNS = 10
"""Crops in a line of the last picture."""

MAX_CROPS = 100
"""More crops than this are not drawn; a page of digits is recognised by then."""

_ENLARGED = 2
_GAP = 4
_MARGIN = 20
_PAPER, _SOFT, _INK = (255, 255, 255), (205, 205, 205), (40, 40, 40)
_REMOVED, _RIVAL, _CHOSEN = (213, 94, 0), (150, 170, 190), (0, 114, 178)
_PALETTE = ((0, 114, 178), (213, 94, 0), (0, 158, 115), (204, 121, 167), (230, 159, 0), (86, 180, 233), (110, 90, 60))

Picture = NDArray[np.uint8]
"""uint8 [H, W] grey or [H, W, 3] RGB."""


@dataclass(frozen=True, eq=False)
class Step:
    """One step of reading.

    Attributes:
        name: what programs call it.
        title: what people call it.
        sentence: what happened to this image in it.
        picture: uint8 [H, W] grey or [H, W, 3] RGB, longest side at most `LONGEST_SIDE`.
    """

    name: str
    title: str
    sentence: str
    picture: Picture


def trace(views: Sequence[Stages], proposal: Proposal, reading: Reading) -> tuple[Step, ...]:
    """The steps from pixels to digits, as the view that was read went through them.

    Args:
        views: what each step of preparing left, of each way to see the image.
        proposal: the rival ways to cut and to join that was made of them.
        reading: what was chosen among them.
    """
    stages, proposal = views[reading.view], proposal.views[reading.view]
    return (
        Step("grey", "Grey", _about_grey(stages, views), _fit(stages.grey)),
        Step(
            "contrast",
            "Corrected contrast",
            _THIN_CONTRAST if stages.sought is Ink.THIN else _CONTRAST,
            _fit(_negative(stages.contrast)),
        ),
        Step("ink", "Ink", _INK_SENTENCE, _fit(_negative(stages.ink * np.uint8(255)))),
        Step("unruled", "Without lines", _about_lines(stages), _fit(_without_lines(stages))),
        Step("pieces", "Pieces of ink", _about_pieces(stages), _fit(_pieces(stages))),
        Step("rows", "Rows of writing", _about_rows(stages), _rows(stages)),
        Step("cuts", "Ways to cut and to join", _about_cuts(proposal, reading), _cuts(stages, proposal, reading)),
        Step("crops", "What the model saw", _about_crops(reading), sheet_of(reading.crops[:MAX_CROPS])),
    )


_CONTRAST = "How much stronger than the paper around it each place is: shadows and uneven light are gone."
_THIN_CONTRAST = (
    "How much stronger than what is right beside it each place is: with sharp shadows and patterns out of the way more "
    "was read."
)
_INK_SENTENCE = "What is strong enough counts as ink; everything else is paper from here on."


def _about_grey(stages: Stages, views: Sequence[Stages]) -> str:
    like = [view for view in views if view.is_sheet == stages.is_sheet]
    is_open = len({view.light_on_dark for view in like}) > 1  # views may also differ in what ink is looked for
    why = "; brightness left that open, but the other way round less was read" if is_open else ""
    dark = "dark ink on a light ground"
    ink = "light ink on a dark ground, so that the next steps see its negative" if stages.light_on_dark else dark
    turned = " It lies on its side, so it is turned upright." if stages.quarters else ""
    return f"{_what(stages, views)}{turned} Taken for {ink}{why}."


def _what(stages: Stages, views: Sequence[Stages]) -> str:
    """What of the image was read, and why if that was in doubt."""
    if all(view.is_sheet == stages.is_sheet for view in views):
        return "The sheet that lies there, without its colours." if stages.is_sheet else "Without its colours."
    if stages.is_sheet:
        return "The sheet that lies there, without its colours; of all of the image less was read."
    return "All of the image, without its colours; of the sheet that lies there less was read."


def _about_lines(stages: Stages) -> str:
    share = 1 - int(stages.unruled.sum()) / max(1, int(stages.ink.sum()))
    if share <= 0:
        return "No lines or print were taken out."
    return f"Lines and print were taken out: the {share:.0%} of the ink that is drawn in orange."


def _about_pieces(stages: Stages) -> str:
    return f"{_counted(len(stages.pieces), 'connected piece')} of ink that can be a digit, or a part of one."


def _about_rows(stages: Stages) -> str:
    left = f"{_counted(sum(map(len, stages.rows)), 'piece')} in {_counted(len(stages.rows), 'row')}"
    return f"{_about_turn(stages.tilt)}Broken strokes are joined, dots and dashes left out: {left}."


def _about_turn(tilt: float) -> str:
    """A sentence on how far the rows were turned, from an angle in radians; empty if they were not."""
    way = "falls" if tilt > 0 else "climbs"
    return f"The writing {way} by {abs(math.degrees(tilt)):.0f}°, so it is turned level. " if tilt else ""


def _about_cuts(proposal: Proposal, reading: Reading) -> str:
    return (
        f"{_counted(len(proposal.hypotheses), 'way')} to cut and to join the ink went to the model (pale); "
        f"its answers chose the best path through each row: {_counted(len(reading.digits), 'digit')} (blue)."
    )


def _about_crops(reading: Reading) -> str:
    if not reading.digits:
        return "Nothing was taken for a digit."
    together = sum(digit.neighbour is not None for digit in reading.digits)
    beside = f" {together} of them touch and were read two by two: the picture shows both." if together else ""
    return f"Each digit in MNIST's form, {SIDE}×{SIDE} pixels, its centre of mass in the middle.{beside}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _negative(picture: Picture) -> Picture:
    return np.asarray(255 - picture, np.uint8)


def _without_lines(stages: Stages) -> Picture:
    canvas = _canvas(stages)
    canvas[stages.unruled > 0] = _INK
    canvas[(stages.ink > 0) & (stages.unruled == 0)] = _REMOVED
    return canvas


def _pieces(stages: Stages) -> Picture:
    canvas = _canvas(stages)
    canvas[stages.unruled > 0] = _SOFT
    for number, piece in enumerate(stages.pieces):
        _paint(canvas, piece, _PALETTE[number % len(_PALETTE)])
    return canvas


def _rows(stages: Stages) -> Picture:
    """The rows as they lie, or, where they were turned level, on paper of their own."""
    canvas, rows = _canvas(stages), stages.rows
    if stages.tilt:
        canvas, rows = _on_own_paper(rows)
    else:
        canvas[stages.unruled > 0] = _SOFT
    for number, row in enumerate(rows):
        for piece in row:
            _paint(canvas, piece, _PALETTE[number % len(_PALETTE)])
    picture, scale = _fit(canvas), _scale(canvas)
    for number, row in enumerate(rows):
        _outline(picture, _around(row), scale, _PALETTE[number % len(_PALETTE)], 1)
    return picture


def _on_own_paper(rows: Rows) -> tuple[Picture, Rows]:
    """White paper that holds the rows with a margin, and the rows with their places on it."""
    left, top, right, bottom = _around([piece for row in rows for piece in row])
    x, y = left - _MARGIN, top - _MARGIN
    moved = tuple(tuple(replace(piece, x=piece.x - x, y=piece.y - y) for piece in row) for row in rows)
    return np.full((bottom - y + _MARGIN, right - x + _MARGIN, 3), _PAPER, np.uint8), moved


def _around(pieces: Sequence[Blob]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what holds all pieces."""
    boxes = boxes_of(pieces)
    left, top = boxes[:, :2].min(axis=0).tolist()
    right, bottom = boxes[:, 2:].max(axis=0).tolist()
    return left, top, right, bottom


def _cuts(stages: Stages, proposal: Proposal, reading: Reading) -> Picture:
    canvas = _canvas(stages)
    canvas[stages.unruled > 0] = _SOFT
    for piece in stages.pieces:
        _paint(canvas, piece, _INK)
    picture, scale = _fit(canvas), _scale(canvas) / stages.scale
    for boxes, colour, thickness in (
        (proposal.boxes, _RIVAL, 1),
        ((digit.box for digit in reading.digits), _CHOSEN, 2),
    ):
        for box in boxes:
            _outline(picture, _corners(box, stages, (proposal.width, proposal.height)), scale, colour, thickness)
    return picture


def sheet_of(crops: NDArray[np.uint8]) -> Picture:
    """Crops uint8 [N, 28, 28] as one picture, enlarged, `COLUMNS` in a line; a strip of paper if there are none."""
    cell = SIDE * _ENLARGED + _GAP
    lines = max(1, -(-len(crops) // COLUMNS))
    columns = max(1, min(COLUMNS, len(crops)))
    sheet = np.full((lines * cell + _GAP, columns * cell + _GAP), 255, np.uint8)
    for number, crop in enumerate(crops):
        y, x = number // COLUMNS * cell + _GAP, number % COLUMNS * cell + _GAP
        large = np.kron(crop, np.ones((_ENLARGED, _ENLARGED), np.uint8))
        sheet[y : y + large.shape[0], x : x + large.shape[1]] = large
    return sheet


def _canvas(stages: Stages) -> Picture:
    return np.full((*stages.ink.shape, 3), _PAPER, np.uint8)


def _paint(canvas: Picture, piece: Blob, colour: tuple[int, int, int]) -> None:
    canvas[piece.y : piece.bottom, piece.x : piece.right][piece.ink > 0] = colour


def _corners(box: Box, stages: Stages, size: tuple[int, int]) -> tuple[float, float, float, float]:
    corners = np.array([[box.x, box.y, box.x + box.width, box.y + box.height]], np.float64)
    width, height = size if stages.quarters % 2 == 0 else size[::-1]
    left, top, right, bottom = levelling.upright(corners, -stages.quarters % 4, width, height)[0].tolist()
    return left - stages.left, top - stages.top, right - stages.left, bottom - stages.top


def _outline(
    picture: Picture, corners: Iterable[float], scale: float, colour: tuple[int, int, int], thickness: int
) -> None:
    left, top, right, bottom = (round(value * scale) for value in corners)
    cv2.rectangle(picture, (left - 1, top - 1), (right, bottom), colour, thickness)


def _scale(picture: Picture) -> float:
    return min(1.0, LONGEST_SIDE / max(map(int, picture.shape[:2])))


def _fit(picture: Picture) -> Picture:
    """The picture, scaled down if it is larger than `LONGEST_SIDE`; never the array that was given."""
    scale = _scale(picture)
    if scale == 1.0:
        return picture.copy()
    height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
from digitscribe.vision.clutter import without_clutter
from digitscribe.vision.components import find

Stroke = tuple[tuple[int, int], tuple[int, int], int, int]
"""From, to, thickness, contrast."""

WRITING: tuple[Stroke, ...] = tuple(((x, 200), (x + 20, 260), 8, 200) for x in range(200, 500, 60))


def _kept(*strokes: Stroke, shining: int | None = None) -> list[tuple[int, int]]:
    """Where the pieces of ink begin that are left of a picture, 800 × 600, whose paper shines from a column on."""
    contrast = np.zeros((600, 800), np.uint8)
    for start, end, thickness, strength in strokes:
        cv2.line(contrast, start, end, strength, thickness)
    paper = np.full(contrast.shape, 200, np.uint8)
    paper[:, 800 if shining is None else shining :] = 240
    blobs = without_clutter(find((contrast > 20).astype(np.uint8), contrast), contrast, cv2.subtract(paper, contrast))
    return sorted((blob.x, blob.y) for blob in blobs)


def test_writing_is_kept() -> None:
    assert len(_kept(*WRITING)) == len(WRITING)


def test_a_table_does_not_speak_for_the_writing() -> None:
    """However much of it there is: it is darker than the writing, and joined to its border."""
    table = [((0, y), (90 + y % 70, y), 15, 255) for y in range(5, 600, 20)]
    table.append(((40, 0), (40, 599), 60, 255))
    assert _kept(*WRITING, *table) == _kept(*WRITING)


def test_a_pen_that_comes_in_from_the_border_goes() -> None:
    assert _kept(*WRITING, ((700, 540), (799, 599), 22, 200)) == _kept(*WRITING)


def test_a_side_of_a_frame_that_comes_in_from_the_border_goes() -> None:
    side = ((600, 0), (604, 90), 8, 200)
    assert _kept(*WRITING, side) == _kept(*WRITING)
    assert len(_kept(side)) == 1  # alone, it may be a 1 that fills its picture


def test_a_digit_that_touches_the_border_stays() -> None:
    assert len(_kept(*WRITING, ((780, 300), (799, 350), 8, 200))) == len(WRITING) + 1


def test_the_wire_of_a_notebook_goes() -> None:
    for wires in (
        [((x, 0), (x + 4, 40), 8, 200) for x in range(30, 800, 45)],
        [((0, y), (40, y + 4), 8, 200) for y in range(30, 600, 45)],
    ):
        assert _kept(*WRITING, *wires) == _kept(*WRITING)


def test_a_few_digits_cut_off_by_the_border_stay() -> None:
    cut = [((x, 599), (x + 10, 560), 8, 200) for x in (30, 75, 120, 165)]
    assert len(_kept(*WRITING, *cut)) == len(WRITING) + len(cut)


def test_ink_that_a_reflection_has_washed_out_stays() -> None:
    assert len(_kept(*WRITING, ((560, 200), (580, 260), 8, 50), shining=520)) == len(WRITING) + 1


def test_what_shows_through_from_the_back_of_the_paper_goes() -> None:
    assert _kept(*WRITING, ((560, 200), (580, 260), 8, 50)) == _kept(*WRITING)


def test_a_faint_crease_goes() -> None:
    assert _kept(*WRITING, ((560, 100), (575, 320), 3, 50)) == _kept(*WRITING)


def test_a_tear_in_from_the_border_goes() -> None:
    assert _kept(*WRITING, ((740, 0), (770, 70), 8, 50)) == _kept(*WRITING)


def test_a_broken_digit_that_fills_the_image_stays() -> None:
    contrast = np.zeros((60, 40), np.uint8)
    cv2.polylines(contrast, [np.array([[10, 16], [10, 28], [30, 36], [28, 52], [4, 59]])], False, 200, 4)
    cv2.line(contrast, (14, 6), (32, 6), 200, 3)
    assert len(without_clutter(find((contrast > 20).astype(np.uint8), contrast), contrast, 255 - contrast)) == 2


def _corner(x: int, y: int, size: int = 30) -> tuple[Stroke, Stroke]:
    """The upper left corner of a printed box."""
    return ((x, y), (x + size, y), 3, 100), ((x, y), (x, y + size), 3, 100)


def test_corners_of_printed_boxes_go() -> None:
    """Beside a dark digit the sides of its box are not seen."""
    corners = [stroke for x in range(182, 482, 60) for stroke in _corner(x, 184, 24)]
    side = ((440, 270), (470, 270), 3, 100)
    assert _kept(*WRITING, *corners, side) == _kept(*WRITING)


def test_one_faint_corner_may_be_a_digit() -> None:
    assert len(_kept(*WRITING, *_corner(520, 200))) == len(WRITING) + 1


def test_corners_away_from_the_writing_stay() -> None:
    """They are letters: whoever leaves words unread must see them."""
    letters = [stroke for x in range(200, 500, 60) for stroke in _corner(x, 450)]
    assert len(_kept(*WRITING, *letters)) == 2 * len(WRITING)


def _ring(x: int, y: int, width: int, height: int) -> list[Stroke]:
    """The strokes of a ring around (x, y)."""
    angles = np.linspace(0, 2 * np.pi, 25)
    points = [(round(x + width / 2 * np.cos(a)), round(y + height / 2 * np.sin(a))) for a in angles]
    return [(one, other, 8, 200) for one, other in pairwise(points)]


def test_a_ring_around_a_1_goes() -> None:
    one = ((600, 205), (604, 255), 6, 200)
    assert _kept(*WRITING, one, *_ring(602, 230, 110, 115)) == _kept(*WRITING, one)


def test_a_0_with_a_stroke_in_it_stays() -> None:
    stroke = ((598, 243), (606, 217), 4, 200)
    assert len(_kept(*WRITING, stroke, *_ring(602, 230, 50, 66))) == len(WRITING) + 2

"""What stands apart from rows of writing, or among them, and is no digit."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from digitscribe.vision.components import Blob, find
from digitscribe.vision.grouping import rows_of
from digitscribe.vision.strays import (
    without_bar_codes,
    without_ends,
    without_marks,
    without_pale_bars,
    without_posts,
    without_strays,
)
from numpy.typing import NDArray

Stroke = tuple[tuple[int, int], tuple[int, int]]
"""From and to."""


def _rows(contrast: NDArray[np.uint8]) -> list[list[Blob]]:
    return rows_of(find((contrast > 0).astype(np.uint8), contrast))


def _in_rows(*strokes: Stroke, aside: Stroke | None = None, thickness: int = 6, strength: int = 200) -> list[int]:
    """How many pieces each row has that is left, of strokes by one pen and one `aside` that may be by another."""
    contrast = np.zeros((600, 800), np.uint8)
    for start, end in strokes:
        cv2.line(contrast, start, end, 200, 6)
    if aside:
        cv2.line(contrast, *aside, strength, thickness)
    return [len(row) for row in without_strays(_rows(contrast))]


ROW: tuple[Stroke, ...] = tuple(((x, 200), (x + 20, 260)) for x in range(200, 440, 60))


def test_a_staple_apart_from_the_rows_goes() -> None:
    assert _in_rows(*ROW, ((40, 40), (75, 70))) == [len(ROW)]


def test_an_upright_stroke_apart_from_the_rows_stays() -> None:
    assert _in_rows(*ROW, ((40, 40), (50, 75))) == [1, len(ROW)]


UPRIGHT: Stroke = ((40, 40), (55, 100))


@pytest.mark.parametrize(("thickness", "strength"), [(6, 120), (6, 80), (14, 200), (2, 200)])
def test_a_stroke_apart_from_the_rows_that_is_not_of_their_pen_goes(thickness: int, strength: int) -> None:
    assert _in_rows(*ROW, aside=UPRIGHT, thickness=thickness, strength=strength) == [len(ROW)]


@pytest.mark.parametrize(("thickness", "strength"), [(6, 170), (6, 240), (8, 200), (5, 200)])
def test_one_that_their_pen_may_have_drawn_stays(thickness: int, strength: int) -> None:
    assert _in_rows(*ROW, aside=UPRIGHT, thickness=thickness, strength=strength) == [1, len(ROW)]


def test_a_row_by_another_pen_stays() -> None:
    paler = [((x, 400), (x + 20, 460)) for x in range(200, 440, 60)]
    contrast = np.zeros((600, 800), np.uint8)
    for strokes, strength in ((ROW, 200), (paler, 100)):
        for start, end in strokes:
            cv2.line(contrast, start, end, strength, 6)
    assert [len(row) for row in without_strays(_rows(contrast))] == [len(ROW), len(paler)]


@pytest.mark.parametrize(("aside", "rows"), [(90, [5, 1, 5]), (50, [5, 5])])
def test_what_stands_apart_may_be_of_the_pen_of_any_row(aside: int, rows: list[int]) -> None:
    contrast = np.zeros((700, 800), np.uint8)
    for place in range(5):
        cv2.line(contrast, (200 + 60 * place, 40), (220 + 60 * place, 100), 220, 12)
        cv2.line(contrast, (200 + 60 * place, 540), (220 + 60 * place, 600), 90, 5)
    cv2.line(contrast, (210, 300), (230, 360), aside, 5)
    assert [len(row) for row in without_strays(_rows(contrast))] == rows


def test_pens_may_differ_where_digits_stand_each_for_itself() -> None:
    strokes: list[Stroke] = [((60, y), (80, y + 60)) for y in (40, 240)]
    assert _in_rows(*strokes, aside=((60, 440), (80, 500)), strength=90) == [1, 1, 1]


def test_a_slanted_one_as_high_as_the_writing_stays() -> None:
    assert _in_rows(*ROW, ((40, 40), (85, 100))) == [1, len(ROW)]


def test_slanted_strokes_that_stand_each_for_itself_stay() -> None:
    strokes = [((60, y), (60 + width, y + width)) for y, width in ((40, 30), (140, 60), (300, 60))]
    assert _in_rows(*strokes) == [1, 1, 1]


def _bars(heights: list[int], widths: tuple[int, ...] = (4, 8, 12)) -> int:
    """How many are left of upright bars of those heights, and of those widths in turn, with a 7 after them."""
    contrast = np.zeros((200, 600), np.uint8)
    for number, height in enumerate(heights):
        left, width = 30 + 30 * number, widths[number % len(widths)]
        contrast[100 - height : 100, left : left + width] = 200
    cv2.polylines(contrast, [np.array([[400, 60], [430, 60], [410, 110]])], False, 200, 6)
    rows = without_bar_codes(_rows(contrast))
    return sum(map(len, rows))


def test_a_bar_code_goes_and_the_digit_beside_it_stays() -> None:
    assert _bars([60] * 10) == 1


def test_ones_of_a_hand_are_no_bar_code() -> None:
    assert _bars([60, 52, 66, 58, 48, 63, 55, 68, 50, 60]) == 11


def test_level_ones_of_one_pen_are_no_bar_code() -> None:
    assert _bars([60, 61, 59, 60, 60, 62, 60, 58, 60, 60], widths=(5, 6)) == 11


def test_of_slim_ones_a_pixel_more_makes_no_bar_code() -> None:
    assert _bars([60] * 10, widths=(2, 3)) == 11


def test_a_few_level_bars_may_be_ones() -> None:
    assert _bars([60] * 5) == 6


def _high(*strokes: Stroke) -> list[int]:
    """How high the pieces are that are left of what is no upright line, from the left."""
    contrast = np.zeros((600, 800), np.uint8)
    for start, end in strokes:
        cv2.line(contrast, start, end, 200, 6)
    blobs = without_posts(find((contrast > 0).astype(np.uint8), contrast))
    return [blob.height for blob in sorted(blobs, key=lambda blob: blob.x)]


def test_an_upright_line_much_higher_than_the_writing_goes() -> None:
    assert _high(*ROW, ((600, 100), (604, 300))) == _high(*ROW)


def test_a_1_higher_than_the_writing_beside_it_stays() -> None:
    assert len(_high(*ROW, ((600, 170), (604, 270)))) == len(ROW) + 1


def test_a_1_beside_specks_stays() -> None:
    specks = [((x, 280), (x + 2, 282)) for x in range(100, 500, 80)]
    assert max(_high(*specks, ((600, 170), (604, 270)))) > 100


def test_ones_that_are_most_of_what_is_written_stay() -> None:
    ones = [((x, 100), (x + 4, 300)) for x in range(500, 780, 60)]
    assert len(_high(*ROW, *ones)) == len(ROW) + len(ones)


def _ends(left: int, thickness: int, strength: int) -> list[int]:
    """The left sides of what is left of a row, and of a stroke before it that begins at `left`."""
    contrast = np.zeros((600, 800), np.uint8)
    for start, end in ROW:
        cv2.line(contrast, start, end, 200, 6)
    cv2.line(contrast, (left, 200), (left, 260), strength, thickness)
    (row,) = without_ends(_rows(contrast))
    return [blob.x for blob in row]


def test_what_stands_apart_from_the_end_of_a_row_and_is_paler_and_thicker_goes() -> None:
    assert len(_ends(60, thickness=14, strength=120)) == len(ROW)


@pytest.mark.parametrize(
    ("left", "thickness", "strength"), [(60, 6, 120), (60, 14, 200), (170, 14, 120)], ids=["paler", "thicker", "near"]
)
def test_what_is_one_of_these_alone_stays(left: int, thickness: int, strength: int) -> None:
    assert len(_ends(left, thickness, strength)) == len(ROW) + 1


def _below(*strokes: Stroke, strength: int) -> int:
    """How many rows are left of one of 7s, strength 200, and strokes below it."""
    contrast = np.zeros((600, 800), np.uint8)
    for x in range(200, 440, 60):
        cv2.polylines(contrast, [np.array([[x, 60], [x + 30, 60], [x + 10, 110]])], False, 200, 6)
    for start, end in strokes:
        cv2.line(contrast, start, end, strength, 6)
    return len(without_pale_bars(_rows(contrast)))


BARS: tuple[Stroke, ...] = tuple(((x, 400), (x + 5, 450)) for x in (100, 140, 500))


def test_a_row_of_nothing_but_pale_single_strokes_goes() -> None:
    assert _below(*BARS, strength=120) == 1


def test_ones_as_dark_as_the_rest_stay() -> None:
    assert _below(*BARS, strength=180) == 2


def test_pale_ones_with_another_digit_among_them_stay() -> None:
    seven: tuple[Stroke, ...] = (((300, 400), (330, 400)), ((330, 400), (310, 450)))
    assert _below(*BARS, *seven, strength=120) == 2


def test_pale_ones_stay_where_nothing_else_is_written() -> None:
    contrast = np.zeros((600, 800), np.uint8)
    for start, end in BARS:
        cv2.line(contrast, start, end, 120, 6)
    assert len(without_pale_bars(_rows(contrast))) == 1


def _beside_marks(thickness: int, strength: int) -> int:
    """How many pieces are left of a row with two marks in it that are drawn so."""
    contrast = np.zeros((600, 800), np.uint8)
    for start, end in ROW:
        cv2.line(contrast, start, end, 200, 6)
    for x in (240, 300):
        cv2.line(contrast, (x, 230), (x, 270), strength, thickness)
    return sum(map(len, without_marks(_rows(contrast))))


def test_marks_that_are_paler_and_thinner_than_their_row_go() -> None:
    assert _beside_marks(thickness=2, strength=110) == len(ROW)


@pytest.mark.parametrize(("thickness", "strength"), [(2, 200), (6, 110)])
def test_what_is_only_thinner_or_only_paler_stays(thickness: int, strength: int) -> None:
    assert _beside_marks(thickness, strength) == len(ROW) + 2

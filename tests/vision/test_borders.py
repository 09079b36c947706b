"""A line with paper on both sides is a stroke; with paper on one side only it is where the paper ends."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from digitscribe.vision.borders import without_borders
from digitscribe.vision.components import find
from hypothesis import given
from hypothesis import strategies as st

PAPER, TABLE, INK = 210, 60, 40

Segment = tuple[tuple[int, int], tuple[int, int]]


def kept(grey: np.ndarray, line: Segment, thickness: int = 5) -> bool:
    """Whether a line that is seen in a picture is taken for a stroke."""
    ink = np.zeros(grey.shape, np.uint8)
    cv2.line(ink, *line, 1, thickness)
    return bool(without_borders(find(ink, ink * np.uint8(100)), grey))


def picture(
    left: int, right: int, line: tuple[tuple[int, int], tuple[int, int]], shade: int, blur: float
) -> np.ndarray:
    """Grey uint8 [200, 100] that is `left` of a line and `right` right of it; the line has its own shade."""
    (x0, y0), (x1, y1) = line
    y, x = np.mgrid[:200, :100]
    grey = np.where(x < x0 + (y - y0) * (x1 - x0) / (y1 - y0), left, right).astype(np.uint8)
    cv2.line(grey, *line, shade, 5)
    return cv2.GaussianBlur(grey, (0, 0), blur)


LINE = ((44, 40), (56, 160))


@pytest.mark.parametrize("blur", [0.5, 1.5])
@pytest.mark.parametrize("shade", [TABLE, INK])
def test_where_the_table_begins_there_is_no_one(shade: int, blur: float) -> None:
    assert not kept(picture(PAPER, TABLE, LINE, shade, blur), LINE)
    assert not kept(picture(TABLE, PAPER, LINE, shade, blur), LINE)


@given(st.integers(120, 255), st.integers(-25, 25), st.floats(0.5, 2))
def test_a_one_on_paper_stays_where_the_light_falls_off(paper: int, change: int, blur: float) -> None:
    other = int(np.clip(paper + change, 0, 255))
    assert kept(picture(paper, other, LINE, INK, blur), LINE)


def test_a_white_one_on_a_board_stays() -> None:
    assert kept(picture(50, 50, LINE, 230, 1.0), LINE)


@pytest.mark.parametrize("shadow", [70, 100, 150])
def test_a_one_on_the_edge_of_a_shadow_stays(shadow: int) -> None:
    assert kept(picture(shadow, PAPER, LINE, 20, 1.0), LINE)


def test_a_one_beside_another_digit_stays() -> None:
    grey = picture(PAPER, PAPER, LINE, INK, 1.0)
    cv2.circle(grey, (75, 100), 20, INK, 5)
    assert kept(grey, LINE)


def test_the_bars_of_a_bar_code_are_left_to_those_who_know_them() -> None:
    grey = np.full((200, 300), PAPER, np.uint8)
    for x in range(20, 280, 50):
        grey[50:150, x : x + 12] = grey[50:150, x + 18 : x + 30] = INK
    ink = (grey == INK).astype(np.uint8)
    assert len(without_borders(find(ink, ink * np.uint8(100)), grey)) == 12


def test_however_many_bits_of_a_border_there_are_none_is_a_one() -> None:
    grey = np.full((400, 100), PAPER, np.uint8)
    grey[:, 60:] = TABLE
    ink = np.zeros(grey.shape, np.uint8)
    for y in range(10, 400, 50):
        ink[y : y + 40, 57:62] = 1
    assert without_borders(find(ink, ink * np.uint8(100)), grey) == []


def test_a_stem_beside_a_darker_letter_stays() -> None:
    grey = picture(PAPER, PAPER, LINE, 120, 0.5)
    cv2.line(grey, (51, 40), (63, 160), INK, 5)
    assert kept(grey, LINE)


def test_what_fills_the_picture_from_side_to_side_stays() -> None:
    assert kept(np.full((200, 5), INK, np.uint8), ((2, 0), (2, 199)))


def test_what_is_no_upright_line_is_not_looked_at() -> None:
    lying = ((10, 95), (90, 105))
    grey = np.full((200, 100), PAPER, np.uint8)
    grey[100:] = TABLE
    assert kept(grey, lying)

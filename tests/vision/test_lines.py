"""Rules of a sheet that does not fill the image."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from digitscribe.vision.lines import without_lines
from numpy.typing import NDArray

LEFT, RIGHT = 120, 690
"""Where a sheet lies in an image that is 800 pixels wide."""


def _squared(lean: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A mask of squared paper, its upright lines leaning by so many pixels from top to bottom, and one of the sheet."""
    ink, on_sheet = np.zeros((600, 800), np.uint8), np.zeros((600, 800), np.uint8)
    corners = np.array([(LEFT, 100), (RIGHT, 100), (RIGHT + lean, 500), (LEFT + lean, 500)])
    cv2.fillConvexPoly(on_sheet, corners, 1)
    for x in range(LEFT + 10, RIGHT, 40):
        cv2.line(ink, (x, 104), (x + lean, 496), 1, 2)
    for y in range(110, 500, 40):
        cv2.line(ink, (LEFT + lean * (y - 100) // 400 + 4, y), (RIGHT + lean * (y - 100) // 400 - 4, y), 1, 2)
    return ink, on_sheet


@pytest.mark.parametrize("lean", [-60, 0, 40])
def test_lines_from_side_to_side_of_a_sheet_go(lean: int) -> None:
    ink, on_sheet = _squared(lean)
    left = without_lines(ink, on_sheet=on_sheet)
    assert cv2.countNonZero(left) < 0.01 * cv2.countNonZero(ink)


def test_where_no_sheet_is_known_they_come_from_no_side_and_stay() -> None:
    ink, _ = _squared(0)
    assert (without_lines(ink) == ink).all()


def test_what_stands_in_the_midst_of_a_sheet_stays() -> None:
    ink, on_sheet = np.zeros((600, 800), np.uint8), np.ones((600, 800), np.uint8)
    cv2.line(ink, (150, 300), (650, 300), 1, 2)
    assert (without_lines(ink, on_sheet=on_sheet) == ink).all()


def _rules(rise: float) -> NDArray[np.uint8]:
    """A mask of ruled paper that lies askew."""
    ink = np.zeros((600, 800), np.uint8)
    for y in range(-400, 1000, 60):
        cv2.line(ink, (0, y), (799, round(y + 799 * rise)), 1, 2)
    return ink


@pytest.mark.parametrize("rise", [-0.45, -0.3, 0.1, 0.3, 0.45])
def test_rules_that_run_up_or_down_hill_go(rise: float) -> None:
    ink = _rules(rise)
    assert cv2.countNonZero(without_lines(ink)) < 0.05 * cv2.countNonZero(ink)


def test_a_steep_stroke_is_no_rule_beside_level_ones() -> None:
    ink = np.zeros((600, 800), np.uint8)
    cv2.line(ink, (0, 200), (300, 80), 1, 2)
    stroke = ink.copy()
    for y in range(250, 600, 60):
        cv2.line(ink, (0, y), (799, y), 1, 2)
    assert (without_lines(ink) == stroke).all()


@pytest.mark.parametrize("seed", range(4))
def test_strokes_in_columns_are_no_lines_however_grainy_the_paper_is(seed: int) -> None:
    rng = np.random.default_rng(seed)
    strokes = np.zeros((800, 600), np.uint8)
    for x in range(80, 380, 60):
        for y in range(40, 780, 74):
            start, lean = x + int(rng.integers(-6, 7)), int(rng.integers(-3, 8))
            cv2.line(strokes, (start + lean, y), (start, y + 48), 1, 4)
    ink = strokes | (rng.random(strokes.shape) < 0.02).astype(np.uint8)
    left = without_lines(ink, np.asarray(200 * ink, np.uint8))
    assert (left & strokes).sum() == strokes.sum()

"""Where a piece of ink is cut: slim pieces only into what is as high as they are."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from digitscribe.vision.components import Blob
from digitscribe.vision.cutting import SLIM_CUTS, pieces_of, slim_cuts_of
from numpy.typing import NDArray

PEN = 8


def two_ones(ink: NDArray[np.uint8]) -> None:
    cv2.line(ink, (8, 4), (8, 96), 255, PEN)
    cv2.line(ink, (44, 4), (44, 96), 255, PEN)
    cv2.line(ink, (8, 50), (44, 50), 255, PEN)


def a_one_and_a_seven(ink: NDArray[np.uint8]) -> None:
    cv2.line(ink, (8, 4), (8, 96), 255, PEN)
    cv2.line(ink, (8, 10), (54, 10), 255, PEN)
    cv2.line(ink, (54, 10), (32, 96), 255, PEN)


def a_one_with_a_dash(ink: NDArray[np.uint8]) -> None:
    cv2.line(ink, (8, 4), (8, 96), 255, PEN)
    cv2.line(ink, (8, 50), (56, 50), 255, PEN)


def two_ones_grown_together(ink: NDArray[np.uint8]) -> None:
    cv2.line(ink, (15, 4), (15, 96), 255, 3 * PEN)
    cv2.line(ink, (38, 4), (38, 96), 255, 3 * PEN)


def blob_of(draw: Callable[[NDArray[np.uint8]], None]) -> Blob:
    ink = np.zeros((100, 62), np.uint8)
    draw(ink)
    x, y, width, height = cv2.boundingRect(ink)
    return Blob(x, y, width, height, cv2.countNonZero(ink), ink[y : y + height, x : x + width], 1.0)


@pytest.mark.parametrize("draw", [two_ones, a_one_and_a_seven], ids=["11", "17"])
def test_a_slim_pair_is_cut_between_its_digits(draw: Callable[[NDArray[np.uint8]], None]) -> None:
    blob = blob_of(draw)
    ways = [pieces_of(blob, [cut]) for cut in slim_cuts_of(blob, 100)]
    assert any(left.width <= 2 * PEN and right.width >= 3 * PEN / 2 for left, right in ways)
    assert all(min(left.height, right.height) >= 80 for left, right in ways)


def test_nothing_low_is_cut_off_a_slim_piece() -> None:
    assert slim_cuts_of(blob_of(a_one_with_a_dash), 100) == []


def test_strokes_that_grew_together_all_along_are_cut_too() -> None:
    assert slim_cuts_of(blob_of(two_ones_grown_together), 100)


@pytest.mark.parametrize("draw", [two_ones, a_one_and_a_seven, two_ones_grown_together])
def test_cuts_are_few_and_go_from_left_to_right(draw: Callable[[NDArray[np.uint8]], None]) -> None:
    cuts = slim_cuts_of(blob_of(draw), 100)
    assert len(cuts) <= SLIM_CUTS
    assert cuts == sorted(cuts, key=lambda cut: cut.position)

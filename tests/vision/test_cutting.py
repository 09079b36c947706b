"""Where a piece of ink is cut: slim pieces only where two digits hang together by one stroke."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from digitscribe.vision.components import Blob
from digitscribe.vision.cutting import touching_pieces
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


def a_zero(ink: NDArray[np.uint8]) -> None:
    cv2.ellipse(ink, (30, 50), (24, 44), 0, 0, 360, 255, PEN)


def a_two(ink: NDArray[np.uint8]) -> None:
    cv2.ellipse(ink, (30, 28), (22, 22), 0, 180, 380, 255, PEN)
    cv2.line(ink, (50, 38), (10, 92), 255, PEN)
    cv2.line(ink, (10, 92), (54, 92), 255, PEN)


def blob_of(draw: Callable[[NDArray[np.uint8]], None]) -> Blob:
    ink = np.zeros((100, 62), np.uint8)
    draw(ink)
    return Blob(0, 0, 62, 100, int((ink > 0).sum()), ink, 1.0)


@pytest.mark.parametrize("draw", [two_ones, a_one_and_a_seven], ids=["11", "17"])
def test_a_slim_pair_is_cut_in_two(draw: Callable[[NDArray[np.uint8]], None]) -> None:
    pieces = touching_pieces(blob_of(draw), 100, PEN)
    assert len(pieces) == 2
    assert all(piece.height >= 75 for piece in pieces)


@pytest.mark.parametrize("draw", [a_zero, a_two], ids=["0", "2"])
def test_one_digit_is_not(draw: Callable[[NDArray[np.uint8]], None]) -> None:
    assert touching_pieces(blob_of(draw), 100, PEN) == []

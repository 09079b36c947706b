"""A box goes although its digit touches it; what only looks like a box stays."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from digitscribe.vision import components, drawn
from digitscribe.vision.components import Blob
from digitscribe.vision.frames import is_framed, without_frame
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

Image = NDArray[np.uint8]


def box(tilt: int = 0) -> Image:
    """A box of 100 × 100 that begins at (50, 50); its right side is so many pixels lower than the left one."""
    mask = np.zeros((220, 220), np.uint8)
    corners = np.array([(50, 50), (150, 50 + tilt), (150 - tilt, 150 + tilt), (50 - tilt, 150)], np.int32)
    cv2.polylines(mask, [corners], True, 1, 5)
    return mask


def zero(x: int, y: int, size: tuple[int, int] = (22, 34)) -> Image:
    """A 0 around (x, y)."""
    mask = np.zeros((220, 220), np.uint8)
    cv2.ellipse(mask, (x, y), size, 0, 0, 360, 1, 5)
    return mask


def piece_of(mask: Image) -> Blob:
    (piece,) = components.find(mask, 255 * mask)
    return piece


def share_of_both(one: Sequence[int], other: Sequence[int]) -> float:
    """How much of two boxes together, each left, top, right and bottom, lies in both."""
    left, top = max(one[0], other[0]), max(one[1], other[1])
    right, bottom = min(one[2], other[2]), min(one[3], other[3])
    shared = max(0, right - left) * max(0, bottom - top)
    areas = [(each[2] - each[0]) * (each[3] - each[1]) for each in (one, other)]
    return shared / (sum(areas) - shared)


@pytest.mark.parametrize("tilt", [-8, 0, 8])
@pytest.mark.parametrize(
    "place", [(100, 86), (100, 114), (74, 100), (126, 100)], ids=["top", "bottom", "left", "right"]
)
def test_a_digit_that_touches_its_box_is_left(place: tuple[int, int], tilt: int) -> None:
    digit = zero(*place)
    mask = box(tilt) | digit
    pieces = drawn.without_lines(components.find(mask, 255 * mask), 255 * mask)
    found = max(pieces, key=lambda piece: piece.area)
    x, y, width, height = cv2.boundingRect(digit)
    assert share_of_both((found.x, found.y, found.right, found.bottom), (x, y, x + width, y + height)) > 0.5
    assert all(piece.height < found.height / 2 for piece in pieces if piece is not found)


def test_an_empty_box_is_no_more_and_no_less_than_it_was() -> None:
    piece = piece_of(box())
    assert is_framed(piece)
    assert without_frame(piece, 255 * box()) == [piece]


@pytest.mark.parametrize("height", [24, 50, 90])
@pytest.mark.parametrize("bar", [True, False])
def test_a_0_and_an_8_with_corners_stay(bar: bool, height: int) -> None:
    mask = np.zeros((220, 220), np.uint8)
    cv2.rectangle(mask, (80, 60), (80 + height // 2, 60 + height), 1, max(2, height // 12))
    if bar:
        cv2.line(mask, (80, 60 + height // 2), (80 + height // 2, 60 + height // 2), 1, max(2, height // 12))
    piece = piece_of(mask)
    assert is_framed(piece)
    assert without_frame(piece, 255 * mask) == [piece]


@given(st.integers(0, 9), st.sampled_from([cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX]))
def test_digits_are_no_frames(digit: int, font: int) -> None:
    mask = np.zeros((220, 220), np.uint8)
    cv2.putText(mask, str(digit), (50, 150), font, 4.0, 1, 6)
    assert not any(map(is_framed, components.find(mask, 255 * mask)))


@given(st.lists(st.integers(0, 1), min_size=400, max_size=400))
def test_whatever_a_piece_is_nothing_is_added_to_it(pixels: list[int]) -> None:
    mask = np.array(pixels, np.uint8).reshape(20, 20)
    for piece in components.find(mask, 255 * mask):
        rest = without_frame(piece, 255 * mask)
        assert sum(part.area for part in rest) <= piece.area

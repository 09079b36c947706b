"""A number that is struck out or scribbled over goes as a whole; what only looks like a line through it stays."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
from digitscribe.vision import components
from digitscribe.vision.scribbles import is_scribble, without_scribbles
from digitscribe.vision.struck import is_struck_out, without_struck_out
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

Image = NDArray[np.uint8]


def number(text: str = "2831") -> Image:
    """Digits some 57 pixels high, their feet on row 130: uint8 [200, 500], 1 is ink."""
    mask = np.zeros((200, 500), np.uint8)
    for place, digit in enumerate(text):
        cv2.putText(mask, digit, (80 + 80 * place, 130), cv2.FONT_HERSHEY_SIMPLEX, 2.6, 1, 3)
    return mask


def lined(mask: Image, *lines: tuple[tuple[int, int], tuple[int, int]]) -> Image:
    """The ink with lines of the same pen, each from one point (x, y) to another."""
    for start, end in lines:
        cv2.line(mask, start, end, 1, 3, cv2.LINE_AA)
    return mask


def level(y: int, rise: int = 0) -> tuple[tuple[int, int], tuple[int, int]]:
    """A line over the whole of `number` that is at height y in the middle."""
    return (60, y + rise // 2), (410, y - rise // 2)


def is_struck(mask: Image) -> bool:
    """Whether the largest piece of ink is struck out."""
    return is_struck_out(max(components.find(mask, 255 * mask), key=lambda piece: piece.area))


@pytest.mark.parametrize("rise", [-20, 0, 12, 40])
def test_one_line_through_all_digits_strikes_them_out(rise: int) -> None:
    assert is_struck(lined(number(), level(102, rise)))


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_so_do_several_lines(count: int) -> None:
    heights = np.linspace(102 - 5 * count, 102 + 5 * count, count).astype(int)
    assert is_struck(lined(number(), *[level(int(y), 6) for y in heights]))


def test_so_does_a_cross() -> None:
    assert is_struck(lined(number("28"), ((74, 134), (210, 66)), ((74, 66), (210, 134))))


def test_nothing_of_a_struck_out_number_is_left() -> None:
    mask = lined(number("28  3"), ((60, 106), (225, 96)))
    pieces = without_struck_out(components.find(mask, 255 * mask))
    assert [piece.x > 380 for piece in pieces] == [True]


def test_a_table_stays_for_its_digits() -> None:
    mask = number("28")
    for y in (40, 100, 160):
        lined(mask, ((60, y), (430, y)))
    for x in (60, 430):
        lined(mask, ((x, 40), (x, 160)))
    pieces = components.find(mask, 255 * mask)
    assert without_struck_out(pieces) == pieces


@pytest.mark.parametrize("y", [128, 133])
def test_an_underlined_number_is_not(y: int) -> None:
    assert not is_struck(lined(number(), level(y)))


def test_two_fours_whose_bars_touch_are_not() -> None:
    mask = np.zeros((200, 500), np.uint8)
    for left in (100, 160):
        points = [(left + 28, 70), (left, 110), (left + 60, 110)]
        for start, end in pairwise(points):
            lined(mask, (start, end))
        lined(mask, ((left + 45, 80), (left + 45, 135)))
    assert not is_struck(mask)


def test_a_two_with_a_long_foot_is_not() -> None:
    mask = np.zeros((200, 500), np.uint8)
    cv2.ellipse(mask, (130, 90), (25, 22), 0, 180, 400, 1, 5)
    cv2.ellipse(mask, (118, 130), (14, 11), 0, 0, 360, 1, 5)
    assert not is_struck(lined(mask, ((150, 105), (124, 126)), ((104, 130), (215, 140))))


def test_digits_that_touch_are_not() -> None:
    mask = np.zeros((200, 500), np.uint8)
    for left in range(90, 290, 40):
        cv2.ellipse(mask, (left + 20, 100), (20, 30), 0, 0, 360, 1, 5)
    assert not is_struck(mask)


def zigzag(turns: int) -> Image:
    """One stroke to and fro over as much as two digits."""
    mask = np.zeros((200, 500), np.uint8)
    points = [(100 + 100 * turn // turns, 130 if turn % 2 else 72) for turn in range(turns + 1)]
    cv2.polylines(mask, [np.array(points, np.int32)], False, 1, 3)
    return mask


def only_piece(mask: Image) -> components.Blob:
    (piece,) = components.find(mask, 255 * mask)
    return piece


@pytest.mark.parametrize("turns", [10, 12, 16])
def test_a_dense_zigzag_is_a_scribble(turns: int) -> None:
    assert is_scribble(only_piece(zigzag(turns)))


def test_nothing_of_a_scribble_is_left() -> None:
    mask = zigzag(12)
    assert without_scribbles(components.find(mask, 255 * mask)) == []


def test_grain_that_hangs_together_is_a_scribble() -> None:
    rng = np.random.default_rng(1)
    mask = np.zeros((200, 500), np.uint8)
    mask[80:140, 100:200] = rng.random((60, 100)) < 0.3
    assert is_scribble(max(components.find(mask, 255 * mask), key=lambda piece: piece.area))


def test_narrow_zeros_that_touch_are_none() -> None:
    mask = np.zeros((200, 500), np.uint8)
    for left in range(90, 290, 30):
        cv2.ellipse(mask, (left + 15, 100), (15, 30), 0, 0, 360, 1, 3)
    assert not is_scribble(only_piece(mask))


@given(st.lists(st.tuples(st.integers(0, 59), st.integers(0, 119)), min_size=1, max_size=300), st.integers(1, 5))
@settings(max_examples=200, deadline=None)
def test_what_is_as_slim_as_one_digit_is_left_to_the_model_whatever_its_ink(
    points: list[tuple[int, int]], width: int
) -> None:
    mask = np.zeros((70, 130), np.uint8)
    for y, x in points:
        mask[5 + y : 5 + y + width, 5 + x : 5 + x + width] = 1
    for piece in components.find(mask, 255 * mask):
        told = is_struck_out(piece), is_scribble(piece)
        assert told == (False, False) or piece.width >= piece.height

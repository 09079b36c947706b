"""Underlines, frames and cells go; the digits that touch them stay."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from digitscribe.vision import components, drawn
from digitscribe.vision.erasing import Line
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.polynomial import Polynomial
from numpy.typing import NDArray

Image = NDArray[np.uint8]


def digits() -> Image:
    """The ink of "2047", some 60 pixels high, uint8 [200, 500], 1 is ink."""
    mask = np.zeros((200, 500), np.uint8)
    for number, digit in enumerate("2047"):
        cv2.putText(mask, digit, (80 + 90 * number, 130), cv2.FONT_HERSHEY_SIMPLEX, 2.6, 1, 5)
    return mask


def table() -> Image:
    """Four cells around the digits."""
    mask = np.zeros((200, 500), np.uint8)
    for number in range(4):
        cv2.rectangle(mask, (60 + 90 * number, 50), (150 + 90 * number, 150), 1, 4)
    return mask


def frame() -> Image:
    mask = np.zeros((200, 500), np.uint8)
    cv2.rectangle(mask, (50, 50), (440, 152), 1, 5)
    return mask


def boxes(mask: Image) -> list[tuple[int, int, int, int]]:
    """The boxes of the pieces that are left of a mask, from the left; specks do not count."""
    pieces = drawn.without_lines(components.find(mask, 255 * mask), 255 * mask)
    return sorted((piece.x, piece.y, piece.right, piece.bottom) for piece in pieces if piece.area > 40)


@pytest.mark.parametrize("lines", [table(), frame()], ids=["cells", "frame"])
def test_only_the_digits_are_left(lines: Image) -> None:
    assert boxes(digits() | lines) == boxes(digits())


@pytest.mark.parametrize("is_above", [False, True])
def test_a_line_that_one_digit_touches_while_others_stand_beside_it_goes(is_above: bool) -> None:
    """Its piece is too high for an underline, and a digit is inside its box, as in a frame's."""
    mask = np.zeros((200, 500), np.uint8)
    cv2.putText(mask, "4", (255, 130), cv2.FONT_HERSHEY_SIMPLEX, 2.6, 1, 5)
    cv2.putText(mask, "0", (205, 122), cv2.FONT_HERSHEY_SIMPLEX, 1.6, 1, 5)
    line = np.zeros_like(mask)
    cv2.line(line, (190, 131), (300, 131), 1, 5)
    if is_above:
        mask, line = mask[::-1].copy(), line[::-1].copy()
    assert len(boxes(mask | line)) == 2
    assert np.abs(np.array(boxes(mask | line)) - boxes(mask)).max() <= 8


def test_two_frames_that_touch_go_as_one() -> None:
    page, lines = np.vstack([digits(), digits()]), np.vstack([frame(), frame()])
    lines[:, 50:56][150:254] = 1
    assert boxes(page | lines) == boxes(page)


@pytest.mark.parametrize("start", [0, 170, 200])
def test_a_ring_around_a_number_goes_with_its_ends(start: int) -> None:
    mask = np.zeros((200, 500), np.uint8)
    turn = np.radians(start + np.arange(0, 392, 8))
    reach = np.linspace(1.0, 1.08, turn.size)  # the pen comes back a little outside of where it began
    points = np.stack([245 + 205 * reach * np.cos(turn), 102 + 64 * reach * np.sin(turn)], axis=1)
    cv2.polylines(mask, [np.rint(points).astype(np.int32)], False, 1, 4)
    assert boxes(digits() | mask) == boxes(digits())


@pytest.mark.parametrize("degrees", [-9, -4, 3, 8])
def test_a_turned_table_goes_too(degrees: float) -> None:
    course = cv2.getRotationMatrix2D((250, 100), degrees, 1.0)
    turned, plain = (
        np.asarray(cv2.warpAffine(mask, course, (500, 200), flags=cv2.INTER_NEAREST), np.uint8)
        for mask in (digits() | table(), digits())
    )
    assert boxes(turned) == boxes(plain)


def test_a_digit_that_touches_its_cell_stays() -> None:
    mask = table()
    cv2.putText(mask, "7", (250, 144), cv2.FONT_HERSHEY_SIMPLEX, 3.2, 1, 5)
    (box,) = boxes(mask)
    assert 240 < box[0] < box[2] < 330
    assert box[3] - box[1] > 60


def test_an_underline_goes() -> None:
    mask = digits()
    cv2.line(mask, (60, 130), (430, 133), 1, 3)
    assert len(boxes(mask)) == 4


def test_what_is_left_of_a_frame_goes_where_others_are_whole() -> None:
    mask = np.zeros((200, 500), np.uint8)
    for number, digit in enumerate("204"):
        cv2.rectangle(mask, (60 + 110 * number, 50), (150 + 110 * number, 150), 1, 4)
        cv2.putText(mask, digit, (80 + 110 * number, 125), cv2.FONT_HERSHEY_SIMPLEX, 2, 1, 5)
    whole = boxes(mask)
    cv2.polylines(mask, [np.array([[390, 100], [390, 50], [440, 50]])], False, 1, 4)
    cv2.putText(mask, "7", (410, 125), cv2.FONT_HERSHEY_SIMPLEX, 2, 1, 5)
    assert len(whole) == 3
    assert len(boxes(mask)) == 4


def test_a_7_in_a_frame_and_one_by_itself_stay_where_frames_are_opened() -> None:
    mask = np.zeros((200, 500), np.uint8)
    cv2.rectangle(mask, (60, 50), (150, 150), 1, 4)
    for left in (90, 220):
        cv2.polylines(mask, [np.array([[left, 80], [left + 35, 80], [left + 35, 130]])], False, 1, 5)
    assert len(boxes(mask)) == 2


def test_a_corner_stays_where_no_frame_is() -> None:
    mask = digits()
    cv2.polylines(mask, [np.array([[440, 60], [490, 60], [490, 130]])], False, 1, 4)
    assert len(boxes(mask)) == 5


@given(st.floats(-60, 120), st.floats(-60, 120), st.floats(-1, 1), st.floats(-1, 1))
@example(80.0, 110.0, 0.0, 0.0)
@settings(max_examples=60, deadline=None)
def test_lines_may_leave_the_piece(one: float, other: float, fall: float, rise: float) -> None:
    mask = np.zeros((60, 90), np.uint8)
    cv2.rectangle(mask, (2, 2), (87, 57), 1, 3)
    lying = [Line(Polynomial([level, slope]), 0, 90, 3.0) for level, slope in ((one, fall), (other, rise))]
    rest = drawn.without_lines_in(mask, lying, 5, drawn.SIDES)
    assert rest.shape == mask.shape
    assert not (rest & ~mask).any()


def parted_underline(first: int, right: int) -> Image:
    """The digits, underlined but for a gap between the second and the third; the line is between those columns."""
    mask = digits()
    cv2.line(mask, (first, 131), (215, 131), 1, 3)
    cv2.line(mask, (245, 131), (right, 131), 1, 3)
    return mask


def test_an_underline_that_goes_on_in_one_digit_goes_there_too() -> None:
    assert len(boxes(parted_underline(150, 499))) == 4
    assert max(right - x for x, _, right, _ in boxes(parted_underline(150, 499))) < 55


def test_a_stroke_below_one_digit_that_no_underline_leads_to_stays() -> None:
    assert max(right - x for x, _, right, _ in boxes(parted_underline(150, 300))) > 64


def test_a_wide_digit_keeps_its_bars() -> None:
    mask = np.zeros((200, 200), np.uint8)
    cv2.polylines(mask, [np.array([[150, 40], [60, 40], [60, 90], [140, 90], [140, 150], [60, 150]])], False, 1, 8)
    assert boxes(mask) == [(56, 36, 155, 155)]


def test_a_digit_that_touches_its_turned_box_is_left_without_it() -> None:
    mask = np.zeros((140, 140), np.uint8)
    box = cv2.boxPoints(((70, 70), (76, 90), -5)).astype(np.int32)
    cv2.polylines(mask, [box], True, 255, 3)
    cv2.polylines(mask, [np.array([[60, 50], [80, 70], [112, 78]])], False, 255, 6)
    (piece,) = components.find((mask > 0).astype(np.uint8), mask)
    (digit,) = drawn.without_lines([piece], mask)
    assert (digit.x, digit.y) == pytest.approx((57, 47), abs=3)
    assert digit.right == pytest.approx(110, abs=6)


def test_a_round_digit_is_no_frame() -> None:
    mask = np.zeros((140, 140), np.uint8)
    cv2.ellipse(mask, (70, 70), (38, 50), 0, 0, 360, 255, 8)
    (piece,) = components.find((mask > 0).astype(np.uint8), mask)
    assert drawn.without_lines([piece], mask) == [piece]


def test_an_arrow_is_no_underlined_digit() -> None:
    mask = np.zeros((200, 500), np.uint8)
    cv2.arrowedLine(mask, (100, 100), (300, 104), 255, 5, tipLength=0.2)
    (arrow,) = components.find((mask > 0).astype(np.uint8), mask)
    assert drawn.without_lines([arrow], mask) == []


def test_the_bar_of_a_5_that_hangs_over_is_no_arrow() -> None:
    mask = np.zeros((200, 400), np.uint8)
    for x in (40, 300):
        cv2.ellipse(mask, (x + 25, 100), (25, 36), 0, 0, 360, 255, 5)
    bar = np.array([(180, 62), (186, 72), (205, 70), (232, 66)], np.int32)
    cv2.polylines(mask, [bar], False, 255, 5)
    pieces = components.find((mask > 0).astype(np.uint8), mask)
    assert drawn.without_lines(pieces, mask) == pieces


def test_an_arrow_may_be_bent() -> None:
    mask = np.zeros((200, 500), np.uint8)
    cv2.polylines(mask, [np.array([[100, 110], [170, 102], [240, 99], [300, 100]])], False, 255, 7)
    cv2.polylines(mask, [np.array([[280, 80], [300, 100], [276, 122]])], False, 255, 7)
    for picture in (mask, np.ascontiguousarray(mask[:, ::-1])):
        (arrow,) = components.find((picture > 0).astype(np.uint8), picture)
        assert drawn.without_lines([arrow], picture) == []


def test_a_2_with_a_long_foot_is_no_arrow() -> None:
    mask = np.zeros((200, 500), np.uint8)
    cv2.polylines(mask, [np.array([[100, 70], [125, 55], [140, 75], [100, 115], [280, 112]])], False, 255, 7)
    (digit,) = components.find((mask > 0).astype(np.uint8), mask)
    assert [piece.y for piece in drawn.without_lines([digit], mask)] == [digit.y]


def test_of_a_comb_of_thousands_of_teeth_the_largest_are_kept() -> None:
    mask = np.zeros((1500, 1500), np.uint8)
    for top in range(10, 1480, 40):
        mask[top : top + 4, 5:1495] = 1
        mask[top : top + 24, 5:1495:18] = 1
    pieces = components.find(mask, 255 * mask)
    left = drawn.without_lines(pieces, 255 * mask)
    assert len(pieces) < 100
    assert len(left) == components.MAX_BLOBS

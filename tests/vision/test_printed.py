"""Print in another colour than the writing goes, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from digitscribe.vision.deciding import Reading
from digitscribe.vision.printed import without_print
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from tools.evaluate.pages import Page

PAPER, GREEN, BLUE, RED = (244, 243, 238), (60, 150, 100), (30, 50, 150), (170, 40, 50)

Mask = NDArray[np.uint8]
Colour = tuple[int, int, int]


def _boxes() -> Mask:
    """The sides of six boxes, uint8 [300, 500]."""
    mask = np.zeros((300, 500), np.uint8)
    for left in range(40, 400, 60):
        cv2.rectangle(mask, (left, 100), (left + 50, 190), 1, 2)
    return mask


def _writing() -> Mask:
    """Round digits, as large as the boxes allow, and one that runs over a side of its box."""
    mask = np.zeros((300, 500), np.uint8)
    for place, left in enumerate(range(40, 400, 60)):
        cv2.ellipse(mask, (left + (44 if place == 2 else 25), 145), (14, 30), 12, 0, 360, 1, 4)
    return mask


def _drawn(*layers: tuple[Mask, Colour]) -> NDArray[np.uint8]:
    """RGB uint8 [300, 500, 3], soft and grainy as a photo is."""
    page = np.full((300, 500, 3), PAPER, np.uint8)
    for mask, colour in layers:
        page[mask > 0] = colour
    grain = np.random.default_rng(3).normal(0, 2, page.shape)
    return np.clip(cv2.GaussianBlur(page, (0, 0), 0.7) + grain, 0, 255).astype(np.uint8)


def _left_of(ink: Mask, page: NDArray[np.uint8]) -> Mask:
    contrast = cv2.bitwise_not(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY))
    return without_print(ink, page, ink, np.asarray(contrast, np.uint8))


def _share(left: Mask, of: Mask) -> float:
    return cv2.countNonZero(left & of) / cv2.countNonZero(of)


@pytest.mark.parametrize(
    ("print_colour", "pen"), [(GREEN, BLUE), (RED, BLUE), (BLUE, (40, 40, 40)), ((40, 40, 40), BLUE)]
)
def test_boxes_in_another_colour_go_and_the_digits_in_them_stay(print_colour: Colour, pen: Colour) -> None:
    boxes, writing = _boxes(), _writing()
    left = _left_of(boxes | writing, _drawn((boxes, print_colour), (writing, pen)))
    assert _share(left, writing) > 0.95
    assert _share(left, boxes & ~writing) < 0.1


def test_boxes_in_the_colour_of_the_writing_stay() -> None:
    ink = _boxes() | _writing()
    np.testing.assert_array_equal(_left_of(ink, _drawn((ink, BLUE))), ink)


def test_digits_in_the_colour_of_rules_that_have_gone_stay() -> None:
    rules, other = np.zeros((2, 300, 500), np.uint8)
    for y in range(10, 300, 24):
        cv2.line(rules, (0, y), (499, y), 1, 2)
    cv2.ellipse(other, (430, 150), (60, 90), 10, 0, 300, 1, 6)
    writing = _writing()
    writing[:, 200:] = 0
    page = _drawn((rules, GREEN), (writing, GREEN), (other, (150, 90, 40)))
    contrast = np.asarray(cv2.bitwise_not(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)), np.uint8)
    left = without_print(writing | other, page, rules | writing | other, contrast)
    assert _share(left, writing) > 0.95


def test_of_two_pens_none_is_print() -> None:
    one, other = _writing(), np.roll(_writing(), 100, axis=0)
    ink = one | other
    np.testing.assert_array_equal(_left_of(ink, _drawn((one, BLUE), (other, RED))), ink)


def test_a_straight_edge_of_several_colours_stays_whole() -> None:
    edge, writing = np.zeros((300, 500), np.uint8), _writing()
    cv2.line(edge, (470, 0), (470, 299), 1, 3)
    upper, lower = edge.copy(), edge.copy()
    upper[200:] = lower[:200] = 0
    left = _left_of(edge | writing, _drawn((upper, GREEN), (lower, BLUE), (writing, BLUE)))
    assert _share(left, edge) == 1


def test_squares_that_a_digit_hangs_on_go_out_to_the_border() -> None:
    squares, writing = np.zeros((300, 500), np.uint8), _writing()
    for place in range(10, 500, 30):
        cv2.line(squares, (0, place), (499, place), 1, 2)
        cv2.line(squares, (place, 0), (place, 299), 1, 2)
    left = _left_of(squares | writing, _drawn((squares, GREEN), (writing, BLUE)))
    assert _share(left, writing) > 0.9
    assert _share(left, squares & ~writing) < 0.1


def test_a_picture_without_colour_has_no_print_in_another() -> None:
    boxes, writing = _boxes(), _writing()
    page = _drawn((boxes, (150, 150, 150)), (writing, (40, 40, 40)))
    grey = np.asarray(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY), np.uint8)
    ink = boxes | writing
    np.testing.assert_array_equal(without_print(ink, grey, ink, np.asarray(cv2.bitwise_not(grey), np.uint8)), ink)


sides = st.integers(1, 60)


@given(st.data(), sides, sides)
def test_no_ink_is_added_to_any_picture(data: st.DataObject, height: int, width: int) -> None:
    pixels = data.draw(arrays(np.uint8, (height, width, 3)))
    ink = data.draw(arrays(np.uint8, (height, width), elements=st.integers(0, 1), fill=st.just(1)))
    contrast = data.draw(arrays(np.uint8, (height, width)))
    assert not (without_print(ink, pixels, ink, contrast) & ~ink).any()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_digits_that_touch_and_cross_coloured_boxes_are_read(
    seed: int, page_of: Callable[..., Page], read: Callable[..., Reading]
) -> None:
    style = {"boxed": True, "gap": 0.15, "rule": GREEN, "ink": BLUE, "paper": PAPER, "size_spread": 0.2, "wander": 0.15}
    page = page_of(["2849", "5306"], seed, **style)
    assert read(page.pixels).text == "2849\n5306"

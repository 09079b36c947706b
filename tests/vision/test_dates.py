"""Slashes part day, month and year, and lean more than what is written around them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from digitscribe.contracts import Box
from digitscribe.vision.dates import slashes_in
from digitscribe.vision.signs import signs_in
from digitscribe.vision.written import Written, slants_of
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

SIZE = (50, 100)


def row(read: str, lean: float = 0.6, usual: float = 0.1, straightness: float = 0.97) -> list[Written]:
    """Digits of one height side by side; / is what was taken for a 1."""
    boxes = [Box(x=60 * place, y=50, width=SIZE[0], height=SIZE[1]) for place in range(len(read))]
    return [
        Written(1, box, 0.0, lean, straightness) if character == "/" else Written(int(character), box, 0.0, usual, 0.3)
        for box, character in zip(boxes, read, strict=True)
    ]


@pytest.mark.parametrize("read", ["7/17/27", "14/07/1969", "9/15/82", "1/1/11", "2026/12/1", "31/1/1911"])
def test_slashes_of_dates_are_no_digits(read: str) -> None:
    assert [read[place] for place in signs_in(row(read))] == ["/", "/"]


@pytest.mark.parametrize(
    "read", ["123/4/56", "1/234/56", "1/2/345", "//2026", "1//26", "12/4", "/12/26", "1/2/3/2026", ""]
)
def test_what_parts_no_date_is_a_one(read: str) -> None:
    assert slashes_in(row(read)) == []


def test_where_all_digits_lean_ones_do_too() -> None:
    assert slashes_in(row("7/17/27", usual=0.35)) == []


def test_ones_that_hardly_lean_or_have_a_flag_stay() -> None:
    assert slashes_in(row("7/17/27", lean=0.35, usual=-0.1)) == []
    assert slashes_in(row("7/17/27", straightness=0.8)) == []


def test_two_that_lean_unlike_each_other_are_no_slashes() -> None:
    unlike = row("7/17/27")
    unlike[1] = Written(1, unlike[1].box, 0.0, 0.9, 0.97)
    assert slashes_in(unlike) == []


def line(right: int) -> NDArray[np.uint8]:
    """A line that goes so many pixels to the right from its lower end to its upper one, 20 above."""
    crop = np.zeros((28, 28), np.uint8)
    cv2.line(crop, (14 - right // 2, 24), (14 - right // 2 + right, 4), 255, 2, cv2.LINE_AA)
    return crop


@given(st.integers(-12, 12))
def test_a_line_leans_as_it_was_drawn(right: int) -> None:
    (lean,), (straightness,) = slants_of(line(right)[np.newaxis])
    assert lean == pytest.approx(right / 20, abs=0.05)
    assert np.sign(straightness) == np.sign(right) or right == 0
    assert abs(straightness) > 0.9 or abs(right) < 8


def test_flag_and_foot_make_a_line_less_straight() -> None:
    footed = line(8)
    cv2.line(footed, (4, 24), (18, 24), 255, 2)
    cv2.line(footed, (18, 4), (12, 10), 255, 2)
    _, (straightness,) = slants_of(footed[np.newaxis])
    assert straightness < 0.9


def test_empty_crops_and_none_lean_nowhere() -> None:
    assert [each.tolist() for each in slants_of(np.zeros((1, 28, 28), np.uint8))] == [[0.0], [0.0]]
    assert [each.tolist() for each in slants_of(np.zeros((0, 28, 28), np.uint8))] == [[], []]

"""Slashes reach beyond the digits beside them, and brackets are bent towards each other; 1s do neither."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from digitscribe.contracts import Box
from digitscribe.vision.signs import BENT, brackets_in, slashes_in
from digitscribe.vision.written import Written, bend_of
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

HEIGHT = 100


def row(read: str, over: int = 20, under: int = 20, width: int = 40) -> list[Written]:
    """Digits side by side; / is what was taken for a 1, and reaches so far beyond the others."""
    return [
        Written(1, Box(x=60 * place, y=50 - over, width=width, height=HEIGHT + over + under))
        if character == "/"
        else Written(int(character), Box(x=60 * place, y=50, width=50, height=HEIGHT))
        for place, character in enumerate(read)
    ]


def kept(read: str, **how: int) -> str:
    signs = slashes_in(row(read, **how))
    return "".join(character for place, character in enumerate(read) if place not in signs)


@pytest.mark.parametrize("read", ["23/04/01", "0711/654321", "1/11/2026"])
def test_slashes_are_no_digits(read: str) -> None:
    assert kept(read) == read.replace("/", "")


@pytest.mark.parametrize("how", [{"over": 0}, {"under": 0}, {"over": 12}, {"under": 12}, {"width": 20}])
def test_a_one_stays_that_reaches_beyond_on_one_side_only_or_hardly_or_stands_upright(how: dict[str, int]) -> None:
    assert kept("23/04", **how) == "23/04"


@pytest.mark.parametrize("read", ["//2047", "20//47", "/2047", "2047/"])
def test_long_ones_side_by_side_or_at_an_end_stay(read: str) -> None:
    assert kept(read) == read


@pytest.mark.parametrize("read", ["/", "/7", "//", "/0/", "12/"])
def test_beside_one_digit_nobody_can_tell(read: str) -> None:
    assert kept(read) == read


def test_other_digits_may_be_as_large_as_they_like() -> None:
    tall = row("23504")
    tall[2] = Written(7, Box(x=120, y=20, width=60, height=160))
    assert slashes_in(tall) == []


@given(st.text("0123456789", max_size=12))
def test_digits_of_one_height_all_stay(read: str) -> None:
    assert kept(read) == read


def bent(read: str, bend: float = 2 * BENT) -> list[Written]:
    """Digits side by side; ( and ) are what was taken for a 1, and is bent so far."""
    bends = {"(": -bend, ")": bend}
    boxes = [Box(x=60 * place, y=50, width=50, height=HEIGHT) for place in range(len(read))]
    digits = ["1" if character in bends else character for character in read]
    return [
        Written(int(digit), box, bends.get(character, 0.0))
        for digit, box, character in zip(digits, boxes, read, strict=True)
    ]


@pytest.mark.parametrize(("read", "places"), [("(0711)654321", [0, 5]), ("49(1)", [2, 4]), ("(12)(34)", [0, 3, 4, 7])])
def test_brackets_around_digits_are_no_digits(read: str, places: list[int]) -> None:
    assert brackets_in(bent(read)) == places


@pytest.mark.parametrize("read", ["((0711", ")0711(", "0(7", "()", "(654321)", ")))"])
def test_ones_that_are_bent_the_same_way_or_apart_stay(read: str) -> None:
    assert brackets_in(bent(read)) == []


def test_ones_that_are_hardly_bent_stay() -> None:
    assert brackets_in(bent("(0711)", bend=0.8 * BENT)) == []


def arc(start: int, lean: float = 0.0) -> NDArray[np.uint8]:
    """A crop of a third of a circle around that direction, in degrees, whose rows are moved aside as it leans."""
    crop = np.zeros((28, 28), np.uint8)
    center = (14 - round(10 * np.cos(np.radians(start))), 14)
    cv2.ellipse(crop, center, (10, 10), 0, start - 60, start + 60, 255, 2, cv2.LINE_AA)
    return np.stack([np.roll(row, round(lean * (14 - place))) for place, row in enumerate(crop)])


@pytest.mark.parametrize("lean", [-0.2, 0.0, 0.3])
def test_a_bracket_is_bent_however_it_leans(lean: float) -> None:
    assert bend_of(arc(180, lean)) < -BENT
    assert bend_of(arc(0, lean)) > BENT


def test_a_stroke_that_leans_and_an_empty_crop_are_straight() -> None:
    stroke = cv2.line(np.zeros((28, 28), np.uint8), (19, 4), (9, 24), 255, 2, cv2.LINE_AA)
    assert abs(bend_of(np.asarray(stroke, np.uint8))) < BENT / 4
    assert bend_of(np.zeros((28, 28), np.uint8)) == 0

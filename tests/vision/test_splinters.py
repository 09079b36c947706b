"""Bits of rules and of grain are 1s of all heights, as no hand writes them."""

from __future__ import annotations

import numpy as np
import pytest
from digitscribe.contracts import Box
from digitscribe.vision.deciding import Reading, decide
from digitscribe.vision.decode import DecodedImage
from digitscribe.vision.proposing import propose
from digitscribe.vision.splinters import LEAST, are_splinters
from digitscribe.vision.written import Written
from hypothesis import given
from hypothesis import strategies as st

BITS = [(1, height) for height in (20, 25, 40, 60, 30, 90, 22, 35)]
"""What was read, and how high it is."""


SIZE = 1000


def written(digits: list[tuple[int, int]]) -> list[Written]:
    return [Written(digit, Box(x=0, y=0, width=5, height=height)) for digit, height in digits]


def test_ones_of_all_heights_are_splinters() -> None:
    assert are_splinters(written(BITS), SIZE)


def test_a_few_of_them_may_look_like_other_digits() -> None:
    assert are_splinters(written([*BITS, (7, 30), (4, 30), (7, 50)]), SIZE)


def test_few_digits_may_be_anything() -> None:
    assert not are_splinters(written(BITS[: LEAST - 1]), SIZE)


@pytest.mark.parametrize("others", [4, 8])
def test_beside_digits_they_may_be_ones(others: int) -> None:
    assert not are_splinters(written([*BITS, *[(2, 40)] * others]), SIZE)


@given(st.lists(st.integers(80, 120), max_size=40))
def test_ones_of_one_hand_are_digits_however_many(heights: list[int]) -> None:
    assert not are_splinters(written([(1, height) for height in heights]), SIZE)


@pytest.mark.parametrize("read", [[(1, 9)], [(1, 9), (7, 13)], [(1, 8), (4, 13), (1, 11), (6, 10)]])
def test_specks_are_splinters_however_few(read: list[tuple[int, int]]) -> None:
    assert are_splinters(written(read), SIZE)


@pytest.mark.parametrize("read", [[], [(7, 9)], [(1, 9), (7, 13), (4, 13)], [(1, 9), (7, 20)]])
def test_small_digits_that_are_others_or_not_so_small_are_read(read: list[tuple[int, int]]) -> None:
    assert not are_splinters(written(read), SIZE)


def page_of(heights: list[int]) -> Reading:
    """What is read on a page of upright strokes if the model takes them all for 1s."""
    pixels = np.full((480, 640), 255, np.uint8)
    for place, height in enumerate(heights):
        pixels[100 : 100 + height, 40 + 60 * place : 46 + 60 * place] = 0
    proposal = propose(DecodedImage.from_pixels(pixels))
    probabilities = np.zeros((len(proposal.asked), 10), np.float32)
    probabilities[:, 1] = 1.0
    return decide(proposal, probabilities)


def test_a_page_of_splinters_is_empty_and_counts_as_unread() -> None:
    reading = page_of([60, 90, 120, 60, 130, 70, 60, 110, 130])
    assert (reading.text, reading.digits, len(reading.crops)) == ("", (), 0)
    assert reading.gain <= 0


def test_a_row_of_ones_is_read() -> None:
    assert page_of([100, 110, 104, 96, 100, 108, 101, 99]).text == "1" * 8

"""Slashes reach beyond the digits beside them; 1s do not, or stand upright."""

from __future__ import annotations

import pytest
from digitscribe.contracts import Box
from digitscribe.vision.signs import Written, slashes_in
from hypothesis import given
from hypothesis import strategies as st

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

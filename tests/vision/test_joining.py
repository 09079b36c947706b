"""What is joined to one digit, and what stands beside another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from digitscribe.vision.components import Blob
from digitscribe.vision.joining import join_fragments

REACH = 0.12


def _blob(x: int, y: int, width: int, height: int) -> Blob:
    return Blob(x, y, width, height, width * height, np.full((height, width), 255, np.uint8), 200.0)


LARGE = [_blob(x, 20, 60, 100) for x in range(0, 400, 100)]


def test_the_bar_of_a_digit_is_joined_to_it() -> None:
    joined = join_fragments([*LARGE, _blob(0, 5, 60, 8)], REACH)
    assert sorted((blob.y, blob.height) for blob in joined) == [(5, 115), (20, 100), (20, 100), (20, 100)]


@pytest.mark.parametrize(("height", "strength", "pieces"), [(10, 90.0, 4), (3, 90.0, 5), (3, 150.0, 4)])
def test_a_pale_line_that_is_thinner_than_the_digit_stays_apart(height: int, strength: float, pieces: int) -> None:
    ink = np.pad(np.full((100, 14), 255, np.uint8), ((0, 0), (0, 46)))
    thick = [replace(blob, area=1400, ink=ink) for blob in LARGE]
    side = replace(_blob(0, 121, 60, height), strength=strength)
    assert len(join_fragments([*thick, side], REACH)) == pieces


@pytest.mark.parametrize(("gap", "pieces"), [(20, 4), (30, 5)])
def test_the_bar_of_a_5_is_joined_to_its_hook_from_farther_away(gap: int, pieces: int) -> None:
    hook, bar = _blob(420, 60, 40, 60), _blob(430, 60 - gap - 10, 50, 10)
    assert len(join_fragments([*LARGE[1:], hook, bar], REACH)) == pieces


@pytest.mark.parametrize("x", [390, 445])
def test_what_does_not_lie_over_most_of_a_piece_is_no_bar_of_it(x: int) -> None:
    hook, dash = _blob(420, 60, 40, 60), _blob(x, 30, 45, 10)
    assert len(join_fragments([*LARGE[1:], hook, dash], REACH)) == 5


def test_small_digits_beside_large_writing_stay_apart() -> None:
    small = [_blob(x, 200, 20, 40) for x in range(0, 150, 30)]
    assert len(join_fragments([*LARGE, *small], REACH)) == len(LARGE) + len(small)


def test_the_bar_of_a_wide_and_low_digit_is_joined_to_it() -> None:
    digits = [_blob(x, 0, 45, 56) for x in (0, 70, 210)]
    joined = join_fragments([*digits, _blob(140, 24, 40, 32), _blob(168, 10, 29, 13)], REACH)
    assert sorted(blob.x for blob in joined) == [0, 70, 140, 210]


def test_a_small_digit_beside_a_wide_one_stays_apart() -> None:
    wide = [_blob(x, 20, 90, 100) for x in (0, 200, 400)]
    assert len(join_fragments([*wide, _blob(96, 20, 30, 40)], REACH)) == len(wide) + 1

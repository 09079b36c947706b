"""Digits that touch one of the row below are cut off from it."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from digitscribe.vision import components
from digitscribe.vision.components import Blob
from digitscribe.vision.deciding import Reading
from digitscribe.vision.parting import parted
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tools.evaluate.pages import Page

UPPER, LOWER = 60, 140
"""Middles of two rows of rings, 60 high."""


def _page(*places: tuple[int, int]) -> NDArray[np.uint8]:
    mask = np.zeros((240, 400), np.uint8)
    for place in places:
        cv2.ellipse(mask, place, (18, 30), 0, 0, 360, 1, 4)
    return mask


def _pieces(mask: NDArray[np.uint8]) -> list[Blob]:
    return components.find(mask, np.asarray(200 * mask, np.uint8))


def _heights(pieces: list[Blob]) -> list[int]:
    return sorted(piece.height for piece in pieces)


TWO_ROWS = [(x, y) for x in (60, 120, 240, 300) for y in (UPPER, LOWER)]


def test_what_reaches_over_two_rows_is_cut_between_them() -> None:
    mask = _page(*TWO_ROWS, (180, UPPER), (180, LOWER))
    cv2.line(mask, (180, 85), (180, 115), 1, 4)
    pieces = _pieces(mask)
    assert max(_heights(pieces)) > 120
    assert len(parted(pieces)) == len(pieces) + 1 == 10
    assert max(_heights(parted(pieces))) < 85


def test_a_tall_digit_by_itself_stays_whole() -> None:
    mask = _page(*[(x, UPPER) for x in (60, 120, 240, 300)])
    cv2.ellipse(mask, (180, 90), (22, 65), 0, 0, 360, 1, 4)
    pieces = _pieces(mask)
    assert parted(pieces) == pieces


def test_two_rows_that_do_not_touch_stay_as_they_are() -> None:
    pieces = _pieces(_page(*TWO_ROWS))
    assert parted(pieces) == pieces


places = st.tuples(st.integers(0, 400), st.integers(0, 240))


@given(st.lists(places, max_size=12))
def test_cutting_keeps_all_ink_but_specks(where: list[tuple[int, int]]) -> None:
    pieces = _pieces(_page(*where))
    lost = sum(piece.area for piece in pieces) - sum(piece.area for piece in parted(pieces))
    assert 0 <= lost <= 2 * components.MIN_AREA * len(pieces)


def _closed_up(page: NDArray[np.uint8], gap: int) -> tuple[NDArray[np.uint8], int]:
    """Grey [H, W] of two rows with so many empty pixels between them, and the first of those."""
    turns = np.flatnonzero(np.diff((page < 128).any(axis=1).astype(np.int8)))
    end, begin = turns[1] + 1, turns[2] + 1
    return np.concatenate([page[:end], page[begin - gap :]]), int(end)


def _with_a_touch(page: NDArray[np.uint8], end: int, column: int) -> NDArray[np.uint8]:
    """The page with a short stroke from a digit of the upper row, which ends there, to the nearest ink beneath it."""
    mask = (page < 128).view(np.uint8)
    upper, lower = np.argwhere(mask[:end]), np.argwhere(mask[end:]) + np.array([end, 0])
    digit = sorted(_pieces(np.pad(mask[:end], ((0, 1), (0, 0)))), key=lambda piece: piece.x)[column]
    within = upper[(upper[:, 1] >= digit.x) & (upper[:, 1] < digit.right)]
    apart = np.abs(within[:, np.newaxis] - lower).sum(axis=2)
    one, other = np.unravel_index(apart.argmin(), apart.shape)
    return np.asarray(cv2.line(page.copy(), within[one][::-1].tolist(), lower[other][::-1].tolist(), 20, 4), np.uint8)


@pytest.mark.parametrize("seed", [2, 3])
@pytest.mark.parametrize("column", [0, 1, 3])
def test_rows_that_touch_are_read(
    seed: int, column: int, page_of: Callable[..., Page], read: Callable[..., Reading]
) -> None:
    page = page_of(["48196", "25360"], seed, paper=(255, 255, 255), ink=(20, 20, 20), wander=0.0)
    grey = np.asarray(cv2.cvtColor(page.pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    closed_up, end = _closed_up(grey, 4)
    assert read(_with_a_touch(closed_up, end, column)).text == "48196\n25360"

"""Dots of dotted paper are told from digits, however small these are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from digitscribe.vision import components
from digitscribe.vision.components import Blob
from digitscribe.vision.dots import MANY, without_dots
from numpy.typing import NDArray


def _blobs(ink: NDArray[np.uint8]) -> list[Blob]:
    return components.find(ink, 200 * ink)


def _paper(pitch: int = 30, radius: int = 2, rise: float = 0.0, size: int = 600) -> NDArray[np.uint8]:
    """Dots all over a page, uint8 [size, size]; `rise` turns their rows."""
    ink = np.zeros((size, size), np.uint8)
    for x in range(-size, 2 * size, pitch):
        for y in range(-size, 2 * size, pitch):
            cv2.circle(ink, (round(x - rise * y), round(y + rise * x)), radius, 1, cv2.FILLED)
    return ink


def _digits(ink: NDArray[np.uint8], size: float, step: int) -> NDArray[np.uint8]:
    """A table of digits, one in each cell."""
    for number, (x, y) in enumerate((x, y) for y in range(step, 600, step) for x in range(10, 600 - step, step)):
        cv2.putText(ink, str(number % 10), (x, y), cv2.FONT_HERSHEY_SIMPLEX, size, 1, 1)
    return ink


@pytest.mark.parametrize("rise", [0.0, 0.1, 0.3])
def test_dots_go_and_what_is_written_among_them_stays(rise: float) -> None:
    page = _paper(rise=rise)
    cv2.putText(page, "27", (250, 300), cv2.FONT_HERSHEY_SIMPLEX, 2, 1, 3)
    kept = without_dots(_blobs(page), 600)
    assert 1 <= len(kept) <= 2
    assert all(blob.height > 30 for blob in kept)


def test_nothing_is_left_of_empty_dotted_paper() -> None:
    assert not without_dots(_blobs(_paper()), 600)


@pytest.mark.parametrize(("size", "step"), [(0.4, 24), (0.4, 40), (0.6, 60)])
def test_digits_in_a_table_are_no_dots(size: float, step: int) -> None:
    blobs = _blobs(_digits(np.zeros((600, 600), np.uint8), size, step))
    assert len(blobs) >= MANY
    assert without_dots(blobs, 600) == blobs


def test_a_few_dots_stay() -> None:
    page = _paper(pitch=110)
    blobs = _blobs(page)
    assert 20 < len(blobs) < MANY
    assert without_dots(blobs, 600) == blobs


def test_specks_that_are_strewn_by_chance_are_not_taken_for_print() -> None:
    page, rng = np.zeros((600, 600), np.uint8), np.random.default_rng(1)
    for x, y in rng.integers(5, 595, (300, 2)).tolist():
        cv2.circle(page, (x, y), 2, 1, cv2.FILLED)
    blobs = _blobs(page)
    assert without_dots(blobs, 600) == blobs


def test_the_holes_of_a_fine_screen_are_no_dotted_paper() -> None:
    blobs = _blobs(_paper(pitch=8, size=300))
    assert without_dots(blobs, 600) == blobs


def test_a_table_of_thick_digits_is_no_dotted_paper() -> None:
    page = np.zeros((800, 800), np.uint8)
    for number, (x, y) in enumerate((x, y) for y in range(40, 780, 50) for x in range(20, 760, 50)):
        cv2.putText(page, str("0068"[number % 4]), (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 1, 3)
    blobs = _blobs(page)
    assert without_dots(blobs, 800) == blobs

"""The binding of a notebook is told from digits by how evenly its pieces stand."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from digitscribe.vision import components
from digitscribe.vision.binding import BOUND, without_binding
from digitscribe.vision.components import Blob
from numpy.typing import NDArray

HEIGHT, WIDTH = 600, 800


def _blobs(ink: NDArray[np.uint8]) -> list[Blob]:
    return components.find(ink, 200 * ink)


def _page(holes: int = 10, lean: float = 0.05, jitter: float = 0.0) -> NDArray[np.uint8]:
    """A page with three numbers and holes with wires along its left side, uint8 [HEIGHT, WIDTH]."""
    ink, rng = np.zeros((HEIGHT, WIDTH), np.uint8), np.random.default_rng(3)
    for number in range(holes):
        x, y = round(60 + lean * 55 * number), round(30 + 55 * (number + rng.uniform(-jitter, jitter)))
        cv2.circle(ink, (x, y), 12, 1, cv2.FILLED)
        cv2.line(ink, (x - 40, y - 8), (x, y), 1, 6)
    return _written(ink)


def _written(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    for row in range(3):
        cv2.putText(ink, "2735", (300, 150 + 150 * row), cv2.FONT_HERSHEY_SIMPLEX, 2, 1, 4)
    return ink


def _turned(ink: NDArray[np.uint8], quarters: int) -> NDArray[np.uint8]:
    return np.ascontiguousarray(np.rot90(ink, quarters))


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("lean", [0.0, 0.05, -0.05])
def test_holes_and_wires_go_and_digits_stay(lean: float, quarters: int) -> None:
    page = _turned(_page(lean=lean), quarters)
    assert len(without_binding(_blobs(page), page.shape)) == 12


def test_the_edge_of_a_page_between_its_wires_goes_with_them() -> None:
    page = _page()
    for number in range(9):
        cv2.line(page, (8, 40 + 55 * number), (8, 70 + 55 * number), 1, 4)
    assert len(without_binding(_blobs(page), page.shape)) == 12


@pytest.mark.parametrize(("holes", "jitter"), [(BOUND - 1, 0.0), (10, 0.25)])
def test_few_pieces_and_uneven_ones_stay(holes: int, jitter: float) -> None:
    page = _page(holes=holes, jitter=jitter)
    assert len(without_binding(_blobs(page), page.shape)) == 12 + holes


def test_a_column_of_various_digits_stays_however_even() -> None:
    page = np.zeros((HEIGHT, WIDTH), np.uint8)
    for number, digit in enumerate("2735846902"):
        cv2.putText(page, digit, (60, 55 + 55 * number), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 1, 3)
    blobs = _blobs(_written(page))
    assert without_binding(blobs, page.shape) == blobs


def test_a_row_of_ones_by_itself_stays_however_neat() -> None:
    page = np.zeros((HEIGHT, WIDTH), np.uint8)
    for x in range(60, 560, 60):
        cv2.line(page, (x, 60), (x, 120), 1, 8)
    assert len(without_binding(_blobs(page), page.shape)) == 9


@pytest.mark.parametrize("off", [3.0, 5.0])
def test_a_column_of_equal_digits_of_a_neat_hand_stays(off: float) -> None:
    page, rng = np.zeros((HEIGHT, WIDTH), np.uint8), np.random.default_rng(5)
    for number in range(9):
        x, y = np.rint(rng.normal((60, 60 + 60 * number), off)).astype(int).tolist()
        cv2.putText(page, "7", (x, y), cv2.FONT_HERSHEY_SIMPLEX, float(rng.uniform(1.1, 1.3)), 1, 3)
    blobs = _blobs(_written(page))
    assert without_binding(blobs, page.shape) == blobs


def test_holes_along_half_of_a_side_stay() -> None:
    page = _page(holes=6)
    assert len(without_binding(_blobs(page), page.shape)) == 18

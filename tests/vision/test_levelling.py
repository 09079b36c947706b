"""Rows that run up or down hill."""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from digitscribe.vision import levelling
from digitscribe.vision.components import Blob, boxes_of, find
from digitscribe.vision.decode import DecodedImage
from digitscribe.vision.profile import Profile
from digitscribe.vision.viewing import views_of
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

DEGREES = [-30, -20, -10, 10, 20, 30]


def _askew(pixels: NDArray[np.uint8], degrees: float) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """An image turned clockwise on paper like its border, as large as that takes, and the course of its points."""
    height, width = pixels.shape[:2]
    course = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
    across = math.ceil(math.hypot(width, height))
    course[:, 2] += [(across - width) / 2, (across - height) / 2]
    turned = cv2.warpAffine(pixels, course, (across, across), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(turned, np.uint8), np.asarray(course, np.float64)


def _strokes(degrees: float, rows: int = 3, columns: int = 5) -> list[Blob]:
    """Upright bars in rows that fall by an angle."""
    ink = np.ones((30, 6), np.uint8) * 255
    slope = math.tan(math.radians(degrees))
    places = [(60 + 40 * i, 400 + 80 * row) for row in range(rows) for i in range(columns)]
    return [Blob(x, round(y + slope * x), 6, 30, 180, ink, 200.0) for x, y in places]


@pytest.mark.parametrize("degrees", DEGREES)
def test_rows_tell_how_they_run(degrees: float) -> None:
    assert math.degrees(levelling.tilt_of(_strokes(degrees))) == pytest.approx(degrees, abs=1)


def test_rows_that_lie_almost_level_stay_as_they_are() -> None:
    assert levelling.tilt_of(_strokes(5)) == 0
    assert levelling.tilt_of(_strokes(-5)) == 0


def test_too_few_pieces_tell_nothing() -> None:
    assert levelling.tilt_of([]) == 0
    assert levelling.tilt_of(_strokes(15, rows=1, columns=1)) == 0
    assert levelling.tilt_of(_strokes(15, rows=1, columns=2)) == 0


def test_digits_that_lie_anywhere_are_hardly_ever_taken_for_rows() -> None:
    rng = np.random.default_rng(3)
    ink = np.full((30, 20), 255, np.uint8)
    pages = [rng.integers(0, 600, (12, 2)).tolist() for _ in range(100)]
    tilts = [levelling.tilt_of([Blob(x, y, 20, 30, 600, ink, 200.0) for x, y in places]) for places in pages]
    assert np.count_nonzero(tilts) <= 10


@given(st.floats(-0.6, 0.6), st.integers(0, 500), st.integers(0, 500), st.integers(0, 2**31))
def test_the_box_of_a_turned_piece_is_found_again(tilt: float, x: int, y: int, seed: int) -> None:
    mask = (np.random.default_rng(seed).random((25, 18)) < 0.4).astype(np.uint8)
    for piece in find(mask, np.full_like(mask, 200)):
        blob = Blob(piece.x + x, piece.y + y, piece.width, piece.height, piece.area, piece.ink, piece.strength)
        turned = levelling.turned(blob, tilt)
        assert turned.area == np.count_nonzero(turned.ink) > 0
        assert turned.ink.shape == (turned.height, turned.width)
        assert np.abs(levelling.boxes_before([turned], tilt) - boxes_of([blob])).max() <= 2


def test_pieces_that_were_not_turned_have_the_boxes_that_they_have() -> None:
    strokes = _strokes(0)
    assert (levelling.boxes_before(strokes, 0.0) == boxes_of(strokes)).all()


@pytest.mark.parametrize("degrees", DEGREES)
def test_a_page_askew_is_read_as_the_same_page_straight(page_of: Callable, read: Callable, degrees: float) -> None:
    pixels, _ = _askew(page_of(["20573", "6289", "38054"]).pixels, degrees)
    assert read(pixels).text == "20573\n6289\n38054"


@pytest.mark.parametrize("degrees", [-20, -10, 10, 20])
def test_so_is_a_ruled_page(page_of: Callable, read: Callable, degrees: float) -> None:
    pixels, _ = _askew(page_of(["20573", "6289", "38054"], ruled=True).pixels, degrees)
    assert read(pixels).text == "20573\n6289\n38054"


def test_an_upright_edge_beside_a_page_askew_is_in_no_row(page_of: Callable) -> None:
    pixels, _ = _askew(page_of(["20573", "6289", "38054"]).pixels, 12)
    (straight,) = views_of(DecodedImage.from_pixels(pixels.copy()), Profile())
    pixels[60:-60, -60:-54] = 60
    (beside,) = views_of(DecodedImage.from_pixels(pixels), Profile())
    assert straight.tilt
    assert list(map(len, beside.rows)) == list(map(len, straight.rows))


def test_levelling_can_be_left_out(page_of: Callable, read: Callable) -> None:
    pixels, _ = _askew(page_of(["20573", "6289", "38054"]).pixels, 30)
    views = views_of(DecodedImage.from_pixels(pixels), Profile(level_rows=False))
    assert all(view.tilt == 0 for view in views)
    assert read(pixels, Profile(level_rows=False)).text != "20573\n6289\n38054"


def test_boxes_lie_on_the_ink_of_the_image_as_it_was_given(page_of: Callable, read: Callable) -> None:
    page = page_of(["20573", "6289"])
    pixels, course = _askew(page.pixels, 20)
    digits = read(pixels).digits
    assert len(digits) == len(page.boxes)
    for digit, (x, y, width, height) in zip(digits, page.boxes, strict=True):
        middle = course @ [x + width / 2, y + height / 2, 1]
        seen = (digit.box.x + digit.box.width / 2, digit.box.y + digit.box.height / 2)
        assert np.abs(middle - seen).max() < 0.15 * height


@pytest.mark.parametrize("quarter", [cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_90_COUNTERCLOCKWISE])
def test_a_page_on_its_side_is_read_as_the_same_page_upright(page_of: Callable, read: Callable, quarter: int) -> None:
    page = page_of(["20573", "62894", "38054"])
    reading = read(np.asarray(cv2.rotate(page.pixels, quarter), np.uint8))
    assert reading.text == "20573\n62894\n38054"
    for digit, (x, y, width, height) in zip(reading.digits, page.boxes, strict=True):
        box = digit.box
        if quarter == cv2.ROTATE_90_CLOCKWISE:
            seen = (box.y, page.pixels.shape[0] - box.x - box.width)
        else:
            seen = (page.pixels.shape[1] - box.y - box.height, box.x)
        assert np.abs(np.subtract(seen, (x, y))).max() < 0.2 * height
        assert abs(box.height - width) + abs(box.width - height) < 0.3 * height


def test_a_column_of_digits_stays_one(page_of: Callable, read: Callable) -> None:
    page = page_of(["2", "5", "6", "3", "4"])
    (view,) = views_of(DecodedImage.from_pixels(page.pixels), Profile())
    assert levelling.is_sideways([blob for row in view.rows for blob in row])
    assert read(page.pixels).text == "2\n5\n6\n3\n4"


def test_rows_beside_one_another_do_not_lie_on_their_side() -> None:
    assert not levelling.is_sideways(_strokes(0))
    assert not levelling.is_sideways([])


@given(
    quarters=st.sampled_from([0, 1, 3]),
    place=st.tuples(st.integers(0, 30), st.integers(0, 20)),
    size=st.tuples(st.integers(1, 10), st.integers(1, 10)),
)
def test_a_box_of_a_turned_image_is_found_in_the_image(
    quarters: int, place: tuple[int, int], size: tuple[int, int]
) -> None:
    (x, y), (width, height) = place, size
    image = np.zeros((30, 40), np.uint8)
    image[y : y + height, x : x + width] = 1
    left, top, across, down = cv2.boundingRect(np.ascontiguousarray(np.rot90(image, quarters)))
    seen = np.array([[left, top, left + across, top + down]], np.float64)
    assert levelling.upright(seen, quarters, 40, 30).tolist() == [[x, y, x + width, y + height]]

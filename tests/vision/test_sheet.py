"""The sheet that is written on, found where the picture shows more."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from digitscribe.vision import sheet
from digitscribe.vision.components import Blob
from digitscribe.vision.decode import DecodedImage
from digitscribe.vision.profile import Profile
from digitscribe.vision.viewing import views_of
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from numpy.typing import NDArray

CORNERS = np.array([[150, 90], [520, 120], [500, 380], [130, 350]], np.float64)


def laid(paper: int, table: int, corners: NDArray[np.float64] = CORNERS) -> NDArray[np.uint8]:
    """A picture, 640 × 480, of an empty sheet of that brightness on a table."""
    picture = np.full((480, 640), table, np.uint8)
    cv2.fillConvexPoly(picture, corners.astype(np.int32), paper)
    return picture


def on_wood(pixels: NDArray[np.uint8], margin: int) -> NDArray[np.uint8]:
    """A page on a wooden table, `margin` pixels of which show on every side; grey."""
    height, width = pixels.shape[0] + 2 * margin, pixels.shape[1] + 2 * margin
    veins = np.random.default_rng(3).normal(0, 30, (height // 10, 3))
    table = 110 + cv2.resize(veins, (width, height), interpolation=cv2.INTER_CUBIC)
    table[margin:-margin, margin:-margin] = pixels
    return np.clip(table, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("paper", "table"), [(230, 40), (230, 150), (150, 230), (60, 130), (40, 235)])
def test_the_corners_of_a_sheet_are_found_whatever_it_lies_on(paper: int, table: int) -> None:
    found = sheet.find(laid(paper, table))
    assert found is not None
    off = np.linalg.norm(found.corners[0, :, np.newaxis] - CORNERS, axis=2)
    assert off.min(axis=0).max() < 10
    assert off.min(axis=1).max() < 10


def checked_cloth(height: int, width: int, squares: int, colour: tuple[int, int, int]) -> NDArray[np.uint8]:
    """A picture of white cloth with bands of that colour, as many of both as `squares` in 640 pixels; RGB."""
    bands = (np.arange(max(height, width)) * squares // 640 % 2).astype(np.float64)
    share = ((bands[:height, np.newaxis] + bands[:width]) / 2)[..., np.newaxis]
    return (245 * (1 - share) + np.array(colour) * share).astype(np.uint8)


def on_checked_cloth(squares: int, colour: tuple[int, int, int]) -> NDArray[np.uint8]:
    """A picture, 640 × 480, of an empty white sheet on such a cloth."""
    picture = checked_cloth(480, 640, squares, colour)
    cv2.fillConvexPoly(picture, CORNERS.astype(np.int32), (245, 244, 240))
    return picture


@pytest.mark.parametrize("squares", [12, 18])
@pytest.mark.parametrize("colour", [(40, 110, 60), (190, 40, 50)])
def test_a_white_sheet_on_a_cloth_with_white_squares_is_found(squares: int, colour: tuple[int, int, int]) -> None:
    found = sheet.find(on_checked_cloth(squares, colour))
    assert found is not None
    off = np.linalg.norm(found.corners[0, :, np.newaxis] - CORNERS, axis=2)
    assert off.min(axis=1).max() < 30


def test_a_cloth_alone_is_no_sheet() -> None:
    cloth = np.tile(on_checked_cloth(8, (40, 110, 60))[:80, :160], (6, 4, 1))
    assert sheet.find(np.ascontiguousarray(cloth)) is None


GREY = np.full((640, 480, 3), 90, np.uint8)

YELLOW = ((250, 225, 90), ((60, 40), (420, 60), (410, 280), (50, 270)))


def _notes(table: NDArray[np.uint8], *notes: tuple[tuple[int, int, int], tuple[tuple[int, int], ...]]) -> int:
    """How many sheets are found on a table, RGB [640, 480, 3], with notes of those colours and corners."""
    picture = table.copy()
    for colour, corners in notes:
        cv2.fillConvexPoly(picture, np.array(corners), colour)
    found = sheet.find(picture)
    return 0 if found is None else len(found.corners)


def test_two_notes_of_different_paper_are_found() -> None:
    assert _notes(GREY, YELLOW, ((240, 240, 236), ((70, 350), (430, 340), (430, 580), (60, 590)))) == 2


@pytest.mark.parametrize("corner", [262, 270])
def test_notes_that_touch_are_two(corner: int) -> None:
    assert _notes(GREY, YELLOW, ((240, 240, 236), ((50, corner), (430, corner + 50), (420, 590), (60, 580)))) == 2


def test_a_second_note_is_found_though_one_side_is_lost_in_the_cloth() -> None:
    cloth = checked_cloth(640, 480, 14, (230, 200, 120))
    assert _notes(cloth, YELLOW, ((240, 230, 235), ((60, 340), (430, 335), (430, 590), (60, 600)))) == 2


def test_three_sides_are_enough() -> None:
    found = sheet.find(laid(230, 90, np.array([[-5, 90], [450, 110], [440, 380], [-5, 350]], np.float64)))
    assert found is not None
    assert found.box == pytest.approx((0, 90, 450, 380), abs=15)


NEAR_THE_BORDER = np.array([[210, 9], [500, 12], [510, 470], [200, 466]], np.float64)
"""A sheet as high as the picture but for some ten pixels above and below."""


@pytest.mark.parametrize(("paper", "table"), [(230, 40), (60, 150)])
def test_a_sheet_is_found_though_two_of_its_sides_are_by_the_border(paper: int, table: int) -> None:
    found = sheet.find(laid(paper, table, NEAR_THE_BORDER))
    assert found is not None
    assert np.linalg.norm(found.corners[0, :, np.newaxis] - NEAR_THE_BORDER, axis=2).min(axis=0).max() < 20


def test_a_lit_band_from_border_to_border_is_no_sheet() -> None:
    across = NEAR_THE_BORDER.copy()
    across[:2, 1], across[2:, 1] = -20, 500
    assert sheet.find(laid(230, 60, across)) is None


def test_by_the_border_a_side_counts_only_beside_the_same_table() -> None:
    """A strip above a lit band is no table if it is unlike what lies beside the band."""
    across = NEAR_THE_BORDER.copy()
    across[2:, 1] = 500
    picture = laid(230, 60, across)
    picture[:9] = 150
    assert sheet.find(picture) is None
    picture[:9] = 60
    assert sheet.find(picture) is not None


def test_a_sheet_that_all_but_fills_the_picture_is_looked_at_as_it_is() -> None:
    wide = np.array([[60, 9], [580, 12], [590, 470], [50, 466]], np.float64)
    assert sheet.find(laid(230, 60, wide)) is None


def test_colour_alone_tells_a_sheet_from_what_it_lies_on() -> None:
    picture = np.full((480, 640, 3), (190, 120, 90), np.uint8)
    paper = np.array([[[125, 148, 142]]], np.uint8)
    assert abs(int(cv2.cvtColor(paper, cv2.COLOR_RGB2GRAY)[0, 0]) - 141) < 4  # as bright as the table
    cv2.fillConvexPoly(picture, CORNERS.astype(np.int32), (125, 148, 142))
    assert sheet.find(picture) is not None


@pytest.mark.parametrize(
    "style",
    [{}, {"ruled": True}, {"squared": True}, {"shadow_edge": 0.6}, {"shadow": 0.7}, {"pen": 0.24}, {"glare": 0.9}],
    ids=str,
)
def test_a_page_that_fills_the_picture_is_looked_at_as_it_is(page_of: Callable, style: dict) -> None:
    for seed in range(5):
        assert sheet.find(page_of(["2047", "31", "689"], seed=seed, **style).pixels) is None


@pytest.mark.parametrize("thickness", [20, 60, 90])
def test_a_thick_digit_is_no_sheet_that_is_written_on(thickness: int) -> None:
    picture = np.full((200, 160), 245, np.uint8)
    cv2.putText(picture, "1", (30, 170), cv2.FONT_HERSHEY_SIMPLEX, 5, 20, thickness, cv2.LINE_AA)
    stages = views_of(DecodedImage.from_pixels(picture), Profile())[0]
    assert not stages.is_sheet
    assert [len(row) for row in stages.rows] == [1]


def test_a_strip_of_paper_is_a_sheet() -> None:
    picture = np.full((480, 1200), 90, np.uint8)
    corners = np.array([[150, 170], [1050, 210], [1046, 330], [146, 290]])
    cv2.fillConvexPoly(picture, corners, 225)
    found = sheet.find(picture)
    assert found is not None
    assert found.box == pytest.approx((146, 170, 1050, 330), abs=12)


def test_a_small_shadow_on_paper_is_no_sheet() -> None:
    corners = np.array([[300, 250], [480, 260], [470, 380], [290, 370]], np.float64)
    assert sheet.find(laid(150, 230, corners)) is None
    assert sheet.find(laid(230, 150, corners)) is not None


@pytest.mark.parametrize("softness", [2, 60])
@pytest.mark.parametrize("table", [110, 165])
def test_the_lit_part_of_a_sheet_is_not_taken_for_the_sheet(table: int, softness: int) -> None:
    light = 1 - 0.5 / (1 + np.exp(np.clip((330 - np.arange(640)) / (softness / 4), -30, 30)))
    found = sheet.find((laid(225, table) * light).astype(np.uint8))
    assert found is None or found.box == pytest.approx((130, 90, 520, 380), abs=15)


def test_a_shadow_over_sheet_and_table_hides_neither_where_their_colours_differ() -> None:
    picture = np.full((480, 640, 3), (140, 90, 50), np.float64)
    cv2.fillConvexPoly(picture, CORNERS.astype(np.int32), (225, 222, 215))
    light = 1 - 0.6 / (1 + np.exp((330 - np.arange(640)) / 20))
    found = sheet.find((picture * light[:, np.newaxis]).astype(np.uint8))
    assert found is not None
    assert found.box == pytest.approx((130, 90, 520, 380), abs=15)


def test_what_lies_along_the_edge_of_the_sheet_is_no_writing() -> None:
    mask = np.zeros((400, 600), np.uint8)
    mask[20:380, 20:580] = 1
    rest, one = (Blob(x, 200, 6, 60, 360, np.full((60, 6), 255, np.uint8), 1.0) for x in (20, 60))
    assert sheet.without_rim([rest, one], mask) == [one]


@pytest.mark.parametrize("margin", [100, 250])
def test_only_what_stands_on_the_sheet_is_read(page_of: Callable, read: Callable, margin: int) -> None:
    page = page_of(["2047", "318"], seed=2, paper=235)
    reading = read(on_wood(page.pixels, margin))
    assert reading.text == "2047\n318"
    for digit, (x, y, width, height) in zip(reading.digits, page.boxes, strict=True):
        assert digit.box.x == pytest.approx(x + margin, abs=6)
        assert digit.box.y == pytest.approx(y + margin, abs=6)
        assert digit.box.width == pytest.approx(width, abs=10)
        assert digit.box.height == pytest.approx(height, abs=10)


def test_the_sheet_is_not_looked_for_where_that_is_not_wished(page_of: Callable) -> None:
    image = DecodedImage.from_pixels(on_wood(page_of(["2047"]).pixels, 100))
    assert views_of(image, Profile())[0].is_sheet
    whole = views_of(image, Profile(find_sheet=False))[0]
    assert not whole.is_sheet
    assert whole.grey.shape == image.pixels.shape


def test_of_several_notes_none_is_left_out(page_of: Callable, read: Callable) -> None:
    picture = np.full((460, 860), 60, np.uint8)
    for left, label in ((80, "4"), (500, "7")):
        note = page_of([label], height=60, paper=225).pixels
        picture[80 : 80 + note.shape[0], left : left + note.shape[1]] = note
    found = sheet.find(picture)
    assert found is not None
    assert len(found.corners) == 2
    assert read(picture).text == "47"


def _beside_a_note(page_of: Callable) -> NDArray[np.uint8]:
    """A picture, 480 × 1000, of a dark note with a 4 on a table as white as paper, with room to its right."""
    picture = np.full((480, 1000), 225, np.uint8)
    note = page_of(["4"], height=80, paper=150).pixels
    picture[60 : 60 + note.shape[0], 80 : 80 + note.shape[1]] = note
    return picture


def test_a_note_on_a_table_as_white_as_it_is_read_beside_one_that_shows(page_of: Callable, read: Callable) -> None:
    picture = _beside_a_note(page_of)
    digit = page_of(["7"], height=80, paper=225).pixels
    picture[60 : 60 + digit.shape[0], 560 : 560 + digit.shape[1]] = digit
    found = sheet.find(picture)
    assert found is not None
    assert len(found.corners) == 1
    assert read(picture).text == "47"


def test_a_row_of_keys_beside_a_note_is_not_looked_at(page_of: Callable) -> None:
    picture = _beside_a_note(page_of)
    for left in range(560, 860, 60):
        corner = np.array([[left, 90], [left + 18, 90], [left + 18, 150]])
        cv2.polylines(picture, [corner], False, 60, 6)
    assert sheet.find(picture) is not None
    assert all(view.is_sheet for view in views_of(DecodedImage.from_pixels(picture), Profile()))


def test_beside_a_sheet_with_a_mere_flourish_digits_are_looked_for() -> None:
    picture = laid(250, 180)
    cv2.polylines(picture, [np.array([[200, 200], [340, 190], [220, 230], [390, 220]])], False, 120, 8)
    cv2.putText(picture, "4751", (20, 470), cv2.FONT_HERSHEY_SIMPLEX, 2, 10, 6, cv2.LINE_AA)
    assert sheet.find(picture) is not None
    views = views_of(DecodedImage.from_pixels(picture), Profile())
    assert not views[0].is_sheet
    assert [len(row) for row in views[0].rows] == [4]


def test_digits_beside_an_empty_sheet_are_read() -> None:
    picture = laid(250, 180)
    cv2.putText(picture, "47", (20, 470), cv2.FONT_HERSHEY_SIMPLEX, 2, 10, 6, cv2.LINE_AA)
    assert sheet.find(picture) is not None
    stages = views_of(DecodedImage.from_pixels(picture), Profile())[0]
    assert not stages.is_sheet
    assert [len(row) for row in stages.rows] == [2]


@given(
    st_numpy.arrays(
        np.uint8, st.tuples(st.integers(1, 70), st.integers(1, 70), st.just(3)), elements=st.integers(0, 255)
    )
)
def test_any_picture_can_be_looked_at(pixels: NDArray[np.uint8]) -> None:
    found = sheet.find(pixels)
    if found is not None:
        left, top, right, bottom = found.box
        assert 0 <= left < right <= pixels.shape[1]
        assert 0 <= top < bottom <= pixels.shape[0]


@given(st.lists(st.tuples(st.integers(-40, 680), st.integers(-40, 520)), min_size=4, max_size=4), st.integers(0, 255))
def test_any_patch_can_be_looked_at(corners: list[tuple[int, int]], table: int) -> None:
    picture = np.full((480, 640), table, np.uint8)
    cv2.fillConvexPoly(picture, cv2.convexHull(np.array(corners, np.int32)), 128)
    assert views_of(DecodedImage.from_pixels(picture), Profile())[0].scale == 1

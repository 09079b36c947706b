from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from digitscribe.vision.deciding import Reading
from digitscribe.vision.profile import Polarity, Profile

CONDITIONS = {
    "plain": {},
    "light on dark": {"light_on_dark": True},
    "strong shadow": {"shadow": 0.6},
    "shadow on a dark board": {"shadow": 0.5, "light_on_dark": True},
    "faint pencil": {"ink": 180, "grain": 1.5},
    "grain": {"grain": 9.0},
    "ruled paper": {"ruled": True},
    "ruled as dark as the ink": {"ruled": True, "rule": 60},
    "specks": {"specks": 30},
    "blur": {"blur": 2.0},
    "climbing rows": {"slope": -0.1},
    "falling rows": {"slope": 0.1},
    "small": {"height": 20, "grain": 1.0},
    "large": {"height": 220},
    "narrow gaps": {"gap": 0.15},
    "squared paper": {"squared": True, "rule": 170, "rule_gap": 0.9},
    "squared paper held askew": {"squared": True, "rule": 170, "rule_gap": 1.1, "slope": 0.04},
    "rules through the digits": {"ruled": True, "rule": 160, "rule_gap": 1.3},
    "edge of a shadow": {"shadow_edge": 0.5},
    "perspective": {"perspective": 0.1},
    "sheet on a dark table": {"table": 40, "perspective": 0.02},
    "underlined": {"underlined": True},
    "crease": {"creased": True},
    "rough paper": {"texture": 7.0, "paper": (205, 185, 150)},
    "chalk": {"light_on_dark": True, "paper": (220, 200, 215), "ink": 20, "pressure": 0.4, "texture": 8.0},
    "pen that skips": {"pen": 0.15, "skip": 1},
    "wooden table": {"table": 110, "wood": True, "turn": 3.0},
    "sheet held askew": {"turn": -6.0},
    "margin and holes": {"holes": True},
    "boxes of a form": {"boxed": True, "gap": 0.6},
    "pen in the picture": {"object": True},
    "a lamp's reflection": {"glare": 0.55},
    "low resolution": {"height": 44, "enlarged": 0.45},
    "shadow of a hand": {"hand": 0.5},
    "highlighter": {"highlighted": True, "paper": (240, 238, 230), "ink": (25, 45, 140)},
    "cells of a table": {"cells": True, "rule": 60},
    "framed by hand": {"framed": True},
    "spiral binding": {"spiral": True},
    "bar code": {"bar_code": True},
    "scribbled out": {"crossed_out": True, "pen": 0.12},
}


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("rows", [["2047"], ["31415", "926", "5358"]])
def test_rows_are_read_in_order(condition: str, rows: list[str], page_of: Callable, read: Callable) -> None:
    page = page_of(rows, **CONDITIONS[condition])
    assert read(page.pixels).text.split("\n") == rows


def test_boxes_lie_where_the_digits_were_written(page_of: Callable, read: Callable) -> None:
    page = page_of(["508", "269"])
    for digit, (x, y, width, height) in zip(read(page.pixels).digits, page.boxes, strict=True):
        box = digit.box
        corners = np.array([box.x, box.y, box.x + box.width, box.y + box.height])
        assert np.abs(corners - [x, y, x + width, y + height]).max() <= 4


def test_boxes_of_a_huge_image_are_in_its_own_pixels(page_of: Callable, read: Callable) -> None:
    page = page_of(["73"], height=90)
    huge = cv2.resize(page.pixels, None, fx=8, fy=8, interpolation=cv2.INTER_LINEAR)
    boxes = [digit.box for digit in read(huge).digits]
    assert [round(box.x / 8, -1) for box in boxes] == [round(box[0], -1) for box in page.boxes]
    assert all(abs(box.height / 8 - 90) < 6 for box in boxes)


def test_colour_of_the_ink_does_not_matter(page_of: Callable, read: Callable) -> None:
    page = page_of(["6283"])
    paper = np.array([240, 235, 225], np.float32)
    share = (page.pixels.astype(np.float32) / 225).clip(0, 1)[..., np.newaxis]
    for ink in ([200, 30, 50], [30, 60, 180], [20, 130, 60]):
        coloured = (paper * share + np.array(ink, np.float32) * (1 - share)).astype(np.uint8)
        assert read(coloured).text == "6283"


@pytest.mark.parametrize("value", [0, 30, 128, 255])
def test_nothing_is_read_on_an_empty_page(value: int, read: Callable) -> None:
    assert read(np.full((300, 400), value, np.uint8)).digits == ()


def test_nothing_is_read_in_grain(read: Callable) -> None:
    grain = np.random.default_rng(0).normal(200, 6, (480, 640)).clip(0, 255).astype(np.uint8)
    assert read(grain).text == ""


def test_nothing_is_read_in_ruled_paper(read: Callable) -> None:
    pixels = np.full((600, 800), 220, np.uint8)
    for y in range(60, 600, 70):
        cv2.line(pixels, (0, y), (800, y + 25), 110, 3)
    assert read(pixels).digits == ()


def test_nothing_is_read_in_the_edge_of_a_shadow(read: Callable) -> None:
    pixels = np.full((600, 800), 220.0, np.float32)
    pixels[300:, 200:] = 120
    assert read(cv2.GaussianBlur(pixels, (0, 0), 9).astype(np.uint8)).digits == ()


def test_a_dark_table_around_the_paper_is_no_digit(page_of: Callable, read: Callable) -> None:
    page = page_of(["4096"])
    table = cv2.copyMakeBorder(page.pixels, 60, 60, 60, 60, cv2.BORDER_CONSTANT, value=30)
    assert read(table).text == "4096"


def test_a_set_polarity_is_kept(page_of: Callable, read: Callable) -> None:
    page = page_of(["18"])
    assert read(page.pixels, Profile(polarity=Polarity.DARK_ON_LIGHT)).text == "18"
    assert read(page.pixels, Profile(polarity=Polarity.LIGHT_ON_DARK)).text != "18"


@pytest.mark.parametrize("seed", range(3))
def test_points_and_dashes_are_no_digits(seed: int, page_of: Callable, read: Callable) -> None:
    page = page_of(["2047", "958"], seed, signs=True, gap=0.8)
    assert read(page.pixels).text == "2047\n958"


def test_a_blot_is_not_cut_into_digits(page_of: Callable, read: Callable) -> None:
    page = page_of(["2047"], height=80)
    cv2.circle(page.pixels, (60, 60), 36, 40, -1)
    assert read(page.pixels).text == "2047"


def test_a_broken_digit_is_joined(read: Callable, page_of: Callable) -> None:
    page = page_of(["525"], height=100)
    x, y, width, height = page.boxes[1]
    page.pixels[y + height // 2 : y + height // 2 + 5, x - 2 : x + width + 2] = 225
    assert read(page.pixels).text == "525"


def test_touching_digits_are_cut(page_of: Callable, read: Callable) -> None:
    page = page_of(["20", "83"], gap=-0.04, height=80)
    reading: Reading = read(page.pixels)
    assert reading.text == "20\n83"


def test_crops_are_those_of_the_digits(page_of: Callable, read: Callable) -> None:
    reading = read(page_of(["1234"]).pixels)
    assert reading.crops.shape == (len(reading.digits), 28, 28)
    assert reading.crops.dtype == np.uint8


def test_small_writing_in_a_large_image_is_looked_at_with_all_pixels(page_of: Callable, read: Callable) -> None:
    page = page_of(["2047", "961"], height=36, margin=14, pen=0.14)
    large = cv2.resize(page.pixels, (1600, round(1600 * page.pixels.shape[0] / page.pixels.shape[1])))
    assert read(large).text == "2047\n961"


def test_the_wire_of_a_grid_is_not_cut_into_digits(page_of: Callable, read: Callable) -> None:
    grid = np.full((500, 700), 215, np.uint8)
    grid[::32] = grid[:, ::32] = 130
    grid[1::32] = grid[:, 1::32] = 130
    assert read(grid).digits == ()

"""Ink that is as bright as its paper is found by its colour; other pictures keep their brightness."""

from __future__ import annotations

import colorsys

import cv2
import numpy as np
import pytest
from digitscribe.vision.colour import brightness_of, telling_colour_of
from digitscribe.vision.decode import DecodedImage
from digitscribe.vision.profile import Profile
from digitscribe.vision.viewing import views_of
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

GREEN, ORANGE = (120, 200, 120), (250, 137, 60)
WHITE, YELLOW, BLUE = (245, 243, 238), (245, 228, 90), (25, 45, 140)

hues = st.floats(0, 1)


def written(paper: tuple[int, ...], ink: tuple[int, ...], grain: float = 2.0) -> NDArray[np.uint8]:
    """RGB uint8 [240, 320, 3]: two strokes on paper, with grain of so many grey levels in each channel."""
    page = np.full((240, 320, 3), paper, np.uint8)
    cv2.line(page, (100, 60), (110, 180), ink, 9)
    cv2.circle(page, (200, 120), 45, ink, 9)
    noise = np.random.default_rng(5).normal(0, grain, page.shape)
    return np.clip(page + noise, 0, 255).astype(np.uint8)


def contrast(grey: NDArray[np.uint8]) -> float:
    """How far the stroke at (105, 120) differs from the paper, as a share of the lighter one."""
    ink, paper = float(grey[110:130, 103:107].mean()), float(grey[110:130, 20:60].mean())
    return abs(ink - paper) / max(ink, paper)


def telling(page: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    return telling_colour_of(page, brightness_of(page))


def test_ink_as_bright_as_its_paper_stands_out_by_its_colour() -> None:
    page = written(GREEN, ORANGE)
    assert contrast(brightness_of(page)) < 0.05
    colour = telling(page)
    assert colour is not None
    assert contrast(colour) > 0.3


def test_yellow_on_white_stands_out() -> None:
    colour = telling(written(WHITE, YELLOW))
    assert colour is not None
    assert contrast(colour) > 0.4


@pytest.mark.parametrize("ink", [BLUE, (20, 20, 20), (160, 30, 40), (20, 100, 60)])
def test_what_is_bright_or_dark_enough_keeps_its_brightness(ink: tuple[int, ...]) -> None:
    assert telling(written(WHITE, ink)) is None


def test_grain_in_one_colour_is_no_ink() -> None:
    page = written(WHITE, BLUE)
    page[..., 2] = np.clip(page[..., 2] + np.random.default_rng(1).normal(0, 30, page.shape[:2]), 0, 255)
    assert telling(page) is None


def test_grey_holds_no_colour() -> None:
    grey = np.random.default_rng(0).integers(0, 256, (40, 30)).astype(np.uint8)
    np.testing.assert_array_equal(brightness_of(grey), grey)
    assert telling(grey) is None
    assert telling(np.repeat(grey[:, :, np.newaxis], 3, axis=2)) is None


@given(hues, hues)
def test_no_colour_is_lost_that_brightness_shows(one: float, other: float) -> None:
    paper, ink = (tuple(int(255 * each) for each in colorsys.hsv_to_rgb(hue, 0.5, 0.9)) for hue in (one, other))
    page = written(paper, ink)
    colour = telling(page)
    assert colour is None or contrast(colour) > 0.9 * contrast(brightness_of(page)) - 0.02


def test_thin_dark_ink_is_seen_beside_a_patch_of_bright_colour() -> None:
    page = np.full((480, 640, 3), WHITE, np.uint8)
    cv2.rectangle(page, (150, 200), (420, 260), YELLOW, cv2.FILLED)
    cv2.putText(page, "62", (200, 250), cv2.FONT_HERSHEY_SIMPLEX, 1.4, BLUE, 3, cv2.LINE_AA)
    assert telling(page) is not None
    views = views_of(DecodedImage.from_pixels(page), Profile())
    assert [len(row) for view in views for row in view.rows if len(row) == 2]

"""How much contrast there is without any ink, in all of an image and in its parts."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from digitscribe.vision import grain, viewing
from digitscribe.vision.decode import DecodedImage
from digitscribe.vision.profile import Profile
from digitscribe.vision.stages import Ink
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

Image = NDArray[np.uint8]


def grainy(deviation: float, shape: tuple[int, int] = (400, 400)) -> Image:
    """The contrast of grain, uint8, cut off at 0."""
    noise = np.random.default_rng(3).normal(0, deviation, shape)
    return np.asarray(np.clip(noise, 0, 255), np.uint8)


def test_grain_of_one_part_raises_the_floor_there_alone() -> None:
    contrast = grainy(1)
    contrast[:100, :100] = grainy(12, (100, 100))
    floors = grain.floors_of(contrast, 15.0)
    assert floors[20, 20] > np.quantile(contrast[:100, :100], 0.99)
    assert floors[300, 300] == 15


def test_ink_is_no_grain() -> None:
    contrast = grainy(1)
    contrast[::20, :100] = contrast[1::20, :100] = contrast[:, 30:34] = 200
    assert (grain.floors_of(contrast, 15.0) == 15).all()


def test_what_is_mostly_dark_is_no_grain() -> None:
    contrast = grainy(1)
    contrast[:100, :100] = 150 + grainy(20, (100, 100))
    assert (grain.floors_of(contrast, 15.0) == 15).all()


def test_what_is_painted_around_a_sheet_tells_nothing() -> None:
    on_sheet = np.zeros((400, 400), np.uint8)
    on_sheet[:, 300:] = 1
    floors = grain.floors_of(grainy(12), 15.0, on_sheet)
    assert floors[200, 20] == 15 < floors[200, 380]


@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=60)), st.floats(0, 254))
def test_the_floor_of_a_part_is_never_below_that_of_the_image(contrast: Image, floor: float) -> None:
    floors = grain.floors_of(contrast, floor)
    assert floors.shape == contrast.shape
    assert (floors >= int(floor)).all()


@pytest.fixture
def vignetted(page_of: Callable) -> Image:
    """A photo that is all white at one corner, and dark and grainy at the other, with digits: uint8 [1200, 1600]."""
    page = page_of(["2735"]).pixels.astype(np.float32)
    page = np.asarray(cv2.resize(page / np.median(page), None, fx=0.75, fy=0.75, interpolation=cv2.INTER_AREA))
    paper = np.ones((1200, 1600))
    paper[60 : 60 + page.shape[0], 60 : 60 + page.shape[1]] = 1 - 0.4 * (1 - np.minimum(page, 1))
    light = np.add.outer(np.linspace(0.55, 0.925, 1200), np.linspace(0, 0.375, 1600))
    noise = np.random.default_rng(1).normal(0, 10, paper.shape)
    return np.asarray(np.clip(230 * paper * light + noise, 0, 255), np.uint8)


def test_digits_in_a_grainy_corner_are_read(vignetted: Image, read: Callable) -> None:
    assert read(vignetted).text == "2735"


def test_only_what_stands_out_from_grain_is_looked_at(vignetted: Image) -> None:
    views = viewing.views_of(DecodedImage.from_pixels(vignetted), Profile())
    assert max(sum(map(len, view.rows)) for view in views) < 50
    assert any(view.sought is Ink.ABOVE_GRAIN for view in views)

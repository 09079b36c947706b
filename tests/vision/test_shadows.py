"""Small shadows are paper, and wide strokes are not shadows."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from digitscribe.vision.illumination import coarse, contrast_of
from digitscribe.vision.shadows import barred, shaded
from numpy.typing import NDArray

WIDTH = 13
"""Of the narrowest shadow, on a coarse image."""


def written(depth: float, thickness: int, middle: tuple[int, int] = (400, 300)) -> NDArray[np.uint8]:
    """A page, 600 x 800, with "2047" in its middle, and a round shadow that takes `depth` of the light."""
    page = np.full((600, 800), 220, np.uint8)
    cv2.putText(page, "2047", (250, 340), cv2.FONT_HERSHEY_SIMPLEX, 4, 50, thickness, cv2.LINE_AA)
    shadow = np.zeros(page.shape, np.float32)
    cv2.ellipse(shadow, middle, (130, 60), 20, 0, 360, 1.0, -1)
    return np.asarray(page * (1 - depth * cv2.GaussianBlur(shadow, (0, 0), 4)), np.uint8)


@pytest.mark.parametrize("depth", [0.3, 0.5, 0.65])
def test_a_shadow_that_is_written_on_has_no_contrast(depth: float) -> None:
    contrast = contrast_of(written(depth, 8))
    plain = contrast_of(written(0, 8))
    assert np.quantile(contrast[plain > 150], 0.01) > 90
    assert np.quantile(contrast[plain < 5], 0.99) < 60
    assert contrast[250:350, 395:405].min() < 5  # the middle of the shadow


def test_a_shadow_beside_the_writing_has_no_contrast() -> None:
    contrast = contrast_of(written(0.4, 8, middle=(400, 470)))
    assert contrast[470, 400] < 5


def window(depth: float, thickness: int, ends: tuple[tuple[int, int], tuple[int, int]]) -> NDArray[np.uint8]:
    """A page with "2047", across which the shadow of a window's bar falls from one end to the other."""
    shadow = np.zeros((600, 800), np.float32)
    cv2.line(shadow, *ends, 1.0, thickness)
    return np.asarray(written(0, 8) * (1 - depth * cv2.GaussianBlur(shadow, (0, 0), 3)), np.uint8)


@pytest.mark.parametrize("depth", [0.45, 0.6])
def test_the_shadow_of_a_bar_that_falls_across_digits_has_no_contrast(depth: float) -> None:
    contrast = contrast_of(window(depth, 40, ((250, 0), (500, 599))))
    plain = contrast_of(written(0, 8))
    assert np.quantile(contrast[plain > 150], 0.01) > 90
    assert contrast[50:200, :400].max() < 60  # the bar above the writing, with its edges


def test_a_bar_that_ends_on_the_page_is_a_stroke() -> None:
    assert contrast_of(window(0.45, 40, ((300, 100), (450, 450))))[150, 321] > 90


@pytest.mark.parametrize("thickness", [30, 60, 90])
def test_a_wide_stroke_is_no_shadow(thickness: int) -> None:
    page = np.full((600, 800), 220, np.uint8)
    cv2.putText(page, "5", (200, 560), cv2.FONT_HERSHEY_SIMPLEX, 22, 50, thickness, cv2.LINE_AA)
    contrast = contrast_of(page)
    assert contrast[page < 60].min() > 150


def test_ink_that_is_no_paler_is_no_shadow() -> None:
    page = written(0, 8)
    cv2.rectangle(page, (100, 440), (240, 560), 50, -1)
    assert contrast_of(page)[500, 170] > 150


def test_without_a_shadow_the_paper_stays_as_it_is() -> None:
    small = coarse(written(0, 8))
    lit = np.full_like(small, 220)
    assert shaded(lit, small, WIDTH) is lit


def test_in_a_tiny_image_no_shadow_is_looked_for() -> None:
    small = cv2.resize(written(0.5, 8), (40, 30), interpolation=cv2.INTER_AREA)
    lit = np.full_like(small, 220)
    assert shaded(lit, np.asarray(small, np.uint8), 3) is lit
    assert barred(lit, np.asarray(small, np.uint8), 3) is lit

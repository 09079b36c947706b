"""What the steps on images share: reducing a picture, quantiles."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from digitscribe.vision.arrays import halved, median, quantile, reduced, window_of
from hypothesis import given
from hypothesis import strategies as st


@given(st.integers(1, 300), st.integers(1, 300), st.sampled_from([(), (3,)]), st.integers(1, 200))
def test_a_reduced_picture_keeps_its_shape_and_is_no_larger_than_asked(
    height: int, width: int, channels: tuple[int, ...], side: int
) -> None:
    small = reduced(np.zeros((height, width, *channels), np.uint8), side)
    longest = max(height, width)
    assert max(small.shape[:2]) == min(longest, side)
    share = min(1.0, side / longest)
    assert small.shape[0] == pytest.approx(height * share, abs=1)
    assert small.shape[1] == pytest.approx(width * share, abs=1)
    assert small.shape[2:] == channels


@pytest.mark.parametrize("size", [(640, 480), (800, 600), (1600, 1200), (641, 480)])
def test_halving_first_looks_as_reducing_at_once(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (30, 40), np.uint8)
    picture = cv2.resize(noise, size, interpolation=cv2.INTER_CUBIC)
    small = reduced(picture, 160)
    at_once = cv2.resize(picture, small.shape[::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(small.astype(int) - at_once).mean() < 2.5


def test_an_odd_side_is_not_halved() -> None:
    assert halved(np.zeros((101, 400), np.uint8), 50).shape == (101, 400)
    assert halved(np.zeros((100, 400), np.uint8), 50).shape == (25, 100)


@pytest.mark.parametrize("values", [[3], [200, 100], [250, 7, 251], [[1, 9], [4, 2], [255, 8], [254, 3]]])
@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32])
def test_the_median_is_that_of_numpy(values: Any, dtype: Any) -> None:
    numbers = np.array(values, dtype)
    assert np.array_equal(median(numbers), np.median(numbers, axis=0))


@pytest.mark.parametrize("count", [1, 2, 3, 4, 50])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.75, 1.0])
def test_a_quantile_is_that_of_numpy(count: int, share: float) -> None:
    numbers = np.random.default_rng(count).integers(0, 256, count).astype(np.uint8)
    assert quantile(numbers, share) == np.quantile(numbers, share)


def test_a_window_holds_all_that_is_not_0_and_a_margin_inside_of_the_picture() -> None:
    mask = np.zeros((30, 40), np.uint8)
    mask[1, 12] = mask[20, 17] = 1
    assert window_of(mask, 3) == (slice(0, 24), slice(9, 21))
    assert mask[window_of(np.zeros_like(mask), 2)].size

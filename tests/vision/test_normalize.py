from __future__ import annotations

import cv2
import numpy as np
import pytest
from digitscribe.vision.normalize import normalize, normalize_all, stroke_width
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """Correlation of two crops; a shift by one pixel, where the centre rounds the other way, does not count."""
    shifted = [np.roll(other, (y, x), (0, 1)) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    return max(float(np.corrcoef(one.ravel(), each.ravel())[0, 1]) for each in shifted)


def test_what_is_normalised_stays_as_it_is(digits: dict[int, list[np.ndarray]]) -> None:
    alike = [likeness(normalize(image), image) for images in digits.values() for image in images]
    assert np.median(alike) > 0.98
    assert min(alike) > 0.75


@pytest.mark.parametrize("factor", [2, 5, 11])
def test_size_does_not_matter(factor: int, digits: dict[int, list[np.ndarray]]) -> None:
    alike = []
    for image in (images[0] for images in digits.values()):
        large = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
        alike.append(likeness(normalize(large), image))
    assert np.median(alike) > 0.95
    assert min(alike) > 0.75


def test_place_does_not_matter(digits: dict[int, list[np.ndarray]]) -> None:
    image = digits[5][0]
    moved = np.pad(image, ((40, 3), (7, 90)))
    assert np.array_equal(normalize(moved), normalize(image))


@pytest.mark.parametrize("thickness", [1, 2, 4, 8])
def test_pens_of_every_width_leave_strokes_that_can_be_seen(thickness: int) -> None:
    ink = np.zeros((200, 200), np.uint8)
    cv2.ellipse(ink, (100, 100), (50, 80), 0, 0, 360, 255, thickness)
    crop = normalize(ink)
    assert crop.max() == 255
    assert 1.2 < stroke_width(crop.astype(np.float32)) < 4
    assert crop[14, 14] == 0


def test_the_long_side_fills_twenty_pixels() -> None:
    tall = np.zeros((300, 100), np.uint8)
    tall[20:280, 40:60] = 255
    rows = np.flatnonzero(normalize(tall).max(axis=1) > 127)
    assert rows[-1] - rows[0] + 1 == 20


@pytest.mark.parametrize("upright", [False, True])
def test_dots_that_reducing_makes_faint_are_ink(upright: bool) -> None:
    dots = np.zeros((200, 400), np.uint8)
    dots[::8, ::8] = 255
    assert normalize(dots, upright=upright).max() == 255


def test_many_digits_come_out_as_each_by_itself(digits: dict[int, list[np.ndarray]]) -> None:
    inks = [cv2.resize(images[0], (30 + 9 * label, 60)) for label, images in digits.items()]
    inks.insert(3, np.zeros((20, 10), np.uint8))
    assert np.array_equal(normalize_all(inks), [normalize(ink) for ink in inks])
    assert normalize_all([]).shape == (0, 28, 28)


def test_no_ink_is_black() -> None:
    assert not normalize(np.zeros((50, 30), np.uint8)).any()
    assert not normalize(np.zeros((0, 0), np.uint8)).any()


@given(
    arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=60), elements=st.integers(0, 255))
    | arrays(np.float32, array_shapes(min_dims=2, max_dims=2, max_side=60), elements=st.floats(width=32))
)
@settings(max_examples=200, deadline=None)
def test_any_array_becomes_a_centred_digit(ink: np.ndarray) -> None:
    crop = normalize(ink)
    assert crop.shape == (28, 28)
    assert crop.dtype == np.uint8
    finite = np.nan_to_num(ink.astype(np.float32), nan=0, posinf=0, neginf=0)
    if finite.max() <= 0:
        assert not crop.any()
        return
    assert crop.max() == 255
    total = crop.sum(dtype=np.float64)
    for axis in (0, 1):
        center = float(np.arange(28) @ crop.sum(axis=1 - axis, dtype=np.float64)) / total
        span = np.flatnonzero(crop.max(axis=1 - axis))
        at_border = span[0] == 0 or span[-1] == 27
        assert at_border or abs(center - 14) <= 1.5

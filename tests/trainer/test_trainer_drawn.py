"""Digits drawn along paths of the pen: whole, in MNIST's form, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from digitscribe.errors import InvalidInput
from hypothesis import given, settings
from hypothesis import strategies as st
from trainer.allographs import ALLOGRAPHS, strokes_of
from trainer.drawn import draw, drawn_digits, smooth, written

PATHS = [path for paths in ALLOGRAPHS.values() for path in paths]


def test_a_path_says_where_the_pen_strays_turns_and_is_lifted() -> None:
    first, second = strokes_of("0,.5~.1 -.25,1! .5,1 / 1,0 1,1")
    assert first.points.tolist() == [[0, 0.5], [-0.25, 1], [0.5, 1]]
    assert (first.spread[0, 0], first.sharp) == (0.1, (1,))
    assert (second.points.tolist(), second.sharp) == ([[1, 0], [1, 1]], ())


@pytest.mark.parametrize("path", ["0,0 1", "0,0 1;1", "0,0 1,1~", "0,0 1,1 !"])
def test_what_is_no_point_is_named(path: str) -> None:
    with pytest.raises(InvalidInput, match="no point of a path"):
        strokes_of(path)


def test_a_curve_goes_through_all_points_and_stops_turning_only_where_it_is_sharp() -> None:
    points = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [2.0, 1.0]])
    for sharp in ((), (1,), (1, 2)):
        curve = smooth(points, sharp)
        assert all(np.abs(curve - point).sum(axis=1).min() < 1e-9 for point in points)
    assert smooth(points, ())[:, 0].max() > 1.02  # swings past the corner
    assert set(map(tuple, smooth(points, (1, 2)).round(6).tolist())) >= {(0.0, 0.0), (1.0, 0.0)}
    straight = smooth(points, (1, 2))
    assert np.isclose(straight[:, 1] * (1 - straight[:, 1]), 0).sum() >= len(straight) * 2 // 3


@given(st.sampled_from(PATHS), st.integers(0, 2**31))
@settings(max_examples=150, deadline=None)
def test_whatever_hand_draws_it_fills_the_box_and_leaves_paper(path: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    image = draw(written(path, rng), rng)
    assert (image.shape, image.dtype, image.max()) == ((28, 28), np.uint8, 255)
    assert max(np.ptp(axis) for axis in np.nonzero(image)) == 19
    assert 0.02 < (image > 127).mean() < 0.45


def test_there_are_as_many_of_each_and_none_is_like_another() -> None:
    made = drawn_digits(400, seed=1)
    assert np.bincount(made.labels).tolist() == [40] * 10
    assert len({image.tobytes() for image in made.images}) == 400


def test_the_same_seed_draws_the_same_digits() -> None:
    one, same, other = (drawn_digits(30, seed) for seed in (1, 1, 2))
    assert np.array_equal(one.images, same.images)
    assert not np.array_equal(one.images, other.images)


def test_no_digits_are_drawn_where_none_are_asked_for() -> None:
    assert drawn_digits(0, seed=1).images.shape == (0, 28, 28)

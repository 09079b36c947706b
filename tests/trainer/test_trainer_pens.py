"""Ways of pens: what of them was written, and digits written again along them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from digitscribe.errors import NotFound
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from trainer.drawn import rewritten_digits, traced
from trainer.pens import corners_of, has_foot, load_pens, parts_of

DATA = Path(__file__).parents[2] / "data"

ONE = np.array([[0.2, 0.4], [0.5, 0.2], [0.8, 0.0], [0.8, 0.2], [0.8, 0.4], [0.8, 0.6], [0.8, 0.8], [0.8, 1.0]])
BARRED_SEVEN = np.array(
    [[0.0, 0.0], [0.5, 0.0], [1.0, 0.0], [0.8, 0.5], [0.6, 1.0], [0.3, 0.7], [0.4, 0.5], [1.0, 0.5]]
)
HATTED_FIVE = np.array([[0.1, 0.0], [0.1, 0.4], [0.8, 0.5], [0.8, 0.9], [0.3, 1.0], [0.0, 0.9], [0.1, 0.4], [0.9, 0.0]])


def test_a_one_is_written_without_lifting_the_pen() -> None:
    assert [part.tolist() for part in parts_of(ONE, 1)] == [ONE.tolist()]


def test_the_way_to_the_bar_of_a_seven_is_not_written() -> None:
    stem, bar = parts_of(BARRED_SEVEN, 7)
    assert (stem.tolist(), bar.tolist()) == (BARRED_SEVEN[:5].tolist(), BARRED_SEVEN[6:].tolist())


def test_the_hat_of_a_five_begins_where_the_digit_does() -> None:
    body, hat = parts_of(HATTED_FIVE, 5)
    assert body.tolist() == HATTED_FIVE[:6].tolist()
    assert hat.tolist() == [HATTED_FIVE[0].tolist(), HATTED_FIVE[-1].tolist()]


@pytest.mark.parametrize("label", [0, 1, 2, 3, 6, 8, 9])
def test_what_is_written_in_one_stroke_may_rise(label: int) -> None:
    assert len(parts_of(BARRED_SEVEN, label)) == 1


def test_only_sharp_turns_are_corners() -> None:
    assert corners_of(ONE) == [2]
    assert corners_of(np.array([[0.0, 0.0], [1.0, 0.0], [1.8, 0.8], [1.8, 2.0]])) == []


def test_a_one_with_a_foot_is_told_from_one_with_a_flag_alone() -> None:
    assert not has_foot(ONE)
    footed = np.concatenate([ONE[1:4:2], ONE[4:], [[0.2, 1.0], [1.0, 1.0]]])
    assert has_foot(footed)


def test_of_ones_with_a_flag_only_those_with_a_foot_are_written_again() -> None:
    ways, labels = load_pens(DATA)
    footed = sum(has_foot(way) for way in ways[labels == 1])
    assert 0 < footed < (labels == 1).sum() / 2
    made = rewritten_digits(DATA, 400, seed=1)
    ones = made.images[made.labels == 1]
    lowest = [image[np.flatnonzero(image.max(axis=1) > 127)[-3:]].max(axis=0) > 127 for image in ones]
    assert np.mean([row.sum() >= 4 for row in lowest]) > 0.9


@given(arrays(np.uint8, (8, 2), elements=st.integers(0, 100)), st.integers(0, 9))
@settings(max_examples=200, deadline=None)
def test_whatever_way_a_pen_goes_it_gives_a_picture(points: np.ndarray, label: int) -> None:
    way = points / 100
    parts = parts_of(way, label)
    assert all(len(part) > 1 for part in parts)
    image = traced(way, label, width=0.6, pen=0.1)
    assert (image.shape, image.dtype, image.max()) == ((28, 28), np.uint8, 255)


def test_the_writers_digits_are_within_their_box() -> None:
    ways, labels = load_pens(DATA)
    assert (ways.shape[1:], len(ways), ways.min(), ways.max()) == ((8, 2), len(labels), 0, 1)
    assert set(labels.tolist()) == set(range(10))
    # most 1s have a flag: they rise before they fall
    assert (ways[labels == 1, 0, 1] > 0.15).mean() > 0.5


def test_each_digit_is_written_again_as_often_and_never_twice_alike() -> None:
    made = rewritten_digits(DATA, 400, seed=1)
    assert np.bincount(made.labels).tolist() == [40] * 10
    assert len({image.tobytes() for image in made.images}) == 400
    assert np.array_equal(rewritten_digits(DATA, 400, seed=1).images, made.images)


def test_missing_pens_are_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="pens"):
        rewritten_digits(tmp_path, 10, seed=1)

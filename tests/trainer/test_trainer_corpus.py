"""What a training learns from: negatives, foreign styles, and how they are put together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from digitscribe.errors import NotFound
from hypothesis import given, settings
from hypothesis import strategies as st
from trainer import negatives as negatives_module
from trainer.corpus import corpus, measured_negatives
from trainer.dataset import NEITHER, NOT_A_DIGIT, Dataset, Splits, pair_label
from trainer.hands import load_hands
from trainer.negatives import load_letters, negatives
from trainer.pages import load_page_crops
from trainer.recipes import Recipe
from trainer.styles import foreign_styles


def test_negatives_are_normalised_pictures_without_a_digits_label(mnist: Splits, data_dir: Path) -> None:
    made = negatives(data_dir, mnist.train, 400, seed=1)
    assert set(made.labels.tolist()) == {NOT_A_DIGIT}
    rows = np.flatnonzero(made.images.max(axis=(0, 2)))
    assert made.images.shape == (400, 28, 28)
    assert len(np.unique(made.images.reshape(400, -1), axis=0)) > 350
    assert len(rows) > 20


def test_the_same_seed_makes_the_same_negatives(mnist: Splits, data_dir: Path) -> None:
    one, other, third = (negatives(data_dir, mnist.train, 60, seed) for seed in (1, 1, 2))
    assert np.array_equal(one.images, other.images)
    assert not np.array_equal(one.images, third.images)


def test_no_held_back_letter_is_learnt_from(data_dir: Path) -> None:
    learnt, held = (load_letters(data_dir, each) for each in (False, True))
    assert len(held) > 100
    assert not {image.tobytes() for image in learnt} & {image.tobytes() for image in held}


def test_no_held_back_hand_is_learnt_from(data_dir: Path) -> None:
    learnt, held = (load_hands(data_dir, held=each) for each in (False, True))
    assert np.bincount(held.labels).tolist()[:10] == [160] * 10
    assert (held.labels == NEITHER).sum() > 1_000
    assert not {image.tobytes() for image in learnt.images} & {image.tobytes() for image in held.images}


def test_missing_hands_are_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"hands\.npz"):
        load_hands(tmp_path)


def test_missing_letters_are_named(mnist: Splits, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"letters\.npz"):
        negatives(tmp_path, mnist.train, 1, seed=1)


@pytest.mark.parametrize("draw", negatives_module._DRAWERS, ids=lambda draw: draw.__name__)
@given(seed=st.integers(0, 2**31))
@settings(max_examples=25, deadline=None)
def test_every_kind_draws_something_whatever_the_seed(draw: negatives_module.Drawer, mnist: Splits, seed: int) -> None:
    image = draw(np.random.default_rng(seed), mnist.validation)
    assert (image.shape, image.dtype) == ((28, 28), np.uint8)
    assert image.any() or draw.__name__ == "_empty"


@given(st.integers(0, 4_999), st.integers(0, 2**31))
@settings(max_examples=150, deadline=None)
def test_a_foreign_style_keeps_the_label_and_adds_ink(mnist: Splits, number: int, seed: int) -> None:
    one = mnist.validation.take(np.array([number]))
    styled = foreign_styles(one, 1, seed)
    assert styled.labels.tolist() == [label for label in one.labels.tolist() if label in (0, 1, 7)]
    assert all(image.max() == 255 for image in styled.images)


def test_digits_without_foreign_styles_get_none() -> None:
    threes = Dataset(np.full((2, 28, 28), 9, np.uint8), np.full(2, 3, np.uint8))
    assert len(foreign_styles(threes, 5, seed=1)) == 0


def test_a_corpus_holds_digits_other_hands_styles_and_negatives(mnist: Splits, data_dir: Path) -> None:
    digits = mnist.train.sample(1_000, 1)
    recipe = Recipe(pages=0.0, hands=0.2, drawn=0.3, pens=0.2, pairs=0.1, negatives=0.15)
    made = corpus(data_dir, digits, [mnist.train.sample(100, 2)], recipe)
    assert len(made) == 1_000 + 100 + 40 + 300 + 200 + 200 + 150 + round(0.15 * 1_640)
    assert 1_700 < (made.labels < NOT_A_DIGIT).sum() < 1_840


def test_a_corpus_holds_as_many_crops_of_pages_as_asked_for(mnist: Splits, data_dir: Path) -> None:
    digits = mnist.train.sample(1_000, 1)
    without, with_crops = (corpus(data_dir, digits, [], Recipe(pages=pages)) for pages in (0.0, 0.5))
    assert len(with_crops) - len(without) == 500


def test_missing_crops_of_pages_are_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"crops\.npz"):
        load_page_crops(tmp_path)


def test_what_is_measured_with_was_not_learnt_from(mnist: Splits, data_dir: Path) -> None:
    measured = measured_negatives(data_dir, mnist.validation)
    learnt = negatives(data_dir, mnist.train, 4_000, seed=1)
    drawn = {image.tobytes() for image in measured.images if image.any()}
    # round blots are alike now and then
    assert len(drawn & {image.tobytes() for image in learnt.images}) < 4


def test_corrections_that_say_no_digit_are_in_no_pair(mnist: Splits, data_dir: Path) -> None:
    few = mnist.train.sample(20, 1)
    corrected = Dataset(few.images, np.full(20, NOT_A_DIGIT, np.uint8))
    made = corpus(data_dir, few, [corrected], Recipe(pages=0.0, hands=0.0, pairs=20.0))
    assert np.isin(made.labels, [pair_label(one, two) for one in range(10) for two in range(10)]).sum() == 400

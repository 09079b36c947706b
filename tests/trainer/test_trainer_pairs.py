"""Pairs of digits that touch: the pictures, and the branch that learns to read them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trainer import architectures
from trainer.dataset import NEITHER, NO_PAIR, Dataset, Splits, join, pair_label
from trainer.fitting import Fitting, predict
from trainer.pairs import pairs
from trainer.recipes import ALL, PAIRS, Recipe
from trainer.weights import load_weights, save_weights

TINY = Recipe(architecture="tiny", epochs=2, batch_size=32, peak_rate=0.01)


@pytest.fixture(scope="module")
def data(mnist: Splits) -> Dataset:
    digits = mnist.train.sample(400, 1)
    return join([digits, pairs(digits, 400, 1)])


def test_pairs_are_labelled_with_both_digits_and_come_with_others_that_are_none(mnist: Splits) -> None:
    fours = mnist.train.take(np.flatnonzero(mnist.train.labels == 4)[:50])
    made = pairs(fours, 40, seed=1)
    assert np.bincount(made.labels)[[pair_label(4, 4), NEITHER, NO_PAIR]].tolist() == [40, 10, 10]


def test_digits_of_a_pair_touch(mnist: Splits) -> None:
    made = pairs(mnist.train.sample(400, 1), 200, seed=3)
    inks = [cv2.connectedComponents((image > 40).astype(np.uint8))[0] - 1 for image in made.images[:200]]
    assert np.mean(np.array(inks) == 1) > 0.75  # digits have loose strokes now and then, and some pairs a gap


@given(st.integers(0, 2**31))
@settings(max_examples=25, deadline=None)
def test_any_seed_makes_pairs(mnist: Splits, seed: int) -> None:
    made = pairs(mnist.validation, 4, seed)
    assert (len(made), made.images.max(axis=(1, 2)).min() > 0) == (6, True)


def test_the_slimmest_1_has_parts_as_well() -> None:
    images = np.zeros((2, 28, 28), np.uint8)
    images[:, 4:24, 13] = 255
    made = pairs(Dataset(images, np.ones(2, np.uint8)), 60, seed=1)
    assert made.images.max(axis=(1, 2)).min() > 0


@pytest.mark.parametrize(("learns", "kept"), [(PAIRS, True), (ALL, False)])
def test_where_only_pairs_are_learnt_digits_are_read_as_before(
    learns: str, kept: bool, data: Dataset, mnist: Splits
) -> None:
    validation = mnist.validation.sample(100, 1)
    start = architectures.build("tiny")
    fitting = Fitting(replace(TINY, learns=learns), data, validation, start.get_weights())
    fitting.run(lambda _step: None)
    before, after = predict(start, validation), predict(fitting.best_model(), validation)
    assert np.array_equal(before[:, : architectures.PAIR], after[:, : architectures.PAIR]) == kept
    assert not np.allclose(before[:, architectures.PAIR :], after[:, architectures.PAIR :])


def test_the_branch_learns_to_tell_pairs_from_digits(data: Dataset, mnist: Splits) -> None:
    fitting = Fitting(replace(TINY, epochs=4), data, mnist.validation.sample(100, 1))
    fitting.run(lambda _step: None)
    seen = pairs(mnist.validation, 200, 2)
    two = predict(fitting.best_model(), seen.take(np.arange(200)))[:, -1]
    one = predict(fitting.best_model(), mnist.validation.sample(200, 2))[:, -1]
    assert np.median(two) > np.quantile(one, 0.75)


def test_weights_from_before_pairs_were_read_are_read(tmp_path: Path) -> None:
    model = architectures.build("tiny")
    save_weights(model, tmp_path / "now.npz")
    branch = [each.path.startswith(architectures.BRANCH) for each in model.weights]
    old = [value for value, is_new in zip(model.get_weights(), branch, strict=True) if not is_new]
    assert len(old) < len(branch)
    stored = {f"w{number}": each for number, each in enumerate(old)}
    np.savez(tmp_path / "then.npz", architecture=np.array("tiny"), **stored)
    read = load_weights(tmp_path / "then.npz").get_weights()
    assert all(
        np.array_equal(one, other) for one, other in zip(old, np.array(read, object)[~np.array(branch)], strict=True)
    )

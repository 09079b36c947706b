"""Digits that are struck out, to learn that they are none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trainer import strikes
from trainer.dataset import Splits
from trainer.negatives import tight

SEEDS = range(300)


@given(number=st.integers(0, 4_999), seed=st.integers(0, 2**31))
@settings(max_examples=100, deadline=None)
def test_a_struck_out_digit_is_no_longer_the_digit(mnist: Splits, number: int, seed: int) -> None:
    digit, label = mnist.validation.images[number], int(mnist.validation.labels[number])
    struck = strikes.struck(np.random.default_rng(seed), tight(digit), label)
    assert (struck.shape, struck.dtype, struck.max()) == ((28, 28), np.uint8, 255)
    assert np.mean(np.abs(struck.astype(float) - digit)) > 2


@pytest.mark.parametrize("label", [1, 4, 7])
def test_one_lying_line_alone_strikes_out_no_digit_that_has_a_bar(label: int) -> None:
    drawn = [strikes.lines_over(np.random.default_rng(seed), label) for seed in SEEDS]
    assert not any(len(lines) == 1 and np.ptp(lines[0][:, 1]) < 0.5 for lines in drawn)


@pytest.mark.parametrize("label", [0, 1, 4, 6, 7, 9])
def test_one_slash_alone_strikes_out_no_digit_that_may_have_one(label: int) -> None:
    drawn = [strikes.lines_over(np.random.default_rng(seed), label) for seed in SEEDS]
    assert not any(len(lines) == 1 and len(lines[0]) == 2 for lines in drawn)


@pytest.mark.parametrize("label", [2, 3, 5, 8])
def test_others_are_struck_out_by_one_line_or_slash_too(label: int) -> None:
    alone = [strikes.lines_over(np.random.default_rng(seed), label) for seed in SEEDS]
    assert {len(lines[0]) for lines in alone if len(lines) == 1} >= {2, 3}

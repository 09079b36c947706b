"""Digits that touch, told together."""

from __future__ import annotations

import numpy as np
import pytest
from digitscribe.contracts import Box
from digitscribe.pairs import Pairs, join
from digitscribe.vision.deciding import decide
from digitscribe.vision.paths import Choice, Hypothesis, best
from digitscribe.vision.proposing import Proposal
from hypothesis import given, settings
from hypothesis import strategies as st

TWO = Hypothesis(row=0, start=0, end=2, cost=0.0, junk_cost=3.0, pair_cost=1.0)
LEFT = Hypothesis(row=0, start=0, end=1, cost=0.4, junk_cost=1.0)
RIGHT = Hypothesis(row=0, start=1, end=2, cost=0.4, junk_cost=1.0)


def _probabilities(*sure: float) -> np.ndarray:
    table = np.zeros((len(sure), 10), np.float32)
    table[:, 3] = sure
    return table


def _pairs(sure: float, score: float) -> Pairs:
    """The first of three crops is taken for 4 and 2."""
    probabilities = np.full((3, 2, 10), 0.1, np.float32)
    probabilities[0, 0, 4] = probabilities[0, 1, 2] = sure
    return Pairs(probabilities, np.array([score, 0.9, 0.9], np.float32))


def test_two_digits_that_no_cut_parts_cleanly_are_told_together() -> None:
    scores = np.array([0.0, 0.9, 0.02], np.float32)
    asked = ([TWO, LEFT, RIGHT], _probabilities(0.5, 0.9, 0.9), 0.4, scores, 0.3)
    assert best(*asked) != [Choice(1, 0), Choice(2, 0, second=True)]
    assert best(*asked, _pairs(0.95, 0.99)) == [Choice(1, 0), Choice(2, 0, second=True)]


@pytest.mark.parametrize(("sure", "score"), [(0.39, 0.99), (0.99, 0.29)])
def test_what_is_hardly_a_pair_is_none(sure: float, score: float) -> None:
    read = best([TWO, LEFT, RIGHT], _probabilities(0.5, 0.1, 0.1), 0.4, None, 0.3, _pairs(sure, score))
    assert all(choice.pair is None for choice in read)


def test_one_sure_digit_beats_two() -> None:
    read = best([TWO, LEFT, RIGHT], _probabilities(0.95, 0.1, 0.1), 0.4, None, 0.3, _pairs(0.95, 0.9))
    assert read == [Choice(0)]


def test_digits_told_together_stand_where_a_cut_shows_them() -> None:
    thirds = [Hypothesis(0, start, end, 0.4, 1.0) for start, end in ((0, 1), (1, 3), (0, 2), (2, 3))]
    whole = Hypothesis(0, 0, 3, 0.0, 3.0, pair_cost=1.0)
    pairs = Pairs(np.full((5, 2, 10), 0.1, np.float32), np.full(5, 0.99, np.float32))
    pairs.probabilities[0] = np.eye(10, dtype=np.float32)[[4, 2]]
    probabilities = np.full((5, 10), 0.05, np.float32)
    probabilities[3, 4] = probabilities[4, 2] = 0.3  # what lies left and right of the second cut looks like a 4 and a 2
    read = best([whole, *thirds], probabilities, 0.4, None, 0.0, pairs)
    assert read == [Choice(3, 0), Choice(4, 0, second=True)]


@given(st.integers(0, 2**31))
@settings(max_examples=60, deadline=None)
def test_pairs_never_tear_a_path(seed: int) -> None:
    rng = np.random.default_rng(seed)
    stretches = [(start, end) for start in range(5) for end in range(start + 1, min(6, start + 4))]
    hypotheses = [
        Hypothesis(0, start, end, float(rng.uniform(0, 2)), float(rng.uniform(0, 3)), float(rng.uniform(0, 2)))
        for start, end in stretches
    ]
    probabilities = rng.dirichlet(np.full(10, 0.2), len(hypotheses)).astype(np.float32)
    two = rng.dirichlet(np.full(10, 0.2), (len(hypotheses), 2)).astype(np.float32)
    scores = rng.uniform(0, 1, len(hypotheses)).astype(np.float32)
    read = best(hypotheses, probabilities, 0.3, None, 0.3, Pairs(two, scores))
    places = [place for choice in read for place in range(*stretches[choice.index])]
    assert places == sorted(set(places))


def _touching() -> Proposal:
    """Two digits that touch: the whole, and its halves beside each other."""
    crops = np.arange(3, dtype=np.uint8)[:, np.newaxis, np.newaxis] * np.ones((28, 28), np.uint8)
    boxes = (
        Box(x=0, y=0, width=80, height=50),
        Box(x=0, y=0, width=40, height=50),
        Box(x=40, y=0, width=40, height=50),
    )
    return Proposal(crops, (TWO, LEFT, RIGHT), boxes, 100, 60, min_confidence=0.4, min_digit_score=0.3)


def test_digits_told_together_know_their_neighbour_and_keep_the_picture_that_shows_both() -> None:
    scores = np.array([0.0, 0.9, 0.02], np.float32)
    reading = decide(_touching(), _probabilities(0.5, 0.9, 0.9), scores, _pairs(0.95, 0.99))
    assert reading.text == "42"
    assert [digit.neighbour for digit in reading.digits] == [1, 0]
    assert [digit.box.x for digit in reading.digits] == [0, 40]
    assert (reading.crops == 0).all()


def test_digits_told_apart_have_no_neighbour_and_a_picture_each() -> None:
    reading = decide(_touching(), _probabilities(0.5, 0.9, 0.9), np.array([0.0, 0.9, 0.9], np.float32))
    assert [digit.neighbour for digit in reading.digits] == [None, None]
    assert reading.crops[:, 0, 0].tolist() == [1, 2]


def test_parts_joined_are_the_whole() -> None:
    rng = np.random.default_rng(1)
    whole = Pairs(rng.random((5, 2, 10), np.float32), rng.random(5, np.float32))
    again = join([whole.part(0, 2), whole.part(2, 5)])
    assert np.array_equal(again.probabilities, whole.probabilities)
    assert np.array_equal(again.scores, whole.scores)

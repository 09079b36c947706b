"""How proposed crops of a generated page are told right from wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from digitscribe.contracts import Box
from trainer.answers import Answers
from trainer.dataset import NOT_A_DIGIT, load_mnist
from trainer.pages import load_page_crops

from tools import page_crops

DATA = Path(__file__).parents[2] / "data"
WRITTEN = np.array([[10.0, 10.0, 20.0, 30.0], [32.0, 10.0, 20.0, 30.0]])
LABELS = np.array([3, 8], np.uint8)


def _told(x: int, y: int, width: int, height: int) -> int | None:
    return page_crops.told_apart((Box(x=x, y=y, width=width, height=height),), WRITTEN, LABELS)[0]


@pytest.mark.parametrize(
    ("box", "told"),
    [
        ((10, 10, 20, 30), 3),
        ((31, 9, 21, 32), 8),
        ((10, 10, 42, 30), NOT_A_DIGIT),
        ((10, 10, 20, 13), NOT_A_DIGIT),
        ((70, 60, 30, 10), NOT_A_DIGIT),
        ((10, 10, 20, 22), None),
        ((10, 10, 8, 30), None),
    ],
    ids=["a digit", "nearly a digit", "two digits", "upper part", "elsewhere", "most of a digit", "a stem"],
)
def test_a_box_is_the_digit_that_fills_it_or_none_or_unclear(box: tuple[int, int, int, int], told: int | None) -> None:
    assert _told(*box) == told


def test_crops_of_which_an_earlier_network_is_sure_otherwise_are_left_out() -> None:
    probabilities = np.full((4, 10), 0.01, np.float32)
    probabilities[:, 3] = 0.9
    scores = np.array([0.9, 0.9, 0.1, 0.9], np.float32)
    labels = np.array([3, NOT_A_DIGIT, NOT_A_DIGIT, 8], np.uint8)
    assert page_crops.are_clear(Answers(probabilities, scores), labels).tolist() == [True, False, True, False]


def test_a_page_gives_crops_of_every_sort_and_the_same_ones_again() -> None:
    crops, again = (page_crops._of_page(DATA, 36) for _ in range(2))
    assert NOT_A_DIGIT in crops.labels
    assert (crops.labels < NOT_A_DIGIT).sum() >= 3
    assert np.array_equal(crops.images, again.images)


def test_no_digit_that_validates_is_among_the_crops() -> None:
    crops = {image.tobytes() for image in load_page_crops(DATA).images}
    assert not crops & {image.tobytes() for image in load_mnist(DATA).validation.images}

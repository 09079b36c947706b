"""What is left of rules goes where the writing is stronger, and nothing goes where it is not."""

from __future__ import annotations

import cv2
import numpy as np
from digitscribe.vision.remains import without_remains
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

RULE, FAINT, STRONG = 50, 30, 130
SHAPE = (200, 300)


def _rules() -> NDArray[np.uint8]:
    mask = np.zeros(SHAPE, np.uint8)
    mask[20::40] = 1
    return mask


def _writing() -> NDArray[np.uint8]:
    mask = np.zeros(SHAPE, np.uint8)
    for x in range(50, 280, 70):
        cv2.ellipse(mask, (x, 100), (20, 35), 10, 0, 360, 1, 4)
    return mask


def _contrast(strength: int) -> NDArray[np.uint8]:
    drawn = np.maximum(RULE * _rules(), strength * _writing())
    grain = np.random.default_rng(1).normal(0, 6, SHAPE)
    return np.clip(cv2.GaussianBlur(drawn, (0, 0), 0.7) + grain, 0, 255).astype(np.uint8)


def _left(strength: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Ink with every other pixel of its rules gone, and what is left of that."""
    ink = np.asarray(_rules() | _writing(), np.uint8)
    unruled = ink.copy()
    unruled[:, ::2] &= _writing()[:, ::2]
    return unruled, without_remains(unruled, ink, _contrast(strength))


def test_bits_of_rules_go_and_strong_writing_stays() -> None:
    unruled, left = _left(STRONG)
    beside = 1 - cv2.dilate(_writing(), np.ones((7, 7), np.uint8))
    assert (left & beside).sum() < 0.2 * (unruled & beside).sum()
    assert (left & _writing()).sum() == _writing().sum()


def test_where_writing_is_as_faint_as_the_rules_all_of_it_stays() -> None:
    unruled, left = _left(FAINT)
    np.testing.assert_array_equal(left, unruled)


def test_where_no_rule_was_found_nothing_goes() -> None:
    np.testing.assert_array_equal(without_remains(_writing(), _writing(), _contrast(STRONG)), _writing())


sides = st.integers(1, 30)


@given(st.data(), sides, sides)
def test_no_ink_is_added(data: st.DataObject, height: int, width: int) -> None:
    masks = arrays(np.uint8, (height, width), elements=st.integers(0, 1))
    ink = data.draw(masks)
    left = ink & data.draw(masks)
    contrast = data.draw(arrays(np.uint8, (height, width)))
    assert not (without_remains(left, ink, contrast) & ~left).any()

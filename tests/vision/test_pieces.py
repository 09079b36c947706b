"""Pieces of connected ink: what belongs together, whatever lies around it."""

from __future__ import annotations

import cv2
import numpy as np
from digitscribe.vision.components import BRIDGE, MAX_BLOBS, Blob, find, weighted_quantile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from numpy.typing import NDArray


def pieces_in(mask: NDArray[np.uint8]) -> list[Blob]:
    return find(mask, mask * np.uint8(200))


def test_a_dot_inside_of_a_ring_is_a_piece_of_its_own() -> None:
    mask = np.zeros((120, 120), np.uint8)
    cv2.circle(mask, (60, 60), 45, 1, 6)
    ring = cv2.countNonZero(mask)
    cv2.circle(mask, (60, 60), 5, 1, -1)
    pieces = sorted(pieces_in(mask), key=lambda piece: piece.area)
    assert [(piece.x, piece.width) for piece in pieces] == [(55, 11), (12, 97)]
    assert pieces[1].area == ring


@given(st_numpy.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40)), elements=st.integers(0, 1)))
def test_pieces_never_share_ink_and_hold_none_that_is_not_there(mask: NDArray[np.uint8]) -> None:
    total = np.zeros(mask.shape, int)
    for piece in pieces_in(mask):
        assert piece.area == cv2.countNonZero(piece.ink)
        total[piece.y : piece.bottom, piece.x : piece.right] += piece.ink > 0
    assert (total <= mask).all()


def test_a_stroke_that_skips_is_one_piece() -> None:
    mask = np.zeros((60, 30), np.uint8)
    mask[5:30, 10:14] = 1
    mask[30 + BRIDGE - 1 : 55, 10:14] = 1
    assert [(piece.y, piece.height) for piece in pieces_in(mask)] == [(5, 50)]


@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(1, 9)), min_size=1, max_size=30))
def test_half_of_all_weight_lies_at_the_weighted_median_or_below(pairs: list[tuple[int, int]]) -> None:
    median = weighted_quantile([float(value) for value, _ in pairs], [float(weight) for _, weight in pairs])
    below, whole = sum(w for v, w in pairs if v < median), sum(w for _, w in pairs)
    assert below < whole / 2 <= below + sum(w for v, w in pairs if v == median)


def test_of_texture_only_the_largest_pieces_are_looked_at() -> None:
    mask = np.zeros((400, 1200), np.uint8)
    for number in range(3000):
        y, x = 8 * (number // 100), 12 * (number % 100)
        mask[y : y + 3, x : x + 2 + (number >= 1000)] = 1
    found = find(mask, 255 * mask)
    assert len(found) == MAX_BLOBS
    assert min(blob.width for blob in found) == 3

"""Which ways there are to read a row of ink as digits."""

from __future__ import annotations

import cv2
import numpy as np
from digitscribe.vision.components import Blob, find
from digitscribe.vision.segmentation import THREE, WIDE, hypotheses_of
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

Point = tuple[int, int]

HEIGHT = 60


@st.composite
def rows_of_ink(draw: st.DrawFn) -> list[Blob]:
    """Strokes of all kinds in a line: they touch, cross, and stand apart."""
    width = draw(st.integers(40, 400))
    mask = np.zeros((HEIGHT, width), np.uint8)
    point = st.tuples(st.integers(0, width - 1), st.integers(0, HEIGHT - 1))
    for start, end in draw(st.lists(st.tuples(point, point), min_size=1, max_size=12)):
        cv2.line(mask, start, end, 1, draw(st.integers(1, 12)))
    return _row(mask)


def _row(mask: NDArray[np.uint8]) -> list[Blob]:
    return sorted(find(mask, np.asarray(255 * mask)), key=lambda blob: blob.x)


def _ladder(width: int) -> list[Blob]:
    """One piece of ink that can be cut anywhere: uprights with a bar across."""
    mask = np.zeros((HEIGHT, width), np.uint8)
    for x in range(3, width, 15):
        cv2.line(mask, (x, 0), (x, HEIGHT - 1), 1, 4)
    cv2.line(mask, (0, HEIGHT // 2), (width - 1, HEIGHT // 2), 1, 4)
    return _row(mask)


@given(row=rows_of_ink())
@settings(max_examples=200, deadline=None)
def test_a_row_can_always_be_left_unread_to_its_end(row: list[Blob]) -> None:
    hypotheses, _ = hypotheses_of([row] if row else [], thorough=True)
    reached = {0}
    for each in sorted(hypotheses, key=lambda hypothesis: hypothesis.start):
        if each.start in reached and np.isfinite(each.junk_cost):
            reached.add(each.end)
    assert max((each.end for each in hypotheses), default=0) in reached


def _between_cuts(width: int) -> list[Blob]:
    row = _ladder(width)
    assert len(row) == 1
    _, ways = hypotheses_of([row], thorough=True)
    return [way for way in ways if way.x > row[0].x and way.right < row[0].right]


def test_two_digits_at_most_are_looked_for_in_a_piece_too_slim_for_three() -> None:
    assert not _between_cuts(round((WIDE + THREE) / 2 * HEIGHT))


def test_the_middle_of_three_is_looked_for_in_a_wider_one() -> None:
    assert _between_cuts(round(1.2 * THREE * HEIGHT))


def test_beside_frayed_ink_a_thick_stroke_is_no_blot() -> None:
    mask = np.zeros((200, 400), np.uint8)
    cv2.ellipse(mask, (80, 100), (45, 70), 0, 0, 360, 1, 16)
    alone = hypotheses_of([_row(mask)], False)[0][0].cost
    for top in range(10, 190, 4):  # fingers at the border, the grain of a table: one piece of hairs
        cv2.line(mask, (250, top), (390, top), 1, 1)
    cv2.line(mask, (250, 10), (250, 190), 1, 1)
    hypotheses, _ = hypotheses_of([_row(mask)], False)
    assert hypotheses[0].cost == alone


def test_beside_thin_strokes_a_thick_one_is_a_blot() -> None:
    mask = np.zeros((200, 400), np.uint8)
    cv2.ellipse(mask, (80, 100), (45, 70), 0, 0, 360, 1, 16)
    for left in (200, 300):
        cv2.ellipse(mask, (left, 100), (35, 70), 0, 0, 360, 1, 4)
    hypotheses, _ = hypotheses_of([_row(mask)], False)
    assert hypotheses[0].cost > 5

"""Which stretches of ink are of one line."""

from __future__ import annotations

import numpy as np
from digitscribe.vision.stretches import linked

WIDTH, THICKEST, WIDEST = 510, 4, 0.7

UPPER = [(0, 181, 85, 181), (106, 180, 172, 177), (172, 179, 510, 178)]
LOWER = [(0, 204, 91, 203), (99, 203, 114, 201), (160, 203, 345, 200), (353, 201, 510, 200)]
STROKES = [(121, 203, 164, 192), (284, 186, 299, 187)]
"""Bits of a slanted digit, which lead from the lower rule to the upper one."""


def _lines(*stretches: tuple[int, int, int, int]) -> list[list[int]]:
    return linked(np.array(stretches, np.float64), WIDTH, THICKEST, WIDEST)


def test_stretches_that_go_on_in_one_another_are_of_one_line() -> None:
    assert _lines(*LOWER) == [[0, 1, 2, 3]]


def test_a_stretch_by_itself_is_a_line_of_its_own() -> None:
    assert _lines((0, 50, 300, 50), (200, 90, 400, 90)) == [[0], [1]]


def test_strokes_that_lead_from_one_rule_to_the_next_do_not_make_them_one() -> None:
    lines = _lines(*UPPER, *LOWER, *STROKES)
    line_of = {number: place for place, line in enumerate(lines) for number in line}
    upper, lower = ({line_of[number] for number in numbers} for numbers in (range(3), range(3, 7)))
    assert len(upper) == len(lower) == 1
    assert upper != lower


def test_what_fits_best_is_taken_where_two_strokes_are_beside_one_another() -> None:
    lines = _lines((0, 100, 200, 100), (210, 102, 260, 102), (210, 100, 500, 100))
    assert [0, 2] in lines

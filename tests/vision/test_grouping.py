from __future__ import annotations

import numpy as np
from digitscribe.vision.components import Blob
from digitscribe.vision.grouping import completed, rows_of, small_rows


def _blob(x: int, y: int, width: int, height: int) -> Blob:
    return Blob(x, y, width, height, width * height, np.full((height, width), 255, np.uint8), 200.0)


def _lefts(row: list[Blob]) -> list[int]:
    return [blob.x for blob in row]


CAPITAL = _blob(100, 100, 20, 30)
LETTERS = [_blob(x, 112, 14, 18) for x in (124, 142, 160)]


def test_the_low_letters_of_a_word_come_to_its_capital() -> None:
    (row,) = completed([[CAPITAL]], LETTERS, 0.35)
    assert _lefts(row) == [100, 124, 142, 160]


def test_they_are_found_on_its_left_too() -> None:
    (row,) = completed([[_blob(178, 100, 20, 30)]], LETTERS, 0.35)
    assert _lefts(row) == [124, 142, 160, 178]


def test_beside_large_writing_low_pieces_stay_dots() -> None:
    writing = [_blob(20, 40, 60, 100)]
    assert completed([writing], LETTERS, 0.35) == [writing]


def test_what_stands_apart_or_on_another_level_is_no_part_of_the_word() -> None:
    others = [_blob(300, 112, 14, 18), _blob(124, 140, 14, 18)]
    assert completed([[CAPITAL]], others, 0.35) == [[CAPITAL]]


SMALL = [_blob(x, 300, 20, 30) for x in range(100, 260, 40)]


def test_a_row_of_small_digits_beside_large_ones_is_writing() -> None:
    assert small_rows(SMALL, 100) == SMALL


def test_dots_dashes_and_what_stands_alone_are_none() -> None:
    assert small_rows([_blob(x, 300, 8, 8) for x in range(100, 260, 40)], 100) == []
    assert small_rows([_blob(x, 300, 50, 14) for x in range(100, 400, 80)], 60) == []
    assert small_rows(SMALL[:2], 100) == []


def test_what_spans_two_rows_does_not_make_one_of_them() -> None:
    rows = [
        [_blob(100, 100, 30, 40), _blob(280, 100, 30, 40)],
        [_blob(100, 170, 30, 40), _blob(180, 180, 30, 40), _blob(240, 170, 30, 40)],
    ]
    tall = _blob(120, 90, 30, 130)
    found = rows_of([*rows[0], *rows[1], tall])
    assert [[blob for blob in row if blob is not tall] for row in found] == rows

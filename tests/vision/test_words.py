"""Where a row is parted into words, and which of them are probably no digits."""

from __future__ import annotations

import pytest
from digitscribe.vision.words import Piece, Word, is_unlikely, words_of

HEIGHT = 50


def row_of(*parts: str, space: float = 0.5) -> list[Piece]:
    """Pieces of a row: `d` is surely a digit, `u` unread, `o` unread and low, `s` low and likely a digit, `l` likely.

    `space` is the gap between the parts, in heights; pieces of one part are a tenth apart.
    """
    row: list[Piece] = []
    left = 0
    for part in parts:
        for kind in part:
            index = None if kind in "uo" else len(row)
            height = HEIGHT // 2 if kind in "os" else HEIGHT
            certainty = {"d": 1.0, "l": 0.7, "s": 0.97}.get(kind, 0.0)
            row.append(Piece(left, left + 30, height, ((0, len(row)),), index, certainty))
            left += 30 + HEIGHT // 10
        left += round(space * HEIGHT) - HEIGHT // 10
    return row


def sizes(words: list[Word]) -> list[int]:
    return [len(word) for word in words]


def test_a_number_close_to_a_word_is_a_word_of_its_own() -> None:
    assert sizes(words_of(row_of("uuu", "ddd"))) == [3, 3]


def test_a_number_between_two_words_is_a_word_of_its_own() -> None:
    assert sizes(words_of(row_of("uuu", "dd", "uuu"))) == [3, 2, 3]


def test_two_words_before_a_number_are_one_text() -> None:
    assert sizes(words_of(row_of("uuu", "uuu", "dd"))) == [6, 2]


def test_a_word_of_prose_that_looks_like_digits_is_no_number() -> None:
    assert sizes(words_of(row_of("uuu", "ddd", "uuu", "uuu"))) == [12]


def test_a_plus_is_no_word_beside_a_number() -> None:
    assert sizes(words_of(row_of("lo", "dd"))) == [4]


def test_a_narrow_gap_parts_no_number() -> None:
    assert sizes(words_of(row_of("uuu", "ddd", space=0.3))) == [6]


@pytest.mark.parametrize(
    ("word", "unlikely"),
    [("uds", True), ("dss", False), ("du", False), ("lls", False), ("uus", True)],
)
def test_a_low_piece_beside_letters_is_a_letter(word: str, unlikely: bool) -> None:
    assert is_unlikely(row_of(word)) == unlikely


def test_beside_a_blot_digits_are_not_low() -> None:
    blot = Piece(0, 100, 3 * HEIGHT, ((0, 0),))
    assert not is_unlikely([blot, *row_of("dd")])

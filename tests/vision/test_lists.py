"""The numbers of a list are digits, what follows them is text."""

from __future__ import annotations

import pytest
from digitscribe.vision.lists import items_of
from digitscribe.vision.words import Piece, Word
from hypothesis import given
from hypothesis import strategies as st

NUMBER, GAP = 40, 20


def line(read: str, number: int = 0, left: int = 100, gap: int = GAP) -> Word:
    """A line, one piece a character: digits are read surely, ? unsurely, _ not at all, ) is a bracket taken for a 1; a
    space is a gap."""
    pieces, x = [], left
    for place, character in enumerate(read):
        if character == " ":
            x += gap - 4
            continue
        width, height = (10, 46) if character == ")" else (24, NUMBER)
        certainty = {"_": 0.0, "?": 0.4}.get(character, 0.99)
        index = None if character == "_" else place
        pieces.append(Piece(x, x + width, height, ((number, place),), index, certainty))
        x += width + 4
    return pieces


def numbers(*lines: Word) -> list[int]:
    """How many pieces the numbers of the list have."""
    return [len(item.number) for item in items_of(lines)]


def test_numbers_before_words_are_the_numbers_of_a_list() -> None:
    lines = [line("1 _?__", 0), line("2 ?_5_", 1), line("3 __", 2)]
    items = items_of(lines)
    assert [item.number for item in items] == [each[:1] for each in lines]
    assert [item.rest for item in items] == [each[1:] for each in lines]


def test_one_line_is_no_list() -> None:
    assert numbers(line("1 _?__"), line("27 405", 1)) == []


def test_numbers_may_have_two_digits() -> None:
    assert numbers(line("9 _?__", 0), line("10 ?_5_", 1, left=90)) == [1, 2]


def test_brackets_are_no_digits() -> None:
    items = items_of([line("1) _?__", 0), line("2) ?_5_", 1)])
    assert [len(item.number) for item in items] == [1, 1]
    assert all(item.rest[0].height == 46 for item in items)


def test_a_last_digit_is_a_bracket_only_if_all_lines_have_one() -> None:
    assert numbers(line("1) _?__", 0), line("25 ?_5_", 1)) == [2, 2]


def test_a_line_without_a_gap_has_a_number_as_long_as_the_others() -> None:
    assert numbers(line("1 _?__"), line("2 ?_5_", 1), line("36_6?", 2)) == [1, 1, 1]


def test_a_word_that_looks_like_digits_may_follow_where_others_do_not() -> None:
    assert numbers(line("1 _?__"), line("2 ?_5_", 1), line("3 50_9", 2)) == [1, 1, 1]


def test_a_price_beside_a_number_stays() -> None:
    assert numbers(line("1 _?__"), line("2 ?_5_", 1), line("3 509", 2)) == [1, 1]


def test_lines_that_begin_elsewhere_are_not_of_the_list() -> None:
    assert numbers(line("1 _?__"), line("2 ?_5_", 1), line("3 __", 2, left=300)) == [1, 1]


def test_a_few_lines_of_a_text_that_begin_with_what_looks_like_digits_are_no_list() -> None:
    text = [line("?__5?", 2), line("_5?_", 3)]
    assert numbers(line("1 _?__"), line("2 ?_5_", 1), text[0]) == [1, 1]
    assert numbers(line("1 _?__"), line("2 ?_5_", 1), *text) == []


@pytest.mark.parametrize("begin", ["?", "_"])
def test_a_line_that_begins_with_what_is_no_sure_digit_is_not_of_the_list(begin: str) -> None:
    assert numbers(line("1 _?__"), line("2 ?_5_", 1), line(begin + " __", 2)) == [1, 1]


def test_words_whose_first_letter_looks_like_a_digit_are_no_list() -> None:
    assert numbers(line("6____"), line("9?__", 1), line("5__", 2)) == []


@given(st.lists(st.text("0123456789 ", min_size=1, max_size=8).filter(str.strip), min_size=1, max_size=5))
def test_columns_of_sure_digits_are_no_list(rows: list[str]) -> None:
    assert numbers(*(line(row.strip(), number) for number, row in enumerate(rows))) == []

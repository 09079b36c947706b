"""Digits that stand among letters are letters."""

from __future__ import annotations

import pytest
from digitscribe.contracts import Box
from digitscribe.vision.paths import Choice, Hypothesis
from digitscribe.vision.texts import Parted, parted
from hypothesis import given
from hypothesis import strategies as st


def row_of(read: str, number: int = 0, height: int = 40) -> tuple[list[Hypothesis], list[Box], list[int]]:
    """A row of pieces, one a character: digits are read, `_` is ink that is left unread, a space is a gap."""
    hypotheses, boxes, chosen = [], [], []
    for column, character in enumerate(read):
        if character == " ":
            continue
        if character != "_":
            chosen.append(len(boxes))
        place = len(boxes)
        hypotheses.append(Hypothesis(number, place, place + 1, cost=0.0, junk_cost=1.0))
        boxes.append(Box(x=round(column * height * 1.1), y=100 * number, width=round(0.8 * height), height=height))
    return hypotheses, boxes, chosen


def left(chosen: list[int], hypotheses: list[Hypothesis], boxes: list[Box]) -> list[int]:
    """Those of `chosen` that are digits."""
    return [each.index for each in parts(chosen, hypotheses, boxes).digits]


def parts(chosen: list[int], hypotheses: list[Hypothesis], boxes: list[Box], confidence: float = 0.8) -> Parted:
    spans = [(box.x, box.x + box.width, box.height) for box in boxes]
    return parted({Choice(index): confidence for index in chosen}, hypotheses, spans)


def kept(read: str) -> str:
    hypotheses, boxes, chosen = row_of(read)
    shown = read.replace(" ", "")
    return "".join(shown[index] for index in left(chosen, hypotheses, boxes))


def test_digits_in_a_word_of_letters_are_letters() -> None:
    assert kept("__5_1_") == ""


def test_a_number_beside_a_word_stays() -> None:
    assert kept("_1__  2047") == "2047"


def test_a_number_with_a_scribble_stays() -> None:
    assert kept("20_47") == "2047"


@pytest.mark.parametrize(("confidence", "stays"), [(0.45, False), (0.55, True)])
def test_a_word_stays_if_most_of_it_is_probably_read_right(confidence: float, stays: bool) -> None:
    hypotheses, boxes, chosen = row_of("66")
    assert bool(parts(chosen, hypotheses, boxes, confidence).digits) == stays


@pytest.mark.parametrize(("confidence", "stays"), [(0.96, True), (0.8, False)])
def test_a_digit_with_a_sign_stays_if_it_is_sure(confidence: float, stays: bool) -> None:
    hypotheses, boxes, chosen = row_of("7_")
    assert bool(parts(chosen, hypotheses, boxes, confidence).digits) == stays


def test_a_digit_that_stands_alone_stays_however_unsure() -> None:
    hypotheses, boxes, chosen = row_of("7")
    assert len(parts(chosen, hypotheses, boxes, 0.3).digits) == 1


@given(st.text("0123456789 ", min_size=1, max_size=12))
def test_digits_among_digits_all_stay(read: str) -> None:
    assert kept(read) == read.replace(" ", "")


def test_one_letter_is_enough_for_a_word_in_small_print() -> None:
    writing, print_ = row_of("2047", number=0, height=60), row_of("1_55", number=1, height=20)
    hypotheses, boxes = writing[0] + print_[0], writing[1] + print_[1]
    chosen = writing[2] + [index + 4 for index in print_[2]]
    assert left(chosen, hypotheses, boxes) == [0, 1, 2, 3]


def rows_of(*rows: tuple[str, int]) -> tuple[list[Hypothesis], list[Box], list[int]]:
    """Several rows as `row_of` makes them, each with its height."""
    hypotheses: list[Hypothesis] = []
    boxes: list[Box] = []
    chosen: list[int] = []
    for number, (read, height) in enumerate(rows):
        row = row_of(read, number, height)
        chosen += [index + len(boxes) for index in row[2]]
        hypotheses, boxes = hypotheses + row[0], boxes + row[1]
    return hypotheses, boxes, chosen


def test_letters_of_a_printed_word_may_be_low_beside_the_digits_of_its_row() -> None:
    hypotheses, boxes, chosen = row_of("_00_   3590", height=100)
    small = [box.model_copy(update={"height": 26, "width": 24, "x": 30 * n}) for n, box in enumerate(boxes[:4])]
    assert left(chosen, hypotheses, small + boxes[4:]) == [4, 5, 6, 7]


def test_where_most_small_words_have_letters_all_of_them_are_print() -> None:
    hypotheses, boxes, chosen = rows_of(("2047", 60), ("_0__", 20), ("1_1", 20), ("11117", 20))
    assert left(chosen, hypotheses, boxes) == [0, 1, 2, 3]


def test_the_height_of_writing_is_told_where_labels_share_its_rows() -> None:
    hypotheses, boxes, chosen = rows_of(("1_55", 20), ("2047", 60))
    row = [Hypothesis(0, n, n + 1, cost=0.0, junk_cost=1.0) for n in range(len(hypotheses))]
    side_by_side = [box.model_copy(update={"y": 0, "x": box.x + (0 if n < 4 else 300)}) for n, box in enumerate(boxes)]
    assert left(chosen, row, side_by_side) == [4, 5, 6, 7]


def test_small_numbers_beside_one_small_word_stay() -> None:
    hypotheses, boxes, chosen = rows_of(("2047", 60), ("_0__", 20), ("11117", 20), ("25", 20))
    assert [index for index in chosen if index not in left(chosen, hypotheses, boxes)] == [5]


def test_what_is_cut_from_one_piece_counts_once() -> None:
    hypotheses, boxes, chosen = row_of("7___")
    touching = [boxes[0], *(box.model_copy(update={"x": 60 + 32 * n}) for n, box in enumerate(boxes[1:]))]
    assert len(parts(chosen, hypotheses, touching, 0.96).digits) == 1


def test_a_wide_letter_counts_once_although_nothing_between_its_cuts_is_looked_at() -> None:
    hypotheses, boxes, chosen = row_of("7_ _")
    ends = [box.model_copy(update={"x": x, "width": 24}) for x, box in zip((48, 94), boxes[1:], strict=True)]
    whole = Hypothesis(0, 1, 3, cost=0.0, junk_cost=1.0)
    box = boxes[1].model_copy(update={"x": 48, "width": 70})
    assert len(parts(chosen, [*hypotheses, whole], [boxes[0], *ends, box], 0.96).digits) == 1
    assert not parts(chosen, hypotheses, [boxes[0], *ends], 0.96).digits


TEXT = [("10_0", 20), ("1_11", 20), ("_11", 20), ("00_1", 20), ("1_0", 20)]


def test_all_words_with_letters_are_text_where_there_are_many_letters() -> None:
    hypotheses, boxes, chosen = rows_of(*TEXT)
    told = parts(chosen, hypotheses, boxes)
    assert (told.digits, told.text) == ([], [Choice(index) for index in chosen])


def test_a_few_letters_are_no_text() -> None:
    hypotheses, boxes, chosen = rows_of(*TEXT[:-1])
    assert left(chosen, hypotheses, boxes) == chosen


def test_numbers_beside_a_text_stay_in_its_rows_as_by_themselves() -> None:
    hypotheses, boxes, chosen = rows_of(*TEXT, ("1_1_   205", 20), ("47", 20))
    assert len(left(chosen, hypotheses, boxes)) == len("20547")


def test_what_is_much_higher_than_a_text_is_told_by_itself() -> None:
    hypotheses, boxes, chosen = rows_of(*TEXT, ("20_5", 60))
    assert len(left(chosen, hypotheses, boxes)) == len("205")


def test_signs_between_digits_are_no_letters() -> None:
    hypotheses, boxes, chosen = rows_of(*TEXT)
    low = [
        box if index in chosen else box.model_copy(update={"height": 0.7 * box.height})
        for index, box in enumerate(boxes)
    ]
    assert left(chosen, hypotheses, low) == chosen


@pytest.mark.parametrize(("confidence", "kept"), [(0.96, 7 + 3), (0.8, 0)])
def test_numbers_close_to_letters_stay_if_they_are_sure(confidence: float, kept: int) -> None:
    hypotheses, boxes, chosen = rows_of(*TEXT, ("1_1486117", 20), ("477_1", 20))
    assert len(parts(chosen, hypotheses, boxes, confidence).digits) == kept


def test_a_few_letters_of_a_long_word_are_no_number_however_sure() -> None:
    hypotheses, boxes, chosen = rows_of(*TEXT, ("117_1_0_11_7_", 20))
    assert not parts(chosen, hypotheses, boxes, 0.99).digits


def test_numbers_in_print_that_is_lower_than_the_writing_are_text_however_sure() -> None:
    hypotheses, boxes, chosen = rows_of(*TEXT, ("477_1", 20), ("2047", 60))
    assert parts(chosen, hypotheses, boxes, 0.99).digits == [Choice(index) for index in chosen[-4:]]


@pytest.mark.parametrize(("height", "confidence", "stays"), [(27, 0.9, False), (29, 0.9, True), (27, 0.96, True)])
def test_words_as_low_as_a_text_are_text_beside_higher_writing(height: int, confidence: float, stays: bool) -> None:
    hypotheses, boxes, chosen = rows_of(*TEXT, ("205", height), ("2047", 60))
    assert len(parts(chosen, hypotheses, boxes, confidence).digits) == (7 if stays else 4)


@pytest.mark.parametrize(("apart", "stays"), [(30, False), (50, True)])
def test_of_low_words_short_ones_stay_if_they_are_sure_and_apart_from_the_text(apart: int, stays: bool) -> None:
    hypotheses, boxes, chosen = rows_of(*TEXT, ("1_1 25", 20), ("7", 20), ("2047", 60))
    farther = dict.fromkeys(chosen[-7:-5], apart - 28)
    moved = [box.model_copy(update={"x": box.x + farther.get(index, 0)}) for index, box in enumerate(boxes)]
    assert len(parts(chosen, hypotheses, moved, 0.96).digits) == (7 if stays else 5)


def test_words_as_low_as_a_text_stay_where_no_writing_is_higher() -> None:
    hypotheses, boxes, chosen = rows_of(*TEXT, ("205", 20), ("2047", 30))
    assert len(left(chosen, hypotheses, boxes)) == 7


@pytest.mark.parametrize(("heading", "kept"), [("_1_1_1_1_1", 0), ("_1_1_1_11", 5)])
def test_a_word_with_many_letters_is_a_text_however_high_it_is(heading: str, kept: int) -> None:
    hypotheses, boxes, chosen = rows_of(*TEXT, *TEXT, (heading, 60))
    assert len(parts(chosen, hypotheses, boxes, 0.96).digits) == kept


def test_no_cut_is_to_make_digits_of_a_text() -> None:
    hypotheses, boxes, chosen = rows_of(*TEXT, ("__1", 20), ("20_4", 20), ("_", 20), ("2047", 60))
    letters = parts(chosen, hypotheses, boxes, 0.96).letters
    assert {row for row, _ in letters} == {0, 1, 2, 3, 4, 5, 6, 7}
    assert {place for row, place in letters if row == 5} == {0, 1, 2}


def test_a_cut_may_make_digits_of_what_is_mostly_read_and_as_high_as_the_writing() -> None:
    hypotheses, boxes, chosen = rows_of(*TEXT, ("__1", 20), ("20_4", 20))
    assert {row for row, _ in parts(chosen, hypotheses, boxes, 0.96).letters} == {5}


def test_where_no_text_is_any_cut_may_make_digits() -> None:
    hypotheses, boxes, chosen = rows_of(("__1", 20), ("_", 20))
    assert not parts(chosen, hypotheses, boxes).letters


def test_few_letters_among_many_digits_are_no_text() -> None:
    hypotheses, boxes, chosen = rows_of(*[("1234567_", 20)] * 8)
    assert left(chosen, hypotheses, boxes) == chosen


def test_a_pattern_of_which_hardly_anything_is_read_is_no_text() -> None:
    hypotheses, boxes, chosen = rows_of(*[("1______", 20)] * 3, ("1", 20))
    assert not parts(chosen, hypotheses, boxes).text


def test_nothing_read_is_nothing_dropped() -> None:
    assert left([], [], []) == []

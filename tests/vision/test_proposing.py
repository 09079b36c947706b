from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
from digitscribe.contracts import Box, Digit
from digitscribe.vision.deciding import decide, text_of
from digitscribe.vision.decode import DecodedImage
from digitscribe.vision.erasing import Line, erased
from digitscribe.vision.lines import find, without_lines
from digitscribe.vision.paths import Hypothesis, best
from digitscribe.vision.profile import Profile
from digitscribe.vision.proposing import Proposal, propose
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.polynomial import Polynomial


@st.composite
def pictures(draw: st.DrawFn) -> np.ndarray:
    """Noise, flat areas, lines and blobs, from one pixel on, grey and in colour."""
    height, width = draw(st.integers(1, 120)), draw(st.integers(1, 120))
    colour = draw(st.booleans())
    shape = (height, width, 3) if colour else (height, width)
    if draw(st.booleans()):
        return draw(arrays(np.uint8, shape, elements=st.integers(0, 255), fill=st.integers(0, 255)))
    pixels = np.full(shape, draw(st.integers(0, 255)), np.uint8)
    for _ in range(draw(st.integers(0, 6))):
        ends = [draw(st.integers(-20, 140)) for _ in range(4)]
        shade = draw(st.integers(0, 255))
        cv2.line(pixels, tuple(ends[:2]), tuple(ends[2:]), (shade,) * 3, draw(st.integers(1, 30)))
    return pixels


@given(pixels=pictures(), seed=st.integers(0, 99), scale=st.sampled_from([1.0, 2.5]))
@settings(max_examples=300, deadline=None)
def test_any_picture_is_read_without_a_fault(pixels: np.ndarray, seed: int, scale: float) -> None:
    height, width = (round(side * scale) for side in pixels.shape[:2])
    proposal = propose(DecodedImage(pixels, width, height, scale), Profile())
    for each in (proposal, *proposal.rivals):
        assert each.crops.shape == (len(each.boxes), 28, 28)
        assert len(each.hypotheses) == len(each.boxes) == len(each.rows)
        for box in each.boxes:
            assert box.x + box.width <= width
            assert box.y + box.height <= height
    count = len(proposal.asked)
    probabilities = np.random.default_rng(seed).dirichlet(np.full(10, 0.1), count).astype(np.float32)
    scores = np.random.default_rng(seed).random(count, np.float32)
    reading = decide(proposal, probabilities.reshape(count, 10), scores)
    assert [digit.index for digit in reading.digits] == list(range(len(reading.digits)))
    assert [digit.row for digit in reading.digits] == sorted(digit.row for digit in reading.digits)
    assert reading.text == text_of(reading.digits)


def _probabilities(*sure: float) -> np.ndarray:
    table = np.zeros((len(sure), 10), np.float32)
    table[:, 3] = sure
    return table


def _chosen(*asked: Any, **more: Any) -> list[int]:
    return [choice.index for choice in best(*asked, **more)]


WHOLE = Hypothesis(row=0, start=0, end=2, cost=0.0, junk_cost=np.inf)
LEFT = Hypothesis(row=0, start=0, end=1, cost=0.4, junk_cost=1.0)
RIGHT = Hypothesis(row=0, start=1, end=2, cost=0.4, junk_cost=1.0)


def test_a_sure_whole_beats_its_halves() -> None:
    assert _chosen([WHOLE, LEFT, RIGHT], _probabilities(0.9, 0.99, 0.99), 0.4) == [0]


def test_sure_halves_beat_a_doubtful_whole() -> None:
    assert _chosen([WHOLE, LEFT, RIGHT], _probabilities(0.41, 0.99, 0.99), 0.4) == [1, 2]


def test_what_no_class_fits_is_left_unread() -> None:
    assert _chosen([LEFT, RIGHT], _probabilities(0.2, 0.99), 0.4) == [1]


def test_confidence_and_alternatives_come_from_the_model(page_of: Callable) -> None:
    proposal = propose(DecodedImage.from_pixels(page_of(["1"]).pixels))
    table = np.zeros((len(proposal.crops), 10), np.float32)
    table[:, [1, 7, 4]] = (0.75, 0.125, 0.0625)
    (digit,) = decide(proposal, table).digits
    assert (digit.digit, digit.confidence) == (1, 0.75)
    assert [(each.digit, each.confidence) for each in digit.alternatives] == [(7, 0.125), (4, 0.0625)]


def test_text_has_a_line_per_row() -> None:
    box = Box(x=0, y=0, width=1, height=1)
    rows = [(0, 2), (0, 0), (1, 7)]
    digits = tuple(Digit(index=i, digit=digit, confidence=1.0, row=row, box=box) for i, (row, digit) in enumerate(rows))
    assert text_of(digits) == "20\n7"
    assert text_of(()) == ""


def _ruled() -> np.ndarray:
    mask = np.zeros((600, 800), np.uint8)
    for y in (150, 300, 450):
        cv2.line(mask, (0, y), (799, y + 40), 1, 4)
    return mask


def test_slanted_rules_are_found() -> None:
    found = find(_ruled())
    assert [round(float(line.course(0)), -1) for line in found] == [150, 300, 450]
    assert all(abs(float(line.course(799)) - float(line.course(0)) - 40) < 3 for line in found)


def test_rules_are_followed_over_gaps() -> None:
    mask = _ruled()
    mask[:, 340:440] = 0
    mask[:, 600:660] = 0
    assert [round(float(line.course(0)), -1) for line in find(mask)] == [150, 300, 450]


def test_rules_go_and_strokes_that_cross_them_stay() -> None:
    mask = _ruled()
    stroke = np.zeros_like(mask)
    cv2.line(stroke, (420, 260), (400, 380), 1, 9)
    cleaned = without_lines(mask | stroke)
    assert cleaned[stroke == 0].sum() < 0.02 * mask.sum()
    assert cleaned[stroke == 1].mean() > 0.95


def test_a_darker_stroke_along_a_rule_stays() -> None:
    """The bar of a 7 that was written onto a line."""
    mask = _ruled()
    bar = np.zeros_like(mask)
    cv2.line(bar, (400, 320), (460, 323), 1, 4)
    contrast = np.where(bar, 200, mask * 90).astype(np.uint8)
    assert without_lines(mask | bar, contrast)[bar == 1].mean() > 0.95
    assert without_lines(mask | bar)[bar == 1].mean() < 0.5


def test_writing_that_hides_a_rule_does_not_stand_for_its_strength() -> None:
    """Beside dark strokes a faint rule is not seen: most of what is on its course is written."""
    mask, bars = _ruled(), np.zeros((600, 800), np.uint8)
    mask[130:210, 60:740] = 0
    for x in range(180, 620, 70):
        cv2.line(bars, (x, 150 + x // 20), (x + 30, 150 + (x + 30) // 20), 1, 4)
    contrast = np.where(bars, 200, mask * 90).astype(np.uint8)
    line = Line(Polynomial([150, 0.05]), 0, 800, 4.0)
    rules = [line, *(replace(line, course=line.course + down) for down in (150, 300))]
    assert erased(mask | bars, rules, contrast)[bars == 1].mean() > 0.9
    assert erased(mask | bars, rules[:1], contrast)[bars == 1].mean() < 0.5  # nothing else tells what a rule is like


def test_rules_that_writing_hides_go_with_those_that_it_does_not() -> None:
    mask = _ruled()
    mask[100:240, 160:560] = 0
    assert [round(float(line.course(0)), -1) for line in find(mask)] == [300, 450]
    cv2.line(mask, (0, 550), (799, 590), 1, 4)
    assert [round(float(line.course(0)), -1) for line in find(mask)] == [150, 300, 450, 550]


def test_what_writing_leaves_of_a_rule_goes_if_there_are_others() -> None:
    stub = np.zeros((600, 800), np.uint8)
    cv2.line(stub, (0, 525), (150, 533), 1, 4)
    assert without_lines(_ruled() | stub)[stub == 1].mean() < 0.1
    assert without_lines(stub)[stub == 1].mean() == 1


def test_a_short_bar_within_a_ruled_page_is_no_rule() -> None:
    bar = np.zeros((600, 800), np.uint8)
    cv2.line(bar, (250, 230), (400, 238), 1, 4)
    assert without_lines(_ruled() | bar)[bar == 1].mean() > 0.9


def test_upright_rules_go_too() -> None:
    mask = np.ascontiguousarray(_ruled().T)
    assert without_lines(mask).sum() < 0.01 * mask.sum()


def test_a_bar_within_the_page_is_no_rule() -> None:
    mask = np.zeros((600, 800), np.uint8)
    cv2.line(mask, (200, 300), (560, 300), 1, 4)
    assert find(mask) == []


def test_profiles_are_kept_to(page_of: Callable) -> None:
    page = page_of(["5"], ink=195)
    image = DecodedImage.from_pixels(page.pixels)
    assert len(propose(image, Profile(min_contrast=0.05)).crops) >= 1
    assert len(propose(image, Profile(min_contrast=0.5)).crops) == 0


def test_half_a_digit_loses_to_the_whole_by_its_score() -> None:
    scores = np.array([0.9, 0.2, 0.9], np.float32)
    assert _chosen([WHOLE, LEFT, RIGHT], _probabilities(0.41, 0.99, 0.99), 0.4) == [1, 2]
    assert _chosen([WHOLE, LEFT, RIGHT], _probabilities(0.41, 0.99, 0.99), 0.4, scores) == [0]


def test_what_is_no_digit_is_left_out_however_sure_its_class() -> None:
    scores = np.array([0.29, 1.0], np.float32)
    assert _chosen([LEFT, RIGHT], _probabilities(1.0, 1.0), 0.4, scores, min_digit_score=0.3) == [1]


def test_confidence_is_probability_times_digit_score(page_of: Callable) -> None:
    proposal = propose(DecodedImage.from_pixels(page_of(["1"]).pixels))
    table = np.zeros((len(proposal.crops), 10), np.float32)
    table[:, [1, 7]] = (0.75, 0.125)
    (digit,) = decide(proposal, table, np.full(len(table), 0.5, np.float32)).digits
    assert digit.confidence == 0.375
    assert digit.alternatives[0].confidence == 0.0625
    assert decide(proposal, table, np.full(len(table), 0.1, np.float32)).digits == ()


def test_bars_of_digits_do_not_bend_the_course_of_a_line_that_they_hide() -> None:
    mask = np.zeros((400, 800), np.uint8)
    for level in (60, 120, 200, 280, 340):
        cv2.line(mask, (0, level), (799, level), 1, 1)
    mask[190:220, 100:420] = 0
    for number in range(6):  # bars of 5s and 7s just below the line that they hide
        cv2.line(mask, (110 + 50 * number, 206 + 2 * number), (140 + 50 * number, 206 + 2 * number), 1, 3)
    hidden = find(mask)[2]
    assert np.abs(hidden.course(np.arange(420, 800)) - 200.5).max() < 2


def _row_of(count: int) -> Proposal:
    """So many pieces side by side, each of which may be a digit."""
    hypotheses = tuple(Hypothesis(row=0, start=i, end=i + 1, cost=0.0, junk_cost=1.0) for i in range(count))
    boxes = tuple(Box(x=40 * i, y=0, width=10, height=20) for i in range(count))
    return Proposal(np.zeros((count, 28, 28), np.uint8), hypotheses, boxes, 40 * count, 100, min_confidence=0.4)


@pytest.mark.parametrize(("likely", "view"), [(0.75, 1), (0.6, 0)])
def test_four_sure_digits_weigh_less_than_five_sure_and_five_likely_ones(likely: float, view: int) -> None:
    proposal = replace(_row_of(4), rivals=(_row_of(10),))
    probabilities = np.full((14, 10), 0.01, np.float32)
    probabilities[:, 1] = [*[0.99] * 9, *[likely] * 5]
    assert decide(proposal, probabilities).view == view


@pytest.mark.parametrize(("sure", "read"), [(1, 0), (3, 3)])
def test_what_looks_like_a_digit_among_a_hundred_pieces_is_the_grain_of_the_paper(sure: int, read: int) -> None:
    proposal = _row_of(100)
    probabilities = np.full((100, 10), 0.1, np.float32)
    probabilities[:sure, 1] = 0.99
    assert len(decide(proposal, probabilities).digits) == read


def test_a_text_is_a_view_that_shows_something_although_nothing_of_it_is_a_digit() -> None:
    text = replace(_row_of(12), boxes=tuple(Box(x=12 * i, y=0, width=10, height=20) for i in range(12)))
    probabilities = np.full((13, 10), 0.01, np.float32)
    probabilities[[*range(0, 12, 2), 12], 1] = 0.99
    reading = decide(replace(text, rivals=(_row_of(1),)), probabilities)
    assert (reading.view, reading.text) == (0, "")
    assert reading.share > 0


@pytest.mark.parametrize(("pieces", "view"), [(0, 0), (10, 1)])
def test_of_the_same_ink_what_reads_more_is_better_into_however_many_pieces_it_is_cut(pieces: int, view: int) -> None:
    whole, cut = (replace(_row_of(count), pieces=pieces) for count in (8, 10))
    probabilities = np.full((18, 10), 0.01, np.float32)
    probabilities[:17, 1] = 0.99
    assert decide(replace(whole, rivals=(cut,)), probabilities).view == view


@pytest.mark.parametrize(("first", "second", "view"), [(0.95, 1.0, 0), (0.6, 1.0, 1), (0.45, 0.45, 0)])
def test_what_is_read_at_a_second_look_has_to_be_clearly_better(first: float, second: float, view: int) -> None:
    proposal = replace(_row_of(4), rivals=(replace(_row_of(4), is_second=True),))
    probabilities = np.full((8, 10), 0.0, np.float32)
    probabilities[:, 0] = [first] * 4 + [second] * 4
    assert decide(proposal, probabilities).view == view


def test_a_second_look_that_leaves_more_unread_is_not_believed() -> None:
    proposal = replace(_row_of(60), rivals=(replace(_row_of(12), is_second=True),))
    probabilities = np.full((72, 10), 0.0, np.float32)
    probabilities[:24, 0] = probabilities[60:64, 3] = 1.0
    probabilities[24:60, 2] = 0.3  # letters
    assert decide(proposal, probabilities).view == 0
    probabilities[64:72, 3] = 1.0
    assert decide(proposal, probabilities).view == 1


@pytest.mark.parametrize(("digit", "confidence", "view"), [(3, 0.9, 1), (1, 0.9, 0), (3, 0.7, 0)])
def test_a_second_look_that_finds_but_1s_or_is_not_sure_is_not_believed(
    digit: int, confidence: float, view: int
) -> None:
    proposal = replace(_row_of(4), rivals=(replace(_row_of(4), is_second=True),))
    probabilities = np.full((8, 10), 0.0, np.float32)
    probabilities[4:, digit] = confidence
    assert decide(proposal, probabilities).view == view


def test_a_second_look_that_finds_nothing_takes_nothing_away() -> None:
    proposal = replace(_row_of(3), rivals=(replace(_row_of(0), is_second=True),))
    probabilities = np.full((3, 10), 0.0, np.float32)
    probabilities[:, 7] = 0.45
    assert decide(proposal, probabilities).text == "777"


def test_a_second_look_that_is_worse_does_not_win_where_neither_is_good() -> None:
    proposal = replace(_row_of(4), rivals=(replace(_row_of(3), is_second=True),))
    probabilities = np.full((7, 10), 0.0, np.float32)
    probabilities[:4, 7], probabilities[4:, 7] = 0.41, 0.40
    assert decide(proposal, probabilities).view == 0


@pytest.mark.parametrize(("rival", "is_settled"), [(0.3, False), (0.0, True)])
def test_a_view_that_may_be_the_best_once_it_is_cut_is_not_settled(rival: float, is_settled: bool) -> None:
    whole = replace(_row_of(1).hypotheses[0], may_be_cut=True)
    other = replace(_row_of(3), hypotheses=(*_row_of(2).hypotheses, replace(whole, start=2, end=3)))
    proposal = replace(_row_of(2), rivals=(other,))
    probabilities = np.full((5, 10), 0.0, np.float32)
    probabilities[:2, 4] = 1.0
    probabilities[2:4, 5] = 0.7 + rival
    assert decide(proposal, probabilities).is_settled == is_settled


@pytest.mark.parametrize(("confidence", "is_settled"), [(0.9, True), (0.3, False), (0.1, False)])
def test_a_piece_that_may_be_two_digits_is_settled_if_it_is_clearly_one(confidence: float, is_settled: bool) -> None:
    proposal = replace(_row_of(2), min_confidence=0.2)
    whole = replace(proposal.hypotheses[1], may_be_cut=True)
    probabilities = np.full((2, 10), 0.0, np.float32)
    probabilities[:, 4] = [0.3, confidence]
    proposal = replace(proposal, hypotheses=(proposal.hypotheses[0], whole))
    assert decide(proposal, probabilities).is_settled == is_settled


@pytest.mark.parametrize(("letters", "is_settled"), [(5, True), (4, False)])
def test_letters_of_a_text_that_may_be_two_digits_are_settled(letters: int, is_settled: bool) -> None:
    proposal = _row_of(letters + 2)
    boxes = tuple([box.model_copy(update={"x": 12 * number}) for number, box in enumerate(proposal.boxes)])
    hypotheses = [replace(each, may_be_cut=True) for each in proposal.hypotheses[:-2]]
    probabilities = np.full((letters + 2, 10), 0.0, np.float32)
    probabilities[-2:, 4] = 1.0
    proposal = replace(proposal, boxes=boxes, hypotheses=(*hypotheses, *proposal.hypotheses[-2:]))
    assert decide(proposal, probabilities).is_settled == is_settled


def test_how_much_was_read_counts_pieces_by_their_size() -> None:
    proposal = _row_of(2)
    large = Box(x=0, y=0, width=90, height=180)
    proposal = replace(proposal, boxes=(large, proposal.boxes[1]))
    probabilities = np.zeros((2, 10), np.float32)
    probabilities[1, 3] = 1.0
    assert decide(proposal, probabilities).share == pytest.approx(0.1)
    assert decide(_row_of(0), np.zeros((0, 10), np.float32)).share == 1.0

"""Digits followed from result to result."""

from __future__ import annotations

from camera_worker.tracking import SteadyReading, Tracker, match, overlap
from digitscribe.contracts import Box, Digit, Recognition, RecognitionStatus
from digitscribe.contracts.camera import MAX_READING
from digitscribe.contracts.document import now
from hypothesis import given
from hypothesis import strategies as st

boxes = st.builds(
    Box, x=st.integers(0, 500), y=st.integers(0, 500), width=st.integers(1, 200), height=st.integers(1, 200)
)


def digits(text: str, x: int = 100, y: int = 100) -> list[Digit]:
    """The digits of `text`, 40 pixels apart, its lines 80 pixels apart."""
    return [
        Digit(
            index=0,
            digit=int(each),
            confidence=0.9,
            row=row,
            box=Box(x=x + 40 * i, y=y + 80 * row, width=30, height=50),
        )
        for row, line in enumerate(text.split("\n"))
        for i, each in enumerate(line)
    ]


def read(text: str, x: int = 100) -> Recognition:
    return Recognition(
        id="0" * 32, status=RecognitionStatus.DONE, created_at=now(), text=text, digits=tuple(digits(text, x))
    )


def test_a_reading_is_steady_after_three_like_results() -> None:
    tracker, readings = Tracker(), []
    for _ in range(4):
        tracker.update(digits("2047"))
        readings.append(tracker.reading)
    assert readings == [None, None, "2047", "2047"]


def test_one_other_result_begins_the_count_again() -> None:
    tracker = Tracker()
    for text in ("7", "7", "1", "7", "7"):
        tracker.update(digits(text))
    assert tracker.reading is None


def test_one_wrong_result_does_not_shake_a_steady_reading() -> None:
    tracker = Tracker()
    for text in ("7", "7", "7", "1", "1"):
        tracker.update(digits(text))
    assert tracker.reading == "7"


def test_three_other_results_change_it() -> None:
    tracker = Tracker()
    for text in ("7", "7", "7", "1", "1", "1"):
        tracker.update(digits(text))
    assert tracker.reading == "1"


def test_digits_keep_their_numbers_while_the_paper_moves() -> None:
    tracker = Tracker()
    before = [track.number for track in tracker.update(digits("2047", x=100))]
    after = [track.number for track in tracker.update(digits("2047", x=112))]
    assert before == after == [1, 2, 3, 4]


def test_rows_become_lines() -> None:
    tracker = Tracker(steady_after=1)
    tracker.update(digits("31\n415"))
    assert tracker.reading == "31\n415"


def test_a_digit_that_is_hidden_for_a_moment_keeps_its_reading() -> None:
    tracker = Tracker()
    for text in ("20", "20", "20", "2", "2"):
        tracker.update(digits(text))
    assert tracker.reading == "20"


def test_a_digit_that_is_gone_is_forgotten() -> None:
    tracker = Tracker()
    for text in ("20", "20", "20", "2", "2", "2"):
        tracker.update(digits(text))
    assert tracker.reading == "2"


def test_a_sheet_that_leaves_empties_the_reading() -> None:
    tracker = Tracker()
    for text in ("20", "20", "20", "", "", ""):
        tracker.update(digits(text))
    assert tracker.reading == ""


def test_a_steady_reading_is_announced_once() -> None:
    steady = SteadyReading()
    assert [steady.take(read("42")) for _ in range(5)] == [False, False, True, False, False]
    assert steady.text == "42"


def test_a_reading_stays_while_the_next_is_not_steady() -> None:
    steady = SteadyReading()
    for text in ("42", "42", "42", "42178", "42179"):
        steady.take(read(text))
    assert steady.text == "42"


def test_boxes_around_one_centre_match_without_overlapping_much() -> None:
    inside, outside = Box(x=45, y=45, width=10, height=10), Box(x=0, y=0, width=100, height=100)
    assert match([inside], [outside]) == {0: 0}


def test_far_boxes_do_not_match() -> None:
    assert match([Box(x=0, y=0, width=30, height=50)], [Box(x=100, y=0, width=30, height=50)]) == {}


@given(boxes, boxes)
def test_overlap_is_a_share_and_does_not_depend_on_order(one: Box, other: Box) -> None:
    assert 0 <= overlap(one, other) <= 1
    assert overlap(one, other) == overlap(other, one)


@given(boxes)
def test_a_box_overlaps_itself_wholly(box: Box) -> None:
    assert overlap(box, box) == 1


@given(st.lists(boxes, max_size=12), st.lists(boxes, max_size=12))
def test_no_box_is_matched_twice(old: list[Box], new: list[Box]) -> None:
    pairs = match(old, new)
    assert len(set(pairs.values())) == len(pairs)
    assert set(pairs) <= set(range(len(old)))
    assert set(pairs.values()) <= set(range(len(new)))


@given(st.lists(boxes, max_size=12, unique=True))
def test_a_still_picture_matches_itself(seen: list[Box]) -> None:
    assert match(seen, seen) == {i: i for i in range(len(seen))}


@given(st.lists(st.lists(st.tuples(boxes, st.integers(0, 9)), max_size=6), max_size=8))
def test_wild_results_never_grow_the_memory_beyond_what_is_in_view(results: list[list[tuple[Box, int]]]) -> None:
    tracker = Tracker(forget_after=2)
    recent = [0, 0]
    for result in results:
        seen = [Digit(index=0, digit=digit, confidence=0.5, row=0, box=box) for box, digit in result]
        recent = [recent[-1], len(seen)]
        assert len(tracker.update(seen)) <= sum(recent)


def test_digits_that_are_cut_otherwise_take_the_place_of_those_before() -> None:
    tracker = Tracker()
    for _ in range(3):
        tracker.update(digits("11"))
    assert tracker.reading == "11"
    for _ in range(2):
        tracker.update([digits("4")[0].model_copy(update={"box": Box(x=100, y=100, width=130, height=50)})])
    assert tracker.reading is None
    tracker.update([digits("4")[0].model_copy(update={"box": Box(x=100, y=100, width=130, height=50)})])
    assert tracker.reading == "4"


def test_a_reading_longer_than_a_frame_may_tell_is_cut() -> None:
    text = "\n".join(["7" * 50] * 10)
    steady = SteadyReading()
    taken = [steady.take(read(text)) for _ in range(4)]
    assert taken == [False, False, True, False]
    assert steady.text == text[:MAX_READING]

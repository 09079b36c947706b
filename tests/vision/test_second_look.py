"""A second look: where it is worthwhile, what it finds, and what it costs where it finds nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from digitscribe.contracts import Box
from digitscribe.vision import levelling, second_look, viewing
from digitscribe.vision.deciding import Reading, decide
from digitscribe.vision.decode import DecodedImage
from digitscribe.vision.paths import Hypothesis
from digitscribe.vision.profile import Profile
from digitscribe.vision.proposing import Proposal, proposal_of, propose
from digitscribe.vision.stages import Ink, Stages
from digitscribe.vision.trace import trace
from numpy.typing import NDArray


def _proposal(crops: int = 10, is_stacked: bool = False) -> Proposal:
    hypotheses = tuple(Hypothesis(row=0, start=i, end=i + 1, cost=0.0, junk_cost=1.0) for i in range(crops))
    boxes = tuple(Box(x=i, y=0, width=1, height=2) for i in range(crops))
    images = np.zeros((crops, 28, 28), np.uint8)
    return Proposal(images, hypotheses, boxes, crops + 1, 2, min_confidence=0.4, is_stacked=is_stacked)


def _reading(share: float, is_settled: bool = True) -> Reading:
    return Reading((), np.zeros((0, 28, 28), np.uint8), "", share=share, is_settled=is_settled)


def _views(image: DecodedImage, share: float, profile: Profile | None = None) -> list[Stages]:
    """Those that only a second look makes, of an image whose pieces stand in columns and of which so much was read."""
    profile = profile or Profile()
    views, _ = second_look.propose(
        image, viewing.views_of(image, profile), _proposal(is_stacked=True), _reading(share), profile
    )
    return [view for view in views if view.is_second]


def _sideways(pixels: NDArray[np.uint8]) -> DecodedImage:
    return DecodedImage.from_pixels(np.ascontiguousarray(np.rot90(pixels)))


@pytest.mark.parametrize(
    ("share", "is_stacked", "worthwhile"),
    [(0.4, False, True), (0.6, False, False), (0.6, True, True), (1.0, True, False)],
)
def test_what_is_hardly_read_or_stands_in_columns_is_looked_at_again(
    share: float, is_stacked: bool, worthwhile: bool
) -> None:
    assert second_look.is_worthwhile(_proposal(is_stacked=is_stacked), _reading(share)) == worthwhile


@pytest.mark.parametrize("crops", [0, second_look.MOST_CROPS + 1])
def test_blank_paper_and_noise_are_not_looked_at_again(crops: int) -> None:
    assert not second_look.is_worthwhile(_proposal(crops), _reading(0.0, is_settled=False))


def test_full_pages_on_their_side_are_looked_at_again() -> None:
    assert second_look.is_worthwhile(_proposal(second_look.MOST_CROPS + 1, is_stacked=True), _reading(0.0))


def test_it_is_seen_whether_pieces_of_any_view_stand_in_columns() -> None:
    assert second_look.is_worthwhile(replace(_proposal(), rivals=(_proposal(is_stacked=True),)), _reading(0.8))


@pytest.mark.parametrize(("pieces", "worthwhile"), [(1, True), (second_look.FEW, True), (second_look.FEW + 1, False)])
def test_a_few_large_pieces_may_hide_digits_beside_any_amount_of_noise(pieces: int, worthwhile: bool) -> None:
    noise = replace(_proposal(second_look.MOST_CROPS), rivals=(_proposal(pieces),))
    assert second_look.is_worthwhile(noise, _reading(0.0)) == worthwhile


def test_digits_beside_a_large_stain_are_looked_at(page_of: Callable, ask: Callable) -> None:
    page = page_of(["2735"]).pixels
    height, width = page.shape[:2]
    stained = np.full((2 * height, 2 * width), int(np.median(page)), np.uint8)
    stained[:height, :width] = page
    cv2.ellipse(stained, (round(1.5 * width), height), (width // 4, round(0.8 * height)), 20, 0, 300, 90, 9)
    image = DecodedImage.from_pixels(stained)
    assert decide(propose(image), *ask(propose(image).asked)).text == ""
    assert second_look.read(image, Profile(), ask).text == "2735"


def test_grain_that_looks_like_no_digits_from_its_sides_is_not_looked_at() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (120, 160)).astype(np.uint8)
    grain = DecodedImage.from_pixels(np.asarray(cv2.resize(noise, (640, 480), interpolation=cv2.INTER_CUBIC), np.uint8))
    assert max(sum(map(len, view.rows)) for view in viewing.views_of(grain.turned(1), Profile())) >= second_look.TELLING
    assert not _views(grain, 0.0)


def test_a_digit_by_itself_is_not_looked_at_for_thin_ink(page_of: Callable) -> None:
    assert not _views(DecodedImage.from_pixels(page_of(["6"]).pixels), 0.2)


@pytest.mark.parametrize("quarters", [1, 3])
def test_boxes_of_a_sheet_on_its_side_lie_on_its_digits(page_of: Callable, ask: Callable, quarters: int) -> None:
    page = page_of(["20573", "62894", "38054"])
    height, width = page.pixels.shape
    table = np.full((height + 300, width + 500), 60, np.uint8)
    table[200 : 200 + height, 100 : 100 + width] = page.pixels
    large = cv2.resize(table, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    image = DecodedImage.from_pixels(np.ascontiguousarray(np.rot90(np.asarray(large, np.uint8), quarters)))
    reading = second_look.read(image, Profile(), ask)
    assert reading.text == "20573\n62894\n38054"
    assert image.scale > 1
    seen = np.array([[d.box.x, d.box.y, d.box.x + d.box.width, d.box.y + d.box.height] for d in reading.digits])
    back = levelling.upright(seen.astype(float), quarters, table.shape[1] * 3, table.shape[0] * 3)
    for corners, (x, y, across, down) in zip(back, page.boxes, strict=True):
        there = 3 * np.array([100 + x, 200 + y, 100 + x + across, 200 + y + down])
        assert np.abs(corners - there).max() < 0.2 * 3 * down


def test_full_pages_are_cut_further() -> None:
    assert second_look.is_worthwhile(_proposal(second_look.MOST_CROPS + 1), _reading(0.9, is_settled=False))


def test_what_is_not_clearly_one_digit_is_looked_at_again() -> None:
    assert second_look.is_worthwhile(_proposal(), _reading(1.0, is_settled=False))


@pytest.mark.parametrize(
    ("gain", "share", "taken"),
    [(0.6, 0.9, True), (0.5, 0.9, False), (0.4, 0.9, False), (0.6, second_look.HIDDEN - 0.01, False)],
)
def test_a_second_reading_counts_if_it_gains_and_most_is_read(gain: float, share: float, taken: bool) -> None:
    first, second = replace(_reading(0.7), gain=0.5), replace(_reading(share), gain=gain)
    assert second_look.better(first, second) is (second if taken else first)


def test_nothing_is_looked_at_a_third_time() -> None:
    assert not second_look.is_worthwhile(replace(_proposal(), is_thorough=True), _reading(0.0, is_settled=False))


def test_an_image_that_is_read_at_first_sight_is_looked_at_once(page_of: Callable) -> None:
    asked: list[int] = []

    def ask(crops: NDArray[np.uint8]) -> second_look.Answers:
        asked.append(len(crops))
        return np.eye(10, dtype=np.float32)[np.zeros(len(crops), int)], None, None

    second_look.read(DecodedImage.from_pixels(page_of(["204", "715"]).pixels), Profile(), ask)
    assert len(asked) == 1


@pytest.mark.parametrize("level_rows", [True, False])
def test_a_page_is_looked_at_from_its_sides_unless_rows_are_taken_as_they_lie(
    page_of: Callable, level_rows: bool
) -> None:
    image = _sideways(page_of(["204", "715"]).pixels)
    views = _views(image, 0.9, Profile(level_rows=level_rows))
    assert {view.quarters for view in views} == ({1, 3} if level_rows else set())


def test_what_is_mostly_dashes_is_no_row_of_ones_on_its_side() -> None:
    pixels = np.full((400, 300), 235, np.uint8)
    for y in range(60, 360, 50):
        cv2.line(pixels, (120, y), (154, y), 30, 8)
    image, profile = DecodedImage.from_pixels(pixels), Profile(min_height=0)
    assert viewing.views_of(image.turned(1), profile)[0].rows
    assert not _views(image, 0.9, profile)


def test_two_digits_do_not_tell_which_way_up_they_are(page_of: Callable) -> None:
    assert not _views(_sideways(page_of(["27"]).pixels), 0.9)


@pytest.mark.parametrize("written", ["204", "26"])
def test_thin_ink_is_looked_for_where_more_than_half_is_unread(page_of: Callable, written: str) -> None:
    image = DecodedImage.from_pixels(page_of([written]).pixels)
    assert [any(view.sought is Ink.THIN for view in _views(image, share)) for share in (0.4, 0.6)] == [True, False]


def test_in_a_small_picture_no_ink_is_thin(page_of: Callable) -> None:
    small = cv2.resize(page_of(["204"]).pixels, (120, 60), interpolation=cv2.INTER_AREA)
    image = DecodedImage.from_pixels(np.asarray(small, np.uint8))
    assert not any(view.sought is Ink.THIN for view in _views(image, 0.0))


def test_the_views_of_the_first_look_come_first_and_are_not_made_again(page_of: Callable) -> None:
    image, profile = _sideways(page_of(["204", "715"]).pixels), Profile()
    first = viewing.views_of(image, profile)
    views, _ = second_look.propose(image, first, _proposal(is_stacked=True), _reading(0.9), profile)
    assert [view.is_second for view in views[: len(first) + 1]] == [False] * len(first) + [True]
    assert views[: len(first)] == first


def test_pictures_of_a_page_on_its_side_show_it_upright(page_of: Callable, ask: Callable) -> None:
    page, profile = page_of(["20573", "62894", "38054"]), Profile()
    image = _sideways(page.pixels)
    seen = viewing.views_of(image, profile)
    first = proposal_of(seen, image, profile)
    views, proposal = second_look.propose(image, seen, first, decide(first, *ask(first.asked)), profile)
    steps = {step.name: step for step in trace(views, proposal, decide(proposal, *ask(proposal.asked)))}
    assert steps["grey"].picture.shape[1] > steps["grey"].picture.shape[0]
    assert "lies on its side" in steps["grey"].sentence
    ys, xs = np.nonzero((steps["cuts"].picture == (0, 114, 178)).all(axis=2))
    ink = steps["unruled"].picture.max(axis=2) < 100
    assert ink[ys.min() : ys.max(), xs.min() : xs.max()].sum() > 0.99 * ink.sum()


def test_two_digits_in_a_slim_piece_are_cut_at_the_second_look() -> None:
    pixels = np.full((100, 200), 255, np.uint8)
    for x in (80, 110):
        cv2.line(pixels, (x, 20), (x, 80), 0, 6)
    cv2.line(pixels, (80, 50), (110, 50), 0, 2)  # two 1s and a hair between them

    def ask(crops: NDArray[np.uint8]) -> second_look.Answers:
        is_one = (crops > 0).any(axis=1).sum(axis=1) < 8
        scores = np.where(is_one, 1.0, 0.05).astype(np.float32)
        return np.eye(10, dtype=np.float32)[np.ones(len(crops), int)], scores, None

    image = DecodedImage.from_pixels(pixels)
    first = propose(image)
    reading = decide(first, *ask(first.asked))
    assert (reading.text, reading.is_settled, len(first.asked)) == ("", False, 1)
    assert second_look.read(image, Profile(), ask).text == "11"


def test_pictures_of_thin_ink_say_so(page_of: Callable) -> None:
    image = DecodedImage.from_pixels(page_of(["204"]).pixels)
    (thin, *_) = viewing.views_of(image, Profile(), sought=Ink.THIN)
    proposal = proposal_of([thin], image, Profile())
    contrast = trace([thin], proposal, _reading(1.0))[1]
    assert contrast.sentence.startswith("How much stronger than what is right beside it")

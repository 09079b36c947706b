"""The pictures of how an image was read show what reading itself has left."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from digitscribe.vision.deciding import Reading, decide
from digitscribe.vision.decode import DecodedImage
from digitscribe.vision.profile import Polarity, Profile
from digitscribe.vision.proposing import Proposal, proposal_of
from digitscribe.vision.stages import Stages
from digitscribe.vision.trace import LONGEST_SIDE, MAX_CROPS, Step, sheet_of, trace
from digitscribe.vision.viewing import views_of
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

NAMES = ["grey", "contrast", "ink", "unruled", "pieces", "rows", "cuts", "crops"]


def page(ruled: bool = False) -> NDArray[np.uint8]:
    """Two upright strokes and one below them, dark on light."""
    image = np.full((240, 320), 235, np.uint8)
    if ruled:
        for y in range(20, 240, 40):
            cv2.line(image, (0, y), (319, y), 150, 2)
    for x, y in ((80, 30), (200, 30), (120, 140)):
        cv2.line(image, (x, y), (x, y + 70), 30, 8)
    return image


def read(pixels: NDArray[np.uint8], profile: Profile) -> tuple[tuple[Stages, ...], Proposal, Reading]:
    """What reading leaves if the model is sure that all is a 1."""
    image = DecodedImage.from_pixels(pixels)
    views = views_of(image, profile)
    proposal = proposal_of(views, image, profile)
    probabilities = np.full((len(proposal.asked), 10), 0.01, np.float32)
    probabilities[:, 1] = 0.91
    return views, proposal, decide(proposal, probabilities)


def steps_of(pixels: NDArray[np.uint8], profile: Profile | None = None) -> dict[str, Step]:
    return {step.name: step for step in trace(*read(pixels, profile or Profile()))}


def test_all_steps_are_shown_in_their_order() -> None:
    steps = steps_of(page())
    assert list(steps) == NAMES
    assert all(step.title and step.sentence.endswith(".") for step in steps.values())


def test_pictures_are_the_arrays_that_reading_left() -> None:
    views, proposal, reading = read(page(), Profile())
    (stages,) = views
    grey, contrast, ink = (step.picture for step in trace(views, proposal, reading)[:3])
    np.testing.assert_array_equal(grey, stages.grey)
    np.testing.assert_array_equal(contrast, 255 - stages.contrast)
    np.testing.assert_array_equal(ink == 0, stages.ink == 1)


def test_the_last_picture_is_what_the_model_saw() -> None:
    views, proposal, reading = read(page(), Profile())
    assert len(reading.crops) == 3
    np.testing.assert_array_equal(trace(views, proposal, reading)[-1].picture, sheet_of(reading.crops))


def test_lines_that_were_taken_out_are_coloured_and_told() -> None:
    taken, kept = steps_of(page(ruled=True)), steps_of(page(ruled=True), Profile(remove_lines=False))
    orange = (taken["unruled"].picture == (213, 94, 0)).all(axis=2)
    assert orange.sum() > 320
    assert "taken out: the" in taken["unruled"].sentence
    assert not (kept["unruled"].picture == (213, 94, 0)).all(axis=2).any()
    assert kept["unruled"].sentence == "No lines or print were taken out."


@pytest.mark.parametrize(
    ("chosen", "said"), [(0, "of all of the image less"), (1, "of the sheet that lies there less")]
)
def test_where_a_sheet_was_in_doubt_it_is_told_which_was_read(chosen: int, said: str) -> None:
    views, proposal, reading = read(page(), Profile(find_sheet=False))
    views = (replace(views[0], is_sheet=True), views[0])
    rival = replace(proposal, rivals=())
    steps = trace(views, replace(proposal, rivals=(rival,)), replace(reading, view=chosen))
    assert said in steps[0].sentence
    assert "left that open" not in steps[0].sentence


def test_the_polarity_that_was_taken_is_told() -> None:
    assert "dark ink on a light ground" in steps_of(page())["grey"].sentence
    dark = Profile(polarity=Polarity.LIGHT_ON_DARK)
    assert "light ink on a dark ground" in steps_of(page(), dark)["grey"].sentence


@pytest.mark.parametrize("view", [0, 1])
def test_of_two_polarities_that_which_was_read_is_shown(view: int) -> None:
    views, proposal, _ = read(255 - page(), Profile())
    probabilities = np.full((len(proposal.asked), 10), 0.01, np.float32)
    of_view = slice(len(proposal.crops), None) if view else slice(len(proposal.crops))
    probabilities[of_view, 1] = 0.91
    reading = decide(proposal, probabilities)
    grey, contrast = trace(views, proposal, reading)[:2]
    assert reading.view == view
    assert "the other way round less was read" in grey.sentence
    np.testing.assert_array_equal(contrast.picture, 255 - views[view].contrast)


def test_of_two_views_of_one_polarity_nothing_is_told_about_the_other() -> None:
    (dark,), proposal, reading = read(page(), Profile())
    grey = trace((dark, dark), replace(proposal, rivals=(proposal,)), reading)[0]
    assert grey.sentence.endswith("Taken for dark ink on a light ground.")


def test_rows_and_digits_are_counted() -> None:
    steps = steps_of(page())
    assert "3 pieces in 2 rows" in steps["rows"].sentence
    assert "3 digits (blue)" in steps["cuts"].sentence


def test_rows_that_were_turned_level_are_shown_so_and_told() -> None:
    pixels = np.full((400, 600), 235, np.uint8)
    for x in range(60, 560, 60):
        cv2.line(pixels, (x, 60 + x // 4), (x, 120 + x // 4), 30, 8)
    steps = steps_of(pixels)
    assert steps["rows"].sentence.startswith("The writing falls by 14°, so it is turned level. ")
    inked = np.flatnonzero((steps["rows"].picture != 255).any(axis=(1, 2)))
    assert inked[-1] - inked[0] < 100
    assert "climbs by 14°" in steps_of(np.ascontiguousarray(pixels[:, ::-1]))["rows"].sentence


def test_a_blank_page_has_pictures_too() -> None:
    steps = steps_of(np.full((60, 90, 3), 240, np.uint8))
    assert list(steps) == NAMES
    assert steps["crops"].sentence == "Nothing was taken for a digit."


@pytest.mark.parametrize("shape", [(2000, 1000, 3), (400, 3000), (900, 1200)])
def test_pictures_have_a_bound(shape: tuple[int, ...]) -> None:
    for step in steps_of(np.full(shape, 200, np.uint8)).values():
        assert max(step.picture.shape[:2]) <= LONGEST_SIDE


def test_the_sheet_of_crops_has_a_bound() -> None:
    height, width = sheet_of(np.zeros((MAX_CROPS, 28, 28), np.uint8)).shape
    assert max(height, width) <= LONGEST_SIDE


@settings(max_examples=30, deadline=None)
@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 70), st.integers(1, 70))))
def test_any_image_can_be_traced(pixels: NDArray[np.uint8]) -> None:
    for step in steps_of(pixels).values():
        assert step.picture.dtype == np.uint8
        assert step.picture.size > 0

"""Whether ink is darker or lighter than what it stands on."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from digitscribe.vision.components import find
from digitscribe.vision.deciding import decide
from digitscribe.vision.decode import DecodedImage
from digitscribe.vision.polarity import Verdict, legibility, told
from digitscribe.vision.profile import Polarity, Profile
from digitscribe.vision.proposing import propose
from digitscribe.vision.viewing import views_of
from numpy.typing import NDArray


def sheet_on_a_desk(share: float, sheet: int, desk: int, ink: int) -> NDArray[np.uint8]:
    """A sheet with writing, `share` of the image high, on a desk; brightness from 0 to 255."""
    picture = np.full((480, 640), desk, np.uint8)
    high = round(480 * share)
    top, left = (480 - high) // 2, 140
    picture[top : top + high, left : 640 - left] = sheet
    for place in range(4):
        at = (left + 45 + 72 * place, 240 + high // 5)
        cv2.putText(picture, "2047"[place], at, cv2.FONT_HERSHEY_SIMPLEX, high / 80, ink, 5, cv2.LINE_AA)
    return picture


@pytest.mark.parametrize("share", [0.25, 0.32, 0.4, 0.6, 0.9])
def test_a_light_sheet_on_a_darker_desk_is_paper(share: float) -> None:
    assert not told(sheet_on_a_desk(share, sheet=240, desk=195, ink=50)).light_on_dark


@pytest.mark.parametrize("share", [0.32, 0.6, 0.9])
def test_chalk_on_a_small_board_is_light_on_dark(share: float) -> None:
    assert told(sheet_on_a_desk(share, sheet=60, desk=110, ink=225)).light_on_dark


@pytest.mark.parametrize("thickness", [3, 12, 40, 70])
def test_one_digit_is_told_whatever_its_pen(thickness: int) -> None:
    picture = np.full((200, 160), 245, np.uint8)
    cv2.putText(picture, "8", (30, 170), cv2.FONT_HERSHEY_SIMPLEX, 5, 20, thickness, cv2.LINE_AA)
    assert not told(picture).light_on_dark
    assert told(255 - picture).light_on_dark


def test_an_even_image_is_taken_for_paper() -> None:
    assert not told(np.full((80, 60), 30, np.uint8)).light_on_dark


SHADOWS = ((350, 200), (200, 300), (650, 50), (650, 350))
"""Their middles, (x, y)."""


def under_shadows() -> NDArray[np.uint8]:
    """Thin writing under shadows that cover most of the page."""
    page = np.full((600, 800), 210, np.uint8)
    for row in (200, 420):
        cv2.putText(page, "2047 139", (120, row), cv2.FONT_HERSHEY_SIMPLEX, 3.5, 90, 6, cv2.LINE_AA)
    shadow = np.zeros(page.shape, np.float32)
    for x, y in SHADOWS:
        cv2.ellipse(shadow, (x, y), (190, 120), 20, 0, 360, 1.0, -1)
    return np.asarray(page * (1 - 0.5 * cv2.GaussianBlur(shadow, (0, 0), 5)), np.uint8)


def test_where_brightness_leaves_it_open_both_polarities_are_looked_at() -> None:
    page = under_shadows()
    assert told(page) == Verdict(light_on_dark=True, is_clear=False)
    first, other = views_of(DecodedImage.from_pixels(page), Profile())
    assert [first.light_on_dark, other.light_on_dark] == [False, True]
    assert [len(row) for row in first.rows] == [7, 7]


def test_dark_ink_on_even_paper_is_looked_at_once_and_light_ink_never() -> None:
    picture = sheet_on_a_desk(0.4, sheet=240, desk=240, ink=50)
    assert len(views_of(DecodedImage.from_pixels(picture), Profile())) == 1
    assert len(views_of(DecodedImage.from_pixels(255 - picture), Profile())) == 2


def test_a_polarity_that_is_said_is_the_only_one() -> None:
    said = Profile(polarity=Polarity.LIGHT_ON_DARK)
    assert [view.light_on_dark for view in views_of(DecodedImage.from_pixels(under_shadows()), said)] == [True]


@pytest.mark.parametrize("is_light", [False, True])
def test_the_polarity_in_which_the_model_reads_more_is_taken(is_light: bool) -> None:
    image = DecodedImage.from_pixels(under_shadows())
    views = views_of(image, Profile())
    proposal = propose(image)
    assert proposal.rivals
    probabilities = np.full((len(proposal.asked), 10), 0.05, np.float32)
    of_view = slice(len(proposal.crops), None) if is_light else slice(len(proposal.crops))
    probabilities[of_view, 1] = 0.55
    reading = decide(proposal, probabilities)
    assert reading.digits
    assert views[reading.view].light_on_dark == is_light


def test_digits_are_more_legible_than_what_is_around_them() -> None:
    writing = (under_shadows() < 60).astype(np.uint8)
    pieces = find(writing, 255 * writing)
    inverse = find(1 - writing, 255 * (1 - writing))
    assert legibility(pieces, [pieces]) > legibility(inverse, [inverse]) + 0.3
    assert legibility([], []) == 0

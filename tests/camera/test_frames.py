"""From a picture to what goes on the wire."""

from __future__ import annotations

import base64

import cv2
import numpy as np
import pytest
from camera_worker import demo
from camera_worker.frames import digits_of, primary, to_frame
from camera_worker.image import Captured, Image, fit
from digitscribe.contracts import CameraFrame
from digitscribe.contracts.document import now
from digitscribe.vision.decode import DecodedImage
from digitscribe.vision.profile import Polarity, Profile
from digitscribe.vision.proposing import propose
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

PROFILE = Profile(polarity=Polarity.DARK_ON_LIGHT)


def frame_of(image: Image) -> CameraFrame:
    return to_frame(Captured(image, now()), PROFILE, {"captured": 3}, "42")


@pytest.fixture(scope="module")
def frame() -> CameraFrame:
    """The demo's first sheet, lying still."""
    return frame_of(demo.frame(30))


def test_a_frame_keeps_to_the_contract(frame: CameraFrame) -> None:
    assert CameraFrame.model_validate_json(frame.model_dump_json(exclude_none=True)).digits == frame.digits


def test_crops_are_784_bytes_of_white_ink_on_black(frame: CameraFrame) -> None:
    for digit in frame.digits:
        crop = np.frombuffer(base64.b64decode(digit.image), np.uint8)
        assert crop.size == 784
        assert crop.max() > 200
        assert np.median(crop) == 0


def test_boxes_lie_inside_the_frame_from_left_to_right(frame: CameraFrame) -> None:
    edges = [digit.box.x for digit in frame.digits]
    assert edges == sorted(edges)
    assert all(digit.box.x + digit.box.width <= frame.width for digit in frame.digits)


def test_the_preview_is_a_small_jpeg_of_the_same_shape(frame: CameraFrame) -> None:
    assert frame.preview is not None
    preview = cv2.imdecode(np.frombuffer(base64.b64decode(frame.preview), np.uint8), cv2.IMREAD_COLOR)
    assert preview is not None
    assert preview.shape == (300, 400, 3)


def test_counters_and_reading_travel_along(frame: CameraFrame) -> None:
    assert frame.counters == {"captured": 3}
    assert frame.reading == "42"


def test_red_ink_is_red_to_the_vision() -> None:
    # In grey, red ink on blue paper is darker than the paper only if blue and red are not exchanged.
    image = np.full((200, 200, 3), (255, 160, 160), np.uint8)
    cv2.putText(image, "3", (70, 130), cv2.FONT_HERSHEY_SIMPLEX, 3, (0, 0, 200), 8)
    assert len(digits_of(image, PROFILE)) == 1


def test_no_two_digits_of_a_frame_are_rivals() -> None:
    proposal = propose(DecodedImage.from_pixels(demo.frame(80)[..., ::-1].copy()), PROFILE)
    chosen = [proposal.hypotheses[i] for i in primary(proposal)]
    places = [(each.row, place) for each in chosen for place in range(each.start, each.end)]
    assert len(places) == len(set(places))
    assert len(chosen) == 10


def test_a_frame_full_of_specks_is_cut_to_what_the_contract_allows() -> None:
    image = np.full((700, 700, 3), 235, np.uint8)
    for number in range(400):
        left, top = 30 + 32 * (number % 20), 30 + 32 * (number // 20)
        cv2.line(image, (left + 8, top), (left, top + 20), (20, 20, 20), 4)
    assert len(frame_of(image).digits) == 200


@settings(max_examples=40)
@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 60), st.integers(1, 60), st.just(3))))
def test_a_wild_picture_becomes_a_valid_frame(image: Image) -> None:
    frame = frame_of(image)
    assert (frame.height, frame.width) == image.shape[:2]


@given(st.integers(1, 3000), st.integers(1, 3000), st.integers(1, 500))
@settings(max_examples=40)
def test_a_fitted_picture_is_never_larger_than_asked(height: int, width: int, max_side: int) -> None:
    fitted = fit(np.zeros((height, width, 3), np.uint8), max_side)
    assert min(fitted.shape[:2]) >= 1
    assert max(fitted.shape[:2]) <= max(max_side, 1)

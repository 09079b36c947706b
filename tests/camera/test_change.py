"""Which frames are worth sending."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from camera_worker.change import ChangeDetector, Thumbnail, Verdict, thumbnail
from camera_worker.image import Image


def sheet(brightness: float = 1.0, noise: int = 0, text: str = "", thickness: int = 3) -> Image:
    """A sheet of paper, 1280 × 720, as a camera sees it."""
    picture = np.full((720, 1280, 3), 200.0) * brightness
    picture += np.random.default_rng(noise).normal(0, 4, picture.shape) if noise else 0
    image = np.clip(picture, 0, 255).astype(np.uint8)
    cv2.putText(image, text, (500, 400), cv2.FONT_HERSHEY_SIMPLEX, 2, (40, 40, 40), thickness)
    return image


@pytest.fixture
def detector() -> ChangeDetector:
    """A detector that has sent an empty sheet at second 0 and let it settle."""
    detector = ChangeDetector(settle_frames=0)
    detector.sent(thumbnail(sheet()), Verdict.CHANGED, 0.0)
    return detector


def test_the_first_frame_is_a_change() -> None:
    assert ChangeDetector().judge(thumbnail(sheet()), 0.0) is Verdict.CHANGED


def test_the_same_picture_is_not_sent(detector: ChangeDetector) -> None:
    assert detector.judge(thumbnail(sheet()), 0.1) is Verdict.UNCHANGED


def test_noise_is_no_change(detector: ChangeDetector) -> None:
    assert detector.judge(thumbnail(sheet(noise=3)), 0.1) is Verdict.UNCHANGED


def test_a_darker_lamp_is_no_change(detector: ChangeDetector) -> None:
    assert detector.judge(thumbnail(sheet(brightness=0.93)), 0.1) is Verdict.UNCHANGED


@pytest.mark.parametrize("digit", "0123456789")
def test_one_written_digit_is_a_change(detector: ChangeDetector, digit: str) -> None:
    assert detector.judge(thumbnail(sheet(text=digit)), 0.1) is Verdict.CHANGED


def test_another_size_is_a_change(detector: ChangeDetector) -> None:
    assert detector.judge(thumbnail(sheet()[:, :600]), 0.1) is Verdict.CHANGED


def test_an_unchanged_picture_is_sent_as_a_heartbeat(detector: ChangeDetector) -> None:
    assert detector.judge(thumbnail(sheet()), 2.0) is Verdict.HEARTBEAT


def test_a_heartbeat_puts_off_the_next(detector: ChangeDetector) -> None:
    picture = thumbnail(sheet())
    detector.sent(picture, Verdict.HEARTBEAT, 2.0)
    assert detector.judge(picture, 3.9) is Verdict.UNCHANGED


def test_after_a_change_the_picture_is_sent_until_it_is_steady() -> None:
    detector, picture = ChangeDetector(settle_frames=3), thumbnail(sheet())
    verdicts = []
    for number in range(6):
        verdicts.append(detector.judge(picture, number / 10))
        if verdicts[-1].worth_sending:
            detector.sent(picture, verdicts[-1], number / 10)
    assert verdicts == [Verdict.CHANGED] + [Verdict.SETTLING] * 3 + [Verdict.UNCHANGED] * 2


def test_a_frame_that_was_lost_on_the_way_is_tried_again() -> None:
    detector, picture = ChangeDetector(), thumbnail(sheet())
    detector.judge(picture, 0.0)
    assert detector.judge(picture, 0.1) is Verdict.CHANGED


def test_slow_drift_adds_up_to_a_change(detector: ChangeDetector) -> None:
    drifting = thumbnail(sheet())
    verdicts = []
    for step in range(20):
        drifting[:30, :30] -= 1.0
        verdicts.append(detector.judge(drifting.copy(), 0.01 * step))
    assert verdicts[0] is Verdict.UNCHANGED
    assert verdicts[-1] is Verdict.CHANGED


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 4000, 3), (3000, 2, 3), (480, 640, 3)])
def test_thumbnails_of_any_shape_are_small(shape: tuple[int, int, int]) -> None:
    picture: Thumbnail = thumbnail(np.zeros(shape, np.uint8))
    assert picture.ndim == 2
    assert min(picture.shape) >= 1
    assert max(picture.shape) == 96

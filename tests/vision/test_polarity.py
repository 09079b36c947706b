"""Whether ink is darker or lighter than what it stands on."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from digitscribe.vision.illumination import is_light_on_dark
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
    assert not is_light_on_dark(sheet_on_a_desk(share, sheet=240, desk=195, ink=50))


@pytest.mark.parametrize("share", [0.32, 0.6, 0.9])
def test_chalk_on_a_small_board_is_light_on_dark(share: float) -> None:
    assert is_light_on_dark(sheet_on_a_desk(share, sheet=60, desk=110, ink=225))


@pytest.mark.parametrize("thickness", [3, 12, 40, 70])
def test_one_digit_is_told_whatever_its_pen(thickness: int) -> None:
    picture = np.full((200, 160), 245, np.uint8)
    cv2.putText(picture, "8", (30, 170), cv2.FONT_HERSHEY_SIMPLEX, 5, 20, thickness, cv2.LINE_AA)
    assert not is_light_on_dark(picture)
    assert is_light_on_dark(255 - picture)


def test_an_even_image_is_taken_for_paper() -> None:
    assert not is_light_on_dark(np.full((80, 60), 30, np.uint8))

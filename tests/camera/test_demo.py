"""The demo clip: what is written on it is what the vision finds."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from camera_worker import demo
from camera_worker.frames import digits_of
from digitscribe.vision.profile import Polarity, Profile

LYING = [round((sheet * demo.SHEET_S + 3.0) * demo.FPS) for sheet in range(len(demo.SHEETS))]
"""For each sheet, a frame in which it lies still."""


@pytest.mark.parametrize("number", LYING)
def test_every_digit_on_the_sheet_is_found_in_its_row(number: int) -> None:
    found = digits_of(demo.frame(number), Profile(polarity=Polarity.DARK_ON_LIGHT))
    rows = [sum(digit.row == row for digit in found) for row in sorted({digit.row for digit in found})]
    assert rows == [len(line) for line in demo.text_at(number).split("\n")]


def test_the_clip_is_always_the_same() -> None:
    assert np.array_equal(demo.frame(17), demo.frame(17))


def test_the_paper_moves() -> None:
    assert np.abs(demo.frame(12).astype(int) - demo.frame(15)).max() > 50


def test_every_digit_occurs() -> None:
    assert set("0123456789") <= set("".join(demo.SHEETS))


def test_the_sample_is_ten_rows_of_six_digits() -> None:
    sample = cv2.imread(str(demo.SAMPLE), cv2.IMREAD_GRAYSCALE)
    assert sample is not None
    assert sample.shape == (280, 168)
    assert all(demo.sample(digit, choice).max() >= 250 for digit in range(10) for choice in range(6))


def test_the_sample_is_the_first_six_of_each_digit_of_the_test_set() -> None:
    with np.load(Path(__file__).parents[2] / "data" / "mnist" / "mnist.npz") as mnist:
        images, labels = mnist["x_test"], mnist["y_test"]
    for digit in range(10):
        first = images[np.flatnonzero(labels == digit)[: demo.SAMPLES_PER_DIGIT]]
        assert all(np.array_equal(demo.sample(digit, choice), first[choice]) for choice in range(6))


@pytest.mark.parametrize("name", ["clip.mp4", "clip.avi"])
def test_the_command_writes_a_video_of_the_whole_clip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(demo, "SHEETS", ("42",))
    assert demo.main([str(tmp_path / name)]) == 0
    video = cv2.VideoCapture(str(tmp_path / name))
    assert int(video.get(cv2.CAP_PROP_FRAME_COUNT)) == demo.frames_of_clip() == 50
    video.release()


def test_a_place_that_cannot_be_written_is_an_error_and_no_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        demo.main([str(tmp_path / "nowhere" / "clip.mp4")])
    assert ended.value.code == 2
    assert "cannot be written" in capsys.readouterr().err

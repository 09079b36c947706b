"""The demo clip: sheets of paper with numbers of MNIST test digits, moved over a desk under a camera.

It is drawn frame by frame, always the same, from the sample in `assets/`. `python -m camera_worker.demo OUT` writes it
to a video file.
"""

from __future__ import annotations

import argparse
from collections.abc import Generator, Sequence
from functools import cache
from pathlib import Path
from typing import Final, cast

import cv2
import numpy as np
from digitscribe.errors import CameraUnavailable, DigitscribeError, InvalidInput
from numpy.typing import NDArray

from camera_worker.image import Image

FPS: Final = 10
WIDTH: Final = 640
HEIGHT: Final = 480

SHEETS: Final = ("2047", "31415\n92653", "1867", "60\n8849", "27182\n81828\n45904")
"""What is written on the sheets, one line per row of digits; every digit occurs."""

SHEET_S: Final = 5.0
"""How long a sheet is in the picture: it slides in, is held by an unsteady hand, lies still, slides out."""

SLIDE_S: Final = 0.7
SWAY_S: Final = 2.2

SAMPLE: Final = Path(__file__).parent / "assets" / "mnist-sample.png"
SAMPLES_PER_DIGIT: Final = 6
DIGIT_SIDE: Final = 28

SCALE: Final = 2.4
PITCH: Final = 64
ROW_PITCH: Final = 84
MARGIN: Final = 34

PAPER: Final = (236.0, 243.0, 246.0)
INK: Final = (110.0, 48.0, 36.0)
DESK: Final = (176.0, 196.0, 206.0)
NOISE_LEVELS: Final = 2.5


def frames_of_clip() -> int:
    """How many frames the clip has."""
    return round(len(SHEETS) * SHEET_S * FPS)


def clip() -> Generator[Image]:
    """All frames of the clip, uint8 [480, 640, 3] BGR, 10 a second."""
    for number in range(frames_of_clip()):
        yield frame(number)


def text_at(number: int) -> str:
    """What is written on the sheet in the frame `number`."""
    return SHEETS[int(number / FPS // SHEET_S) % len(SHEETS)]


def frame(number: int) -> Image:
    """The clip's frame `number`, uint8 [480, 640, 3] BGR."""
    elapsed_s = number / FPS % SHEET_S
    paper = sheet(text_at(number))
    picture = cv2.warpAffine(
        paper,
        pose(elapsed_s, paper.shape[1], paper.shape[0]),
        (WIDTH, HEIGHT),
        dst=_desk().copy(),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_TRANSPARENT,
    )
    noisy = picture.astype(np.float32) * _light() + _noise(number % 4)
    return cast(Image, np.clip(noisy, 0, 255).astype(np.uint8))


def pose(elapsed_s: float, width: int, height: int) -> NDArray[np.float64]:
    """Where a sheet of `width` × `height` lies `elapsed_s` after it appeared: an affine map, float64 [2, 3]."""
    sway = min(max(elapsed_s, 0.0), SWAY_S)
    angle = 3.0 * np.sin(3.1 * sway)
    shift_x = 12.0 * np.sin(2.3 * sway) + (WIDTH + width) / 2 * _outside(elapsed_s)
    shift_y = 7.0 * np.cos(1.9 * sway)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    matrix[:, 2] += (WIDTH - width) / 2 + shift_x, (HEIGHT - height) / 2 + shift_y
    return cast(NDArray[np.float64], matrix)


@cache
def sheet(text: str) -> Image:
    """A sheet of paper with the rows of `text` on it, uint8 [h, w, 3] BGR."""
    rows = text.split("\n")
    height = 2 * MARGIN + ROW_PITCH * len(rows)
    width = 2 * MARGIN + PITCH * max(map(len, rows))
    ink = np.zeros((height, width), np.float32)
    for row, digits in enumerate(rows):
        for column, digit in enumerate(digits):
            _stamp(ink, MARGIN + ROW_PITCH * row, MARGIN + PITCH * column, sample(int(digit), row + column))
    mixed = np.asarray(PAPER) * (1 - ink[..., None]) + np.asarray(INK) * ink[..., None]
    return mixed.astype(np.uint8)


def sample(digit: int, choice: int) -> Image:
    """A picture of `digit` from the sample, one of six by `choice`: uint8 [28, 28], white on black."""
    top, left = digit * DIGIT_SIDE, choice % SAMPLES_PER_DIGIT * DIGIT_SIDE
    return _sample()[top : top + DIGIT_SIDE, left : left + DIGIT_SIDE]


def write(path: Path) -> int:
    """Write the clip to the video file `path`, in the format of its suffix; returns the number of frames.

    Raises:
        InvalidInput: OpenCV cannot write that kind of file, or not there.
    """
    code = "MJPG" if path.suffix.lower() == ".avi" else "mp4v"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*code), FPS, (WIDTH, HEIGHT))
    if not writer.isOpened():
        raise InvalidInput(f"{path} cannot be written; use a name that ends in .mp4 or .avi, in a folder that exists")
    for image in clip():
        writer.write(image)
    writer.release()
    return frames_of_clip()


def main(arguments: Sequence[str] | None = None) -> int:
    """Command `python -m camera_worker.demo OUT`."""
    parser = argparse.ArgumentParser(prog="python -m camera_worker.demo", description="Write the demo clip to a file.")
    parser.add_argument("out", type=Path, metavar="OUT", help="the video file to write: .mp4 or .avi")
    path: Path = parser.parse_args(arguments).out
    try:
        frames = write(path)
    except DigitscribeError as error:
        parser.error(str(error))
    print(f"{path}: {frames} frames, {frames / FPS:.0f} s")
    return 0


def _outside(elapsed_s: float) -> float:
    """How far the sheet is out of the picture: 1 beyond the right edge, 0 in its place, -1 beyond the left."""
    if elapsed_s < SLIDE_S:
        return float((1 - elapsed_s / SLIDE_S) ** 2)
    leaving_s = elapsed_s - (SHEET_S - SLIDE_S)
    return -float((leaving_s / SLIDE_S) ** 2) if leaving_s > 0 else 0.0


def _stamp(ink: NDArray[np.float32], top: int, left: int, digit: Image) -> None:
    side = round(DIGIT_SIDE * SCALE)
    large = cv2.resize(digit, (side, side), interpolation=cv2.INTER_CUBIC).astype(np.float32) / 255
    place = ink[top : top + side, left : left + side]
    np.maximum(place, large, out=place)


@cache
def _sample() -> Image:
    found = cv2.imread(str(SAMPLE), cv2.IMREAD_GRAYSCALE)
    if found is None:
        raise CameraUnavailable(f"{SAMPLE} is missing or damaged; install the package again")
    return np.asarray(found, dtype=np.uint8)


@cache
def _desk() -> Image:
    grain = np.random.default_rng(7).normal(0, 5, (HEIGHT, 1, 1)).astype(np.float32)
    wood = cv2.GaussianBlur(grain, (1, 9), 0).reshape(HEIGHT, 1, 1)
    planks = np.asarray(DESK, np.float32) + np.broadcast_to(wood, (HEIGHT, WIDTH, 3))
    return cast(Image, np.clip(planks, 0, 255).astype(np.uint8))


@cache
def _light() -> NDArray[np.float32]:
    """A lamp at the upper left: float32 [480, 640, 1], between 0.75 and 1."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    away = np.hypot(x / WIDTH - 0.3, y / HEIGHT - 0.2)
    return np.asarray(1.0 - 0.25 * away / away.max(), np.float32)[..., None]


@cache
def _noise(seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(0, NOISE_LEVELS, (HEIGHT, WIDTH, 1)).astype(np.float32)


if __name__ == "__main__":
    raise SystemExit(main())

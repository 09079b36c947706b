"""Makes the sample pictures that the page offers to try, from MNIST test digits put on paper.

python -m tools.samples [--out services/ui/ui/static/samples]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parents[1]
OUT = ROOT / "services" / "ui" / "ui" / "static" / "samples"
WIDTH, HEIGHT = 960, 640
QUALITY = 84

Plane = NDArray[np.float32]
"""Float32 [HEIGHT, WIDTH], 0 to 1."""
Colour = tuple[float, float, float]
"""Red, green, blue, 0 to 255."""


class Hand:
    """Digits of MNIST's test set by what they are; each is used once."""

    def __init__(self) -> None:
        with np.load(ROOT / "data" / "mnist" / "mnist.npz") as mnist:
            self._images, labels = mnist["x_test"], mnist["y_test"]
        self._left = {digit: iter(np.flatnonzero(labels == digit)) for digit in range(10)}

    def write(self, digit: int, size: int) -> Plane:
        """`digit` as ink, float32 [size, size] in [0, 1], with the edges of a pen and not of a small picture."""
        small = self._images[next(self._left[digit])].astype(np.float32) / 255
        large = cv2.resize(small, (size, size), interpolation=cv2.INTER_CUBIC)
        soft = cv2.GaussianBlur(large, (0, 0), size / 90)
        ink: Plane = np.clip((np.asarray(soft) - 0.34) / 0.22, 0, 1).astype(np.float32)
        return ink


def written(hand: Hand, rows: Sequence[str], size: int, pitch: tuple[int, int], at: tuple[int, int]) -> Plane:
    """Ink of `rows` of digits, the first `at` (x, y), `pitch` (across, down) apart; a space leaves a place empty."""
    ink: Plane = np.zeros((HEIGHT, WIDTH), np.float32)
    unsteady = np.random.default_rng(len(rows) * size)
    for down, row in enumerate(rows):
        for across, letter in enumerate(row):
            if letter == " ":
                continue
            x = at[0] + across * pitch[0] + int(unsteady.integers(-4, 5))
            y = at[1] + down * pitch[1] + int(unsteady.integers(-5, 6))
            place = ink[y : y + size, x : x + size]
            np.maximum(place, hand.write(int(letter), size), out=place)
    return ink


def paper(colour: Colour, shade: float, seed: int) -> NDArray[np.float32]:
    """A lit sheet, float32 [HEIGHT, WIDTH, 3] RGB: `shade` darker towards one corner, with a grain."""
    across, down = np.meshgrid(np.linspace(0, 1, WIDTH), np.linspace(0, 1, HEIGHT))
    light = 1 - shade * (across**2 + 0.6 * down**2)
    chance = np.random.default_rng(seed)
    grain = cv2.GaussianBlur(chance.normal(0, 5, (HEIGHT, WIDTH)).astype(np.float32), (0, 0), 1.2)
    return (np.asarray(colour, np.float32) * light[..., None] + grain[..., None]).astype(np.float32)


def inked(ground: NDArray[np.float32], ink: Plane, colour: Colour, strength: float = 0.92) -> NDArray[np.float32]:
    """`ground` with `ink` of `colour` on it."""
    share = strength * ink[..., None]
    return (ground * (1 - share) + np.asarray(colour, np.float32) * share).astype(np.float32)


def ruled(step: int, squares: bool) -> Plane:
    """Thin printed lines, `step` pixels apart, as ink."""
    lines: Plane = np.zeros((HEIGHT, WIDTH), np.float32)
    lines[step // 2 :: step] = 1
    if squares:
        lines[:, step // 2 :: step] = 1
    return cv2.GaussianBlur(lines, (0, 0), 0.8).astype(np.float32)


def photographed(picture: NDArray[np.float32], lift: int, seed: int) -> NDArray[np.uint8]:
    """`picture` as a phone sees it: from aside by `lift` pixels, a little blurred and noisy; uint8 RGB."""
    before = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32)
    moves = np.array([[lift, lift / 2], [-lift / 3, 0], [0, -lift / 2], [lift / 4, 0]], np.float32)
    turn = cv2.getPerspectiveTransform(before, (before + moves).astype(np.float32))
    seen = cv2.warpPerspective(picture, turn, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
    noise = np.random.default_rng(seed).normal(0, 2.2, seen.shape)
    photo: NDArray[np.uint8] = np.clip(np.asarray(cv2.GaussianBlur(seen, (0, 0), 0.7)) + noise, 0, 255).astype(np.uint8)
    return photo


def note(hand: Hand) -> NDArray[np.uint8]:
    """A number on a note, in blue."""
    ink = written(hand, ["40719"], 190, (168, 0), (70, 225))
    return photographed(inked(paper((244, 240, 228), 0.22, 1), ink, (34, 52, 128)), 14, 1)


def squared(hand: Hand) -> NDArray[np.uint8]:
    """Three rows on squared paper, in pencil."""
    ground = inked(paper((246, 246, 243), 0.16, 2), ruled(32, squares=True), (150, 178, 206), 0.6)
    ink = written(hand, ["2750", "8346", "1923"], 128, (160, 176), (170, 66))
    return photographed(inked(ground, ink, (58, 58, 64), 0.86), 18, 2)


def board(hand: Hand) -> NDArray[np.uint8]:
    """Chalk on a board."""
    ink = written(hand, ["365"], 270, (245, 0), (115, 180))
    chalk = np.random.default_rng(3).uniform(0.72, 1, ink.shape).astype(np.float32)
    return photographed(inked(paper((46, 66, 60), 0.2, 3), (ink * chalk).astype(np.float32), (236, 238, 232)), 10, 3)


def sums(hand: Hand) -> NDArray[np.uint8]:
    """A column of numbers on ruled paper, in black."""
    ground = inked(paper((250, 246, 235), 0.26, 4), ruled(104, squares=False), (160, 170, 200), 0.6)
    ink = written(hand, ["184 602", "59 7731", "3086 24", "915 470"], 100, (108, 148), (100, 40))
    return photographed(inked(ground, ink, (40, 38, 44)), 12, 4)


TEXTS = {
    "note": "40719",
    "squared": "2750\n8346\n1923",
    "board": "365",
    "sums": "184602\n597731\n308624\n915470",
}
"""What is written on each sample, a line a row."""

SAMPLES: dict[str, Callable[[Hand], NDArray[np.uint8]]] = {
    "note": note,
    "squared": squared,
    "board": board,
    "sums": sums,
}


def make(out: Path) -> None:
    """Write every sample to `out` as a JPEG."""
    out.mkdir(parents=True, exist_ok=True)
    hand = Hand()
    for name, draw in SAMPLES.items():
        path = out / f"{name}.jpg"
        picture = cv2.cvtColor(draw(hand), cv2.COLOR_RGB2BGR)
        path.write_bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes())
        print(f"{path}  {path.stat().st_size // 1024} KiB")


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tools.samples", description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT, help="where the pictures go")
    make(parser.parse_args().out)


if __name__ == "__main__":
    main()

"""MNIST digits to write pages with, and a judge that knows which digits were written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from digitscribe.vision import second_look
from digitscribe.vision.deciding import Reading
from digitscribe.vision.decode import DecodedImage
from digitscribe.vision.normalize import normalize
from digitscribe.vision.profile import Profile
from numpy.typing import NDArray

from tools.evaluate.pages import Page, Style, write

MNIST = Path(__file__).parents[2] / "data" / "mnist" / "mnist.npz"

Digits = dict[int, list[NDArray[np.uint8]]]


@pytest.fixture(scope="session")
def digits() -> Digits:
    """Twenty images of each digit, plainly written: the nearest to the mean of their kind."""
    with np.load(MNIST) as content:
        images, labels = content["x_train"][:5000], content["y_train"][:5000]
    kinds: Digits = {}
    for label in range(10):
        members = images[labels == label]
        off = np.abs(members.astype(np.float32) - members.mean(axis=0)).sum(axis=(1, 2))
        kinds[label] = list(members[np.argsort(off)[:20]])
    return kinds


@pytest.fixture
def page_of(digits: Digits) -> Callable[..., Page]:
    """Writes rows of digits onto a page: `page_of(["12", "34"], ruled=True)`."""

    def make(rows: Sequence[str], seed: int = 0, **style: object) -> Page:
        rng = np.random.default_rng(seed)
        written = [[(int(c), digits[int(c)][int(rng.integers(20))]) for c in row] for row in rows]
        return write(written, Style(**style), rng)  # type: ignore[arg-type]

    return make


@pytest.fixture
def ask(digits: Digits) -> Callable[[NDArray[np.uint8]], second_look.Answers]:
    """Tells crops by the nearest of the written digits: it can only be right about ink."""
    known = np.stack([normalize(image) for label in range(10) for image in digits[label]]).astype(np.float32)
    known = known.reshape(len(known), -1) / 255

    def judge(crops: NDArray[np.uint8]) -> second_look.Answers:
        if not len(crops):
            return np.zeros((0, 10), np.float32), None, None
        seen = crops.reshape(len(crops), -1).astype(np.float32) / 255
        distance = ((seen[:, np.newaxis] - known) ** 2).sum(axis=2).reshape(len(crops), 10, 20).min(axis=2)
        likelihood = np.exp(-distance / 8)
        sure = np.exp(-distance.min(axis=1, keepdims=True) / 60)
        return (sure * likelihood / likelihood.sum(axis=1, keepdims=True)).astype(np.float32), None, None

    return judge


@pytest.fixture
def read(ask: Callable[[NDArray[np.uint8]], second_look.Answers]) -> Callable[..., Reading]:
    """Reads pixels, with `ask` in the model's place."""

    def make(pixels: NDArray[np.uint8], profile: Profile | None = None) -> Reading:
        return second_look.read(DecodedImage.from_pixels(pixels), profile or Profile(), ask)

    return make

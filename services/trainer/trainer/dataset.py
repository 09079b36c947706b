"""Labelled digits in memory, and MNIST from the file that is shipped with the repository."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from digitscribe.errors import InvalidInput, NotFound
from digitscribe.model_shape import SIDE
from numpy.typing import NDArray

VALIDATION_IMAGES = 5_000
"""Training images that are held back for every choice: 500 of each digit."""

NOT_A_DIGIT = 10
"""The label of pictures that are no digit: letters, scribbles, two digits in one box."""

NEITHER = 111
"""The label of what is no digit and, besides, no pair of digits for sure; of NOT_A_DIGIT some are pairs."""

NO_PAIR = 112
"""The label of what is no pair of digits for sure, but perhaps a digit: one with a part of another."""

_FIRST_PAIR = 11
_VALIDATION_SEED = 20_261_122


@dataclass(frozen=True, slots=True)
class Dataset:
    """Digits: `images` uint8 [N, 28, 28], white ink on black as in MNIST; `labels` uint8 [N] in 0..9.

    What is learnt from may hold pictures that are no digits: their label is NOT_A_DIGIT or greater.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def __post_init__(self) -> None:
        if self.images.ndim != 3 or self.images.shape[1:] != (SIDE, SIDE) or self.images.dtype != np.uint8:
            raise InvalidInput(f"images are uint8 [N, 28, 28], not {self.images.dtype} {list(self.images.shape)}")
        if self.labels.shape != self.images.shape[:1] or (self.labels.size and self.labels.max() > NO_PAIR):
            raise InvalidInput(f"there is one label for each image: 0 to 9, or {NOT_A_DIGIT} to {NO_PAIR} for no digit")

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, indices: NDArray[np.intp]) -> Dataset:
        """The digits at `indices`."""
        return Dataset(self.images[indices], self.labels[indices])

    def sample(self, limit: int | None, seed: int) -> Dataset:
        """At most `limit` digits, drawn without replacement; the same ones for the same seed."""
        if limit is None or limit >= len(self):
            return self
        return self.take(np.random.default_rng(seed).permutation(len(self))[:limit])


@dataclass(frozen=True, slots=True)
class Splits:
    """MNIST's training images in two: what is learnt from, and what every choice is made on."""

    train: Dataset
    validation: Dataset


def pair_label(first: int, second: int) -> int:
    """The label of two digits in one picture, from left to right: 11 to 110."""
    return _FIRST_PAIR + 10 * first + second


def dataset_of(images: Sequence[NDArray[np.uint8]], labels: Sequence[int] | NDArray[np.uint8]) -> Dataset:
    """Pictures uint8 [28, 28] and what each shows, as one; there may be none."""
    return Dataset(np.array(images, np.uint8).reshape(-1, SIDE, SIDE), np.array(labels, np.uint8))


def join(datasets: Sequence[Dataset]) -> Dataset:
    """All of `datasets` as one."""
    return Dataset(
        np.concatenate([each.images for each in datasets]), np.concatenate([each.labels for each in datasets])
    )


def told_apart(dataset: Dataset) -> tuple[Dataset, Dataset]:
    """The digits in `dataset`, and what is none."""
    are_none = dataset.labels >= NOT_A_DIGIT
    return dataset.take(np.flatnonzero(~are_none)), dataset.take(np.flatnonzero(are_none))


def load_mnist(data_dir: Path) -> Splits:
    """MNIST's 60,000 training images, split; the same 5,000 validate each time (500 of each digit).

    Raises:
        NotFound: there is no mnist.npz.
        InvalidInput: its checksum is not the recorded one.
    """
    arrays = _read(data_dir, "train")
    return split(arrays)


def load_mnist_test(data_dir: Path) -> Dataset:
    """MNIST's 10,000 test images; to be read once per release, never for a choice."""
    return _read(data_dir, "test")


def split(dataset: Dataset) -> Splits:
    """Hold back VALIDATION_IMAGES of `dataset`, as many of each digit."""
    order = np.random.default_rng(_VALIDATION_SEED).permutation(len(dataset))
    labels = dataset.labels[order]
    held = np.concatenate([order[labels == digit][: VALIDATION_IMAGES // 10] for digit in range(10)])
    rest = np.setdiff1d(np.arange(len(dataset)), held)
    return Splits(train=dataset.take(rest), validation=dataset.take(np.sort(held)))


def checksum(data_dir: Path) -> str:
    """The recorded SHA-256 of mnist.npz."""
    return _recorded(data_dir / "mnist" / "mnist.npz")


def _read(data_dir: Path, part: str) -> Dataset:
    path = data_dir / "mnist" / "mnist.npz"
    _verify(path)
    with np.load(path, allow_pickle=False) as arrays:
        return Dataset(arrays[f"x_{part}"], arrays[f"y_{part}"])


def existing(path: Path) -> Path:
    """`path`, a file that is shipped in the data folder; raises NotFound, saying what to do, where it is missing."""
    if not path.is_file():
        raise NotFound(f"{path} is missing; set DIGITSCRIBE_DATA_DIR to the repository's data folder")
    return path


def _verify(path: Path) -> None:
    existing(path)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != _recorded(path):
        raise InvalidInput(f"{path} is damaged: its SHA-256 is {found}, not the one in {path.name}.sha256")


def _recorded(path: Path) -> str:
    return path.with_name(f"{path.name}.sha256").read_text(encoding="ascii").split()[0]

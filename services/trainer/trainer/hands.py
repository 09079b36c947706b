"""Digits and letters of free handwriting fonts (`data/hands`): hands of many schools, where MNIST has those of one."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from trainer.dataset import NEITHER, NOT_A_DIGIT, Dataset, existing

HELD_FAMILIES = 5
"""Every so many families of fonts one is held back: its characters are for measuring only."""


def load_hands(data_dir: Path, held: bool = False) -> Dataset:
    """The characters to learn from, or those that are held back; letters and signs are labelled NEITHER.

    Raises:
        NotFound: there is no hands.npz.
    """
    with np.load(existing(data_dir / "hands" / "hands.npz"), allow_pickle=False) as arrays:
        number = np.unique(arrays["families"], return_inverse=True)[1]
        chosen = np.flatnonzero((number % HELD_FAMILIES == 0) == held)
        labels = np.where(arrays["labels"] == NOT_A_DIGIT, NEITHER, arrays["labels"]).astype(np.uint8)
        return Dataset(arrays["images"], labels).take(chosen)

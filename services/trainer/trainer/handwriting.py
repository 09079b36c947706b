"""Other people's handwriting as training data: scanned cells, one digit each, by writer.

The file is an npz with `x_raw` uint8 [N, 96, 96] (dark ink on light paper), `y` [N] in 0..9 and `writer` [N], as made
from kensanata/numbers (MIT licence, Alex Schroeder, by way of BSI-Business-Systems-Integration-AG/anagnostes). It is
not part of this repository: its path is an option of the training.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from digitscribe.errors import InvalidInput, NotFound
from digitscribe.vision.normalize import normalize
from numpy.typing import NDArray

from trainer.dataset import Dataset, Splits

LICENCE = "MIT, Copyright (c) 2017 Alex Schroeder (kensanata/numbers); not part of the repository"

FOLDS = 5
"""Writers are dealt into this many parts; of one of them nothing is learnt, to tell how well strangers are read."""

NOISE = 0.45
"""Grey below this share of Otsu's threshold is paper, not ink."""


def load_handwriting(path: Path, held_fold: int | None = None) -> Splits:
    """The digits in `path`, normalised; those by the writers of fold `held_fold` (from 0) make up the validation part.

    Without a fold all are learnt from.

    Raises:
        NotFound: there is no such file.
        InvalidInput: it is not as described above, or nobody is in the fold.
    """
    if not path.is_file():
        raise NotFound(f"no file {path}")
    with np.load(path, allow_pickle=False) as arrays:
        missing = {"x_raw", "y", "writer"} - set(arrays.files)
        if missing:
            raise InvalidInput(f"{path} lacks {', '.join(sorted(missing))}")
        raw, labels, writers = arrays["x_raw"], arrays["y"].astype(np.uint8), arrays["writer"]
    names = np.unique(writers)
    held = np.isin(writers, names[:0] if held_fold is None else names[held_fold::FOLDS])
    if held_fold is not None and not held.any():
        raise InvalidInput(f"{path} has {len(names)} writers: none of them is in fold {held_fold}")
    digits = Dataset(np.stack([normalize(ink_of(cell)) for cell in raw]), labels)
    return Splits(train=digits.take(np.flatnonzero(~held)), validation=digits.take(np.flatnonzero(held)))


def ink_of(cell: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The ink of a scanned cell, uint8 [H, W], dark on light: bright is ink, paper is 0."""
    paper = np.median(np.concatenate(_border(cell)))
    ink = np.clip(paper - cell.astype(np.float32), 0, 255).astype(np.uint8)
    threshold, _ = cv2.threshold(ink, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    ink[ink < NOISE * threshold] = 0
    return ink


def _border(cell: NDArray[np.uint8]) -> Sequence[NDArray[np.uint8]]:
    return cell[0], cell[-1], cell[:, 0], cell[:, -1]

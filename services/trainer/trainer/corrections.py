"""What people have corrected, as training data: `corrections.jsonl` and `crops/<recognition>_<digit>.png`."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from digitscribe.contracts.correction import Correction

from trainer.dataset import NOT_A_DIGIT, Dataset, dataset_of

_log = logging.getLogger(__name__)

SHARE = 0.05
"""Corrections are repeated until they are about this share of MNIST's digits, so that few are not lost."""

MOST_REPEATS = 20
"""But none is shown more often than this in an epoch."""


def load_corrections(folder: Path) -> Dataset:
    """The corrected digits in `folder`, each once, with the newest label; NOT_A_DIGIT for those that are none.

    A correction that was taken back, to what had been read, is none: whoever undoes a slip vouches for nothing.
    Digits that were read together with their neighbours have no picture, and are left out. Lines and pictures that are
    broken are skipped with a warning: one must not stop all retraining.
    """
    pairs = []
    for correction in _newest(folder / "corrections.jsonl"):
        crop = _crop(folder / "crops" / f"{correction.recognition_id}_{correction.digit_index}.png")
        if crop is not None:
            pairs.append((crop, NOT_A_DIGIT if correction.label is None else correction.label))
    return dataset_of([crop for crop, _ in pairs], [label for _, label in pairs])


def repeats(corrections: int, mnist: int) -> int:
    """How often each of `corrections` is to be shown beside so many digits of MNIST: 1 to MOST_REPEATS times."""
    return max(1, min(MOST_REPEATS, round(SHARE * mnist / max(1, corrections))))


def _newest(path: Path) -> list[Correction]:
    found: dict[tuple[str, int], Correction] = {}
    for correction in _all(path):
        digit = correction.recognition_id, correction.digit_index
        before = found.pop(digit, None)
        if before is None or before.label == before.read_as or correction.label != correction.read_as:
            found[digit] = correction
    return list(found.values())


def _all(path: Path) -> Iterator[Correction]:
    lines = path.read_bytes().splitlines() if path.is_file() else []
    for number, line in enumerate(lines, 1):
        try:
            yield Correction.model_validate_json(line)
        except ValueError:
            _log.warning("%s, line %d, is no correction; it is left out", path, number)


def _crop(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]] | None:
    if not path.is_file():
        return None
    image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if image is None or image.shape != (28, 28):
        _log.warning("%s is no picture of 28×28; it is left out", path)
        return None
    return np.asarray(image, np.uint8)

"""What is measured on a model's answers; arrays in, numbers out."""

from __future__ import annotations

import numpy as np
from digitscribe.contracts.model import Metrics
from numpy.typing import NDArray

_BINS = 15


def share_right(probabilities: NDArray[np.float32], labels: NDArray[np.uint8]) -> float:
    """The share of rows of `probabilities` [N, 10] whose greatest entry is at `labels` [N], in [0, 1]."""
    return float((probabilities.argmax(axis=1) == labels).mean())


def calibration_error(probabilities: NDArray[np.float32], labels: NDArray[np.uint8]) -> float:
    """Expected calibration error in [0, 1]: how far confidence and accuracy lie apart, over 15 equal bins."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    gaps = [abs(confidence[bins == each].sum() - right[bins == each].sum()) for each in range(_BINS)]
    return float(sum(gaps) / len(labels))


def measure(probabilities: NDArray[np.float32], labels: NDArray[np.uint8]) -> Metrics:
    """Metrics from answers on the validation split."""
    return Metrics(
        validation_accuracy=share_right(probabilities, labels),
        expected_calibration_error=calibration_error(probabilities, labels),
    )

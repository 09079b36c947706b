"""What is measured on a model's answers; arrays in, numbers out."""

from __future__ import annotations

import numpy as np
from digitscribe.contracts.model import Metrics
from numpy.typing import NDArray
from scipy.stats import rankdata

from trainer.answers import Answers

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


def auroc(of_digits: NDArray[np.float32], of_others: NDArray[np.float32]) -> float:
    """How often a digit scores higher than what is none, in [0, 1]: the area under the ROC curve (Mann and Whitney)."""
    ranks = rankdata(np.concatenate([of_digits, of_others]))
    below = ranks[: len(of_digits)].sum() - len(of_digits) * (len(of_digits) + 1) / 2
    return float(below / (len(of_digits) * len(of_others)))


def refused(of_digits: NDArray[np.float32]) -> float:
    """The share of digits whose score is below one half, in [0, 1]."""
    return float((of_digits < 0.5).mean())


def measure(digits: Answers, labels: NDArray[np.uint8], others: Answers) -> Metrics:
    """Metrics from answers on the validation split: on its digits, and on `others`, which are no digits."""
    return Metrics(
        validation_accuracy=share_right(digits.probabilities, labels),
        expected_calibration_error=calibration_error(digits.probabilities, labels),
        digit_auroc=auroc(digits.digit_scores, others.digit_scores),
        digits_refused=refused(digits.digit_scores),
    )

"""What a network's outputs say of digits: which one, and whether it is one. `trainer.architectures` lays them out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from digitscribe.model_shape import CLASSES
from numpy.typing import NDArray
from scipy.special import expit, softmax


@dataclass(frozen=True, slots=True)
class Answers:
    """What a model says of N pictures: `probabilities` float32 [N, 10] and `digit_scores` float32 [N], in [0, 1]."""

    probabilities: NDArray[np.float32]
    digit_scores: NDArray[np.float32]


def answers_of(outputs: NDArray[np.float32]) -> Answers:
    """The answers in a network's outputs, float32 [N, 32]."""
    probabilities = softmax(outputs[:, :CLASSES].astype(np.float64), axis=1)
    return Answers(probabilities.astype(np.float32), expit(outputs[:, CLASSES]).astype(np.float32))

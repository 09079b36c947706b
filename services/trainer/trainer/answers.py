"""A network's outputs taken apart: which digit, and whether it is one; which two digits, and whether it is two."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from digitscribe.model_shape import CLASSES
from numpy.typing import NDArray
from scipy.special import expit, softmax

from trainer.architectures import PAIR


@dataclass(frozen=True, slots=True)
class Answers:
    """What a model says of N pictures: `probabilities` float32 [N, 10] and `digit_scores` float32 [N], in [0, 1]."""

    probabilities: NDArray[np.float32]
    digit_scores: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PairAnswers:
    """What a model says of N pictures as pairs: `probabilities` float32 [N, 2, 10] and `scores` float32 [N]."""

    probabilities: NDArray[np.float32]
    scores: NDArray[np.float32]


def pair_answers_of(outputs: NDArray[np.float32]) -> PairAnswers:
    """The answers for pairs in a network's outputs, float32 [N, 32]."""
    logits = outputs[:, PAIR:-1].reshape(-1, 2, CLASSES).astype(np.float64)
    return PairAnswers(softmax(logits, axis=2).astype(np.float32), expit(outputs[:, -1]).astype(np.float32))


def answers_of(outputs: NDArray[np.float32]) -> Answers:
    """The answers in a network's outputs, float32 [N, 32]."""
    probabilities = softmax(outputs[:, :CLASSES].astype(np.float64), axis=1)
    return Answers(probabilities.astype(np.float32), expit(outputs[:, CLASSES]).astype(np.float32))

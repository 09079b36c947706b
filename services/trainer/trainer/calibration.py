"""Making a model's numbers mean what they say, on the validation split: temperature, and where a score is one half.

Guo et al., "On Calibration of Modern Neural Networks" (2017): one temperature divides all logits. It is folded into the
last layer's weights, so that the exported graph needs no more steps.
"""

from __future__ import annotations

import keras
import numpy as np
from digitscribe.model_shape import CLASSES
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from trainer import architectures

REFUSED = 0.003
"""Share of the validation digits that score below one half: at that threshold so many real digits are refused."""


def calibrated(
    model: keras.Model, outputs: NDArray[np.float32], labels: NDArray[np.uint8]
) -> tuple[keras.Model, NDArray[np.float32]]:
    """Calibrate on digits that were not learnt from.

    Args:
        model: is left as it is.
        outputs: what `model` gives for the digits, float32 [N, 32].
        labels: which digits they are, [N].

    Returns:
        A copy of `model` with calibrated probabilities and scores, and what it gives for the same digits.
    """
    scale = 1 / temperature(outputs[:, :CLASSES], labels)
    shift = float(np.quantile(outputs[:, CLASSES], REFUSED))
    given = outputs.copy()
    given[:, :CLASSES] *= scale
    given[:, CLASSES] -= shift
    return _folded(model, scale, shift), given


def _folded(model: keras.Model, scale: float, shift: float) -> keras.Model:
    copy = architectures.build(model.name)
    copy.set_weights(model.get_weights())
    kernel, bias = copy.get_layer(architectures.HEAD).get_weights()
    kernel[:, :CLASSES] *= scale
    bias[:CLASSES] *= scale
    bias[CLASSES] -= shift
    copy.get_layer(architectures.HEAD).set_weights([kernel, bias])
    return copy


def temperature(logits: NDArray[np.float32], labels: NDArray[np.uint8]) -> float:
    """By what `logits` [N, 10] are to be divided so that `labels` [N] are most likely; between 1/5 and 5."""

    def surprise(log_of_it: float) -> float:
        likely = log_softmax(logits.astype(np.float64) / np.exp(log_of_it), axis=1)
        return float(-likely[np.arange(len(labels)), labels].mean())

    found = minimize_scalar(surprise, bounds=(-np.log(5), np.log(5)), method="bounded")
    return float(np.exp(found.x))

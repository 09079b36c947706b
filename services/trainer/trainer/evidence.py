"""What speaks for an answer and what against it, by covering parts of the picture (Zeiler and Fergus, 2014).

A patch that hides ink is moved over the picture. By how much the log-odds of the answer fall is what the ink under the
patch had said for it; where they rise, the ink had spoken against it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from digitscribe.model_shape import SIDE
from numpy.typing import NDArray

Tensor = Any

PATCH = 6
"""Side of the patch, in pixels: about two strokes wide."""

STRIDE = 2
"""Pixels from one place of the patch to the next."""


def evidence_of(classify: Callable[[Tensor], Tensor], images: Tensor, logits: Tensor) -> Tensor:
    """The evidence map of each of `images`, float32 [N, 28, 28, 1], whose `logits` are float32 [N, 10].

    Args:
        classify: images float32 [M, 28, 28, 1] to logits float32 [M, 10].
        images: white ink on black.
        logits: what `classify` gives for them.

    Returns:
        float32 [N, 28, 28]: nats of log-odds that the ink around each pixel speaks for the answer (below 0: against).
    """
    covers = _covers()

    def one(given: tuple[Tensor, Tensor]) -> Tensor:
        image, said = given
        answer = tf.argmax(said)
        falls = _log_odds(said[None], answer) - _log_odds(classify(image * covers), answer)
        return tf.reshape(falls, [SIDE // STRIDE, SIDE // STRIDE, 1])

    coarse = tf.map_fn(one, (images, logits), fn_output_signature=tf.TensorSpec([14, 14, 1], tf.float32))
    return tf.image.resize(tf.reshape(coarse, [-1, 14, 14, 1]), (SIDE, SIDE), method="bilinear")[..., 0]


def _covers() -> Tensor:
    """For each place of the patch a mask, float32 [196, 28, 28, 1]: 0 under the patch, 1 elsewhere."""
    # made from its sides in the graph: as a constant the masks would outweigh a small model
    side = tf.constant(_covered())
    under = side[:, None, :, None] * side[None, :, None, :]
    return tf.reshape(1 - under, [-1, SIDE, SIDE, 1])


def _covered() -> NDArray[np.float32]:
    """For each place of the patch along one side, float32 [14, 28]: 1 where it lies."""
    pixels, places = np.arange(SIDE), np.arange(0, SIDE, STRIDE)[:, np.newaxis]
    reach = (PATCH - STRIDE) // 2
    return ((pixels >= places - reach) & (pixels < places + STRIDE + reach)).astype(np.float32)


def _log_odds(logits: Tensor, answer: Tensor) -> Tensor:
    """The logarithm of p ÷ (1 − p) of column `answer`, float32 [M], from logits float32 [M, 10]."""
    others = tf.where(tf.range(10, dtype=tf.int64)[None] == answer, -np.inf, logits)
    return logits[:, answer] - tf.reduce_logsumexp(others, axis=1)

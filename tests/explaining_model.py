"""A small SavedModel that explains itself: the shipped model's answers, and a real occlusion map of them.

python -m tests.explaining_model FOLDER

It has the signatures of a version that can be looked into (`serving_default` with a digit score, `explain`), for tests
of everything around that; its feature maps are those of a few fixed filters.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

SHIPPED = Path(__file__).parents[1] / "data" / "models" / "digits" / "1"
PATCH = 5
"""Side of the square of ink that is covered, in pixels."""

_STRIDE = 2


class Explaining(tf.Module):  # type: ignore[misc]
    """The shipped model, with `explain` added."""

    def __init__(self) -> None:
        super().__init__()
        self.shipped = tf.saved_model.load(str(SHIPPED))
        random = np.random.default_rng(5)
        self.first = tf.constant(random.normal(size=(3, 3, 1, 12)).astype(np.float32))
        self.second = tf.constant(random.normal(size=(3, 3, 12, 24)).astype(np.float32) / 6)

    @tf.function(input_signature=[tf.TensorSpec([None, 28, 28, 1], tf.float32, name="images")])  # type: ignore[misc]
    def classify(self, images: Any) -> dict[str, Any]:
        """`serving_default`."""
        probabilities = self._probabilities(images)
        return {"probabilities": probabilities, "digit_score": tf.reduce_max(probabilities, axis=1)}

    @tf.function(input_signature=[tf.TensorSpec([None, 28, 28, 1], tf.float32, name="images")])  # type: ignore[misc]
    def explain(self, images: Any) -> dict[str, Any]:
        """`explain`."""
        features_1 = tf.nn.relu(tf.nn.conv2d(images, self.first, 1, "SAME"))
        features_2 = tf.nn.relu(tf.nn.conv2d(tf.nn.max_pool2d(features_1, 2, 2, "SAME"), self.second, 1, "SAME"))
        evidence = tf.map_fn(self._evidence, images)
        return {"features_1": features_1, "features_2": features_2, "evidence": evidence, **self.classify(images)}

    def _probabilities(self, images: Any) -> Any:
        return self.shipped.signatures["serving_default"](images=images)["probabilities"]

    def _evidence(self, image: Any) -> Any:
        covers = tf.constant(_covers())
        answer = tf.argmax(self._probabilities(image[tf.newaxis])[0])
        odds = _log_odds(self._probabilities(image[tf.newaxis])[0, answer])
        fall = odds - _log_odds(self._probabilities(image[tf.newaxis] * (1 - covers))[:, answer])
        spread = tf.reduce_sum(covers[..., 0] * fall[:, tf.newaxis, tf.newaxis], axis=0)
        return spread / tf.reduce_sum(covers[..., 0], axis=0)


def _covers() -> np.ndarray:
    """Squares that together cover everything, float32 [K, 28, 28, 1]."""
    starts = range(-PATCH // 2, 28, _STRIDE)
    covers = np.zeros((len(starts) ** 2, 28, 28, 1), np.float32)
    for number, (y, x) in enumerate((y, x) for y in starts for x in starts):
        covers[number, max(0, y) : y + PATCH, max(0, x) : x + PATCH] = 1
    return covers


def _log_odds(probability: Any) -> Any:
    clipped = tf.clip_by_value(probability, 1e-6, 1 - 1e-6)
    return tf.math.log(clipped) - tf.math.log(1 - clipped)


def save(folder: Path) -> None:
    """Write the model to `folder`, with the shipped model's card beside it."""
    model = Explaining()
    signatures = {"serving_default": model.classify, "explain": model.explain}
    tf.saved_model.save(model, str(folder), signatures=signatures)


if __name__ == "__main__":
    save(Path(sys.argv[1]))

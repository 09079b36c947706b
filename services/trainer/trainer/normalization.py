"""Batch normalization that one kernel calculates while a network learns.

Ioffe and Szegedy, "Batch normalization" (2015). Keras puts it together from moments, sums and products, each of them a
pass over a whole batch: half of a step's time on a processor. TensorFlow's fused kernel does with two passes;
the weights, and all that is calculated out of training, are Keras's own.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf
from keras import layers

_BLOCK = 16
"""Channels that oneDNN takes at once: in bfloat16 the kernel is forty times slower where they leave a remainder."""


class FusedBatchNormalization(layers.BatchNormalization):  # type: ignore[misc]  # Keras has no types
    """Keras's layer for [N, H, W, C], a few times as fast in training; other shapes are left to Keras."""

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """The normalised `inputs`, of their shape and dtype; in training the moving statistics follow the batch."""
        if not training or len(inputs.shape) != 4:
            return super().call(inputs, training=training, mask=mask)
        exact = inputs if inputs.shape[-1] % _BLOCK == 0 else tf.cast(inputs, tf.float32)
        normal, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=exact,
            scale=tf.convert_to_tensor(self.gamma),
            offset=tf.convert_to_tensor(self.beta),
            mean=[],
            variance=[],
            epsilon=self.epsilon,
            is_training=True,
        )
        for moving, now in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + now * (1 - self.momentum))
        return tf.cast(normal, inputs.dtype)

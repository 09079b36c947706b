"""Writes the SavedModel beside this file, whose answer takes as many seconds as its largest input says.

    python tests/serving/slow_model/make_slow_model.py

Signature `serving_default`: `seconds` float32 [N] → `output_0` float32 [N], the same numbers. It was made for these
tests and is licensed as the rest of the repository.
"""

from pathlib import Path

import tensorflow as tf


class Slow(tf.Module):  # type: ignore[misc]
    """Looks at the clock until it is time."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="seconds")])  # type: ignore[untyped-decorator]
    def serve(self, seconds: tf.Tensor) -> dict[str, tf.Tensor]:
        until = tf.timestamp() + tf.cast(tf.reduce_max(seconds), tf.float64)
        late = tf.while_loop(lambda now: now < until, lambda _: tf.timestamp(), [tf.timestamp()])
        with tf.control_dependencies(late):
            return {"output_0": tf.identity(seconds)}


if __name__ == "__main__":
    slow = Slow()
    tf.saved_model.save(slow, str(Path(__file__).parent / "1"), signatures={"serving_default": slow.serve})

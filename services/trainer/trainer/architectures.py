"""The networks, by name. Each takes float32 [N, 28, 28, 1] in [0, 1] and gives float32 [N, 32].

Columns 0 to 9 are the logits of the digits, column 10 is the logit of being a digit at all; columns 11 to 20 are the
logits of the first of two digits, 21 to 30 those of the second, and column 31 is the logit of being two
(`trainer.answers` and the exported graph take them apart). A new network is a function with `@architecture("name")`;
nothing else has to know of it, but that the ends of its first two blocks have the names in `FEATURES` and are
[N, 28, 28, C] and [N, 14, 14, D]: people are shown them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from digitscribe.errors import InvalidInput
from digitscribe.model_shape import CLASSES, SIDE
from keras import layers

from trainer.normalization import FusedBatchNormalization

Builder = Callable[[], keras.Model]

PAIR = CLASSES + 1
"""Where the outputs for pairs of digits begin: ten for the first digit, ten for the second, and whether it is two."""

OUTPUTS = PAIR + 2 * CLASSES + 1
"""Ten digits and whether it is one, and then those for pairs."""

FEATURES = ("features_1", "features_2")
"""Layers whose outputs are shown."""

HEAD = "logits"
"""The digits' last layer, a Dense one: calibration is folded into its weights."""

BRANCH = "pair"
"""What the names of the layers begin with that read pairs."""

_BUILDERS: dict[str, Builder] = {}


def architecture(name: str) -> Callable[[Builder], Builder]:
    """Register the decorated function under `name`."""

    def register(builder: Builder) -> Builder:
        _BUILDERS[name] = builder
        return builder

    return register


def names() -> list[str]:
    """All architectures."""
    return sorted(_BUILDERS)


def build(name: str, policy: str = "float32") -> keras.Model:
    """A fresh network; its weights and its outputs are float32, its sums are of Keras's dtype `policy`.

    Raises:
        InvalidInput: there is none of this name.
    """
    if name not in _BUILDERS:
        raise InvalidInput(f"no architecture {name!r}; there are {', '.join(names())}")
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        return _BUILDERS[name]()
    finally:
        keras.config.set_dtype_policy(before)


def _conv(x: Any, filters: int, name: str | None = None) -> Any:
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False, kernel_initializer="he_normal")(x)
    return layers.ReLU(name=name)(FusedBatchNormalization(momentum=0.98)(x))


class StopGradient(keras.layers.Layer):  # type: ignore[misc]
    """Passes its input on; what comes after it does not change what comes before."""

    def call(self, inputs: Any) -> Any:
        """Keras's hook."""
        return keras.ops.stop_gradient(inputs)


def reads_pairs(variable: Any) -> bool:
    """Whether a network's variable is of the branch that reads pairs of digits."""
    return bool(variable.path.startswith(BRANCH))


def _with_pairs(digits: Any, features: Any) -> Any:
    """All outputs: those of the digits, and what a small branch makes of the `features` [N, 7, 7, C] of two digits.

    No gradient leads back from it: reading pairs costs nothing of how well digits are read.
    """
    x = StopGradient(name=f"{BRANCH}_features")(features)
    x = layers.Conv2D(32, 1, activation="relu", name=f"{BRANCH}_mix")(x)
    x = layers.Conv2D(32, 3, strides=2, padding="same", activation="relu", name=f"{BRANCH}_halves")(x)
    pairs = layers.Dense(OUTPUTS - PAIR, name=f"{BRANCH}_logits", dtype="float32")(layers.Flatten()(x))
    return layers.Concatenate(dtype="float32")([digits, pairs])


def _head(x: Any) -> Any:
    return layers.Dense(PAIR, name=HEAD, dtype="float32")(x)


@architecture("residual")
def _residual() -> keras.Model:
    """Little work where pictures are large and much where they are small: what matrix units are fast at."""
    x = images = keras.Input((SIDE, SIDE, 1), name="images")
    x = layers.MaxPooling2D()(_conv(_conv(x, 8), 16, FEATURES[0]))
    x = layers.MaxPooling2D()(_conv(_conv(x, 48), 64, FEATURES[1]))
    x = _conv(x, 128)
    x = features = layers.Add()([x, _conv(x, 128)])
    x = layers.MaxPooling2D(padding="same")(x)
    x = layers.Dropout(0.4)(layers.Flatten()(x))
    x = layers.Dense(64, use_bias=False, kernel_initializer="he_normal")(x)
    x = layers.ReLU()(layers.BatchNormalization(momentum=0.98)(x))
    return keras.Model(images, _with_pairs(_head(layers.Dropout(0.2)(x)), features), name="residual")


@architecture("cnn")
def _cnn() -> keras.Model:
    x = images = keras.Input((SIDE, SIDE, 1), name="images")
    x = layers.MaxPooling2D()(_conv(_conv(x, 16), 24, FEATURES[0]))
    x = layers.MaxPooling2D()(_conv(_conv(x, 48), 64, FEATURES[1]))
    x = features = _conv(x, 128)
    x = layers.MaxPooling2D(padding="same")(x)
    x = layers.Dropout(0.4)(layers.Flatten()(x))
    x = layers.Dense(96, use_bias=False, kernel_initializer="he_normal")(x)
    x = layers.ReLU()(layers.BatchNormalization(momentum=0.98)(x))
    return keras.Model(images, _with_pairs(_head(layers.Dropout(0.3)(x)), features), name="cnn")


@architecture("tiny")
def _tiny() -> keras.Model:
    """For tests and slow machines: learns in seconds."""
    x = images = keras.Input((SIDE, SIDE, 1), name="images")
    x = layers.MaxPooling2D()(_conv(x, 8, FEATURES[0]))
    x = features = layers.MaxPooling2D()(_conv(x, 16, FEATURES[1]))
    return keras.Model(images, _with_pairs(_head(layers.Flatten()(x)), features), name="tiny")

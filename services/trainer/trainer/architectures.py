"""The networks, by name. Each takes float32 [N, 28, 28, 1] in [0, 1] and gives logits float32 [N, 10].

A new one is a function with `@architecture("name")`; nothing else has to know of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from digitscribe.errors import InvalidInput
from keras import layers

Builder = Callable[[], keras.Model]

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


def build(name: str) -> keras.Model:
    """A fresh network.

    Raises:
        InvalidInput: there is none of this name.
    """
    if name not in _BUILDERS:
        raise InvalidInput(f"no architecture {name!r}; there are {', '.join(names())}")
    return _BUILDERS[name]()


def _conv(x: Any, filters: int) -> Any:
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False, kernel_initializer="he_normal")(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.98)(x))


@architecture("cnn")
def _cnn() -> keras.Model:
    x = images = keras.Input((28, 28, 1), name="images")
    for first, second in ((16, 24), (48, 64)):
        x = layers.MaxPooling2D()(_conv(_conv(x, first), second))
    x = layers.MaxPooling2D(padding="same")(_conv(x, 128))
    x = layers.Dropout(0.4)(layers.Flatten()(x))
    x = layers.Dense(96, use_bias=False, kernel_initializer="he_normal")(x)
    x = layers.ReLU()(layers.BatchNormalization(momentum=0.98)(x))
    return keras.Model(images, layers.Dense(10, name="logits")(layers.Dropout(0.3)(x)), name="cnn")


@architecture("tiny")
def _tiny() -> keras.Model:
    """For tests and slow machines: learns in seconds."""
    x = images = keras.Input((28, 28, 1), name="images")
    x = layers.MaxPooling2D()(_conv(x, 8))
    x = layers.MaxPooling2D()(_conv(x, 16))
    return keras.Model(images, layers.Dense(10, name="logits")(layers.Flatten()(x)), name="tiny")

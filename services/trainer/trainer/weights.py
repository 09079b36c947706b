"""A network's weights as one small file without code, for evaluating and for training further."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
from digitscribe.errors import ModelError

from trainer import architectures


def save_weights(model: keras.Model, path: Path) -> None:
    """Write the architecture's name (the model's) and all weights, float32."""
    arrays = {f"w{number}": each for number, each in enumerate(model.get_weights())}
    np.savez_compressed(path, architecture=np.array(model.name), **arrays)


def load_weights(path: Path) -> keras.Model:
    """The network in the file `path`.

    Raises:
        ModelError: there is no such file, or it is of an architecture that is not (or no longer) known.
    """
    if not path.is_file():
        raise ModelError(f"{path} is missing: this version cannot be trained further; train from scratch")
    with np.load(path, allow_pickle=False) as arrays:
        name = str(arrays["architecture"])
        if name not in architectures.names():
            raise ModelError(f"{path} is of the unknown architecture {name!r}")
        model = architectures.build(name)
        stored = [arrays[f"w{number}"] for number in range(len(arrays.files) - 1)]
        # versions from before pairs were read do not have that branch: there it is as it begins
        older = len(stored) < len(model.weights)
        known = [each for each in model.weights if not (older and architectures.reads_pairs(each))]
        for weight, value in zip(known, stored, strict=True):
            weight.assign(value)
    return model


def blended(start: keras.Model, end: keras.Model, share: float) -> keras.Model:
    """The network between `start` and what it became: `share` of `end`'s weights, the rest of `start`'s.

    What was learnt later is mostly kept, and what was known before is not forgotten (Wortsman et al., "Robust
    fine-tuning of zero-shot models", 2022).

    Raises:
        ModelError: they are of different architectures.
    """
    if start.name != end.name:
        raise ModelError(f"{start.name!r} and {end.name!r} are different architectures: nothing lies between them")
    model = architectures.build(end.name)
    pairs = zip(start.get_weights(), end.get_weights(), strict=True)
    model.set_weights([(1 - share) * before + share * after for before, after in pairs])
    return model

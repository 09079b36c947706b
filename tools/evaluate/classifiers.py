"""Who tells the digits: a model server, or a SavedModel in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from digitscribe.serving.client import ServingClient
from digitscribe.settings import ServingSettings
from numpy.typing import NDArray

Classifier = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""Crops uint8 [M, 28, 28] to probabilities float32 [M, 10]."""


def served(address: str) -> Classifier:
    """A running model server, asked over gRPC at host:port."""
    client = ServingClient(ServingSettings(serving_grpc=address))
    return lambda crops: client.predict(images_of(crops)).probabilities


def saved(folder: Path) -> Classifier:
    """A SavedModel: its folder, or the folder of its versions (the newest is taken)."""
    import tensorflow as tf  # costs 2 s and 550 MB: only where it is asked for

    versions = [child for child in folder.iterdir() if child.name.isdigit()]
    newest = max(versions, key=lambda child: int(child.name)) if versions else folder
    signature: Any = tf.saved_model.load(str(newest)).signatures["serving_default"]

    def classify(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        if not len(crops):
            return np.zeros((0, 10), np.float32)
        return np.asarray(signature(images=tf.constant(images_of(crops)))["probabilities"], dtype=np.float32)

    return classify


def images_of(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Crops as the model wants them: float32 [M, 28, 28, 1] in [0, 1]."""
    return crops[..., np.newaxis].astype(np.float32) / np.float32(255)

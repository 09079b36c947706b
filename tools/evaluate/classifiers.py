"""Who tells the digits: a model server, or a SavedModel in this process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from digitscribe.pairs import Pairs
from digitscribe.serving.client import ServingClient
from digitscribe.settings import ServingSettings
from numpy.typing import NDArray
from trainer.answers import Answers


@dataclass(frozen=True)
class Answer:
    """What a model says of M crops: probabilities float32 [M, 10] and, if it has them, digit scores float32 [M] and
    what each is as a pair."""

    probabilities: NDArray[np.float32]
    digit_scores: NDArray[np.float32] | None = None
    pairs: Pairs | None = None


Classifier = Callable[[NDArray[np.uint8]], Answer]
"""Asked with crops, uint8 [M, 28, 28]."""

_PART = 256
"""Pictures that are asked about at once where there are many: all of them would take gigabytes."""


def served(address: str) -> Classifier:
    """A running model server, asked over gRPC at host:port."""
    client = ServingClient(ServingSettings(serving_grpc=address))

    def classify(crops: NDArray[np.uint8]) -> Answer:
        prediction = client.predict(images_of(crops))
        return Answer(prediction.probabilities, prediction.digit_scores, prediction.pairs)

    return classify


def saved(folder: Path) -> Classifier:
    """A SavedModel: its folder, or the folder of its versions (the newest is taken)."""
    import tensorflow as tf  # costs 2 s and 550 MB: only where it is asked for

    versions = [child for child in folder.iterdir() if child.name.isdigit()]
    newest = max(versions, key=lambda child: int(child.name)) if versions else folder
    model: Any = tf.saved_model.load(str(newest))
    signature = model.signatures["serving_default"]

    def classify(crops: NDArray[np.uint8]) -> Answer:
        if not len(crops):
            return Answer(np.zeros((0, 10), np.float32))
        outputs = signature(images=tf.constant(images_of(crops)))
        found = {name: np.asarray(output, np.float32) for name, output in outputs.items()}
        scores, pair_scores = found.get("digit_score"), found.get("pair_score")
        pairs = None if pair_scores is None else Pairs(found["pair_probabilities"], pair_scores)
        return Answer(found["probabilities"], None if scores is None else scores.reshape(-1), pairs)

    return classify


def in_parts(classify: Classifier, images: NDArray[np.uint8]) -> Answers:
    """What a model says of N pictures uint8 [N, 28, 28], asked in parts; one without scores takes all for digits."""
    given = [classify(images[start : start + _PART]) for start in range(0, len(images), _PART)]
    scores = [np.ones(len(each.probabilities)) if each.digit_scores is None else each.digit_scores for each in given]
    return Answers(np.concatenate([each.probabilities for each in given]), np.concatenate(scores).astype(np.float32))


def images_of(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Crops as the model wants them: float32 [M, 28, 28, 1] in [0, 1]."""
    return crops[..., np.newaxis].astype(np.float32) / np.float32(255)

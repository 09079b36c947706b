"""The training loop: steps, averaged weights, checkpoints."""

from __future__ import annotations

import dataclasses
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from digitscribe.errors import InvalidInput
from digitscribe.model_shape import CLASSES
from numpy.typing import NDArray

from trainer import architectures, precision
from trainer.architectures import PAIR, reads_pairs
from trainer.augmentation import Augmentation
from trainer.dataset import NEITHER, NO_PAIR, NOT_A_DIGIT, Dataset, pair_label
from trainer.metrics import share_right
from trainer.pipeline import evaluation_batches, training_batches
from trainer.recipes import ALL, Recipe
from trainer.schedule import averaging, learning_rate
from trainer.steps import Step

Listener = Callable[[Step], None]
Weights = list[NDArray[np.float32]]

NEGATIVES_WEIGHT = 0.5
"""How much telling digits from what is none counts beside telling digits apart."""

PAIRS_WEIGHT = 0.3
"""How much reading pairs of digits counts beside reading digits."""

_REPORT_EVERY = 20


class Fitting:
    """A training under way: the network, its averaged weights and the optimiser.

    Example:
        fitting = Fitting(Recipe(epochs=3), train, validation)
        fitting.run(print)
        accuracy(fitting.best_model(), validation)
    """

    def __init__(self, recipe: Recipe, train: Dataset, validation: Dataset, start: Weights | None = None) -> None:
        keras.utils.set_random_seed(recipe.seed)
        self.recipe, self.epoch, self.best, self.seconds = recipe, 0, 0.0, 0.0
        self._train, self._validation = train, validation
        self._model = architectures.build(recipe.architecture, precision.policy())
        self._averaged = architectures.build(recipe.architecture)
        if start is not None:
            _set_weights(self._model, start)
        self._averaged.set_weights(self._model.get_weights())
        self._best_weights = self._averaged.get_weights()
        self._best_outputs: NDArray[np.float32] | None = None
        self._optimizer = keras.optimizers.AdamW(recipe.peak_rate, weight_decay=recipe.weight_decay)
        self._whole = recipe.learns == ALL
        self._learning = [each for each in self._model.trainable_variables if self._whole or reads_pairs(each)]
        self._optimizer.build(self._learning)
        self._rate, self._keep = (tf.Variable(0.0, dtype=tf.float32) for _ in range(2))
        self._step = tf.function(self._make_step())
        self._per_epoch = max(1, len(train) // recipe.batch_size)

    @property
    def steps(self) -> int:
        """Steps of the whole training."""
        return self._per_epoch * self.recipe.epochs

    def best_model(self) -> keras.Model:
        """The network with the averaged weights of its best epoch (on the validation split): the one to export."""
        model = architectures.build(self.recipe.architecture)
        model.set_weights(self._best_weights)
        return model

    def best_outputs(self) -> NDArray[np.float32]:
        """What `best_model` gives for the validation split, float32 [N, 32]."""
        if self._best_outputs is None:  # not in the checkpoint
            self._best_outputs = predict(self.best_model(), self._validation)
        return self._best_outputs

    def run(self, listener: Listener, checkpoint: Path | None = None) -> None:
        """Train to the end, telling `listener`; with `checkpoint`, save the state there after each epoch."""
        while self.epoch < self.recipe.epochs:
            started = time.monotonic()
            told = self._run_epoch(listener)
            outputs = predict(self._averaged, self._validation)
            measured = share_right(outputs[:, :CLASSES], self._validation.labels)
            if measured >= self.best:
                self.best, self._best_weights, self._best_outputs = measured, self._averaged.get_weights(), outputs
            self.epoch, self.seconds = self.epoch + 1, self.seconds + time.monotonic() - started
            if checkpoint:
                self.save(checkpoint)
            listener(dataclasses.replace(told, epoch=self.epoch, validation_accuracy=measured))

    def save(self, path: Path) -> None:
        """Write everything that `restore` needs, in one rename."""
        state: dict[str, Any] = {f"v{number}": np.asarray(each) for number, each in enumerate(self._variables())}
        state |= {f"b{number}": each for number, each in enumerate(self._best_weights)}
        facts = {"epoch": self.epoch, "best": self.best, "seconds": self.seconds}
        about = json.dumps({"recipe": dataclasses.asdict(self.recipe), **facts})
        unfinished = path.with_name(f".{path.name}.part")
        with unfinished.open("wb") as file:
            np.savez(file, about=np.array(about), **state)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)

    def restore(self, path: Path) -> None:
        """Carry on where `save` left off.

        Raises:
            InvalidInput: the checkpoint is of another recipe.
        """
        with np.load(path, allow_pickle=False) as state:
            about = json.loads(str(state["about"]))
            if about["recipe"] != dataclasses.asdict(self.recipe):
                raise InvalidInput(f"{path} is a training with other settings: {about['recipe']}")
            for number, variable in enumerate(self._variables()):
                variable.assign(state[f"v{number}"])
            self._best_weights = [state[f"b{number}"] for number in range(len(self._best_weights))]
            self._best_outputs = None
        self.epoch, self.best, self.seconds = int(about["epoch"]), float(about["best"]), float(about["seconds"])

    def _variables(self) -> list[Any]:
        return [*self._model.weights, *self._averaged.weights, *self._optimizer.variables]

    def _run_epoch(self, listener: Listener) -> Step:
        recipe, sums = self.recipe, np.zeros(3)
        strength = Augmentation().scaled(recipe.augmentation)
        batches = training_batches(self._train, recipe.batch_size, recipe.seed, self.epoch, strength)
        for number, (images, labels) in enumerate(batches, 1):
            done = self.epoch * self._per_epoch + number
            self._rate.assign(learning_rate(done - 1, self.steps, recipe.peak_rate, min(200, self.steps // 5)))
            self._keep.assign(averaging(done, recipe.averaging))
            loss, right = self._step(images, labels)
            sums += (float(loss) * len(labels), float(right), len(labels))
            told = Step(self.epoch, done, self.steps, float(sums[0] / sums[2]), float(sums[1] / sums[2]))
            if number % _REPORT_EVERY == 0:
                listener(told)
        return told

    def _make_step(self) -> Callable[[Any, Any], Any]:
        # means and deviations of the batches are learnt, too: only where everything learns
        smoothing, whole = self.recipe.label_smoothing, self._whole
        averaged = [
            (mean, now)
            for mean, now in zip(self._averaged.weights, self._model.weights, strict=True)
            if "seed" not in mean.path and (whole or reads_pairs(now))
        ]

        def step(images: Any, labels: Any) -> Any:
            with tf.GradientTape() as tape:
                outputs = self._model(images, training=whole)
                loss = _loss(outputs, labels, smoothing)
            self._optimizer.learning_rate.assign(self._rate)
            gradients = tape.gradient(loss, [each.value for each in self._learning])
            self._optimizer.apply(gradients, self._learning)
            for mean, now in averaged:
                mean.assign(self._keep * mean + (1 - self._keep) * now)
            # what is no digit counts as right where the score says so
            right = tf.argmax(outputs[:, :CLASSES], -1, output_type=tf.int32) == labels
            hits = tf.where(labels < CLASSES, right, outputs[:, CLASSES] < 0)
            return loss, tf.reduce_sum(tf.cast(hits, tf.float32))

        return step


def _loss(outputs: Any, labels: Any, smoothing: float) -> Any:
    """Cross-entropy of the digits and of the pairs among `labels` int32 [B]; `outputs` are float32 [B, 32]."""
    is_digit = labels < CLASSES
    is_pair = (labels > NOT_A_DIGIT) & (labels < NEITHER)
    digits = _reading_loss(outputs[:, :CLASSES], labels, is_digit, smoothing)
    digits += NEGATIVES_WEIGHT * _telling_loss(outputs[:, CLASSES], is_digit, labels != NO_PAIR)
    code = labels - pair_label(0, 0)
    first, second, is_two = outputs[:, PAIR : PAIR + CLASSES], outputs[:, PAIR + CLASSES : -1], outputs[:, -1]
    two = _reading_loss(first, code // 10, is_pair, smoothing) + _reading_loss(second, code % 10, is_pair, smoothing)
    # among what is no digit may be pairs
    two += NEGATIVES_WEIGHT * _telling_loss(is_two, is_pair, labels != NOT_A_DIGIT)
    return digits + PAIRS_WEIGHT * two


def _reading_loss(logits: Any, labels: Any, known: Any, smoothing: float) -> Any:
    """Which digit it is, the mean over those of which that is `known`, bool [B]."""
    counted = tf.cast(known, tf.float32)
    wanted = tf.one_hot(labels, CLASSES) * (1 - smoothing) + smoothing / CLASSES
    each = tf.nn.softmax_cross_entropy_with_logits(wanted, logits)
    return tf.reduce_sum(each * counted) / tf.maximum(1.0, tf.reduce_sum(counted))


def _telling_loss(logits: Any, truth: Any, known: Any) -> Any:
    """Whether it is what it is taken for, the mean over those of which that is `known`, bool [B]."""
    counted = tf.cast(known, tf.float32)
    each = tf.nn.sigmoid_cross_entropy_with_logits(tf.cast(truth, tf.float32), logits)
    return tf.reduce_sum(each * counted) / tf.maximum(1.0, tf.reduce_sum(counted))


def accuracy(model: keras.Model, dataset: Dataset) -> float:
    """The share of `dataset`, digits only, that `model` reads right, in [0, 1]."""
    return share_right(predict(model, dataset)[:, :CLASSES], dataset.labels)


def predict(model: keras.Model, dataset: Dataset) -> NDArray[np.float32]:
    """What `model` gives for each picture, float32 [N, 32], out of training mode."""
    run = tf.function(lambda images: model(images, training=False))
    return np.concatenate([run(images).numpy() for images, _ in evaluation_batches(dataset)])


def _set_weights(model: keras.Model, weights: Weights) -> None:
    shapes = [tuple(each.shape) for each in model.weights]
    if [each.shape for each in weights] != shapes:
        raise InvalidInput(f"the weights to start from do not fit the architecture {model.name!r}")
    model.set_weights(weights)

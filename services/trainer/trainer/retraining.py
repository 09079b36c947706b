"""One retrain, from the data to the exported version. It holds TensorFlow: only the work-horse imports it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from digitscribe.contracts.model import Metrics
from digitscribe.contracts.training import TrainingProgress, TrainingRequest
from digitscribe.errors import ModelError, NotFound
from digitscribe.models import models_config
from digitscribe.models.volume import WEIGHTS, ModelVolume
from numpy.typing import NDArray

from trainer.answers import Answers, answers_of
from trainer.calibration import calibrated
from trainer.cards import Facts, data_sources
from trainer.corpus import corpus, measured_negatives
from trainer.corrections import load_corrections, repeats
from trainer.dataset import Dataset, load_mnist
from trainer.export import SIGNATURE, export
from trainer.fitting import Fitting, predict
from trainer.metrics import measure, share_right
from trainer.pipeline import evaluation_batches
from trainer.recipes import RECIPES, Recipe
from trainer.steps import Step
from trainer.weights import load_weights

Report = Callable[[TrainingProgress], None]

FINE_TUNE_RATE = 0.0005
"""Peak learning rate when weights that are good already are only to be bent a little."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where data comes from and where a version goes."""

    volume: ModelVolume
    data_dir: Path
    corrections_dir: Path
    architecture: str = RECIPES["full"].architecture


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a retrain: `version` is None, and `refusal` says why, where the gate was not passed."""

    metrics: Metrics
    version: int | None
    refusal: str | None = None


def retrain(places: Places, request: TrainingRequest, report: Report) -> Result:
    """Train as `request` says, measure on the validation split, and export if it is no worse than what is in traffic.

    Raises:
        DigitscribeError: data or the version to start from cannot be used. And what `report` raises.
    """
    report(TrainingProgress(phase="load", epoch=0, epochs=request.epochs, step=0, steps=0))
    splits = load_mnist(places.data_dir)
    mnist = splits.train.sample(request.limit, request.seed)
    corrected = load_corrections(places.corrections_dir)
    others = [corrected] * repeats(len(corrected), len(mnist))
    data = corpus(places.data_dir, mnist, others, dataclasses.replace(RECIPES["full"], seed=request.seed))
    start = _stable(places.volume) if request.fine_tune else None
    fitting = _fit(places, request, start, data, splits.validation, report)
    report(_progress("evaluate", fitting))
    model, metrics = finished(
        fitting.best_model(),
        fitting.best_outputs(),
        splits.validation.labels,
        measured_negatives(places.data_dir, splits.validation),
    )
    # asked again: while the training ran somebody may have gone back to another version
    refusal = _refusal(places.volume, _stable(places.volume), splits.validation, metrics, request.max_accuracy_drop)
    if refusal:
        return Result(metrics, None, refusal)
    report(_progress("export", fitting))
    facts = Facts(
        recipe=dataclasses.asdict(fitting.recipe),
        data=_sources_of(places.volume, start)
        | data_sources(places.data_dir, len(mnist), len(splits.validation), fonts=True),
        metrics=metrics,
        parameters=model.count_params(),
        seconds=fitting.seconds,
        corrections=len(corrected),
        further={"fine_tuned_from": start} if start else {},
    )
    version = export(
        places.volume, model, lambda number: facts.to_card(number, places.volume.model_name), splits.validation
    )
    return Result(metrics, version)


def _sources_of(volume: ModelVolume, version: int | None) -> dict[str, int | str]:
    """What a version that a training begins with had learnt from."""
    card = volume.card(version) if version else None
    return card.data if card else {}


def _stable(volume: ModelVolume) -> int | None:
    try:
        return models_config.stable_of(models_config.read(volume.config_path), volume.model_name)
    except NotFound:
        return None


def _fit(
    places: Places, request: TrainingRequest, version: int | None, data: Dataset, validation: Dataset, report: Report
) -> Fitting:
    start = load_weights(places.volume.path(version) / WEIGHTS) if version else None
    recipe = Recipe(
        architecture=start.name if start else places.architecture,
        epochs=request.epochs,
        batch_size=min(256, max(16, len(data) // 16)),
        seed=request.seed,
    )
    if start:
        recipe = dataclasses.replace(recipe, peak_rate=FINE_TUNE_RATE)
    fitting = Fitting(recipe, data, validation, start.get_weights() if start else None)
    fitting.run(lambda step: report(_training_progress(step, request.epochs)))
    return fitting


def finished(
    model: keras.Model, outputs: NDArray[np.float32], labels: NDArray[np.uint8], others: Dataset
) -> tuple[keras.Model, Metrics]:
    """`model` calibrated, and how good that is.

    Args:
        model: as it was trained.
        outputs: what it gives for the validation digits, float32 [N, 32].
        labels: which digits they are, uint8 [N].
        others: pictures that are no digits.
    """
    final, given = calibrated(model, outputs, labels)
    return final, measure(answers_of(given), labels, model_answers(final, others))


def model_answers(model: keras.Model, dataset: Dataset) -> Answers:
    """What `model` says of each picture."""
    return answers_of(predict(model, dataset))


def saved_model_answers(folder: Path, dataset: Dataset) -> Answers:
    """What the SavedModel in `folder` says of each picture; one that gives no scores takes all for digits.

    Raises:
        ModelError: there is none, or it is not one of digits.
    """
    try:
        serve = tf.saved_model.load(str(folder)).signatures[SIGNATURE]
    except (OSError, KeyError) as error:
        raise ModelError(f"{folder} is no model of digits: {error}") from error
    given = [serve(images=images) for images, _ in evaluation_batches(dataset)]
    probabilities = np.concatenate([each["probabilities"] for each in given])
    scores = [each.get("digit_score", tf.ones(len(each["probabilities"]))) for each in given]
    return Answers(probabilities, np.concatenate(scores))


def _refusal(volume: ModelVolume, stable: int | None, validation: Dataset, new: Metrics, drop: float) -> str | None:
    if stable is None:
        return None
    old = share_right(saved_model_answers(volume.path(stable), validation).probabilities, validation.labels)
    if new.validation_accuracy >= old - drop:
        return None
    return (
        f"it reads {new.validation_accuracy:.2%} of the validation digits; version {stable}, which is in traffic, "
        f"reads {old:.2%}, and a new version may lose {drop:.2%} at most"
    )


def _progress(phase: str, fitting: Fitting) -> TrainingProgress:
    epochs, steps = fitting.recipe.epochs, fitting.steps
    return TrainingProgress(
        phase=phase, epoch=epochs, epochs=epochs, step=steps, steps=steps, validation_accuracy=fitting.best
    )


def _training_progress(step: Step, epochs: int) -> TrainingProgress:
    if not np.isfinite(step.loss):
        raise ModelError("the training diverged (its loss is no number); try a smaller data set or another seed")
    return TrainingProgress(
        phase="train",
        epoch=step.epoch,
        epochs=epochs,
        step=step.step,
        steps=step.steps,
        loss=round(step.loss, 5),
        accuracy=round(step.accuracy, 5),
        validation_accuracy=step.validation_accuracy,
    )

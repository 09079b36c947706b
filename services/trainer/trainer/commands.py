"""The commands that hold TensorFlow: train, evaluate, export."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

import keras
from digitscribe.contracts.model import Metrics
from digitscribe.errors import InvalidInput, NotFound
from digitscribe.models import models_config
from digitscribe.models.volume import ModelVolume
from digitscribe.settings import TrainerSettings
from rich.console import Console
from rich.table import Table

from trainer.answers import Answers
from trainer.bars import TrainingBars
from trainer.cards import Facts, data_sources
from trainer.corpus import corpus, measured_negatives
from trainer.dataset import Dataset, load_mnist, load_mnist_test
from trainer.export import export
from trainer.fitting import Fitting, predict
from trainer.handwriting import load_handwriting
from trainer.metrics import auroc, calibration_error, refused, share_right
from trainer.recipes import RECIPES, Recipe
from trainer.retraining import finished, model_answers, saved_model_answers
from trainer.weights import blended, load_weights, save_weights

_WEIGHTS, _FACTS, _CHECKPOINT = "weights.npz", "facts.json", "checkpoint.npz"


def train(settings: TrainerSettings, arguments: argparse.Namespace) -> None:
    """`python -m trainer train`."""
    if arguments.held_fold is not None and not arguments.extra_data:
        raise InvalidInput("--held-fold is a fold of the writers of --extra-data, which is not given")
    splits = load_mnist(settings.data_dir)
    mnist = splits.train.sample(arguments.limit, arguments.seed)
    extra = load_handwriting(arguments.extra_data, arguments.held_fold) if arguments.extra_data else None
    others = [extra.train] * arguments.extra_repeats if extra else []
    recipe = recipe_of(arguments)
    data = corpus(settings.data_dir, mnist, others, recipe)
    start = load_weights(arguments.start / _WEIGHTS) if arguments.start else None
    fitting = _fit(recipe, data, splits.validation, start, arguments)
    best, outputs = fitting.best_model(), fitting.best_outputs()
    if start:
        best = blended(start, best, arguments.blend)
        outputs = predict(best, splits.validation)
    negatives = measured_negatives(settings.data_dir, splits.validation)
    model, metrics = finished(best, outputs, splits.validation.labels, negatives)
    written, held = (len(extra.train), len(extra.validation)) if extra else (0, 0)
    facts = Facts(
        recipe=dataclasses.asdict(fitting.recipe),
        further={"blend": arguments.blend} if start else {},
        data=_earlier(arguments.start)
        | data_sources(
            settings.data_dir,
            len(mnist),
            len(splits.validation),
            fonts=recipe.hands > 0,
            pens=recipe.pens > 0,
            written=written,
            held=held,
        ),
        metrics=metrics,
        parameters=model.count_params(),
        seconds=fitting.seconds,
    )
    save_weights(model, arguments.run / _WEIGHTS)
    write_facts(facts, arguments.run)
    Console().print(
        f"validation accuracy {facts.metrics.validation_accuracy:.2%}; `export --run {arguments.run}` is next"
    )


def recipe_of(arguments: argparse.Namespace) -> Recipe:
    """The recipe that is named, with what was asked to be different."""
    names = [each.name for each in dataclasses.fields(Recipe)]
    asked = {name: value for name in names if (value := getattr(arguments, name, None)) is not None}
    return dataclasses.replace(RECIPES[arguments.recipe], **asked)


def evaluate(settings: TrainerSettings, arguments: argparse.Namespace) -> None:
    """`python -m trainer evaluate`."""
    validation = load_mnist(settings.data_dir).validation
    others = _answers(settings, arguments, measured_negatives(settings.data_dir, validation))
    sets = {"MNIST, validation": validation}
    if arguments.extra_data:
        written = load_handwriting(arguments.extra_data, arguments.held_fold)
        held = arguments.held_fold is not None
        sets["handwriting, held writers" if held else "handwriting"] = written.validation if held else written.train
    if arguments.test:
        sets["MNIST, test"] = load_mnist_test(settings.data_dir)
    table = Table("data", "digits", "right", "wrong", "calibration error", "refused", "AUROC against no digits")
    for name, dataset in sets.items():
        given = _answers(settings, arguments, dataset)
        right = share_right(given.probabilities, dataset.labels)
        wrong = round((1 - right) * len(dataset))
        error = calibration_error(given.probabilities, dataset.labels)
        lost, told = refused(given.digit_scores), auroc(given.digit_scores, others.digit_scores)
        table.add_row(name, str(len(dataset)), f"{right:.2%}", str(wrong), f"{error:.2%}", f"{lost:.2%}", f"{told:.4f}")
    Console().print(table)


def export_run(settings: TrainerSettings, arguments: argparse.Namespace) -> None:
    """`python -m trainer export`."""
    model, facts = load_weights(arguments.run / _WEIGHTS), read_facts(arguments.run)
    if arguments.release:
        test = load_mnist_test(settings.data_dir)
        facts = facts.with_test_accuracy(share_right(model_answers(model, test).probabilities, test.labels))
    volume = ModelVolume(settings.models_dir, settings.model_name)
    samples = load_mnist(settings.data_dir).validation
    version = export(volume, model, lambda number: facts.to_card(number, volume.model_name), samples)
    Console().print(f"version {version}: {volume.path(version)}")


def write_facts(facts: Facts, run: Path) -> None:
    """Write `facts` into the folder `run`."""
    content = dataclasses.asdict(facts) | {"metrics": facts.metrics.model_dump()}
    (run / _FACTS).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def read_facts(run: Path) -> Facts:
    """What `write_facts` wrote; raises NotFound."""
    path = run / _FACTS
    if not path.is_file():
        raise NotFound(f"{path} is missing; has `train --run {run}` come to its end?")
    content = json.loads(path.read_text(encoding="utf-8"))
    return Facts(**content | {"metrics": Metrics.model_validate(content["metrics"])})


def _earlier(start: Path | None) -> dict[str, int | str]:
    """What was learnt from before, in the training that this one begins with."""
    return read_facts(start).data if start and (start / _FACTS).is_file() else {}


def _fit(
    recipe: Recipe, data: Dataset, validation: Dataset, start: keras.Model | None, arguments: argparse.Namespace
) -> Fitting:
    checkpoint = arguments.run / _CHECKPOINT
    if checkpoint.exists() and not arguments.resume:
        raise InvalidInput(f"{checkpoint} exists: --resume carries on with it, another --run begins anew")
    arguments.run.mkdir(parents=True, exist_ok=True)
    fitting = Fitting(recipe, data, validation, start.get_weights() if start else None)
    if checkpoint.exists():
        fitting.restore(checkpoint)
    with TrainingBars(recipe.epochs, fitting.steps) as bars:
        fitting.run(bars, checkpoint)
    return fitting


def _answers(settings: TrainerSettings, arguments: argparse.Namespace, dataset: Dataset) -> Answers:
    if arguments.run:
        return model_answers(load_weights(arguments.run / _WEIGHTS), dataset)
    return saved_model_answers(_folder(settings, arguments), dataset)


def _folder(settings: TrainerSettings, arguments: argparse.Namespace) -> Path:
    if arguments.saved_model:
        return Path(arguments.saved_model)
    volume = ModelVolume(settings.models_dir, settings.model_name)
    version = arguments.version
    if version is None:
        version = models_config.stable_of(models_config.read(volume.config_path), volume.model_name)
    if version is None:
        raise NotFound(f"{volume.config_path} says no version is stable; name one with --version")
    volume.check(version)
    return volume.path(version)

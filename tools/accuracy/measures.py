"""What is measured on a model: arrays and samples in, results out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from trainer.answers import Answers
from trainer.dataset import Dataset
from trainer.metrics import auroc, calibration_error, refused

from tools.accuracy import variants
from tools.accuracy.results import DigitSet, Images, Variants, WholeImages, checksum
from tools.evaluate import classifiers
from tools.evaluate.run import Outcome
from tools.evaluate.samples import LIGHT_ON_DARK
from tools.evaluate.scoring import total
from tools.machine import machine

_SEED = 7
_SHIFTED = "off the middle, up to 3 pixels"


@dataclass(frozen=True)
class Model:
    """A model under measurement: its checksum, and the way to ask it."""

    checksum: str
    classify: classifiers.Classifier

    @classmethod
    def load(cls, folder: Path) -> Model:
        """The SavedModel in `folder`."""
        return cls(checksum(folder), classifiers.saved(folder))

    def answers(self, images: NDArray[np.uint8]) -> Answers:
        """What it says of digits uint8 [N, 28, 28]; without scores of its own it takes all for digits."""
        return classifiers.in_parts(self.classify, images)


def wrong_in(answers: Answers, labels: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Indices of the digits that are not what `labels` [N] say."""
    return np.flatnonzero(answers.probabilities.argmax(axis=1) != labels)


def digit_set(model: Model, answers: Answers, labels: NDArray[np.uint8], others: Answers) -> DigitSet:
    """The measures of `answers` on digits with `labels` [N], and of `others`, which are no digits."""
    return DigitSet(
        model=model.checksum,
        machine=machine(),
        digits=len(labels),
        wrong=len(wrong_in(answers, labels)),
        refused=round(refused(answers.digit_scores) * len(labels)),
        calibration_error=round(calibration_error(answers.probabilities, labels), 4),
        auroc=round(auroc(answers.digit_scores, others.digit_scores), 4),
    )


def variant_set(models: Sequence[Model], digits: Dataset) -> list[Variants]:
    """For each of `models`, how many of `digits` it reads wrong when they are changed."""
    wrong: list[dict[str, int]] = [{} for _ in models]
    for name, images in _changed(digits.images):
        for model, counts in zip(models, wrong, strict=True):
            counts[name] = len(wrong_in(model.answers(images), digits.labels))
    return [
        Variants(model=model.checksum, machine=machine(), digits=len(digits), wrong=counts)
        for model, counts in zip(models, wrong, strict=True)
    ]


def _changed(images: NDArray[np.uint8]) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    for name, change in variants.VARIANTS.items():
        yield name, variants.changed(images, change, _SEED)
    yield _SHIFTED, variants.shifted(images, _SEED)


def whole_images(model: Model, outcomes: Sequence[Outcome], by_kind: bool) -> WholeImages:
    """Outcomes summed up by their kind, or by their folder and there by polarity."""
    groups: defaultdict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        sample = outcome.sample
        if by_kind:
            groups[sample.kind].append(outcome)
            continue
        groups[sample.folder].append(outcome)
        if sample.kind.endswith(LIGHT_ON_DARK):
            groups[f"{sample.folder}, {LIGHT_ON_DARK}"].append(outcome)
    sums = {name: _sum(groups[name]) for name in sorted(groups)}
    return WholeImages(model=model.checksum, machine=machine(), groups=sums)


def _sum(outcomes: Sequence[Outcome]) -> Images:
    sums = total(outcome.score for outcome in outcomes)
    return Images(images=sums.images, exact=sums.exact, digits=sums.digits, errors=sums.errors)

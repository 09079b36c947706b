"""What is measured on a model for docs/accuracy.md: Markdown and pictures from answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from trainer.answers import Answers
from trainer.dataset import Dataset
from trainer.metrics import auroc, calibration_error, refused, share_right
from trainer.retraining import saved_model_answers

from tools.accuracy import plots, sections, variants

_SEED = 7


@dataclass(frozen=True)
class Measured:
    """A set of digits and what the model says of them."""

    name: str
    digits: Dataset
    answers: Answers

    @property
    def wrong(self) -> NDArray[np.intp]:
        """Indices of what is read wrong."""
        return np.flatnonzero(self.answers.probabilities.argmax(axis=1) != self.digits.labels)


def accuracy_table(sets: list[Measured], others: Answers) -> str:
    """A row for each set: how many are right, how sure, how many refused."""
    rows = [
        (
            each.name,
            f"{len(each.digits):,}",
            sections.percent(share_right(each.answers.probabilities, each.digits.labels)),
            str(len(each.wrong)),
            sections.percent(calibration_error(each.answers.probabilities, each.digits.labels)),
            sections.percent(refused(each.answers.digit_scores)),
            f"{auroc(each.answers.digit_scores, others.digit_scores):.4f}",
        )
        for each in sets
    ]
    heading = ("digits of", "how many", "right", "wrong", "calibration error", "refused as no digit", "AUROC")
    return sections.table(heading, rows)


def variants_table(folder: Path, before: Path | None, digits: Dataset) -> str:
    """A row for each way of changing `digits`: how many are right, by the model in `folder` and the one `before`."""
    made = {name: variants.changed(digits.images, change, _SEED) for name, change in variants.VARIANTS.items()}
    made["off the middle, up to 3 pixels"] = variants.shifted(digits.images, _SEED)
    rows = []
    for name, images in made.items():
        changed = Dataset(images, digits.labels)
        models = [each for each in (before, folder) if each]
        rows.append((name, *(sections.percent(_right(each, changed)) for each in models)))
    heading = ("digits", "before", "right") if before else ("digits", "right")
    return sections.table(heading, rows)


def draw(test: Measured, validation: Measured, others: Answers, folder: Path) -> None:
    """All pictures, into `folder`."""
    given = test.answers.probabilities.argmax(axis=1)
    plots.confusion(given, test.digits.labels, folder / "confusion.png")
    plots.reliability(test.answers.probabilities, test.digits.labels, folder / "reliability.png")
    plots.scores(validation.answers.digit_scores, others.digit_scores, folder / "digit-scores.png")
    captions = [f"{test.digits.labels[i]} read as {given[i]}" for i in test.wrong]
    title = f"All {len(test.wrong)} errors on MNIST's test set"
    plots.gallery(test.digits.images[test.wrong], captions, title, folder / "errors.png")


def _right(folder: Path, digits: Dataset) -> float:
    return share_right(saved_model_answers(folder, digits).probabilities, digits.labels)

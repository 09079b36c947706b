"""The command: measure, keep the results, write the pages and draw the pictures."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # before TensorFlow is imported anywhere

import cv2
from digitscribe.errors import DigitscribeError
from digitscribe.vision.profile import Profile
from rich.console import Console
from trainer.corpus import measured_negatives
from trainer.dataset import Dataset, load_mnist, load_mnist_test, told_apart
from trainer.hands import load_hands

from tools.accuracy import contact_sheet, measures, plots, report
from tools.accuracy.measures import Model
from tools.accuracy.results import Results, Seeds, newest
from tools.evaluate import scoreboard
from tools.evaluate.pages import catalogue
from tools.evaluate.retakes import retakes_of
from tools.evaluate.run import Outcome, read_all
from tools.evaluate.samples import Sample, samples_of

DATA = report.ROOT / "data"
PICTURES = report.ROOT / "docs" / "images" / "accuracy"

ALWAYS = ("digits", "variants", "generated")
"""What is measured with what the repository holds."""

RETAKEN = "photos"
"""The folder of photos that are read as if they had been taken again, too."""

PAGES = 20 * (len(catalogue.DIFFICULTIES) + 1)
"""Generated pages: twenty of each difficulty, and of several at once."""


def main(arguments: list[str] | None = None) -> int:
    """Do what the options ask for; returns the exit status."""
    options = _options(arguments)
    console = Console()
    try:
        if not (options.render or options.check):
            _measure(options, console)
        if not options.check:
            report.write(report.ROOT)
        faults = report.stale(report.ROOT)
    except (FileNotFoundError, DigitscribeError) as error:
        print(f"accuracy: {error}", file=sys.stderr)
        return 2
    for fault in faults:
        console.print(fault, style="red", highlight=False)
    return 1 if faults else 0


def _measure(options: argparse.Namespace, console: Console) -> None:
    """Measure all that is asked for, and keep each result as soon as it is there."""
    cv2.setNumThreads(1)  # one image a core is how the recognizer works
    model = Model.load(newest(report.ROOT / report.MODELS))
    validation = load_mnist(DATA).validation
    if "digits" in options.only:
        _digits(model, validation, options.test_set, console)
    if "variants" in options.only:
        _variants(model, options.compare, validation, console)
    if "generated" in options.only:
        _generated(model, validation, console)
    if options.photos:
        _photos(model, options.photos, console)
    else:
        console.print("Photos stay as they were; PHOTOS=folder measures them.", style="dim")
    _runs(options, console)


def _digits(model: Model, validation: Dataset, with_test: bool, console: Console) -> None:
    with console.status("Reading MNIST's digits"):
        others = model.answers(measured_negatives(DATA, validation).images)
        answers = model.answers(validation.images)
        _keep(validation=measures.digit_set(model, answers, validation.labels, others))
        hands, letters = told_apart(load_hands(DATA, held=True))
        _keep(hands=measures.digit_set(model, model.answers(hands.images), hands.labels, model.answers(letters.images)))
        plots.scores(answers.digit_scores, others.digit_scores, PICTURES / "digit-scores.png")
        if not with_test:
            return
        test = load_mnist_test(DATA)
        answers = model.answers(test.images)
        _keep(test=measures.digit_set(model, answers, test.labels, others))
        plots.confusion(answers.probabilities.argmax(axis=1), test.labels, PICTURES / "confusion.png")
        plots.reliability(answers.probabilities, test.labels, PICTURES / "reliability.png")
        plots.errors(answers.probabilities.argmax(axis=1), test, PICTURES / "errors.png")


def _variants(model: Model, earlier: Path | None, validation: Dataset, console: Console) -> None:
    with console.status("Reading changed digits"):
        found = measures.variant_set([model, *([Model.load(earlier)] if earlier else [])], validation)
        _keep(**dict(zip(("variants", "variants_before"), found, strict=False)))


def _generated(model: Model, validation: Dataset, console: Console) -> None:
    samples = catalogue.samples(PAGES, validation.images, validation.labels)
    outcomes = _read(model, "Reading generated pages", list(samples), console)
    _keep(generated=measures.whole_images(model, outcomes, by_kind=True))
    contact_sheet.save(
        contact_sheet.first_of_each(outcomes), "Generated pages, as they are read", PICTURES / "pages.jpg"
    )


def _photos(model: Model, folder: Path, console: Console) -> None:
    samples = list(samples_of(folder))
    outcomes = _read(model, "Reading photos", samples, console)
    _keep(photos=measures.whole_images(model, outcomes, by_kind=False))
    retaken = list(retakes_of([each for each in samples if each.folder == RETAKEN]))
    if retaken:
        outcomes = _read(model, "Reading them taken again", retaken, console)
        _keep(retakes=measures.whole_images(model, outcomes, by_kind=True))


def _read(model: Model, what: str, samples: Sequence[Sample], console: Console) -> list[Outcome]:
    outcomes = read_all(samples, model.classify, Profile(), what)
    scoreboard.show(outcomes, model.checksum, console)
    return outcomes


def _runs(options: argparse.Namespace, console: Console) -> None:
    if not (options.folds or options.seeds):
        return
    from tools.accuracy import runs  # Keras: not needed for what is served

    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # each run is a network of its own, and traced anew
    with console.status("Reading what trainings came to"):
        if options.folds:
            _keep(writers=runs.writers(options.folds, options.unseen, options.handwriting))
        if options.seeds:
            found = runs.seeds(options.seeds, load_mnist_test(DATA) if options.test_set else None)
            known = Results.load(report.ROOT / report.RESULTS).seeds
            _keep(seeds=Seeds(recipes=(known.recipes if known else {}) | found.recipes))


def _keep(**found: object) -> None:
    path = report.ROOT / report.RESULTS
    Results.load(path).model_copy(update=found).save(path)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="accuracy", description="Figures and pictures of docs/accuracy.md")
    add = parser.add_argument
    add("--photos", type=Path, metavar="DIR", help="folders with labels.json; none: the photos' figures stay")
    add("--only", nargs="*", choices=ALWAYS, default=ALWAYS, help="of what needs no photos, these (default: all)")
    add("--test-set", action="store_true", help="read MNIST's test set too; once per release, never for a choice")
    add("--compare", type=Path, metavar="DIR", help="an earlier SavedModel: measures the column `before` anew")
    add("--folds", type=Path, nargs="+", metavar="RUN", help="trainings that held out a fold each: …fold0 …fold4")
    add("--unseen", type=Path, metavar="RUN", help="a training that learnt from none of those writers")
    add("--handwriting", type=Path, metavar="NPZ", help="the writers' digits, as the trainer takes them")
    add("--seeds", type=Path, nargs="+", metavar="RUN", help="trainings that differ by their seed")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--render", action="store_true", help="measure nothing: write the pages from the results")
    instead.add_argument("--check", action="store_true", help="only tell whether pages and results are up to date")
    options = parser.parse_args(arguments)
    if options.folds and not options.handwriting:
        parser.error("--folds needs --handwriting")
    if options.test_set and "digits" not in options.only and not options.seeds:
        parser.error("--test-set needs --only digits")
    return options


if __name__ == "__main__":
    sys.exit(main())

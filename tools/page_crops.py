"""What the vision proposes on generated pages, told right from wrong: `data/pages/crops.npz`, to learn from.

python -m tools.page_crops [--pages 3000] [--words 300] [--fonts FOLDER] [--output data/pages/crops.npz]

The pages are those of the benchmark in kind, but others, written with digits of MNIST's training part only. A crop
that is one written digit gets its label; one that is half a digit, two in one, or something else on the paper gets
NOT_A_DIGIT. Where an earlier network is sure of the opposite, nobody could tell from the crop alone, and it is left
out: the right half of an 8 can be a fine 3. Learning from the segmentation's own proposals, right and wrong, is what
lets a network judge them (LeCun et al., "Gradient-based learning applied to document recognition", 1998, section V).

Words without a digit are looked at, too, so that the writing beside digits is left unread.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import numpy as np
from digitscribe.contracts import Box
from digitscribe.vision.decode import decode
from digitscribe.vision.proposing import propose
from numpy.typing import NDArray
from rich.progress import track
from trainer.answers import Answers
from trainer.dataset import NOT_A_DIGIT, Dataset, join, load_mnist

from tools import lettering
from tools.evaluate.classifiers import Classifier, in_parts, saved
from tools.evaluate.pages.catalogue import DIFFICULTIES, MIXED, encoded, page_of, style_of

SEED = 20_261_125
"""Not the benchmark's: no page of it is seen here."""

HARD = ("touching", "overlapping", "narrow", "squared", "scribbled out", MIXED)
"""Difficulties that are shown more often: where cuts and joins have to be judged."""

SAME = 0.8
"""A crop whose box shares this much with a digit's (intersection over union) is that digit."""

OTHER = 0.5
"""One that shares less than this with every digit is none."""

WHOLE = 0.6
"""With this share of two digits inside, a crop is two digits."""

SLIMMEST = 0.55
"""Wrong crops slimmer than this are left out: the stem of a 4 is a 1 to whoever sees nothing else."""

SURE = 0.5
"""An earlier network's probability × digit score from which a wrong crop is as good as a digit."""

LOST = 0.02
"""Below this probability × digit score of its label a digit was cut or broken beyond telling."""

_MAX_PIXELS, _MAX_BYTES = 50_000_000, 50_000_000
_LETTERS = 9_000
_COUNTS = {True: 26_000, False: 16_000}


def main(arguments: list[str]) -> int:
    """Write the pages, look at them, and keep what was proposed."""
    options = _parser().parse_args(arguments)
    with ProcessPoolExecutor(options.processes) as pool:
        pages = pool.map(partial(_of_page, options.data), range(options.pages), chunksize=8)
        written = join(list(track(pages, "pages", total=options.pages)))
        strips = pool.map(partial(_of_words, options.fonts), range(options.words), chunksize=8)
        lettered = join(list(track(strips, "words", total=options.words)))
    classify = saved(options.model)
    kept = join([_chosen(_clear(written, classify)), _clear(lettered, classify).sample(_LETTERS, SEED)])
    options.output.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(options.output, images=kept.images, labels=kept.labels)
    told = int((kept.labels != NOT_A_DIGIT).sum())
    print(f"{told} digits and {len(kept) - told} wrong crops of {options.pages} pages: {options.output}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.page_crops", description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=3000, help="how many are written (default: %(default)s)")
    parser.add_argument("--words", type=int, default=300, help="strips of words besides (default: %(default)s)")
    parser.add_argument("--fonts", type=Path, default=Path("/usr/share/fonts"), help="default: %(default)s")
    parser.add_argument("--processes", type=int, default=2, help="at once (default: %(default)s)")
    parser.add_argument("--data", type=Path, default=Path("data"), help="the data folder (default: %(default)s)")
    parser.add_argument("--model", type=Path, default=Path("data/models/digits"), help="default: %(default)s")
    parser.add_argument("--output", type=Path, default=Path("data/pages/crops.npz"), help="default: %(default)s")
    return parser


def _of_page(data_dir: Path, number: int) -> Dataset:
    """The crops of page `number` of which it is clear what they are."""
    rng = np.random.default_rng([SEED, number])
    digits = _digits(data_dir)
    names = [*DIFFICULTIES, *HARD * 2, *[MIXED] * 6]
    # letters that look like digits would be learnt as what is none
    style = replace(style_of(names[number % len(names)], rng), printed=False)
    page = page_of(style, rng, digits.images, digits.labels)
    proposal = propose(decode(encoded(page.pixels, style.jpeg), _MAX_BYTES, _MAX_PIXELS), thorough=True)
    written = np.array([int(digit) for digit in "".join(page.rows)], np.uint8)
    told = told_apart(proposal.boxes, np.array(page.boxes, np.float64), written)
    kept = [index for index, label in enumerate(told) if label is not None]
    return Dataset(proposal.crops[kept], np.array([told[index] for index in kept], np.uint8))


def _of_words(fonts: Path, number: int) -> Dataset:
    """The crops of a strip of words: none is a digit."""
    pixels = lettering.strip(fonts, np.random.default_rng([SEED, 1, number]))
    proposal = propose(decode(encoded(pixels, 85), _MAX_BYTES, _MAX_PIXELS), thorough=True)
    wide = [index for index, box in enumerate(proposal.boxes) if box.width >= SLIMMEST * box.height]
    return Dataset(proposal.crops[wide], np.full(len(wide), NOT_A_DIGIT, np.uint8))


@cache
def _digits(data_dir: Path) -> Dataset:
    return load_mnist(data_dir).train


def told_apart(proposed: tuple[Box, ...], written: NDArray[np.float64], labels: NDArray[np.uint8]) -> list[int | None]:
    """What each proposed box shows: a label of `labels`, NOT_A_DIGIT, or None where that is not clear.

    Args:
        proposed: M boxes.
        written: float64 [N, 4], (x, y, width, height) of the digits.
        labels: uint8 [N], what they are.
    """
    return [_told(box, written, labels) for box in proposed]


def _told(box: Box, written: NDArray[np.float64], labels: NDArray[np.uint8]) -> int | None:
    common = _common(box, written)
    areas = written[:, 2] * written[:, 3]
    inside, same = common / areas, common / (areas + box.width * box.height - common)
    best = int(same.argmax())
    others = np.delete(inside, best)
    if same[best] >= SAME and others.max(initial=0) < 1 - WHOLE:
        return int(labels[best])
    wrong = same[best] < OTHER or np.count_nonzero(inside >= WHOLE) > 1
    return NOT_A_DIGIT if wrong and box.width >= SLIMMEST * box.height else None


def _common(box: Box, written: NDArray[np.float64]) -> NDArray[np.float64]:
    """Area that `box` has in common with each of `written`."""
    x, y, width, height = written.T
    across = np.minimum(box.x + box.width, x + width) - np.maximum(box.x, x)
    down = np.minimum(box.y + box.height, y + height) - np.maximum(box.y, y)
    return np.asarray(np.maximum(across, 0) * np.maximum(down, 0))


def _clear(crops: Dataset, classify: Classifier) -> Dataset:
    return crops.take(np.flatnonzero(are_clear(in_parts(classify, crops.images), crops.labels)))


def are_clear(answers: Answers, labels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which of N crops, bool [N], show what `labels` say, as far as an earlier network's `answers` tell."""
    digits = labels != NOT_A_DIGIT
    named = answers.probabilities[np.arange(len(labels)), np.where(digits, labels, 0)]
    likeliest, scores = answers.probabilities.max(axis=1), answers.digit_scores
    return np.asarray(np.where(digits, named * scores >= LOST, likeliest * scores < SURE))


def _chosen(crops: Dataset) -> Dataset:
    """Those that are kept: at most `_COUNTS` of digits and of what is none, in the order of the pages."""
    rng = np.random.default_rng(SEED)
    are_digits = crops.labels != NOT_A_DIGIT
    parts = [rng.permutation(np.flatnonzero(are_digits == digit))[:count] for digit, count in _COUNTS.items()]
    return crops.take(np.sort(np.concatenate(parts)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

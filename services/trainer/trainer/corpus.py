"""What a training learns from: digits of MNIST, of other hands, drawn ones, corrections, pairs, pages, negatives."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from trainer.dataset import Dataset, join, told_apart
from trainer.drawn import drawn_digits, rewritten_digits
from trainer.hands import load_hands
from trainer.negatives import negatives
from trainer.pages import load_page_crops
from trainer.pairs import pairs
from trainer.recipes import Recipe
from trainer.styles import SHARE as STYLES_SHARE
from trainer.styles import foreign_styles

_MEASURED_NEGATIVES = 4_000
_MEASURED_SEED = 20_261_124


def corpus(data_dir: Path, mnist: Dataset, others: Sequence[Dataset], recipe: Recipe) -> Dataset:
    """MNIST's digits, some in foreign styles, drawn ones, all `others`, characters of fonts, pairs, crops, no digits.

    Raises:
        NotFound: the fonts' characters, the writers' pens, the letters or the pages' crops are missing.
    """
    seed = recipe.seed
    styled = foreign_styles(mnist, round(STYLES_SHARE * len(mnist)), seed)
    hands = load_hands(data_dir).sample(round(recipe.hands * len(mnist)), seed)
    drawn = drawn_digits(round(recipe.drawn * len(mnist)), seed)
    rewritten = rewritten_digits(data_dir, round(recipe.pens * len(mnist)), seed)
    digits = join([mnist, styled, drawn, rewritten, *others])
    crops = load_page_crops(data_dir).sample(round(recipe.pages * len(mnist)), seed)
    # people correct, too, what is no digit
    two = pairs(told_apart(digits)[0], round(recipe.pairs * len(mnist)), seed)
    none = negatives(data_dir, mnist, round(recipe.negatives * len(digits)), seed)
    return join([digits, hands, two, crops, none])


def measured_negatives(data_dir: Path, validation: Dataset) -> Dataset:
    """The pictures that are no digits and are only measured with: held-back letters, pieces of the validation digits.

    Raises:
        NotFound: the letters are missing.
    """
    return negatives(data_dir, validation, _MEASURED_NEGATIVES, _MEASURED_SEED, held=True)

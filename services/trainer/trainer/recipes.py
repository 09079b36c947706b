"""Everything that a training's result depends on, but for the data; and the recipes that have a name."""

from __future__ import annotations

from dataclasses import dataclass

ALL, PAIRS = "all", "pairs"
"""What learns in a training: everything, or only what reads pairs of digits."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """The settings of a training.

    Attributes:
        architecture: a name in `trainer.architectures`.
        epochs: passes over the data.
        batch_size: pictures in one step.
        peak_rate: greatest learning rate of AdamW; it rises to that, then falls with half a cosine.
        weight_decay: of AdamW.
        averaging: share of the averaged weights that stays in each step.
        label_smoothing: share of each label that is spread over all digits.
        augmentation: how far digits are changed, beside what `trainer.augmentation` takes for usual.
        pages: crops of generated pages are this share of MNIST's digits.
        pairs: pairs of digits that touch are this share of MNIST's digits.
        negatives: letters, scribbles and other pictures that are no digits are this share of all digits.
        hands: characters of handwriting fonts are this share of MNIST's digits, as far as there are so many.
        drawn: digits drawn along paths of the pen are this share of MNIST's digits.
        pens: digits drawn as 44 writers wrote them are this share of MNIST's digits.
        learns: ALL or PAIRS; with PAIRS digits are read as before.
        seed: of all that is random.
    """

    architecture: str = "residual"
    epochs: int = 12
    batch_size: int = 256
    peak_rate: float = 0.004
    weight_decay: float = 0.02
    averaging: float = 0.998
    label_smoothing: float = 0.02
    augmentation: float = 1.0
    pages: float = 0.9
    hands: float = 0.3
    drawn: float = 0.0
    pens: float = 0.0
    pairs: float = 0.4
    negatives: float = 0.15
    learns: str = ALL
    seed: int = 1


RECIPES = {
    "quick": Recipe(
        epochs=5, batch_size=128, peak_rate=0.005, averaging=0.995, augmentation=0.6, pages=0.05, hands=0.1, pairs=0.05
    ),
    "full": Recipe(epochs=30),
}
"""`quick` is done within minutes on two cores; the trainings of the shipped model are variants of `full`."""

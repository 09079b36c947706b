"""Model cards: what a version is, in full."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from digitscribe.contracts.document import now
from digitscribe.contracts.model import Metrics, ModelCard

from trainer import handwriting
from trainer.dataset import checksum

MNIST_LICENCE = "MNIST: CC BY-SA 3.0, Yann LeCun and Corinna Cortes"
PENS_LICENCE = "ways of pens: CC BY 4.0, E. Alpaydin and F. Alimoglu, see data/pens/README.md"
HANDS_LICENCE = "characters of free fonts: SIL OFL 1.1 and Apache-2.0, see data/hands/fonts.csv"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a training when it has ended; `recipe` is the Recipe's fields."""

    recipe: dict[str, int | float | str | bool]
    data: dict[str, int | str]
    metrics: Metrics
    parameters: int
    seconds: float
    corrections: int = 0
    further: dict[str, int | float | str | bool] = field(default_factory=dict)

    def to_card(self, number: int, model_name: str) -> ModelCard:
        """The card of version `number`."""
        return ModelCard(
            version=number,
            name=model_name,
            created_at=now(),
            architecture=str(self.recipe["architecture"]),
            parameters=self.parameters,
            data=self.data,
            hyperparameters={**self.recipe, **self.further},
            metrics=self.metrics,
            training_seconds=round(self.seconds, 1),
            libraries=libraries(),
            corrections=self.corrections,
        )

    def with_test_accuracy(self, measured: float) -> Facts:
        """The same, with what was measured on the test set."""
        return dataclasses.replace(self, metrics=self.metrics.model_copy(update={"test_accuracy": measured}))


def data_sources(
    data_dir: Path, mnist: int, validation: int, *, fonts: bool, pens: bool = False, written: int = 0, held: int = 0
) -> dict[str, int | str]:
    """The data of a training: sizes, checksum and licences.

    `fonts`: it learnt from characters of handwriting fonts; `pens`: and from ways of pens; `written`: digits of other
    handwriting learnt from, beside `held` that were not.
    """
    sources: dict[str, int | str] = {
        "mnist_train": mnist,
        "mnist_validation": validation,
        "mnist_sha256": checksum(data_dir),
        "mnist_licence": MNIST_LICENCE,
    }
    if fonts:
        sources["hands_licence"] = HANDS_LICENCE
    if pens:
        sources["pens_licence"] = PENS_LICENCE
    if written:
        sources |= {
            "handwriting_train": written,
            "handwriting_held_out": held,
            "handwriting_licence": handwriting.LICENCE,
        }
    return sources


def libraries() -> dict[str, str]:
    """Versions of the libraries that a result depends on."""
    names = ("tensorflow", "tensorflow-cpu", "keras", "numpy", "opencv-python-headless")
    found = {name: _version(name) for name in names}
    return {name: each for name, each in found.items() if each}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None

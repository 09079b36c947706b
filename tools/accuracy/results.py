"""What was measured, as docs/accuracy.json keeps it: counts, and of which model. No date and no time."""

from __future__ import annotations

import hashlib
from pathlib import Path

from digitscribe.contracts.document import Document
from digitscribe.errors import NotFound


class Measured(Document):
    """A measurement: the checksum of the model that was measured, and the machine's size."""

    model: str
    machine: str


class DigitSet(Measured):
    """Single digits: how many, how many are read wrong and refused, shares in [0, 1] rounded to four places."""

    digits: int
    wrong: int
    refused: int
    calibration_error: float
    auroc: float


class Variants(Measured):
    """Changed digits: how many there are each time, and by the change how many of them are read wrong."""

    digits: int
    wrong: dict[str, int]


class Images(Document):
    """A group of whole images; `errors` is the sum of edit distances."""

    images: int
    exact: int
    digits: int
    errors: int


class WholeImages(Measured):
    """Whole images, by the name of their group."""

    groups: dict[str, Images]


class HeldOut(Document):
    """Digits of writers whom a training did not see."""

    digits: int
    wrong: int


class Writers(Document):
    """Trainings that each held out a fold of the writers, and one that saw none of them."""

    machine: str
    trained: str
    folds: dict[int, HeldOut]
    unseen: HeldOut | None = None


class Seed(Document):
    """A training by its seed: shares of digits right, in [0, 1], and the seconds that it took."""

    validation: float
    test: float | None = None
    seconds: float


class Seeds(Document):
    """Trainings that differ by their seed only, by how they were made."""

    recipes: dict[str, dict[int, Seed]]


class Results(Document):
    """Everything that docs/accuracy.md shows; None: not measured yet."""

    validation: DigitSet | None = None
    test: DigitSet | None = None
    hands: DigitSet | None = None
    variants: Variants | None = None
    variants_before: Variants | None = None
    generated: WholeImages | None = None
    photos: WholeImages | None = None
    retakes: WholeImages | None = None
    writers: Writers | None = None
    seeds: Seeds | None = None

    @classmethod
    def load(cls, path: Path) -> Results:
        """The results in a file; without the file, none."""
        return cls.model_validate_json(path.read_bytes()) if path.is_file() else cls()

    def save(self, path: Path) -> None:
        """Write them; the same results make the same file."""
        path.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")


def newest(models: Path) -> Path:
    """The folder of the newest version in `models`.

    Raises:
        NotFound: there is none.
    """
    versions = [child for child in models.iterdir() if child.name.isdigit()]
    if not versions:
        raise NotFound(f"no version of a model in {models}")
    return max(versions, key=lambda child: int(child.name))


def checksum(model: Path) -> str:
    """What tells a SavedModel from others, its card apart: the beginning of a SHA-256 over its graph and weights."""
    parts = [model / "saved_model.pb", *sorted((model / "variables").iterdir())]
    return hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()[:12]

"""Model versions: what they are made of and where they stand."""

from __future__ import annotations

from pydantic import Field

from .document import Document, Moment


class Metrics(Document):
    """What was measured on a model. Accuracies are shares of images read right, in [0, 1]."""

    validation_accuracy: float = Field(ge=0, le=1)
    test_accuracy: float | None = Field(default=None, ge=0, le=1)
    expected_calibration_error: float | None = Field(default=None, ge=0, le=1)
    digit_auroc: float | None = Field(
        default=None, ge=0, le=1, description="How often a digit scores higher than what is none (area under the ROC)"
    )
    digits_refused: float | None = Field(
        default=None, ge=0, le=1, description="Share of validation digits that score below one half"
    )


class ModelCard(Document):
    """`assets.extra/model_card.json`: what a version is, how it came to be, and how good it is."""

    version: int = Field(ge=1)
    name: str
    created_at: Moment
    architecture: str
    parameters: int = Field(ge=1)
    data: dict[str, int | str] = Field(description="Data sets by name, with their sizes or checksums")
    hyperparameters: dict[str, int | float | str | bool]
    metrics: Metrics
    training_seconds: float = Field(ge=0)
    libraries: dict[str, str]
    corrections: int = Field(default=0, ge=0, description="Corrected digits that it was trained on")


class ModelVersion(Document):
    """A version: its card, its state in the model server and the labels that point to it."""

    version: int = Field(ge=1)
    state: str = Field(description="As TensorFlow Serving says it (AVAILABLE, LOADING, …), or UNLOADED")
    labels: tuple[str, ...] = ()
    card: ModelCard | None = None


class ModelList(Document):
    """All versions on the volume, newest first."""

    model: str
    stable: int | None = None
    versions: tuple[ModelVersion, ...]

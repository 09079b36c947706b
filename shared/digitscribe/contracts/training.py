"""Retrain jobs."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from .document import ID_PATTERN, Document, Moment
from .model import Metrics
from .problem import Problem


class TrainingStatus(StrEnum):
    """Where a training stands; `rejected` means trained, but no better than what is in traffic."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    REJECTED = "rejected"
    FAILED = "failed"
    CANCELLED = "cancelled"


class TrainingRequest(Document):
    """What to train, and what to do with the result."""

    epochs: int = Field(default=3, ge=1, le=100)
    limit: int | None = Field(default=None, ge=256, le=60_000, description="Train on this many images only")
    fine_tune: bool = Field(default=True, description="Start from the weights in traffic, not from scratch")
    promote: bool = Field(default=True, description="Let the new version take the traffic if it passes the gate")
    max_accuracy_drop: float = Field(
        default=0.001, ge=0, le=1, description="The gate: how much validation accuracy a new version may lose"
    )
    seed: int = Field(default=1, ge=0, le=2**31 - 1)


class TrainingProgress(Document):
    """How far a training is; accuracies are those of the averaged weights on the validation split."""

    phase: str = Field(description="load, train, evaluate, export or promote")
    epoch: int = Field(ge=0, description="Finished epochs")
    epochs: int = Field(ge=0, description="Epochs of the whole training")
    step: int = Field(ge=0, description="Steps since the training's beginning, over all epochs")
    steps: int = Field(ge=0, description="Steps of the whole training; 0 while they are not known yet")
    loss: float | None = Field(default=None, description="Mean over the epoch so far")
    accuracy: float | None = Field(default=None, description="Share of training images read right, in the epoch so far")
    validation_accuracy: float | None = Field(
        default=None, description="At an epoch's end that of the epoch; after the last, that of the best"
    )


class Training(Document):
    """A retrain job."""

    id: str = Field(pattern=ID_PATTERN)
    status: TrainingStatus
    request: TrainingRequest
    created_at: Moment
    started_at: Moment | None = None
    ended_at: Moment | None = None
    progress: TrainingProgress | None = None
    history: tuple[TrainingProgress, ...] = Field(default=(), description="One entry per finished epoch")
    version: int | None = Field(default=None, description="The version that it exported")
    metrics: Metrics | None = None
    error: Problem | None = None

"""A training's record, kept up to date while it runs."""

from __future__ import annotations

import time

from digitscribe.contracts.document import now
from digitscribe.contracts.training import Training, TrainingProgress, TrainingStatus
from digitscribe.errors import Conflict, DigitscribeError
from digitscribe.queueing.trainings import TrainingStore

PAUSE_S = 1.0
"""Steps within this time are not reported one by one: each report is an event that everybody gets."""


class Reporter:
    """Writes progress into the record of one training."""

    def __init__(self, store: TrainingStore, training: Training) -> None:
        self._store = store
        self.training = training
        self._told_at = float("-inf")

    def start(self) -> None:
        """The training begins. Raises Conflict if it has ended already."""
        self._write(status=TrainingStatus.RUNNING, started_at=now())

    def __call__(self, progress: TrainingProgress) -> None:
        """Tell how far it is: ends of epochs and new phases at once, steps now and then. Raises Conflict if ended."""
        before = self.training.progress
        ended_epoch = progress.phase == "train" and progress.validation_accuracy is not None
        is_news = ended_epoch or before is None or progress.phase != before.phase
        if not is_news and time.monotonic() - self._told_at < PAUSE_S:
            return
        history = (*self.training.history, progress) if ended_epoch else self.training.history
        self._write(progress=progress, history=history)
        self._told_at = time.monotonic()

    def note(self, **changes: object) -> None:
        """Set fields of the record. Raises Conflict if the training has ended."""
        self._write(**changes)

    def end(self, status: TrainingStatus, error: DigitscribeError | None = None) -> None:
        """The training's end."""
        self._store.end(self.training, status, error)

    def _write(self, **changes: object) -> None:
        self.training = self.training.model_copy(update=changes)
        if not self._store.update(self.training):
            raise Conflict(f"training {self.training.id} has been cancelled")

"""How far a training is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """What a listener is told after some steps, and at the end of each epoch (then with `validation_accuracy`).

    `loss` and `accuracy` are means over the epoch so far; `epoch` counts finished epochs; `step` counts from the
    training's beginning, up to `steps`.
    """

    epoch: int
    step: int
    steps: int
    loss: float
    accuracy: float
    validation_accuracy: float | None = None

"""Learning rate and averaging of weights over a training's steps: plain numbers, no TensorFlow."""

from __future__ import annotations

import math


def learning_rate(step: int, steps: int, peak: float, warmup: int) -> float:
    """Linear rise over `warmup` steps, then half a cosine from `peak` down to a hundredth of it at `steps`."""
    if step < warmup:
        return peak * (step + 1) / warmup
    share = (step - warmup) / max(1, steps - warmup)
    return peak * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, share))))


def averaging(step: int, decay: float) -> float:
    """How much of the average stays at `step`: young averages move fast, so that short trainings have them too."""
    return min(decay, (1 + step) / (10 + step))

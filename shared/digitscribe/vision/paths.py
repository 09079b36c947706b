"""The best path through rival hypotheses: what is read, and what is left as no digit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Hypothesis:
    """A stretch of a row, from piece `start` to before piece `end`, taken for one digit.

    `cost` is what speaks against it before the classifier is asked, `junk_cost` what it costs to leave the stretch
    unread; both are negative logarithms of probabilities.
    """

    row: int
    start: int
    end: int
    cost: float
    junk_cost: float


def best(hypotheses: Sequence[Hypothesis], probabilities: NDArray[np.float32], min_confidence: float) -> list[int]:
    """Indices of the chosen hypotheses in reading order; `probabilities` is float32 [M, 10]."""
    confidence = probabilities.max(axis=1) if len(hypotheses) else np.zeros(0, np.float32)
    chosen: list[int] = []
    for row in sorted({hypothesis.row for hypothesis in hypotheses}):
        members = [i for i, hypothesis in enumerate(hypotheses) if hypothesis.row == row]
        chosen += _best_of_row(hypotheses, members, confidence, min_confidence)
    return chosen


def _best_of_row(
    hypotheses: Sequence[Hypothesis], members: list[int], confidence: NDArray[np.float32], min_confidence: float
) -> list[int]:
    """Shortest path over the places between pieces."""
    length = max(hypotheses[i].end for i in members)
    unreached: tuple[float, list[int]] = (np.inf, [])
    reached = [(0.0, list[int]()), *[unreached] * length]
    for i in sorted(members, key=lambda i: hypotheses[i].start):
        hypothesis = hypotheses[i]
        cost, path = reached[hypothesis.start]
        sure = float(confidence[i])
        as_digit = hypothesis.cost - float(np.log(max(sure, 1e-6))) if sure >= min_confidence else np.inf
        for step, way in ((as_digit, [*path, i]), (hypothesis.junk_cost, path)):
            if cost + step < reached[hypothesis.end][0]:
                reached[hypothesis.end] = (cost + step, way)
    return reached[length][1]

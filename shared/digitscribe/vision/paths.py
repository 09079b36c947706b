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


def best(
    hypotheses: Sequence[Hypothesis],
    probabilities: NDArray[np.float32],
    min_confidence: float,
    digit_scores: NDArray[np.float32] | None = None,
    min_digit_score: float = 0.0,
) -> list[int]:
    """Choose a path through each row.

    Args:
        hypotheses: M of them.
        probabilities: float32 [M, 10], of the ten classes.
        min_confidence: what has no class that probable is no digit.
        digit_scores: float32 [M], how sure it is that each is one digit, 0 to 1; without them all count as 1.
        min_digit_score: what has less is no digit.

    Returns:
        Indices of the chosen hypotheses in reading order.
    """
    costs = _digit_costs(hypotheses, probabilities, min_confidence, digit_scores, min_digit_score)
    chosen: list[int] = []
    for row in sorted({hypothesis.row for hypothesis in hypotheses}):
        members = [i for i, hypothesis in enumerate(hypotheses) if hypothesis.row == row]
        chosen += _best_of_row(hypotheses, members, costs)
    return chosen


def piece_count(hypotheses: Sequence[Hypothesis]) -> int:
    """How many pieces all rows have together."""
    ends: dict[int, int] = {}
    for each in hypotheses:
        ends[each.row] = max(ends.get(each.row, 0), each.end)
    return sum(ends.values())


def _digit_costs(
    hypotheses: Sequence[Hypothesis],
    probabilities: NDArray[np.float32],
    min_confidence: float,
    digit_scores: NDArray[np.float32] | None,
    min_digit_score: float,
) -> list[float]:
    """What it costs to take each hypothesis for a digit; infinite for what is none."""
    if not hypotheses:
        return []
    confidence = probabilities.max(axis=1)
    scores = np.ones(len(hypotheses), np.float32) if digit_scores is None else digit_scores
    possible = (confidence >= min_confidence) & (scores >= min_digit_score)
    before = np.array([hypothesis.cost for hypothesis in hypotheses])
    costs: list[float] = np.where(possible, before - np.log(np.maximum(confidence * scores, 1e-6)), np.inf).tolist()
    return costs


def _best_of_row(hypotheses: Sequence[Hypothesis], members: list[int], costs: list[float]) -> list[int]:
    """Shortest path over the places between pieces."""
    length = max(hypotheses[i].end for i in members)
    unreached: tuple[float, list[int]] = (np.inf, [])
    reached = [(0.0, list[int]()), *[unreached] * length]
    for i in sorted(members, key=lambda i: hypotheses[i].start):
        hypothesis = hypotheses[i]
        cost, path = reached[hypothesis.start]
        for step, way in ((costs[i], [*path, i]), (hypothesis.junk_cost, path)):
            if cost + step < reached[hypothesis.end][0]:
                reached[hypothesis.end] = (cost + step, way)
    return reached[length][1]

"""The best path through rival hypotheses: what is read, and what is left as no digit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digitscribe.pairs import Pairs


@dataclass(frozen=True)
class Hypothesis:
    """A stretch of a row, from piece `start` to before piece `end`, taken for one digit.

    `cost` is what speaks against it before the classifier is asked, `junk_cost` what it costs to leave the stretch
    unread, `pair_cost` what speaks against its being two digits that touch; all are negative logarithms of
    probabilities. `may_be_cut` says that it is a piece of ink left whole in which two digits may touch.
    """

    row: int
    start: int
    end: int
    cost: float
    junk_cost: float
    pair_cost: float = math.inf
    may_be_cut: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A digit that is read: the hypothesis that has its ink.

    If it was told together with its neighbour, `pair` is the hypothesis of both, and `second` whether it is the right
    one of them.
    """

    index: int
    pair: int | None = None
    second: bool = False


def best(
    hypotheses: Sequence[Hypothesis],
    probabilities: NDArray[np.float32],
    min_confidence: float,
    digit_scores: NDArray[np.float32] | None = None,
    min_digit_score: float = 0.0,
    pairs: Pairs | None = None,
) -> list[Choice]:
    """Choose a path through each row.

    Args:
        hypotheses: M of them.
        probabilities: float32 [M, 10], of the ten classes.
        min_confidence: what has no class that probable is no digit.
        digit_scores: float32 [M], how sure it is that each is one digit, 0 to 1; without them all count as 1.
        min_digit_score: what has less is no digit; nor is it a pair.
        pairs: what each shows as a pair; without it nothing is read as one.

    Returns:
        The digits in reading order.
    """
    costs = _digit_costs(hypotheses, probabilities, min_confidence, digit_scores, min_digit_score)
    two = _pair_costs(hypotheses, probabilities, pairs, min_confidence, min_digit_score) if pairs else {}
    chosen: list[Choice] = []
    for row in sorted({hypothesis.row for hypothesis in hypotheses}):
        members = [i for i, hypothesis in enumerate(hypotheses) if hypothesis.row == row]
        chosen += _best_of_row(hypotheses, members, costs, two)
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


def _pair_costs(
    hypotheses: Sequence[Hypothesis],
    probabilities: NDArray[np.float32],
    pairs: Pairs,
    min_confidence: float,
    min_score: float,
) -> dict[int, tuple[float, list[Choice]]]:
    """What it costs to take hypotheses for two digits, and for which, where that is possible."""
    places = {(each.row, each.start, each.end): i for i, each in enumerate(hypotheses)}
    told = pairs.probabilities.argmax(axis=2)
    sure = pairs.probabilities.max(axis=2)
    found: dict[int, tuple[float, list[Choice]]] = {}
    for i, hypothesis in enumerate(hypotheses):
        if hypothesis.pair_cost == math.inf or sure[i].min() < min_confidence or pairs.scores[i] < min_score:
            continue
        halves = _halves(hypothesis, places)
        if halves:
            # the cut whose sides look most like the two digits shows where each is
            left, right = max(halves, key=lambda each: probabilities[each, told[i]].prod())
            cost = hypothesis.pair_cost - math.log(max(float(sure[i].prod() * pairs.scores[i]), 1e-6))
            found[i] = cost, [Choice(left, i), Choice(right, i, second=True)]
    return found


def _halves(whole: Hypothesis, places: Mapping[tuple[int, int, int], int]) -> list[tuple[int, int]]:
    """The hypotheses that share `whole` between them, left and right."""
    ways = [
        (places.get((whole.row, whole.start, middle)), places.get((whole.row, middle, whole.end)))
        for middle in range(whole.start + 1, whole.end)
    ]
    return [(left, right) for left, right in ways if left is not None and right is not None]


def _best_of_row(
    hypotheses: Sequence[Hypothesis],
    members: list[int],
    costs: list[float],
    two: Mapping[int, tuple[float, list[Choice]]],
) -> list[Choice]:
    """Shortest path over the places between pieces."""
    length = max(hypotheses[i].end for i in members)
    unreached: tuple[float, list[Choice]] = (np.inf, [])
    reached = [(0.0, list[Choice]()), *[unreached] * length]
    for i in sorted(members, key=lambda i: hypotheses[i].start):
        hypothesis = hypotheses[i]
        cost, path = reached[hypothesis.start]
        ways = [(costs[i], [Choice(i)]), (hypothesis.junk_cost, []), *([two[i]] if i in two else [])]
        for step, read in ways:
            if cost + step < reached[hypothesis.end][0]:
                reached[hypothesis.end] = (cost + step, path + read)
    return reached[length][1]

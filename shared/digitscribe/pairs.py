"""What a model says of pictures as pairs of digits that touch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, slots=True)
class Pairs:
    """Of each of N pictures: which two digits it shows, if it shows two.

    Attributes:
        probabilities: float32 [N, 2, 10], of the left and of the right digit.
        scores: float32 [N] in [0, 1], how surely each is two digits.
    """

    probabilities: NDArray[np.float32]
    scores: NDArray[np.float32]

    def part(self, start: int, end: int) -> Pairs:
        """The same of pictures `start` to before `end`."""
        return Pairs(self.probabilities[start:end], self.scores[start:end])


def join(parts: Sequence[Pairs]) -> Pairs:
    """All of `parts`, one or more, one after the other."""
    return Pairs(
        np.concatenate([each.probabilities for each in parts]), np.concatenate([each.scores for each in parts])
    )

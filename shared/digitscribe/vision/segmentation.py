"""Rival ways to cut a row of ink into digits."""

from __future__ import annotations

from digitscribe.vision.components import Blob
from digitscribe.vision.paths import Hypothesis


def hypotheses_of(rows: list[list[Blob]]) -> tuple[list[Hypothesis], list[Blob]]:
    """Every way to read a stretch of a row as one digit, with the ink that it would be made of."""
    hypotheses: list[Hypothesis] = []
    blobs: list[Blob] = []
    for number, row in enumerate(rows):
        for place, blob in enumerate(row):
            hypotheses.append(Hypothesis(row=number, start=place, end=place + 1, cost=0.0, junk_cost=3.0))
            blobs.append(blob)
    return hypotheses, blobs

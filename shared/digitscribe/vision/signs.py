"""Slashes and brackets: what a 1 never does, they do, reach above and below the digits on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from digitscribe.contracts import Box

OVER = 0.1
"""They reach so far beyond digits at least, above and below, as a share of their height;"""

LEANING = 0.2
"""and are at least this wide, as a share of their own: a long 1 between small digits stands upright."""

NEAR = 2
"""So many digits on each side are looked at."""


@dataclass(frozen=True, slots=True)
class Written:
    """A digit that was read, and where."""

    digit: int
    box: Box


def signs_in(row: Sequence[Written]) -> list[int]:
    """The places in a row, from left to right, of what is a slash or a bracket, and was taken for a 1."""
    maybe = [place for place, each in enumerate(row) if each.digit == 1 and _leans(each.box)]
    high = [place for place in maybe if _reaches_beyond(row[place].box, _beside(row, place))]
    apart = [place for place in high if place - 1 not in high and place + 1 not in high]
    # a bracket that opens the row is closed further on
    return apart if len(apart) > 1 else [place for place in apart if place]


def _leans(box: Box) -> bool:
    return box.width >= LEANING * box.height


def _beside(row: Sequence[Written], place: int) -> list[Box]:
    """The nearest digits on both sides, without 1s: those may be signs, too."""
    others = [at for at, each in enumerate(row) if each.digit != 1]
    before, after = [at for at in others if at < place], [at for at in others if at > place]
    return [row[at].box for at in before[-NEAR:] + after[:NEAR]]


def _reaches_beyond(box: Box, others: Sequence[Box]) -> bool:
    if len(others) < NEAR:
        return False
    top, bottom = median([other.y for other in others]), median([other.y + other.height for other in others])
    over = OVER * (bottom - top)
    return box.y <= top - over and box.y + box.height >= bottom + over

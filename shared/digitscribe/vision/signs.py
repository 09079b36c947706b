"""Slashes and brackets beside digits, which look like 1s.

What a 1 never does, a slash does: it reaches above and below the digits on both sides. A 1 may be bent, too, but no two
of one writer are bent towards each other, as the brackets around a dialling code are.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from digitscribe.contracts import Box
from digitscribe.vision import dates
from digitscribe.vision.written import Written

OVER = 0.14
"""They reach so far beyond digits at least, above and below, as a share of their height;"""

LEANING = 0.2
"""and are at least this wide, as a share of their own: a long 1 between small digits stands upright."""

NEAR = 2
"""So many digits on each side are looked at, and as many there must be in all."""

BENT = 0.1
"""The middle of a bracket is this far from straight between its ends, as a share of its height."""

WITHIN = 5
"""So many digits at most are in brackets."""


def signs_in(row: Sequence[Written]) -> list[int]:
    """The places in a row, from left to right, of slashes and brackets that were taken for 1s."""
    return sorted({*slashes_in(row), *brackets_in(row), *dates.slashes_in(row)})


def slashes_in(row: Sequence[Written]) -> list[int]:
    """The places in a row, from left to right, of slashes that were taken for 1s."""
    ones = [place for place, each in enumerate(row) if each.digit == 1 and _leans(each.box)]
    high = [place for place in ones if _reaches_beyond(row[place].box, _beside(row, place))]
    return [place for place in high if 0 < place < len(row) - 1 and not {place - 1, place + 1}.intersection(high)]


def _leans(box: Box) -> bool:
    return box.width >= LEANING * box.height


def _beside(row: Sequence[Written], place: int) -> list[Box]:
    """The nearest digits on both sides, without 1s: those may be slashes, too."""
    others = [at for at, each in enumerate(row) if each.digit != 1]
    before, after = [at for at in others if at < place], [at for at in others if at > place]
    return [row[at].box for at in before[-NEAR:] + after[:NEAR]]


def _reaches_beyond(box: Box, others: Sequence[Box]) -> bool:
    if len(others) < NEAR:
        return False
    top, bottom = median([other.y for other in others]), median([other.y + other.height for other in others])
    over = OVER * (bottom - top)
    return box.y <= top - over and box.y + box.height >= bottom + over


def brackets_in(row: Sequence[Written]) -> list[int]:
    """The places in a row, from left to right, of pairs of brackets that were taken for 1s."""
    ones = [place for place, each in enumerate(row) if each.digit == 1]
    opening = [place for place in ones if row[place].bend <= -BENT]
    closing = [place for place in ones if row[place].bend >= BENT]
    pairs = [(one, other) for one in opening for other in closing if 1 < other - one <= WITHIN + 1]
    return sorted({place for pair in pairs for place in pair})

"""Slashes of dates that are no higher than the digits, and so look like leaning 1s: 7/17/27.

Where they stand tells them: two straight strokes that lean alike, and more than what is written around them, part a row
into day, month and year.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from digitscribe.vision.written import Written

SHORT, YEAR = (1, 2), (2, 4)
"""So many digits has a day or a month, and so many a year, which stands behind them or before: 2026/12/1."""

STRAIGHT = 0.9
"""What is at least so straight, of 1, has neither flag nor foot."""

LEANS = 0.4
"""A slash goes so far to the right, as a share of its height, from its lower end to its upper one,"""

MORE = 0.3
"""and so much farther than the digits beside it: people whose digits all lean write 1s that lean, too."""

ALIKE = 0.2
"""Two of one hand differ in that by less."""


def slashes_in(row: Sequence[Written]) -> list[int]:
    """The places in a row, from left to right, of the two slashes of a date that were taken for 1s."""
    leaning = [place for place, each in enumerate(row) if each.digit == 1 and _is_slash(each)]
    if len(leaning) != 2 or not _part_a_date(leaning[0], leaning[1], len(row)):
        return []
    one, other = (row[place].lean for place in leaning)
    usual = median([each.lean for place, each in enumerate(row) if place not in leaning])
    return leaning if abs(one - other) < ALIKE and min(one, other) >= usual + MORE else []


def _is_slash(written: Written) -> bool:
    return written.straightness >= STRAIGHT and written.lean >= LEANS


def _part_a_date(one: int, other: int, count: int) -> bool:
    first, second, third = one, other - one - 1, count - other - 1
    return second in SHORT and ((first in SHORT and third in YEAR) or (first == max(YEAR) and third in SHORT))

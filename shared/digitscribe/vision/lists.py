"""Numbered lists: lines that begin with a number, one below the other, and go on with words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, median_low

from digitscribe.vision.words import SURE, Word, height_of, is_unlikely

LONGEST = 3
"""Pieces of a line's number at most, its bracket among them; each is `SURE`."""

GAP = 0.25
"""So wide a gap follows, for a dot to stand in, as a share of the number's height: letters stand closer."""

LINES = 2
"""So many lines at least are a list: one may be a quantity."""

MOST = 2 / 3
"""A list has this share of a page's lines at least: here and there a line of print begins with an S or a g."""

BRACKET = 0.4
"""A bracket is narrower than this share of its height,"""

OVER = 1.05
"""and higher than the digits before it, by this factor."""


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a list: its number, and what follows that, a bracket for instance."""

    number: Word
    rest: Word


def items_of(rows: Sequence[Word]) -> list[Item]:
    """The lines of a list, if most of a page's `rows` are, each from left to right."""
    clear = [_item_of(row, _length(row)) for row in rows]
    texts = [item for item in clear if item and is_unlikely(item.rest)]
    if len(texts) < LINES:
        return []
    left, usual = median(map(_left, texts)), median_low([len(item.number) for item in texts])
    lines = [item or _item_of(row, usual) for row, item in zip(rows, clear, strict=True)]
    items = [item for item in lines if item and abs(_left(item) - left) <= height_of(item.number)]
    return _without_brackets(items) if len(items) >= max(LINES, MOST * len(rows)) else []


def _left(item: Item) -> int:
    return item.number[0].left


def _length(row: Word) -> int:
    """How many pieces there are before the first gap."""
    gap = GAP * row[0].height
    return next((at for at in range(1, len(row)) if row[at].left - row[at - 1].right >= gap), len(row))


def _item_of(row: Word, length: int) -> Item | None:
    """A line whose number has so many pieces as one of a list, if it may be: not all of it is surely digits."""
    number, rest = row[:length], row[length:]
    is_number = len(number) <= LONGEST and all(piece.certainty >= SURE for piece in number)
    return Item(number, rest) if is_number and any(piece.certainty < SURE for piece in rest) else None


def _without_brackets(items: list[Item]) -> list[Item]:
    if not all(_has_bracket(item.number) for item in items):
        return items
    return [Item(item.number[:-1], item.number[-1:] + item.rest) for item in items]


def _has_bracket(number: Word) -> bool:
    *digits, last = number
    return bool(digits) and last.width <= BRACKET * last.height and last.height >= OVER * height_of(digits)

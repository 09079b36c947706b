"""Words: an I, an S or an O in the midst of letters is a letter, however much it looks like a digit.

What the classifier leaves unread tells: where most pieces of a word are no digits, none of them is. A digit that stands
alone, or among digits, has no such company. Print is smaller than the writing beside it: there one letter is enough.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from digitscribe.contracts import Box
from digitscribe.vision.paths import Hypothesis

SPACE = 0.8
"""Gap that parts two words, as a share of the height of the pieces on both sides."""

SMALL = 0.6
"""A word that is lower than this share of the image's tallest row of digits is print if one piece of it is a letter."""

SPECK = 0.4
"""Unread pieces lower than this share of the row's tallest piece are dots and dashes, not letters."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Part of a row from column `left` to before `right`: a digit's index in the path, or None for unread ink."""

    left: int
    right: int
    height: int
    index: int | None


def without_words(chosen: Sequence[int], hypotheses: Sequence[Hypothesis], boxes: Sequence[Box]) -> list[int]:
    """The digits among `chosen` (indices of `hypotheses`, in reading order) that do not stand among letters."""
    rows: dict[int, list[int]] = {}
    for index in chosen:
        rows.setdefault(hypotheses[index].row, []).append(index)
    writing = max((median(boxes[index].height for index in row) for row in rows.values()), default=0)
    dropped: set[int] = set()
    for number, digits in rows.items():
        members = [i for i, each in enumerate(hypotheses) if each.row == number]
        pieces = [_piece(boxes[i], i) for i in digits] + _unread(digits, members, hypotheses, boxes)
        for word in _words(sorted(pieces, key=lambda piece: piece.left)):
            if _is_text(word, writing):
                dropped.update(piece.index for piece in word if piece.index is not None)
    return [index for index in chosen if index not in dropped]


def _is_text(word: Sequence[_Piece], writing: float) -> bool:
    letters = sum(piece.index is None for piece in word)
    small = median(piece.height for piece in word) < SMALL * writing
    return letters > (0 if small else len(word) - letters)


def _unread(
    digits: Sequence[int], members: Sequence[int], hypotheses: Sequence[Hypothesis], boxes: Sequence[Box]
) -> list[_Piece]:
    """Ink of a row that no digit is made of; what is cut from one piece counts once."""
    covered = {place for i in digits for place in range(hypotheses[i].start, hypotheses[i].end)}
    tallest = max(boxes[i].height for i in members)
    of_one = [i for i in members if hypotheses[i].junk_cost < math.inf and boxes[i].height >= SPECK * tallest]
    left = [i for i in of_one if covered.isdisjoint(range(hypotheses[i].start, hypotheses[i].end))]
    pieces: list[_Piece] = []
    for piece in sorted((_piece(boxes[i], None) for i in left), key=lambda piece: piece.left):
        if pieces and piece.left <= pieces[-1].right:
            last = pieces.pop()
            piece = _Piece(last.left, max(last.right, piece.right), max(last.height, piece.height), None)
        pieces.append(piece)
    return pieces


def _piece(box: Box, index: int | None) -> _Piece:
    return _Piece(box.x, box.x + box.width, box.height, index)


def _words(pieces: Sequence[_Piece]) -> list[list[_Piece]]:
    words = [list(pieces[:1])]
    for one, other in pairwise(pieces):
        if other.left - one.right > SPACE * max(one.height, other.height):
            words.append([])
        words[-1].append(other)
    return words

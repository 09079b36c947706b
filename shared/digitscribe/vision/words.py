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

from digitscribe.vision.components import weighted_quantile
from digitscribe.vision.paths import Choice, Hypothesis

SPACE = 0.8
"""Gap that parts two words, as a share of the height of the pieces on both sides."""

SMALL = 0.6
"""A word that is lower than this share of the writing is print if one piece of it is a letter: half of what digits take
up is higher than the writing."""

SPECK = 0.4
"""Unread pieces lower than this share of the word's tallest piece are dots and dashes, not letters."""

SEVERAL = 2
"""So many small words with letters, if they hold half of what small ones do, tell that all are print: Unit is 1117."""


Span = tuple[int, int, int]
"""Where a row lies level: first column of some ink of it, first one right of that, and height."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Part of a row from column `left` to before `right`: a digit's index in the path, or None for unread ink."""

    left: int
    right: int
    height: int
    index: int | None


def without_words(choices: Sequence[Choice], hypotheses: Sequence[Hypothesis], spans: Sequence[Span]) -> list[Choice]:
    """The digits among `choices` (in reading order) that do not stand among letters; each hypothesis has its span."""
    chosen = [choice.index for choice in choices]
    rows: dict[int, list[int]] = {}
    for index in chosen:
        rows.setdefault(hypotheses[index].row, []).append(index)
    heights = [float(spans[index][2]) for index in chosen]
    writing = weighted_quantile(heights, [height**2 for height in heights])
    words = [word for row in rows.values() for word in _words_of(row, hypotheses, spans)]
    dropped = {piece.index for word in _texts(words, SMALL * writing) for piece in word}
    return [choice for choice in choices if choice.index not in dropped]


def _words_of(digits: Sequence[int], hypotheses: Sequence[Hypothesis], spans: Sequence[Span]) -> list[list[_Piece]]:
    """The words of the row that these digits are of, without dots."""
    members = [i for i, each in enumerate(hypotheses) if each.row == hypotheses[digits[0]].row]
    pieces = [_Piece(*spans[i], i) for i in digits] + _unread(digits, members, hypotheses, spans)
    return [_without_dots(word) for word in _between_spaces(sorted(pieces, key=lambda piece: piece.left))]


def _texts(words: Sequence[list[_Piece]], low: float) -> list[list[_Piece]]:
    """The words that are text; of those lower than `low`, which are print, a few may be told by the others only."""
    small: list[list[_Piece]] = []
    large: list[list[_Piece]] = []
    for word in words:
        (small if median(piece.height for piece in word) < low else large).append(word)
    lettered = [word for word in small if any(piece.index is None for piece in word)]
    if len(lettered) >= SEVERAL and 2 * sum(map(len, lettered)) >= sum(map(len, small)):
        lettered = small
    return lettered + [word for word in large if 2 * sum(piece.index is None for piece in word) > len(word)]


def _without_dots(word: list[_Piece]) -> list[_Piece]:
    tallest = max(piece.height for piece in word)
    return [piece for piece in word if piece.index is not None or piece.height >= SPECK * tallest]


def _unread(
    digits: Sequence[int], members: Sequence[int], hypotheses: Sequence[Hypothesis], spans: Sequence[Span]
) -> list[_Piece]:
    """Ink of a row that no digit is made of; what is cut from one piece counts once."""
    covered = {place for i in digits for place in range(hypotheses[i].start, hypotheses[i].end)}
    of_one = [i for i in members if hypotheses[i].junk_cost < math.inf]
    left = [i for i in of_one if covered.isdisjoint(range(hypotheses[i].start, hypotheses[i].end))]
    pieces: list[_Piece] = []
    for piece in sorted((_Piece(*spans[i], None) for i in left), key=lambda piece: piece.left):
        if pieces and piece.left <= pieces[-1].right:
            last = pieces.pop()
            piece = _Piece(last.left, max(last.right, piece.right), max(last.height, piece.height), None)
        pieces.append(piece)
    return pieces


def _between_spaces(pieces: Sequence[_Piece]) -> list[list[_Piece]]:
    words = [list(pieces[:1])]
    for one, other in pairwise(pieces):
        if other.left - one.right > SPACE * max(one.height, other.height):
            words.append([])
        words[-1].append(other)
    return words

"""Words: the digits and the unread ink of a row, parted where there are gaps."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median

from digitscribe.vision.paths import Hypothesis

SPACE = 0.8
"""Gap that parts two words, as a share of the height of the pieces on both sides."""

NUMBER_SPACE = 0.4
"""Gap that parts what is surely digits from words beside it, as the same share,"""

CAPTION = 2
"""if a row has so many words at most: a line of prose has more, and some of them look like digits."""

LOW = 0.6
"""What is lower than this share of the tallest in its word is an o or an s, where not all of the word is likely."""

STANDING_OUT = 1.5
"""The tallest counts as no more than so many times as tall as the second: a blot is."""

SPECK = 0.4
"""Unread pieces lower than this share of the word's tallest piece are dots and dashes, not letters."""

TALL = 0.8
"""Unread pieces are letters from this share of the height of what is read in their word: a + is lower."""

LIKELY = 0.5
"""What is less probably a digit is rather none."""

SURE = 0.95
"""What is so surely a digit may stand among letters."""

Span = tuple[int, int, int]
"""Where a row lies level: first column of some ink of it, first one right of that, and height."""

Place = tuple[int, int]
"""A row, and the number of a piece in it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a row from column `left` to before `right`.

    `index` is that of a digit in the path, or None for unread ink; `certainty` is how probably it is the digit that was
    read, 0 for unread ink.
    """

    left: int
    right: int
    height: int
    places: tuple[Place, ...]
    index: int | None = None
    certainty: float = 0.0

    @property
    def width(self) -> int:
        """From left to right."""
        return self.right - self.left

    @property
    def is_read(self) -> bool:
        """Whether a digit is made of it."""
        return self.index is not None


Word = list[Piece]


def rows_of(
    certainties: Mapping[int, float], hypotheses: Sequence[Hypothesis], spans: Sequence[Span]
) -> list[list[Piece]]:
    """All rows with what is read and what is not, from left to right; of each digit it is told how sure it is."""
    members: dict[int, list[int]] = {}
    for i, each in enumerate(hypotheses):
        members.setdefault(each.row, []).append(i)
    rows = [
        [_piece(i, hypotheses, spans, certainties[i]) for i in row if i in certainties]
        + _unread([i for i in row if i in certainties], row, hypotheses, spans)
        for _, row in sorted(members.items())
    ]
    return [sorted(row, key=lambda piece: piece.left) for row in rows]


def _piece(index: int, hypotheses: Sequence[Hypothesis], spans: Sequence[Span], certainty: float | None) -> Piece:
    each = hypotheses[index]
    places = tuple([(each.row, place) for place in range(each.start, each.end)])
    if certainty is None:
        return Piece(*spans[index], places)
    return Piece(*spans[index], places, index, certainty)


def _unread(
    digits: Sequence[int], members: Sequence[int], hypotheses: Sequence[Hypothesis], spans: Sequence[Span]
) -> list[Piece]:
    """Ink of a row that no digit is made of; what is cut from one piece counts once."""
    covered = {place for i in digits for place in range(hypotheses[i].start, hypotheses[i].end)}
    of_one = [i for i in members if hypotheses[i].junk_cost < math.inf]
    left = [i for i in of_one if covered.isdisjoint(range(hypotheses[i].start, hypotheses[i].end))]
    pieces: list[Piece] = []
    for piece in sorted((_piece(i, hypotheses, spans, None) for i in left), key=lambda piece: piece.left):
        if pieces and piece.left <= pieces[-1].right:
            last = pieces.pop()
            right, height = max(last.right, piece.right), max(last.height, piece.height)
            piece = Piece(last.left, right, height, last.places + piece.places)
        pieces.append(piece)
    return pieces


def words_of(row: Sequence[Piece]) -> list[Word]:
    """The words of a row, without dots."""
    words = [_without_dots(word) for word in _split(row, SPACE)]
    if sum(not is_sure(part) for word in words for part in _split(word, NUMBER_SPACE)) > CAPTION:
        return words
    return [part for word in words for part in _number_apart(word)]


def _split(row: Sequence[Piece], space: float) -> list[Word]:
    """Pieces, parted where the gap between two is wider than that share of their height."""
    parts: list[Word] = [list(row[:1])]
    for one, other in pairwise(row):
        if other.left - one.right > space * max(one.height, other.height):
            parts.append([])
        parts[-1].append(other)
    return parts


def _number_apart(word: Word) -> list[Word]:
    """A word, or what is surely digits in it and what is probably none, if there are gaps between them."""
    parts = groupby(_split(word, NUMBER_SPACE), key=is_sure)
    groups = [(sure, [piece for part in same for piece in part]) for sure, same in parts]
    is_captioned = len(groups) > 1 and all(sure or _is_caption(part) for sure, part in groups)
    return [part for _, part in groups] if is_captioned else [word]


def _is_caption(word: Word) -> bool:
    """Whether a word is probably text: one sign beside a digit may be a plus."""
    return is_unlikely(word) and (len(letters_of(word)) > 0 or sum(not piece.is_read for piece in word) != 1)


def _without_dots(word: Word) -> Word:
    tallest = max(piece.height for piece in word)
    return [piece for piece in word if piece.is_read or piece.height >= SPECK * tallest]


def letters_of(word: Word) -> Word:
    """What is left unread in a word, and is as high as what is read."""
    read = [piece.height for piece in word if piece.is_read]
    lowest = TALL * median(read) if read else 0.0
    return [piece for piece in word if not piece.is_read and piece.height >= lowest]


def height_of(word: Word) -> float:
    """How high a word is written: half of its pieces are higher."""
    return float(median([piece.height for piece in word]))


def is_sure(word: Word) -> bool:
    """Whether all of a word is surely digits."""
    return all(piece.certainty >= SURE for piece in word)


def is_unlikely(word: Word) -> bool:
    """Whether most of a word is probably not what is read; what is sure counts in full: a 7 with a € is enough.

    Where something is not likely at all, what is low beside the rest counts nothing: an o, an s.
    """
    lowest = _lowest(word) if min(piece.certainty for piece in word) < LIKELY else 0.0
    right = [1.0 if piece.certainty >= SURE else piece.certainty for piece in word if piece.height >= lowest]
    return 2 * sum(right) < len(word)


def _lowest(word: Word) -> float:
    """How high pieces are at least that are not low beside the others; a single one is not."""
    if len(word) < 2:
        return 0.0
    *_, second, tallest = sorted([piece.height for piece in word])
    return LOW * min(tallest, STANDING_OUT * second)

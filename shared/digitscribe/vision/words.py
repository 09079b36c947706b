"""Words: an I, an S or an O in the midst of letters is a letter, however much it looks like a digit.

What the classifier leaves unread tells: where most pieces of a word are no digits, none of them is. A digit that stands
alone, or among digits, has no such company. Where there are letters all over, or in print that is smaller than the
writing beside it, one letter in a word is enough.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
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

LETTERS = 5
"""So many letters are text: of digits that well few are left unread, signs are lower, and what is crossed out is one
piece a digit,"""

TEXT = 0.15
"""where they are this share of what is read and of themselves,"""

ALSO_READ = 0.25
"""and if so much of their words is read: half of all letters look like digits, hardly anything of a pattern does."""

TALL = 0.8
"""Unread pieces are letters from this share of the height of what is read in their word: a + is lower."""

ALIKE = 2.0
"""Words are of a text if they are less than so many times as high as its letters, and more than that part of them."""

RUN = 3
"""So many pieces at the beginning of a word of text, or at its end, are a number that is written close to it"""

MAIN = 0.5
"""if they are this share of the word,"""

SURE = 0.95
"""and each of them is so surely a digit."""

Span = tuple[int, int, int]
"""Where a row lies level: first column of some ink of it, first one right of that, and height."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Part of a row from column `left` to before `right`: a digit's index in the path, or None for unread ink."""

    left: int
    right: int
    height: int
    index: int | None


@dataclass(frozen=True, slots=True)
class Parted:
    """What is read, parted into digits and letters.

    Attributes:
        digits: what does not stand among letters, in reading order.
        text: what is read of letters where there is a text.
    """

    digits: list[Choice]
    text: list[Choice]


def parted(read: Mapping[Choice, float], hypotheses: Sequence[Hypothesis], spans: Sequence[Span]) -> Parted:
    """Part what is read into digits and letters, some of which are in neither.

    Args:
        read: the choices, in reading order, and how sure each is.
        hypotheses: all that may be.
        spans: of each hypothesis.
    """
    sure = {choice.index for choice, confidence in read.items() if confidence >= SURE}
    rows: dict[int, list[int]] = {}
    for choice in read:
        rows.setdefault(hypotheses[choice.index].row, []).append(choice.index)
    words = [word for row in rows.values() for word in _words_of(row, hypotheses, spans)]
    text = _text_of(words)
    others = [word for word in words if word not in text]
    heights = [float(piece.height) for word in others for piece in word if piece.index is not None]
    writing = weighted_quantile(heights, [height**2 for height in heights])
    dropped = {piece.index for word in _texts(others, SMALL * writing) for piece in word}
    letters = {piece.index for word in text for piece in _without_numbers(word, sure)}
    digits = [choice for choice in read if choice.index not in dropped | letters]
    return Parted(digits, [choice for choice in read if choice.index in letters])


def _text_of(words: Sequence[list[_Piece]]) -> list[list[_Piece]]:
    """The words with letters, if there are so many letters that all is a text but what is plainly digits."""
    letters = [piece.height for word in words for piece in _letters(word)]
    read = sum([piece.index is not None for word in words for piece in word])
    if len(letters) < max(LETTERS, TEXT * (len(letters) + read)):
        return []
    text = [word for word in words if _is_of_text(word, median(letters))]
    are_read = [piece.index is not None for word in text for piece in word]
    return text if sum(are_read) >= ALSO_READ * len(are_read) else []


def _without_numbers(word: list[_Piece], sure: Collection[int]) -> list[_Piece]:
    """A word of text without the numbers before and behind it."""
    unsure = [place for place, piece in enumerate(word) if piece.index not in sure]
    least = max(RUN, MAIN * len(word))
    start = unsure[0] if unsure[0] >= least else 0
    end = unsure[-1] + 1 if len(word) - 1 - unsure[-1] >= least else len(word)
    return word[start:end]


def _letters(word: list[_Piece]) -> list[_Piece]:
    """What is left unread in a word, and is as high as what is read."""
    read = [piece.height for piece in word if piece.index is not None]
    lowest = TALL * median(read) if read else 0.0
    return [piece for piece in word if piece.index is None and piece.height >= lowest]


def _is_of_text(word: list[_Piece], height: float) -> bool:
    """Whether a word has a letter in it, and is of a text whose letters are of that height."""
    is_alike = height / ALIKE < median(piece.height for piece in word) < ALIKE * height
    return is_alike and _is_lettered(word)


def _is_lettered(word: list[_Piece]) -> bool:
    return any(piece.index is None for piece in word)


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
    lettered = [word for word in small if _is_lettered(word)]
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

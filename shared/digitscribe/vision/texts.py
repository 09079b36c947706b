"""Texts: an I, an S or an O in the midst of letters is a letter, however much it looks like a digit.

What the classifier says of all its pieces tells: where most of a word are probably no digits, none of them is. A digit
that stands alone, or among digits, has no such company. Where there are letters all over, or in print that is smaller
than the writing beside it, one letter in a word is enough, and a word without any goes with the text that is as low.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from digitscribe.vision import lists
from digitscribe.vision.components import weighted_quantile
from digitscribe.vision.paths import Choice, Hypothesis
from digitscribe.vision.words import (
    SURE,
    Place,
    Span,
    Word,
    height_of,
    is_sure,
    is_unlikely,
    letters_of,
    rows_of,
    words_of,
)

SMALL = 0.6
"""A word that is lower than this share of the writing is print if one piece of it is a letter: half of what digits take
up is higher than the writing."""

SEVERAL = 2
"""So many small words with letters, if they hold half of what small ones do, tell that all are print: Unit is 1117."""

LETTERS = 5
"""So many letters are text: of digits that well few are left unread, signs are lower, and what is crossed out is one
piece a digit,"""

TEXT = 0.15
"""where they are this share of what is read and of themselves,"""

ALSO_READ = 0.25
"""and if so much of their words is read: half of all letters look like digits, hardly anything of a pattern does."""

ALIKE = 2.0
"""Words are of a text if they are less than so many times as high as its letters, and more than that part of them."""

FINE = 1.4
"""Print beside a text is lower than so many times its letters: some of them have no strokes that rise above others."""

NEAR = 2.0
"""A word is of the text beside it if the gap between them is less than so many times as wide as it is high."""

RUN = 3
"""So many pieces at the beginning of a word of text, or at its end, are a number that is written close to it"""

MAIN = 0.5
"""if they are this share of the word, and each is `SURE`."""


@dataclass(frozen=True, slots=True)
class Parted:
    """What is read, parted into digits and letters.

    Attributes:
        digits: what does not stand among letters, in reading order.
        text: what is read of letters where there is a text.
        letters: where there is a text, the pieces of low words and of those hardly read: no cut makes digits of them.
    """

    digits: list[Choice]
    text: list[Choice]
    letters: frozenset[Place]


def parted(read: Mapping[Choice, float], hypotheses: Sequence[Hypothesis], spans: Sequence[Span]) -> Parted:
    """Part what is read into digits and letters, some of which are in neither.

    Args:
        read: the choices, in reading order, and how sure each is.
        hypotheses: all that may be.
        spans: of each hypothesis.
    """
    rows = rows_of({choice.index: confidence for choice, confidence in read.items()}, hypotheses, spans)
    lines = [row for row in rows if any(piece.is_read for piece in row)]
    items = lists.items_of(lines)
    listed = {item.number[0] for item in items}
    words = [word for line in lines if line[0] not in listed for word in words_of(line)]
    text = _text_of(words)
    rest = [word for word in words if word not in text]
    low = SMALL * _writing(rest)
    fine = _fine_print(rest, text, low)
    dropped = {piece.index for word in _texts([word for word in rest if word not in fine], low) for piece in word}
    text += fine
    numbers = {piece.index for word in text if height_of(word) >= low for piece in _numbers_of(word)}
    text += [item.rest for item in items]
    letters = {piece.index for word in text for piece in word} - numbers
    unread = [row for row in rows if text and row not in lines]
    return Parted(
        digits=[choice for choice in read if choice.index not in dropped | letters],
        text=[choice for choice in read if choice.index in letters],
        letters=_places([word for word in text if height_of(word) < low or is_unlikely(word)] + unread),
    )


def _places(words: Sequence[Word]) -> frozenset[Place]:
    return frozenset([place for word in words for piece in word for place in piece.places])


def _writing(words: Sequence[Word]) -> float:
    """How high digits are: half of what they take up is of those that are higher."""
    heights = [float(piece.height) for word in words for piece in word if piece.is_read]
    return weighted_quantile(heights, [height**2 for height in heights])


def _text_of(words: Sequence[Word]) -> list[Word]:
    """The words with letters, if there are so many letters that all is a text but what is plainly digits."""
    letters = [piece.height for word in words for piece in letters_of(word)]
    read = sum([piece.is_read for word in words for piece in word])
    if len(letters) < max(LETTERS, TEXT * (len(letters) + read)):
        return []
    text = [word for word in words if _is_of_text(word, median(letters))]
    are_read = [piece.is_read for word in text for piece in word]
    return text if sum(are_read) >= ALSO_READ * len(are_read) else []


def _fine_print(words: Sequence[Word], text: Sequence[Word], low: float) -> list[Word]:
    """The words that are as low as the text where the writing is higher, but for numbers that are sure."""
    if not text:
        return []
    low = min(low, FINE * median([piece.height for word in text for piece in word]))
    return [word for word in words if height_of(word) < low and not _is_number(word, text)]


def _is_number(word: Word, text: Sequence[Word]) -> bool:
    """Whether a word is surely digits; of a text one or two letters may look so."""
    return is_sure(word) and (len(word) >= RUN or not _is_beside(word, text))


def _is_beside(word: Word, others: Sequence[Word]) -> bool:
    """Whether one of the other words is near in the same row."""
    row, reach = _row(word), NEAR * height_of(word)
    gaps = [max(each[0].left - word[-1].right, word[0].left - each[-1].right) for each in others if _row(each) == row]
    return any(gap < reach for gap in gaps)


def _row(word: Word) -> int:
    return word[0].places[0][0]


def _numbers_of(word: Word) -> Word:
    """The numbers before and behind a word of text."""
    unsure = [place for place, piece in enumerate(word) if piece.certainty < SURE]
    least = max(RUN, MAIN * len(word))
    before = word[: unsure[0]] if unsure[0] >= least else []
    behind = word[unsure[-1] + 1 :] if len(word) - 1 - unsure[-1] >= least else []
    return before + behind


def _is_of_text(word: Word, height: float) -> bool:
    """Whether a word has a letter in it, and is of a text whose letters are of that height, or a text by itself."""
    is_alike = height / ALIKE < height_of(word) < ALIKE * height
    return (is_alike and _is_lettered(word)) or len(letters_of(word)) >= LETTERS


def _is_lettered(word: Word) -> bool:
    return not all(piece.is_read for piece in word)


def _texts(words: Sequence[Word], low: float) -> list[Word]:
    """The words that are text; of those lower than `low`, which are print, a few may be told by the others only."""
    small = [word for word in words if height_of(word) < low]
    large = [word for word in words if height_of(word) >= low]
    lettered = [word for word in small if _is_lettered(word)]
    if len(lettered) >= SEVERAL and 2 * sum(map(len, lettered)) >= sum(map(len, small)):
        lettered = small
    return lettered + [word for word in large if len(word) > 1 and is_unlikely(word)]

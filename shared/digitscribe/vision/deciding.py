"""From what the model says of a proposal to what is read.

    proposal = propose(decode(data, ...))
    probabilities, digit_scores, pairs = ...             # float32 [M, 10] and [M], and Pairs, for proposal.asked
    reading = decide(proposal, probabilities, digit_scores, pairs)

The best path through each row is kept, of the view in which more is read. Where little is, or it is open how to cut,
`second_look` proposes more.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from digitscribe.contracts import Alternative, Box, Digit
from digitscribe.pairs import Pairs
from digitscribe.vision import paths, segmentation, signs, splinters, texts, words, written
from digitscribe.vision.paths import Choice, Hypothesis
from digitscribe.vision.proposing import Proposal
from digitscribe.vision.written import Written

ALTERNATIVES = 2
"""How many other digits are told with each."""

GRAIN = 0.02
"""Where fewer of all pieces than this share look like digits, the paper's grain does so by chance."""

FEW = 4
"""What is read of so many pieces speaks half as much for a view as what is read of many: four sure digits are less than
five sure and five likely ones."""

SURE = 0.75
"""Mean confidence that is asked of what is read at a second look alone."""

RIVAL = 0.5
"""A view of which so much is read, as a share of the best, may be the best once it is cut further."""

AGAIN = 0.8
"""What is read at a second look has to be clearly better: it counts so much of what is read at the first."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What was read: the digits in reading order, their crops uint8 [N, 28, 28], and the text, a line per row.

    A crop is what the model saw: of digits that were read together it shows both.

    `view` tells which it is a reading of: 0 is the proposal itself, and its rivals follow. `share` is how much of what
    was found is probably read right, from 1 (all is, or nothing was found) over 0 down to -1 (all is read wrong); each
    piece counts by its size. `gain` is how many more pieces are probably read right than wrong, as a share of all.
    The letters of a text that look like digits count in both: what shows it well is no view that hides the writing.
    `is_settled` says that no further cut can be better.
    """

    digits: tuple[Digit, ...]
    crops: NDArray[np.uint8]
    text: str
    view: int = 0
    share: float = 1.0
    gain: float = 0.0
    is_settled: bool = True


def decide(
    proposal: Proposal,
    probabilities: NDArray[np.float32],
    digit_scores: NDArray[np.float32] | None = None,
    pairs: Pairs | None = None,
) -> Reading:
    """Choose among the hypotheses.

    Args:
        proposal: what `propose` returned.
        probabilities: float32 [M, 10], one row for each of `proposal.asked`.
        digit_scores: float32 [M], how sure it is that each crop is one digit, 0 to 1; without them all count as 1.
        pairs: what each crop shows as a pair of digits; without it touching digits are told by cuts alone.

    Returns:
        The reading; a digit's confidence is its class's probability × its digit score, or × the score of its pair.
    """
    views = proposal.views
    ends = np.cumsum([0, *(len(view.crops) for view in views)]).tolist()
    readings = [
        _decided(
            view,
            probabilities[start:end],
            None if digit_scores is None else digit_scores[start:end],
            None if pairs is None else pairs.part(start, end),
        )
        for view, (start, end) in zip(views, pairwise(ends), strict=True)
    ]
    best = _best(readings, views)
    rivals = [reading for reading in readings if reading.gain >= RIVAL * readings[best].gain]
    return replace(readings[best], view=best, is_settled=all(reading.is_settled for reading in rivals))


def _best(readings: Sequence[Reading], views: Sequence[Proposal]) -> int:
    """The view of which most is read; one of a second look if it is clearly better, and less of it is left unread."""
    gains = [reading.gain for reading in readings]
    best = max([i for i, view in enumerate(views) if not view.is_second], key=gains.__getitem__)
    fuller = [i for i, view in enumerate(views) if view.is_second and readings[i].share > readings[best].share]
    other = max([i for i in fuller if _is_telling(readings[i])], key=gains.__getitem__, default=best)
    return other if gains[other] - (1 - AGAIN) * abs(gains[other]) > gains[best] else best


def _is_telling(reading: Reading) -> bool:
    """Whether it is sure, and most of it are no 1s: the grain of wood and the rules of paper look like 1s, too."""
    ones = sum([digit.digit == 1 for digit in reading.digits])
    sure = sum([digit.confidence for digit in reading.digits])
    return 2 * ones < len(reading.digits) and sure >= SURE * len(reading.digits)


def _decided(
    proposal: Proposal,
    probabilities: NDArray[np.float32],
    digit_scores: NDArray[np.float32] | None,
    pairs: Pairs | None,
) -> Reading:
    certainty = probabilities if digit_scores is None else probabilities * digit_scores[:, np.newaxis]
    limits = (proposal.min_confidence, digit_scores, proposal.min_digit_score)
    choices = paths.best(proposal.hypotheses, probabilities, *limits, pairs)
    told = {choice: _certainty(choice, certainty, pairs) for choice in choices}
    confidences = {choice: float(each.max()) for choice, each in told.items()}
    parted = texts.parted(confidences, proposal.hypotheses, proposal.level_spans)
    looks_like = len(parted.digits) + len(parted.text)
    seeming = parted.digits if looks_like >= GRAIN * paths.piece_count(proposal.hypotheses) else []
    stands = _stands(seeming, told, proposal)
    if splinters.are_splinters([*stands.values()], math.sqrt(proposal.width * proposal.height)):
        seeming, stands = [], {}
    taken_for_ones = _signs(stands, proposal.hypotheses)
    chosen = [choice for choice in seeming if choice not in taken_for_ones]
    rows = sorted({proposal.hypotheses[each.index].row for each in chosen})
    neighbours = _neighbours(chosen)
    digits = tuple(
        [
            _digit(
                index,
                rows.index(proposal.hypotheses[choice.index].row),
                proposal.boxes[choice.index],
                told[choice],
                neighbours[index],
            )
            for index, choice in enumerate(chosen)
        ]
    )
    seen = [_seen(choice, neighbour) for choice, neighbour in zip(chosen, neighbours, strict=True)]
    read = [(proposal.hypotheses[each.index], confidences[each]) for each in (*seeming, *parted.text)]
    return Reading(
        digits,
        proposal.crops[seen],
        text_of(digits),
        share=_share(read, proposal),
        gain=_gain(read, proposal),
        is_settled=_is_settled(read, parted.letters, proposal.hypotheses),
    )


def _signs(stands: Mapping[Choice, Written], hypotheses: Sequence[Hypothesis]) -> frozenset[Choice]:
    """What of the digits is a slash or a bracket, by what stands beside it."""
    rows: dict[int, list[Choice]] = {}
    for choice in stands:
        rows.setdefault(hypotheses[choice.index].row, []).append(choice)
    return frozenset([row[place] for row in rows.values() for place in signs.signs_in([stands[each] for each in row])])


def _stands(
    choices: Sequence[Choice], told: Mapping[Choice, NDArray[np.float32]], proposal: Proposal
) -> dict[Choice, Written]:
    """How each of the digits stands."""
    slants = written.slants_of(proposal.crops[[choice.index for choice in choices]])
    stands = {}
    for choice, lean, straightness in zip(choices, *slants, strict=True):
        digit, box = int(told[choice].argmax()), proposal.boxes[choice.index]
        bend = written.bend_of(proposal.crops[choice.index]) if digit == 1 else 0.0
        slant = (float(lean), float(straightness)) if choice.pair is None else (0.0, 0.0)
        stands[choice] = Written(digit, box, bend, *slant)
    return stands


def _is_settled(
    read: Sequence[tuple[Hypothesis, float]], letters: frozenset[words.Place], hypotheses: Sequence[Hypothesis]
) -> bool:
    """Whether all pieces that may be cut are letters, or parts of digits that are likelier whole than any cut is."""
    settled = letters | {
        (each.row, place)
        for each, confidence in read
        if each.cost - math.log(max(confidence, 1e-6)) < segmentation.CUT
        for place in range(each.start, each.end)
    }
    return all((each.row, each.start) in settled for each in hypotheses if each.may_be_cut)


def _share(read: Sequence[tuple[Hypothesis, float]], proposal: Proposal) -> float:
    """How much of all pieces is probably read right, by their sizes; 1 if there are none."""
    sizes = {
        (each.row, each.start): math.sqrt(box.width * box.height)
        for each, box in zip(proposal.hypotheses, proposal.boxes, strict=True)
        if each.end == each.start + 1
    }
    right = 0.0
    for each, confidence in read:
        pieces = [sizes.get((each.row, place), 0.0) for place in range(each.start, each.end)]
        right += (2 * confidence - 1) * sum(pieces)
    return right / sum(sizes.values()) if sizes else 1.0


def _neighbours(chosen: Sequence[Choice]) -> list[int | None]:
    """The place among `chosen` of the digit that each was told together with; None where that is not there."""
    places = {(choice.pair, choice.second): place for place, choice in enumerate(chosen)}
    return [None if choice.pair is None else places.get((choice.pair, not choice.second)) for choice in chosen]


def _seen(choice: Choice, neighbour: int | None) -> int:
    """The hypothesis whose crop a digit was told from."""
    return choice.index if choice.pair is None or neighbour is None else choice.pair


def _certainty(choice: Choice, certainty: NDArray[np.float32], pairs: Pairs | None) -> NDArray[np.float32]:
    """How sure each class of a digit is, float32 [10]; `certainty` is that of each crop by itself, [M, 10]."""
    told: NDArray[np.float32] = certainty[choice.index]
    if pairs is not None and choice.pair is not None:
        told = pairs.probabilities[choice.pair, int(choice.second)] * pairs.scores[choice.pair]
    return told


def _gain(read: Sequence[tuple[Hypothesis, float]], proposal: Proposal) -> float:
    """How many more digits are probably right than wrong, as a share of all pieces: of many a few look like digits.

    Of the same ink what reads more is better, however many pieces it is cut into.
    """
    more_right = sum([2 * confidence - 1 for _, confidence in read])
    return more_right / (max(proposal.pieces, paths.piece_count(proposal.hypotheses)) + FEW)


def text_of(digits: tuple[Digit, ...]) -> str:
    """The digits as text, one line per row."""
    rows: dict[int, str] = {}
    for digit in digits:
        rows[digit.row] = rows.get(digit.row, "") + str(digit.digit)
    return "\n".join(rows[row] for row in sorted(rows))


def _digit(index: int, row: int, box: Box, probabilities: NDArray[np.float32], neighbour: int | None) -> Digit:
    order = [int(i) for i in np.argsort(-probabilities, kind="stable")]
    confidence = [min(1.0, max(0.0, float(probabilities[i]))) for i in order]
    others = tuple(Alternative(digit=order[i], confidence=confidence[i]) for i in range(1, 1 + ALTERNATIVES))
    return Digit(
        index=index,
        digit=order[0],
        confidence=confidence[0],
        row=row,
        box=box,
        alternatives=others,
        neighbour=neighbour,
    )

"""Follows digits from result to result until their reading is steady: pure, without pictures and without a clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from digitscribe.contracts import Box, Digit, Recognition
from digitscribe.contracts.camera import MAX_READING

STEADY_AFTER: Final = 3
"""Like results in a row that make a digit steady."""

FORGET_AFTER: Final = 3
"""Results in a row without a digit after which it is gone; a hand or a shadow may hide it for a moment."""

LEAST_OVERLAP: Final = 0.25
"""Intersection over union from which two boxes may be the same digit."""

NEAR: Final = 0.6
"""Boxes that do not overlap may be the same digit if their centres are nearer than this share of their size."""


@dataclass(frozen=True, slots=True)
class Track:
    """A digit followed over several results."""

    number: int
    """Stays with the digit while it is followed."""
    box: Box
    row: int
    candidate: int
    """What the last result said."""
    like: int
    """How many results in a row said so."""
    missed: int = 0
    """Results in a row without it."""
    steady: int | None = None
    """What at least three results in a row said; stays until three say something else."""


class Tracker:
    """The digits in front of one camera."""

    def __init__(self, steady_after: int = STEADY_AFTER, forget_after: int = FORGET_AFTER) -> None:
        self._steady_after = steady_after
        self._forget_after = forget_after
        self._tracks: tuple[Track, ...] = ()
        self._numbers = 0

    @property
    def tracks(self) -> tuple[Track, ...]:
        """The digits that are followed, in the order in which they were first seen."""
        return self._tracks

    @property
    def reading(self) -> str | None:
        """The steady reading, one line per row; None while a digit in view is not steady. Empty: nothing is there."""
        there = [track for track in self._tracks if not track.missed]
        boxes = [track.box for track in there]
        if any(track.steady is None for track in there) or any(_is_replaced(track, boxes) for track in self._tracks):
            return None
        return _text([track for track in self._tracks if track.steady is not None])

    def update(self, digits: Sequence[Digit]) -> tuple[Track, ...]:
        """Take in the digits of the next result; returns all tracks."""
        pairs = match([track.box for track in self._tracks], [digit.box for digit in digits])
        followed = [self._follow(track, digits, pairs.get(place)) for place, track in enumerate(self._tracks)]
        fresh = [digit for place, digit in enumerate(digits) if place not in pairs.values()]
        kept = [track for track in followed if track.missed < self._forget_after]
        self._tracks = (*kept, *(self._begin(digit) for digit in fresh))
        return self._tracks

    def _follow(self, track: Track, digits: Sequence[Digit], place: int | None) -> Track:
        if place is None:
            return replace(track, missed=track.missed + 1)
        digit = digits[place]
        like = track.like + 1 if digit.digit == track.candidate else 1
        steady = digit.digit if like >= self._steady_after else track.steady
        return replace(track, box=digit.box, row=digit.row, candidate=digit.digit, like=like, missed=0, steady=steady)

    def _begin(self, digit: Digit) -> Track:
        self._numbers += 1
        steady = digit.digit if self._steady_after <= 1 else None
        return Track(self._numbers, digit.box, digit.row, digit.digit, like=1, steady=steady)


class SteadyReading:
    """The reading in front of one camera, changed only after three like results."""

    def __init__(self, tracker: Tracker | None = None) -> None:
        self._tracker = tracker or Tracker()
        self.text: str | None = None

    def take(self, recognition: Recognition) -> bool:
        """Take in a finished recognition; returns whether the steady reading is a new one."""
        self._tracker.update(recognition.digits)
        reading = self._tracker.reading
        text = None if reading is None else reading[:MAX_READING]
        if text is None or text == self.text:
            return False
        self.text = text
        return True


def match(old: Sequence[Box], new: Sequence[Box]) -> dict[int, int]:
    """Which box of `old` became which of `new`, by index; the most alike pairs first, each box at most once."""
    likeness = [(_likeness(one, other), i, j) for i, one in enumerate(old) for j, other in enumerate(new)]
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _, i, j in sorted((each for each in likeness if each[0] > 0), key=lambda each: (-each[0], each[1], each[2])):
        if i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)
    return pairs


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes, 0 to 1."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (one.width * one.height + other.width * other.height - shared)


def nearness(one: Box, other: Box) -> float:
    """1 for boxes around one centre, falling to 0 where the centres are `NEAR` of the boxes' mean size apart."""
    away_x = abs(2 * one.x + one.width - 2 * other.x - other.width) / 2
    away_y = abs(2 * one.y + one.height - 2 * other.y - other.height) / 2
    size = (max(one.width, one.height) + max(other.width, other.height)) / 2
    return max(0.0, 1.0 - max(away_x, away_y) / (NEAR * size))


def _likeness(one: Box, other: Box) -> float:
    """Above 1 for boxes that overlap well, up to 1 for near ones, 0 for two that are not the same digit."""
    shared = overlap(one, other)
    return 1.0 + shared if shared >= LEAST_OVERLAP else nearness(one, other)


def _is_replaced(track: Track, there: Sequence[Box]) -> bool:
    """Whether a digit is missed because others stand where it was: the same ink was cut otherwise."""
    return track.missed > 0 and any(overlap(track.box, box) > 0 for box in there)


def _text(tracks: Sequence[Track]) -> str:
    rows = sorted({track.row for track in tracks})
    lines = ([track for track in tracks if track.row == row] for row in rows)
    return "\n".join("".join(str(each.steady) for each in sorted(line, key=lambda each: each.box.x)) for line in lines)

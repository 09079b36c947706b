"""Rival ways to cut a row of ink into digits, each with what speaks against it.

A row becomes a chain of *atoms*: pieces of ink, the wide ones cut at every place where two digits may touch. Each
stretch of up to `LONGEST` atoms that could be one digit is a hypothesis. Costs are negative logarithms: 1 is as much as
a classifier that is sure at 37 % instead of 100 %.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from digitscribe.vision.components import Blob, join, stroke_width
from digitscribe.vision.cutting import MAX_CUTS, cuts_of, pieces_of, slim_cuts_of
from digitscribe.vision.paths import Hypothesis

LONGEST = 4
"""Most atoms in one digit; a piece of ink that was cut may always be one."""

WIDE = 1.0
"""Ink wider than this share of its row's height may be touching digits."""

SLIM = 0.45
"""Slimmer ink, down to this share, may be a 1 and its neighbour: both as high as the whole."""

LOW = 0.5
"""Ink lower than this share of its row is not cut."""

THREE = 1.4
"""Ink slimmer than this may be two digits, but not three: nothing between two cuts is a digit."""

WIDEST = 1.5
"""No digit is wider than this share of its row's height, unless it is one piece of ink."""

CUT = 1.0
"""Cost of cutting through ink."""

PAIR = 1.0
"""Cost of taking a piece of ink for two digits."""

APART = 1.2
"""Cost of taking two pieces for two digits although their boxes overlap fully."""

TOGETHER = 2.5
"""Cost of taking two pieces for one digit with a gap of `GAP` between them."""

GAP = 0.12
"""Widest gap inside a digit, as a share of its row's height."""

UNREAD = 2.5
"""Cost of leaving a piece of full size unread."""

BOLD = 2.0
"""Strokes of a row differ up to this much (several hands, a felt pen beside a pencil): what is thicker was gone over
again and again."""

FINEST = 0.015
"""What has strokes thinner than this share of its size is frayed, and tells nothing of the pen."""

SOLID = 0.32
"""No digit's stroke is as thick as this share of its size: a punched hole is, or a blot."""

BLOTTED = 8.0
"""Cost of strokes that are thicker than that by the width of the row's strokes."""


@dataclass(frozen=True, eq=False)
class Atom:
    """A piece of ink that is not cut further, the whole that it was cut from (itself if it was not), how much of a blot
    that is: 0 for digits; and whether it was left whole although two digits may touch in it."""

    blob: Blob
    whole: Blob
    blotted: float = 0.0
    may_be_cut: bool = False


@dataclass(frozen=True, eq=False)
class Chain:
    """A row's atoms from left to right.

    Attributes:
        atoms: N of them.
        height: of the row's ink, in pixels.
        gaps: N; the gap before each atom, in pixels: 0 at a cut, below 0 where boxes overlap.
        borders: N + 1; half of what speaks against two digits meeting before each atom, and after the last.
    """

    atoms: list[Atom]
    height: float
    gaps: list[float]
    borders: list[float]


def hypotheses_of(rows: Sequence[Sequence[Blob]], thorough: bool) -> tuple[list[Hypothesis], list[Blob]]:
    """Every way to read a stretch of a row as one digit, with the ink that it would be made of.

    Args:
        rows: the pieces of ink of each row.
        thorough: cut pieces that are about as wide as a digit, too. Where the whole is clearly one digit that hardly
            ever gains anything, because each cut costs `CUT`.
    """
    found = [each for number, row in enumerate(rows) for each in _of_row(number, _chain(row, thorough))]
    return [hypothesis for hypothesis, _ in found], [blob for _, blob in found]


def _chain(row: Sequence[Blob], thorough: bool) -> Chain:
    height = float(median([blob.height for blob in row]))
    atoms = _atoms(row, height, thorough)
    gaps = [0.0, *[_gap(one, other) for one, other in pairwise(atoms)]]
    meeting = [_border_cost(one, other, gap) for one, other, gap in zip(atoms, atoms[1:], gaps[1:], strict=False)]
    return Chain(atoms, height, gaps, [0.0, *meeting, 0.0])


def _of_row(number: int, chain: Chain) -> Iterator[tuple[Hypothesis, Blob]]:
    widest = GAP * chain.height
    for start in range(len(chain.atoms)):
        cost = chain.borders[start]
        for end in range(start + 1, min(len(chain.atoms), start + max(LONGEST, MAX_CUTS + 1)) + 1):
            gap = chain.gaps[end - 1] if end > start + 1 else 0.0
            if gap > widest:
                break
            cost += TOGETHER * max(0.0, gap) / widest
            blob = _joined(chain, start, end)
            if blob is not None:
                yield _hypothesis(number, chain, start, end, blob, cost), blob


def _atoms(row: Sequence[Blob], height: float, thorough: bool) -> list[Atom]:
    atoms: list[Atom] = []
    strokes = [stroke_width(blob) for blob in row]
    usual = _usual(row, strokes)
    for blob, stroke in zip(row, strokes, strict=True):
        blotted = _blotted(blob, stroke, usual)
        is_slim = blob.width <= WIDE * height
        may_be_cut = is_slim and not thorough and not blotted and _is_cuttable(blob, height)
        pieces = [] if blotted or may_be_cut else _pieces(blob, height)
        atoms += [Atom(piece, blob, blotted, may_be_cut) for piece in pieces or [blob]]
    return atoms


def _usual(row: Sequence[Blob], strokes: Sequence[float]) -> float:
    """The lower median of the strokes, without those of frayed pieces if there are others."""
    sizes = [max(blob.width, blob.height) for blob in row]
    clean = [stroke for stroke, size in zip(strokes, sizes, strict=True) if stroke >= FINEST * size]
    ordered = sorted(clean or strokes)
    return ordered[(len(ordered) - 1) // 2]


def _blotted(blob: Blob, stroke: float, usual: float) -> float:
    """How much thicker the strokes are than a pen makes them, in widths of the row's strokes; 0 for digits."""
    return max(0.0, stroke / usual - BOLD, stroke / max(blob.width, blob.height) / SOLID - 1)


def _pieces(blob: Blob, height: float) -> list[Blob]:
    """A piece of ink cut wherever it may be two digits or more; empty if it is not to be cut."""
    if not _is_cuttable(blob, height):
        return []
    cuts = cuts_of(blob, height) if blob.width > WIDE * height else slim_cuts_of(blob, height)
    return pieces_of(blob, cuts) if cuts else []


def _is_cuttable(blob: Blob, height: float) -> bool:
    """Whether a piece is wide and high enough for two digits."""
    return blob.width > SLIM * height and blob.height > LOW * height


def _joined(chain: Chain, start: int, end: int) -> Blob | None:
    """The stretch, which no wide gap parts, as one piece of ink; nothing if it cannot be a digit."""
    stretch = chain.atoms[start:end]
    whole = stretch[0].whole
    if stretch[-1].whole is whole:
        cut_off = _is_cut(chain.atoms, start) + _is_cut(chain.atoms, end)
        if not cut_off:
            return whole
        if cut_off == 2 and whole.width < THREE * chain.height:
            return None
    if len(stretch) == 1:
        return stretch[0].blob
    width = max([atom.blob.right for atom in stretch]) - min([atom.blob.x for atom in stretch])
    if width > WIDEST * chain.height or len(stretch) > LONGEST:
        return None
    return join([atom.blob for atom in stretch])


def _is_cut(atoms: list[Atom], place: int) -> bool:
    return 0 < place < len(atoms) and atoms[place - 1].whole is atoms[place].whole


def _gap(one: Atom, other: Atom) -> float:
    if one.whole is other.whole:
        return 0.0
    return float(max(one.blob.x, other.blob.x) - min(one.blob.right, other.blob.right))


def _hypothesis(row: int, chain: Chain, start: int, end: int, blob: Blob, cost: float) -> Hypothesis:
    """A stretch as one digit; `cost` is that of where it begins and of its gaps."""
    cost += chain.borders[end]
    pair = PAIR + cost + _lowness_cost(blob, chain.height)
    cost += _shape_cost(blob, chain.height) + BLOTTED * max([atom.blotted for atom in chain.atoms[start:end]])
    is_of_one = chain.atoms[start].whole is chain.atoms[end - 1].whole
    may_be_cut = end - start == 1 and chain.atoms[start].may_be_cut
    unread = _unread_cost(blob, chain.height) if is_of_one else math.inf
    pair = pair if is_of_one and end - start > 1 else math.inf
    return Hypothesis(row, start, end, cost, unread, pair, may_be_cut)


def _unread_cost(blob: Blob, height: float) -> float:
    """What speaks against leaving a piece of ink, or a part of one, unread."""
    return UNREAD * min(1.0, blob.height / height) * max(1.0, blob.width / height)


def _border_cost(one: Atom, other: Atom, gap: float) -> float:
    """Half of what speaks against two digits meeting between these neighbours."""
    if one.whole is other.whole:
        return CUT / 2
    return APART / 2 * min(1.0, max(0.0, -gap / min(one.blob.width, other.blob.width)))


def _shape_cost(blob: Blob, height: float) -> float:
    """What the size and the proportions of a piece say against its being a digit."""
    return 3.0 * max(0.0, blob.width / blob.height - 1.3) + _lowness_cost(blob, height)


def _lowness_cost(blob: Blob, height: float) -> float:
    """What it says against a piece that it is lower than its row."""
    return 4.0 * max(0.0, 0.6 - blob.height / height)

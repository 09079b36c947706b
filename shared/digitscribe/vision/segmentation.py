"""Rival ways to cut a row of ink into digits, each with what speaks against it.

A row becomes a chain of *atoms*: pieces of ink, the wide ones cut at every place where two digits may touch. Each
stretch of up to `LONGEST` atoms that could be one digit is a hypothesis. Costs are negative logarithms: 1 is as much as
a classifier that is sure at 37 % instead of 100 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from digitscribe.vision.components import Blob, join, stroke_width
from digitscribe.vision.cutting import MAX_CUTS, cuts_of, pieces_of, touching_pieces
from digitscribe.vision.paths import Hypothesis

LONGEST = 4
"""Most atoms in one digit; a piece of ink that was cut may always be one."""

WIDE = 0.9
"""Ink wider than this share of its row's height may be touching digits."""

SLIM = 0.45
"""Slimmer ink, down to this share, may be a 1 and its neighbour where they hang together by one stroke."""

WIDEST = 1.5
"""No digit is wider than this share of its row's height, unless it is one piece of ink."""

CUT = 1.0
"""Cost of cutting through ink."""

APART = 1.2
"""Cost of taking two pieces for two digits although their boxes overlap fully."""

TOGETHER = 2.5
"""Cost of taking two pieces for one digit with a gap of `GAP` between them."""

GAP = 0.12
"""Widest gap inside a digit, as a share of its row's height."""

SCRIBBLE = 6.0
"""A digit's strokes are together at most this many times as long as the digit is; 8s come to 4, ragged ones to 5."""

UNREAD = 2.5
"""Cost of leaving a piece of full size unread."""


BOLD = 2.0
"""Strokes of a row differ up to this much (several hands, a felt pen beside a pencil): what is thicker was gone over
again and again."""

SOLID = 0.32
"""No digit's stroke is as thick as this share of its size: a punched hole is, or a blot."""

BLOTTED = 8.0
"""Cost of strokes that are thicker than that by the width of the row's strokes."""


@dataclass(frozen=True, eq=False)
class Atom:
    """A piece of ink that is never cut further, the number of the blob that it was cut from, and how much of a blot
    that is: 0 for digits."""

    blob: Blob
    origin: int
    blotted: float = 0.0


def hypotheses_of(rows: Sequence[Sequence[Blob]]) -> tuple[list[Hypothesis], list[Blob]]:
    """Every way to read a stretch of a row as one digit, with the ink that it would be made of."""
    hypotheses: list[Hypothesis] = []
    blobs: list[Blob] = []
    for number, row in enumerate(rows):
        height = float(np.median([blob.height for blob in row]))
        atoms = _atoms(row, height)
        for start in range(len(atoms)):
            for end in range(start + 1, min(len(atoms), start + max(LONGEST, MAX_CUTS + 1)) + 1):
                if end > start + 1 and _gap(atoms[end - 2], atoms[end - 1]) > GAP * height:
                    break
                blob = _joined(atoms, start, end, height)
                if blob is not None:
                    hypotheses.append(_hypothesis(number, atoms, start, end, blob, height))
                    blobs.append(blob)
    return hypotheses, blobs


def _atoms(row: Sequence[Blob], height: float) -> list[Atom]:
    atoms: list[Atom] = []
    strokes = [stroke_width(blob) for blob in row]
    usual = sorted(strokes)[(len(strokes) - 1) // 2]
    for origin, (blob, stroke) in enumerate(zip(row, strokes, strict=True)):
        blotted = _blotted(blob, stroke, usual)
        pieces = [] if blotted else _pieces(blob, height, stroke)
        atoms += [Atom(piece, origin, blotted) for piece in pieces or [blob]]
    return atoms


def _blotted(blob: Blob, stroke: float, usual: float) -> float:
    """How much thicker the strokes are than a pen makes them, in widths of the row's strokes; 0 for digits."""
    return max(0.0, stroke / usual - BOLD, stroke / max(blob.width, blob.height) / SOLID - 1)


def _pieces(blob: Blob, height: float, stroke: float) -> list[Blob]:
    """A piece of ink cut wherever it may be two digits or more; empty if it is not to be cut.

    `stroke` is the width of its strokes, in pixels.
    """
    if blob.width <= SLIM * height or blob.height <= 0.5 * height or _scribbled(blob):
        return []
    if blob.width > WIDE * height:
        return pieces_of(blob, cuts_of(blob, height))
    return touching_pieces(blob, height, stroke)


def _joined(atoms: list[Atom], start: int, end: int, height: float) -> Blob | None:
    """The stretch, which no wide gap parts, as one piece of ink; nothing if it cannot be a digit."""
    stretch = atoms[start:end]
    if len(stretch) == 1:
        return stretch[0].blob
    width = max(atom.blob.right for atom in stretch) - min(atom.blob.x for atom in stretch)
    single = all(atom.origin == stretch[0].origin for atom in stretch) and _is_whole(atoms, start, end)
    if (width > WIDEST * height or len(stretch) > LONGEST) and not single:
        return None
    return join([atom.blob for atom in stretch])


def _is_whole(atoms: list[Atom], start: int, end: int) -> bool:
    """Whether the stretch neither begins nor ends at a cut."""
    return not _is_cut(atoms, start) and not _is_cut(atoms, end)


def _is_cut(atoms: list[Atom], place: int) -> bool:
    return 0 < place < len(atoms) and atoms[place - 1].origin == atoms[place].origin


def _gap(one: Atom, other: Atom) -> float:
    """Gap between neighbours in pixels: 0 at a cut, below 0 where boxes overlap."""
    if one.origin == other.origin:
        return 0.0
    return float(max(one.blob.x, other.blob.x) - min(one.blob.right, other.blob.right))


def _hypothesis(row: int, atoms: list[Atom], start: int, end: int, blob: Blob, height: float) -> Hypothesis:
    cost = _border_cost(atoms, start) + _border_cost(atoms, end) + _shape_cost(blob, height)
    cost += BLOTTED * max(atom.blotted for atom in atoms[start:end])
    for one, other in pairwise(atoms[start:end]):
        cost += TOGETHER * max(0.0, _gap(one, other)) / (GAP * height)
    unread = UNREAD * min(1.0, blob.height / height) if end == start + 1 else np.inf
    return Hypothesis(row, start, end, cost, float(unread))


def _border_cost(atoms: list[Atom], place: int) -> float:
    """Half of what speaks against two digits meeting at this place."""
    if not 0 < place < len(atoms):
        return 0.0
    one, other = atoms[place - 1], atoms[place]
    if one.origin == other.origin:
        return CUT / 2
    overlap = -_gap(one, other) / min(one.blob.width, other.blob.width)
    return APART / 2 * min(1.0, max(0.0, overlap))


def _shape_cost(blob: Blob, height: float) -> float:
    """What the size and the proportions of a piece say against its being a digit."""
    flat = max(0.0, blob.width / blob.height - 1.3)
    low = max(0.0, 0.6 - blob.height / height)
    return 3.0 * flat + 4.0 * low + 1.5 * _scribbled(blob)


def _scribbled(blob: Blob) -> float:
    """How much more stroke there is than a digit has, in sizes of the digit; 0 for digits."""
    size = max(blob.width, blob.height)
    if blob.area <= SCRIBBLE * size:
        return 0.0  # no pixel of a stroke counts more than once
    return max(0.0, blob.stroke_length / size - SCRIBBLE)

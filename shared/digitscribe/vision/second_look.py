"""A second look at an image of which little could be read, or of which it is not clear how to cut it.

    reading = decide(proposal, ...)
    if second_look.is_worthwhile(proposal, reading):
        views, proposal = second_look.propose(image, views, proposal, reading, profile)
        reading = second_look.better(reading, decide(proposal, ...))

`read` does so with one function as the model.

Few pieces that are as wide as a digit are two. Shadows with sharp edges and patterned cloths hide thin strokes, and
people photograph pages from their side. To look for any of that in every image would cost time, and mistakes where
nothing is amiss; how sure the model is, and how much was left unread, tell where to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from digitscribe.pairs import Pairs
from digitscribe.vision import illumination, paths, polarity, strays, viewing
from digitscribe.vision.deciding import Reading, decide
from digitscribe.vision.decode import DecodedImage
from digitscribe.vision.profile import Profile
from digitscribe.vision.proposing import Proposal, proposal_of
from digitscribe.vision.stages import Ink, Stages

Answers = tuple[NDArray[np.float32], NDArray[np.float32] | None, Pairs | None]
"""Probabilities [M, 10], digit scores [M] and pairs, as `decide` takes them."""

HIDDEN = 0.5
"""Where less of what was found is read, something hides the writing."""

STACKED = 0.95
"""Where pieces stand above one another and less than this is read, the image may lie on its side: of columns that are
written so as much is read as of rows."""

MOST_CROPS = 500
"""What falls into more crops and is hardly read is noise, and not worth the time, unless it stands in columns."""

FEW = 4
"""So few pieces that are hardly read may be a stain, a smear or a doodle that hides digits by its size:"""

BESIDE = 2
"""if so many lower ones stand beside it, these are looked at."""

TELLING = 3
"""So many pieces tell which way up they are; fewer may look like digits from any side."""

THIN = 2
"""So many pieces of thin ink may be what something hides; one by itself is a part of that, or of its edge."""

LEGIBLE = 0.4
"""Grain, stripes and patterns look less like digits than this, whichever way they are seen."""


def is_worthwhile(proposal: Proposal, reading: Reading) -> bool:
    """Whether more may be read than `reading` of what `proposal` found at first sight."""
    if proposal.is_thorough or not proposal.crop_count:
        return False
    if reading.share < HIDDEN:
        is_open = _may_hide(proposal, reading) or _may_lie(proposal, reading)
        return is_open or any(0 < paths.piece_count(view.hypotheses) <= FEW for view in proposal.views)
    return not reading.is_settled or _may_lie(proposal, reading)


def propose(
    image: DecodedImage, first: Sequence[Stages], proposal: Proposal, reading: Reading, profile: Profile
) -> tuple[tuple[Stages, ...], Proposal]:
    """All views of an image of which `reading` was read at first, of `proposal`, and all ways to cut what they show.

    After `first`, the views of the first look, come those of thin ink alone, and from either side, if it may hide or
    lie so, and of what stands beside large pieces that cannot be read.
    """
    is_hidden, may_lie = _may_hide(proposal, reading), _may_lie(proposal, reading)
    is_large = max(image.pixels.shape) >= illumination.LEAST_THIN
    thin = viewing.views_of(image, profile, sought=Ink.THIN) if is_hidden and is_large else ()
    turned = _from_its_sides(image, profile) if profile.level_rows and (is_hidden or may_lie) else ()
    few = [view for view in first if 0 < _size(view) <= FEW and reading.share < HIDDEN]
    beside = [viewing.beside_large(view, profile) for view in few]
    seconds = [*_telling(thin, THIN), *_telling(turned, TELLING)]
    seconds += [view for view in beside if _size(view) >= BESIDE]
    views = (*first, *[replace(view, is_second=True) for view in seconds])
    return views, proposal_of(views, image, profile, thorough=True)


def better(first: Reading, second: Reading) -> Reading:
    """The second reading if it gained something and can be trusted, or else the first.

    A word that is cut reads as a few digits more, each of them doubtful, and hardly anything of a drawing is read.
    """
    return second if second.gain > first.gain and second.share >= HIDDEN else first


def read(image: DecodedImage, profile: Profile, ask: Callable[[NDArray[np.uint8]], Answers]) -> Reading:
    """What is read on an image, at a second look if that is worthwhile.

    Args:
        image: the image.
        profile: how to prepare it.
        ask: what the model says of crops, uint8 [M, 28, 28]; what `decide` takes after the proposal.
    """
    views = viewing.views_of(image, profile)
    proposal = proposal_of(views, image, profile)
    reading = decide(proposal, *ask(proposal.asked))
    if is_worthwhile(proposal, reading):
        _, proposal = propose(image, views, proposal, reading, profile)
        reading = better(reading, decide(proposal, *ask(proposal.asked)))
    return reading


def _may_hide(proposal: Proposal, reading: Reading) -> bool:
    """Whether light, a pattern or the way that the image is held may hide the writing."""
    return reading.share < HIDDEN and proposal.crop_count <= MOST_CROPS


def _may_lie(proposal: Proposal, reading: Reading) -> bool:
    """Whether the image may lie on its side."""
    return reading.share < STACKED and any(view.is_stacked for view in proposal.views)


def _from_its_sides(image: DecodedImage, profile: Profile) -> Iterator[Stages]:
    """Views of the image turned to either side, where something stands there that is not mostly single strokes.

    Turned on their side dashes, creases and stripes are 1s.
    """
    for quarters in (1, 3):
        for view in viewing.views_of(image.turned(quarters), profile):
            if not strays.is_mostly_bars(view.rows):
                yield replace(view, quarters=quarters)


def _telling(views: Iterable[Stages], least: int) -> Iterator[Stages]:
    """The views of so many pieces that some of them look like digits."""
    for view in views:
        if _size(view) >= least and polarity.legible_share(view.pieces, view.rows) >= LEGIBLE:
            yield view


def _size(view: Stages) -> int:
    """How many pieces are looked at."""
    return sum(map(len, view.rows))

"""A second look at an image of which little could be read.

    reading = decide(proposal, ...)
    if second_look.is_worthwhile(proposal, reading):
        views = second_look.views_of(image, reading, profile)
        proposal = second_look.added(proposal, views, image, profile)
        reading = decide(proposal, ...)                     # of all that either look found

`read` does so with one function as the model.

Shadows with sharp edges and patterned cloths hide thin strokes, and people photograph pages from their side. To look
for either in every image would cost time, and mistakes where nothing is amiss; how much was left unread tells where to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from digitscribe.pairs import Pairs
from digitscribe.vision import illumination, stages, strays
from digitscribe.vision.decode import DecodedImage
from digitscribe.vision.profile import Profile
from digitscribe.vision.reader import Proposal, Reading, decide, proposal_of, propose
from digitscribe.vision.stages import Stages

Answers = tuple[NDArray[np.float32], NDArray[np.float32] | None, Pairs | None]
"""Probabilities [M, 10], digit scores [M] and pairs, as `decide` takes them."""

HIDDEN = 0.5
"""Where less of what was found is read, something hides the writing."""

STACKED = 0.95
"""Where pieces stand above one another and less than this is read, the image may lie on its side: of columns that are
written so as much is read as of rows."""

MOST_CROPS = 2000
"""What falls into more crops is noise; a page that is full of digits is read at first sight."""

TELLING = 3
"""So many pieces tell which way up they are; fewer may look like digits from any side."""


def is_worthwhile(proposal: Proposal, reading: Reading) -> bool:
    """Whether so little of what `proposal` found was read that more may be found."""
    views = (proposal, *proposal.rivals)
    if proposal.has_second_look or not 0 < sum([len(view.crops) for view in views]) <= MOST_CROPS:
        return False
    return reading.share < (STACKED if any(view.is_stacked for view in views) else HIDDEN)


def views_of(image: DecodedImage, reading: Reading, profile: Profile) -> tuple[Stages, ...]:
    """More views of an image on which `reading` is what was read at first: of thin ink alone, and from either side."""
    thin = stages.views_of(image, profile, thin=True) if _may_hide(image, reading) else ()
    turned = _from_its_sides(image, profile) if profile.level_rows else ()
    return (*thin, *turned)


def added(proposal: Proposal, views: Sequence[Stages], image: DecodedImage, profile: Profile) -> Proposal:
    """`proposal` with what `views` of a second look may mean as further rivals."""
    if not views:
        return proposal
    other = proposal_of(views, image, profile)
    seconds = [replace(view, is_second=True, rivals=()) for view in (other, *other.rivals)]
    return replace(proposal, rivals=(*proposal.rivals, *seconds))


def read(image: DecodedImage, profile: Profile, ask: Callable[[NDArray[np.uint8]], Answers]) -> Reading:
    """What is read on an image, at a second look if that is worthwhile.

    Args:
        image: the image.
        profile: how to prepare it.
        ask: what the model says of crops, uint8 [M, 28, 28]; what `decide` takes after the proposal.
    """
    proposal = propose(image, profile)
    reading = decide(proposal, *ask(proposal.asked))
    if is_worthwhile(proposal, reading):
        proposal = added(proposal, views_of(image, reading, profile), image, profile)
        reading = decide(proposal, *ask(proposal.asked))
    return reading


def _may_hide(image: DecodedImage, reading: Reading) -> bool:
    return reading.share < HIDDEN and max(image.pixels.shape) >= illumination.LEAST_THIN


def _from_its_sides(image: DecodedImage, profile: Profile) -> Iterator[Stages]:
    """Views of the image turned to either side, where something stands there that is not mostly single strokes.

    Turned on their side dashes, creases and stripes are 1s.
    """
    for quarters in (1, 3):
        for view in stages.views_of(image.turned(quarters), profile):
            if sum(map(len, view.rows)) >= TELLING and not strays.is_mostly_bars(view.rows):
                yield replace(view, quarters=quarters)

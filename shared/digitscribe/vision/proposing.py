"""From an image to what may be read on it: `propose(decode(data, ...))`, pure vision, no model.

`Proposal.asked` (uint8 [M, 28, 28]) holds rival ways to cut and to join the ink, seen as dark on light and as light on
dark where brightness leaves that open; all of them go to the model together (as float32 in [0, 1], [M, 28, 28, 1]), and
`deciding.decide` chooses among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from digitscribe.contracts import Box
from digitscribe.vision import levelling, paths, segmentation
from digitscribe.vision.components import Blob
from digitscribe.vision.decode import DecodedImage
from digitscribe.vision.normalize import normalize_all
from digitscribe.vision.paths import Hypothesis
from digitscribe.vision.profile import Profile
from digitscribe.vision.stages import Stages
from digitscribe.vision.viewing import views_of
from digitscribe.vision.words import Span


@dataclass(frozen=True, eq=False)
class Proposal:
    """What may be read on an image.

    Attributes:
        crops: uint8 [M, 28, 28], normalised; M may be 0.
        hypotheses: what each crop would mean.
        boxes: where each crop is, in pixels of the image as a person sees it.
        width: of the image.
        height: of the image.
        min_confidence: what the classifier is less sure of is not taken for a digit.
        min_digit_score: nor is what is less surely one digit.
        spans: of each crop's ink where its row lies level; `boxes` tell them where that is as it lies in the image.
        rivals: the same image seen otherwise, with the other polarity say, where that may be right; they have none.
        pieces: how many the same ink falls into at most, in any view of it.
        is_stacked: whether pieces stand above one another, as rows do where an image lies on its side.
        is_second: whether it is of a view that is only made at a second look.
        is_thorough: whether all ways to cut are in it.
    """

    crops: NDArray[np.uint8]
    hypotheses: tuple[Hypothesis, ...]
    boxes: tuple[Box, ...]
    width: int
    height: int
    min_confidence: float
    min_digit_score: float = 0.0
    spans: tuple[Span, ...] = ()
    rivals: tuple[Proposal, ...] = ()
    pieces: int = 0
    is_stacked: bool = False
    is_second: bool = False
    is_thorough: bool = False

    @property
    def asked(self) -> NDArray[np.uint8]:
        """What the model is asked: the crops, and those of the rivals after them."""
        return np.concatenate([view.crops for view in self.views]) if self.rivals else self.crops

    @property
    def views(self) -> tuple[Proposal, ...]:
        """The proposal itself, and its rivals."""
        return (self, *self.rivals)

    @property
    def crop_count(self) -> int:
        """How many crops the model is asked about: the length of `asked`, which is a copy."""
        return sum([len(view.crops) for view in self.views])

    @property
    def level_spans(self) -> tuple[Span, ...]:
        """Those of `spans`, or of `boxes` where there are none."""
        return self.spans or tuple([(box.x, box.x + box.width, box.height) for box in self.boxes])

    @property
    def rows(self) -> tuple[int, ...]:
        """The row of each crop, from the top, from 0."""
        return tuple(hypothesis.row for hypothesis in self.hypotheses)


def propose(image: DecodedImage, profile: Profile | None = None, *, thorough: bool = False) -> Proposal:
    """Find what may be digits at first sight, cut in the likely ways, or if `thorough` in all; no model is asked."""
    profile = profile or Profile()
    return proposal_of(views_of(image, profile), image, profile, thorough=thorough)


def proposal_of(views: Sequence[Stages], image: DecodedImage, profile: Profile, *, thorough: bool = False) -> Proposal:
    """The rival ways to cut and to join what `views_of` found on an image: the likely ones, or if `thorough` all."""
    proposals = [_proposal_of(view, image, profile, thorough) for view in views]
    most: dict[int, int] = {}
    for view, each in zip(views, proposals, strict=True):
        most[id(view.ink)] = max(most.get(id(view.ink), 0), paths.piece_count(each.hypotheses))
    first, *others = [replace(each, pieces=most[id(view.ink)]) for view, each in zip(views, proposals, strict=True)]
    return replace(first, rivals=tuple(others))


def _proposal_of(stages: Stages, image: DecodedImage, profile: Profile, thorough: bool) -> Proposal:
    hypotheses, blobs = segmentation.hypotheses_of(stages.rows, thorough)
    crops = normalize_all([blob.ink for blob in blobs], profile.stroke_width, profile.deslant)
    boxes = _boxes(blobs, stages, image)
    limits = (profile.min_confidence, profile.min_digit_score)
    spans = tuple([(blob.x, blob.right, blob.height) for blob in blobs])
    return Proposal(
        crops,
        tuple(hypotheses),
        boxes,
        image.width,
        image.height,
        *limits,
        spans,
        is_stacked=levelling.is_sideways([blob for row in stages.rows for blob in row]),
        is_second=stages.is_second,
        is_thorough=thorough,
    )


def _boxes(blobs: Sequence[Blob], stages: Stages, image: DecodedImage) -> tuple[Box, ...]:
    """Where pieces of ink are in the image as a person sees it."""
    corners = levelling.boxes_before(blobs, stages.tilt) * stages.scale + np.tile([stages.left, stages.top], 2)
    size = (image.width, image.height)
    corners = levelling.upright(corners, stages.quarters, *size)
    starts = np.clip(corners[:, :2].astype(np.int64), 0, np.subtract(size, 1))
    sides = np.maximum(np.minimum(np.rint(corners[:, 2:]).astype(np.int64), size) - starts, 1)
    places = zip(starts.tolist(), sides.tolist(), strict=True)
    return tuple([Box(x=x, y=y, width=width, height=height) for (x, y), (width, height) in places])

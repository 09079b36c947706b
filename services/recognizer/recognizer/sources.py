"""From an accepted image's bytes to what may be read on it."""

from __future__ import annotations

import base64
from collections import Counter
from dataclasses import dataclass

import numpy as np
from digitscribe.contracts import CameraFrame, Recognition, Source
from digitscribe.errors import CorruptImage, InvalidInput
from digitscribe.model_shape import SIDE
from digitscribe.settings import ImageSettings
from digitscribe.vision import decode, proposing, second_look, tuning
from digitscribe.vision.deciding import Reading
from digitscribe.vision.decode import DecodedImage
from digitscribe.vision.paths import Hypothesis
from digitscribe.vision.profile import Profile
from digitscribe.vision.proposing import Proposal
from digitscribe.vision.stages import Stages
from digitscribe.vision.viewing import views_of
from numpy.typing import NDArray

_JUNK_COST = 3.0
"""A camera's digit is left unread only where the model gives every class less than e⁻³: the camera found it already."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What may be read on an image.

    Attributes:
        proposal: that.
        views: of the image, for whoever looks at it again or wants to see how it was read; none if they were forgotten.
        image: the decoded image, for a second look; none of a camera's frame, and if it was forgotten.
    """

    proposal: Proposal
    views: tuple[Stages, ...] = ()
    image: DecodedImage | None = None

    @property
    def nbytes(self) -> int:
        """What image and views take in memory."""
        return sum([view.nbytes for view in self.views]) + (self.image.pixels.nbytes if self.image else 0)

    def for_steps(self, recognition: Recognition) -> Prepared:
        """Without the image, and without the views if nobody wants to see how it was read."""
        return Prepared(self.proposal, self.views if recognition.steps else ())


def prepare(recognition: Recognition, data: bytes, limits: ImageSettings) -> Prepared:
    """Find the digits in an image's bytes, or take them from a camera frame's JSON.

    Raises:
        InvalidImage: the bytes cannot be read.
        InvalidInput: the recognition's profile is none that this recognizer knows.
    """
    profile = profile_of(recognition)
    if recognition.source is Source.CAMERA:
        return Prepared(_propose_frame(data, profile))
    image = _decoded(data, limits)
    views = views_of(image, profile)
    proposal = proposing.proposal_of(views, image, profile)
    return Prepared(proposal, views, image)


def is_worth_a_second_look(recognition: Recognition, proposal: Proposal, reading: Reading) -> bool:
    """Whether more may be found in the image than `reading`; of a camera's frame there is no image to look at."""
    return recognition.source is not Source.CAMERA and second_look.is_worthwhile(proposal, reading)


def prepare_again(
    recognition: Recognition, data: bytes, limits: ImageSettings, first: Prepared, reading: Reading
) -> Prepared:
    """What a second look finds in an image's bytes, where `reading` was what could be read of `first`.

    The bytes are not looked at where the image was kept.

    Raises:
        InvalidImage: the bytes cannot be read.
    """
    profile = profile_of(recognition)
    image = first.image or _decoded(data, limits)
    seen = first.views or views_of(image, profile)
    views, found = second_look.propose(image, seen, first.proposal, reading, profile)
    return Prepared(found, views)


def _decoded(data: bytes, limits: ImageSettings) -> DecodedImage:
    return decode.decode(data, limits.max_image_megabytes * 1_000_000, limits.max_image_megapixels * 1_000_000)


def profile_of(recognition: Recognition) -> Profile:
    """The profile that goes with `recognition`: whoever reads it, and however often, reads it by the same."""
    try:
        return tuning.changed(Profile(), recognition.profile or {})
    except ValueError as error:  # the gateway that accepted it was of another release
        raise InvalidInput(f"this image's profile cannot be used here: {error}; send it again") from error


def _propose_frame(data: bytes, profile: Profile) -> Proposal:
    try:
        frame = CameraFrame.model_validate_json(data)
        crops = np.array([_crop(digit.image) for digit in frame.digits], np.uint8).reshape(-1, SIDE, SIDE)
    except ValueError as error:  # pydantic's and base64's errors are ValueErrors too
        raise CorruptImage(f"The camera's frame is damaged: {error}") from error
    places: Counter[int] = Counter()
    hypotheses = []
    for digit in frame.digits:
        start = places[digit.row]
        hypotheses.append(Hypothesis(digit.row, start, start + 1, cost=0.0, junk_cost=_JUNK_COST))
        places[digit.row] += 1
    boxes = tuple(digit.box for digit in frame.digits)
    limits = (profile.min_confidence, profile.min_digit_score)
    return Proposal(crops, tuple(hypotheses), boxes, frame.width, frame.height, *limits)


def _crop(image: str) -> NDArray[np.uint8]:
    return np.frombuffer(base64.b64decode(image, validate=True), np.uint8).reshape(SIDE, SIDE)

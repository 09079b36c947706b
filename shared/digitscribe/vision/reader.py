"""From an image to what is read on it, with the classifier in between.

    proposal = propose(decode(data, ...))                   # pure vision, no model
    probabilities = ...                                     # float32 [M, 10] for proposal.crops, uint8 [M, 28, 28]
    reading = decide(proposal, probabilities)               # Reading(digits, crops, text)

`proposal.crops` holds rival ways to cut and to join the ink; all of them go to the model in one batch (as float32 in
[0, 1], [M, 28, 28, 1]), and `decide` keeps the best path. `reading.digits` is a tuple of `contracts.Digit`,
`reading.crops` uint8 [N, 28, 28] the crop of each digit, `reading.text` one line per row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digitscribe.contracts import Alternative, Box, Digit
from digitscribe.vision import binarize, components, grouping, illumination, joining, lines, paths, segmentation
from digitscribe.vision.components import Blob
from digitscribe.vision.decode import DecodedImage
from digitscribe.vision.normalize import SIDE, normalize
from digitscribe.vision.paths import Hypothesis
from digitscribe.vision.profile import Polarity, Profile

ALTERNATIVES = 2
"""How many other digits are told with each."""


@dataclass(frozen=True, eq=False)
class Proposal:
    """What may be read on an image.

    Attributes:
        crops: uint8 [M, 28, 28], normalised; M may be 0.
        hypotheses: what each crop would mean.
        boxes: where each crop is, in pixels of the image as a person sees it.
        width: of the image.
        height: of the image.
        min_confidence: less sure ones are not taken for digits.
    """

    crops: NDArray[np.uint8]
    hypotheses: tuple[Hypothesis, ...]
    boxes: tuple[Box, ...]
    width: int
    height: int
    min_confidence: float

    @property
    def rows(self) -> tuple[int, ...]:
        """The row of each crop, from the top, from 0."""
        return tuple(hypothesis.row for hypothesis in self.hypotheses)


@dataclass(frozen=True, eq=False)
class Reading:
    """What was read: the digits in reading order, their crops uint8 [N, 28, 28], and the text, a line per row."""

    digits: tuple[Digit, ...]
    crops: NDArray[np.uint8]
    text: str


def propose(image: DecodedImage, profile: Profile | None = None) -> Proposal:
    """Find what may be digits; no model is asked."""
    profile = profile or Profile()
    rows = grouping.rows_of(writing(image.pixels, profile))
    hypotheses, blobs = segmentation.hypotheses_of(rows)
    crops = np.stack([normalize(blob.ink) for blob in blobs]) if blobs else np.zeros((0, SIDE, SIDE), np.uint8)
    boxes = tuple(_box(blob, image) for blob in blobs)
    return Proposal(crops, tuple(hypotheses), boxes, image.width, image.height, profile.min_confidence)


def writing(pixels: NDArray[np.uint8], profile: Profile) -> list[Blob]:
    """The pieces of ink that are digits or parts of digits in uint8 [H, W, 3] RGB or [H, W] grey."""
    grey = illumination.grey_of(pixels)
    if _light_on_dark(grey, profile):
        grey = np.asarray(255 - grey, dtype=np.uint8)
    contrast = illumination.contrast_of(grey)
    mask = binarize.ink_mask(contrast, profile.min_contrast, profile.edge)
    if profile.remove_lines:
        mask = lines.without_lines(mask)
    blobs = components.plausible(components.find(mask, contrast), contrast)
    joined = joining.join_fragments(blobs, profile.joining)
    height = components.writing_height(joined)
    return [blob for blob in joined if blob.height >= profile.min_height * height]


def decide(proposal: Proposal, probabilities: NDArray[np.float32]) -> Reading:
    """Choose among the hypotheses.

    Args:
        proposal: what `propose` returned.
        probabilities: float32 [M, 10], one row for each of `proposal.crops`.
    """
    chosen = paths.best(proposal.hypotheses, probabilities, proposal.min_confidence)
    digits = []
    rows = sorted({proposal.hypotheses[i].row for i in chosen})
    for index, i in enumerate(chosen):
        row = rows.index(proposal.hypotheses[i].row)
        digits.append(_digit(index, row, proposal.boxes[i], probabilities[i]))
    return Reading(tuple(digits), proposal.crops[chosen], text_of(tuple(digits)))


def text_of(digits: tuple[Digit, ...]) -> str:
    """The digits as text, one line per row."""
    rows: dict[int, str] = {}
    for digit in digits:
        rows[digit.row] = rows.get(digit.row, "") + str(digit.digit)
    return "\n".join(rows[row] for row in sorted(rows))


def _light_on_dark(grey: NDArray[np.uint8], profile: Profile) -> bool:
    if profile.polarity is Polarity.AUTO:
        return illumination.is_light_on_dark(grey)
    return profile.polarity is Polarity.LIGHT_ON_DARK


def _box(blob: Blob, image: DecodedImage) -> Box:
    x, y = int(blob.x * image.scale), int(blob.y * image.scale)
    right = min(image.width, round(blob.right * image.scale))
    bottom = min(image.height, round(blob.bottom * image.scale))
    x, y = min(x, image.width - 1), min(y, image.height - 1)
    return Box(x=x, y=y, width=max(1, right - x), height=max(1, bottom - y))


def _digit(index: int, row: int, box: Box, probabilities: NDArray[np.float32]) -> Digit:
    order = [int(i) for i in np.argsort(-probabilities, kind="stable")]
    confidence = [min(1.0, max(0.0, float(probabilities[i]))) for i in order]
    others = tuple(Alternative(digit=order[i], confidence=confidence[i]) for i in range(1, 1 + ALTERNATIVES))
    return Digit(index=index, digit=order[0], confidence=confidence[0], row=row, box=box, alternatives=others)

"""The steps of a reading as the document that is kept of them."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import cv2
from digitscribe.contracts.steps import ReadingStep, ReadingSteps
from digitscribe.vision.trace import Picture, Step

_COMPRESSION = 4
"""Of zlib's nine levels: more takes longer than sending the difference."""


def document_of(recognition_id: str, steps: Sequence[Step]) -> ReadingSteps:
    """`steps` with their pictures as PNG."""
    return ReadingSteps(recognition_id=recognition_id, steps=tuple(_to_contract(step) for step in steps))


def _to_contract(step: Step) -> ReadingStep:
    height, width = step.picture.shape[:2]
    picture = base64.b64encode(rgb_to_png(step.picture)).decode("ascii")
    return ReadingStep(
        name=step.name, title=step.title, sentence=step.sentence, width=width, height=height, picture=picture
    )


def rgb_to_png(picture: Picture) -> bytes:
    """uint8 [H, W] grey or [H, W, 3] RGB as a PNG file."""
    stored = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR) if picture.ndim == 3 else picture
    return cv2.imencode(".png", stored, [cv2.IMWRITE_PNG_COMPRESSION, _COMPRESSION])[1].tobytes()

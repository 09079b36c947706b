"""A look through a source before a camera is saved: asked by a person, taken by a camera worker."""

from __future__ import annotations

from pydantic import Field

from .camera import JPEG_PATTERN
from .camera_definition import SOURCE_PATTERN
from .document import Document

MAX_PICTURE_CHARACTERS = 800_000
"""A JPEG of 960 pixels, as base64, with room to spare."""


class CameraTrialRequest(Document):
    """Which source to look through."""

    source: str = Field(pattern=SOURCE_PATTERN, description="As a camera's definition has it; it is not kept")


class CameraTrial(Document):
    """What a camera worker saw through a source, or why it saw nothing."""

    problem: str | None = Field(
        default=None, max_length=500, description="Why no picture came, and what to do; absent if one did"
    )
    width: int | None = Field(default=None, ge=1, le=16384, description="Of the source's frames, in pixels")
    height: int | None = Field(default=None, ge=1, le=16384)
    picture: str | None = Field(
        default=None,
        max_length=MAX_PICTURE_CHARACTERS,
        pattern=JPEG_PATTERN,
        description="A frame, JPEG as base64, its longer side 960 pixels at most",
    )

"""How an image was read, step by step, in pictures."""

from __future__ import annotations

from pydantic import Field

from .document import ID_PATTERN, Document

PNG_PATTERN = r"^iVBORw0KGgo[A-Za-z0-9+/]*={0,2}$"
"""A PNG, by its first eight bytes, as base64."""


class ReadingStep(Document):
    """One step of reading, and the picture that it left."""

    name: str = Field(description="What programs call it")
    title: str = Field(description="What people call it")
    sentence: str = Field(description="What happened to this image in it")
    width: int = Field(ge=1)
    height: int = Field(ge=1)
    picture: str = Field(description="PNG as base64, `width` × `height` pixels", pattern=PNG_PATTERN)


class ReadingSteps(Document):
    """All steps of one reading, in order."""

    recognition_id: str = Field(pattern=ID_PATTERN)
    steps: tuple[ReadingStep, ...]

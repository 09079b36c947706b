"""What people say a digit really is."""

from __future__ import annotations

from pydantic import Field

from .document import ID_PATTERN, Document, Moment


class CorrectionRequest(Document):
    """The true label of one digit of a recognition; null means that it is no digit."""

    recognition_id: str = Field(pattern=ID_PATTERN)
    digit_index: int = Field(ge=0, lt=10_000)
    label: int | None = Field(ge=0, le=9)


class Correction(CorrectionRequest):
    """A correction as it was stored."""

    created_at: Moment
    read_as: int = Field(ge=0, le=9)
    model_version: int

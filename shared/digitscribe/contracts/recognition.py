"""One image and what was read on it: the central value from vision to page."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from ..vision.tuning import Changes
from .document import ID_PATTERN, Document, Moment
from .problem import Problem


class RecognitionStatus(StrEnum):
    """Where a recognition stands; it ends as `done` or `failed`, and never changes after that."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Source(StrEnum):
    """Where an image came from."""

    UPLOAD = "upload"
    CANVAS = "canvas"
    WEBCAM = "webcam"
    CAMERA = "camera"


class Box(Document):
    """A rectangle in pixels of the image as a person sees it (EXIF orientation applied), origin top left."""

    x: int = Field(ge=0)
    y: int = Field(ge=0)
    width: int = Field(ge=1)
    height: int = Field(ge=1)


class Alternative(Document):
    """Another digit that it could be."""

    digit: int = Field(ge=0, le=9)
    confidence: float = Field(ge=0, le=1)


class Digit(Document):
    """One digit: what was read, where, how surely, and what else it could be (most likely first)."""

    index: int = Field(ge=0, description="Position in reading order, from 0")
    digit: int = Field(ge=0, le=9)
    confidence: float = Field(ge=0, le=1)
    row: int = Field(ge=0, description="Line of writing, from the top, from 0")
    box: Box
    alternatives: tuple[Alternative, ...] = ()
    neighbour: int | None = Field(
        default=None,
        ge=0,
        description="Index of the digit that it touches and was read together with: the model saw both in one picture",
    )


class Timing(Document):
    """Where the time went, in milliseconds, of both looks; `predict` is that of all images asked about together."""

    queue: float = Field(ge=0, description="From acceptance until a recognizer began")
    vision: float = Field(ge=0, description="Decoding, finding and normalising the digits")
    predict: float = Field(ge=0, description="The model server's answer")
    total: float = Field(ge=0, description="From acceptance until the result was stored")


class Recognition(Document):
    """An image's way through the system and, once `done`, what was read on it."""

    id: str = Field(pattern=ID_PATTERN)
    status: RecognitionStatus
    source: Source = Source.UPLOAD
    camera: str | None = Field(default=None, description="The camera's name, for source `camera`")
    created_at: Moment
    text: str | None = Field(default=None, description="One line per row of digits, top to bottom, left to right")
    model_version: int | None = None
    width: int | None = Field(default=None, ge=1)
    height: int | None = Field(default=None, ge=1)
    digits: tuple[Digit, ...] = ()
    timing_ms: Timing | None = None
    error: Problem | None = Field(default=None, description="Why it failed, for status `failed`")
    profile: Changes | None = Field(
        default=None, description="Settings of preprocessing that it was asked to be read with; those that differ only"
    )
    live: bool | None = Field(
        default=None, description="Whether it is one of many frames; the history lists what three in a row agree on"
    )
    sequence: str | None = Field(
        default=None,
        pattern=ID_PATTERN,
        description="The moving picture that a `live` one is a frame of; else the drawing that it is a stage of",
    )
    steps: bool | None = Field(
        default=None, description="Whether pictures of how it was read are kept, for a short time, at `…/steps`"
    )

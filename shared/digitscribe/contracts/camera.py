"""Cameras and the preprocessed frames that they push."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ..vision.profile import Profile
from .camera_definition import ShownDefinition
from .document import NAME_PATTERN, Document, Moment
from .recognition import Box, Recognition

MAX_FRAME_DIGITS = 200
"""More digits than a page held up to a camera carries; a frame that claims more is refused."""

CROP_PATTERN = r"^[A-Za-z0-9+/]{1045}[AQgw]==$"
"""784 bytes as base64."""

JPEG_PATTERN = r"^/9j/([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
"""A JPEG, by its first three bytes, as base64."""

MAX_READING = 400
"""Characters of a steady reading, line breaks among them; what is longer is cut."""

MAX_COUNTERS = 32
"""Counters of a camera; they are kept and shown, so that their number has a bound."""


MAX_BUCKETS = 40
"""Buckets of a camera's latencies; they are kept and shown, so that their number has a bound."""


class LatencyBucket(Document):
    """How many latencies were above the bucket before this one, and not above `le_ms`."""

    le_ms: float | None = Field(default=None, gt=0, le=1e9, description="Absent: all that are longer")
    count: int = Field(ge=0, lt=2**53)


class LatencyHistogram(Document):
    """Latencies since the worker's start, counted in buckets."""

    buckets: tuple[LatencyBucket, ...] = Field(default=(), max_length=MAX_BUCKETS)
    sum_ms: float = Field(default=0, ge=0, le=1e18)


class FrameDigit(Document):
    """A digit that the camera worker found: where, and its normalised picture."""

    box: Box
    row: int = Field(ge=0)
    image: str = Field(
        description="28×28 grey bytes, white ink on black, row by row, as base64 (784 bytes)", pattern=CROP_PATTERN
    )


class CameraFrame(Document):
    """A preprocessed frame: what a camera worker puts on the wire instead of a picture."""

    captured_at: Moment
    width: int = Field(ge=1, le=16384)
    height: int = Field(ge=1, le=16384)
    digits: tuple[FrameDigit, ...] = Field(max_length=MAX_FRAME_DIGITS)
    preview: str | None = Field(
        default=None, description="A small JPEG of the frame, as base64", max_length=400_000, pattern=JPEG_PATTERN
    )
    counters: dict[Annotated[str, Field(max_length=40)], Annotated[int, Field(ge=0, lt=2**53)]] = Field(
        default_factory=dict, max_length=MAX_COUNTERS, description="captured, skipped, sent, dropped, reconnects"
    )
    reading: str | None = Field(
        default=None,
        max_length=MAX_READING,
        description="The steady reading before this frame: alike in three results running",
    )
    profile: Profile | None = Field(default=None, description="How the digits were found and prepared")
    latency: LatencyHistogram | None = Field(default=None, description="From capture until the result, so far")


class CameraState(Document):
    """A camera as the gateway knows it."""

    name: str = Field(pattern=NAME_PATTERN)
    online: bool = Field(description="A frame arrived within the last ten seconds")
    last_frame_at: Moment | None = None
    frames: int = Field(default=0, ge=0)
    dropped: int = Field(
        default=0, ge=0, description="Frames too old (DIGITSCRIBE_CAMERA_MAX_AGE_S) before a recognizer had time"
    )
    counters: dict[str, int] = Field(default_factory=dict)
    last_recognition: Recognition | None = None
    reading: str | None = Field(default=None, description="The steady reading: alike in three results running")
    latency: LatencyHistogram | None = Field(default=None, description="From capture until the result")
    definition: ShownDefinition | None = Field(
        default=None, description="As it was set through the API, its source without credentials"
    )
    source: str | None = Field(default=None, description="Where it reads, without credentials, as its worker says")
    problem: str | None = Field(default=None, description="Why no frames come, as its worker says")
    removed: bool = Field(default=False, description="It has just been removed: in events and in that answer only")

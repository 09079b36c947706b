"""What a camera is to be: its source and how it is read, as people set it."""

from __future__ import annotations

from pydantic import Field

from ..vision.profile import Polarity, Profile
from ..vision.tuning import Changes
from .document import ID_PATTERN, NAME_PATTERN, Document

URL_SCHEMES = ("rtsp", "rtsps", "http", "https", "rtmp", "rtmps", "tcp", "udp", "srt", "rtp")
"""What a source's URL may begin with; FFmpeg's others read local files or start programs' pipes."""

SOURCE_PATTERN = (
    r"^(demo"
    r"|[0-9]{1,3}|/dev/video[0-9]{1,3}|/dev/v4l/by-(id|path)/[A-Za-z0-9_:+.-]{1,200}"
    rf"|({'|'.join(URL_SCHEMES)})://[^\s*]{{1,1900}}"
    r"|[A-Za-z0-9_][A-Za-z0-9_ .-]{0,99}(/[A-Za-z0-9_][A-Za-z0-9_ .-]{0,99}){0,9})$"
)
"""`demo`, a device, a URL, or a file or folder below the media folder: no name in it begins with a dot or a slash.

A `*` cannot stand in a URL: a redacted address is not taken for a real one.
"""

_SOURCE = Field(
    default=None,
    pattern=SOURCE_PATTERN,
    description="`demo`, a device (`0`, `/dev/video0`), a URL, or a file or folder below the worker's media folder. "
    "Absent: as the worker's own settings say. A URL with a password is kept, and never shown again",
)
_LABEL = Field(default=None, min_length=1, max_length=60, description="What people call it; absent: by its name")
_FPS = Field(default=None, gt=0, le=60, description="Frames a second sent at most by a live source")
_POLARITY = Field(default=None, description="Dark ink on light paper, or chalk on a board")
_PROFILE = Field(default=None, description="How its frames are prepared, where that differs from the system's profile")


class CameraDefinition(Document):
    """How a camera is read; what is absent is as the worker's own settings say."""

    label: str | None = _LABEL
    source: str | None = _SOURCE
    fps: float | None = _FPS
    polarity: Polarity | None = _POLARITY
    profile: Profile | None = _PROFILE
    paused: bool = Field(default=False, description="Not read, and its definition is kept")


class ShownDefinition(Document):
    """A camera's definition as it may be shown: its source without credentials."""

    label: str | None = _LABEL
    source: str | None = None
    fps: float | None = _FPS
    polarity: Polarity | None = _POLARITY
    profile: Changes | None = Field(
        default=None, description="Settings of preprocessing that are this camera's own; those that differ only"
    )
    paused: bool = False


class CameraChanges(Document):
    """What is to change of a camera's definition; what is absent stays as it is."""

    label: str | None = _LABEL
    source: str | None = _SOURCE
    fps: float | None = _FPS
    polarity: Polarity | None = _POLARITY
    profile: Profile | None = _PROFILE
    paused: bool | None = None


class DefinedCamera(Document):
    """A definition with its camera's name."""

    name: str = Field(pattern=NAME_PATTERN)
    definition: CameraDefinition


class AskedTrial(Document):
    """A source that a camera worker is to look through once, with its password."""

    id: str = Field(pattern=ID_PATTERN)
    source: str


class CameraDefinitions(Document):
    """What a camera worker is to run, and to look through once; sources with their passwords."""

    cameras: tuple[DefinedCamera, ...]
    trials: tuple[AskedTrial, ...] = ()


class CameraReport(Document):
    """What a camera worker says of a camera beside its frames: where it reads, and why nothing comes."""

    source: str | None = Field(default=None, max_length=2000, description="Without credentials")
    problem: str | None = Field(default=None, max_length=500, description="Why no frames come; absent if all is well")

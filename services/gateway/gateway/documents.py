"""Documents that only the gateway speaks: lists, and what it knows about itself."""

from __future__ import annotations

from digitscribe.contracts import CameraState, CorrectionRequest, QueueDepth, Recognition, Training
from digitscribe.contracts.document import Document
from digitscribe.vision.profile import Profile
from pydantic import Field, JsonValue


class RecognitionList(Document):
    """Several recognitions: the newest first, or in the order of a request's images."""

    recognitions: tuple[Recognition, ...]


class RecognitionPage(RecognitionList):
    """A part of the history, newest first."""

    next: str | None = Field(default=None, description="`before` for what is older; absent on the last page")
    corrections: tuple[CorrectionRequest, ...] = Field(default=(), description="The last word of people on each digit")


class TrainingList(Document):
    """Trainings, newest first."""

    trainings: tuple[Training, ...]


class CameraList(Document):
    """All cameras, by name."""

    cameras: tuple[CameraState, ...]


class QueueState(Document):
    """How much work waits: what an event of type `queue` carries."""

    pending_images: int = Field(ge=0, description="Accepted and not yet done or failed")
    max_pending_images: int = Field(ge=1)
    queues: tuple[QueueDepth, ...]


class ProfileState(Document):
    """How images are prepared for reading, unless a request says otherwise."""

    values: Profile = Field(description="The values in force")
    json_schema: dict[str, JsonValue] = Field(description="Title, description and bounds of each setting")


class Health(Document):
    """The process is alive (`ok`) or everything that it needs is there (`ready`)."""

    status: str = Field(pattern="^(ok|ready)$")

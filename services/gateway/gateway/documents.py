"""Documents that only the gateway speaks: lists, and what it knows about itself."""

from __future__ import annotations

from digitscribe.contracts import CameraState, QueueDepth, Recognition, Training
from digitscribe.contracts.document import Document
from pydantic import Field


class RecognitionList(Document):
    """Several recognitions: the newest first, or in the order of a request's images."""

    recognitions: tuple[Recognition, ...]


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


class Health(Document):
    """The process is alive (`ok`) or everything that it needs is there (`ready`)."""

    status: str = Field(pattern="^(ok|ready)$")

"""What happened, for whoever listens."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from .document import Document


class EventType(StrEnum):
    """What an event is about."""

    RECOGNITION = "recognition"
    CAMERA = "camera"
    TRAINING = "training"
    MODEL = "model"
    QUEUE = "queue"


class Event(Document):
    """One event: `data` is the document that it is about, as it stands after the event."""

    type: EventType
    data: dict[str, Any]

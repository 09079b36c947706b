"""Digitscribe's Python client: handwritten digits in, readings out.

from digitscribe_client import Digitscribe

with Digitscribe() as digitscribe:
    print(digitscribe.recognize("number.png").text)
"""

from .aio import AsyncDigitscribe
from .batches import Outcome
from .client import Digitscribe
from .contracts import (
    Alternative,
    Box,
    CameraState,
    Correction,
    Digit,
    EventType,
    Metrics,
    ModelCard,
    ModelList,
    ModelVersion,
    Problem,
    Recognition,
    RecognitionStatus,
    Source,
    SystemState,
    Training,
    TrainingProgress,
    TrainingRequest,
    TrainingStatus,
)
from .errors import (
    Conflict,
    DigitscribeError,
    ImageRefused,
    InvalidRequest,
    NoConnection,
    NotFound,
    NotReadInTime,
    RateLimited,
    ReadingFailed,
    Refused,
    TryLater,
    Unavailable,
    UnexpectedAnswer,
    UnusableImage,
)
from .images import Array, Image
from .stream import LiveEvent
from .vision.profile import Profile

__version__ = "0.1.0"

__all__ = [
    "Alternative",
    "Array",
    "AsyncDigitscribe",
    "Box",
    "CameraState",
    "Conflict",
    "Correction",
    "Digit",
    "Digitscribe",
    "DigitscribeError",
    "EventType",
    "Image",
    "ImageRefused",
    "InvalidRequest",
    "LiveEvent",
    "Metrics",
    "ModelCard",
    "ModelList",
    "ModelVersion",
    "NoConnection",
    "NotFound",
    "NotReadInTime",
    "Outcome",
    "Problem",
    "Profile",
    "RateLimited",
    "ReadingFailed",
    "Recognition",
    "RecognitionStatus",
    "Refused",
    "Source",
    "SystemState",
    "Training",
    "TrainingProgress",
    "TrainingRequest",
    "TrainingStatus",
    "TryLater",
    "Unavailable",
    "UnexpectedAnswer",
    "UnusableImage",
]

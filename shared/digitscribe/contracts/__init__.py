"""What the services say to each other and to the world: JSON documents as frozen pydantic models.

The modules here import pydantic, and with relative imports each other, `vision.profile` and `vision.tuning`; nothing
else: the Python client carries these files under a name of its own.
"""

from .camera import CameraFrame, CameraState, FrameDigit, LatencyBucket, LatencyHistogram
from .camera_definition import (
    AskedTrial,
    CameraChanges,
    CameraDefinition,
    CameraDefinitions,
    CameraReport,
    DefinedCamera,
    ShownDefinition,
)
from .camera_trial import CameraTrial, CameraTrialRequest
from .correction import Correction, CorrectionRequest
from .event import Event, EventType
from .inside import Evidence, FeatureLayer, FeatureMap, Inside
from .model import Metrics, ModelCard, ModelList, ModelVersion
from .problem import Problem
from .recognition import (
    Alternative,
    Box,
    Digit,
    Recognition,
    RecognitionStatus,
    Source,
    Timing,
)
from .steps import ReadingStep, ReadingSteps
from .system import (
    Latency,
    QueueDepth,
    ServingState,
    SystemHistory,
    SystemSample,
    SystemState,
    WorkerState,
)
from .training import Training, TrainingProgress, TrainingRequest, TrainingStatus

__all__ = [
    "Alternative",
    "AskedTrial",
    "Box",
    "CameraChanges",
    "CameraDefinition",
    "CameraDefinitions",
    "CameraFrame",
    "CameraReport",
    "CameraState",
    "CameraTrial",
    "CameraTrialRequest",
    "Correction",
    "CorrectionRequest",
    "DefinedCamera",
    "Digit",
    "Event",
    "EventType",
    "Evidence",
    "FeatureLayer",
    "FeatureMap",
    "FrameDigit",
    "Inside",
    "Latency",
    "LatencyBucket",
    "LatencyHistogram",
    "Metrics",
    "ModelCard",
    "ModelList",
    "ModelVersion",
    "Problem",
    "QueueDepth",
    "ReadingStep",
    "ReadingSteps",
    "Recognition",
    "RecognitionStatus",
    "ServingState",
    "ShownDefinition",
    "Source",
    "SystemHistory",
    "SystemSample",
    "SystemState",
    "Timing",
    "Training",
    "TrainingProgress",
    "TrainingRequest",
    "TrainingStatus",
    "WorkerState",
]

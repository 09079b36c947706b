"""What the services say to each other and to the world: JSON documents as frozen pydantic models."""

from digitscribe.contracts.camera import CameraFrame, CameraState, FrameDigit
from digitscribe.contracts.correction import Correction, CorrectionRequest
from digitscribe.contracts.event import Event, EventType
from digitscribe.contracts.inside import Evidence, FeatureLayer, FeatureMap, Inside
from digitscribe.contracts.model import Metrics, ModelCard, ModelList, ModelVersion
from digitscribe.contracts.problem import Problem
from digitscribe.contracts.recognition import (
    Alternative,
    Box,
    Digit,
    Recognition,
    RecognitionStatus,
    Source,
    Timing,
)
from digitscribe.contracts.steps import ReadingStep, ReadingSteps
from digitscribe.contracts.system import (
    Latency,
    QueueDepth,
    ServingState,
    SystemHistory,
    SystemSample,
    SystemState,
    WorkerState,
)
from digitscribe.contracts.training import Training, TrainingProgress, TrainingRequest, TrainingStatus

__all__ = [
    "Alternative",
    "Box",
    "CameraFrame",
    "CameraState",
    "Correction",
    "CorrectionRequest",
    "Digit",
    "Event",
    "EventType",
    "Evidence",
    "FeatureLayer",
    "FeatureMap",
    "FrameDigit",
    "Inside",
    "Latency",
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

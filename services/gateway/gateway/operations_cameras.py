"""The calls about cameras, as rows of the table in `operations`."""

from __future__ import annotations

from digitscribe.contracts import (
    CameraChanges,
    CameraDefinition,
    CameraDefinitions,
    CameraFrame,
    CameraReport,
    CameraState,
    CameraTrial,
    CameraTrialRequest,
    Recognition,
)

from gateway import parameters
from gateway.documents import CameraList
from gateway.operation import Answer, Body, Operation
from gateway.operation_parts import BYTES, JSON_BODY

CAMERA_OPERATIONS = (
    Operation(
        "GET",
        "/v1/cameras",
        "listCameras",
        "cameras",
        "All cameras",
        {200: Answer("By name", (CameraList,))},
        (400, 503),
    ),
    Operation(
        "PUT",
        "/v1/cameras/<name>",
        "defineCamera",
        "cameras",
        "Define a camera, or define it anew",
        {200: Answer("Defined anew", (CameraState,)), 201: Answer("Defined", (CameraState,))},
        (*JSON_BODY, 404, 409, 503),
        body=Body(
            "What is absent is as the camera worker's own settings say",
            CameraDefinition,
            example={"source": "rtsp://192.168.1.20/stream", "label": "Door of the hall", "fps": 5},
        ),
        description="The camera worker follows within seconds. A source with a password is kept and never shown "
        "again; `409` where no shared secret lets it be kept from others.",
    ),
    Operation(
        "PATCH",
        "/v1/cameras/<name>",
        "changeCamera",
        "cameras",
        "Change a camera: pause it, say",
        {200: Answer("Changed", (CameraState,))},
        (*JSON_BODY, 404, 409, 503),
        body=Body(
            "What is to change; null: as the camera worker's own settings say", CameraChanges, example={"paused": True}
        ),
    ),
    Operation(
        "DELETE",
        "/v1/cameras/<name>",
        "removeCamera",
        "cameras",
        "Remove a camera",
        {200: Answer("Removed; as it was", (CameraState,))},
        (400, 403, 404, 409, 503),
    ),
    Operation(
        "POST",
        "/v1/camera-trials",
        "tryCameraSource",
        "cameras",
        "Look through a source before a camera is given it",
        {200: Answer("What a camera worker saw through it, or why it saw nothing", (CameraTrial,))},
        (*JSON_BODY, 409, 503),
        body=Body("The source", CameraTrialRequest, example={"source": "rtsp://192.168.1.20/stream"}),
        description="Takes some seconds, 25 at most. Nothing is kept.",
    ),
    Operation(
        "POST",
        "/v1/cameras/<name>/trial",
        "tryCamera",
        "cameras",
        "Look through the source that a camera has",
        {200: Answer("What a camera worker saw through it, or why it saw nothing", (CameraTrial,))},
        (400, 403, 404, 409, 503),
    ),
    Operation(
        "PUT",
        "/v1/camera-trials/<trial_id>",
        "endCameraTrial",
        "cameras",
        "What a camera worker saw through a source",
        {200: Answer("Taken in", (CameraTrial,))},
        (*JSON_BODY, 401, 404, 503),
        body=Body("The picture, or why there is none", CameraTrial, example={"problem": "it does not open"}),
        headers={"Authorization": {"type": "string"}},
        description="For camera workers, as `listCameraDefinitions` is.",
    ),
    Operation(
        "GET",
        "/v1/camera-definitions",
        "listCameraDefinitions",
        "cameras",
        "What a camera worker is to run",
        {200: Answer("By name, sources with their passwords", (CameraDefinitions,))},
        (400, 401, 503),
        headers={"Authorization": {"type": "string"}},
        description="For camera workers: `Authorization: Bearer` and the DIGITSCRIBE_CAMERA_TOKEN of the gateway.",
    ),
    Operation(
        "POST",
        "/v1/cameras/<name>/reports",
        "reportCamera",
        "cameras",
        "What a worker says of a camera beside its frames",
        {200: Answer("Taken in", (CameraState,))},
        (*JSON_BODY, 404, 409, 503),
        body=Body("Where it reads, and why nothing comes", CameraReport, example={"problem": "it does not open"}),
    ),
    Operation(
        "POST",
        "/v1/cameras/<name>/frames",
        "pushFrame",
        "cameras",
        "A preprocessed frame of a camera",
        {
            200: Answer("Read, or failed with the reason", (Recognition,), headers=("Location",)),
            202: Answer("Accepted", (Recognition,), headers=("Location",), links=("getRecognition",)),
        },
        (*JSON_BODY, 404, 409, 503),
        query=parameters.WAIT,
        body=Body("The frame, 1 MB at most", CameraFrame),
        description="A camera appears with its first frame, and is forgotten after a day without one.",
    ),
    Operation(
        "GET",
        "/v1/cameras/<name>/preview",
        "previewCamera",
        "cameras",
        "What a camera sees",
        {
            200: Answer(
                "MJPEG, or one JPEG", media={"multipart/x-mixed-replace": {"type": "string"}, "image/jpeg": BYTES}
            )
        },
        (400, 404, 503),
        query=parameters.PREVIEW,
        description="Each picture carries the header `Recognition-Id`, in a stream its part does.",
    ),
)
"""Cameras, their frames and their pictures."""

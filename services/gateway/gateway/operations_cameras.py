"""The calls about cameras, as rows of the table in `operations`."""

from __future__ import annotations

from digitscribe.contracts import CameraFrame, Recognition

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
        "POST",
        "/v1/cameras/<name>/frames",
        "pushFrame",
        "cameras",
        "A preprocessed frame of a camera",
        {
            200: Answer("Read, or failed with the reason", (Recognition,), headers=("Location",)),
            202: Answer("Accepted", (Recognition,), headers=("Location",), links=("getRecognition",)),
        },
        (*JSON_BODY, 404, 409, 429, 503),
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
    ),
)
"""Cameras, their frames and their pictures."""

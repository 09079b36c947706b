"""The calls of the API as a table: what each takes, and everything that it may answer."""

from __future__ import annotations

from digitscribe.contracts import Correction, CorrectionRequest, Recognition
from digitscribe.contracts.document import ID_PATTERN, NAME_PATTERN

from gateway import parameters
from gateway.answers import Json
from gateway.documents import RecognitionList, RecognitionPage
from gateway.operation import Answer, Body, Operation
from gateway.operation_parts import BYTES, JSON_BODY
from gateway.operations_cameras import CAMERA_OPERATIONS
from gateway.operations_inside import INSIDE_OPERATIONS
from gateway.operations_models import MODEL_OPERATIONS
from gateway.operations_system import SYSTEM_OPERATIONS
from gateway.uploads import MAX_IMAGES, PART

IMAGE_TYPES = (
    "image/png",
    "image/jpeg",
    "image/webp",
    "image/bmp",
    "image/tiff",
    "image/gif",
    "image/heic",
    "image/heif",
)
"""Media types of the images that are read. The bytes decide, not the name: any `image/*` is looked into."""

PATH_PARAMETERS: dict[str, Json] = {
    "recognition_id": {"type": "string", "pattern": ID_PATTERN},
    "trial_id": {"type": "string", "pattern": ID_PATTERN},
    "training_id": {"type": "string", "pattern": ID_PATTERN},
    "index": {"type": "integer", "minimum": 0, "maximum": 99_999},
    "version": {"type": "integer", "minimum": 1, "maximum": 999_999_999},
    "name": {"type": "string", "pattern": NAME_PATTERN},
}

TAGS = {
    "recognitions": "Images in, readings out. An image is accepted (`202`), read, and ends as `done` or `failed`.",
    "events": "What happens, as it happens.",
    "corrections": "What people say a digit really is; retrains learn from it.",
    "trainings": "Retrains of the model.",
    "models": "Versions of the model, and which of them is in traffic.",
    "cameras": "Cameras and their preprocessed frames.",
    "system": "The state of the whole system.",
}

_READING = (Recognition,)
_READINGS = (Recognition, RecognitionList)
_RECOGNITION_LINKS = ("getRecognition", "createCorrection")
_IMAGES = Body(
    "One image as the body, or up to 64 as multipart parts named `image`.",
    media={
        **dict.fromkeys(IMAGE_TYPES, BYTES),
        "multipart/form-data": {
            "type": "object",
            "properties": {PART: {"type": "array", "items": BYTES, "minItems": 1, "maxItems": MAX_IMAGES}},
            "required": [PART],
            "additionalProperties": False,
        },
    },
)

OPERATIONS = (
    Operation(
        "POST",
        "/v1/recognitions",
        "createRecognition",
        "recognitions",
        "Have images read",
        {
            200: Answer("Read: done, or failed with the reason", _READINGS, headers=("Location",)),
            202: Answer("Accepted", _READINGS, headers=("Location",), links=_RECOGNITION_LINKS),
        },
        (400, 403, 408, 413, 415, 422, 503),
        query=parameters.RECOGNIZE,
        body=_IMAGES,
        description="One image is answered with its recognition, several with a list in the order of the images. "
        "All are taken or none: none if one of them cannot be read (the problem names it), none if there is no room "
        "for all. `Location` comes with one image.",
    ),
    Operation(
        "GET",
        "/v1/recognitions",
        "listRecognitions",
        "recognitions",
        "The history: what was read, newest first",
        {200: Answer("Newest first", (RecognitionPage,))},
        (400, 503),
        query=parameters.LIST_RECOGNITIONS,
        description="Of cameras and other moving pictures only what three frames in a row agree on, and once. "
        "`corrections` is what people have said of these recognitions: the last word on each digit.",
    ),
    Operation(
        "GET",
        "/v1/recognitions/<recognition_id>",
        "getRecognition",
        "recognitions",
        "One recognition",
        {200: Answer("As it stands", _READING)},
        (400, 404, 503),
        query=parameters.WAIT,
    ),
    Operation(
        "POST",
        "/v1/recognitions/<recognition_id>/retry",
        "retryRecognition",
        "recognitions",
        "Have a failed recognition's image read again",
        {202: Answer("Accepted again, under its id", _READING, headers=("Location",), links=("getRecognition",))},
        (400, 403, 404, 409, 410, 503),
        description="An image that failed through no fault of its own is kept for an hour. `409`: it has not failed, "
        "or would fail in the same way again; `410`: its image is kept no longer.",
    ),
    Operation(
        "GET",
        "/v1/recognitions/<recognition_id>/digits/<index>/image",
        "getDigitImage",
        "recognitions",
        "The 28×28 picture of a digit that the model saw",
        {200: Answer("White ink on black", media={"image/png": BYTES})},
        (400, 404, 503),
    ),
    *INSIDE_OPERATIONS,
    Operation(
        "GET",
        "/v1/events",
        "streamEvents",
        "events",
        "Server-sent events",
        {200: Answer("`event` is the type, `data` the document", media={"text/event-stream": {"type": "string"}})},
        (400, 503),
        query=parameters.EVENTS,
        headers={"Last-Event-ID": {"type": "string", "pattern": "^[0-9]{1,19}-[0-9]{1,19}$"}},
        description="`recognition`, `camera`, `training` and `model` events carry an `id` and are sent again from "
        "`Last-Event-ID`. `queue` events say how much waits now, about once a second while that changes. "
        "A client that is too slow is dropped; it comes back and misses nothing. A comment comes every 15 s.",
    ),
    Operation(
        "POST",
        "/v1/corrections",
        "createCorrection",
        "corrections",
        "Say what a digit really is",
        {201: Answer("Kept on the disk", (Correction,))},
        (*JSON_BODY, 404, 409, 503),
        body=Body(
            "The digit and its true label; null: it is no digit",
            CorrectionRequest,
            example={"recognition_id": "0" * 32, "digit_index": 0, "label": 7},
        ),
        description="The last word on a digit is the one that retrains learn from. To take a correction back, send the "
        "digit that was read: then it is as if nothing had been said. Without a correction before it, that confirms "
        "what was read.",
    ),
    *MODEL_OPERATIONS,
    *CAMERA_OPERATIONS,
    *SYSTEM_OPERATIONS,
)
"""Every call that the gateway answers; a test holds this table against Flask's routes."""

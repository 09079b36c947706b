"""Cameras: their state, their frames in, their pictures out."""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack

from digitscribe.contracts import (
    CameraChanges,
    CameraDefinition,
    CameraFrame,
    CameraReport,
    CameraTrial,
    CameraTrialRequest,
    Source,
)
from digitscribe.contracts.document import ID_PATTERN, NAME_PATTERN
from digitscribe.errors import NotFound
from digitscribe.model_shape import SIDE
from digitscribe.queueing import jobs
from digitscribe.queueing.store import Submission
from flask import Blueprint, Response, request

from gateway import answers, parameters, queries
from gateway.batching import Parcel
from gateway.bodies import read_document
from gateway.cameras import Preview
from gateway.documents import CameraList
from gateway.errors import NotAuthorized
from gateway.routes.recognitions import accepted, new_recognition, submit
from gateway.services import Services, services
from gateway.waiting import records_after

MAX_FRAME_BYTES = 1_000_000
"""The longest frame, as JSON."""

PREVIEW_EVERY_S = 0.1
"""How often a stream of previews looks for a new one."""

PREVIEW_AGAIN_S = 5.0
"""After so long without a new one the last is sent again: a client that is gone is found out by it."""

RECOGNITION = "Recognition-Id"
"""Header of each picture: the recognition of the same frame, so that boxes and picture belong together."""

_BOUNDARY = "frame"

blueprint = Blueprint("cameras", __name__)


@blueprint.get("/v1/cameras")
def cameras() -> Response:
    """All cameras."""
    queries.query(parameters.NONE)
    return answers.document(CameraList(cameras=services().cameras.list()))


@blueprint.post("/v1/cameras/<name>/frames")
def push(name: str) -> Response:
    """Accept a preprocessed frame; with `wait`, hold the answer until it is read."""
    wait_s = queries.query(parameters.WAIT).get("wait", 0.0)
    _check(name)
    hold = services()
    frame = read_document(request, CameraFrame, MAX_FRAME_BYTES)
    # the preview stays here: the recognizer needs the digits only
    body = frame.model_copy(update={"preview": None, "profile": None}).model_dump_json(exclude_none=True).encode()
    recognition = new_recognition(Source.CAMERA, name, frame.profile)
    hold.cameras.note_frame(name, frame, recognition.id)
    parcel = Parcel([Submission(recognition, body)], [len(frame.digits) * SIDE * SIDE])
    with ExitStack() as until_answered:
        receipt = submit(hold, jobs.CAMERA, parcel, until_answered)
        return accepted(records_after(hold.hub, hold.store, receipt, wait_s))


@blueprint.put("/v1/cameras/<name>")
def define(name: str) -> Response:
    """Define a camera, or define it anew."""
    queries.query(parameters.NONE)
    _check(name)
    state, is_new = services().camera_definitions.put(name, read_document(request, CameraDefinition))
    return answers.document(state, 201 if is_new else 200)


@blueprint.patch("/v1/cameras/<name>")
def change(name: str) -> Response:
    """Change a camera's definition: pause it, say."""
    queries.query(parameters.NONE)
    _check(name)
    return answers.document(services().camera_definitions.change(name, read_document(request, CameraChanges)))


@blueprint.delete("/v1/cameras/<name>")
def remove(name: str) -> Response:
    """Remove a camera."""
    queries.query(parameters.NONE)
    _check(name)
    return answers.document(services().camera_definitions.remove(name))


@blueprint.post("/v1/cameras/<name>/reports")
def report(name: str) -> Response:
    """Take in what a worker says of a camera beside its frames."""
    queries.query(parameters.NONE)
    _check(name)
    return answers.document(services().cameras.note_report(name, read_document(request, CameraReport)))


@blueprint.post("/v1/cameras/<name>/trial")
def try_camera(name: str) -> Response:
    """Look through the source that a camera has."""
    queries.query(parameters.NONE)
    _check(name)
    return _try(services().camera_definitions.source_of(name))


@blueprint.post("/v1/camera-trials")
def try_source() -> Response:
    """Look through a source before a camera is given it."""
    queries.query(parameters.NONE)
    asked = read_document(request, CameraTrialRequest)
    services().camera_definitions.check_secret(asked.source)
    return _try(asked.source)


@blueprint.put("/v1/camera-trials/<trial_id>")
def end_trial(trial_id: str) -> Response:
    """Take in what a camera worker saw."""
    queries.query(parameters.NONE)
    _check_worker()
    if not re.fullmatch(ID_PATTERN, trial_id):
        raise NotFound("there is no such trial")
    result = read_document(request, CameraTrial, MAX_FRAME_BYTES)
    services().camera_trials.take(trial_id, result)
    return answers.document(result)


@blueprint.get("/v1/camera-definitions")
def definitions() -> Response:
    """What a camera worker is to run; sources come with their passwords, so it must know the token."""
    queries.query(parameters.NONE)
    _check_worker()
    hold = services()
    return answers.document(hold.camera_definitions.all().model_copy(update={"trials": hold.camera_trials.open()}))


@blueprint.get("/v1/cameras/<name>/preview")
def preview(name: str) -> Response:
    """The newest previews as MJPEG; with `single`, one JPEG."""
    asked = queries.query(parameters.PREVIEW)
    _check(name)
    hold = services()
    if "recognition" in asked:
        return _still(hold.cameras.preview_of(name, asked["recognition"]))
    first = hold.cameras.preview(name)
    if first is None or asked.get("single", False):
        return _still(first)
    response = Response(content_type=f"multipart/x-mixed-replace; boundary={_BOUNDARY}")
    response.headers["X-Accel-Buffering"] = "no"
    if request.method != "HEAD":
        stack = ExitStack()
        stack.enter_context(hold.streams.use())
        stack.enter_context(hold.metrics.streams.labels("preview").track_inprogress())
        response.response = _pictures(hold, name, first)
        response.call_on_close(stack.close)
    return response


def _still(preview: Preview | None) -> Response:
    if preview is None:
        raise NotFound("this camera has sent no such preview lately")
    response = Response(preview[0], content_type="image/jpeg")
    response.headers[RECOGNITION] = preview[1]
    return response


def _pictures(hold: Services, name: str, first: Preview) -> Iterator[bytes]:
    """MJPEG until the previews end, with the camera or with the process."""
    shown, sent_at = first, time.monotonic()
    yield f"--{_BOUNDARY}\r\n".encode()
    yield _part(first)
    while not hold.hub.released:
        time.sleep(PREVIEW_EVERY_S)
        newest = hold.cameras.preview(name)
        if newest is None:
            return
        if newest != shown or time.monotonic() - sent_at > PREVIEW_AGAIN_S:
            shown, sent_at = newest, time.monotonic()
            yield _part(shown)


def _part(preview: Preview) -> bytes:
    """A picture with the boundary behind it: browsers show a part when they see its end."""
    picture, recognition_id = preview
    head = f"Content-Type: image/jpeg\r\n{RECOGNITION}: {recognition_id}\r\nContent-Length: {len(picture)}\r\n\r\n"
    return head.encode() + picture + f"\r\n--{_BOUNDARY}\r\n".encode()


def _check(name: str) -> None:
    if not re.fullmatch(NAME_PATTERN, name):
        raise NotFound("a camera's name has small letters, digits, - and _, and 63 characters at most")


def _try(source: str) -> Response:
    hold = services()
    with hold.trials_open.use():
        return answers.document(hold.camera_trials.ask(source))


def _check_worker() -> None:
    _check_token(services().settings.camera_token.get_secret_value(), request.headers.get("Authorization", ""))


def _check_token(token: str, authorization: str) -> None:
    # without a token no definition holds a secret, see CameraDefinitionBook
    if token and not hmac.compare_digest(f"Bearer {token}".encode(), authorization.encode()):
        raise NotAuthorized("send DIGITSCRIBE_CAMERA_TOKEN, as this gateway has it, as `Authorization: Bearer …`")

"""Cameras: their state, their frames in, their pictures out."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack

from digitscribe.contracts import CameraFrame, Source
from digitscribe.contracts.document import NAME_PATTERN
from digitscribe.errors import NotFound
from digitscribe.queueing import jobs
from digitscribe.queueing.store import Submission
from flask import Blueprint, Response, request

from gateway import answers, parameters, queries
from gateway.bodies import read_document
from gateway.documents import CameraList
from gateway.png import SIDE
from gateway.routes.recognitions import accepted, new_recognition, submit
from gateway.services import Services, services

MAX_FRAME_BYTES = 1_000_000
"""The longest frame, as JSON."""

PREVIEW_EVERY_S = 0.1
"""How often a stream of previews looks for a new one."""

PREVIEW_AGAIN_S = 5.0
"""After so long without a new one the last is sent again: a client that is gone is found out by it."""

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
    hold.rate_limit.take(request.remote_addr or "")
    frame = read_document(request, CameraFrame, MAX_FRAME_BYTES)
    # the preview stays here: the recognizer needs the digits only
    body = frame.model_copy(update={"preview": None, "profile": None}).model_dump_json(exclude_none=True).encode()
    hold.cameras.note_frame(name, frame)
    submission = Submission(new_recognition(Source.CAMERA, name, frame.profile), body)
    pixels = len(frame.digits) * SIDE * SIDE
    return accepted(submit(hold, jobs.CAMERA, [submission], [pixels], wait_s))


@blueprint.get("/v1/cameras/<name>/preview")
def preview(name: str) -> Response:
    """The newest previews as MJPEG; with `single`, one JPEG."""
    single = queries.query(parameters.PREVIEW).get("single", False)
    _check(name)
    hold = services()
    first = hold.cameras.preview(name)
    if first is None:
        raise NotFound(f"camera {name!r} has sent no preview in the last minute")
    if single:
        return Response(first, content_type="image/jpeg")
    response = Response(content_type=f"multipart/x-mixed-replace; boundary={_BOUNDARY}")
    response.headers["X-Accel-Buffering"] = "no"
    if request.method != "HEAD":
        stack = ExitStack()
        stack.enter_context(hold.streams.use())
        stack.enter_context(hold.metrics.streams.labels("preview").track_inprogress())
        response.response = _pictures(hold, name, first)
        response.call_on_close(stack.close)
    return response


def _pictures(hold: Services, name: str, first: bytes) -> Iterator[bytes]:
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


def _part(picture: bytes) -> bytes:
    """A picture with the boundary behind it: browsers show a part when they see its end."""
    head = f"Content-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
    return head.encode() + picture + f"\r\n--{_BOUNDARY}\r\n".encode()


def _check(name: str) -> None:
    if not re.fullmatch(NAME_PATTERN, name):
        raise NotFound("a camera's name has small letters, digits, - and _, and 63 characters at most")

"""Cameras: their state and newest preview in Redis, and what was last read on each."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import cast

from digitscribe.contracts import CameraFrame, CameraState, Event, EventType, Recognition
from digitscribe.contracts.document import now
from digitscribe.errors import Conflict, NotFound
from digitscribe.queueing import keys
from digitscribe.queueing.events import EventLog
from redis import Redis

from gateway.answers import Json, to_json

ONLINE = timedelta(seconds=10)
"""A camera whose last frame is older is offline."""

FORGOTTEN = timedelta(days=1)
"""A camera that has been silent for longer is no longer listed."""

MAX_CAMERAS = 64
"""Cameras known at once at most."""

PREVIEW_TTL_S = 60
"""How long a preview is kept."""

_ANNOUNCED_EVERY_MS = 1000


class CameraBook:
    """What is known of the cameras.

    One worker pushes the frames of one camera, one after the other: its state is read, changed and written back
    without a lock. If two ever race, a count is off by one.
    """

    def __init__(self, redis: Redis, events: EventLog) -> None:
        self._redis, self._events = redis, events
        # a hint, refilled from the stream at start: what was last read on each camera
        self._readings: dict[str, Recognition] = {}

    def note_frame(self, name: str, frame: CameraFrame) -> None:
        """Take in a frame: its time, counters, steady reading and preview.

        Raises:
            Conflict: there are too many cameras already.
        """
        state = self._changed(name, frame)
        with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.hset(keys.CAMERAS, name, json.dumps(state))
            if frame.preview:
                pipeline.set(keys.preview(name), base64.b64decode(frame.preview), ex=PREVIEW_TTL_S)
            pipeline.execute()
        # a camera sends many frames a second, and the stream of events is short: the state is announced less often
        if self._redis.set(_announced(name), b"", nx=True, px=_ANNOUNCED_EVERY_MS):
            self._events.publish(Event(type=EventType.CAMERA, data=to_json(self._state(name, state))))

    def note_reading(self, data: Json) -> None:
        """Take in a recognition's event, if it is a camera's."""
        camera = data.get("camera")
        if camera and data.get("status") == "done":
            self._readings[str(camera)] = Recognition.model_validate(data)

    def list(self) -> tuple[CameraState, ...]:
        """All cameras, by name; those that have been silent for a day are forgotten."""
        found = cast(dict[bytes, bytes], self._redis.hgetall(keys.CAMERAS))
        stored = {name.decode(): json.loads(text) for name, text in found.items()}
        states = [self._state(name, state) for name, state in sorted(stored.items())]
        forgotten = [state.name for state in states if _silent_for(state) > FORGOTTEN]
        if forgotten:
            self._redis.hdel(keys.CAMERAS, *forgotten)
        return tuple(state for state in states if state.name not in forgotten)

    def preview(self, name: str) -> bytes | None:
        """The newest preview of a camera, JPEG; None if there is none that is recent.

        Raises:
            NotFound: there is no such camera.
        """
        picture = cast(bytes | None, self._redis.get(keys.preview(name)))
        if picture is None and not self._redis.hexists(keys.CAMERAS, name):
            raise NotFound(f"there is no camera {name!r}; one appears with its first frame")
        return picture

    def _changed(self, name: str, frame: CameraFrame) -> Json:
        text = self._redis.hget(keys.CAMERAS, name)
        if text is None and self._redis.hlen(keys.CAMERAS) >= MAX_CAMERAS and len(self.list()) >= MAX_CAMERAS:
            raise Conflict(f"there are {MAX_CAMERAS} cameras already; they are forgotten after a day without a frame")
        before = json.loads(text) if text else {}
        return {
            "last_frame_at": now().isoformat(),
            "frames": before.get("frames", 0) + 1,
            "counters": frame.counters,
            "reading": frame.reading,
        }

    def _state(self, name: str, stored: Json) -> CameraState:
        state = CameraState(
            name=name,
            online=False,
            **stored,
            dropped=int(self._redis.hget(keys.CAMERA_DROPS, name) or 0),
            last_recognition=self._readings.get(name),
        )
        return state.model_copy(update={"online": _silent_for(state) < ONLINE})


def _silent_for(state: CameraState) -> timedelta:
    return now() - state.last_frame_at if state.last_frame_at else timedelta.max


def _announced(name: str) -> str:
    return f"{keys.CAMERAS}:announced:{name}"

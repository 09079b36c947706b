"""Cameras: their state, definitions and newest previews in Redis, and what was last read on each."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from typing import cast

from digitscribe.contracts import (
    CameraFrame,
    CameraReport,
    CameraState,
    Event,
    EventType,
    Recognition,
    ShownDefinition,
)
from digitscribe.contracts.document import now
from digitscribe.errors import Conflict, NotFound
from digitscribe.queueing import keys
from digitscribe.queueing.events import EventLog
from digitscribe.redaction import redact
from redis import Redis

from gateway.answers import Json, to_json

ONLINE = timedelta(seconds=10)
"""A camera whose last frame is older is offline."""

FORGOTTEN = timedelta(days=1)
"""A camera that nobody defined and that has been silent for longer is no longer listed."""

MAX_CAMERAS = 64
"""Cameras known at once at most."""

PREVIEW_TTL_S = 60
"""How long the newest preview is kept."""

FRAME_PREVIEW_TTL_S = 10
"""How long each preview is kept beside its recognition: whoever shows both asks at once."""

REMOVED_S = 15
"""A removed camera's process may still send a little: so long, that does not bring the camera back."""

_ANNOUNCED_EVERY_MS = 1000

Preview = tuple[bytes, str]
"""A JPEG, and the id of the recognition of its frame."""


class CameraBook:
    """What is known of the cameras.

    One worker pushes the frames of one camera, one after the other: its state is read, changed and written back
    without a lock. If two ever race, a count is off by one.
    """

    def __init__(self, redis: Redis, events: EventLog) -> None:
        self._redis, self._events = redis, events
        # a hint, refilled from the stream at start: what was last read on each camera
        self._readings: dict[str, Recognition] = {}

    def note_frame(self, name: str, frame: CameraFrame, recognition_id: str) -> None:
        """Take in a frame: its time, counters, latencies, steady reading and preview.

        Raises:
            Conflict: there are too many cameras already.
        """
        state = self._changed(name, frame)
        with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.hset(keys.CAMERAS, name, json.dumps(state))
            if frame.preview:
                jpeg = base64.b64decode(frame.preview)
                pipeline.hset(keys.preview(name), mapping={"jpeg": jpeg, "id": recognition_id})
                pipeline.expire(keys.preview(name), PREVIEW_TTL_S)
                pipeline.set(keys.preview_of(name, recognition_id), jpeg, ex=FRAME_PREVIEW_TTL_S)
            pipeline.execute()
        # a camera sends many frames a second, and the stream of events is short: the state is announced less often
        if self._redis.set(_announced(name), b"", nx=True, px=_ANNOUNCED_EVERY_MS):
            self.announce(self.get(name))

    def note_report(self, name: str, report: CameraReport) -> CameraState:
        """Take in what a worker says beside its frames.

        Raises:
            NotFound: the camera has just been removed.
            Conflict: there are too many cameras already.
        """
        self._admit(name)
        said = {"problem": report.problem and redact(report.problem), "source": report.source and redact(report.source)}
        state = {**self._stored(name), **said}
        state.setdefault("seen_at", now().isoformat())
        self._redis.hset(keys.CAMERAS, name, json.dumps(state))
        self.announce(self.get(name))
        return self.get(name)

    def note_reading(self, data: Json) -> None:
        """Take in a recognition's event, if it is a camera's."""
        camera = data.get("camera")
        if camera and data.get("status") == "done":
            self._readings[str(camera)] = Recognition.model_validate(data)

    def list(self) -> tuple[CameraState, ...]:
        """All cameras, by name; undefined ones that have been silent for a day are forgotten."""
        stored = {name.decode(): json.loads(text) for name, text in self._hash(keys.CAMERAS).items()}
        defined = {name.decode(): text for name, text in self._hash(keys.CAMERA_DEFINITIONS).items()}
        drops = {name.decode(): int(count) for name, count in self._hash(keys.CAMERA_DROPS).items()}
        forgotten = [name for name, state in stored.items() if name not in defined and _silent_for(state) > FORGOTTEN]
        if forgotten:
            self._redis.hdel(keys.CAMERAS, *forgotten)
            self._redis.hdel(keys.CAMERA_DROPS, *forgotten)
        names = sorted(({*stored, *defined}) - {*forgotten})
        for name in {*list(self._readings)} - {*names}:  # another process may have forgotten it
            self._readings.pop(name, None)
        return tuple(self._state(each, stored.get(each, {}), defined.get(each), drops.get(each, 0)) for each in names)

    def get(self, name: str) -> CameraState:
        """One camera.

        Raises:
            NotFound: there is no such camera.
        """
        with self._redis.pipeline(transaction=False) as pipeline:
            for key in (keys.CAMERAS, keys.CAMERA_DEFINITIONS, keys.CAMERA_DROPS):
                pipeline.hget(key, name)
            text, definition, drops = pipeline.execute()
        if text is None and definition is None:
            raise NotFound(f"there is no camera {name!r}; one appears with its first frame, or when it is defined")
        return self._state(name, json.loads(text or b"{}"), definition, int(drops or 0))

    def preview(self, name: str) -> Preview | None:
        """The newest preview of a camera; None if there is none that is recent.

        Raises:
            NotFound: there is no such camera.
        """
        jpeg, recognition_id = cast(list[bytes | None], self._redis.hmget(keys.preview(name), ["jpeg", "id"]))
        if jpeg is None or recognition_id is None:
            self.get(name)
            return None
        return jpeg, recognition_id.decode()

    def preview_of(self, name: str, recognition_id: str) -> Preview | None:
        """The preview of the frame that a recognition is of; None if it is kept no longer."""
        jpeg = cast(bytes | None, self._redis.get(keys.preview_of(name, recognition_id)))
        return (jpeg, recognition_id) if jpeg else None

    def forget(self, name: str) -> None:
        """Remove what is known of a camera. For a while nothing brings it back but a definition."""
        self._redis.set(_removed(name), b"", ex=REMOVED_S)
        self._redis.hdel(keys.CAMERAS, name)
        self._redis.hdel(keys.CAMERA_DROPS, name)
        self._redis.delete(keys.preview(name))
        self._readings.pop(name, None)

    def announce(self, state: CameraState) -> None:
        """Tell all who listen how a camera is now."""
        self._events.publish(Event(type=EventType.CAMERA, data=to_json(state)))

    def check_room(self, name: str) -> None:
        """Raise Conflict if `name` would be one camera too many."""
        if self._redis.hexists(keys.CAMERAS, name) or self._redis.hexists(keys.CAMERA_DEFINITIONS, name):
            return
        if self._redis.hlen(keys.CAMERAS) + self._redis.hlen(keys.CAMERA_DEFINITIONS) < MAX_CAMERAS:
            return
        if len(self.list()) >= MAX_CAMERAS:
            raise Conflict(f"there are {MAX_CAMERAS} cameras already; they are forgotten after a day without a frame")

    def welcome(self, name: str) -> None:
        """Let a camera that was removed come back."""
        self._redis.delete(_removed(name))

    def _admit(self, name: str) -> None:
        if self._redis.exists(_removed(name)):
            raise NotFound(f"camera {name!r} has just been removed")
        self.check_room(name)

    def _changed(self, name: str, frame: CameraFrame) -> Json:
        before = self._stored(name)
        if not before:
            self._admit(name)
        return {
            "last_frame_at": now().isoformat(),
            "frames": before.get("frames", 0) + 1,
            "counters": frame.counters,
            "reading": frame.reading,
            "source": before.get("source"),
            "latency": frame.latency and frame.latency.model_dump(mode="json"),
        }

    def _stored(self, name: str) -> Json:
        return cast(Json, json.loads(self._redis.hget(keys.CAMERAS, name) or b"{}"))

    def _hash(self, key: str) -> dict[bytes, bytes]:
        return cast(dict[bytes, bytes], self._redis.hgetall(key))

    def _state(self, name: str, stored: Json, definition: bytes | None, drops: int) -> CameraState:
        state = {
            **{field: value for field, value in stored.items() if field != "seen_at"},
            "name": name,
            "online": _silent_for(stored) < ONLINE,
            "dropped": drops,
            "last_recognition": self._readings.get(name),
            "definition": definition and shown(definition),
        }
        return CameraState.model_validate(state)


def shown(text: bytes) -> ShownDefinition:
    """The definition in `text` (JSON) as it may be shown: its source without credentials."""
    definition = ShownDefinition.model_validate_json(text)
    return definition.model_copy(update={"source": definition.source and redact(definition.source)})


def _silent_for(stored: Json) -> timedelta:
    since = stored.get("last_frame_at") or stored.get("seen_at")
    return now() - datetime.fromisoformat(since) if since else timedelta.max


def _removed(name: str) -> str:
    return f"{keys.CAMERAS}:removed:{name}"


def _announced(name: str) -> str:
    return f"{keys.CAMERAS}:announced:{name}"

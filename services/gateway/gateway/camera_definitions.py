"""What cameras are to be, in Redis: as people set it, for the camera worker to run."""

from __future__ import annotations

from typing import cast

from digitscribe.contracts import CameraChanges, CameraDefinition, CameraDefinitions, CameraState, DefinedCamera
from digitscribe.errors import Conflict
from digitscribe.queueing import keys
from digitscribe.redaction import redact
from pydantic import SecretStr
from redis import Redis
from redis.client import Pipeline

from gateway.cameras import CameraBook


class CameraDefinitionBook:
    """The definitions of cameras. Their sources may hold passwords: nothing but `all` and `source_of` gives those out.

    Args:
        redis: Where they are kept.
        cameras: What is known of the cameras; it announces what changes.
        token: What gateway and camera worker share; without one, sources with passwords are refused.
    """

    def __init__(self, redis: Redis, cameras: CameraBook, token: SecretStr) -> None:
        self._redis, self._cameras, self._token = redis, cameras, token

    def put(self, name: str, definition: CameraDefinition) -> tuple[CameraState, bool]:
        """Define a camera; returns its state and whether the definition is new.

        Raises:
            Conflict: there are too many cameras, or the source holds a password that could not be kept a secret.
        """
        self.check_secret(definition.source)
        self._cameras.check_room(name)
        self._cameras.welcome(name)
        is_new = bool(self._redis.hset(keys.CAMERA_DEFINITIONS, name, _to_json(definition)))
        return self._announced(name), is_new

    def change(self, name: str, changes: CameraChanges) -> CameraState:
        """Change what `changes` names. A camera that a worker runs by its own settings gets a definition by it.

        Raises:
            NotFound: there is no such camera.
            Conflict: as `put` says.
        """
        self.check_secret(changes.source)
        self._cameras.get(name)

        def write(pipeline: Pipeline) -> None:
            text = cast(bytes | None, pipeline.hget(keys.CAMERA_DEFINITIONS, name))
            definition = CameraDefinition.model_validate_json(text or b"{}")
            given = {each: getattr(changes, each) for each in changes.model_fields_set}
            given["paused"] = definition.paused if given.get("paused") is None else given["paused"]
            pipeline.multi()
            pipeline.hset(keys.CAMERA_DEFINITIONS, name, _to_json(definition.model_copy(update=given)))

        self._redis.transaction(write, keys.CAMERA_DEFINITIONS)
        return self._announced(name)

    def remove(self, name: str) -> CameraState:
        """Remove a camera: its definition and what is known of it.

        Raises:
            NotFound: there is no such camera.
            Conflict: it was never defined here, and its worker sends frames: it would be back at once.
        """
        state = self._cameras.get(name)
        if state.online and state.definition is None:
            raise Conflict(f"camera {name!r} is not defined here, its worker runs it: pause it, or stop that worker")
        removed = state.model_copy(update={"removed": True, "online": False})
        self._redis.hdel(keys.CAMERA_DEFINITIONS, name)
        self._cameras.forget(name)
        self._cameras.announce(removed)
        return removed

    def all(self) -> CameraDefinitions:
        """Every definition by its camera's name, passwords and all: for the camera worker only."""
        found = cast(dict[bytes, bytes], self._redis.hgetall(keys.CAMERA_DEFINITIONS))
        pairs = sorted((name.decode(), CameraDefinition.model_validate_json(text)) for name, text in found.items())
        return CameraDefinitions(cameras=tuple(DefinedCamera(name=name, definition=each) for name, each in pairs))

    def _announced(self, name: str) -> CameraState:
        state = self._cameras.get(name)
        self._cameras.announce(state)
        return state

    def source_of(self, name: str) -> str:
        """The source that the camera was defined with, its password included.

        Raises:
            NotFound: there is no such camera.
            Conflict: its source is its worker's own setting.
        """
        self._cameras.get(name)
        text = cast(bytes | None, self._redis.hget(keys.CAMERA_DEFINITIONS, name))
        source = CameraDefinition.model_validate_json(text).source if text else None
        if source is None:
            raise Conflict(f"camera {name!r} reads what its worker's own settings say; give a source to try")
        return source

    def check_secret(self, source: str | None) -> None:
        """Raise Conflict if `source` holds a password that could not be kept a secret."""
        if source and redact(source) != source and not self._token.get_secret_value():
            raise Conflict(
                "this address holds a password or a query, which nothing would keep from others without a token: "
                "set DIGITSCRIBE_CAMERA_TOKEN for gateway and camera worker"
            )


def _to_json(definition: CameraDefinition) -> str:
    return definition.model_dump_json(exclude_unset=True, exclude_none=True)

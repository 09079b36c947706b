"""A look through a source before it is saved: asked here, taken by the camera worker, which asks for what there is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import cast

from digitscribe.contracts import AskedTrial, CameraTrial
from digitscribe.errors import NotFound
from digitscribe.queueing import jobs, keys
from digitscribe.redaction import redact
from redis import Redis

PATIENCE_S = 25.0
"""How long an answer is waited for: a worker asks every two seconds, and gives a source that is silent fifteen."""

KEPT_S = 10
"""How long a result waits for who asked for it."""

NOBODY = CameraTrial(
    problem="no camera worker has answered: start it (make up, or docker compose up -d camera-worker), then try again"
)

Clock = Callable[[], float]


class CameraTrialBook:
    """Trials that are asked for, in Redis, and their results."""

    def __init__(self, redis: Redis, clock: Clock = time.time) -> None:
        self._redis, self._clock = redis, clock

    def ask(self, source: str, patience_s: float = PATIENCE_S) -> CameraTrial:
        """Have a camera worker look through `source`; waits for what it says."""
        trial_id = jobs.new_id()
        self._redis.hset(keys.CAMERA_TRIALS, trial_id, f"{self._clock() * 1000:.0f} {source}")
        try:
            return self._await(trial_id, patience_s)
        finally:
            self._redis.hdel(keys.CAMERA_TRIALS, trial_id)

    def open(self) -> tuple[AskedTrial, ...]:
        """What is to be looked through, sources with their passwords: for the camera worker only."""
        found = cast(dict[bytes, bytes], self._redis.hgetall(keys.CAMERA_TRIALS))
        asked = {name.decode(): text.decode().split(" ", 1) for name, text in found.items()}
        late = self._clock() * 1000 - PATIENCE_S * 1000
        stale = [name for name, (at_ms, _) in asked.items() if float(at_ms) < late]
        if stale:  # their gateway has died
            self._redis.hdel(keys.CAMERA_TRIALS, *stale)
        return tuple(AskedTrial(id=name, source=source) for name, (_, source) in asked.items() if name not in stale)

    def take(self, trial_id: str, result: CameraTrial) -> None:
        """Take in what a worker saw.

        Raises:
            NotFound: nobody waits for it (any more).
        """
        if not self._redis.hexists(keys.CAMERA_TRIALS, trial_id):
            raise NotFound("nobody waits for this trial any more")
        told = result.model_copy(update={"problem": result.problem and redact(result.problem)})
        with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.rpush(keys.camera_trial(trial_id), told.model_dump_json(exclude_none=True))
            pipeline.expire(keys.camera_trial(trial_id), KEPT_S)
            pipeline.execute()

    def _await(self, trial_id: str, patience_s: float) -> CameraTrial:
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            # in short waits: the connection's own time-out is shorter than the patience
            popped = cast(tuple[bytes, bytes] | None, self._redis.blpop([keys.camera_trial(trial_id)], timeout=1))
            if popped is not None:
                return CameraTrial.model_validate_json(popped[1])
        return NOBODY

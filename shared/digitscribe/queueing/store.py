"""Recognitions in Redis, from acceptance to their one and only end.

An image is accepted in one transaction: its bytes, its record, its entry in the hash of pending work and the RQ job
that will read it appear together or not at all. It is finished in one script: the first to finish it wins, and its
record never changes after that, however often a batch is retried.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from redis import Redis

from digitscribe.contracts.document import now
from digitscribe.contracts.event import Event, EventType
from digitscribe.contracts.recognition import Recognition, RecognitionStatus
from digitscribe.errors import QueueFull
from digitscribe.queueing import jobs, keys
from digitscribe.queueing.events import EventLog
from digitscribe.settings import QueueSettings

# KEYS: pending, pending_bytes, events, image, recognition, crops
# ARGV: id, recognition JSON, crops, result TTL in s, events kept
# Only whoever removes the entry from `pending` writes the result: that makes finishing happen once.
_FINISH = """
local entry = redis.call('HGET', KEYS[1], ARGV[1])
if not entry then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('DECRBY', KEYS[2], tonumber(string.match(entry, '^%d+')))
redis.call('SET', KEYS[5], ARGV[2], 'EX', ARGV[4])
if #ARGV[3] > 0 then redis.call('SET', KEYS[6], ARGV[3], 'EX', ARGV[4]) end
redis.call('DEL', KEYS[4])
redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[5], '*', 'type', 'recognition', 'data', ARGV[2])
return 1
"""

# KEYS: pending, recognition; ARGV: id, recognition JSON. A finished recognition is not set back to running.
_MARK_RUNNING = """
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'KEEPTTL')
return 1
"""


@dataclass(frozen=True, slots=True)
class Submission:
    """An image to be read: its first record and its bytes (or a camera frame's JSON)."""

    recognition: Recognition
    image: bytes


@dataclass(frozen=True, slots=True)
class Pending:
    """How much is accepted and unfinished."""

    images: int
    bytes: int


@dataclass(frozen=True, slots=True)
class PendingEntry:
    """One accepted, unfinished recognition, and the job that is to finish it."""

    recognition_id: str
    size: int
    job_id: str
    accepted_at_ms: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a recognition ended: its last record, and the crops uint8 [N, 28, 28] that the model saw, as bytes."""

    recognition: Recognition
    crops: bytes = b""


class RecognitionStore:
    """Where recognitions live between the gateway and the recognizers."""

    def __init__(self, redis: Redis, settings: QueueSettings) -> None:
        self.redis = redis
        self.events = EventLog(redis, settings.events_kept)
        self._settings = settings
        self._finish = redis.register_script(_FINISH)
        self._mark_running = redis.register_script(_MARK_RUNNING)

    def pending(self) -> Pending:
        """How much is accepted and unfinished."""
        with self.redis.pipeline(transaction=False) as pipeline:
            pipeline.hlen(keys.PENDING)
            pipeline.get(keys.PENDING_BYTES)
            images, size = pipeline.execute()
        return Pending(int(images), max(0, int(size or 0)))

    def check_room(self, images: int, size: int) -> None:
        """Raise QueueFull if `images` more of `size` bytes together would be too much."""
        pending, limits = self.pending(), self._settings
        too_many = pending.images + images > limits.max_pending_images
        too_big = pending.bytes + size > limits.max_pending_megabytes * 1_000_000
        if too_many or too_big:
            raise QueueFull(
                f"{pending.images} images ({pending.bytes / 1e6:.0f} MB) are waiting to be read; try again later",
                retry_after_s=min(60, 1 + pending.images // 200),
            )

    def accept(self, queue_name: str, submissions: Sequence[Submission]) -> str:
        """Accept `submissions` as one batch on the queue `queue_name`; returns the RQ job's id.

        All of it becomes visible in one transaction: after this returns, the work survives the death of any process.
        """
        job_id, ttl = jobs.new_id(), self._settings.image_ttl_s
        accepted_at_ms = int(now().timestamp() * 1000)
        with self.redis.pipeline(transaction=True) as pipeline:
            for submission in submissions:
                recognition_id, size = submission.recognition.id, len(submission.image)
                pipeline.set(keys.image(recognition_id), submission.image, ex=ttl)
                record = submission.recognition.model_dump_json(exclude_none=True)
                pipeline.set(keys.recognition(recognition_id), record, ex=self._settings.result_ttl_s)
                pipeline.hset(keys.PENDING, recognition_id, f"{size} {job_id} {accepted_at_ms}")
                pipeline.incrby(keys.PENDING_BYTES, size)
            ids = [submission.recognition.id for submission in submissions]
            jobs.enqueue_batch(pipeline, jobs.queue(self.redis, queue_name), job_id, ids, self._settings.job_timeout_s)
            pipeline.execute()
        return job_id

    def get(self, recognition_id: str) -> Recognition | None:
        """The recognition as it stands, or None if there is none (any more)."""
        record = self.redis.get(keys.recognition(recognition_id))
        return Recognition.model_validate_json(record) if record else None

    def newest(self, limit: int) -> list[Recognition]:
        """The last `limit` finished recognitions, newest first."""
        found: list[Recognition] = []
        for event in self.events.newest_first(EventType.RECOGNITION):
            found.append(Recognition.model_validate(event.data))
            if len(found) >= limit:
                break
        return found

    def load(self, recognition_ids: Sequence[str]) -> list[tuple[Recognition | None, bytes | None]]:
        """Records and image bytes, in the order of `recognition_ids`; None for what has expired."""
        return list(zip(self.records(recognition_ids), self.images(recognition_ids), strict=True))

    def records(self, recognition_ids: Sequence[str]) -> list[Recognition | None]:
        """Records in the order of `recognition_ids`; None for what has expired."""
        if not recognition_ids:
            return []
        records = self.redis.mget([keys.recognition(each) for each in recognition_ids])
        return [Recognition.model_validate_json(record) if record else None for record in records]

    def images(self, recognition_ids: Sequence[str]) -> list[bytes | None]:
        """Image bytes in the order of `recognition_ids`; None for what has expired."""
        if not recognition_ids:
            return []
        return cast(list[bytes | None], self.redis.mget([keys.image(each) for each in recognition_ids]))

    def crops(self, recognition_id: str) -> bytes | None:
        """The digits' pictures as the model saw them: uint8 [N, 28, 28] as bytes."""
        return cast(bytes | None, self.redis.get(keys.crops(recognition_id)))

    def mark_running(self, recognitions: Iterable[Recognition]) -> None:
        """Record that a recognizer has begun; finished ones stay as they are."""
        with self.redis.pipeline(transaction=False) as pipeline:
            for recognition in recognitions:
                running = recognition.model_copy(update={"status": RecognitionStatus.RUNNING})
                self._mark_running(
                    keys=[keys.PENDING, keys.recognition(recognition.id)],
                    args=[recognition.id, running.model_dump_json(exclude_none=True)],
                    client=pipeline,
                )
            pipeline.execute()

    def finish(self, outcomes: Sequence[Outcome]) -> list[bool]:
        """Give recognitions their end and announce it; False where one had ended before."""
        with self.redis.pipeline(transaction=False) as pipeline:
            for outcome in outcomes:
                recognition_id = outcome.recognition.id
                self._finish(
                    keys=[
                        keys.PENDING,
                        keys.PENDING_BYTES,
                        keys.EVENTS,
                        keys.image(recognition_id),
                        keys.recognition(recognition_id),
                        keys.crops(recognition_id),
                    ],
                    args=[
                        recognition_id,
                        outcome.recognition.model_dump_json(exclude_none=True),
                        outcome.crops,
                        self._settings.result_ttl_s,
                        self._settings.events_kept,
                    ],
                    client=pipeline,
                )
            return [bool(first) for first in pipeline.execute()]

    def pending_entries(self) -> list[PendingEntry]:
        """Every accepted, unfinished recognition."""
        return [_entry(key, value) for key, value in self.redis.hscan_iter(keys.PENDING, count=500)]

    def holders(self, recognition_ids: Sequence[str]) -> dict[str, str]:
        """The job that is to finish each of `recognition_ids`; finished ones are left out."""
        if not recognition_ids:
            return {}
        values = cast(list[bytes | None], self.redis.hmget(keys.PENDING, list(recognition_ids)))
        pairs = zip(recognition_ids, values, strict=True)
        return {each: _entry(each.encode(), value).job_id for each, value in pairs if value}

    def count_drops(self, cameras: Iterable[str]) -> None:
        """Count a dropped frame for each of `cameras` (a name as often as it dropped one)."""
        with self.redis.pipeline(transaction=False) as pipeline:
            for camera, drops in Counter(cameras).items():
                pipeline.hincrby(keys.CAMERA_DROPS, camera, drops)
            pipeline.execute()

    def drops(self, camera: str) -> int:
        """Frames of `camera` that were too old when a recognizer had time for them."""
        return int(self.redis.hget(keys.CAMERA_DROPS, camera) or 0)

    def announce(self, event: Event) -> None:
        """Publish an event that is not about a recognition."""
        self.events.publish(event)


def _entry(key: bytes, value: bytes) -> PendingEntry:
    size, job_id, accepted_at_ms = value.decode().split()
    return PendingEntry(key.decode(), int(size), job_id, int(accepted_at_ms))

"""Recognitions in Redis, from acceptance to their one and only end.

An image is accepted in one script: its bytes, its record, its entry in the hash of pending work and the RQ job that
will read it appear together or not at all, and once, however often redis-py repeats the call over a poor connection.
It is finished in one script: the first to finish it wins, and its record never changes after that, however often a
batch is retried.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from redis import Redis
from redis.client import Pipeline
from redis.exceptions import WatchError

from digitscribe.contracts.document import now
from digitscribe.contracts.recognition import Recognition, RecognitionStatus
from digitscribe.errors import Conflict, Gone, NotFound, QueueFull
from digitscribe.queueing import failures, jobs, keys, scripts
from digitscribe.queueing.events import EventLog
from digitscribe.queueing.failures import Failures
from digitscribe.queueing.history import RUN_TTL_S, STEADY_AFTER, History, is_frame, listing_of, moving_picture
from digitscribe.queueing.labels import Labels
from digitscribe.queueing.memory import Headroom
from digitscribe.settings import QueueSettings

KEPT_SHARE = 4
"""Images of failed recognitions may take this part (a quarter) of what may wait to be read."""


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
        self.history = History(redis)
        self.failures = Failures(redis, self.records)
        self.labels = Labels(redis, settings.result_ttl_s)
        self._settings = settings
        self._headroom = Headroom(redis)
        self._accept = redis.register_script(scripts.ACCEPT)
        self._finish = redis.register_script(scripts.FINISH)
        self._mark_running = redis.register_script(scripts.MARK_RUNNING)
        self._take_back = redis.register_script(scripts.TAKE_BACK)
        self._count_drops = redis.register_script(scripts.COUNT_DROPS)

    def pending(self) -> Pending:
        """How much is accepted and unfinished."""
        with self.redis.pipeline(transaction=False) as pipeline:
            pipeline.hlen(keys.PENDING)
            pipeline.get(keys.PENDING_BYTES)
            images, size = pipeline.execute()
        return Pending(int(images), max(0, int(size or 0)) if images else 0)

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
        self._headroom.check(size)

    def accept(self, queue_name: str, submissions: Sequence[Submission]) -> str:
        """Accept `submissions` as one job on the queue `queue_name`; returns the RQ job's id. See `accept_all`."""
        return self.accept_all(queue_name, [submissions])[0]

    def accept_all(self, queue_name: str, batch: Sequence[Sequence[Submission]]) -> list[str]:
        """Accept each of `batch` as a job of its own on the queue `queue_name`; returns the RQ jobs' ids.

        All of it becomes visible at once, or none of it: after this returns, the work survives the death of any
        process. A job whose first record exists has been accepted before, and is left as it is.
        """
        staged, job_ids = list[Any](), list[str]()
        for submissions in batch:
            with self.redis.pipeline() as pipeline:  # never executed: RQ writes its commands into one
                job_ids.append(self._stage(pipeline, queue_name, submissions))
                staged += [keys.recognition(submissions[0].recognition.id), *scripts.as_arguments(pipeline)]
        self._accept(args=staged)
        self._headroom.note(sum(len(each.image) for submissions in batch for each in submissions))
        return job_ids

    def retry(self, recognition_id: str, queue_name: str) -> Recognition:
        """Have a failed recognition's image read again, under its id; returns its new record.

        Raises:
            NotFound: there is no such recognition.
            Conflict: it has not failed, or would fail in the same way again.
            Gone: its image is kept no longer.
        """
        with self.redis.pipeline(transaction=True) as pipeline:
            cast(Any, pipeline).watch(keys.recognition(recognition_id))  # of two who ask at once, one is told
            again, image = _again(recognition_id, self.get(recognition_id)), self.images([recognition_id])[0]
            if image is None:
                raise Gone("the image of this recognition is kept no longer; send it again")
            pipeline.multi()
            self._stage(pipeline, queue_name, [Submission(again, image)])
            failed = [keys.FAILED, keys.FAILED_IMAGES, keys.FAILED_BYTES]
            self._take_back(keys=failed, args=[recognition_id, len(image)], client=pipeline)
            try:
                pipeline.execute()
            except WatchError as error:
                raise Conflict("this image is being read again already") from error
        return again

    def _stage(self, pipeline: Pipeline, queue_name: str, submissions: Sequence[Submission]) -> str:
        """Add to `pipeline` all that accepting `submissions` takes; returns the id of the job."""
        job_id, settings = jobs.new_id(), self._settings
        accepted_at_ms = int(now().timestamp() * 1000)
        for submission in submissions:
            recognition_id, size = submission.recognition.id, len(submission.image)
            pipeline.set(keys.image(recognition_id), submission.image, ex=settings.image_ttl_s)
            record = submission.recognition.model_dump_json(exclude_none=True)
            pipeline.set(keys.recognition(recognition_id), record, ex=settings.result_ttl_s)
            pipeline.hset(keys.PENDING, recognition_id, f"{size} {job_id} {accepted_at_ms}")
            pipeline.incrby(keys.PENDING_BYTES, size)
        ids = [submission.recognition.id for submission in submissions]
        jobs.enqueue_batch(pipeline, jobs.queue(self.redis, queue_name), job_id, ids, settings.job_timeout_s)
        return job_id

    def get(self, recognition_id: str) -> Recognition | None:
        """The recognition as it stands, or None if there is none (any more)."""
        record = self.redis.get(keys.recognition(recognition_id))
        return Recognition.model_validate_json(record) if record else None

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
        now_ms = int(now().timestamp() * 1000)
        self._headroom.make_room()
        with self.redis.pipeline(transaction=False) as pipeline:
            for outcome in outcomes:
                touched = _keys_of_an_end(outcome.recognition)
                self._finish(keys=touched, args=self._end(outcome, now_ms), client=pipeline)
            return [bool(first) for first in pipeline.execute()]

    def _end(self, outcome: Outcome, now_ms: int) -> list[str | bytes | int]:
        """What the script that finishes a recognition is given, in its order."""
        recognition, settings = outcome.recognition, self._settings
        return [
            recognition.id,
            recognition.model_dump_json(exclude_none=True),
            outcome.crops,
            settings.frame_ttl_s if is_frame(recognition) else settings.result_ttl_s,
            settings.result_ttl_s,
            settings.events_kept,
            _trace(recognition),
            now_ms,
            failures.KEPT,
            settings.image_ttl_s,
            settings.max_pending_megabytes * 1_000_000 // KEPT_SHARE,
            listing_of(recognition),
            recognition.text or "",
            STEADY_AFTER,
            RUN_TTL_S,
        ]

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
        """Count a dropped frame for each of `cameras` (a name as often as it dropped one) that is known."""
        touched = [keys.CAMERA_DROPS, keys.CAMERAS, keys.CAMERA_DEFINITIONS]
        with self.redis.pipeline(transaction=False) as pipeline:
            for camera, drops in Counter(cameras).items():
                self._count_drops(keys=touched, args=[camera, drops], client=pipeline)
            pipeline.execute()


def worth_retrying(recognition: Recognition) -> bool:
    """Whether reading it again may end better: it failed, and not because of what was sent."""
    return recognition.error is not None and recognition.error.status >= 500 and not is_frame(recognition)


def _keys_of_an_end(recognition: Recognition) -> list[str]:
    """What the script that finishes a recognition reads and writes, in its order."""
    recognition_id = recognition.id
    return [
        keys.PENDING,
        keys.PENDING_BYTES,
        keys.EVENTS,
        keys.image(recognition_id),
        keys.recognition(recognition_id),
        keys.crops(recognition_id),
        keys.FAILED,
        keys.FAILED_IMAGES,
        keys.FAILED_BYTES,
        keys.HISTORY,
        keys.HISTORY_FRAMES,
        keys.history_run(moving_picture(recognition)),
        keys.RESULTS,
    ]


def _trace(recognition: Recognition) -> str:
    """What stays of a failure: nothing of a moving picture's frame; the image, where another try may help."""
    if recognition.status is not RecognitionStatus.FAILED or is_frame(recognition):
        return "none"
    return "keep" if worth_retrying(recognition) else "list"


def _again(recognition_id: str, record: Recognition | None) -> Recognition:
    """The record of a failed recognition at its new beginning; raises as `RecognitionStore.retry` says."""
    if record is None:
        raise NotFound(f"there is no recognition {recognition_id[:64]}, or it has expired")
    if record.status is not RecognitionStatus.FAILED:
        raise Conflict(f"this recognition has not failed, it is {record.status}")
    if is_frame(record):
        raise Conflict("a moving picture's frame is not read again; newer ones have come")
    if not worth_retrying(record):
        raise Conflict("this image would fail in the same way again; send another one")
    changes = {"status": RecognitionStatus.QUEUED, "created_at": now(), "error": None}
    return record.model_copy(update=changes)


def _entry(key: bytes, value: bytes) -> PendingEntry:
    size, job_id, accepted_at_ms = value.decode().split()
    return PendingEntry(key.decode(), int(size), job_id, int(accepted_at_ms))

"""What happens to accepted images whose recognizer, or whose job, is gone: nothing stays open for ever."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import cast

from redis import Redis
from rq.exceptions import NoSuchJobError
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from digitscribe.contracts.document import now
from digitscribe.contracts.recognition import Recognition, RecognitionStatus
from digitscribe.errors import DigitscribeError, RecognizerDied
from digitscribe.queueing import jobs, keys
from digitscribe.queueing.store import Outcome, RecognitionStore

REAP_AFTER_S = 10.0
"""Accepted images younger than this are left alone: their job may still be on its way."""

_OPEN = {JobStatus.QUEUED.value, JobStatus.STARTED.value}
_LOST = "its job ended without reading it; send the image again"

# KEYS: pending; ARGV: id, job id. What has been finished meanwhile is not brought back.
_REASSIGN = """
local entry = redis.call('HGET', KEYS[1], ARGV[1])
if not entry then return 0 end
local size, accepted = string.match(entry, '^(%d+) %S+ (%d+)$')
redis.call('HSET', KEYS[1], ARGV[1], size .. ' ' .. ARGV[2] .. ' ' .. accepted)
return 1
"""

log = logging.getLogger(__name__)


def split(redis: Redis, queue_name: str, recognition_ids: Sequence[str], timeout_s: int) -> None:
    """Put each of `recognition_ids` on the queue again as a job of its own, without a further retry."""
    reassign = redis.register_script(_REASSIGN)
    target = jobs.queue(redis, queue_name)
    with redis.pipeline(transaction=True) as pipeline:
        for recognition_id in recognition_ids:
            job_id = jobs.new_id()
            reassign(keys=[keys.PENDING], args=[recognition_id, job_id], client=pipeline)
            jobs.enqueue_batch(pipeline, target, job_id, [recognition_id], timeout_s, retries=0)
        pipeline.execute()


def fail(store: RecognitionStore, recognition_ids: Sequence[str], error: DigitscribeError) -> int:
    """End those of `recognition_ids` that are unfinished as failed with `error`; returns how many were."""
    records = store.records(recognition_ids)
    outcomes = [
        Outcome(failed(record or blank(each), error)) for each, record in zip(recognition_ids, records, strict=True)
    ]
    return sum(store.finish(outcomes))


def failed(recognition: Recognition, error: DigitscribeError) -> Recognition:
    """`recognition` as it ends with `error`."""
    return recognition.model_copy(update={"status": RecognitionStatus.FAILED, "error": error.to_problem()})


def blank(recognition_id: str) -> Recognition:
    """A stand-in for a record that has expired."""
    return Recognition(id=recognition_id, status=RecognitionStatus.QUEUED, created_at=now())


class Reaper:
    """Compares what is pending with the jobs that exist, and ends or restarts what no job will finish.

    A job that has been neither waiting nor being executed for `patience_s` was lost between Redis handing it out and
    its recognizer taking note of it; it is put back on its queue.
    """

    def __init__(self, store: RecognitionStore, reap_after_s: float = REAP_AFTER_S, patience_s: float = 5.0) -> None:
        self._store = store
        self._redis = store.redis
        self._reap_after_s = reap_after_s
        self._patience_s = patience_s

    def visit(self) -> None:
        """Look at everything that is pending, once."""
        by_job = self._old_entries()
        statuses = self._statuses(list(by_job))
        self._fail_ended({job_id: by_job[job_id] for job_id, status in statuses.items() if status not in _OPEN})
        for job_id in self._lost([job_id for job_id, status in statuses.items() if status in _OPEN]):
            self._restart(job_id)

    def _old_entries(self) -> dict[str, list[str]]:
        accepted_before_ms = (time.time() - self._reap_after_s) * 1000
        by_job: dict[str, list[str]] = defaultdict(list)
        for entry in self._store.pending_entries():
            if entry.accepted_at_ms <= accepted_before_ms:
                by_job[entry.job_id].append(entry.recognition_id)
        return by_job

    def _statuses(self, job_ids: Sequence[str]) -> dict[str, str | None]:
        with self._redis.pipeline(transaction=False) as pipeline:
            for job_id in job_ids:
                pipeline.hget(Job.key_for(job_id), "status")
            answers = pipeline.execute()
        return {job_id: status and status.decode() for job_id, status in zip(job_ids, answers, strict=True)}

    def _fail_ended(self, by_job: dict[str, list[str]]) -> None:
        ids = [recognition_id for group in by_job.values() for recognition_id in group]
        # read again: a split that came between has moved its images to new jobs before its own job ended
        holders = self._store.holders(ids)
        orphans = [each for job_id, group in by_job.items() for each in group if holders.get(each) == job_id]
        if orphans and (count := fail(self._store, orphans, RecognizerDied(_LOST))):
            log.warning("%d images whose job had ended without finishing them have failed", count)

    def _lost(self, job_ids: Sequence[str]) -> list[str]:
        # the queues before the executions: a job that moves from one to the other in between is seen
        held = {_text(job_id) for name in jobs.RECOGNITION_QUEUES for job_id in self._waiting(name)}
        held |= {_text(key).partition(":")[0] for name in jobs.RECOGNITION_QUEUES for key in self._executing(name)}
        return self._missing_for_long([job_id for job_id in job_ids if job_id not in held])

    def _missing_for_long(self, job_ids: Sequence[str]) -> list[str]:
        # in Redis, because each visit may be another recognizer's
        now_ms = int(time.time() * 1000)
        before = {_text(job_id): int(since) for job_id, since in self._redis.hgetall(keys.MISSING_JOBS).items()}
        since = {job_id: before.get(job_id, now_ms) for job_id in job_ids}
        with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.delete(keys.MISSING_JOBS)
            if since:
                pipeline.hset(keys.MISSING_JOBS, mapping={job_id: str(moment) for job_id, moment in since.items()})
            pipeline.execute()
        return [job_id for job_id in job_ids if now_ms - since[job_id] >= self._patience_s * 1000]

    def _waiting(self, queue_name: str) -> list[bytes]:
        return cast(list[bytes], self._redis.lrange(jobs.queue(self._redis, queue_name).key, 0, -1))

    def _executing(self, queue_name: str) -> list[bytes]:
        return cast(
            list[bytes], self._redis.zrange(jobs.queue(self._redis, queue_name).started_job_registry.key, 0, -1)
        )

    def _restart(self, job_id: str) -> None:
        try:
            job = Job.fetch(job_id, connection=self._redis, serializer=JSONSerializer)
        except NoSuchJobError:
            return
        log.warning("job %s (%s) was lost on its way; it is put back on its queue", job_id, job.description)
        jobs.queue(self._redis, job.origin).push_job_id(job_id, at_front=True)


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value

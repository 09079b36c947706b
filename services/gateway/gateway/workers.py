"""Which RQ workers live."""

from __future__ import annotations

from datetime import datetime, timedelta

from digitscribe.contracts import QueueDepth, WorkerState
from digitscribe.contracts.document import now
from digitscribe.queueing import jobs
from redis import Redis
from rq import Worker

FRESH = timedelta(seconds=30)
"""A worker without a sign of life for longer than this is not counted on."""

QUEUES = (*jobs.RECOGNITION_QUEUES, jobs.TRAINING)
"""All queues."""


def workers(redis: Redis) -> tuple[WorkerState, ...]:
    """All registered workers, by name."""
    found = [
        WorkerState(
            name=worker.name,
            queues=tuple(worker.queue_names()),
            state=str(worker.get_state()),
            last_heartbeat=worker.last_heartbeat,
        )
        for worker in Worker.all(connection=redis)
    ]
    return tuple(sorted(found, key=lambda worker: worker.name))


def is_alive(worker: WorkerState, at: datetime) -> bool:
    """Whether `worker` was alive shortly before `at`."""
    return worker.last_heartbeat is not None and at - worker.last_heartbeat < FRESH


def reads_images(worker: WorkerState, at: datetime) -> bool:
    """Whether `worker` takes images from the queue where people wait, and was alive shortly before `at`."""
    return is_alive(worker, at) and jobs.INTERACTIVE in worker.queues


def count_recognizers(redis: Redis) -> int:
    """How many recognizers live."""
    return sum(reads_images(worker, now()) for worker in workers(redis))


def depths(redis: Redis) -> tuple[QueueDepth, ...]:
    """Jobs waiting in each queue."""
    with redis.pipeline(transaction=False) as pipeline:
        for name in QUEUES:
            pipeline.llen(jobs.queue(redis, name).key)
        return tuple(
            QueueDepth(name=name, jobs=int(count)) for name, count in zip(QUEUES, pipeline.execute(), strict=True)
        )

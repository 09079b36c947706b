"""The RQ queues, and how a batch becomes a job.

Jobs are named by their function's path, so that whoever enqueues never imports the service that executes. Arguments
travel as JSON: a pickle in Redis is remote code execution for whoever can write there.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from redis import Redis
from redis.client import Pipeline
from rq import Callback, Queue, Retry
from rq.serializers import JSONSerializer

INTERACTIVE = "interactive"
"""A person waits for the answer."""

BULK = "bulk"
"""Many images at once; nobody waits for each."""

CAMERA = "camera"
"""Live frames: late ones are dropped."""

TRAINING = "training"
"""Retrain jobs."""

RECOGNITION_QUEUES = (INTERACTIVE, BULK, CAMERA)
"""What a recognizer listens to, by priority."""

RECOGNIZE_BATCH = "recognizer.jobs.recognize_batch"
FAIL_BATCH = "recognizer.jobs.fail_batch"
TRAIN = "trainer.jobs.train"
FAIL_TRAINING = "trainer.jobs.fail_training"

BATCH_RETRIES = 1
"""How often a batch whose recognizer died is given to another."""

_FINISHED_JOB_TTL_S = 0
_FAILED_JOB_TTL_S = 3600


def queue(redis: Redis, name: str) -> Queue:
    """The RQ queue `name`, with JSON as its serializer."""
    return Queue(name, connection=redis, serializer=JSONSerializer)


def new_id() -> str:
    """An identifier: a random UUID in hexadecimal."""
    return uuid.uuid4().hex


def enqueue_batch(
    pipeline: Pipeline,
    target: Queue,
    job_id: str,
    recognition_ids: Sequence[str],
    timeout_s: int,
    retries: int = BATCH_RETRIES,
) -> None:
    """Add to `pipeline` the commands that put one job for all of `recognition_ids` on the queue `target`."""
    data = Queue.prepare_data(
        RECOGNIZE_BATCH,
        args=[list(recognition_ids)],
        job_id=job_id,
        timeout=timeout_s,
        result_ttl=_FINISHED_JOB_TTL_S,
        failure_ttl=_FAILED_JOB_TTL_S,
        description=f"{len(recognition_ids)} images",
        retry=Retry(max=retries) if retries else None,
        on_failure=Callback(FAIL_BATCH),
    )
    target.enqueue_many([data], pipeline=pipeline)


def enqueue_training(
    pipeline: Pipeline, target: Queue, training_id: str, request: dict[str, Any], timeout_s: int
) -> None:
    """Add to `pipeline` the commands that put a retrain job on the queue `target`; the job has the training's id."""
    data = Queue.prepare_data(
        TRAIN,
        args=[training_id, request],
        job_id=training_id,
        timeout=timeout_s,
        result_ttl=_FINISHED_JOB_TTL_S,
        failure_ttl=_FAILED_JOB_TTL_S,
        description=f"training {training_id}",
        on_failure=Callback(FAIL_TRAINING),
    )
    target.enqueue_many([data], pipeline=pipeline)

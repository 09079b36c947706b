"""What RQ calls, by the names in `digitscribe.queueing.jobs`."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from os import cpu_count
from typing import Any

from digitscribe.errors import DigitscribeError, RecognitionTimeout, RecognizerDied
from digitscribe.queueing import recovery
from digitscribe.queueing.connection import RESTART_RETRIES, connect
from digitscribe.queueing.store import RecognitionStore
from digitscribe.serving.client import ServingClient
from digitscribe.settings import RecognizerSettings, load
from redis import Redis
from rq import get_current_job
from rq.exceptions import AbandonedJobError
from rq.job import Job
from rq.timeouts import JobTimeoutException

from recognizer.batch import BatchReader

log = logging.getLogger(__name__)


def recognize_batch(recognition_ids: Sequence[str]) -> None:
    """Read the images `recognition_ids`; the second time, each as a job of its own."""
    job = get_current_job()
    if job and _is_retry(job) and len(recognition_ids) > 1:
        split_batch(job, recognition_ids)
    else:
        reader().read(recognition_ids)


def fail_batch(job: Job, _connection: Redis, kind: type[BaseException], error: BaseException, _traceback: Any) -> None:
    """End what a job that is not tried again has left unfinished."""
    if job.retries_left:
        log.warning("job %s (%s) ended early (%s) and is tried again", job.id, job.description, kind.__name__)
        return
    # after a split, others hold the images
    held = [each for each, holder in store().holders(job.args[0]).items() if holder == job.id]
    count = recovery.fail(store(), held, _reason(kind, error, job))
    log.error("job %s (%s) failed for good (%s): %d images failed", job.id, job.description, kind.__name__, count)


def split_batch(job: Job, recognition_ids: Sequence[str]) -> None:
    """Give each image that the first try left unfinished a job of its own: one that kills takes no other with it."""
    unfinished = list(store().holders(recognition_ids))
    log.warning("job %s is read again image by image: %d of %d left", job.id, len(unfinished), len(recognition_ids))
    recovery.split(store().redis, job.origin, unfinished, settings().job_timeout_s)


@cache
def settings() -> RecognizerSettings:
    """This process's settings, read once."""
    return load(RecognizerSettings)


@cache
def store() -> RecognitionStore:
    """Where recognitions live."""
    return RecognitionStore(connect(settings().redis_url, retries=RESTART_RETRIES), settings())


@cache
def reader() -> BatchReader:
    """This process's reader of batches."""
    threads = ThreadPoolExecutor(max(2, min(4, cpu_count() or 1)), thread_name_prefix="vision")
    return BatchReader(store(), ServingClient(settings()), threads, settings())


def _is_retry(job: Job) -> bool:
    return job.retries_left == 0


def _reason(kind: type[BaseException], error: BaseException, job: Job) -> DigitscribeError:
    if issubclass(kind, JobTimeoutException):
        return RecognitionTimeout(f"reading took longer than {job.timeout} s")
    if issubclass(kind, AbandonedJobError):
        return RecognizerDied("the recognizer died each time that it read this image")
    return DigitscribeError(f"reading failed ({kind.__name__}: {error})")

"""Nothing accepted stays open for ever."""

from __future__ import annotations

import pytest
from digitscribe.contracts import Recognition, RecognitionStatus
from digitscribe.contracts.document import now
from digitscribe.errors import RecognizerDied
from digitscribe.queueing import jobs, keys, recovery
from digitscribe.queueing.recovery import Reaper
from digitscribe.queueing.store import Outcome, RecognitionStore, Submission
from digitscribe.settings import QueueSettings
from redis import Redis
from rq.job import Job, JobStatus


@pytest.fixture
def store(redis: Redis) -> RecognitionStore:
    return RecognitionStore(redis, QueueSettings())


def accept(store: RecognitionStore, count: int) -> tuple[list[str], str]:
    """Accept `count` images as one batch: their ids, and the job's."""
    records = [Recognition(id=jobs.new_id(), status=RecognitionStatus.QUEUED, created_at=now()) for _ in range(count)]
    job_id = store.accept(jobs.BULK, [Submission(record, b"image") for record in records])
    return [record.id for record in records], job_id


def fetch(redis: Redis, job_id: str) -> Job:
    job = jobs.queue(redis, jobs.BULK).fetch_job(job_id)
    assert job is not None
    return job


def status_of(store: RecognitionStore, recognition_id: str) -> RecognitionStatus:
    found = store.get(recognition_id)
    assert found is not None
    return found.status


def waiting(redis: Redis) -> list[str]:
    return jobs.queue(redis, jobs.BULK).job_ids


def eager(store: RecognitionStore) -> Reaper:
    return Reaper(store, reap_after_s=0, patience_s=0)


def test_a_split_gives_each_image_a_job_without_retries(store: RecognitionStore, redis: Redis) -> None:
    ids, first_job = accept(store, 3)
    recovery.split(redis, jobs.BULK, ids, timeout_s=60)
    split = [fetch(redis, job_id) for job_id in waiting(redis) if job_id != first_job]
    assert [(list(job.args), job.retries_left) for job in split] == [([[each]], None) for each in ids]


def test_after_a_split_the_new_jobs_hold_the_images(store: RecognitionStore, redis: Redis) -> None:
    ids, first_job = accept(store, 2)
    recovery.split(redis, jobs.BULK, ids, timeout_s=60)
    split = [job_id for job_id in waiting(redis) if job_id != first_job]
    assert store.holders(ids) == dict(zip(ids, split, strict=True))


def test_a_split_does_not_bring_finished_images_back(store: RecognitionStore, redis: Redis) -> None:
    ids, _ = accept(store, 1)
    recovery.fail(store, ids, RecognizerDied("died"))
    recovery.split(redis, jobs.BULK, ids, timeout_s=60)
    assert store.pending().images == 0


def test_failing_tells_how_many_were_unfinished(store: RecognitionStore) -> None:
    ids, _ = accept(store, 2)
    assert recovery.fail(store, ids[:1], RecognizerDied("died")) == 1
    assert recovery.fail(store, ids, RecognizerDied("died")) == 1


def test_a_failed_image_says_why(store: RecognitionStore) -> None:
    ids, _ = accept(store, 1)
    recovery.fail(store, ids, RecognizerDied("it died twice"))
    failed = store.get(ids[0])
    assert failed is not None
    assert failed.error is not None
    assert (failed.error.type, failed.error.detail) == ("urn:digitscribe:problem:recognizer-died", "it died twice")


def test_an_image_whose_record_expired_can_still_fail(store: RecognitionStore, redis: Redis) -> None:
    ids, _ = accept(store, 1)
    redis.delete(keys.recognition(ids[0]))
    recovery.fail(store, ids, RecognizerDied("died"))
    assert status_of(store, ids[0]) is RecognitionStatus.FAILED
    assert store.pending().images == 0


def test_waiting_images_are_left_alone(store: RecognitionStore, redis: Redis) -> None:
    ids, job_id = accept(store, 1)
    for _ in range(2):
        eager(store).visit()
    assert status_of(store, ids[0]) is RecognitionStatus.QUEUED
    assert waiting(redis) == [job_id]


def test_images_being_read_are_left_alone(store: RecognitionStore, redis: Redis) -> None:
    ids, job_id = accept(store, 1)
    redis.lpop("rq:queue:bulk")
    redis.zadd("rq:wip:bulk", {f"{job_id}:execution": 9e12})
    eager(store).visit()
    assert (status_of(store, ids[0]), waiting(redis)) == (RecognitionStatus.QUEUED, [])


def test_images_whose_job_is_gone_fail(store: RecognitionStore, redis: Redis) -> None:
    ids, job_id = accept(store, 2)
    fetch(redis, job_id).delete()
    eager(store).visit()
    assert [status_of(store, each) for each in ids] == [RecognitionStatus.FAILED] * 2


def test_images_whose_job_failed_without_ending_them_fail(store: RecognitionStore, redis: Redis) -> None:
    ids, job_id = accept(store, 1)
    fetch(redis, job_id).set_status(JobStatus.FAILED)
    eager(store).visit()
    assert status_of(store, ids[0]) is RecognitionStatus.FAILED


def test_young_images_are_left_alone(store: RecognitionStore, redis: Redis) -> None:
    ids, job_id = accept(store, 1)
    fetch(redis, job_id).delete()
    Reaper(store, reap_after_s=60).visit()
    assert status_of(store, ids[0]) is RecognitionStatus.QUEUED


def test_a_job_lost_between_queue_and_worker_is_put_back(store: RecognitionStore, redis: Redis) -> None:
    ids, job_id = accept(store, 1)
    redis.lpop("rq:queue:bulk")
    eager(store).visit()
    assert waiting(redis) == [job_id]
    assert status_of(store, ids[0]) is RecognitionStatus.QUEUED


def test_a_job_is_not_lost_at_first_sight(store: RecognitionStore, redis: Redis) -> None:
    accept(store, 1)
    redis.lpop("rq:queue:bulk")
    reaper = Reaper(store, reap_after_s=0, patience_s=60)
    reaper.visit()
    reaper.visit()
    assert waiting(redis) == []


def test_a_job_that_turns_up_again_is_no_longer_missing(store: RecognitionStore, redis: Redis) -> None:
    _, job_id = accept(store, 1)
    redis.lpop("rq:queue:bulk")
    Reaper(store, reap_after_s=0, patience_s=60).visit()
    redis.rpush("rq:queue:bulk", job_id)
    Reaper(store, reap_after_s=0, patience_s=60).visit()
    assert not redis.exists(keys.MISSING_JOBS)


def test_finishing_between_two_looks_is_no_fault(store: RecognitionStore, redis: Redis) -> None:
    ids, job_id = accept(store, 1)
    record = store.get(ids[0])
    assert record is not None
    store.finish([Outcome(record.model_copy(update={"status": RecognitionStatus.DONE}))])
    fetch(redis, job_id).delete()
    eager(store).visit()
    assert status_of(store, ids[0]) is RecognitionStatus.DONE

"""Recognitions in Redis: accepted whole, finished once."""

from __future__ import annotations

import itertools

import pytest
from digitscribe.contracts import Recognition, RecognitionStatus, Source
from digitscribe.contracts.document import now
from digitscribe.errors import QueueFull
from digitscribe.queueing import jobs, keys
from digitscribe.queueing.events import BEGINNING
from digitscribe.queueing.store import Outcome, RecognitionStore, Submission
from digitscribe.settings import QueueSettings
from redis import Redis


@pytest.fixture
def store(redis: Redis) -> RecognitionStore:
    return RecognitionStore(redis, QueueSettings(max_pending_images=5, max_pending_megabytes=1))


def submission(image: bytes = b"image") -> Submission:
    record = Recognition(id=jobs.new_id(), status=RecognitionStatus.QUEUED, source=Source.UPLOAD, created_at=now())
    return Submission(record, image)


def done(recognition: Recognition, text: str = "7") -> Recognition:
    return recognition.model_copy(update={"status": RecognitionStatus.DONE, "text": text})


def test_a_batch_is_one_job_for_all_its_images(store: RecognitionStore, redis: Redis) -> None:
    batch = [submission(), submission()]
    job_id = store.accept(jobs.INTERACTIVE, batch)
    job = jobs.queue(redis, jobs.INTERACTIVE).fetch_job(job_id)
    assert job is not None
    assert list(job.args) == [[each.recognition.id for each in batch]]


def test_several_jobs_are_accepted_in_one_transaction(store: RecognitionStore, redis: Redis) -> None:
    batch = [[submission(), submission()], [submission()]]
    with redis.monitor() as monitor:
        job_ids = store.accept_all(jobs.BULK, batch)
        redis.echo("end")
        seen = list(itertools.takewhile(lambda each: each != "ECHO", map(_command_of, monitor.listen())))
    assert (seen.count("MULTI"), seen.count("EXEC")) == (1, 1)
    found = [jobs.queue(redis, jobs.BULK).fetch_job(job_id) for job_id in job_ids]
    assert [job and list(job.args) for job in found] == [[[each.recognition.id for each in job]] for job in batch]


def _command_of(heard: dict[str, str]) -> str:
    return heard["command"].split()[0]


def test_jobs_are_json_and_not_a_pickle(store: RecognitionStore, redis: Redis) -> None:
    import zlib

    job_id = store.accept(jobs.INTERACTIVE, [submission()])
    data = redis.hget(f"rq:job:{job_id}", "data")
    assert isinstance(data, bytes)
    assert zlib.decompress(data).startswith(b"[")


def test_an_accepted_image_can_be_loaded(store: RecognitionStore) -> None:
    one = submission(b"bytes of an image")
    store.accept(jobs.BULK, [one])
    record = store.get(one.recognition.id)
    assert record is not None
    assert (record.id, record.status) == (one.recognition.id, RecognitionStatus.QUEUED)
    assert store.images([one.recognition.id]) == [b"bytes of an image"]


def test_what_is_not_there_loads_as_none(store: RecognitionStore) -> None:
    assert (store.records([jobs.new_id()]), store.images([jobs.new_id()])) == ([None], [None])


def test_accepted_images_count_as_pending(store: RecognitionStore) -> None:
    store.accept(jobs.BULK, [submission(b"12345"), submission(b"67")])
    pending = store.pending()
    assert (pending.images, pending.bytes) == (2, 7)


def test_finished_images_no_longer_count_as_pending(store: RecognitionStore) -> None:
    one, other = submission(b"12345"), submission(b"67")
    store.accept(jobs.BULK, [one, other])
    store.finish([Outcome(done(one.recognition))])
    pending = store.pending()
    assert (pending.images, pending.bytes) == (1, 2)


def test_no_room_for_more_images_than_allowed(store: RecognitionStore) -> None:
    store.accept(jobs.BULK, [submission() for _ in range(4)])
    store.check_room(1, 10)
    with pytest.raises(QueueFull) as refusal:
        store.check_room(2, 10)
    assert refusal.value.retry_after_s >= 1


def test_no_room_for_more_bytes_than_allowed(store: RecognitionStore) -> None:
    store.accept(jobs.BULK, [submission(b"x" * 600_000)])
    store.check_room(1, 399_999)
    with pytest.raises(QueueFull):
        store.check_room(1, 400_001)


def test_an_image_is_finished_once(store: RecognitionStore) -> None:
    one = submission()
    store.accept(jobs.BULK, [one])
    first = store.finish([Outcome(done(one.recognition, "1"))])
    second = store.finish([Outcome(done(one.recognition, "2"))])
    assert (first, second) == ([True], [False])
    stored = store.get(one.recognition.id)
    assert stored is not None
    assert stored.text == "1"


def test_one_event_announces_an_end(store: RecognitionStore) -> None:
    one = submission()
    store.accept(jobs.BULK, [one])
    store.finish([Outcome(done(one.recognition)), Outcome(done(one.recognition))])
    events = store.events.read(after=BEGINNING).events
    assert [event.event.data["id"] for event in events] == [one.recognition.id]


def test_an_end_keeps_the_crops_and_drops_the_image(store: RecognitionStore, redis: Redis) -> None:
    one = submission()
    store.accept(jobs.BULK, [one])
    store.finish([Outcome(done(one.recognition), crops=b"\x01" * 784)])
    assert store.crops(one.recognition.id) == b"\x01" * 784
    assert not redis.exists(keys.image(one.recognition.id))


def test_everything_kept_of_a_finished_image_expires(store: RecognitionStore, redis: Redis) -> None:
    one = submission()
    store.accept(jobs.BULK, [one])
    store.finish([Outcome(done(one.recognition), crops=b"\x01" * 784)])
    kept = (keys.recognition(one.recognition.id), keys.crops(one.recognition.id))
    assert all(0 < redis.ttl(key) <= 86_400 for key in kept)


def test_a_finished_image_is_not_set_back_to_running(store: RecognitionStore) -> None:
    one = submission()
    store.accept(jobs.BULK, [one])
    store.finish([Outcome(done(one.recognition))])
    store.mark_running([one.recognition])
    stored = store.get(one.recognition.id)
    assert stored is not None
    assert stored.status is RecognitionStatus.DONE


def test_an_image_that_is_being_read_is_running(store: RecognitionStore, redis: Redis) -> None:
    one = submission()
    store.accept(jobs.BULK, [one])
    store.mark_running([one.recognition])
    stored = store.get(one.recognition.id)
    assert stored is not None
    assert stored.status is RecognitionStatus.RUNNING
    assert redis.ttl(keys.recognition(one.recognition.id)) > 0


def test_holders_name_the_jobs_of_unfinished_images(store: RecognitionStore) -> None:
    one, other = submission(), submission()
    job_id = store.accept(jobs.BULK, [one, other])
    store.finish([Outcome(done(one.recognition))])
    ids = [one.recognition.id, other.recognition.id]
    assert store.holders(ids) == {other.recognition.id: job_id}


def test_drops_are_counted_by_camera(store: RecognitionStore, redis: Redis) -> None:
    redis.hset(keys.CAMERAS, "door", "{}")
    redis.hset(keys.CAMERA_DEFINITIONS, "desk", "{}")
    store.count_drops(["door", "door", "desk"])
    store.count_drops(["door"])
    assert redis.hgetall(keys.CAMERA_DROPS) == {b"door": b"3", b"desk": b"1"}


def test_drops_of_a_removed_camera_are_not_counted(store: RecognitionStore, redis: Redis) -> None:
    store.count_drops(["door"])
    assert not redis.exists(keys.CAMERA_DROPS)

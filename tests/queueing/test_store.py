"""Recognitions in Redis: accepted whole, finished once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from digitscribe.contracts import Recognition, RecognitionStatus, Source
from digitscribe.contracts.document import now
from digitscribe.errors import QueueFull
from digitscribe.queueing import jobs, keys
from digitscribe.queueing.events import BEGINNING
from digitscribe.queueing.store import Outcome, Pending, RecognitionStore, Submission
from digitscribe.settings import QueueSettings
from redis import Connection, ConnectionPool, Redis
from redis.exceptions import ConnectionError as RedisConnectionError

CONNECTING = {"PING", "HELLO", "CLIENT", "SELECT"}
"""What redis-py sends of itself."""


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


def test_several_jobs_are_accepted_in_one_command(store: RecognitionStore, redis: Redis) -> None:
    store.accept(jobs.BULK, [submission()])  # Redis knows the script from now on
    batch = [[submission(), submission()], [submission()]]
    with redis.monitor() as monitor:
        job_ids = store.accept_all(jobs.BULK, batch)
        redis.echo("end")
        *heard, end = _until_echo(monitor.listen())
    sent = [_command_of(each) for each in heard if each["client_port"] == end["client_port"]]  # others ask Redis, too
    assert [each for each in sent if each not in CONNECTING] == ["EVALSHA"]
    found = [jobs.queue(redis, jobs.BULK).fetch_job(job_id) for job_id in job_ids]
    assert [job and list(job.args) for job in found] == [[[each.recognition.id for each in job]] for job in batch]


def _until_echo(heard: Iterator[dict[str, str]]) -> Iterator[dict[str, str]]:
    for each in heard:
        yield each
        if _command_of(each) == "ECHO":
            return


def _command_of(heard: dict[str, str]) -> str:
    return heard["command"].split()[0]


class Deaf(Connection):
    """A connection that breaks once, after a command that accepts work is executed and before its answer is read."""

    broken: ClassVar[list[bool]] = []
    accepted = False

    def read_response(self, *args: Any, **options: Any) -> Any:
        answer = super().read_response(*args, **options)
        if not self.broken and self.accepted:
            self.broken.append(True)
            raise RedisConnectionError("the answer got lost")
        return answer

    def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        super().send_packed_command(command, check_health)  # type: ignore[no-untyped-call]
        sent = b"".join(command) if isinstance(command, list) else command
        self.accepted = b"digitscribe:pending_bytes" in sent


@pytest.fixture
def deaf_store(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> Iterator[RecognitionStore]:
    """A store that does not hear the answer to the first work that it accepts."""
    monkeypatch.setattr(Deaf, "broken", [])
    RecognitionStore(redis, QueueSettings()).accept(jobs.CAMERA, [submission(b"")])
    redis.delete(keys.PENDING, keys.PENDING_BYTES)
    options = {**redis.connection_pool.connection_kwargs}
    with Redis(connection_pool=ConnectionPool(connection_class=Deaf, **options)) as deaf:
        yield RecognitionStore(deaf, QueueSettings())
    assert Deaf.broken


def test_what_is_accepted_twice_is_accepted_once(deaf_store: RecognitionStore, redis: Redis) -> None:
    batch = [[submission(b"12345"), submission(b"67")], [submission(b"8")]]
    job_ids = deaf_store.accept_all(jobs.BULK, batch)
    assert deaf_store.pending() == Pending(3, 8)
    assert jobs.queue(redis, jobs.BULK).get_job_ids() == job_ids


def test_what_has_ended_is_not_accepted_again(store: RecognitionStore, redis: Redis) -> None:
    one = submission(b"12345")
    store.accept(jobs.BULK, [one])
    store.finish([Outcome(done(one.recognition))])
    store.accept(jobs.BULK, [one])
    stored = store.get(one.recognition.id)
    assert stored is not None
    assert (stored.status, store.pending(), redis.llen("rq:queue:bulk")) == (RecognitionStatus.DONE, Pending(0, 0), 1)


def test_bytes_that_were_miscounted_are_forgotten_when_nothing_is_pending(
    store: RecognitionStore, redis: Redis
) -> None:
    one = submission(b"12345")
    store.accept(jobs.BULK, [one])
    redis.incrby(keys.PENDING_BYTES, 1000)
    store.finish([Outcome(done(one.recognition))])
    store.accept(jobs.BULK, [submission(b"67")])
    assert store.pending() == Pending(1, 2)


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

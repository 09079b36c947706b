"""A Redis with little memory: what was read makes room for what is to be read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from digitscribe.contracts import Recognition, RecognitionStatus, Source
from digitscribe.contracts.document import now
from digitscribe.queueing import jobs, keys, memory
from digitscribe.queueing.connection import connect
from digitscribe.queueing.store import Outcome, RecognitionStore, Submission
from digitscribe.settings import QueueSettings
from redis import Redis

from tests.conftest import running_redis

MEGABYTES = 16
PICTURES = bytes(100 * 784)
"""The crops of a hundred digits."""


@pytest.fixture
def small() -> Iterator[Redis]:
    """A Redis with little memory."""
    with (
        running_redis("--maxmemory", f"{MEGABYTES}mb", "--maxmemory-policy", "noeviction") as url,
        connect(url) as redis,
    ):
        yield redis


def begun() -> Recognition:
    return Recognition(id=jobs.new_id(), status=RecognitionStatus.QUEUED, source=Source.UPLOAD, created_at=now())


def read(store: RecognitionStore, pictures: bytes = PICTURES, text: str = "7") -> str:
    record = begun()
    store.check_room(1, 5)
    store.accept(jobs.BULK, [Submission(record, b"image")])
    ended = record.model_copy(update={"status": RecognitionStatus.DONE, "text": text})
    assert store.finish([Outcome(ended, pictures)]) == [True]
    return record.id


@pytest.fixture
def store(small: Redis, monkeypatch: pytest.MonkeyPatch) -> RecognitionStore:
    """A store that looks at the memory each time."""
    monkeypatch.setattr(memory, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(memory, "GIVING_WAY_MS", 1)
    return RecognitionStore(small, QueueSettings(max_pending_images=10_000))


def test_more_is_read_than_there_is_memory_for_the_oldest_results_go(store: RecognitionStore, small: Redis) -> None:
    read_of = [read(store) for _ in range(3 * MEGABYTES * 1_000_000 // len(PICTURES))]
    kept = [each for each in read_of if store.get(each)]
    assert len(kept) < len(read_of) // 2
    assert kept == read_of[-len(kept) :]  # the newest, without a gap
    assert all(store.crops(each) for each in kept)
    assert small.zcard(keys.RESULTS) == len(kept)


def test_while_there_is_memory_nothing_goes(store: RecognitionStore) -> None:
    read_of = [read(store) for _ in range(MEGABYTES * 1_000_000 // 3 // len(PICTURES))]
    assert all(store.get(each) and store.crops(each) for each in read_of)


def test_long_streams_make_room_too_but_are_never_emptied(
    store: RecognitionStore, small: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "SHORTEST_STREAM", 100)
    long = "7" * 6_000
    for _ in range(3 * MEGABYTES * 1_000_000 // (3 * len(long))):
        newest = read(store, b"", long)
    assert small.xlen(keys.HISTORY) >= 100
    assert store.history.page(1).recognitions[0].id == newest


def test_the_result_of_an_image_that_is_read_again_stays(store: RecognitionStore, small: Redis) -> None:
    waiting = begun()
    store.accept(jobs.BULK, [Submission(waiting, b"image")])
    small.zadd(keys.RESULTS, {waiting.id: 1})  # it had failed before
    for _ in range(2 * MEGABYTES * 1_000_000 // len(PICTURES)):
        read(store)
    assert store.get(waiting.id)


def test_several_who_see_the_same_lack_of_memory_free_it_once(store: RecognitionStore, small: Redis) -> None:
    small.set(keys.GIVING_WAY, 1)  # another one has just done so
    first = read(store)
    small.config_set("maxmemory", "1")
    store._headroom.make_room()
    assert store.get(first)
    small.delete(keys.GIVING_WAY)
    store._headroom.make_room()
    assert store.get(first) is None

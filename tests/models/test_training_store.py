"""Trainings in Redis."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from digitscribe.contracts import EventType, TrainingRequest, TrainingStatus
from digitscribe.contracts.document import now
from digitscribe.errors import Conflict, NotFound
from digitscribe.queueing import jobs
from digitscribe.queueing.events import BEGINNING, EventLog
from digitscribe.queueing.trainings import TRAININGS_OPEN, TrainingStore
from redis import Redis
from redis.client import Pipeline
from redis.exceptions import WatchError


@pytest.fixture
def store(redis: Redis) -> TrainingStore:
    return TrainingStore(redis, events_kept=100)


def test_a_new_training_is_queued_with_a_job_of_its_own_id(store: TrainingStore, redis: Redis) -> None:
    training = store.create(TrainingRequest(epochs=2))
    assert jobs.queue(redis, jobs.TRAINING).job_ids == [training.id]
    assert store.get(training.id) == training.model_copy(update={"created_at": store.get(training.id).created_at})


def test_newest_comes_first(store: TrainingStore) -> None:
    ids = [store.create(TrainingRequest()).id for _ in range(3)]
    assert [training.id for training in store.newest(2)] == ids[:0:-1]


def test_an_unknown_training_is_not_found(store: TrainingStore) -> None:
    with pytest.raises(NotFound):
        store.get("0" * 32)


def test_a_cancelled_training_leaves_the_queue(store: TrainingStore, redis: Redis) -> None:
    training = store.cancel(store.create(TrainingRequest()).id)
    assert training.status is TrainingStatus.CANCELLED
    assert training.ended_at is not None
    assert jobs.queue(redis, jobs.TRAINING).job_ids == []


def test_a_training_is_cancelled_once(store: TrainingStore) -> None:
    training = store.cancel(store.create(TrainingRequest()).id)
    with pytest.raises(Conflict):
        store.cancel(training.id)


def test_what_a_cancelled_training_still_reports_is_ignored(store: TrainingStore) -> None:
    training = store.create(TrainingRequest())
    store.cancel(training.id)
    assert not store.update(training.model_copy(update={"status": TrainingStatus.DONE, "ended_at": now()}))
    assert store.get(training.id).status is TrainingStatus.CANCELLED


def test_each_change_is_announced(store: TrainingStore, redis: Redis) -> None:
    training = store.create(TrainingRequest())
    store.update(training.model_copy(update={"status": TrainingStatus.RUNNING}))
    events = [stored.event for stored in EventLog(redis, 100).read(BEGINNING).events]
    assert [event.data["status"] for event in events] == ["queued", "running"]
    assert {event.type for event in events} == {EventType.TRAINING}


def test_an_open_training_without_a_job_ends_as_failed(store: TrainingStore) -> None:
    training = store.create(TrainingRequest())
    assert store.expire() == []
    store._stop_job(training.id)
    assert [each.id for each in store.expire()] == [training.id]
    assert store.get(training.id).status is TrainingStatus.FAILED


def test_a_training_is_recorded_with_its_job_or_not_at_all(
    store: TrainingStore, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(jobs, "enqueue_training", die)
    with pytest.raises(KeyboardInterrupt):
        store.create(TrainingRequest())
    assert (store.newest(1), jobs.queue(redis, jobs.TRAINING).job_ids) == ([], [])


def test_a_training_is_queued_once_though_the_answer_is_lost(
    store: TrainingStore, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute, lost = Pipeline.execute, [WatchError("the connection broke")]

    def without_answer(pipeline: Pipeline, *arguments: Any) -> Any:
        answer = execute(pipeline, *arguments)
        if lost:
            raise lost.pop()  # what redis-py makes of a lost connection while something is watched
        return answer

    monkeypatch.setattr(Pipeline, "execute", without_answer)
    training = store.create(TrainingRequest())
    assert jobs.queue(redis, jobs.TRAINING).job_ids == [training.id]
    assert [each.id for each in store.newest(9)] == [training.id]


def test_only_so_many_trainings_are_open_at_a_time(store: TrainingStore, redis: Redis) -> None:
    opened = [store.create(TrainingRequest()) for _ in range(TRAININGS_OPEN)]
    with pytest.raises(Conflict, match="cancel one"):
        store.create(TrainingRequest())
    assert len(jobs.queue(redis, jobs.TRAINING).job_ids) == TRAININGS_OPEN
    store.cancel(opened[0].id)
    store.create(TrainingRequest())


def test_no_more_than_that_are_let_in_by_several_at_once(store: TrainingStore, redis: Redis) -> None:
    def create(_: int) -> bool:
        try:
            return bool(store.create(TrainingRequest()))
        except Conflict:
            return False

    with ThreadPoolExecutor(8) as callers:
        let_in = sum(callers.map(create, range(3 * TRAININGS_OPEN)))
    assert let_in == len(jobs.queue(redis, jobs.TRAINING).job_ids) == TRAININGS_OPEN


def test_of_old_trainings_those_that_have_ended_are_forgotten(
    store: TrainingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digitscribe.queueing.trainings.TRAININGS_KEPT", 2)
    running = store.create(TrainingRequest())
    ended = [store.cancel(store.create(TrainingRequest()).id) for _ in range(4)]
    assert store.update(running.model_copy(update={"status": TrainingStatus.RUNNING}))
    assert [each.id for each in store.newest(9)] == [ended[3].id, ended[2].id, running.id]

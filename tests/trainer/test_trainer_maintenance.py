"""Trainings whose job never comes to work: the trainer finds them while it waits."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from digitscribe.contracts import Training, TrainingRequest, TrainingStatus
from digitscribe.contracts.document import now
from digitscribe.queueing import jobs, trainings
from digitscribe.queueing.trainings import TrainingStore
from digitscribe.settings import TrainerSettings
from redis import Redis
from trainer.worker import TrainingWorker


@pytest.fixture
def store(redis: Redis) -> TrainingStore:
    return TrainingStore(redis, events_kept=100)


@pytest.fixture
def worker(store: TrainingStore, tmp_path: Path) -> TrainingWorker:
    return TrainingWorker(store, TrainerSettings(models_dir=tmp_path))


def _is_lost(training: Training) -> bool:
    return training.status is TrainingStatus.FAILED and training.error is not None and "lost" in training.error.detail


def _let_time_pass(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.setattr(trainings, "now", lambda: now() + timedelta(seconds=seconds))


def _take_and_die(redis: Redis, training: Training) -> None:
    """What a trainer leaves that is killed after it took the job and before it noted that it works on it."""
    queue = jobs.queue(redis, jobs.TRAINING)
    redis.lmove(queue.key, queue.intermediate_queue.key)
    assert queue.intermediate_queue.get_job_ids() == [training.id]


def test_a_training_taken_by_a_trainer_that_died_at_once_fails(
    store: TrainingStore, worker: TrainingWorker, redis: Redis
) -> None:
    training = store.create(TrainingRequest())
    _take_and_die(redis, training)
    worker.run_maintenance_tasks()
    assert store.get(training.id).status is TrainingStatus.QUEUED
    taken = jobs.queue(redis, jobs.TRAINING).intermediate_queue
    redis.set(taken.get_first_seen_key(training.id), (now() - timedelta(minutes=2)).timestamp())
    worker.run_maintenance_tasks()
    assert _is_lost(store.get(training.id))


def test_a_training_that_waits_for_a_busy_trainer_stays(
    store: TrainingStore, worker: TrainingWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = store.create(TrainingRequest())
    _let_time_pass(monkeypatch, 24 * 3600)
    worker.run_maintenance_tasks()
    assert store.get(training.id).status is TrainingStatus.QUEUED

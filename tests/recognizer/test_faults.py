"""Recognizers as processes, and what befalls them: kills, hangs, stops, a Redis that restarts."""

from __future__ import annotations

import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from digitscribe.errors import QueueFull
from digitscribe.queueing import jobs, memory
from digitscribe.queueing.connection import connect
from digitscribe.queueing.store import RecognitionStore
from digitscribe.serving.twin import ServingTwin, by_mean_brightness
from digitscribe.settings import QueueSettings
from numpy.typing import NDArray
from recognizer.lease import LEASE_S
from recognizer.worker import MAINTENANCE_EVERY_S
from redis import Redis
from rq import Worker

from tests.conftest import redis_executable
from tests.ports import free_port
from tests.recognizer.harness import (
    HANG,
    POISON,
    UNKIND,
    accept,
    problem,
    recognizer,
    start,
    statuses,
    strokes,
    supervised,
    wait_for_all,
    wait_until,
)


class Gate:
    """A classifier that says when it was asked, and answers when it is let."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.open = threading.Event()

    def __call__(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        self.asked.set()
        self.open.wait(30)
        return by_mean_brightness(images)


@pytest.mark.slow
def test_a_poisonous_image_takes_no_other_with_it(env: dict[str, str], store: RecognitionStore) -> None:
    with supervised(env, str(UNKIND)) as exit_codes:
        ids = accept(store, [strokes(1), POISON, strokes(2)])
        wait_for_all(store)
    assert statuses(store, ids) == ["done", "failed", "done"]
    assert problem(store, ids[1]) == "recognizer-died"
    assert exit_codes == [-signal.SIGKILL] * 2


@pytest.mark.slow
def test_a_killed_recognizers_batch_is_read_by_another(
    env: dict[str, str], store: RecognitionStore, twin: ServingTwin
) -> None:
    twin.classify = gate = Gate()
    with recognizer(env) as first:
        ids = accept(store, [strokes(1)] * 3)
        assert gate.asked.wait(30)
        first.kill()
        with recognizer(env):
            gate.open.set()
            wait_for_all(store)
    assert statuses(store, ids) == ["done"] * 3


@pytest.mark.slow
def test_an_image_that_hangs_fails_and_the_others_are_read(env: dict[str, str], store: RecognitionStore) -> None:
    short = RecognitionStore(store.redis, QueueSettings(job_timeout_s=2))
    hasty = {"JOB_TIMEOUT_S": "2", "SERVING_PATIENCE_S": "0", "PREDICT_TIMEOUT_S": "1"}
    with supervised({**env, **hasty}, str(UNKIND)):
        ids = accept(short, [strokes(1), HANG, strokes(2)])
        wait_for_all(store)
    assert statuses(store, ids) == ["done", "failed", "done"]
    assert problem(store, ids[1]) == "recognition-timeout"


def test_a_stop_finishes_the_batch_in_hand(env: dict[str, str], store: RecognitionStore, twin: ServingTwin) -> None:
    twin.classify = gate = Gate()
    with recognizer(env) as process:
        in_hand = accept(store, [strokes(1)] * 3)
        assert gate.asked.wait(30)
        process.terminate()
        gate.open.set()
        assert process.wait(30) == 0
    assert statuses(store, in_hand) == ["done"] * 3


def test_a_stop_leaves_what_waits_to_the_next(env: dict[str, str], store: RecognitionStore, twin: ServingTwin) -> None:
    twin.classify = gate = Gate()
    with recognizer(env) as process:
        accept(store, [strokes(1)])
        assert gate.asked.wait(30)
        waiting = accept(store, [strokes(1)])
        process.terminate()
        gate.open.set()
        assert process.wait(30) == 0
    with recognizer(env):
        wait_for_all(store)
    assert statuses(store, waiting) == ["done"]


def test_people_come_before_bulk_and_cameras(env: dict[str, str], store: RecognitionStore) -> None:
    order = [jobs.CAMERA, jobs.BULK, jobs.INTERACTIVE]
    ids = {queue: accept(store, [strokes(1)], queue)[0] for queue in order}
    with recognizer(env):
        wait_for_all(store)
    assert [each.id for each in store.history.page(3).recognitions] == [ids[queue] for queue in order]


def test_an_idle_recognizer_stops_cleanly(env: dict[str, str], store: RecognitionStore) -> None:
    with recognizer(env) as process:
        wait_until(lambda: Worker.count(connection=store.redis) == 1, "the worker to register")
        process.terminate()
        assert process.wait(30) == 0
    assert Worker.count(connection=store.redis) == 0


def test_a_recognizer_stays_under_150_megabytes(env: dict[str, str], store: RecognitionStore) -> None:
    with recognizer(env) as process:
        accept(store, [strokes(3)] * 64)
        wait_for_all(store)
        assert psutil.Process(process.pid).memory_info().rss < 150e6


def test_wrong_settings_end_with_a_sentence_that_names_them() -> None:
    process = start({"JOB_TIMEOUT_S": "soon", "REDIS_URL": "http://wrong"}, stderr=subprocess.PIPE)
    said = process.communicate(timeout=30)[1].decode()
    assert process.returncode == 2
    assert {"DIGITSCRIBE_JOB_TIMEOUT_S", "DIGITSCRIBE_REDIS_URL"} <= set(re.findall(r"DIGITSCRIBE_\w+", said))


@pytest.fixture
def small_redis(redis: Redis) -> Iterator[Redis]:
    """A Redis that has room for ten megabytes more."""
    redis.config_set("maxmemory", redis.info("memory")["used_memory"] + 10_000_000)
    yield redis
    redis.config_set("maxmemory", 0)


def test_a_full_redis_refuses_new_work_and_has_what_waits_read(
    env: dict[str, str], store: RecognitionStore, small_redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "LOOK_EVERY_S", 0.0)
    ids = accept(store, [strokes(1), strokes(2)])
    with pytest.raises(QueueFull):
        _fill(store)
    with recognizer(env):
        wait_for_all(store)
    assert statuses(store, ids) == ["done", "done"]


def _fill(store: RecognitionStore) -> None:
    for number in range(1000):
        store.check_room(1, 100)
        store.redis.set(f"result-{number}", bytes(20_000))


@pytest.fixture
def lasting_redis(tmp_path: Path) -> Iterator[LastingRedis]:
    server = LastingRedis(tmp_path)
    try:
        yield server
    finally:
        server.kill()


class LastingRedis:
    """A Redis with its append-only file on, which a test may kill and start again."""

    def __init__(self, folder: Path) -> None:
        self._port = free_port()
        self._folder = folder
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self.start()

    def start(self) -> None:
        command = [redis_executable(), "--port", str(self._port), "--bind", "127.0.0.1", "--dir", str(self._folder)]
        options = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""]
        self._process = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL)
        with connect(self.url, retries=60) as probe:
            probe.ping()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.mark.slow
def test_a_recognizer_outlives_a_restart_of_redis(
    lasting_redis: LastingRedis, env: dict[str, str], twin: ServingTwin
) -> None:
    twin.classify = gate = Gate()
    with connect(lasting_redis.url, retries=30) as redis:
        store = RecognitionStore(redis, QueueSettings())
        with recognizer({**env, "REDIS_URL": lasting_redis.url}) as process:
            in_hand = accept(store, [strokes(1)] * 2)
            assert gate.asked.wait(30)
            lasting_redis.kill()
            lasting_redis.start()
            gate.open.set()
            wait_for_all(store)
            later = accept(store, [strokes(1)])
            wait_for_all(store)
            assert process.poll() is None
        assert statuses(store, [*in_hand, *later]) == ["done"] * 3


@pytest.mark.slow
def test_nobody_is_taken_for_dead_because_redis_was_away(
    lasting_redis: LastingRedis, env: dict[str, str], twin: ServingTwin
) -> None:
    twin.classify = gate = Gate()
    own = {**env, "REDIS_URL": lasting_redis.url, "PREDICT_TIMEOUT_S": "30"}
    with connect(lasting_redis.url, retries=30) as redis:
        store = RecognitionStore(redis, QueueSettings())
        with recognizer(own), recognizer(own):
            ids = accept(store, [strokes(1)] * 2)
            assert gate.asked.wait(30)
            lasting_redis.kill()
            time.sleep(LEASE_S + 1)
            lasting_redis.start()
            time.sleep(MAINTENANCE_EVERY_S + 2)
            gate.open.set()
            wait_for_all(store)
        assert statuses(store, ids) == ["done"] * 2
    assert len(twin.batches) == 1

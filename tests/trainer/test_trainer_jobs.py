"""Retrain jobs: a real worker, a real Redis, a real model server."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import numpy as np
import psutil
import pytest
from digitscribe.contracts import EventType, Training, TrainingRequest, TrainingStatus
from digitscribe.models import models_config
from digitscribe.models.volume import ModelVolume
from digitscribe.queueing import jobs
from digitscribe.queueing.connection import connect
from digitscribe.queueing.events import BEGINNING, EventLog
from digitscribe.queueing.trainings import TrainingStore
from digitscribe.serving.client import ServingClient
from digitscribe.settings import ServingSettings
from redis import Redis
from trainer.cards import Facts
from trainer.dataset import Splits

from tests.ports import free_port
from tests.relay import relay

QUICK = TrainingRequest(epochs=1, limit=512, max_accuracy_drop=1.0)
# minutes of training, of so small a network on so few images that it has begun soon
ENDLESS = TrainingRequest(epochs=100, limit=8192, promote=False)
OPEN = (TrainingStatus.QUEUED, TrainingStatus.RUNNING)


@dataclass
class System:
    """Redis, model server and volume for one module's tests; workers come and go."""

    environment: dict[str, str]
    volume: ModelVolume
    redis: Redis
    store: TrainingStore
    settings: ServingSettings

    def start_worker(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "trainer", "worker"], env=self.environment)

    def wait(self, training_id: str, done: Callable[[Training], bool], timeout_s: float = 240) -> Training:
        until = time.monotonic() + timeout_s
        while not done(training := self.store.get(training_id)):
            assert time.monotonic() < until, training
            time.sleep(0.1)
        return training

    def ended(self, training_id: str) -> Training:
        return self.wait(training_id, lambda training: training.status not in OPEN)

    def at_work(self, training_id: str) -> Training:
        return self.wait(training_id, lambda training: bool(training.progress and training.progress.step))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, data_dir: Path, mnist: Splits) -> Path:
    """A data folder whose shipped model is tiny and not very good."""
    from digitscribe.contracts import Metrics
    from trainer.export import export
    from trainer.fitting import Fitting
    from trainer.recipes import Recipe

    folder = tmp_path_factory.mktemp("data")
    for each in ("mnist", "letters", "hands", "pens", "pages"):
        (folder / each).symlink_to(data_dir / each)
    fitting = Fitting(Recipe("tiny", 1, 32, peak_rate=0.01), mnist.train.sample(2048, 1), mnist.validation)
    fitting.run(lambda _: None)
    facts = Facts({"architecture": "tiny"}, {}, Metrics(validation_accuracy=fitting.best), 1, 1.0)
    volume = ModelVolume(folder / "models", "digits")
    export(volume, fitting.best_model(), lambda number: facts.to_card(number, "digits"), mnist.validation)
    return folder


@pytest.fixture(scope="module")
def system(data: Path, tmp_path_factory: pytest.TempPathFactory, redis_server_url: str) -> Iterator[System]:
    models, port = tmp_path_factory.mktemp("models"), free_port()
    url = redis_server_url.replace("/0", "/15")
    environment = os.environ | {
        "DIGITSCRIBE_REDIS_URL": url,
        "DIGITSCRIBE_MODELS_DIR": str(models),
        "DIGITSCRIBE_DATA_DIR": str(data),
        "DIGITSCRIBE_CORRECTIONS_DIR": str(models / "corrections"),
        "DIGITSCRIBE_SERVING_GRPC": f"127.0.0.1:{port}",
        "CUDA_VISIBLE_DEVICES": "",
    }
    subprocess.run([sys.executable, "-m", "trainer", "seed"], env=environment, check=True)
    command = [str(Path(sys.executable).parent / "digitscribe-serving"), f"--port={port}", "--num_load_threads=2"]
    flags = [f"--model_config_file={models / 'models.config'}", "--allow_version_labels_for_unavailable_models=true"]
    server = subprocess.Popen([*command, *flags], stderr=subprocess.DEVNULL)
    settings = ServingSettings(serving_grpc=f"127.0.0.1:{port}", serving_patience_s=60)
    try:
        with connect(url) as redis, ServingClient(settings) as client:
            client.predict(np.zeros((1, 28, 28, 1), np.float32))
            yield System(environment, ModelVolume(models, "digits"), redis, TrainingStore(redis, 5000), settings)
    finally:
        server.terminate()
        server.wait(timeout=30)


@pytest.fixture(scope="module")
def worker(system: System) -> Iterator[subprocess.Popen[bytes]]:
    process = system.start_worker()
    yield process
    process.terminate()
    assert process.wait(timeout=30) == 0


def _horse(worker: subprocess.Popen[bytes]) -> psutil.Process:
    (horse,) = psutil.Process(worker.pid).children()
    return horse


def _stable(system: System) -> int:
    return models_config.labels(models_config.read(system.volume.config_path), "digits")["stable"]


def test_a_retrain_takes_the_traffic_without_a_failed_request(system: System, worker: subprocess.Popen[bytes]) -> None:
    answers: set[int] = set()
    errors: list[Exception] = []
    stop = threading.Event()

    def ask() -> None:
        impatient = system.settings.model_copy(update={"serving_patience_s": 0.0})
        with ServingClient(impatient) as client:
            while not stop.is_set():
                try:
                    answers.add(client.predict(np.zeros((2, 28, 28, 1), np.float32)).version)
                except Exception as error:
                    errors.append(error)
                time.sleep(0.01)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    training = system.ended(system.store.create(QUICK).id)
    time.sleep(1)
    stop.set()
    for thread in threads:
        thread.join()
    assert (training.status, training.version, training.error) == (TrainingStatus.DONE, 2, None)
    assert errors == []
    assert answers == {1, 2}
    assert _stable(system) == 2


def test_its_record_and_card_say_what_was_done(system: System, worker: subprocess.Popen[bytes]) -> None:
    training, card = system.store.newest(1)[0], system.volume.card(2)
    assert training.metrics is not None
    assert card is not None
    assert card.metrics == training.metrics
    assert card.hyperparameters["fine_tuned_from"] == 1
    assert [entry.epoch for entry in training.history] == [1]
    assert training.started_at is not None
    assert training.ended_at is not None
    told = [stored.event for stored in EventLog(system.redis, 5000).read(BEGINNING).events]
    phases = [
        each.data["progress"]["phase"] for each in told if each.type is EventType.TRAINING and "progress" in each.data
    ]
    assert list(dict.fromkeys(phases)) == ["load", "train", "evaluate", "export", "promote"]


def test_a_worse_model_is_rejected_and_leaves_no_version(system: System, worker: subprocess.Popen[bytes]) -> None:
    request = TrainingRequest(epochs=1, limit=256, fine_tune=False, max_accuracy_drop=0)
    training = system.ended(system.store.create(request).id)
    assert training.status is TrainingStatus.REJECTED
    assert training.metrics is not None
    assert training.error is not None
    assert "in traffic" in training.error.detail
    assert (_stable(system), system.volume.versions()) == (2, [1, 2])


def test_a_running_training_can_be_cancelled_and_the_worker_goes_on(
    system: System, worker: subprocess.Popen[bytes]
) -> None:
    training = system.store.create(ENDLESS)
    system.at_work(training.id)
    assert system.store.cancel(training.id).status is TrainingStatus.CANCELLED
    after = system.ended(system.store.create(QUICK.model_copy(update={"promote": False})).id)
    assert after.status is TrainingStatus.DONE
    assert system.store.get(training.id).status is TrainingStatus.CANCELLED
    assert list(system.volume.model_dir.glob(".*")) == []


def test_without_promotion_the_traffic_stays(system: System, worker: subprocess.Popen[bytes]) -> None:
    training = system.store.newest(1)[0]
    assert not training.request.promote
    assert (training.status, training.version) == (TrainingStatus.DONE, 3)
    assert _stable(system) == 2


def test_a_training_whose_process_is_killed_fails(system: System, worker: subprocess.Popen[bytes]) -> None:
    training = system.store.create(ENDLESS)
    system.at_work(training.id)
    _horse(worker).kill()
    ended = system.ended(training.id)
    assert ended.status is TrainingStatus.FAILED
    assert ended.error is not None
    assert "killed" in ended.error.detail


def test_the_workers_parent_holds_no_tensorflow(system: System, worker: subprocess.Popen[bytes]) -> None:
    assert "tensorflow_cpu" not in "".join(each.path for each in psutil.Process(worker.pid).memory_maps())
    assert not any("libtensorflow" in each.path for each in psutil.Process(worker.pid).memory_maps())


def test_a_training_outlives_a_redis_that_is_away_for_seconds(system: System, redis_server_url: str) -> None:
    server = urlsplit(redis_server_url)
    assert server.port is not None
    with relay(server.port) as relayed:
        system.environment["DIGITSCRIBE_REDIS_URL"] = f"redis://127.0.0.1:{relayed.port}/15"
        worker = system.start_worker()
        try:
            training = system.store.create(TrainingRequest(epochs=3, limit=4096, promote=False, max_accuracy_drop=1.0))
            system.at_work(training.id)
            relayed.cut()
            time.sleep(3)
            relayed.mend()
            assert system.ended(training.id).status is TrainingStatus.DONE
        finally:
            system.environment["DIGITSCRIBE_REDIS_URL"] = redis_server_url.replace("/0", "/15")
            worker.terminate()
            worker.wait(timeout=60)


def test_sigterm_stops_a_worker_and_its_training(system: System, worker: subprocess.Popen[bytes]) -> None:
    training = system.store.create(ENDLESS)
    system.at_work(training.id)
    horse = _horse(worker)
    worker.terminate()
    assert worker.wait(timeout=30) == 0
    assert not horse.is_running()
    ended = system.store.get(training.id)
    assert ended.status is TrainingStatus.FAILED
    assert ended.error is not None
    assert "stopped" in ended.error.detail


def test_the_training_of_a_killed_worker_is_found_by_the_next(system: System) -> None:
    worker = system.start_worker()
    training = system.store.create(ENDLESS)
    system.at_work(training.id)
    horse = _horse(worker)
    worker.kill()
    horse.kill()
    worker.wait()
    # its lease runs out after half a minute: make that now
    started = jobs.queue(system.redis, jobs.TRAINING).started_job_registry
    for execution in cast(list[bytes], system.redis.zrange(started.key, 0, -1)):
        system.redis.zadd(started.key, {execution: 1})
    next_worker = system.start_worker()
    try:
        assert system.ended(training.id).status is TrainingStatus.FAILED
    finally:
        next_worker.terminate()
        assert next_worker.wait(timeout=30) == 0

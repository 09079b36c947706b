"""Fixtures: small real SavedModels, and a real model server that serves them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from digitscribe.models import models_config
from digitscribe.models.volume import ModelVolume
from digitscribe.serving.client import ServingClient
from digitscribe.settings import ServingSettings

from tests.ports import free_port

BUILD = """
import sys, tensorflow as tf
for version in map(int, sys.argv[2:]):
    answer = tf.one_hot([version], 10)
    classify = tf.function(lambda images: {"probabilities": tf.repeat(answer, tf.shape(images)[0], axis=0)})
    images = tf.TensorSpec([None, 28, 28, 1], tf.float32, name="images")
    folder = f"{sys.argv[1]}/{version}"
    tf.saved_model.save(tf.Module(), folder, signatures=classify.get_concrete_function(images))
"""


@dataclass
class Server:
    """A running model server; `stop` and `start` are for tests that take it away."""

    volume: ModelVolume
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def settings(self) -> ServingSettings:
        return ServingSettings(serving_grpc=f"127.0.0.1:{self.port}", serving_patience_s=5, predict_timeout_s=5)

    def start(self) -> None:
        command = [str(Path(sys.executable).parent / "digitscribe-serving"), f"--port={self.port}"]
        flags = ["--allow_version_labels_for_unavailable_models=true", "--num_load_threads=2"]
        config = f"--model_config_file={self.volume.config_path}"
        self.process = subprocess.Popen([*command, *flags, config], stderr=subprocess.DEVNULL)
        self._wait()

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _wait(self) -> None:
        until = time.monotonic() + 60
        with ServingClient(self.settings) as client:
            while not client.ready():
                assert time.monotonic() < until, "the model server did not start"
                time.sleep(0.1)


@pytest.fixture(scope="session")
def saved_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Versions 1 to 5 of a model that always answers with its own version's number."""
    folder = tmp_path_factory.mktemp("saved")
    subprocess.run([sys.executable, "-c", BUILD, str(folder), *"12345"], check=True, capture_output=True)
    return folder


def _fill(volume: ModelVolume, saved_models: Path) -> ModelVolume:
    shutil.copytree(saved_models, volume.model_dir)
    models_config.write(volume.config_path, models_config.initial("digits", str(volume.model_dir), 1))
    return volume


@pytest.fixture
def volume(saved_models: Path, tmp_path: Path) -> ModelVolume:
    """A volume with versions 1 to 5, of which 1 is stable."""
    return _fill(ModelVolume(tmp_path / "models", "digits"), saved_models)


@pytest.fixture(scope="module")
def shared_server(saved_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real model server over a volume like `volume`."""
    port = free_port()
    volume = _fill(ModelVolume(tmp_path_factory.mktemp("models"), "digits"), saved_models)
    server = Server(volume, port)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def server(shared_server: Server) -> Server:
    """That model server, with version 1 alone in traffic."""
    path = shared_server.volume.config_path
    before = models_config.read(path)
    labelled, loaded = models_config.labels(before, "digits"), models_config.loaded(before, "digits")
    if shared_server.process is None:
        shared_server.start()
    with ServingClient(shared_server.settings) as client:
        # a label can only be given to a version that is loaded
        client.reload(models_config.with_traffic(before, "digits", [1, *loaded], labelled))
        while client.version_states().get(1) != "AVAILABLE":
            time.sleep(0.05)
        models_config.write(path, models_config.with_traffic(before, "digits", [1], {"stable": 1}))
        client.reload(models_config.read(path))
    return shared_server

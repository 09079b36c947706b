"""The recognizer and the serving client with the real server and the shipped model."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from digitscribe.contracts import Recognition
from digitscribe.errors import ServingRefused
from digitscribe.models import models_config
from digitscribe.queueing.store import RecognitionStore
from digitscribe.serving.client import ServingClient
from digitscribe.settings import ServingSettings
from numpy.typing import NDArray
from PIL import Image

from tests.ports import free_port
from tests.recognizer.harness import accept, recognition, recognizer, wait_for_all, wait_until

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "data" / "models" / "digits" / "1"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A volume with the shipped model twice, as versions 1 and 2; version 1 is stable."""
    volume = tmp_path_factory.mktemp("models")
    for version in ("1", "2"):
        shutil.copytree(SHIPPED, volume / "digits" / version)
    models_config.write(volume / "models.config", models_config.initial("digits", str(volume / "digits"), 1))
    return volume


@pytest.fixture(scope="module")
def serving(models: Path) -> Iterator[str]:
    """The address of the real server."""
    port = free_port()
    command = [
        str(Path(sys.executable).with_name("digitscribe-serving")),
        f"--port={port}",
        f"--rest_api_port={free_port()}",
        f"--model_config_file={models / 'models.config'}",
        "--allow_version_labels_for_unavailable_models=true",
        "--enable_batching=true",
        f"--batching_parameters_file={ROOT / 'services' / 'serving' / 'config' / 'batching.config'}",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture
def client(serving: str) -> Iterator[ServingClient]:
    with ServingClient(ServingSettings(serving_grpc=serving, serving_patience_s=60)) as opened:
        wait_until(opened.ready, "the model server")
        yield opened


@pytest.fixture(scope="module")
def digits() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """MNIST's first 300 training images and their labels."""
    with np.load(ROOT / "data" / "mnist" / "mnist.npz") as mnist:
        return mnist["x_train"][:300], mnist["y_train"][:300]


def sheet(images: NDArray[np.uint8]) -> bytes:
    """A PNG of digits written side by side, dark on light, at twice MNIST's size."""
    row = np.concatenate([np.pad(image, ((6, 6), (3, 3))) for image in images], axis=1)
    buffer = io.BytesIO()
    Image.fromarray(255 - row).resize((row.shape[1] * 2, row.shape[0] * 2), Image.Resampling.BICUBIC).save(
        buffer, "PNG"
    )
    return buffer.getvalue()


def as_floats(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    return (images[..., np.newaxis] / np.float32(255)).astype(np.float32)


def test_the_shipped_model_reads_digits(
    client: ServingClient, digits: tuple[NDArray[np.uint8], NDArray[np.uint8]]
) -> None:
    images, labels = digits
    prediction = client.predict(as_floats(images))
    assert prediction.version == 1
    assert (prediction.probabilities.argmax(axis=1) == labels).mean() > 0.98


def test_an_images_answer_does_not_depend_on_its_batch(
    client: ServingClient, digits: tuple[NDArray[np.uint8], NDArray[np.uint8]]
) -> None:
    images = as_floats(digits[0][:64])
    together = client.predict(images).probabilities
    alone = np.concatenate([client.predict(images[i : i + 1]).probabilities for i in range(4)])
    np.testing.assert_allclose(together[:4], alone, atol=1e-4)


def test_a_larger_request_than_the_server_takes_is_refused(
    serving: str, client: ServingClient, digits: tuple[NDArray[np.uint8], NDArray[np.uint8]]
) -> None:
    assert client.ready()
    greedy = ServingSettings(serving_grpc=serving, predict_batch_size=300)
    with ServingClient(greedy) as asking, pytest.raises(ServingRefused, match="larger than maximum"):
        asking.predict(as_floats(digits[0]))


def test_a_label_moves_to_a_version_that_was_loaded_beside(client: ServingClient, models: Path) -> None:
    config = models_config.read(models / "models.config")
    blank = np.zeros((1, 28, 28, 1), np.float32)
    client.reload(models_config.with_traffic(config, "digits", [1, 2], {"stable": 1}))
    wait_until(lambda: client.version_states() == {1: "AVAILABLE", 2: "AVAILABLE"}, "version 2")
    client.reload(models_config.with_traffic(config, "digits", [1, 2], {"stable": 2}))
    assert client.predict(blank).version == 2
    client.reload(models_config.with_traffic(config, "digits", [1, 2], {"stable": 1}))
    assert client.predict(blank).version == 1


def test_numbers_on_sheets_are_read(
    redis_url: str,
    store: RecognitionStore,
    serving: str,
    client: ServingClient,
    digits: tuple[NDArray[np.uint8], NDArray[np.uint8]],
) -> None:
    images, labels = digits
    assert client.ready()
    numbers = [slice(start, start + 4) for start in range(0, 80, 4)]
    with recognizer({"REDIS_URL": redis_url, "SERVING_GRPC": serving}):
        ids = accept(store, [sheet(images[number]) for number in numbers])
        wait_for_all(store)
    read = [recognition(store, each) for each in ids]
    right = sum(one.text == "".join(map(str, labels[number])) for one, number in zip(read, numbers, strict=True))
    assert right >= 16, [_summary(each) for each in read]
    assert {each.model_version for each in read} == {1}


def _summary(done: Recognition) -> str:
    return done.text or done.status.value

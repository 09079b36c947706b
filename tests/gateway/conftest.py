"""The gateway's app on a real Redis, and a stand-in for the recognizer that ends what it accepts."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from digitscribe.contracts import Alternative, Box, Digit, EventType, Recognition, RecognitionStatus, Timing
from digitscribe.queueing import jobs
from digitscribe.queueing.connection import connect
from digitscribe.queueing.events import BEGINNING
from digitscribe.queueing.store import Outcome, RecognitionStore
from digitscribe.settings import GatewaySettings
from flask import Flask
from flask.testing import FlaskClient
from gateway.app import create_app
from PIL import Image
from redis import Redis

from deploy.local.programs import FRUGAL
from tests.ports import free_port

MakeSettings = Callable[..., GatewaySettings]


class Finisher:
    """Ends every accepted image with the digits of "20": the recognizer's part in the store, without its reading."""

    def __init__(self, redis_url: str, settings: GatewaySettings) -> None:
        self.redis = connect(redis_url)
        self.store = RecognitionStore(self.redis, settings)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Take jobs from the queues until stopped."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self.redis.close()

    def finish(self, recognition_id: str, **changes: object) -> Recognition:
        """End one recognition."""
        record = self.store.get(recognition_id)
        assert record is not None
        ended = read_as_20(record).model_copy(update=changes)
        self.store.finish([Outcome(ended, crops=crop(0) + crop(1))])
        return ended

    def finish_all(self) -> None:
        """End all that was accepted."""
        for entry in self.store.pending_entries():
            self.finish(entry.recognition_id)

    def _run(self) -> None:
        queues = [jobs.queue(self.redis, name).key for name in jobs.RECOGNITION_QUEUES]
        while not self._stop.is_set():
            self.redis.blpop(queues, timeout=0.2)
            self.finish_all()


def crop(index: int) -> bytes:
    """The picture of a digit, uint8 [28, 28] as bytes; each index has its own."""
    return bytes((column * 9 + index) % 256 for _ in range(28) for column in range(28))


def read_as_20(record: Recognition) -> Recognition:
    """`record`, done, with two digits."""
    digits = tuple(
        Digit(
            index=index,
            digit=digit,
            confidence=0.99,
            row=0,
            box=Box(x=10 + 30 * index, y=5, width=20, height=30),
            alternatives=(Alternative(digit=7, confidence=0.01),),
        )
        for index, digit in enumerate((2, 0))
    )
    return record.model_copy(
        update={
            "status": RecognitionStatus.DONE,
            "text": "20",
            "model_version": 1,
            "width": 64,
            "height": 48,
            "digits": digits,
            "timing_ms": Timing(queue=1.0, vision=1.0, predict=1.0, total=4.0),
        }
    )


@pytest.fixture
def make_settings(redis_url: str, tmp_path: Path) -> MakeSettings:
    """Settings of a gateway on the test's Redis, with changes."""

    def make(**changes: object) -> GatewaySettings:
        own = {
            "redis_url": redis_url,
            "corrections_dir": tmp_path / "corrections",
            "models_dir": tmp_path / "models",
            "serving_grpc": "127.0.0.1:9",  # nobody answers at the discard port
        }
        return GatewaySettings.model_validate({**own, **changes})

    return make


@pytest.fixture
def make_app(make_settings: MakeSettings) -> Iterator[Callable[..., Flask]]:
    """Apps with changed settings; they are closed after the test."""
    apps: list[Flask] = []

    def make(**changes: object) -> Flask:
        apps.append(create_app(make_settings(**changes)))
        return apps[-1]

    yield make
    for app in apps:
        app.extensions["digitscribe"].close()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The gateway's app."""
    return make_app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of the app."""
    return app.test_client()


@pytest.fixture
def idle_recognizer(redis_url: str, make_settings: MakeSettings) -> Iterator[Finisher]:
    """A stand-in for the recognizer that ends what it is told to."""
    finisher = Finisher(redis_url, make_settings())
    yield finisher
    finisher.stop()


@pytest.fixture
def recognizer(idle_recognizer: Finisher) -> Finisher:
    """A stand-in for the recognizer that ends everything."""
    idle_recognizer.start()
    return idle_recognizer


def encoded(size: tuple[int, int] = (64, 48), image_format: str = "PNG") -> bytes:
    """An image file."""
    buffer = io.BytesIO()
    Image.new("L", size, 255).save(buffer, image_format)
    return buffer.getvalue()


@pytest.fixture
def png() -> bytes:
    """A small PNG."""
    return encoded()


@pytest.fixture
def store(redis: Redis, make_settings: MakeSettings) -> RecognitionStore:
    """The store that gateway and recognizer share."""
    return RecognitionStore(redis, make_settings())


def announced(store: RecognitionStore, event_type: EventType) -> list[dict[str, Any]]:
    """What the events of `event_type` were about, oldest first."""
    return [stored.event.data for stored in store.events.read(BEGINNING).events if stored.event.type is event_type]


@dataclass
class RunningGateway:
    """`python -m gateway` as a process of its own."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path
    settings: GatewaySettings


@pytest.fixture(scope="session")
def start_gateway(
    redis_server_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., RunningGateway]]:
    """Start gateways on databases of their own, with changed settings; they are ended after the tests."""
    started: list[RunningGateway] = []

    def start(**changes: object) -> RunningGateway:
        folder, port = tmp_path_factory.mktemp("gateway"), free_port()
        settings = {
            "redis_url": redis_server_url.replace("/0", f"/{2 + len(started)}"),
            "gateway_port": port,
            "corrections_dir": folder / "corrections",
            "models_dir": folder / "models",
            "serving_grpc": "127.0.0.1:9",
            **changes,
        }
        named = {f"DIGITSCRIBE_{name.upper()}": str(value) for name, value in settings.items()}
        env = {**os.environ, **FRUGAL, **named}
        log = folder / "log"
        with log.open("wb") as file:
            process = subprocess.Popen([sys.executable, "-m", "gateway"], env=env, stdout=file, stderr=file)
        running = RunningGateway(f"http://127.0.0.1:{port}", process, log, GatewaySettings.model_validate(settings))
        started.append(running)
        _until_alive(running)
        return running

    yield start
    for each in started:
        each.process.terminate()
    for each in started:
        each.process.wait(timeout=30)


def _until_alive(running: RunningGateway) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert running.process.poll() is None, running.log.read_text()
        try:
            if httpx.get(f"{running.url}/healthz").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(running.log.read_text())


@pytest.fixture(scope="session")
def gateway(start_gateway: Callable[..., RunningGateway]) -> RunningGateway:
    """A running gateway."""
    return start_gateway()


@pytest.fixture
def gateway_recognizer(gateway: RunningGateway) -> Iterator[Finisher]:
    """A stand-in for the running gateway's recognizer that ends everything."""
    finisher = Finisher(gateway.settings.redis_url, gateway.settings)
    finisher.start()
    yield finisher
    finisher.stop()

"""`make up` and `make down`, as processes, with their state in a temporary folder whose name has a space."""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import psutil
import pytest
from PIL import Image

from deploy.local.processes import belonging_to
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
PATIENCE_S = 150
PORTS = ("UI", "GATEWAY", "REDIS", "SERVING_GRPC", "SERVING_REST")

pytestmark = [pytest.mark.slow, pytest.mark.alone]


class LocalStart:
    """A `make up` of its own."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.ports = dict(zip(PORTS, (free_port() for _ in PORTS), strict=True))
        own = {f"DIGITSCRIBE_{name}_PORT": str(port) for name, port in self.ports.items()}
        self.env = {**os.environ, **own, "DIGITSCRIBE_STATE_DIR": str(state), "DIGITSCRIBE_RECOGNIZERS": "1"}
        self.output = state.parent / "output.txt"
        self.started: list[subprocess.Popen[bytes]] = []

    def up(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "deploy.local.up"]
        with self.output.open("wb") as output:
            self.started.append(subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=output, stderr=output))
        return self.started[-1]

    def down(self) -> None:
        subprocess.run([sys.executable, "-m", "deploy.local.down"], cwd=ROOT, env=self.env, check=True)

    def wait_for(self, words: str, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while words not in (said := self.output.read_text()):
            assert process.poll() is None, said
            assert time.monotonic() < deadline, f"{words!r} is not in: {said}"
            time.sleep(0.1)

    def processes(self) -> list[psutil.Process]:
        return belonging_to(self.state)

    def process(self, module: str) -> psutil.Process:
        return min((each for each in self.processes() if module in each.cmdline()), key=lambda each: each.create_time())

    def read(self, image: bytes) -> str:
        url = f"http://localhost:{self.ports['UI']}/api/v1/recognitions?wait=20"
        answer = httpx.post(url, content=image, headers={"Content-Type": "image/png"}, timeout=30)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["text"])


@pytest.fixture
def start(tmp_path: Path) -> Iterator[LocalStart]:
    state = tmp_path / "state folder"
    state.mkdir()
    local = LocalStart(state)
    yield local
    for started in local.started:
        started.kill()
        started.wait()
    for process in local.processes():
        process.kill()


@pytest.fixture(scope="module")
def seven() -> bytes:
    """The first digit of MNIST's test set, a 7, as dark ink on a sheet."""
    with np.load(ROOT / "data" / "mnist" / "mnist.npz") as mnist:
        digit = Image.fromarray(255 - mnist["x_test"][0]).resize((112, 112), Image.Resampling.BICUBIC)
    sheet = Image.new("L", (240, 240), 255)
    sheet.paste(digit, (64, 64))
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG")
    return buffer.getvalue()


def test_what_is_started_reads_survives_a_killed_service_and_stops_without_a_trace(
    start: LocalStart, seven: bytes
) -> None:
    up = start.up()
    start.wait_for("Ready", up)
    assert f"http://localhost:{start.ports['UI']}" in start.output.read_text()
    assert start.read(seven) == "7"

    start.process("recognizer").kill()
    start.wait_for("recognizer runs again", up)
    assert start.read(seven) == "7"

    up.send_signal(signal.SIGINT)
    assert up.wait(timeout=60) == 0
    assert start.processes() == []


def test_down_from_elsewhere_ends_a_running_start(start: LocalStart) -> None:
    up = start.up()
    start.wait_for("Ready", up)
    start.down()
    assert up.wait(timeout=10) == 0
    assert start.processes() == []


def test_down_finds_what_a_killed_process_manager_left_behind(start: LocalStart) -> None:
    up = start.up()
    start.wait_for("Ready", up)
    up.kill()
    up.wait()
    start.process("supervisor.supervisord").kill()
    orphans = {process.name() for process in start.processes()}
    assert any(name.startswith("redis-server") for name in orphans), orphans
    start.down()
    assert start.processes() == []


def test_a_taken_port_ends_a_start_before_anything_runs(start: LocalStart) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", start.ports["GATEWAY"]))
        other.listen()
        assert start.up().wait(timeout=60) == 1
    said = start.output.read_text()
    assert f"Port {start.ports['GATEWAY']} for the gateway is taken" in said
    assert "DIGITSCRIBE_GATEWAY_PORT=" in said
    assert start.processes() == []


def test_a_service_that_does_not_stay_up_ends_the_start_with_its_own_words(start: LocalStart) -> None:
    start.env["DIGITSCRIBE_CAMERA_FPS"] = "many"
    assert start.up().wait(timeout=120) == 1
    said = start.output.read_text()
    assert "camera-worker does not stay up" in said
    assert "DIGITSCRIBE_CAMERA_FPS" in said
    assert start.processes() == []

"""`docker compose` for real: images built, the system up, a photo read, a retrain swapped in, and down again.

TensorFlow Serving's own image may not be to be had where this runs: the local model server's image takes its place,
through the same variable that any other image would (SERVING_IMAGE).
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import psutil
import pytest
from PIL import Image

from tests.ports import free_port

ROOT = Path(__file__).parents[2]
BASE_IMAGE = "python:3.11-slim-bookworm"
SLIM = ("gateway", "recognizer", "camera-worker", "ui")
"""The services whose images and processes hold no TensorFlow."""

MEGABYTE = 1_000_000

pytestmark = [pytest.mark.compose, pytest.mark.alone, pytest.mark.slow, pytest.mark.timeout(1800)]


@dataclass(frozen=True)
class Stack:
    """The running containers of one Compose project."""

    env: dict[str, str]
    ui_url: str

    def compose(self, *arguments: str) -> str:
        """What `docker compose ARGUMENTS` prints."""
        return _run(["docker", "compose", *arguments], self.env)

    def containers(self, service: str) -> list[str]:
        """The ids of the containers of `service`."""
        return self.compose("ps", "--quiet", service).split()


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """The whole system in containers, with two recognizers, on free ports."""
    ports = {name: str(free_port()) for name in ("UI", "GATEWAY", "SERVING_GRPC", "SERVING_REST")}
    own = {f"DIGITSCRIBE_{name}_PORT": port for name, port in ports.items()}
    image = os.environ.get("SERVING_IMAGE", "digitscribe/serving-local")
    env = {**os.environ, **own, "SERVING_IMAGE": image, "COMPOSE_PROJECT_NAME": "digitscribe-test"}
    running = Stack(env, f"http://127.0.0.1:{ports['UI']}")
    if image == "digitscribe/serving-local":
        _run(["docker", "build", "--quiet", "--tag", image, "--file", "services/serving/Dockerfile", "."], env)
    running.compose("build", "--quiet")
    try:
        running.compose("up", "--detach", "--wait", "--wait-timeout", "300", "--scale", "recognizer=2")
        yield running
    finally:
        print(running.compose("logs", "--no-color", "--tail", "20"))
        running.compose("down", "--volumes", "--timeout", "20")


def test_the_page_is_up(stack: Stack) -> None:
    page = httpx.get(stack.ui_url, timeout=10)
    assert page.status_code == 200
    assert "Digitscribe" in page.text


def test_a_photo_is_read(stack: Stack) -> None:
    image, text = _sheet()
    reading = _read(stack, image)
    assert (reading["status"], reading["text"], reading["model_version"]) == ("done", text, 1)


def test_every_service_runs_as_somebody_else_than_root(stack: Stack) -> None:
    for service in (*SLIM, "trainer", "serving"):
        for container in stack.containers(service):
            user = _run(["docker", "exec", container, "id", "-u"], stack.env).strip()
            assert user != "0", service


def test_processes_without_tensorflow_stay_under_150_megabytes(stack: Stack) -> None:
    resident = {
        f"{service} {process.pid}": process.memory_info().rss / MEGABYTE
        for service in SLIM
        for container in stack.containers(service)
        for process in _processes(container, stack.env)
    }
    assert len(resident) >= len(SLIM)
    assert not {name: size for name, size in resident.items() if size >= 150}


def test_images_without_tensorflow_add_at_most_350_megabytes(stack: Stack) -> None:
    base = _image_size(BASE_IMAGE, stack.env)
    added = {service: _image_size(f"digitscribe/{service}", stack.env) - base for service in SLIM}
    assert not {service: size for service, size in added.items() if size > 350 * MEGABYTE}


def test_a_retrain_takes_the_traffic(stack: Stack) -> None:
    request = {"epochs": 1, "limit": 512, "max_accuracy_drop": 1.0}
    accepted = httpx.post(f"{stack.ui_url}/api/v1/trainings", json=request, timeout=10)
    assert accepted.status_code == 202, accepted.text
    training = _ended(f"{stack.ui_url}/api/v1/trainings/{accepted.json()['id']}")
    assert (training["status"], training["version"]) == ("done", 2), training
    assert _read(stack, _sheet()[0])["model_version"] == 2


def test_a_restart_finds_the_same_version_in_traffic(stack: Stack) -> None:
    stack.compose("restart", "--timeout", "20", "serving", "gateway", "recognizer", "redis")
    stack.compose("up", "--detach", "--wait", "--wait-timeout", "120", "--scale", "recognizer=2")
    assert _read(stack, _sheet()[0])["model_version"] == 2


def test_down_leaves_no_container(stack: Stack) -> None:
    stack.compose("down", "--timeout", "20")
    assert stack.compose("ps", "--all", "--quiet").split() == []


def _run(command: list[str], env: dict[str, str]) -> str:
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


def _sheet() -> tuple[bytes, str]:
    with np.load(ROOT / "data" / "mnist" / "mnist.npz") as mnist:
        images, labels = mnist["x_test"][:4], mnist["y_test"][:4]
    page = np.full((140, 460), 235, np.uint8)
    for index, image in enumerate(images):
        big = (
            np.asarray(Image.fromarray(image).resize((84, 84), Image.Resampling.BICUBIC)).astype(np.uint16) * 200 // 255
        )
        page[28:112, 20 + index * 110 : 104 + index * 110] -= big.astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(page).save(buffer, "PNG")
    return buffer.getvalue(), "".join(map(str, labels))


def _read(stack: Stack, image: bytes) -> dict[str, object]:
    response = httpx.post(
        f"{stack.ui_url}/api/v1/recognitions?wait=20", content=image, headers={"Content-Type": "image/png"}, timeout=40
    )
    assert response.status_code == 200, response.text
    return dict(response.json())


def _ended(url: str) -> dict[str, object]:
    deadline = time.monotonic() + 400
    while (document := dict(httpx.get(url, timeout=20).json()))["status"] in ("queued", "running"):
        assert time.monotonic() < deadline, document
        time.sleep(1)
    return document


def _processes(container: str, env: dict[str, str]) -> list[psutil.Process]:
    lines = _run(["docker", "top", container, "-eo", "pid,comm"], env).splitlines()[1:]
    return [psutil.Process(int(line.split()[0])) for line in lines]


def _image_size(image: str, env: dict[str, str]) -> int:
    return int(json.loads(_run(["docker", "image", "inspect", image], env))[0]["Size"])

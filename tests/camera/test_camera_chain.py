"""The demo camera in front of the whole system: what is written on its sheets is what the gateway tells."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from camera_worker import demo

from tests.running_system import RunningSystem

pytestmark = pytest.mark.slow

NAME = "desk"


@pytest.fixture(scope="module")
def watched(system: RunningSystem) -> Iterator[RunningSystem]:
    """The running system with a camera worker that plays the demo."""
    env = {**system.env, "DIGITSCRIBE_CAMERA_NAME": NAME}
    with system.log("camera-worker").open("ab") as log:
        worker = subprocess.Popen([sys.executable, "-m", "camera_worker"], env=env, stdout=log, stderr=log)
    yield system
    worker.terminate()
    worker.wait(10)


def _state(system: RunningSystem) -> dict[str, Any]:
    cameras = httpx.get(f"{system.gateway_url}/v1/cameras", timeout=10).json()["cameras"]
    return next((camera for camera in cameras if camera["name"] == NAME), {})


def test_every_sheet_is_read_steadily_and_rightly(watched: RunningSystem) -> None:
    seen: set[str] = set()
    deadline = time.monotonic() + 5 * demo.SHEET_S * len(demo.SHEETS)
    while not set(demo.SHEETS) <= seen and time.monotonic() < deadline:
        seen.add(_state(watched).get("reading") or "")
        time.sleep(0.1)
    assert set(demo.SHEETS) <= seen


def test_the_gateway_shows_the_camera_online_with_its_counters(watched: RunningSystem) -> None:
    deadline = time.monotonic() + 60
    while not (state := _state(watched)).get("counters", {}).get("sent"):
        assert time.monotonic() < deadline, state
        time.sleep(0.1)
    assert state["online"]
    assert state["counters"]["captured"] >= state["counters"]["sent"]


def test_the_preview_is_a_picture(watched: RunningSystem) -> None:
    deadline = time.monotonic() + 60
    while not _state(watched):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    preview = httpx.get(f"{watched.gateway_url}/v1/cameras/{NAME}/preview?single=true", timeout=10)
    assert preview.headers["Content-Type"] == "image/jpeg"
    assert preview.content.startswith(b"\xff\xd8\xff")

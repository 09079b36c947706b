"""The containers' health check, as Docker runs it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECK = Path(__file__).parents[2] / "deploy" / "docker" / "healthcheck.py"
PATIENCE_S = 60


@pytest.fixture
def heartbeat(tmp_path: Path) -> Path:
    return tmp_path / "heartbeat"


@pytest.fixture
def supervisor(heartbeat: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A supervisor of cameras whose gateway is away."""
    settings = {"DIGITSCRIBE_GATEWAY_URL": "http://127.0.0.1:9", "CAMERA_WORKER_HEARTBEAT": str(heartbeat)}
    command = [sys.executable, "-m", "camera_worker.supervisor"]
    process = subprocess.Popen(command, env={**os.environ, **settings})
    yield process
    process.kill()
    process.wait()


def is_well(heartbeat: Path) -> bool:
    """What the check says of a container of the camera worker."""
    environment = {**os.environ, "CAMERA_WORKER_HEARTBEAT": str(heartbeat)}
    done = subprocess.run([sys.executable, str(CHECK), "camera"], env=environment, capture_output=True, check=False)
    return done.returncode == 0


@pytest.mark.usefixtures("supervisor")
def test_a_supervisor_that_works_is_well(heartbeat: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_well(heartbeat):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_supervisor_that_has_not_begun_is_not_well(heartbeat: Path) -> None:
    assert not is_well(heartbeat)


def test_a_supervisor_that_hangs_is_not_well(heartbeat: Path) -> None:
    heartbeat.touch()
    assert is_well(heartbeat)
    os.utime(heartbeat, times=(time.time() - 60, time.time() - 60))
    assert not is_well(heartbeat)

"""Stopping the whole system: a batch in hand is finished first, with all that it needs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import yaml
from digitscribe.settings import RecognizerSettings

from deploy.local import down, processes
from deploy.local.programs import Program, programs, render
from deploy.local.settings import LocalSettings, environment
from deploy.local.system import System

COMPOSE = Path(__file__).parents[2] / "docker-compose.yml"
JOB_TIMEOUT = "DIGITSCRIBE_JOB_TIMEOUT_S"

SERVICE = """
import os, signal, sys, time
def end(*_):
    time.sleep(float(sys.argv[2]))
    with open(os.path.join(os.environ["ENDED_IN"], "ended.txt"), "a") as file:
        print(sys.argv[1], file=file, flush=True)
    os._exit(0)
signal.signal(signal.SIGTERM, end)
open(os.path.join(os.environ["ENDED_IN"], sys.argv[1]), "w").close()
while True:
    time.sleep(60)
"""
"""Takes its time to stop, and writes down when it has."""


@pytest.fixture(params=[None, "300"], ids=["by default", "as set"])
def job_timeout_s(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Longest time that a batch may take, as the services are told."""
    monkeypatch.delenv(JOB_TIMEOUT, raising=False)
    if request.param:
        monkeypatch.setenv(JOB_TIMEOUT, request.param)
    return RecognizerSettings().job_timeout_s


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    monkeypatch.setenv("ENDED_IN", str(tmp_path))
    (tmp_path / "recognizer.py").write_text(SERVICE)
    system = System(LocalSettings(state_dir=tmp_path / "state"))
    for name in ("run", "log"):
        (system.settings.state / name).mkdir(parents=True)
    yield system
    processes.end(processes.belonging_to(system.settings.state), patience_s=0)
    assert not system.is_running()


def test_make_up_lets_a_recognizer_finish_the_longest_batch(job_timeout_s: int) -> None:
    wanted = programs(LocalSettings(recognizers=2))
    times = {each.name: each.stop_s for each in wanted if each.name.startswith("recognizer")}
    assert len(times) == 2
    assert min(times.values()) >= job_timeout_s + 5
    assert f"stopwaitsecs={times['recognizer']}" in render(LocalSettings(), wanted)


def test_nobody_waits_shorter_for_all_of_it_than_for_its_slowest(job_timeout_s: int, system: System) -> None:
    assert system.stop_patience_s > max(each.stop_s for each in system.programs) > job_timeout_s


def test_compose_lets_a_recognizer_finish_the_longest_batch(job_timeout_s: int) -> None:
    period = str(yaml.safe_load(COMPOSE.read_text())["services"]["recognizer"]["stop_grace_period"])
    resolved = re.sub(r"\$\{(\w+):-(\w+)\}", lambda found: os.environ.get(found[1]) or found[2], period)
    assert re.fullmatch(r"\d+s", resolved)
    assert int(resolved[:-1]) >= job_timeout_s + (0 if JOB_TIMEOUT in os.environ else 5)


def test_down_waits_for_a_start_as_long_as_the_start_waits(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(processes, "named", lambda *_: psutil.Process())
    monkeypatch.setattr(processes, "end", lambda _, patience_s: waited.append(patience_s))
    down._stop_up(system)
    assert waited == [system.stop_patience_s]


def test_what_a_batch_in_hand_needs_stops_behind_it(system: System, tmp_path: Path) -> None:
    system.programs = [
        Program("redis", _service(tmp_path, "redis"), 10),
        Program("serving", _service(tmp_path, "serving"), 20),
        Program("recognizer-2", _service(tmp_path, "recognizer-2", "1"), 40),
    ]
    system.launch()
    _wait_for(lambda: all((tmp_path / each.name).exists() for each in system.programs))
    system.programs = programs(LocalSettings())  # who says `make down` may have asked for fewer recognizers
    system.stop()
    assert (tmp_path / "ended.txt").read_text().split() == ["recognizer-2", "serving", "redis"]
    assert processes.belonging_to(system.settings.state) == []


def test_a_batch_that_a_killed_process_manager_left_in_hand_is_finished_first(system: System, tmp_path: Path) -> None:
    env = {**environment(system.settings), "PYTHONPATH": str(tmp_path)}
    recognizer = [sys.executable, "-m", "recognizer", "recognizer", "7"]
    left = [subprocess.Popen(command, env=env) for command in (_service(tmp_path, "redis"), recognizer)]
    _wait_for(lambda: (tmp_path / "redis").exists() and (tmp_path / "recognizer").exists())
    system.sweep()
    assert (tmp_path / "ended.txt").read_text().split() == ["recognizer", "redis"]
    assert [each.wait() for each in left] == [0, 0]


def _service(folder: Path, name: str, stops_for_s: str = "0") -> tuple[str, ...]:
    return (sys.executable, str(folder / "recognizer.py"), name, stops_for_s)


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)

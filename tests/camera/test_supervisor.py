"""The supervisor: a process for each camera, restarted at a pace; the gateway followed, and done without."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any, cast

import psutil
import pytest
from camera_worker.children import SETTLED_S, Children, Process
from camera_worker.plan import Camera
from camera_worker.reports import AGAIN_S, Reporter
from digitscribe.contracts import CameraReport

Until = Callable[..., None]


class FakeProcess:
    """A process that ends when it is told to, or when a test says so."""

    stdin = None

    def __init__(self) -> None:
        self.status: int | None = None

    def poll(self) -> int | None:
        return self.status

    def terminate(self) -> None:
        self.status = -15

    def wait(self, timeout: float | None = None) -> int:
        assert self.status is not None, timeout
        return self.status


class Spawned:
    """Starts fake processes, and remembers them by camera."""

    def __init__(self) -> None:
        self.processes: dict[str, list[FakeProcess]] = {}

    def __call__(self, camera: Camera) -> Process:
        process = FakeProcess()
        self.processes.setdefault(camera.name, []).append(process)
        return cast(Process, process)


@pytest.fixture
def spawned() -> Spawned:
    return Spawned()


@pytest.fixture
def children(spawned: Spawned) -> Children:
    return Children(spawned)


DOOR = Camera("door", (("DIGITSCRIBE_CAMERA_SOURCE", "demo"),))


def test_each_camera_gets_a_process(children: Children) -> None:
    children.want({"door": DOOR, "desk": Camera("desk", ())})
    children.tend(0)
    assert children.running == ["desk", "door"]


def test_a_camera_that_cannot_run_gets_none(children: Children) -> None:
    children.want({"door": Camera("door", (), problem="no such file")})
    children.tend(0)
    assert children.running == []


def test_a_change_restarts_only_the_camera_that_it_is_about(children: Children, spawned: Spawned) -> None:
    desk = Camera("desk", ())
    children.want({"door": DOOR, "desk": desk})
    children.tend(0)
    children.want({"door": Camera("door", ()), "desk": desk})
    children.tend(1)
    assert {name: len(each) for name, each in spawned.processes.items()} == {"door": 2, "desk": 1}
    assert spawned.processes["door"][0].status == -15


def test_a_camera_that_is_not_wanted_any_more_is_ended(children: Children, spawned: Spawned) -> None:
    children.want({"door": DOOR})
    children.tend(0)
    children.want({})
    assert (children.running, spawned.processes["door"][0].status) == ([], -15)


def test_a_process_that_dies_again_and_again_is_started_less_and_less_often(
    children: Children, spawned: Spawned
) -> None:
    children.want({"door": DOOR})
    now_s, starts = 0.0, []
    while now_s < 60:
        before = len(spawned.processes.get("door", []))
        children.tend(now_s)
        if len(spawned.processes["door"]) > before:
            starts.append(now_s)
        spawned.processes["door"][-1].status = 1
        now_s += 0.25
    waits = [later - earlier for earlier, later in itertools.pairwise(starts)]
    assert len(starts) < 12
    assert waits[-1] > 4 * waits[0]


def test_a_long_life_forgives_earlier_deaths(children: Children, spawned: Spawned) -> None:
    children.want({"door": DOOR})
    for now_s in range(0, 60, 15):
        children.tend(now_s)
        spawned.processes["door"][-1].status = 1
        children.tend(now_s + 0.1)
    children.tend(100)
    spawned.processes["door"][-1].status = 1
    children.tend(100 + SETTLED_S)
    children.tend(100 + SETTLED_S + 0.6)
    assert children.running == ["door"], "the first wait of a new row is half a second at most"


def test_a_film_that_has_ended_is_not_played_again(children: Children, spawned: Spawned) -> None:
    children.want({"door": DOOR})
    children.tend(0)
    spawned.processes["door"][0].status = 0
    children.tend(1)
    children.tend(1000)
    assert len(spawned.processes["door"]) == 1


class Told:
    """Stands in for the gateway's client: takes reports, or is away."""

    def __init__(self) -> None:
        self.reports: list[CameraReport] = []
        self.away = False

    def tell(self, report: CameraReport) -> bool:
        if not self.away:
            self.reports.append(report)
        return not self.away


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    told = Told()
    monkeypatch.setattr(Reporter, "tell", lambda _self, report: told.tell(report))
    return told


def test_news_is_told_once_and_a_lasting_problem_again(told: Told) -> None:
    reporter = Reporter(cast(Any, None), "door")
    well, ill = CameraReport(source="demo"), CameraReport(source="demo", problem="silent")
    for now_s, report in ((0, well), (1, well), (50, well), (51, ill), (52, ill), (52 + AGAIN_S, ill), (70, well)):
        reporter.keep_told(report, now_s)
    assert told.reports == [well, ill, ill, well]


def test_what_the_gateway_missed_is_told_again(told: Told) -> None:
    reporter, well = Reporter(cast(Any, None), "door"), CameraReport(source="demo")
    told.away = True
    reporter.keep_told(well, 0)
    told.away = False
    reporter.keep_told(well, 1)
    reporter.keep_told(well, AGAIN_S + 1)
    assert told.reports == [well]


@pytest.fixture
def supervisor() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts the real supervisor, with changed settings."""
    started: list[subprocess.Popen[bytes]] = []

    def start(**changes: str) -> subprocess.Popen[bytes]:
        settings = {f"DIGITSCRIBE_{name.upper()}": value for name, value in changes.items()}
        command = [sys.executable, "-m", "camera_worker.supervisor"]
        started.append(subprocess.Popen(command, env={**os.environ, **settings}))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait(10)


def offspring(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_however_it_ends_its_cameras_end_with_it(supervisor: Any, until: Until, number: int) -> None:
    process = supervisor(gateway_url="http://127.0.0.1:9")
    until(lambda: len(offspring(process)) == 1)
    camera = offspring(process)[0]
    until(lambda: camera.num_threads() > 2)
    process.send_signal(number)
    process.wait(15)
    until(lambda: not camera.is_running() or camera.status() == psutil.STATUS_ZOMBIE)


def test_a_camera_that_is_killed_is_started_again(supervisor: Any, until: Until) -> None:
    process = supervisor(gateway_url="http://127.0.0.1:9")
    until(lambda: len(offspring(process)) == 1)
    first = offspring(process)[0]
    first.kill()
    until(lambda: [each.pid for each in offspring(process) if each.pid != first.pid] != [])


def test_wrong_settings_end_it_with_the_name_of_the_variable() -> None:
    command = [sys.executable, "-m", "camera_worker.supervisor"]
    ran = subprocess.run(
        command, env={**os.environ, "DIGITSCRIBE_CAMERA_FPS": "0"}, capture_output=True, timeout=60, check=False
    )
    assert (ran.returncode, b"DIGITSCRIBE_CAMERA_FPS" in ran.stderr) == (2, True)

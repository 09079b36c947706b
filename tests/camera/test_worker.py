"""The worker as a process, against real HTTP and real sources."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psutil
import pytest
from digitscribe.contracts import Digit, Recognition, RecognitionStatus
from digitscribe.contracts.document import now

Until = Callable[..., None]


class Process:
    """`python -m camera_worker`, and what it logged."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "worker.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, frame_server: Any, **settings: object) -> subprocess.Popen[bytes]:
        variables = {f"DIGITSCRIBE_{name.upper()}": str(value) for name, value in settings.items()}
        environment = {**os.environ, "DIGITSCRIBE_GATEWAY_URL": frame_server.url, **variables}
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "camera_worker"], env=environment, stdout=log, stderr=log
            )
        return self.process

    @property
    def log(self) -> str:
        return self._log.read_text()


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Process]:
    worker = Process(tmp_path)
    yield worker
    if worker.process:
        worker.process.kill()
        worker.process.wait(10)


def test_the_demo_camera_sends_the_digits_of_its_sheets(worker: Process, frame_server: Any, until: Until) -> None:
    worker.start(frame_server)
    until(lambda: any(len(frame.digits) == 4 for frame in frame_server.frames))
    assert set(frame_server.paths) == {"/v1/cameras/demo/frames?wait=1"}


def test_every_captured_frame_ends_as_skipped_sent_or_dropped(worker: Process, frame_server: Any, video: Path) -> None:
    process = worker.start(frame_server, camera_source=video, camera_loop="false")
    assert process.wait(30) == 0
    assert "captured=20" in worker.log
    counted = {name: int(re.findall(rf"{name}=(\d+)", worker.log)[-1]) for name in ("skipped", "sent", "dropped")}
    assert sum(counted.values()) == 20
    assert counted["sent"] == len(frame_server.frames) > 0


def test_a_file_waits_for_a_gateway_that_is_busy_and_loses_nothing(
    worker: Process, frame_server: Any, video: Path
) -> None:
    busy = iter([503, 429, 500])
    frame_server.reply = lambda _: (next(busy, 202), {}, b"{}")
    process = worker.start(frame_server, camera_source=video, camera_loop="false")
    assert process.wait(60) == 0
    assert "dropped=0" in worker.log
    assert len(frame_server.paths) == len(frame_server.frames) + 3


def test_a_live_camera_drops_what_the_gateway_does_not_take_and_goes_on(
    worker: Process, frame_server: Any, camera: Any, until: Until
) -> None:
    worker.start(frame_server, camera_source=camera.url, camera_fps=25)
    until(lambda: len(frame_server.frames) >= 3)
    frame_server.reply = lambda _: (503, {"Retry-After": "1"}, b"{}")
    asked = len(frame_server.paths)
    until(lambda: len(frame_server.paths) >= asked + 2)
    frame_server.reply = lambda _: (202, {}, b"{}")
    before = len(frame_server.frames)
    until(lambda: len(frame_server.frames) > before)
    assert frame_server.frames[-1].counters["dropped"] > 0


def test_a_camera_that_is_killed_and_comes_back_is_counted(
    worker: Process, frame_server: Any, camera: Any, until: Until
) -> None:
    worker.start(frame_server, camera_source=camera.url)
    until(lambda: len(frame_server.frames) >= 2)
    camera.kill()
    until(lambda: "next try in" in worker.log)
    camera.start()
    until(lambda: frame_server.frames[-1].counters["reconnects"] == 1)


def test_a_gateway_that_is_away_at_first_is_found(worker: Process, frame_server: Any, until: Until) -> None:
    frame_server.server.kill()
    worker.start(frame_server)
    until(lambda: "does not take frames" in worker.log)
    frame_server.server.start()
    until(lambda: len(frame_server.frames) > 0)


def test_a_still_picture_is_sent_as_a_heartbeat_only(
    worker: Process, frame_server: Any, tmp_path: Path, until: Until
) -> None:
    cv2.imwrite(str(tmp_path / "sheet.png"), np.full((200, 200, 3), 230, np.uint8))
    worker.start(frame_server, camera_source=tmp_path)
    until(lambda: len(frame_server.frames) >= 6)
    gaps = [
        (later.captured_at - earlier.captured_at).total_seconds()
        for earlier, later in zip(frame_server.frames[4:], frame_server.frames[5:], strict=False)
    ]
    assert min(gaps) > 1.4


def test_three_like_results_become_the_reading_of_the_next_frame(
    worker: Process, frame_server: Any, until: Until
) -> None:
    def read(frame: Any) -> tuple[int, dict[str, str], bytes]:
        digits = tuple(
            Digit(index=place, digit=7, confidence=0.9, row=each.row, box=each.box)
            for place, each in enumerate(frame.digits)
        )
        done = Recognition(id="a" * 32, status=RecognitionStatus.DONE, created_at=now(), text="", digits=digits)
        return 200, {}, done.model_dump_json(exclude_none=True).encode()

    frame_server.reply = read
    worker.start(frame_server)
    until(lambda: any(frame.reading == "7777" for frame in frame_server.frames))
    assert "reads '7777'" in worker.log


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_well(worker: Process, frame_server: Any, until: Until, number: int) -> None:
    process = worker.start(frame_server)
    until(lambda: len(frame_server.frames) > 0)
    process.send_signal(number)
    assert process.wait(10) == 0
    assert "captured=" in worker.log


def test_a_signal_ends_it_while_the_gateway_holds_its_answer(worker: Process, frame_server: Any, until: Until) -> None:
    asked: list[float] = []

    def hold(_: Any) -> tuple[int, dict[str, str], bytes]:
        asked.append(time.monotonic())
        time.sleep(60)
        return 202, {}, b"{}"

    frame_server.reply = hold
    process = worker.start(frame_server)
    until(lambda: len(asked) > 0)
    process.terminate()
    assert process.wait(5) == 0


def test_a_wrong_setting_ends_it_with_the_variables_name(worker: Process, frame_server: Any) -> None:
    process = worker.start(frame_server, camera_source="nowhere.mp4", camera_name="desk")
    assert process.wait(30) == 2
    assert "DIGITSCRIBE_CAMERA_SOURCE" in worker.log
    assert "Traceback" not in worker.log


@pytest.mark.parametrize("scheme", ["http", "rtsp", "rtmp"])
def test_the_password_of_a_camera_never_reaches_the_log(
    worker: Process, frame_server: Any, camera: Any, until: Until, scheme: str
) -> None:
    address = camera.url.replace("http://", f"{scheme}://admin:S3CRET@")
    camera.credentials = "admin:another"
    worker.start(frame_server, camera_source=f"{address}?pwd=S3CRET", camera_stall_s=1, log_level="DEBUG")
    until(lambda: worker.log.count("next try in") >= 2)
    assert "admin" not in worker.log
    assert "S3CRET" not in worker.log


def test_it_stays_small(worker: Process, frame_server: Any, until: Until) -> None:
    process = worker.start(frame_server)
    until(lambda: len(frame_server.frames) > 20, timeout_s=60)
    assert psutil.Process(process.pid).memory_info().rss < 150e6

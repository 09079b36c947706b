"""The camera worker's supervisor beside a running gateway: cameras run, pause and go as people say."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.gateway.conftest import Finisher, RunningGateway, encoded

pytestmark = pytest.mark.slow

MOST_BYTES = 150_000_000
PATIENCE_S = 90


def until(holds: Callable[[], Any]) -> None:
    """Wait until `holds`; a claim that does not come true in time fails the test."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@dataclass
class Desk:
    """The gateway's calls about cameras, and the supervisor behind them."""

    http: httpx.Client
    supervisor: psutil.Process
    log: Path

    def state(self, name: str) -> dict[str, Any]:
        listed = self.http.get("/v1/cameras").json()["cameras"]
        return next((each for each in listed if each["name"] == name), {})

    def call(self, method: str, name: str, **fields: object) -> None:
        body = {} if method == "DELETE" else {"json": fields}
        self.http.request(method, f"/v1/cameras/{name}", **body).raise_for_status()  # type: ignore[arg-type]

    def processes(self) -> list[psutil.Process]:
        return self.supervisor.children()


@pytest.fixture(scope="module")
def desk(start_gateway: Callable[..., RunningGateway], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A gateway, something behind it that ends every image, and the supervisor with a media folder of one sheet."""
    gateway, folder = start_gateway(camera_token="s3cret"), tmp_path_factory.mktemp("cameras")
    (folder / "media").mkdir()
    (folder / "media" / "sheet.png").write_bytes(encoded((320, 240)))
    settings = {"GATEWAY_URL": gateway.url, "CAMERA_NAME": "own", "CAMERA_TOKEN": "s3cret"}
    settings["CAMERA_MEDIA_DIR"] = str(folder / "media")
    env = {**os.environ, **{f"DIGITSCRIBE_{name}": value for name, value in settings.items()}}
    finisher = Finisher(gateway.settings.redis_url, gateway.settings)
    finisher.start()
    with (folder / "log").open("wb") as log:
        command = [sys.executable, "-m", "camera_worker.supervisor"]
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
    with httpx.Client(base_url=gateway.url, timeout=30) as http:
        yield Desk(http, psutil.Process(process.pid), folder / "log")
    process.terminate()
    process.wait(30)
    finisher.stop()


def test_a_camera_runs_pauses_goes_on_and_is_removed(desk: Desk) -> None:
    until(lambda: desk.state("own").get("online"))
    desk.call("PUT", "sheet", source="sheet.png")
    until(lambda: desk.state("sheet").get("online"))
    assert len(desk.processes()) == 2
    desk.call("PATCH", "sheet", paused=True)
    until(lambda: len(desk.processes()) == 1)
    desk.call("PATCH", "sheet", paused=False)
    until(lambda: len(desk.processes()) == 2)
    desk.call("DELETE", "sheet")
    until(lambda: len(desk.processes()) == 1)
    assert desk.state("sheet") == {}, "what its process still said did not bring it back"


def test_latencies_are_told_from_capture_to_result(desk: Desk) -> None:
    until(lambda: sum(each["count"] for each in desk.state("own").get("latency", {}).get("buckets", [])) > 3)
    assert 'digitscribe_camera_latency_seconds_count{camera="own"}' in desk.http.get("/metrics").text


def test_a_camera_that_cannot_be_read_says_why_and_no_password(desk: Desk) -> None:
    desk.call("PUT", "film", source="missing.mp4")
    until(lambda: "no 'missing.mp4'" in desk.state("film").get("problem", ""))
    desk.call("PUT", "film", source="rtsp://admin:hunter2@127.0.0.1:9/x?key=value")
    until(lambda: "does not open" in desk.state("film").get("problem", ""))
    assert desk.state("film")["problem"].startswith("rtsp://***@127.0.0.1:9/x?***")
    assert "hunter2" not in desk.log.read_text()
    desk.call("DELETE", "film")


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("sheet.png", None),
        ("demo", None),
        ("missing.png", "there is no 'missing.png'"),
        ("http://127.0.0.1:9/stream", "does not open; check the address"),
    ],
)
def test_a_source_is_looked_through_before_it_is_saved(desk: Desk, source: str, problem: str | None) -> None:
    seen = desk.http.post("/v1/camera-trials", json={"source": source}, timeout=60).raise_for_status().json()
    if problem:
        assert problem in seen["problem"]
        return
    assert ("problem" in seen, seen["picture"][:4]) == (False, "/9j/")
    assert source == "demo" or (seen["width"], seen["height"]) == (320, 240)


def test_no_process_takes_more_than_its_share_of_memory(desk: Desk) -> None:
    until(lambda: desk.state("own").get("frames", 0) > 5)
    sizes = [each.memory_info().rss for each in (desk.supervisor, *desk.processes())]
    assert max(sizes) <= MOST_BYTES, sizes

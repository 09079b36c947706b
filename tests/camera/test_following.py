"""Cameras defined through the API of the whole system run, pause and go, as people say."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import httpx
import psutil
import pytest

from tests.camera.conftest import picture
from tests.running_system import RunningSystem

pytestmark = pytest.mark.slow

Until = Callable[..., None]
MOST_BYTES = 150_000_000


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A media folder with one sheet."""
    folder = tmp_path_factory.mktemp("media")
    cv2.imwrite(str(folder / "sheet.png"), picture(3))
    return folder


@pytest.fixture(scope="module")
def supervisor(system: RunningSystem, media: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The camera worker's supervisor beside the running system."""
    env = {**system.env, "DIGITSCRIBE_CAMERA_NAME": "own", "DIGITSCRIBE_CAMERA_MEDIA_DIR": str(media)}
    with system.log("supervisor").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "camera_worker.supervisor"], env={**os.environ, **env}, stdout=log, stderr=log
        )
    yield process
    process.send_signal(signal.SIGTERM)
    process.wait(15)


class Api:
    """The gateway's calls about cameras."""

    def __init__(self, system: RunningSystem) -> None:
        self._http = httpx.Client(base_url=system.gateway_url, timeout=30)

    def close(self) -> None:
        self._http.close()

    def state(self, name: str) -> dict[str, Any]:
        listed = self._http.get("/v1/cameras").json()["cameras"]
        return next((each for each in listed if each["name"] == name), {})

    def call(self, method: str, name: str, **fields: object) -> dict[str, Any]:
        body = {"json": fields} if method != "DELETE" else {}
        answer = self._http.request(method, f"/v1/cameras/{name}", **body).raise_for_status()  # type: ignore[arg-type]
        return answer.json()  # type: ignore[no-any-return]


@pytest.fixture
def api(system: RunningSystem, supervisor: subprocess.Popen[bytes]) -> Api:
    api = Api(system)
    yield api
    api.close()


def children(supervisor: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return psutil.Process(supervisor.pid).children()


def test_a_camera_runs_pauses_and_goes(api: Api, supervisor: Any, until: Until) -> None:
    until(lambda: api.state("own").get("online"), 60)
    api.call("PUT", "sheet", source="sheet.png")
    until(lambda: api.state("sheet").get("online"), 60)
    assert len(children(supervisor)) == 2
    api.call("PATCH", "sheet", paused=True)
    until(lambda: len(children(supervisor)) == 1)
    api.call("PATCH", "sheet", paused=False)
    until(lambda: len(children(supervisor)) == 2)
    api.call("DELETE", "sheet")
    until(lambda: len(children(supervisor)) == 1)


def test_its_latencies_are_told_from_capture_to_result(api: Api, until: Until) -> None:
    until(lambda: sum(each["count"] for each in api.state("own").get("latency", {}).get("buckets", [])) > 3, 60)
    assert api.state("own")["latency"]["sum_ms"] > 0


def test_a_camera_that_cannot_be_read_says_why(api: Api, until: Until) -> None:
    api.call("PUT", "film", source="missing.mp4")
    until(lambda: "no 'missing.mp4'" in api.state("film").get("problem", ""))
    api.call("PUT", "film", source="/dev/video987")
    until(lambda: "There is no camera at /dev/video987" in api.state("film").get("problem", ""), 60)
    api.call("DELETE", "film")


def test_no_process_takes_more_than_its_share_of_memory(supervisor: Any, api: Api, until: Until) -> None:
    until(lambda: api.state("own").get("frames", 0) > 5, 60)
    sizes = [each.memory_info().rss for each in (psutil.Process(supervisor.pid), *children(supervisor))]
    assert max(sizes) <= MOST_BYTES, sizes

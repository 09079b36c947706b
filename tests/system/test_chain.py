"""From an image to its reading, through every service."""

from __future__ import annotations

import concurrent.futures
import io
import threading
import time
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.running_system import ROOT, RunningSystem

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def page_of_digits() -> tuple[bytes, str]:
    """A PNG with two rows of MNIST test digits, dark on light, and what it says."""
    with np.load(ROOT / "data" / "mnist" / "mnist.npz") as mnist:
        images, labels = mnist["x_test"][:6], mnist["y_test"][:6]
    page = np.full((240, 400), 255, np.uint8)
    for index, image in enumerate(images):
        row, column = divmod(index, 3)
        big = np.asarray(Image.fromarray(image).resize((84, 84), Image.Resampling.BICUBIC))
        page[20 + row * 110 : 104 + row * 110, 20 + column * 120 : 104 + column * 120] -= big
    buffer = io.BytesIO()
    Image.fromarray(page).save(buffer, "PNG")
    text = "".join(map(str, labels))
    return buffer.getvalue(), f"{text[:3]}\n{text[3:]}"


def _read(url: str, image: bytes) -> dict[str, object]:
    response = httpx.post(
        f"{url}/v1/recognitions?wait=20", content=image, headers={"Content-Type": "image/png"}, timeout=30
    )
    assert response.status_code == 200, response.text
    return dict(response.json())


def test_a_page_of_digits_is_read_in_rows(system: RunningSystem, page_of_digits: tuple[bytes, str]) -> None:
    image, text = page_of_digits
    reading = _read(system.gateway_url, image)
    assert (reading["status"], reading["text"]) == ("done", text)


def test_the_page_passes_requests_on_to_the_gateway(system: RunningSystem, page_of_digits: tuple[bytes, str]) -> None:
    image, text = page_of_digits
    assert _read(f"{system.ui_url}/api", image)["text"] == text


def test_the_log_of_gateway_and_recognizer_carry_the_same_id(
    system: RunningSystem, page_of_digits: tuple[bytes, str]
) -> None:
    recognition_id = str(_read(system.gateway_url, page_of_digits[0])["id"])
    for service in ("gateway", "recognizer"):
        _wait_until_logged(system, service, recognition_id)


def test_work_accepted_while_no_recognizer_lives_is_done_when_one_comes(
    system: RunningSystem, page_of_digits: tuple[bytes, str]
) -> None:
    image, text = page_of_digits
    system.kill("recognizer")
    accepted = httpx.post(f"{system.gateway_url}/v1/recognitions", content=image, headers={"Content-Type": "image/png"})
    assert accepted.status_code == 202
    system.start("recognizer")
    reading = _ended(system.gateway_url, accepted.headers["Location"])
    assert (reading["status"], reading["text"]) == ("done", text)


def test_a_retrain_takes_the_traffic_without_a_failed_request(
    system: RunningSystem, page_of_digits: tuple[bytes, str]
) -> None:
    image, _ = page_of_digits
    before = _newest(system.gateway_url)
    request = {"epochs": 1, "limit": 512, "fine_tune": True, "max_accuracy_drop": 1.0}
    training = httpx.post(f"{system.gateway_url}/v1/trainings", json=request)
    assert training.status_code == 202, training.text
    stop = threading.Event()
    with concurrent.futures.ThreadPoolExecutor(4) as clients:
        streams = [clients.submit(_fire, system.gateway_url, image, stop) for _ in range(4)]
        try:
            ended = _ended(system.gateway_url, f"/v1/trainings/{training.json()['id']}", timeout_s=240)
            # the new version must be seen to answer before the clients stop
            _wait_for_version(system.gateway_url, image, int(str(ended["version"])))
        finally:
            stop.set()
    statuses = [status for stream in streams for status in stream.result()]
    assert ended["status"] == "done", ended
    assert _stable(system.gateway_url) == ended["version"] == before + 1
    assert len(statuses) > 20
    assert set(statuses) == {(200, "done")}


def test_a_rollback_takes_the_traffic_back(system: RunningSystem, page_of_digits: tuple[bytes, str]) -> None:
    response = httpx.post(f"{system.gateway_url}/v1/models/1/activate", timeout=60)
    assert response.is_success, response.text
    assert _read(system.gateway_url, page_of_digits[0])["model_version"] == 1


def test_corrections_lie_on_their_volume_when_they_are_answered(
    system: RunningSystem, page_of_digits: tuple[bytes, str]
) -> None:
    recognition_id = _read(system.gateway_url, page_of_digits[0])["id"]
    correction = {"recognition_id": recognition_id, "digit_index": 2, "label": 4}
    response = httpx.post(f"{system.gateway_url}/v1/corrections", json=correction)
    assert response.status_code == 201, response.text
    assert str(recognition_id) in Path(system.state / "corrections" / "corrections.jsonl").read_text()


def _wait_until_logged(system: RunningSystem, service: str, recognition_id: str) -> None:
    # an end is told first, and logged a moment later
    deadline = time.monotonic() + 10
    while recognition_id not in system.log(service).read_text():
        assert time.monotonic() < deadline, f"{service} has not logged {recognition_id}"
        time.sleep(0.05)


def _fire(url: str, image: bytes, stop: threading.Event) -> list[tuple[int, str]]:
    seen = []
    with httpx.Client(timeout=30) as client:
        while not stop.is_set():
            response = client.post(
                f"{url}/v1/recognitions?wait=20", content=image, headers={"Content-Type": "image/png"}
            )
            seen.append((response.status_code, str(response.json().get("status"))))
    return seen


def _newest(url: str) -> int:
    """The highest version there is: others than the stable one, where another test has trained and gone back."""
    return max(int(each["version"]) for each in httpx.get(f"{url}/v1/models").json()["versions"])


def _stable(url: str) -> int:
    return int(httpx.get(f"{url}/v1/models").json()["stable"])


def _wait_for_version(url: str, image: bytes, version: int) -> None:
    deadline = time.monotonic() + 20
    while _read(url, image)["model_version"] != version:
        assert time.monotonic() < deadline, f"version {version} does not answer"


def _ended(url: str, location: str, timeout_s: float = 30) -> dict[str, object]:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        document = dict(httpx.get(f"{url}{location}").json())
        if document["status"] not in ("queued", "running"):
            return document
        time.sleep(0.1)
    raise AssertionError(f"{location} did not end within {timeout_s} s: {document}")

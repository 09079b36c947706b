"""Cameras: frames in, state and pictures out."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import ANY

import pytest
from digitscribe.contracts import CameraFrame, EventType
from digitscribe.contracts.document import now
from digitscribe.queueing import jobs, keys
from digitscribe.queueing.store import RecognitionStore
from flask import Flask
from flask.testing import FlaskClient
from gateway import cameras
from PIL import Image
from redis import Redis

from tests.gateway.conftest import Finisher, announced, crop


def jpeg(grey: int = 0) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (32, 24), grey).save(buffer, "JPEG")
    return buffer.getvalue()


def frame(preview: bytes | None = None, **changes: object) -> dict[str, Any]:
    digit = {
        "box": {"x": 1, "y": 2, "width": 20, "height": 30},
        "row": 0,
        "image": base64.b64encode(crop(0)).decode(),
    }
    return {
        "captured_at": now().isoformat(),
        "width": 640,
        "height": 480,
        "digits": [digit],
        "counters": {"captured": 7, "sent": 3},
        **({"preview": base64.b64encode(preview).decode()} if preview else {}),
        **changes,
    }


def push(client: FlaskClient, name: str = "door", query: str = "", **changes: Any) -> Any:
    return client.post(f"/v1/cameras/{name}/frames{query}", json=frame(**changes))


def listed(client: FlaskClient) -> list[dict[str, Any]]:
    return client.get("/v1/cameras").json["cameras"]  # type: ignore[index,no-any-return]


def test_a_frame_is_accepted_on_the_cameras_queue(client: FlaskClient, redis: Redis) -> None:
    answer = push(client)
    assert (answer.status_code, answer.json["source"], answer.json["camera"]) == (202, "camera", "door")
    assert jobs.queue(redis, jobs.CAMERA).count == 1


def test_a_recognizer_finds_the_frame_without_its_preview(client: FlaskClient, redis: Redis) -> None:
    recognition_id = push(client, preview=jpeg()).json["id"]
    stored = CameraFrame.model_validate_json(redis.get(keys.image(recognition_id)))  # type: ignore[arg-type]
    assert (stored.preview, len(stored.digits), stored.digits[0].box.height) == (None, 1, 30)


def test_wait_holds_the_answer_until_the_reading(client: FlaskClient, recognizer: Finisher) -> None:
    answer = push(client, query="?wait=30")
    assert (answer.status_code, answer.json["text"]) == (200, "20")


def test_a_camera_appears_with_its_first_frame(client: FlaskClient) -> None:
    assert listed(client) == []
    push(client, reading="20")
    state = listed(client)[0]
    assert (state["name"], state["online"], state["frames"], state["reading"]) == ("door", True, 1, "20")
    assert state["counters"] == {"captured": 7, "sent": 3}


def test_frames_are_counted(client: FlaskClient) -> None:
    for _ in range(3):
        push(client)
    assert listed(client)[0]["frames"] == 3


def test_dropped_frames_are_counted(client: FlaskClient, store: RecognitionStore) -> None:
    push(client)
    store.count_drops(["door", "door"])
    assert listed(client)[0]["dropped"] == 2


def test_a_camera_shows_what_was_last_read_on_it(client: FlaskClient, recognizer: Finisher) -> None:
    recognition_id = push(client, query="?wait=30").json["id"]
    push(client, name="window", query="?wait=30")
    shown = {state["name"]: state["last_recognition"]["id"] for state in listed(client)}
    assert shown["door"] == recognition_id != shown["window"]


def test_a_camera_without_frames_for_a_while_is_offline(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    push(client)
    monkeypatch.setattr(cameras, "now", lambda: now() + 2 * cameras.ONLINE)
    assert not listed(client)[0]["online"]


def test_a_camera_without_frames_for_a_day_is_forgotten(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    push(client)
    monkeypatch.setattr(cameras, "now", lambda: now() + 2 * cameras.FORGOTTEN)
    assert listed(client) == []


def test_a_camera_of_a_forgotten_ones_name_begins_anew(
    client: FlaskClient, recognizer: Finisher, store: RecognitionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    push(client, query="?wait=30")
    store.count_drops(["door"])
    assert {"dropped": 1, "last_recognition": ANY}.items() <= listed(client)[0].items()
    with monkeypatch.context() as later:
        later.setattr(cameras, "now", lambda: now() + 2 * cameras.FORGOTTEN)
        assert listed(client) == []
    recognizer.stop()
    push(client)
    again = listed(client)[0]
    assert (again["dropped"], again.get("last_recognition")) == (0, None)


def test_the_number_of_cameras_has_a_bound(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cameras, "MAX_CAMERAS", 2)
    assert [push(client, name=f"camera-{number}").status_code for number in range(3)] == [202, 202, 409]
    assert push(client, name="camera-0").status_code == 202


def test_many_frames_are_announced_once_a_second(client: FlaskClient, store: RecognitionStore) -> None:
    for _ in range(5):
        push(client)
    assert 1 <= len(announced(store, EventType.CAMERA)) < 5


@pytest.mark.parametrize(
    "changes",
    [
        {"width": 0},
        {"captured_at": "2026-11-22T10:00:00"},
        {"captured_at": "0001-01-01T00:00:00+14:00"},
        {"digits": [{"box": {"x": 0, "y": 0, "width": 1, "height": 1}, "row": 0, "image": "AAAA"}]},
        {"preview": b"no jpeg"},
        {"counters": {"sent": -1}},
        {"counters": {str(number): 1 for number in range(40)}},
        {"unknown": 1},
    ],
    ids=["no width", "no zone", "no moment", "no crop", "no jpeg", "negative", "many counters", "unknown"],
)
def test_what_is_no_frame_is_400(client: FlaskClient, changes: dict[str, Any]) -> None:
    assert push(client, **changes).status_code == 400
    assert listed(client) == []


@pytest.mark.parametrize("name", ["Door", "-door", "d" * 64, "d o", "tür"])
def test_a_name_that_is_none_is_404(client: FlaskClient, name: str) -> None:
    assert push(client, name=name).status_code == 404


def test_a_frame_beyond_a_megabyte_is_413(client: FlaskClient) -> None:
    answer = client.post("/v1/cameras/door/frames", data=b" " * 1_000_001, content_type="application/json")
    assert answer.status_code == 413


def test_a_full_queue_is_503(make_app: Callable[..., Flask]) -> None:
    client = make_app(max_pending_images=1).test_client()
    assert [push(client).status_code for _ in range(2)] == [202, 503]


def test_the_newest_preview_is_one_jpeg(client: FlaskClient) -> None:
    push(client, preview=jpeg(10))
    push(client, preview=jpeg(20))
    answer = client.get("/v1/cameras/door/preview?single=true")
    assert (answer.content_type, answer.data) == ("image/jpeg", jpeg(20))


def test_the_stream_of_previews_goes_on_with_the_next(client: FlaskClient) -> None:
    push(client, preview=jpeg(10))
    answer = client.get("/v1/cameras/door/preview", buffered=False)
    assert answer.content_type == "multipart/x-mixed-replace; boundary=frame"
    parts = pictures(answer.iter_encoded())
    assert next(parts) == jpeg(10)
    push(client, preview=jpeg(20))
    assert next(parts) == jpeg(20)
    answer.close()


def pictures(chunks: Iterator[bytes]) -> Iterator[bytes]:
    assert next(chunks) == b"--frame\r\n"
    for chunk in chunks:
        head, _, rest = chunk.partition(b"\r\n\r\n")
        length = int(head.partition(b"Content-Length: ")[2])
        assert rest[length:] == b"\r\n--frame\r\n"
        yield rest[:length]


@pytest.mark.parametrize("name", ["nobody", "door"])
def test_without_a_preview_there_is_none(client: FlaskClient, name: str) -> None:
    push(client)
    assert client.get(f"/v1/cameras/{name}/preview").status_code == 404

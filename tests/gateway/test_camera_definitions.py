"""Cameras as people define them: kept, redacted in every answer, given out whole to who knows the token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from digitscribe.contracts import CameraState, EventType
from digitscribe.queueing import keys
from digitscribe.queueing.store import RecognitionStore
from flask import Flask
from flask.testing import FlaskClient
from gateway.metrics import camera_metrics
from redis import Redis

from tests.gateway.conftest import Finisher, announced
from tests.gateway.test_cameras import jpeg, listed, push

SECRET_URL = "rtsp://admin:hunter2@192.168.1.20/stream?token=abc"
SHOWN_URL = "rtsp://***@192.168.1.20/stream?***"


@pytest.fixture
def trusted(make_app: Callable[..., Flask]) -> FlaskClient:
    """A client of a gateway that shares a token with its camera worker."""
    return make_app(camera_token="s3cret").test_client()


def define(client: FlaskClient, name: str = "door", **fields: object) -> Any:
    return client.put(f"/v1/cameras/{name}", json=fields)


def given_out(client: FlaskClient, token: str = "s3cret") -> Any:
    return client.get("/v1/camera-definitions", headers={"Authorization": f"Bearer {token}"})


def test_a_camera_is_listed_as_soon_as_it_is_defined(client: FlaskClient) -> None:
    assert [define(client, source="demo", fps=2).status_code for _ in range(2)] == [201, 200]
    state = listed(client)[0]
    assert (state["name"], state["online"], state["definition"]) == (
        "door",
        False,
        {"source": "demo", "fps": 2.0, "paused": False},
    )


def test_a_password_is_in_no_answer_and_no_event(trusted: FlaskClient, store: RecognitionStore, caplog: Any) -> None:
    answers = [
        define(trusted, source=SECRET_URL),
        trusted.patch("/v1/cameras/door", json={"fps": 3}),
        trusted.get("/v1/cameras"),
        trusted.get("/metrics"),
        trusted.post("/v1/cameras/door/reports", json={"problem": f"{SECRET_URL} does not open", "source": SECRET_URL}),
        trusted.delete("/v1/cameras/door"),
    ]
    told = " ".join(each.text for each in answers)
    told += " ".join(map(str, announced(store, EventType.CAMERA))) + caplog.text
    assert "hunter2" not in told
    assert "token=abc" not in told
    assert SHOWN_URL in told


def test_a_worker_that_knows_the_token_is_told_everything(trusted: FlaskClient) -> None:
    define(trusted, source=SECRET_URL, polarity="light_on_dark")
    camera = given_out(trusted).json["cameras"][0]
    assert (camera["name"], camera["definition"]["source"]) == ("door", SECRET_URL)
    assert camera["definition"]["polarity"] == "light_on_dark"


@pytest.mark.parametrize("token", ["", "wrong", "s3cretx"])
def test_nobody_else_is(trusted: FlaskClient, token: str) -> None:
    define(trusted, source=SECRET_URL)
    answer = given_out(trusted, token)
    assert (answer.status_code, "hunter2" in answer.text) == (401, False)


def test_without_a_token_a_password_is_refused_with_what_to_do(client: FlaskClient, redis: Redis) -> None:
    answer = define(client, source=SECRET_URL)
    assert (answer.status_code, "DIGITSCRIBE_CAMERA_TOKEN" in answer.json["detail"]) == (409, True)
    assert not redis.exists(keys.CAMERA_DEFINITIONS)


def test_without_a_token_definitions_hold_no_secret_and_are_given_out(client: FlaskClient) -> None:
    define(client, source="rtsp://192.168.1.20/stream")
    assert client.get("/v1/camera-definitions").json["cameras"][0]["name"] == "door"  # type: ignore[index]


@pytest.mark.parametrize(
    "source",
    [
        "/etc/passwd",
        "../../etc",
        "a/../../etc",
        "file:///etc/passwd",
        "/dev/mem",
        ".ssh/id",
        "a b://c",
        SHOWN_URL,
        "",
    ],
)
def test_what_is_no_source_is_refused(trusted: FlaskClient, source: str) -> None:
    assert define(trusted, source=source).status_code == 400


@pytest.mark.parametrize(
    "source", ["demo", "0", "/dev/video1", "rtsp://cam/1", "https://cam/mjpeg", "clips/sheet 1.mp4", "sheets"]
)
def test_what_is_a_source_is_taken(trusted: FlaskClient, source: str) -> None:
    assert define(trusted, source=source).status_code == 201


def test_a_change_leaves_the_rest_as_it_is(trusted: FlaskClient) -> None:
    define(trusted, source=SECRET_URL, fps=4)
    state: Any = trusted.patch("/v1/cameras/door", json={"paused": True}).json
    assert state["definition"] == {"source": SHOWN_URL, "fps": 4.0, "paused": True}
    assert given_out(trusted).json["cameras"][0]["definition"]["source"] == SECRET_URL


def test_null_takes_a_setting_back(client: FlaskClient) -> None:
    define(client, source="demo", fps=4)
    state: Any = client.patch("/v1/cameras/door", json={"fps": None}).json
    assert "fps" not in state["definition"]


def test_a_camera_that_its_worker_brought_is_paused_too(client: FlaskClient) -> None:
    push(client)
    state: Any = client.patch("/v1/cameras/door", json={"paused": True}).json
    assert state["definition"] == {"paused": True}


def test_a_camera_that_nobody_knows_is_not_changed(client: FlaskClient) -> None:
    assert client.patch("/v1/cameras/door", json={"paused": True}).status_code == 404


def test_a_removed_camera_is_gone_and_that_is_announced(client: FlaskClient, store: RecognitionStore) -> None:
    define(client, source="demo")
    push(client)
    assert client.delete("/v1/cameras/door").json["removed"] is True  # type: ignore[index]
    assert listed(client) == []
    assert announced(store, EventType.CAMERA)[-1]["removed"] is True
    assert client.delete("/v1/cameras/door").status_code == 404


def test_what_a_removed_cameras_process_still_sends_does_not_bring_it_back(client: FlaskClient) -> None:
    define(client, source="demo")
    client.delete("/v1/cameras/door")
    assert push(client).status_code == 404
    assert client.post("/v1/cameras/door/reports", json={"problem": "late"}).status_code == 404
    assert listed(client) == []
    define(client, source="demo")
    assert push(client).status_code == 202


def test_a_camera_whose_worker_would_bring_it_back_is_not_removed(client: FlaskClient) -> None:
    push(client)
    answer: Any = client.delete("/v1/cameras/door")
    assert (answer.status_code, "pause it" in answer.json["detail"]) == (409, True)


def test_a_defined_camera_is_not_forgotten(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from gateway import cameras

    define(client, source="demo")
    push(client)
    real = cameras.now
    monkeypatch.setattr(cameras, "now", lambda: real() + 2 * cameras.FORGOTTEN)
    assert [state["name"] for state in listed(client)] == ["door"]


def test_a_worker_says_why_nothing_comes_until_a_frame_does(client: FlaskClient) -> None:
    client.post("/v1/cameras/door/reports", json={"source": "/dev/video0", "problem": "There is no camera there"})
    assert listed(client)[0]["problem"] == "There is no camera there"
    push(client)
    state = listed(client)[0]
    assert ("problem" in state, state["source"]) == (False, "/dev/video0")


def test_defined_and_seen_cameras_together_have_a_bound(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from gateway import cameras

    monkeypatch.setattr(cameras, "MAX_CAMERAS", 2)
    push(client, name="seen")
    assert [define(client, name=f"defined-{number}", source="demo").status_code for number in range(2)] == [201, 409]


def test_a_preview_belongs_to_its_recognition(client: FlaskClient) -> None:
    first = push(client, preview=jpeg(10)).json["id"]
    second = push(client, preview=jpeg(20)).json["id"]
    one = client.get(f"/v1/cameras/door/preview?recognition={first}")
    newest = client.get("/v1/cameras/door/preview?single=true")
    assert (one.data, one.headers["Recognition-Id"]) == (jpeg(10), first)
    assert (newest.data, newest.headers["Recognition-Id"]) == (jpeg(20), second)


def test_each_picture_of_the_stream_names_its_recognition(client: FlaskClient) -> None:
    recognition_id = push(client, preview=jpeg(10)).json["id"]
    answer = client.get("/v1/cameras/door/preview", buffered=False)
    chunks = answer.iter_encoded()
    next(chunks)
    assert f"Recognition-Id: {recognition_id}\r\n".encode() in next(chunks)
    answer.close()


def test_another_recognitions_preview_is_404(client: FlaskClient) -> None:
    push(client, preview=jpeg(10))
    assert client.get(f"/v1/cameras/door/preview?recognition={'0' * 32}").status_code == 404


LATENCY = {"buckets": [{"le_ms": 100, "count": 5}, {"le_ms": 20, "count": 3}, {"count": 2}], "sum_ms": 1234.5}


def test_latencies_are_told_and_measured(client: FlaskClient, idle_recognizer: Finisher) -> None:
    push(client, latency=LATENCY)
    assert listed(client)[0]["latency"]["buckets"] == LATENCY["buckets"]
    metrics = client.get("/metrics").text
    for line in (
        'digitscribe_camera_latency_seconds_bucket{camera="door",le="0.02"} 3.0',
        'digitscribe_camera_latency_seconds_bucket{camera="door",le="0.1"} 8.0',
        'digitscribe_camera_latency_seconds_bucket{camera="door",le="+Inf"} 10.0',
        'digitscribe_camera_latency_seconds_sum{camera="door"} 1.2345',
        'digitscribe_camera_events_total{camera="door",event="captured"} 7.0',
        'digitscribe_camera_online{camera="door"} 1.0',
    ):
        assert line in metrics


def test_a_camera_without_latencies_has_no_histogram() -> None:
    metrics = {each.name: each.samples for each in camera_metrics([CameraState(name="door", online=False)])}
    assert metrics["digitscribe_camera_latency_seconds"] == []

"""A look through a source before it is saved: asked, taken by who knows the token, and kept by nobody."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from typing import Any

import pytest
from digitscribe.contracts import AskedTrial, CameraTrial
from digitscribe.errors import NotFound
from flask import Flask
from flask.testing import FlaskClient
from gateway.camera_trials import NOBODY, PATIENCE_S, CameraTrialBook
from redis import Redis

from tests.gateway.test_camera_definitions import SECRET_URL, define, given_out
from tests.gateway.test_cameras import jpeg

SEEN = CameraTrial(width=640, height=480, picture=base64.b64encode(jpeg()).decode())


@pytest.fixture
def trusted(make_app: Callable[..., Flask]) -> FlaskClient:
    """A client of a gateway that shares a token with its camera worker."""
    return make_app(camera_token="s3cret").test_client()


def worker(book: CameraTrialBook, result: CameraTrial) -> threading.Thread:
    """Ends the first trial that it hears of with `result`."""

    def work() -> None:
        while not (asked := book.open()):
            pass
        book.take(asked[0].id, result)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_what_a_worker_sees_is_the_answer(trusted: FlaskClient, redis: Redis) -> None:
    thread = worker(CameraTrialBook(redis), SEEN)
    answer = trusted.post("/v1/camera-trials", json={"source": "demo"})
    thread.join()
    assert (answer.status_code, answer.json["width"], answer.json["picture"]) == (200, 640, SEEN.picture)
    assert given_out(trusted).json["trials"] == []


def test_a_cameras_own_source_is_tried_without_telling_it(trusted: FlaskClient, redis: Redis) -> None:
    define(trusted, source=SECRET_URL)
    told: list[AskedTrial] = []
    book = CameraTrialBook(redis)

    def work() -> None:
        while not told:
            told.extend(AskedTrial(**each) for each in given_out(trusted).json["trials"])
        book.take(told[0].id, CameraTrial(problem=f"{SECRET_URL} does not open"))

    thread = threading.Thread(target=work)
    thread.start()
    answer = trusted.post("/v1/cameras/door/trial")
    thread.join()
    assert told[0].source == SECRET_URL
    assert "does not open" in answer.json["problem"]
    assert "hunter2" not in answer.text


def test_only_who_knows_the_token_hears_of_trials_and_ends_them(trusted: FlaskClient) -> None:
    path, body = f"/v1/camera-trials/{'a' * 32}", {"problem": "away"}
    assert trusted.put(path, json=body).status_code == 401
    told = trusted.put(path, json=body, headers={"Authorization": "Bearer s3cret"})
    assert (told.status_code, "nobody waits" in told.json["detail"]) == (404, True)


def test_a_password_needs_a_token_here_too(client: FlaskClient) -> None:
    answer = client.post("/v1/camera-trials", json={"source": SECRET_URL})
    assert (answer.status_code, "DIGITSCRIBE_CAMERA_TOKEN" in answer.json["detail"]) == (409, True)


def test_a_camera_of_the_workers_own_settings_has_no_source_to_try(client: FlaskClient) -> None:
    define(client, fps=2)
    answer = client.post("/v1/cameras/door/trial")
    assert (answer.status_code, "give a source" in answer.json["detail"]) == (409, True)


def test_without_a_worker_the_answer_says_what_to_do(redis: Redis) -> None:
    book = CameraTrialBook(redis)
    assert book.ask("demo", patience_s=0) is NOBODY
    assert "start it" in (NOBODY.problem or "")
    assert book.open() == ()


def test_what_a_dead_gateway_asked_is_forgotten(redis: Redis) -> None:
    now_s = [1_000.0]
    book = CameraTrialBook(redis, clock=lambda: now_s[0])
    book.ask("demo", patience_s=0)
    redis.hset("digitscribe:cameras:trials", "b" * 32, f"{now_s[0] * 1000:.0f} demo")
    assert [each.source for each in book.open()] == ["demo"]
    now_s[0] += PATIENCE_S + 1
    assert book.open() == ()
    with pytest.raises(NotFound):
        book.take("b" * 32, SEEN)


@pytest.mark.parametrize(
    "wrong", [{}, {"source": "ftp://x/y"}, {"source": "../etc/passwd"}, {"source": "demo", "x": 1}]
)
def test_what_is_no_source_is_refused_at_once(client: FlaskClient, wrong: dict[str, Any]) -> None:
    assert client.post("/v1/camera-trials", json=wrong).status_code == 400

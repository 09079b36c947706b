"""The steps of a reading: handed out while they are kept; else the problem says how to get them."""

from __future__ import annotations

from digitscribe.queueing.steps import StepStore
from flask.testing import FlaskClient
from redis import Redis

from tests.gateway.conftest import Finisher


def accepted(client: FlaskClient, png: bytes, query: str = "") -> str:
    answer = client.post(f"/v1/recognitions{query}", data=png, content_type="image/png")
    return str(answer.get_json()["id"])


def test_kept_steps_are_handed_out_as_they_are(client: FlaskClient, redis: Redis) -> None:
    StepStore(redis).keep("a" * 32, b'{"steps":[]}')
    answer = client.get(f"/v1/recognitions/{'a' * 32}/steps")
    assert (answer.status_code, answer.data, answer.mimetype) == (200, b'{"steps":[]}', "application/json")


def test_a_reading_that_is_not_done_has_none_yet(client: FlaskClient, png: bytes) -> None:
    answer = client.get(f"/v1/recognitions/{accepted(client, png, '?steps=true')}/steps")
    assert answer.status_code == 409
    assert "there when it is done" in answer.get_json()["detail"]


def test_whoever_did_not_ask_is_told_how_to(client: FlaskClient, png: bytes, idle_recognizer: Finisher) -> None:
    plain = accepted(client, png)
    idle_recognizer.finish(plain)
    answer = client.get(f"/v1/recognitions/{plain}/steps")
    assert answer.status_code == 404
    assert "send the image with steps=true" in answer.get_json()["detail"]


def test_an_unknown_recognition_is_told_apart(client: FlaskClient) -> None:
    answer = client.get(f"/v1/recognitions/{'b' * 32}/steps")
    assert answer.status_code == 404
    assert "there is no recognition" in answer.get_json()["detail"]

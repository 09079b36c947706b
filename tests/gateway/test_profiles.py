"""The profile of a request: checked, joined with the one in force, and sent along with the image."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest
from digitscribe.contracts import CameraFrame
from digitscribe.contracts.document import now
from digitscribe.queueing.store import RecognitionStore
from digitscribe.vision.profile import Polarity, Profile
from flask import Flask
from flask.testing import FlaskClient


def post(client: FlaskClient, png: bytes, **query: str) -> tuple[int, dict[str, object]]:
    answer = client.post("/v1/recognitions", data=png, content_type="image/png", query_string=query)
    return answer.status_code, json.loads(answer.data)


def test_the_profile_travels_with_the_record(client: FlaskClient, png: bytes, store: RecognitionStore) -> None:
    status, accepted = post(client, png, profile='{"remove_lines": false}')
    assert status == 202
    record = store.get(str(accepted["id"]))
    assert record is not None
    assert record.profile == {"remove_lines": False} == accepted["profile"]


def test_without_one_a_record_says_nothing_of_it(client: FlaskClient, png: bytes) -> None:
    assert not {"profile", "steps"} & post(client, png)[1].keys()


def test_a_request_changes_what_is_in_force(make_app: Callable[..., Flask], png: bytes) -> None:
    client = make_app(profile='{"min_height": 0.2, "joining": 0.3}').test_client()
    assert post(client, png, profile='{"min_height": 0.6}')[1]["profile"] == {"min_height": 0.6, "joining": 0.3}


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        ('{"min_contrast": 2}', "query parameter 'profile': min_contrast: expected a number from 0 to 1"),
        ('{"colour": 2}', "query parameter 'profile': there is no setting 'colour'"),
        ("dark", "query parameter 'profile': expected a JSON object of settings"),
    ],
)
def test_a_wrong_setting_is_told_by_name_and_range(client: FlaskClient, png: bytes, profile: str, said: str) -> None:
    status, problem = post(client, png, profile=profile)
    assert status == 400
    assert str(problem["detail"]).startswith(said)


def test_the_profile_in_force_is_told_with_what_each_setting_may_be(make_app: Callable[..., Flask]) -> None:
    answer = make_app(profile='{"polarity": "light_on_dark"}').test_client().get("/v1/profile").get_json()
    assert Profile.model_validate(answer["values"]) == Profile(polarity=Polarity.LIGHT_ON_DARK)
    assert answer["json_schema"]["properties"]["min_contrast"]["maximum"] == 1.0
    assert answer["json_schema"]["properties"].keys() == Profile.model_fields.keys()


def test_steps_are_asked_for_the_first_image_only(client: FlaskClient, png: bytes) -> None:
    assert post(client, png, steps="true")[1]["steps"] is True
    two = {"image": [(io.BytesIO(png), "a.png"), (io.BytesIO(png), "b.png")]}
    answer = client.post("/v1/recognitions?steps=true", data=two, content_type="multipart/form-data")
    assert [each.get("steps", False) for each in answer.get_json()["recognitions"]] == [True, False]


def test_a_camera_frames_profile_goes_into_its_record(client: FlaskClient, store: RecognitionStore) -> None:
    frame = CameraFrame(
        captured_at=now(),
        width=64,
        height=48,
        digits=(),
        profile=Profile(min_confidence=0.9, polarity=Polarity.DARK_ON_LIGHT),
    )
    answer = client.post(
        "/v1/cameras/desk/frames", data=frame.model_dump_json(exclude_none=True), content_type="application/json"
    )
    record = store.get(answer.get_json()["id"])
    assert record is not None
    assert record.profile == {"min_confidence": 0.9, "polarity": "dark_on_light"}

"""A look inside: the crop that is kept, explained by the version that read it."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from digitscribe.contracts import Inside, Recognition, RecognitionStatus
from digitscribe.contracts.document import now
from digitscribe.serving.explain import Explanation
from digitscribe.serving.twin import ServingTwin
from flask import Flask
from flask.testing import FlaskClient
from gateway.inside import FAINTEST, inside_of
from PIL import Image

from tests.gateway.conftest import Finisher, read_as_20
from tests.serving_client.test_explain import explanation


@pytest.fixture
def twin() -> Iterator[ServingTwin]:
    with ServingTwin(version=1) as running:
        running.explanation = explanation()
        yield running


@pytest.fixture
def looking(make_app: Callable[..., Flask], twin: ServingTwin) -> FlaskClient:
    """A client of a gateway with a model server."""
    return make_app(serving_grpc=twin.target, serving_patience_s=0).test_client()


@pytest.fixture
def read(looking: FlaskClient, png: bytes, idle_recognizer: Finisher) -> str:
    """The id of a reading of two digits."""
    accepted = looking.post("/v1/recognitions", data=png, content_type="image/png").get_json()["id"]
    return idle_recognizer.finish(accepted).id


def test_maps_and_evidence_of_the_version_that_read_it(looking: FlaskClient, read: str, twin: ServingTwin) -> None:
    answer = looking.get(f"/v1/recognitions/{read}/digits/1/inside")
    assert answer.status_code == 200
    inside = Inside.model_validate_json(answer.data)
    assert (inside.digit_index, inside.digit, inside.model_version) == (1, 0, 1)
    assert [(len(layer.maps), layer.width, layer.height) for layer in inside.layers] == [(4, 28, 28), (6, 14, 14)]
    assert len(inside.evidence.values) == 28 * 28
    assert twin.asked_versions == [1]


def test_the_model_is_asked_about_the_crop_that_is_kept(looking: FlaskClient, read: str, twin: ServingTwin) -> None:
    looking.get(f"/v1/recognitions/{read}/digits/1/inside")
    kept = Image.open(io.BytesIO(looking.get(f"/v1/recognitions/{read}/digits/1/image").data))
    np.testing.assert_allclose(twin.explained[0][0, ..., 0] * 255, np.asarray(kept), atol=0.01)


def test_a_version_that_cannot_is_a_conflict_that_says_what_helps(
    looking: FlaskClient, read: str, twin: ServingTwin
) -> None:
    twin.explanation = None
    answer = looking.get(f"/v1/recognitions/{read}/digits/0/inside")
    assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")
    assert answer.get_json()["type"].endswith("not-explained")
    assert "retrain" in answer.get_json()["detail"]


def test_a_digit_that_was_read_together_with_its_neighbour_is_a_conflict_that_says_so(
    looking: FlaskClient, png: bytes, idle_recognizer: Finisher, twin: ServingTwin
) -> None:
    accepted = looking.post("/v1/recognitions", data=png, content_type="image/png").get_json()["id"]
    one, other = idle_recognizer.finish(accepted).digits
    pair = (one.model_copy(update={"neighbour": 1}), other.model_copy(update={"neighbour": 0}))
    again = looking.post("/v1/recognitions", data=png, content_type="image/png").get_json()["id"]
    answer = looking.get(f"/v1/recognitions/{idle_recognizer.finish(again, digits=pair).id}/digits/0/inside")
    assert answer.status_code == 409
    assert "together with digit 1" in answer.get_json()["detail"]
    assert twin.asked_versions == []


@pytest.mark.parametrize("index", ["2", "99999", "-1", "x", "٣", "0000001", "0" * 5000])
def test_a_digit_that_is_not_there_is_not_found(looking: FlaskClient, read: str, index: str) -> None:
    assert looking.get(f"/v1/recognitions/{read}/digits/{index}/inside").status_code == 404


def test_an_unknown_recognition_is_not_found(looking: FlaskClient) -> None:
    assert looking.get(f"/v1/recognitions/{'c' * 32}/digits/0/inside").status_code == 404


def test_each_map_is_lit_up_to_white_but_one_that_found_next_to_nothing() -> None:
    maps = np.zeros((4, 4, 3), np.float32)
    maps[0, 0] = (10.0, 1.0, 10.0 * FAINTEST / 2)
    told = Explanation(1, (maps,), np.zeros((28, 28), np.float32), np.full(10, 0.1, np.float32), 1.0)
    record = read_as_20(Recognition(id="d" * 32, status=RecognitionStatus.QUEUED, created_at=now()))
    layer = inside_of(record.id, record.digits[0], told).layers[0]
    brightest = [np.asarray(Image.open(io.BytesIO(base64.b64decode(each.picture)))).max() for each in layer.maps]
    assert [int(value) for value in brightest] == [255, 255, 128]
    assert [each.strength for each in layer.maps] == [1.0, 0.1, FAINTEST / 2]

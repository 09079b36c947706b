"""The description of the API is true: held against Flask's routes, and against a running gateway by schemathesis."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from digitscribe.contracts import CameraFrame, Problem
from flask import Flask
from flask.testing import FlaskClient
from gateway.examples import FIRST_STEPS, curl_lines
from gateway.openapi import build
from gateway.operation import Operation
from gateway.operations import IMAGE_TYPES, OPERATIONS
from gateway.routes.docs import prose
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from PIL import Image
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import ignored_auth

from tests.gateway.conftest import Finisher, RunningGateway

Case = schemathesis.Case[Any]

ENDLESS = r"/(events|preview|trial|camera-trials)$"
"""Streams have no end that could be waited for, and trials wait for a camera worker; test_events_stream.py,
test_cameras.py and test_camera_trials.py ask for them."""


def image_file(image_format: str) -> st.SearchStrategy[bytes]:
    return st.builds(_encode, st.just(image_format), st.integers(1, 40), st.integers(1, 40), st.integers(0, 255))


def _encode(image_format: str, width: int, height: int, grey: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (width, height), grey).save(buffer, image_format)
    return buffer.getvalue()


def of_type(media_type: str) -> st.SearchStrategy[bytes]:
    if media_type in ("image/heic", "image/heif"):  # Pillow does not write them
        return st.just((Path(__file__).parents[1] / "heic" / "block.heic").read_bytes())
    return image_file(media_type.partition("/")[2].upper())


for media_type in IMAGE_TYPES:
    schemathesis.openapi.media_type(media_type, of_type(media_type))
schemathesis.openapi.format("binary", image_file("PNG"))


@pytest.fixture(scope="module")
def reading_gateway(gateway: RunningGateway) -> Iterator[RunningGateway]:
    """The running gateway, with something behind it that ends every image."""
    finisher = Finisher(gateway.settings.redis_url, gateway.settings)
    finisher.start()
    yield gateway
    finisher.stop()


schema = schemathesis.openapi.from_dict(json.loads(json.dumps(build()))).exclude(path_regex=ENDLESS)


FEW = settings(derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))


def excluded(case: Case) -> list[Any]:
    """There are no logins to ignore; and without a model server, that it is away is what is true."""
    return [ignored_auth, *([not_a_server_error] if case.path.endswith(("/readyz", "/inside")) else [])]


@pytest.mark.slow
@schema.parametrize()
@settings(FEW, max_examples=20)
def test_a_running_gateway_keeps_to_its_description(case: Case, reading_gateway: RunningGateway) -> None:
    case.call_and_validate(base_url=reading_gateway.url, timeout=40, excluded_checks=excluded(case))


@pytest.fixture
def emptied_gateway(start_gateway: Callable[..., RunningGateway]) -> Iterator[tuple[RunningGateway, Finisher]]:
    """A running gateway that nothing else asks, and what ends its images when told to."""
    gateway = start_gateway()
    finisher = Finisher(gateway.settings.redis_url, gateway.settings)
    yield gateway, finisher
    finisher.stop()


@pytest.mark.slow
def test_it_keeps_to_it_from_call_to_call(emptied_gateway: tuple[RunningGateway, Finisher]) -> None:
    gateway, finisher = emptied_gateway

    class Machine(schema.as_state_machine()):  # type: ignore[misc]
        """Hypothesis takes the answers for a function of the calls, so every scenario begins with an empty store, and
        images are read between the calls, not beside them: whether they were in time would decide what may follow."""

        def setup(self) -> None:
            finisher.redis.flushdb()

        def before_call(self, case: Case) -> None:
            if case.method == "POST":
                case.query = {name: value for name, value in (case.query or {}).items() if name != "wait"}

        def get_call_kwargs(self, case: Case) -> dict[str, object]:  # noqa: ARG002
            return {"base_url": gateway.url, "timeout": 40}

        def after_call(self, response: schemathesis.Response, case: Case) -> None:
            super().after_call(response, case)
            finisher.finish_all()

        def validate_response(self, response: schemathesis.Response, case: Case, **_: object) -> None:
            case.validate_response(response, excluded_checks=excluded(case))

    Machine.run(settings=settings(FEW, max_examples=20, stateful_step_count=6))


def test_every_route_is_described_and_every_description_has_a_route(app: Flask) -> None:
    routes = {
        (method, re.sub(r"<\w+:", "<", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes == {(operation.method, operation.path) for operation in OPERATIONS}


def test_every_reference_leads_somewhere() -> None:
    text = json.dumps(build())
    for name in re.findall(r'"#/components/schemas/(\w+)"', text):
        assert name in build()["components"]["schemas"], name


def test_operations_have_names_of_their_own() -> None:
    names = [operation.name for operation in OPERATIONS]
    assert len(names) == len(set(names))


def test_links_lead_to_operations() -> None:
    names = {operation.name for operation in OPERATIONS}
    links = {link for operation in OPERATIONS for answer in operation.answers.values() for link in answer.links}
    assert links <= names


@pytest.mark.parametrize("document", [Problem, CameraFrame])
def test_the_contracts_own_schemas_are_in_it(document: type) -> None:
    described = build()["components"]["schemas"][document.__name__]
    assert set(described["properties"]) == set(document.model_fields)  # type: ignore[attr-defined]


def test_the_page_names_every_call_and_needs_nothing_from_elsewhere(client: FlaskClient) -> None:
    answer = client.get("/docs")
    for operation in OPERATIONS:
        assert f'id="{operation.name}"' in answer.text
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', answer.text)
    assert "<script" not in answer.text


def test_first_steps_are_those_that_the_docs_run(client: FlaskClient) -> None:
    told = (Path(__file__).parents[2] / "docs" / "clients.md").read_text(encoding="utf-8")
    shown = html.unescape(client.get("/docs").text)
    for step in FIRST_STEPS:
        assert step.code in told
        assert step.code in shown


@pytest.mark.parametrize(
    "operation", [pytest.param(each, id=each.name) for each in OPERATIONS if each.body and each.body.document]
)
def test_examples_of_bodies_are_sound(operation: Operation) -> None:
    body = operation.body
    assert body
    assert body.document
    assert (body.example is None) == (body.document is CameraFrame), "only a frame is too long for an example"
    if body.example is not None:
        body.document.model_validate_json(json.dumps(body.example))


def test_every_call_has_a_line_to_copy(client: FlaskClient) -> None:
    shown = html.unescape(client.get("/docs").text)
    lines = curl_lines()
    assert all(f">{line}</pre>" in shown for line in lines.values())
    assert lines["getRecognition"] == 'curl "$A/v1/recognitions/$ID"'
    assert lines["changeCamera"].endswith("""-d '{"paused": true}' "$A/v1/cameras/door\"""")
    for line in lines.values():
        assert subprocess.run(["sh", "-n", "-c", line], check=False).returncode == 0


def test_the_pages_policy_lets_its_own_style_through(client: FlaskClient) -> None:
    answer = client.get("/docs")
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in answer.headers["Content-Security-Policy"]


def test_the_description_is_served_as_it_was_built(gateway: RunningGateway) -> None:
    assert httpx.get(f"{gateway.url}/openapi.json").json() == json.loads(json.dumps(build()))


def test_backticks_become_code_and_the_rest_stays_text() -> None:
    assert prose("a `b<c` <d>") == "a <code>b&lt;c</code> &lt;d&gt;"

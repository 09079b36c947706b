"""The recorded odd requests: CORS, HTTP at its edges, health, large messages, labels without the allow flag."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from serving.runtime import predict_pb2

from tests.serving.conftest import record
from tests.serving.process import ServerProcess, eventually, serving

MISC = record("misc")
PROTOCOL = MISC["protocol"]
LABELS = MISC["labels_without_flag"]
RAW = [name for name, case in PROTOCOL.items() if isinstance(case, dict) and "sent" in case]

CUT = {
    "long_path": "GET /" + "a" * 8000 + " HTTP/1.1\r\nHost: x\r\n\r\n",
    "big_header": "GET /v1/models/mlp HTTP/1.1\r\nHost: x\r\nX: " + "a" * 8000 + "\r\n\r\n",
}
"""Requests that the record shows only in part."""

PREDICT = "/v1/models/mlp:predict"
ONE_ROW = b'{"instances":[[1,2,3,4]]}'
REBUILT: dict[str, tuple[str, list[str], bytes]] = {
    "cors_predict": ("POST", ["Origin: http://a.example"], ONE_ROW),
    "cors_preflight": ("OPTIONS", ["Origin: http://a.example", "Access-Control-Request-Method: POST"], b""),
    "cors_error": ("POST", ["Origin: http://a.example"], b"{}"),
    "bad_gzip": ("POST", ["Content-Encoding: gzip"], b"not gzip"),
    "content_encoding_br": ("POST", ["Content-Encoding: br"], ONE_ROW),
    "content_type_text": ("POST", ["Content-Type: text/plain"], ONE_ROW),
    "utf8_bom": ("POST", [], b"\xef\xbb\xbf" + ONE_ROW),
    "duplicate_keys": ("POST", [], b'{"instances":[[1,1,1,1]],"instances":[[1,2,3,4]]}'),
    "comment_in_json": ("POST", [], b'/* a comment */ {"instances":[[1,2,3,4]]}'),
}
"""Requests of which the record holds only the answer and a name that says what they were."""


@pytest.fixture(scope="module")
def server(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    flags = (
        "--model_name=mlp",
        f"--model_base_path={models / 'mlp'}",
        "--rest_api_enable_cors_support",
        "--enable_grpc_healthcheck_service",
    )
    with serving(tmp_path_factory.mktemp("protocol"), *flags) as running:
        yield running


def without_date(text: str) -> str:
    return re.sub(r"Date: [^\r]*", "Date: …", text)


@pytest.mark.parametrize("name", RAW)
def test_odd_http_is_answered_as_recorded(server: ServerProcess, name: str) -> None:
    sent, recorded = CUT.get(name, PROTOCOL[name]["sent"]), PROTOCOL[name]["got"]
    mine = server.raw(sent.encode(), half_close="half_closed" in name).decode()
    assert without_date(mine) == without_date(recorded.removesuffix("<EOF>").removesuffix("<TimeoutError>"))


@pytest.mark.parametrize("name", REBUILT)
def test_the_answer_is_the_recorded_one(server: ServerProcess, name: str) -> None:
    method, headers, body = REBUILT[name]
    mine, recorded = server.rest(method, PREDICT, ["Connection: close", *headers], body), PROTOCOL[name]
    assert mine["status_line"] == recorded["status_line"]
    assert [pair for pair in mine["headers"] if pair[0] != "Date"] == [
        pair for pair in recorded["headers"] if pair[0] != "Date"
    ]
    assert mine["body"] == recorded["body"]


def test_a_body_of_several_megabytes_is_answered(server: ServerProcess) -> None:
    body = json.dumps({"instances": [[1.5, 2.25, 3.125, 4.0625]] * 250_000}).encode()
    answer = server.rest("POST", PREDICT, ["Connection: close"], body)
    assert answer["status"] == PROTOCOL["big_body_8800015_bytes"]["status"]
    assert len(json.loads(answer["body"])["predictions"]) == 250_000


def test_a_packed_body_is_the_same_request(server: ServerProcess) -> None:
    packed = ["Connection: close", "Content-Encoding: gzip"]
    assert server.rest("POST", PREDICT, packed, gzip.compress(ONE_ROW))["body"] == PROTOCOL["cors_predict"]["body"]


@pytest.mark.parametrize("service", PROTOCOL["health"])
def test_health_is_the_recorded_one(server: ServerProcess, service: str) -> None:
    check = server.channel.unary_unary(
        "/grpc.health.v1.Health/Check", request_serializer=None, response_deserializer=None
    )
    request = b"" if not service else b"\x0a" + bytes([len(service)]) + service.encode()
    recorded = PROTOCOL["health"][service]
    if isinstance(recorded, str):
        assert check(request, timeout=10).hex() == recorded
        return
    with pytest.raises(grpc.RpcError) as refused:
        check(request, timeout=10)
    assert [refused.value.code().name, refused.value.details()] == recorded


def test_a_large_message_has_the_recorded_size(server: ServerProcess) -> None:
    answer = server.predict('name: "mlp"', x=np.ones((400_000, 4), np.float32))
    assert ["OK", answer.ByteSize()] == PROTOCOL["grpc_6.4MB_request"]


def encoding(answer: Any) -> dict[str, int]:
    output = answer.outputs["output_0"]
    return {"float_val": len(output.float_val), "tensor_content_bytes": len(output.tensor_content)}


def test_tensors_are_answered_value_by_value(server: ServerProcess) -> None:
    answer = server.predict('name: "mlp"', x=np.ones((400_000, 4), np.float32))
    assert encoding(answer) == PROTOCOL["response_tensor_encoding_default"]


def test_tensors_are_answered_as_content_where_the_flag_says_so(models: Path, tmp_path: Path) -> None:
    flags = ("--model_name=mlp", f"--model_base_path={models / 'mlp'}", "--enable_serialization_as_tensor_content")
    with serving(tmp_path, *flags) as server:
        answer = server.predict('name: "mlp"', x=np.ones((3, 4), np.float32))
    assert isinstance(answer, predict_pb2.PredictResponse)
    assert encoding(answer) == MISC["enable_serialization_as_tensor_content"]


class Labelled:
    """The recorded dialogue about labels, step by step."""

    def __init__(self, server: ServerProcess, models: Path) -> None:
        self._server = server
        self._models = models

    def reload(self, step: str) -> None:
        recorded = LABELS[step]
        try:
            self._server.reload(recorded["request"].replace("/models/", f"{self._models}/"))
            mine: dict[str, Any] = {"code": "OK"}
        except grpc.RpcError as error:
            mine = {"code": error.code().name, "details": error.details()}
        assert mine == {name: recorded[name] for name in ("code", "details") if name in recorded}, step

    def predict(self, step: str, spec: str) -> None:
        try:
            mine: dict[str, Any] = {"code": "OK", "version": self._server.version_answering(spec)}
        except grpc.RpcError as error:
            mine = {"code": error.code().name, "details": error.details()}
        assert mine == LABELS[step], step

    def settle(self, expected: dict[int, str]) -> None:
        eventually(lambda: self._server.states("mlp") == expected)


def test_without_the_flag_labels_need_available_versions(models: Path, tmp_path: Path) -> None:
    stable, canary, latest = 'name: "mlp" version_label: "stable"', 'name: "mlp" version_label: "canary"', 'name: "mlp"'
    with serving(tmp_path, "--model_name=mlp", f"--model_base_path={models / 'mlp'}") as server:
        page = server.rest("GET", "/monitoring/prometheus/metrics")
        assert page["body"] == LABELS["prometheus_without_monitoring_config"]["body"]
        dialogue = Labelled(server, models)
        dialogue.reload("reload_specific_1_2_with_labels_at_once")
        dialogue.predict("predict_stable_a", stable)
        dialogue.reload("reload_specific_1_2_no_labels")
        dialogue.settle({3: "END", 2: "AVAILABLE", 1: "AVAILABLE"})
        dialogue.reload("reload_labels_now_available")
        dialogue.predict("predict_stable_b", stable)
        dialogue.predict("predict_canary_b", canary)
        dialogue.reload("reload_swap_labels")
        dialogue.predict("predict_stable_c", stable)
        dialogue.reload("reload_label_to_unavailable_3")
        dialogue.predict("predict_stable_d", stable)
        dialogue.reload("reload_specific_nonexistent_version_9")
        dialogue.settle({3: "END", 2: "END", 1: "AVAILABLE"})
        dialogue.predict("predict_latest_e", latest)
        assert server.rest("GET", "/v1/models/mlp")["body"] == LABELS["status_e"]["body"]
        dialogue.predict("predict_stable_e", stable)
        dialogue.reload("reload_specific_only_nonexistent_9")
        dialogue.settle({3: "END", 2: "END", 1: "END"})
        assert server.rest("GET", "/v1/models/mlp")["body"] == LABELS["status_f"]["body"]
        dialogue.predict("predict_latest_f", latest)

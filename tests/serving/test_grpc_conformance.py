"""Every recorded gRPC answer of the real server, in the recorded order, against the local one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from serving.runtime import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_management_pb2,
    predict_pb2,
    text_format,
)
from tensorflow_serving.apis import classification_pb2, regression_pb2

from tests.serving.conftest import record
from tests.serving.process import ServerProcess, serving

CASES = record("grpc")["cases"]
TYPES = {
    "/tensorflow.serving.PredictionService/Predict": (predict_pb2.PredictRequest, predict_pb2.PredictResponse),
    "/tensorflow.serving.PredictionService/GetModelMetadata": (
        get_model_metadata_pb2.GetModelMetadataRequest,
        get_model_metadata_pb2.GetModelMetadataResponse,
    ),
    "/tensorflow.serving.PredictionService/Classify": (
        classification_pb2.ClassificationRequest,
        classification_pb2.ClassificationResponse,
    ),
    "/tensorflow.serving.PredictionService/Regress": (
        regression_pb2.RegressionRequest,
        regression_pb2.RegressionResponse,
    ),
    "/tensorflow.serving.ModelService/GetModelStatus": (
        get_model_status_pb2.GetModelStatusRequest,
        get_model_status_pb2.GetModelStatusResponse,
    ),
    "/tensorflow.serving.ModelService/HandleReloadConfigRequest": (
        model_management_pb2.ReloadConfigRequest,
        model_management_pb2.ReloadConfigResponse,
    ),
}
STATUS = "/tensorflow.serving.ModelService/GetModelStatus"
TRANSPORT_TEXTS = ("UNIMPLEMENTED", "INTERNAL", "DEADLINE_EXCEEDED")
"""Codes whose texts are gRPC's own here, and differ between its implementations."""
HANGING_S = 1.5
"""What calls that the real server left hanging are given."""
SETTLING_S = 5.0
"""How long a life cycle may take to get where the record, made with pauses, says that it was."""


@dataclass
class Reply:
    code: str
    details: str
    response: Any


def call(server: ServerProcess, case: dict[str, Any], at_home: Callable[[str], str]) -> Reply:
    request_type, response_type = TYPES.get(case["method"], (None, None))
    sent = b"\xff\xff\xff"
    if request_type and case["case"] != "undecodable_request":
        sent = text_format.Parse(at_home(case["request"] or ""), request_type()).SerializeToString()
    invoke = server.channel.unary_unary(case["method"], request_serializer=None, response_deserializer=None)
    try:
        received = invoke(sent, timeout=HANGING_S if case["code"] == "DEADLINE_EXCEEDED" else 20)
    except grpc.RpcError as error:
        return Reply(error.code().name, error.details() or "", None)
    return Reply("OK", "", response_type.FromString(received) if response_type else received)


def expected(case: dict[str, Any]) -> Reply:
    response_type = TYPES.get(case["method"], (None, None))[1]
    response = text_format.Parse(case["response"], response_type()) if case["code"] == "OK" and response_type else None
    return Reply(case["code"], case.get("details", ""), response)


@pytest.fixture(scope="module")
def replies(models: Path, at_home: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """All cases, one after the other; states are asked for until they are the recorded ones."""
    folder = tmp_path_factory.mktemp("grpc")
    config = folder / "models.config"
    config.write_text(at_home(record("grpc")["config"]))
    found: dict[str, Reply] = {}
    with serving(
        folder, f"--model_config_file={config}", "--allow_version_labels_for_unavailable_models=true"
    ) as server:
        for case in CASES:
            until = time.monotonic() + SETTLING_S
            reply = call(server, case, at_home)
            while case["method"] == STATUS and reply != expected(case) and time.monotonic() < until:
                time.sleep(0.02)
                reply = call(server, case, at_home)
            found[case["case"]] = reply
        yield found


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_the_reply_is_the_recorded_one(replies: dict[str, Reply], case: dict[str, Any]) -> None:
    mine, recorded = replies[case["case"]], expected(case)
    assert mine.code == recorded.code, mine.details
    assert mine.response == recorded.response
    if recorded.code not in TRANSPORT_TEXTS:
        assert mine.details == recorded.details

"""The recorded answers with --enable_batching."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest

from tests.serving.conftest import CONFIG, record
from tests.serving.process import ServerProcess, serving

RECORDS = record("batching")
SETS = ["max8_timeout20ms", "max8_pad_variable", "allowed_1_4_8"]
REQUESTS: dict[str, Any] = {
    "one": np.ones((1, 4), np.float32),
    "three": np.ones((3, 4), np.float32),
    "scalar": np.float32(1),
    "wrong_width_alone": np.ones((1, 3), np.float32),
    "rank1": np.ones(4, np.float32),
    "f64": np.ones((1, 4), np.float64),
    "over_max_batch": np.ones((9, 4), np.float32),
    "one_row_after_the_stuck_zero_row": np.ones((1, 4), np.float32),
}
REST_REQUESTS = {
    "rest_over_max": b'{"instances":[' + b",".join([b"[1,1,1,1]"] * 9) + b"]}",
    "rest_ok": b'{"instances":[[1,1,1,1]]}',
    "rest_wrong_width": b'{"instances":[[1,1,1]]}',
}
LEFT_OUT = {
    "zero_rows_alone": "the real server never answers a request of no rows, and the call ends by its deadline; this "
    "one answers with no rows, as both do without batching",
}


@pytest.fixture(scope="module", params=SETS)
def batching(request: Any, models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp(request.param)
    parameters = folder / "batching.txt"
    parameters.write_text(RECORDS[request.param]["params"])
    flags = (
        "--model_name=m",
        f"--model_base_path={models / 'mlp'}",
        "--enable_batching=true",
        f"--batching_parameters_file={parameters}",
    )
    with serving(folder, *flags) as server:
        yield server, RECORDS[request.param]["results"]


def outcome(server: ServerProcess, array: Any, timeout_s: float = 20) -> dict[str, Any]:
    try:
        output = server.predict('name: "m"', timeout_s, x=array).outputs["output_0"]
    except grpc.RpcError as error:
        return {"code": error.code().name, "details": error.details()}
    shape = [dim.size for dim in output.tensor_shape.dim]
    return {"ok": True, "shape": shape, "first": list(output.float_val[:2])}


@pytest.mark.parametrize("name", REQUESTS)
def test_the_outcome_is_the_recorded_one(batching: Any, name: str) -> None:
    server, recorded = batching
    assert outcome(server, REQUESTS[name]) == recorded[name]


@pytest.mark.parametrize("name", REST_REQUESTS)
def test_the_rest_answer_is_the_recorded_one(batching: Any, name: str) -> None:
    server, recorded = batching
    mine = server.rest("POST", "/v1/models/m:predict", body=REST_REQUESTS[name])
    assert (mine["status_line"], mine["body"]) == (recorded[name]["status_line"], recorded[name]["body"])


def test_no_rows_are_answered_with_no_rows(batching: Any) -> None:
    server, _ = batching
    assert outcome(server, np.ones((0, 4), np.float32)) == {"ok": True, "shape": [0, 2], "first": []}


def test_rows_of_different_widths_end_as_recorded(batching: Any) -> None:
    """Which of them meet in a batch is chance, in the record too; how each may end is not."""
    server, recorded = batching
    together = threading.Barrier(4)

    def send(width: int) -> dict[str, Any]:
        together.wait()
        return outcome(server, np.ones((1, width), np.float32))

    with ThreadPoolExecutor(4) as pool:
        ends = list(pool.map(send, [4, 3, 4, 3]))
    refused = {each["details"] for each in recorded["mixed_widths_in_one_batch"] if "details" in each}
    alone = recorded["wrong_width_alone"]["details"]
    for width, end in zip([4, 3, 4, 3], ends, strict=True):
        padded_or_right = end == recorded["one"]
        assert padded_or_right or end["details"] in refused or (width == 3 and end["details"] == alone)


def test_without_parameters_a_batch_holds_a_thousand_rows(models: Path, tmp_path: Path) -> None:
    recorded = RECORDS["default_params_no_file"]["results"]
    flags = ("--model_name=m", f"--model_base_path={models / 'mlp'}", "--enable_batching=true")
    with serving(tmp_path, *flags) as server:
        assert outcome(server, REQUESTS["one"]) == recorded["one"]
        assert outcome(server, np.ones((2000, 4), np.float32)) == recorded["rows2000"]


def test_a_full_queue_ends_as_recorded(models: Path, tmp_path: Path) -> None:
    recorded = RECORDS["queue_full_max1_enq2"]
    parameters = tmp_path / "batching.txt"
    parameters.write_text(recorded["params"])
    flags = (
        "--model_name=m",
        f"--model_base_path={models / 'slow'}",
        "--enable_batching=true",
        f"--batching_parameters_file={parameters}",
        "--grpc_max_threads=64",
    )

    def over_grpc(server: ServerProcess) -> str:
        try:
            server.predict('name: "m"', seconds=np.array([1.5], np.float32))
        except grpc.RpcError as error:
            return f"{error.code().name}|{error.details()}"
        return "OK|"

    def over_rest(server: ServerProcess) -> str:
        answer = server.rest("POST", "/v1/models/m:predict", body=b'{"inputs":[1.5]}')
        return str((answer["status"], answer["body"].replace("1.5", "0.3")))

    def many(ask: Callable[[ServerProcess], str], server: ServerProcess) -> Counter[str]:
        with ThreadPoolExecutor(24) as pool:
            return Counter(pool.map(ask, [server] * 24))

    with serving(tmp_path, *flags) as server:
        assert many(over_grpc, server) == recorded["results"]["grpc"]
        assert many(over_rest, server) == recorded["results"]["rest"]


def test_the_configuration_that_is_shipped_takes_batches_of_256(models: Path, tmp_path: Path) -> None:
    flags = (
        "--model_name=m",
        f"--model_base_path={models / 'mlp'}",
        "--enable_batching",
        f"--batching_parameters_file={CONFIG / 'batching.config'}",
        f"--monitoring_config_file={CONFIG / 'monitoring.config'}",
    )
    with serving(tmp_path, *flags) as server:
        assert outcome(server, np.ones((256, 4), np.float32))["shape"] == [256, 2]
        assert outcome(server, np.ones((257, 4), np.float32))["code"] == "INVALID_ARGUMENT"
        assert "wrapped_run_count{} 1\n" in server.rest("GET", "/monitoring/prometheus/metrics")["body"]

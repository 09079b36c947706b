"""Every recorded REST answer of the real server, against the local one."""

from __future__ import annotations

import gzip
import json
import re
from typing import Any

import pytest

from tests.serving.conftest import RECORDS, record
from tests.serving.process import Answer, ServerProcess

CASES = {case["case"]: case for case in record("rest")["cases"]}

LEFT_OUT = {
    "head_status": "the real server sends a body after the answer to HEAD, which breaks a kept-alive connection: its "
    "headers are matched, its body is not sent",
}
OUR_METRICS = {
    ":tensorflow:cc:saved_model:load_attempt_count",
    ":tensorflow:cc:saved_model:load_latency",
    ":tensorflow:serving:batching_session:queuing_latency",
    ":tensorflow:serving:batching_session:wrapped_run_count",
    ":tensorflow:serving:model_warmup_latency",
    ":tensorflow:serving:model_warmup_records_read",
    ":tensorflow:serving:request_count",
    ":tensorflow:serving:request_example_count_total",
    ":tensorflow:serving:request_example_counts",
    ":tensorflow:serving:request_latency",
    ":tensorflow:serving:runtime_latency",
}


def send(server: ServerProcess, request: dict[str, Any]) -> Answer:
    body = request["body"].encode()
    if request["body"].startswith("gzip of"):
        body = gzip.compress(b'{"instances": [[1, 2, 3, 4], [0, 0, 0, 1]]}')
        request["headers"] = [line for line in request["headers"] if not line.startswith("Content-Length")]
    return server.rest(request["method"], request["path"], request["headers"], body)


def without_dates(headers: list[list[str]]) -> list[list[str]]:
    return [[name, "…" if name == "Date" else value] for name, value in headers]


def comparable(body: str) -> Any:
    """A body without what the real server itself gives in changing order: names within objects."""
    try:
        return json.loads(body)
    except ValueError:
        return body


def assert_same_text(mine: str, recorded: str) -> None:
    """The same JSON, laid out the same way: lines may change places, for names within objects do."""
    assert sorted(line.rstrip(",") for line in mine.split("\n")) == sorted(
        line.rstrip(",") for line in recorded.split("\n")
    )
    assert str(comparable(mine)) == str(comparable(recorded)) or comparable(mine) == comparable(recorded)


@pytest.mark.parametrize("name", [name for name in CASES if name != "prometheus"])
def test_the_answer_is_the_recorded_one(server: ServerProcess, name: str) -> None:
    recorded = CASES[name]["response"]
    mine = send(server, dict(CASES[name]["request"]))
    assert mine["status_line"] == recorded["status_line"]
    assert without_dates(mine["headers"]) == without_dates(recorded["headers"])
    if name not in LEFT_OUT:
        assert_same_text(mine["body"], recorded["body"])


def test_what_is_left_out_is_recorded() -> None:
    assert set(LEFT_OUT) <= set(CASES)


def test_the_metrics_have_the_recorded_names_and_kinds(server: ServerProcess) -> None:
    recorded = dict(line.split() for line in (RECORDS / "prometheus_metric_names.txt").read_text().splitlines())
    answer = server.rest("GET", "/monitoring/prometheus/metrics")
    mine = dict(re.findall(r"^# TYPE (\S+) (\S+)$", answer["body"], re.MULTILINE))
    assert mine.keys() == OUR_METRICS
    assert mine.items() <= recorded.items()


def test_the_metrics_are_served_with_the_recorded_headers(server: ServerProcess) -> None:
    recorded = CASES["prometheus"]["response"]
    mine = send(server, dict(CASES["prometheus"]["request"]))
    assert mine["status_line"] == recorded["status_line"]
    assert [name for name, _ in mine["headers"]] == [name for name, _ in recorded["headers"]]
    assert mine["headers"][0] == recorded["headers"][0]


def test_requests_are_counted_by_model_and_status(server: ServerProcess) -> None:
    def count() -> int:
        text = server.rest("GET", "/monitoring/prometheus/metrics")["body"]
        found = re.search(r'request_count\{model_name="multi",status="INVALID_ARGUMENT"\} (\d+)', text)
        return int(found[1]) if found else 0

    before = count()
    server.rest("POST", "/v1/models/multi:predict", body=b"{}")
    assert count() == before + 1


def test_histograms_have_the_recorded_buckets(server: ServerProcess) -> None:
    server.rest("POST", "/v1/models/mlp:predict", body=b'{"instances": [[1, 2, 3, 4]]}')
    pattern = (
        r'^:tensorflow:serving:request_latency_bucket\{model_name="mlp",API="predict",entrypoint="REST",le="([^"]+)"'
    )
    mine = re.findall(pattern, server.rest("GET", "/monitoring/prometheus/metrics")["body"], re.MULTILINE)
    recorded = re.findall(pattern, CASES["prometheus"]["response"]["body"], re.MULTILINE)
    assert mine == recorded

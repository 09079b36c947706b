"""System, health, metrics, models and trainings."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from digitscribe.contracts import Event, EventType, Recognition, WorkerState
from digitscribe.contracts.document import now
from digitscribe.models import models_config
from digitscribe.queueing import jobs
from digitscribe.queueing.events import StoredEvent
from flask import Flask
from flask.testing import FlaskClient
from gateway.statistics import Sample, Statistics, percentile, summarize
from gateway.workers import FRESH, reads_images, workers
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from tests.gateway.conftest import Finisher


@pytest.fixture
def two_versions(tmp_path: Path) -> None:
    models = tmp_path / "models"
    for version in (1, 2):
        folder = models / "digits" / str(version)
        folder.mkdir(parents=True)
        (folder / "saved_model.pb").touch()
    models_config.write(models / "models.config", models_config.initial("digits", str(models / "digits"), 1))


def register(redis: Redis, *queues: str) -> Any:
    worker: Any = SimpleWorker(
        [jobs.queue(redis, name) for name in queues], connection=redis, serializer=JSONSerializer
    )
    worker.register_birth()
    return worker


def test_the_system_says_what_waits(client: FlaskClient, png: bytes) -> None:
    client.post("/v1/recognitions", data=png, content_type="image/png")
    system: dict[str, Any] = client.get("/v1/system").json or {}
    assert system["pending_images"] == 1
    assert {"name": "interactive", "jobs": 1} in system["queues"]


def test_the_system_says_what_was_read(client: FlaskClient, png: bytes, recognizer: Finisher) -> None:
    for _ in range(3):
        client.post("/v1/recognitions?wait=30", data=png, content_type="image/png")
    latency = (client.get("/v1/system").json or {})["latency_ms"]
    assert latency == {"count": 3, "p50": 4.0, "p95": 4.0, "p99": 4.0}


def test_the_system_says_who_works(client: FlaskClient, redis: Redis) -> None:
    worker = register(redis, "interactive", "bulk")
    listed = (client.get("/v1/system").json or {})["workers"]
    assert [(each["name"], each["queues"]) for each in listed] == [(worker.name, ["interactive", "bulk"])]
    worker.register_death()


def test_the_system_says_that_the_model_server_is_away(client: FlaskClient) -> None:
    assert (client.get("/v1/system").json or {})["serving"]["reachable"] is False


def test_alive_asks_nobody(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


def test_not_ready_lists_what_is_missing(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert "no recognizer" in answer.text
    assert "model server" in answer.text


def test_a_live_recognizer_is_not_missed(client: FlaskClient, redis: Redis) -> None:
    worker = register(redis, *jobs.RECOGNITION_QUEUES)
    assert "recognizer" not in (client.get("/readyz").json or {})["detail"]
    worker.register_death()


def test_a_trainer_is_no_recognizer(client: FlaskClient, redis: Redis) -> None:
    worker = register(redis, jobs.TRAINING)
    assert "recognizer" in (client.get("/readyz").json or {})["detail"]
    worker.register_death()


def test_a_worker_without_a_sign_of_life_is_not_counted_on() -> None:
    worker = WorkerState(name="w", queues=(jobs.INTERACTIVE,), state="idle", last_heartbeat=now())
    assert reads_images(worker, now())
    assert not reads_images(worker, now() + 2 * FRESH)


def test_rqs_heartbeat_is_in_utc(redis: Redis) -> None:
    worker = register(redis, jobs.INTERACTIVE)
    assert reads_images(workers(redis)[0], now())
    worker.register_death()


def test_metrics_count_requests_by_route_and_not_by_path(client: FlaskClient) -> None:
    for number in range(3):
        client.get(f"/v1/recognitions/{number:032x}")
    text = client.get("/metrics").text
    labels = 'method="GET",route="/v1/recognitions/<recognition_id>",status="404"'
    assert f"digitscribe_gateway_requests_total{{{labels}}} 3.0" in text
    assert "digitscribe_gateway_pending_images 0.0" in text


def test_metrics_count_batches(client: FlaskClient, png: bytes) -> None:
    client.post("/v1/recognitions", data=png, content_type="image/png")
    assert 'digitscribe_gateway_batch_images_count{queue="interactive"} 1.0' in client.get("/metrics").text


def test_the_models_are_listed_newest_first(client: FlaskClient, two_versions: None) -> None:
    models: dict[str, Any] = client.get("/v1/models").json or {}
    assert models["stable"] == 1
    assert [(each["version"], each["labels"], each["state"]) for each in models["versions"]] == [
        (2, [], "UNLOADED"),
        (1, ["stable"], "UNLOADED"),
    ]


@pytest.mark.parametrize("version", ["7", "0", "-1", "two", "1" * 30, "²"])
def test_a_version_that_is_not_there_cannot_be_activated(client: FlaskClient, two_versions: None, version: str) -> None:
    assert client.post(f"/v1/models/{version}/activate").status_code == 404


def test_a_training_may_take_as_long_as_the_settings_say(make_app: Callable[..., Flask], redis: Redis) -> None:
    answer: Any = make_app(training_timeout_s=90).test_client().post("/v1/trainings", json={"epochs": 1})
    job = jobs.queue(redis, jobs.TRAINING).fetch_job(answer.json["id"])
    assert job is not None
    assert job.timeout == 90


def test_a_training_is_started_listed_and_cancelled(client: FlaskClient, redis: Redis) -> None:
    started = client.post("/v1/trainings", json={"epochs": 2})
    training: dict[str, Any] = started.json or {}
    assert (started.status_code, training["status"], training["request"]["epochs"]) == (202, "queued", 2)
    assert jobs.queue(redis, jobs.TRAINING).count == 1
    listed = client.get("/v1/trainings").json or {}
    assert [each["id"] for each in listed["trainings"]] == [training["id"]]
    cancelled = client.delete(started.headers["Location"])
    assert (cancelled.status_code, (cancelled.json or {})["status"]) == (200, "cancelled")
    assert client.get(started.headers["Location"]).json == cancelled.json
    assert client.delete(started.headers["Location"]).status_code == 409


@pytest.mark.parametrize("body", [{"epochs": 0}, {"epochs": "3"}, {"speed": 1}, [], {"max_accuracy_drop": "NaN"}])
def test_a_training_against_the_contract_is_400(client: FlaskClient, body: object) -> None:
    assert client.post("/v1/trainings", json=body).status_code == 400


def test_not_a_number_is_not_between_anything(client: FlaskClient) -> None:
    answer = client.post("/v1/trainings", data=b'{"max_accuracy_drop": NaN}', content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_unknown_training_is_404(client: FlaskClient, method: str) -> None:
    assert client.open(f"/v1/trainings/{'0' * 32}", method=method).status_code == 404


@given(st.lists(st.floats(0, 1e6), min_size=1), st.integers(1, 100))
def test_a_percentile_is_the_smallest_that_enough_do_not_exceed(values: list[float], rank: int) -> None:
    ascending = sorted(values)
    found = percentile(ascending, rank)
    assert found is not None
    assert sum(value <= found for value in values) * 100 >= rank * len(values)
    assert sum(value < found for value in values) * 100 < rank * len(values)


def test_the_rate_is_over_the_time_since_the_oldest() -> None:
    summary = summarize([Sample(90.0, 5.0), Sample(95.0, None), Sample(99.0, 7.0)], now_s=100.0)
    assert (summary.images_per_second, summary.failed, summary.latency.count) == (0.2, 1, 2)


def test_what_is_older_than_the_window_does_not_count() -> None:
    statistics = Statistics()
    statistics.note(ended("1000000-0"))
    assert statistics.summary(1000.0 + 59).latency.count == 1
    assert statistics.summary(1000.0 + 61).latency.count == 0


def test_a_frame_dropped_for_its_age_is_no_failure() -> None:
    statistics = Statistics()
    problem = {"type": "urn:digitscribe:problem:frame-too-old"}
    statistics.note(
        StoredEvent("1000000-0", Event(type=EventType.RECOGNITION, data={"status": "failed", "error": problem}))
    )
    assert statistics.summary(1000.0).failed == 0


def ended(event_id: str) -> StoredEvent:
    data = {"status": "done", "timing_ms": {"total": 4.0}}
    return StoredEvent(event_id, Event(type=EventType.RECOGNITION, data=data))


def test_records_are_answered_as_they_are_stored(client: FlaskClient, png: bytes, recognizer: Finisher) -> None:
    waited = client.post("/v1/recognitions?wait=30", data=png, content_type="image/png")
    fetched = client.get(waited.headers["Location"])
    assert Recognition.model_validate_json(fetched.data) == Recognition.model_validate_json(waited.data)
    assert json.loads(fetched.data) == json.loads(waited.data)

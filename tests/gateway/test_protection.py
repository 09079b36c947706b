"""Who may do what, how often, and what everybody gets with an answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from digitscribe.errors import InvalidInput, QueueFull
from flask import Flask
from flask.testing import FlaskClient
from gateway import parameters
from gateway.app import SECURITY
from gateway.errors import GatewayBusy, RateLimited, StoreUnavailable
from gateway.limits import Allowance, RateLimit
from gateway.problems import explain_redis
from gateway.queries import parse
from hypothesis import given
from hypothesis import strategies as st
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError, RedisError, ResponseError


def test_a_foreign_page_gets_a_problem(client: FlaskClient, png: bytes) -> None:
    answer = client.post(
        "/v1/recognitions", data=png, content_type="image/png", headers={"Origin": "http://evil.example"}
    )
    assert (answer.status_code, answer.content_type) == (403, "application/problem+json")


@pytest.mark.parametrize("path", ["/v1/recognitions", "/v1/cameras", "/v1/camera-definitions", "/v1/system", "/docs"])
def test_a_page_under_a_rebound_name_reads_nothing(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Host": "evil.example:8080"})
    assert (answer.status_code, answer.content_type) == (421, "application/problem+json")
    assert "DIGITSCRIBE_GATEWAY_HOSTS=evil.example" in answer.text


@pytest.mark.parametrize("host", ["gateway:8080", "127.0.0.1:8080", "host.docker.internal:8080"])
def test_names_of_this_machine_and_of_services_are_answered(client: FlaskClient, host: str) -> None:
    assert client.get("/v1/recognitions", headers={"Host": host}).status_code == 200


def test_a_name_that_is_set_is_answered(make_app: Callable[..., Flask]) -> None:
    client = make_app(gateway_hosts="digits.example, www.digits.example").test_client()
    assert client.get("/v1/recognitions", headers={"Host": "www.digits.example"}).status_code == 200


def test_probes_are_answered_under_any_name(client: FlaskClient) -> None:
    assert client.get("/healthz", headers={"Host": "digits.example"}).status_code == 200
    assert client.get("/metrics", headers={"Host": "digits.example"}).status_code == 200


def test_no_answer_invites_other_origins(client: FlaskClient) -> None:
    answer = client.get("/v1/recognitions", headers={"Origin": "http://localhost:8000"})
    assert not [name for name, _ in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/v1/recognitions?limit=0", "/docs"])
def test_every_answer_carries_the_security_headers(client: FlaskClient, path: str) -> None:
    assert set(SECURITY) <= set(client.get(path).headers.keys())


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("PUT", "/v1/recognitions", 405),
        ("POST", "/healthz", 405),
        ("GET", "/v1/models/", 404),
    ],
)
def test_flasks_own_errors_are_problems(client: FlaskClient, method: str, path: str, status: int) -> None:
    answer = client.open(path, method=method)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert answer.json is not None
    assert answer.json["status"] == status


def test_a_refused_method_is_told_with_those_allowed(client: FlaskClient) -> None:
    assert {"GET", "POST"} <= set(client.put("/v1/recognitions").allow or ())


def test_a_bug_is_a_problem_without_its_story(make_app: Callable[..., Flask]) -> None:
    app = make_app()

    @app.get("/bug")
    def bug() -> str:
        raise RuntimeError("the password is 1234")

    answer = app.test_client().get("/bug")
    assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
    assert "1234" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "error",
    [
        OutOfMemoryError("Command # 1 (SET …) of pipeline caused error: …"),
        ResponseError("… -OOM command not allowed when used memory > 'maxmemory'. …"),
    ],
)
def test_a_redis_without_memory_is_a_full_queue(error: RedisError) -> None:
    assert isinstance(explain_redis(error), QueueFull)


def test_a_redis_that_is_away_is_an_unavailable_store() -> None:
    assert isinstance(explain_redis(RedisConnectionError("Connection refused")), StoreUnavailable)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_an_address_gets_its_rate_and_its_burst() -> None:
    clock = Clock()
    limit = RateLimit(rate=10, burst=20, clock=clock)
    limit.take("a", 20)
    with pytest.raises(RateLimited):
        limit.take("a")
    clock.now += 0.5
    limit.take("a", 5)
    with pytest.raises(RateLimited):
        limit.take("a")


def test_an_address_does_not_pay_for_another() -> None:
    limit = RateLimit(rate=1, burst=1, clock=Clock())
    limit.take("a")
    limit.take("b")


@given(st.lists(st.tuples(st.floats(0, 2), st.integers(1, 30)), max_size=60))
def test_no_sequence_gets_more_than_rate_and_burst(steps: list[tuple[float, int]]) -> None:
    clock = Clock()
    limit, granted = RateLimit(rate=10, burst=20, clock=clock), 0
    for pause, count in steps:
        clock.now += pause
        try:
            limit.take("a", count)
        except RateLimited:
            continue
        granted += count
    assert granted <= 20 + 10 * (clock.now - 100.0) + 1e-6


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/corrections"),
        ("POST", "/v1/trainings"),
        ("POST", f"/v1/trainings/{'0' * 32}/retry"),
        ("DELETE", f"/v1/trainings/{'0' * 32}"),
        ("POST", "/v1/models/1/activate"),
        ("PUT", "/v1/cameras/door"),
        ("POST", "/v1/cameras/door/reports"),
        ("POST", "/v1/camera-trials"),
    ],
)
def test_what_changes_something_has_a_limit_of_its_own(app: Flask, method: str, path: str, png: bytes) -> None:
    hold, client = app.extensions["digitscribe"], app.test_client()
    hold.change_limit = RateLimit(rate=1, burst=2, what="changes", clock=Clock())
    assert [client.open(path, method=method).status_code == 429 for _ in range(3)] == [False, False, True]
    assert client.post("/v1/recognitions", data=png, content_type="image/png").status_code == 202


@pytest.mark.parametrize("path", ["/v1/recognitions", f"/v1/recognitions/{'0' * 32}/retry", "/v1/cameras/door/frames"])
def test_what_is_to_be_read_has_the_limit_of_images(app: Flask, path: str) -> None:
    hold, client = app.extensions["digitscribe"], app.test_client()
    hold.rate_limit = RateLimit(rate=1, burst=2, clock=Clock())
    assert [client.post(path).status_code == 429 for _ in range(3)] == [False, False, True]
    assert client.post("/v1/trainings", json={}).status_code == 202


def test_an_allowance_ends_and_comes_back() -> None:
    allowance = Allowance(10, "uploads")
    with allowance.use(8), pytest.raises(GatewayBusy):
        allowance.take(3)
    allowance.take(10)


@given(st.text(max_size=12))
def test_any_text_as_a_wait_is_a_number_in_range_or_refused(text: str) -> None:
    try:
        value = parse({"wait": [text]}, parameters.WAIT)["wait"]
    except InvalidInput:
        return
    assert 0 <= value <= parameters.MAX_WAIT_S

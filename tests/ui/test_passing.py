"""The way through to the gateway, over real sockets."""

from __future__ import annotations

import http.client
import io
import json
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
from digitscribe.contracts import Problem
from flask import Request
from ui.errors import BodyStalled
from ui.passing import ACTIVATION_S, Gateway, timeout_of
from werkzeug.test import create_environ

PROBLEM = "application/problem+json"


@pytest.fixture
def connection(ui: Any) -> Any:
    """A plain HTTP connection to the page."""
    connection = http.client.HTTPConnection(urlsplit(ui.url).netloc, timeout=20)
    yield connection
    connection.close()


def ask(connection: http.client.HTTPConnection, method: str, path: str, **options: Any) -> tuple[int, Any, Any]:
    connection.request(method, path, **options)
    answer = connection.getresponse()
    body = answer.read()
    is_json = "json" in (answer.getheader("Content-Type") or "")
    return answer.status, json.loads(body) if is_json else body, answer.headers


def last_headers(running: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in running.stub.requests[-1]["headers"].items()}


def test_page_is_served_with_headers_that_confine_it(connection: Any) -> None:
    status, body, headers = ask(connection, "GET", "/")
    assert status == 200
    assert b"<title>Digitscribe</title>" in body
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_health_needs_no_gateway(connection: Any) -> None:
    assert ask(connection, "GET", "/healthz")[:2] == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/nothing.html", "/../app.py", "/%2e%2e/app.py", "/js/../../app.py"])
def test_only_files_of_the_page_are_served(connection: Any, path: str) -> None:
    assert ask(connection, "GET", path)[0] == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "POST"])
def test_methods_path_and_query_pass_unchanged(connection: Any, running: Any, method: str) -> None:
    status, body, _ = ask(connection, method, "/api/echo/a%2Fb%20c//d?x=%26&y", body=b"12345")
    assert (status, body) == (200, {"method": method, "uri": "/echo/a%2Fb%20c//d?x=%26&y", "bytes": 5})


def test_chunked_bodies_pass(connection: Any, running: Any) -> None:
    parts = (bytes(1000) for _ in range(50))
    assert ask(connection, "POST", "/api/echo/x", body=parts, encode_chunked=True)[1]["bytes"] == 50_000


def test_caller_is_named_and_hop_by_hop_headers_end(connection: Any, running: Any) -> None:
    headers = {
        "X-Forwarded-For": "192.0.2.7",
        "Connection": "keep-alive, X-Private",
        "X-Private": "1",
        "TE": "trailers",
        "X-Public": "2",
    }
    ask(connection, "GET", "/api/echo/x", headers=headers)
    sent = last_headers(running)
    assert sent["x-forwarded-for"] == "192.0.2.7, 127.0.0.1"
    assert sent["x-public"] == "2"
    assert not {"x-private", "te"} & set(sent)


def test_errors_of_the_gateway_pass_unchanged(connection: Any, running: Any) -> None:
    running.stub.refuse_with = Problem(title="Queue is full", status=503, detail="Try again.")
    status, body, headers = ask(connection, "POST", "/api/v1/trainings", body=b"{}")
    assert (status, body["title"], headers["Content-Type"]) == (503, "Queue is full", PROBLEM)


def test_silent_gateway_is_a_problem_that_says_what_to_do(connection: Any, running: Any) -> None:
    running.stop()
    try:
        status, body, headers = ask(connection, "GET", "/api/v1/system")
    finally:
        running.start()
    assert (status, headers["Content-Type"]) == (502, PROBLEM)
    assert "make up" in body["detail"]


def test_gateway_is_found_again_after_a_restart(connection: Any, running: Any) -> None:
    assert ask(connection, "GET", "/api/v1/system")[0] == 200
    running.stop()
    running.start()
    assert ask(connection, "GET", "/api/v1/system")[0] == 200


def test_events_arrive_as_they_happen(connection: Any, running: Any) -> None:
    connection.request("GET", "/api/v1/events")
    answer = connection.getresponse()
    assert answer.readline() == b": hello\n"
    running.stub.publish("queue", {"pending_images": 3})
    lines = [answer.readline() for _ in range(5)]
    assert b'data: {"pending_images": 3}\n' in lines
    assert answer.getheader("Content-Type", "").startswith("text/event-stream")


def test_preview_is_streamed_frame_by_frame(connection: Any, running: Any) -> None:
    connection.request("GET", "/api/v1/cameras/demo/preview")
    answer = connection.getresponse()
    received = b""
    while received.count(b"--frame") < 3:
        received += answer.read1(65_536)
    assert answer.getheader("Content-Type") == "multipart/x-mixed-replace; boundary=frame"


def test_stream_that_breaks_is_not_passed_off_as_ended(ui: Any, running: Any) -> None:
    with socket.create_connection(urlsplit(ui.url).netloc.split(":")) as client:
        client.sendall(b"GET /api/broken HTTP/1.1\r\nHost: localhost\r\n\r\n")
        received = b""
        while chunk := client.recv(65_536):
            received += chunk
    assert b"the beginning" in received
    assert not received.endswith(b"0\r\n\r\n")


def test_listener_that_goes_away_frees_its_stream(ui: Any, running: Any) -> None:
    with socket.create_connection(urlsplit(ui.url).netloc.split(":")) as client:
        client.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        received = b""
        while b"hello" not in received:
            received += client.recv(65_536)
    deadline = time.monotonic() + 20
    while running.stub.listeners and time.monotonic() < deadline:
        running.stub.publish("queue", {})
        time.sleep(0.05)
    assert running.stub.listeners == []


def test_own_page_may_change_things_and_its_origin_stays_here(ui: Any, connection: Any, running: Any) -> None:
    assert ask(connection, "POST", "/api/echo/x", headers={"Origin": ui.url})[0] == 200
    assert "origin" not in last_headers(running)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
    ids=str,
)
def test_other_pages_may_not_change_things(connection: Any, running: Any, headers: dict[str, str]) -> None:
    status, body, _ = ask(connection, "POST", "/api/echo/x", headers=headers)
    assert (status, body["title"]) == (403, "Request from another web page")
    assert running.stub.requests == []


@pytest.mark.parametrize(
    ("host", "status"),
    [("localhost:8000", 200), ("[::1]:8000", 200), ("ui", 200), ("192.0.2.1", 200), ("rebound.example", 421)],
)
def test_only_own_names_are_answered(connection: Any, running: Any, host: str, status: int) -> None:
    assert ask(connection, "GET", "/api/v1/system", headers={"Host": host})[0] == status


def test_refusal_of_a_name_tells_the_setting(connection: Any) -> None:
    _, body, _ = ask(connection, "GET", "/", headers={"Host": "rebound.example"})
    assert "DIGITSCRIBE_UI_HOSTS=rebound.example" in body["detail"]


def test_too_long_a_body_is_refused_before_it_is_sent(connection: Any, running: Any) -> None:
    connection.putrequest("POST", "/api/echo/x")
    connection.putheader("Content-Length", str(10**10))
    connection.endheaders()
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["title"]) == (413, "Request too large")


class Stalled(io.RawIOBase):
    """A body of which nothing comes."""

    def read(self, _count: int = -1) -> bytes:
        raise TimeoutError


def test_a_body_that_does_not_come_is_told(running: Any, ui: Any) -> None:
    gateway = Gateway(f"http://127.0.0.1:{ui.gateway_port}")
    environ = create_environ("/api/echo/x", method="POST", content_length=10) | {
        "wsgi.input": Stalled(),
        "wsgi.input_terminated": True,
    }
    with pytest.raises(BodyStalled, match="Send it again"):
        gateway.pass_on(Request(environ), b"/echo/x")


@pytest.mark.parametrize(
    ("path", "is_long"),
    [
        (b"/v1/models/3/activate", True),
        (b"/v1/models/3/activate?x=1", True),
        (b"/v1/models", False),
        (b"/v1/recognitions?next=/v1/models/3/activate", False),
    ],
)
def test_an_activation_alone_is_waited_for_longer(path: bytes, is_long: bool) -> None:
    assert (timeout_of(path).read == ACTIVATION_S) is is_long


def test_ui_stays_small(ui: Any, connection: Any, running: Any) -> None:
    ask(connection, "GET", "/api/v1/system")
    process = psutil.Process(ui.pid)
    for one in (process, *process.children(recursive=True)):
        assert one.memory_info().rss < 150 * 2**20

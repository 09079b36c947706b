"""The gateway as a process: its start, its end, and a Redis that is away or full."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
from digitscribe.queueing.connection import connect
from digitscribe.queueing.store import RecognitionStore

from tests.conftest import redis_executable
from tests.gateway.conftest import Finisher, RunningGateway, encoded
from tests.ports import free_port
from tests.relay import relay

Start = Callable[..., RunningGateway]

MEGABYTE = 1_000_000
HEADERS = {"Content-Type": "image/png"}


def send(gateway: RunningGateway, query: str = "") -> httpx.Response:
    return httpx.post(f"{gateway.url}/v1/recognitions{query}", content=encoded(), headers=HEADERS, timeout=40)


def raw(gateway: RunningGateway, request: bytes) -> bytes:
    address = urlsplit(gateway.url)
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall(request)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return answer


def test_wrong_settings_end_the_start_with_their_name() -> None:
    env = {**os.environ, "DIGITSCRIBE_GATEWAY_PORT": "many"}
    ended = subprocess.run([sys.executable, "-m", "gateway"], env=env, capture_output=True, text=True, timeout=30)
    assert ended.returncode != 0
    assert "DIGITSCRIBE_GATEWAY_PORT" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_sigterm_lets_waits_and_streams_go_and_loses_nothing(start_gateway: Start) -> None:
    gateway = start_gateway()
    listening, ended = threading.Event(), threading.Event()

    def listen() -> None:
        with httpx.stream("GET", f"{gateway.url}/v1/events", timeout=40) as answer:
            for _ in answer.iter_lines():
                listening.set()
        ended.set()

    with ThreadPoolExecutor(5) as clients:
        clients.submit(listen)
        waiting = [clients.submit(send, gateway, "?wait=30") for _ in range(4)]
        with connect(gateway.settings.redis_url) as redis:
            store = RecognitionStore(redis, gateway.settings)
            deadline = time.monotonic() + 20
            while store.pending().images < 4 or not listening.is_set():
                assert time.monotonic() < deadline
                time.sleep(0.01)
            gateway.process.send_signal(signal.SIGTERM)
            answers = [each.result(30) for each in waiting]
            assert [answer.status_code for answer in answers] == [202] * 4
            assert all(store.get(answer.json()["id"]) for answer in answers)
    assert ended.is_set()
    assert gateway.process.wait(timeout=30) == 0


def test_the_log_carries_the_recognitions_id(gateway: RunningGateway) -> None:
    recognition_id = send(gateway).json()["id"]
    lines = [line for line in gateway.log.read_text().splitlines() if f"[{recognition_id}]" in line]
    assert any("accepted for interactive" in line for line in lines)
    assert any("POST /v1/recognitions 202" in line for line in lines)


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        (b"NONSENSE\r\n\r\n", b"400"),
        (b"GET /" + b"a" * 10_000 + b" HTTP/1.1\r\n\r\n", b"414"),
        (b"GET / HTTP/1.1\r\n" + b"X: " + b"a" * 20_000 + b"\r\n\r\n", b"431"),
    ],
    ids=["no HTTP", "long address", "long header"],
)
def test_what_is_no_request_is_answered_with_a_problem(
    gateway: RunningGateway, request_text: bytes, status: bytes
) -> None:
    head, _, body = raw(gateway, request_text).partition(b"\r\n\r\n")
    assert head.split()[1] == status
    assert b"application/problem+json" in head
    assert b'"status":' + status in body


def test_malformed_chunks_are_a_problem_too(gateway: RunningGateway) -> None:
    request = (
        b"POST /v1/recognitions HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    answer = raw(gateway, request + b"zz\r\nimage\r\n0\r\n\r\n")
    assert answer.split()[1] == b"400"
    assert b"application/problem+json" in answer


def test_an_image_may_come_in_chunks(gateway: RunningGateway, gateway_recognizer: Finisher) -> None:
    image = encoded()
    pieces = iter([image[:10], image[10:]])
    answer = httpx.post(f"{gateway.url}/v1/recognitions?wait=20", content=pieces, headers=HEADERS, timeout=30)
    assert (answer.status_code, answer.json()["text"]) == (200, "20")


def test_a_refused_upload_is_answered_though_it_was_not_read(gateway: RunningGateway) -> None:
    answer = httpx.post(f"{gateway.url}/v1/recognitions", content=bytes(21 * MEGABYTE), headers=HEADERS, timeout=30)
    assert (answer.status_code, answer.headers["Content-Type"]) == (413, "application/problem+json")


def test_the_server_does_not_say_what_it_is_made_of(gateway: RunningGateway) -> None:
    assert httpx.get(f"{gateway.url}/healthz").headers["Server"] == "digitscribe"


def test_many_clients_at_once_get_each_their_own_answer(gateway: RunningGateway, gateway_recognizer: Finisher) -> None:
    def ask(client: httpx.Client) -> httpx.Response:
        return client.post("/v1/recognitions?wait=30", content=encoded(), headers=HEADERS)

    with ThreadPoolExecutor(24) as clients, httpx.Client(base_url=gateway.url, timeout=40) as client:
        answers = list(clients.map(ask, [client] * 120))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 120


def test_its_processes_stay_under_150_megabytes_each(gateway: RunningGateway) -> None:
    with httpx.Client(base_url=gateway.url) as client:
        for _ in range(100):
            client.post("/v1/recognitions", content=encoded(), headers=HEADERS)
    process = psutil.Process(gateway.process.pid)
    for each in (process, *process.children(recursive=True)):
        assert each.memory_info().rss < 150 * MEGABYTE


@pytest.fixture
def lonely_redis(tmp_path: Path) -> Callable[..., tuple[str, subprocess.Popen[bytes]]]:
    """Start a Redis that a test may kill."""

    def start(port: int, *options: str) -> tuple[str, subprocess.Popen[bytes]]:
        command = [redis_executable(), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(tmp_path)]
        server = subprocess.Popen([*command, "--save", "", *options], stdout=subprocess.DEVNULL)
        url = f"redis://127.0.0.1:{port}/0"
        with connect(url, retries=60) as probe:
            probe.ping()
        return url, server

    return start


def test_a_redis_that_went_away_and_came_back(
    start_gateway: Start, lonely_redis: Callable[..., tuple[str, subprocess.Popen[bytes]]]
) -> None:
    port = free_port()
    url, server = lonely_redis(port)
    gateway = start_gateway(redis_url=url)
    assert send(gateway).status_code == 202
    server.kill()
    server.wait()
    refused = send(gateway)
    assert (refused.status_code, refused.json()["title"]) == (503, "Store unavailable")
    assert refused.headers["Retry-After"]
    assert "Redis does not answer" in httpx.get(f"{gateway.url}/readyz").text
    assert httpx.get(f"{gateway.url}/healthz").status_code == 200
    assert httpx.get(f"{gateway.url}/metrics").status_code == 200
    _, server = lonely_redis(port)
    finisher = Finisher(url, gateway.settings)
    finisher.start()
    try:
        assert send(gateway, "?wait=20").status_code == 200
    finally:
        finisher.stop()
        server.terminate()
        server.wait()


def test_an_accepted_image_is_told_with_its_id_though_redis_goes_away_while_it_is_waited_for(
    start_gateway: Start, redis_server_url: str
) -> None:
    server = urlsplit(redis_server_url)
    assert server.port is not None
    with relay(server.port) as relayed, ThreadPoolExecutor(1) as clients:
        url = f"redis://127.0.0.1:{relayed.port}/14"
        gateway = start_gateway(redis_url=url)
        waiting = clients.submit(send, gateway, "?wait=20")
        with connect(redis_server_url.replace("/0", "/14")) as redis:
            store = RecognitionStore(redis, gateway.settings)
            deadline = time.monotonic() + 20
            while not store.pending().images:
                assert time.monotonic() < deadline
                time.sleep(0.01)
            relayed.cut()
            answer = waiting.result(30)
            assert (answer.status_code, answer.json()["status"]) == (202, "queued")
            assert store.get(answer.json()["id"])


def test_probes_are_answered_while_nothing_is_read_and_all_wait(start_gateway: Start) -> None:
    gateway = start_gateway(gateway_threads=8)
    with ThreadPoolExecutor(12) as clients:
        waiting = [clients.submit(send, gateway, "?wait=25") for _ in range(12)]
        with connect(gateway.settings.redis_url) as redis:
            store, deadline = RecognitionStore(redis, gateway.settings), time.monotonic() + 20
            while store.pending().images < 8:
                assert time.monotonic() < deadline
                time.sleep(0.01)
        assert httpx.get(f"{gateway.url}/healthz", timeout=10).status_code == 200
        assert any(not each.done() for each in waiting)
        gateway.process.send_signal(signal.SIGTERM)
        assert {each.result(30).status_code for each in waiting} == {202}


def test_a_redis_without_memory_is_503_and_not_500(
    start_gateway: Start, lonely_redis: Callable[..., tuple[str, subprocess.Popen[bytes]]]
) -> None:
    url, server = lonely_redis(free_port())
    gateway = start_gateway(redis_url=url)
    try:
        with connect(url) as redis:
            redis.config_set("maxmemory", "1")
            redis.config_set("maxmemory-policy", "noeviction")
        refused = send(gateway)
        assert (refused.status_code, refused.json()["title"]) == (503, "Queue is full")
        assert int(refused.headers["Retry-After"]) > 0
    finally:
        server.terminate()
        server.wait()

"""Clients that send slowly, or not at all, keep no thread for long; whoever waits or listens is not disturbed."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest
from digitscribe.web import connection
from digitscribe.web.connection import ClientSocket

from tests.conftest import free_port
from tests.web.small_server import HEAD_S

THREADS = 2
PATIENCE_S = 20.0


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a running small server."""
    port = free_port()
    process = subprocess.Popen([sys.executable, str(Path(__file__).with_name("small_server.py")), str(port)])
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(port: int) -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return connected(port).close()
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.05)


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)


@pytest.fixture
def client(port: int) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_S) as client:
        yield client


def answer_of(client: socket.socket) -> bytes:
    answer = b""
    while chunk := client.recv(65_536):
        answer += chunk
    return answer


def test_half_sent_heads_keep_no_thread(port: int, client: httpx.Client) -> None:
    with ExitStack() as stack:
        for _ in range(THREADS * 3):
            stack.enter_context(connected(port)).sendall(b"GET / HT")
        assert client.get("/").status_code == 200


def test_a_head_that_trickles_is_not_waited_for(port: int) -> None:
    with connected(port) as slow, pytest.raises(OSError):  # noqa: PT011 - reset or broken pipe, whichever it is
        _trickle(slow)


def _trickle(client: socket.socket) -> None:
    for letter in b"GET / HTTP/1.1\r\n" + b"a" * 1000:
        client.sendall(bytes([letter]))
        time.sleep(HEAD_S / 10)


def test_a_body_that_trickles_ends_in_the_app_with_a_timeout(port: int) -> None:
    with connected(port) as slow:
        slow.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n")
        slow.sendall(b"a")
        assert answer_of(slow).startswith(b"HTTP/1.1 408")


def test_a_body_that_comes_fast_enough_is_read_whatever_its_length(client: httpx.Client) -> None:
    body = bytes(3_000_000)
    assert client.post("/", content=body).content == body


def test_an_answer_that_comes_late_is_not_cut_off(client: httpx.Client) -> None:
    assert client.post("/late", content=b"still there").content == b"still there"


def test_a_stream_goes_on_for_longer_than_a_body_may_take(client: httpx.Client) -> None:
    assert client.get("/stream").text.count("data: x") == 4


def test_a_kept_connection_waits_for_its_next_request(port: int) -> None:
    request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    with connected(port) as kept:
        for _ in range(2):
            kept.sendall(request)
            assert kept.recv(65_536).startswith(b"HTTP/1.1 200")
            time.sleep(HEAD_S * 1.5)


def test_what_is_no_http_is_answered_with_a_problem(port: int) -> None:
    with connected(port) as client:
        client.sendall(b"NONSENSE\r\n\r\n")
        answer = answer_of(client)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"application/problem+json" in answer


@pytest.fixture
def pair(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[ClientSocket, socket.socket]]:
    """A server's end, whose client may take 0.2 s, and the client's."""
    monkeypatch.setattr(connection, "BODY_S", 0.2)
    accepted, client = socket.socketpair()
    with ClientSocket.of(accepted) as ours, client:
        ours.setblocking(True)
        yield ours, client


def test_the_time_that_is_waited_adds_up(pair: tuple[ClientSocket, socket.socket]) -> None:
    ours, client = pair
    ours.expect_body()
    ours.settimeout(0.05)
    with pytest.raises(TimeoutError, match="too slowly"):
        _receive_a_trickle(ours, client)


def _receive_a_trickle(ours: ClientSocket, client: socket.socket) -> None:
    for _ in range(100):
        client.sendall(b"a")
        ours.recv(1)
        with suppress(TimeoutError):  # nothing more comes
            ours.recv(1)


def test_a_server_that_is_slow_itself_takes_nothing_of_it(pair: tuple[ClientSocket, socket.socket]) -> None:
    ours, client = pair
    ours.expect_body()
    time.sleep(0.3)
    client.sendall(b"a")
    assert ours.recv(1) == b"a"


def test_to_block_is_to_wait_for_a_while(pair: tuple[ClientSocket, socket.socket]) -> None:
    assert pair[0].gettimeout() == connection.SILENCE_S

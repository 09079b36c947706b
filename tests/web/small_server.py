"""`python small_server.py PORT`: an app with two threads that waits for its clients less than the services do."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from digitscribe.web import connection, server

HEAD_S = 0.5
BODY_S = 1.0

LONG_S = 1.5
"""How long the app takes over an answer or a stream: longer than it waits for a client."""


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    body = b""
    if environ["PATH_INFO"] == "/late":
        time.sleep(LONG_S)
    try:
        body = environ["wsgi.input"].read()
    except TimeoutError:
        start_response("408 Request Timeout", [("Content-Length", "0")])
        return []
    if environ["PATH_INFO"] == "/stream":
        start_response("200 OK", [("Content-Type", "text/event-stream")])
        return _stream()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


def _stream() -> Iterator[bytes]:
    for _ in range(4):
        yield b"data: x\n\n"
        time.sleep(LONG_S / 4)


if __name__ == "__main__":
    connection.HEAD_S, connection.BODY_S = HEAD_S, BODY_S
    server.serve(lambda: app, server.options("127.0.0.1", int(sys.argv[1]), 2, 1, "INFO"))

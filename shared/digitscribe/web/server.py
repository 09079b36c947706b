"""A WSGI app under gunicorn: one process, a thread for each request in hand, and none for clients that are too slow."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

from gunicorn import util  # type: ignore[import-untyped]
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.config import Config  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from gunicorn.http import wsgi  # type: ignore[import-untyped]
from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

from digitscribe.contracts import Problem
from digitscribe.web.connection import ClientSocket

KEEPALIVE_S = 15
"""How long an unused connection is kept for its client's next request."""

LINGER_S = 2.0
"""How long a client may take to close its end of a connection that is being closed."""


class Worker(ThreadWorker):  # type: ignore[misc]
    """Answers requests in threads; how long each waits for its client is limited (see `ClientSocket`)."""

    def handle(self, conn: TConn) -> Any:
        """Handle a request; then wait for the client to close, here and not in the thread that all others need."""
        if not isinstance(conn.sock, ClientSocket):
            conn.sock = ClientSocket.of(conn.sock)
        conn.sock.expect_head()
        keep = super().handle(conn)
        if keep is False:
            _linger(conn.sock, 0.0 if conn.sock.given_up else LINGER_S)
        return keep

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """Hand a request, whose head has come, to the app."""
        conn.sock.expect_body()
        return super().handle_request(req, conn)


def options(host: str, port: int, threads: int, grace_s: int, log_level: str) -> dict[str, Any]:
    """Options for gunicorn; `grace_s` is how long requests in hand may go on after SIGTERM."""
    return {
        "bind": f"{_bracketed(host)}:{port}",
        "worker_class": Worker,
        "workers": 1,
        "threads": threads,
        "worker_connections": threads * 4 + 256,
        "graceful_timeout": grace_s,
        "limit_request_line": 8190,
        "timeout": 120,
        "keepalive": KEEPALIVE_S,
        "loglevel": log_level.lower(),
        "logger_class": _Logger,
        "control_socket_disable": True,
    }


def serve(make_app: Callable[[], Any], gunicorn_options: dict[str, Any]) -> None:
    """Serve until SIGTERM or SIGINT what `make_app` makes in the process that answers."""
    # gunicorn has settings for neither: its name in each answer, and its web pages where a request is no HTTP
    wsgi.SERVER = "digitscribe"
    util.write_error = _write_problem
    _Server(make_app, gunicorn_options).run()


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, make_app: Callable[[], Any], gunicorn_options: dict[str, Any]) -> None:
        self._make_app = make_app
        self._options = gunicorn_options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._make_app()


class _Logger(Logger):  # type: ignore[misc]
    """Hands gunicorn's lines to the root logger, which `configure_logging` has set up."""

    def setup(self, cfg: Config) -> None:
        self.error_log.propagate = True
        self.error_log.setLevel(cfg.loglevel.upper())


def _linger(connection: ClientSocket, linger_s: float) -> None:
    """Say that nothing more comes, and take what the client still sends: closing at once would cut off the answer."""
    until = time.monotonic() + linger_s
    connection.expect_end()
    try:
        connection.shutdown(socket.SHUT_WR)
        while (left_s := until - time.monotonic()) > 0:
            connection.settimeout(left_s)
            if not connection.recv(64 * 1024):
                break
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it is closed


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _write_problem(connection: socket.socket, status: int, reason: str, _message: str) -> None:
    """Answer a request that never reached the app, because it could not be parsed."""
    problem = Problem(
        type=f"urn:digitscribe:problem:{reason.lower().replace(' ', '-')}",
        title=reason,
        status=status,
        detail="this is no HTTP request that is taken here",
    )
    body = problem.model_dump_json().encode()
    head = f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n"
    util.write_nonblock(connection, f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

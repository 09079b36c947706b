"""The gateway under gunicorn: one process, a thread for each request in hand."""

from __future__ import annotations

import socket
import time
from typing import Any

from digitscribe.contracts import Problem
from digitscribe.settings import GatewaySettings
from gunicorn import util  # type: ignore[import-untyped]
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.config import Config  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from gunicorn.http import wsgi  # type: ignore[import-untyped]
from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

GRACE_S = 20
"""How long requests in hand may go on after SIGTERM. Streams and waits are let go at once; this is for uploads."""

LINGER_S = 2.0
"""How long a client may take to close its end of a connection that is being closed."""


class _Logger(Logger):  # type: ignore[misc]
    """Hands gunicorn's lines to the root logger, which `configure_logging` has set up."""

    def setup(self, cfg: Config) -> None:
        self.error_log.propagate = True
        self.error_log.setLevel(cfg.loglevel.upper())


class _Worker(ThreadWorker):  # type: ignore[misc]
    def handle_exit(self, sig: int, frame: Any) -> None:
        """SIGTERM: whoever waits or listens is let go, so that the process can end."""
        super().handle_exit(sig, frame)
        app = getattr(self, "wsgi", None)  # it may be told to end before it has begun
        if app is not None:
            app.extensions["digitscribe"].release()

    def handle(self, conn: TConn) -> Any:
        """Handle a request; then wait for the client to close, here and not in the thread that all others need."""
        keep = super().handle(conn)
        if keep is False:
            _linger(conn.sock)
        return keep


def _linger(connection: socket.socket) -> None:
    """Say that nothing more comes, and take what the client still sends: closing at once would cut off the answer."""
    until = time.monotonic() + LINGER_S
    try:
        connection.shutdown(socket.SHUT_WR)
        while (left_s := until - time.monotonic()) > 0:
            connection.settimeout(left_s)
            if not connection.recv(64 * 1024):
                break
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it is closed


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, settings: GatewaySettings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in gunicorn_options(self._settings).items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        from gateway.app import create_app  # here: only the process that answers needs all of it in memory

        return create_app(self._settings)


def gunicorn_options(settings: GatewaySettings) -> dict[str, Any]:
    """Options for gunicorn."""
    return {
        "bind": f"{_bracketed(settings.gateway_host)}:{settings.gateway_port}",
        "worker_class": _Worker,
        "workers": 1,
        "threads": settings.gateway_threads,
        "worker_connections": settings.gateway_threads * 4 + 256,
        "graceful_timeout": GRACE_S,
        "limit_request_line": 8190,
        "timeout": 120,
        "keepalive": 15,
        "loglevel": settings.log_level.lower(),
        "logger_class": _Logger,
        "worker_exit": _close,
        "proc_name": "digitscribe-gateway",
        "control_socket_disable": True,
    }


def _close(_server: Any, worker: Any) -> None:
    app = getattr(worker, "wsgi", None)
    if app is not None:
        app.extensions["digitscribe"].close()


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _write_problem(connection: socket.socket, status: int, reason: str, _message: str) -> None:
    """Answer a request that never reached the app, because it could not be parsed."""
    problem = Problem(
        type=f"urn:digitscribe:problem:{reason.lower().replace(' ', '-')}",
        title=reason,
        status=status,
        detail="this is no HTTP request that the gateway takes",
    )
    body = problem.model_dump_json().encode()
    head = f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n"
    util.write_nonblock(connection, f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)


def serve(settings: GatewaySettings) -> None:
    """Serve until SIGTERM or SIGINT."""
    # gunicorn has settings for neither: its name in each answer, and its web pages where a request is no HTTP
    wsgi.SERVER = "digitscribe"
    util.write_error = _write_problem
    _Server(settings).run()

"""The gateway under gunicorn."""

from __future__ import annotations

from typing import Any

from digitscribe.settings import GatewaySettings
from digitscribe.web import server

GRACE_S = 20
"""How long requests in hand may go on after SIGTERM. Streams and waits are let go at once; this is for uploads."""


class _Worker(server.Worker):
    def handle_exit(self, sig: int, frame: Any) -> None:
        """SIGTERM: whoever waits or listens is let go, so that the process can end."""
        super().handle_exit(sig, frame)
        app = getattr(self, "wsgi", None)  # it may be told to end before it has begun
        if app is not None:
            app.extensions["digitscribe"].release()


def gunicorn_options(settings: GatewaySettings) -> dict[str, Any]:
    """Options for gunicorn."""
    common = server.options(
        settings.gateway_host, settings.gateway_port, settings.gateway_threads, GRACE_S, settings.log_level
    )
    return common | {"worker_class": _Worker, "worker_exit": _close, "proc_name": "digitscribe-gateway"}


def serve(settings: GatewaySettings) -> None:
    """Serve until SIGTERM or SIGINT."""

    def make_app() -> Any:
        from gateway.app import create_app  # here: only the process that answers needs all of it in memory

        return create_app(settings)

    server.serve(make_app, gunicorn_options(settings))


def _close(_server: Any, worker: Any) -> None:
    app = getattr(worker, "wsgi", None)
    if app is not None:
        app.extensions["digitscribe"].close()

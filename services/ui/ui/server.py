"""The page under gunicorn."""

from __future__ import annotations

from typing import Any

from digitscribe.settings import UiSettings
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.config import Config  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from ui.app import create_app

GRACE_S = 3
"""How long open requests may go on after SIGTERM; streams never end by themselves, so this is short."""


class _Logger(Logger):  # type: ignore[misc]
    """Hands gunicorn's lines to the root logger, which `configure_logging` has set up."""

    def setup(self, cfg: Config) -> None:
        self.error_log.propagate = True
        self.error_log.setLevel(cfg.loglevel.upper())


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, settings: UiSettings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in gunicorn_options(self._settings).items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return create_app(self._settings)


def gunicorn_options(settings: UiSettings) -> dict[str, Any]:
    """Options for gunicorn: one process, a thread for each request or stream."""
    return {
        "bind": f"{_bracketed(settings.ui_host)}:{settings.ui_port}",
        "worker_class": "gthread",
        "workers": 1,
        "threads": settings.ui_threads,
        "worker_connections": settings.ui_threads * 4,
        "graceful_timeout": GRACE_S,
        "keepalive": 15,
        "loglevel": settings.log_level.lower(),
        "logger_class": _Logger,
        "proc_name": "digitscribe-ui",
        "control_socket_disable": True,
    }


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def serve(settings: UiSettings) -> None:
    """Serve the page until SIGTERM or SIGINT."""
    _Server(settings).run()

"""The page under gunicorn."""

from __future__ import annotations

from typing import Any

from digitscribe.settings import UiSettings
from digitscribe.web import server

from ui.app import create_app

GRACE_S = 3
"""How long open requests may go on after SIGTERM; streams never end by themselves, so this is short."""


def gunicorn_options(settings: UiSettings) -> dict[str, Any]:
    """Options for gunicorn."""
    common = server.options(settings.ui_host, settings.ui_port, settings.ui_threads, GRACE_S, settings.log_level)
    return common | {"proc_name": "digitscribe-ui"}


def serve(settings: UiSettings) -> None:
    """Serve the page until SIGTERM or SIGINT."""
    server.serve(lambda: create_app(settings), gunicorn_options(settings))

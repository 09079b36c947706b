"""Does it answer? One question for each service that can be asked."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Callable

from deploy.local.settings import LocalSettings, reachable_at

_HERE = "127.0.0.1"
_TIMEOUT_S = 2.0

Probe = Callable[[], bool]


def probes(settings: LocalSettings) -> dict[str, Probe]:
    """A question for each service that listens on a port, by the service's name."""
    return {
        "redis": lambda: _redis_answers(settings.redis_port),
        "serving": lambda: _model_is_available(settings.serving_rest_port),
        "gateway": lambda: _get(settings.gateway_host, settings.gateway_port, "/healthz")[0] == http.client.OK,
        "ui": lambda: _get(settings.ui_host, settings.ui_port, "/")[0] == http.client.OK,
    }


def readiness(settings: LocalSettings) -> str:
    """Empty if a picture would be read now; else what is missing, in words."""
    status, body = _get(settings.gateway_host, settings.gateway_port, "/readyz")
    if status == http.client.OK:
        return ""
    return body.decode(errors="replace")[:400] or "the gateway does not answer"


def _get(host: str, port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(reachable_at(host), port, timeout=_TIMEOUT_S)
    try:
        # a page that listens on a public name need not have been told that the name is its own
        connection.request("GET", path, headers={"Host": "localhost"})
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


def _model_is_available(port: int) -> bool:
    status, body = _get(_HERE, port, "/v1/models/digits")
    if status != http.client.OK:
        return False
    return any(version["state"] == "AVAILABLE" for version in json.loads(body)["model_version_status"])


def _redis_answers(port: int) -> bool:
    try:
        with socket.create_connection((_HERE, port), timeout=_TIMEOUT_S) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")  # while it still loads its file it says -LOADING
    except OSError:
        return False

"""The gateway's Flask app: what every request passes before and after its route."""

from __future__ import annotations

import logging
import time

from digitscribe.guard import SAFE_METHODS
from digitscribe.logs import recognition_context
from digitscribe.settings import GatewaySettings
from flask import Flask, Response, g, request

from gateway import problems
from gateway.routes import BLUEPRINTS
from gateway.routes.health import PROBES
from gateway.services import Services, services

SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""What every answer carries, unless its route has said something of its own."""


_IMAGES_COME_BY = frozenset({"recognitions.create", "recognitions.retry", "cameras.push"})

access_log = logging.getLogger("gateway.access")


def create_app(settings: GatewaySettings) -> Flask:
    """The API of Digitscribe. Its threads and connections end with `app.extensions["digitscribe"].close()`."""
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["digitscribe"] = Services(settings)
    app.before_request(_begin)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    problems.register(app)
    app.after_request(_end)
    return app


def _begin() -> None:
    g.began = time.perf_counter()
    headers = request.headers
    forwarded = ",".join(headers.getlist("X-Forwarded-For"))
    g.client = services().proxies.client_of(request.remote_addr or "", forwarded)
    if request.path not in PROBES:  # they come by whatever name the orchestrator likes
        host, origin, site = (headers.get(name) for name in ("Host", "Origin", "Sec-Fetch-Site"))
        services().guard.check(request.method, host or "", origin, site)
    _limit_rate()


def _limit_rate() -> None:
    """Whatever is sent to be read counts as an image; whatever else changes something, as a change."""
    if request.method in SAFE_METHODS:
        return
    limit = services().rate_limit if request.endpoint in _IMAGES_COME_BY else services().change_limit
    limit.take(g.client)


def _end(response: Response) -> Response:
    for name, value in SECURITY.items():
        response.headers.setdefault(name, value)
    seconds = time.perf_counter() - g.get("began", time.perf_counter())
    route = request.url_rule.rule if request.url_rule else "unknown"
    services().metrics.note_request(route, request.method, response.status_code, seconds)
    with recognition_context(g.get("recognition_id", "-")):
        access_log.log(
            logging.DEBUG if request.path in PROBES else logging.INFO,
            "%s %s %d in %.1f ms from %s",
            request.method,
            request.path,
            response.status_code,
            seconds * 1000,
            g.get("client", request.remote_addr),
        )
    return response

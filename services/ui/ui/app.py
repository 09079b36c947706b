"""The page's Flask app: static files at /, the gateway under /api."""

from __future__ import annotations

from pathlib import Path

from digitscribe.errors import DigitscribeError
from digitscribe.guard import Guard, listed
from digitscribe.settings import UiSettings
from flask import Flask, Response, jsonify, request, send_from_directory

from ui.headers import SECURITY
from ui.passing import Gateway

STATIC = Path(__file__).parent / "static"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_API = "/api"


def create_app(settings: UiSettings) -> Flask:
    """The page and the way through to the gateway at `settings.gateway_url`."""
    app = Flask(__name__, static_folder=None)
    _guard(app, Guard("ui_hosts", listed(settings.ui_hosts)))
    _add_page(app)
    _add_api(app, Gateway(settings.gateway_url))
    app.register_error_handler(DigitscribeError, _problem)
    app.after_request(_secure)
    return app


def _guard(app: Flask, guard: Guard) -> None:
    @app.before_request
    def check() -> None:
        if request.path == "/healthz":  # probes come by whatever name the orchestrator likes
            return
        headers = request.headers
        guard.check(request.method, headers.get("Host", ""), headers.get("Origin"), headers.get("Sec-Fetch-Site"))


def _add_page(app: Flask) -> None:
    @app.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @app.get("/", defaults={"name": "index.html"})
    @app.get("/<path:name>")
    def page(name: str) -> Response:
        return _file(name)


def _file(name: str) -> Response:
    # `no-cache`: kept, but asked about each time (an ETag makes that cheap), so an update is seen at once
    response = send_from_directory(STATIC, name, max_age=None)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _add_api(app: Flask, gateway: Gateway) -> None:
    @app.route(f"{_API}/<path:path>", methods=METHODS, provide_automatic_options=False)
    def api(path: str) -> Response:  # noqa: ARG001  the quoted path is passed on, not this one
        return gateway.pass_on(request, _quoted_path())


def _quoted_path() -> bytes:
    """The path behind /api as the client wrote it, with its query."""
    uri = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.full_path.rstrip("?")
    _, _, path = str(uri).partition(f"{_API}/")
    return b"/" + path.encode("latin-1", "replace")


def _problem(error: DigitscribeError) -> Response:
    problem = error.to_problem()
    return Response(problem.model_dump_json(), status=problem.status, mimetype="application/problem+json")


def _secure(response: Response) -> Response:
    for name, value in SECURITY.items():
        response.headers.setdefault(name, value)
    return response

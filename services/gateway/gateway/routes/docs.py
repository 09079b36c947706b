"""The API's own description, for programs and for people."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, render_template
from markupsafe import Markup

from gateway import answers, parameters, queries
from gateway.examples import FIRST_STEPS, curl_lines
from gateway.openapi import build

STYLE = (Path(__file__).parents[1] / "templates" / "docs.css").read_text(encoding="utf-8")

blueprint = Blueprint("docs", __name__)


@blueprint.get("/openapi.json")
def openapi_document() -> Response:
    """The OpenAPI document."""
    queries.query(parameters.NONE)
    return answers.plain(build())


@blueprint.get("/docs")
def page() -> Response:
    """The OpenAPI document as a page that needs nothing from elsewhere, scripts included."""
    queries.query(parameters.NONE)
    response = Response(
        render_template("docs.html", api=build(), style=STYLE, steps=FIRST_STEPS, curl=curl_lines()),
        content_type="text/html; charset=utf-8",
    )
    response.headers["Content-Security-Policy"] = _policy()
    return response


@blueprint.app_template_filter("prose")
def prose(text: str | None) -> Markup:
    """`text` as HTML; what stands between backticks becomes code."""
    plain_and_code = (Markup("{}"), Markup("<code>{}</code>"))
    pieces = (text or "").split("`")
    return Markup("").join(plain_and_code[number % 2].format(piece) for number, piece in enumerate(pieces))


@cache
def _policy() -> str:
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'"

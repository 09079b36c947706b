"""The API's own description."""

from __future__ import annotations

from flask import Blueprint, Response

from gateway import answers, queries
from gateway.openapi import build

blueprint = Blueprint("docs", __name__)


@blueprint.get("/openapi.json")
def openapi_document() -> Response:
    """The OpenAPI document."""
    queries.query()
    return answers.plain(build())

"""Documents as JSON answers. Fields without a value are left out, as they are in the store."""

from __future__ import annotations

import json
from typing import Any

from digitscribe.contracts.document import Document
from flask import Response

Json = dict[str, Any]
"""A JSON object, as `json.loads` gives it."""


def document(content: Document, status: int = 200) -> Response:
    """`content` as the answer."""
    return _json(content.model_dump_json(exclude_none=True), status)


def plain(content: Json, status: int = 200) -> Response:
    """`content`, which is a document already in JSON's terms, as the answer."""
    return _json(json.dumps(content, ensure_ascii=False, separators=(",", ":")), status)


def to_json(content: Document) -> Json:
    """`content` in JSON's terms."""
    return content.model_dump(mode="json", exclude_none=True)


def _json(body: str, status: int) -> Response:
    return Response(body, status=status, content_type="application/json")

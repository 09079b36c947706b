"""The API's description."""

from __future__ import annotations

from gateway.answers import Json


def build() -> Json:
    """The OpenAPI document."""
    return {}

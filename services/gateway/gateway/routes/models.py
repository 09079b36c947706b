"""Model versions: what there is, and which is in traffic."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from digitscribe.errors import ServingError
from digitscribe.models.listing import list_models
from flask import Blueprint, Response

from gateway import answers, parameters, queries
from gateway.errors import VolumeUnavailable
from gateway.paths import version_number
from gateway.services import Services, services

_RETRY_AFTER_S = 30

blueprint = Blueprint("models", __name__)


@blueprint.get("/v1/models")
def versions() -> Response:
    """All versions, newest first."""
    queries.query(parameters.NONE)
    with _volume():
        return answers.document(list_models(services().volume, states(services())))


@blueprint.post("/v1/models/<version>/activate")
def activate(version: str) -> Response:
    """Let a version take the traffic: promotion, or rollback."""
    queries.query(parameters.NONE)
    number = version_number(version)
    with _volume():
        return answers.document(services().promoter.promote(number))


def states(hold: Services) -> dict[int, str]:
    """State by version as the model server says it; empty if it is away."""
    try:
        return hold.serving.version_states()
    except ServingError:
        return {}


@contextmanager
def _volume() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise VolumeUnavailable(f"the volume of models: {error.strerror or error}", _RETRY_AFTER_S) from error

"""Is this process alive, can the system read images, and what does Prometheus see."""

from __future__ import annotations

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST
from redis.exceptions import RedisError

from gateway import answers, parameters, queries
from gateway.documents import Health
from gateway.errors import NotReady
from gateway.services import Services, services
from gateway.workers import count_recognizers

PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Where machines look after this one."""

_RETRY_AFTER_S = 2

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """This process is alive; nothing else is asked."""
    queries.query(parameters.NONE)
    return answers.document(Health(status="ok"))


@blueprint.get("/readyz")
def readyz() -> Response:
    """Redis, the model server and a recognizer are there."""
    queries.query(parameters.NONE)
    missing = missing_parts(services())
    if missing:
        raise NotReady(f"not ready to read images: {'; '.join(missing)}", _RETRY_AFTER_S)
    return answers.document(Health(status="ready"))


@blueprint.get("/metrics")
def metrics() -> Response:
    """Prometheus's text format."""
    queries.query(parameters.NONE)
    return Response(services().metrics.render(), content_type=CONTENT_TYPE_LATEST)


def missing_parts(hold: Services) -> list[str]:
    """What is needed to read images and is not there, in words."""
    missing = []
    try:
        if not count_recognizers(hold.redis):
            missing.append("no recognizer is alive")
    except RedisError:
        missing.append("Redis does not answer")
    if not hold.serving.ready():
        label, name = hold.settings.model_label, hold.settings.model_name
        missing.append(f"the model server does not answer for {name!r}, label {label!r}")
    return missing

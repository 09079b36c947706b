"""The state of the whole system at a glance."""

from __future__ import annotations

import time

from digitscribe import __version__
from digitscribe.contracts import ServingState, SystemState
from digitscribe.errors import DigitscribeError, ServingError
from digitscribe.models.listing import list_models
from flask import Blueprint, Response

from gateway import answers, parameters, queries
from gateway.services import Services, services
from gateway.workers import depths, workers

VERSION = __version__

blueprint = Blueprint("system", __name__)


@blueprint.get("/v1/system")
def system() -> Response:
    """Queues, workers, rates, latencies, and the model server."""
    queries.query(parameters.NONE)
    hold = services()
    recent = hold.statistics.summary(time.time())
    return answers.document(
        SystemState(
            version=VERSION,
            pending_images=hold.store.pending().images,
            max_pending_images=hold.settings.max_pending_images,
            queues=depths(hold.redis),
            workers=workers(hold.redis),
            images_per_second=recent.images_per_second,
            failed_recently=recent.failed,
            latency_ms=recent.latency,
            serving=serving_state(hold),
        )
    )


@blueprint.get("/v1/system/history")
def history() -> Response:
    """The last hour, ten seconds by ten seconds."""
    minutes = queries.query(parameters.HISTORY).get("minutes", parameters.HISTORY_MINUTES)
    return answers.document(services().history.read(minutes))


def serving_state(hold: Services) -> ServingState:
    """The model server as seen from here."""
    try:
        states = hold.serving.version_states()
    except ServingError:
        return ServingState(reachable=False, stable=_stable(hold))
    return ServingState(
        reachable=True, stable=_stable(hold), states={str(number): state for number, state in states.items()}
    )


def _stable(hold: Services) -> int | None:
    try:
        return list_models(hold.volume, {}).stable
    except (DigitscribeError, OSError):
        return None

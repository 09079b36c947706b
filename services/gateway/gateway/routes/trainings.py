"""Retrain jobs: start, follow, cancel."""

from __future__ import annotations

from digitscribe.contracts import Training, TrainingRequest
from flask import Blueprint, Response, request

from gateway import answers, parameters, queries
from gateway.bodies import read_document
from gateway.documents import TrainingList
from gateway.services import services

blueprint = Blueprint("trainings", __name__)


@blueprint.post("/v1/trainings")
def create() -> Response:
    """Start a training."""
    queries.query(parameters.NONE)
    return _started(services().trainings.create(read_document(request, TrainingRequest)))


@blueprint.get("/v1/trainings")
def newest() -> Response:
    """The newest trainings."""
    limit = queries.query(parameters.LIST_TRAININGS).get("limit", parameters.TRAININGS_LISTED)
    return answers.document(TrainingList(trainings=tuple(services().trainings.newest(limit))))


@blueprint.get("/v1/trainings/<training_id>")
def one(training_id: str) -> Response:
    """A training as it stands."""
    queries.query(parameters.NONE)
    return answers.document(services().trainings.get(training_id))


@blueprint.post("/v1/trainings/<training_id>/retry")
def retry(training_id: str) -> Response:
    """Start a training that failed or was cancelled once more."""
    queries.query(parameters.NONE)
    return _started(services().trainings.retry(training_id))


@blueprint.delete("/v1/trainings/<training_id>")
def cancel(training_id: str) -> Response:
    """Cancel a training."""
    queries.query(parameters.NONE)
    return answers.document(services().trainings.cancel(training_id))


def _started(training: Training) -> Response:
    response = answers.document(training, 202)
    response.headers["Location"] = f"/v1/trainings/{training.id}"
    return response

"""The calls about trainings and models, as rows of the table in `operations`."""

from __future__ import annotations

from digitscribe.contracts import ModelList, Training, TrainingRequest
from digitscribe.queueing.trainings import TRAININGS_OPEN

from gateway import parameters
from gateway.documents import TrainingList
from gateway.operation import Answer, Body, Operation
from gateway.operation_parts import JSON_BODY

MODEL_OPERATIONS = (
    Operation(
        "POST",
        "/v1/trainings",
        "createTraining",
        "trainings",
        "Start a retrain",
        {202: Answer("Queued", (Training,), headers=("Location",), links=("getTraining", "cancelTraining"))},
        (*JSON_BODY, 409, 503),
        body=Body("What to train; `{}` for the usual", TrainingRequest, example={"epochs": 3}),
        description=f"`409`: {TRAININGS_OPEN} have not ended yet.",
    ),
    Operation(
        "GET",
        "/v1/trainings",
        "listTrainings",
        "trainings",
        "The newest trainings",
        {200: Answer("Newest first", (TrainingList,))},
        (400, 503),
        query=parameters.LIST_TRAININGS,
    ),
    Operation(
        "GET",
        "/v1/trainings/<training_id>",
        "getTraining",
        "trainings",
        "One training",
        {200: Answer("As it stands", (Training,))},
        (400, 404, 503),
    ),
    Operation(
        "POST",
        "/v1/trainings/<training_id>/retry",
        "retryTraining",
        "trainings",
        "Start a training that failed or was cancelled once more",
        {
            202: Answer(
                "Queued as a new one", (Training,), headers=("Location",), links=("getTraining", "cancelTraining")
            )
        },
        (400, 403, 404, 409, 503),
    ),
    Operation(
        "DELETE",
        "/v1/trainings/<training_id>",
        "cancelTraining",
        "trainings",
        "Cancel a training",
        {200: Answer("Cancelled", (Training,))},
        (400, 403, 404, 409, 503),
    ),
    Operation(
        "GET",
        "/v1/models",
        "listModels",
        "models",
        "All versions of the model",
        {200: Answer("Newest first", (ModelList,))},
        (400, 409, 503),
    ),
    Operation(
        "POST",
        "/v1/models/<version>/activate",
        "activateModel",
        "models",
        "Let a version take the traffic",
        {200: Answer("It has; all versions as they stand now", (ModelList,))},
        (400, 403, 404, 409, 502, 503),
        description="Promotion and rollback. The version is loaded beside the old one, then the traffic moves.",
    ),
)
"""Retrain, follow, cancel; versions and which is in traffic."""

"""How an image was read, in pictures."""

from __future__ import annotations

from digitscribe.contracts import RecognitionStatus
from digitscribe.errors import Conflict, NotFound
from flask import Blueprint, Response, g

from gateway import parameters, queries
from gateway.services import Services, services

blueprint = Blueprint("steps", __name__)

_UNFINISHED = (RecognitionStatus.QUEUED, RecognitionStatus.RUNNING)


@blueprint.get("/v1/recognitions/<recognition_id>/steps")
def steps(recognition_id: str) -> Response:
    """The steps of a reading that was asked for with `steps=true`."""
    queries.query(parameters.NONE)
    g.recognition_id = recognition_id
    kept = services().steps.get(recognition_id)
    if kept is None:
        raise _absent(services(), recognition_id)
    return Response(kept, content_type="application/json")


def _absent(hold: Services, recognition_id: str) -> Exception:
    record = hold.store.get(recognition_id)
    if record is None:
        return NotFound(f"there is no recognition {recognition_id[:64]}, or it has expired")
    if record.steps and record.status in _UNFINISHED:
        return Conflict(f"recognition {record.id} is {record.status}; its steps are there when it is done")
    return NotFound(
        "no pictures of this reading are kept: send the image with steps=true, and fetch them within two minutes"
    )

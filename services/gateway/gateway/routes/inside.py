"""A look inside the model, at one digit."""

from __future__ import annotations

import numpy as np
from digitscribe.errors import NotExplained, NotFound
from digitscribe.model_shape import SIDE
from flask import Blueprint, Response, g

from gateway import answers, parameters, queries
from gateway.corrections import cut_crop
from gateway.inside import inside_of
from gateway.paths import digit_index
from gateway.services import services

blueprint = Blueprint("inside", __name__)


@blueprint.get("/v1/recognitions/<recognition_id>/digits/<index>/inside")
def inside(recognition_id: str, index: str) -> Response:
    """What the version that read this digit made of it."""
    queries.query(parameters.NONE)
    hold = services()
    hold.rate_limit.take(g.client)
    g.recognition_id = recognition_id
    place, record = digit_index(index), hold.store.get(recognition_id)
    if record is None or place >= len(record.digits):
        raise NotFound(f"there is no digit {place} of this recognition, or it has expired")
    digit = record.digits[place]
    if digit.neighbour is not None:
        raise NotExplained(
            f"digit {place} was read together with digit {digit.neighbour}, which it touches; "
            "how the model tells two digits in one picture cannot be shown"
        )
    crop = np.frombuffer(cut_crop(hold.store.crops(recognition_id), place), np.uint8).reshape(SIDE, SIDE)
    explanation = hold.explainer.explain(crop.astype(np.float32) / np.float32(255), record.model_version)
    return answers.document(inside_of(recognition_id, digit, explanation))

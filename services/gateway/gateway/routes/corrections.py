"""What people say a digit really is."""

from __future__ import annotations

from digitscribe.contracts import CorrectionRequest
from flask import Blueprint, Response, g, request

from gateway import answers, parameters, queries
from gateway.bodies import read_document
from gateway.corrections import cut_crop, shows_two, to_correction
from gateway.services import services

blueprint = Blueprint("corrections", __name__)


@blueprint.post("/v1/corrections")
def create() -> Response:
    """Keep a correction; when this answers, it is on the disk."""
    queries.query(parameters.NONE)
    asked, hold = read_document(request, CorrectionRequest), services()
    g.recognition_id = asked.recognition_id
    record = hold.store.get(asked.recognition_id)
    correction = to_correction(asked, record)
    crop = cut_crop(hold.store.crops(asked.recognition_id), asked.digit_index)
    hold.corrections.add(correction, None if shows_two(record, asked.digit_index) else crop)
    hold.store.labels.add(asked.recognition_id, asked.digit_index, asked.label)
    return answers.plain(correction.model_dump(mode="json"), 201)

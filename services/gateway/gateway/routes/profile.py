"""How images are prepared for reading, unless a request says otherwise."""

from __future__ import annotations

from digitscribe.vision.profile import Profile
from flask import Blueprint, Response

from gateway import answers, parameters, queries
from gateway.documents import ProfileState
from gateway.services import services

blueprint = Blueprint("profile", __name__)


@blueprint.get("/v1/profile")
def profile() -> Response:
    """The values in force, and what each may be."""
    queries.query(parameters.NONE)
    return answers.document(ProfileState(values=services().profile, json_schema=Profile.model_json_schema()))

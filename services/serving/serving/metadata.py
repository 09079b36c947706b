"""What a model is: its signatures, for GetModelMetadata."""

from __future__ import annotations

from typing import Any

from serving.core import ServerCore
from serving.runtime import get_model_metadata_pb2, get_model_status_pb2
from serving.status import StatusError, invalid_argument

SIGNATURES = "signature_def"
"""The one metadata field there is."""


def metadata_response(core: ServerCore, request: Any) -> Any:
    """The GetModelMetadataResponse for a request.

    Raises:
        StatusError: the request asks for something else than signatures, or the model is not available.
    """
    if not request.HasField("model_spec"):
        raise invalid_argument("Missing ModelSpec")
    if not request.metadata_field:
        raise invalid_argument("GetModelMetadataRequest must specify at least one metadata_field")
    for field in request.metadata_field:
        if field != SIGNATURES:
            raise invalid_argument(f"Metadata field {field} is not supported")
    response = get_model_metadata_pb2.GetModelMetadataResponse()
    with core.use(request.model_spec) as servable:
        response.model_spec.name = servable.identity.name
        response.model_spec.version.value = servable.identity.version
        response.metadata[SIGNATURES].Pack(signature_map(servable.signatures))
    return response


def signature_map(signatures: dict[str, Any]) -> Any:
    """The signatures as a SignatureDefMap."""
    found = get_model_metadata_pb2.SignatureDefMap()
    for name, signature in signatures.items():
        found.signature_def[name].CopyFrom(signature)
    return found


def status_response(core: ServerCore, request: Any) -> Any:
    """The GetModelStatusResponse for a request.

    Raises:
        StatusError: NOT_FOUND.
    """
    if not request.HasField("model_spec"):
        raise invalid_argument("Missing ModelSpec")
    response = get_model_status_pb2.GetModelStatusResponse()
    for version, known in core.states(request.model_spec).items():
        entry = response.model_version_status.add(version=version, state=int(known.state))
        entry.status.error_code = known.error.code if known.error else 0
        entry.status.error_message = known.error.message if known.error else ""
    return response


def refuse_examples(core: ServerCore, request: Any, kind: str) -> StatusError:
    """Why a signature cannot classify or regress: `kind` is `classification` or `regression`."""
    with core.use(request.model_spec) as servable:
        signature = servable.signature(request.model_spec.signature_name)
    return invalid_argument(f"No {kind} inputs found in SignatureDef: {signature}")

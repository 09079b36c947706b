"""The REST API without HTTP: a method, a path and a body to a status and a body."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from serving import metadata, predict
from serving.core import ServerCore
from serving.metrics import Metrics
from serving.rest import decode, encode
from serving.rest.json_proto import to_json
from serving.rest.json_text import error_body
from serving.runtime import get_model_metadata_pb2, get_model_status_pb2, model_pb2
from serving.servable import DEFAULT_SIGNATURE, Servable
from serving.status import Code, StatusError, invalid_argument

log = logging.getLogger(__name__)

_JSON = "application/json"
_HTML = "text/html"
_VERSION = r"(?:/versions/(?P<version>\d+)|/labels/(?P<label>[^/:]+))?"
_PREDICTION = re.compile(rf"(?i)/v1/models/(?P<model>[^/:]+){_VERSION}:(?P<api>classify|regress|predict)")
_STATUS = re.compile(rf"(?i)/v1/models(?:/(?P<model>[^/:]+))?{_VERSION}(?:/(?P<metadata>metadata))?")
_API = re.compile(r"(?i)/v1/.*")
_LARGEST_VERSION = 2**63 - 1

HTTP_STATUS = {
    Code.OK: 200,
    Code.CANCELLED: 499,
    Code.UNKNOWN: 500,
    Code.INVALID_ARGUMENT: 400,
    Code.DEADLINE_EXCEEDED: 504,
    Code.NOT_FOUND: 404,
    Code.ALREADY_EXISTS: 409,
    Code.PERMISSION_DENIED: 403,
    Code.RESOURCE_EXHAUSTED: 503,
    Code.FAILED_PRECONDITION: 400,
    Code.ABORTED: 409,
    Code.OUT_OF_RANGE: 400,
    Code.UNIMPLEMENTED: 501,
    Code.INTERNAL: 500,
    Code.UNAVAILABLE: 503,
    Code.DATA_LOSS: 500,
    Code.UNAUTHENTICATED: 401,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: an HTTP status, a content type and a body."""

    status: int
    content_type: str
    body: str


class Routes:
    """Answers REST requests; safe to use from many threads."""

    def __init__(self, core: ServerCore, metrics: Metrics, *, metrics_path: str | None, timeout_s: float) -> None:
        self._core = core
        self._metrics = metrics
        self._metrics_path = metrics_path
        self._timeout_s = timeout_s

    def knows(self, path: str) -> bool:
        """Whether anything is served under `path`; what is not gets a page instead of JSON."""
        return path == self._metrics_path or bool(_API.fullmatch(path))

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        """The answer to a request for a known `path`."""
        if path == self._metrics_path:
            return Answer(200, "text/plain", self._metrics.render())
        request = _Request.of(method, path)
        started, code = time.monotonic(), Code.OK
        try:
            return Answer(200, _JSON, self._process(request, body))
        except StatusError as error:
            code = error.code
            return Answer(HTTP_STATUS[code], _JSON, error_body(error.message) if error.message else "")
        except Exception:
            code = Code.INTERNAL
            log.exception("%s %s failed", method, path)
            return Answer(HTTP_STATUS[code], _JSON, error_body("Internal error; the server's log says more"))
        finally:
            self._metrics.requests.increment(request.model, code.name)
            if code is Code.OK:
                elapsed_us = (time.monotonic() - started) * 1e6
                self._metrics.request_latency.observe(elapsed_us, request.model, request.api, "REST")

    def _process(self, request: _Request, body: bytes) -> str:
        if request.kind == "malformed":
            raise invalid_argument(f"Malformed request: {request.method} {request.path}")
        spec = request.spec()
        if request.kind == "prediction":
            return self._predict(spec, body) if request.api == "predict" else self._refuse(spec, request.api, body)
        return self._metadata(spec) if request.kind == "metadata" else self._status(spec)

    def _predict(self, spec: Any, body: bytes) -> str:
        document = decode.parse_object(body)
        name = decode.signature_of(document)
        with self._core.use(spec) as servable:
            asked = decode.predict_input(document, name, _inputs_of(servable, name or DEFAULT_SIGNATURE))
            outputs = predict.run_signature(
                servable, name or DEFAULT_SIGNATURE, asked.inputs, timeout_s=self._timeout_s
            )
        self._metrics.count_examples(spec.name, asked.rows)
        return encode.predictions(outputs) if asked.in_rows else encode.outputs_by_name(outputs)

    def _refuse(self, spec: Any, api: str, body: bytes) -> str:
        spec.signature_name = decode.signature_of(decode.parse_object(body))
        kind = "classification" if api == "classify" else "regression"
        raise metadata.refuse_examples(
            self._core, get_model_metadata_pb2.GetModelMetadataRequest(model_spec=spec), kind
        )

    def _status(self, spec: Any) -> str:
        if not spec.name:
            raise invalid_argument("Missing model name in request.")
        return to_json(
            metadata.status_response(self._core, get_model_status_pb2.GetModelStatusRequest(model_spec=spec))
        )

    def _metadata(self, spec: Any) -> str:
        with self._core.use(spec) as servable:
            found = model_pb2.ModelSpec(name=servable.identity.name)
            found.version.value = servable.identity.version
            signatures = to_json(metadata.signature_map(servable.signatures))
        return f'{{\n"model_spec":{to_json(found)},\n"metadata": {{"signature_def": {signatures}}}\n}}\n'


def _inputs_of(servable: Servable, name: str) -> Mapping[str, Any]:
    if name not in servable.signatures:
        raise invalid_argument(f'Serving signature name: "{name}" not found in signature def')
    inputs: Mapping[str, Any] = servable.signatures[name].inputs
    return inputs


@dataclass(frozen=True, slots=True)
class _Request:
    """A method and a path, taken apart; `kind` is prediction, status, metadata or malformed."""

    method: str
    path: str
    kind: str = "malformed"
    model: str = ""
    version: str = ""
    label: str = ""
    api: str = ""

    @classmethod
    def of(cls, method: str, path: str) -> _Request:
        """Take apart what was asked for."""
        if method == "POST" and (match := _PREDICTION.fullmatch(path)):
            known = match["api"] in ("classify", "regress", "predict")
            kind = "prediction" if known else "malformed"
        elif method == "GET" and (match := _STATUS.fullmatch(path)):
            kind = "metadata" if match["metadata"] else "status"
        else:
            return cls(method, path)
        parts = {name: text or "" for name, text in match.groupdict().items() if name != "metadata"}
        return cls(method, path, kind, **parts)

    def spec(self) -> Any:
        """The ModelSpec that the path names.

        Raises:
            StatusError: INVALID_ARGUMENT without a message, as from TensorFlow Serving: no version is that large.
        """
        spec = model_pb2.ModelSpec(name=self.model)
        if self.version:
            if int(self.version) > _LARGEST_VERSION:
                raise invalid_argument("")
            spec.version.value = int(self.version)
        elif self.label:
            spec.version_label = self.label
        return spec

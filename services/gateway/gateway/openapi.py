"""The OpenAPI 3.1 document: the table of operations, and the contracts' own JSON schemas."""

from __future__ import annotations

import re
from functools import cache
from http import HTTPStatus
from typing import Any

from digitscribe import __version__
from digitscribe.contracts import Problem
from digitscribe.contracts.document import Document
from digitscribe.guard import SAFE_METHODS
from digitscribe.vision.profile import Profile
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from gateway.answers import Json
from gateway.documents import QueueState
from gateway.operation import Answer, Body, Operation
from gateway.operations import OPERATIONS, PATH_PARAMETERS, TAGS
from gateway.problems import PROBLEM_JSON
from gateway.queries import Parameter
from gateway.routes.health import PROBES

_SCHEMAS = "#/components/schemas/"
_PATH_PARAMETER = re.compile(r"<(\w+)>")

_RETRY = frozenset({429, 503})

_PROBLEM_MEANINGS = {
    400: "The request contradicts the contract",
    401: "The token is absent or wrong",
    403: "Another web page asks to change something here",
    404: "Nothing lives under this name, or it has expired",
    408: "The client stopped sending in the middle of its body",
    409: "It contradicts the present state",
    410: "It was there, and is kept no longer",
    413: "Too large",
    414: "The address is too long",
    415: "A media type or an image format that is not read",
    421: "The gateway does not answer to this host name",
    422: "The image is damaged",
    429: "This address sends too fast",
    502: "The model server refused",
    503: "Not now; Retry-After says when to come back, where that is known",
}

_HEADERS: dict[str, Json] = {
    "Location": {
        "description": "Where the new thing is",
        "schema": {"type": "string", "pattern": "^/v1/[a-z]+/[0-9a-f]{32}$"},
    },
    "Retry-After": {"description": "Seconds", "schema": {"type": "integer", "minimum": 0}},
}

_LINKS: dict[str, Json] = {
    "getRecognition": {"operationId": "getRecognition", "parameters": {"recognition_id": "$response.body#/id"}},
    "createCorrection": {
        "operationId": "createCorrection",
        "requestBody": {"recognition_id": "$response.body#/id", "digit_index": 0, "label": 0},
    },
    "getTraining": {"operationId": "getTraining", "parameters": {"training_id": "$response.body#/id"}},
    "cancelTraining": {"operationId": "cancelTraining", "parameters": {"training_id": "$response.body#/id"}},
}


@cache
def build() -> Json:
    """The document; it is the same for the life of the process."""
    paths: dict[str, Json] = {}
    for operation in OPERATIONS:
        item = paths.setdefault(_PATH_PARAMETER.sub(r"{\1}", operation.path), {})
        item[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Digitscribe",
            "version": __version__,
            "summary": "Reads handwritten digits",
            "description": "Errors are problem objects (RFC 9457). Unknown query parameters are refused.",
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "."}],
        "tags": [{"name": name, "description": description} for name, description in TAGS.items()],
        "paths": paths,
        "components": {"schemas": _schemas()},
    }


def _operation(operation: Operation) -> Json:
    described: Json = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "parameters": _parameters(operation),
        "responses": {
            **{str(status): _answer(answer) for status, answer in operation.answers.items()},
            **{str(status): _problem(status) for status in sorted({*operation.problems, *_before_route(operation)})},
        },
    }
    if operation.description:
        described["description"] = operation.description
    if operation.body:
        described["requestBody"] = _body(operation.body)
    return described


def _before_route(operation: Operation) -> tuple[int, ...]:
    """What a request can meet before it reaches its route."""
    guarded = () if operation.path in PROBES else (421,)
    limited = () if operation.method in SAFE_METHODS else (429,)
    return (414, *guarded, *limited)


def _parameters(operation: Operation) -> list[Json]:
    path = [
        {"name": name, "in": "path", "required": True, "schema": PATH_PARAMETERS[name]}
        for name in _PATH_PARAMETER.findall(operation.path)
    ]
    query = [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": parameter.description,
            **_written(parameter),
        }
        for name, parameter in operation.query.items()
    ]
    headers = [
        {"name": name, "in": "header", "required": False, "schema": schema}
        for name, schema in operation.headers.items()
    ]
    return [*path, *query, *headers]


def _written(parameter: Parameter) -> Json:
    """How a parameter's value is written into the address."""
    if parameter.is_json:
        return {"content": {"application/json": {"schema": parameter.schema}}}
    return {"schema": parameter.schema, **({} if parameter.exploded else {"style": "form", "explode": False})}


def _body(body: Body) -> Json:
    media = {"application/json": _reference(body.document)} if body.document else body.media
    example = {} if body.example is None else {"example": body.example}
    return {
        "description": body.description,
        "required": True,
        "content": {name: {"schema": schema, **example} for name, schema in media.items()},
    }


def _answer(answer: Answer) -> Json:
    described: Json = {"description": answer.description, "content": _content(answer)}
    if answer.headers:
        described["headers"] = {name: _HEADERS[name] for name in answer.headers}
    if answer.links:
        described["links"] = {name: _LINKS[name] for name in answer.links}
    return described


def _content(answer: Answer) -> Json:
    media = dict(answer.media)
    if len(answer.documents) == 1:
        media["application/json"] = _reference(answer.documents[0])
    elif answer.documents:
        media["application/json"] = {"oneOf": [_reference(document) for document in answer.documents]}
    return {name: {"schema": schema} for name, schema in media.items()}


def _problem(status: int) -> Json:
    described: Json = {
        "description": _PROBLEM_MEANINGS.get(status, HTTPStatus(status).phrase),
        "content": {PROBLEM_JSON: {"schema": _reference(Problem)}},
    }
    if status in _RETRY:
        described["headers"] = {"Retry-After": _HEADERS["Retry-After"]}
    return described


def _reference(document: type[Document]) -> Json:
    return {"$ref": f"{_SCHEMAS}{document.__name__}"}


def _schemas() -> dict[str, Any]:
    documents: set[type[BaseModel]] = {Problem, QueueState, Profile}
    for operation in OPERATIONS:
        documents.update(document for answer in operation.answers.values() for document in answer.documents)
        if operation.body and operation.body.document:
            documents.add(operation.body.document)
    ordered = sorted(documents, key=lambda document: document.__name__)
    # "validation": fields with a default may be absent, as they are in answers, where what has no value is left out
    _, definitions = models_json_schema(
        [(document, "validation") for document in ordered], ref_template=f"{_SCHEMAS}{{model}}"
    )
    return dict(sorted(definitions["$defs"].items()))

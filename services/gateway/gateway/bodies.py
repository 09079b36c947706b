"""Request bodies, read no further than they may be long."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, TypeVar

from digitscribe.contracts.document import Document, explained
from digitscribe.errors import InvalidInput
from flask import Request
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]
from pydantic import ValidationError

from gateway.errors import BodyStalled, BodyTooLarge, UnsupportedBody

_CHUNK = 256 * 1024

D = TypeVar("D", bound=Document)


def chunks(request: Request, max_bytes: int) -> Iterator[bytes]:
    """The request's body piece by piece, `max_bytes` at most.

    Raises:
        BodyTooLarge: it is longer; if its length is given, before anything is read.
        BodyStalled: the client fell silent, or sends too slowly.
        InvalidInput: the body ended early, or its chunks are malformed.
    """
    length, read = request.content_length, 0
    if length is not None and length > max_bytes:
        raise _too_large(max_bytes)
    while chunk := _read(request.stream, _CHUNK):
        read += len(chunk)
        if read > max_bytes:
            raise _too_large(max_bytes)
        yield chunk
    if length is not None and read < length:
        raise InvalidInput(f"the body ended after {read:,} of {length:,} bytes")


def read_all(request: Request, max_bytes: int) -> bytes:
    """The whole body; raises as `chunks` does."""
    pieces = list(chunks(request, max_bytes))
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def read_document(request: Request, kind: type[D], max_bytes: int = 64 * 1024) -> D:
    """The JSON body as a document of `kind`, held strictly to its contract.

    Raises:
        UnsupportedBody: the body is not declared as `application/json`.
        InvalidInput: it is no such document. And what `chunks` raises.
    """
    if request.mimetype != "application/json":
        raise UnsupportedBody(f"send the body as application/json, not {request.mimetype or 'without a Content-Type'}")
    body = read_all(request, max_bytes)
    try:
        return parse_document(body, kind)
    except ValidationError as error:
        raise InvalidInput(explained(error)) from error


def parse_document(body: bytes, kind: type[D]) -> D:
    """`body` as a document of `kind`: a text is no number, but `3.0` is the integer 3, as JSON Schema has it.

    Raises:
        ValidationError: it is no such document.
    """
    try:
        return kind.model_validate_json(body, strict=True)
    except ValidationError as error:
        if not any(fault["type"] == "int_type" for fault in error.errors(include_url=False, include_input=False)):
            raise
        whole = json.dumps(json.loads(body, parse_float=_number))
        return kind.model_validate_json(whole, strict=True)


def _number(text: str) -> float | int:
    value = float(text)
    return int(value) if value.is_integer() else value


def _read(stream: IO[bytes], count: int) -> bytes:
    try:
        return stream.read(count)
    except TimeoutError as error:
        raise BodyStalled("the body came too slowly, or not to its end; send it again") from error
    except (OSError, ParseException) as error:
        raise InvalidInput("the body broke off, or its chunks are malformed") from error


def _too_large(max_bytes: int) -> BodyTooLarge:
    return BodyTooLarge(f"the body may have {max_bytes:,} bytes at most")

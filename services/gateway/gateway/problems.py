"""Errors as answers: each becomes `application/problem+json` (RFC 9457), whoever raised it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

from digitscribe.contracts import Problem
from digitscribe.errors import DigitscribeError, QueueFull
from flask import Flask, Response, request
from redis.exceptions import OutOfMemoryError, RedisError
from werkzeug.exceptions import HTTPException

from gateway.errors import StoreUnavailable

PROBLEM_JSON = "application/problem+json"

_RETRY_AFTER_REDIS_S = 2
_RETRY_AFTER_MEMORY_S = 10
_NO_MEMORY = "command not allowed when used memory"

E = TypeVar("E", bound=Exception)

log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    """Let every error leave `app` as a problem."""
    app.register_error_handler(DigitscribeError, _letting_go(from_digitscribe))
    app.register_error_handler(RedisError, _letting_go(from_redis))
    app.register_error_handler(HTTPException, _letting_go(from_http))
    app.register_error_handler(Exception, _letting_go(from_bug))


def _letting_go(handler: Callable[[E], Response]) -> Callable[[E], Response]:
    """`handler`, after which the error holds nothing of where it was raised.

    Its traceback holds the images that were refused, and these, by the future that told so, the error: a circle.
    """

    def handle(error: E) -> Response:
        response = handler(error)
        error.__traceback__ = None
        return response

    return handle


def answer(problem: Problem) -> Response:
    """`problem` as a response."""
    return Response(problem.model_dump_json(), status=problem.status, content_type=PROBLEM_JSON)


def from_digitscribe(error: DigitscribeError) -> Response:
    """An error raised on purpose, with Retry-After where it knows when to come back."""
    response = answer(error.to_problem())
    retry_after_s = getattr(error, "retry_after_s", None)
    if retry_after_s is not None:
        response.headers["Retry-After"] = str(retry_after_s)
    if response.status_code >= 500:
        log.warning("%s: %s", type(error).__name__, error)
    return response


def from_redis(error: RedisError) -> Response:
    """Redis is away, or full."""
    # escaped: redis-py quotes the command, and that may carry an image
    log.error("Redis: %s: %.300s", type(error).__name__, ascii(str(error)))
    return from_digitscribe(explain_redis(error))


def explain_redis(error: RedisError) -> DigitscribeError:
    """What an error of Redis means to a caller."""
    if isinstance(error, OutOfMemoryError) or _NO_MEMORY in str(error):  # the latter out of a script
        return QueueFull("the store has no memory left for more images; try again later", _RETRY_AFTER_MEMORY_S)
    return StoreUnavailable("the store of work does not answer; try again in a moment", _RETRY_AFTER_REDIS_S)


def from_http(error: HTTPException) -> Response:
    """An error of Flask or Werkzeug (404, 405, 413, …), with the headers that belong to it (`Allow`)."""
    status = HTTPStatus(error.code or 500)
    if status < 400:
        return Response(status=status, headers=dict(error.get_headers()))
    slug = status.phrase.lower().replace(" ", "-")
    detail = _DETAILS.get(status, error.description or status.phrase)
    response = answer(
        Problem(type=f"urn:digitscribe:problem:{slug}", title=status.phrase, status=status, detail=detail)
    )
    response.headers.extend((name, value) for name, value in error.get_headers() if name.lower() != "content-type")
    return response


def from_bug(error: Exception) -> Response:
    """Anything nobody expected: the log gets all of it, the client none of it."""
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return from_digitscribe(DigitscribeError("something went wrong here; the gateway's log says what"))


_DETAILS = {
    HTTPStatus.NOT_FOUND: "nothing lives at this address; /docs lists what does",
    HTTPStatus.METHOD_NOT_ALLOWED: "this address does not take this method; the header Allow lists those it takes",
}

"""What went wrong, in TensorFlow Serving's words: a canonical code and a message.

The server is a stand-in for another one and stands alone, so its errors are that server's statuses and not problems
from `digitscribe.errors`.
"""

from __future__ import annotations

from enum import IntEnum


class Code(IntEnum):
    """The canonical status codes that gRPC, TensorFlow and TensorFlow Serving share."""

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


class StatusError(Exception):
    """Anything that ends a request, a load or the start in a status other than OK."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code.name}: {self.message}"


def invalid_argument(message: str) -> StatusError:
    """The most frequent status: a request that contradicts the model or the API."""
    return StatusError(Code.INVALID_ARGUMENT, message)


def failed_precondition(message: str) -> StatusError:
    """What is asked for contradicts the present state."""
    return StatusError(Code.FAILED_PRECONDITION, message)


def not_found(message: str) -> StatusError:
    """Nothing is served under this name, version or label."""
    return StatusError(Code.NOT_FOUND, message)


def timed_out() -> StatusError:
    """The request's own deadline passed before the model had answered."""
    return StatusError(Code.DEADLINE_EXCEEDED, "Timed out waiting for notification")

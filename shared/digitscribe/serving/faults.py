"""What a failed call means: whether to try again, and which of Digitscribe's errors it is."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import grpc

from digitscribe.errors import ServingError, ServingRefused, ServingUnavailable

_PASSING = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.ABORTED,
}
# A server that is still loading, or between two configurations, knows the version or the label a moment later.
_NOT_LOADED = ("Servable not found for request", "Unrecognized servable version label")

_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 1.0


@dataclass(frozen=True, slots=True)
class Fault:
    """A call that failed: gRPC's code, and the server's own words."""

    code: grpc.StatusCode
    details: str

    @property
    def not_loaded(self) -> bool:
        """The version or label that was asked for is not there (yet, or any more)."""
        return self.details.startswith(_NOT_LOADED)

    @property
    def passing(self) -> bool:
        """Trying again may help."""
        return self.code in _PASSING or self.not_loaded

    def to_error(self, target: str) -> ServingError:
        """The error that this fault, of a call to `target`, is to a caller."""
        text = f"the model server at {target} answered {self.code.name}: {self.details}"
        return ServingUnavailable(text) if self.passing else ServingRefused(text)


def fault_of(error: grpc.RpcError) -> Fault:
    """The fault behind an exception that a call raised."""
    return Fault(error.code(), error.details() or "no details")


def pauses() -> Iterator[float]:
    """Seconds to wait before each new try: doubling up to a second, each shortened at random by up to a half."""
    longest = _FIRST_PAUSE_S
    while True:
        yield random.uniform(longest / 2, longest)  # noqa: S311 - it spreads retries, it keeps no secret
        longest = min(_LONGEST_PAUSE_S, longest * 2)

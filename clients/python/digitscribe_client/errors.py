"""Every error that the client raises on purpose.

DigitscribeError
├── NoConnection                the gateway cannot be reached, or the connection broke, for longer than the patience
├── UnexpectedAnswer            what answers at this address is no Digitscribe gateway
├── UnusableImage               something handed over as an image that is none: a missing file, a float array
├── NotReadInTime               accepted, but not read within the time allowed; it can still be fetched by its id
├── ReadingFailed               accepted, and could not be read
└── Refused                     the gateway refused the request
    ├── InvalidRequest          it contradicts the contract
    ├── ImageRefused            an image that is too large, damaged, or of a format that is not read
    ├── NotFound                nothing lives under this id, version or name, or it has expired
    ├── Conflict                what is asked for contradicts the present state
    └── TryLater                not now, and not for as long as the patience lasted; `retry_after_s` says when
        ├── RateLimited         too many images from this address
        └── Unavailable         the queue is full, or a part of the system is away
"""

from __future__ import annotations

from .contracts import Problem, Recognition


class DigitscribeError(Exception):
    """Anything that the client raises on purpose; the message says what happened and what to do.

    Attributes:
        problem: The gateway's problem object (RFC 9457), where there is one.
    """

    def __init__(self, message: str, problem: Problem | None = None) -> None:
        super().__init__(message)
        self.problem = problem


class NoConnection(DigitscribeError):
    """The gateway cannot be reached, or the connection broke, for longer than the patience lasted."""


class UnexpectedAnswer(DigitscribeError):
    """What answers at this address is no Digitscribe gateway."""


class UnusableImage(DigitscribeError):
    """Something handed over as an image that is none: a missing file, an array of floats."""


class NotReadInTime(DigitscribeError):
    """An image was accepted but not read within the time allowed.

    Attributes:
        recognition: How it stands; `wait(recognition.id)` goes on waiting for it.
    """

    def __init__(self, message: str, recognition: Recognition) -> None:
        super().__init__(message)
        self.recognition = recognition


class ReadingFailed(DigitscribeError):
    """An image was accepted and could not be read.

    Attributes:
        recognition: The failed recognition.
    """

    def __init__(self, message: str, recognition: Recognition) -> None:
        super().__init__(message, recognition.error)
        self.recognition = recognition


class Refused(DigitscribeError):
    """The gateway refused the request.

    Attributes:
        status: The HTTP status.
    """

    def __init__(self, message: str, status: int, problem: Problem | None = None) -> None:
        super().__init__(message, problem)
        self.status = status


class InvalidRequest(Refused):
    """The request contradicts the contract; where the client sees that by itself, the gateway is not asked."""


class ImageRefused(Refused):
    """An image is too large, damaged, or of a format that is not read."""


class NotFound(Refused):
    """Nothing lives under this id, version or name, or it has expired."""


class Conflict(Refused):
    """What is asked for contradicts the present state."""


class TryLater(Refused):
    """Not now, and not for as long as the patience lasted.

    Attributes:
        retry_after_s: Seconds after which the gateway asks to come back, if it says so.
    """

    def __init__(
        self, message: str, status: int, problem: Problem | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message, status, problem)
        self.retry_after_s = retry_after_s


class RateLimited(TryLater):
    """Too many images came from this address."""


class Unavailable(TryLater):
    """The queue is full, or a part of the system is away."""


BY_STATUS: dict[int, type[Refused]] = {
    404: NotFound,
    409: Conflict,
    413: ImageRefused,
    415: ImageRefused,
    422: ImageRefused,
}
"""What a status means; other ones from 400 to 499 are `InvalidRequest`."""

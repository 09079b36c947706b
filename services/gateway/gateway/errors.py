"""The errors that are the gateway's own; they extend the tree in `digitscribe.errors`.

DigitscribeError
├── InvalidInput
│   ├── UnsupportedBody         the body is of a media type that this call does not take
│   ├── BodyTooLarge            the request carries more than it may
│   └── BodyStalled             the client stopped sending in the middle of its body, or sends too slowly
├── NotAuthorized               the caller does not know the token that this call needs
└── TryLater                    not now; `retry_after_s` says when to come back
    ├── RateLimited             more images or changes in a second than one address may send
    ├── GatewayBusy             more uploads or streams are open than this process carries
    ├── StoreUnavailable        Redis does not answer, or takes nothing more in
    ├── VolumeUnavailable       a correction or a model cannot be written or read
    └── NotReady                a part of the system that is needed to read images is missing
"""

from __future__ import annotations

from digitscribe.errors import DigitscribeError, InvalidInput


class UnsupportedBody(InvalidInput):
    """The body is of a media type that this call does not take."""

    status, title, slug = 415, "Unsupported media type", "unsupported-media-type"


class BodyTooLarge(InvalidInput):
    """The request carries more than it may."""

    status, title, slug = 413, "Request too large", "request-too-large"


class BodyStalled(InvalidInput):
    """The client stopped sending in the middle of its body, or sends too slowly."""

    status, title, slug = 408, "Request timed out", "request-timeout"


class NotAuthorized(DigitscribeError):
    """The caller does not know the token that this call needs."""

    status, title, slug = 401, "Token needed", "token-needed"


class TryLater(DigitscribeError):
    """Not now; `retry_after_s` says when to come back."""

    status, title, slug = 503, "Try again later", "try-later"

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class RateLimited(TryLater):
    """More images or changes in a second than one address may send."""

    status, title, slug = 429, "Too many requests", "rate-limited"


class GatewayBusy(TryLater):
    """More uploads or streams are open than this process carries."""

    status, title, slug = 503, "Gateway is busy", "gateway-busy"


class StoreUnavailable(TryLater):
    """Redis does not answer, or takes nothing more in."""

    status, title, slug = 503, "Store unavailable", "store-unavailable"


class VolumeUnavailable(TryLater):
    """A correction or a model cannot be written or read."""

    status, title, slug = 503, "Volume unavailable", "volume-unavailable"


class NotReady(TryLater):
    """A part of the system that is needed to read images is missing."""

    status, title, slug = 503, "Not ready", "not-ready"

"""The errors that are the page's own; they extend the tree in `digitscribe.errors`.

DigitscribeError
├── GatewayUnavailable          the gateway does not answer
├── BodyStalled                 the browser stopped sending in the middle of a body, or sends too slowly
└── BodyTooLarge                more bytes than any request may carry
"""

from __future__ import annotations

from digitscribe.errors import DigitscribeError


class GatewayUnavailable(DigitscribeError):
    """The gateway does not answer."""

    status, title, slug = 502, "Gateway does not answer", "gateway-unavailable"


class BodyStalled(DigitscribeError):
    """The browser stopped sending in the middle of a body, or sends too slowly."""

    status, title, slug = 408, "Request timed out", "request-timeout"


class BodyTooLarge(DigitscribeError):
    """The request carries more bytes than any request may."""

    status, title, slug = 413, "Request too large", "request-too-large"

"""The errors that are the page's own; they extend the tree in `digitscribe.errors`.

DigitscribeError
├── GatewayUnavailable          the gateway does not answer
├── ForeignOrigin               another web page asks to change something here
├── UnknownHost                 the page was reached by a name that it does not know
└── BodyTooLarge                more bytes than any request may carry
"""

from __future__ import annotations

from digitscribe.errors import DigitscribeError


class GatewayUnavailable(DigitscribeError):
    """The gateway does not answer."""

    status, title, slug = 502, "Gateway does not answer", "gateway-unavailable"


class ForeignOrigin(DigitscribeError):
    """Another web page asks to change something here."""

    status, title, slug = 403, "Request from another web page", "foreign-origin"


class UnknownHost(DigitscribeError):
    """The page was reached by a name that it does not know."""

    status, title, slug = 421, "Unknown host name", "unknown-host"


class BodyTooLarge(DigitscribeError):
    """The request carries more bytes than any request may."""

    status, title, slug = 413, "Request too large", "request-too-large"

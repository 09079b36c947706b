"""Which headers go through, and which every answer carries."""

from __future__ import annotations

from collections.abc import Iterable

HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers about one connection (RFC 9110, 7.6.1): they end here, in both directions."""

SECURITY = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}
"""What every answer carries, unless the gateway has said something of its own."""

Header = tuple[str, str]


def end_to_end(headers: Iterable[Header]) -> list[Header]:
    """`headers` without those that belong to one connection, the ones that `Connection` names included."""
    pairs = list(headers)
    named = {
        token.strip().lower() for name, value in pairs if name.lower() == "connection" for token in value.split(",")
    }
    return [(name, value) for name, value in pairs if name.lower() not in HOP_BY_HOP | named]


def forwarded_for(earlier: str | None, peer: str) -> str:
    """The value of X-Forwarded-For with `peer` at its end."""
    return f"{earlier}, {peer}" if earlier else peer

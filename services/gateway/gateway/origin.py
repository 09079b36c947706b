"""Who may change something: programs, this address's own pages, and the web pages that the settings trust.

A browser names the web page that it acts for in `Origin`; other programs send none. The page's own address counts
only if it is no public name: anybody can let a name of theirs point to this machine (DNS rebinding), and their page
would then have the right origin.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from gateway.errors import ForeignOrigin

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_LOCAL_SUFFIXES = (".localhost", ".local", ".internal")


def parse_origins(text: str) -> frozenset[str]:
    """The origins in `text`, which are separated by commas."""
    return frozenset(each.strip().rstrip("/").lower() for each in text.split(",") if each.strip())


def check_origin(method: str, host: str, origin: str | None, fetch_site: str | None, trusted: frozenset[str]) -> None:
    """Let a request through that changes nothing, comes from no web page, or from one that may; or raise.

    Args:
        method: The request's method.
        host: Its Host header.
        origin: Its Origin header; browsers send one with every request that can change something.
        fetch_site: Its Sec-Fetch-Site header.
        trusted: Origins of the web pages that may.

    Raises:
        ForeignOrigin: another web page wants to change something.
    """
    if method in SAFE_METHODS:
        return
    if origin is None:
        allowed = fetch_site not in ("cross-site", "same-site")
    else:
        allowed = origin.lower() in trusted or _is_own(origin, host)
    if not allowed:
        raise ForeignOrigin(
            f"{origin or 'another web page'} may not change anything here; "
            "if it is a page of yours, name it in DIGITSCRIBE_TRUSTED_ORIGINS"
        )


def _is_own(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
        return bool(host) and parts.netloc.lower() == host.lower() and _is_private(parts.hostname or "")
    except ValueError:
        return False


def _is_private(name: str) -> bool:
    try:
        return bool(ipaddress.ip_address(name))
    except ValueError:
        return "." not in name or name.endswith(_LOCAL_SUFFIXES)

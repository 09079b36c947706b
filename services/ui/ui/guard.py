"""Who may ask: the page itself, under a name that is its own.

Two attacks on a service without a login are stopped here. Another web page that posts to this one is known by its
Origin. A web page whose own name was made to point at this machine (DNS rebinding) has the right Origin, but comes
by a host name that anybody could register: only addresses, names without a dot, and names that are set are known.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from ui.errors import ForeignOrigin, UnknownHost

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_LOCAL_SUFFIXES = (".localhost", ".local", ".internal")


def check_host(host: str, known: frozenset[str]) -> None:
    """Let `host` (the Host header, with or without a port) through, or raise.

    Raises:
        UnknownHost: a public name that is not in `known`.
    """
    name = _name_of(host)
    if not _is_own(name, known):
        raise UnknownHost(
            f"This page does not answer to the name {name!r}. "
            f"If the name is yours, set DIGITSCRIBE_UI_HOSTS={name or 'NAME'} and start the ui again."
        )


def _name_of(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return f"{host}.invalid"


def _is_own(name: str, known: frozenset[str]) -> bool:
    return name in known or "." not in name or name.endswith(_LOCAL_SUFFIXES) or _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def check_origin(method: str, host: str, origin: str | None, fetch_site: str | None) -> None:
    """Let a request through that changes nothing, comes from this page, or comes from no web page at all; or raise.

    Args:
        method: The request's method.
        host: Its Host header.
        origin: Its Origin header; browsers send one with every POST.
        fetch_site: Its Sec-Fetch-Site header.

    Raises:
        ForeignOrigin: another web page wants to change something.
    """
    if method in SAFE_METHODS:
        return
    foreign = origin.partition("://")[2] != host if origin else fetch_site in ("cross-site", "same-site")
    if foreign:
        raise ForeignOrigin(
            f"{origin or 'Another web page'} may not change anything here. Use the page on this address, "
            "or call the gateway's own address and name the origin in its DIGITSCRIBE_TRUSTED_ORIGINS."
        )

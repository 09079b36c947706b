"""What both clients tell httpx: addresses, time-outs, and what a broken stream means."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from typing import Any, TypedDict

import httpx

from .calls import Call

DEFAULT_URL = "http://127.0.0.1:8080"
"""Where `make up` and `docker compose up` have the gateway."""

URL_VARIABLE = "DIGITSCRIBE_URL"
"""The environment variable that names another."""

CONNECT_S = 5.0
"""How long a connection may take to come about."""

IDLE_S = 1.0
"""How long an unused connection is kept: less than the gateway keeps it (15 s), so that none is used as it closes."""

LIMITS = httpx.Limits(keepalive_expiry=IDLE_S)


def gateway_url(url: str | None) -> str:
    """The gateway's address: `url`, else the variable's, else this machine's.

    Raises:
        ValueError: it is no address.
    """
    given = (url or os.environ.get(URL_VARIABLE) or DEFAULT_URL).strip().rstrip("/")
    full = given if "://" in given else f"http://{given}"
    try:
        parts = httpx.URL(full)
    except httpx.InvalidURL as error:
        raise ValueError(f"{given!r} is no address: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.host:
        raise ValueError(f"{given!r} is no address; one looks like {DEFAULT_URL}")
    return full


def through_proxies(url: str) -> bool:
    """Whether proxies named in the environment are on the way to `url`: not to this machine itself."""
    host = httpx.URL(url).host
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host != "localhost" and not host.endswith(".localhost")


class Request(TypedDict):
    """What httpx's `request` takes."""

    method: str
    url: str
    params: dict[str, str]
    headers: dict[str, str]
    content: bytes | None
    files: Any
    timeout: httpx.Timeout


@dataclass(frozen=True, slots=True)
class Address:
    """A gateway, and how long it may be silent."""

    url: str
    timeout_s: float

    def request(self, call: Call[Any]) -> Request:
        """`call` as httpx takes it."""
        return Request(
            method=call.method,
            url=self.url + call.path,
            params=call.params,
            headers=call.headers,
            content=call.body,
            files=call.files,
            timeout=self.timeout(call.holds_s),
        )

    def timeout(self, holds_s: float) -> httpx.Timeout:
        """Time-outs of a request whose answer may be held for `holds_s`."""
        return httpx.Timeout(self.timeout_s, connect=min(CONNECT_S, self.timeout_s), read=self.timeout_s + holds_s)

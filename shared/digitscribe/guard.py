"""Who may ask: programs and known web pages, under a name that is this system's own.

Two attacks on a service without a login are stopped here. Another web page that wants to change something is known by
its Origin: a browser names the page that it acts for, other programs send none. A web page whose own name was made to
point at this machine (DNS rebinding) has the right Origin, and could read whatever is answered, but comes by a host
name that anybody could register: only addresses, names that nobody can register, and names that are set are known.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from digitscribe.errors import ForeignOrigin, UnknownHost
from digitscribe.settings import ENV_PREFIX

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""

LOCAL_SUFFIXES = (".localhost", ".local", ".internal", ".home.arpa", ".lan")
"""Names that nobody can register end so."""


def listed(text: str) -> frozenset[str]:
    """The hosts or origins in `text`, which are separated by commas, in small letters."""
    return frozenset(each.strip().rstrip("/").lower() for each in text.split(",") if each.strip())


@dataclass(frozen=True, slots=True)
class Guard:
    """Stands before a service.

    Attributes:
        hosts_setting: The setting that `hosts` comes from, for the message to whoever is turned away.
        hosts: Public names of the service, in small letters.
        origins: Web pages of other addresses that may change something here, as `https://name`, in small letters.
    """

    hosts_setting: str
    hosts: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()

    def check(self, method: str, host: str, origin: str | None, fetch_site: str | None) -> None:
        """Let a request through, or raise.

        Args:
            method: The request's method.
            host: Its Host header, with or without a port.
            origin: Its Origin header; browsers send one with every request that can change something.
            fetch_site: Its Sec-Fetch-Site header.

        Raises:
            UnknownHost: it comes by a public name that is not in `hosts`.
            ForeignOrigin: another web page wants to change something.
        """
        self._check_host(host)
        if method not in SAFE_METHODS and not self._may_change(host, origin, fetch_site):
            raise ForeignOrigin(
                f"{origin or 'Another web page'} may not change anything here. If it is a page of yours, name it in "
                "the gateway's DIGITSCRIBE_TRUSTED_ORIGINS and let it call the gateway's own address."
            )

    def _check_host(self, host: str) -> None:
        name = _name_of(host)
        if name not in self.hosts and not _is_private(name):
            raise UnknownHost(
                f"This address does not answer to the name {name!r}. "
                f"If the name is yours, set {ENV_PREFIX}{self.hosts_setting.upper()}={name} and start it again."
            )

    def _may_change(self, host: str, origin: str | None, fetch_site: str | None) -> bool:
        if origin is None:
            return fetch_site not in ("cross-site", "same-site")
        # its own page; that the host is a known one has been checked
        own = {f"{scheme}://{host.lower()}" for scheme in ("http", "https") if host}
        return origin.lower() in self.origins | own


def _name_of(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return f"{host}.invalid"


def _is_private(name: str) -> bool:
    """Whether nobody can register `name`, or it is an address; a request without a name comes from no browser."""
    try:
        return bool(ipaddress.ip_address(name))
    except ValueError:
        return "." not in name or name.endswith(LOCAL_SUFFIXES)

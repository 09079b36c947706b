"""Whose request it is: the peer's, or, where a trusted proxy passes it on, the address that the proxy saw.

X-Forwarded-For is text that anybody can send. It is read from its end, where each proxy has written whom it saw, and
only as far as the writers are trusted: whatever a client has put in front of that is not believed.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Iterable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

RESOLVED_S = 30.0
"""How long a proxy's name is taken to mean the addresses that it had: containers come back with others."""

Resolve = Callable[[str], Iterable[str]]


def resolve(name: str) -> list[str]:
    """The addresses of the host `name`; none if it has none now."""
    try:
        return [str(entry[4][0]) for entry in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)]
    except OSError:
        return []


class TrustedProxies:
    """The proxies whose word is taken.

    Args:
        listed: Addresses, networks (`10.0.0.0/8`) and host names, separated by commas.
        resolve: Finds the addresses of a name.
        clock: Any steady clock, in seconds.
    """

    def __init__(self, listed: str, resolve: Resolve = resolve, clock: Callable[[], float] = time.monotonic) -> None:
        entries = [entry.strip() for entry in listed.split(",") if entry.strip()]
        networks = {entry: _network(entry) for entry in entries}
        self._networks = [network for network in networks.values() if network is not None]
        self._names = [entry for entry, network in networks.items() if network is None]
        self._resolve, self._clock = resolve, clock
        self._resolved: tuple[float, frozenset[Address]] = (float("-inf"), frozenset())

    def client_of(self, peer: str, forwarded: str) -> str:
        """The address that a request comes from.

        Args:
            peer: The other end of the connection.
            forwarded: X-Forwarded-For, several headers joined by commas.
        """
        client = peer
        for entry in reversed(forwarded.split(",")):
            if not self._trusts(client):
                break
            named = _address(entry.strip())
            if named is None:
                break
            client = str(named)
        return client

    def _trusts(self, text: str) -> bool:
        address = _address(text)
        if address is None:
            return False
        return any(address in network for network in self._networks) or address in self._named()

    def _named(self) -> frozenset[Address]:
        """The addresses of the proxies that are listed by name."""
        if not self._names:
            return frozenset()
        until_s, known = self._resolved
        if self._clock() >= until_s:
            found = (_address(text) for name in self._names for text in self._resolve(name))
            known = frozenset(address for address in found if address is not None)
            self._resolved = (self._clock() + RESOLVED_S, known)
        return known


def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _address(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    # what came over IPv4 to a socket of both kinds
    return address.ipv4_mapped or address if isinstance(address, ipaddress.IPv6Address) else address

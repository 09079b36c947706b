"""Ports for the servers that tests start."""

from __future__ import annotations

import random
import socket

_LOWEST, _HIGHEST = 12_000, 32_000
"""Below those that the kernel gives to outgoing connections: such a port may be taken before a server is up."""


def free_port() -> int:
    """A TCP port of the loopback interface that nothing listens on."""
    while True:
        port = random.SystemRandom().randint(_LOWEST, _HIGHEST)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port

"""Ports for the servers that tests start."""

from __future__ import annotations

import random
import socket

_LOWEST, _HIGHEST = 12_000, 32_000
"""Below those that the kernel gives to outgoing connections: such a port may be taken before a server is up."""

_given: set[int] = set()
"""What was told before: a server asks for two ports, and listens on neither before it has both."""


def free_port() -> int:
    """A TCP port of the loopback interface that nothing listens on, and that was not told to anyone in this process."""
    while True:
        port = random.SystemRandom().randint(_LOWEST, _HIGHEST)
        if port in _given:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port

"""A client's connection that is not waited for without end."""

from __future__ import annotations

import math
import socket
import time

SILENCE_S = 30.0
"""How long a client may send nothing in the middle of a body, or not take what it is sent."""

HEAD_S = 10.0
"""How long a request's head is waited for."""

BODY_S = 60.0
"""How long a body is waited for, and a second more for each BYTES_PER_S of it."""

BYTES_PER_S = 4096.0
"""Slower than any line on which images are sent; whoever sends slower wants a thread, and no answer."""


class ClientSocket(socket.socket):
    """A connected socket that counts how long its client is waited for; what the server takes itself is not counted.

    Example:
        connection = ClientSocket.of(accepted)
        connection.expect_head()
    """

    _left_s = math.inf
    _s_per_byte = 0.0
    _in_head = False

    given_up = False
    """Whether the client counts as gone, because a head did not come."""

    @classmethod
    def of(cls, accepted: socket.socket) -> ClientSocket:
        """Take over the connection `accepted`, which is closed as an object."""
        within = accepted.gettimeout()
        connection = cls(fileno=accepted.detach())
        connection.settimeout(within)
        return connection

    def expect_head(self) -> None:
        """A request begins: whoever has not sent its head within HEAD_S counts as gone."""
        self._left_s, self._s_per_byte, self._in_head = HEAD_S, 0.0, True

    def expect_body(self) -> None:
        """The head has come; from here on waiting for too long raises TimeoutError."""
        self._left_s, self._s_per_byte, self._in_head = BODY_S, 1 / BYTES_PER_S, False

    def expect_end(self) -> None:
        """Nothing is expected any more: only the socket's own time-out counts."""
        self._left_s, self._s_per_byte, self._in_head = math.inf, 0.0, False

    def setblocking(self, flag: bool) -> None:
        """As always, but to block is to wait for SILENCE_S."""
        self.settimeout(SILENCE_S if flag else 0.0)

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        """As always; b"" where the head did not come in time, TimeoutError where the body did not."""
        try:
            return self._received(bufsize, flags)
        except TimeoutError:
            if self._in_head:
                self.given_up = True
                return b""
            raise

    def _received(self, bufsize: int, flags: int) -> bytes:
        own = self.gettimeout()
        if own == 0.0:
            return super().recv(bufsize, flags)
        if self._left_s <= 0:
            raise TimeoutError("the client sends too slowly")
        began = time.monotonic()
        self.settimeout(_shorter(own, self._left_s))
        try:
            data = super().recv(bufsize, flags)
        finally:
            self._left_s -= time.monotonic() - began
            self.settimeout(own)
        self._left_s += len(data) * self._s_per_byte
        return data


def _shorter(own: float | None, left_s: float) -> float | None:
    shorter = left_s if own is None else min(own, left_s)
    return None if math.isinf(shorter) else shorter

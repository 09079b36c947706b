"""How much memory Redis has left, and for whom."""

from __future__ import annotations

import time
from collections.abc import Callable

from redis import Redis

from digitscribe.errors import QueueFull

SHARE_FOR_NEW_WORK = 0.8
"""New work is let in while Redis has used less than this of its `maxmemory`: a Redis that is full to the brim refuses
the recognizers' commands, too, and what was accepted could not be read."""

LOOK_EVERY_S = 1.0
"""How long one look at Redis's memory is good for."""

_RETRY_AFTER_S = 10


class Headroom:
    """Keeps new work out of a Redis whose memory is nearly full; without a `maxmemory` there is always room."""

    def __init__(self, redis: Redis, clock: Callable[[], float] = time.monotonic) -> None:
        self._redis, self._clock = redis, clock
        self._looked_at = float("-inf")
        self._used = self._limit = 0

    def check(self, size: int) -> None:
        """Raise QueueFull if `size` bytes more would be too much."""
        if self._clock() - self._looked_at >= LOOK_EVERY_S:
            self._look()
        if self._limit and self._used + size > self._limit * SHARE_FOR_NEW_WORK:
            raise QueueFull("the store has no memory left for more images; try again later", _RETRY_AFTER_S)

    def note(self, size: int) -> None:
        """Take into account, until the next look, that `size` bytes have come in."""
        self._used += size  # of two threads that add at once, one may get lost: the next look finds it

    def _look(self) -> None:
        memory = self._redis.info("memory")
        self._used, self._limit = int(memory["used_memory"]), int(memory["maxmemory"])
        self._looked_at = self._clock()

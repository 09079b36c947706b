"""How much memory Redis has left, and for whom: what was read makes room for what is to be read."""

from __future__ import annotations

import time
from collections.abc import Callable

from redis import Redis

from digitscribe.errors import QueueFull
from digitscribe.queueing import keys, scripts

SHARE_FOR_NEW_WORK = 0.8
"""New work is let in while Redis has used less than this of its `maxmemory`: a Redis that is full to the brim refuses
the recognizers' commands, too, and what was accepted could not be read."""

SHARE_FOR_RESULTS = 0.7
"""Above this, results that nobody may ever ask for again make room for new work."""

GIVEN_WAY_BYTES = 32_000_000
"""Results give back so much at once at most: Redis answers nobody else meanwhile."""

GIVING_WAY_MS = 1000
"""Pause after that, in which those who keep an eye on the memory see what has come of it."""

SHORTEST_STREAM = 1000
"""So many events, and so many entries of the history, stay however little memory there is."""

LOOK_EVERY_S = 1.0
"""How long one look at Redis's memory is good for."""

_RETRY_AFTER_S = 10


class Headroom:
    """Lets old results go, then keeps new work out of a Redis whose memory is nearly full.

    Without a `maxmemory` there is always room.
    """

    def __init__(self, redis: Redis, clock: Callable[[], float] = time.monotonic) -> None:
        self._redis, self._clock = redis, clock
        self._give_way = redis.register_script(scripts.GIVE_WAY)
        self._looked_at = float("-inf")
        self._used = self._limit = 0

    def check(self, size: int) -> None:
        """Raise QueueFull if `size` bytes more would be too much, even without old results."""
        self.make_room()
        if self._limit and self._used + size > self._limit * SHARE_FOR_NEW_WORK:
            raise QueueFull("the store has no memory left for more images; try again later", _RETRY_AFTER_S)

    def make_room(self) -> None:
        """Let the oldest results go before their time where little memory is left."""
        self._look()
        excess = self._used - int(self._limit * SHARE_FOR_RESULTS) if self._limit else 0
        if excess > 0:
            freed = self._give_way(
                keys=[keys.RESULTS, keys.PENDING, keys.GIVING_WAY, keys.EVENTS, keys.HISTORY],
                args=[
                    min(excess, GIVEN_WAY_BYTES),
                    GIVING_WAY_MS,
                    SHORTEST_STREAM,
                    keys.recognition(""),
                    keys.crops(""),
                ],
            )
            self._used -= int(freed)

    def note(self, size: int) -> None:
        """Take into account, until the next look, that `size` bytes have come in."""
        self._used += size  # of two threads that add at once, one may get lost: the next look finds it

    def _look(self) -> None:
        if self._clock() - self._looked_at < LOOK_EVERY_S:
            return
        memory = self._redis.info("memory")
        self._used, self._limit = int(memory["used_memory"]), int(memory["maxmemory"])
        self._looked_at = self._clock()

"""Protection: how much one address may send, and how much this process carries at once. State is in-process only."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from gateway.errors import GatewayBusy, RateLimited

_ADDRESSES_KEPT = 10_000


class RateLimit:
    """A token bucket for each address: `rate` of `what` a second, and up to `burst` at once."""

    def __init__(
        self, rate: float, burst: float, what: str = "images", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate, self._burst, self._what, self._clock = rate, max(burst, rate), what, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, address: str, count: int = 1) -> None:
        """Take `count` from the bucket of `address`, or raise RateLimited and take nothing."""
        with self._lock:
            now = self._clock()
            level, since = self._buckets.get(address, (self._burst, now))
            level = min(self._burst, level + (now - since) * self._rate)
            granted = level >= count
            self._buckets[address] = (level - count if granted else level, now)
            self._buckets.move_to_end(address)
            if len(self._buckets) > _ADDRESSES_KEPT:
                self._buckets.popitem(last=False)
        if not granted:
            raise RateLimited(
                f"one address may send {self._rate:g} {self._what} a second; send fewer",
                retry_after_s=max(1, round((count - level) / self._rate)),
            )


class Allowance:
    """Something that this process has only so much of: bytes of uploads in hand, open streams, long waits."""

    def __init__(self, total: int, what: str) -> None:
        self._left, self._what = total, what
        self._lock = threading.Lock()

    @contextmanager
    def use(self, amount: int = 1) -> Iterator[None]:
        """Hold `amount` inside this context, or raise GatewayBusy."""
        self.take(amount)
        try:
            yield
        finally:
            self.give_back(amount)

    @contextmanager
    def spare(self, amount: int = 1) -> Iterator[bool]:
        """Hold `amount` inside this context if there is so much; tells whether."""
        with ExitStack() as held:
            try:
                held.enter_context(self.use(amount))
            except GatewayBusy:
                yield False
            else:
                yield True

    def take(self, amount: int = 1) -> None:
        """Hold `amount` until `give_back`, or raise GatewayBusy."""
        with self._lock:
            if amount > self._left:
                raise GatewayBusy(f"this gateway has too many {self._what} open; try again in a moment", 1)
            self._left -= amount

    def give_back(self, amount: int = 1) -> None:
        """Return what `take` gave."""
        with self._lock:
            self._left += amount

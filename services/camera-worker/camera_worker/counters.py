"""What a camera worker counts.

Every captured frame ends in exactly one of skipped, sent and dropped, so at rest they add up.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from itertools import accumulate
from threading import Lock

from digitscribe.contracts import LatencyBucket, LatencyHistogram

CAPTURED = "captured"
"""Frames that the source delivered."""
SKIPPED = "skipped"
"""Frames passed over on purpose: more than `camera_fps`, or nothing changed."""
SENT = "sent"
"""Frames that the gateway took."""
DROPPED = "dropped"
"""Frames that were wanted and lost: overtaken by a newer one, or the gateway did not take them."""
RECONNECTS = "reconnects"
"""Times that a source delivered again after it had died or stalled."""

NAMES = (CAPTURED, SKIPPED, SENT, DROPPED, RECONNECTS)

BOUNDS_MS = (5, 10, 20, 35, 50, 75, 100, 150, 250, 500, 1000, 2500, 5000)
"""Upper bounds of the latency histogram's buckets; slower ones fall into a last bucket."""


class Counters:
    """The counters of a worker, safe to use from several threads."""

    def __init__(self) -> None:
        self._values = dict.fromkeys(NAMES, 0)
        self._lock = Lock()

    def add(self, name: str, amount: int = 1) -> None:
        """Add `amount` to the counter `name`, one of `NAMES`."""
        with self._lock:
            self._values[name] += amount

    def snapshot(self) -> dict[str, int]:
        """All counters at one moment."""
        with self._lock:
            return dict(self._values)


class Histogram:
    """Latencies in buckets of fixed bounds: the memory does not grow."""

    def __init__(self, bounds_ms: Sequence[float] = BOUNDS_MS) -> None:
        self._bounds_ms = tuple(bounds_ms)
        self._counts = [0] * (len(self._bounds_ms) + 1)
        self._sum_ms = 0.0

    @property
    def count(self) -> int:
        """Latencies noted."""
        return sum(self._counts)

    def note(self, latency_ms: float) -> None:
        """Note one latency."""
        self._counts[bisect.bisect_left(self._bounds_ms, latency_ms)] += 1
        self._sum_ms += max(0.0, latency_ms)

    def document(self) -> LatencyHistogram:
        """The counts so far, as they are told to others."""
        pairs = zip((*self._bounds_ms, None), self._counts, strict=True)
        buckets = tuple(LatencyBucket(le_ms=bound, count=count) for bound, count in pairs)
        return LatencyHistogram(buckets=buckets, sum_ms=round(self._sum_ms, 1))

    def quantile_ms(self, share: float) -> float | None:
        """The bound that `share` (0–1) of the latencies keep; None before the first, infinite beyond the last."""
        if not self.count:
            return None
        needed = share * self.count
        place = bisect.bisect_left(list(accumulate(self._counts)), max(needed, 1e-9))
        return self._bounds_ms[place] if place < len(self._bounds_ms) else float("inf")

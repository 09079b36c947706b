"""Rates and latencies over the last minute, from the events that the hub sees: in-process, primed from the stream."""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from digitscribe.contracts import Latency, RecognitionStatus
from digitscribe.errors import FrameTooOld
from digitscribe.queueing.events import StoredEvent

WINDOW_S = 60.0
"""How far back the statistics look."""

_SAMPLES = 20_000
_DROPPED = f"urn:digitscribe:problem:{FrameTooOld.slug}"


@dataclass(frozen=True, slots=True)
class Sample:
    """One recognition's end: when (s since 1970), after how long (ms; None if it failed)."""

    at_s: float
    total_ms: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """What happened in the window."""

    images_per_second: float
    failed: int
    latency: Latency


class Statistics:
    """The ends of recognitions in the last minute."""

    def __init__(self) -> None:
        self._samples: deque[Sample] = deque(maxlen=_SAMPLES)
        self._lock = threading.Lock()

    def note(self, stored: StoredEvent) -> None:
        """Take in a recognition's event. Camera frames that were dropped because they were late are no failures."""
        data = stored.event.data
        if data.get("error", {}).get("type") == _DROPPED:
            return
        done = data.get("status") == RecognitionStatus.DONE
        total_ms = float(data.get("timing_ms", {}).get("total", 0.0)) if done else None
        with self._lock:
            self._samples.append(Sample(int(stored.id.partition("-")[0]) / 1000, total_ms))

    def summary(self, now_s: float) -> Summary:
        """What happened in the WINDOW_S before `now_s`."""
        with self._lock:
            recent = [sample for sample in self._samples if now_s - sample.at_s <= WINDOW_S]
        return summarize(recent, now_s)


def summarize(samples: Sequence[Sample], now_s: float) -> Summary:
    """`samples`, oldest first, in a few numbers. The rate is over the time since the oldest, at least a second."""
    times = sorted(sample.total_ms for sample in samples if sample.total_ms is not None)
    span_s = max(1.0, now_s - samples[0].at_s) if samples else 1.0
    latency = Latency(count=len(times), **{f"p{rank}": percentile(times, rank) for rank in (50, 95, 99)})
    return Summary(round(len(times) / span_s, 3), len(samples) - len(times), latency)


def percentile(ascending: Sequence[float], rank: int) -> float | None:
    """The smallest value that `rank` percent of `ascending` do not exceed; None of nothing."""
    return ascending[max(0, math.ceil(len(ascending) * rank / 100) - 1)] if ascending else None

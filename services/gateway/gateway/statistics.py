"""Rates and latencies over the last minute, from the events that the hub sees: in-process, primed from the stream."""

from __future__ import annotations

import math
import threading
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass

from digitscribe.contracts import Latency, RecognitionStatus, Source
from digitscribe.errors import FrameTooOld
from digitscribe.queueing.events import StoredEvent

WINDOW_S = 60.0
"""How far back the statistics look."""

_SAMPLES = 60_000
_DROPPED = f"urn:digitscribe:problem:{FrameTooOld.slug}"


@dataclass(frozen=True, slots=True)
class Sample:
    """One recognition's end: when (s since 1970), after how long (ms; None if it failed), from where.

    A camera's frame that came too late is `late`: it counts as neither read nor failed.
    """

    at_s: float
    total_ms: float | None
    source: str = Source.UPLOAD.value
    late: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """What happened in the window."""

    images_per_second: float
    failed: int
    latency: Latency


@dataclass(frozen=True, slots=True)
class Ends:
    """What ended in some seconds: images read by source, failed, and frames that came too late."""

    read: dict[str, int]
    failed: int
    late: int
    latency: Latency


class Statistics:
    """The ends of recognitions in the last minute."""

    def __init__(self) -> None:
        self._samples: deque[Sample] = deque(maxlen=_SAMPLES)
        self._lock = threading.Lock()

    def note(self, stored: StoredEvent) -> None:
        """Take in a recognition's event."""
        data = stored.event.data
        done = data.get("status") == RecognitionStatus.DONE
        sample = Sample(
            at_s=int(stored.id.partition("-")[0]) / 1000,
            total_ms=float(data.get("timing_ms", {}).get("total", 0.0)) if done else None,
            source=str(data.get("source", Source.UPLOAD.value)),
            late=data.get("error", {}).get("type") == _DROPPED,
        )
        with self._lock:
            self._samples.append(sample)

    def summary(self, now_s: float) -> Summary:
        """What happened in the WINDOW_S before `now_s`."""
        return summarize([each for each in self._since(now_s - WINDOW_S) if not each.late], now_s)

    def between(self, start_s: float, end_s: float) -> Ends:
        """What ended from `start_s` until before `end_s`, both within the last WINDOW_S."""
        return count_ends([each for each in self._since(start_s) if each.at_s < end_s])

    def _since(self, start_s: float) -> list[Sample]:
        with self._lock:
            return [sample for sample in self._samples if sample.at_s >= start_s]


def summarize(samples: Sequence[Sample], now_s: float) -> Summary:
    """`samples`, oldest first, in a few numbers. The rate is over the time since the oldest, at least a second."""
    latency = latency_of(samples)
    span_s = max(1.0, now_s - samples[0].at_s) if samples else 1.0
    return Summary(round(latency.count / span_s, 3), len(samples) - latency.count, latency)


def count_ends(samples: Sequence[Sample]) -> Ends:
    """`samples` counted by how they ended and, if they were read, by where they came from."""
    read = Counter(each.source for each in samples if each.total_ms is not None)
    late = sum(each.late for each in samples)
    failed = sum(each.total_ms is None and not each.late for each in samples)
    return Ends(dict(read), failed, late, latency_of(samples))


def latency_of(samples: Sequence[Sample]) -> Latency:
    """Percentiles of those of `samples` that were read."""
    times = sorted(sample.total_ms for sample in samples if sample.total_ms is not None)
    return Latency(count=len(times), **{f"p{rank}": percentile(times, rank) for rank in (50, 95, 99)})


def percentile(ascending: Sequence[float], rank: int) -> float | None:
    """The smallest value that `rank` percent of `ascending` do not exceed; None of nothing."""
    return ascending[max(0, math.ceil(len(ascending) * rank / 100) - 1)] if ascending else None

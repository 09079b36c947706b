"""The last hour of the system, in Redis: one sample every ten seconds, whoever of the gateways takes it.

A sample's place in the stream is the end of its ten seconds on Redis's clock. Redis takes a place once only, so of
several gateways the first one's sample stays, and none of them need to know of the others.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from digitscribe.contracts import SystemHistory, SystemSample
from digitscribe.contracts.document import now
from digitscribe.queueing import jobs, keys
from digitscribe.queueing.store import RecognitionStore
from redis import Redis
from redis.exceptions import RedisError, ResponseError

from gateway.statistics import Ends, Statistics
from gateway.workers import depths, is_alive, workers

PERIOD_S = 10
"""What one sample covers."""

SAMPLES_KEPT = 3600 // PERIOD_S
"""An hour."""

SETTLE_S = 1.0
"""So long after its end a sample is taken: until then every gateway has heard of what ended in it."""

LOOK_S = 1.0
"""How often the queues are looked at; a sample has the deepest that was seen."""

CAUGHT_UP = 5
"""Samples that are taken late at most, at the start or after a pause: the statistics know a minute."""

_TAKEN = "equal or smaller"

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Peaks:
    """The deepest that the queues were seen."""

    pending_images: int = 0
    queues: dict[str, int] = field(default_factory=dict)

    def note(self, pending_images: int, queues: Mapping[str, int]) -> None:
        """Take in a look at the queues."""
        self.pending_images = max(self.pending_images, pending_images)
        for name, count in queues.items():
            self.queues[name] = max(self.queues.get(name, 0), count)


class HistoryBook:
    """The samples in Redis."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def add(self, end_s: int, sample: SystemSample) -> bool:
        """Keep `sample` of the ten seconds before `end_s` (since 1970); False if another gateway has already."""
        fields = {"sample": sample.model_dump_json(exclude_none=True)}
        try:
            self._redis.xadd(
                keys.SAMPLES, cast(Any, fields), id=f"{end_s * 1000}-0", maxlen=SAMPLES_KEPT, approximate=False
            )
        except ResponseError as error:
            if _TAKEN in str(error):
                return False
            raise
        return True

    def read(self, minutes: int) -> SystemHistory:
        """The samples of the last `minutes`, oldest first; a time without any gateway has none."""
        since_ms = int((now().timestamp() - 60 * minutes) * 1000)
        entries: Any = self._redis.xrange(keys.SAMPLES, min=str(since_ms))
        samples = tuple(SystemSample.model_validate_json(fields[b"sample"]) for _, fields in entries)
        return SystemHistory(period_s=PERIOD_S, samples=samples)


class Sampler:
    """Looks at the queues in a thread of its own, and takes a sample at the end of each ten seconds.

    Args:
        redis: Where the queues are.
        store: Where the images are.
        statistics: What has ended, as this process has heard it.
    """

    def __init__(self, redis: Redis, store: RecognitionStore, statistics: Statistics) -> None:
        self._redis, self._store, self._statistics = redis, store, statistics
        self._book = HistoryBook(redis)
        self._peaks: dict[int, Peaks] = {}
        self._newest = -CAUGHT_UP
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._closed.set()
        self._thread.join()

    def look(self, now_s: float) -> None:
        """Look at the queues at `now_s` on Redis's clock, and take the samples that are due."""
        number = int(now_s // PERIOD_S)
        # those before it too, at the start and after a pause: something may have ended in them
        for each in range(max(self._newest + 1, number - CAUGHT_UP), number + 1):
            self._peaks[each] = Peaks()
        self._newest = number
        self._peaks.setdefault(number, Peaks()).note(
            self._store.pending().images, {each.name: each.jobs for each in depths(self._redis)}
        )
        for due in [each for each in self._peaks if now_s >= (each + 1) * PERIOD_S + SETTLE_S]:
            self._take((due + 1) * PERIOD_S, self._peaks.pop(due))

    def _take(self, end_s: int, peaks: Peaks) -> None:
        ends = self._statistics.between(end_s - PERIOD_S, end_s)
        alive = [each for each in workers(self._redis) if is_alive(each, now())]
        self._book.add(end_s, to_sample(end_s, ends, peaks, [each.queues for each in alive]))

    def _run(self) -> None:
        while not self._closed.wait(LOOK_S):
            try:
                seconds, microseconds = self._redis.time()
                self.look(seconds + microseconds / 1e6)
            except RedisError as error:
                log.warning("the system cannot be sampled: %s", error)


def to_sample(end_s: int, ends: Ends, peaks: Peaks, served: list[tuple[str, ...]]) -> SystemSample:
    """One sample: what ended in it, the deepest queues, and how many workers serve which queues (`served`)."""
    return SystemSample.model_validate(
        {
            "at": end_s,
            "read": ends.read,
            "failed": ends.failed,
            "late": ends.late,
            "latency_ms": ends.latency,
            "pending_images": peaks.pending_images,
            "queues": peaks.queues,
            "recognizers": sum(jobs.INTERACTIVE in queues for queues in served),
            "trainers": sum(jobs.TRAINING in queues for queues in served),
        }
    )

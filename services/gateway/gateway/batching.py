"""Batches: what arrives together is stored together, in one transaction and, where it fits, as one RQ job.

A request hands its images in and waits until they are stored. While nothing is being read they are stored at once:
an idle system does not wait. While images are being read, more are collected until the window has passed, a batch is
full, or the readers have nothing left to do. And while more jobs wait than the readers need to be kept busy, another
small job would only wait behind them: images are collected, for as long as more keep coming, until one of those jobs
has ended. So batches grow with the load.

`Collector` decides, and has neither clock nor thread; `Lane` is the thread around it, one for each queue.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from digitscribe.queueing.store import Submission

from gateway.errors import GatewayBusy

HINT_TTL_S = 60.0
"""An image that has had no end for this long no longer counts as being read."""

HOLD_S = 0.1
"""However many jobs wait, no image is held back for longer."""

QUIET_S = 0.01
"""When nothing has come for so long, there is nobody to hold images back for."""

JOBS_PER_READER = 2
"""One that it reads, and one that is ready when it has read it."""

JobImages = list[Submission]
"""The images of one RQ job."""

Accept = Callable[[Sequence[JobImages]], None]
"""Stores all jobs of a batch, or raises and stores none."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """How large a batch grows, and how long it may wait for that."""

    images: int
    pixels: int
    window_s: float


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one request hands in, and the pixels of each image; it is stored as a whole or not at all."""

    submissions: Sequence[Submission]
    pixels: Sequence[int]
    arrived: float = field(default_factory=time.monotonic)
    stored: Future[None] = field(default_factory=Future)


def cut(batch: Sequence[Parcel], limits: BatchLimits) -> list[JobImages]:
    """The images of `batch`, in order, as few jobs within `limits`; an image that is larger than those goes alone."""
    jobs: list[JobImages] = []
    filled = 0
    for submission, pixels in _images(batch):
        if not jobs or len(jobs[-1]) == limits.images or filled + pixels > limits.pixels:
            jobs.append([])
            filled = 0
        jobs[-1].append(submission)
        filled += pixels
    return jobs


class Collector:
    """Decides when a batch goes, and what is in it."""

    def __init__(self, limits: BatchLimits) -> None:
        self._limits = limits
        self._waiting: deque[Parcel] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, parcel: Parcel) -> None:
        """Let `parcel` wait for its batch."""
        self._waiting.append(parcel)

    def due_in(self, now: float, jobs: int, readers: int = 1) -> float | None:
        """Seconds until a batch is to go; None if nothing waits.

        Args:
            now: The time, on the clock of the parcels' arrival.
            jobs: Jobs that are stored and not yet read.
            readers: Recognizers that read them.
        """
        if not self._waiting:
            return None
        if not jobs or self._fitting() < len(self._waiting) or self._is_full():
            return 0.0
        due = self._waiting[0].arrived + self._limits.window_s
        if jobs >= JOBS_PER_READER * readers:
            due = max(due, min(self._waiting[0].arrived + HOLD_S, self._waiting[-1].arrived + QUIET_S))
        return max(0.0, due - now)

    def take(self) -> list[Parcel]:
        """The next batch: as many parcels as fit, oldest first, and at least one."""
        return [self._waiting.popleft() for _ in range(self._fitting())]

    def _fitting(self) -> int:
        images = pixels = 0
        for count, parcel in enumerate(self._waiting):
            images += len(parcel.submissions)
            pixels += sum(parcel.pixels)
            if count and (images > self._limits.images or pixels > self._limits.pixels):
                return count
        return len(self._waiting)

    def _is_full(self) -> bool:
        images = sum(len(parcel.submissions) for parcel in self._waiting)
        pixels = sum(sum(parcel.pixels) for parcel in self._waiting)
        return images >= self._limits.images or pixels >= self._limits.pixels


class InFlight:
    """Which jobs are stored and not yet read, as far as this process has heard: a hint, not a truth."""

    def __init__(self, ttl_s: float = HINT_TTL_S) -> None:
        self._jobs: OrderedDict[str, tuple[float, set[str]]] = OrderedDict()
        self._job_of: dict[str, str] = {}
        self._ttl_s = ttl_s

    def __len__(self) -> int:
        return len(self._jobs)

    def add(self, ids: Collection[str], now: float) -> None:
        """The images `ids` are on their way, as one job."""
        job = next(iter(ids))
        self._jobs[job] = (now, set(ids))
        self._job_of.update(dict.fromkeys(ids, job))

    def remove(self, recognition_id: str) -> bool:
        """An image is read, or will not be; returns whether that was the last of its job."""
        job = self._job_of.pop(recognition_id, None)
        if job is None:
            return False
        unread = self._jobs[job][1]
        unread.discard(recognition_id)
        if not unread:
            del self._jobs[job]
        return not unread

    def forget_old(self, now: float) -> None:
        """Forget jobs that have been on their way for too long."""
        while self._jobs and now - next(iter(self._jobs.values()))[0] > self._ttl_s:
            for each in tuple(self._jobs[next(iter(self._jobs))][1]):
                self.remove(each)


class Lane:
    """One queue's batches: request threads `submit`, one thread stores."""

    def __init__(self, name: str, accept: Accept, limits: BatchLimits) -> None:
        self.name = name
        self._limits = limits
        self.readers = 1  # a hint, set from outside
        self._accept = accept
        self._collector = Collector(limits)
        self._in_flight = InFlight()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=f"lane-{name}", daemon=True)
        self._thread.start()

    def submit(self, parcel: Parcel) -> None:
        """Return when `parcel` is stored; raises what kept it from that, and then none of its images is."""
        with self._changed:
            if self._closed:
                raise GatewayBusy("this gateway is stopping; try again", 1)
            self._collector.add(parcel)
            self._changed.notify()
        parcel.stored.result()

    def ended(self, recognition_id: str) -> None:
        """Hear that an image has been read."""
        with self._changed:
            if self._in_flight.remove(recognition_id) and len(self._collector):
                self._changed.notify()

    def close(self) -> None:
        """Store what waits, then end; whoever comes later is turned away."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while self._store_next():
            continue

    def _store_next(self) -> bool:
        # in a frame of its own: while the next batch is waited for, no image of the last is held
        batch = self._next()
        if batch:
            self._store(batch)
        return bool(batch)

    def _next(self) -> list[Parcel]:
        with self._changed:
            while True:
                now = time.monotonic()
                self._in_flight.forget_old(now)
                jobs = 0 if self._closed else len(self._in_flight)
                due_in = self._collector.due_in(now, jobs, self.readers)
                if due_in == 0:
                    return self._collector.take()
                if due_in is None and self._closed:
                    return []
                self._changed.wait(due_in)

    def _store(self, batch: list[Parcel]) -> None:
        jobs = cut(batch, self._limits)
        self._send_off(jobs)  # before it is stored: its end may be heard of before the store has answered
        try:
            self._accept(jobs)
        except Exception as error:
            log.warning("a batch of %d requests was not stored: %s", len(batch), type(error).__name__)
            for each in itertools.chain(*map(_ids, jobs)):
                self.ended(each)
            for parcel in batch:
                parcel.stored.set_exception(error)
        else:
            for parcel in batch:
                parcel.stored.set_result(None)

    def _send_off(self, jobs: Sequence[JobImages]) -> None:
        with self._changed:
            for job in jobs:
                self._in_flight.add(_ids(job), time.monotonic())


def _images(batch: Iterable[Parcel]) -> Iterator[tuple[Submission, int]]:
    for parcel in batch:
        yield from zip(parcel.submissions, parcel.pixels, strict=True)


def _ids(job: JobImages) -> list[str]:
    return [submission.recognition.id for submission in job]

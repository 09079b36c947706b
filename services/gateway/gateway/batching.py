"""Batches: what arrives together is stored together, in one transaction and as one RQ job.

A request hands its images in and waits until they are stored. While nothing is being read they are stored at once:
an idle system does not wait. While images are being read, more are collected until the window has passed, a batch is
full, or the readers have nothing left to do. `Collector` decides, and has neither clock nor thread; `Lane` is the
thread around it, one for each queue.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from digitscribe.queueing.store import Submission

from gateway.errors import GatewayBusy

HINT_TTL_S = 60.0
"""An image that has had no end for this long no longer counts as being read."""

Accept = Callable[[Sequence[Submission]], None]
"""Stores a batch, or raises."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """How large a batch grows, and how long it may wait for that."""

    images: int
    pixels: int
    window_s: float


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one request hands in; it is stored as a whole or not at all."""

    submissions: tuple[Submission, ...]
    pixels: int
    arrived: float = 0.0
    stored: Future[None] = field(default_factory=Future)


def pack(submissions: Sequence[Submission], pixels: Sequence[int], limits: BatchLimits) -> list[Parcel]:
    """One request's images as few parcels that fit into a batch each."""
    parcels, begin = [], 0
    for end in range(1, len(submissions) + 1):
        full = end - begin == limits.images or sum(pixels[begin : end + 1]) > limits.pixels
        if full or end == len(submissions):
            parcels.append(Parcel(tuple(submissions[begin:end]), sum(pixels[begin:end]), time.monotonic()))
            begin = end
    return parcels


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

    def due_in(self, now: float, busy: bool) -> float | None:
        """Seconds until a batch is to go; None if nothing waits. `busy`: images are being read."""
        if not self._waiting:
            return None
        if not busy or self._fitting() < len(self._waiting) or self._is_full():
            return 0.0
        return max(0.0, self._waiting[0].arrived + self._limits.window_s - now)

    def take(self) -> list[Parcel]:
        """The next batch: as many parcels as fit, oldest first, and at least one."""
        return [self._waiting.popleft() for _ in range(self._fitting())]

    def _fitting(self) -> int:
        images = pixels = 0
        for count, parcel in enumerate(self._waiting):
            images += len(parcel.submissions)
            pixels += parcel.pixels
            if count and (images > self._limits.images or pixels > self._limits.pixels):
                return count
        return len(self._waiting)

    def _is_full(self) -> bool:
        return sum(len(parcel.submissions) for parcel in self._waiting) >= self._limits.images


class InFlight:
    """Which images are stored and not yet read, as far as this process has heard: a hint, not a truth."""

    def __init__(self, ttl_s: float = HINT_TTL_S) -> None:
        self._ids: OrderedDict[str, float] = OrderedDict()
        self._ttl_s = ttl_s

    def add(self, ids: Iterable[str], now: float) -> None:
        """`ids` are on their way."""
        self._ids.update((each, now) for each in ids)

    def remove(self, ids: Iterable[str]) -> None:
        """`ids` are read, or will not be."""
        for each in ids:
            self._ids.pop(each, None)

    def any(self, now: float) -> bool:
        """Whether there are any; forgets those that have been on their way for too long."""
        while self._ids and now - next(iter(self._ids.values())) > self._ttl_s:
            self._ids.popitem(last=False)
        return bool(self._ids)


class Lane:
    """One queue's batches: request threads `submit`, one thread stores."""

    def __init__(self, name: str, accept: Accept, limits: BatchLimits) -> None:
        self.name = name
        self.limits = limits
        self._accept = accept
        self._collector = Collector(limits)
        self._in_flight = InFlight()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=f"lane-{name}", daemon=True)
        self._thread.start()

    def submit(self, parcels: Sequence[Parcel]) -> None:
        """Return when all `parcels` are stored; raises what kept the first of the others from it."""
        with self._changed:
            if self._closed:
                raise GatewayBusy("this gateway is stopping; try again", 1)
            for parcel in parcels:
                self._collector.add(parcel)
            self._changed.notify()
        for parcel in parcels:
            parcel.stored.result()

    def ended(self, recognition_id: str) -> None:
        """Hear that an image has been read."""
        with self._changed:
            self._in_flight.remove([recognition_id])
            if len(self._collector) and not self._in_flight.any(time.monotonic()):
                self._changed.notify()

    def close(self) -> None:
        """Store what waits, then end; whoever comes later is turned away."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while batch := self._next():
            self._store(batch)

    def _next(self) -> list[Parcel]:
        with self._changed:
            while True:
                now = time.monotonic()
                due_in = self._collector.due_in(now, busy=self._in_flight.any(now) and not self._closed)
                if due_in == 0:
                    return self._take(now)
                if due_in is None and self._closed:
                    return []
                self._changed.wait(due_in)

    def _take(self, now: float) -> list[Parcel]:
        batch = self._collector.take()
        # before it is stored: its end may be heard of before the store has answered
        self._in_flight.add(_ids(batch), now)
        return batch

    def _store(self, batch: list[Parcel]) -> None:
        try:
            self._accept([submission for parcel in batch for submission in parcel.submissions])
        except Exception as error:
            log.warning("a batch of %d requests was not stored: %s", len(batch), type(error).__name__)
            with self._changed:
                self._in_flight.remove(_ids(batch))
            for parcel in batch:
                parcel.stored.set_exception(error)
        else:
            for parcel in batch:
                parcel.stored.set_result(None)


def _ids(batch: Iterable[Parcel]) -> list[str]:
    return [submission.recognition.id for parcel in batch for submission in parcel.submissions]

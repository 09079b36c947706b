"""The capture thread: it never waits for the gateway where the source is live, and is replaced when it hangs."""

from __future__ import annotations

import logging
import time
from contextlib import closing
from threading import Event, Thread
from typing import Final

from digitscribe.backoff import Backoff
from digitscribe.contracts.document import now
from digitscribe.errors import CameraUnavailable

from camera_worker import counters as count
from camera_worker.counters import Counters
from camera_worker.faults import is_expected, problem_of
from camera_worker.image import Captured, fit
from camera_worker.mailbox import Mailbox
from camera_worker.pacing import Pacer, Schedule
from camera_worker.sources.base import Shot, Source

MOST_HANGING: Final = 3
"""Threads given up at once. A thread that hangs in a driver cannot be ended, only the process can."""

SETTLED_S: Final = 5.0
"""A source that delivers for so long is well again: its next failure is the first of a new row."""

_log = logging.getLogger(__name__)


class _Reading:
    """One thread's share: when it last heard from the source, and whether it is still wanted."""

    def __init__(self) -> None:
        self.over = Event()
        self.silent_since_s: float | None = None  # None while it does not wait for the source
        self.thread: Thread | None = None
        self.schedule = Schedule()  # over all rounds of a file: its last frame lasts, too


class Capture:
    """Reads `source` into `mailbox` for ever, or until a file that is not to be repeated has ended."""

    def __init__(
        self,
        source: Source,
        mailbox: Mailbox[Captured],
        counters: Counters,
        *,
        fps: float,
        max_side: int,
        stall_s: float,
        loop: bool = True,
        backoff: Backoff | None = None,
    ) -> None:
        self._source = source
        self._mailbox = mailbox
        self._counters = counters
        self._pacer = Pacer(fps)
        self._max_side = max_side
        # A source's own time-out, where it has one, comes first; opening and the first frame may take one each.
        self._hang_s = 2 * stall_s + 1
        self._loop = loop
        self._backoff = backoff or Backoff()
        self._lost = False
        self._trouble: str | None = None
        self._ended = Event()
        self._given_up: list[Thread] = []
        self._reading = _Reading()

    @property
    def ended(self) -> bool:
        """Whether the file is at its end and everything in it was handed over."""
        return self._ended.is_set()

    @property
    def trouble(self) -> str | None:
        """Why nothing comes from the source, without credentials; None while it delivers."""
        return self._trouble

    def start(self) -> None:
        """Begin to read, in a thread of its own."""
        reading = self._reading = _Reading()
        reading.thread = Thread(target=self._read, args=(reading,), name="capture", daemon=True)
        reading.thread.start()

    def stop(self, timeout_s: float) -> bool:
        """End the thread; returns whether it ended within `timeout_s`."""
        self._reading.over.set()
        if self._reading.thread is None:
            return True
        self._reading.thread.join(timeout_s)
        return not self._reading.thread.is_alive()

    def watch(self) -> None:
        """Replace the thread if the source hangs in it; to be called now and then.

        Raises:
            CameraUnavailable: too many threads hang already: only a new process helps.
        """
        since_s = self._reading.silent_since_s
        if since_s is None or time.monotonic() - since_s < self._hang_s:
            return
        self._give_up()
        self.start()

    def _give_up(self) -> None:
        reading = self._reading
        reading.over.set()
        self._lost = True
        self._given_up = [thread for thread in (*self._given_up, reading.thread) if thread and thread.is_alive()]
        if len(self._given_up) >= MOST_HANGING:
            raise CameraUnavailable(f"{self._source.name} hangs again and again; the worker must be started anew")
        self._trouble = f"{self._source.name} hangs; it is opened again"
        _log.warning("%s hangs for %.0f s; it is opened again", self._source.name, self._hang_s)

    def _read(self, reading: _Reading) -> None:
        while not reading.over.is_set():
            try:
                self._read_once(reading)
                if not (self._loop or self._source.live or reading.over.is_set()):
                    self._ended.set()
                    return
            except Exception as error:  # a thread that ends would leave the camera silent without a word
                self._wait_after(error, reading)

    def _read_once(self, reading: _Reading) -> None:
        opened_s = time.monotonic()
        reading.silent_since_s = opened_s
        try:
            with closing(self._source.shots()) as shots:
                for shot in shots:
                    reading.silent_since_s = None
                    if reading.over.is_set():
                        return
                    self._note_life(opened_s)
                    self._deliver(shot, reading)
                    reading.silent_since_s = time.monotonic()
        finally:
            reading.silent_since_s = None

    def _note_life(self, opened_s: float) -> None:
        self._counters.add(count.CAPTURED)
        self._trouble = None
        if self._lost:
            self._lost = False
            self._counters.add(count.RECONNECTS)
            _log.info("%s delivers again", self._source.name)
        if self._backoff.failures and time.monotonic() - opened_s > SETTLED_S:
            self._backoff.succeed()

    def _deliver(self, shot: Shot, reading: _Reading) -> None:
        if shot.lasts_s > 0:
            reading.over.wait(reading.schedule.wait_s(time.monotonic(), shot.lasts_s))
        if not self._source.live:
            self._hand_over(shot, reading)
        elif self._pacer.due(time.monotonic()):
            overtaken = self._mailbox.put_newest(self._captured(shot))
            self._counters.add(count.DROPPED, int(overtaken))
        else:
            self._counters.add(count.SKIPPED)

    def _hand_over(self, shot: Shot, reading: _Reading) -> None:
        captured = self._captured(shot)
        while not reading.over.is_set() and not self._mailbox.put_waiting(captured, timeout_s=0.25):
            pass

    def _captured(self, shot: Shot) -> Captured:
        return Captured(fit(shot.image, self._max_side), now())

    def _wait_after(self, error: Exception, reading: _Reading) -> None:
        if reading.over.is_set():
            return
        self._lost = True
        self._trouble = problem_of(error)
        wait_s = self._backoff.fail()
        _log.warning("%s; next try in %.1f s", self._trouble, wait_s, exc_info=None if is_expected(error) else error)
        reading.over.wait(wait_s)

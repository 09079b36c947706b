"""The one reader of the event stream in a process: wakes whoever waits for a recognition, feeds whoever listens.

All of it is hints: what was missed here is found in the store (`waiting.py`) or in the stream (`routes/events.py`).
"""

from __future__ import annotations

import json
import logging
import queue
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from digitscribe.contracts import Event, EventType
from digitscribe.queueing.events import EventLog, StoredEvent
from redis.exceptions import RedisError

from gateway.answers import Json
from gateway.limits import Allowance

HISTORY_S = 60
"""At its start the hub reads this much of the past, for the statistics."""

BACKLOG = 1000
"""Events that a listener may be behind before it is dropped; it then comes back and reads the stream."""

_BLOCK_MS = 250
_PAUSE_S = 0.5

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """An event on its way to a listener; `id` is its place in the stream, None for what is not kept there."""

    id: str | None
    type: EventType
    data: str

    @classmethod
    def of(cls, event: Event, event_id: str | None = None) -> Message:
        """`event` as a message."""
        return cls(event_id, event.type, json.dumps(event.data, ensure_ascii=False, separators=(",", ":")))


class Waiter:
    """Waits for the ends of some recognitions."""

    def __init__(self, ids: Collection[str]) -> None:
        self.missing = set(ids)
        self.ended: dict[str, Json] = {}
        self._woken = threading.Event()

    def note(self, recognition_id: str, data: Json) -> None:
        """Hear of an end."""
        self.ended[recognition_id] = data
        self.missing.discard(recognition_id)
        if not self.missing:
            self.wake()

    def wake(self) -> None:
        """End the waiting."""
        self._woken.set()

    def wait(self, timeout_s: float) -> bool:
        """Return when all have ended, when woken, or after `timeout_s`; False for the last."""
        return self._woken.wait(timeout_s)


class Listener:
    """A bounded mailbox of messages; None in it says that the hub stops."""

    def __init__(self, types: Collection[EventType]) -> None:
        self.types = frozenset(types)
        self.too_slow = False
        self._mailbox: queue.Queue[Message | None] = queue.Queue(BACKLOG)

    def put(self, message: Message | None) -> None:
        """Deliver `message`; a full mailbox makes the listener `too_slow`, and nothing more comes."""
        if self.too_slow or (message and message.type not in self.types):
            return
        try:
            self._mailbox.put_nowait(message)
        except queue.Full:
            self.too_slow = True

    def get(self, timeout_s: float) -> Message | None:
        """The next message, or None when the hub stops; raises queue.Empty after `timeout_s`."""
        return self._mailbox.get(timeout=timeout_s)


class Hub:
    """Reads the stream in a thread of its own and fans it out.

    Args:
        events: The stream.
        on_event: Called with each event, in order, in the hub's thread.
        long_waits: How many may wait for long at once.
    """

    def __init__(self, events: EventLog, on_event: Callable[[StoredEvent], None], long_waits: Allowance) -> None:
        self.long_waits = long_waits
        self._events, self._on_event = events, on_event
        self._waiters: dict[str, list[Waiter]] = {}
        self._listeners: set[Listener] = set()
        self._lock = threading.Lock()
        self._released = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hub", daemon=True)
        self._thread.start()

    @property
    def released(self) -> bool:
        """Whether nobody may wait any more, because the process is about to stop."""
        return self._released.is_set()

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    @contextmanager
    def waiting(self, ids: Collection[str]) -> Iterator[Waiter]:
        """A waiter for `ids`; what ends after this was entered is not missed."""
        waiter = Waiter(ids)
        with self._lock:
            for each in ids:
                self._waiters.setdefault(each, []).append(waiter)
        try:
            yield waiter
        finally:
            with self._lock:
                for each in ids:
                    self._forget(each, waiter)

    @contextmanager
    def listening(self, types: Collection[EventType]) -> Iterator[Listener]:
        """A listener to events of `types`."""
        listener = Listener(types)
        with self._lock:
            self._listeners.add(listener)
        if self.released:
            listener.put(None)
        try:
            yield listener
        finally:
            with self._lock:
                self._listeners.discard(listener)

    def tell(self, message: Message) -> None:
        """Send `message` to all listeners."""
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener.put(message)

    def release(self) -> None:
        """Let everybody go: waiters return, listeners are told to end."""
        self._released.set()
        with self._lock:
            waiters = [waiter for waiters in self._waiters.values() for waiter in waiters]
            listeners = list(self._listeners)
        for waiter in waiters:
            waiter.wake()
        for listener in listeners:
            listener.put(None)

    def close(self) -> None:
        """Let everybody go, and end the thread."""
        self.release()
        self._closed.set()
        self._thread.join()

    def _forget(self, recognition_id: str, waiter: Waiter) -> None:
        waiters = self._waiters.get(recognition_id, [])
        waiters.remove(waiter)
        if not waiters:
            del self._waiters[recognition_id]

    def _run(self) -> None:
        after = f"{int((time.time() - HISTORY_S) * 1000)}-0"
        while not self._closed.is_set():
            try:
                page = self._events.read(after, block_ms=_BLOCK_MS)
            except RedisError as error:
                log.error("the stream of events cannot be read: %s", error)
                self._closed.wait(_PAUSE_S)
                continue
            for stored in page.events:
                self._dispatch(stored)
            after = page.last

    def _dispatch(self, stored: StoredEvent) -> None:
        event = stored.event
        if event.type is EventType.RECOGNITION:
            self._wake(event.data)
        if self._listeners:
            self.tell(Message.of(event, stored.id))
        try:
            self._on_event(stored)
        except Exception:
            log.exception("event %s could not be taken in", stored.id)

    def _wake(self, data: Json) -> None:
        recognition_id = str(data.get("id"))
        with self._lock:
            waiters = list(self._waiters.get(recognition_id, ()))
        for waiter in waiters:
            waiter.note(recognition_id, data)

"""Looks at the queues: tells listeners how much waits, and the lanes how many recognizers read."""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable

from digitscribe.contracts import Event, EventType
from digitscribe.queueing.store import RecognitionStore
from redis import Redis
from redis.exceptions import RedisError

from gateway.answers import to_json
from gateway.documents import QueueState
from gateway.hub import Hub, Message
from gateway.workers import count_recognizers, depths

PERIOD_S = 1.0
"""How often listeners are told, if anything has changed."""

COUNT_EVERY = 5
"""Recognizers are counted at every fifth look: they come and go in seconds, not in milliseconds."""

log = logging.getLogger(__name__)


class QueueWatch:
    """Looks at the queues in a thread of its own.

    Args:
        redis: Where the queues are.
        store: Where the images are.
        max_pending_images: What listeners are told as the most that may wait.
        hub: Who listens.
        on_readers: Called with the number of recognizers, now and then.
    """

    def __init__(
        self,
        redis: Redis,
        store: RecognitionStore,
        max_pending_images: int,
        hub: Hub,
        on_readers: Callable[[int], None],
    ) -> None:
        self._redis, self._store, self._hub = redis, store, hub
        self._max_pending_images, self._on_readers = max_pending_images, on_readers
        self._told: Message | None = None
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="queue-watch", daemon=True)
        self._thread.start()

    def look(self) -> Message:
        """How much work waits, as a message that has no place in the stream."""
        state = QueueState(
            pending_images=self._store.pending().images,
            max_pending_images=self._max_pending_images,
            queues=depths(self._redis),
        )
        return Message.of(Event(type=EventType.QUEUE, data=to_json(state)))

    def close(self) -> None:
        """End the thread."""
        self._closed.set()
        self._thread.join()

    def _run(self) -> None:
        for number in itertools.count():
            try:
                if number % COUNT_EVERY == 0:
                    self._on_readers(count_recognizers(self._redis))
                self._tell()
            except RedisError as error:
                log.warning("the queues cannot be looked at: %s", error)
            if self._closed.wait(PERIOD_S):
                return

    def _tell(self) -> None:
        if not self._hub.listeners:
            return
        seen = self.look()
        if seen != self._told:
            self._hub.tell(seen)
            self._told = seen

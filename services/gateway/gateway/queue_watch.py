"""Tells listeners about once a second how much work waits, if that has changed."""

from __future__ import annotations

import logging
import threading

from digitscribe.contracts import Event, EventType
from digitscribe.queueing.store import RecognitionStore
from redis import Redis
from redis.exceptions import RedisError

from gateway.answers import to_json
from gateway.documents import QueueState
from gateway.hub import Hub, Message
from gateway.workers import depths

PERIOD_S = 1.0

log = logging.getLogger(__name__)


class QueueWatch:
    """Looks at the queues while somebody listens."""

    def __init__(self, redis: Redis, store: RecognitionStore, max_pending_images: int, hub: Hub) -> None:
        self._redis, self._store, self._hub = redis, store, hub
        self._max_pending_images = max_pending_images
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
        told: Message | None = None
        while not self._closed.wait(PERIOD_S):
            if not self._hub.listeners:
                continue
            try:
                seen = self.look()
            except RedisError as error:
                log.warning("the queues cannot be looked at: %s", error)
                continue
            if seen != told:
                self._hub.tell(seen)
                told = seen

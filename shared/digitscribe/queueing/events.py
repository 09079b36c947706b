"""The stream of events: what happened, in order, for the history and for whoever listens."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import Any

from redis import Redis
from redis.client import Pipeline

from digitscribe.contracts.event import Event, EventType
from digitscribe.queueing import keys
from digitscribe.queueing.connection import BLOCK_MS

BEGINNING = "0-0"
_PAGE = 500


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event with its place in the stream (`<milliseconds>-<number>`)."""

    id: str
    event: Event


@dataclass(frozen=True, slots=True)
class EventPage:
    """Some events in their order, and the place behind which the next page begins."""

    events: tuple[StoredEvent, ...]
    last: str


class EventLog:
    """The capped Redis Stream that is history and event feed in one.

    Example:
        log = EventLog(redis, events_kept=10_000)
        log.publish(Event(type=EventType.MODEL, data={"stable": 2}))
        page = log.read(after=log.last_id())
        for stored in page.events:
            ...
        page = log.read(after=page.last)
    """

    def __init__(self, redis: Redis, events_kept: int) -> None:
        self._redis = redis
        self._events_kept = events_kept

    def publish(self, event: Event, pipeline: Pipeline | None = None) -> None:
        """Append `event`, at once or as part of `pipeline`."""
        fields = {"type": event.type.value, "data": json.dumps(event.data, separators=(",", ":"))}
        target = self._redis if pipeline is None else pipeline
        target.xadd(keys.EVENTS, fields, maxlen=self._events_kept, approximate=True)  # type: ignore[arg-type]

    def last_id(self) -> str:
        """The id of the newest event, or BEGINNING."""
        newest = self._redis.xrevrange(keys.EVENTS, count=1)
        return _text(newest[0][0]) if newest else BEGINNING

    def read(self, after: str, block_ms: int = 0, count: int = _PAGE) -> EventPage:
        """Up to `count` events newer than `after`; with `block_ms`, wait that long (at most BLOCK_MS) for one.

        What is no event of this release is left out, and logged; the page's `last` is behind it.
        """
        block = min(block_ms, BLOCK_MS) or None
        answer: Any = self._redis.xread({keys.EVENTS: after}, count=count, block=block)
        if not answer:
            return EventPage((), after)
        # a dict of pages in RESP3, a list of pairs in RESP2
        entries = next(iter(answer.values()))[0] if isinstance(answer, dict) else answer[0][1]
        events = tuple(stored for stored in map(_parse, entries) if stored)
        return EventPage(events, _text(entries[-1][0]))


def _text(value: bytes | str | None) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _parse(entry: tuple[bytes, dict[bytes, bytes]]) -> StoredEvent | None:
    event_id, fields = _text(entry[0]), entry[1]
    try:
        return StoredEvent(event_id, Event(type=EventType(_text(fields[b"type"])), data=json.loads(fields[b"data"])))
    except (KeyError, ValueError) as error:  # another release wrote it, or another program
        log.warning("%s in the stream of events is none that this release knows: %r", event_id, error)
        return None

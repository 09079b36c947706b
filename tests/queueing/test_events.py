"""The stream of events: what is no event is passed over, and nothing else is lost."""

from __future__ import annotations

from typing import Any

import pytest
from digitscribe.contracts import Event, EventType
from digitscribe.queueing import keys
from digitscribe.queueing.events import BEGINNING, EventLog
from redis import Redis

STRANGE: list[dict[Any, Any]] = [
    {"type": "weather", "data": "{}"},
    {"data": "{}"},
    {"type": "model"},
    {"type": "model", "data": "{"},
    {"type": "model", "data": "[]"},
    {"type": b"\xff", "data": "{}"},
]


@pytest.fixture
def events(redis: Redis) -> EventLog:
    return EventLog(redis, 100)


def _numbers(events: EventLog, after: str = BEGINNING) -> list[int]:
    return [stored.event.data["number"] for stored in events.read(after).events]


@pytest.mark.parametrize("fields", STRANGE, ids=str)
def test_events_around_a_strange_entry_are_read(events: EventLog, redis: Redis, fields: dict[Any, Any]) -> None:
    events.publish(Event(type=EventType.MODEL, data={"number": 1}))
    redis.xadd(keys.EVENTS, fields)
    events.publish(Event(type=EventType.MODEL, data={"number": 2}))
    assert _numbers(events) == [1, 2]


def test_a_page_of_strange_entries_is_left_behind(events: EventLog, redis: Redis) -> None:
    for fields in STRANGE:
        redis.xadd(keys.EVENTS, fields)
    page = events.read(BEGINNING)
    assert (page.events, page.last) == ((), events.last_id())


def test_where_nothing_is_new_the_next_page_begins_at_the_same_place(events: EventLog) -> None:
    events.publish(Event(type=EventType.MODEL, data={"number": 1}))
    assert events.read(events.last_id()).last == events.last_id()
    assert _numbers(events, events.last_id()) == []

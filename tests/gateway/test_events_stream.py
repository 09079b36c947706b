"""Server-sent events of a running gateway."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
import pytest
from digitscribe.contracts import Event, EventType
from digitscribe.queueing import keys
from digitscribe.queueing.connection import connect
from digitscribe.queueing.events import EventLog
from gateway import hub
from gateway.hub import Listener, Message
from gateway.routes.events import place

from tests.gateway.conftest import Finisher, RunningGateway, encoded


@contextmanager
def listening(gateway: RunningGateway, query: str = "", last: str | None = None) -> Iterator[Iterator[dict[str, str]]]:
    headers = {"Last-Event-ID": last} if last else {}
    with (
        httpx.Client(timeout=20) as client,
        client.stream("GET", f"{gateway.url}/v1/events{query}", headers=headers) as answer,
    ):
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        events = parsed(answer.iter_lines())
        yield events


def parsed(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    event: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            event[name] = value
        elif event:
            yield event
            event = {}


def log_of(gateway: RunningGateway) -> EventLog:
    return EventLog(connect(gateway.settings.redis_url), gateway.settings.events_kept)


def publish(gateway: RunningGateway, *numbers: int) -> None:
    log = log_of(gateway)
    for number in numbers:
        log.publish(Event(type=EventType.MODEL, data={"number": number}))
    log._redis.close()


def numbers(events: Iterator[dict[str, str]], count: int) -> list[int]:
    return [json.loads(next(events)["data"])["number"] for _ in range(count)]


def test_what_is_no_event_here_is_passed_over_live_and_from_the_past(gateway: RunningGateway) -> None:
    with listening(gateway, "?types=model") as events:
        past = next(events)["id"]
        with connect(gateway.settings.redis_url) as redis:
            redis.xadd(keys.EVENTS, {"type": "weather", "data": "{}"})
            redis.xadd(keys.EVENTS, {"data": "{}"})
        publish(gateway, 7)
        assert numbers(events, 1) == [7]
    with listening(gateway, "?types=model", last=past) as events:
        next(events)
        assert numbers(events, 1) == [7]


def test_a_reading_is_told_with_its_place_in_the_stream(gateway: RunningGateway, gateway_recognizer: Finisher) -> None:
    with listening(gateway, "?types=recognition") as events:
        assert next(events)["retry"] == "1000"
        answer = httpx.post(f"{gateway.url}/v1/recognitions", content=encoded(), headers={"Content-Type": "image/png"})
        # what other tests left in the queue is ended, and told, too
        event = next(event for event in events if json.loads(event["data"])["id"] == answer.json()["id"])
    assert event["event"] == "recognition"
    assert place(event["id"]) > (0, 0)


def test_a_client_that_is_cut_off_before_the_first_event_misses_nothing_either(gateway: RunningGateway) -> None:
    publish(gateway, 1)
    with listening(gateway, "?types=model") as events:
        here = next(events)["id"]
    publish(gateway, 2, 3)
    with listening(gateway, "?types=model", here) as events:
        next(events)
        assert numbers(events, 2) == [2, 3]


def test_a_client_that_comes_back_misses_nothing_and_hears_nothing_twice(gateway: RunningGateway) -> None:
    with listening(gateway, "?types=model") as events:
        next(events)
        publish(gateway, 1, 2)
        first = [next(events), next(events)]
    publish(gateway, 3, 4)
    with listening(gateway, "?types=model", last=first[0]["id"]) as events:
        next(events)
        assert numbers(events, 3) == [2, 3, 4]
        publish(gateway, 5)
        assert numbers(events, 1) == [5]


def test_without_a_last_id_only_what_is_new_is_told(gateway: RunningGateway) -> None:
    publish(gateway, 6)
    with listening(gateway, "?types=model") as events:
        next(events)
        publish(gateway, 7)
        assert numbers(events, 1) == [7]


def test_the_queues_are_told_at_once_and_without_a_place(gateway: RunningGateway) -> None:
    with listening(gateway, "?types=queue") as events:
        next(events)
        event = next(events)
    assert event["event"] == "queue"
    assert "id" not in event
    assert {each["name"] for each in json.loads(event["data"])["queues"]} >= {"interactive", "bulk", "camera"}


def test_a_change_of_the_queues_is_told(gateway: RunningGateway) -> None:
    with listening(gateway, "?types=queue") as events:
        next(events)
        before = json.loads(next(events)["data"])["pending_images"]
        httpx.post(f"{gateway.url}/v1/recognitions", content=encoded(), headers={"Content-Type": "image/png"})
        told = (json.loads(event["data"])["pending_images"] for event in events)
        # the state before may be told twice: at the beginning of the stream, and when the watch looks
        assert next(count for count in told if count != before) == before + 1


@pytest.mark.parametrize(
    ("query", "last"), [("?types=weather", ""), ("?types=", ""), ("?type=model", ""), ("", "yesterday"), ("", "1-x")]
)
def test_a_stream_that_cannot_be_is_a_problem(gateway: RunningGateway, query: str, last: str) -> None:
    answer = httpx.get(f"{gateway.url}/v1/events{query}", headers={"Last-Event-ID": last} if last else {})
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")


def test_streams_take_no_more_than_half_of_the_threads(start_gateway: object) -> None:
    small = start_gateway(gateway_threads=4)  # type: ignore[operator]
    with listening(small) as one, listening(small) as two:
        next(one)
        next(two)
        refused = httpx.get(f"{small.url}/v1/events")
        assert (refused.status_code, refused.json()["title"]) == (503, "Gateway is busy")
        assert refused.headers["Retry-After"] == "1"
        assert httpx.get(f"{small.url}/healthz").status_code == 200
    deadline = time.monotonic() + 20
    while httpx.head(f"{small.url}/v1/events").status_code != 200:
        assert time.monotonic() < deadline
    # a stream that was left gives its place back with the next thing that it has to say
    while 'streams{kind="events"} 0.0' not in httpx.get(f"{small.url}/metrics").text:
        assert time.monotonic() < deadline
        publish(small, 1)
        time.sleep(0.1)


def test_a_listener_that_does_not_keep_up_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "BACKLOG", 3)
    listener = Listener([EventType.MODEL])
    for number in range(5):
        listener.put(Message(f"{number}-0", EventType.MODEL, "{}"))
    assert listener.too_slow


def test_a_client_that_reads_nothing_does_not_keep_others_from_hearing(gateway: RunningGateway) -> None:
    address = urlsplit(gateway.url)
    with (
        socket.create_connection((address.hostname, address.port)) as lazy,
        listening(gateway, "?types=model") as events,
    ):
        lazy.sendall(b"GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
        next(events)
        log = log_of(gateway)
        for number in range(100):
            log.publish(Event(type=EventType.MODEL, data={"number": number, "padding": "x" * 100_000}))
        log._redis.close()
        assert numbers(events, 100) == list(range(100))

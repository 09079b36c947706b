"""What happens, as it happens: server-sent events."""

from __future__ import annotations

import queue
import re
from collections.abc import Iterator
from contextlib import ExitStack

from digitscribe.contracts import EventType
from digitscribe.errors import InvalidInput
from flask import Blueprint, Response, request
from redis.exceptions import RedisError

from gateway import parameters, queries
from gateway.hub import Listener, Message
from gateway.services import Services, services

HEARTBEAT_S = 15.0
"""A stream is never silent for longer: proxies and dead clients are found out by it."""

RECONNECT_MS = 1000
"""How long a browser waits before it comes back."""

STREAM = "text/event-stream"

_ID = re.compile(r"^\d{1,19}-\d{1,19}$", re.ASCII)
_TOO_SLOW = ": too slow; come back with Last-Event-ID\n\n"

blueprint = Blueprint("events", __name__)


@blueprint.get("/v1/events")
def events() -> Response:
    """The stream of events, from `Last-Event-ID` or from now on."""
    types = queries.query(parameters.EVENTS).get("types", frozenset(EventType))
    after, hold = _last_event_id(), services()
    response = Response(content_type=f"{STREAM}; charset=utf-8")
    response.headers["X-Accel-Buffering"] = "no"  # nginx would hold events back
    if request.method != "HEAD":
        stack = ExitStack()
        stack.enter_context(hold.streams.use())
        stack.enter_context(hold.metrics.streams.labels("events").track_inprogress())
        response.response = stream(hold, stack, types, after)
        response.call_on_close(stack.close)
    return response


def stream(hold: Services, stack: ExitStack, types: frozenset[EventType], after: str | None) -> Iterator[str]:
    """The lines of a stream that begins behind the event `after`; None: now."""
    with stack:
        listener = stack.enter_context(hold.hub.listening(types))
        try:
            last = after or hold.store.events.last_id()
            # with an id, so that whoever is cut off before the first event resumes from here
            yield f"retry: {RECONNECT_MS}\nid: {last}\n\n"
            if EventType.QUEUE in types:
                yield render(hold.queue_watch.look())
            # what came between `last` and the listener's first message is in the stream
            while (page := hold.store.events.read(last)).last != last:
                last = page.last
                told = (each for each in page.events if each.event.type in types)
                yield "".join(render(Message.of(each.event, each.id)) for each in told)
        except RedisError:
            return  # the browser comes back with the id that it has
        yield from _live(listener, last)


def _live(listener: Listener, last: str) -> Iterator[str]:
    behind = place(last)
    while True:
        try:
            message = listener.get(HEARTBEAT_S)
        except queue.Empty:
            yield ": still here\n\n"
            continue
        if message is None:
            return
        if listener.too_slow:
            yield _TOO_SLOW
            return
        if message.id is None or place(message.id) > behind:
            yield render(message)


def render(message: Message) -> str:
    """`message` as lines of a stream; JSON has no line breaks of its own."""
    head = f"id: {message.id}\n" if message.id else ""
    return f"{head}event: {message.type.value}\ndata: {message.data}\n\n"


def place(event_id: str) -> tuple[int, int]:
    """Where in the stream an event is, comparable."""
    moment, _, number = event_id.partition("-")
    return int(moment), int(number)


def _last_event_id() -> str | None:
    given = request.headers.get("Last-Event-ID", "")
    if given and not (_ID.match(given) and max(place(given)) < 2**64):
        raise InvalidInput("Last-Event-ID is none that this stream has sent")
    return given or None

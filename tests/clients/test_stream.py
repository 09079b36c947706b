"""The stream of events over connections that break, fall silent, or are refused. The gateway's side is tested there."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator

import httpx
import pytest
from digitscribe_client import AsyncDigitscribe, Digitscribe, DigitscribeError, EventType, InvalidRequest, NoConnection
from digitscribe_client import client as client_module
from digitscribe_client.sse import ServerSentEvent
from digitscribe_client.stream import live_event

from tests.clients.conftest import problem
from tests.event_loops import run_apart

HEARTBEAT_S = 15.0
"""How often the gateway sends a comment."""

READING = {"id": "0" * 32, "status": "done", "created_at": "2026-11-22T10:00:00.000Z", "text": "7"}


def sent(number: int, kind: str = "recognition", data: object = READING) -> bytes:
    return f"id: 1800000000000-{number}\nevent: {kind}\ndata: {json.dumps(data)}\n\n".encode()


class Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that ends with a fault."""

    def __init__(self, pieces: list[bytes], fault: Exception | None) -> None:
        self._pieces, self._fault = pieces, fault

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces
        if self._fault:
            raise self._fault

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


class Gateway:
    """Connections one after the other, each with what it sends and how it ends."""

    def __init__(self, *connections: tuple[list[bytes], Exception | None] | httpx.Response) -> None:
        self._connections = list(connections)
        self.resumed: list[str | None] = []
        self.timeouts: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.resumed.append(request.headers.get("Last-Event-ID"))
        self.timeouts.append(request.extensions["timeout"]["read"])
        connection = self._connections.pop(0)
        return connection if isinstance(connection, httpx.Response) else httpx.Response(200, stream=Pieces(*connection))


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module.Digitscribe, "_pause", lambda *_: None)


def three_connections() -> Gateway:
    return Gateway(
        ([sent(1), sent(2)[:30]], httpx.ReadError("broken")),
        problem(503, **{"Retry-After": "1"}),
        ([b": still here\n\n", sent(2)], httpx.ReadTimeout("silent")),
        ([sent(3)], None),
    )


def test_every_event_comes_once_over_broken_refused_and_silent_connections(
    client_of: Callable[..., Digitscribe],
) -> None:
    gateway, lost = three_connections(), []
    events = client_of(gateway).events(on_lost=lost.append)
    assert [next(events).id[-1] for _ in range(3)] == ["1", "2", "3"]
    assert gateway.resumed == [None, *["1800000000000-1"] * 2, "1800000000000-2"]
    assert len(lost) == 3


def test_the_async_client_resumes_alike() -> None:
    gateway = three_connections()

    async def listen() -> list[str]:
        async with AsyncDigitscribe("http://gateway", transport=httpx.MockTransport(gateway)) as client:
            events = client.events()
            return [(await anext(events)).id[-1] for _ in range(3)]

    assert run_apart(listen()) == ["1", "2", "3"]


def test_a_stream_may_be_silent_for_longer_than_the_gateway_is_but_not_for_ever(
    client_of: Callable[..., Digitscribe],
) -> None:
    gateway = Gateway(([sent(1)], None))
    next(client_of(gateway).events())
    assert 2 * HEARTBEAT_S < gateway.timeouts[0] < 120


def test_a_first_connection_that_does_not_come_about_is_an_error_in_the_end(
    client_of: Callable[..., Digitscribe],
) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(NoConnection):
        next(client_of(refuse, patience_s=1).events())


def test_a_stream_that_the_gateway_refuses_is_not_asked_for_again(client_of: Callable[..., Digitscribe]) -> None:
    gateway = Gateway(problem(400))
    with pytest.raises(InvalidRequest):
        next(client_of(gateway).events(last_event_id="nonsense"))
    assert len(gateway.resumed) == 1


def test_what_the_listener_raises_is_the_listeners(client_of: Callable[..., Digitscribe]) -> None:
    events = client_of(Gateway(([sent(1), sent(2)], None))).events()
    next(events)
    with pytest.raises(DigitscribeError, match="mine"):
        events.throw(DigitscribeError("mine"))  # type: ignore[attr-defined]


def test_events_of_a_newer_gateway_are_passed_over_or_come_without_their_document() -> None:
    assert live_event(ServerSentEvent("weather", "{}", "1-0")) is None
    assert live_event(ServerSentEvent("recognition", "no json", "1-0")) is None
    changed = live_event(ServerSentEvent("recognition", '{"id": 5}', "1-0"))
    assert changed is not None
    assert (changed.type, changed.document, changed.data) == (EventType.RECOGNITION, None, {"id": 5})

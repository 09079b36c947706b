"""The Python client against the running system, and against a gateway that dies."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from digitscribe_client import (
    AsyncDigitscribe,
    Digitscribe,
    DigitscribeError,
    EventType,
    NotReadInTime,
    RecognitionStatus,
    TrainingStatus,
)
from PIL import Image

from tests.event_loops import run_apart
from tests.running_system import RunningSystem

pytestmark = pytest.mark.slow


@pytest.fixture
def client(system: RunningSystem) -> Iterator[Digitscribe]:
    with Digitscribe(system.gateway_url, patience_s=90) as opened:
        yield opened


def restart_gateway(system: RunningSystem) -> None:
    system.kill("gateway")
    system.start("gateway")


def test_bytes_arrays_and_files_are_read_alike(client: Digitscribe, write_number: Callable[[str], bytes]) -> None:
    image = write_number("2047")
    grey = np.asarray(Image.open(io.BytesIO(image)))
    rgb = np.repeat(grey[..., np.newaxis], 3, axis=2)
    assert {client.recognize(each).text for each in (image, io.BytesIO(image), grey, rgb[..., ::-1])} == {"2047"}


def test_a_gateway_killed_in_the_middle_loses_nothing_and_the_order_stays(
    system: RunningSystem, client: Digitscribe, write_number: Callable[[str], bytes]
) -> None:
    numbers = [write_number(str(number)) for number in range(10, 30)]
    texts = [outcome.result().text for outcome in client.recognize_many(numbers)]
    assert len(set(texts)) > 15, "an image in another's place would not show"
    outcomes = client.recognize_many(numbers * 8, batch=4, in_flight=4)
    first = [next(outcomes) for _ in range(8)]
    restart_gateway(system)
    rest = list(outcomes)
    system.wait_until_ready()
    assert [outcome.index for outcome in first + rest] == list(range(160))
    assert [outcome.result().text for outcome in first + rest] == texts * 8


def test_the_stream_of_events_misses_nothing_while_the_gateway_is_away(
    system: RunningSystem, client: Digitscribe, write_number: Callable[[str], bytes]
) -> None:
    image, seen, lost = write_number("7"), [], threading.Event()
    marker = client.recognize(image).id
    events = client.events([EventType.RECOGNITION], last_event_id="0-0", on_lost=lambda _: lost.set())
    while next(events).data["id"] != marker:
        continue
    sent = [client.submit(image).id for _ in range(3)]
    seen += [next(events).data["id"]]
    restart_gateway(system)
    sent += [client.submit(image).id for _ in range(3)]
    seen += [next(events).data["id"] for _ in range(5)]
    system.wait_until_ready()
    assert lost.is_set()
    assert sorted(seen) == sorted(sent)


def test_what_is_not_read_in_time_can_be_waited_for(
    system: RunningSystem, client: Digitscribe, write_number: Callable[[str], bytes]
) -> None:
    system.kill("recognizer")
    try:
        with pytest.raises(NotReadInTime) as caught:
            client.recognize(write_number("31"), wait_s=0.2)
        assert caught.value.recognition.status is RecognitionStatus.QUEUED
    finally:
        system.start("recognizer")
    assert client.wait(caught.value.recognition.id, wait_s=90).text == "31"


def test_a_training_is_started_followed_and_cancelled(client: Digitscribe) -> None:
    training = client.train()
    states = client.follow(training.id, every_s=0.05)
    assert next(states).status in (TrainingStatus.QUEUED, TrainingStatus.RUNNING)
    client.cancel(training.id)
    assert [state.status for state in states][-1] is TrainingStatus.CANCELLED
    assert next(client.trainings(1)).id == training.id


def test_the_async_client_reads_in_order_and_lets_go_when_it_is_left(
    system: RunningSystem, write_number: Callable[[str], bytes]
) -> None:
    numbers = [str(number) for number in range(10, 34)]
    images = [write_number(number) for number in numbers]

    async def use() -> tuple[list[int], list[str]]:
        async with AsyncDigitscribe(system.gateway_url) as client:
            found = [outcome async for outcome in client.recognize_many(images, batch=5)]
            async for _ in client.recognize_many(images, batch=1, in_flight=8):
                break
            events = client.events([EventType.RECOGNITION], last_event_id="0-0")
            kinds = [(await anext(events)).type.value for _ in range(2)]
            return [outcome.index for outcome in found if outcome.ok], kinds

    assert run_apart(use()) == (list(range(24)), ["recognition"] * 2)


def test_the_page_passes_the_client_on(system: RunningSystem, write_number: Callable[[str], bytes]) -> None:
    with Digitscribe(f"{system.ui_url}/api") as client:
        assert client.recognize(write_number("468")).text == "468"


def test_both_clients_can_the_same() -> None:
    def public(kind: type) -> set[str]:
        return {name for name in vars(kind) if not name.startswith("_")}

    assert public(Digitscribe) == public(AsyncDigitscribe)


def test_refusals_say_what_the_gateway_said(client: Digitscribe) -> None:
    with pytest.raises(DigitscribeError, match="PNG, JPEG") as caught:
        client.recognize(b"no picture")
    assert caught.value.problem is not None
    assert caught.value.problem.status == 415

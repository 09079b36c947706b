"""Many images: requests of bounded size, outcomes in order, and no image that hurts its neighbours."""

from __future__ import annotations

import threading
from collections.abc import Callable

import httpx
import pytest
from digitscribe_client import Digitscribe, ImageRefused, batches
from digitscribe_client.batches import Item, Packer
from digitscribe_client.images import Upload
from hypothesis import given
from hypothesis import strategies as st

from tests.clients.conftest import problem

Clients = Callable[..., Digitscribe]


def parts_of(request: httpx.Request) -> list[bytes]:
    """The contents of a request's multipart parts."""
    boundary = request.headers["Content-Type"].partition("boundary=")[2].encode()
    return [part.partition(b"\r\n\r\n")[2][:-2] for part in request.content.split(b"--" + boundary)[1:-1]]


def reading(content: bytes) -> dict[str, object]:
    return {"id": "0" * 32, "status": "done", "created_at": "2026-11-22T10:00:00.000Z", "text": content.decode()}


def reader(request: httpx.Request) -> httpx.Response:
    """Reads each image as its bytes; refuses requests with a bad one as a whole, as the gateway does."""
    parts = parts_of(request)
    if any(b"bad" in part for part in parts):
        return problem(422, "corrupt-image")
    found = [reading(part) for part in parts]
    return httpx.Response(200, json=found[0] if len(found) == 1 else {"recognitions": found})


@given(st.lists(st.sampled_from([b"bad", b"1", b"22", b""]), max_size=40), st.integers(1, 9), st.integers(1, 4))
def test_each_image_has_its_outcome_in_its_place(images: list[bytes], batch: int, in_flight: int) -> None:
    with Digitscribe("http://gateway", transport=httpx.MockTransport(reader)) as client:
        outcomes = list(client.recognize_many(images, batch=batch, in_flight=in_flight))
    assert [outcome.index for outcome in outcomes] == list(range(len(images)))
    assert [outcome.ok for outcome in outcomes] == [image in (b"1", b"22") for image in images]
    assert [outcome.result().text for outcome in outcomes if outcome.ok] == [
        image.decode() for image in images if image in (b"1", b"22")
    ]


def test_the_error_of_an_image_is_its_outcomes(client_of: Clients) -> None:
    good, bad = client_of(reader).recognize_many([b"1", b"bad"])
    assert good.ok
    with pytest.raises(ImageRefused, match="not like this"):
        bad.result()


def test_no_more_requests_are_in_flight_than_allowed_and_no_more_images_are_taken_in(client_of: Clients) -> None:
    gate, lock = threading.Event(), threading.Lock()
    state = {"now": 0, "most": 0, "taken": 0, "taken_at_first": 0}

    def slow(request: httpx.Request) -> httpx.Response:
        with lock:
            state["now"] += 1
            state["most"] = max(state["most"], state["now"])
            if state["now"] == 3:
                gate.set()
        assert gate.wait(20)
        with lock:
            state["now"] -= 1
        return reader(request)

    def images() -> object:
        for _ in range(60):
            state["taken"] += 1
            yield b"1"

    outcomes = client_of(slow).recognize_many(images(), batch=4, in_flight=3)  # type: ignore[arg-type]
    next(outcomes)
    state["taken_at_first"] = state["taken"]
    assert len(list(outcomes)) == 59
    assert (state["most"], state["taken_at_first"]) == (3, 12)


@given(st.lists(st.integers(0, 300), max_size=60), st.integers(1, 64))
def test_batches_hold_every_item_in_order_within_their_bounds(sizes: list[int], most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "BATCH_BYTES", 500)
        packer = Packer(most)
        items = [Item(index, "image", Upload("image", b"x" * size)) for index, size in enumerate(sizes)]
        packed = [batch for item in items if (batch := packer.add(item))] + [packer.rest()]
    assert [item for batch in packed for item in batch] == items
    assert all(len(batch) <= most for batch in packed)
    assert all(sum(item.size for item in batch) <= 500 for batch in packed if len(batch) > 1)

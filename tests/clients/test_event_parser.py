"""Server-sent events, however the network cuts them."""

from __future__ import annotations

import pytest
from digitscribe_client import sse
from digitscribe_client.sse import EventParser, ServerSentEvent
from hypothesis import given
from hypothesis import strategies as st

STREAM = (
    "\ufeffretry: 1500\n\n"
    "id: 1-0\nevent: recognition\ndata: {\"text\":\"2047 – grüße\"}\n\n"
    ": still here\n\n"
    "event: queue\r\ndata:first\r\ndata: second\r\n\r\n"
    "id: 2-0\revent: training\rdata: x\r\runknown: field\nid: bad\0id\n\n"
    "data: y\n\nid: 3-0\ndata: never finished"
).encode()  # fmt: skip

EVENTS = [
    ServerSentEvent("recognition", '{"text":"2047 – grüße"}', "1-0"),
    ServerSentEvent("queue", "first\nsecond", "1-0"),
    ServerSentEvent("training", "x", "2-0"),
    ServerSentEvent("message", "y", "2-0"),
]


@given(st.lists(st.integers(0, len(STREAM)), max_size=30).map(sorted))
def test_a_stream_means_the_same_wherever_it_is_cut(cuts: list[int]) -> None:
    parser = EventParser()
    pieces = [STREAM[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(STREAM)], strict=True)]
    assert [event for piece in pieces for event in parser.feed(piece)] == EVENTS
    assert parser.retry_s == 1.5


def test_byte_by_byte_is_no_exception() -> None:
    parser = EventParser()
    assert [event for number in STREAM for event in parser.feed(bytes([number]))] == EVENTS


def test_an_event_that_was_cut_off_is_not_the_one_to_resume_behind() -> None:
    parser = EventParser("0-9")
    parser.feed(b"id: 5-0\ndata: half")
    assert parser.last_id == "0-9"
    parser.feed(b" and half\n\n")
    assert parser.last_id == "5-0"


def test_an_id_without_data_is_one_to_resume_behind() -> None:
    parser = EventParser()
    assert parser.feed(b"id: 7-1\nretry: 1000\n\n") == []
    assert parser.last_id == "7-1"


@given(st.binary(max_size=400))
def test_no_bytes_make_it_fall_over(junk: bytes) -> None:
    parser = EventParser()
    parser.feed(junk)
    parser.feed(b"\n\ndata: after\n\n")


def test_a_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "LONGEST_LINE", 100)
    with pytest.raises(ValueError, match="does not end"):
        EventParser().feed(b"data: " + b"x" * 200)
